package write

import (
	"context"
	"sync"

	"github.com/rolecall-dev/rolecall/internal/apply"
	"github.com/rolecall-dev/rolecall/internal/identitycenter"
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
	from    string
	useless bool // walked without ever meeting a job of ours
}

// Poll asks how jobs are getting on: one by one where they are few, by one page
// of the list where they are many. Only a status that AWS returned for a job's own
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
	list := t.lists[kind]
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
		case ok && status == identitycenter.JobSucceeded:
			t.subjects.drop(j.ID)
			out[j.ID] = apply.Outcome{Succeeded: true}
		case !ok || status == identitycenter.JobFailed: // the list has no reasons
			unclear = append(unclear, j)
		}
	}
	return t.describeJobs(ctx, unclear, out)
}

// listJobs reads pages until every job was met.
func (t *Target) listJobs(ctx context.Context, kind apply.JobKind, l *jobList, jobs []apply.Job) (map[string]identitycenter.JobStatus, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	waiting := map[string]bool{}
	for _, j := range jobs {
		waiting[j.ID] = true
	}
	seen := map[string]identitycenter.JobStatus{}
	pages := t.c.ListJobs(identitycenter.JobKind(kind), "").PagesFrom(l.from)
	for pages.Read < mostPages {
		page, err := pages.Next(ctx)
		if err != nil {
			l.from = "" // the token may be what is wrong
			return nil, err
		}
		for _, j := range page {
			if waiting[j.ID] {
				seen[j.ID] = j.Status
			}
		}
		if len(seen) == len(waiting) || pages.Ended {
			return seen, nil
		}
		if len(seen) == 0 {
			l.from = pages.Token()
		}
	}
	l.useless = len(seen) == 0
	return seen, nil
}

func (t *Target) describeJobs(ctx context.Context, jobs []apply.Job, out map[string]apply.Outcome) error {
	for _, j := range jobs {
		job, _, err := t.c.DescribeJob(ctx, identitycenter.JobKind(j.Kind), j.ID)
		if identitycenter.IsNotFound(err) {
			continue // not visible yet; the Engine's deadline ends the wait
		}
		if err != nil {
			return err
		}
		switch job.Status {
		case identitycenter.JobSucceeded:
			out[j.ID] = apply.Outcome{Succeeded: true}
		case identitycenter.JobFailed:
			verdict, err := t.judge(ctx, t.subjects.of(j.ID), job.Reason) // each job has one: follow notes it
			if err != nil {
				return err
			}
			out[j.ID] = apply.Outcome{Reason: job.Reason, Verdict: verdict}
		default:
			continue
		}
		t.subjects.drop(j.ID)
	}
	return nil
}
