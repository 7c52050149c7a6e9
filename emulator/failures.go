package emulator

import (
	"context"
	"net/http"
	"time"

	"github.com/rolecall-dev/rolecall/emulator/internal/api"
	"github.com/rolecall-dev/rolecall/emulator/internal/scim"
)

// delivery is what becomes of an answer on its way back.
type delivery int

const (
	arrives   delivery = iota
	dropped            // the connection breaks before the first byte
	truncated          // it breaks in the middle of the body
)

// patience is how long a call hangs that gets no answer, unless the fault says
// otherwise: longer than a client waits that means to notice.
const patience = 30 * time.Second

// refusal is AWS's error for the kinds of faults that are answers; nil for others.
func (c *command) refusal(kind FaultKind) *answer {
	if kind == Proxy {
		page := "<html><head><title>502 Bad Gateway</title></head><body><h1>Bad Gateway</h1></body></html>"
		return &answer{status: http.StatusBadGateway, kind: "text/html", body: []byte(page), code: "BadGateway", id: c.RequestID}
	}
	if c.SCIM != nil {
		status := map[FaultKind]int{
			Throttle: http.StatusTooManyRequests, Internal: http.StatusInternalServerError,
			Unavailable: http.StatusServiceUnavailable, Conflict: http.StatusConflict,
		}[kind]
		if status == 0 {
			return nil
		}
		return scimAnswer(c, scim.Failure(scim.NewError(status), c.RequestID, time.Now()))
	}
	switch kind {
	case Throttle:
		return answerOf(c, nil, c.throttle())
	case Internal:
		return answerOf(c, nil, c.internal())
	case Unavailable:
		return answerOf(c, nil, &api.Error{Code: c.named("ServiceUnavailableException", "ServiceUnavailable"), Message: "The service is unavailable. Please try again.", Status: http.StatusServiceUnavailable})
	case Conflict:
		return answerOf(c, nil, c.conflict())
	}
	return nil
}

// named chooses between the code of a JSON service and that of a Query service.
func (c *command) named(json, query string) string {
	if c.Service == "sts" || c.Service == "iam" {
		return query
	}
	return json
}

func (c *command) throttle() *api.Error {
	if c.Service == "organizations" {
		return &api.Error{
			Code: "TooManyRequestsException", Status: http.StatusBadRequest,
			Message: "You have sent too many requests in too short a period of time. The quota helps protect against denial-of-service attacks. Try again later.",
		}
	}
	return &api.Error{Code: c.named("ThrottlingException", "Throttling"), Message: "Rate exceeded", Status: http.StatusBadRequest}
}

func (c *command) internal() *api.Error {
	e := &api.Error{
		Code: c.named("InternalServerException", "InternalFailure"), Status: http.StatusInternalServerError,
		Message: "An unexpected internal service exception was encountered",
	}
	switch c.Service {
	case "organizations":
		e.Code = "ServiceException"
	case "iam":
		e.Code = "ServiceFailure"
	}
	return e
}

// conflictCodes are the errors by which the services tell that somebody else
// changed the same thing.
var conflictCodes = map[string]string{
	"sso-admin": "ConflictException", "identitystore": "ConflictException", "organizations": "ConcurrentModificationException",
}

// conflicts tells whether AWS could answer the call with a conflict.
func (c *command) conflicts() bool {
	if c.SCIM != nil {
		return c.SCIM.Write()
	}
	if c.op == nil || c.op.ReadOnly {
		return false
	}
	_, ok := c.op.Error(conflictCodes[c.Service])
	return ok
}

func (c *command) conflict() *api.Error {
	e := &api.Error{
		Code: conflictCodes[c.Service], Status: http.StatusBadRequest,
		Message: "There is a conflicting operation in progress for the same resource. Please try again later.",
	}
	if c.Service == "identitystore" {
		e.Fields = map[string]any{"Reason": "CONCURRENT_MODIFICATION"}
	}
	return e
}

// startsJob tells whether the call starts an asynchronous job of sso-admin.
func (c *command) startsJob() bool {
	switch c.name() {
	case "sso-admin.CreateAccountAssignment", "sso-admin.DeleteAccountAssignment", "sso-admin.ProvisionPermissionSet":
		return true
	}
	return false
}

// sleep waits, or gives up with the client.
func sleep(ctx context.Context, d time.Duration) {
	if d <= 0 {
		return
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}
