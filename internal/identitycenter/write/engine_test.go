package write

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rolecall-dev/rolecall/emulator"
	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/apply"
	"github.com/rolecall-dev/rolecall/internal/identitycenter"
	"github.com/rolecall-dev/rolecall/internal/identitycenter/centertest"
	"github.com/rolecall-dev/rolecall/internal/plan"
)

// assignEverything creates a group and a set for each of n, assigned in all
// accounts of the world.
func assignEverything(w *centertest.World, n int) []plan.Change {
	var changes []plan.Change
	for i := range n {
		name := fmt.Sprintf("group-%02d", i)
		group := plan.Change{ID: plan.ID("group " + name), Kind: plan.Group, Action: plan.Create, Key: plan.Key{Group: name},
			After: &plan.Value{Group: &access.Group{Name: name, Owner: "platform"}}}
		set := plan.Change{ID: plan.ID("set " + name), Kind: plan.PermissionSet, Action: plan.Create, Key: plan.Key{PermissionSet: name},
			After: setValue(access.PermissionSet{Name: name, Owner: "platform", Tags: []access.Tag{{Key: access.OwnerTag, Value: "platform"}}})}
		changes = append(changes, group, set)
		for _, a := range w.Estate.Accounts[2:] {
			changes = append(changes, plan.Change{ID: plan.ID("assign " + name + " " + a.ID), Kind: plan.Assignment, Action: plan.Create,
				Key: plan.Key{PermissionSet: name, Group: name, Account: a.ID}, DependsOn: []plan.ID{group.ID, set.ID}})
		}
	}
	return changes
}

// The Engine and this target together, at AWS's limits: 20 calls a second, ten
// outstanding jobs of 3 s.
func TestApplyAtAWSLimits(t *testing.T) {
	centertest.CleanEnvironment(t)
	synctest.Test(t, func(t *testing.T) {
		w := centertest.NewWorld("platform", 100)
		e := centertest.Start(t, emulator.Options{Estate: w.Estate, Limits: emulator.AWSLimits(), JobLatency: emulator.Latency{Min: 3 * time.Second, Max: 3 * time.Second}})
		changes := assignEverything(w, 10)
		target := New(centertest.Limited(t, e, 20), Options{Owner: "platform", Changes: changes})
		before, began := centertest.Calls(e, identitycenter.SSOAdmin), time.Now()
		result, err := apply.New(target, apply.Options{TPS: 20}).Run(t.Context(), changes)
		if err != nil || !result.Complete() {
			t.Fatalf("%v; failed %v, left %v", err, result.Failed, result.Left)
		}
		took, made := time.Since(began).Seconds(), centertest.Calls(e, identitycenter.SSOAdmin)-before
		const floor = 1000 * 3 / 10.0
		t.Logf("1,000 assignments in %.0f s and %d calls; the floor is %.0f s", took, made, floor)
		if took > floor*1.15 {
			t.Errorf("took %.0f s, want at most 15%% over %.0f s", took, floor)
		}
		if made > 1800 {
			t.Errorf("%d calls, want at most 1.8 for each assignment", made)
		}
		if n := len(e.State().Instances[0].Assignments); n != 1000 {
			t.Errorf("%d assignments, want 1,000", n)
		}
	})
}

// With throttles, server errors, conflicts and lost connections thrown in, an
// apply converges: nothing is lost, nothing doubled.
func TestApplyThroughFaults(t *testing.T) {
	centertest.CleanEnvironment(t)
	synctest.Test(t, func(t *testing.T) {
		w := centertest.NewWorld("platform", 10)
		e := centertest.Start(t, emulator.Options{Estate: w.Estate, Seed: 7, JobLatency: emulator.Latency{Min: time.Second, Max: 3 * time.Second}, Faults: []emulator.Fault{
			{Kind: emulator.Throttle, Rate: 0.10}, {Kind: emulator.Internal, Rate: 0.05}, {Kind: emulator.Conflict, Rate: 0.02},
			{Kind: emulator.LoseRequest, Rate: 0.02}, {Kind: emulator.LoseAnswer, Rate: 0.05}, {Kind: emulator.Truncate, Rate: 0.02},
		}})
		target := New(centertest.Limited(t, e, 20), Options{Owner: "platform"})
		result, err := apply.New(target, apply.Options{TPS: 20}).Run(t.Context(), assignEverything(w, 8))
		if err != nil || !result.Complete() {
			t.Fatalf("%v; failed %v, left %v", err, result.Failed, result.Left)
		}
		i := e.State().Instances[0]
		if len(i.Assignments) != 80 || len(i.Groups) != 8 || len(i.PermissionSets) != 8 {
			t.Errorf("%d assignments, %d groups, %d sets, want 80, 8 and 8", len(i.Assignments), len(i.Groups), len(i.PermissionSets))
		}
	})
}
