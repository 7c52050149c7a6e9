package idp

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
)

// changeUser runs a change of a living user.
func (d *Directory) changeUser(ctx context.Context, what, id string, change func(*person) error) error {
	return d.lock(ctx, func() error {
		p, err := d.user(id)
		if err != nil {
			return fmt.Errorf("%s: %w", what, err)
		}
		return change(p)
	})
}

// changeGroup runs a change of a group that was not deleted.
func (d *Directory) changeGroup(ctx context.Context, what, id string, change func(*team) error) error {
	return d.lock(ctx, func() error {
		g, err := d.group(id)
		if err != nil {
			return fmt.Errorf("%s: %w", what, err)
		}
		return change(g)
	})
}

// CreateUser adds a user and returns it with its id. An empty Status means active,
// an empty Email the user name, an empty DisplayName both names.
func (d *Directory) CreateUser(ctx context.Context, u User) (User, error) {
	err := d.lock(ctx, func() error {
		if u.UserName == "" || nameTaken(d.userNames, u.UserName, "") {
			return fmt.Errorf("create user %q: the user name is empty or taken", u.UserName)
		}
		u.ID = d.newID(UserPrincipal)
		u.Email = cmp.Or(u.Email, external(u.UserName))
		u.DisplayName = cmp.Or(u.DisplayName, strings.TrimSpace(u.GivenName+" "+u.FamilyName))
		u.Status = cmp.Or(u.Status, Active)
		u.Created = time.Now()
		u.Updated = u.Created
		d.users[u.ID] = &person{User: u, target: Provisioned{UserID: u.ID, State: Pending}}
		setName(d.userNames, "", u.UserName, u.ID)
		d.order = append(d.order, u.ID)
		d.touchUser(u.ID)
		return nil
	})
	return u, err
}

// UpdateUser changes a user with edit. The id, times and deletion are not its to
// change; Status is (Active, Suspended, Archived).
func (d *Directory) UpdateUser(ctx context.Context, id string, edit func(*User)) error {
	return d.changeUser(ctx, "update user", id, func(p *person) error {
		next := p.User
		edit(&next)
		next.ID, next.Created, next.DeletedAt, next.Updated = p.ID, p.Created, p.DeletedAt, time.Now()
		if next.UserName == "" || nameTaken(d.userNames, next.UserName, id) || next.Status == Deleted {
			return fmt.Errorf("update user %q: the user name is empty or taken, or the status is not for an update", p.UserName)
		}
		moved := next.Status != p.Status
		setName(d.userNames, p.UserName, next.UserName, id)
		d.keepAlias(p.User, &next)
		p.User = next
		d.touchUser(id)
		if moved {
			d.touchTeamsOf(p)
		}
		return nil
	})
}

// keepAlias makes the former user name an alias, as Google does
// (https://support.google.com/a/answer/9710299), and an alias that became the user
// name none.
func (d *Directory) keepAlias(was User, now *User) {
	if d.kind != Google || was.UserName == now.UserName {
		return
	}
	if now.Email == was.Email && was.Email == was.UserName {
		now.Email = now.UserName
	}
	now.Aliases = slices.DeleteFunc(append(slices.Clone(now.Aliases), was.UserName), func(a string) bool { return strings.EqualFold(a, now.UserName) })
}

// SuspendUser takes sign-in away from a user; ActivateUser restores it.
func (d *Directory) SuspendUser(ctx context.Context, id string) error {
	return d.UpdateUser(ctx, id, func(u *User) { u.Status = Suspended })
}

// ActivateUser makes a suspended or archived user active again.
func (d *Directory) ActivateUser(ctx context.Context, id string) error {
	return d.UpdateUser(ctx, id, func(u *User) { u.Status = Active })
}

// DeleteUser deletes a user from the directory. What follows in AWS depends on
// the kind: none deletes the user there at once.
func (d *Directory) DeleteUser(ctx context.Context, id string) error {
	return d.changeUser(ctx, "delete user", id, func(p *person) error {
		d.touchTeamsOf(p)
		for _, g := range p.teams {
			d.groups[g].leave(id)
		}
		p.teams = nil
		delete(d.assignments, string(UserPrincipal)+id)
		setName(d.userNames, p.UserName, "", id)
		p.Status, p.DeletedAt = Deleted, time.Now()
		p.Updated = p.DeletedAt
		if d.habits.purge > 0 {
			d.purging = append(d.purging, id)
		}
		d.touchUser(id)
		return nil
	})
}

// CreateGroup adds a group and returns it with its id. Names need not be unique in
// Entra; in AWS they must.
func (d *Directory) CreateGroup(ctx context.Context, g Group) (Group, error) {
	err := d.lock(ctx, func() error {
		if g.Name == "" || d.kind == Okta && g.Source == "" && nameTaken(d.groupNames, g.Name, "") {
			return fmt.Errorf("create group %q: the name is empty or taken", g.Name)
		}
		g = d.addGroup(g)
		return nil
	})
	return g, err
}

func (d *Directory) addGroup(g Group) Group {
	g.ID = d.newID(GroupPrincipal)
	g.Created = time.Now()
	g.Updated, g.MembershipUpdated = g.Created, g.Created
	d.groups[g.ID] = &team{Group: g, in: map[string]string{}, target: PushMapping{GroupID: g.ID, State: Pending, Created: g.Created}}
	if g.Source == "" {
		setName(d.groupNames, "", g.Name, g.ID)
	}
	d.order = append(d.order, g.ID)
	d.touchGroup(g.ID)
	return g
}

// RenameGroup changes the name of a group.
func (d *Directory) RenameGroup(ctx context.Context, id, name string) error {
	return d.changeGroup(ctx, "rename group", id, func(g *team) error {
		if name == "" || d.kind == Okta && g.Source == "" && nameTaken(d.groupNames, name, id) {
			return fmt.Errorf("rename group %q: the name %q is empty or taken", g.Name, name)
		}
		if g.Source == "" {
			setName(d.groupNames, g.Name, name, id)
		}
		g.Name, g.Updated, g.barred = name, time.Now(), g.deletedInAWS
		d.touchGroup(id)
		return nil
	})
}

// DeleteGroup deletes a group; in AWS it is deleted with the next push, which
// leaves account assignments behind that point at nothing.
func (d *Directory) DeleteGroup(ctx context.Context, id string) error {
	return d.changeGroup(ctx, "delete group", id, func(g *team) error {
		d.removeGroup(g)
		return nil
	})
}

// RecreateGroup deletes a group and makes it again with the same name, members,
// assignment and push mapping. It returns the new group: another id here, and
// another one in AWS.
func (d *Directory) RecreateGroup(ctx context.Context, id string) (Group, error) {
	var made Group
	err := d.changeGroup(ctx, "recreate group", id, func(old *team) error {
		members, pushed := slices.Clone(old.members), old.pushed
		_, assigned := d.assignments[string(GroupPrincipal)+id]
		d.removeGroup(old)
		made = d.addGroup(Group{Name: old.Name, Description: old.Description, Source: old.Source})
		d.groups[made.ID].pushed, d.groups[made.ID].as = pushed, old.as
		if assigned {
			d.assignments[string(GroupPrincipal)+made.ID] = Assignment{GroupPrincipal, made.ID, made.Created}
		}
		for _, m := range members {
			d.join(d.groups[made.ID], m)
		}
		return nil
	})
	return made, err
}

func (d *Directory) removeGroup(g *team) {
	d.touchMembersOf(g)
	for _, m := range g.members {
		d.forget(m, g.ID)
	}
	for _, parent := range g.parents {
		d.groups[parent].leave(g.ID)
	}
	delete(d.assignments, string(GroupPrincipal)+g.ID)
	setName(d.groupNames, g.Name, "", g.ID)
	g.members, g.parents, g.deleted, g.barred = nil, nil, true, false
	d.touchGroup(g.ID)
}

// AddMember puts a user, or where the kind nests groups a group, into a group.
// Being in it already is fine.
func (d *Directory) AddMember(ctx context.Context, group, member string) error {
	return d.changeGroup(ctx, "add member", group, func(g *team) error {
		if slices.Contains(g.members, member) {
			return nil
		}
		if err := d.mayJoin(g, member); err != nil {
			return fmt.Errorf("add member to group %q: %w", g.Name, err)
		}
		d.join(g, member)
		return nil
	})
}

func (d *Directory) mayJoin(g *team, member string) error {
	if d.groups[member] == nil {
		_, err := d.user(member)
		return err
	}
	inner, err := d.group(member)
	if err != nil {
		return err
	}
	if !d.habits.nested || d.contains(inner, g.ID) {
		return fmt.Errorf("the group %q cannot be a member", inner.Name)
	}
	return nil
}

// contains tells whether a group is, or has somewhere inside, the group with an id.
func (d *Directory) contains(g *team, id string) bool {
	if g.ID == id {
		return true
	}
	for _, m := range g.members {
		if inner := d.groups[m]; inner != nil && d.contains(inner, id) {
			return true
		}
	}
	return false
}

func (d *Directory) join(g *team, member string) {
	g.members = append(g.members, member)
	g.MembershipUpdated = time.Now()
	if p := d.users[member]; p != nil {
		p.teams = append(p.teams, g.ID)
	} else {
		d.groups[member].parents = append(d.groups[member].parents, g.ID)
	}
	d.touchGroup(g.ID)
	d.touchScope(member)
}

// RemoveMember takes a user or group out of a group. Not being in it is fine.
func (d *Directory) RemoveMember(ctx context.Context, group, member string) error {
	return d.changeGroup(ctx, "remove member", group, func(g *team) error {
		if slices.Contains(g.members, member) {
			g.leave(member)
			d.forget(member, group)
			d.touchGroup(group)
			d.touchScope(member)
		}
		return nil
	})
}

func (g *team) leave(member string) {
	g.members = slices.DeleteFunc(g.members, func(m string) bool { return m == member })
	g.MembershipUpdated = time.Now()
}

// forget removes the way from a member back to its group.
func (d *Directory) forget(member, group string) {
	same := func(id string) bool { return id == group }
	if p := d.users[member]; p != nil {
		p.teams = slices.DeleteFunc(p.teams, same)
	} else if g := d.groups[member]; g != nil {
		g.parents = slices.DeleteFunc(g.parents, same)
	}
}
