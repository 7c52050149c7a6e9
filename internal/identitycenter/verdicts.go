package identitycenter

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"time"

	orgtypes "github.com/aws/aws-sdk-go-v2/service/organizations/types"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/apply"
	"github.com/rolecall-dev/rolecall/internal/diag"
	"github.com/rolecall-dev/rolecall/internal/plan"
)

// subject is what a job is about.
type subject struct {
	kind   apply.JobKind
	change plan.Change
	key    grantKey // of a provisioning only set and account; "" means all accounts
}

// judge says what it means that a job failed. Where a look can tell, AWS's text
// is not believed: it has said "Assignment not found" and "EntitlementItem
// doesn't exist" of deletions that were done.
func (t *Target) judge(ctx context.Context, s subject, reason string) (apply.Verdict, error) {
	means := meaningOf(reason)
	if s.kind == apply.DeleteAssignmentJob {
		switch err := t.assignmentGone(ctx, s.key, errStillThere); {
		case err == nil:
			return apply.Verdict{Cause: apply.Done}, nil
		case err == errStillThere || isAccessDenied(err):
		default:
			return apply.Verdict{}, err
		}
		if means == noEntitlement {
			return t.stillListed(s, reason), nil
		}
	}
	var v apply.Verdict
	var err error
	switch {
	case means == passes:
		v = apply.Verdict{Cause: apply.Conflict}
	case means == noAssignee && s.key.principal != "":
		v, err = t.notInDirectory(ctx, s, reason)
	case means == slowAccount:
		v, err = t.accountIsSlow(ctx, s, reason)
	default:
		v = apply.Verdict{Cause: apply.Permanent, Finding: t.reasonFinding(s, means, reason)}
	}
	return t.at(s.change, v), err
}

// mostStillListed is how often a deletion is repeated of which AWS says that
// there is nothing to delete and still lists it: lists come late.
const mostStillListed = 2

// stillListed believes AWS's word that there is no such assignment in the end, and
// says that its list has it still: the next plan reads the list again.
func (t *Target) stillListed(s subject, reason string) apply.Verdict {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.listed[s.change.ID]++; t.listed[s.change.ID] <= mostStillListed {
		return apply.Verdict{Cause: apply.Propagation}
	}
	return t.at(s.change, apply.Verdict{Cause: apply.Futile, Finding: diag.Diagnostic{Code: CodeStillListed,
		Summary: fmt.Sprintf("AWS says that %s has no such assignment, and still lists it", s.who()), Detail: "AWS's reason: " + reason,
		Hint: "Plan again in a few minutes. Where it is listed then, too, remove it in the IAM Identity Center console, or ask AWS Support."}})
}

// notInDirectory explains that a job did not see its principal. One that this
// run has made is not visible yet; AWS never sees again who was deleted, so
// what such a principal still holds stays, to nobody's use.
func (t *Target) notInDirectory(ctx context.Context, s subject, reason string) (apply.Verdict, error) {
	t.mu.Lock()
	began, ours := t.madeIDs[s.key.principal]
	t.mu.Unlock()
	if ours && time.Since(began) < settling {
		return apply.Verdict{Cause: apply.Propagation}, nil
	}
	there, err := t.principalThere(ctx, s.key)
	if err != nil && !isAccessDenied(err) {
		return apply.Verdict{}, err
	}
	switch {
	case err == nil && !there && s.change.Key.OrphanID != "":
		t.noteStuck(s.key.set)
		return apply.Verdict{Cause: apply.Futile, Finding: plan.StuckOrphan(s.change, reason)}, nil
	case err == nil && !there:
		return apply.Verdict{Cause: apply.Permanent, Finding: diag.Diagnostic{Code: CodeChanged,
			Summary: fmt.Sprintf("%s has been deleted since the plan was made", s.who()), Detail: reason,
			Hint: "Plan again. One that was recreated under the same name has another id: the plan shows both."}}, nil
	case ours:
		return apply.Verdict{Cause: apply.Propagation}, nil
	}
	d := diag.Diagnostic{Code: CodeJobFailed, Summary: fmt.Sprintf("AWS could not find %s when it carried the change out", s.who()), Detail: reason,
		Hint: "Look whether it still exists, and plan again."}
	if err == nil {
		d.Detail = "The identity store lists it; the part of AWS that makes assignments does not see it. AWS's reason: " + reason
		d.Hint = "It may be new: run again in a few minutes. Where that lasts, assign it to any permission set in the IAM Identity Center console and remove that again, which has helped others, or ask AWS Support."
	}
	return apply.Verdict{Cause: apply.Permanent, Finding: d}, nil
}

// noteStuck remembers that a set keeps an orphan, so that nobody tries to delete it.
func (t *Target) noteStuck(set string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.keptBy[set] = true
}

func (t *Target) keptByOrphan(set string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.keptBy[set]
}

// errKeptByOrphan is that a set cannot be deleted because AWS did not remove an
// orphan from it in this run.
var errKeptByOrphan = errors.New("an assignment that AWS cannot remove keeps the permission set")

// who names the principal of a job.
func (s subject) who() string {
	name := s.change.Key.Group
	if s.key.kind == access.UserPrincipal {
		name = s.change.Key.User
	}
	if name == "" {
		return fmt.Sprintf("the %s %s", principalKind(s.key.kind), s.key.principal)
	}
	return fmt.Sprintf("the %s %q (%s)", principalKind(s.key.kind), name, s.key.principal)
}

func principalKind(k access.PrincipalKind) string {
	if k == access.UserPrincipal {
		return "user"
	}
	return "group"
}

// principalThere asks the identity store for the principal of a job.
func (t *Target) principalThere(ctx context.Context, k grantKey) (bool, error) {
	var err error
	if k.kind == access.UserPrincipal {
		_, err = t.c.user(ctx, k.principal)
	} else {
		_, err = t.c.group(ctx, k.principal)
	}
	if isNotFound(err) && !isNoStore(err) {
		return false, nil
	}
	return err == nil, err
}

// quotedAccount is the account in the reason of a slow failure.
var quotedAccount = regexp.MustCompile(`AWS account '?(\d{12})'?`)

// accountIsSlow explains AWS's "try again in a few minutes": in an account that
// is not active it never succeeds.
func (t *Target) accountIsSlow(ctx context.Context, s subject, reason string) (apply.Verdict, error) {
	id := s.key.account
	if m := quotedAccount.FindStringSubmatch(reason); m != nil {
		id = m[1]
	}
	a, err := t.inactive(ctx, id)
	switch {
	case err != nil:
		return apply.Verdict{}, err
	case a == nil:
		return apply.Verdict{Cause: apply.Conflict}, nil
	}
	return apply.Verdict{Cause: apply.Permanent, Finding: inactiveFinding(*a, reason)}, nil
}

// inactive gives the account where it is not active; nil where it is, or where
// nobody may tell.
func (t *Target) inactive(ctx context.Context, id string) (*access.Account, error) {
	if id == "" {
		return nil, nil
	}
	var missing *orgtypes.AccountNotFoundException
	a, err := t.c.account(ctx, id)
	switch {
	case errors.As(err, &missing):
		return &access.Account{ID: id, State: "no longer in the organization"}, nil
	case isAccessDenied(err):
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("look at account %s: %w", id, err)
	case a.State == string(orgtypes.AccountStateActive):
		return nil, nil
	}
	return &a, nil
}

func inactiveFinding(a access.Account, reason string) diag.Diagnostic {
	name := a.ID
	if a.Name != "" {
		name = fmt.Sprintf("%q (%s)", a.Name, a.ID)
	}
	return diag.Diagnostic{Code: CodeJobFailed, Summary: fmt.Sprintf("account %s is %s, so AWS cannot change access there", name, a.State),
		Detail: "Waiting does not help, whatever AWS's reason says: " + reason,
		Hint:   "Plan again: what cannot be changed there is left out, with a note. Apply again if the account is reinstated."}
}

// deniedAction finds the right that is missing in IAM's own text.
var deniedAction = regexp.MustCompile(`is not authorized to perform: (iam:\w+)`)

// reasonFinding explains a reason that no waiting mends.
func (t *Target) reasonFinding(s subject, means meaning, reason string) diag.Diagnostic {
	d := diag.Diagnostic{Code: CodeJobFailed, Summary: "AWS could not carry the change out", Detail: reason, Hint: "Do what AWS's reason says, and run again."}
	switch means {
	case barredByIAM:
		action := "rights of IAM"
		if m := deniedAction.FindStringSubmatch(reason); m != nil {
			action = m[1]
		}
		d.Code, d.Summary = CodeAccessDenied, fmt.Sprintf("not allowed in account %s: %s", s.key.account, action)
		d.Hint = fmt.Sprintf("In the management account AWS uses the caller's own rights: allow %s there to %s, or run as somebody who has them. docs/iam/README.md lists all of them. Rights given seconds ago may need a minute: then run again.",
			action, t.c.callerName())
	case missingPolicy:
		d.Hint = "A customer managed policy has to exist in the target account under the same path and name. Create it there and run again."
	case usedUpQuota:
		d.Hint = "A quota of the target account is used up; raise it there (Service Quotas, IAM) or remove roles, and run again."
	case goneAssignment:
		d.Hint = "The last assignment went while AWS updated the role; somebody else may have removed it. Run again."
	}
	return d
}
