package api

import (
	"errors"

	"github.com/rolecall-dev/rolecall/emulator/internal/store"
)

// Error is AWS's answer to a request that it refuses. Fields are members beside
// the message.
type Error struct {
	Code    string
	Message string
	Status  int // 400 unless set
	Fields  map[string]any
}

func (e *Error) Error() string { return e.Code + ": " + e.Message }

func awsError(code, message string) *Error { return &Error{Code: code, Message: message, Status: 400} }

func (e *Error) with(name string, value any) *Error {
	if e.Fields == nil {
		e.Fields = map[string]any{}
	}
	e.Fields[name] = value
	return e
}

func validation(message string) *Error { return awsError("ValidationException", message) }

func accessDenied(message string) *Error { return awsError("AccessDeniedException", message) }

func invalidInput(reason, message string) *Error {
	return awsError("InvalidInputException", message).with("Reason", reason)
}

// constraintViolation is organizations' refusal for a limit or a rule.
func constraintViolation(reason, message string) *Error {
	return awsError("ConstraintViolationException", message).with("Reason", reason)
}

// FromStore returns AWS's error for a refusal of the store, as the two services of
// Identity Center word it. Other errors pass.
func FromStore(service string, err error) error {
	refusal, ok := errors.AsType[*store.Error](err)
	if !ok {
		return err
	}
	switch refusal.Kind {
	case store.NotFound:
		return missing(service, refusal)
	case store.Duplicate:
		return conflict(service, "UNIQUENESS_CONSTRAINT_VIOLATION", refusal.Message)
	case store.Busy:
		return conflict(service, "CONCURRENT_MODIFICATION", refusal.Message)
	case store.OverQuota:
		return awsError("ServiceQuotaExceededException", refusal.Message)
	case store.Throttled:
		return awsError("ThrottlingException", refusal.Message)
	}
	return validation(refusal.Message)
}

func missing(service string, refusal *store.Error) *Error {
	e := awsError("ResourceNotFoundException", refusal.Message)
	if service == "identitystore" {
		e.with("ResourceType", refusal.Type)
		if refusal.ID != "" {
			e.with("ResourceId", refusal.ID)
		}
	}
	return e
}

func conflict(service, reason, message string) *Error {
	e := awsError("ConflictException", message)
	if service == "identitystore" {
		e.with("Reason", reason)
	}
	return e
}

func (c *Call) refused(err error) error { return FromStore(c.Op.Service, err) }

// done answers an operation without output.
func (c *Call) done(err error) (any, error) {
	if err != nil {
		return nil, c.refused(err)
	}
	return Out{}, nil
}
