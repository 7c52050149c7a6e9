package doctor

import (
	"fmt"
	"time"

	"github.com/rolecall-dev/rolecall/internal/diag"
	"github.com/rolecall-dev/rolecall/internal/probe/scim"
)

// scimToken: AWS refuses the SCIM token: it has expired, or is another one.
func scimToken() Check {
	return Check{ID: "scim-token", Link: Provisioning, About: all(),
		Means: "AWS refuses the SCIM token: it has expired, or is another one.",
		Looks: "GET ServiceProviderConfig with the token; the age of the token; the provisioning log.",
		Fix:   "Make a new token in the IAM Identity Center console and give it to the identity provider.",
		run: func(f *Facts) []Verdict {
			switch {
			case !f.usersBySCIM():
				return nil
			case tokenRefused(f):
				cause, fix, seen := f.tokenCause()
				return wrong(identityCenter, fix, seen, "%s", cause)
			case !f.SCIM.Known:
				return unsure(f.SCIM.Needs)
			case !f.SCIM.Value.OK():
				return []Verdict{{State: CannotTell, Needs: f.SCIM.Value.Failure.Fix(), Evidence: f.SCIM.Evidence}}
			}
			return fine(f.SCIM.Evidence...)
		}}
}

// tokenRefused says that the token is known not to work: what the endpoint
// answers now comes before what the log or the calendar says.
func tokenRefused(f *Facts) bool {
	if !f.usersBySCIM() {
		return false
	}
	if f.SCIM.Known && f.SCIM.Value.OK() {
		return false
	}
	return f.SCIM.Known && f.SCIM.Value.Failure.Certain() || tokenEvent(f) || f.TokenAge.Known && f.TokenAge.Value.Expired()
}

func tokenEvent(f *Facts) bool {
	for _, e := range f.Events.Value {
		if e.Token {
			return true
		}
	}
	return false
}

func (f *Facts) tokenCause() (cause, fix string, seen []diag.Evidence) {
	expired := f.TokenAge.Known && f.TokenAge.Value.Expired()
	if f.SCIM.Known && f.SCIM.Value.Failure == scim.Unauthorized && expired {
		return fmt.Sprintf("AWS refuses the SCIM token: by token_created in rolecall.hcl it expired on %s", f.TokenAge.Value.Expires.Format(time.DateOnly)),
			scim.Unauthorized.Fix(), f.SCIM.Evidence
	}
	if f.SCIM.Known && f.SCIM.Value.Failure.Certain() {
		return f.SCIM.Value.Failure.Cause(), f.SCIM.Value.Failure.Fix(), f.SCIM.Evidence
	}
	if expired {
		return fmt.Sprintf("the SCIM token expired on %s", f.TokenAge.Value.Expires.Format(time.DateOnly)), scim.Unauthorized.Fix(), f.TokenAge.Evidence
	}
	return scim.Unauthorized.Cause(), scim.Unauthorized.Fix(), f.Events.Evidence
}
