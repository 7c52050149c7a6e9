package vendorapi

import (
	"cmp"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/rolecall-dev/rolecall/emulator/idp"
	"github.com/rolecall-dev/rolecall/emulator/internal/gate"
	"github.com/rolecall-dev/rolecall/emulator/internal/recorder"
)

// API serves a directory as its vendor's own API does, all hosts in one. As an
// [http.RoundTripper] it answers in the caller's goroutine, without a port.
type API struct {
	d    *idp.Directory
	kind idp.Kind
	seed uint64
	mux  *http.ServeMux

	mu       sync.Mutex // guards all below
	o        Options
	tokens   map[string]grant
	signIns  []SignInFailure
	refusals []Refusal
	events   []LogEvent
	appUsers map[string]AppUser
	requests int
	calls    []string
	window   time.Time
	taken    int
}

// grant is what an access token is good for.
type grant struct {
	scopes []string
	until  time.Time
}

// New makes the API of a directory.
func New(d *idp.Directory, o Options) *API {
	made := d.Snapshot()
	a := &API{d: d, kind: made.Kind, seed: made.Seed, mux: http.NewServeMux(), o: o, tokens: map[string]grant{}, appUsers: map[string]AppUser{}}
	app := &a.o.App
	app.Name = cmp.Or(app.Name, "AWS IAM Identity Center")
	app.ACS = cmp.Or(app.ACS, "https://us-east-1.signin.aws.amazon.com/platform/saml/acs/1111")
	app.Audience = cmp.Or(app.Audience, "https://us-east-1.signin.aws.amazon.com/platform/saml/d-1234567890")
	app.EntityID = cmp.Or(app.EntityID, "https://idp.example/saml")
	switch a.kind {
	case idp.Okta:
		a.oktaRoutes()
	case idp.Entra:
		a.graphRoutes()
	default:
		a.googleRoutes()
	}
	return a
}

// Change changes the options while the API is in use.
func (a *API) Change(edit func(*Options)) {
	a.mu.Lock()
	defer a.mu.Unlock()
	edit(&a.o)
}

// FailSignIn adds a failed sign-in. No time means now.
func (a *API) FailSignIn(s SignInFailure) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if s.Time.IsZero() {
		s.Time = time.Now()
	}
	a.signIns = append(a.signIns, s)
}

// SignIn adds a sign-in that worked.
func (a *API) SignIn(userID string) {
	a.FailSignIn(SignInFailure{UserID: userID, worked: true})
}

// Refuse adds a refusal.
func (a *API) Refuse(r Refusal) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.refusals = append(a.refusals, r)
}

// ExpireTokens makes all access tokens worthless.
func (a *API) ExpireTokens() {
	a.mu.Lock()
	defer a.mu.Unlock()
	clear(a.tokens)
}

// Calls returns the requests so far, the latest 10,000 at least, as "GET /path?query".
func (a *API) Calls() []string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Clone(a.calls)
}

// RoundTrip answers a request without a network.
func (a *API) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	w := recorder.New()
	a.ServeHTTP(w, r)
	return w.Response(r), nil
}

// ServeHTTP answers a request, but none of a web page, and none for a host that is
// not the server's own (see Options.AllowHosts).
func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if why := gate.Refusal(r, a.options().AllowHosts); why != "" {
		answer(w, http.StatusForbidden, map[string]string{"error": why})
		return
	}
	if r.Body != nil {
		r.Body = http.MaxBytesReader(w, r.Body, maxRequest)
	}
	id := a.count(r)
	a.name(w, id)
	if refusal, ok := a.refused(r); ok {
		for name, values := range refusal.Header {
			w.Header()[name] = values
		}
		w.WriteHeader(refusal.Status)
		_, _ = io.WriteString(w, refusal.Body)
		return
	}
	if !a.admit(w) {
		return
	}
	a.mux.ServeHTTP(w, r)
}

// What a client sends is kept up to these bounds.
const (
	maxRequest = 64 << 10 // bytes of a body, which is a form
	maxCall    = 8 << 10  // bytes of a call that is remembered
	maxCalls   = 10_000   // calls that are remembered
	maxGrants  = 1000     // access tokens that are good at once
)

func (a *API) count(r *http.Request) string {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.requests++
	call := r.Method + " " + r.URL.RequestURI()
	a.calls = append(a.calls, call[:min(len(call), maxCall)])
	if len(a.calls) == 2*maxCalls { // seldom, so that to add to it stays cheap
		a.calls = slices.Clone(a.calls[maxCalls:])
	}
	return fmt.Sprintf("req-%06d", a.requests)
}

// name puts the request's id where the vendor has it. Google has none.
func (a *API) name(w http.ResponseWriter, id string) {
	switch a.kind {
	case idp.Okta:
		w.Header().Set("X-Okta-Request-Id", id)
	case idp.Entra:
		w.Header().Set("request-id", id)
	}
	w.Header().Set("Date", time.Now().UTC().Format(http.TimeFormat))
}

func (a *API) refused(r *http.Request) (Refusal, bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for i := range a.refusals {
		f := &a.refusals[i]
		if f.Times > 0 && strings.HasPrefix(r.URL.Path, f.Prefix) {
			f.Times--
			return *f, true
		}
	}
	return Refusal{}, false
}

// admit counts a request against the rate limit, and answers those above it.
func (a *API) admit(w http.ResponseWriter) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.o.RateLimit == 0 {
		return true
	}
	length := time.Minute
	if a.kind == idp.Entra {
		length = 10 * time.Second
	}
	if start := time.Now().Truncate(length); !start.Equal(a.window) {
		a.window, a.taken = start, 0
	}
	a.taken++
	left, reset := a.o.RateLimit-a.taken, a.window.Add(length)
	if a.kind == idp.Okta {
		w.Header().Set("X-Rate-Limit-Limit", strconv.Itoa(a.o.RateLimit))
		w.Header().Set("X-Rate-Limit-Remaining", strconv.Itoa(max(left, 0)))
		w.Header().Set("X-Rate-Limit-Reset", strconv.FormatInt(reset.Unix(), 10))
	}
	if left >= 0 {
		return true
	}
	switch a.kind {
	case idp.Okta:
		oktaError(w, http.StatusTooManyRequests, "E0000047", "API call exceeded rate limit due to too many requests.")
	case idp.Entra:
		w.Header().Set("Retry-After", strconv.Itoa(int(time.Until(reset).Seconds())+1))
		graphError(w, http.StatusTooManyRequests, "TooManyRequests", "Too many requests")
	default:
		googleError(w, http.StatusTooManyRequests, "rateLimitExceeded", "Quota exceeded for quota metric 'Queries'.")
	}
	return false
}

func (a *API) options() Options {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.o
}

// signInLog returns all sign-ins, newest first.
func (a *API) signInLog() []SignInFailure {
	a.mu.Lock()
	defer a.mu.Unlock()
	all := slices.Clone(a.signIns)
	slices.SortStableFunc(all, func(x, y SignInFailure) int { return y.Time.Compare(x.Time) })
	return all
}
