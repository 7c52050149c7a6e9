package promises

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/rolecall-dev/rolecall/internal/promises/searchtest"
)

// lookForNothing plans, and is P4: where that says that nothing is to change,
// and that everything was looked at, it is so.
func (w *world) lookForNothing(f flags) ended {
	args := append([]string{"plan", w.dir, "--json", "--detailed-exitcode"}, f.args()...)
	r := w.newRun(f)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	r.cancel = cancel
	w.run = r
	got := w.command(ctx, way{r}, w.key, strings.NewReader(""), args...)
	w.run = nil
	w.counts.runs++
	if len(r.events) > 0 || r.writes > 0 {
		w.violate("plan writes", "%d writes", r.writes)
	}
	w.judgeNothing(got)
	return got
}

func (w *world) judgeNothing(got ended) {
	p := planOf(got.stdout)
	if got.code != 0 || p == nil || len(p.Changes)+len(p.Blocked) > 0 || len(w.conf.groups) == 0 {
		return
	}
	if c := p.Complete; c != nil && !*c {
		return
	}
	if c := p.Observed.Complete; c != nil && !*c {
		return
	}
	w.counts.nothing++
	for kind, detail := range w.conf.differences(w.last) {
		w.violate("P4 \"no changes\", and "+kind, "%s", detail)
	}
}

// differences compares AWS with the config on the sets with our mark, by kind
// of difference.
func (c *conf) differences(s *snap) map[string]string {
	out := map[string]string{}
	wants := c.wants()
	have := map[wantedAssignment]bool{}
	for g := range s.Assignments {
		set := s.Sets[g.Set]
		if set.Owner != owner {
			continue
		}
		name := s.principalName(g.Kind, g.Principal)
		key := wantedAssignment{set.Name, s.Accounts[g.Account], name}
		_, want := wants[key]
		switch {
		case name == "" && s.held(searchtest.Role{Set: g.Set, Account: g.Account}):
			continue // "everybody alive was asked" does not see it, nor say so
		case name == "" && c.ignoredWants(set.Name, s.Accounts[g.Account]):
			continue
		case c.ignoresAssignment(s, g) || s.States[g.Account] != "ACTIVE":
			continue
		case g.Kind == "GROUP" && want:
			have[key] = true
		default:
			out[c.leftover(s, g)] = fmt.Sprintf("%s %q has %q in %s", g.Kind, name, set.Name, s.Accounts[g.Account])
		}
	}
	for k, b := range wants {
		arn, account := s.SetNamed(k.set), s.accountNamed(k.account)
		switch role, ok := s.Roles[searchtest.Role{Set: arn, Account: account}]; {
		case s.States[account] == "SUSPENDED", c.ignoresAccount(s, account), c.ignoresGroup(k.group):
		case !have[k]:
			out["a grant of the config is missing"] = fmt.Sprint(k)
		case ok && meaning(role) != b:
			out["a role allows something else"] = fmt.Sprintf("%v: %07b, the config has %07b", k, meaning(role), b)
		}
	}
	c.memberDifferences(s, out)
	return out
}

// leftover names what kind of assignment is there that the config does not have.
func (c *conf) leftover(s *snap, g searchtest.Assignment) string {
	set := s.Sets[g.Set]
	_, inConfig := c.setOf(set.Name)
	what := "a grant of a group"
	switch {
	case g.Kind == "USER":
		what = "a direct grant of a person"
	case s.Groups[g.Principal].Name == "":
		what = "a grant of a group that is gone"
	case !slices.ContainsFunc(c.groups, func(x confGroup) bool { return x.name == s.Groups[g.Principal].Name }):
		what = "a grant of a group that the config does not name"
	}
	if _, locked := set.Tags["rolecall:lock"]; locked {
		return what + " on a set with the lock's tag is left"
	}
	if !inConfig {
		return what + " on a set that is in no config is left"
	}
	return what + " is left"
}

func (c *conf) memberDifferences(s *snap, out map[string]string) {
	if c.mode == scim {
		return
	}
	for _, g := range c.groups {
		id := s.GroupNamed(g.name)
		if id == "" || s.Groups[id].Owner != owner || c.ignores("group", g.name) {
			continue
		}
		for m := range s.Memberships {
			if m.Group != id {
				continue
			}
			if !c.ignores("user", s.Users[m.User]) && !slices.ContainsFunc(g.members, func(p int) bool { return c.people()[p] == s.Users[m.User] && !slices.Contains(c.gone, p) }) {
				out["a member of a group of ours is left"] = fmt.Sprintf("%q in %q", s.Users[m.User], g.name)
			}
		}
		for _, p := range g.members {
			if u := s.UserNamed(c.people()[p]); !slices.Contains(c.gone, p) && !c.ignores("user", c.people()[p]) && s.Memberships[searchtest.Membership{Group: id, User: u}] == "" {
				out["a member of a group is missing"] = fmt.Sprintf("%q in %q", c.people()[p], g.name)
			}
		}
	}
}
