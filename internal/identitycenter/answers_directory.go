package identitycenter

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/identitystore"
	storetypes "github.com/aws/aws-sdk-go-v2/service/identitystore/types"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

// Each judge gives the page that an answer is, what is wrong with it, and
// whether the operation is one of its own. What AWS's models call required has
// to be there; of other members only those that AWS is known never to leave out.

func (c *Client) judgeCaller(_, out any) (*page, string, bool) {
	var v verdict
	switch out := out.(type) {
	case *sts.GetCallerIdentityOutput:
		v.account(out.Account)
		v.has("ARN", out.Arn)
	default:
		return nil, "", false
	}
	return v.page, v.wrong, true
}

func (c *Client) judgeAccounts(in, out any) (*page, string, bool) {
	var v verdict
	switch out := out.(type) {
	case *organizations.DescribeOrganizationOutput:
		v.must(out.Organization != nil, "has no organization")
		if out.Organization != nil {
			v.account(out.Organization.MasterAccountId)
		}
	case *organizations.DescribeAccountOutput:
		v.must(out.Account != nil, "has no account")
		if out.Account != nil {
			v.is("account", out.Account.Id, in.(*organizations.DescribeAccountInput).AccountId)
		}
	case *organizations.ListAccountsOutput:
		v.next(out.NextToken)
		for _, a := range out.Accounts {
			v.account(a.Id)
			v.item(item{id: aws.ToString(a.Id), name: aws.ToString(a.Name)})
		}
	case *organizations.ListDelegatedAdministratorsOutput:
		v.next(out.NextToken)
		for _, a := range out.DelegatedAdministrators {
			v.account(a.Id)
			v.item(item{id: aws.ToString(a.Id), name: aws.ToString(a.Name)})
		}
	default:
		return nil, "", false
	}
	return v.page, v.wrong, true
}

func (c *Client) judgeDirectory(in, out any) (*page, string, bool) {
	var v verdict
	switch out := out.(type) {
	case *identitystore.DescribeUserOutput:
		v.is("user", out.UserId, in.(*identitystore.DescribeUserInput).UserId)
		c.ofStore(&v, out.IdentityStoreId)
	case *identitystore.DescribeGroupOutput:
		v.is("group", out.GroupId, in.(*identitystore.DescribeGroupInput).GroupId)
		c.ofStore(&v, out.IdentityStoreId)
	case *identitystore.GetUserIdOutput:
		v.has("user id", out.UserId)
		c.ofStore(&v, out.IdentityStoreId)
	case *identitystore.GetGroupIdOutput:
		v.has("group id", out.GroupId)
		c.ofStore(&v, out.IdentityStoreId)
	case *identitystore.GetGroupMembershipIdOutput:
		v.has("membership id", out.MembershipId)
		c.ofStore(&v, out.IdentityStoreId)
	case *identitystore.CreateUserOutput:
		v.has("user id", out.UserId)
	case *identitystore.CreateGroupOutput:
		v.has("group id", out.GroupId)
	case *identitystore.CreateGroupMembershipOutput:
		v.has("membership id", out.MembershipId)
	default:
		return c.judgeDirectoryLists(in, out)
	}
	return v.page, v.wrong, true
}

func (c *Client) judgeDirectoryLists(in, out any) (*page, string, bool) {
	var v verdict
	switch out := out.(type) {
	case *identitystore.ListUsersOutput:
		v.must(out.Users != nil, "has no list of users")
		v.next(out.NextToken)
		for _, u := range out.Users {
			v.has("user id", u.UserId)
			c.ofStore(&v, u.IdentityStoreId)
			v.item(item{aws.ToString(u.UserId), aws.ToString(u.UserName), true})
		}
	case *identitystore.ListGroupsOutput:
		v.must(out.Groups != nil, "has no list of groups")
		v.next(out.NextToken)
		for _, g := range out.Groups {
			v.has("group id", g.GroupId)
			c.ofStore(&v, g.IdentityStoreId)
			v.item(item{aws.ToString(g.GroupId), aws.ToString(g.DisplayName), true})
		}
	case *identitystore.ListGroupMembershipsOutput:
		v.must(out.GroupMemberships != nil, "has no list of memberships")
		v.next(out.NextToken)
		for _, m := range out.GroupMemberships {
			c.membership(&v, m)
			v.is("group", m.GroupId, in.(*identitystore.ListGroupMembershipsInput).GroupId)
		}
	case *identitystore.ListGroupMembershipsForMemberOutput:
		v.must(out.GroupMemberships != nil, "has no list of memberships")
		v.next(out.NextToken)
		for _, m := range out.GroupMemberships {
			c.membership(&v, m)
			v.has("group id", m.GroupId)
			if want, ok := in.(*identitystore.ListGroupMembershipsForMemberInput).MemberId.(*storetypes.MemberIdMemberUserId); ok {
				v.is("user", userIn(m), &want.Value)
			}
		}
	default:
		return nil, "", false
	}
	return v.page, v.wrong, true
}

func (c *Client) membership(v *verdict, m storetypes.GroupMembership) {
	v.has("membership id", m.MembershipId)
	v.must(m.MemberId != nil, "has a membership without its member")
	c.ofStore(v, m.IdentityStoreId)
	v.item(item{id: aws.ToString(m.MembershipId), name: aws.ToString(m.GroupId) + " " + aws.ToString(userIn(m))})
}

// userIn gives the user of a membership, nil where its member is another thing.
func userIn(m storetypes.GroupMembership) *string {
	if user, ok := m.MemberId.(*storetypes.MemberIdMemberUserId); ok {
		return &user.Value
	}
	return nil
}
