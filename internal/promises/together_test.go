package promises

import (
	"slices"
	"strings"
)

// after is what everybody shall have when all of ours is done: the config's
// meaning for the principals that it led to when it was approved, with who is in
// them now, united with what other people's sets give.
func (r *run) after(now *snap) map[person]bits {
	out := now.power(func(g assignmentKey) bool { s := now.sets[g.set]; return s.owner != owner })
	then := r.approved
	if then == nil {
		then = now
	}
	r.addLate(out, then, now)
	for _, g := range r.conf.groups {
		id := then.groupNamed(g.name)
		if id == "" && g.previously != "" {
			id = then.groupNamed(g.previously)
		}
		if id == "" {
			id = now.groupNamed(g.name)
		}
		in := map[string]bool{}
		for m := range now.members {
			if m.group == id && !r.leaves(then, g, m) {
				in[m.user] = true
			}
		}
		if r.conf.mode != scim {
			for _, p := range g.members {
				if u := now.userNamed(personNames[p]); u != "" && !slices.Contains(r.conf.gone, p) {
					in[u] = true
				}
			}
		}
		b := r.conf.sets[g.set].meaning()
		for _, a := range g.accounts {
			account := then.accountNamed(allAccounts[a])
			if account == "" { // renamed since the accounts were read
				account = r.start.accountNamed(allAccounts[a])
			}
			for u := range in {
				out[person{u, account}] |= b
			}
		}
	}
	return out
}

// addLate adds what sets of ours give to those who came to them by others after
// the plan was approved, or whom this run is to leave alone: in the world with
// all of ours they hold what the config says of the set.
func (r *run) addLate(out map[person]bits, then, now *snap) {
	for g := range now.grants {
		_, before := then.grants[g]
		ignored := r.conf.ignoresAssignment(now, g)
		if before && !ignored && len(r.flags.only) == 0 {
			continue
		}
		if _, known := then.sets[g.set]; !known && !r.made[g.set] && !before || ignored {
			// A whole set that others made since, our mark on it or not: what it gives
			// is theirs. And whom a pattern ignores has what the set has.
			for m := range now.members {
				if m.group == g.principal {
					out[person{m.user, g.account}] |= now.roles[roleKey{g.set, g.account}].meaning()
				}
			}
			continue
		}
		set, ok := r.conf.setOf(now.sets[g.set].name)
		if !ok || now.sets[g.set].owner != owner || r.granted[g] {
			continue
		}
		gives := set.meaning()
		if !before { // the plan knows nothing of it, so it does not provision the set there
			gives |= now.roles[roleKey{g.set, g.account}].meaning()
		}
		for m := range now.members {
			if m.group == g.principal {
				out[person{m.user, g.account}] |= gives
			}
		}
		if g.kind == "USER" {
			out[person{g.principal, g.account}] |= set.meaning()
		}
	}
}

// leaves says that somebody who was in a group of ours when the plan was
// approved shall not be in it.
func (r *run) leaves(then *snap, g confGroup, m memberKey) bool {
	if r.conf.ignores("user", then.users[m.user]) {
		return false // stays, and gets what the group gets
	}
	if r.conf.mode == scim || then.groups[m.group].owner != owner || then.members[m] == "" || len(r.flags.only) > 0 {
		return false
	}
	return !slices.ContainsFunc(g.members, func(p int) bool { return personNames[p] == then.users[m.user] && !slices.Contains(r.conf.gone, p) })
}

// checkTogether is P2, after a step of ours.
func (r *run) checkTogether(e *event) {
	after := r.after(e.is)
	for p, b := range e.is.powers {
		extra := b &^ (r.before[p] | after[p])
		if extra == 0 {
			continue
		}
		r.before[p] |= extra // once
		if e.is.states[p.account] != "ACTIVE" {
			continue // what stays in an account where AWS changes nothing, and nobody can use it
		}
		ids := []string{p.user, p.account}
		for g := range e.is.grants {
			if g.account != p.account || e.is.roles[roleKey{g.set, g.account}].meaning()&extra == 0 {
				continue
			}
			if _, in := e.is.members[memberKey{g.principal, p.user}]; in || g.principal == p.user {
				ids = append(ids, g.set, g.principal)
			}
		}
		if r.w.recent(e.at, ids...) {
			continue
		}
		r.w.violate("P2 "+e.op+r.how(e, p), "%s in %s can do %07b, within neither before nor after, after %s", e.is.users[p.user], e.is.accounts[p.account], extra, e.op)
	}
}

// checkParts is P2 for what is written on a set and not provisioned yet: every
// prefix of its parts is within before and after, as anybody's assignment or
// provisioning would make it count.
func (r *run) checkParts(e *event) {
	arn := text(e.body, "PermissionSetArn")
	s, ok := e.is.sets[arn]
	want, inConfig := r.conf.setOf(s.name)
	if !ok || !inConfig || s.content == e.was.sets[arn].content || r.w.recent(e.at, arn) {
		return
	}
	extra := s.content.meaning() &^ (r.staged[arn] | want.meaning())
	for k, c := range e.is.roles {
		if k.set == arn && extra&^c.meaning() != 0 {
			r.staged[arn] |= extra // once
			r.w.violate("P2 "+e.op+": a prefix of a set's parts allows more than before and after", "%q allows %07b more", s.name, extra)
			return
		}
	}
}

// how says by what a step gave a person more.
func (r *run) how(e *event, p person) string {
	var out []string
	for _, x := range e.effects {
		word := ""
		switch {
		case x.kind == "grant+" && e.is.members[memberKey{x.grant.principal, p.user}] != "":
			word = "grant to the person's group"
		case x.kind == "grant+" && x.grant.principal == p.user:
			word = "grant to the person"
		case x.kind == "role" && x.wider != 0:
			word = "role widened for who holds it still"
		case x.kind == "member+":
			word = "joined before what goes is gone"
		default:
			continue
		}
		if !slices.Contains(out, word) {
			out = append(out, word)
		}
	}
	return ": " + strings.Join(out, ", ")
}
