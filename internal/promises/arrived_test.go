package promises

import "github.com/rolecall-dev/rolecall/internal/promises/searchtest"

// lateActs are what somebody does who wants to be there when a run writes.
var lateActs = []act{
	{"assigned by hand to a set of the config", func(w *world, a, b, d int) []string {
		s := pick(w.last.Sets, a, func(_ string, s searchtest.Set) bool {
			_, ok := w.conf.setOf(s.Name)
			return ok && s.Owner == owner && !s.Lock
		})
		provisioned := map[string]string{}
		for k := range w.last.Roles {
			if k.Set == s {
				provisioned[k.Account] = w.last.Accounts[k.Account]
			}
		}
		account := pick(provisioned, b, func(string, string) bool { return true })
		kind, who := "GROUP", w.anyGroup(d)
		if d%2 == 0 {
			kind, who = "USER", pick(w.last.Users, d/2, func(string, string) bool { return true })
		}
		w.assign(s, account, kind, who)
		return []string{s, account, who}
	}},
	{"stranger put into a group of the config", func(w *world, a, b, d int) []string {
		g := w.confGroupID(a)
		name := w.last.Groups[g].Name
		u := pick(w.last.Users, b, func(_, user string) bool { return w.conf.isStranger(name, user) })
		w.join(g, u)
		return []string{g, u}
	}},
}

// checkArrived is P1 for who came, by others, after the plan was read, to a set or
// into a group, and gets more by a write of ours: the plan showed nobody of them.
// In external mode who is in a group is the identity provider's.
func (r *run) checkArrived(e *event) {
	if r.approved == nil {
		return
	}
	for _, x := range e.effects {
		switch {
		case x.Kind == "assignment+":
			r.checkJoined(e, x.Assignment, meaning(e.is.Roles[searchtest.Role{Set: x.Assignment.Set, Account: x.Assignment.Account}]))
		case x.Kind == "role" && x.Wider != 0:
			for g := range e.is.Assignments {
				if g.Set == x.Role.Set && g.Account == x.Role.Account && !r.granted[g] {
					r.checkAssigned(e, g, x.Wider)
					r.checkJoined(e, g, x.Wider)
				}
			}
		}
	}
}

func (r *run) checkAssigned(e *event, g searchtest.Assignment, gets bits) {
	name := e.is.principalName(g.Kind, g.Principal)
	if _, before := r.approved.Assignments[g]; before || name == "" {
		return
	}
	if _, wanted := r.conf.wants()[wantedAssignment{e.is.Sets[g.Set].Name, e.is.Accounts[g.Account], name}]; wanted && g.Kind == "GROUP" || !e.is.anybody(g) {
		return
	}
	if !r.w.recent(e.at, g.Set, g.Account, g.Principal) {
		_, open := r.answered().Assignments[g]
		r.w.violate("P1 "+e.op+" widens a set for somebody who was assigned by hand since the plan was read"+r.since(open), "%s %q gets %07b by %q in %q", g.Kind, name, gets, e.is.Sets[g.Set].Name, e.is.Accounts[g.Account])
	}
}

func (r *run) checkJoined(e *event, g searchtest.Assignment, gets bits) {
	group := r.approved.Groups[g.Principal].Name
	if g.Kind != "GROUP" || r.conf.mode == scim || gets == 0 || !r.conf.names(group) {
		return
	}
	for m := range e.is.Memberships {
		if m.Group != g.Principal || r.approved.Memberships[m] != "" || r.w.joined[m] || r.joined[m] || !r.conf.isStranger(group, e.is.Users[m.User]) || r.conf.ignores("user", e.is.Users[m.User]) {
			continue
		}
		if !r.w.recent(e.at, g.Set, g.Account, m.Group, m.User) {
			open := r.answered().Memberships[m] != ""
			r.w.violate("P1 "+e.op+" gives to somebody who was put into a group by hand since the plan was read"+r.since(open), "%q in %q gets %07b by %q in %q", e.is.Users[m.User], group, gets, e.is.Sets[g.Set].Name, e.is.Accounts[g.Account])
		}
	}
}

// anybody says that somebody has what an assignment gives.
func (s *snap) anybody(g searchtest.Assignment) bool {
	if g.Kind == "USER" {
		return s.Users[g.Principal] != ""
	}
	for m := range s.Memberships {
		if m.Group == g.Principal {
			return true
		}
	}
	return false
}

// answered is AWS when the approval was given.
func (r *run) answered() *snap {
	if r.closed != nil {
		return r.closed
	}
	return r.approved
}

func (r *run) since(open bool) string {
	if open {
		return ", while the approval was open"
	}
	return ", while the run went on"
}
