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

	"github.com/rolecall-dev/rolecall/internal/apply"
	"github.com/rolecall-dev/rolecall/internal/diag"
)

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
		if err := sleep(ctx, betweenLooks); err != nil {
			return nil, err
		}
	}
	return nil, c.explain(err)
}

// runningJobs gives the jobs in progress by id; of those given, where any are.
func (c *Client) runningJobs(ctx context.Context, among map[string]apply.JobKind) (map[string]apply.JobKind, error) {
	kinds := map[apply.JobKind]bool{}
	for _, kind := range among {
		kinds[kind] = true
	}
	running := map[string]apply.JobKind{}
	for _, kind := range []apply.JobKind{apply.CreateAssignmentJob, apply.DeleteAssignmentJob, apply.ProvisionJob} {
		if among != nil && !kinds[kind] {
			continue
		}
		err := eachPage(ctx, func(ctx context.Context, token *string) (*string, error) {
			page, next, err := c.jobPage(ctx, kind, ssotypes.StatusValuesInProgress, token)
			for _, s := range page {
				if _, ok := among[s.id]; ok || among == nil {
					running[s.id] = kind
				}
			}
			return next, err
		})
		if err != nil {
			return nil, fmt.Errorf("list %s jobs in progress: %w", kind, err)
		}
	}
	return running, nil
}

func stillRunning(jobs map[string]apply.JobKind, after time.Duration) diag.Diagnostic {
	return diag.Diagnostic{
		Severity: diag.Warning, Code: CodeJobsRunning, Summary: fmt.Sprintf("%d jobs of an earlier run are still in progress after %s", len(jobs), after),
		Detail: "Requests: " + strings.Join(slices.Sorted(maps.Keys(jobs)), ", "),
		Hint:   "What they do may not be in the plan. A job hangs where its account is suspended; otherwise wait and plan again.",
	}
}

type jobStatus struct {
	id     string
	status ssotypes.StatusValues
}

// jobPage lists a page of a kind of jobs, those of a status or all ("").
func (c *Client) jobPage(ctx context.Context, kind apply.JobKind, status ssotypes.StatusValues, token *string) ([]jobStatus, *string, error) {
	var filter *ssotypes.OperationStatusFilter
	if status != "" {
		filter = &ssotypes.OperationStatusFilter{Status: status}
	}
	switch kind {
	case apply.CreateAssignmentJob:
		out, err := c.sso.ListAccountAssignmentCreationStatus(ctx, &ssoadmin.ListAccountAssignmentCreationStatusInput{
			InstanceArn: &c.instance.ARN, Filter: filter, MaxResults: aws.Int32(pageSize), NextToken: token})
		if err != nil {
			return nil, nil, err
		}
		return assignmentStatuses(out.AccountAssignmentsCreationStatus), out.NextToken, nil
	case apply.DeleteAssignmentJob:
		out, err := c.sso.ListAccountAssignmentDeletionStatus(ctx, &ssoadmin.ListAccountAssignmentDeletionStatusInput{
			InstanceArn: &c.instance.ARN, Filter: filter, MaxResults: aws.Int32(pageSize), NextToken: token})
		if err != nil {
			return nil, nil, err
		}
		return assignmentStatuses(out.AccountAssignmentsDeletionStatus), out.NextToken, nil
	default:
		out, err := c.sso.ListPermissionSetProvisioningStatus(ctx, &ssoadmin.ListPermissionSetProvisioningStatusInput{
			InstanceArn: &c.instance.ARN, Filter: filter, MaxResults: aws.Int32(pageSize), NextToken: token})
		if err != nil {
			return nil, nil, err
		}
		var page []jobStatus
		for _, s := range out.PermissionSetsProvisioningStatus {
			page = append(page, jobStatus{aws.ToString(s.RequestId), s.Status})
		}
		return page, out.NextToken, nil
	}
}

func assignmentStatuses(list []ssotypes.AccountAssignmentOperationStatusMetadata) []jobStatus {
	var page []jobStatus
	for _, s := range list {
		page = append(page, jobStatus{aws.ToString(s.RequestId), s.Status})
	}
	return page
}
