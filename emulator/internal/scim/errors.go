package scim

import (
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/rolecall-dev/rolecall/emulator/internal/store"
)

// Error is a refusal: an HTTP status and the text of the answer's detail.
type Error struct {
	Status int
	Detail string
}

func (e *Error) Error() string { return strconv.Itoa(e.Status) + " " + e.Detail }

// details are AWS's texts by status. Those of 400 and 409 were captured
// (slashdevops/idp-scim-sync, its issues 30, 62 and 98 and its test data); the
// others are the conditions that the API reference prints for them.
var details = map[int]string{
	http.StatusBadRequest:          "Request is unparsable, syntactically incorrect, or violates schema.",
	http.StatusUnauthorized:        "Authorization header is invalid or missing.",
	http.StatusForbidden:           "Operation is not permitted based on the supplied authorization.",
	http.StatusConflict:            "Refused to create a new, duplicate resource.",
	http.StatusTooManyRequests:     "Too many requests exceeded the limits.",
	http.StatusInternalServerError: "Service failed to process the request.",
}

// NewError returns the refusal of a status with AWS's own text.
func NewError(status int) *Error { return &Error{Status: status, Detail: details[status]} }

func invalid() error { return NewError(http.StatusBadRequest) }

func notFound(detail string) error { return &Error{Status: http.StatusNotFound, Detail: detail} }

// The texts of 404: that of a user and that of a tenant were captured
// (slashdevops/idp-scim-sync, its issues 61 and 42), that of a group is like them.
func noUser() error { return notFound("USER does not exist.") }

func noGroup() error { return notFound("GROUP does not exist.") }

// NoTenant is the refusal of a request to a tenant that there is not.
func NoTenant() error { return notFound("TENANT does not exist.") }

// errorBody is the error of AWS as captured: both schema and schemas, a status
// that is a string, no scimType.
type errorBody struct {
	Schema    []string `json:"schema"`
	Schemas   []string `json:"schemas"`
	Detail    string   `json:"detail"`
	Status    string   `json:"status"`
	RequestID string   `json:"exceptionRequestId"`
	Time      string   `json:"timeStamp"`
}

// Failure is the answer that an error becomes; errors of the store are mapped.
func Failure(err error, requestID string, at time.Time) Response {
	e := asError(err)
	schemas := []string{"urn:ietf:params:scim:api:messages:2.0:Error"}
	text, _ := json.Marshal(errorBody{ // strings only, so it cannot fail
		Schema: schemas, Schemas: schemas, Detail: e.Detail, Status: strconv.Itoa(e.Status),
		RequestID: requestID, Time: at.UTC().Format("2006-01-02 15:04:05.000"),
	})
	return Response{Status: e.Status, Body: text}
}

func asError(err error) *Error {
	if own, ok := errors.AsType[*Error](err); ok {
		return own
	}
	refused, ok := errors.AsType[*store.Error](err)
	if !ok {
		return NewError(http.StatusInternalServerError)
	}
	switch refused.Kind {
	case store.NotFound:
		return asError(missing(refused.Type))
	case store.Duplicate, store.Busy:
		return NewError(http.StatusConflict)
	case store.Throttled:
		return NewError(http.StatusTooManyRequests)
	}
	return NewError(http.StatusBadRequest)
}

func missing(typ string) error {
	if typ == "GROUP" {
		return noGroup()
	}
	return noUser()
}
