// Package model says what a state is after a change, as AWS would have it. The
// property tests hold the planner, the engine and AWS against it, and Terraform
// falls back on it where it cannot read AWS after an apply.
//
// It promises to be pure, and applies nothing anywhere. It knows no time: what AWS
// does a little later, it does at once.
package model

import (
	"maps"
	"slices"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/plan"
)

// After returns the state after the changes, in their order.
func After(s access.State, changes ...plan.Change) access.State {
	for _, c := range changes {
		m := Of(s)
		m.apply(c)
		s = m.State()
	}
	return s
}

// Model is a state with ids instead of indices, so that rows can come and go.
type Model struct {
	Accounts    []access.Account
	Groups      []access.Group
	users       []access.User
	sets        []access.PermissionSet
	orphans     []access.Orphan
	memberships []membership
	assignments []assignment
	observed    access.Observed
	evidence    []access.Recorded
}

type membership struct{ groupID, userID string }

type assignment struct {
	set, account, principal string // ARN, id, id
	kind                    access.PrincipalKind
}

// Of returns the model of a state.
func Of(s access.State) *Model {
	m := &Model{Accounts: slices.Clone(s.Accounts), users: slices.Clone(s.Users), Groups: slices.Clone(s.Groups),
		sets: slices.Clone(s.Sets), orphans: slices.Clone(s.Orphans), observed: s.Observed, evidence: s.Evidence}
	for _, x := range s.Memberships {
		m.memberships = append(m.memberships, membership{s.Groups[x.Group].ID, s.Users[x.User].ID})
	}
	for _, g := range s.Assignments {
		m.assignments = append(m.assignments, assignment{s.Sets[g.Set].ARN, s.Accounts[g.Account].ID, s.PrincipalID(g), g.Kind})
	}
	return m
}

// State returns the state that the model is of now.
func (m *Model) State() access.State {
	var b access.Builder
	b.Observed, b.Evidence = m.observed, m.evidence
	handles := map[string]int32{}
	for _, a := range m.Accounts {
		handles[a.ID] = b.AddAccount(a)
	}
	for _, u := range m.users {
		handles[u.ID] = b.AddUser(u)
	}
	for _, g := range m.Groups {
		handles[g.ID] = b.AddGroup(g)
	}
	for _, p := range m.sets {
		handles[p.ARN] = b.AddSet(p)
	}
	for _, o := range m.orphans {
		handles[o.ID] = b.AddOrphan(o)
	}
	for _, x := range m.memberships {
		b.AddMembership(handles[x.groupID], handles[x.userID], 0)
	}
	for _, g := range m.assignments {
		b.AddAssignment(access.Assignment{Set: handles[g.set], Account: handles[g.account], Kind: g.kind, Principal: handles[g.principal]})
	}
	return b.State()
}

func (m *Model) apply(c plan.Change) {
	switch c.Kind {
	case plan.User:
		m.applyUser(c)
	case plan.Group:
		m.applyGroup(c)
	case plan.Membership:
		m.applyMembership(c)
	case plan.Assignment:
		m.applyAssignment(c)
	case plan.PermissionSet:
		m.applySet(c)
	case plan.Provisioning:
		m.editSet(c, func(p *access.PermissionSet) {
			p.Outdated = slices.DeleteFunc(slices.Clone(p.Outdated), func(a string) bool { return slices.Contains(c.After.Accounts, a) })
		})
	case plan.Record:
		m.editSet(c, func(p *access.PermissionSet) { m.record(p, *c.After.Record) })
	default:
		m.editSet(c, c.Edit)
	}
}

// madeID is the id that the model gives to what a plan creates.
func madeID(kind plan.Kind, name string) string { return "made:" + string(kind) + ":" + name }

func (m *Model) applyUser(c plan.Change) {
	switch c.Action {
	case plan.Create:
		u := *c.After.User
		u.ID = madeID(plan.User, u.Username)
		m.users = append(m.users, u)
	case plan.Update:
		i := slices.IndexFunc(m.users, func(u access.User) bool { return u.ID == c.Refs.UserID })
		u := *c.After.User
		u.ID, u.SCIM, u.Disabled = m.users[i].ID, m.users[i].SCIM, m.users[i].Disabled
		m.users[i] = u
	case plan.Delete:
		m.users = slices.DeleteFunc(m.users, func(u access.User) bool { return u.ID == c.Refs.UserID })
		m.principalGone(c.Refs.UserID, access.UserPrincipal)
	}
}

// principalGone ends the memberships of a principal that is deleted, and leaves its
// assignments behind, as AWS does.
func (m *Model) principalGone(id string, kind access.PrincipalKind) {
	m.memberships = slices.DeleteFunc(m.memberships, func(x membership) bool { return x.userID == id || x.groupID == id })
	for i, g := range m.assignments {
		if g.principal == id && g.kind == kind {
			m.assignments[i].kind = access.OrphanPrincipal
			if !slices.ContainsFunc(m.orphans, func(o access.Orphan) bool { return o.ID == id }) {
				m.orphans = append(m.orphans, access.Orphan{Kind: kind, ID: id})
			}
		}
	}
}

// applyGroup is applyUser over other fields: what the two share is these few lines.
func (m *Model) applyGroup(c plan.Change) {
	switch c.Action {
	case plan.Create:
		g := *c.After.Group
		g.ID = madeID(plan.Group, g.Name)
		m.Groups = append(m.Groups, g)
		m.observed.Members, m.observed.Uses = also(m.observed.Members, g.ID), also(m.observed.Uses, g.ID)
	case plan.Update:
		i := slices.IndexFunc(m.Groups, func(g access.Group) bool { return g.ID == c.Refs.GroupID })
		m.Groups[i].Name, m.Groups[i].Description, m.Groups[i].Owner = c.After.Group.Name, c.After.Group.Description, c.After.Group.Owner
	case plan.Delete:
		m.Groups = slices.DeleteFunc(m.Groups, func(g access.Group) bool { return g.ID == c.Refs.GroupID })
		m.principalGone(c.Refs.GroupID, access.GroupPrincipal)
	}
}

// also is what was read, and something that was just made.
func also(read map[string]bool, id string) map[string]bool {
	out := map[string]bool{id: true}
	maps.Copy(out, read)
	return out
}

func (m *Model) groupID(c plan.Change) string {
	return idOf(c.Refs.GroupID, m.Groups, func(g access.Group) (id, name string) { return g.ID, g.Name }, c.Key.Group)
}

func (m *Model) userID(c plan.Change) string {
	return idOf(c.Refs.UserID, m.users, func(u access.User) (id, name string) { return u.ID, u.Username }, c.Key.User)
}

func (m *Model) setARN(c plan.Change) string {
	return idOf(c.Refs.PermissionSetARN, m.sets, func(p access.PermissionSet) (id, name string) { return p.ARN, p.Name }, c.Key.PermissionSet)
}

// idOf returns the id that something had when the plan was made, or else that of the
// row with its name, which the plan has made meanwhile.
func idOf[T any](ref string, rows []T, of func(T) (id, name string), wants string) string {
	for i := 0; ref == ""; i++ {
		if id, name := of(rows[i]); name == wants {
			ref = id
		}
	}
	return ref
}

func (m *Model) applyMembership(c plan.Change) {
	x := membership{m.groupID(c), m.userID(c)}
	m.memberships = with(m.memberships, x, c.Action == plan.Create)
}

// with returns a list with a row at its end, or without it.
func with[T comparable](list []T, row T, there bool) []T {
	list = slices.DeleteFunc(slices.Clone(list), func(x T) bool { return x == row })
	if there {
		list = append(list, row)
	}
	return list
}

func (m *Model) applyAssignment(c plan.Change) {
	g := assignment{set: m.setARN(c), account: c.Key.Account}
	switch {
	case c.Key.OrphanID != "":
		g.kind, g.principal = access.OrphanPrincipal, c.Key.OrphanID
	case c.Key.User != "":
		g.kind, g.principal = access.UserPrincipal, m.userID(c)
	default:
		g.kind, g.principal = access.GroupPrincipal, m.groupID(c)
	}
	m.assignments = with(m.assignments, g, c.Action == plan.Create)
	m.orphans = slices.DeleteFunc(m.orphans, func(o access.Orphan) bool {
		return !slices.ContainsFunc(m.assignments, func(g assignment) bool { return g.principal == o.ID })
	})
	// AWS provisions a set with its first assignment in an account and takes the role
	// away with the last.
	used := slices.ContainsFunc(m.assignments, func(h assignment) bool { return h.set == g.set && h.account == g.account })
	m.editSet(c, func(p *access.PermissionSet) {
		p.Provisioned, p.Outdated = with(p.Provisioned, g.account, used), with(p.Outdated, g.account, false)
	})
}

func (m *Model) applySet(c plan.Change) {
	switch c.Action {
	case plan.Create:
		p := *c.After.PermissionSet
		p.ARN = madeID(plan.PermissionSet, p.Name)
		m.sets = append(m.sets, p)
		m.observed.SetUses = also(m.observed.SetUses, p.ARN)
	case plan.Update:
		m.editSet(c, func(p *access.PermissionSet) {
			v := c.After.PermissionSet
			p.Description, p.SessionDuration, p.RelayState = v.Description, v.SessionDuration, v.RelayState
			p.Outdated = slices.Clone(p.Provisioned)
		})
	case plan.Delete:
		arn := m.setARN(c)
		m.sets = slices.DeleteFunc(m.sets, func(p access.PermissionSet) bool { return p.ARN == arn })
	}
}

// record writes down who is meant; what the plan has made has an id now.
func (m *Model) record(p *access.PermissionSet, r access.Record) {
	r = access.Record{Principals: slices.Clone(r.Principals), Accounts: r.Accounts, Plans: r.Plans}
	for i, who := range r.Principals {
		if who.ID == "" {
			r.Principals[i].ID = m.groupID(plan.Change{Key: plan.Key{Group: who.Name}})
		}
	}
	p.Record, p.Unfinished = access.ParseRecord(r.Tags(p.Owner, p.ARN)), ""
}

func (m *Model) editSet(c plan.Change, edit func(*access.PermissionSet)) {
	arn := m.setARN(c)
	i := slices.IndexFunc(m.sets, func(p access.PermissionSet) bool { return p.ARN == arn })
	p := m.sets[i]
	p.ManagedPolicies, p.CustomerPolicies = slices.Clone(p.ManagedPolicies), slices.Clone(p.CustomerPolicies)
	edit(&p)
	m.sets[i] = p
}
