package access

import (
	"cmp"
	"slices"
	"strings"

	"github.com/rolecall-dev/rolecall/internal/diag"
)

// Builder collects the rows of a State in any order. Each Add returns a handle
// that memberships and assignments refer to; State brings everything into the
// normal form. The zero value is ready for use.
type Builder struct {
	accounts    []Account
	users       []User
	groups      []Group
	sets        []PermissionSet
	orphans     []Orphan
	memberships []Membership
	assignments []Assignment
	origins     []diag.Range
	orphanByID  map[string]int32
	Observed    Observed
	Evidence    []Recorded
}

// Origin keeps a place and returns the number that rows refer to it by.
func (b *Builder) Origin(r diag.Range) int32 {
	if r.IsZero() {
		return 0
	}
	if len(b.origins) == 0 {
		b.origins = append(b.origins, diag.Range{})
	}
	b.origins = append(b.origins, r)
	return int32(len(b.origins) - 1)
}

// AddAccount adds an account and returns its handle.
func (b *Builder) AddAccount(a Account) int32 { return add(&b.accounts, a) }

// AddUser adds a user and returns its handle.
func (b *Builder) AddUser(u User) int32 { return add(&b.users, u) }

// AddGroup adds a group and returns its handle.
func (b *Builder) AddGroup(g Group) int32 { return add(&b.groups, g) }

// AddSet adds a permission set and returns its handle.
func (b *Builder) AddSet(p PermissionSet) int32 { return add(&b.sets, p) }

// AddOrphan adds a principal that no longer exists, or finds it again, and
// returns its handle.
func (b *Builder) AddOrphan(o Orphan) int32 {
	if h, ok := b.orphanByID[o.ID]; ok {
		return h
	}
	if b.orphanByID == nil {
		b.orphanByID = map[string]int32{}
	}
	h := add(&b.orphans, o)
	b.orphanByID[o.ID] = h
	return h
}

// AddMembership says that the user is in the group; both are handles.
func (b *Builder) AddMembership(group, user, origin int32) {
	b.memberships = append(b.memberships, Membership{Group: group, User: user, Origin: origin})
}

// AddAssignment adds an account assignment between handles.
func (b *Builder) AddAssignment(g Assignment) { b.assignments = append(b.assignments, g) }

func add[T any](table *[]T, row T) int32 {
	*table = append(*table, row)
	return int32(len(*table) - 1)
}

// State returns the normal form: every table sorted, rows said twice kept once
// (the first one's origin stays), policies and durations in their canonical
// spelling. The builder must not be used afterwards.
func (b *Builder) State() State {
	for i := range b.sets {
		normalizeSet(&b.sets[i])
	}
	accounts := sortTable(b.accounts, func(x, y Account) int {
		return cmp.Or(cmp.Compare(x.ID, y.ID), cmp.Compare(x.Name, y.Name))
	})
	users := sortTable(b.users, func(x, y User) int { return cmp.Compare(x.Username, y.Username) })
	groups := sortTable(b.groups, func(x, y Group) int { return cmp.Compare(x.Name, y.Name) })
	sets := sortTable(b.sets, func(x, y PermissionSet) int { return cmp.Compare(x.Name, y.Name) })
	orphans := sortTable(b.orphans, func(x, y Orphan) int { return cmp.Compare(x.ID, y.ID) })
	for i, m := range b.memberships {
		b.memberships[i].Group, b.memberships[i].User = groups[m.Group], users[m.User]
	}
	principals := [...][]int32{GroupPrincipal: groups, UserPrincipal: users, OrphanPrincipal: orphans}
	for i, g := range b.assignments {
		b.assignments[i].Set, b.assignments[i].Account = sets[g.Set], accounts[g.Account]
		b.assignments[i].Principal = principals[g.Kind][g.Principal]
	}
	slices.SortStableFunc(b.memberships, Membership.Compare)
	slices.SortStableFunc(b.assignments, Assignment.Compare)
	return State{
		Accounts: b.accounts, Users: b.users, Groups: b.groups, Sets: b.sets, Orphans: b.orphans,
		Memberships: slices.CompactFunc(b.memberships, func(m, n Membership) bool { return m.Compare(n) == 0 }),
		Assignments: slices.CompactFunc(b.assignments, func(g, h Assignment) bool { return g.Compare(h) == 0 }),
		Origins:     b.origins,
		Observed:    b.Observed,
		Evidence:    b.Evidence,
	}
}

// sortTable sorts the rows in place and returns, for each old index, the new one.
func sortTable[T any](rows []T, compare func(a, b T) int) []int32 {
	order := make([]int32, len(rows))
	for i := range order {
		order[i] = int32(i)
	}
	slices.SortStableFunc(order, func(i, j int32) int { return compare(rows[i], rows[j]) })
	sorted := make([]T, len(rows))
	where := make([]int32, len(rows))
	for to, from := range order {
		sorted[to] = rows[from]
		where[from] = int32(to)
	}
	copy(rows, sorted)
	return where
}

func normalizeSet(p *PermissionSet) {
	p.SessionDuration = ISODuration(p.SessionDuration)
	p.InlinePolicy = CanonicalPolicy(p.InlinePolicy)
	slices.Sort(p.ManagedPolicies)
	p.ManagedPolicies = slices.Compact(p.ManagedPolicies)
	slices.SortFunc(p.CustomerPolicies, func(x, y CustomerPolicy) int { return cmp.Compare(x.String(), y.String()) })
	p.CustomerPolicies = slices.Compact(p.CustomerPolicies)
	// aws: tags are AWS's own: nobody can write them, so they are no difference.
	if r := ParseRecord(p.Tags); r.There {
		p.Record = r
	}
	p.Unfinished = cmp.Or(tagValue(p.Tags, UnfinishedTag), p.Unfinished)
	p.Tags = slices.DeleteFunc(p.Tags, func(t Tag) bool {
		return strings.HasPrefix(t.Key, "aws:") || t.Key == UnfinishedTag || isRecordTag(t.Key)
	})
	slices.SortFunc(p.Tags, func(x, y Tag) int { return cmp.Compare(x.Key, y.Key) })
	p.Owner, p.Via = tagValue(p.Tags, OwnerTag), tagValue(p.Tags, ViaTag)
	slices.Sort(p.Provisioned)
	slices.Sort(p.Outdated)
}
