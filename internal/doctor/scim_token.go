package doctor

import (
	"fmt"
	"slices"
	"time"

	"github.com/rolecall-dev/rolecall/internal/diag"
	"github.com/rolecall-dev/rolecall/internal/directory"
	"github.com/rolecall-dev/rolecall/internal/probe/scim"
)

// AWS takes two tokens at a time, so the one that rolecall.hcl names need not be the
// one that the identity provider has: what happens to the one proves nothing of the
// other where something else is seen of it.

// pushedLately is how long a push that worked says that the token does.
const pushedLately = 24 * time.Hour

func (f *Facts) scimToken() []Verdict {
	switch {
	case tokenRefused(f):
		cause, fix, seen := f.tokenCause()
		return wrong(identityCenter, fix, seen, "%s", cause)
	case !f.SCIM.Known:
		return unsure(f.SCIM.Needs)
	case f.SCIM.Value.Failure.Certain():
		return f.ownToken()
	case !f.SCIM.Value.OK():
		return []Verdict{{State: CannotTell, Needs: f.SCIM.Value.Failure.Fix(), Evidence: f.SCIM.Evidence}}
	}
	return fine(f.SCIM.Evidence...)
}

// ownToken is of a token that AWS refuses to rolecall while the identity provider is
// seen to push.
func (f *Facts) ownToken() []Verdict {
	return soon(config, fmt.Sprintf("Put a token that works into the variable that token_env names, and compare the endpoint. Only if %s no longer pushes anything: %s", f.IdP, scim.NewTokenFix), slices.Concat(f.SCIM.Evidence, f.Events.Evidence, f.Provisioning.Evidence),
		"asked with the SCIM token that rolecall.hcl names: %s; %s pushed to AWS at %s, so it has a different token, or has lost this one since", f.SCIM.Value.Failure.Cause(), f.IdP, clock(f.pushedAt()))
}

// tokenRefused says that the token of the identity provider is known not to work.
func tokenRefused(f *Facts) bool {
	switch {
	case !f.usersBySCIM():
		return false
	case f.idpTokenRefused():
		return true
	case f.SCIM.Known && f.SCIM.Value.OK(), !f.pushedAt().IsZero() && f.Now.Sub(f.pushedAt()) < pushedLately:
		return false
	}
	return f.SCIM.Known && f.SCIM.Value.Failure.Certain() || f.TokenAge.Known && f.TokenAge.Value.Expired()
}

// idpTokenRefused says that the identity provider itself tells that AWS refuses its
// token, and of nothing that was pushed since.
func (f *Facts) idpTokenRefused() bool {
	p := f.Provisioning.Value
	if p.Quarantine != nil && f.SCIM.Known && f.SCIM.Value.OK() {
		return false // which lasts after the token was renewed, until provisioning is started again
	}
	worked := func(e directory.Event) bool { return e.Outcome == directory.Succeeded && e.Time.After(p.LastRun) }
	return p.Refused && !slices.ContainsFunc(f.Events.Value.Events, worked) || p.Quarantine != nil && p.Quarantine.Token || slices.ContainsFunc(f.Events.Value.Events, func(e directory.Event) bool { return e.Token })
}

// pushedAt is when the identity provider last brought something to AWS; zero where
// nothing shows that.
func (f *Facts) pushedAt() time.Time {
	last := f.LastPush
	if p := f.Provisioning.Value; p.State == directory.JobOn {
		last = latest(last, p.LastSuccess)
	}
	if a := f.Assignment.Value; a.Sync == directory.Synchronized {
		last = latest(last, a.LastSync)
	}
	for _, e := range f.Events.Value.Events {
		if e.Outcome == directory.Succeeded {
			last = latest(last, e.Time)
		}
	}
	return last
}

func (f *Facts) tokenCause() (cause, fix string, seen []diag.Evidence) {
	answer, age := f.SCIM.Value, f.TokenAge.Value
	expired, on := f.TokenAge.Known && age.Expired(), age.Expires.Format(time.DateOnly)
	switch {
	case f.idpTokenRefused() && f.SCIM.Known && answer.OK():
		return fmt.Sprintf("AWS refuses the SCIM token that %s has: it says so, and nothing was pushed since; the one that rolecall.hcl names works", f.IdP), fmt.Sprintf("If %s got a new token since, have it push something. If not: ", f.IdP) + scim.NewTokenFix, slices.Concat(f.Events.Evidence, f.SCIM.Evidence)
	case f.idpTokenRefused() && !f.SCIM.Known:
		return scim.Unauthorized.Cause(), scim.Unauthorized.Fix(), f.Events.Evidence
	case f.SCIM.Known && answer.Failure == scim.Unauthorized && expired:
		return "AWS refuses the SCIM token: by token_created in rolecall.hcl it expired on " + on, scim.Unauthorized.Fix(), f.SCIM.Evidence
	case f.SCIM.Known && answer.Failure.Certain():
		return answer.Failure.Cause(), answer.Failure.Fix(), f.SCIM.Evidence
	case f.idpTokenRefused():
		return scim.Unauthorized.Cause(), scim.Unauthorized.Fix(), f.Events.Evidence
	}
	return "the SCIM token expired on " + on, scim.NewTokenFix, f.TokenAge.Evidence
}
