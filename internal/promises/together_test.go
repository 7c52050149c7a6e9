package promises

import (
	"slices"
	"strings"

	"github.com/rolecall-dev/rolecall/internal/promises/searchtest"
)

// after is what everybody shall have when all of ours is done: the config's
// meaning for the principals that it led to when it was approved, with who is in
// them now, united with what other people's sets give.
func (r *run) after(now *snap) map[searchtest.Person]bits {
	out := now.Power(func(g searchtest.Assignment) bool { s := now.Sets[g.Set]; return s.Owner != owner })
	then := r.approved
	if then == nil {
		then = now
	}
	r.addLate(out, then, now)
	for _, g := range r.conf.groups {
		id := then.GroupNamed(g.name)
		if id == "" && g.previously != "" {
			id = then.GroupNamed(g.previously)
		}
		if id == "" {
			id = now.GroupNamed(g.name)
		}
		in := map[string]bool{}
		for m := range now.Memberships {
			if m.Group == id && !r.leaves(then, g, m) {
				in[m.User] = true
			}
		}
		if r.conf.mode != scim {
			for _, p := range g.members {
				if u := now.UserNamed(personNames[p]); u != "" && !slices.Contains(r.conf.gone, p) {
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
				out[searchtest.Person{User: u, Account: account}] |= b
			}
		}
	}
	return out
}

// addLate adds what sets of ours give to those who came to them by others after
// the plan was approved, or whom this run is to leave alone: in the world with
// all of ours they hold what the config says of the set.
func (r *run) addLate(out map[searchtest.Person]bits, then, now *snap) {
	for g := range now.Assignments {
		_, before := then.Assignments[g]
		ignored := r.conf.ignoresAssignment(now, g)
		if before && !ignored && len(r.flags.only) == 0 {
			continue
		}
		if _, known := then.Sets[g.Set]; !known && !r.made[g.Set] && !before || ignored {
			// A whole set that others made since, our mark on it or not: what it gives
			// is theirs. And whom a pattern ignores has what the set has.
			for m := range now.Memberships {
				if m.Group == g.Principal {
					out[searchtest.Person{User: m.User, Account: g.Account}] |= meaning(now.Roles[searchtest.Role{Set: g.Set, Account: g.Account}])
				}
			}
			continue
		}
		set, ok := r.conf.setOf(now.Sets[g.Set].Name)
		if !ok || now.Sets[g.Set].Owner != owner || r.granted[g] {
			continue
		}
		gives := set.meaning()
		if !before { // the plan knows nothing of it, so it does not provision the set there
			gives |= meaning(now.Roles[searchtest.Role{Set: g.Set, Account: g.Account}])
		}
		for m := range now.Memberships {
			if m.Group == g.Principal {
				out[searchtest.Person{User: m.User, Account: g.Account}] |= gives
			}
		}
		if g.Kind == "USER" {
			out[searchtest.Person{User: g.Principal, Account: g.Account}] |= set.meaning()
		}
	}
}

// leaves says that somebody who was in a group of ours when the plan was
// approved shall not be in it.
func (r *run) leaves(then *snap, g confGroup, m searchtest.Membership) bool {
	if r.conf.ignores("user", then.Users[m.User]) {
		return false // stays, and gets what the group gets
	}
	if r.conf.mode == scim || then.Groups[m.Group].Owner != owner || then.Memberships[m] == "" || len(r.flags.only) > 0 {
		return false
	}
	return !slices.ContainsFunc(g.members, func(p int) bool { return personNames[p] == then.Users[m.User] && !slices.Contains(r.conf.gone, p) })
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
		if e.is.States[p.Account] != "ACTIVE" {
			continue // what stays in an account where AWS changes nothing, and nobody can use it
		}
		ids := []string{p.User, p.Account}
		for g := range e.is.Assignments {
			if g.Account != p.Account || meaning(e.is.Roles[searchtest.Role{Set: g.Set, Account: g.Account}])&extra == 0 {
				continue
			}
			if _, in := e.is.Memberships[searchtest.Membership{Group: g.Principal, User: p.User}]; in || g.Principal == p.User {
				ids = append(ids, g.Set, g.Principal)
			}
		}
		if r.w.recent(e.at, ids...) {
			continue
		}
		r.w.violate("P2 "+e.op+r.how(e, p), "%s in %s can do %07b, within neither before nor after, after %s", e.is.Users[p.User], e.is.Accounts[p.Account], extra, e.op)
	}
}

// checkParts is P2 for what is written on a set and not provisioned yet: every
// prefix of its parts is within before and after, as anybody's assignment or
// provisioning would make it count.
func (r *run) checkParts(e *event) {
	arn := text(e.body, "PermissionSetArn")
	s, ok := e.is.Sets[arn]
	want, inConfig := r.conf.setOf(s.Name)
	if !ok || !inConfig || s.Content == e.was.Sets[arn].Content || r.w.recent(e.at, arn) {
		return
	}
	extra := meaning(s.Content) &^ (r.staged[arn] | want.meaning())
	for k, c := range e.is.Roles {
		if k.Set == arn && extra&^meaning(c) != 0 {
			r.staged[arn] |= extra // once
			r.w.violate("P2 "+e.op+": a prefix of a set's parts allows more than before and after", "%q allows %07b more", s.Name, extra)
			return
		}
	}
}

// how says by what a step gave a person more.
func (r *run) how(e *event, p searchtest.Person) string {
	var out []string
	for _, x := range e.effects {
		word := ""
		switch {
		case x.Kind == "assignment+" && e.is.Memberships[searchtest.Membership{Group: x.Assignment.Principal, User: p.User}] != "":
			word = "grant to the person's group"
		case x.Kind == "assignment+" && x.Assignment.Principal == p.User:
			word = "grant to the person"
		case x.Kind == "role" && x.Wider != 0:
			word = "role widened for who holds it still"
		case x.Kind == "member+":
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
