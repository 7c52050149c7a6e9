package plan_test

import (
	"fmt"
	"slices"
	"testing"

	. "github.com/rolecall-dev/rolecall/internal/plan"
)

// endsAsConfig: what the plan does not call blocked is in the end as the config
// says: sets of ours their docContent and their holders, groups of ours their
// members. A planner that does nothing keeps every other promise.
func (c *compiled) endsAsConfig(s sketch) *problem {
	for _, w := range s.Content {
		set, ours := c.setOf(s, w.Name)
		if !ours {
			continue
		}
		end := c.end.sets[set]
		if !c.isBlocked(func(b Change) bool { return b.Key.PermissionSet == w.Name && b.Kind != Assignment }) {
			if want := c.dict.of(wantedSet(s, w.Name)); end.docContent != want {
				return &problem{kind: "a set does not end as the config says", text: fmt.Sprintf("%s: %v and not %v", w.Name, end.docContent, want)}
			}
		}
		if found := c.endPrincipals(s, w.Name, set); found != nil {
			return found
		}
	}
	return c.endMembers(s)
}

// setOf returns the number of a set, and whether it is or becomes ours.
func (c *compiled) setOf(s sketch, name string) (int, bool) {
	i := c.live.SetIndex(name)
	if i < 0 {
		j := slices.Index(c.sets, "new:"+name)
		return j, j >= 0
	}
	owner := c.live.Sets[i].Owner
	return i, owner == "me" || owner == "" && slices.Contains(s.Adopt, name)
}

func (c *compiled) groupOf(w wantSketch) int {
	for _, id := range []string{"g-" + w.Name, "g-" + w.Previously, "new:" + w.Name} {
		if i := slices.Index(c.groups, id); i >= 0 {
			return i
		}
	}
	return -1
}

func (c *compiled) isBlocked(is func(Change) bool) bool {
	return slices.ContainsFunc(c.plan.Blocked, func(b Blocked) bool { return is(b.Change) })
}

func (c *compiled) endPrincipals(s sketch, name string, set int) *problem {
	blocked := func(b Change) bool { return b.Kind == Assignment && b.Key.PermissionSet == name }
	if c.isBlocked(blocked) {
		return nil
	}
	for a, account := range c.accounts {
		if c.suspendedAccounts&(1<<a) != 0 {
			continue // AWS changes nothing there
		}
		var want uint32
		for _, w := range s.Config {
			if g := c.groupOf(w); g >= 0 && w.Set == name && slices.ContainsFunc(w.Accounts, func(n string) bool { return sketchAccountID(n) == account }) {
				want |= groupBit(g)
			}
		}
		// An orphan gives nobody anything, and may be the evidence of a rebind.
		if have := c.end.sets[set].holders[a] & (orphanBit(0) - 1); have != want {
			return &problem{kind: "a set ends with other holders than the config says", text: fmt.Sprintf("%s in %s: %b and not %b", name, c.accountName(a), have, want)}
		}
	}
	return nil
}

func (c *compiled) endMembers(s sketch) *problem {
	for _, w := range s.Config {
		g := c.groupOf(w)
		if s.External || g < 0 || g < len(c.live.Groups) && c.live.Groups[g].Owner != "me" ||
			c.isBlocked(func(b Change) bool { return b.Kind == Membership && b.Key.Group == w.Name }) {
			continue
		}
		for u, id := range c.users {
			want := slices.ContainsFunc(w.Members, func(m string) bool { return id == "u-"+m || id == "new:"+m })
			if have := c.end.members[g]&(1<<u) != 0; have != want {
				return &problem{kind: "a group ends with other members than the config says", text: fmt.Sprintf("%s: %s is in it: %v", w.Name, id, have)}
			}
		}
	}
	return nil
}

func TestSearchEndsAsTheConfigSays(t *testing.T) {
	plans := 0
	for seed := range uint64(4_000) {
		s := drawSketch(1<<34 + seed)
		live, want, p := s.plan()
		c, wrong := compile(s, &live, &want, p)
		if wrong != nil {
			continue // TestSearch says it
		}
		plans++
		if found := c.endsAsConfig(s); found != nil {
			// judge has other rules too, so the case is shown as it was drawn.
			t.Fatalf("%s", report(1<<34+seed, s, found))
		}
	}
	if plans < 3_000 {
		t.Errorf("only %d plans", plans)
	}
}
