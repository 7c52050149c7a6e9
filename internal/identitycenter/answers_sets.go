package identitycenter

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssoadmin"
	ssotypes "github.com/aws/aws-sdk-go-v2/service/ssoadmin/types"
)

func (c *Client) judgeSets(in, out any) (*page, string, bool) {
	var v verdict
	switch out := out.(type) {
	case *ssoadmin.ListInstancesOutput:
		v.next(out.NextToken)
		for _, i := range out.Instances {
			v.has("instance ARN", i.InstanceArn)
			v.item(item{id: aws.ToString(i.InstanceArn)})
		}
	case *ssoadmin.DescribePermissionSetOutput:
		v.must(out.PermissionSet != nil, "has no permission set")
		if out.PermissionSet != nil {
			v.is("permission set", out.PermissionSet.PermissionSetArn, in.(*ssoadmin.DescribePermissionSetInput).PermissionSetArn)
			v.has("name of the permission set", out.PermissionSet.Name)
		}
	case *ssoadmin.CreatePermissionSetOutput:
		v.must(out.PermissionSet != nil, "has no permission set")
		if out.PermissionSet != nil {
			c.ofInstance(&v, out.PermissionSet.PermissionSetArn)
			v.is("permission set", out.PermissionSet.Name, in.(*ssoadmin.CreatePermissionSetInput).Name)
		}
	case *ssoadmin.ListPermissionSetsOutput:
		c.setPage(&v, out.PermissionSets, out.NextToken)
	case *ssoadmin.ListPermissionSetsProvisionedToAccountOutput:
		c.setPage(&v, out.PermissionSets, out.NextToken)
	case *ssoadmin.ListManagedPoliciesInPermissionSetOutput:
		v.next(out.NextToken)
		for _, p := range out.AttachedManagedPolicies {
			v.has("policy's ARN", p.Arn)
			v.item(item{id: aws.ToString(p.Arn)})
		}
	case *ssoadmin.ListCustomerManagedPolicyReferencesInPermissionSetOutput:
		v.next(out.NextToken)
		for _, p := range out.CustomerManagedPolicyReferences {
			v.has("policy's name", p.Name)
			v.item(item{id: aws.ToString(p.Path) + aws.ToString(p.Name)})
		}
	case *ssoadmin.ListTagsForResourceOutput:
		v.next(out.NextToken)
		for _, t := range out.Tags {
			v.has("tag's key", t.Key)
			v.item(item{id: aws.ToString(t.Key), name: aws.ToString(t.Value)})
		}
	default:
		return nil, "", false
	}
	return v.page, v.wrong, true
}

func (c *Client) setPage(v *verdict, arns []string, next *string) {
	v.next(next)
	for _, arn := range arns {
		c.ofInstance(v, &arn)
		v.item(item{id: arn})
	}
}

func (c *Client) judgeAssignments(in, out any) (*page, string, bool) {
	var v verdict
	switch out := out.(type) {
	case *ssoadmin.ListAccountAssignmentsOutput:
		in := in.(*ssoadmin.ListAccountAssignmentsInput)
		v.next(out.NextToken)
		for _, a := range out.AccountAssignments {
			v.is("account", a.AccountId, in.AccountId)
			v.is("permission set", a.PermissionSetArn, in.PermissionSetArn)
			v.principal(a.PrincipalType, a.PrincipalId)
			v.item(item{id: string(a.PrincipalType) + " " + aws.ToString(a.PrincipalId)})
		}
	case *ssoadmin.ListAccountAssignmentsForPrincipalOutput:
		in := in.(*ssoadmin.ListAccountAssignmentsForPrincipalInput)
		v.next(out.NextToken)
		for _, a := range out.AccountAssignments {
			v.account(a.AccountId)
			c.ofInstance(&v, a.PermissionSetArn)
			v.principal(a.PrincipalType, a.PrincipalId)
			if in.PrincipalType != ssotypes.PrincipalTypeUser || a.PrincipalType == ssotypes.PrincipalTypeUser { // a user's also come by groups
				v.is("principal", a.PrincipalId, in.PrincipalId)
			}
			v.item(item{id: aws.ToString(a.AccountId) + " " + aws.ToString(a.PermissionSetArn) + " " + aws.ToString(a.PrincipalId)})
		}
	case *ssoadmin.ListAccountsForProvisionedPermissionSetOutput:
		v.next(out.NextToken)
		for _, id := range out.AccountIds {
			v.account(&id)
			v.item(item{id: id})
		}
	case *ssoadmin.ListApplicationAssignmentsForPrincipalOutput:
		v.next(out.NextToken)
		for _, a := range out.ApplicationAssignments {
			v.has("application's ARN", a.ApplicationArn)
			v.item(item{id: aws.ToString(a.ApplicationArn) + " " + aws.ToString(a.PrincipalId)})
		}
	default:
		return nil, "", false
	}
	return v.page, v.wrong, true
}

// principal says that an assignment is of a user or a group.
func (v *verdict) principal(kind ssotypes.PrincipalType, id *string) {
	v.must(kind == ssotypes.PrincipalTypeGroup || kind == ssotypes.PrincipalTypeUser, "has an assignment to neither a user nor a group, but %q", kind)
	v.has("principal id", id)
}

func (c *Client) judgeJobs(in, out any) (*page, string, bool) {
	var v verdict
	switch out := out.(type) {
	case *ssoadmin.CreateAccountAssignmentOutput:
		v.job(assignmentJob(out.AccountAssignmentCreationStatus), nil)
	case *ssoadmin.DeleteAccountAssignmentOutput:
		v.job(assignmentJob(out.AccountAssignmentDeletionStatus), nil)
	case *ssoadmin.ProvisionPermissionSetOutput:
		v.job(provisioningJob(out.PermissionSetProvisioningStatus), nil)
	case *ssoadmin.DescribeAccountAssignmentCreationStatusOutput:
		v.job(assignmentJob(out.AccountAssignmentCreationStatus), in.(*ssoadmin.DescribeAccountAssignmentCreationStatusInput).AccountAssignmentCreationRequestId)
	case *ssoadmin.DescribeAccountAssignmentDeletionStatusOutput:
		v.job(assignmentJob(out.AccountAssignmentDeletionStatus), in.(*ssoadmin.DescribeAccountAssignmentDeletionStatusInput).AccountAssignmentDeletionRequestId)
	case *ssoadmin.DescribePermissionSetProvisioningStatusOutput:
		v.job(provisioningJob(out.PermissionSetProvisioningStatus), in.(*ssoadmin.DescribePermissionSetProvisioningStatusInput).ProvisionPermissionSetRequestId)
	case *ssoadmin.ListAccountAssignmentCreationStatusOutput:
		v.next(out.NextToken)
		v.jobs(assignmentStatuses(out.AccountAssignmentsCreationStatus))
	case *ssoadmin.ListAccountAssignmentDeletionStatusOutput:
		v.next(out.NextToken)
		v.jobs(assignmentStatuses(out.AccountAssignmentsDeletionStatus))
	case *ssoadmin.ListPermissionSetProvisioningStatusOutput:
		v.next(out.NextToken)
		for _, s := range out.PermissionSetsProvisioningStatus {
			v.jobs([]jobStatus{{aws.ToString(s.RequestId), s.Status}})
		}
	default:
		return nil, "", false
	}
	return v.page, v.wrong, true
}

func assignmentJob(s *ssotypes.AccountAssignmentOperationStatus) *jobStatus {
	if s == nil {
		return nil
	}
	return &jobStatus{aws.ToString(s.RequestId), s.Status}
}

func provisioningJob(s *ssotypes.PermissionSetProvisioningStatus) *jobStatus {
	if s == nil {
		return nil
	}
	return &jobStatus{aws.ToString(s.RequestId), s.Status}
}

// job says that an answer tells of the job that was asked about, or of any.
func (v *verdict) job(s *jobStatus, want *string) {
	v.must(s != nil, "has no status")
	if s == nil {
		return
	}
	v.has("status", (*string)(&s.status))
	v.has("request id", &s.id)
	v.is("request", &s.id, want)
}

func (v *verdict) jobs(list []jobStatus) {
	for _, s := range list {
		v.has("request id", &s.id)
		v.item(item{id: s.id})
	}
}
