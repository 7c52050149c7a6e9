package promises

// lateActs are what somebody does who wants to be there when a run writes.
var lateActs = []act{
	{"assigned by hand to a set of the config", func(w *world, a, b, d int) []string {
		s := pick(w.last.sets, a, func(_ string, s setInfo) bool {
			_, ok := w.conf.setOf(s.name)
			return ok && s.owner == owner && !s.lock
		})
		provisioned := map[string]string{}
		for k := range w.last.roles {
			if k.set == s {
				provisioned[k.account] = w.last.accounts[k.account]
			}
		}
		account := pick(provisioned, b, func(string, string) bool { return true })
		kind, who := "GROUP", w.anyGroup(d)
		if d%2 == 0 {
			kind, who = "USER", pick(w.last.users, d/2, func(string, string) bool { return true })
		}
		w.assign(s, account, kind, who)
		return []string{s, account, who}
	}},
	{"stranger put into a group of the config", func(w *world, a, b, d int) []string {
		g := w.confGroupID(a)
		name := w.last.groups[g].name
		u := pick(w.last.users, b, func(_, user string) bool { return w.conf.isStranger(name, user) })
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
		case x.kind == "grant+":
			r.checkJoined(e, x.grant, e.is.roles[roleKey{x.grant.set, x.grant.account}].meaning())
		case x.kind == "role" && x.wider != 0:
			for g := range e.is.grants {
				if g.set == x.role.set && g.account == x.role.account && !r.granted[g] {
					r.checkAssigned(e, g, x.wider)
					r.checkJoined(e, g, x.wider)
				}
			}
		}
	}
}

func (r *run) checkAssigned(e *event, g assignmentKey, gets bits) {
	name := e.is.principalName(g.kind, g.principal)
	if _, before := r.approved.grants[g]; before || name == "" {
		return
	}
	if _, wanted := r.conf.wants()[wantedAssignment{e.is.sets[g.set].name, e.is.accounts[g.account], name}]; wanted && g.kind == "GROUP" || !e.is.anybody(g) {
		return
	}
	if !r.w.recent(e.at, g.set, g.account, g.principal) {
		_, open := r.answered().grants[g]
		r.w.violate("P1 "+e.op+" widens a set for somebody who was assigned by hand since the plan was read"+r.since(open), "%s %q gets %07b by %q in %q", g.kind, name, gets, e.is.sets[g.set].name, e.is.accounts[g.account])
	}
}

func (r *run) checkJoined(e *event, g assignmentKey, gets bits) {
	group := r.approved.groups[g.principal].name
	if g.kind != "GROUP" || r.conf.mode == scim || gets == 0 || !r.conf.names(group) {
		return
	}
	for m := range e.is.members {
		if m.group != g.principal || r.approved.members[m] != "" || r.w.joined[m] || r.joined[m] || !r.conf.isStranger(group, e.is.users[m.user]) || r.conf.ignores("user", e.is.users[m.user]) {
			continue
		}
		if !r.w.recent(e.at, g.set, g.account, m.group, m.user) {
			open := r.answered().members[m] != ""
			r.w.violate("P1 "+e.op+" gives to somebody who was put into a group by hand since the plan was read"+r.since(open), "%q in %q gets %07b by %q in %q", e.is.users[m.user], group, gets, e.is.sets[g.set].name, e.is.accounts[g.account])
		}
	}
}

// anybody says that somebody has what an assignment gives.
func (s *snap) anybody(g assignmentKey) bool {
	if g.kind == "USER" {
		return s.users[g.principal] != ""
	}
	for m := range s.members {
		if m.group == g.principal {
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
