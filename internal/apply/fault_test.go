package apply

import (
	"hash/fnv"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rolecall-dev/rolecall/internal/diag"
	"github.com/rolecall-dev/rolecall/internal/plan"
)

func TestPermanentCauseIsReportedAfterOneCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake()
		f.trip = 80 * time.Millisecond
		f.fault = func(string, int, plan.Change) error {
			return fault{Permanent, "PermissionSet with name x already exists."}
		}
		begun := time.Now()
		res := runPlan(t, f, Options{}, []plan.Change{change(plan.PermissionSet, plan.Create, "x", "")})
		if len(res.Failed) != 1 || f.total() != 1 || time.Since(begun) > f.trip {
			t.Errorf("%d calls in %v: %+v", f.total(), time.Since(begun), res)
		}
	})
}

func TestJobFailureIsToldInAWSsWords(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake()
		f.jobFault = func(c plan.Change, _ int) string {
			if c.Key.Account == accountID(3) {
				return "Received a 404 status error: Not supported policy arn:aws:iam::aws:policy/Nope."
			}
			return ""
		}
		var failed []Event
		res := runPlan(t, f, Options{Events: func(e Event) {
			if e.Type == Failed {
				failed = append(failed, e)
			}
		}}, grants(1, 6))
		if len(res.Failed) != 1 || len(res.Done) != 5 || len(failed) != 1 {
			t.Fatalf("got %+v", res)
		}
		got := res.Failed[0]
		if !strings.HasPrefix(got.Reason, "Received a 404") || got.Finding.Range.File != "terraform.tfvars" || got.Attempts != 1 {
			t.Errorf("got %+v", got)
		}
		if failed[0].Reason != got.Reason || failed[0].Source.Start.Line != 7 || failed[0].Finding.Detail != got.Reason {
			t.Errorf("event %+v", failed[0])
		}
	})
}

// What AWS can never do, and nobody has anything by, is told once and as a
// warning; what waits for it goes on, and the run is complete.
func TestFutileChangeIsAWarning(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake()
		changes := grants(1, 2)
		changes = append(changes, change(plan.PermissionSet, plan.Delete, "old", ""))
		changes[2].DependsOn = []plan.ID{changes[0].ID}
		f.expect(changes)
		f.jobFault = func(c plan.Change, _ int) string {
			if c.ID == changes[0].ID {
				return "futile: was not found in directory"
			}
			return ""
		}
		res := runPlan(t, f, Options{}, changes)
		if !res.Complete() || len(res.Done) != 2 || len(res.Failed) != 1 || res.Stats.Retries != 0 {
			t.Fatalf("got %+v", res)
		}
		if got := res.Failed[0]; got.ID != changes[0].ID || got.Cause != Futile || got.Finding.Severity != diag.Warning || got.Attempts != 1 {
			t.Errorf("got %+v", got)
		}
		res.Failed = append(res.Failed, Failure{Cause: Permanent})
		if res.Complete() {
			t.Error("complete, although something else failed")
		}
	})
}

// The mix of faults that the engine has to live with, each answered wrongly
// once in so many calls.
//
// It hangs on the change and on how often it was tried, not on the order of calls,
// which differs between runs.
func noisy(seed uint64) func(call string, n int, c plan.Change) error {
	tries := map[string]uint64{}
	return func(call string, _ int, c plan.Change) error {
		key := call + " " + string(c.ID)
		tries[key]++
		h := fnv.New64a()
		h.Write([]byte(key)) // a hash takes everything
		switch p := rand.New(rand.NewPCG(seed+tries[key], h.Sum64())).Float64(); {
		case p < 0.10:
			return fault{Throttled, "Rate exceeded"}
		case p < 0.15:
			return fault{Transient, "InternalServerException"}
		case p < 0.17:
			return fault{Conflict, "ConflictException"}
		case p < 0.18:
			return fault{Transient, "connection reset by peer"}
		default:
			return nil
		}
	}
}

// lossy loses answers: the work is done and nobody is told.
func lossy(seed uint64) func(call string, n int, c plan.Change) error {
	rng := rand.New(rand.NewPCG(seed, 2))
	return func(string, int, plan.Change) error {
		if rng.Float64() < 0.06 {
			return fault{Transient, "connection reset by peer"}
		}
		return nil
	}
}

func TestConvergesUnderFaultsWithinTwiceTheTime(t *testing.T) {
	for _, kind := range []string{"request lost", "answer lost"} {
		t.Run(kind, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				changes := firstApply(5, 100)
				calm := newFake()
				calm.tps, calm.trip = 15, 60*time.Millisecond
				begun := time.Now()
				runPlan(t, calm, Options{TPS: 15}, changes)
				undisturbed := time.Since(begun)

				f := newFake()
				f.tps, f.trip = 15, 60*time.Millisecond
				if kind == "request lost" {
					f.fault = noisy(1)
				} else {
					f.loses = lossy(2)
				}
				begun = time.Now()
				res := runPlan(t, f, Options{TPS: 15}, changes)
				took := time.Since(begun)
				t.Logf("%v, undisturbed %v, %d retries", took, undisturbed, res.Stats.Retries)
				if !res.Complete() {
					t.Errorf("not complete: %d failed, %d left, first %+v", len(res.Failed), len(res.Left), res.Failed)
				}
				if took > 2*undisturbed {
					t.Errorf("took %v, undisturbed %v", took, undisturbed)
				}
			})
		})
	}
}

func TestGivesUpAfterTheDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake()
		f.fault = func(call string, _ int, c plan.Change) error {
			if call == "Start" && c.Key.Account == accountID(0) {
				return fault{Conflict, "ConflictException: busy"}
			}
			return nil
		}
		begun := time.Now()
		res := runPlan(t, f, Options{Deadline: 2 * time.Minute}, grants(1, 3))
		if len(res.Failed) != 1 || len(res.Done) != 2 {
			t.Fatalf("got %+v", res)
		}
		got := res.Failed[0]
		if got.Finding.Code != CodeGaveUp || got.Cause != Conflict || got.Attempts < 8 || !strings.Contains(got.Finding.Detail, "busy") {
			t.Errorf("got %+v", got)
		}
		if took := time.Since(begun); took > 2*time.Minute || took < 90*time.Second {
			t.Errorf("gave up after %v", took)
		}
	})
}

func TestDoneCountsAsSuccess(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake()
		c := change(plan.Assignment, plan.Delete, "x", accountID(1))
		next := change(plan.PermissionSet, plan.Delete, "x", "", c.ID)
		f.fault = func(call string, _ int, c plan.Change) error {
			if call == "Start" && c.Kind == plan.Assignment {
				f.done[c.ID] = true
				return fault{Done, "ResourceNotFoundException"}
			}
			return nil
		}
		if res := runPlan(t, f, Options{}, []plan.Change{c, next}); len(res.Done) != 2 {
			t.Errorf("got %+v", res)
		}
	})
}

func TestWhatDiffersIsNotWritten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake()
		var changes []plan.Change
		for a := range 250 {
			changes = append(changes, change(plan.Assignment, plan.Delete, "old", accountID(a)))
			f.objects[objectOf(changes[a])] = 1
		}
		end := change(plan.PermissionSet, plan.Delete, "old", "", changes[17].ID)
		changes = append(changes, end)
		f.differs = map[plan.ID]bool{changes[17].ID: true}
		res := runPlan(t, f, Options{}, changes)
		if len(res.Failed) != 1 || res.Failed[0].Finding.Code != "test.differs" || res.Failed[0].Finding.Range.IsZero() {
			t.Fatalf("failed %+v", res.Failed)
		}
		if len(res.Left) != 1 || res.Left[0].ID != end.ID || res.Left[0].BlockedBy != changes[17].ID {
			t.Errorf("left %+v", res.Left)
		}
		if f.objects[objectOf(changes[17])] != 1 || len(res.Done) != 249 {
			t.Errorf("%d done; it is there %d times", len(res.Done), f.objects[objectOf(changes[17])])
		}
	})
}

// Every account whose job hangs is closed for itself, and a provisioning that
// needs it fails there and goes on elsewhere.
func TestTwoJobsThatNeverEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake()
		f.hangs = func(c plan.Change) bool {
			return c.Kind == plan.Assignment && (c.Key.Account == accountID(0) || c.Key.Account == accountID(1))
		}
		changes := grants(1, 6)
		for a := range 2 {
			changes = append(changes, change(plan.Assignment, plan.Create, "late", accountID(a), changes[2].ID))
		}
		gate := change(plan.Group, plan.Create, "gate", "")
		all := reprovision(f, "set", 5, 5)
		all[0].DependsOn = []plan.ID{changes[2].ID}
		few := reprovision(f, "few", 2, 50)
		changes = append(append(append(changes, gate), all...), few...)
		res := runPlan(t, f, Options{JobDeadline: 10 * time.Minute}, changes)
		failed := map[plan.ID]Failure{}
		for _, x := range res.Failed {
			failed[x.ID] = x
		}
		for _, p := range []plan.ID{all[1].ID, few[1].ID} {
			if got := failed[p]; len(got.Accounts) != 2 || got.Accounts[1] != accountID(1) {
				t.Errorf("%s: %+v", p, got)
			}
		}
		if len(res.Failed) != 4 || len(res.Left) != 2 {
			t.Fatalf("failed %+v, left %+v", res.Failed, res.Left)
		}
		for a, l := range res.Left {
			if l.Why != AccountBusy || l.BlockedBy != changes[a].ID {
				t.Errorf("left %+v, want it behind %s", l, changes[a].ID)
			}
		}
	})
}

// Where the outdated accounts cannot be asked for, those whose jobs failed are named.
func TestFailedProvisioningNamesItsJobsWhereAskingFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake()
		changes := reprovision(f, "set", 3, 100)
		f.jobFault = func(plan.Change, int) string { return "no role quota" }
		f.fault = func(call string, _ int, _ plan.Change) error {
			if call == "Outdated" && f.calls["Outdated"] > 1 {
				return fault{Permanent, "AccessDeniedException"}
			}
			return nil
		}
		res := runPlan(t, f, Options{}, changes)
		if len(res.Failed) != 1 || len(res.Failed[0].Accounts) != 3 || res.Failed[0].Reason != "no role quota" {
			t.Errorf("failed %+v", res.Failed)
		}
	})
}

// A caller who may start jobs but not ask about them is told at once, and
// nothing else starts in those accounts.
func TestPollThatIsRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake()
		f.fault = func(call string, _ int, _ plan.Change) error {
			if call == "Poll" {
				return fault{Permanent, "AccessDeniedException: sso:ListAccountAssignmentCreationStatus"}
			}
			return nil
		}
		begun := time.Now()
		changes := grants(3, 4)
		res, _ := New(f.expect(changes), Options{}).Run(t.Context(), changes)
		if len(res.Failed) != 4 || len(res.Left) != 8 || time.Since(begun) > time.Second {
			t.Fatalf("%d failed, %d left after %v", len(res.Failed), len(res.Left), time.Since(begun))
		}
		if got := res.Failed[0]; !strings.Contains(got.Reason, "ListAccountAssignmentCreationStatus") || got.Finding.Code != CodeFailed {
			t.Errorf("got %+v", got)
		}
		for _, v := range f.violations {
			t.Error(v)
		}
	})
}
