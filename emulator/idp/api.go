package idp

import (
	"bytes"
	"cmp"
	"crypto"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"io"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/rolecall-dev/rolecall/emulator/internal/gate"
)

// APIOptions say who may read the directory, and how fast.
type APIOptions struct {
	App App

	// Token is an API token (Okta: "SSWS <token>"); "" means that there is none.
	Token string
	// ClientID is the client that may get access tokens (Google: the e-mail
	// address of the service account), by ClientSecret, by an assertion that
	// ClientKey verifies, or by FederatedToken (Entra).
	ClientID       string
	ClientSecret   string
	ClientKey      crypto.PublicKey
	FederatedToken string
	// Subject is the administrator whom a Google service account may act as.
	Subject string
	// APIDisabled says that the Admin SDK API is not enabled in the service
	// account's project (Google).
	APIDisabled bool
	// Domains are the organization's own (Google), besides those of Subject and of
	// the users: an address of another one is answered 403.
	Domains []string
	// NoUsers says that the administrator may not read users (Google).
	NoUsers bool
	// Tenant is Entra's; "" means any.
	Tenant string
	// Scopes are the permissions of the client; nil means all.
	Scopes []string
	// Cloud is the national cloud that Entra's tenant is in: "us-government",
	// "us-dod" or "china"; "" means the global one.
	Cloud string
	// OtherApps are further AWS applications of Entra's tenant: their Name, Disabled
	// and NotGallery. Nobody is assigned to them and they have no job.
	OtherApps []App
	// NoPremium says that Entra's tenant has no premium license: the sign-in log and
	// Privileged Identity Management are refused.
	NoPremium bool
	// Eligible are the memberships that people can activate (Entra).
	Eligible []Eligibility

	// RateLimit is how many requests are taken in a window: a minute (Okta,
	// Google) or ten seconds (Entra); 0 means no limit.
	RateLimit int
	// PageSize is the most items of a page, where that is less than what is
	// asked for; 0 means the vendor's own.
	PageSize int
	// EmptyFirst makes the first page of every list of Okta's empty, and the log lead on
	// to further empty pages for ever.
	EmptyFirst bool
	// LinkHost is the host in links to further pages (Okta), where that is not the
	// one that was asked: an organization with a domain of its own has two names.
	LinkHost string
	// AllowHosts are names that requests over a port may have as their Host,
	// besides where they arrive, localhost and the loopback addresses.
	AllowHosts []string
}

// App is the AWS application in the directory. Empty fields get values like the
// vendor's.
type App struct {
	Name            string // "AWS IAM Identity Center"
	Disabled        bool   // the application is switched off
	ProvisioningOff bool   // provisioning was never switched on
	CreatesNone     bool   // provisioning is said to create no users; what is pushed stays the directory's
	Open            bool   // Entra: people need no assignment to sign in
	EntityID        string // of the identity provider
	ACS, Audience   string // of AWS
	// Certificates sign answers, in DER; the first is in use.
	Certificates [][]byte

	// The rest is Okta's.

	// Beside are further applications.
	Beside []OtherApp
	// Connection is the status of the connection to AWS, such as "UNKNOWN"; "" means
	// what follows from the rest.
	Connection string
	// BaseURL is the base URL as an administrator typed it; "" means the endpoint
	// that is pushed to. Nothing is pushed to it.
	BaseURL string
	// FeatureOff says that the feature USER_PROVISIONING is DISABLED.
	FeatureOff bool
	// ACSOverride and AudienceOverride win over ACS and Audience.
	ACSOverride, AudienceOverride string
	// RecipientOverride and DestinationOverride are what the answer names.
	RecipientOverride, DestinationOverride string
	// NameID is the template of the name id, which applications of Okta's catalog
	// do not show: "${user.email}".
	NameID string
	// UserNameTemplate is what user names are made of; "" means "${source.login}". What
	// is pushed stays the login.
	UserNameTemplate string

	// The rest is Entra's. NotGallery is an application that was not made from the
	// gallery's template.
	NotGallery bool
	// OwnCertificates are certificates that were uploaded, as Microsoft's tutorial
	// does it: their identifier is the SHA-256 of the thumbprint's text.
	OwnCertificates bool
	// NonePreferred says that no certificate is marked as the one that signs.
	NonePreferred bool
	// OtherJobs are further provisioning jobs, listed before the one that works.
	OtherJobs []JobStatus
	// GroupJob says that those further jobs provision the groups, and the one that
	// works the people alone. What is pushed stays the directory's.
	GroupJob bool
	// LastRunError is the error code of the job's last run, where none succeeded in it,
	// such as "SystemForCrossDomainIdentityManagementInvalidCredentials".
	LastRunError string
}

// Eligibility is a membership of a group that a user can activate.
type Eligibility struct {
	UserID, GroupID string
	// Owner says that it is the group's ownership that can be activated.
	Owner bool
	// From and Until are its limits; zero means none.
	From, Until time.Time
}

// SignInFailure is a sign-in to the AWS application that failed.
type SignInFailure struct {
	UserID       string
	Code, Reason string // Okta: event type and outcome; Entra: a number and text; Google: failure type
	// Policy is the one that refused; Okta and Entra name it.
	Policy string
	// AsTarget makes Okta itself the actor, and the user a target; Result is the
	// outcome (Okta), "" means "FAILURE".
	AsTarget bool
	Result   string
	// Application is another application's name (Google); "" means the AWS one.
	Application string
	Time        time.Time
	// worked is a sign-in that did not fail, which the same logs have.
	worked bool
}

// Refusal makes the next Times requests whose path begins with Prefix end with
// this answer.
type Refusal struct {
	Prefix string
	Times  int
	Status int
	Header http.Header
	Body   string
}

// API serves the directory as its vendor's own API does: Okta's management API,
// Microsoft Graph, or Google's Directory and Reports API, with their token
// endpoints, all hosts in one. As an [http.RoundTripper] it answers in the
// caller's goroutine, without a port.
type API struct {
	d   *Directory
	mux *http.ServeMux

	mu       sync.Mutex // guards all below
	o        APIOptions
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

// API returns an API of the directory.
func (d *Directory) API(o APIOptions) *API {
	a := &API{d: d, mux: http.NewServeMux(), o: o, tokens: map[string]grant{}, appUsers: map[string]AppUser{}}
	app := &a.o.App
	app.Name = cmp.Or(app.Name, "AWS IAM Identity Center")
	app.ACS = cmp.Or(app.ACS, "https://us-east-1.signin.aws.amazon.com/platform/saml/acs/1111")
	app.Audience = cmp.Or(app.Audience, "https://us-east-1.signin.aws.amazon.com/platform/saml/d-1234567890")
	app.EntityID = cmp.Or(app.EntityID, "https://idp.example/saml")
	switch d.kind {
	case Okta:
		a.oktaRoutes()
	case Entra:
		a.graphRoutes()
	case Google:
		a.googleRoutes()
	}
	return a
}

// Change changes the options while the API is in use.
func (a *API) Change(edit func(*APIOptions)) {
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
	w := &recorder{header: http.Header{}}
	a.ServeHTTP(w, r)
	status := cmp.Or(w.status, http.StatusOK)
	return &http.Response{
		Status: strconv.Itoa(status) + " " + http.StatusText(status), StatusCode: status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: w.header, Body: io.NopCloser(&w.body), ContentLength: int64(w.body.Len()), Request: r,
	}, nil
}

// recorder keeps an answer.
type recorder struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (w *recorder) Header() http.Header         { return w.header }
func (w *recorder) WriteHeader(status int)      { w.status = cmp.Or(w.status, status) }
func (w *recorder) Write(p []byte) (int, error) { return w.body.Write(p) }

// ServeHTTP answers a request, but none of a web page, and none for a host that is
// not the server's own (see APIOptions.AllowHosts).
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
	maxLog     = 100_000  // events of the provisioning log
	maxReason  = 1000     // bytes of the reason of one
)

// latest returns the last so many of a list. It cuts only once the list is twice as
// long, so that to add to it stays cheap.
func latest[T any](list []T, most int) []T {
	if len(list) < 2*most {
		return list
	}
	return slices.Clone(list[len(list)-most:])
}

func (a *API) count(r *http.Request) string {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.requests++
	call := r.Method + " " + r.URL.RequestURI()
	a.calls = latest(append(a.calls, call[:min(len(call), maxCall)]), maxCalls)
	return fmt.Sprintf("req-%06d", a.requests)
}

// name puts the request's id where the vendor has it. Google has none.
func (a *API) name(w http.ResponseWriter, id string) {
	switch a.d.kind {
	case Okta:
		w.Header().Set("X-Okta-Request-Id", id)
	case Entra:
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
	if a.d.kind == Entra {
		length = 10 * time.Second
	}
	if start := time.Now().Truncate(length); !start.Equal(a.window) {
		a.window, a.taken = start, 0
	}
	a.taken++
	left, reset := a.o.RateLimit-a.taken, a.window.Add(length)
	if a.d.kind == Okta {
		w.Header().Set("X-Rate-Limit-Limit", strconv.Itoa(a.o.RateLimit))
		w.Header().Set("X-Rate-Limit-Remaining", strconv.Itoa(max(left, 0)))
		w.Header().Set("X-Rate-Limit-Reset", strconv.FormatInt(reset.Unix(), 10))
	}
	if left >= 0 {
		return true
	}
	switch a.d.kind {
	case Okta:
		oktaError(w, http.StatusTooManyRequests, "E0000047", "API call exceeded rate limit due to too many requests.")
	case Entra:
		w.Header().Set("Retry-After", strconv.Itoa(int(time.Until(reset).Seconds())+1))
		graphError(w, http.StatusTooManyRequests, "TooManyRequests", "Too many requests")
	default:
		googleError(w, http.StatusTooManyRequests, "rateLimitExceeded", "Quota exceeded for quota metric 'Queries'.")
	}
	return false
}

func (a *API) options() APIOptions {
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

// stable is a number that hangs on the directory and a label alone.
func (d *Directory) stable(label string) *rand.Rand {
	h := fnv.New64a()
	_, _ = io.WriteString(h, label)
	return rand.New(rand.NewPCG(d.seed, h.Sum64()))
}

// address is where a request came to, for links to more.
func address(r *http.Request) string {
	scheme := cmp.Or(r.URL.Scheme, "http")
	if r.TLS != nil {
		scheme = "https"
	}
	return scheme + "://" + cmp.Or(r.URL.Host, r.Host)
}

// page cuts one page of the items out, from a cursor that an earlier page gave.
// The second result is the cursor of the next page, or "". ok is false where the
// cursor is none of ours.
func page[T any](a *API, items []T, limit int, cursor string) (part []T, next string, ok bool) {
	from := 0
	if cursor != "" {
		text, err := base64.RawURLEncoding.DecodeString(cursor)
		if err != nil {
			return nil, "", false
		}
		if _, err := fmt.Sscanf(string(text), "from:%d", &from); err != nil || from < 0 {
			return nil, "", false
		}
	}
	if most := a.options().PageSize; most > 0 {
		limit = min(limit, most)
	}
	from = min(from, len(items))
	to := min(from+limit, len(items))
	if to < len(items) {
		next = base64.RawURLEncoding.EncodeToString(fmt.Appendf(nil, "from:%d", to))
	}
	return items[from:to], next, true
}

// number reads a number of a query between 1 and most.
func number(text string, otherwise, most int) int {
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		n = otherwise
	}
	return min(n, most)
}

func answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // the connection is the client's to lose
}

func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

// orNull is null where there is no time.
func orNull(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return stamp(t)
}
