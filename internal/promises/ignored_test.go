package promises

import (
	"fmt"
	"math/rand/v2"
	"path"
	"slices"
	"strings"

	"github.com/rolecall-dev/rolecall/internal/promises/searchtest"
)

// ignoreOf draws the ignore patterns of a scenario from a stream of its own, so
// that the rest of a seed's scenario stays the same: always one of a group that no
// config names, and sometimes one of what the config gives access to. They come
// after the first step, which mostly has given it.
func ignoreOf(seed uint64) []string {
	c := chance{rand.New(rand.NewPCG(seed, 77))}
	out := []string{"Break*"}
	if c.one(2) {
		out = append(out, []string{
			"account:" + accountNames[1+c.IntN(3)], "user:" + personNames[c.IntN(len(personNames))], "group:" + groupNames[c.IntN(3)], "user:mallory",
		}[c.IntN(4)])
	}
	return out
}

func (c *conf) patterns() []string {
	if c.ignore == nil {
		return []string{"Break*"}
	}
	return c.ignore
}

// ignores reads the patterns without the planner's help.
func (c *conf) ignores(kind string, names ...string) bool {
	for _, p := range c.patterns() {
		if k, rest, ok := strings.Cut(p, ":"); ok {
			if k != kind {
				continue
			}
			p = rest
		}
		for _, name := range names {
			if hit, _ := path.Match(p, name); hit {
				return true
			}
		}
	}
	return false
}

// ignoresGroup also looks at a group's former name: it may be called so in AWS.
func (c *conf) ignoresGroup(name string) bool {
	former := c.formerly(name)
	return c.ignores("group", name) || former != "" && c.ignores("group", former)
}

func (c *conf) ignoresAccount(s *snap, id string) bool {
	return c.ignores("account", s.Accounts[id], id)
}

// ignoresPrincipal says that a pattern is about who has the assignment.
func (c *conf) ignoresPrincipal(s *snap, g searchtest.Assignment) bool {
	kind := "group"
	if g.Kind == "USER" {
		kind = "user"
	}
	name := s.principalName(g.Kind, g.Principal)
	return name != "" && c.ignores(kind, name)
}

func (c *conf) ignoresAssignment(s *snap, g searchtest.Assignment) bool {
	return c.ignoresPrincipal(s, g) || c.ignoresAccount(s, g.Account)
}

// ignoredHas says who of those that a pattern matches has a role, before and
// after an event; "" for nobody. What AWS cannot change, nobody reaches.
func (c *conf) ignoredHas(e *event, key searchtest.Role) string {
	if e.was.States[key.Account] != "ACTIVE" {
		return ""
	}
	for g := range e.is.Assignments {
		if _, had := e.was.Assignments[g]; !had || g.Set != key.Set || g.Account != key.Account {
			continue
		}
		switch {
		case c.ignoresAccount(e.was, key.Account):
			return fmt.Sprintf("account %q", e.was.Accounts[key.Account])
		case c.ignoresPrincipal(e.was, g):
			return fmt.Sprintf("%s %q", strings.ToLower(g.Kind), e.was.principalName(g.Kind, g.Principal))
		}
	}
	return ""
}

// judgeIgnored: what a pattern matches neither gets nor loses anything by what we
// write: no assignment, no membership, no edit of a set that it shares with
// others, which is not staged for it either.
func (r *run) judgeIgnored() {
	for i := range r.events {
		e := &r.events[i]
		for _, x := range e.effects {
			if what := r.ignoredIn(e, x); what != "" && r.hiddenAtApproval(x) && !r.w.recent(e.at, x.Objects()...) {
				r.w.violate("P3 ignored: "+what, "%s", e.describe())
			}
			if x.Kind == "role" && x.Wider|x.Narrower != 0 {
				r.judgeIgnoredRole(e, x.Role, "has what changes")
			}
		}
		for key := range e.is.Stale {
			if _, was := e.was.Roles[key]; was && !e.was.Stale[key] {
				r.judgeIgnoredRole(e, key, "has what is edited")
			}
		}
	}
}

func (r *run) judgeIgnoredRole(e *event, key searchtest.Role, what string) {
	who := r.conf.ignoredHas(e, key)
	if who == "" {
		return
	}
	r.w.counts.shape("a set of somebody ignored is written")
	ids := []string{key.Set, key.Account}
	for g := range e.was.Assignments {
		if g.Set == key.Set && g.Account == key.Account {
			ids = append(ids, g.Principal)
		}
	}
	if !r.w.recent(e.at, ids...) && r.heldAtApproval(key) {
		kind, _, _ := strings.Cut(who, " ")
		r.w.violate("P1/P3 ignored: "+kind+" "+what, "%s, by %s in %s", who, e.describe(), e.was.Accounts[key.Account])
	}
}

// heldAtApproval says that somebody ignored had the role when the plan was
// approved: who comes to a set afterwards is not in the plan.
func (r *run) heldAtApproval(key searchtest.Role) bool {
	for _, then := range []*snap{r.start, r.approved} { // the plan may have been read before or after an act
		if then == nil {
			continue
		}
		held := false
		for g := range then.Assignments {
			held = held || g.Set == key.Set && g.Account == key.Account && r.conf.ignoresAssignment(then, g)
		}
		if !held {
			return false
		}
	}
	return true
}

// hiddenAtApproval says that a pattern was about the assignment when the plan was
// approved: nobody dodges a revocation by taking another name.
func (r *run) hiddenAtApproval(x searchtest.Effect) bool {
	return x.Kind != "assignment-" || r.conf.ignoresAssignment(r.start, x.Assignment) && (r.approved == nil || r.conf.ignoresAssignment(r.approved, x.Assignment))
}

// ignoredWants says that the config has an assignment for an ignored group there: an
// orphan in its place is left, as what that group had.
func (c *conf) ignoredWants(set, account string) bool {
	for k := range c.wants() {
		if k.set == set && k.account == account && c.ignoresGroup(k.group) {
			return true
		}
	}
	return false
}

// ignoredShape counts the plans in which somebody ignored has a set that the
// config edits.
func (r *run) ignoredShape() {
	if r.plan == nil {
		return
	}
	for _, b := range r.plan.Blocked {
		if m, ok := b.(map[string]any); ok && m["cause"] == "plan.ignored-holder" {
			r.w.counts.shape("an edit would reach somebody ignored")
			return
		}
	}
}

// ignoredIn says what of something ignored an effect is.
func (r *run) ignoredIn(e *event, x searchtest.Effect) string {
	c, was := r.conf, e.was
	switch x.Kind {
	case "assignment+", "assignment-":
		switch {
		case c.ignoresAccount(was, x.Assignment.Account):
			return "assignment in an account"
		case c.ignoresPrincipal(was, x.Assignment):
			return "assignment of a " + strings.ToLower(x.Assignment.Kind)
		}
	case "member+", "member-":
		if slices.ContainsFunc(e.effects, func(o searchtest.Effect) bool { return o.Kind == "user-" && o.ID == x.Membership.User }) {
			return "" // with the user, whom no pattern matches, all of theirs goes
		}
		switch {
		case c.ignores("user", was.Users[x.Membership.User]):
			return "membership of a user"
		case c.ignores("group", was.Groups[x.Membership.Group].Name):
			return "membership of a group"
		}
	case "group-":
		if c.ignores("group", was.Groups[x.ID].Name) {
			return "group"
		}
	case "user-":
		if c.ignores("user", was.Users[x.ID]) {
			return "user"
		}
	}
	return ""
}
