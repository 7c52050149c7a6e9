// Package searchtest is what the searches for a broken promise share, the one over
// runs and the one over Terraform: snapshots of who has what in the emulator, how two
// of them differ, and calls by hand.
//
// It reads the emulator's state alone, none of rolecall's own code, so that it is not
// wrong where that is. What a policy allows is each search's to say. Only tests may
// import it.
package searchtest

import (
	"regexp"
	"strings"

	"github.com/rolecall-dev/rolecall/emulator"
)

// The keys of a snapshot, by ids.
type (
	Assignment struct{ Set, Account, Kind, Principal string }
	Role       struct{ Set, Account string }
	Membership struct{ Group, User string }
	Person     struct{ User, Account string } // a person in an account
)

// Set is a permission set. Lock says that it is the lock of a run, by its name.
type Set struct {
	Name, Owner string
	Lock        bool
	Tags        map[string]string
	Content     Content
	State       emulator.StatePermissionSet // everything on it
}

// Group is a group; Owner and Words are those of the mark in its description.
type Group struct{ Name, Description, Owner, Words string }

// Content is what a set or a role has on it, comparable: policies are joined by commas.
type Content struct{ Managed, Customer, Inline, Boundary string }

// Bits are what somebody may do, as a small mask.
type Bits uint16

// Snapshot is AWS at one moment.
type Snapshot struct {
	Accounts, States map[string]string // id -> name, state
	Users            map[string]string // id -> user name
	Groups           map[string]Group
	Memberships      map[Membership]string // -> membership id
	Sets             map[string]Set        // by ARN
	Assignments      map[Assignment]bool   // true: an orphan
	Roles            map[Role]Content
	Stale            map[Role]bool // roles that lack an edit of their set

	allows func(Content) Bits
}

// Of takes a snapshot; allows says what a content allows.
func Of(e *emulator.Emulator, allows func(Content) Bits) *Snapshot {
	state := e.State()
	i := state.Instances[0]
	s := &Snapshot{
		Accounts: map[string]string{}, States: map[string]string{}, Users: map[string]string{}, Groups: map[string]Group{}, Memberships: map[Membership]string{},
		Sets: map[string]Set{}, Assignments: map[Assignment]bool{}, Roles: map[Role]Content{}, Stale: map[Role]bool{}, allows: allows,
	}
	for _, a := range state.Accounts {
		s.Accounts[a.ID], s.States[a.ID] = a.Name, a.State
	}
	users, groups, arns := map[string]string{}, map[string]string{}, map[string]string{} // name -> id
	for _, u := range i.Users {
		s.Users[u.ID], users[u.UserName] = u.UserName, u.ID
	}
	for _, g := range i.Groups {
		s.Groups[g.ID], groups[g.DisplayName] = groupOf(g), g.ID
	}
	for _, m := range i.Memberships {
		s.Memberships[Membership{groups[m.Group], users[m.User]}] = m.ID
	}
	for _, p := range i.PermissionSets {
		arns[p.Name] = p.ARN
		s.Sets[p.ARN] = Set{p.Name, p.Tags["rolecall:owner"], strings.HasPrefix(p.Name, "rolecall-lock-"), p.Tags, contentOf(p.StateContent), p}
	}
	for _, a := range i.Assignments {
		s.Assignments[Assignment{arns[a.PermissionSet], a.Account, a.PrincipalType, a.PrincipalID}] = a.Orphan
	}
	for _, r := range i.Roles {
		key := Role{arns[r.PermissionSet], r.Account}
		s.Roles[key] = contentOf(r.Content)
		if !r.Latest {
			s.Stale[key] = true
		}
	}
	return s
}

func contentOf(c emulator.StateContent) Content {
	return Content{strings.Join(c.AWSManagedPolicies, ","), strings.Join(c.CustomerManagedPolicies, ","), c.InlinePolicy, c.PermissionsBoundary}
}

var markForm = regexp.MustCompile(`(?:^| )\[rolecall:([A-Za-z0-9-]{1,18})((?: (?:terraform|unfinished-[0-9a-f]+))*)\]$`)

func groupOf(g emulator.StateGroup) Group {
	out := Group{Name: g.DisplayName, Description: g.Description}
	if m := markForm.FindStringSubmatch(g.Description); m != nil {
		out.Owner, out.Words = m[1], m[2]
	}
	return out
}

// Power says what each person can do in each account, through the assignments that
// count.
func (s *Snapshot) Power(counts func(Assignment) bool) map[Person]Bits {
	in := map[string][]string{} // group -> users
	for m := range s.Memberships {
		in[m.Group] = append(in[m.Group], m.User)
	}
	out := map[Person]Bits{}
	for g := range s.Assignments {
		if !counts(g) {
			continue
		}
		b := s.allows(s.Roles[Role{g.Set, g.Account}])
		if b == 0 {
			continue
		}
		if g.Kind == "USER" {
			if s.Users[g.Principal] != "" {
				out[Person{g.Principal, g.Account}] |= b
			}
			continue
		}
		for _, u := range in[g.Principal] {
			out[Person{u, g.Account}] |= b
		}
	}
	return out
}

// SetNamed returns the ARN, "" where there is none.
func (s *Snapshot) SetNamed(name string) string {
	return named(s.Sets, func(p Set) bool { return p.Name == name })
}

// GroupNamed returns the id, "" where there is none.
func (s *Snapshot) GroupNamed(name string) string {
	return named(s.Groups, func(g Group) bool { return g.Name == name })
}

// UserNamed returns the id, "" where there is none.
func (s *Snapshot) UserNamed(name string) string {
	return named(s.Users, func(user string) bool { return user == name })
}

func named[V any](all map[string]V, is func(V) bool) string {
	for id, v := range all {
		if is(v) {
			return id
		}
	}
	return ""
}

// Altered returns the ids of what is called, marked, described or filled otherwise in
// b; same compares all of a set that counts.
func (s *Snapshot) Altered(b *Snapshot, same func(was, is Set) bool) (ids []string) {
	for id, name := range b.Accounts {
		if s.Accounts[id] != name || s.States[id] != b.States[id] {
			ids = append(ids, id)
		}
	}
	for id, g := range b.Groups {
		if s.Groups[id] != g {
			ids = append(ids, id)
		}
	}
	for id, p := range b.Sets {
		if !same(s.Sets[id], p) {
			ids = append(ids, id)
		}
	}
	return ids
}
