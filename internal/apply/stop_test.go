package apply

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rolecall-dev/rolecall/internal/diag"
	"github.com/rolecall-dev/rolecall/internal/plan"
)

func TestInterruptSeesWhatIsInFlightToItsEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake()
		f.trip = 60 * time.Millisecond
		changes := grants(10, 100)
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second+time.Millisecond)
		defer cancel()
		begun := time.Now()
		res, err := New(f.expect(changes), Options{}).Run(ctx, changes)
		if err != nil {
			t.Fatal(err)
		}
		took := time.Since(begun)
		check(t, f, res, changes)
		if !res.Interrupted || res.Stopped.Reason != StopInterrupted || len(res.Failed) != 0 {
			t.Errorf("got %+v", res.Stopped)
		}
		if took > 34*time.Second {
			t.Errorf("took %v, want the jobs in flight and no more", took)
		}
		if len(res.Done) != len(f.started) || len(res.Done) < 80 {
			t.Errorf("%d jobs started, %d done", len(f.started), len(res.Done))
		}
		for _, l := range res.Left {
			if l.Why != NotStarted {
				t.Fatalf("left %+v", l)
			}
		}
	})
}

// Interrupted while the last jobs ran, a run says that nothing is left: nobody has
// to run it again.
func TestInterruptedWhenNothingIsLeft(t *testing.T) {
	for name, refused := range map[string]bool{"all done": false, "one failed": true} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFake()
				f.latency = constant(8 * time.Second)
				changes := grants(1, 3)
				if refused {
					f.jobFault = func(c plan.Change, _ int) string {
						if c.ID == changes[2].ID {
							return "no"
						}
						return ""
					}
				}
				ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
				defer cancel()
				res, err := New(f.expect(changes), Options{}).Run(ctx, changes)
				if err != nil || !res.Interrupted || len(res.Left) != 0 || len(res.Failed) > 0 != refused {
					t.Fatalf("%+v %v", res, err)
				}
				d := res.Stopped.Finding
				if !strings.Contains(d.Detail, "nothing is left") || strings.Contains(d.Hint, "what is left") {
					t.Errorf("%+v", d)
				}
				if again := strings.Contains(d.Hint, "run apply again"); again != refused || (d.Severity == diag.Error) != refused {
					t.Errorf("%s: %s", d.Severity, d.Hint)
				}
			})
		})
	}
}

func TestInterruptedBeforeTheStartWritesNothing(t *testing.T) {
	f := newFake()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	changes := grants(2, 2)
	res, err := New(f, Options{}).Run(ctx, changes)
	if err != nil || !res.Interrupted || len(res.Left) != 4 || f.total() != 0 {
		t.Errorf("%d calls, %+v, %v", f.total(), res, err)
	}
}

func TestGraceEndsAndNamesTheJobs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake()
		f.latency = constant(time.Hour)
		changes := grants(3, 5)
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		begun := time.Now()
		res, _ := New(f.expect(changes), Options{Grace: 30 * time.Second}).Run(ctx, changes)
		if took := time.Since(begun); took != 40*time.Second {
			t.Errorf("took %v", took)
		}
		unknown := 0
		for _, l := range res.Left {
			if l.Why == Unknown {
				unknown++
				if len(l.Jobs) != 1 || !strings.HasPrefix(l.Jobs[0], "job-") {
					t.Errorf("jobs %v", l.Jobs)
				}
			}
		}
		if unknown != 5 || len(res.Left) != 15 {
			t.Errorf("%d unknown of %d left, want the 5 in flight of 15", unknown, len(res.Left))
		}
	})
}

// When the lease is lost, not even a call that waits for the quota goes out.
func TestLostLeaseStopsWritesAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake()
		f.tps, f.trip = 5, 100*time.Millisecond
		changes := firstApply(10, 20)
		lost := make(chan error, 1)
		var at time.Time
		go func() {
			time.Sleep(20*time.Second + 30*time.Millisecond)
			at = time.Now()
			lost <- errors.New("the lock set is gone")
		}()
		res, _ := New(f.expect(changes), Options{StopWriting: lost, TPS: 5}).Run(t.Context(), changes)
		check(t, f, res, changes)
		if f.wrote.After(at) {
			t.Errorf("wrote %v after the lease was lost", f.wrote.Sub(at))
		}
		if res.Stopped == nil || res.Stopped.Reason != StopLease || res.Interrupted || !strings.Contains(res.Stopped.Finding.Detail, "gone") {
			t.Errorf("stopped: %+v", res.Stopped)
		}
		if len(res.Done) == 0 || len(res.Left) == 0 {
			t.Errorf("%d done, %d left", len(res.Done), len(res.Left))
		}
	})
}

func TestLeaseLostDuringAnInterruptStopsTheRest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake()
		f.trip = 2 * time.Second
		changes := firstApply(30, 1)
		lost := make(chan error, 1)
		ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
		defer cancel()
		time.AfterFunc(600*time.Millisecond, func() { lost <- nil })
		res, _ := New(f.expect(changes), Options{StopWriting: lost}).Run(ctx, changes)
		if len(f.started) != 0 || res.Stopped.Reason != StopLease {
			t.Errorf("%d written, stopped %+v", len(f.started), res.Stopped)
		}
		unknown := 0
		for _, l := range res.Left {
			if l.Why == Unknown {
				unknown++
			}
		}
		if unknown != 8 {
			t.Errorf("%d unknown, want the 8 calls under way", unknown)
		}
	})
}

func TestExpiredCredentialsStopAllStarts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake()
		f.trip = 60 * time.Millisecond
		expires := time.Now().Add(20 * time.Second)
		after := 0
		f.fault = func(call string, _ int, _ plan.Change) error {
			if time.Now().Before(expires) {
				return nil
			}
			if call == "Start" {
				after++
			}
			return errGone
		}
		changes := grants(10, 100)
		res := runPlan(t, f, Options{}, changes)
		if res.Stopped == nil || res.Stopped.Reason != StopCredentials || len(res.Failed) != 0 {
			t.Errorf("stopped %+v, failed %v", res.Stopped, res.Failed)
		}
		if after > 10 {
			t.Errorf("%d more starts after the credentials expired", after)
		}
		unknown := 0
		for _, l := range res.Left {
			if l.Why == Unknown {
				unknown++
			}
		}
		if len(res.Done) < 40 || unknown == 0 || unknown > 10 {
			t.Errorf("%d done, %d unknown", len(res.Done), unknown)
		}
	})
}

func TestJobThatNeverEndsClosesItsAccount(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake()
		f.hangs = func(c plan.Change) bool { return c.Key.Account == accountID(0) }
		changes := grants(4, 6)
		last := change(plan.Group, plan.Delete, "g", "", changes[len(changes)-6].ID)
		changes = append(changes, last)
		res := runPlan(t, f, Options{JobDeadline: 10 * time.Minute}, changes)
		if len(res.Failed) != 1 || res.Failed[0].Finding.Code != CodeJobLost || len(res.Done) != 20 {
			t.Fatalf("%d done, failed %+v", len(res.Done), res.Failed)
		}
		if len(res.Left) != 4 {
			t.Fatalf("left %+v", res.Left)
		}
		for _, l := range res.Left {
			if l.Why != AccountBusy || l.BlockedBy != res.Failed[0].ID {
				t.Errorf("left %+v", l)
			}
		}
	})
}

func TestInterruptedProvisioningIsLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake()
		changes := reprovision(f, "set", 20, 100)
		ctx, cancel := context.WithTimeout(t.Context(), 7*time.Second)
		defer cancel()
		res, _ := New(f.expect(changes), Options{}).Run(ctx, changes)
		check(t, f, res, changes)
		if len(res.Left) != 1 || res.Left[0].ID != changes[1].ID || len(res.Done) != 1 {
			t.Errorf("got %+v", res)
		}
		if n := len(f.outdated["set"]); n == 0 || n > 14 {
			t.Errorf("%d accounts outdated, want those not begun", n)
		}
	})
}

// A provisioning goes on elsewhere while its job in one account hangs, and what
// goes wrong there is retried; in the end it fails with the one that is left.
func TestProvisioningGoesOnBesideAJobThatHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake()
		changes := reprovision(f, "set", 8, 100)
		begun := time.Now()
		first := true
		f.hangs = func(c plan.Change) bool {
			hang := first && c.Kind == plan.Provisioning
			first = first && !hang
			return hang
		}
		f.fault = func(call string, _ int, _ plan.Change) error {
			if call == "Provision" && !first && time.Since(begun) < 12*time.Minute {
				return fault{Throttled, "Rate exceeded"}
			}
			return nil
		}
		res := runPlan(t, f, Options{JobDeadline: 10 * time.Minute, Deadline: 20 * time.Minute}, changes)
		if len(res.Failed) != 1 || res.Failed[0].Finding.Code != CodeJobLost || len(res.Failed[0].Accounts) != 1 {
			t.Fatalf("failed %+v, left %+v", res.Failed, res.Left)
		}
		if !strings.Contains(res.Failed[0].Finding.Summary, "has not ended its job to provision permission set") {
			t.Errorf("said %q", res.Failed[0].Finding.Summary)
		}
	})
}
