package identitycenter

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssoadmin"
	ssotypes "github.com/aws/aws-sdk-go-v2/service/ssoadmin/types"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/apply"
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
	if ch.Action == plan.Create {
		jobs, err := t.createAssignment(ctx, ch, key)
		return jobs, t.hangs(ctx, key.account, err)
	}
	jobs, err := t.deleteAssignment(ctx, ch, key)
	if isNotFound(err) {
		return nil, t.assignmentGone(ctx, key, err)
	}
	return jobs, t.hangs(ctx, key.account, err)
}

// hangs explains a conflict in an account that is not active: there a job hangs
// for long, AWS refuses the next one of the same assignment, and no waiting helps.
func (t *Target) hangs(ctx context.Context, account string, err error) error {
	if !isConflict(err) {
		return err
	}
	a, look := t.inactive(ctx, account)
	switch {
	case look != nil:
		return look
	case a == nil:
		return err
	}
	return &jobFailure{reason: errorMessage(err), verdict: apply.Verdict{Cause: apply.Permanent, Finding: inactiveFinding(*a, errorMessage(err))}}
}

func (t *Target) assignment(ch plan.Change) (grantKey, error) {
	set, err := t.set(ch)
	if err != nil {
		return grantKey{}, err
	}
	key := grantKey{pair: pair{set, ch.Key.Account}, kind: access.GroupPrincipal}
	if ch.PrincipalType() == "USER" {
		key.kind = access.UserPrincipal
	}
	switch {
	case ch.Key.OrphanID != "":
		key.principal = ch.Key.OrphanID
	case key.kind == access.UserPrincipal:
		key.principal, err = t.user(ch)
	default:
		key.principal, err = t.group(ch)
	}
	return key, err
}

func (t *Target) createAssignment(ctx context.Context, ch plan.Change, k grantKey) ([]apply.Job, error) {
	out, err := t.c.sso.CreateAccountAssignment(ctx, &ssoadmin.CreateAccountAssignmentInput{
		InstanceArn: t.arn(), PermissionSetArn: &k.set, TargetId: &k.account, TargetType: ssotypes.TargetTypeAwsAccount,
		PrincipalId: &k.principal, PrincipalType: ssotypes.PrincipalType(k.kind.String()),
	}, once)
	if err != nil {
		return nil, fmt.Errorf("create account assignment: %w", err)
	}
	return t.startedJob(ctx, subject{apply.CreateAssignmentJob, ch, k}, out.AccountAssignmentCreationStatus)
}

func (t *Target) deleteAssignment(ctx context.Context, ch plan.Change, k grantKey) ([]apply.Job, error) {
	out, err := t.c.sso.DeleteAccountAssignment(ctx, &ssoadmin.DeleteAccountAssignmentInput{
		InstanceArn: t.arn(), PermissionSetArn: &k.set, TargetId: &k.account, TargetType: ssotypes.TargetTypeAwsAccount,
		PrincipalId: &k.principal, PrincipalType: ssotypes.PrincipalType(k.kind.String()),
	}, once)
	if err != nil {
		return nil, fmt.Errorf("delete account assignment: %w", err)
	}
	t.mu.Lock()
	t.unassigned[k.set] = time.Now()
	t.emptied[k.pair] = true
	t.mu.Unlock()
	return t.startedJob(ctx, subject{apply.DeleteAssignmentJob, ch, k}, out.AccountAssignmentDeletionStatus)
}

// startedJob gives the job that an answer tells of, or what became of it where
// it is over already.
func (t *Target) startedJob(ctx context.Context, about subject, s *ssotypes.AccountAssignmentOperationStatus) ([]apply.Job, error) {
	if s == nil {
		return nil, errNoStatus
	}
	switch s.Status {
	case ssotypes.StatusValuesSucceeded:
		return nil, nil
	case ssotypes.StatusValuesFailed:
		v, err := t.judge(ctx, about, aws.ToString(s.FailureReason))
		if err == nil && v.Cause != apply.Done {
			err = &jobFailure{reason: aws.ToString(s.FailureReason), verdict: v}
		}
		return nil, err
	}
	return []apply.Job{t.follow(about, aws.ToString(s.RequestId))}, nil
}

// follow makes the job of a request known.
func (t *Target) follow(about subject, id string) apply.Job {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.subjects[id] = about
	return apply.Job{ID: id, Change: about.change.ID, Kind: about.kind, Account: about.key.account, Started: time.Now()}
}

var errNoStatus = &foreignAnswer{status: 502, body: "an answer without the status that the model promises"}

// assignmentGone says whether an assignment that AWS did not find to delete is
// gone indeed.
func (t *Target) assignmentGone(ctx context.Context, k grantKey, err error) error {
	have, look := t.c.pairGrants(ctx, k.pair)
	if look != nil && !isNotFound(look) {
		return look
	}
	for _, h := range have {
		if h == k {
			return err
		}
	}
	return nil
}

// Provision starts the re-provisioning of a set in an account, or in all.
func (t *Target) Provision(ctx context.Context, ch plan.Change, account string) (apply.Job, error) {
	var job apply.Job
	err := t.afterLook(ctx, func() error {
		at, err := t.lookAt(ctx, ch)
		if err != nil {
			return t.gone(ch, err)
		}
		accounts := []string{account}
		if account == "" {
			accounts = after(ch).Accounts
		}
		seen, err := t.lookAtProvisioned(ctx, ch, accounts)
		if err != nil {
			return err
		}
		came, err := t.lookAtHolders(ctx, ch, accounts)
		if err != nil {
			return err
		}
		job, err = t.provision(withLook(ctx, oldest(came, oldest(at, seen))), ch, account)
		return err
	})
	return job, err
}

func (t *Target) provision(ctx context.Context, ch plan.Change, account string) (apply.Job, error) {
	arn, err := t.set(ch)
	if err != nil {
		return apply.Job{}, err
	}
	in := &ssoadmin.ProvisionPermissionSetInput{InstanceArn: t.arn(), PermissionSetArn: &arn, TargetType: ssotypes.ProvisionTargetTypeAllProvisionedAccounts}
	if account != "" {
		in.TargetType, in.TargetId = ssotypes.ProvisionTargetTypeAwsAccount, &account
	}
	out, err := t.c.sso.ProvisionPermissionSet(ctx, in, once)
	if err != nil {
		return apply.Job{}, fmt.Errorf("provision permission set: %w", err)
	}
	s := out.PermissionSetProvisioningStatus
	if s == nil {
		return apply.Job{}, errNoStatus
	}
	return t.follow(subject{apply.ProvisionJob, ch, grantKey{pair: pair{arn, account}}}, aws.ToString(s.RequestId)), nil
}
