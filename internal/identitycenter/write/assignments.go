package write

import (
	"context"
	"slices"
	"time"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/apply"
	"github.com/rolecall-dev/rolecall/internal/identitycenter"
	"github.com/rolecall-dev/rolecall/internal/plan"
)

// assign starts the job that creates or deletes an assignment. Both may be
// repeated: AWS takes a second create of the same five-part key without an
// error, and a delete of what is gone is done.
func (t *Target) assign(ctx context.Context, ch plan.Change) ([]apply.Job, error) {
	key, err := t.assignment(ch)
	if err != nil {
		return nil, err
	}
	about := subject{identitycenter.CreateAssignmentJob, ch, key}
	var job identitycenter.Job
	if ch.Action == plan.Create {
		job, err = t.c.CreateAccountAssignment(ctx, key)
	} else {
		about.kind = identitycenter.DeleteAssignmentJob
		job, err = t.c.DeleteAccountAssignment(ctx, key)
		if identitycenter.IsNotFound(err) {
			listed, lookErr := t.isListed(ctx, key)
			if lookErr != nil || !listed {
				return nil, lookErr
			}
			return nil, err
		}
		if err == nil {
			t.unassigned.put(key.SetARN, time.Now())
			t.emptied.put(key.SetInAccount, true)
		}
	}
	if err != nil {
		return nil, t.hangs(ctx, key.Account, err)
	}
	return t.startedJob(ctx, about, job)
}

// hangs explains a conflict in an account that is not active: there a job hangs
// for long, AWS refuses the next one of the same assignment, and no waiting helps.
func (t *Target) hangs(ctx context.Context, account string, err error) error {
	if !identitycenter.IsConflict(err) {
		return err
	}
	reason := identitycenter.ErrorMessage(err)
	v, lookErr := t.inactive(ctx, account, reason)
	switch {
	case lookErr != nil:
		return lookErr
	case v.Cause != apply.Permanent:
		return err
	}
	return jobFailure(reason, v)
}

func (t *Target) assignment(ch plan.Change) (access.AssignmentID, error) {
	set, err := t.set(ch)
	key := access.AssignmentID{SetInAccount: access.SetInAccount{SetARN: set, Account: ch.Key.Account}, Kind: identitycenter.KindOf(ch.PrincipalType())}
	switch {
	case err != nil:
	case ch.Key.OrphanID != "":
		key.Principal = ch.Key.OrphanID
	case key.Kind == access.UserPrincipal:
		key.Principal, err = t.user(ch)
	default:
		key.Principal, err = t.group(ch)
	}
	return key, err
}

// startedJob returns the job that an answer tells of, or what became of it where
// it is over already.
func (t *Target) startedJob(ctx context.Context, about subject, job identitycenter.Job) ([]apply.Job, error) {
	switch job.Status {
	case identitycenter.JobSucceeded:
		return nil, nil
	case identitycenter.JobFailed:
		v, err := t.judge(ctx, about, job.Reason)
		if err == nil && v.Cause != apply.Done {
			err = jobFailure(job.Reason, v)
		}
		return nil, err
	}
	return []apply.Job{t.follow(about, job.ID)}, nil
}

// jobFailure is a job that had failed when its call was answered, and what that
// means.
func jobFailure(reason string, v apply.Verdict) error {
	return &judged{"AWS could not carry it out: " + reason, v}
}

// follow makes the job of a request known.
func (t *Target) follow(about subject, id string) apply.Job {
	t.subjects.put(id, about)
	return apply.Job{ID: id, Change: about.change.ID, Kind: apply.JobKind(about.kind), Account: about.key.Account, Started: time.Now()}
}

// isListed says whether AWS lists an assignment.
func (t *Target) isListed(ctx context.Context, k access.AssignmentID) (bool, error) {
	have, _, err := t.c.ListAccountAssignments(ctx, k.SetInAccount)
	if identitycenter.IsNotFound(err) {
		return false, nil
	}
	return slices.Contains(have, k), err
}

// Provision starts the re-provisioning of a set in an account, or in all.
func (t *Target) Provision(ctx context.Context, ch plan.Change, account string) (apply.Job, error) {
	accounts := []string{account}
	if account == "" {
		accounts = after(ch).Accounts
	}
	var job apply.Job
	err := t.afterLook(ctx, func() error {
		at, err := t.lookAt(ctx, ch)
		if err != nil {
			return t.gone(ch, err)
		}
		seen, err := t.lookAtAccountsShown(ctx, ch, accounts...)
		if err != nil {
			return err
		}
		came, err := t.lookAtAssigned(ctx, ch, accounts)
		if err != nil {
			return err
		}
		arn, err := t.set(ch)
		if err != nil {
			return err
		}
		started, err := t.c.ProvisionPermissionSet(lookedAt(ctx, oldest(came, oldest(at, seen))), arn, account)
		if err == nil {
			about := access.AssignmentID{SetInAccount: access.SetInAccount{SetARN: arn, Account: account}}
			job = t.follow(subject{identitycenter.ProvisionJob, ch, about}, started.ID)
		}
		return err
	})
	return job, err
}
