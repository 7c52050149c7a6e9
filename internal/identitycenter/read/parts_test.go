package read

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rolecall-dev/rolecall/emulator"
	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/identitycenter"
	"github.com/rolecall-dev/rolecall/internal/identitycenter/centertest"
)

func grantLines(s access.State) []string {
	return slices.DeleteFunc(centertest.Lines(s), func(l string) bool { return !strings.HasPrefix(l, "grant ") })
}

// Reading one group costs what that group costs, whatever else is there.
func TestReadOnlyOneGroup(t *testing.T) {
	w := centertest.NewWorld("platform", 10)
	for i := range 30 {
		w.Group(fmt.Sprintf("group-%02d", i), 10)
	}
	w.Assign("group-07", emulator.EstateAssignment{PrincipalType: "GROUP", PrincipalID: "906722b2f3-aaaaaaaa-1111-2222-3333-444444444444"}, "account-009")
	w.Estate.Assignments[7].Accounts = w.Names[:9]
	desired := w.B.State()
	e := centertest.Start(t, emulator.Options{Estate: w.Estate})
	for _, key := range []string{emulator.ManagementKey, centertest.DelegatedKey} {
		c := reader(t, e, key)
		before := e.Stats().Total
		s := read(t, c, Options{Desired: desired, Owner: "platform", Only: []string{"group-07"}})
		made := e.Stats().Total - before
		var want []string
		for i := range 9 {
			want = append(want, fmt.Sprintf("grant group-07 2%011d GROUP group-07", i))
		}
		want = append(want, "grant group-07 200000000009 ORPHAN GROUP 906722b2f3-aaaaaaaa-1111-2222-3333-444444444444")
		if diff := cmp.Diff(want, grantLines(s)); diff != "" {
			t.Errorf("grants (-want +got):\n%s", diff)
		}
		if s.Observed.Read != "group" || len(s.Observed.CannotSee) == 0 || len(s.Groups) != 1 || len(s.Sets) != 1 {
			t.Errorf("observed %+v, %d groups, %d sets", s.Observed, len(s.Groups), len(s.Sets))
		}
		t.Logf("%d calls", made)
		if made > 60 {
			t.Errorf("%d calls for one group", made)
		}
	}
	_, _, err := reader(t, e, emulator.ManagementKey).Read(t.Context(), Options{Desired: desired, Owner: "platform", Only: []string{"nobody"}})
	centertest.CheckFinding(t, err, identitycenter.CodeNotFound, "nobody")
}

// The group's own set is found among a thousand others without a cache.
func TestReadOnlyOneGroupAmongForeignSets(t *testing.T) {
	w := centertest.NewWorld("platform", 5)
	for i := range 1000 {
		w.Estate.PermissionSets = append(w.Estate.PermissionSets, emulator.EstatePermissionSet{Name: fmt.Sprintf("foreign-%d", i)})
	}
	w.Group("Developers", 5)
	e := centertest.Start(t, emulator.Options{Estate: w.Estate})
	s := read(t, reader(t, e, emulator.ManagementKey), Options{Desired: w.B.State(), Owner: "platform", Only: []string{"Developers"}})
	if made := e.Stats().Total; made > 40 || len(s.Assignments) != 5 {
		t.Errorf("%d calls, %d grants; want at most 40 and the 5", made, len(s.Assignments))
	}
	if n := e.Stats().Calls["sso-admin.DescribePermissionSet"]; n != 1 {
		t.Errorf("%d sets were described, want only the group's own", n)
	}
	if n := e.Stats().Calls["sso-admin.ListAccountAssignmentsForPrincipal"]; n != 1 {
		t.Errorf("the group was asked for %d times, want once", n)
	}
}

// A renamed group is read under both names: its members, and what it has.
func TestReadRenamedGroup(t *testing.T) {
	w := centertest.NewWorld("platform", 3)
	w.HaveGroup("Old", 3)
	w.Estate.Users = []emulator.EstateUser{{UserName: "jane"}}
	w.Estate.Groups[0].Members = []string{"jane"}
	g := w.B.AddGroup(access.Group{Name: "New", Previously: "Old", Owner: "platform"})
	set := w.B.AddSet(access.PermissionSet{Name: "Old", Tags: []access.Tag{{Key: access.OwnerTag, Value: "platform"}}})
	for _, a := range w.Rows {
		w.B.AddAssignment(access.Assignment{Set: set, Account: a, Kind: access.GroupPrincipal, Principal: g})
	}
	w.B.AddMembership(g, w.B.AddUser(access.User{Username: "jane", Referenced: true}), 0)
	e := centertest.Start(t, emulator.Options{Estate: w.Estate})
	s := read(t, reader(t, e, emulator.ManagementKey), Options{Desired: w.B.State(), Owner: "platform"})
	if len(s.Assignments) != 3 || len(s.Memberships) != 1 || s.Groups[0].Name != "Old" || s.Observed.Uses[s.Groups[0].ID] {
		t.Errorf("%d grants, %d members, groups %+v; want those of the old name, which is not leftover", len(s.Assignments), len(s.Memberships), s.Groups)
	}
}

// Where the config defines users, everybody in AWS is read with all that a plan
// compares.
func TestReadUsers(t *testing.T) {
	w := centertest.NewWorld("platform", 1)
	off := false
	w.Estate.Users = []emulator.EstateUser{
		{UserName: "jane", DisplayName: "Jane", GivenName: "Jane", FamilyName: "Smith", Email: "jane@company.com"},
		{UserName: "scim", DisplayName: "S", GivenName: "S", FamilyName: "C", Source: emulator.FromSCIM, ExternalID: "7", Active: &off},
	}
	w.B.AddUser(access.User{Username: "jane", DisplayName: "Jane"})
	e := centertest.Start(t, emulator.Options{Estate: w.Estate})
	s := read(t, reader(t, e, emulator.ManagementKey), Options{Desired: w.B.State(), Owner: "platform"})
	want := []string{`user jane "Jane" "Jane" "Smith" "jane@company.com" scim=false disabled=false`, `user scim "S" "S" "C" "" scim=true disabled=true`}
	if diff := cmp.Diff(want, centertest.UserLines(s)); diff != "" {
		t.Errorf("users (-want +got):\n%s", diff)
	}
}

// refusing refuses an operation with a code of AWS's.
type refusing struct {
	inner           http.RoundTripper
	operation, code string
}

func (f refusing) RoundTrip(r *http.Request) (*http.Response, error) {
	if !strings.HasSuffix(r.Header.Get("X-Amz-Target"), "."+f.operation) {
		return f.inner.RoundTrip(r)
	}
	return refused(r, f.code), nil
}

// Where AWS refuses to look a group up by name, as in some Regions, the list has it.
func TestGroupIsFoundInTheList(t *testing.T) {
	w := centertest.NewWorld("platform", 2)
	w.Group("Developers", 2)
	e := centertest.Start(t, emulator.Options{Estate: w.Estate})
	c := New(centertest.Connect(t, centertest.OptionsFor(refusing{e.Transport(), "GetGroupId", "ValidationException"}, emulator.ManagementKey)))
	s := read(t, c, Options{Desired: w.B.State(), Owner: "platform", Only: []string{"Developers"}})
	if len(s.Groups) != 1 || len(s.Assignments) != 2 {
		t.Errorf("%d groups, %d grants, want 1 and 2", len(s.Groups), len(s.Assignments))
	}
}

// Users who are only referred to are looked up where they are few, and listed
// where that costs less.
func TestUsersAreFoundWithFewCalls(t *testing.T) {
	for _, c := range []struct{ stored, named, most int }{{5000, 2, 4}, {5000, 0, 0}, {300, 40, 3}, {1000, 40, 10}} {
		w := centertest.NewWorld("platform", 1)
		for i := range c.stored {
			w.Estate.Users = append(w.Estate.Users, emulator.EstateUser{UserName: fmt.Sprintf("user-%04d", i), Source: emulator.FromSCIM, ExternalID: fmt.Sprint(i)})
		}
		w.HaveGroup("Developers", 0)
		g := w.B.AddGroup(access.Group{Name: "Developers", Owner: "platform"})
		for i := range c.named {
			w.B.AddMembership(g, w.B.AddUser(access.User{Username: fmt.Sprintf("user-%04d", i*c.stored/c.named), Referenced: true}), 0)
		}
		w.B.AddMembership(g, w.B.AddUser(access.User{Username: "user-absent", Referenced: true}), 0)
		e := centertest.Start(t, emulator.Options{Estate: w.Estate})
		s := read(t, reader(t, e, emulator.ManagementKey), Options{Desired: w.B.State(), Owner: "platform"})
		for i := range c.named {
			if name := fmt.Sprintf("user-%04d", i*c.stored/c.named); s.UserIndex(name) < 0 || !s.Users[s.UserIndex(name)].SCIM {
				t.Errorf("%d of %d users: %s was not found", c.named, c.stored, name)
			}
		}
		if s.UserIndex("user-absent") >= 0 {
			t.Error("a user that is not there was found")
		}
		stats := e.Stats().Calls
		made := stats["identitystore.ListUsers"] + stats["identitystore.GetUserId"] + stats["identitystore.DescribeUser"]
		if made > c.most+1 { // one more for the absent one
			t.Errorf("%d of %d users: %d calls, want at most %d", c.named, c.stored, made, c.most+1)
		}
	}
}

// For verify, every group that the config names is read with its members, and
// no permission set.
func TestReadIdentities(t *testing.T) {
	w := centertest.NewWorld("platform", 1)
	w.Estate.Users = []emulator.EstateUser{{UserName: "jane", Source: emulator.FromSCIM}, {UserName: "joe"}}
	w.Estate.Groups = []emulator.EstateGroup{{DisplayName: "AWS-Dev", Source: emulator.FromSCIM, Members: []string{"jane"}}, {DisplayName: "Other", Members: []string{"joe"}}}
	w.B.AddGroup(access.Group{Name: "AWS-Dev", Referenced: true, SCIM: true})
	e := centertest.Start(t, emulator.Options{Estate: w.Estate})
	s, _, err := reader(t, e, emulator.ManagementKey).Identities(t.Context(), w.B.State())
	if err != nil {
		t.Fatal(err)
	}
	var members []string
	for _, m := range s.Memberships {
		members = append(members, s.Groups[m.Group].Name+" "+s.Users[m.User].Username)
	}
	if diff := cmp.Diff([]string{"AWS-Dev jane"}, members); diff != "" {
		t.Errorf("members (-want +got):\n%s", diff)
	}
	if n := centertest.Calls(e, identitycenter.SSOAdmin); n != 1 {
		t.Errorf("%d calls of sso-admin, want the one that finds the instance", n)
	}
}

// The account's State counts; where AWS does not give it, its old Status does.
func TestAccountState(t *testing.T) {
	w := centertest.NewWorld("platform", 1)
	w.Estate.Accounts = append(w.Estate.Accounts, emulator.EstateAccount{Name: "closed", State: "SUSPENDED"})
	for _, quirks := range []emulator.Quirks{{}, {LegacyStatus: true, EmptyPages: true}} {
		e := centertest.Start(t, emulator.Options{Estate: w.Estate, Quirks: quirks})
		s := read(t, reader(t, e, emulator.ManagementKey), Options{Owner: "platform"})
		states := map[string]string{}
		for _, a := range s.Accounts {
			states[a.Name] = a.State
		}
		if len(states) != 4 || states["closed"] != "SUSPENDED" || states["management"] != "ACTIVE" {
			t.Errorf("%+v: %v", quirks, states)
		}
	}
}

// What an ignore pattern matches is not read, unless the config grants it.
func TestIgnore(t *testing.T) {
	w := centertest.NewWorld("platform", 20)
	w.Group("Developers", 20)
	w.HaveGroup("AWSControlTower", 20)
	e := centertest.Start(t, emulator.Options{Estate: w.Estate})
	s := read(t, reader(t, e, centertest.DelegatedKey), Options{Desired: w.B.State(), Owner: "platform", Deep: true, Ignore: []string{"AWSControlTower*"}})
	if len(s.Assignments) != 20 || s.Observed.SetUses[s.Sets[s.SetIndex("AWSControlTower")].ARN] {
		t.Errorf("%d grants, %+v; want those of the config alone", len(s.Assignments), s.Observed)
	}
}

// What a user who is to be deleted has by name is read, also where only groups
// would be asked otherwise: it would stay behind as an orphan's.
func TestReadRemovedUser(t *testing.T) {
	for _, denied := range [][]string{nil, {"sso:ListAccountAssignmentsForPrincipal"}} {
		w := centertest.NewWorld("platform", 20)
		w.Group("Developers", 20)
		w.Estate.Users = []emulator.EstateUser{{UserName: "jane"}}
		w.Estate.Callers = append(w.Estate.Callers, emulator.EstateCaller{AccessKey: "AKIDSOME", Denied: denied})
		w.Assign("Developers", emulator.EstateAssignment{User: "jane"}, "account-003")
		w.B.AddUser(access.User{Username: "jane", Remove: true})
		e := centertest.Start(t, emulator.Options{Estate: w.Estate})
		s, notes, err := reader(t, e, "AKIDSOME").Read(t.Context(), Options{Desired: w.B.State(), Owner: "platform"})
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Contains(grantLines(s), "grant Developers 200000000003 USER jane") || len(s.Assignments) != 21 {
			t.Errorf("denied %v: %d grants, among them not jane's", denied, len(s.Assignments))
		}
		asked := e.Stats().Calls["sso-admin.ListAccountAssignmentsForPrincipal"]
		if refused := denied != nil; refused != (len(notes) == 1) || refused && (notes[0].Code != identitycenter.CodeSlowerRead || asked != 1) {
			t.Errorf("denied %v: notes %v, asked %d times; a refusal is told once and not asked for again", denied, notes, asked)
		}
	}
}

// A group that AWS lists and does not know when its members are asked for was deleted
// meanwhile: it is not there, and nothing is said of what it had.
func TestGroupThatIsDeletedWhileItIsRead(t *testing.T) {
	w := centertest.NewWorld("platform", 2)
	w.Group("Developers", 0)
	e := centertest.Start(t, emulator.Options{Estate: w.Estate})
	c := New(centertest.Connect(t, centertest.OptionsFor(refusing{e.Transport(), "ListGroupMemberships", "ResourceNotFoundException"}, emulator.ManagementKey)))
	if s := read(t, c, Options{Desired: w.B.State(), Owner: "platform"}); len(s.Groups) != 0 {
		t.Errorf("groups %v, observed %+v", s.Groups, s.Observed)
	}
}

// The code with which Organizations says that it has no such account says nothing
// where another API answers so.
func TestCodeOfAnotherAPI(t *testing.T) {
	w := centertest.NewWorld("platform", 2)
	w.Group("Developers", 2)
	e := centertest.Start(t, emulator.Options{Estate: w.Estate})
	for _, operation := range []string{"ListGroupMemberships", "DescribePermissionSet", "ListManagedPoliciesInPermissionSet", "ListTagsForResource", "ListAccountAssignments"} {
		c := New(centertest.Connect(t, centertest.OptionsFor(refusing{e.Transport(), operation, "AccountNotFoundException"}, emulator.ManagementKey)))
		if s, _, err := c.Read(t.Context(), Options{Desired: w.B.State(), Owner: "platform", Deep: true}); err == nil {
			t.Errorf("%s: %d groups, %d sets, %d grants, want an error", operation, len(s.Groups), len(s.Sets), len(s.Assignments))
		}
	}
}
