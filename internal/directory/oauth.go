package directory

import (
	"encoding/json"
	"net/http"
	"slices"

	"github.com/rolecall-dev/rolecall/internal/diag"
)

// AssertionType is what a signed assertion is called in a token request
// (RFC 7523).
const AssertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

// ScopeOf returns what a call needs, from a connector's table of calls, so that the hint
// of a refused call and the documentation cannot differ.
func ScopeOf(calls []diag.CallDoc, operation string) string {
	at := slices.IndexFunc(calls, func(c diag.CallDoc) bool { return c.Operation == operation })
	if at < 0 {
		return ""
	}
	return calls[at].Scope
}

// OAuthError reads the error of a token endpoint (RFC 6749, 5.2).
func OAuthError(r Reply) Error {
	var body struct {
		Code    string `json:"error"`
		Message string `json:"error_description"`
	}
	var e Error
	if json.Unmarshal(r.Body, &body) == nil {
		e.Code, e.Message = body.Code, body.Message
	}
	if r.Status == http.StatusBadRequest {
		e.Kind = Unauthorized
	}
	return e
}
