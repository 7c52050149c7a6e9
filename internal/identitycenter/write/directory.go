package write

import (
	"context"
	"time"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/diag"
	"github.com/rolecall-dev/rolecall/internal/identitycenter"
	"github.com/rolecall-dev/rolecall/internal/plan"
)

func (t *Target) createUser(ctx context.Context, ch plan.Change) error {
	u := *ch.After.User
	return t.create(object{plan.User, u.Username}, func() (string, error) {
		return t.c.CreateUser(ctx, u)
	}, identitycenter.IsTaken, func(conflict error) error {
		return t.userIsThere(ctx, ch, conflict)
	}, func(id string, began time.Time) {
		u.ID = id
		t.keepUser(u, began)
	})
}

// keepUser remembers a user that this run made; looked is when it was certainly
// nothing but that: before the answer came, which may have been late.
func (t *Target) keepUser(u access.User, looked time.Time) {
	t.keep(plan.User, u.Username, u.ID, looked)
	t.users.wrote(u, looked)
}

// userIsThere resolves a conflict over a name or an address. Users carry no mark,
// so one is taken for ours only where an earlier attempt of this run had no
// answer, and only where it is equal.
func (t *Target) userIsThere(ctx context.Context, ch plan.Change, conflict error) error {
	want := *ch.After.User
	if !t.unanswered.has(object{plan.User, want.Username}) {
		return t.whoHas(ctx, ch, "", conflict)
	}
	began := time.Now()
	have, _, err := t.c.UserBy(ctx, identitycenter.ByUserName, want.Username)
	if identitycenter.IsNotFound(err) {
		return t.whoHas(ctx, ch, "", conflict)
	}
	if err != nil {
		return err
	}
	if !equalUsers(have, want) {
		return t.taken(ch, "a user of this name exists with other attributes", conflict)
	}
	t.keepUser(have, began)
	t.c.Tell(identitycenter.Wrote{Thing: access.UserThing, ID: have.ID, New: true, User: &have})
	return nil
}

func equalUsers(a, b access.User) bool {
	return a.Username == b.Username && a.DisplayName == b.DisplayName && a.Email == b.Email &&
		a.GivenName == b.GivenName && a.FamilyName == b.FamilyName
}

func (t *Target) updateUser(ctx context.Context, ch plan.Change) error {
	have, at, err := t.lookAtUser(ctx, ch)
	if err != nil {
		return err
	}
	err = t.c.UpdateUser(lookedAt(ctx, at), have.ID, *ch.Before.User, *ch.After.User)
	if identitycenter.IsTaken(err) {
		return t.whoHas(ctx, ch, have.ID, err)
	}
	if err == nil {
		now := *ch.After.User
		now.ID = have.ID
		t.users.wrote(now, at)
		t.noteFreed(have, now)
	}
	return err
}

func (t *Target) deleteUser(ctx context.Context, ch plan.Change) error {
	id, err := t.user(ch)
	if err != nil {
		return err
	}
	err = t.c.DeleteUser(ctx, id)
	if was := before(ch).User; err == nil && was != nil {
		t.noteFreed(access.User{ID: id, Username: was.Username, Email: was.Email}, access.User{})
	}
	return goneIs(ctx, err, id, t.c.DescribeUser)
}

// createGroup makes a group with the mark of this run on it, and takes the run's
// word off once it is there: what carries it still is what a run left unfinished.
func (t *Target) createGroup(ctx context.Context, ch plan.Change) error {
	want := *ch.After.Group
	name := object{plan.Group, want.Name}
	if !t.made.has(name) {
		if err := t.makeGroup(ctx, ch, want); err != nil {
			return err
		}
		if t.callerFinishes {
			made := t.shown.groups.of(t.made.of(name).id)
			t.c.Tell(identitycenter.Wrote{Thing: access.GroupThing, ID: made.ID, New: true, Group: &made})
		}
	}
	m := t.made.of(name)
	if m.whole || t.callerFinishes {
		return nil
	}
	have, at, err := t.lookAtGroup(ctx, ch)
	if err != nil {
		return err
	}
	want.ID, have.Name = m.id, want.Name
	if err := t.takeMarkOff(ctx, have, want, at); err != nil {
		return err
	}
	m.whole = true
	t.made.put(name, m)
	return nil
}

func (t *Target) makeGroup(ctx context.Context, ch plan.Change, want access.Group) error {
	want.Unfinished = t.run
	return t.create(object{plan.Group, want.Name}, func() (string, error) {
		return t.c.CreateGroup(ctx, want)
	}, identitycenter.IsTaken, func(conflict error) error {
		return t.groupIsThere(ctx, ch, want, conflict)
	}, func(id string, began time.Time) {
		want.ID = id
		t.keepGroup(want, began)
	})
}

// keepGroup remembers a group that this run made, as keepUser does a user.
func (t *Target) keepGroup(g access.Group, looked time.Time) {
	t.keep(plan.Group, g.Name, g.ID, looked)
	t.groups.wrote(g, looked)
	t.shown.groups.put(g.ID, g)
	whole := g
	whole.Unfinished = ""
	t.shown.marks.put(g.ID, []access.Mark{whole.Mark()})
}

// groupIsThere resolves a conflict over a name: only a group with the mark of
// this very run is what an earlier attempt made, whose answer was lost.
func (t *Target) groupIsThere(ctx context.Context, ch plan.Change, want access.Group, conflict error) error {
	began := time.Now()
	have, _, err := t.c.GroupBy(ctx, want.Name)
	if identitycenter.IsNotFound(err) {
		return t.nobodyHas(ch, object{plan.Group, want.Name}, conflict)
	}
	if err != nil {
		return err
	}
	if have.Mark() != want.Mark() || have.UnknownMark || have.Description != want.Description {
		return t.taken(ch, "a group of this name exists, and this run did not create it", conflict)
	}
	t.keepGroup(have, began)
	return nil
}

// updateGroup writes what differs from the plan's group before, and the mark
// where what is there has another: that of a creation which an earlier run left.
func (t *Target) updateGroup(ctx context.Context, ch plan.Change) error {
	have, at, err := t.lookAtGroup(ctx, ch)
	if err != nil {
		return err
	}
	was, now := have, *ch.After.Group
	was.Name, now.ID = ch.Before.Group.Name, have.ID
	if t.callerFinishes {
		now.Unfinished = have.Unfinished
	}
	err = t.c.UpdateGroup(lookedAt(ctx, at), have.ID, was, now)
	if identitycenter.IsTaken(err) {
		return t.groupWithName(ctx, ch, have.ID, now.Name, err)
	}
	if err == nil {
		t.groups.wrote(now, at)
	}
	return err
}

func (t *Target) deleteGroup(ctx context.Context, ch plan.Change) error {
	id, err := t.group(ch)
	if err != nil {
		return err
	}
	return goneIs(ctx, t.c.DeleteGroup(ctx, id), id, t.c.DescribeGroup)
}

func (t *Target) createMembership(ctx context.Context, ch plan.Change) error {
	group, user, err := t.memberOf(ch)
	if err != nil {
		return err
	}
	if err = t.c.CreateGroupMembership(ctx, group, user); !identitycenter.IsConflict(err) {
		return err
	}
	_, _, lookErr := t.c.GetGroupMembershipID(ctx, group, user)
	if identitycenter.IsNotFound(lookErr) {
		return unseen(err)
	}
	return lookErr
}

func (t *Target) memberOf(ch plan.Change) (group, user string, err error) {
	if group, err = t.group(ch); err != nil {
		return "", "", err
	}
	user, err = t.user(ch)
	return group, user, err
}

// deleteMembership deletes by the id that was read; one that was made again
// since has another.
func (t *Target) deleteMembership(ctx context.Context, ch plan.Change) error {
	group, user, err := t.memberOf(ch)
	if err != nil {
		return err
	}
	if id := t.c.ExtraMembership(group, user); id != "" {
		if err := t.c.DeleteGroupMembership(ctx, id); !identitycenter.IsNotFound(err) {
			return err
		}
	}
	id, _, err := t.c.GetGroupMembershipID(ctx, group, user)
	if identitycenter.IsNotFound(err) {
		return nil
	}
	if err != nil {
		return err
	}
	err = t.c.DeleteGroupMembership(ctx, id)
	if identitycenter.IsNotFound(err) && !identitycenter.IsNoStore(err) {
		return nil // it went with its user or group, and AWS shows late that it has
	}
	return err
}

// goneIs says that a delete of what is gone is done, once a second look finds
// it gone too: the error may have been about something else.
func goneIs[T any](ctx context.Context, err error, id string, look func(context.Context, string) (T, diag.Evidence, error)) error {
	if !identitycenter.IsNotFound(err) || identitycenter.IsNoStore(err) {
		return err
	}
	switch _, _, again := look(ctx, id); {
	case identitycenter.IsNotFound(again):
		return nil
	case again != nil:
		return again
	default:
		return err
	}
}
