package identitycenter

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssoadmin"
	ssotypes "github.com/aws/aws-sdk-go-v2/service/ssoadmin/types"

	"github.com/rolecall-dev/rolecall/internal/apply"
)

// From so many jobs of a kind on, a list is asked instead of each job.
const listJobsFrom = 3

// mostPages bounds how far one poll walks through a list that begins with old
// jobs. AWS does not say in which order it lists.
const mostPages = 20

// jobList is where to begin in the list of a kind of jobs. A list that begins
// with the newest is read from the start; one that begins with the oldest from
// the page where our oldest running job was last seen.
type jobList struct {
	mu      sync.Mutex
	from    *string
	useless bool // walked without ever meeting a job of ours
}

func sortedStrings(list []string) []string { return slices.Sorted(slices.Values(list)) }

// Poll asks how jobs are getting on: one by one where they are few, by one page
// of the list where they are many. Only a status that AWS gave for a job's own
// id ends it.
func (t *Target) Poll(ctx context.Context, jobs []apply.Job) (map[string]apply.Outcome, error) {
	byKind := map[apply.JobKind][]apply.Job{}
	for _, j := range jobs {
		byKind[j.Kind] = append(byKind[j.Kind], j)
	}
	out := map[string]apply.Outcome{}
	for _, kind := range []apply.JobKind{apply.CreateAssignmentJob, apply.DeleteAssignmentJob, apply.ProvisionJob} {
		if err := t.pollKind(ctx, kind, byKind[kind], out); err != nil {
			return out, err
		}
	}
	return out, nil
}

func (t *Target) pollKind(ctx context.Context, kind apply.JobKind, jobs []apply.Job, out map[string]apply.Outcome) error {
	list := t.list(kind)
	if len(jobs) < listJobsFrom || list.useless {
		return t.describeJobs(ctx, jobs, out)
	}
	seen, err := t.listJobs(ctx, kind, list, jobs)
	if err != nil {
		return err
	}
	var unclear []apply.Job
	for _, j := range jobs {
		switch status, ok := seen[j.ID]; {
		case ok && status == ssotypes.StatusValuesSucceeded:
			t.forget(j.ID)
			out[j.ID] = apply.Outcome{Succeeded: true}
		case !ok || status == ssotypes.StatusValuesFailed: // the list has no reasons
			unclear = append(unclear, j)
		}
	}
	return t.describeJobs(ctx, unclear, out)
}

func (t *Target) list(kind apply.JobKind) *jobList {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.lists[kind] == nil {
		t.lists[kind] = &jobList{}
	}
	return t.lists[kind]
}

// listJobs reads pages until every job was met.
func (t *Target) listJobs(ctx context.Context, kind apply.JobKind, l *jobList, jobs []apply.Job) (map[string]ssotypes.StatusValues, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	waiting := map[string]bool{}
	for _, j := range jobs {
		waiting[j.ID] = true
	}
	seen := map[string]ssotypes.StatusValues{}
	ctx = newListing().in(ctx)
	token := l.from
	for range mostPages {
		page, next, err := t.c.jobPage(ctx, kind, "", token)
		if err != nil {
			l.from = nil // the token may be what is wrong
			return nil, fmt.Errorf("list %s jobs: %w", kind, err)
		}
		for _, s := range page {
			if waiting[s.id] {
				seen[s.id] = s.status
			}
		}
		if len(seen) == len(waiting) || aws.ToString(next) == "" {
			return seen, nil
		}
		if len(seen) == 0 {
			l.from = next
		}
		token = next
	}
	l.useless = len(seen) == 0
	return seen, nil
}

func (t *Target) describeJobs(ctx context.Context, jobs []apply.Job, out map[string]apply.Outcome) error {
	for _, j := range jobs {
		status, reason, err := t.describeJob(ctx, j)
		if isNotFound(err) {
			continue // not visible yet; the Engine's deadline ends the wait
		}
		if err != nil {
			return fmt.Errorf("ask for %s job %s: %w", j.Kind, j.ID, err)
		}
		switch status {
		case ssotypes.StatusValuesSucceeded:
			out[j.ID] = apply.Outcome{Succeeded: true}
		case ssotypes.StatusValuesFailed:
			verdict, err := t.failed(ctx, j, reason)
			if err != nil {
				return err
			}
			out[j.ID] = apply.Outcome{Reason: reason, Verdict: verdict}
		default:
			continue
		}
		t.forget(j.ID)
	}
	return nil
}

func (t *Target) describeJob(ctx context.Context, j apply.Job) (ssotypes.StatusValues, string, error) {
	switch j.Kind {
	case apply.CreateAssignmentJob:
		out, err := t.c.sso.DescribeAccountAssignmentCreationStatus(ctx, &ssoadmin.DescribeAccountAssignmentCreationStatusInput{
			InstanceArn: t.arn(), AccountAssignmentCreationRequestId: &j.ID})
		if err != nil {
			return "", "", err
		}
		return assignmentStatus(out.AccountAssignmentCreationStatus)
	case apply.DeleteAssignmentJob:
		out, err := t.c.sso.DescribeAccountAssignmentDeletionStatus(ctx, &ssoadmin.DescribeAccountAssignmentDeletionStatusInput{
			InstanceArn: t.arn(), AccountAssignmentDeletionRequestId: &j.ID})
		if err != nil {
			return "", "", err
		}
		return assignmentStatus(out.AccountAssignmentDeletionStatus)
	default:
		out, err := t.c.sso.DescribePermissionSetProvisioningStatus(ctx, &ssoadmin.DescribePermissionSetProvisioningStatusInput{
			InstanceArn: t.arn(), ProvisionPermissionSetRequestId: &j.ID})
		if err != nil {
			return "", "", err
		}
		if s := out.PermissionSetProvisioningStatus; s != nil {
			return s.Status, aws.ToString(s.FailureReason), nil
		}
		return "", "", errNoStatus
	}
}

func assignmentStatus(s *ssotypes.AccountAssignmentOperationStatus) (ssotypes.StatusValues, string, error) {
	if s == nil {
		return "", "", errNoStatus
	}
	return s.Status, aws.ToString(s.FailureReason), nil
}

func (t *Target) forget(id string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.subjects, id)
}

// failed says what a job's failure means.
func (t *Target) failed(ctx context.Context, j apply.Job, reason string) (apply.Verdict, error) {
	t.mu.Lock()
	s := t.subjects[j.ID] // each job has one: startedJob and provision note it
	t.mu.Unlock()
	return t.judge(ctx, s, reason)
}
