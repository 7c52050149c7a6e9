package scim

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/rolecall-dev/rolecall/internal/bounds"
	"github.com/rolecall-dev/rolecall/internal/diag"
	"github.com/rolecall-dev/rolecall/internal/trust"
)

// System is what evidence of this package calls the endpoint.
const System = "AWS SCIM endpoint"

const (
	maxAnswer = 1 << 20 // bytes; a page of the endpoint is far smaller
	patience  = 20 * time.Second
)

// Token is a bearer token. It prints as nothing but its presence.
type Token struct{ secret string }

// NewToken takes a token as an environment variable or a file has it.
func NewToken(text string) Token { return Token{strings.TrimSpace(text)} }

// Set says that there is a token.
func (t Token) Set() bool { return t.secret != "" }

// String hides the token.
func (t Token) String() string {
	if !t.Set() {
		return "(no token)"
	}
	return "(token)"
}

// GoString hides the token from %#v too.
func (t Token) GoString() string { return t.String() }

// Options say where the endpoint is.
type Options struct {
	// Endpoint is as the console shows it:
	// https://scim.<region>.amazonaws.com/<tenant>/scim/v2/
	Endpoint string
	Token    Token
	// Machine is what the environment allows: other hosts than AWS's get the token
	// only with it.
	Machine trust.Machine
	// HTTPClient is the way out; nil means http.DefaultTransport.
	HTTPClient http.RoundTripper
	// Now replaces the clock for evidence.
	Now func() time.Time
}

// Client asks one endpoint.
type Client struct {
	base  *url.URL
	token Token
	http  *http.Client
	now   func() time.Time
}

// New makes a client. Its error is that the endpoint may not get the token.
func New(o Options) (*Client, error) {
	base, err := o.Machine.URL(trust.SCIM, strings.TrimSuffix(o.Endpoint, "/")+"/")
	if err != nil {
		return nil, fmt.Errorf("the SCIM endpoint %w", err)
	}
	c := &Client{base: base, token: o.Token, now: o.Now}
	if c.now == nil {
		c.now = time.Now
	}
	c.http = &http.Client{Transport: o.HTTPClient, Timeout: patience,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	return c, nil
}

// Answer is what the endpoint said to one question.
type Answer struct {
	Failure  Failure       `json:"failure,omitempty"`
	Status   int           `json:"status"` // of HTTP; 0 where there was no answer
	Evidence diag.Evidence `json:"evidence"`
}

// OK says that the question was answered.
func (a Answer) OK() bool { return a.Failure == "" }

// Object is a user or group as the endpoint has it.
type Object struct {
	ID         string `json:"id"`
	Name       string `json:"name"`
	ExternalID string `json:"external_id,omitempty"`
	Active     *bool  `json:"active,omitempty"` // of a user
}

type serviceConfig struct {
	Schemas []string `json:"schemas"`
}

// Config asks for the ServiceProviderConfig, which needs nothing but a token
// that is right: the plainest test that the endpoint can be reached.
func (c *Client) Config(ctx context.Context) Answer {
	var body serviceConfig
	a := c.get(ctx, "ServiceProviderConfig", "", &body)
	if a.OK() && len(body.Schemas) == 0 {
		a.Failure, a.Evidence.Saw = Unreadable, "an answer that is not a ServiceProviderConfig"
	}
	return a
}

// Users returns the users with this user name: one or none.
func (c *Client) Users(ctx context.Context, userName string) ([]Object, Answer) {
	return find[user](ctx, c, "userName", userName, Object.called)
}

// UsersByExternalID returns the users that carry an identity provider's own id of a
// person: one or none.
func (c *Client) UsersByExternalID(ctx context.Context, id string) ([]Object, Answer) {
	return find[user](ctx, c, "externalId", id, func(o Object, id string) bool { return o.ExternalID == id })
}

// Groups returns the groups with this name: one or none.
func (c *Client) Groups(ctx context.Context, displayName string) ([]Object, Answer) {
	return find[group](ctx, c, "displayName", displayName, Object.called)
}

type list[T resource] struct {
	Total     *int `json:"totalResults"` // RFC 7644, 3.4.2: required
	Resources []T  `json:"Resources"`
}

// resource is what can be found by an attribute.
type resource interface {
	user | group
	object() Object
	path() string
}

type user struct {
	ID         string `json:"id"`
	UserName   string `json:"userName"`
	ExternalID string `json:"externalId"`
	Active     *bool  `json:"active"`
}

func (user) path() string { return "Users" }

func (u user) object() Object {
	return Object{ID: u.ID, Name: u.UserName, ExternalID: u.ExternalID, Active: u.Active}
}

type group struct {
	ID          string `json:"id"`
	DisplayName string `json:"displayName"`
	ExternalID  string `json:"externalId"`
}

func (group) path() string { return "Groups" }

func (g group) object() Object {
	return Object{ID: g.ID, Name: g.DisplayName, ExternalID: g.ExternalID}
}

func find[T resource](ctx context.Context, c *Client, attribute, value string, fits func(Object, string) bool) ([]Object, Answer) {
	var body list[T]
	var one T
	a := c.get(ctx, one.path(), attribute+" eq "+Quote(value), &body)
	if !a.OK() {
		return nil, a
	}
	found := make([]Object, len(body.Resources))
	for i, r := range body.Resources {
		found[i] = r.object()
	}
	other := func(o Object) bool { return o.ID == "" || !fits(o, value) }
	if body.Total == nil || *body.Total != 0 && len(found) == 0 || slices.ContainsFunc(found, other) {
		return nil, a.fail(Unreadable, "an answer to another question")
	}
	a.Evidence.Saw = fmt.Sprintf("%d found", len(found))
	return found, a
}

func (o Object) called(name string) bool { return strings.EqualFold(o.Name, name) }

// Quote makes a value of a filter, so that no quote in a name ends it.
func Quote(value string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(value) + `"`
}

func (c *Client) get(ctx context.Context, path, filter string, into any) Answer {
	target := c.base.JoinPath(path)
	what := "GET " + path
	if filter != "" {
		target.RawQuery = url.Values{"filter": {filter}}.Encode()
		what += "?filter=" + filter
	}
	a := Answer{Evidence: diag.Evidence{System: System, What: what, When: c.now().UTC().Format(time.RFC3339)}}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, target.String(), nil)
	if err != nil {
		return a.fail(Unreachable, "the URL cannot be asked")
	}
	req.Header.Set("Authorization", "Bearer "+c.token.secret)
	req.Header.Set("Accept", "application/scim+json, application/json")
	resp, err := c.http.Do(req)
	if err != nil {
		return a.fail(Unreachable, c.hide(cause(err)))
	}
	defer resp.Body.Close()
	a.Status, a.Evidence.ID = resp.StatusCode, resp.Header.Get("x-amzn-RequestId")
	data, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	switch {
	case err != nil:
		return a.fail(Unreachable, c.hide(cause(err)))
	case resp.StatusCode != http.StatusOK:
		return c.refused(a, resp, data)
	case len(data) > maxAnswer || bounds.Values(data) != nil || json.Unmarshal(data, into) != nil:
		return a.fail(Unreadable, "an answer that is not SCIM")
	}
	a.Evidence.Saw = "200 OK"
	return a
}

func (a Answer) fail(f Failure, saw string) Answer {
	a.Failure, a.Evidence.Saw = f, saw
	return a
}

// hide takes the token out of a text that came from elsewhere.
func (c *Client) hide(text string) string {
	text = trust.Show(text)
	if !c.token.Set() {
		return text
	}
	return strings.ReplaceAll(text, c.token.secret, "(token)")
}

// cause leaves out the URL, which evidence has already.
func cause(err error) string {
	var u *url.Error
	if errors.As(err, &u) {
		return u.Err.Error()
	}
	return err.Error()
}
