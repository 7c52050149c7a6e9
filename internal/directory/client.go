package directory

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/rolecall-dev/rolecall/internal/bounds"
	"github.com/rolecall-dev/rolecall/internal/diag"
	"github.com/rolecall-dev/rolecall/internal/trust"
)

const (
	maxAnswer = 16 << 20 // bytes of an answer that are read; the largest page asked for is far below
	maxTries  = 5        // of a server that fails
	mostTries = 8        // of one that throttles: with doubled pauses more than a minute, which is Google's window
	maxIdle   = 200      // pages in a row without an item that is new
	maxPages  = 10_000   // of 100 to 1,000 items
	// A list of hardly anything a page has no end.
	manyPages    = 300
	leastPerPage = 3
	patience     = 30 * time.Second // for an answer, to its end
	unheard      = 2                // tries of a provider that does not answer at all
	silence      = time.Minute      // how long a provider that did not answer is not asked again
	maxListTime  = 2 * time.Hour
	longest      = 2 * time.Minute // no provider's wait is longer, but for daily quotas, which nobody waits for
	firstPause   = time.Second
	mostPause    = 32 * time.Second
)

// Budget is the pace of a provider's API: what [quota.Budget] does.
type Budget interface {
	Take(ctx context.Context, operation string) error
	Throttled(operation string, after time.Duration)
}

// Client asks one host of a provider. Set the fields before the first call.
type Client struct {
	System string
	Base   *url.URL // scheme and host; a call never goes anywhere else
	HTTP   *http.Client
	Budget Budget
	// Tokens are the credentials; nil means that none are needed.
	Tokens *Tokens
	Scheme string // of the Authorization header, such as "Bearer"
	// Explain reads the provider's form of an error from an answer: Kind, Code,
	// Message and Needs. What it leaves empty is derived from the status.
	Explain func(Reply) Error
	// After says how long the provider wants to be left alone after a refusal;
	// 0 where it does not say.
	After func(Reply) time.Duration
	// RequestID is the header that has the request's id.
	RequestID string
	// Hide are secrets, which no message ever shows.
	Hide []string

	// Silence is shared by those who ask the same provider; nil remembers nothing.
	Silence *Silence
}

// Silence remembers that a provider gave no answer at all: a plan that asks about a
// hundred groups waits for it once.
type Silence struct {
	mu    sync.Mutex
	why   *Error
	until time.Time
}

func (s *Silence) note(why *Error) {
	if s == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.why, s.until = why, time.Now().Add(silence)
}

func (s *Silence) still() *Error {
	if s == nil {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.why == nil || time.Now().After(s.until) {
		return nil
	}
	return s.why
}

// Call is one question.
type Call struct {
	Operation string // for the budget: "GetUser"
	Method    string // "" means GET
	Path      string // escaped, with "?" and query; or a URL on the same host
	Header    http.Header
	Form      url.Values // of a POST
}

// Reply is an answer.
type Reply struct {
	Operation string
	Call      string // "GET /path?query"
	Status    int
	Header    http.Header
	Body      []byte
	ID        string // request id
	System    string
	Time      time.Time
}

// Evidence tells of the call and what it answered, in words.
func (r Reply) Evidence(format string, args ...any) []diag.Evidence {
	return []diag.Evidence{{System: r.System, What: r.Call, Saw: fmt.Sprintf(format, args...), ID: r.ID, When: r.Time.UTC().Format(time.RFC3339)}}
}

// Failure returns what is wrong with an answer.
func (r Reply) Failure(kind Kind, format string, args ...any) *Error {
	return &Error{Kind: kind, System: r.System, Call: r.Call, Status: r.Status, ID: r.ID, Message: fmt.Sprintf(format, args...)}
}

// Decode reads the body.
func (r Reply) Decode(into any) error {
	if err := json.Unmarshal(r.Body, into); err != nil {
		e := r.Failure(Unreadable, "the answer is not in the expected form")
		e.Err = err
		return e
	}
	return nil
}

// DecodeList reads a list that has to be there: null is none.
func (r Reply) DecodeList(into *[]json.RawMessage) error {
	if err := r.Decode(into); err != nil {
		return err
	}
	if *into == nil {
		return r.Failure(Unreadable, "the answer has no list")
	}
	return nil
}

// DecodeObject reads an object that has to be there: null is none.
func (r Reply) DecodeObject(into *map[string]json.RawMessage) error {
	if err := r.Decode(into); err != nil {
		return err
	}
	if *into == nil {
		return r.Failure(Unreadable, "the answer is not an object")
	}
	return nil
}

// Get asks and decodes the answer.
func (c *Client) Get(ctx context.Context, call Call, into any) (Reply, error) {
	r, err := c.Do(ctx, call)
	if err != nil {
		return r, err
	}
	if err := r.Decode(into); err != nil {
		return r, err
	}
	return r, r.whole(into)
}

// Do asks until there is an answer that trying again would not change. An answer
// that is no success is an [*Error].
func (c *Client) Do(ctx context.Context, call Call) (Reply, error) {
	if why := c.Silence.still(); why != nil {
		return Reply{}, why
	}
	renewed := false
	for try := 1; ; try++ {
		token, err := c.token(ctx)
		if err != nil {
			return Reply{}, err
		}
		r, err := c.once(ctx, call, token)
		failure := c.failure(r, err, sent(call, token))
		switch {
		case failure == nil:
			return r, nil
		case ctx.Err() != nil:
			return r, ctx.Err()
		case failure.Kind == Unauthorized && c.Tokens != nil && c.Tokens.expire(token) && !renewed:
			renewed = true
			continue
		case failure.Kind == Unavailable && r.Status == 0 && try >= unheard:
			c.Silence.note(failure)
			return r, failure
		case try == maxTries && failure.Kind != Throttled || try == mostTries || !c.again(ctx, call, r, failure, try):
			return r, failure
		}
	}
}

// again waits as the provider wants, and says whether a further try makes sense.
func (c *Client) again(ctx context.Context, call Call, r Reply, failure *Error, try int) bool {
	if failure.Kind != Throttled && failure.Kind != Unavailable {
		return false
	}
	var wait time.Duration
	if c.After != nil {
		wait = c.After(r)
	}
	if wait > longest {
		failure.Needs = "The provider asks for a pause of " + wait.Round(time.Second).String() + "; try again after that."
		return false
	}
	if wait <= 0 {
		wait = min(firstPause<<(try-1), mostPause) + rand.N(firstPause)
	}
	if failure.Kind == Throttled {
		c.Budget.Throttled(call.Operation, wait) // whose next token comes after that
		return true
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

func (c *Client) token(ctx context.Context) (string, error) {
	if c.Tokens == nil {
		return "", nil
	}
	return c.Tokens.get(ctx)
}

func (c *Client) once(ctx context.Context, call Call, token string) (Reply, error) {
	request, err := c.request(ctx, call, token)
	if err != nil {
		return Reply{}, err
	}
	reply := Reply{Operation: call.Operation, Call: request.Method + " " + request.URL.RequestURI(), System: c.System}
	if err := c.Budget.Take(ctx, call.Operation); err != nil {
		return reply, err
	}
	within, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	answer, err := c.client().Do(request.WithContext(within))
	reply.Time = time.Now()
	if err != nil {
		return reply, unanswered(ctx, within, err)
	}
	defer answer.Body.Close()
	reply.Status, reply.Header, reply.ID = answer.StatusCode, answer.Header, cut(answer.Header.Get(c.RequestID))
	reply.Body, err = c.read(answer)
	if err != nil {
		return reply, unanswered(ctx, within, err)
	}
	return reply, nil
}

// unanswered says of an error that it is our own patience that ended.
func unanswered(ctx, within context.Context, err error) error {
	if within.Err() != nil && ctx.Err() == nil {
		return fmt.Errorf("no complete answer within %s", patience)
	}
	return err
}

// read returns an answer's body, within bounds.
func (c *Client) read(answer *http.Response) ([]byte, error) {
	if packed := answer.Header.Get("Content-Encoding"); packed != "" && packed != "identity" {
		return nil, &Error{Kind: Unreadable, Message: fmt.Sprintf("the answer is packed as %.20q, which was not requested", packed)}
	}
	text, err := bounds.Read(answer.Body, maxAnswer)
	if err == nil {
		err = cmp.Or(bounds.Values(text), bounds.Memory())
	}
	var refused *bounds.Error
	if errors.As(err, &refused) {
		err = &Error{Kind: Unreadable, Message: refused.Error()}
	}
	return text, err
}

// client follows no redirect: it would carry the credentials elsewhere.
func (c *Client) client() *http.Client {
	h := http.Client{}
	if c.HTTP != nil {
		h = *c.HTTP
	}
	h.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &h
}

func (c *Client) request(ctx context.Context, call Call, token string) (*http.Request, error) {
	u, err := c.Base.Parse(call.Path)
	if err != nil || u.Scheme != c.Base.Scheme || u.Host != c.Base.Host || u.User != nil {
		return nil, &Error{Kind: Unreadable, Message: fmt.Sprintf("the provider points to a host other than %q", c.Base.Host)}
	}
	method, body := call.Method, io.Reader(http.NoBody)
	if call.Form != nil {
		method, body = http.MethodPost, strings.NewReader(call.Form.Encode())
	}
	r, err := http.NewRequestWithContext(ctx, method, u.String(), body)
	if err != nil {
		return nil, fmt.Errorf("make request: %w", err)
	}
	r.Header.Set("Accept", "application/json")
	for name, values := range call.Header {
		r.Header[name] = values
	}
	if call.Form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if token != "" {
		r.Header.Set("Authorization", c.Scheme+" "+token)
	}
	return r, nil
}

// failure returns what is wrong with an answer, without any secret.
func (c *Client) failure(r Reply, err error, sent []string) *Error {
	if err == nil && r.Status >= 200 && r.Status < 300 {
		return nil
	}
	e := &Error{}
	var u *url.Error
	switch {
	case errors.As(err, &e):
		copied := *e
		e = &copied
	case errors.As(err, &u): // its URL is in the call
		e = &Error{Kind: Unavailable, Message: u.Err.Error()}
	case err != nil:
		e = &Error{Kind: Unavailable, Message: err.Error()}
	default:
		explained := Error{}
		if c.Explain != nil {
			explained = c.Explain(r)
		}
		e = &explained
	}
	if e.Kind == "" {
		e.Kind = kindOf(r.Status)
	}
	if e.Message == "" && r.Status > 0 {
		e.Message = strings.ToLower(http.StatusText(r.Status))
	}
	e.System, e.Call, e.Status, e.ID = c.System, r.Call, r.Status, r.ID
	e.Message = c.scrub(e.Message, sent)
	e.Code = c.scrub(e.Code, sent)
	return e
}

// sent are the secrets in a call: the access token, and the form of a token
// request, as it is and as it goes over the wire.
func sent(call Call, token string) []string {
	secrets := []string{token}
	for name, values := range call.Form {
		if name == "client_secret" || strings.HasSuffix(name, "assertion") {
			for _, v := range values {
				secrets = append(secrets, v, url.QueryEscape(v))
			}
		}
	}
	return secrets
}

func kindOf(status int) Kind {
	switch {
	case status == http.StatusUnauthorized:
		return Unauthorized
	case status == http.StatusForbidden:
		return Forbidden
	case status == http.StatusNotFound:
		return NotThere
	case status == http.StatusTooManyRequests:
		return Throttled
	case status >= 500:
		return Unavailable
	case status >= 400:
		return Refused
	}
	return Unreadable
}

const longestMessage = 500

// cut keeps what somebody else calls an id short.
func cut(id string) string {
	if len(id) > 200 {
		return id[:200]
	}
	return id
}

// scrub takes secrets and control characters out of a text that somebody else
// wrote, and keeps it short.
func (c *Client) scrub(text string, sent []string) string {
	for _, secret := range slices.Concat(sent, c.Hide) {
		if len(secret) > 3 {
			text = strings.ReplaceAll(text, secret, "(secret)")
		}
	}
	runes := []rune(strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, trust.Show(text)))
	if len(runes) > longestMessage {
		return string(runes[:longestMessage]) + "..."
	}
	return string(runes)
}

// InPath says whether a name can be one element of a path: escaping saves all
// characters but the slash, which servers read as two elements, and dots, which
// lead to another path.
func InPath(name string) bool {
	return name != "" && name != "." && name != ".." && !strings.Contains(name, "/")
}
