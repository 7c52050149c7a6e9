package identitycenter

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/identitystore"
	"github.com/aws/aws-sdk-go-v2/service/identitystore/document"
	storetypes "github.com/aws/aws-sdk-go-v2/service/identitystore/types"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/diag"
)

// The operations of the identity store that read.

func (c *Client) storeID() *string { return &c.instance.IdentityStoreID }

// ListUsers lists all users.
func (c *Client) ListUsers() List[access.User] {
	return listOf("identitystore:ListUsers", "", userID, func(ctx context.Context, token *string) (*identitystore.ListUsersOutput, error) {
		return c.store.ListUsers(ctx, &identitystore.ListUsersInput{IdentityStoreId: c.storeID(), MaxResults: aws.Int32(PageSize), NextToken: token})
	}, func(out *identitystore.ListUsersOutput) []access.User { return mapped(out.Users, userOf) })
}

func userID(u access.User) string { return u.ID }

func userOf(u storetypes.User) access.User {
	out := access.User{
		ID: aws.ToString(u.UserId), Username: aws.ToString(u.UserName), DisplayName: aws.ToString(u.DisplayName),
		SCIM: len(u.ExternalIds) > 0, Disabled: u.UserStatus == storetypes.UserStatusDisabled,
	}
	if u.Name != nil {
		out.GivenName, out.FamilyName = aws.ToString(u.Name.GivenName), aws.ToString(u.Name.FamilyName)
	}
	for _, e := range u.Emails { // at most one
		out.Email = aws.ToString(e.Value)
	}
	for _, e := range u.ExternalIds { // one for each issuer, of which SCIM is one
		out.ExternalID = aws.ToString(e.Id)
	}
	return out
}

// DescribeUser returns the user with the id.
func (c *Client) DescribeUser(ctx context.Context, id string) (access.User, diag.Evidence, error) {
	out, err := c.store.DescribeUser(ctx, &identitystore.DescribeUserInput{IdentityStoreId: c.storeID(), UserId: &id})
	if err != nil {
		return access.User{}, diag.Evidence{}, fmt.Errorf("describe user %s: %w", id, err)
	}
	u := userOf(storetypes.User{
		UserId: out.UserId, UserName: out.UserName, DisplayName: out.DisplayName, Name: out.Name,
		Emails: out.Emails, ExternalIds: out.ExternalIds, UserStatus: out.UserStatus,
	})
	return u, looked("identitystore:DescribeUser", id, fmt.Sprintf("user %q", u.Username), out.ResultMetadata), nil
}

// A UserAttribute is one by which the identity store finds a user, spelled as in
// the API reference.
type UserAttribute string

// The attributes that are unique.
const (
	ByUserName UserAttribute = "userName"
	ByEmail    UserAttribute = "emails.value"
)

// GetUserID returns the id of the user with the value of an attribute.
func (c *Client) GetUserID(ctx context.Context, by UserAttribute, value string) (string, diag.Evidence, error) {
	about := fmt.Sprintf("%s=%q", by, value)
	out, err := c.store.GetUserId(ctx, &identitystore.GetUserIdInput{IdentityStoreId: c.storeID(), AlternateIdentifier: byAttribute(string(by), value)})
	if err != nil {
		return "", missed("identitystore:GetUserId", about, err), fmt.Errorf("look up the user with %s: %w", about, err)
	}
	id := aws.ToString(out.UserId)
	return id, looked("identitystore:GetUserId", about, "id "+id, out.ResultMetadata), nil
}

// byAttribute names a user or group by an attribute that is unique.
func byAttribute(path, value string) storetypes.AlternateIdentifier {
	return &storetypes.AlternateIdentifierMemberUniqueAttribute{Value: storetypes.UniqueAttribute{
		AttributePath: aws.String(path), AttributeValue: document.NewLazyDocument(value),
	}}
}

// ListGroups lists all groups.
func (c *Client) ListGroups() List[access.Group] {
	return listOf("identitystore:ListGroups", "", groupID, func(ctx context.Context, token *string) (*identitystore.ListGroupsOutput, error) {
		return c.store.ListGroups(ctx, &identitystore.ListGroupsInput{IdentityStoreId: c.storeID(), MaxResults: aws.Int32(PageSize), NextToken: token})
	}, func(out *identitystore.ListGroupsOutput) []access.Group { return mapped(out.Groups, groupOf) })
}

func groupID(g access.Group) string { return g.ID }

func groupOf(in storetypes.Group) access.Group {
	g := access.Group{ID: aws.ToString(in.GroupId), Name: aws.ToString(in.DisplayName), SCIM: len(in.ExternalIds) > 0}
	for _, e := range in.ExternalIds {
		g.ExternalID = aws.ToString(e.Id)
	}
	text, mark := access.ParseMark(aws.ToString(in.Description))
	g.Description, g.Owner, g.Via, g.Unfinished, g.UnknownMark = text, mark.Owner, mark.Via, mark.Unfinished, mark.Unknown
	return g
}

// DescribeGroup returns the group with the id.
func (c *Client) DescribeGroup(ctx context.Context, id string) (access.Group, diag.Evidence, error) {
	out, err := c.store.DescribeGroup(ctx, &identitystore.DescribeGroupInput{IdentityStoreId: c.storeID(), GroupId: &id})
	if err != nil {
		return access.Group{}, diag.Evidence{}, fmt.Errorf("describe group %s: %w", id, err)
	}
	g := groupOf(storetypes.Group{GroupId: out.GroupId, DisplayName: out.DisplayName, Description: out.Description, ExternalIds: out.ExternalIds})
	return g, looked("identitystore:DescribeGroup", id, fmt.Sprintf("group %q", g.Name), out.ResultMetadata), nil
}

// GetGroupID returns the id of the group with the name.
func (c *Client) GetGroupID(ctx context.Context, name string) (string, diag.Evidence, error) {
	about := fmt.Sprintf("displayName=%q", name)
	out, err := c.store.GetGroupId(ctx, &identitystore.GetGroupIdInput{IdentityStoreId: c.storeID(), AlternateIdentifier: byAttribute("displayName", name)})
	if err != nil {
		return "", missed("identitystore:GetGroupId", about, err), fmt.Errorf("look up the group with %s: %w", about, err)
	}
	id := aws.ToString(out.GroupId)
	return id, looked("identitystore:GetGroupId", about, "id "+id, out.ResultMetadata), nil
}

// ListGroupMemberships lists the users in a group; other members are left out.
func (c *Client) ListGroupMemberships(group string) List[access.MembershipID] {
	return listOf("identitystore:ListGroupMemberships", "group "+group, membershipID, func(ctx context.Context, token *string) (*identitystore.ListGroupMembershipsOutput, error) {
		return c.store.ListGroupMemberships(ctx, &identitystore.ListGroupMembershipsInput{
			IdentityStoreId: c.storeID(), GroupId: &group, MaxResults: aws.Int32(PageSize), NextToken: token})
	}, func(out *identitystore.ListGroupMembershipsOutput) []access.MembershipID {
		return memberships(out.GroupMemberships)
	})
}

// ListGroupMembershipsForMember lists the groups that a user is in.
func (c *Client) ListGroupMembershipsForMember(user string) List[access.MembershipID] {
	return listOf("identitystore:ListGroupMembershipsForMember", "user "+user, membershipID, func(ctx context.Context, token *string) (*identitystore.ListGroupMembershipsForMemberOutput, error) {
		return c.store.ListGroupMembershipsForMember(ctx, &identitystore.ListGroupMembershipsForMemberInput{
			IdentityStoreId: c.storeID(), MemberId: &storetypes.MemberIdMemberUserId{Value: user}, MaxResults: aws.Int32(PageSize), NextToken: token})
	}, func(out *identitystore.ListGroupMembershipsForMemberOutput) []access.MembershipID {
		return memberships(out.GroupMemberships)
	})
}

func membershipID(m access.MembershipID) string { return m.ID }

func memberships(list []storetypes.GroupMembership) []access.MembershipID {
	var out []access.MembershipID
	for _, m := range list {
		if user, ok := m.MemberId.(*storetypes.MemberIdMemberUserId); ok {
			out = append(out, access.MembershipID{ID: aws.ToString(m.MembershipId), Group: aws.ToString(m.GroupId), User: user.Value})
		}
	}
	return out
}

// GetGroupMembershipID returns the id of a user's membership in a group.
func (c *Client) GetGroupMembershipID(ctx context.Context, group, user string) (string, diag.Evidence, error) {
	out, err := c.store.GetGroupMembershipId(ctx, &identitystore.GetGroupMembershipIdInput{
		IdentityStoreId: c.storeID(), GroupId: &group, MemberId: &storetypes.MemberIdMemberUserId{Value: user},
	})
	about := fmt.Sprintf("user %s in group %s", user, group)
	if err != nil {
		return "", diag.Evidence{}, fmt.Errorf("look up %s: %w", about, err)
	}
	id := aws.ToString(out.MembershipId)
	return id, looked("identitystore:GetGroupMembershipId", about, "id "+id, out.ResultMetadata), nil
}
