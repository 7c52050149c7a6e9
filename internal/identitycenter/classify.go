package identitycenter

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	storetypes "github.com/aws/aws-sdk-go-v2/service/identitystore/types"
	"github.com/aws/smithy-go"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/apply"
	"github.com/rolecall-dev/rolecall/internal/diag"
	"github.com/rolecall-dev/rolecall/internal/plan"
)

// taken is a conflict over a name with something that is not what was wanted.
type taken struct {
	conflict error
	why      string
}

func (e taken) Error() string { return e.why + ": " + e.conflict.Error() }
func (e taken) Unwrap() error { return e.conflict }

// unseen is a conflict with something that cannot be seen yet.
type unseen struct{ conflict error }

func (e unseen) Error() string { return e.conflict.Error() + " (it is not visible yet)" }
func (e unseen) Unwrap() error { return e.conflict }

// jobFailure is a job that had failed when its call was answered, and what that
// means.
type jobFailure struct {
	reason  string
	verdict apply.Verdict
}

func (e *jobFailure) Error() string { return "AWS could not carry it out: " + e.reason }

var errStillThere = errors.New("the assignment is still there")

func isConflict(err error) bool { return errorCode(err) == "ConflictException" }

// isNameTaken says that a conflict is about a name that exists. sso-admin has
// one exception for that and for "try again later"; only the message tells.
func isNameTaken(err error) bool {
	return isConflict(err) && strings.Contains(errorMessage(err), "already exists")
}

// Classify says what an error means for the change that met it.
func (t *Target) Classify(ch plan.Change, err error) apply.Verdict {
	var failed *jobFailure
	var foreign *foreignAnswer
	var broken *smithy.DeserializationError
	var differs changedSince
	var late notShown
	switch {
	case err == nil:
		return apply.Verdict{Cause: apply.Done}
	case errors.As(err, &differs):
		return t.at(ch, apply.Verdict{Cause: apply.Permanent, Finding: differs.finding})
	case errors.As(err, &late):
		return apply.Verdict{Cause: apply.Propagation}
	case errors.Is(err, errKeptByOrphan):
		return t.at(ch, apply.Verdict{Cause: apply.Futile, Finding: plan.KeptByOrphan(ch.Key.PermissionSet)})
	case errors.As(err, &failed):
		return t.at(ch, failed.verdict)
	case isCredentialError(err):
		return t.verdict(ch, apply.Credentials, err)
	case isThrottle(err):
		return apply.Verdict{Cause: apply.Throttled, After: retryAfter(err)}
	case errors.As(err, &foreign) && foreign.status < 500:
		return t.verdict(ch, apply.Permanent, err)
	case isAccessDenied(err):
		return t.at(ch, t.denied(ch, err))
	case isConflict(err):
		return t.at(ch, t.conflict(ch, err))
	case isNoPolicy(ch, err):
		return t.at(ch, t.noPolicy(ch, err))
	case ch.Kind == plan.InlinePolicy && errorCode(err) == "ValidationException":
		return t.at(ch, t.refusedPolicy(ch, err))
	case isNotFound(err) && t.fresh(ch):
		return apply.Verdict{Cause: apply.Propagation}
	case isNetwork(err), isServerFault(err), status(err) >= 500, foreign != nil, errors.As(err, &broken),
		errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, context.Canceled), errors.Is(err, errOldLook):
		return apply.Verdict{Cause: apply.Transient, After: retryAfter(err)}
	default:
		return t.verdict(ch, apply.Permanent, err)
	}
}

// isNoPolicy says that what was not found is the policy, not the set: AWS's
// message names it. A policy does not become visible by waiting, a set that was
// just made does.
func isNoPolicy(ch plan.Change, err error) bool {
	return isNotFound(err) && ch.Key.Policy != "" && strings.Contains(errorMessage(err), ch.Key.Policy)
}

func (t *Target) noPolicy(ch plan.Change, err error) apply.Verdict {
	d := t.c.finding(err)
	d.Summary = fmt.Sprintf("permission set %q cannot have the policy %s: AWS does not know it", ch.Key.PermissionSet, ch.Key.Policy)
	d.Hint = "Correct the policy's ARN in the config; the IAM console lists AWS's managed policies."
	return apply.Verdict{Cause: apply.Permanent, Finding: d}
}

// refusedPolicy explains that AWS does not take an inline policy. Its answer may
// hold the whole document, so only the beginning is shown.
func (t *Target) refusedPolicy(ch plan.Change, err error) apply.Verdict {
	d := t.c.finding(err)
	d.Summary = fmt.Sprintf("AWS refuses the inline policy of permission set %q", ch.Key.PermissionSet)
	d.Hint = "Correct the policy; `aws accessanalyzer validate-policy --policy-type IDENTITY_POLICY` says what is wrong with it."
	if ch.After != nil && !access.InlinePolicyFits(ch.After.Document) {
		d.Summary = fmt.Sprintf("the inline policy of permission set %q is too long for AWS", ch.Key.PermissionSet)
		d.Hint = fmt.Sprintf("AWS takes %d bytes, blanks and line ends not counted. Shorten it, or move statements to a customer managed policy.", access.MaxInlinePolicyDense)
	}
	const most = 300
	if runes := []rune(d.Detail); len(runes) > most {
		d.Detail = string(runes[:most]) + " ..."
	}
	for i := range d.Evidence {
		d.Evidence[i].Saw = errorCode(err) + ": " + d.Detail
	}
	return apply.Verdict{Cause: apply.Permanent, Finding: d}
}

// verdict is a cause with AWS's answer explained.
func (t *Target) verdict(ch plan.Change, cause apply.Cause, err error) apply.Verdict {
	return t.at(ch, apply.Verdict{Cause: cause, Finding: t.c.finding(err)})
}

// at gives a finding the place in the config that the change comes from.
func (t *Target) at(ch plan.Change, v apply.Verdict) apply.Verdict {
	if v.Finding.Code != "" {
		v.Finding.Severity, v.Finding.Range = diag.Error, ch.Source
	}
	if v.Cause == apply.Futile {
		v.Finding.Severity = diag.Warning
	}
	return v
}

// denied explains a refusal; a delegated administrator's is often about the
// management account (user guide, "Delegated administration").
func (t *Target) denied(ch plan.Change, err error) apply.Verdict {
	d := t.c.finding(err)
	caller := t.c.caller
	if caller.Place == DelegatedAdministrator {
		d.Detail += " A delegated administrator may neither give access in the management account nor change a permission set that is provisioned there."
	}
	if caller.Place == DelegatedAdministrator && ch.Key.Account == caller.ManagementAccount {
		d.Code, d.Summary = CodeManagementOnly, "access in the management account cannot be changed from a delegated administrator's account"
		d.Hint = fmt.Sprintf("Run with credentials of the management account %s.", caller.ManagementAccount)
	}
	return apply.Verdict{Cause: apply.Permanent, Finding: d}
}

// conflict tells the conflicts that waiting mends from those it does not.
func (t *Target) conflict(ch plan.Change, err error) apply.Verdict {
	var of *storetypes.ConflictException
	var name taken
	var later unseen
	var used stillUsed
	switch {
	case errors.As(err, &name):
		d := t.nameTaken(ch, name.why, err)
		d.Code = CodeChanged
		return apply.Verdict{Cause: apply.Permanent, Finding: d}
	case errors.As(err, &later):
		return apply.Verdict{Cause: apply.Propagation}
	case errors.As(err, &of) && of.Reason == storetypes.ConflictExceptionReasonUniquenessConstraintViolation:
		return apply.Verdict{Cause: apply.Permanent, Finding: t.nameTaken(ch, "another user or group has this name or address", err)}
	case isNameTaken(err):
		return apply.Verdict{Cause: apply.Permanent, Finding: t.nameTaken(ch, "something of this name exists", err)}
	case ch.Kind == plan.PermissionSet && ch.Action == plan.Delete && (errors.As(err, &used) || !t.justUnassigned(ch)):
		d := t.c.finding(err)
		if len(used.accounts) > 0 {
			d.Detail = "It is provisioned in " + strings.Join(used.accounts, ", ") + "."
		}
		d.Summary = fmt.Sprintf("permission set %q cannot be deleted: it was assigned or provisioned somewhere since it was read", ch.Key.PermissionSet)
		d.Hint = "Plan again: the plan reads where it is, and says what keeps it."
		return apply.Verdict{Cause: apply.Permanent, Finding: d}
	default:
		return apply.Verdict{Cause: apply.Conflict}
	}
}

// justUnassigned says whether this run took an assignment of the set away so
// recently that AWS may not have noticed everywhere.
func (t *Target) justUnassigned(ch plan.Change) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	when, ok := t.unassigned[ch.Refs.PermissionSetARN]
	return ok && time.Since(when) < settling
}

func (t *Target) nameTaken(ch plan.Change, why string, err error) diag.Diagnostic {
	name, what := ch.Key.PermissionSet, "permission set"
	hint := "It was made since the plan, or by another owner. Plan again; then --adopt takes it over, or another name avoids it."
	switch ch.Kind {
	case plan.Group:
		name, what = ch.Key.Group, "group"
	case plan.User:
		name, what = ch.Key.User, "user"
		hint = "It was made since the plan. Plan again: the plan says what becomes of it, and what the ways are."
	}
	d := t.c.finding(err)
	d.Code, d.Summary, d.Detail = CodeNameTaken, fmt.Sprintf("cannot %s %s %q: %s", ch.Action, what, name, why), errorMessage(err)
	d.Hint = hint
	return d
}
