package identitycenter

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssoadmin"
	ssotypes "github.com/aws/aws-sdk-go-v2/service/ssoadmin/types"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/diag"
)

// The operations of sso-admin on assignments.

// ListAccountAssignments lists who has a set in an account.
func (c *Client) ListAccountAssignments(ctx context.Context, p access.SetInAccount) ([]access.AssignmentID, diag.Evidence, error) {
	return listOf("sso:ListAccountAssignments", p.SetARN+" in account "+p.Account, assignmentText, func(ctx context.Context, token *string) (*ssoadmin.ListAccountAssignmentsOutput, error) {
		return c.sso.ListAccountAssignments(ctx, &ssoadmin.ListAccountAssignmentsInput{
			InstanceArn: c.arn(), AccountId: &p.Account, PermissionSetArn: &p.SetARN, MaxResults: aws.Int32(PageSize), NextToken: token})
	}, func(out *ssoadmin.ListAccountAssignmentsOutput) []access.AssignmentID {
		return mapped(out.AccountAssignments, func(a ssotypes.AccountAssignment) access.AssignmentID {
			return access.AssignmentID{SetInAccount: p, Kind: KindOf(string(a.PrincipalType)), Principal: aws.ToString(a.PrincipalId)}
		})
	}).All(ctx)
}

func assignmentText(k access.AssignmentID) string {
	return k.SetARN + " " + k.Account + " " + k.Kind.String() + " " + k.Principal
}

// KindOf returns the kind of an AWS PrincipalType.
func KindOf(principalType string) access.PrincipalKind {
	if principalType == access.UserPrincipal.String() {
		return access.UserPrincipal
	}
	return access.GroupPrincipal
}

// ListAccountAssignmentsForPrincipal lists what a group or user has itself, in one
// account or in all (""); what a user has through groups is left out. AWS answers
// the management account only: see MayAskPrincipals. Pages may be short.
func (c *Client) ListAccountAssignmentsForPrincipal(kind access.PrincipalKind, principal, account string) List[access.AssignmentID] {
	about := fmt.Sprintf("%s %s in all accounts", kind, principal)
	var filter *ssotypes.ListAccountAssignmentsFilter
	if account != "" {
		about = fmt.Sprintf("%s %s in account %s", kind, principal, account)
		filter = &ssotypes.ListAccountAssignmentsFilter{AccountId: &account}
	}
	return listOf("sso:ListAccountAssignmentsForPrincipal", about, assignmentText, func(ctx context.Context, token *string) (*ssoadmin.ListAccountAssignmentsForPrincipalOutput, error) {
		return c.sso.ListAccountAssignmentsForPrincipal(ctx, &ssoadmin.ListAccountAssignmentsForPrincipalInput{
			InstanceArn: c.arn(), PrincipalId: &principal, PrincipalType: ssotypes.PrincipalType(kind.String()),
			Filter: filter, MaxResults: aws.Int32(PageSize), NextToken: token})
	}, func(out *ssoadmin.ListAccountAssignmentsForPrincipalOutput) (own []access.AssignmentID) {
		for _, a := range out.AccountAssignments {
			if aws.ToString(a.PrincipalId) == principal {
				own = append(own, access.AssignmentID{SetInAccount: access.SetInAccount{SetARN: aws.ToString(a.PermissionSetArn), Account: aws.ToString(a.AccountId)}, Kind: kind, Principal: principal})
			}
		}
		return own
	})
}

// MayAskPrincipals says whether ListAccountAssignmentsForPrincipal may work: AWS
// answers it in the management account only. Where we cannot tell what the account
// is, it is tried once.
func (c *Client) MayAskPrincipals() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	place := c.caller.Role
	return !c.refusedPrincipal && (place == ManagementAccount || place == UnknownRole)
}

// RefusePrincipals remembers that it was refused.
func (c *Client) RefusePrincipals() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.refusedPrincipal = true
}

// ListApplicationAssignmentsForPrincipal lists the ARNs of the applications that a
// group is assigned to.
func (c *Client) ListApplicationAssignmentsForPrincipal(ctx context.Context, group string) ([]string, diag.Evidence, error) {
	return listOf("sso:ListApplicationAssignmentsForPrincipal", "group "+group, same, func(ctx context.Context, token *string) (*ssoadmin.ListApplicationAssignmentsForPrincipalOutput, error) {
		return c.sso.ListApplicationAssignmentsForPrincipal(ctx, &ssoadmin.ListApplicationAssignmentsForPrincipalInput{
			InstanceArn: c.arn(), PrincipalId: &group, PrincipalType: ssotypes.PrincipalTypeGroup, MaxResults: aws.Int32(PageSize), NextToken: token})
	}, func(out *ssoadmin.ListApplicationAssignmentsForPrincipalOutput) []string {
		return mapped(out.ApplicationAssignments, func(a ssotypes.ApplicationAssignmentForPrincipal) string { return aws.ToString(a.ApplicationArn) })
	}).All(ctx)
}

// CreateAccountAssignment starts the job that makes an assignment. It may be
// repeated: AWS takes a second one of the same key without an error.
func (c *Client) CreateAccountAssignment(ctx context.Context, k access.AssignmentID) (Job, error) {
	out, err := c.sso.CreateAccountAssignment(ctx, &ssoadmin.CreateAccountAssignmentInput{
		InstanceArn: c.arn(), PermissionSetArn: &k.SetARN, TargetId: &k.Account, TargetType: ssotypes.TargetTypeAwsAccount,
		PrincipalId: &k.Principal, PrincipalType: ssotypes.PrincipalType(k.Kind.String()),
	}, once)
	if err != nil {
		return Job{}, fmt.Errorf("create account assignment: %w", err)
	}
	return assignmentJob(out.AccountAssignmentCreationStatus), nil
}

// DeleteAccountAssignment starts the job that ends an assignment.
func (c *Client) DeleteAccountAssignment(ctx context.Context, k access.AssignmentID) (Job, error) {
	out, err := c.sso.DeleteAccountAssignment(ctx, &ssoadmin.DeleteAccountAssignmentInput{
		InstanceArn: c.arn(), PermissionSetArn: &k.SetARN, TargetId: &k.Account, TargetType: ssotypes.TargetTypeAwsAccount,
		PrincipalId: &k.Principal, PrincipalType: ssotypes.PrincipalType(k.Kind.String()),
	}, once)
	if err != nil {
		return Job{}, fmt.Errorf("delete account assignment: %w", err)
	}
	return assignmentJob(out.AccountAssignmentDeletionStatus), nil
}

// ProvisionPermissionSet starts the job that brings a set up to date in an
// account, or in all that have it ("").
func (c *Client) ProvisionPermissionSet(ctx context.Context, arn, account string) (Job, error) {
	in := &ssoadmin.ProvisionPermissionSetInput{InstanceArn: c.arn(), PermissionSetArn: &arn, TargetType: ssotypes.ProvisionTargetTypeAllProvisionedAccounts}
	if account != "" {
		in.TargetType, in.TargetId = ssotypes.ProvisionTargetTypeAwsAccount, &account
	}
	out, err := c.sso.ProvisionPermissionSet(ctx, in, once)
	if err != nil {
		return Job{}, fmt.Errorf("provision permission set: %w", err)
	}
	return provisioningJob(out.PermissionSetProvisioningStatus), nil
}
