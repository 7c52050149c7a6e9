package identitycenter

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssoadmin"
	ssotypes "github.com/aws/aws-sdk-go-v2/service/ssoadmin/types"

	"github.com/rolecall-dev/rolecall/internal/access"
)

const (
	// stuckFor is how long AWS's word counts that it cannot remove an orphan; then
	// it is tried once again.
	stuckFor = 30 * 24 * time.Hour
	// mostFailed bounds how many failed deletions are looked at, a call each. One
	// that is not seen is tried again, which harms nobody.
	mostFailed = 100
)

// readStuckOrphans asks which orphans on our sets AWS has failed to remove: its
// own list of deletions remembers that, so nobody has to. It costs calls only
// where there are orphans.
func (r *reader) readStuckOrphans(ctx context.Context) error {
	want := map[access.AssignmentKey]bool{}
	for k := range r.grants {
		if s := r.sets[k.set]; s != nil && r.orphans[k.principal] && s.owned(r.o.Owner) {
			want[access.AssignmentKey{SetARN: k.set, Account: k.account, Principal: k.principal}] = true
		}
	}
	if len(want) == 0 {
		return nil
	}
	failed, err := r.c.failedDeletions(ctx)
	for _, id := range failed {
		if err != nil || len(r.observed.CannotRemove) == len(want) {
			break
		}
		err = r.readFailedDeletion(ctx, id, want)
	}
	if isAccessDenied(err) {
		return nil // then they are tried again
	}
	return err
}

func (r *reader) readFailedDeletion(ctx context.Context, id string, want map[access.AssignmentKey]bool) error {
	out, err := r.c.sso.DescribeAccountAssignmentDeletionStatus(ctx, &ssoadmin.DescribeAccountAssignmentDeletionStatusInput{
		InstanceArn: &r.c.instance.ARN, AccountAssignmentDeletionRequestId: &id})
	switch {
	case isNotFound(err):
		return nil // AWS forgets jobs
	case err != nil:
		return fmt.Errorf("ask for the failed deletion %s: %w", id, err)
	case out.AccountAssignmentDeletionStatus == nil:
		return nil
	}
	s := out.AccountAssignmentDeletionStatus
	key := access.AssignmentKey{SetARN: aws.ToString(s.PermissionSetArn), Account: aws.ToString(s.TargetId), Principal: aws.ToString(s.PrincipalId)}
	if reason := aws.ToString(s.FailureReason); want[key] && meaningOf(reason) == noAssignee {
		if r.observed.CannotRemove == nil {
			r.observed.CannotRemove = map[access.AssignmentKey]string{}
		}
		r.observed.CannotRemove[key] = reason
	}
	return nil
}

// failedDeletions gives the ids of the deletions that failed of late, the newest
// first.
func (c *Client) failedDeletions(ctx context.Context) ([]string, error) {
	var list []ssotypes.AccountAssignmentOperationStatusMetadata
	pages := 0
	err := eachPage(ctx, func(ctx context.Context, token *string) (*string, error) {
		out, err := c.sso.ListAccountAssignmentDeletionStatus(ctx, &ssoadmin.ListAccountAssignmentDeletionStatusInput{InstanceArn: &c.instance.ARN,
			Filter: &ssotypes.OperationStatusFilter{Status: ssotypes.StatusValuesFailed}, MaxResults: aws.Int32(pageSize), NextToken: token})
		if err != nil {
			return nil, fmt.Errorf("list failed deletions of assignments: %w", err)
		}
		list = append(list, out.AccountAssignmentsDeletionStatus...)
		if pages++; pages == mostPages {
			return nil, nil
		}
		return out.NextToken, nil
	})
	slices.SortStableFunc(list, func(a, b ssotypes.AccountAssignmentOperationStatusMetadata) int {
		return cmp.Compare(aws.ToTime(b.CreatedDate).UnixNano(), aws.ToTime(a.CreatedDate).UnixNano())
	})
	var ids []string
	for _, s := range list[:min(mostFailed, len(list))] {
		if s.CreatedDate == nil || time.Since(*s.CreatedDate) < stuckFor {
			ids = append(ids, aws.ToString(s.RequestId))
		}
	}
	return ids, err
}
