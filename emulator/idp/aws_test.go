package idp_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rolecall-dev/rolecall/emulator/idp"
	"github.com/rolecall-dev/rolecall/emulator/internal/scim"
	"github.com/rolecall-dev/rolecall/emulator/internal/store"
)

const token = "s3cret"

// aws is the SCIM endpoint of an emulated AWS, reached without a port.
type aws struct {
	t     *testing.T
	dir   *store.Directory
	mu    sync.Mutex
	token string
	calls []string
	fail  int // so many calls to answer with 503
	lose  int // so many calls whose answer to lose
	takes time.Duration
}

func newAWS(t *testing.T) *aws {
	t.Helper()
	i, err := store.New(store.Settings{Seed: 1}).CreateInstance(store.Stamp{At: time.Now()}, store.NewInstance{Owner: "111111111111"})
	if err != nil {
		t.Fatal(err)
	}
	return &aws{t: t, dir: i.Directory, token: token}
}

func (a *aws) Authorize(_, given string) error {
	if given != a.token {
		return scim.NewError(http.StatusUnauthorized)
	}
	return nil
}

func (a *aws) Admit(_ context.Context, operation string) error {
	a.calls = append(a.calls, operation)
	if a.fail > 0 {
		a.fail--
		return scim.NewError(http.StatusServiceUnavailable)
	}
	return nil
}

func (a *aws) Do(_ context.Context, _ string, _ scim.Request, apply func(scim.Directory, store.Stamp) scim.Response) scim.Response {
	return apply(a.dir, store.Stamp{At: time.Now(), By: "SCIM"})
}

// RoundTrip answers in the caller's goroutine.
func (a *aws) RoundTrip(r *http.Request) (*http.Response, error) {
	time.Sleep(a.takes)
	a.mu.Lock()
	defer a.mu.Unlock()
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	rec := httptest.NewRecorder()
	scim.Handler(a).ServeHTTP(rec, r)
	if a.lose > 0 && r.Method == http.MethodPost {
		a.lose--
		return nil, http.ErrHandlerTimeout
	}
	return rec.Result(), nil
}

// directory makes an identity provider that pushes to this AWS.
func (a *aws) directory(kind idp.Kind, change ...func(*idp.Options)) *idp.Directory {
	a.t.Helper()
	o := idp.Options{Kind: kind, Endpoint: "https://scim.eu-central-1.amazonaws.com/tenant/scim/v2/", Token: token, HTTPClient: &http.Client{Transport: a}}
	for _, c := range change {
		c(&o)
	}
	d, err := idp.New(o)
	if err != nil {
		a.t.Fatal(err)
	}
	return d
}

// state tells who is in AWS: users (a dash before those disabled) and groups with members.
func (a *aws) state() string {
	a.mu.Lock()
	defer a.mu.Unlock()
	var users, groups []string
	for _, u := range a.dir.Users(0, 1<<20).Items {
		name := u.UserName
		if !u.Active {
			name = "-" + name
		}
		users = append(users, name)
	}
	for _, g := range a.dir.Groups(0, 1<<20).Items {
		var members []string
		for _, m := range a.dir.Members(g, 0, 1<<20).Items {
			members = append(members, m.User.UserName)
		}
		slices.Sort(members)
		groups = append(groups, g.DisplayName+"("+strings.Join(members, " ")+")")
	}
	return strings.TrimSpace(strings.Join(users, " ") + " " + strings.Join(groups, " "))
}

func (a *aws) want(state string) {
	a.t.Helper()
	if got := a.state(); got != state {
		a.t.Errorf("in AWS: %s\nwant:   %s", got, state)
	}
}

// group, user and their deletion look behind the endpoint.

func (a *aws) group(name string) store.Group {
	a.t.Helper()
	a.mu.Lock()
	defer a.mu.Unlock()
	g, ok := a.dir.GroupByName(name)
	if !ok {
		a.t.Fatalf("no group %q in AWS", name)
	}
	return *g
}

func (a *aws) user(name string) store.User {
	a.t.Helper()
	a.mu.Lock()
	defer a.mu.Unlock()
	u, ok := a.dir.UserByName(name)
	if !ok {
		a.t.Fatalf("no user %q in AWS", name)
	}
	return *u
}

func (a *aws) deleteGroup(name string) {
	a.t.Helper()
	id := a.group(name).ID
	a.mu.Lock()
	defer a.mu.Unlock()
	ok(a.t, a.dir.DeleteGroup(store.Stamp{}, id))
}

func (a *aws) deleteUser(name string) {
	a.t.Helper()
	id := a.user(name).ID
	a.mu.Lock()
	defer a.mu.Unlock()
	ok(a.t, a.dir.DeleteUser(store.Stamp{}, id))
}

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func addUser(t *testing.T, d *idp.Directory, name string) string {
	t.Helper()
	u, err := d.CreateUser(t.Context(), idp.User{UserName: name, GivenName: strings.ToUpper(name), FamilyName: "X"})
	ok(t, err)
	return u.ID
}

func addGroup(t *testing.T, d *idp.Directory, name string, members ...string) string {
	t.Helper()
	g, err := d.CreateGroup(t.Context(), idp.Group{Name: name})
	ok(t, err)
	for _, m := range members {
		ok(t, d.AddMember(t.Context(), g.ID, m))
	}
	return g.ID
}

// failures gives the reasons in the log.
func failures(d *idp.Directory) []string {
	var all []string
	for _, e := range d.Log() {
		if e.Outcome == idp.Failure {
			all = append(all, string(e.Action)+" "+e.Name+": "+e.Reason)
		}
	}
	return all
}
