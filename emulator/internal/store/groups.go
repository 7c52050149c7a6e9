package store

import "cmp"

// Group is a group of people in an identity store.
type Group struct {
	seq
	Meta
	ID                       string
	DisplayName, Description string
	ExternalID               string // SCIM's; "" where there is none
	SCIM                     bool   // made by SCIM: shown by the control routes, by no API of AWS

	members list[*Membership]
	byUser  map[*User]*Membership
}

// Membership says that a user is in a group.
type Membership struct {
	seq
	Meta
	ID    string
	Group *Group
	User  *User
}

// Group finds a group by id.
func (d *Directory) Group(id string) (*Group, bool) { g, ok := d.groupByID[id]; return g, ok }

// GroupByName finds a group by display name, ignoring case.
func (d *Directory) GroupByName(name string) (*Group, bool) {
	g, ok := d.groupByName[fold(name)]
	return g, ok
}

// GroupByExternalID finds a group by SCIM's externalId.
func (d *Directory) GroupByExternalID(id string) (*Group, bool) {
	g, ok := d.groupByExt[id]
	return g, ok
}

// Groups lists groups in the order of their creation.
func (d *Directory) Groups(after uint64, limit int) Page[*Group] {
	return d.groups.after(after, limit, nil)
}

// CreateGroup adds a group. g.ID may be given, as in an estate file.
func (d *Directory) CreateGroup(st Stamp, g Group) (*Group, error) {
	if err := quotaLeft(len(d.groups.items), d.store.Quotas.Groups, "groups"); err != nil {
		return nil, err
	}
	if err := d.checkGroup(&g, nil); err != nil {
		return nil, err
	}
	made := &g
	made.ID = cmp.Or(g.ID, d.newID())
	made.seq = seq(d.store.ids.next())
	made.byUser = map[*User]*Membership{}
	made.made(st)
	d.groups.add(made)
	d.groupByID[made.ID] = made
	d.indexGroup(made)
	return made, nil
}

// UpdateGroup changes a group with edit, all or nothing. The id cannot change.
func (d *Directory) UpdateGroup(st Stamp, id string, edit func(*Group) error) (*Group, error) {
	have, ok := d.groupByID[id]
	if !ok {
		return nil, noGroup(id)
	}
	next := *have
	if err := edit(&next); err != nil {
		return nil, err
	}
	if err := d.checkGroup(&next, have); err != nil {
		return nil, err
	}
	d.unindexGroup(have)
	have.DisplayName, have.Description, have.ExternalID = next.DisplayName, next.Description, next.ExternalID
	have.changed(st)
	d.indexGroup(have)
	return have, nil
}

// DeleteGroup removes a group and its memberships; assignments stay as orphans.
func (d *Directory) DeleteGroup(_ Stamp, id string) error {
	g, ok := d.groupByID[id]
	if !ok {
		return noGroup(id)
	}
	g.members.drain(d.drop)
	d.unindexGroup(g)
	delete(d.groupByID, id)
	d.groups.remove(g)
	d.forget("GROUP", id)
	return nil
}

func (d *Directory) checkGroup(g, self *Group) error {
	switch {
	case reservedName(g.DisplayName):
		return refuse(Invalid, "The group name %s is reserved.", g.DisplayName)
	case taken(d.groupByName, fold(g.DisplayName), self):
		return duplicate("GROUP", "GroupDisplayName")
	case g.ExternalID != "" && taken(d.groupByExt, g.ExternalID, self):
		return duplicate("GROUP", "ExternalId")
	}
	return nil
}

func (d *Directory) indexGroup(g *Group) {
	d.groupByName[fold(g.DisplayName)] = g
	if g.ExternalID != "" {
		d.groupByExt[g.ExternalID] = g
	}
}

func (d *Directory) unindexGroup(g *Group) {
	delete(d.groupByName, fold(g.DisplayName))
	delete(d.groupByExt, g.ExternalID)
}

func noGroup(id string) *Error { return notFound("GROUP", id, "GROUP not found.") }

// Membership finds a membership by id.
func (d *Directory) Membership(id string) (*Membership, bool) {
	m, ok := d.memberByID[id]
	return m, ok
}

// MembershipOf finds the membership of a user in a group.
func (d *Directory) MembershipOf(group, user string) (*Membership, bool) {
	m, ok := (*Membership)(nil), false
	if g := d.groupByID[group]; g != nil {
		m, ok = g.byUser[d.userByID[user]]
	}
	return m, ok
}

// Members lists the memberships of the group.
func (g *Group) Members(after uint64, limit int) Page[*Membership] {
	return g.members.after(after, limit, nil)
}

// Groups lists the memberships of the user.
func (u *User) Groups(after uint64, limit int) Page[*Membership] {
	return u.memberships.after(after, limit, nil)
}

// CreateMembership puts a user into a group; being in it already is a conflict.
func (d *Directory) CreateMembership(st Stamp, group, user string) (*Membership, error) {
	g, ok := d.groupByID[group]
	if !ok {
		return nil, noGroup(group)
	}
	u, ok := d.userByID[user]
	if !ok {
		return nil, noUser(user)
	}
	if _, ok := g.byUser[u]; ok {
		return nil, &Error{Kind: Duplicate, Type: "GROUP_MEMBERSHIP", Message: "Member and Group relationship already exists."}
	}
	if err := quotaLeft(d.memberships, d.store.Quotas.Memberships, "group memberships"); err != nil {
		return nil, err
	}
	m := &Membership{seq: seq(d.store.ids.next()), ID: d.newID(), Group: g, User: u}
	m.made(st)
	g.members.add(m)
	g.byUser[u] = m
	u.memberships.add(m)
	d.memberByID[m.ID] = m
	d.memberships++
	return m, nil
}

// DeleteMembership takes a user out of a group.
func (d *Directory) DeleteMembership(_ Stamp, id string) error {
	m, ok := d.memberByID[id]
	if !ok {
		return notFound("GROUP_MEMBERSHIP", id, "GROUP_MEMBERSHIP not found.")
	}
	d.drop(m)
	return nil
}

func (d *Directory) drop(m *Membership) {
	m.Group.members.remove(m)
	delete(m.Group.byUser, m.User)
	m.User.memberships.remove(m)
	delete(d.memberByID, m.ID)
	d.memberships--
}
