package apply

import (
	"fmt"
	"math"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/rolecall-dev/rolecall/internal/plan"
)

// After 30 finished jobs the ETA is within 15% of the truth, for latencies
// that the engine is not told; near the end within the time of two jobs. Where
// each job takes up to half more or less, thirty say less: 30%; or calls fail: 25%.
func TestETAIsTrueAfterThirtyJobs(t *testing.T) {
	longAccount := func() []plan.Change {
		out := grants(3, 40)
		for s := range 60 {
			out = append(out, change(plan.Assignment, plan.Create, fmt.Sprintf("more%03d", s), accountID(7)))
		}
		return out
	}
	plans := map[string]func() []plan.Change{
		"first apply": func() []plan.Change { return firstApply(5, 60) },
		"grants":      func() []plan.Change { return grants(10, 60) },
		"one account": longAccount,
	}
	for name, changes := range plans {
		for _, latency := range []time.Duration{time.Second, 3 * time.Second, 10 * time.Second} {
			t.Run(fmt.Sprintf("%s, %v", name, latency), func(t *testing.T) {
				checkETA(t, changes(), latency, constant(latency), nil, 0.15)
			})
			t.Run(fmt.Sprintf("%s, %v give or take half", name, latency), func(t *testing.T) {
				checkETA(t, changes(), latency, spread(latency), nil, 0.3)
			})
		}
	}
	t.Run("with faults", func(t *testing.T) {
		const withTries = 5 * time.Second // what a job takes at the end, where nothing else fills its pauses
		checkETA(t, grants(10, 60), withTries, constant(3*time.Second), noisy(3), 0.25)
	})
}

func checkETA(t *testing.T, changes []plan.Change, mean time.Duration, latency func(int) time.Duration, faults func(string, int, plan.Change) error, within float64) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake()
		f.tps, f.trip, f.latency, f.fault = 15, 60*time.Millisecond, latency, faults
		var seen []Progress
		begun := time.Now()
		runPlan(t, f, Options{TPS: 15, Events: func(e Event) {
			if e.Type == Progressing && e.Progress.JobsDone >= 30 && e.Progress.ETASeconds > 0 {
				seen = append(seen, *e.Progress)
			}
		}}, changes)
		total := time.Since(begun).Seconds()
		if len(seen) == 0 {
			t.Fatal("no progress seen")
		}
		worst := 0.0
		for _, p := range seen {
			rest := total - p.ElapsedSeconds
			off := math.Abs(p.ETASeconds - rest)
			if rest > 10*mean.Seconds() {
				worst = max(worst, off/rest)
			}
			if off > max(within*rest, 2*mean.Seconds()) {
				t.Errorf("at %.0f s: said %.1f s, it was %.1f s (%d jobs done)", p.ElapsedSeconds, p.ETASeconds, rest, p.JobsDone)
			}
		}
		rest := total - seen[0].ElapsedSeconds
		t.Logf("after 30 jobs said %.1f s, it was %.1f s; at most %.0f%% off with more than ten jobs' time to go",
			seen[0].ETASeconds, rest, 100*worst)
	})
}

func TestEstimateNamesWhatDecides(t *testing.T) {
	many := firstApply(10, 100)
	long := append(grants(2, 10), change(plan.PermissionSet, plan.Create, "x", ""))
	for s := range 30 {
		long = append(long, change(plan.Assignment, plan.Create, fmt.Sprintf("more%d", s), accountID(4)))
	}
	var people []plan.Change
	for u := range 600 {
		people = append(people, change(plan.User, plan.Create, fmt.Sprint("user", u), ""))
	}
	chain := []plan.Change{change(plan.Assignment, plan.Create, "a", accountID(1))}
	for n := range 4 {
		chain = append(chain, change(plan.Assignment, plan.Create, "a", accountID(n+2), chain[n].ID))
	}
	for _, c := range []struct {
		name    string
		changes []plan.Change
		want    Estimate
	}{
		{"nothing", nil, Estimate{}},
		{"outstanding jobs", many, Estimate{
			Changes: 1030, Jobs: 1000, Calls: 1670, IdentityCalls: 10, Seconds: 336,
			Floor: Floor{Seconds: 300, CallsSeconds: 1670. / 15, OutstandingSeconds: 300, AccountSeconds: 30, Account: accountID(0), ChainSeconds: 3},
		}},
		{"one account", long, Estimate{
			Changes: 51, Jobs: 50, Calls: 84, Seconds: 107.52,
			Floor: Floor{Seconds: 96, CallsSeconds: 5.6, OutstandingSeconds: 15, AccountSeconds: 96, Account: accountID(4), ChainSeconds: 3},
		}},
		{"calls", people, Estimate{
			Changes: 600, IdentityCalls: 600, Seconds: 30, Floor: Floor{Seconds: 30, CallsSeconds: 30},
		}},
		{"chain", chain, Estimate{
			Changes: 5, Jobs: 5, Calls: 9, Seconds: 16.8,
			Floor: Floor{Seconds: 15, CallsSeconds: .6, OutstandingSeconds: 1.5, AccountSeconds: 3, Account: accountID(1), ChainSeconds: 15},
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.want.AssumedJobSeconds, c.want.AssumedTPS = 3, 15
			if d := cmp.Diff(c.want, NewEstimate(c.changes, Assumptions{}), cmpopts.EquateApprox(0, 1e-9)); d != "" {
				t.Error(d)
			}
		})
	}
}

// What the estimate says beforehand is what the run then takes.
func TestEstimateHolds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake()
		f.tps, f.trip = 15, 60*time.Millisecond
		changes := append(firstApply(8, 80), reprovision(f, "old", 90, 100)...)
		want := NewEstimate(changes, Assumptions{})
		begun := time.Now()
		runPlan(t, f, Options{TPS: 15}, changes)
		took := time.Since(begun).Seconds()
		calls := float64(f.total())
		t.Logf("took %.0f s and %.0f calls; said %.0f s and %d", took, calls, want.Seconds, want.Calls+want.IdentityCalls)
		if math.Abs(took/want.Seconds-1) > 0.1 || math.Abs(calls/float64(want.Calls+want.IdentityCalls)-1) > 0.1 {
			t.Errorf("took %.0f s and %.0f calls; said %.0f s and %d", took, calls, want.Seconds, want.Calls+want.IdentityCalls)
		}
	})
}
