// Package scim is AWS's SCIM 2.0 service of IAM Identity Center: the 15
// operations on users, groups and discovery documents that
// https://docs.aws.amazon.com/singlesignon/latest/developerguide/supported-apis.html
// lists, over the same identity store as the identitystore API.
//
// It promises AWS's subset of SCIM and AWS's refusals, not RFC 7644: filters
// with eq and and only, pages of at most 100, members that are always empty on
// read, at most 100 membership changes a request, no replacing or removing of
// all members, no PUT of groups. No token ever appears in an answer or an error.
//
// [Apply] is one operation as a pure step of a directory, so that a journal can
// keep and replay it. HTTP, tokens, bounds on bodies, rate limits, locking and
// the clock are the caller's; it refuses with [Failure] of a [NewError].
package scim

import (
	"cmp"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/rolecall-dev/rolecall/emulator/internal/store"
)

// Request is one call, stripped of HTTP and of its token. It survives JSON, for
// a journal.
type Request struct {
	ID     string `json:"id"`     // request id, for the error body
	Method string `json:"method"` // GET, POST, PUT, PATCH or DELETE
	Path   string `json:"path"`   // below .../scim/v2, as "/Users/<id>"
	Query  string `json:"query,omitempty"`
	Body   []byte `json:"body,omitempty"`
}

// SplitPath takes the path of a URL, /<tenant>/scim/v2/<rest>, apart; ok is false
// for other paths.
func SplitPath(path string) (tenant, rest string, ok bool) {
	tenant, rest, ok = strings.Cut(strings.TrimPrefix(path, "/"), "/scim/v2")
	return tenant, rest, ok && tenant != "" && !strings.Contains(tenant, "/") && (rest == "" || rest[0] == '/')
}

// Write tells requests that may change the directory from those that do not.
func (r Request) Write() bool { return r.Method != http.MethodGet }

// Operation is AWS's name of the call (CreateUser, ListGroups, ...), "" where
// AWS offers none.
func (r Request) Operation() string {
	op, _, _ := r.route()
	return op
}

// Response is an answer: an HTTP status, and a JSON body unless the status is 204.
type Response struct {
	Status int
	Body   []byte
}

// call is a request under way.
type call struct {
	dir   *store.Directory
	at    store.Stamp
	id    string // of the resource in the path
	query url.Values
	body  []byte
}

type operation func(*call) (status int, body any, err error)

// Apply does one request to a directory. The answer depends on the directory,
// the stamp and the request alone.
func Apply(dir *store.Directory, at store.Stamp, r Request) Response {
	status, body, err := apply(dir, at, r)
	if err != nil {
		return Failure(err, r.ID, at.At)
	}
	return respond(status, body)
}

func apply(dir *store.Directory, at store.Stamp, r Request) (int, any, error) {
	op, do, id := r.route()
	if op == "" {
		return 0, nil, unsupported(r)
	}
	query, err := url.ParseQuery(r.Query)
	if err != nil {
		return 0, nil, invalid()
	}
	return do(&call{dir: dir, at: at, id: id, query: query, body: r.Body})
}

// unsupported is the answer to what AWS does not offer: 404 where there is no
// such resource, else the 400 that the API reference has for unsupported
// operations, PUT of a group among them.
func unsupported(r Request) error {
	resource, _, _ := strings.Cut(strings.Trim(r.Path, "/"), "/")
	if routes[resource] == nil {
		return notFound("Resource not found.")
	}
	return invalid()
}

// routes maps a resource to its operations by method, "/" marking those with an id.
var routes = map[string]map[string]struct {
	name string
	do   operation
}{
	"Users": {
		"POST": {"CreateUser", (*call).createUser}, "GET": {"ListUsers", (*call).listUsers},
		"GET/": {"GetUser", (*call).getUser}, "PUT/": {"PutUser", (*call).putUser},
		"PATCH/": {"PatchUser", (*call).patchUser}, "DELETE/": {"DeleteUser", (*call).deleteUser},
	},
	"Groups": {
		"POST": {"CreateGroup", (*call).createGroup}, "GET": {"ListGroups", (*call).listGroups},
		"GET/": {"GetGroup", (*call).getGroup}, "PATCH/": {"PatchGroup", (*call).patchGroup},
		"DELETE/": {"DeleteGroup", (*call).deleteGroup},
	},
	"ServiceProviderConfig": {"GET": {"GetServiceProviderConfig", (*call).serviceProviderConfig}},
	"ResourceTypes":         {"GET": {"ListResourceTypes", (*call).listResourceTypes}},
	"Schemas":               {"GET": {"ListSchemas", (*call).listSchemas}, "GET/": {"GetSchema", (*call).getSchema}},
}

// Operation is one of AWS's operations, for documentation and statistics.
type Operation struct {
	Name, Method, Path string // Path below .../scim/v2, as "/Users/{id}"
}

// Operations lists all of them, by path and method.
func Operations() []Operation {
	var all []Operation
	for resource, methods := range routes {
		for key, found := range methods {
			method, withID := strings.CutSuffix(key, "/")
			path := "/" + resource
			if withID {
				path += "/{id}"
			}
			all = append(all, Operation{found.name, method, path})
		}
	}
	slices.SortFunc(all, func(a, b Operation) int { return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(a.Method, b.Method)) })
	return all
}

func (r Request) route() (name string, do operation, id string) {
	resource, id, _ := strings.Cut(strings.Trim(r.Path, "/"), "/")
	key := r.Method
	if id != "" {
		key += "/"
	}
	found := routes[resource][key]
	return found.name, found.do, id
}

func respond(status int, body any) Response {
	if body == nil {
		return Response{Status: status}
	}
	text, err := json.Marshal(body)
	if err != nil { // the bodies are this package's own structures
		return Failure(&Error{Status: http.StatusInternalServerError, Detail: details[http.StatusInternalServerError]}, "", time.Time{})
	}
	return Response{Status: cmp.Or(status, http.StatusOK), Body: text}
}
