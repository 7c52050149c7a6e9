package read

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rolecall-dev/rolecall/emulator"
	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/identitycenter"
	"github.com/rolecall-dev/rolecall/internal/identitycenter/centertest"
	"github.com/rolecall-dev/rolecall/internal/setcache"
)

// Principals that are gone.
const (
	goneGroup = "906722b2f3-aaaaaaaa-1111-2222-3333-444444444444"
	goneUser  = "906722b2f3-bbbbbbbb-1111-2222-3333-444444444444"
)

// who is a world in which people have access in every way: through groups, one
// of them empty, directly, while disabled, in a suspended account, by an
// assignment that nobody holds any more, and by sets of others.
func who() *centertest.World {
	w := centertest.NewWorld("platform", 4)
	off := false
	e := w.Estate
	e.Users = []emulator.EstateUser{
		{UserName: "jane", Email: "jane@company.com"}, {UserName: "joe@company.com"}, {UserName: "off@company.com", Active: &off}, {UserName: "idle@company.com"},
	}
	w.HaveGroup("Developers", 3)
	e.Groups[0].Members = []string{"jane", "off@company.com"}
	e.Groups = append(e.Groups, emulator.EstateGroup{DisplayName: "Empty"}, emulator.EstateGroup{DisplayName: "Others", Members: []string{"jane", "joe@company.com"}})
	e.PermissionSets = append(e.PermissionSets, emulator.EstatePermissionSet{Name: "Foreign"},
		emulator.EstatePermissionSet{Name: "rolecall-lock-platform", Tags: map[string]string{access.LockTag: "x"}})
	w.Assign("Foreign", emulator.EstateAssignment{Group: "Others"}, "account-003", "management")
	w.Assign("Foreign", emulator.EstateAssignment{User: "joe@company.com"}, "account-000")
	w.Assign("Foreign", emulator.EstateAssignment{Group: "Empty"}, "account-000")
	w.Assign("Developers", emulator.EstateAssignment{PrincipalType: "GROUP", PrincipalID: goneGroup}, "account-000")
	w.Assign("Foreign", emulator.EstateAssignment{PrincipalType: "USER", PrincipalID: goneUser}, "account-000")
	e.Accounts[4].State = "SUSPENDED" // account-002
	return w
}

// paths shows what was read, names only.
func pathLines(s access.State) []string {
	out := slices.DeleteFunc(centertest.Lines(s), func(l string) bool { return strings.HasPrefix(l, "set ") })
	for _, p := range s.Sets {
		out = append(out, fmt.Sprintf("set %s owner=%q", p.Name, p.Owner))
	}
	for _, u := range s.Users {
		out = append(out, fmt.Sprintf("user %s disabled=%t", u.Username, u.Disabled))
	}
	return out
}

func TestUserAccess(t *testing.T) {
	e := centertest.Start(t, emulator.Options{Estate: who().Estate})
	want := []string{
		"account 100000000000 management ACTIVE management=true",
		"account 200000000000 account-000 ACTIVE management=false", "account 200000000001 account-001 ACTIVE management=false",
		"account 200000000002 account-002 SUSPENDED management=false", "account 200000000003 account-003 ACTIVE management=false",
		`group Developers "" owner="platform" scim=false applications=0`, `group Others "" owner="" scim=false applications=0`,
		"member Developers jane", "member Others jane",
		"grant Developers 200000000000 GROUP Developers", "grant Developers 200000000001 GROUP Developers", "grant Developers 200000000002 GROUP Developers",
		"grant Foreign 100000000000 GROUP Others", "grant Foreign 200000000003 GROUP Others",
		`set Developers owner="platform"`, `set Foreign owner=""`, "user jane disabled=false",
	}
	for _, c := range []struct{ key, name, read string }{
		{emulator.ManagementKey, "jane", "principals"}, {emulator.ManagementKey, "jane@company.com", "principals"}, {centertest.DelegatedKey, "jane", "pairs"},
	} {
		got, err := reader(t, e, c.key).UserAccess(t.Context(), c.name, AccessOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, pathLines(got.State)); diff != "" {
			t.Errorf("%s as %s (-want +got):\n%s", c.name, c.key, diff)
		}
		if u := got.State.Users[0]; got.ID != u.ID || got.State.Observed.Read != c.read || len(got.State.Observed.CannotSee) != 1 {
			t.Errorf("id %q of %q, observed %+v", got.ID, u.ID, got.State.Observed)
		}
	}
	direct, err := reader(t, e, emulator.ManagementKey).UserAccess(t.Context(), "joe@company.com", AccessOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if got := grantLines(direct.State); !slices.Contains(got, "grant Foreign 200000000000 USER joe@company.com") || len(got) != 3 {
		t.Errorf("what joe has: %v", got)
	}
}

func TestGroupAccess(t *testing.T) {
	e := centertest.Start(t, emulator.Options{Estate: who().Estate})
	for _, key := range []string{emulator.ManagementKey, centertest.DelegatedKey} {
		got, err := reader(t, e, key).GroupAccess(t.Context(), "Developers", AccessOptions{})
		if err != nil {
			t.Fatal(err)
		}
		want := []string{
			"account 200000000000 account-000 ACTIVE management=false", "account 200000000001 account-001 ACTIVE management=false",
			"account 200000000002 account-002 SUSPENDED management=false",
			`group Developers "" owner="platform" scim=false applications=0`,
			"member Developers jane", "member Developers off@company.com",
			"grant Developers 200000000000 GROUP Developers", "grant Developers 200000000001 GROUP Developers", "grant Developers 200000000002 GROUP Developers",
			`set Developers owner="platform"`, "user jane disabled=false", "user off@company.com disabled=true",
		}
		if diff := cmp.Diff(want, pathLines(got.State)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", key, diff)
		}
		if !got.State.Observed.Members[got.ID] {
			t.Error("that all members were read is not said")
		}
	}
}

func TestAccountAccess(t *testing.T) {
	e := centertest.Start(t, emulator.Options{Estate: who().Estate})
	want := []string{
		"account 200000000000 account-000 ACTIVE management=false",
		`group Developers "" owner="platform" scim=false applications=0`, `group Empty "" owner="" scim=false applications=0`,
		"member Developers jane", "member Developers off@company.com",
		"grant Developers 200000000000 GROUP Developers", "grant Developers 200000000000 ORPHAN GROUP " + goneGroup,
		"grant Foreign 200000000000 GROUP Empty", "grant Foreign 200000000000 USER joe@company.com", "grant Foreign 200000000000 ORPHAN USER " + goneUser,
		`set Developers owner="platform"`, `set Foreign owner=""`,
		"user jane disabled=false", "user joe@company.com disabled=false", "user off@company.com disabled=true",
	}
	for _, key := range []string{emulator.ManagementKey, centertest.DelegatedKey} {
		for _, name := range []string{"account-000", "200000000000"} {
			got, err := reader(t, e, key).AccountAccess(t.Context(), name, AccessOptions{})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, pathLines(got.State)); diff != "" || got.ID != "200000000000" {
				t.Errorf("%s as %s: id %s (-want +got):\n%s", name, key, got.ID, diff)
			}
		}
	}
	// An account that nobody has anything in is there all the same.
	got, err := reader(t, e, emulator.ManagementKey).AccountAccess(t.Context(), "security", AccessOptions{})
	if err != nil || got.ID != "100000000001" || len(got.State.Accounts) != 1 || len(got.State.Assignments) != 0 {
		t.Errorf("%+v, %v", got, err)
	}
}

// A name that is nobody's has names to choose from, and says whether they are all.
func TestAccessOfNobody(t *testing.T) {
	w := who()
	for i := range 150 {
		w.Estate.Users = append(w.Estate.Users, emulator.EstateUser{UserName: fmt.Sprintf("user-%03d", i)})
		w.Estate.Groups = append(w.Estate.Groups, emulator.EstateGroup{DisplayName: fmt.Sprintf("group-%03d", i)})
	}
	e := centertest.Start(t, emulator.Options{Estate: w.Estate})
	c := reader(t, e, emulator.ManagementKey)
	for _, scan := range []bool{false, true} {
		o := AccessOptions{Scan: scan}
		before := e.Stats().Total
		users, err := c.UserAccess(t.Context(), "jan", o)
		if err != nil {
			t.Fatal(err)
		}
		if users.ID != "" || users.Complete != scan || scan && !slices.ContainsFunc(users.Users, func(u access.User) bool { return u.Email == "jane@company.com" }) {
			t.Errorf("users: id %q, complete %t, %d users", users.ID, users.Complete, len(users.Users))
		}
		if made := e.Stats().Total - before; made > 2+map[bool]int{true: 1}[scan] {
			t.Errorf("%d calls to find nobody", made)
		}
		groups, err := c.GroupAccess(t.Context(), "Developer", o)
		if err != nil {
			t.Fatal(err)
		}
		if groups.ID != "" || groups.Complete != scan || len(groups.Names) < 100 {
			t.Errorf("groups: id %q, complete %t, %d names", groups.ID, groups.Complete, len(groups.Names))
		}
	}
	accounts, err := c.AccountAccess(t.Context(), "acount-000", AccessOptions{})
	if err != nil || accounts.ID != "" || !accounts.Complete || !slices.Contains(accounts.Names, "account-000") {
		t.Errorf("%+v, %v", accounts, err)
	}
	if accounts, err = c.AccountAccess(t.Context(), "999999999999", AccessOptions{}); err != nil || accounts.ID != "" || len(accounts.Names) != 0 {
		t.Errorf("%+v, %v", accounts, err)
	}
}

func TestAccountsOfOneName(t *testing.T) {
	w := who()
	w.Estate.Accounts = append(w.Estate.Accounts, emulator.EstateAccount{ID: "300000000000", Name: "account-000"})
	for i := range w.Estate.Assignments { // which name accounts
		w.Estate.Assignments[i].Accounts = []string{"account-003"}
	}
	_, err := reader(t, centertest.Start(t, emulator.Options{Estate: w.Estate}), emulator.ManagementKey).AccountAccess(t.Context(), "account-000", AccessOptions{})
	centertest.CheckFinding(t, err, identitycenter.CodeAccountTwice, "200000000000, 300000000000")
}

// What AWS refuses to tell is said, and never taken for absent.
func TestAccessThatIsDenied(t *testing.T) {
	for action, unseen := range map[string]string{
		"sso:ListTagsForResource": unseenOwners, "organizations:DescribeAccount": "", "organizations:*Account*": unseenAccounts,
		"identitystore:ListGroupMemberships": unseenMembers,
	} {
		w := who()
		w.Estate.Callers = append(w.Estate.Callers, emulator.EstateCaller{AccessKey: "AKIDENIEDDENIEDDENIE", Denied: []string{action}})
		c := reader(t, centertest.Start(t, emulator.Options{Estate: w.Estate}), "AKIDENIEDDENIEDDENIE")
		got, err := c.AccountAccess(t.Context(), "200000000000", AccessOptions{})
		if err != nil {
			t.Fatalf("%s: %v", action, err)
		}
		if unseen != "" && !slices.Contains(got.State.Observed.CannotSee, unseen) || unseen == "" && len(got.State.Observed.CannotSee) != 1 {
			t.Errorf("%s: cannot see %q", action, got.State.Observed.CannotSee)
		}
		if len(got.State.Assignments) != 5 || got.ID != "200000000000" {
			t.Errorf("%s: %v", action, grantLines(got.State))
		}
		if group := got.State.Groups[0]; unseen == unseenMembers && got.State.Observed.Members[group.ID] {
			t.Errorf("%s: the members of %s are said to be known", action, group.Name)
		}
		if name := got.State.Accounts[0].Name; (name == "") != (unseen == unseenAccounts) {
			t.Errorf("%s: the account is called %q", action, name)
		}
	}
	w := who()
	w.Estate.Callers = append(w.Estate.Callers, emulator.EstateCaller{AccessKey: "AKIDENIEDDENIEDDENIE", Denied: []string{"sso:ListAccountAssignments"}})
	c := reader(t, centertest.Start(t, emulator.Options{Estate: w.Estate}), "AKIDENIEDDENIEDDENIE")
	_, err := c.AccountAccess(t.Context(), "200000000000", AccessOptions{})
	centertest.CheckFinding(t, err, identitycenter.CodeAccessDenied, "sso:ListAccountAssignments")
}

// hidesManagement refuses to list assignments in the management account.
type hidesManagement struct{ inner http.RoundTripper }

func (h hidesManagement) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	if strings.HasSuffix(r.Header.Get("X-Amz-Target"), ".ListAccountAssignments") && strings.Contains(string(body), "100000000000") {
		return refused(r, "AccessDeniedException"), nil
	}
	again := r.Clone(r.Context())
	again.Body = io.NopCloser(bytes.NewReader(body))
	return h.inner.RoundTrip(again)
}

func TestDelegateWhoDoesNotSeeTheManagementAccount(t *testing.T) {
	e := centertest.Start(t, emulator.Options{Estate: who().Estate})
	c := New(centertest.Connect(t, centertest.OptionsFor(hidesManagement{e.Transport()}, centertest.DelegatedKey)))
	got, err := c.GroupAccess(t.Context(), "Others", AccessOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if seen := strings.Join(got.State.Observed.CannotSee, "\n"); !strings.Contains(seen, "management account 100000000000") || len(got.State.Assignments) != 1 {
		t.Errorf("%v; cannot see %q", grantLines(got.State), seen)
	}
}

// What it costs, by operation: docs/performance.md says the same.
func TestAccessCalls(t *testing.T) {
	w := centertest.NewWorld("platform", 30)
	for i := range 300 {
		w.Estate.Users = append(w.Estate.Users, emulator.EstateUser{UserName: fmt.Sprintf("user-%03d", i)})
	}
	for i := range 40 {
		w.HaveGroup(fmt.Sprintf("group-%02d", i), 30)
		w.Estate.Groups[i].Members = []string{"user-000", fmt.Sprintf("user-%03d", i+1)}
	}
	w.Estate.Groups[0].Members = nil
	for i := 3; i < 40; i++ { // user-000 is in two groups
		w.Estate.Groups[i].Members = w.Estate.Groups[i].Members[1:]
	}
	e := centertest.Start(t, emulator.Options{Estate: w.Estate})
	cache := setcache.Folder{Dir: t.TempDir()}
	measure := func(key string, do func(*Reader) (Access, error)) map[string]int {
		t.Helper()
		o := centertest.OptionsFor(e.Transport(), key)
		o.Cache = cache
		c := New(centertest.Connect(t, o))
		before := e.Stats().Calls
		if got, err := do(c); err != nil || got.ID == "" {
			t.Fatalf("%+v, %v", got, err)
		}
		made := map[string]int{}
		for name, n := range e.Stats().Calls {
			if n > before[name] {
				made[name] = n - before[name]
			}
		}
		return made
	}
	user := func(c *Reader) (Access, error) { return c.UserAccess(t.Context(), "user-000", AccessOptions{}) }
	group := func(c *Reader) (Access, error) { return c.GroupAccess(t.Context(), "group-01", AccessOptions{}) }
	account := func(c *Reader) (Access, error) {
		return c.AccountAccess(t.Context(), "200000000000", AccessOptions{})
	}
	warm := map[string]int{
		"identitystore.GetUserId": 1, "identitystore.DescribeUser": 1, "identitystore.ListGroupMembershipsForMember": 1, "identitystore.DescribeGroup": 2,
		"sso-admin.ListAccountAssignmentsForPrincipal": 3, "sso-admin.ListTagsForResource": 2, "organizations.ListAccounts": 2,
	}
	cold := map[string]int{"sso-admin.DescribePermissionSet": 2}
	for name, n := range warm {
		cold[name] = n
	}
	for _, c := range []struct {
		what string
		key  string
		do   func(*Reader) (Access, error)
		want map[string]int
	}{
		{"user, names unknown", emulator.ManagementKey, user, cold},
		{"user, names known", emulator.ManagementKey, user, warm},
		{"group", emulator.ManagementKey, group, map[string]int{
			"identitystore.GetGroupId": 1, "identitystore.DescribeGroup": 1, "identitystore.ListGroupMemberships": 1, "identitystore.DescribeUser": 2,
			"sso-admin.ListAccountAssignmentsForPrincipal": 1, "sso-admin.ListTagsForResource": 1, "organizations.ListAccounts": 2,
		}},
		{"account", emulator.ManagementKey, account, map[string]int{
			"organizations.DescribeAccount": 1, "sso-admin.ListPermissionSetsProvisionedToAccount": 1, "sso-admin.ListAccountAssignments": 40,
			"identitystore.ListGroups": 1, "identitystore.ListGroupMemberships": 40, "identitystore.ListUsers": 1,
			"sso-admin.ListTagsForResource": 40, "sso-admin.DescribePermissionSet": 38,
		}},
		{"group, delegated administrator", centertest.DelegatedKey, group, map[string]int{
			"identitystore.GetGroupId": 1, "identitystore.DescribeGroup": 1, "identitystore.ListGroupMemberships": 1, "identitystore.DescribeUser": 2,
			"sso-admin.ListPermissionSets": 1, "sso-admin.ListAccountsForProvisionedPermissionSet": 40, "sso-admin.ListAccountAssignments": 1200,
			"sso-admin.ListTagsForResource": 1, "organizations.ListAccounts": 2,
		}},
	} {
		if diff := cmp.Diff(c.want, measure(c.key, c.do)); diff != "" {
			t.Errorf("%s (-want +made):\n%s", c.what, diff)
		}
	}
}

// A slow read says beforehand how slow.
func TestAccessEstimate(t *testing.T) {
	e := centertest.Start(t, emulator.Options{Estate: who().Estate})
	var estimates []string
	o := AccessOptions{Estimate: func(e AccessEstimate) {
		estimates = append(estimates, fmt.Sprintf("%s %d", e.What, e.Calls))
		if e.Seconds <= 0 {
			t.Errorf("%+v", e)
		}
	}}
	if _, err := reader(t, e, centertest.DelegatedKey).GroupAccess(t.Context(), "Developers", o); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"permission sets' accounts 3", "assignments 6"}, estimates); diff != "" {
		t.Errorf("estimates (-want +got):\n%s", diff)
	}
	estimates = nil
	if _, err := reader(t, e, emulator.ManagementKey).GroupAccess(t.Context(), "Developers", o); err != nil || estimates != nil {
		t.Errorf("%v, %v", estimates, err)
	}
}
