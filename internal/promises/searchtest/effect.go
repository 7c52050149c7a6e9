package searchtest

import (
	"slices"
	"strings"
)

// Effect is one difference between two moments.
type Effect struct {
	Kind            string // assignment+ assignment- member+ member- role set+ set- group+ group- user+ user-
	Assignment      Assignment
	Membership      Membership
	Role            Role
	ID              string
	Wider, Narrower Bits // of a role
}

// Diff returns how b differs from s, in an order that does not depend on chance.
func (s *Snapshot) Diff(b *Snapshot) (out []Effect) {
	cameAndWent(s.Assignments, b.Assignments, func(sign string, g Assignment) {
		out = append(out, Effect{Kind: "assignment" + sign, Assignment: g})
	})
	cameAndWent(s.Memberships, b.Memberships, func(sign string, m Membership) {
		out = append(out, Effect{Kind: "member" + sign, Membership: m})
	})
	for r, c := range b.Roles {
		if had, ok := s.Roles[r]; ok && had != c {
			was, is := s.allows(had), s.allows(c)
			out = append(out, Effect{Kind: "role", Role: r, Wider: is &^ was, Narrower: was &^ is})
		}
	}
	thing := func(kind string) func(sign, id string) {
		return func(sign, id string) { out = append(out, Effect{Kind: kind + sign, ID: id}) }
	}
	cameAndWent(s.Sets, b.Sets, thing("set"))
	cameAndWent(s.Groups, b.Groups, thing("group"))
	cameAndWent(s.Users, b.Users, thing("user"))
	slices.SortFunc(out, func(x, y Effect) int { return strings.Compare(x.Key(), y.Key()) })
	return out
}

func cameAndWent[K comparable, V any](was, is map[K]V, note func(sign string, key K)) {
	for key := range is {
		if _, had := was[key]; !had {
			note("+", key)
		}
	}
	for key := range was {
		if _, has := is[key]; !has {
			note("-", key)
		}
	}
}

// Key names what the effect is about, to know it again when a job has it.
func (e Effect) Key() string { return e.Kind + strings.Join(e.Objects(), "") }

// Objects are the ids of what the effect is about.
func (e Effect) Objects() []string {
	switch e.Kind {
	case "assignment+", "assignment-":
		return []string{e.Assignment.Set, e.Assignment.Account, e.Assignment.Principal}
	case "member+", "member-":
		return []string{e.Membership.Group, e.Membership.User}
	case "role":
		return []string{e.Role.Set, e.Role.Account}
	}
	return []string{e.ID}
}

// Expected returns the keys of what the job that a call starts will do, now that AWS
// is as in s.
func (s *Snapshot) Expected(op, set, account, principal string) (keys []string) {
	g := Assignment{Set: set, Account: account, Principal: principal}
	role := func(r Role) string { return Effect{Kind: "role", Role: r}.Key() }
	switch op {
	case "CreateAccountAssignment":
		keys = append(keys, Effect{Kind: "assignment+", Assignment: g}.Key(), role(Role{set, account}))
	case "DeleteAccountAssignment":
		keys = append(keys, Effect{Kind: "assignment-", Assignment: g}.Key())
	case "ProvisionPermissionSet":
		for r := range s.Roles {
			if r.Set == set && (account == "" || r.Account == account) {
				keys = append(keys, role(r))
			}
		}
	}
	return keys
}
