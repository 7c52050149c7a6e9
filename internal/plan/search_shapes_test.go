package plan_test

import (
	"fmt"
	"math/bits"
	"strings"
	"testing"

	. "github.com/rolecall-dev/rolecall/internal/plan"
)

// shapes count the dangerous shapes that a search reached, so that it cannot
// pass by luck.
type shapes struct {
	plans, states int
	seen          map[string]int
}

// enoughOf is how often each has to be among searchCases.
var enoughOf = map[string]int{
	"leaver with widening":          300,
	"joiner with narrowing":         300,
	"set given up with widening":    300,
	"granted with narrowing":        300,
	"swap":                          100,
	"boundary replaced":             100,
	"staged docContent":             500,
	"staged docContent and a grant": 100,
	"shared set":                    500,
	"set shared while it changes":   300,
	"orphan replaced":               50,
	"customer policy changes":       300,
	"inline policy changes":         300,
	"group deleted":                 100,
	"user deleted":                  100,
	"set deleted":                   300,
	"adopted":                       30,
	"suspended account":             100,
	"detour":                        10,
}

func (n *shapes) note(c *compiled, s sketch) {
	if len(c.ops) == 0 {
		return
	}
	n.plans++
	did := map[string]bool{}
	for _, o := range c.ops {
		n.noteOp(did, c, o)
	}
	for set := range c.sets {
		if principals(c.start.sets[set]) > 1 {
			did["shared set"] = true
			did["set shared while it changes"] = did["set shared while it changes"] || c.start.sets[set].docContent != c.end.sets[set].docContent
		}
	}
	for _, set := range s.Sets {
		did["staged docContent"] = did["staged docContent"] || len(set.Staged) > 0
		for _, o := range c.plan.Changes {
			if o.Kind == Assignment && o.Action == Create && o.Key.PermissionSet == set.Name && len(set.Staged) > 0 {
				did["staged docContent and a grant"] = true
			}
			if o.Kind == Tags && o.Key.PermissionSet == set.Name && set.Owner != "me" {
				did["adopted"] = true
			}
		}
	}
	did["suspended account"] = c.suspendedAccounts != 0
	for k, yes := range did {
		if yes {
			n.seen[k]++
		}
	}
}

func principals(s simSet) int {
	all := uint32(0)
	for _, h := range s.holders {
		all |= h
	}
	return bits.OnesCount32(all)
}

func (n *shapes) noteOp(did map[string]bool, c *compiled, o op) {
	switch {
	case o.level == Down && o.kind == Provisioning:
		did["detour"] = true
	case o.kind == Membership:
		for set := range c.sets {
			widens, narrows := c.direction(set)
			if !c.start.sets[set].exists || !assignedTo(c.start.sets[set], groupBit(o.group)) {
				continue
			}
			did["leaver with widening"] = did["leaver with widening"] || o.action == Delete && widens
			did["joiner with narrowing"] = did["joiner with narrowing"] || o.action == Create && narrows
		}
	case o.kind == Assignment && c.start.sets[o.set].exists:
		widens, narrows := c.direction(o.set)
		did["set given up with widening"] = did["set given up with widening"] || o.action == Delete && widens
		did["granted with narrowing"] = did["granted with narrowing"] || o.action == Create && narrows
		did["swap"] = did["swap"] || o.action == Delete && c.couldBlock(o.set)
		if o.holder >= orphanBit(0) {
			for _, made := range c.ops {
				did["orphan replaced"] = did["orphan replaced"] || made.kind == Assignment && made.action == Create && made.set == o.set && made.accounts == o.accounts
			}
		}
	case o.kind == PermissionsBoundary && o.action == Update:
		did["boundary replaced"] = true
	case o.kind == CustomerManagedPolicy:
		did["customer policy changes"] = true
	case o.kind == InlinePolicy:
		did["inline policy changes"] = true
	case o.action == Delete && (o.kind == Group || o.kind == User):
		did[string(o.kind)+" deleted"] = true
	case o.action == Delete && o.kind == PermissionSet:
		did["set deleted"] = true
	}
}

func assignedTo(s simSet, holder uint32) bool {
	for _, h := range s.holders {
		if h&holder != 0 {
			return true
		}
	}
	return false
}

func (n *shapes) String() string {
	var b strings.Builder
	for _, k := range kindsSorted(n.seen) {
		fmt.Fprintf(&b, "  %6d %s\n", n.seen[k], k)
	}
	return b.String()
}

func (n *shapes) enough(t *testing.T) {
	for _, k := range kindsSorted(enoughOf) {
		if n.seen[k] < enoughOf[k] {
			t.Errorf("%q was reached %d times, want %d at least", k, n.seen[k], enoughOf[k])
		}
	}
}
