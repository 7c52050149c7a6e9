package idp_test

import (
	"bytes"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/rolecall-dev/rolecall/emulator"
	"github.com/rolecall-dev/rolecall/emulator/idp"
)

const token = "s3cret"

// aws is an emulated AWS with an empty identity store, reached without a port.
type aws struct {
	*emulator.Emulator
	t testing.TB
}

func newAWS(t testing.TB) *aws {
	t.Helper()
	e, err := emulator.New(emulator.Options{Estate: &emulator.Estate{
		Organization: &emulator.EstateOrganization{Management: "management"},
		Accounts:     []emulator.EstateAccount{{Name: "management"}},
		Instances:    []emulator.EstateInstance{{SCIM: emulator.EstateSCIM{Token: token}}},
	}})
	if err != nil {
		t.Fatal(err)
	}
	return &aws{e, t}
}

// directory makes an identity provider that pushes to this AWS.
func (a *aws) directory(kind idp.Kind, change ...func(*idp.Options)) *idp.Directory {
	a.t.Helper()
	o := idp.Options{
		Kind: kind, Endpoint: "https://scim.eu-central-1.amazonaws.com" + a.SCIM().Path, Token: token,
		HTTPClient: &http.Client{Transport: a.Transport()},
	}
	for _, c := range change {
		c(&o)
	}
	d, err := idp.New(o)
	if err != nil {
		a.t.Fatal(err)
	}
	return d
}

// state tells who is in AWS: users (a dash before those disabled), then groups
// with members, each by name.
func (a *aws) state() string {
	s := a.State().Instances[0]
	var users, groups []string
	for _, u := range s.Users {
		if !u.Active {
			u.UserName = "-" + u.UserName
		}
		users = append(users, u.UserName)
	}
	for _, g := range s.Groups {
		var members []string
		for _, m := range s.Memberships {
			if m.Group == g.DisplayName {
				members = append(members, m.User)
			}
		}
		groups = append(groups, g.DisplayName+"("+strings.Join(members, " ")+")")
	}
	return strings.Join(append(users, groups...), " ")
}

func (a *aws) want(state string) {
	a.t.Helper()
	if got := a.state(); got != state {
		a.t.Errorf("in AWS: %s\nwant:   %s", got, state)
	}
}

func (a *aws) user(name string) emulator.StateUser {
	a.t.Helper()
	return one(a, "user", name, a.State().Instances[0].Users, func(u emulator.StateUser) string { return u.UserName })
}

func (a *aws) group(name string) emulator.StateGroup {
	a.t.Helper()
	return one(a, "group", name, a.State().Instances[0].Groups, func(g emulator.StateGroup) string { return g.DisplayName })
}

func one[V any](a *aws, kind, name string, all []V, nameOf func(V) string) V {
	a.t.Helper()
	at := slices.IndexFunc(all, func(v V) bool { return nameOf(v) == name })
	if at < 0 {
		a.t.Fatalf("no %s %q in AWS: %s", kind, name, a.state())
	}
	return all[at]
}

// behind does a SCIM request that the identity provider knows nothing of.
func (a *aws) behind(method, path, body string) {
	a.t.Helper()
	r, err := http.NewRequest(method, "https://scim.invalid"+a.SCIM().Path+path, bytes.NewReader([]byte(body)))
	if err != nil {
		a.t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+a.SCIM().Token)
	answer, err := a.Transport().RoundTrip(r)
	if err != nil {
		a.t.Fatal(err)
	}
	if text, _ := io.ReadAll(answer.Body); answer.StatusCode >= 300 {
		a.t.Fatalf("%s %s: %d %s", method, path, answer.StatusCode, text)
	}
}

func (a *aws) deleteGroup(name string) { a.behind("DELETE", "Groups/"+a.group(name).ID, "") }
func (a *aws) deleteUser(name string)  { a.behind("DELETE", "Users/"+a.user(name).ID, "") }

// rotate gives the endpoint another token.
func (a *aws) rotate() {
	a.t.Helper()
	ok(a.t, a.Change(emulator.Change{SCIM: &emulator.SCIMChange{Token: "rotated"}}))
}

func (a *aws) fault(f emulator.Fault) {
	a.t.Helper()
	ok(a.t, a.SetFaults(f))
}

func (a *aws) calls() int { return a.Stats().Total }

func ok(t testing.TB, err error) {
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

// failures returns the reasons in the log.
func failures(d *idp.Directory) []string {
	var all []string
	for _, e := range d.Log() {
		if e.Outcome == idp.Failure {
			all = append(all, string(e.Action)+" "+e.Name+": "+e.Reason)
		}
	}
	return all
}
