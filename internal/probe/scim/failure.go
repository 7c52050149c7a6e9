package scim

import "net/http"

// Failure says why a question got no answer.
type Failure string

// The failures. AWS answers 401 for a token that is wrong and for one that has
// expired alike, so one cannot be told from the other, and 404 ("TENANT does not
// exist.") for a tenant that there is not.
const (
	Unauthorized Failure = "unauthorized"
	Forbidden    Failure = "forbidden"
	NotFound     Failure = "not_found"
	Throttled    Failure = "throttled"
	ServerFault  Failure = "server_fault"
	Refused      Failure = "refused"    // the question, by what speaks SCIM
	Conflict     Failure = "conflict"   // something else is at work on what was asked for
	Redirected   Failure = "redirected" // to elsewhere, where nobody went
	Unreachable  Failure = "unreachable"
	Unreadable   Failure = "unreadable"
)

// failureOf says what a status means. A page that a proxy puts in AWS's place can
// have any status, and says nothing of the token. A provider's API is read otherwise
// (internal/directory): nobody stands in its place.
func failureOf(status int, s speech) Failure {
	switch {
	case status >= 300 && status < 400 && s.to != "":
		return Redirected
	case status == http.StatusTooManyRequests:
		return Throttled
	case status >= 500:
		return ServerFault
	case status < 400 || s.other:
		return Unreadable
	case status == http.StatusUnauthorized:
		return Unauthorized
	case status == http.StatusForbidden:
		return Forbidden
	case status == http.StatusNotFound:
		return NotFound
	case status == http.StatusConflict && s.scim:
		return Conflict
	case s.scim:
		return Refused
	default:
		return Unreadable
	}
}

// NewTokenFix says how a token is replaced. AWS shows a token once, so rolecall gets
// the new one at the same time.
const NewTokenFix = "In the IAM Identity Center console (Settings, Automatic provisioning) create a new token, give it to the identity provider and, if token_env names one, to rolecall, delete the old one, and write the new one's date as token_created into rolecall.hcl."

// meanings says of each failure in a line what it means, and what to do, in which system.
func meanings() map[Failure]struct{ cause, fix string } {
	return map[Failure]struct{ cause, fix string }{
		Unauthorized: {"AWS refuses the SCIM token: it has expired, was deleted, or belongs to another endpoint",
			NewTokenFix + " Compare the endpoint's URL too."},
		Forbidden: {"the SCIM token is known but not allowed to do this",
			"In the IAM Identity Center console (Settings), check that automatic provisioning is enabled; if it is, create a new token."},
		NotFound: {"the SCIM endpoint's URL leads nowhere: AWS has no such tenant, or the path is wrong",
			"Copy the SCIM endpoint from the IAM Identity Center console (Settings, Automatic provisioning) into the identity provider and into rolecall.hcl. Disabling and enabling automatic provisioning creates a new endpoint and a new token."},
		Throttled: {"AWS accepts no more SCIM requests at the moment",
			"Wait a few minutes. If it continues, something pushes without end: look at the identity provider's provisioning log."},
		ServerFault: {"AWS's SCIM endpoint fails",
			"Try again later; health.aws.amazon.com shows known trouble."},
		Refused: {"AWS's SCIM endpoint is reached and refuses the question",
			"Check the name that was asked for, and what AWS says about it. This does not mean that the endpoint or the token is wrong; if it persists, report it with the request id."},
		Conflict: {"AWS's SCIM endpoint is reached, and something else is changing what was asked for",
			"Try again in a minute; if it persists, report it with the request id."},
		Redirected: {"what answers at the SCIM endpoint's URL redirects elsewhere, which AWS's SCIM endpoint does not: it is a proxy or a sign-in page of the network, or the URL is a different one",
			"Compare the endpoint in rolecall.hcl with the IAM Identity Center console (Settings, Automatic provisioning). If it is the same, something in between answers instead: check HTTPS_PROXY, and whether the network requires a sign-in."},
		Unreachable: {"AWS's SCIM endpoint cannot be reached",
			"Check the endpoint in rolecall.hcl, the network, and HTTPS_PROXY."},
		Unreadable: {"what answers at the SCIM endpoint's URL does not speak SCIM",
			"Check the endpoint in rolecall.hcl, and whether a proxy answers instead."},
	}
}

// known is the failure itself, or what stands for one that has no meaning.
func (f Failure) known() Failure {
	if _, ok := meanings()[f]; ok {
		return f
	}
	return Unreadable
}

// Cause says in a line what the failure means.
func (f Failure) Cause() string { return meanings()[f.known()].cause }

// Fix says what to do, in which system.
func (f Failure) Fix() string { return meanings()[f.known()].fix }

// Certain says that the set-up is at fault, and not the moment or this machine.
func (f Failure) Certain() bool {
	return f == Unauthorized || f == Forbidden || f == NotFound
}
