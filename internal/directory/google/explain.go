package google

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"

	"github.com/rolecall-dev/rolecall/internal/directory"
)

// The reasons that Google reports in an answer that is an error
// (developers.google.com/workspace/admin/reseller/v1/support/directory_api_common_errors,
// and google.rpc.ErrorInfo where the error has details).
const (
	reasonForbidden = "forbidden"
	reasonDomainAPI = "domainCannotUseApis"
)

// apiError is Google's error object.
type apiError struct {
	Error struct {
		Message string `json:"message"`
		Errors  []struct {
			Reason string `json:"reason"`
		} `json:"errors"`
		Details []struct {
			Reason string `json:"reason"`
		} `json:"details"`
	} `json:"error"`
}

// reasons are all that the object names, the one of longest standing first.
func (e apiError) reasons() []string {
	var all []string
	for _, r := range e.Error.Errors {
		all = append(all, r.Reason)
	}
	for _, r := range e.Error.Details {
		all = append(all, r.Reason)
	}
	return slices.DeleteFunc(all, func(r string) bool { return r == "" })
}

// explain reads Google's error object, and that of its token endpoint. Google
// says 403 for several things that have nothing to do with rights: the API that
// is not enabled, and calls that come too fast.
func explain(r directory.Reply) directory.Error {
	if r.Operation == "Token" {
		return explainToken(r)
	}
	var body apiError
	_ = json.Unmarshal(r.Body, &body) // what is no error object has no reason
	reasons := body.reasons()
	says := func(any ...string) bool {
		return slices.ContainsFunc(reasons, func(r string) bool { return slices.Contains(any, r) })
	}
	e := directory.Error{Message: body.Error.Message}
	if len(reasons) > 0 {
		e.Code = reasons[0]
	}
	switch {
	case r.Status == http.StatusForbidden && says("quotaExceeded", "rateLimitExceeded", "userRateLimitExceeded", "RATE_LIMIT_EXCEEDED"):
		e.Kind = directory.Throttled
	case r.Status == http.StatusForbidden:
		e.Needs = forbiddenNeeds(r.Operation, says)
	case r.Status == http.StatusUnauthorized && r.Operation == opActivities:
		e.Needs = unreadNeeds()
	case r.Status == http.StatusUnauthorized:
		e.Needs = "Create a new key for the service account."
	case r.Status == http.StatusNotFound && strings.HasPrefix(r.Operation, "List"), r.Status == http.StatusBadRequest && strings.HasPrefix(r.Operation, "List"):
		e.Needs = "Compare organization in rolecall.hcl with the customer ID in the Admin console (Account, Account settings), or leave it out."
	}
	return e
}

// forbiddenNeeds says what is missing for a call that is refused.
func forbiddenNeeds(operation string, says func(...string) bool) string {
	n := needs()[operation]
	switch {
	case says("accessNotConfigured", "SERVICE_DISABLED"):
		return "Enable Admin SDK API in the Google Cloud project of the service account (step 1 of docs/idp/google.md). It takes a few minutes to take effect."
	case says(reasonDomainAPI):
		return "The Workspace lets no API read it: a super admin can allow it in the Admin console under Security, Access and data control, API controls."
	case says("insufficientPermissions", "ACCESS_TOKEN_SCOPE_INSUFFICIENT"):
		return "Delegate " + n.scope + " to the service account's client id, in the Admin console under Security, API controls, Domain-wide delegation."
	}
	return "This call needs " + n.String() + ": give that administrator a role that has it in all organizational units, and delegate " + strings.Join(scopes(), ",") + " to the service account."
}

// unreadNeeds says what is missing where the Reports API answers 401 authError. It
// does so where the privilege or the scope is missing, which other APIs answer
// with 403, and as they do where the token is refused; no code tells these apart.
func unreadNeeds() string {
	n := needs()[opActivities]
	return "The Reports API answers this way if a permission is missing: give the administrator who is subject " + n.privilege + ", and delegate " + n.scope +
		" to the service account's client id (steps 4 and 5 of docs/idp/google.md). Only if every other call is also refused, create a new key for the service account."
}

func explainToken(r directory.Reply) directory.Error {
	e := directory.OAuthError(r)
	e.Needs = "Compare the service account's key and subject with the Admin console: the key must not be deleted, and subject must be an administrator."
	if e.Code == "unauthorized_client" {
		e.Needs = "A super admin must delegate to the service account's client id, in the Admin console under Security, API controls, Domain-wide delegation: " + strings.Join(scopes(), ",")
	}
	return e
}
