package idp

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
)

const (
	userSchema  = "urn:ietf:params:scim:schemas:core:2.0:User"
	groupSchema = "urn:ietf:params:scim:schemas:core:2.0:Group"
	enterprise  = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
	patchSchema = "urn:ietf:params:scim:api:messages:2.0:PatchOp"

	maxAnswer  = 4 << 20 // bytes of an answer that are read
	maxMembers = 100     // membership changes in one request to AWS
)

// PushError is the refusal of a push: the HTTP status (0 where no answer came)
// and what the endpoint said.
type PushError struct {
	Status int
	Detail string
}

func (e *PushError) Error() string {
	if e.Status == 0 {
		return e.Detail
	}
	return strconv.Itoa(e.Status) + " " + e.Detail
}

// transient tells failures that time may heal from those that it will not.
func (e *PushError) transient() bool {
	return e.Status == 0 || e.Status == http.StatusTooManyRequests || e.Status >= 500
}

func (e *PushError) unauthorized() bool {
	return e.Status == http.StatusUnauthorized || e.Status == http.StatusForbidden
}

// missing says that the endpoint has no such resource.
func missing(err error) bool {
	refusal, ok := errors.AsType[*PushError](err)
	return ok && refusal.Status == http.StatusNotFound
}

// client speaks SCIM to AWS.
type client struct {
	endpoint *url.URL
	http     *http.Client
	token    atomic.Pointer[string]
}

func newClient(endpoint *url.URL, token string, h *http.Client) *client {
	if h == nil {
		h = http.DefaultClient
	}
	c := &client{endpoint: endpoint, http: h}
	c.token.Store(&token)
	return c
}

// resource is what matters of an answer.
type resource struct {
	ID        string     `json:"id"`
	Detail    string     `json:"detail"`
	Resources []resource `json:"Resources"`
}

// send does one request; every error but the context's own is a *PushError.
func (c *client) send(ctx context.Context, method, path, query string, body any) (resource, error) {
	request, err := c.request(ctx, method, path, query, body)
	if err != nil {
		return resource{}, &PushError{Detail: err.Error()}
	}
	answer, err := c.http.Do(request)
	if err != nil {
		return resource{}, failed(ctx, err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(io.LimitReader(answer.Body, maxAnswer))
	if err != nil {
		return resource{}, failed(ctx, err)
	}
	var r resource
	unreadable := len(text) > 0 && json.Unmarshal(text, &r) != nil
	switch {
	case answer.StatusCode >= 300:
		if unreadable || r.Detail == "" {
			r.Detail = http.StatusText(answer.StatusCode)
		}
		return resource{}, &PushError{Status: answer.StatusCode, Detail: r.Detail}
	case unreadable:
		return resource{}, &PushError{Detail: "the answer is no JSON"}
	}
	return r, nil
}

func failed(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if u, ok := errors.AsType[*url.Error](err); ok {
		err = u.Err // the method and URL say nothing that the log does not
	}
	return &PushError{Detail: err.Error()}
}

func (c *client) request(ctx context.Context, method, path, query string, body any) (*http.Request, error) {
	u := *c.endpoint
	u.Path = strings.TrimRight(u.Path, "/") + path
	u.RawQuery = query
	var content io.Reader = http.NoBody
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			return nil, fmt.Errorf("encode request: %w", err)
		}
		content = bytes.NewReader(text)
	}
	r, err := http.NewRequestWithContext(ctx, method, u.String(), content)
	if err != nil {
		return nil, fmt.Errorf("make request: %w", err)
	}
	r.Header.Set("Authorization", "Bearer "+*c.token.Load())
	r.Header.Set("Accept", "application/scim+json, application/json")
	if body != nil {
		r.Header.Set("Content-Type", "application/scim+json")
	}
	return r, nil
}

// find looks a resource up by an attribute; "" means that there is none.
func (c *client) find(ctx context.Context, path, attribute, value string) (string, error) {
	quoted, err := json.Marshal(value) // SCIM's strings are JSON's
	if err != nil {
		return "", &PushError{Detail: err.Error()}
	}
	r, err := c.send(ctx, http.MethodGet, path, "filter="+url.QueryEscape(attribute+" eq "+string(quoted)), nil)
	if err != nil || len(r.Resources) == 0 {
		return "", err
	}
	return r.Resources[0].ID, nil
}

// patchOp is one operation of a PATCH.
type patchOp struct {
	Op    string `json:"op"`
	Path  string `json:"path,omitempty"`
	Value any    `json:"value,omitempty"`
}

func (c *client) patch(ctx context.Context, path string, ops ...patchOp) error {
	_, err := c.send(ctx, http.MethodPatch, path, "", map[string]any{"schemas": []string{patchSchema}, "Operations": ops})
	return err
}
