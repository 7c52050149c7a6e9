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
	Unreachable  Failure = "unreachable"
	Unreadable   Failure = "unreadable"
)

// Failures gives all of them.
func Failures() []Failure {
	return []Failure{Unauthorized, Forbidden, NotFound, Throttled, ServerFault, Unreachable, Unreadable}
}

func failureOf(status int) Failure {
	switch {
	case status == http.StatusUnauthorized:
		return Unauthorized
	case status == http.StatusForbidden:
		return Forbidden
	case status == http.StatusNotFound:
		return NotFound
	case status == http.StatusTooManyRequests:
		return Throttled
	case status >= 500:
		return ServerFault
	default:
		return Unreadable
	}
}

// Cause says in a line what the failure means.
func (f Failure) Cause() string {
	switch f {
	case Unauthorized:
		return "AWS refuses the SCIM token: it has expired, was deleted, or belongs to another endpoint"
	case Forbidden:
		return "the SCIM token is known and not allowed to do this"
	case NotFound:
		return "the SCIM endpoint's URL leads nowhere: AWS has no such tenant, or the path is wrong"
	case Throttled:
		return "AWS takes no more SCIM requests for the moment"
	case ServerFault:
		return "AWS's SCIM endpoint fails"
	case Unreachable:
		return "AWS's SCIM endpoint cannot be reached"
	default:
		return "what answers at the SCIM endpoint's URL does not speak SCIM"
	}
}

// NewTokenFix says how a token is replaced. AWS shows a token once, so rolecall gets
// the new one at the same time.
const NewTokenFix = "In the IAM Identity Center console (Settings, Automatic provisioning) make a new token, give it to the identity provider and, where token_env names one, to rolecall, delete the old one, and write its day as token_created into rolecall.hcl."

// Fix says what to do, in which system.
func (f Failure) Fix() string {
	switch f {
	case Unauthorized:
		return NewTokenFix + " Compare the endpoint's URL too."
	case Forbidden:
		return "In the IAM Identity Center console (Settings), check that automatic provisioning is enabled; make a new token where it is."
	case NotFound:
		return "Copy the SCIM endpoint from the IAM Identity Center console (Settings, Automatic provisioning) into the identity provider and into rolecall.hcl. Disabling and enabling automatic provisioning makes a new endpoint and a new token."
	case Throttled:
		return "Wait some minutes. Where it lasts, something pushes without end: look at the identity provider's provisioning log."
	case ServerFault:
		return "Try again later; health.aws.amazon.com shows known trouble."
	case Unreachable:
		return "Check the endpoint in rolecall.hcl, the network, and HTTPS_PROXY."
	default:
		return "Check the endpoint in rolecall.hcl, and whether a proxy answers instead."
	}
}

// Certain says that the set-up is at fault, and not the moment or this machine.
func (f Failure) Certain() bool {
	return f == Unauthorized || f == Forbidden || f == NotFound
}
