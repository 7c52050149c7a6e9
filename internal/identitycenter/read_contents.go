package identitycenter

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssoadmin"
	ssotypes "github.com/aws/aws-sdk-go-v2/service/ssoadmin/types"

	"github.com/rolecall-dev/rolecall/internal/access"
)

// contents gives the reads of everything on the sets in scope that is not read
// yet; they may run in any order. Each writes fields of its own.
func (r *reader) contents() []func(context.Context) error {
	var reads []func(context.Context) error
	for _, arn := range slices.Sorted(maps.Keys(r.sets)) {
		s := r.sets[arn]
		if s.gone || s.read {
			continue
		}
		part := func(what string, read func(context.Context, string, *setRead) error) {
			reads = append(reads, func(ctx context.Context) error {
				err := read(ctx, arn, s)
				if isNotFound(err) {
					r.vanished(s)
					return nil
				}
				if err != nil {
					return fmt.Errorf("read the %s of permission set %q: %w", what, arn, err)
				}
				return nil
			})
		}
		part("attributes and tags", r.readMarks)
		part("managed policies", r.readManagedPolicies)
		part("customer managed policies", r.readCustomerPolicies)
		part("inline policy", r.readInlinePolicy)
		part("permissions boundary", r.readBoundary)
		part("accounts", r.readProvisioned)
	}
	return reads
}

// readMarks reads what finding the set did not have to.
func (r *reader) readMarks(ctx context.Context, arn string, s *setRead) error {
	if !s.described {
		if err := r.describe(ctx, arn, s); err != nil {
			return err
		}
	}
	r.mu.Lock()
	t, ok := r.tags[arn]
	r.mu.Unlock()
	if !ok {
		if err := r.readTags(ctx, arn); err != nil {
			return err
		}
		r.mu.Lock()
		t = r.tags[arn]
		r.mu.Unlock()
	}
	s.Tags, s.Owner = t.tags, t.owner
	return nil
}

func (r *reader) readManagedPolicies(ctx context.Context, arn string, s *setRead) error {
	var err error
	s.ManagedPolicies, err = r.c.managedPolicies(ctx, arn)
	return err
}

func (r *reader) readCustomerPolicies(ctx context.Context, arn string, s *setRead) error {
	var err error
	s.CustomerPolicies, err = r.c.customerPolicies(ctx, arn)
	return err
}

func (r *reader) readInlinePolicy(ctx context.Context, arn string, s *setRead) error {
	var err error
	s.InlinePolicy, err = r.c.inlinePolicy(ctx, arn)
	return err
}

func (r *reader) readBoundary(ctx context.Context, arn string, s *setRead) error {
	var err error
	s.Boundary, err = r.c.boundary(ctx, arn)
	return err
}

// readProvisioned reads where the set is provisioned, and where that is not
// the latest; a set that is nowhere needs no second call.
func (r *reader) readProvisioned(ctx context.Context, arn string, s *setRead) error {
	var err error
	if s.Provisioned, err = r.c.provisionedAccounts(ctx, arn, ""); err != nil || len(s.Provisioned) == 0 {
		return err
	}
	s.Outdated, err = r.c.provisionedAccounts(ctx, arn, ssotypes.ProvisioningStatusLatestPermissionSetNotProvisioned)
	return err
}

func (c *Client) managedPolicies(ctx context.Context, arn string) ([]string, error) {
	var policies []string
	err := eachPage(ctx, func(ctx context.Context, token *string) (*string, error) {
		out, err := c.sso.ListManagedPoliciesInPermissionSet(ctx, &ssoadmin.ListManagedPoliciesInPermissionSetInput{
			InstanceArn: &c.instance.ARN, PermissionSetArn: &arn, MaxResults: aws.Int32(pageSize), NextToken: token,
		})
		if err != nil {
			return nil, err
		}
		for _, p := range out.AttachedManagedPolicies {
			policies = append(policies, aws.ToString(p.Arn))
		}
		return out.NextToken, nil
	})
	return policies, err
}

func (c *Client) customerPolicies(ctx context.Context, arn string) ([]access.CustomerPolicy, error) {
	var policies []access.CustomerPolicy
	err := eachPage(ctx, func(ctx context.Context, token *string) (*string, error) {
		out, err := c.sso.ListCustomerManagedPolicyReferencesInPermissionSet(ctx, &ssoadmin.ListCustomerManagedPolicyReferencesInPermissionSetInput{
			InstanceArn: &c.instance.ARN, PermissionSetArn: &arn, MaxResults: aws.Int32(pageSize), NextToken: token,
		})
		if err != nil {
			return nil, err
		}
		for i := range out.CustomerManagedPolicyReferences {
			policies = append(policies, customerPolicy(&out.CustomerManagedPolicyReferences[i]))
		}
		return out.NextToken, nil
	})
	return policies, err
}

// inlinePolicy gives the set's inline policy in canonical form, "" for none.
func (c *Client) inlinePolicy(ctx context.Context, arn string) (string, error) {
	out, err := c.sso.GetInlinePolicyForPermissionSet(ctx, &ssoadmin.GetInlinePolicyForPermissionSetInput{
		InstanceArn: &c.instance.ARN, PermissionSetArn: &arn,
	})
	if err != nil {
		return "", err
	}
	return access.CanonicalPolicy(aws.ToString(out.InlinePolicy)), nil
}

// boundary gives the set's permissions boundary. That there is none comes as
// ResourceNotFoundException (the resource of hashicorp/aws reads it so); a set
// that is itself gone is told by its other reads.
func (c *Client) boundary(ctx context.Context, arn string) (access.Boundary, error) {
	out, err := c.sso.GetPermissionsBoundaryForPermissionSet(ctx, &ssoadmin.GetPermissionsBoundaryForPermissionSetInput{
		InstanceArn: &c.instance.ARN, PermissionSetArn: &arn,
	})
	switch {
	case isNotFound(err):
		return access.Boundary{}, nil
	case err != nil:
		return access.Boundary{}, err
	case out.PermissionsBoundary == nil:
		return access.Boundary{}, nil
	case out.PermissionsBoundary.CustomerManagedPolicyReference != nil:
		return access.Boundary{CustomerPolicy: customerPolicy(out.PermissionsBoundary.CustomerManagedPolicyReference)}, nil
	default:
		return access.Boundary{ManagedPolicy: aws.ToString(out.PermissionsBoundary.ManagedPolicyArn)}, nil
	}
}

// provisionedAccounts lists the accounts where a set is provisioned, all ("")
// or those of a status.
func (c *Client) provisionedAccounts(ctx context.Context, arn string, status ssotypes.ProvisioningStatus) ([]string, error) {
	var accounts []string
	err := eachPage(ctx, func(ctx context.Context, token *string) (*string, error) {
		out, err := c.sso.ListAccountsForProvisionedPermissionSet(ctx, &ssoadmin.ListAccountsForProvisionedPermissionSetInput{
			InstanceArn: &c.instance.ARN, PermissionSetArn: &arn, ProvisioningStatus: status,
			MaxResults: aws.Int32(pageSize), NextToken: token,
		})
		if err != nil {
			return nil, err
		}
		accounts = append(accounts, out.AccountIds...)
		return out.NextToken, nil
	})
	return onceBy(accounts, func(id string) string { return id }), err
}
