package write

import (
	"context"
	"fmt"
	"regexp"
	"time"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/apply"
	"github.com/rolecall-dev/rolecall/internal/diag"
	"github.com/rolecall-dev/rolecall/internal/identitycenter"
	"github.com/rolecall-dev/rolecall/internal/plan"
)

// subject is what a job is about.
type subject struct {
	kind   identitycenter.JobKind
	change plan.Change
	key    access.AssignmentID // of a provisioning only set and account; "" means all accounts
}

// judge says what it means that a job failed. Where a look can tell, AWS's text
// is not believed: it has said "Assignment not found" and "EntitlementItem
// doesn't exist" of deletions that were done.
func (t *Target) judge(ctx context.Context, s subject, reason string) (apply.Verdict, error) {
	means := identitycenter.MeaningOf(reason)
	if s.kind == identitycenter.DeleteAssignmentJob {
		switch listed, err := t.isListed(ctx, s.key); {
		case err != nil && !identitycenter.IsAccessDenied(err):
			return apply.Verdict{}, err
		case err == nil && !listed:
			return apply.Verdict{Cause: apply.Done}, nil
		case means == identitycenter.NoEntitlement:
			return t.stillListed(s, reason), nil
		}
	}
	var v apply.Verdict
	var err error
	switch {
	case means == identitycenter.Passes:
		v = apply.Verdict{Cause: apply.Conflict}
	case means == identitycenter.NoAssignee && s.key.Principal != "":
		v, err = t.notInDirectory(ctx, s, reason)
	case means == identitycenter.SlowAccount:
		v, err = t.accountIsSlow(ctx, s, reason)
	default:
		v = apply.Verdict{Cause: apply.Permanent, Finding: t.reasonFinding(s, means, reason)}
	}
	return at(s.change, v), err
}

// mostStillListed is how often a deletion is repeated of which AWS says that
// there is nothing to delete and still lists it: lists come late.
const mostStillListed = 2

// stillListed believes AWS's word that there is no such assignment in the end, and
// says that its list has it still: the next plan reads the list again.
func (t *Target) stillListed(s subject, reason string) apply.Verdict {
	if t.listed.update(s.change.ID, func(n int) int { return n + 1 }) <= mostStillListed {
		return apply.Verdict{Cause: apply.Propagation}
	}
	return at(s.change, apply.Verdict{Cause: apply.Futile, Finding: diag.Diagnostic{Code: identitycenter.CodeStillListed,
		Summary: fmt.Sprintf("AWS says that %s has no such assignment, and still lists it", s.who()), Detail: "AWS's reason: " + reason,
		Hint: "Plan again in a few minutes. If it is still listed then, remove it in the IAM Identity Center console, or ask AWS Support."}})
}

// notInDirectory explains that a job did not see its principal. One that this
// run has made is not visible yet; AWS never sees again who was deleted, so
// what such a principal still holds stays, to nobody's use.
func (t *Target) notInDirectory(ctx context.Context, s subject, reason string) (apply.Verdict, error) {
	began, ours := t.madeIDs.get(s.key.Principal)
	if ours && time.Since(began) < showsWithin {
		return apply.Verdict{Cause: apply.Propagation}, nil
	}
	there, err := t.principalThere(ctx, s.key)
	if err != nil && !identitycenter.IsAccessDenied(err) {
		return apply.Verdict{}, err
	}
	switch {
	case err == nil && !there && s.change.Key.OrphanID != "":
		t.keptBy.put(s.key.SetARN, true)
		return apply.Verdict{Cause: apply.Futile, Finding: plan.StuckOrphan(s.change, reason)}, nil
	case err == nil && !there:
		return apply.Verdict{Cause: apply.Permanent, Finding: diag.Diagnostic{Code: identitycenter.CodeChanged,
			Summary: fmt.Sprintf("%s has been deleted since the plan was made", s.who()), Detail: reason,
			Hint: "Plan again. One that was recreated under the same name has another id: the plan shows both."}}, nil
	case ours:
		return apply.Verdict{Cause: apply.Propagation}, nil
	}
	d := diag.Diagnostic{Code: identitycenter.CodeJobFailed, Summary: fmt.Sprintf("AWS could not find %s when it carried the change out", s.who()), Detail: reason,
		Hint: "Check whether it still exists, and plan again."}
	if err == nil {
		d.Detail = "The identity store lists it; the part of AWS that makes assignments does not see it. AWS's reason: " + reason
		d.Hint = "It may be new: run again in a few minutes. If that persists, assign it to any permission set in the IAM Identity Center console and remove that again, which has helped others, or ask AWS Support."
	}
	return apply.Verdict{Cause: apply.Permanent, Finding: d}, nil
}

// who names the principal of a job.
func (s subject) who() string {
	kind, name := "group", s.change.Key.Group
	if s.key.Kind == access.UserPrincipal {
		kind, name = "user", s.change.Key.User
	}
	if name == "" {
		return fmt.Sprintf("the %s %s", kind, s.key.Principal)
	}
	return fmt.Sprintf("the %s %q (%s)", kind, name, s.key.Principal)
}

// principalThere asks the identity store for the principal of a job.
func (t *Target) principalThere(ctx context.Context, k access.AssignmentID) (bool, error) {
	var err error
	if k.Kind == access.UserPrincipal {
		_, _, err = t.c.DescribeUser(ctx, k.Principal)
	} else {
		_, _, err = t.c.DescribeGroup(ctx, k.Principal)
	}
	if identitycenter.IsNotFound(err) && !identitycenter.IsNoStore(err) {
		return false, nil
	}
	return err == nil, err
}

// quotedAccount is the account in the reason of a slow failure.
var quotedAccount = regexp.MustCompile(`AWS account '?(\d{12})'?`)

// accountIsSlow explains AWS's "try again in a few minutes": in an account that
// is not active it never succeeds.
func (t *Target) accountIsSlow(ctx context.Context, s subject, reason string) (apply.Verdict, error) {
	id := s.key.Account
	if m := quotedAccount.FindStringSubmatch(reason); m != nil {
		id = m[1]
	}
	return t.inactive(ctx, id, reason)
}

// inactive says that a change fails for good where its account is not active; it
// passes where the account is, or where nobody may tell.
func (t *Target) inactive(ctx context.Context, id, reason string) (apply.Verdict, error) {
	passes := apply.Verdict{Cause: apply.Conflict}
	if id == "" {
		return passes, nil
	}
	a, _, err := t.c.DescribeAccount(ctx, id)
	switch {
	case identitycenter.IsNotFound(err):
		a = access.Account{ID: id, State: "no longer in the organization"}
	case identitycenter.IsAccessDenied(err), err == nil && a.State == access.ActiveState:
		return passes, nil
	case err != nil:
		return apply.Verdict{}, err
	}
	name := a.ID
	if a.Name != "" {
		name = fmt.Sprintf("%q (%s)", a.Name, a.ID)
	}
	return apply.Verdict{Cause: apply.Permanent, Finding: diag.Diagnostic{Code: identitycenter.CodeJobFailed, Summary: fmt.Sprintf("account %s is %s, so AWS cannot change access there", name, a.State),
		Detail: "Waiting does not help, whatever AWS's reason says: " + reason,
		Hint:   "Plan again: what cannot be changed there is left out, with a note. Apply again if the account is reinstated."}}, nil
}

// deniedAction finds the right that is missing in IAM's own text.
var deniedAction = regexp.MustCompile(`is not authorized to perform: (iam:\w+)`)

// reasonFinding explains a reason that no waiting mends.
func (t *Target) reasonFinding(s subject, means identitycenter.Meaning, reason string) diag.Diagnostic {
	d := diag.Diagnostic{Code: identitycenter.CodeJobFailed, Summary: "AWS could not carry the change out", Detail: reason, Hint: "Do what AWS's reason says, and run again."}
	switch means {
	case identitycenter.BarredByIAM:
		action := "IAM permissions"
		if m := deniedAction.FindStringSubmatch(reason); m != nil {
			action = m[1]
		}
		d.Code, d.Summary = identitycenter.CodeAccessDenied, fmt.Sprintf("not allowed in account %s: %s", s.key.Account, action)
		d.Hint = fmt.Sprintf("In the management account AWS uses the caller's own permissions: allow %s there to %s, or run as somebody who has them. docs/iam/README.md lists all of them. Permissions granted seconds ago may need a minute: then run again.",
			action, t.c.CallerName())
	case identitycenter.MissingPolicy:
		d.Hint = "A customer managed policy has to exist in the target account under the same path and name. Create it there and run again."
	case identitycenter.UsedUpQuota:
		d.Hint = "A quota of the target account is used up; raise it there (Service Quotas, IAM) or remove roles, and run again."
	case identitycenter.GoneAssignment:
		d.Hint = "The last assignment was removed while AWS updated the role; somebody else may have removed it. Run again."
	}
	return d
}
