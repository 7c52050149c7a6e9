package plan

import "testing"

// What the search looks at is less than all orders, so it is held against all of
// them on plans that are small enough: the projection has to find whatever there
// is, and the closures of three changes too.
func TestSearchFindsWhatAllOrdersFind(t *testing.T) {
	const (
		most  = 8 // changes of a plan
		cases = 6_000
	)
	var plans, states, found, three int
	for seed := range uint64(cases) {
		s := drawSketch(1<<32 + seed)
		live, want, p := s.plan()
		if len(p.Changes) > most {
			continue
		}
		c, wrong := compile(s, &live, &want, p)
		if wrong != nil {
			continue // TestSearch says it
		}
		plans++
		all, n := c.every()
		states += n
		some, _ := c.projected(withinBoth)
		few := c.triples()
		if (all == nil) != (some == nil) {
			t.Errorf("seed %d: all orders find %v, the projection %v", 1<<32+seed, all, some)
		}
		if all != nil {
			found++
		}
		if few != nil {
			three++
		}
		if few != nil && all == nil {
			t.Errorf("seed %d: triples find what is not there: %v", 1<<32+seed, few)
		}
		if few == nil && all != nil {
			t.Errorf("seed %d: the closures of three changes do not find: %s", 1<<32+seed, report(1<<32+seed, s, all))
		}
	}
	t.Logf("%d plans of at most %d changes, %d states: all orders find %d, the closures of three changes %d", plans, most, states, found, three)
	if plans < cases/4 || states < 10*plans {
		t.Errorf("only %d plans and %d states", plans, states)
	}
}
