// Package model is the emulator's one table of AWS operations and shapes: what
// sso-admin, identitystore, organizations, sts and iam take, what they answer,
// and within which limits.
//
// The table is the part of the service models that AWS publishes with its SDKs
// which the emulator serves (services/, made by tools/emulatormodel). It drives validation
// ([Validate]), and in tests the emulator's README.md and inputs (package modeltest).
// It promises AWS's own wording for what a request gets wrong. It leaves out every rule that no model states, such as reserved names or
// session durations of at most 12 hours: those live with the operations that enforce
// them.
//
// Everything in the table is shared and must not be changed.
package model

// Protocol is how a service's requests and answers are written.
type Protocol string

const (
	JSON  Protocol = "json"  // AWS JSON 1.1: POST /, operation in X-Amz-Target
	Query Protocol = "query" // form body with Action and Version, XML answer
)

// Kind is the type of a shape's JSON value.
type Kind string

const (
	String    Kind = "string"
	Integer   Kind = "integer"
	Boolean   Kind = "boolean"
	Timestamp Kind = "timestamp" // epoch seconds as a JSON number, fractions allowed
	List      Kind = "list"
	Map       Kind = "map"
	Structure Kind = "structure"
	Document  Kind = "document" // any JSON, inline
)

// Service is one AWS service: its names on the wire and its operations.
type Service struct {
	Name         string // AWS's folder name, as "sso-admin"
	Protocol     Protocol
	TargetPrefix string // before the dot of X-Amz-Target; empty for Query
	Endpoint     string // first label of the host name
	SigningName  string // service in the credential scope of a signature
	APIVersion   string // YYYY-MM-DD
	Namespace    string // XML namespace of Query answers
	Operations   []*Operation
}

// Operation is one call. Input and Output are never nil: an operation without
// them has a structure without members.
type Operation struct {
	Name, Service string
	Target        string // the whole X-Amz-Target; empty for Query
	Input, Output *Shape
	ResultWrapper string   // element around the output of a Query answer
	Errors        []*Shape // by name; only what the model declares
	Paginator     *Paginator
	Idempotent    bool
	ReadOnly      bool
}

// Paginator names the members that paging uses.
type Paginator struct {
	InputToken, OutputToken, LimitKey, ResultKey string
}

// Shape is a type. Min and Max bound a length (in characters or elements) or,
// for Integer, the value; 0 means no bound. Pattern is AWS's own text, which
// must match a whole value.
type Shape struct {
	Name      string
	Kind      Kind
	Members   []Member // of a Structure, by name
	Element   *Shape   // of a List, or the values of a Map
	Key       *Shape   // of a Map
	Min, Max  int
	Pattern   string
	Enum      []string
	Sensitive bool // never echoed in an error
	Union     bool // exactly one member is set
	Exception bool
	Fault     bool // an exception that is the server's fault (HTTP 5xx)
	Retryable bool
}

// Member is a member of a structure.
type Member struct {
	Name             string
	Shape            *Shape
	Required         bool
	Deprecated       bool
	IdempotencyToken bool
}

// Services lists the services in a fixed order.
func Services() []*Service { return loaded() }

// Lookup finds a service by AWS's name for it, as "sso-admin".
func Lookup(service string) (*Service, bool) {
	return findService(func(s *Service) bool { return s.Name == service })
}

// ByTargetPrefix finds a JSON service by the part of X-Amz-Target before the dot.
func ByTargetPrefix(prefix string) (*Service, bool) {
	return findService(func(s *Service) bool { return prefix != "" && s.TargetPrefix == prefix })
}

// ByVersion finds a Query service by the Version of its form body.
func ByVersion(version string) (*Service, bool) {
	return findService(func(s *Service) bool { return s.Protocol == Query && s.APIVersion == version })
}

func findService(match func(*Service) bool) (*Service, bool) {
	for _, s := range Services() {
		if match(s) {
			return s, true
		}
	}
	return nil, false
}

// Operation finds an operation by its exact name.
func (s *Service) Operation(name string) (*Operation, bool) {
	for _, op := range s.Operations {
		if op.Name == name {
			return op, true
		}
	}
	return nil, false
}

// Error finds the shape of an exception that the operation declares.
func (op *Operation) Error(code string) (*Shape, bool) {
	for _, e := range op.Errors {
		if e.Name == code {
			return e, true
		}
	}
	return nil, false
}

// Member finds a member by its exact name.
func (s *Shape) Member(name string) (Member, bool) {
	for _, m := range s.Members {
		if m.Name == name {
			return m, true
		}
	}
	return Member{}, false
}
