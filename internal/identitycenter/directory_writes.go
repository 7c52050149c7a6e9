package identitycenter

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/identitystore"
	"github.com/aws/aws-sdk-go-v2/service/identitystore/document"
	storetypes "github.com/aws/aws-sdk-go-v2/service/identitystore/types"

	"github.com/rolecall-dev/rolecall/internal/access"
)

// The operations of the identity store that write. Each is sent once, and tells
// the client's memory.

// optional returns nil for "": AWS refuses empty strings.
func optional(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// CreateUser returns the new user's id.
func (c *Client) CreateUser(ctx context.Context, u access.User) (string, error) {
	in := &identitystore.CreateUserInput{
		IdentityStoreId: c.storeID(), UserName: &u.Username, DisplayName: optional(u.DisplayName),
		Name: &storetypes.Name{GivenName: optional(u.GivenName), FamilyName: optional(u.FamilyName)},
	}
	if u.Email != "" {
		in.Emails = []storetypes.Email{{Value: &u.Email, Type: aws.String("work"), Primary: true}}
	}
	out, err := c.store.CreateUser(ctx, in, onceInStore)
	if err != nil {
		c.Tell(Wrote{Thing: access.UserThing}) // it may have been made all the same
		return "", err
	}
	u.ID = aws.ToString(out.UserId)
	c.Tell(Wrote{Thing: access.UserThing, ID: u.ID, New: true, User: &u})
	return u.ID, nil
}

// UpdateUser writes the attributes that differ.
func (c *Client) UpdateUser(ctx context.Context, id string, before, after access.User) error {
	ops := operations(
		attribute{"userName", before.Username, after.Username},
		attribute{"displayName", before.DisplayName, after.DisplayName},
		attribute{"name.givenName", before.GivenName, after.GivenName},
		attribute{"name.familyName", before.FamilyName, after.FamilyName},
	)
	if before.Email != after.Email {
		op := storetypes.AttributeOperation{AttributePath: aws.String("emails")}
		if after.Email != "" {
			op.AttributeValue = document.NewLazyDocument([]map[string]any{{"value": after.Email, "type": "work", "primary": true}})
		}
		ops = append(ops, op)
	}
	defer c.Tell(Wrote{Thing: access.UserThing, ID: id})
	return sent(c.store.UpdateUser(ctx, &identitystore.UpdateUserInput{IdentityStoreId: c.storeID(), UserId: &id, Operations: ops}, onceInStore))
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

// DeleteUser deletes a user.
func (c *Client) DeleteUser(ctx context.Context, id string) error {
	defer c.Tell(Wrote{Thing: access.UserThing, ID: id})
	return sent(c.store.DeleteUser(ctx, &identitystore.DeleteUserInput{IdentityStoreId: c.storeID(), UserId: &id}, onceInStore))
}

// CreateGroup makes a group with its mark and returns its id.
func (c *Client) CreateGroup(ctx context.Context, g access.Group) (string, error) {
	out, err := c.store.CreateGroup(ctx, &identitystore.CreateGroupInput{
		IdentityStoreId: c.storeID(), DisplayName: &g.Name, Description: optional(g.Mark().On(g.Description)),
	}, onceInStore)
	if err != nil {
		c.Tell(Wrote{Thing: access.GroupThing}) // it may have been made all the same
		return "", err
	}
	return aws.ToString(out.GroupId), nil
}

// UpdateGroup writes what differs of name, description and mark; nothing is sent
// where all is the same.
func (c *Client) UpdateGroup(ctx context.Context, id string, before, after access.Group) error {
	ops := operations(
		attribute{"displayName", before.Name, after.Name},
		attribute{"description", before.Mark().On(before.Description), after.Mark().On(after.Description)},
	)
	if len(ops) == 0 {
		return nil
	}
	defer c.Tell(Wrote{Thing: access.GroupThing, ID: id})
	return sent(c.store.UpdateGroup(ctx, &identitystore.UpdateGroupInput{IdentityStoreId: c.storeID(), GroupId: &id, Operations: ops}, onceInStore))
}

// DeleteGroup deletes a group and its memberships.
func (c *Client) DeleteGroup(ctx context.Context, id string) error {
	defer c.Tell(Wrote{Thing: access.GroupThing, ID: id})
	return sent(c.store.DeleteGroup(ctx, &identitystore.DeleteGroupInput{IdentityStoreId: c.storeID(), GroupId: &id}, onceInStore))
}

// CreateGroupMembership puts a user into a group.
func (c *Client) CreateGroupMembership(ctx context.Context, group, user string) error {
	return sent(c.store.CreateGroupMembership(ctx, &identitystore.CreateGroupMembershipInput{
		IdentityStoreId: c.storeID(), GroupId: &group, MemberId: &storetypes.MemberIdMemberUserId{Value: user},
	}, onceInStore))
}

// DeleteGroupMembership ends the membership with the id.
func (c *Client) DeleteGroupMembership(ctx context.Context, id string) error {
	return sent(c.store.DeleteGroupMembership(ctx, &identitystore.DeleteGroupMembershipInput{IdentityStoreId: c.storeID(), MembershipId: &id}, onceInStore))
}
