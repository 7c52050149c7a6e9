package apply

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rolecall-dev/rolecall/internal/diag"
	"github.com/rolecall-dev/rolecall/internal/plan"
)

func accountID(n int) string { return fmt.Sprintf("%012d", 100000000000+n) }

// change makes a change whose id says what it is.
func change(kind plan.Kind, action plan.Action, name, account string, after ...plan.ID) plan.Change {
	c := plan.Change{
		ID:   plan.ID(string(action) + " " + string(kind) + " " + name + account),
		Kind: kind, Action: action, DependsOn: after,
		Source: diag.Range{File: "terraform.tfvars", Start: diag.Pos{Line: 7, Column: 3}},
	}
	switch kind {
	case plan.Group:
		c.Key.Group = name
	case plan.User:
		c.Key.User = name
	case plan.Assignment:
		c.Key = plan.Key{PermissionSet: name, Group: name, Account: account}
	default:
		c.Key.PermissionSet = name
	}
	return c
}

// grants makes assignments of sets in accounts, set by set.
func grants(sets, accounts int) []plan.Change {
	var out []plan.Change
	for s := range sets {
		for a := range accounts {
			out = append(out, change(plan.Assignment, plan.Create, fmt.Sprintf("set%03d", s), accountID(a)))
		}
	}
	return out
}

// firstApply makes what a config asks of an empty instance: groups, sets with
// a policy each, grants.
func firstApply(sets, accounts int) []plan.Change {
	var groups, ps, policies []plan.Change
	g := grants(sets, accounts)
	for s := range sets {
		name := fmt.Sprintf("set%03d", s)
		groups = append(groups, change(plan.Group, plan.Create, name, ""))
		ps = append(ps, change(plan.PermissionSet, plan.Create, name, ""))
		policies = append(policies, change(plan.InlinePolicy, plan.Create, name, "", ps[s].ID))
		for a := range accounts {
			g[s*accounts+a].DependsOn = []plan.ID{groups[s].ID, policies[s].ID}
		}
	}
	return append(append(append(groups, ps...), policies...), g...)
}

// runPlan runs the changes in virtual time and checks what always holds.
func runPlan(t *testing.T, f *fake, opt Options, changes []plan.Change) *Result {
	t.Helper()
	res, err := New(f.expect(changes), opt).Run(t.Context(), changes)
	if err != nil {
		t.Fatal(err)
	}
	check(t, f, res, changes)
	return res
}

func check(t *testing.T, f *fake, res *Result, changes []plan.Change) {
	t.Helper()
	for _, v := range f.violations {
		t.Error("broke a rule of AWS: ", v)
	}
	if n := len(res.Done) + len(res.Failed) + len(res.Left); n != len(changes) {
		t.Errorf("%d changes in, %d accounted for", len(changes), n)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.endJobs()
	for _, id := range res.Done {
		if !f.done[id] {
			t.Errorf("%s is said to be done and is not", id)
		}
	}
	for _, l := range res.Left {
		if l.Why == "" {
			t.Errorf("%s was left without a reason", l.ID)
		}
		if f.done[l.ID] && l.Why != Unknown {
			t.Errorf("%s is said to be left (%s) and was done", l.ID, l.Why)
		}
	}
}

func TestFirstApplyIsOrderedAndComplete(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake()
		changes := firstApply(4, 12)
		res := runPlan(t, f, Options{}, changes)
		if !res.Complete() || len(res.Done) != len(changes) {
			t.Fatalf("not complete: %+v", res)
		}
		if f.most != 10 || res.Stats.MaxOutstanding != 10 {
			t.Errorf("outstanding at most %d (%d by the statistics), want 10", f.most, res.Stats.MaxOutstanding)
		}
		for i, id := range res.Done {
			if id != changes[i].ID {
				t.Fatalf("done is not in the plan's order at %d: %s", i, id)
			}
		}
	})
}

// reach runs grants and compares the time with the floor, which is the largest
// of what each limit allows.
func reach(t *testing.T, changes []plan.Change, tps float64, latency func(int) time.Duration, mean time.Duration, within, callsEach float64, oldestFirst bool) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake()
		f.tps, f.trip, f.latency, f.oldestFirst = tps, 60*time.Millisecond, latency, oldestFirst
		begun := time.Now()
		res := runPlan(t, f, Options{TPS: tps}, changes)
		if !res.Complete() {
			t.Fatalf("not complete: %d failed, %d left", len(res.Failed), len(res.Left))
		}
		took := time.Since(begun)
		inAccount := map[string]int{}
		longest := 0
		for _, c := range changes {
			inAccount[c.Key.Account]++
			longest = max(longest, inAccount[c.Key.Account])
		}
		byCalls := time.Duration(float64(f.total()) / tps * float64(time.Second))
		floor := max(byCalls, time.Duration(len(changes))*mean/10, time.Duration(longest)*mean)
		each := float64(f.total()) / float64(len(changes))
		t.Logf("took %v, floor %v (%.1f%% over), %.3f calls each, learned %.2f s",
			took.Round(time.Millisecond), floor, 100*(took.Seconds()/floor.Seconds()-1), each, res.Stats.JobSeconds)
		if took.Seconds() > within*floor.Seconds() {
			t.Errorf("took %v, want at most %.2f of the floor of %v", took, within, floor)
		}
		if each > callsEach {
			t.Errorf("%.3f calls each, want at most %.2f", each, callsEach)
		}
	})
}

func constant(d time.Duration) func(int) time.Duration { return func(int) time.Duration { return d } }

// spread returns latencies between half and one and a half of d, the same in
// every run.
func spread(d time.Duration) func(int) time.Duration {
	return func(n int) time.Duration {
		return d/2 + time.Duration(rand.New(rand.NewPCG(7, uint64(n))).Float64()*float64(d))
	}
}

func TestReachesTheFloor(t *testing.T) {
	lopsided := append(grants(100, 1), grants(5, 60)[0:300]...)
	for i := range lopsided[:100] {
		lopsided[i].Key.Account = accountID(900)
		lopsided[i].ID += "x"
	}
	for _, c := range []struct {
		name      string
		changes   []plan.Change
		tps       float64
		latency   func(int) time.Duration
		mean      time.Duration
		within    float64
		callsEach float64
	}{
		{"1000 over 100 accounts", grants(10, 100), 15, constant(3 * time.Second), 3 * time.Second, 1.15, 1.8},
		{"latencies that vary", grants(10, 100), 15, spread(3 * time.Second), 3 * time.Second, 1.2, 1.8},
		{"20 TPS", grants(10, 100), 20, constant(3 * time.Second), 3 * time.Second, 1.15, 1.8},
		{"jobs of 10 s", grants(3, 100), 15, constant(10 * time.Second), 10 * time.Second, 1.15, 1.8},
		{"jobs of 1 s", grants(10, 100), 15, constant(time.Second), time.Second, 1.35, 1.8},
		{"jobs of 1 s that vary", grants(10, 100), 15, spread(time.Second), time.Second, 1.45, 1.8},
		{"one long account", lopsided, 15, constant(3 * time.Second), 3 * time.Second, 1.15, 2.5},
		{"a single account", grants(50, 1), 15, constant(3 * time.Second), 3 * time.Second, 1.15, 2.8},
	} {
		for _, oldestFirst := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, oldest first %v", c.name, oldestFirst), func(t *testing.T) {
				reach(t, c.changes, c.tps, c.latency, c.mean, c.within, c.callsEach, oldestFirst)
			})
		}
	}
}

func TestOneChangeMoreTakesOneJob(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake()
		f.tps, f.trip = 15, 60*time.Millisecond
		begun := time.Now()
		runPlan(t, f, Options{TPS: 15}, grants(1, 1))
		if took := time.Since(begun); took > 5*time.Second {
			t.Errorf("took %v, want the job's 3 s and at most 2 s more", took)
		}
		t.Logf("%v, %d calls", time.Since(begun), f.total())
	})
}

func TestNothingToDo(t *testing.T) {
	res, err := New(newFake(), Options{}).Run(t.Context(), nil)
	if err != nil || !res.Complete() {
		t.Errorf("got %+v, %v", res, err)
	}
}

func TestRefusesWhatIsNoGraph(t *testing.T) {
	a := change(plan.Group, plan.Create, "a", "")
	b := change(plan.Group, plan.Create, "b", "", a.ID)
	loop := a
	loop.DependsOn = []plan.ID{b.ID}
	for name, c := range map[string]struct {
		changes []plan.Change
		want    string
	}{
		"twice":   {[]plan.Change{a, a}, `run plan: change "create group a" is in it twice`},
		"missing": {[]plan.Change{b}, `run plan: change "create group b" depends on "create group a", which is not in it`},
		"cycle":   {[]plan.Change{loop, b}, `run plan: change "create group a" waits for itself through what it depends on`},
	} {
		f := newFake()
		res, err := New(f, Options{}).Run(context.Background(), c.changes)
		if err == nil || err.Error() != c.want {
			t.Errorf("%s: got %v, want %s", name, err, c.want)
		}
		if res == nil || f.total() != 0 {
			t.Errorf("%s: wrote before it refused", name)
		}
	}
}

func TestRevocationsStartFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake()
		var changes []plan.Change
		for a := range 30 {
			changes = append(changes, change(plan.Assignment, plan.Create, "new", accountID(a)))
		}
		for a := range 10 {
			changes = append(changes, change(plan.Assignment, plan.Delete, "old", accountID(a+15)))
		}
		runPlan(t, f, Options{}, changes)
		for _, id := range f.started[:10] {
			if !strings.HasPrefix(string(id), "delete") {
				t.Errorf("%s was among the first ten", id)
			}
		}
	})
}

func TestFailureLeavesWhatDependsOnIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake()
		changes := firstApply(2, 2)
		f.fault = func(call string, _ int, c plan.Change) error {
			if c.Kind == plan.InlinePolicy && c.Key.PermissionSet == "set000" {
				return fault{Permanent, "policy is malformed"}
			}
			return nil
		}
		res := runPlan(t, f, Options{}, changes)
		policy := plan.ID("create inline_policy set000")
		want := []Left{
			{ID: "create account_assignment set000" + plan.ID(accountID(0)), Why: Blocked, BlockedBy: policy},
			{ID: "create account_assignment set000" + plan.ID(accountID(1)), Why: Blocked, BlockedBy: policy},
		}
		if d := cmp.Diff(want, res.Left); d != "" {
			t.Error(d)
		}
		if len(res.Failed) != 1 || res.Failed[0].ID != policy || res.Failed[0].Attempts != 1 {
			t.Fatalf("failed: %+v", res.Failed)
		}
		got := res.Failed[0].Finding
		if got.Detail != "policy is malformed" || got.Range.Start.Line != 7 || got.Severity != diag.Error {
			t.Errorf("finding: %+v", got)
		}
		if len(res.Done) != len(changes)-3 {
			t.Errorf("%d done, want the rest, %d", len(res.Done), len(changes)-3)
		}
	})
}

// The change that failed is named, not the one in between that was left.
func TestLeftNamesTheRootOfTheTrouble(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake()
		changes := firstApply(2, 2)
		set := plan.ID("create permission_set set001")
		f.fault = func(_ string, _ int, c plan.Change) error {
			if c.ID == set {
				return fault{Permanent, "no"}
			}
			return nil
		}
		res := runPlan(t, f, Options{}, changes)
		if len(res.Left) != 3 {
			t.Fatalf("left %+v, want the policy and two grants", res.Left)
		}
		for _, l := range res.Left {
			if l.Why != Blocked || l.BlockedBy != set {
				t.Errorf("left %+v", l)
			}
		}
	})
}

// manyJobs gives two jobs for each assignment.
type manyJobs struct{ *fake }

func (m manyJobs) Start(ctx context.Context, c plan.Change) ([]Job, error) {
	jobs, err := m.fake.Start(ctx, c)
	if err != nil || len(jobs) == 0 {
		return jobs, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	second := &fakeJob{id: jobs[0].ID + "-b", change: c, account: nil, ends: time.Now().Add(9 * time.Second)}
	m.jobs[second.id] = second
	return append(jobs, Job{ID: second.id, Change: c.ID, Kind: CreateAssignmentJob, Account: c.Key.Account}), nil
}

func TestChangeIsDoneWhenAllItsJobsAre(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake()
		begun := time.Now()
		changes := grants(2, 1)
		res, err := New(manyJobs{f.expect(changes)}, Options{}).Run(t.Context(), changes)
		if err != nil || !res.Complete() {
			t.Fatalf("%+v, %v", res, err)
		}
		if took := time.Since(begun); took < 18*time.Second || took > 22*time.Second || res.Stats.JobsDone != 4 {
			t.Errorf("two times two jobs of 3 s and 9 s in one account took %v", took)
		}
	})
}
