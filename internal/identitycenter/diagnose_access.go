package identitycenter

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	orgtypes "github.com/aws/aws-sdk-go-v2/service/organizations/types"
	"github.com/aws/aws-sdk-go-v2/service/ssoadmin"
	ssotypes "github.com/aws/aws-sdk-go-v2/service/ssoadmin/types"
	"github.com/aws/smithy-go/middleware"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/diag"
)

// Account finds an account: one call by id; by name a call for each page of
// the organization's accounts.
func (d *Diagnosis) Account(ctx context.Context, idOrName string) (access.Account, bool, diag.Evidence, error) {
	if !access.IsAccountID(idOrName) {
		return d.accountByName(ctx, idOrName)
	}
	out, err := d.c.orgs.DescribeAccount(ctx, &organizations.DescribeAccountInput{AccountId: &idOrName})
	var missing *orgtypes.AccountNotFoundException
	switch {
	case errors.As(err, &missing):
		return access.Account{}, false, looked("organizations:DescribeAccount", idOrName, "none", middleware.Metadata{}), nil
	case err != nil:
		return access.Account{}, false, diag.Evidence{}, d.c.explain(fmt.Errorf("describe account %s: %w", idOrName, err))
	}
	a := accountOf(*out.Account)
	return a, true, looked("organizations:DescribeAccount", idOrName, fmt.Sprintf("%q, %s", a.Name, a.State), out.ResultMetadata), nil
}

func accountOf(a orgtypes.Account) access.Account {
	return access.Account{ID: aws.ToString(a.Id), Name: aws.ToString(a.Name), State: accountState(a)}
}

func (d *Diagnosis) accountByName(ctx context.Context, name string) (access.Account, bool, diag.Evidence, error) {
	all, seen, err := d.Accounts(ctx)
	if err != nil {
		return access.Account{}, false, seen, err
	}
	found := access.NewAccountIndex(all).Find(name)
	seen.What += fmt.Sprintf(", name %q", name)
	if found.At < 0 {
		seen.Saw = fmt.Sprintf("%d found", len(found.Same))
		return access.Account{}, false, seen, nil
	}
	a := all[found.At]
	seen.Saw = fmt.Sprintf("%s, %s", a.ID, a.State)
	return a, true, seen, nil
}

// Accounts gives the organization's accounts: a call for each page of them, once.
func (d *Diagnosis) Accounts(ctx context.Context) ([]access.Account, diag.Evidence, error) {
	if d.accounts == nil {
		err := eachPage(ctx, func(ctx context.Context, token *string) (*string, error) {
			out, err := d.c.orgs.ListAccounts(ctx, &organizations.ListAccountsInput{NextToken: token})
			if err != nil {
				return nil, err
			}
			for _, a := range out.Accounts {
				d.accounts = append(d.accounts, accountOf(a))
			}
			return out.NextToken, nil
		})
		if err != nil {
			d.accounts = nil
			return nil, diag.Evidence{}, d.c.explain(fmt.Errorf("list the organization's accounts: %w", err))
		}
		d.accounts = onceBy(d.accounts, func(a access.Account) string { return a.ID })
	}
	return d.accounts, looked("organizations:ListAccounts", "", several(len(d.accounts), "account"), middleware.Metadata{}), nil
}

// Outdated gives the ARNs of the sets of which AWS says that the account has an
// older version: a call for each hundred of those.
func (d *Diagnosis) Outdated(ctx context.Context, account string) ([]string, diag.Evidence, error) {
	arns, seen, err := d.provisioned(ctx, account, ssotypes.ProvisioningStatusLatestPermissionSetNotProvisioned)
	seen.Saw = several(len(arns), "permission set") + " in an older version"
	return arns, seen, err
}

// provisioned gives the ARNs of the sets in an account that have the status; ""
// means either.
func (d *Diagnosis) provisioned(ctx context.Context, account string, status ssotypes.ProvisioningStatus) ([]string, diag.Evidence, error) {
	arns, last, err := d.c.listSetsIn(ctx, account, status)
	e := looked("sso:ListPermissionSetsProvisionedToAccount", account, several(len(arns), "permission set"), last)
	if err != nil {
		return nil, e, d.c.explain(fmt.Errorf("list the permission sets of account %s: %w", account, err))
	}
	return arns, e, nil
}

// setName gives the name of a set: no call where the cache knows it.
func (d *Diagnosis) setName(ctx context.Context, arn string) (string, error) {
	if name := d.c.known(arn).Name; name != "" {
		return name, nil
	}
	s, err := d.c.describeSet(ctx, arn)
	if err != nil {
		return "", d.c.explain(fmt.Errorf("describe permission set %s: %w", arn, err))
	}
	d.c.learnName(arn, s.Name)
	d.learned = true
	return s.Name, nil
}

// setIn finds a set of an account by name: no call where the cache knows it,
// else those of the account are listed, and those described that have no name
// yet. "" means that the account does not have the set.
func (d *Diagnosis) setIn(ctx context.Context, name, account string) (string, error) {
	for arn, s := range d.c.knownSets() {
		if s.Name == name && !s.Lock {
			return arn, nil
		}
	}
	arns, err := d.setsOf(ctx, account)
	if err != nil {
		return "", err
	}
	for _, arn := range arns {
		have, err := d.setName(ctx, arn)
		if err != nil {
			return "", err
		}
		if have == name {
			return arn, nil
		}
	}
	return "", nil
}

// setsOf gives the ARNs of all sets in an account, and asks once: those of the
// newest version and those of an older one.
func (d *Diagnosis) setsOf(ctx context.Context, account string) ([]string, error) {
	if arns, ok := d.sets[account]; ok {
		return arns, nil
	}
	var arns []string
	for _, status := range []ssotypes.ProvisioningStatus{ssotypes.ProvisioningStatusLatestPermissionSetProvisioned, ssotypes.ProvisioningStatusLatestPermissionSetNotProvisioned} {
		some, _, err := d.provisioned(ctx, account, status)
		if err != nil {
			return nil, err
		}
		arns = append(arns, some...)
	}
	d.sets[account] = arns
	return arns, nil
}

// pair gives who holds a set in an account, and asks once.
func (d *Diagnosis) pair(ctx context.Context, p pair) ([]grantKey, error) {
	if keys, ok := d.pairs[p]; ok {
		return keys, nil
	}
	keys, err := d.c.pairGrants(ctx, p)
	if err != nil && !isNotFound(err) {
		return nil, d.c.explain(fmt.Errorf("list the assignments of %s in %s: %w", p.set, p.account, err))
	}
	d.pairs[p] = keys
	return keys, nil
}

// Holders gives the groups that hold a set in an account: a call, and one for
// each group that is asked whether it still exists; those are at most so many,
// and never one of the known ids.
func (d *Diagnosis) Holders(ctx context.Context, set, account string, known []string, most int) ([]access.Holder, diag.Evidence, error) {
	arn, err := d.setIn(ctx, set, account)
	if err != nil {
		return nil, diag.Evidence{}, err
	}
	var keys []grantKey
	if arn != "" {
		if keys, err = d.pair(ctx, pair{arn, account}); err != nil {
			return nil, diag.Evidence{}, err
		}
	}
	out, asked := []access.Holder{}, 0
	for _, k := range keys {
		if k.kind != access.GroupPrincipal {
			continue
		}
		h := access.Holder{ID: k.principal}
		if asked < most && !slices.Contains(known, k.principal) {
			asked++
			if h.Gone, err = d.gone(ctx, k.principal); err != nil {
				return nil, diag.Evidence{}, err
			}
		}
		out = append(out, h)
	}
	saw := fmt.Sprintf("%s, %d of them asked whether it still exists", several(len(out), "group"), asked)
	return out, looked("sso:ListAccountAssignments", fmt.Sprintf("%q in %s", set, account), saw, middleware.Metadata{}), nil
}

func (d *Diagnosis) gone(ctx context.Context, group string) (bool, error) {
	_, err := d.c.group(ctx, group)
	if err != nil && !isNotFound(err) {
		return false, d.c.explain(fmt.Errorf("describe group %s: %w", group, err))
	}
	return err != nil, nil
}

// FailedJobs gives the latest assignments that failed, newest first, at most so
// many: a call, and one for each.
func (d *Diagnosis) FailedJobs(ctx context.Context, most int) ([]access.FailedAssignment, diag.Evidence, error) {
	out, err := d.c.sso.ListAccountAssignmentCreationStatus(ctx, &ssoadmin.ListAccountAssignmentCreationStatusInput{
		InstanceArn: &d.c.instance.ARN, MaxResults: aws.Int32(pageSize),
		Filter: &ssotypes.OperationStatusFilter{Status: ssotypes.StatusValuesFailed},
	})
	if err != nil {
		return nil, diag.Evidence{}, d.c.explain(fmt.Errorf("list failed assignments: %w", err))
	}
	list := out.AccountAssignmentsCreationStatus
	slices.SortStableFunc(list, func(a, b ssotypes.AccountAssignmentOperationStatusMetadata) int {
		return aws.ToTime(b.CreatedDate).Compare(aws.ToTime(a.CreatedDate))
	})
	var jobs []access.FailedAssignment
	for _, s := range list[:min(most, len(list))] {
		job, err := d.failedJob(ctx, aws.ToString(s.RequestId))
		if err != nil {
			return nil, diag.Evidence{}, err
		}
		jobs = append(jobs, job)
	}
	saw := fmt.Sprintf("%d failed, %d of the newest looked at", len(list), len(jobs))
	return jobs, looked("sso:ListAccountAssignmentCreationStatus", "FAILED", saw, out.ResultMetadata), nil
}

func (d *Diagnosis) failedJob(ctx context.Context, id string) (access.FailedAssignment, error) {
	out, err := d.c.sso.DescribeAccountAssignmentCreationStatus(ctx, &ssoadmin.DescribeAccountAssignmentCreationStatusInput{
		InstanceArn: &d.c.instance.ARN, AccountAssignmentCreationRequestId: &id})
	if err != nil {
		return access.FailedAssignment{}, d.c.explain(fmt.Errorf("describe the assignment %s: %w", id, err))
	}
	s := out.AccountAssignmentCreationStatus
	if s == nil {
		return access.FailedAssignment{}, d.c.explain(errNoStatus)
	}
	job := access.FailedAssignment{Account: aws.ToString(s.TargetId), Principal: aws.ToString(s.PrincipalId),
		Reason: aws.ToString(s.FailureReason), RequestID: id, When: aws.ToTime(s.CreatedDate).UTC().Format(time.RFC3339)}
	job.Set, err = d.setName(ctx, aws.ToString(s.PermissionSetArn))
	if isNotFound(err) {
		return job, nil // deleted since
	}
	return job, err
}
