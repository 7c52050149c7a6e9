package apply

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/rolecall-dev/rolecall/internal/plan"
)

// drawPlan makes a graph of changes of all kinds in few accounts, so that they
// get in each other's way, and tells the fake what is outdated.
func drawPlan(t *rapid.T, f *fake) []plan.Change {
	kinds := []plan.Kind{plan.Group, plan.Membership, plan.PermissionSet, plan.InlinePolicy, plan.Assignment, plan.Assignment, plan.Assignment, plan.Provisioning}
	accounts := rapid.IntRange(1, 6).Draw(t, "accounts")
	var out []plan.Change
	for i := range rapid.IntRange(1, 40).Draw(t, "changes") {
		kind := rapid.SampledFrom(kinds).Draw(t, "kind")
		action := rapid.SampledFrom([]plan.Action{plan.Create, plan.Update, plan.Delete}).Draw(t, "action")
		account, name := "", fmt.Sprintf("n%02d", i)
		switch kind {
		case plan.Provisioning:
			action = plan.Update
			f.provided[name] = accounts
			for a := range accounts {
				if rapid.Bool().Draw(t, "outdated") {
					f.outdated[name] = append(f.outdated[name], accountID(a))
				}
			}
		case plan.Assignment:
			account = accountID(rapid.IntRange(0, accounts-1).Draw(t, "account"))
			if action == plan.Update {
				action = plan.Create
			}
		}
		c := change(kind, action, name, account)
		for d := range out {
			if rapid.IntRange(0, 9).Draw(t, "depends") == 0 {
				c.DependsOn = append(c.DependsOn, out[d].ID)
			}
		}
		out = append(out, c)
	}
	return out
}

// rest returns the changes that are not done, without what they depended on that is.
func rest(changes []plan.Change, ended map[plan.ID]bool) []plan.Change {
	var out []plan.Change
	for _, c := range changes {
		if ended[c.ID] {
			continue
		}
		var deps []plan.ID
		for _, d := range c.DependsOn {
			if !ended[d] {
				deps = append(deps, d)
			}
		}
		c.DependsOn = deps
		out = append(out, c)
	}
	return out
}

// Whatever the graph, whatever goes wrong on the way, and whenever it is
// interrupted: no rule of AWS is broken, the account of what happened is true,
// and running what is left ends with everything done once and for all.
func TestRandomGraphsConverge(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		f := newFake()
		changes := drawPlan(rt, f)
		seed := rapid.Uint64().Draw(rt, "seed")
		f.trip = time.Duration(rapid.IntRange(0, 300).Draw(rt, "trip")) * time.Millisecond
		f.tps = float64(rapid.SampledFrom([]int{0, 5, 20}).Draw(rt, "tps"))
		f.cap = rapid.IntRange(1, 5).Draw(rt, "outstanding")
		f.provCap = rapid.IntRange(1, 2).Draw(rt, "provisioning")
		latency := time.Duration(rapid.IntRange(0, 8000).Draw(rt, "latency")) * time.Millisecond
		f.latency = func(n int) time.Duration {
			return latency/2 + time.Duration(rand.New(rand.NewPCG(seed, uint64(n))).Float64()*float64(latency)/2)
		}
		calm := 40 + len(changes) // after so many calls nothing goes wrong any more
		if rapid.Bool().Draw(rt, "faults") {
			noise, lost := noisy(seed), lossy(seed)
			f.fault = func(call string, n int, c plan.Change) error {
				if n > calm {
					return nil
				}
				return noise(call, n, c)
			}
			f.loses = func(call string, n int, c plan.Change) error {
				// A lost answer hides a job of which nobody knows how long it
				// takes; the engine waits as long as jobs are known to take.
				if n > calm || latency > 3*time.Second {
					return nil
				}
				return lost(call, n, c)
			}
		}
		stopAfter := time.Duration(rapid.IntRange(0, 30000).Draw(rt, "stop")) * time.Millisecond
		opt := Options{MaxOutstanding: f.cap, MaxProvisioning: f.provCap, Workers: rapid.IntRange(1, 4).Draw(rt, "workers"), TPS: f.tps}

		var problems []string
		synctest.Test(t, func(t *testing.T) {
			problems = converge(f, opt, changes, stopAfter)
		})
		for _, p := range append(problems, f.violations...) {
			rt.Error(p)
		}
	})
}

func converge(f *fake, opt Options, changes []plan.Change, stopAfter time.Duration) (problems []string) {
	ended := map[plan.ID]bool{}
	f.expect(changes)
	for attempt := range 3 {
		left := rest(changes, ended)
		ctx, cancel := context.WithCancel(context.Background())
		if attempt == 0 && stopAfter > 0 {
			cancel()
			ctx, cancel = context.WithTimeout(context.Background(), stopAfter)
		}
		res, err := New(f, opt).Run(ctx, left)
		cancel()
		if err != nil {
			return append(problems, err.Error())
		}
		if n := len(res.Done) + len(res.Failed) + len(res.Left); n != len(left) {
			problems = append(problems, fmt.Sprintf("%d changes in, %d accounted for", len(left), n))
		}
		for _, id := range res.Done {
			ended[id] = true
			if !f.done[id] {
				problems = append(problems, fmt.Sprintf("%s is said to be done and is not", id))
			}
		}
		if len(res.Failed) > 0 {
			problems = append(problems, fmt.Sprintf("failed: %+v", res.Failed))
		}
		if attempt > 0 && !res.Complete() {
			problems = append(problems, fmt.Sprintf("not complete when left alone: %+v", res.Left))
		}
		// Jobs whose answers were lost before the stop end before the next run:
		// a run waits for an earlier one's jobs before it reads.
		time.Sleep(20 * time.Second)
		f.endJobs()
	}
	for set, accounts := range f.outdated {
		if len(accounts) > 0 && hasProvisioning(changes, set) {
			problems = append(problems, fmt.Sprintf("%s is outdated in %v", set, accounts))
		}
	}
	if d := cmp.Diff(len(changes), len(ended)); d != "" {
		problems = append(problems, "not all done: "+d)
	}
	return problems
}

func hasProvisioning(changes []plan.Change, set string) bool {
	for _, c := range changes {
		if c.Kind == plan.Provisioning && c.Key.PermissionSet == set {
			return true
		}
	}
	return false
}
