package emulator

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/rolecall-dev/rolecall/emulator/internal/api"
	"github.com/rolecall-dev/rolecall/emulator/internal/model"
	"github.com/rolecall-dev/rolecall/emulator/internal/scim"
)

// maxBody bounds a request, as AWS's front ends do.
const maxBody = 1 << 20

// command is a request stripped of its transport: what reaches the world, and
// what the journal keeps.
type command struct {
	At        time.Time     `json:"at"`
	Key       string        `json:"key,omitempty"`
	Region    string        `json:"region,omitempty"`
	Service   string        `json:"service"` // a service of the model, scim or control
	Operation string        `json:"operation"`
	RequestID string        `json:"request_id"`
	Tenant    string        `json:"tenant,omitempty"`
	SCIM      *scim.Request `json:"scim,omitempty"`
	Body      []byte        `json:"body,omitempty"`
	FailJob   string        `json:"fail_job,omitempty"`   // why the job that it starts fails
	FailAfter int           `json:"fail_after,omitempty"` // in how many accounts it is done before

	op     *model.Operation
	input  api.Args
	token  string // bearer token; never kept
	replay bool
}

// write tells whether a command may change the world.
func (c *command) write() bool {
	switch {
	case c.SCIM != nil:
		return c.SCIM.Write()
	case c.op != nil:
		return !c.op.ReadOnly
	}
	return true
}

// name is what statistics call it.
func (c *command) name() string { return c.Service + "." + c.Operation }

// read makes a command out of an HTTP request. The error is the answer to a
// request that is none.
func read(r *http.Request, id string) (*command, error) {
	body, err := io.ReadAll(io.LimitReader(r.Body, maxBody+1))
	if err != nil {
		return unknown(id), &api.Error{Code: "SerializationException", Message: "The request body could not be read.", Status: 400}
	}
	if tenant, path, ok := scim.SplitPath(r.URL.Path); ok {
		return readSCIM(r, id, tenant, path, body), nil
	}
	if len(body) > maxBody {
		return unknown(id), &api.Error{Code: "RequestEntityTooLargeException", Message: "Request body exceeds 1 MiB.", Status: 413}
	}
	c := unknown(id)
	c.Body = body
	c.Key, c.Region = credential(r.Header)
	if len(c.Key) > maxKey || len(c.Region) > maxRegion {
		c.Key, c.Region = short(c.Key), "" // for the log of calls
		return c, &api.Error{Code: "UnrecognizedClientException", Message: "The security token included in the request is invalid.", Status: 400}
	}
	if target := r.Header.Get("X-Amz-Target"); target != "" {
		return c, c.readTarget(target, r)
	}
	if kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); kind == "application/x-www-form-urlencoded" {
		return c, c.readForm(string(body))
	}
	return c, unknownOperation()
}

// unknown is a request of which nothing is known yet.
func unknown(id string) *command {
	return &command{RequestID: id, Service: "unknown", Operation: "Unknown"}
}

func readSCIM(r *http.Request, id, tenant, path string, body []byte) *command {
	request := &scim.Request{ID: id, Method: r.Method, Path: path, Query: r.URL.RawQuery, Body: body}
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		token = ""
	}
	return &command{
		RequestID: id, Service: "scim", Operation: cmp.Or(request.Operation(), "Unknown"), Tenant: tenant, SCIM: request,
		token: strings.TrimSpace(token),
	}
}

// credential reads access key and Region from a signature of version 4 or 4a.
func credential(h http.Header) (key, region string) {
	_, scope, ok := strings.Cut(h.Get("Authorization"), "Credential=")
	if !ok {
		return "", ""
	}
	scope, _, _ = strings.Cut(scope, ",")
	parts := strings.Split(strings.TrimSpace(scope), "/")
	switch len(parts) {
	case 5:
		return parts[0], parts[2]
	case 4: // 4a: no Region in the scope
		region, _, _ = strings.Cut(h.Get("X-Amz-Region-Set"), ",")
		return parts[0], region
	}
	return parts[0], ""
}

func unknownOperation() *api.Error {
	return &api.Error{Code: "UnknownOperationException", Status: 400}
}

func (c *command) readTarget(target string, r *http.Request) error {
	prefix, operation, _ := strings.Cut(target, ".")
	service, ok := model.ByTargetPrefix(prefix)
	if !ok || r.Method != http.MethodPost {
		return unknownOperation()
	}
	c.Service = service.Name
	op, ok := service.Operation(operation)
	if !ok {
		return unknownOperation()
	}
	c.op, c.Operation = op, op.Name
	input, err := decode(c.Body)
	if err != nil {
		return err
	}
	c.input = input
	return nil
}

// decode reads a JSON body; an empty one is an empty object.
func decode(body []byte) (api.Args, error) {
	if len(bytes.TrimSpace(body)) == 0 {
		return api.Args{}, nil
	}
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	var value any
	if err := d.Decode(&value); err != nil {
		return nil, &api.Error{Code: "SerializationException", Message: "The request body is not valid JSON.", Status: 400}
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, &api.Error{Code: "SerializationException", Message: "The request body has more than one JSON value.", Status: 400}
	}
	object, ok := value.(map[string]any)
	if !ok && value != nil {
		return nil, &api.Error{Code: "SerializationException", Message: "Start of structure or map expected.", Status: 400}
	}
	return object, nil
}

func (c *command) readForm(body string) error {
	form, err := url.ParseQuery(body)
	if err != nil {
		return &api.Error{Code: "MalformedQueryString", Message: "The query string contains a syntax error.", Status: 404}
	}
	action := form.Get("Action")
	invalid := &api.Error{
		Code: "InvalidAction", Message: "Could not find operation " + action + " for version " + form.Get("Version"), Status: 400,
	}
	service, ok := model.ByVersion(form.Get("Version"))
	if !ok {
		return invalid
	}
	c.Service = service.Name
	op, ok := service.Operation(action)
	if !ok {
		return invalid
	}
	c.op, c.Operation, c.input = op, op.Name, formInput(op, form)
	return nil
}

// formInput turns form fields into the values that JSON would have.
func formInput(op *model.Operation, form url.Values) api.Args {
	in := api.Args{}
	for _, m := range op.Input.Members {
		text := form.Get(m.Name)
		if !form.Has(m.Name) {
			continue
		}
		switch m.Shape.Kind {
		case model.Integer:
			in[m.Name] = json.Number(text)
		case model.Boolean:
			in[m.Name] = text == "true"
		default:
			in[m.Name] = text
		}
	}
	return in
}
