package store

import "fmt"

// Kind says what is wrong with a request in AWS's terms, without a wire form.
type Kind int

// The kinds of refusal. Each front end maps them to its own errors.
const (
	NotFound  Kind = iota + 1 // the thing named does not exist
	Duplicate                 // a name or identifier is taken already
	Busy                      // another operation is under way, or something still hangs on it
	Invalid                   // the request cannot be right
	OverQuota                 // a service quota is used up
	Throttled                 // too many jobs are outstanding
)

// Error is a refusal. Type names the kind of resource as identitystore does
// (USER, GROUP, GROUP_MEMBERSHIP, IDENTITY_STORE), ID the resource asked for.
type Error struct {
	Kind    Kind
	Type    string
	ID      string
	Message string
}

func (e *Error) Error() string { return e.Message }

func notFound(typ, id, message string) *Error {
	return &Error{Kind: NotFound, Type: typ, ID: id, Message: message}
}

func refuse(kind Kind, format string, args ...any) *Error {
	return &Error{Kind: kind, Message: fmt.Sprintf(format, args...)}
}
