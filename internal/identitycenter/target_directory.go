package identitycenter

import (
	"context"
	"errors"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/identitystore"
	"github.com/aws/aws-sdk-go-v2/service/identitystore/document"
	storetypes "github.com/aws/aws-sdk-go-v2/service/identitystore/types"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/plan"
)

// optional gives nil for "": AWS refuses empty strings.
func optional(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

func (t *Target) storeID() *string { return &t.c.instance.IdentityStoreID }

func (t *Target) createUser(ctx context.Context, ch plan.Change) error {
	u := ch.After.User
	if _, ok := t.madeHere(plan.User, u.Username); ok {
		return nil
	}
	in := &identitystore.CreateUserInput{
		IdentityStoreId: t.storeID(), UserName: &u.Username, DisplayName: optional(u.DisplayName),
		Name: &storetypes.Name{GivenName: optional(u.GivenName), FamilyName: optional(u.FamilyName)},
	}
	if u.Email != "" {
		in.Emails = []storetypes.Email{{Value: &u.Email, Type: aws.String("work"), Primary: true}}
	}
	began := time.Now()
	out, err := t.c.store.CreateUser(ctx, in, onceInStore)
	if err != nil {
		t.c.forgetUser("") // it may have been made all the same
	}
	if isUniqueness(err) {
		return t.userIsThere(ctx, ch, err)
	}
	if err != nil {
		t.noteUnanswered(ch, object{plan.User, u.Username}, err)
		return err
	}
	t.keepUser(access.User{ID: aws.ToString(out.UserId), Username: u.Username, DisplayName: u.DisplayName,
		Email: u.Email, GivenName: u.GivenName, FamilyName: u.FamilyName}, began)
	return nil
}

// keepUser remembers a user that this run made; looked is when it was certainly
// nothing but that: before the answer came, which may have been late.
func (t *Target) keepUser(u access.User, looked time.Time) {
	t.keep(plan.User, u.Username, u.ID, looked)
	t.users.wrote(u, looked)
	t.c.wroteUser(u)
}

// userIsThere settles a conflict over a name or an address. Users carry no mark,
// so one is taken for ours only where an earlier attempt of this run had no
// answer, and only where it is equal.
func (t *Target) userIsThere(ctx context.Context, ch plan.Change, conflict error) error {
	want := *ch.After.User
	if !t.wasUnanswered(object{plan.User, want.Username}) {
		return t.holderOf(ctx, ch, "", conflict)
	}
	began := time.Now()
	have, err := t.c.userByName(ctx, want.Username)
	if isNotFound(err) {
		return t.holderOf(ctx, ch, "", conflict)
	}
	if err != nil {
		return err
	}
	if !sameUser(have, want) {
		return taken{conflict, "a user of this name exists with other attributes"}
	}
	t.keepUser(have, began)
	return nil
}

func sameUser(a, b access.User) bool {
	return a.Username == b.Username && a.DisplayName == b.DisplayName && a.Email == b.Email &&
		a.GivenName == b.GivenName && a.FamilyName == b.FamilyName
}

func (t *Target) updateUser(ctx context.Context, ch plan.Change) error {
	have, at, err := t.lookAtUser(ctx, ch)
	if err != nil {
		return err
	}
	defer t.c.forgetUser(have.ID)
	_, err = t.c.store.UpdateUser(withLook(ctx, at), &identitystore.UpdateUserInput{
		IdentityStoreId: t.storeID(), UserId: &have.ID, Operations: userOperations(*ch.Before.User, *ch.After.User),
	}, onceInStore)
	if isUniqueness(err) {
		return t.holderOf(ctx, ch, have.ID, err)
	}
	if err == nil {
		now := *ch.After.User
		now.ID = have.ID
		t.users.wrote(now, at)
		t.noteFreed(have, now)
	}
	return err
}

// userOperations gives one operation for each attribute that differs.
func userOperations(before, after access.User) []storetypes.AttributeOperation {
	ops := operations(
		attribute{"userName", before.Username, after.Username},
		attribute{"displayName", before.DisplayName, after.DisplayName},
		attribute{"name.givenName", before.GivenName, after.GivenName},
		attribute{"name.familyName", before.FamilyName, after.FamilyName},
	)
	if before.Email == after.Email {
		return ops
	}
	op := storetypes.AttributeOperation{AttributePath: aws.String("emails")}
	if after.Email != "" {
		op.AttributeValue = document.NewLazyDocument([]map[string]any{{"value": after.Email, "type": "work", "primary": true}})
	}
	return append(ops, op)
}

type attribute struct{ path, before, after string }

// operations writes the attributes that differ; one that becomes empty is
// removed, by leaving its value out.
func operations(attributes ...attribute) []storetypes.AttributeOperation {
	var ops []storetypes.AttributeOperation
	for _, a := range attributes {
		if a.before == a.after {
			continue
		}
		op := storetypes.AttributeOperation{AttributePath: aws.String(a.path)}
		if a.after != "" {
			op.AttributeValue = document.NewLazyDocument(a.after)
		}
		ops = append(ops, op)
	}
	return ops
}

func (t *Target) deleteUser(ctx context.Context, ch plan.Change) error {
	id, err := t.user(ch)
	if err == nil {
		defer t.c.forgetUser(id)
		_, err = t.c.store.DeleteUser(ctx, &identitystore.DeleteUserInput{IdentityStoreId: t.storeID(), UserId: &id}, onceInStore)
		if was := before(ch).User; err == nil && was != nil {
			t.noteFreed(access.User{ID: id, Username: was.Username, Email: was.Email}, access.User{})
		}
	}
	return goneIs(err, func() error {
		_, err := t.c.user(ctx, id)
		return err
	})
}

// createGroup makes a group with the mark of this run on it, and takes the run's
// word off once it is there: what carries it still is what a run left unfinished.
func (t *Target) createGroup(ctx context.Context, ch plan.Change) error {
	want := *ch.After.Group
	m, ok := t.madeHere(plan.Group, want.Name)
	if !ok {
		if err := t.makeGroup(ctx, ch, want); err != nil {
			return err
		}
		m, _ = t.madeHere(plan.Group, want.Name)
	}
	if m.whole {
		return nil
	}
	return t.finishGroup(ctx, ch, m.id, want)
}

func (t *Target) makeGroup(ctx context.Context, ch plan.Change, want access.Group) error {
	want.Unfinished = t.run
	began := time.Now()
	out, err := t.c.store.CreateGroup(ctx, &identitystore.CreateGroupInput{
		IdentityStoreId: t.storeID(), DisplayName: &want.Name, Description: optional(want.Mark().On(want.Description)),
	}, onceInStore)
	if err != nil {
		t.c.forgetGroup("") // it may have been made all the same
	}
	if isUniqueness(err) {
		return t.groupIsThere(ctx, ch, want, err)
	}
	if err != nil {
		t.noteUnanswered(ch, object{plan.Group, want.Name}, err)
		return err
	}
	want.ID = aws.ToString(out.GroupId)
	t.keepGroup(want, began)
	return nil
}

// keepGroup remembers a group that this run made, as keepUser does a user.
func (t *Target) keepGroup(g access.Group, looked time.Time) {
	t.keep(plan.Group, g.Name, g.ID, looked)
	t.groups.wrote(g, looked)
	t.mu.Lock()
	defer t.mu.Unlock()
	t.shown.groups[g.ID] = g
	whole := g
	whole.Unfinished = ""
	t.shown.marks[g.ID] = []access.Mark{whole.Mark()}
}

// groupIsThere settles a conflict over a name: only a group with the mark of
// this very run is what an earlier attempt made, whose answer was lost.
func (t *Target) groupIsThere(ctx context.Context, ch plan.Change, want access.Group, conflict error) error {
	began := time.Now()
	have, err := t.c.groupByName(ctx, want.Name)
	if isNotFound(err) && t.wasUnanswered(object{plan.Group, want.Name}) {
		return unseen{conflict}
	}
	if isNotFound(err) {
		return t.nobodyHas(ch, conflict)
	}
	if err != nil {
		return err
	}
	if have.Mark() != want.Mark() || have.UnknownMark || have.Description != want.Description {
		return taken{conflict, "a group of this name exists, and this run did not make it"}
	}
	t.keepGroup(have, began)
	return nil
}

// finishGroup takes the mark of the unfinished creation off.
func (t *Target) finishGroup(ctx context.Context, ch plan.Change, id string, want access.Group) error {
	have, at, err := t.lookAtGroup(ctx, ch)
	if err != nil {
		return err
	}
	if have.Mark() != want.Mark() {
		if err := t.describeGroup(withLook(ctx, at), id, want.Mark().On(want.Description)); err != nil {
			return err
		}
	}
	want.ID = id
	t.groups.wrote(want, at)
	t.c.wroteGroup(want)
	t.mu.Lock()
	defer t.mu.Unlock()
	m := t.made[object{plan.Group, want.Name}]
	m.whole = true
	t.made[object{plan.Group, want.Name}] = m
	return nil
}

func (t *Target) describeGroup(ctx context.Context, id, description string) error {
	op := storetypes.AttributeOperation{AttributePath: aws.String("description")}
	if description != "" {
		op.AttributeValue = document.NewLazyDocument(description)
	}
	_, err := t.c.store.UpdateGroup(ctx, &identitystore.UpdateGroupInput{
		IdentityStoreId: t.storeID(), GroupId: &id, Operations: []storetypes.AttributeOperation{op}}, onceInStore)
	return err
}

// updateGroup writes what differs from the plan's group before, and the mark
// where what is there has another: that of a creation which an earlier run left.
func (t *Target) updateGroup(ctx context.Context, ch plan.Change) error {
	have, at, err := t.lookAtGroup(ctx, ch)
	if err != nil {
		return err
	}
	before, after := ch.Before.Group, ch.After.Group
	described := before.Mark().On(before.Description)
	if now := have.Mark().On(have.Description); now != described {
		described = now
	}
	ops := operations(
		attribute{"displayName", before.Name, after.Name},
		attribute{"description", described, after.Mark().On(after.Description)},
	)
	if len(ops) == 0 {
		return nil
	}
	defer t.c.forgetGroup(have.ID)
	_, err = t.c.store.UpdateGroup(withLook(ctx, at), &identitystore.UpdateGroupInput{
		IdentityStoreId: t.storeID(), GroupId: &have.ID, Operations: ops,
	}, onceInStore)
	if isUniqueness(err) {
		return t.groupWithName(ctx, ch, have.ID, after.Name, err)
	}
	if err == nil {
		now := *after
		now.ID = have.ID
		t.groups.wrote(now, at)
	}
	return err
}

func (t *Target) deleteGroup(ctx context.Context, ch plan.Change) error {
	id, err := t.group(ch)
	if err == nil {
		defer t.c.forgetGroup(id)
		_, err = t.c.store.DeleteGroup(ctx, &identitystore.DeleteGroupInput{IdentityStoreId: t.storeID(), GroupId: &id}, onceInStore)
	}
	return goneIs(err, func() error {
		_, err := t.c.group(ctx, id)
		return err
	})
}

func (t *Target) createMembership(ctx context.Context, ch plan.Change) error {
	group, user, err := t.memberOf(ch)
	if err != nil {
		return err
	}
	_, err = t.c.store.CreateGroupMembership(ctx, &identitystore.CreateGroupMembershipInput{
		IdentityStoreId: t.storeID(), GroupId: &group, MemberId: &storetypes.MemberIdMemberUserId{Value: user},
	}, onceInStore)
	if !isConflict(err) {
		return err
	}
	_, lookUp := t.c.membershipID(ctx, group, user)
	if isNotFound(lookUp) {
		return unseen{err}
	}
	return lookUp
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
	t.c.mu.Lock()
	id := t.c.membershipIDs[[2]string{group, user}]
	t.c.mu.Unlock()
	if id != "" {
		if err := t.deleteMembershipID(ctx, id); !isNotFound(err) {
			return err
		}
	}
	if id, err = t.c.membershipID(ctx, group, user); isNotFound(err) {
		return nil
	}
	if err != nil {
		return err
	}
	return t.deleteMembershipID(ctx, id)
}

func (t *Target) deleteMembershipID(ctx context.Context, id string) error {
	_, err := t.c.store.DeleteGroupMembership(ctx, &identitystore.DeleteGroupMembershipInput{
		IdentityStoreId: t.storeID(), MembershipId: &id,
	}, onceInStore)
	return err
}

func (c *Client) membershipID(ctx context.Context, group, user string) (string, error) {
	out, err := c.store.GetGroupMembershipId(ctx, &identitystore.GetGroupMembershipIdInput{
		IdentityStoreId: &c.instance.IdentityStoreID, GroupId: &group, MemberId: &storetypes.MemberIdMemberUserId{Value: user},
	})
	if err != nil {
		return "", err
	}
	return aws.ToString(out.MembershipId), nil
}

// goneIs says that a delete of what is gone is done, once a second look finds
// it gone too: the error may have been about something else.
func goneIs(err error, look func() error) error {
	if !isNotFound(err) || isNoStore(err) {
		return err
	}
	switch again := look(); {
	case isNotFound(again):
		return nil
	case again != nil:
		return again
	default:
		return err
	}
}

// isNoStore says that what was not found is the identity store itself.
func isNoStore(err error) bool {
	var missing *storetypes.ResourceNotFoundException
	return errors.As(err, &missing) && missing.ResourceType == storetypes.ResourceTypeIdentityStore
}
