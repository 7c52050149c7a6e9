// Package quota is the speed limit of everything in the process that calls an
// API: one Budget per API family, from which every attempt of every call takes
// a token, retries too.
//
// It promises that a family's calls never come faster than its limit, that the
// limit falls to what the other side accepts when it throttles and climbs back
// when it no longer does, and that every call is counted. Waiting uses only
// package time, so that it is exact under testing/synctest. It knows no API;
// who calls says which answers were throttles.
package quota

import (
	"cmp"
	"slices"
	"sync"
)

// Limit is how much of an API family may be used.
type Limit struct {
	// TPS is the most calls a second.
	TPS float64
	// Burst is how many calls may come at once after a rest; 0 means one
	// second's worth. A token bucket of TPS and that depth is never exceeded
	// by a burst followed by TPS calls a second.
	Burst int
}

// fallback is the limit of a family that nobody gave one: careful, because
// nobody looked up what its API allows.
var fallback = Limit{TPS: 10}

// Budgets are the budgets of a process, by API family.
type Budgets struct {
	mu       sync.Mutex
	limits   map[string]Limit
	families map[string]*Budget
}

// New makes budgets with these limits. A family without one gets 10 calls a
// second.
func New(limits map[string]Limit) *Budgets {
	return &Budgets{limits: limits, families: map[string]*Budget{}}
}

// Family returns the budget of an API family, always the same one.
func (b *Budgets) Family(name string) *Budget {
	b.mu.Lock()
	defer b.mu.Unlock()
	if f, ok := b.families[name]; ok {
		return f
	}
	limit, ok := b.limits[name]
	if !ok {
		limit = fallback
	}
	f := newBudget(limit)
	b.families[name] = f
	return f
}

// Use is how often one operation was called, attempts that failed included.
type Use struct {
	Family    string `json:"family"`
	Operation string `json:"operation"`
	Calls     int    `json:"calls"`
	Throttles int    `json:"throttles,omitempty"`
}

// Uses returns what was called so far, by family and operation.
func (b *Budgets) Uses() []Use {
	b.mu.Lock()
	defer b.mu.Unlock()
	var out []Use
	for name, f := range b.families {
		out = append(out, f.uses(name)...)
	}
	slices.SortFunc(out, func(x, y Use) int {
		return cmp.Or(cmp.Compare(x.Family, y.Family), cmp.Compare(x.Operation, y.Operation))
	})
	return out
}

// Calls returns how many calls a family has made; "" stands for all families.
func (b *Budgets) Calls(family string) int {
	n := 0
	for _, u := range b.Uses() {
		if family == "" || family == u.Family {
			n += u.Calls
		}
	}
	return n
}
