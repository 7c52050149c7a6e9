package plan_test

import (
	"math/rand/v2"
	"slices"
	"testing"

	. "github.com/rolecall-dev/rolecall/internal/plan"
)

// What the search looks at is less than all orders, so it is held against all of
// them where a plan is small enough: the projection has to find whatever there
// is, and so have the closures of three changes. Half of the plans have lost some
// of what their changes wait for, so that there is something to find in the plans
// of a planner that does everything right.
func TestSearchFindsWhatAllOrdersFind(t *testing.T) {
	const (
		most  = 8 // changes of a plan
		cases = 6_000
	)
	var plans, states, found int
	for seed := range uint64(cases) {
		c := loosened(1<<32+seed, 1, most)
		if c == nil {
			continue
		}
		plans++
		all, n := c.every()
		states += n
		some, _ := c.projected(withinBoth)
		few := c.triples()
		if (all == nil) != (some == nil) || (all == nil) != (few == nil) {
			t.Errorf("seed %d: all orders find %v, the projection %v, the closures of three changes %v", 1<<32+seed, all, some, few)
		}
		if all != nil {
			found++
		}
	}
	t.Logf("%d plans of at most %d changes, %d states, %d of them wrong", plans, most, states, found)
	if plans < cases/4 || states < 10*plans || found < 50 {
		t.Errorf("only %d plans, %d states, %d wrong", plans, states, found)
	}
}

// On larger plans only the two ways that are less than all orders can be held
// against one another.
func TestSearchByTriplesFindsWhatTheProjectionFinds(t *testing.T) {
	const most = 16
	var plans, found int
	for seed := range uint64(3_000) {
		c := loosened(1<<33+seed, 9, most)
		if c == nil {
			continue
		}
		plans++
		some, _ := c.projected(withinBoth)
		few := c.triples()
		if (some == nil) != (few == nil) {
			t.Errorf("seed %d: the projection finds %v, the closures of three changes %v", 1<<33+seed, some, few)
		}
		if some != nil {
			found++
		}
	}
	t.Logf("%d plans of at most %d changes, %d of them wrong", plans, most, found)
	if found < 50 {
		t.Errorf("only %d of the plans are wrong", found)
	}
}

// loosened returns the plan of a seed, of every second without some of what its
// changes wait for; nil where it is not of the size that is asked for.
func loosened(seed uint64, least, most int) *compiled {
	s := drawSketch(seed)
	live, want, p := s.plan()
	if len(p.Changes) < least || len(p.Changes) > most {
		return nil
	}
	if seed%2 == 0 {
		r := rand.New(rand.NewPCG(seed, 1))
		for i := range p.Changes {
			p.Changes[i].DependsOn = slices.DeleteFunc(slices.Clone(p.Changes[i].DependsOn), func(ID) bool { return r.IntN(3) > 0 })
		}
	}
	c, wrong := compile(s, &live, &want, p)
	if wrong != nil {
		return nil // TestSearch says it
	}
	return c
}
