package identitycenter

import (
	"context"
	"errors"
	"fmt"
	"regexp"
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

// Held is an account assignment: a set in an account.
type Held struct {
	SetARN  string `json:"set_arn"`
	Set     string `json:"set"`
	Account string `json:"account"` // id
}

// Holder is who holds a set in an account. Gone says that the group or user
// does not exist any more.
type Holder struct {
	ID   string
	Gone bool
}

// FailedJob is an assignment that AWS could not make.
type FailedJob struct {
	Set       string
	Account   string // id
	Principal string // id
	Reason    string
	Time      time.Time
	RequestID string
}

var accountID = regexp.MustCompile(`^\d{12}$`)

// Account finds an account: one call by id; by name a call for each page of
// the organization's accounts.
func (d *Diagnosis) Account(ctx context.Context, idOrName string) (access.Account, bool, diag.Evidence, error) {
	if !accountID.MatchString(idOrName) {
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
	a := access.Account{ID: aws.ToString(out.Account.Id), Name: aws.ToString(out.Account.Name), State: accountState(*out.Account)}
	return a, true, looked("organizations:DescribeAccount", idOrName, fmt.Sprintf("%q, %s", a.Name, a.State), out.ResultMetadata), nil
}

func (d *Diagnosis) accountByName(ctx context.Context, name string) (access.Account, bool, diag.Evidence, error) {
	var found []access.Account
	err := eachPage(func(token *string) (*string, error) {
		out, err := d.c.orgs.ListAccounts(ctx, &organizations.ListAccountsInput{NextToken: token})
		if err != nil {
			return nil, err
		}
		for _, a := range out.Accounts {
			if aws.ToString(a.Name) == name {
				found = append(found, access.Account{ID: aws.ToString(a.Id), Name: name, State: accountState(a)})
			}
		}
		return out.NextToken, nil
	})
	if err != nil {
		return access.Account{}, false, diag.Evidence{}, d.c.explain(fmt.Errorf("list the organization's accounts: %w", err))
	}
	e := looked("organizations:ListAccounts", fmt.Sprintf("name %q", name), fmt.Sprintf("%d found", len(found)), middleware.Metadata{})
	if len(found) != 1 {
		return access.Account{}, false, e, nil
	}
	return found[0], true, e, nil
}

// Holds gives what a group or user holds itself, in one account or in all
// (""): a call, and one for each set whose name is not known yet.
func (d *Diagnosis) Holds(ctx context.Context, kind access.PrincipalKind, id, account string) ([]Held, diag.Evidence, error) {
	var filter *ssotypes.ListAccountAssignmentsFilter
	if account != "" {
		filter = &ssotypes.ListAccountAssignmentsFilter{AccountId: &account}
	}
	var found []Held
	e := diag.Evidence{}
	err := eachPage(func(token *string) (*string, error) {
		out, err := d.c.sso.ListAccountAssignmentsForPrincipal(ctx, &ssoadmin.ListAccountAssignmentsForPrincipalInput{
			InstanceArn: &d.c.instance.ARN, PrincipalId: &id, PrincipalType: ssotypes.PrincipalType(kind.String()),
			Filter: filter, MaxResults: aws.Int32(pageSize), NextToken: token,
		})
		if err != nil {
			return nil, err
		}
		for _, a := range out.AccountAssignments {
			if aws.ToString(a.PrincipalId) == id { // what a user has through groups is asked of the groups
				found = append(found, Held{SetARN: aws.ToString(a.PermissionSetArn), Account: aws.ToString(a.AccountId)})
			}
		}
		e = looked("sso:ListAccountAssignmentsForPrincipal", fmt.Sprintf("%s %s in %s", kind, id, accountWords(account)), "", out.ResultMetadata)
		return out.NextToken, nil
	})
	if err != nil {
		return nil, e, d.c.explain(fmt.Errorf("list the assignments of %s: %w", id, err))
	}
	for i := range found {
		if found[i].Set, err = d.setName(ctx, found[i].SetARN); err != nil {
			return nil, e, err
		}
	}
	e.Saw = fmt.Sprintf("%d assignments", len(found))
	return found, e, nil
}

func accountWords(account string) string {
	if account == "" {
		return "all accounts"
	}
	return "account " + account
}

func (d *Diagnosis) setName(ctx context.Context, arn string) (string, error) {
	if name := d.c.known(arn).Name; name != "" {
		return name, nil
	}
	s, err := d.c.describeSet(ctx, arn)
	if err != nil {
		return "", d.c.explain(fmt.Errorf("describe permission set %s: %w", arn, err))
	}
	d.c.learnName(arn, s.Name)
	return s.Name, nil
}

// SetARN finds a permission set by name: no call where the cache knows it,
// else the sets are listed and those described that have no name yet.
func (d *Diagnosis) SetARN(ctx context.Context, name string) (string, bool, error) {
	for arn, s := range d.c.knownSets() {
		if s.Name == name && !s.Lock {
			return arn, true, nil
		}
	}
	arns, err := d.c.listSetARNs(ctx)
	if err != nil {
		return "", false, d.c.explain(err)
	}
	for _, arn := range arns {
		have, err := d.setName(ctx, arn)
		if err != nil {
			return "", false, err
		}
		if have == name {
			return arn, true, nil
		}
	}
	return "", false, nil
}

// Provisioned gives the sets that are provisioned in an account, by ARN, and
// whether AWS says that the account has an older version: two calls for each
// hundred sets there.
func (d *Diagnosis) Provisioned(ctx context.Context, account string) (map[string]bool, diag.Evidence, error) {
	outdated := map[string]bool{}
	for _, old := range []bool{false, true} {
		status := ssotypes.ProvisioningStatusLatestPermissionSetProvisioned
		if old {
			status = ssotypes.ProvisioningStatusLatestPermissionSetNotProvisioned
		}
		err := eachPage(func(token *string) (*string, error) {
			out, err := d.c.sso.ListPermissionSetsProvisionedToAccount(ctx, &ssoadmin.ListPermissionSetsProvisionedToAccountInput{
				InstanceArn: &d.c.instance.ARN, AccountId: &account, ProvisioningStatus: status, MaxResults: aws.Int32(pageSize), NextToken: token,
			})
			if err != nil {
				return nil, err
			}
			for _, arn := range out.PermissionSets {
				outdated[arn] = old
			}
			return out.NextToken, nil
		})
		if err != nil {
			return nil, diag.Evidence{}, d.c.explain(fmt.Errorf("list the permission sets of account %s: %w", account, err))
		}
	}
	return outdated, looked("sso:ListPermissionSetsProvisionedToAccount", account, fmt.Sprintf("%d permission sets", len(outdated)), middleware.Metadata{}), nil
}

// Holders gives who holds a set in an account: a call, and one for each group.
func (d *Diagnosis) Holders(ctx context.Context, setARN, account string) ([]Holder, diag.Evidence, error) {
	keys, err := d.c.pairGrants(ctx, pair{setARN, account})
	if err != nil {
		return nil, diag.Evidence{}, d.c.explain(fmt.Errorf("list the assignments of %s in %s: %w", setARN, account, err))
	}
	var out []Holder
	for _, k := range keys {
		if k.kind != access.GroupPrincipal {
			continue
		}
		_, err := d.c.group(ctx, k.principal)
		if err != nil && !isNotFound(err) {
			return nil, diag.Evidence{}, d.c.explain(fmt.Errorf("describe group %s: %w", k.principal, err))
		}
		out = append(out, Holder{ID: k.principal, Gone: err != nil})
	}
	return out, looked("sso:ListAccountAssignments", setARN+" in "+account, fmt.Sprintf("%d groups", len(out)), middleware.Metadata{}), nil
}

// FailedJobs gives the latest assignments that failed, newest first, at most so
// many: a call, and one for each.
func (d *Diagnosis) FailedJobs(ctx context.Context, most int) ([]FailedJob, diag.Evidence, error) {
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
	var jobs []FailedJob
	for _, s := range list[:min(most, len(list))] {
		job, err := d.failedJob(ctx, aws.ToString(s.RequestId))
		if err != nil {
			return nil, diag.Evidence{}, err
		}
		jobs = append(jobs, job)
	}
	return jobs, looked("sso:ListAccountAssignmentCreationStatus", "FAILED", fmt.Sprintf("%d failed", len(list)), out.ResultMetadata), nil
}

func (d *Diagnosis) failedJob(ctx context.Context, id string) (FailedJob, error) {
	out, err := d.c.sso.DescribeAccountAssignmentCreationStatus(ctx, &ssoadmin.DescribeAccountAssignmentCreationStatusInput{
		InstanceArn: &d.c.instance.ARN, AccountAssignmentCreationRequestId: &id})
	if err != nil {
		return FailedJob{}, d.c.explain(fmt.Errorf("describe the assignment %s: %w", id, err))
	}
	s := out.AccountAssignmentCreationStatus
	if s == nil {
		return FailedJob{}, d.c.explain(errNoStatus)
	}
	return FailedJob{Set: aws.ToString(s.PermissionSetArn), Account: aws.ToString(s.TargetId), Principal: aws.ToString(s.PrincipalId),
		Reason: aws.ToString(s.FailureReason), Time: aws.ToTime(s.CreatedDate), RequestID: id}, nil
}
