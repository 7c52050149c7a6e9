package idp

import (
	"context"
	"fmt"
	"strings"
	"time"
)

// Assign puts a user, a group or (Google) an organizational unit, by its path,
// into the scope of the AWS application.
func (d *Directory) Assign(ctx context.Context, typ PrincipalType, id string) error {
	return d.lock(ctx, func() error {
		if err := d.assignable(typ, id); err != nil {
			return fmt.Errorf("assign %s: %w", typ, err)
		}
		if _, ok := d.assignments[string(typ)+id]; !ok {
			d.assignments[string(typ)+id] = Assignment{typ, id, time.Now()}
			d.touchPrincipal(typ, id)
		}
		return nil
	})
}

// Unassign takes a principal out of the scope again.
func (d *Directory) Unassign(ctx context.Context, typ PrincipalType, id string) error {
	return d.lock(ctx, func() error {
		if _, ok := d.assignments[string(typ)+id]; !ok {
			return fmt.Errorf("unassign %s %q: %w", typ, id, ErrNotFound)
		}
		delete(d.assignments, string(typ)+id)
		d.touchPrincipal(typ, id)
		return nil
	})
}

func (d *Directory) assignable(typ PrincipalType, id string) error {
	switch {
	case typ == UserPrincipal:
		_, err := d.user(id)
		return err
	case typ == GroupPrincipal:
		_, err := d.group(id)
		return err
	case typ == OrgUnitPrincipal && d.kind == Google && strings.HasPrefix(id, "/"):
		return nil
	}
	return fmt.Errorf("%q cannot be assigned in a directory of kind %q", id, d.kind)
}

// PushGroup makes a push mapping for a group (Okta). Where a group of that name is in
// AWS already, the push fails unless link says to take it over.
func (d *Directory) PushGroup(ctx context.Context, id string, link bool) error {
	return d.changeGroup(ctx, "push group", id, func(g *team) error {
		if !d.habits.mappings {
			return fmt.Errorf("push group %q: a directory of kind %q has no push mappings", g.Name, d.kind)
		}
		g.pushed, g.link, g.barred = true, link, false
		d.touchGroup(id)
		return nil
	})
}

// PushGroupAs is PushGroup under another name than the group's own.
func (d *Directory) PushGroupAs(ctx context.Context, id, name string, link bool) error {
	d.mu.Lock()
	if g := d.groups[id]; g != nil {
		g.as = name
	}
	d.mu.Unlock()
	return d.PushGroup(ctx, id, link)
}

// ForgetTarget makes Okta lose its image of the group in AWS that a group is pushed
// to, as after an import that no longer found it. The push mapping stays.
func (d *Directory) ForgetTarget(id string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if g := d.groups[id]; g != nil {
		g.forgotten = true
	}
}

// UnpushGroup ends the push mapping of a group. The group in AWS is deleted, or
// left as it is.
func (d *Directory) UnpushGroup(ctx context.Context, id string, leave bool) error {
	return d.changeGroup(ctx, "unpush group", id, func(g *team) error {
		g.pushed, g.barred = false, false
		if leave {
			g.unlink()
		}
		d.touchGroup(id)
		return nil
	})
}

// unlink forgets what is in AWS.
func (g *team) unlink() {
	g.target = PushMapping{GroupID: g.ID, State: Pending, Created: g.target.Created}
	g.in, g.sent, g.deletedInAWS = map[string]string{}, "", false
}

// inScope tells whether provisioning covers a user.
func (d *Directory) inScope(p *person) bool {
	if p.Status == Deleted || p.Status == Archived || !d.mapping.user(p.User) {
		return false
	}
	if d.syncAll || d.assigned(UserPrincipal, p.ID) || d.unitAssigned(p.OrgUnit) {
		return true
	}
	for _, id := range p.teams {
		if d.groupInScope(d.groups[id]) {
			return true
		}
	}
	return false
}

func (d *Directory) assigned(typ PrincipalType, id string) bool {
	_, ok := d.assignments[string(typ)+id]
	return ok
}

// unitAssigned tells whether an organizational unit or one above it is on.
func (d *Directory) unitAssigned(path string) bool {
	if d.kind != Google {
		return false
	}
	for path = strings.TrimRight(path, "/"); path != ""; path = path[:strings.LastIndexByte(path, '/')] {
		if d.assigned(OrgUnitPrincipal, path) {
			return true
		}
		if !strings.Contains(path, "/") {
			return d.assigned(OrgUnitPrincipal, "/")
		}
	}
	return d.assigned(OrgUnitPrincipal, "/")
}

// groupInScope tells whether being in a group brings a user into scope. Only
// Google looks through nested groups: Entra provisions direct members
// (https://learn.microsoft.com/entra/identity/app-provisioning/how-provisioning-works).
func (d *Directory) groupInScope(g *team) bool {
	if d.assigned(GroupPrincipal, g.ID) {
		return !g.NotSecurity
	}
	if d.kind != Google {
		return false
	}
	for _, parent := range g.parents {
		if d.groupInScope(d.groups[parent]) {
			return true
		}
	}
	return false
}

// provisioned tells whether a group itself is to be in AWS.
func (d *Directory) provisioned(g *team) bool {
	switch {
	case g.deleted || !d.habits.groups || !d.mapping.group(g.Group):
		return false
	case d.syncAll:
		return true
	case d.habits.mappings:
		return g.pushed
	}
	return d.assigned(GroupPrincipal, g.ID)
}

// The touch methods mark what a change may have changed in AWS.

func (d *Directory) touchUser(id string) {
	d.users[id].barred = false
	d.dirtyUsers.add(id)
	d.wake()
}

func (d *Directory) touchGroup(id string) {
	d.dirtyGroups.add(id)
	d.wake()
}

func (d *Directory) touchAll() {
	for _, id := range d.order {
		if d.users[id] != nil {
			d.touchUser(id)
		} else {
			d.touchGroup(id)
		}
	}
}

func (d *Directory) touchTeamsOf(p *person) {
	for _, g := range p.teams {
		d.touchGroup(g)
	}
}

// touchScope marks the users whose being in scope hangs on a member.
func (d *Directory) touchScope(member string) {
	if d.users[member] != nil {
		d.touchUser(member)
	} else if g := d.groups[member]; g != nil {
		d.touchMembersOf(g)
	}
}

func (d *Directory) touchMembersOf(g *team) {
	for _, m := range g.members {
		d.touchScope(m)
	}
}

func (d *Directory) touchPrincipal(typ PrincipalType, id string) {
	switch typ {
	case UserPrincipal:
		d.touchUser(id)
	case GroupPrincipal:
		d.touchGroup(id)
		d.touchMembersOf(d.groups[id])
	case OrgUnitPrincipal:
		for _, each := range d.order {
			if d.users[each] != nil {
				d.touchUser(each)
			}
		}
	}
}

// queue holds ids to look at, each once, in order.
type queue struct {
	ids []string
	has map[string]bool
}

func (q *queue) add(id string) {
	if q.has == nil {
		q.has = map[string]bool{}
	}
	if !q.has[id] {
		q.has[id] = true
		q.ids = append(q.ids, id)
	}
}

func (q *queue) take() []string {
	ids := q.ids
	*q = queue{}
	return ids
}
