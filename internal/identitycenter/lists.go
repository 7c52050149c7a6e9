package identitycenter

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/identitystore"
	storetypes "github.com/aws/aws-sdk-go-v2/service/identitystore/types"
	"github.com/aws/aws-sdk-go-v2/service/ssoadmin"
	ssotypes "github.com/aws/aws-sdk-go-v2/service/ssoadmin/types"
	"github.com/aws/smithy-go/middleware"
)

// belonging is a group that a user is in, by the membership's id.
type belonging struct{ group, membership string }

// listGroupsOf gives the groups of a user, and the metadata of the last call: a
// call for each hundred.
func (c *Client) listGroupsOf(ctx context.Context, user string) (groups []belonging, last middleware.Metadata, err error) {
	err = eachPage(ctx, func(ctx context.Context, token *string) (*string, error) {
		out, err := c.store.ListGroupMembershipsForMember(ctx, &identitystore.ListGroupMembershipsForMemberInput{
			IdentityStoreId: &c.instance.IdentityStoreID, MemberId: &storetypes.MemberIdMemberUserId{Value: user},
			MaxResults: aws.Int32(pageSize), NextToken: token,
		})
		if err != nil {
			return nil, err
		}
		for _, m := range out.GroupMemberships {
			groups = append(groups, belonging{aws.ToString(m.GroupId), aws.ToString(m.MembershipId)})
		}
		last = out.ResultMetadata
		return out.NextToken, nil
	})
	return onceBy(groups, func(b belonging) string { return b.membership }), last, err
}

// listSetsIn gives the ARNs of the sets in an account that have the status, ""
// meaning either, and the metadata of the last call: a call for each hundred.
func (c *Client) listSetsIn(ctx context.Context, account string, status ssotypes.ProvisioningStatus) (arns []string, last middleware.Metadata, err error) {
	err = eachPage(ctx, func(ctx context.Context, token *string) (*string, error) {
		out, err := c.sso.ListPermissionSetsProvisionedToAccount(ctx, &ssoadmin.ListPermissionSetsProvisionedToAccountInput{
			InstanceArn: &c.instance.ARN, AccountId: &account, ProvisioningStatus: status, MaxResults: aws.Int32(pageSize), NextToken: token,
		})
		if err != nil {
			return nil, err
		}
		arns, last = append(arns, out.PermissionSets...), out.ResultMetadata
		return out.NextToken, nil
	})
	return onceBy(arns, func(arn string) string { return arn }), last, err
}
