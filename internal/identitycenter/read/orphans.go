package read

import (
	"context"
	"slices"
	"time"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/identitycenter"
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
func (r *run) readStuckOrphans(ctx context.Context) error {
	want := map[access.AssignmentID]bool{}
	for k := range r.assignments {
		if s := r.setRows[k.SetARN]; s != nil && r.orphans[k.Principal] && s.owned(r.o.Owner) {
			want[k] = true
		}
	}
	if len(want) == 0 {
		return nil
	}
	failed, err := r.failedDeletions(ctx)
	for _, id := range failed {
		if err != nil || len(r.observed.CannotRemove) == len(want) {
			break
		}
		err = r.readFailedDeletion(ctx, id, want)
	}
	if identitycenter.IsAccessDenied(err) {
		return nil // then they are tried again
	}
	return err
}

func (r *run) readFailedDeletion(ctx context.Context, id string, want map[access.AssignmentID]bool) error {
	job, _, err := r.c.DescribeJob(ctx, identitycenter.DeleteAssignmentJob, id)
	if identitycenter.IsNotFound(err) {
		return nil // AWS forgets jobs
	}
	if want[job.About] && identitycenter.MeaningOf(job.Reason) == identitycenter.NoAssignee {
		if r.observed.CannotRemove == nil {
			r.observed.CannotRemove = map[access.AssignmentID]string{}
		}
		r.observed.CannotRemove[job.About] = job.Reason
	}
	return err
}

// mostPages bounds how far the list of failed deletions is read.
const mostPages = 20

// failedDeletions returns the ids of the deletions that failed of late, the newest
// first.
func (r *run) failedDeletions(ctx context.Context) ([]string, error) {
	var list []identitycenter.Job
	for pages := r.c.ListJobs(identitycenter.DeleteAssignmentJob, identitycenter.JobFailed).Pages(); !pages.Ended && pages.Read < mostPages; {
		some, err := pages.Next(ctx)
		if err != nil {
			return nil, err
		}
		list = append(list, some...)
	}
	var ids []string
	for _, j := range newest(list, mostFailed) {
		if j.Created.IsZero() || time.Since(j.Created) < stuckFor {
			ids = append(ids, j.ID)
		}
	}
	return ids, nil
}

// newest returns the jobs that were made last, at most so many.
func newest(jobs []identitycenter.Job, most int) []identitycenter.Job {
	slices.SortStableFunc(jobs, func(a, b identitycenter.Job) int { return b.Created.Compare(a.Created) })
	return jobs[:min(most, len(jobs))]
}
