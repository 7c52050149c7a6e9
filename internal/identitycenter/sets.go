package identitycenter

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssoadmin"
	ssotypes "github.com/aws/aws-sdk-go-v2/service/ssoadmin/types"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/diag"
)

// The operations of sso-admin on permission sets that read.

func (c *Client) arn() *string { return &c.instance.ARN }

// listInstances lists the instances of the Region.
func (c *Client) listInstances() List[ssotypes.InstanceMetadata] {
	return listOf("sso:ListInstances", "in "+c.region, func(i ssotypes.InstanceMetadata) string { return aws.ToString(i.InstanceArn) },
		func(ctx context.Context, token *string) (*ssoadmin.ListInstancesOutput, error) {
			return c.sso.ListInstances(ctx, &ssoadmin.ListInstancesInput{NextToken: token})
		}, func(out *ssoadmin.ListInstancesOutput) []ssotypes.InstanceMetadata { return out.Instances })
}

// ListPermissionSets lists the ARNs of all permission sets.
func (c *Client) ListPermissionSets() List[string] {
	return listOf("sso:ListPermissionSets", "", same, func(ctx context.Context, token *string) (*ssoadmin.ListPermissionSetsOutput, error) {
		return c.sso.ListPermissionSets(ctx, &ssoadmin.ListPermissionSetsInput{InstanceArn: c.arn(), MaxResults: aws.Int32(PageSize), NextToken: token})
	}, func(out *ssoadmin.ListPermissionSetsOutput) []string { return out.PermissionSets })
}

// Described are a permission set's own attributes.
type Described struct {
	access.PermissionSet // ARN, name, description, session duration and relay state
	Created              time.Time
	Now                  time.Time // by AWS's clock
}

// DescribePermissionSet returns a set's attributes, and learns its name.
func (c *Client) DescribePermissionSet(ctx context.Context, arn string) (Described, diag.Evidence, error) {
	out, err := c.sso.DescribePermissionSet(ctx, &ssoadmin.DescribePermissionSetInput{InstanceArn: c.arn(), PermissionSetArn: &arn})
	if err != nil {
		return Described{}, diag.Evidence{}, fmt.Errorf("describe permission set %s: %w", arn, err)
	}
	p := out.PermissionSet
	d := Described{Created: aws.ToTime(p.CreatedDate), Now: time.Now().Round(0).Add(skew(out.ResultMetadata)), PermissionSet: access.PermissionSet{
		ARN: arn, Name: aws.ToString(p.Name), Description: aws.ToString(p.Description),
		SessionDuration: aws.ToString(p.SessionDuration), RelayState: aws.ToString(p.RelayState),
	}}
	c.learnName(arn, d.Name)
	return d, looked("sso:DescribePermissionSet", arn, fmt.Sprintf("permission set %q", d.Name), out.ResultMetadata), nil
}

// ListTagsForResource lists a set's tags, and learns whose it is.
func (c *Client) ListTagsForResource(ctx context.Context, arn string) ([]access.Tag, diag.Evidence, error) {
	tags, seen, err := listOf("sso:ListTagsForResource", arn, func(t access.Tag) string { return t.Key }, func(ctx context.Context, token *string) (*ssoadmin.ListTagsForResourceOutput, error) {
		return c.sso.ListTagsForResource(ctx, &ssoadmin.ListTagsForResourceInput{InstanceArn: c.arn(), ResourceArn: &arn, NextToken: token})
	}, func(out *ssoadmin.ListTagsForResourceOutput) []access.Tag { return mapped(out.Tags, tagOf) }).All(ctx)
	if err == nil {
		c.LearnMark(arn, MarkOf(tags))
	}
	return tags, seen, err
}

func tagOf(t ssotypes.Tag) access.Tag {
	return access.Tag{Key: aws.ToString(t.Key), Value: aws.ToString(t.Value)}
}

// ListManagedPolicies lists the ARNs of the AWS managed policies on a set.
func (c *Client) ListManagedPolicies(ctx context.Context, arn string) ([]string, diag.Evidence, error) {
	return listOf("sso:ListManagedPoliciesInPermissionSet", arn, same, func(ctx context.Context, token *string) (*ssoadmin.ListManagedPoliciesInPermissionSetOutput, error) {
		return c.sso.ListManagedPoliciesInPermissionSet(ctx, &ssoadmin.ListManagedPoliciesInPermissionSetInput{
			InstanceArn: c.arn(), PermissionSetArn: &arn, MaxResults: aws.Int32(PageSize), NextToken: token})
	}, func(out *ssoadmin.ListManagedPoliciesInPermissionSetOutput) []string {
		return mapped(out.AttachedManagedPolicies, func(p ssotypes.AttachedManagedPolicy) string { return aws.ToString(p.Arn) })
	}).All(ctx)
}

// ListCustomerPolicies lists the customer managed policies on a set.
func (c *Client) ListCustomerPolicies(ctx context.Context, arn string) ([]access.CustomerPolicy, diag.Evidence, error) {
	return listOf("sso:ListCustomerManagedPolicyReferencesInPermissionSet", arn, access.CustomerPolicy.String, func(ctx context.Context, token *string) (*ssoadmin.ListCustomerManagedPolicyReferencesInPermissionSetOutput, error) {
		return c.sso.ListCustomerManagedPolicyReferencesInPermissionSet(ctx, &ssoadmin.ListCustomerManagedPolicyReferencesInPermissionSetInput{
			InstanceArn: c.arn(), PermissionSetArn: &arn, MaxResults: aws.Int32(PageSize), NextToken: token})
	}, func(out *ssoadmin.ListCustomerManagedPolicyReferencesInPermissionSetOutput) []access.CustomerPolicy {
		return mapped(out.CustomerManagedPolicyReferences, customerPolicy)
	}).All(ctx)
}

func customerPolicy(ref ssotypes.CustomerManagedPolicyReference) access.CustomerPolicy {
	p := access.CustomerPolicy{Name: aws.ToString(ref.Name), Path: aws.ToString(ref.Path)}
	if p.Path == "" {
		p.Path = "/" // the default of the model
	}
	return p
}

// GetInlinePolicy returns a set's inline policy in canonical form, "" for none.
func (c *Client) GetInlinePolicy(ctx context.Context, arn string) (string, diag.Evidence, error) {
	out, err := c.sso.GetInlinePolicyForPermissionSet(ctx, &ssoadmin.GetInlinePolicyForPermissionSetInput{InstanceArn: c.arn(), PermissionSetArn: &arn})
	if err != nil {
		return "", diag.Evidence{}, fmt.Errorf("read the inline policy of permission set %s: %w", arn, err)
	}
	return access.CanonicalPolicy(aws.ToString(out.InlinePolicy)), looked("sso:GetInlinePolicyForPermissionSet", arn, "", out.ResultMetadata), nil
}

// GetPermissionsBoundary returns a set's permissions boundary. That there is none
// comes as ResourceNotFoundException (the resource of hashicorp/aws reads it so);
// a set that is itself gone is told by its other reads.
func (c *Client) GetPermissionsBoundary(ctx context.Context, arn string) (access.Boundary, diag.Evidence, error) {
	out, err := c.sso.GetPermissionsBoundaryForPermissionSet(ctx, &ssoadmin.GetPermissionsBoundaryForPermissionSetInput{InstanceArn: c.arn(), PermissionSetArn: &arn})
	if IsNotFound(err) {
		return access.Boundary{}, diag.Evidence{}, nil
	}
	if err != nil {
		return access.Boundary{}, diag.Evidence{}, fmt.Errorf("read the permissions boundary of permission set %s: %w", arn, err)
	}
	var boundary access.Boundary
	switch b := out.PermissionsBoundary; {
	case b == nil:
	case b.CustomerManagedPolicyReference != nil:
		boundary.CustomerPolicy = customerPolicy(*b.CustomerManagedPolicyReference)
	default:
		boundary.ManagedPolicy = aws.ToString(b.ManagedPolicyArn)
	}
	return boundary, looked("sso:GetPermissionsBoundaryForPermissionSet", arn, "", out.ResultMetadata), nil
}

// Contents reads what is on a set, in parts that may be read side by side: each
// writes a field of its own.
func (c *Client) Contents(arn string, into *access.PermissionSet) []func(context.Context) error {
	return []func(context.Context) error{
		func(ctx context.Context) (err error) {
			into.ManagedPolicies, _, err = c.ListManagedPolicies(ctx, arn)
			return err
		},
		func(ctx context.Context) (err error) {
			into.CustomerPolicies, _, err = c.ListCustomerPolicies(ctx, arn)
			return err
		},
		func(ctx context.Context) (err error) {
			into.InlinePolicy, _, err = c.GetInlinePolicy(ctx, arn)
			return err
		},
		func(ctx context.Context) (err error) {
			into.Boundary, _, err = c.GetPermissionsBoundary(ctx, arn)
			return err
		},
	}
}

// A Provisioned says which version of a permission set an account has.
type Provisioned = ssotypes.ProvisioningStatus

// The versions; "" asks for either.
const (
	EitherVersion Provisioned = ""
	OlderVersion  Provisioned = ssotypes.ProvisioningStatusLatestPermissionSetNotProvisioned
)

// ListAccountsForProvisionedPermissionSet lists the ids of the accounts that have
// a set.
func (c *Client) ListAccountsForProvisionedPermissionSet(ctx context.Context, arn string, version Provisioned) ([]string, diag.Evidence, error) {
	return listOf("sso:ListAccountsForProvisionedPermissionSet", arn, same, func(ctx context.Context, token *string) (*ssoadmin.ListAccountsForProvisionedPermissionSetOutput, error) {
		return c.sso.ListAccountsForProvisionedPermissionSet(ctx, &ssoadmin.ListAccountsForProvisionedPermissionSetInput{
			InstanceArn: c.arn(), PermissionSetArn: &arn, ProvisioningStatus: version, MaxResults: aws.Int32(PageSize), NextToken: token})
	}, func(out *ssoadmin.ListAccountsForProvisionedPermissionSetOutput) []string { return out.AccountIds }).All(ctx)
}

// ListPermissionSetsProvisionedToAccount lists the ARNs of the sets that an
// account has.
func (c *Client) ListPermissionSetsProvisionedToAccount(ctx context.Context, account string, version Provisioned) ([]string, diag.Evidence, error) {
	return listOf("sso:ListPermissionSetsProvisionedToAccount", account, same, func(ctx context.Context, token *string) (*ssoadmin.ListPermissionSetsProvisionedToAccountOutput, error) {
		return c.sso.ListPermissionSetsProvisionedToAccount(ctx, &ssoadmin.ListPermissionSetsProvisionedToAccountInput{
			InstanceArn: c.arn(), AccountId: &account, ProvisioningStatus: version, MaxResults: aws.Int32(PageSize), NextToken: token})
	}, func(out *ssoadmin.ListPermissionSetsProvisionedToAccountOutput) []string { return out.PermissionSets }).All(ctx)
}
