package identitycenter

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssoadmin"
	ssotypes "github.com/aws/aws-sdk-go-v2/service/ssoadmin/types"
	"github.com/aws/smithy-go/middleware"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/diag"
)

// JobKind says which status operations answer for a job.
type JobKind string

// The kinds of jobs.
const (
	CreateAssignmentJob JobKind = "create_assignment"
	DeleteAssignmentJob JobKind = "delete_assignment"
	ProvisionJob        JobKind = "provision"
)

// JobStatus is AWS's own; "" asks for any.
type JobStatus = ssotypes.StatusValues

// The statuses.
const (
	JobInProgress JobStatus = ssotypes.StatusValuesInProgress
	JobFailed     JobStatus = ssotypes.StatusValuesFailed
	JobSucceeded  JobStatus = ssotypes.StatusValuesSucceeded
)

// Job is work that AWS does after the call that asked for it. What a list says of
// it is its id, status and time of creation.
type Job struct {
	ID      string // AWS's request id
	Status  JobStatus
	About   access.AssignmentID // of a provisioning only set and account
	Reason  string              // why it failed, word for word
	Created time.Time           // zero where AWS does not say
}

// What an answer tells of a job; judgeAnswers has refused one that tells of none.

func assignmentJob(s *ssotypes.AccountAssignmentOperationStatus) Job {
	if s == nil {
		return Job{}
	}
	return Job{ID: aws.ToString(s.RequestId), Status: s.Status, Reason: aws.ToString(s.FailureReason), Created: aws.ToTime(s.CreatedDate), About: access.AssignmentID{
		SetInAccount: access.SetInAccount{SetARN: aws.ToString(s.PermissionSetArn), Account: aws.ToString(s.TargetId)}, Kind: KindOf(string(s.PrincipalType)), Principal: aws.ToString(s.PrincipalId)}}
}

func provisioningJob(s *ssotypes.PermissionSetProvisioningStatus) Job {
	if s == nil {
		return Job{}
	}
	return Job{ID: aws.ToString(s.RequestId), Status: s.Status, Reason: aws.ToString(s.FailureReason), Created: aws.ToTime(s.CreatedDate),
		About: access.AssignmentID{SetInAccount: access.SetInAccount{SetARN: aws.ToString(s.PermissionSetArn), Account: aws.ToString(s.AccountId)}}}
}

// DescribeJob asks how a job is getting on.
func (c *Client) DescribeJob(ctx context.Context, kind JobKind, id string) (Job, diag.Evidence, error) {
	var job Job
	var call string
	var metadata middleware.Metadata
	var err error
	switch kind {
	case CreateAssignmentJob:
		var out *ssoadmin.DescribeAccountAssignmentCreationStatusOutput
		call = "sso:DescribeAccountAssignmentCreationStatus"
		out, err = c.sso.DescribeAccountAssignmentCreationStatus(ctx, &ssoadmin.DescribeAccountAssignmentCreationStatusInput{InstanceArn: c.arn(), AccountAssignmentCreationRequestId: &id})
		if err == nil {
			job, metadata = assignmentJob(out.AccountAssignmentCreationStatus), out.ResultMetadata
		}
	case DeleteAssignmentJob:
		var out *ssoadmin.DescribeAccountAssignmentDeletionStatusOutput
		call = "sso:DescribeAccountAssignmentDeletionStatus"
		out, err = c.sso.DescribeAccountAssignmentDeletionStatus(ctx, &ssoadmin.DescribeAccountAssignmentDeletionStatusInput{InstanceArn: c.arn(), AccountAssignmentDeletionRequestId: &id})
		if err == nil {
			job, metadata = assignmentJob(out.AccountAssignmentDeletionStatus), out.ResultMetadata
		}
	default:
		var out *ssoadmin.DescribePermissionSetProvisioningStatusOutput
		call = "sso:DescribePermissionSetProvisioningStatus"
		out, err = c.sso.DescribePermissionSetProvisioningStatus(ctx, &ssoadmin.DescribePermissionSetProvisioningStatusInput{InstanceArn: c.arn(), ProvisionPermissionSetRequestId: &id})
		if err == nil {
			job, metadata = provisioningJob(out.PermissionSetProvisioningStatus), out.ResultMetadata
		}
	}
	if err != nil {
		return Job{}, diag.Evidence{}, fmt.Errorf("ask for the %s job %s: %w", kind, id, err)
	}
	return job, looked(call, id, string(job.Status), metadata), nil
}

// ListJobs lists the jobs of a kind that have a status. AWS does not say in which
// order.
func (c *Client) ListJobs(kind JobKind, status JobStatus) List[Job] {
	var filter *ssotypes.OperationStatusFilter
	if status != "" {
		filter = &ssotypes.OperationStatusFilter{Status: status}
	}
	key := func(j Job) string { return j.ID }
	switch kind {
	case CreateAssignmentJob:
		return listOf("sso:ListAccountAssignmentCreationStatus", string(status), key, func(ctx context.Context, token *string) (*ssoadmin.ListAccountAssignmentCreationStatusOutput, error) {
			return c.sso.ListAccountAssignmentCreationStatus(ctx, &ssoadmin.ListAccountAssignmentCreationStatusInput{InstanceArn: c.arn(), Filter: filter, MaxResults: aws.Int32(PageSize), NextToken: token})
		}, func(out *ssoadmin.ListAccountAssignmentCreationStatusOutput) []Job {
			return mapped(out.AccountAssignmentsCreationStatus, listedJob)
		})
	case DeleteAssignmentJob:
		return listOf("sso:ListAccountAssignmentDeletionStatus", string(status), key, func(ctx context.Context, token *string) (*ssoadmin.ListAccountAssignmentDeletionStatusOutput, error) {
			return c.sso.ListAccountAssignmentDeletionStatus(ctx, &ssoadmin.ListAccountAssignmentDeletionStatusInput{InstanceArn: c.arn(), Filter: filter, MaxResults: aws.Int32(PageSize), NextToken: token})
		}, func(out *ssoadmin.ListAccountAssignmentDeletionStatusOutput) []Job {
			return mapped(out.AccountAssignmentsDeletionStatus, listedJob)
		})
	default:
		return listOf("sso:ListPermissionSetProvisioningStatus", string(status), key, func(ctx context.Context, token *string) (*ssoadmin.ListPermissionSetProvisioningStatusOutput, error) {
			return c.sso.ListPermissionSetProvisioningStatus(ctx, &ssoadmin.ListPermissionSetProvisioningStatusInput{InstanceArn: c.arn(), Filter: filter, MaxResults: aws.Int32(PageSize), NextToken: token})
		}, func(out *ssoadmin.ListPermissionSetProvisioningStatusOutput) []Job {
			return mapped(out.PermissionSetsProvisioningStatus, listedProvisioning)
		})
	}
}

func listedJob(s ssotypes.AccountAssignmentOperationStatusMetadata) Job {
	return Job{ID: aws.ToString(s.RequestId), Status: s.Status, Created: aws.ToTime(s.CreatedDate)}
}

func listedProvisioning(s ssotypes.PermissionSetProvisioningStatusMetadata) Job {
	return Job{ID: aws.ToString(s.RequestId), Status: s.Status, Created: aws.ToTime(s.CreatedDate)}
}

// betweenLooks is how long to wait before looking again whether jobs of an
// earlier run have ended; a job takes seconds.
const betweenLooks = 2 * time.Second

// WaitForJobs waits until the jobs that are in progress now have ended, so that
// a read sees what an earlier run, or somebody else, set going. Jobs started
// later are not waited for. Where some have not ended in time, the list says
// so: they may hang, as in a suspended account. waiting, where not nil, is told
// how many are left.
func (c *Client) WaitForJobs(ctx context.Context, longest time.Duration, waiting func(left int)) (diag.List, error) {
	began := time.Now()
	left, err := c.runningJobs(ctx, nil)
	for ; err == nil && len(left) > 0; left, err = c.runningJobs(ctx, left) {
		if time.Since(began) >= longest {
			return diag.List{stillRunning(left, longest)}, nil
		}
		if waiting != nil {
			waiting(len(left))
		}
		if err := Sleep(ctx, betweenLooks); err != nil {
			return nil, err
		}
	}
	return nil, c.Explain(err)
}

// runningJobs returns the jobs in progress by id; of those given, where any are.
func (c *Client) runningJobs(ctx context.Context, among map[string]JobKind) (map[string]JobKind, error) {
	running := map[string]JobKind{}
	for _, kind := range []JobKind{CreateAssignmentJob, DeleteAssignmentJob, ProvisionJob} {
		if among != nil && !slices.Contains(slices.Collect(maps.Values(among)), kind) {
			continue
		}
		jobs, _, err := c.ListJobs(kind, JobInProgress).All(ctx)
		if err != nil {
			return nil, err
		}
		for _, j := range jobs {
			if _, ok := among[j.ID]; ok || among == nil {
				running[j.ID] = kind
			}
		}
	}
	return running, nil
}

func stillRunning(jobs map[string]JobKind, after time.Duration) diag.Diagnostic {
	return diag.Diagnostic{
		Severity: diag.Warning, Code: CodeJobsRunning, Summary: fmt.Sprintf("%d jobs of an earlier run are still in progress after %s", len(jobs), after),
		Detail: "Requests: " + strings.Join(slices.Sorted(maps.Keys(jobs)), ", "),
		Hint:   "What they do may not be in the plan. A job hangs if its account is suspended; otherwise wait and plan again.",
	}
}
