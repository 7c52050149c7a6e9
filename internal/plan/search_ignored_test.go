package plan_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	. "github.com/rolecall-dev/rolecall/internal/plan"
)

// ignoring draws the ignore patterns of a case: of who is in its world.
func ignoring(seed uint64) sketch {
	s := drawSketch(seed)
	d := &drawer{Rand: rand.New(rand.NewPCG(seed, 0x69676e6f7265)), s: s}
	for range 1 + d.IntN(2) {
		switch d.IntN(3) {
		case 0:
			s.Ignore = append(s.Ignore, "account:"+pick(d, s.Accounts).Name)
		case 1:
			s.Ignore = append(s.Ignore, "user:"+pick(d, s.People))
		default:
			s.Ignore = append(s.Ignore, "group:"+pick(d, []string{"A", "B", "C", "Old", "RA"}))
		}
	}
	return s
}

// ignores reads the patterns, which are plain names here.
func (s sketch) ignores(kind, name string) bool { return slices.Contains(s.Ignore, kind+":"+name) }

// ignoredRules are what has to hold where patterns hide something: that the plan
// ends as the config says, it does not.
var ignoredRules = []func(c *compiled, s sketch) *problem{
	(*compiled).usedBeforeMade,
	(*compiled).suspended,
	(*compiled).keptAssignments,
	(*compiled).deletedInUse,
	(*compiled).ignoredKept,
	(*compiled).saysWhy,
}

// ignoredKept: what a pattern matches has in the end what it had: the assignments
// of its own and in its accounts, the memberships, and what the roles allow that it
// holds or that are in its accounts. No edit of such a set is left to whoever
// provisions it next.
func (c *compiled) ignoredKept(s sketch) *problem {
	users, groups := c.ignoredPrincipals(s)
	for i, set := range c.start.sets[:len(c.live.Sets)] {
		for a, account := range c.live.Accounts {
			all := s.ignores("account", account.Name)
			ignored := set.holders[a] & (users | groups)
			if all {
				ignored = set.holders[a]
			}
			living := ignored & (orphanBit(0) - 1)
			end := c.end.sets[i]
			where := fmt.Sprintf("%s in %s", c.live.Sets[i].Name, account.Name)
			switch {
			case end.holders[a]&ignored != ignored || all && end.holders[a] != set.holders[a]:
				return &problem{kind: "an ignored assignment is written", text: where}
			case living != 0 && end.roles[a] != set.roles[a]:
				return &problem{kind: "somebody ignored has a role that changes", text: where}
			case living != 0 && c.suspendedAccounts&(1<<a) == 0 && end.docContent != set.docContent:
				return &problem{kind: "somebody ignored has a set that is edited", text: where}
			}
		}
	}
	return c.ignoredMembers(s)
}

func (c *compiled) ignoredPrincipals(s sketch) (users, groups uint32) {
	for i, u := range c.live.Users {
		if s.ignores("user", u.Username) {
			users |= userBit(i)
		}
	}
	for i, g := range c.live.Groups {
		if s.ignores("group", g.Name) {
			groups |= groupBit(i)
		}
	}
	return users, groups
}

func (c *compiled) ignoredMembers(s sketch) *problem {
	for i, u := range c.live.Users {
		for j, g := range c.live.Groups {
			was, is := c.start.members[j]&(1<<i), c.end.members[j]&(1<<i)
			leaves := slices.Contains(s.Removed, u.Username) && !s.ignores("user", u.Username) // with all that is theirs
			if was != is && !leaves && (s.ignores("user", u.Username) || s.ignores("group", g.Name)) {
				return &problem{kind: "an ignored membership is written", text: u.Username + " in " + g.Name}
			}
		}
	}
	return nil
}

// saysWhy: what a pattern is said to keep, one of the case's patterns keeps.
func (c *compiled) saysWhy(s sketch) *problem {
	for _, f := range c.plan.Findings {
		if f.Code != IgnoredHolder {
			continue
		}
		if !slices.ContainsFunc(s.Ignore, func(p string) bool { return strings.Contains(f.Summary, `"`+p+`"`) }) {
			return &problem{kind: "a finding does not name the pattern", text: f.Summary}
		}
	}
	return nil
}

// What an ignore pattern matches keeps what it has, on shared sets as well.
func TestSearchIgnored(t *testing.T) {
	kinds, plans, met, free := map[string]int{}, 0, 0, 0
	for seed := range uint64(6_000) {
		s := ignoring(1<<35 + seed)
		if len(s.live().Sets) == 0 {
			continue
		}
		wrong, p := judgeIgnored(s)
		plans++
		met += oneIf(findings(p, IgnoredHolder) != nil)
		free += oneIf(findings(p, IgnoredHolder) != nil && len(p.Changes) > 0)
		for _, found := range wrong {
			if kinds[found.kind]++; kinds[found.kind] == 1 {
				t.Errorf("%s", report(1<<35+seed, s, found))
			}
		}
	}
	if plans < 4_000 || met < 300 || free < 150 {
		t.Errorf("%d plans, %d that meet somebody ignored on a set that changes, %d of them with something else to do", plans, met, free)
	}
}

func judgeIgnored(s sketch) (wrong []*problem, p *Plan) {
	live, want, p := s.plan()
	c, found := compile(s, &live, &want, p)
	if found != nil {
		if found.kind == "too large" {
			return nil, p
		}
		return []*problem{found}, p
	}
	if found, _ := c.projected(withinBoth); found != nil {
		wrong = append(wrong, found)
	}
	for _, rule := range ignoredRules {
		if found := rule(c, s); found != nil {
			wrong = append(wrong, found)
		}
	}
	return wrong, p
}
