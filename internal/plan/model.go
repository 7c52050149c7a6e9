package plan

import (
	"slices"

	"github.com/rolecall-dev/rolecall/internal/access"
)

// ApplyTo gives the state after the change, as AWS would have it. It is pure:
// the model that the property tests hold the engine and AWS against, not what
// applies anything.
func (c Change) ApplyTo(s access.State) access.State {
	m := newModel(s)
	m.apply(c)
	return m.state()
}

// model is a state with names instead of indices, so that rows can come and go.
type model struct {
	accounts []access.Account
	users    []access.User
	groups   []access.Group
	sets     []access.PermissionSet
	orphans  []access.Orphan
	members  []member
	grants   []grant
	observed access.Observed
	evidence []access.Recorded
}

type member struct{ groupID, userID string }

type grant struct {
	set, account, principal string // ARN, id, id
	kind                    access.PrincipalKind
}

func newModel(s access.State) *model {
	m := &model{accounts: slices.Clone(s.Accounts), users: slices.Clone(s.Users), groups: slices.Clone(s.Groups),
		sets: slices.Clone(s.Sets), orphans: slices.Clone(s.Orphans), observed: s.Observed, evidence: s.Evidence}
	for _, x := range s.Memberships {
		m.members = append(m.members, member{s.Groups[x.Group].ID, s.Users[x.User].ID})
	}
	for _, g := range s.Grants {
		m.grants = append(m.grants, grant{s.Sets[g.Set].ARN, s.Accounts[g.Account].ID, principalID(s, g), g.Kind})
	}
	return m
}

func principalID(s access.State, g access.Grant) string {
	switch g.Kind {
	case access.GroupPrincipal:
		return s.Groups[g.Principal].ID
	case access.UserPrincipal:
		return s.Users[g.Principal].ID
	default:
		return s.Orphans[g.Principal].ID
	}
}

func (m *model) state() access.State {
	var b access.Builder
	b.Observed, b.Evidence = m.observed, m.evidence
	handles := map[string]int32{}
	for _, a := range m.accounts {
		handles[a.ID] = b.AddAccount(a)
	}
	for _, u := range m.users {
		handles[u.ID] = b.AddUser(u)
	}
	for _, g := range m.groups {
		handles[g.ID] = b.AddGroup(g)
	}
	for _, p := range m.sets {
		handles[p.ARN] = b.AddSet(p)
	}
	for _, o := range m.orphans {
		handles[o.ID] = b.AddOrphan(o)
	}
	for _, x := range m.members {
		b.AddMembership(handles[x.groupID], handles[x.userID], 0)
	}
	for _, g := range m.grants {
		b.AddGrant(access.Grant{Set: handles[g.set], Account: handles[g.account], Kind: g.kind, Principal: handles[g.principal]})
	}
	return b.State()
}

func (m *model) apply(c Change) {
	switch c.Kind {
	case User:
		m.applyUser(c)
	case Group:
		m.applyGroup(c)
	case Membership:
		m.applyMembership(c)
	case Assignment:
		m.applyAssignment(c)
	case PermissionSet:
		m.applySet(c)
	case Provisioning:
		m.editSet(c, func(p *access.PermissionSet) {
			p.Outdated = slices.DeleteFunc(slices.Clone(p.Outdated), func(a string) bool { return slices.Contains(c.After.Accounts, a) })
		})
	case Record:
		m.editSet(c, func(p *access.PermissionSet) { m.record(p, *c.After.Record) })
	default:
		m.editSet(c, func(p *access.PermissionSet) { applyPart(p, c) })
	}
}

// madeID is the id that the model gives to what a plan creates.
func madeID(kind Kind, name string) string { return "made:" + string(kind) + ":" + name }

func (m *model) applyUser(c Change) {
	switch c.Action {
	case Create:
		u := *c.After.User
		u.ID = madeID(User, u.Username)
		m.users = append(m.users, u)
	case Update:
		i := slices.IndexFunc(m.users, func(u access.User) bool { return u.ID == c.Refs.UserID })
		u := *c.After.User
		u.ID, u.SCIM, u.Disabled = m.users[i].ID, m.users[i].SCIM, m.users[i].Disabled
		m.users[i] = u
	case Delete:
		id := c.Refs.UserID
		m.users = slices.DeleteFunc(m.users, func(u access.User) bool { return u.ID == id })
		m.members = slices.DeleteFunc(m.members, func(x member) bool { return x.userID == id })
		m.orphan(id, access.UserPrincipal)
	}
}

// orphan leaves the grants of a principal that is deleted behind, as AWS does.
func (m *model) orphan(id string, kind access.PrincipalKind) {
	for i, g := range m.grants {
		if g.principal == id && g.kind == kind {
			m.grants[i].kind = access.OrphanPrincipal
			if !slices.ContainsFunc(m.orphans, func(o access.Orphan) bool { return o.ID == id }) {
				m.orphans = append(m.orphans, access.Orphan{Kind: kind, ID: id})
			}
		}
	}
}

func (m *model) applyGroup(c Change) {
	switch c.Action {
	case Create:
		g := *c.After.Group
		g.ID = madeID(Group, g.Name)
		m.groups = append(m.groups, g)
		m.observed = observeAlso(m.observed, g.ID)
	case Update:
		i := slices.IndexFunc(m.groups, func(g access.Group) bool { return g.ID == c.Refs.GroupID })
		m.groups[i].Name, m.groups[i].Description, m.groups[i].Owner = c.After.Group.Name, c.After.Group.Description, c.After.Group.Owner
	case Delete:
		id := c.Refs.GroupID
		m.groups = slices.DeleteFunc(m.groups, func(g access.Group) bool { return g.ID == id })
		m.members = slices.DeleteFunc(m.members, func(x member) bool { return x.groupID == id })
		m.orphan(id, access.GroupPrincipal)
	}
}

// observeAlso says of a group that was just made that all of it is known.
func observeAlso(o access.Observed, id string) access.Observed {
	members, uses := map[string]bool{id: true}, map[string]bool{id: true}
	for k, v := range o.Members {
		members[k] = v
	}
	for k, v := range o.Uses {
		uses[k] = v
	}
	o.Members, o.Uses = members, uses
	return o
}

func (m *model) groupID(c Change) string {
	if c.Refs.GroupID != "" {
		return c.Refs.GroupID
	}
	i := slices.IndexFunc(m.groups, func(g access.Group) bool { return g.Name == c.Key.Group })
	return m.groups[i].ID
}

func (m *model) userID(c Change) string {
	if c.Refs.UserID != "" {
		return c.Refs.UserID
	}
	i := slices.IndexFunc(m.users, func(u access.User) bool { return u.Username == c.Key.User })
	return m.users[i].ID
}

func (m *model) applyMembership(c Change) {
	x := member{m.groupID(c), m.userID(c)}
	m.members = slices.DeleteFunc(m.members, func(y member) bool { return x == y })
	if c.Action == Create {
		m.members = append(m.members, x)
	}
}

func (m *model) applyAssignment(c Change) {
	g := grant{set: m.setARN(c), account: c.Key.Account}
	switch {
	case c.Key.OrphanID != "":
		g.kind, g.principal = access.OrphanPrincipal, c.Key.OrphanID
	case c.Key.User != "":
		g.kind, g.principal = access.UserPrincipal, m.userID(c)
	default:
		g.kind, g.principal = access.GroupPrincipal, m.groupID(c)
	}
	m.grants = slices.DeleteFunc(m.grants, func(h grant) bool { return g == h })
	if c.Action == Create {
		m.grants = append(m.grants, g)
	}
	m.orphans = slices.DeleteFunc(m.orphans, func(o access.Orphan) bool {
		return !slices.ContainsFunc(m.grants, func(g grant) bool { return g.principal == o.ID })
	})
	m.reprovision(g.set, g.account)
}

// reprovision keeps the accounts of a set in step with its assignments: AWS
// provisions a set with its first assignment in an account and takes the role
// away with the last.
func (m *model) reprovision(set, account string) {
	used := slices.ContainsFunc(m.grants, func(g grant) bool { return g.set == set && g.account == account })
	for i := range m.sets {
		if m.sets[i].ARN != set {
			continue
		}
		without := func(list []string) []string {
			return slices.DeleteFunc(slices.Clone(list), func(a string) bool { return a == account })
		}
		m.sets[i].Provisioned, m.sets[i].Outdated = without(m.sets[i].Provisioned), without(m.sets[i].Outdated)
		if used {
			m.sets[i].Provisioned = append(m.sets[i].Provisioned, account)
		}
	}
}

func (m *model) setARN(c Change) string {
	if c.Refs.PermissionSetARN != "" {
		return c.Refs.PermissionSetARN
	}
	i := slices.IndexFunc(m.sets, func(p access.PermissionSet) bool { return p.Name == c.Key.PermissionSet })
	return m.sets[i].ARN
}

func (m *model) applySet(c Change) {
	switch c.Action {
	case Create:
		p := *c.After.PermissionSet
		p.ARN = madeID(PermissionSet, p.Name)
		m.sets = append(m.sets, p)
		uses := map[string]bool{p.ARN: true}
		for k, v := range m.observed.SetUses {
			uses[k] = v
		}
		m.observed.SetUses = uses
	case Update:
		m.editSet(c, func(p *access.PermissionSet) {
			v := c.After.PermissionSet
			p.Description, p.SessionDuration, p.RelayState = v.Description, v.SessionDuration, v.RelayState
			p.Outdated = slices.Clone(p.Provisioned)
		})
	case Delete:
		arn := m.setARN(c)
		m.sets = slices.DeleteFunc(m.sets, func(p access.PermissionSet) bool { return p.ARN == arn })
	}
}

// record writes down who is meant; what the plan has made has an id now.
func (m *model) record(p *access.PermissionSet, r access.Record) {
	r = access.Record{Principals: slices.Clone(r.Principals), Accounts: r.Accounts, Plans: r.Plans}
	for i, who := range r.Principals {
		if who.ID == "" {
			r.Principals[i].ID = m.groupID(Change{Key: Key{Group: who.Name}})
		}
	}
	p.Record, p.Unfinished = access.ParseRecord(r.Tags(p.Owner, p.ARN)), ""
}

func (m *model) editSet(c Change, edit func(*access.PermissionSet)) {
	arn := m.setARN(c)
	i := slices.IndexFunc(m.sets, func(p access.PermissionSet) bool { return p.ARN == arn })
	p := m.sets[i]
	p.ManagedPolicies, p.CustomerPolicies = slices.Clone(p.ManagedPolicies), slices.Clone(p.CustomerPolicies)
	edit(&p)
	m.sets[i] = p
}

// applyPart changes one thing that hangs on a set. All but tags make the set
// outdated where it is provisioned.
func applyPart(p *access.PermissionSet, c Change) {
	switch c.Kind {
	case Tags:
		p.Tags = slices.Clone(c.After.Tags)
		return
	case ManagedPolicy:
		p.ManagedPolicies = slices.DeleteFunc(p.ManagedPolicies, func(a string) bool { return a == c.Key.Policy })
		if c.Action == Create {
			p.ManagedPolicies = append(p.ManagedPolicies, c.Key.Policy)
		}
	case CustomerManagedPolicy:
		policy := access.ParseCustomerPolicy(c.Key.Policy)
		p.CustomerPolicies = slices.DeleteFunc(p.CustomerPolicies, func(x access.CustomerPolicy) bool { return x == policy })
		if c.Action == Create {
			p.CustomerPolicies = append(p.CustomerPolicies, policy)
		}
	case InlinePolicy:
		p.InlinePolicy = ""
		if c.After != nil {
			p.InlinePolicy = c.After.Document
		}
	case PermissionsBoundary:
		p.Boundary = access.Boundary{}
		if c.After != nil {
			p.Boundary = *c.After.Boundary
		}
	}
	p.Outdated = slices.Clone(p.Provisioned)
}
