package write

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/apply"
	"github.com/rolecall-dev/rolecall/internal/diag"
	"github.com/rolecall-dev/rolecall/internal/identitycenter"
	"github.com/rolecall-dev/rolecall/internal/plan"
)

// judged is an error of which is known already what it means: a look, or what AWS
// said of a job, has told.
type judged struct {
	text    string
	verdict apply.Verdict
}

func (e *judged) Error() string { return e.text }

// differsFromPlan stops a change whose object is not as the plan was made from.
func differsFromPlan(ch plan.Change, format string, args ...any) error {
	d := diag.Diagnostic{
		Severity: diag.Error, Code: identitycenter.CodeChanged, Summary: "did not " + ch.Describe() + ": something has changed since the plan was made",
		Detail: fmt.Sprintf(format, args...), Hint: "Plan again, look at the difference, and apply that plan.", Range: ch.Source,
	}
	return &judged{d.Summary + ": " + d.Detail, apply.Verdict{Cause: apply.Permanent, Finding: d}}
}

func kindText(k plan.Kind) string { return strings.ReplaceAll(string(k), "_", " ") }

// Classify says what an error means for the change that met it.
func (t *Target) Classify(ch plan.Change, err error) apply.Verdict {
	var known *judged
	switch {
	case err == nil:
		return apply.Verdict{Cause: apply.Done}
	case errors.As(err, &known):
		return at(ch, known.verdict)
	case identitycenter.CredentialError(err):
		return t.verdict(ch, apply.Credentials, err)
	case identitycenter.IsThrottle(err):
		return apply.Verdict{Cause: apply.Throttled, After: identitycenter.RetryAfter(err)}
	case identitycenter.IsAccessDenied(err):
		return at(ch, t.denied(ch, err))
	case identitycenter.IsTaken(err):
		return at(ch, apply.Verdict{Cause: apply.Permanent, Finding: t.nameTaken(ch, "another user or group has this name or address", err)})
	case identitycenter.IsConflict(err):
		return apply.Verdict{Cause: apply.Conflict}
	case ch.Kind == plan.InlinePolicy && identitycenter.IsInvalid(err):
		return at(ch, t.refusedPolicy(ch, err))
	case identitycenter.IsNotFound(err) && t.fresh(ch):
		return apply.Verdict{Cause: apply.Propagation}
	case passing(err), errors.Is(err, identitycenter.ErrTooLate):
		return apply.Verdict{Cause: apply.Transient, After: identitycenter.RetryAfter(err)}
	default:
		return t.verdict(ch, apply.Permanent, err)
	}
}

// passing says that no answer of AWS's came: what was asked for may have been done.
func passing(err error) bool {
	return identitycenter.IsLost(err) || errors.Is(err, context.Canceled)
}

// refusedPolicy explains that AWS does not take an inline policy. Its answer may
// hold the whole document, so only the beginning is shown.
func (t *Target) refusedPolicy(ch plan.Change, err error) apply.Verdict {
	d := t.c.Finding(err)
	d.Summary = fmt.Sprintf("AWS refuses the inline policy of permission set %q", ch.Key.PermissionSet)
	d.Hint = "Correct the policy; `aws accessanalyzer validate-policy --policy-type IDENTITY_POLICY` says what is wrong with it."
	if ch.After != nil && !access.InlinePolicyFits(ch.After.Document) {
		d.Summary = fmt.Sprintf("the inline policy of permission set %q is too long for AWS", ch.Key.PermissionSet)
		d.Hint = fmt.Sprintf("AWS allows %d bytes, not counting spaces and line breaks. Shorten it, or move statements to a customer managed policy.", access.MaxInlinePolicyDense)
	}
	const most = 300
	if runes := []rune(d.Detail); len(runes) > most {
		d.Detail = string(runes[:most]) + " ..."
	}
	for i := range d.Evidence {
		d.Evidence[i].Saw = identitycenter.ErrorCode(err) + ": " + d.Detail
	}
	return apply.Verdict{Cause: apply.Permanent, Finding: d}
}

// verdict is a cause with AWS's answer explained.
func (t *Target) verdict(ch plan.Change, cause apply.Cause, err error) apply.Verdict {
	return at(ch, apply.Verdict{Cause: cause, Finding: t.c.Finding(err)})
}

// at adds to a finding the place in the config that the change comes from.
func at(ch plan.Change, v apply.Verdict) apply.Verdict {
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
	d := t.c.Finding(err)
	caller := t.c.Caller()
	if caller.Role == identitycenter.DelegatedAdministrator {
		d.Detail += " A delegated administrator may neither grant access in the management account nor change a permission set that is provisioned there."
	}
	if caller.Role == identitycenter.DelegatedAdministrator && ch.Key.Account == caller.ManagementAccount {
		d.Code, d.Summary = identitycenter.CodeManagementOnly, "access in the management account cannot be changed from a delegated administrator's account"
		d.Hint = fmt.Sprintf("Run with credentials of the management account %s.", caller.ManagementAccount)
	}
	return apply.Verdict{Cause: apply.Permanent, Finding: d}
}
