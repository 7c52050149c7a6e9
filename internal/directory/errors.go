package directory

import (
	"errors"
	"fmt"

	"github.com/rolecall-dev/rolecall/internal/diag"
)

// Kind says what went wrong, as far as it decides what to do.
type Kind string

// The kinds of failures.
const (
	BadSetting   Kind = "setting"      // rolecall.hcl, or the environment that it names
	Unauthorized Kind = "unauthorized" // the credentials are refused
	Forbidden    Kind = "forbidden"    // the credentials may not see this
	NotThere     Kind = "not there"    // what the settings name is not there, such as the application
	Throttled    Kind = "throttled"    // also after the tries that were made
	Unavailable  Kind = "unavailable"  // no answer, or one of a failing server
	Refused      Kind = "refused"      // the question itself
	Unreadable   Kind = "unreadable"   // an answer of another form
	NotLicensed  Kind = "not licensed" // the provider serves this with another license only
)

// Error is a question to a directory that got no answer. It never has a secret.
type Error struct {
	Kind    Kind
	System  string // "Okta"
	Call    string // "GET /api/v1/apps/0oa1/users/00u1"; no query of a sign-in
	Status  int    // of HTTP; 0 where there was no answer
	Code    string // the provider's own, such as E0000006
	Message string // the provider's own
	// Needs says what would let the question be answered.
	Needs string
	ID    string // request id
	Err   error
}

func (e *Error) Error() string { return e.System + ": " + e.Reason() }

// Reason is the error without the name of the system.
func (e *Error) Reason() string {
	text := ""
	if e.Call != "" {
		text += e.Call + ": "
	}
	if e.Status > 0 {
		text += fmt.Sprintf("%d ", e.Status)
	}
	if e.Code != "" {
		text += e.Code + " "
	}
	switch {
	case e.Message != "":
		text += e.Message
	case e.Err != nil:
		text += e.Err.Error()
	default:
		text += string(e.Kind)
	}
	return text
}

// Unwrap returns what caused the failure.
func (e *Error) Unwrap() error { return e.Err }

// Is says whether an error is a failure of this kind.
func (k Kind) Is(err error) bool {
	var e *Error
	return errors.As(err, &e) && e.Kind == k
}

// Evidence returns the call that failed as evidence.
func (e *Error) Evidence() diag.Evidence {
	saw := &Error{Status: e.Status, Code: e.Code, Message: e.Message, Kind: e.Kind, Err: e.Err} // without the call
	return diag.Evidence{System: e.System, What: e.Call, Saw: saw.Reason(), ID: e.ID}
}

// Diagnostic returns the failure as a finding.
func (e *Error) Diagnostic() diag.Diagnostic {
	code, words := e.Kind.told()
	d := diag.Diagnostic{Severity: diag.Error, Code: code, Summary: e.System + " cannot be asked: " + words, Detail: e.Error(), Hint: e.Needs}
	if e.Call != "" {
		d.Evidence = []diag.Evidence{e.Evidence()}
	}
	return d
}

// told says how a kind of failure is told: by its code, and in words.
func (k Kind) told() (code diag.Code, words string) {
	switch k {
	case BadSetting:
		return CodeSetting, "its connector in rolecall.hcl is not set up"
	case Unauthorized:
		return CodeUnauthorized, "it refuses the credentials"
	case Forbidden:
		return CodeForbidden, "the credentials may not see this"
	case NotThere:
		return CodeNotThere, "what the connector names does not exist"
	case NotLicensed:
		return CodeNotLicensed, "its license does not have this"
	case Unavailable:
		return CodeUnavailable, "it does not answer"
	case Unreadable:
		return CodeUnavailable, "its answer cannot be read"
	}
	return CodeUnavailable, string(k)
}

// The codes of findings.
const (
	CodeSetting      diag.Code = "directory.setting"
	CodeUnauthorized diag.Code = "directory.unauthorized"
	CodeForbidden    diag.Code = "directory.forbidden"
	CodeNotThere     diag.Code = "directory.not-there"
	CodeUnavailable  diag.Code = "directory.unavailable"
	CodeNotLicensed  diag.Code = "directory.not-licensed"
)

// Codes explains the findings of this package.
func Codes() diag.Docs {
	return diag.Docs{
		{Code: CodeSetting, Meaning: "A connector to the identity provider is not set up correctly.", Do: "Correct its block in rolecall.hcl, or the environment variable or file that it names."},
		{Code: CodeUnauthorized, Meaning: "The identity provider refuses the connector's credentials.", Do: "Renew them at the identity provider, as docs/idp says."},
		{Code: CodeForbidden, Meaning: "The connector's credentials may not see something.", Do: "Give them the read-only permission that the hint names, at the identity provider."},
		{Code: CodeNotThere, Meaning: "The identity provider does not have what the connector's block names.", Do: "Correct the name or id of the application in rolecall.hcl."},
		{Code: CodeNotLicensed, Meaning: "The identity provider shows this only with a license that the organization does not have.", Do: "Look in its own console, or do without: everything else is checked."},
		{Code: CodeUnavailable, Meaning: "The identity provider did not give a usable answer.", Do: "Try again later; look at the provider's status page."},
	}
}
