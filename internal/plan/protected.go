package plan

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/diag"
	"github.com/rolecall-dev/rolecall/internal/presence"
)

// protection knows what protected names stand for. The values are the protected
// name; "" is what nothing protects.
type protection struct {
	names map[string]bool
	// groups and users are those protected themselves, by id, whichever of
	// their names before and after the plan is protected.
	groups, users map[string]string
	// through are the groups, by id, that a protected user is in, or may be in
	// because their members were not read.
	through map[string]string
	// inGroup are the users, by id, who are in a protected group.
	inGroup map[string]string
	// sets are the permission sets, by name, that something protected holds now
	// or after the plan.
	sets map[string]string
}

func (b *Bound) protect(names []string) *protection {
	p := &protection{names: map[string]bool{}, groups: map[string]string{}, users: map[string]string{},
		through: map[string]string{}, inGroup: map[string]string{}, sets: map[string]string{}}
	for _, n := range names {
		p.names[n] = true
	}
	for i, g := range b.Live.Groups {
		p.note(p.groups, g.ID, g.Name)
		if want := b.desiredGroup[i]; want >= 0 {
			p.note(p.groups, g.ID, b.Desired.Groups[want].Name)
			p.note(p.groups, g.ID, b.Desired.Groups[want].Previously)
		}
	}
	for i, u := range b.Live.Users {
		p.note(p.users, u.ID, u.Username)
		if want := b.desiredUser[i]; want >= 0 {
			p.note(p.users, u.ID, b.Desired.Users[want].Username)
		}
	}
	b.followMembers(p)
	b.followAssignments(p)
	return p
}

// note remembers that a row goes by a name, where that one is protected.
func (p *protection) note(rows map[string]string, id, name string) {
	if p.names[name] {
		follow(rows, id, name)
	}
}

// follow remembers that a row has what is protected by a name.
func follow(rows map[string]string, id, name string) {
	if name != "" && rows[id] == "" {
		rows[id] = name
	}
}

func (b *Bound) followMembers(p *protection) {
	for _, m := range b.Live.Memberships {
		group, user := b.Live.Groups[m.Group].ID, b.Live.Users[m.User].ID
		follow(p.through, group, p.users[user])
		follow(p.inGroup, user, p.groups[group])
	}
	for _, u := range b.Live.Users {
		if p.users[u.ID] == "" {
			continue
		}
		for _, g := range b.Live.Groups {
			if !b.Live.Observed.Members[g.ID] {
				follow(p.through, g.ID, p.users[u.ID])
			}
		}
	}
}

func (b *Bound) followAssignments(p *protection) {
	for _, g := range b.Live.Assignments {
		set := b.Live.Sets[g.Set].Name
		switch g.Kind {
		case access.GroupPrincipal:
			id := b.Live.Groups[g.Principal].ID
			follow(p.sets, set, p.groups[id])
			follow(p.sets, set, p.through[id])
		case access.UserPrincipal:
			follow(p.sets, set, p.users[b.Live.Users[g.Principal].ID])
		default:
			continue
		}
		follow(p.sets, set, p.account(b.Live.Accounts[g.Account]))
	}
	for _, a := range b.Live.Accounts {
		name := p.account(a)
		if name == "" {
			continue
		}
		for _, s := range b.Live.Sets {
			if slices.Contains(s.Provisioned, a.ID) {
				follow(p.sets, s.Name, name)
			}
		}
	}
	b.followDesired(p)
}

// followDesired follows groups and users to the sets that they shall hold.
func (b *Bound) followDesired(p *protection) {
	through := map[int32]string{}
	for _, m := range b.Desired.Memberships {
		if name := b.Desired.Users[m.User].Username; p.names[name] {
			through[m.Group] = name
		}
	}
	for _, g := range b.Desired.Assignments {
		if g.Kind != access.GroupPrincipal {
			continue
		}
		set := b.Desired.Sets[g.Set].Name
		if name := b.Desired.Groups[g.Principal].Name; p.names[name] {
			follow(p.sets, set, name)
		}
		if live := b.groups[g.Principal].live; live >= 0 {
			id := b.Live.Groups[live].ID
			follow(p.sets, set, p.groups[id])
			if !b.Live.Observed.Members[id] {
				follow(p.sets, set, p.through[id])
			}
		}
		follow(p.sets, set, through[g.Principal])
	}
}

// account returns the protected name of an account: its name or its id.
func (p *protection) account(a access.Account) string { return p.first(a.Names()...) }

// first returns the first of the names that is protected.
func (p *protection) first(names ...string) string {
	for _, n := range names {
		if n != "" && p.names[n] {
			return n
		}
	}
	return ""
}

// loses says what a change takes from something protected.
func (p *protection) loses(c Change) string {
	group, user := c.Refs.GroupID, c.Refs.UserID
	switch {
	case c.Kind == Assignment && c.Action == Delete && c.Key.OrphanID == "":
		account := p.account(access.Account{Name: c.Key.AccountName, ID: c.Key.Account})
		return p.loss(p.first(c.Key.Group, c.Key.User, c.Key.PermissionSet, account), p.groups[group], p.users[user], p.through[group])
	case c.Kind == Membership && c.Action == Delete:
		return p.loss(p.first(c.Key.Group, c.Key.User), p.groups[group], p.users[user])
	case c.Kind == Group && c.Action == Delete:
		return p.loss(p.first(c.Key.Group), p.groups[group], p.through[group])
	case c.Kind == User && c.Action == Delete:
		return p.loss(p.first(c.Key.User), p.users[user], p.inGroup[user])
	case c.Kind == PermissionSet && c.Action == Delete, narrows(c):
		return p.loss(p.first(c.Key.PermissionSet), p.sets[c.Key.PermissionSet])
	}
	return ""
}

// loss explains a loss of what is protected by a name, or else of what has access
// through it; all may be "".
func (p *protection) loss(name string, via ...string) string {
	if name != "" {
		return fmt.Sprintf("%q is protected", name)
	}
	if name := cmp.Or(via...); name != "" {
		return fmt.Sprintf("%q is protected and has access through it", name)
	}
	return ""
}

// warnUnknownProtected warns of a protected name that nothing has, now or in the
// config: a slip of the pen there would protect nothing, in silence.
func (p *guarded) warnUnknownProtected(names []string) {
	if !p.options.Scope.all() {
		return // not everything was looked at
	}
	known := map[string]bool{}
	for _, s := range []*access.State{p.Live, p.Desired} {
		for _, a := range s.Accounts {
			for _, name := range a.Names() {
				known[name] = true
			}
		}
		for _, u := range s.Users {
			known[u.Username], known[u.Previously] = true, true
		}
		for _, g := range s.Groups {
			known[g.Name], known[g.Previously] = true, true
		}
		for _, set := range s.Sets {
			known[set.Name] = true
		}
	}
	delete(known, "")
	all := slices.Sorted(maps.Keys(known))
	for _, name := range names {
		if known[name] {
			continue
		}
		hint := "Correct the name under `protected`, or remove it."
		if near := presence.Meant(name, all); near != "" {
			hint = fmt.Sprintf("Did you mean %q? ", near) + hint
		}
		p.Findings = append(p.Findings, diag.Diagnostic{Severity: diag.Warning, Code: ProtectedUnknown,
			Summary: fmt.Sprintf("%q is protected, and no account, group, permission set or user of that name was seen", name), Hint: hint})
	}
}
