package plan

import (
	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/diag"
	"github.com/rolecall-dev/rolecall/internal/presence"
)

// alike is what AWS has that a missing name of the config may mean, because people
// take the two for one name: written in another case, with a stray blank, with
// letters that look alike. It stays until the name is corrected, whatever else the
// config says of what has the right name. The values are the missing names, by what
// is live.
type alike struct {
	memberships map[access.Membership]string
	assignments map[groupInAccount]string
	groups      map[int32]string
	users       map[int32]string
	// mean returns the live rows, by the desired one that is missing.
	mean struct{ users, groups, accounts map[int32][]int32 }
}

// findAlike finds it, and keeps those users of removed_users whom a missing name may
// mean. Where no name is missing, nothing is compared.
func (b *Bound) findAlike() {
	a := &b.alike
	find := presence.AlikeIn(b.Desired, b.Live)
	a.mean.users = mayMean(b.users, func(row int) []int32 {
		if b.Desired.Users[row].Remove {
			return nil
		}
		return find.User(row)
	})
	a.mean.groups, a.mean.accounts = mayMean(b.groups, find.Group), mayMean(b.accounts, find.Account)
	if len(a.mean.users)+len(a.mean.groups)+len(a.mean.accounts) == 0 {
		return
	}
	a.groups = named(a.mean.groups, func(i int32) string { return b.Desired.Groups[i].Name })
	a.users = named(a.mean.users, func(i int32) string { return b.Desired.Users[i].Username })
	b.keepMemberships()
	b.keepAssignments()
	for live, name := range a.users {
		if u := b.desiredUser[live]; u >= 0 && b.Desired.Users[u].Remove && b.users[u].handling != blocked {
			b.users[u] = binding{live: live, why: *keptForName("user", b.Live.Users[live].Username, name)}
		}
	}
}

// mayMean returns the live rows that people take for a missing desired one.
func mayMean(bound []binding, find func(row int) []int32) map[int32][]int32 {
	out := map[int32][]int32{}
	for i := range bound {
		if b := &bound[i]; b.handling != blocked || b.live >= 0 || b.why.Code == Ignored {
			continue // it is not missing
		}
		if rows := find(i); len(rows) > 0 {
			out[int32(i)] = rows
		}
	}
	return out
}

// named returns, by live row, the missing name that may mean it.
func named(mean map[int32][]int32, name func(int32) string) map[int32]string {
	out := map[int32]string{}
	for desired, rows := range mean {
		for _, live := range rows {
			if has := out[live]; has == "" || name(desired) < has {
				out[live] = name(desired)
			}
		}
	}
	return out
}

// rows returns the live rows that a desired one is, or may mean.
func rows(bound *binding, desired int32, mean map[int32][]int32) []int32 {
	if bound.live >= 0 {
		return []int32{bound.live}
	}
	return mean[desired]
}

func (b *Bound) keepMemberships() {
	a := &b.alike
	a.memberships = map[access.Membership]string{}
	for _, m := range b.Desired.Memberships {
		name := firstMissing(a.mean.users[m.User], b.Desired.Users[m.User].Username, a.mean.groups[m.Group], b.Desired.Groups[m.Group].Name)
		if name == "" {
			continue
		}
		for _, g := range rows(&b.groups[m.Group], m.Group, a.mean.groups) {
			for _, u := range rows(&b.users[m.User], m.User, a.mean.users) {
				a.memberships[access.Membership{Group: g, User: u}] = name
			}
		}
	}
}

func (b *Bound) keepAssignments() {
	a := &b.alike
	a.assignments = map[groupInAccount]string{}
	if len(a.mean.groups)+len(a.mean.accounts) == 0 {
		return
	}
	for _, g := range b.Desired.Assignments {
		if g.Kind != access.GroupPrincipal {
			continue
		}
		name := firstMissing(a.mean.accounts[g.Account], b.Desired.Accounts[g.Account].Name, a.mean.groups[g.Principal], b.Desired.Groups[g.Principal].Name)
		if name == "" {
			continue
		}
		for _, account := range rows(&b.accounts[g.Account], g.Account, a.mean.accounts) {
			for _, group := range rows(&b.groups[g.Principal], g.Principal, a.mean.groups) {
				a.assignments[groupInAccount{account, group}] = name
			}
		}
	}
}

// firstMissing returns the name of the first of two rows that is missing and may mean
// live ones; "" where neither is.
func firstMissing(aMeans []int32, a string, bMeans []int32, b string) string {
	switch {
	case len(aMeans) > 0:
		return a
	case len(bMeans) > 0:
		return b
	default:
		return ""
	}
}

// mayMeanMembership returns the missing name under which the config may want a membership;
// "" where it is none.
func (b *Bound) mayMeanMembership(m access.Membership) string {
	return b.alike.memberships[access.Membership{Group: m.Group, User: m.User}]
}

// mayMeanAssignment says so of a group's assignment.
func (b *Bound) mayMeanAssignment(g access.Assignment) *diag.Diagnostic {
	name := b.alike.assignments[groupInAccount{g.Account, g.Principal}]
	if name == "" {
		return nil
	}
	if b.alike.groups[g.Principal] == name {
		return keptForName("group", b.Live.Groups[g.Principal].Name, name)
	}
	return keptForName("account", b.Live.Accounts[g.Account].Name, name)
}
