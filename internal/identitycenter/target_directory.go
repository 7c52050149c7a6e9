package identitycenter

import (
	"context"
	"errors"

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
	in := &identitystore.CreateUserInput{
		IdentityStoreId: t.storeID(), UserName: &u.Username, DisplayName: optional(u.DisplayName),
		Name: &storetypes.Name{GivenName: optional(u.GivenName), FamilyName: optional(u.FamilyName)},
	}
	if u.Email != "" {
		in.Emails = []storetypes.Email{{Value: &u.Email, Type: aws.String("work"), Primary: true}}
	}
	out, err := t.c.store.CreateUser(ctx, in, onceInStore)
	if err != nil {
		t.c.forgetUser("") // it may have been made all the same
	}
	if isConflict(err) {
		return t.userIsThere(ctx, *u, err)
	}
	if err != nil {
		return err
	}
	t.keep(plan.User, u.Username, aws.ToString(out.UserId))
	t.c.wroteUser(access.User{ID: aws.ToString(out.UserId), Username: u.Username, DisplayName: u.DisplayName,
		Email: u.Email, GivenName: u.GivenName, FamilyName: u.FamilyName})
	return nil
}

// userIsThere settles a conflict over a name: the answer to an earlier attempt
// may have been lost. Users carry no mark, so only equality tells.
func (t *Target) userIsThere(ctx context.Context, want access.User, conflict error) error {
	have, err := t.c.userByName(ctx, want.Username)
	if isNotFound(err) {
		return unseen{conflict}
	}
	if err != nil {
		return err
	}
	if !sameUser(have, want) {
		return taken{conflict, "a user of this name exists with other attributes"}
	}
	t.keep(plan.User, want.Username, have.ID)
	return nil
}

func sameUser(a, b access.User) bool {
	return a.Username == b.Username && a.DisplayName == b.DisplayName && a.Email == b.Email &&
		a.GivenName == b.GivenName && a.FamilyName == b.FamilyName
}

func (t *Target) updateUser(ctx context.Context, ch plan.Change) error {
	id, err := t.user(ctx, ch)
	if err != nil {
		return err
	}
	defer t.c.forgetUser(id)
	_, err = t.c.store.UpdateUser(ctx, &identitystore.UpdateUserInput{
		IdentityStoreId: t.storeID(), UserId: &id, Operations: userOperations(*ch.Before.User, *ch.After.User),
	}, onceInStore)
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
	id, err := t.user(ctx, ch)
	if err == nil {
		defer t.c.forgetUser(id)
		_, err = t.c.store.DeleteUser(ctx, &identitystore.DeleteUserInput{IdentityStoreId: t.storeID(), UserId: &id}, onceInStore)
	}
	return goneIs(err, func() error {
		_, err := t.c.user(ctx, id)
		return err
	})
}

func (t *Target) createGroup(ctx context.Context, ch plan.Change) error {
	g := ch.After.Group
	out, err := t.c.store.CreateGroup(ctx, &identitystore.CreateGroupInput{
		IdentityStoreId: t.storeID(), DisplayName: &g.Name, Description: optional(g.Mark().On(g.Description)),
	}, onceInStore)
	if err != nil {
		t.c.forgetGroup("") // it may have been made all the same
	}
	if isConflict(err) {
		return t.groupIsThere(ctx, *g, err)
	}
	if err != nil {
		return err
	}
	t.keep(plan.Group, g.Name, aws.ToString(out.GroupId))
	t.c.wroteGroup(access.Group{ID: aws.ToString(out.GroupId), Name: g.Name, Description: g.Description, Owner: g.Owner})
	return nil
}

// groupIsThere settles a conflict over a name: a group with our mark and this
// description is what an earlier attempt made.
func (t *Target) groupIsThere(ctx context.Context, want access.Group, conflict error) error {
	have, err := t.c.groupByName(ctx, want.Name)
	if isNotFound(err) {
		return unseen{conflict}
	}
	if err != nil {
		return err
	}
	if !sameGroup(have, want) {
		return taken{conflict, "a group of this name exists and is not the same"}
	}
	t.keep(plan.Group, want.Name, have.ID)
	return nil
}

func sameGroup(a, b access.Group) bool {
	return a.Name == b.Name && a.Description == b.Description && a.Owner == b.Owner
}

func (t *Target) updateGroup(ctx context.Context, ch plan.Change) error {
	id, err := t.group(ctx, ch)
	if err != nil {
		return err
	}
	defer t.c.forgetGroup(id)
	before, after := ch.Before.Group, ch.After.Group
	_, err = t.c.store.UpdateGroup(ctx, &identitystore.UpdateGroupInput{
		IdentityStoreId: t.storeID(), GroupId: &id, Operations: operations(
			attribute{"displayName", before.Name, after.Name},
			attribute{"description", before.Mark().On(before.Description), after.Mark().On(after.Description)},
		),
	}, onceInStore)
	return err
}

func (t *Target) deleteGroup(ctx context.Context, ch plan.Change) error {
	id, err := t.group(ctx, ch)
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
	group, user, err := t.memberOf(ctx, ch)
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

func (t *Target) memberOf(ctx context.Context, ch plan.Change) (group, user string, err error) {
	if group, err = t.group(ctx, ch); err != nil {
		return "", "", err
	}
	user, err = t.user(ctx, ch)
	return group, user, err
}

// deleteMembership deletes by the id that was read; one that was made again
// since has another.
func (t *Target) deleteMembership(ctx context.Context, ch plan.Change) error {
	group, user, err := t.memberOf(ctx, ch)
	if err != nil {
		return goneIs(err, func() error { return err }) // no such group or user: no membership
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
