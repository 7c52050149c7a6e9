package read

import (
	"fmt"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"github.com/rolecall-dev/rolecall/emulator"
	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/apply"
	"github.com/rolecall-dev/rolecall/internal/identitycenter"
	"github.com/rolecall-dev/rolecall/internal/identitycenter/centertest"
	"github.com/rolecall-dev/rolecall/internal/identitycenter/write"
	"github.com/rolecall-dev/rolecall/internal/plan"
)

func remembering(t *testing.T, e *emulator.Emulator) *Reader {
	t.Helper()
	return NewRemembering(centertest.Client(t, e, emulator.ManagementKey))
}

// people is an estate with so many users.
func people(n int) *emulator.Estate {
	w := centertest.NewWorld("platform", 1)
	for i := range n {
		name := fmt.Sprintf("user-%04d@company.com", i)
		w.Estate.Users = append(w.Estate.Users, emulator.EstateUser{UserName: name, DisplayName: name, GivenName: "G", FamilyName: "F", Email: name})
	}
	return w.Estate
}

// Users are looked for one after the other, as Terraform does, without anybody
// knowing how many will be: that never costs twice the calls of the cheapest way.
func TestUsersOneByOneCostLittle(t *testing.T) {
	for _, c := range []struct{ there, wanted, most int }{
		{120, 120, 2},     // two pages
		{5000, 5, 10},     // a page and a look-up for each, at most
		{5000, 3000, 100}, // the whole list, which is 50 pages
	} {
		t.Run(fmt.Sprintf("%d of %d", c.wanted, c.there), func(t *testing.T) {
			e := centertest.Start(t, emulator.Options{Estate: people(c.there)})
			client := remembering(t, e)
			users := e.State().Instances[0].Users
			before := centertest.Calls(e, identitycenter.IdentityStore)
			for i := range c.wanted {
				want := users[(i*37)%c.there]
				if u, found, err := client.User(t.Context(), want.ID); err != nil || !found || u.Username != want.UserName {
					t.Fatalf("%v %v %v", u, found, err)
				}
			}
			if made := centertest.Calls(e, identitycenter.IdentityStore) - before; made > c.most {
				t.Errorf("%d calls, want at most %d", made, c.most)
			}
		})
	}
}

// What is asked side by side is asked of AWS once, and the waiting stands in
// nobody's way in virtual time.
func TestRememberedSideBySide(t *testing.T) {
	centertest.CleanEnvironment(t)
	synctest.Test(t, func(t *testing.T) {
		w := centertest.NewWorld("platform", 3)
		for i := range 20 {
			w.Group(fmt.Sprintf("group-%02d", i), 3)
		}
		desired := w.B.State()
		e := centertest.Start(t, emulator.Options{Estate: w.Estate})
		o := centertest.OptionsFor(e.Transport(), emulator.ManagementKey)
		o.Quota = nil
		c := NewRemembering(centertest.Connect(t, o))
		done := make(chan access.State, 20)
		for i := range 20 {
			go func() {
				done <- read(t, c, Options{Desired: desired, Owner: "platform", Only: []string{fmt.Sprintf("group-%02d", i)}})
			}()
		}
		for range 20 {
			if s := <-done; len(s.Assignments) != 3 || len(s.Accounts) != 5 {
				t.Errorf("%d grants, %d accounts", len(s.Assignments), len(s.Accounts))
			}
		}
		for operation, want := range map[string]int{"organizations.ListAccounts": 1, "sso-admin.ListPermissionSets": 1, "identitystore.ListGroups": 1, "sso-admin.DescribePermissionSet": 20, "identitystore.GetGroupId": 0} {
			if n := e.Stats().Calls[operation]; n != want {
				t.Errorf("%s: %d calls, want %d", operation, n, want)
			}
		}
	})
}

// The client's own writes are seen at once, those of others after Forget.
func TestMemoryKeepsUpWithWrites(t *testing.T) {
	centertest.CleanEnvironment(t)
	e := centertest.Start(t, emulator.Options{Estate: people(3)})
	c := remembering(t, e)
	names := func() []string {
		var b access.Builder
		b.AddUser(access.User{Username: "\x00"}) // one that the config defines: everybody is listed
		live, _, err := c.Identities(t.Context(), b.State())
		if err != nil {
			t.Fatal(err)
		}
		var out []string
		for _, u := range live.Users {
			out = append(out, u.Username)
		}
		return out
	}
	change := func(desired access.State) {
		t.Helper()
		live := read(t, c, Options{Desired: desired, Owner: "platform"})
		p := plan.Diff(&desired, &live, plan.Options{Owner: "platform", SetUp: access.BuiltIn, Scope: plan.Scope{Groups: []string{}, Sets: []string{}}, Guards: plan.Guards{RemovalsOff: true}})
		result, err := apply.New(write.New(c.c, write.Options{Owner: "platform", Live: &live, Changes: p.Changes}), apply.Options{}).Run(t.Context(), p.Changes)
		if err != nil || !result.Complete() || len(p.Changes) == 0 {
			t.Fatalf("%v %+v %v", err, result, p.Findings)
		}
	}
	first := []string{"user-0000@company.com", "user-0001@company.com", "user-0002@company.com"}
	if diff := cmp.Diff(first, names()); diff != "" {
		t.Fatal(diff)
	}
	var create, rename, remove access.Builder
	create.AddUser(access.User{Username: "new", DisplayName: "N", GivenName: "N", FamilyName: "N", Email: "new@company.com"})
	change(create.State())
	if diff := cmp.Diff(append([]string{"new"}, first...), names()); diff != "" {
		t.Errorf("after a creation:\n%s", diff)
	}
	rename.AddUser(access.User{Username: "newer", Previously: "new", DisplayName: "N", GivenName: "N", FamilyName: "N", Email: "new@company.com"})
	change(rename.State())
	if diff := cmp.Diff(append([]string{"newer"}, first...), names()); diff != "" {
		t.Errorf("after a rename:\n%s", diff)
	}
	remove.AddUser(access.User{Username: "newer", Remove: true})
	change(remove.State())
	if diff := cmp.Diff(first, names()); diff != "" {
		t.Errorf("after a deletion:\n%s", diff)
	}
	id := e.State().Instances[0].Users[0].ID
	if err := centertest.Client(t, e, emulator.ManagementKey).DeleteUser(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	if _, found, err := c.User(t.Context(), id); err != nil || !found {
		t.Errorf("not remembered: %v", err)
	}
	c.Forget()
	if _, found, err := c.User(t.Context(), id); err != nil || found {
		t.Errorf("not forgotten: %v", err)
	}
}

// One group is read with the sets that are named, though nothing grants them
// and whoever owns them; and, when it leaves, with what else uses it.
func TestReadOneGroupWithSetsAndUses(t *testing.T) {
	w := centertest.NewWorld("platform", 3)
	w.Group("Team", 2)
	w.Estate.Groups = append(w.Estate.Groups, emulator.EstateGroup{DisplayName: "Others"})
	w.Estate.PermissionSets = append(w.Estate.PermissionSets, emulator.EstatePermissionSet{Name: "Foreign"}, emulator.EstatePermissionSet{Name: "Elsewhere"})
	w.Assign("Foreign", emulator.EstateAssignment{Group: "Others"}, "account-000", "account-002")
	w.Assign("Elsewhere", emulator.EstateAssignment{Group: "Team"}, "account-001")
	e := centertest.Start(t, emulator.Options{Estate: w.Estate})
	var b access.Builder
	b.AddGroup(access.Group{Name: "Team", Owner: "platform"})
	o := Options{Desired: b.State(), Owner: "platform", Only: []string{"Team"}, Sets: []string{"Team", "Foreign"}, Deep: true}
	own := []string{"grant Team 200000000000 GROUP Team", "grant Team 200000000001 GROUP Team"}
	foreign := []string{"grant Foreign 200000000000 GROUP Others", "grant Foreign 200000000002 GROUP Others"}
	for _, deep := range []bool{false, true} {
		o.Deep = deep
		if diff := cmp.Diff(append(foreign, own...), grantLines(read(t, reader(t, e, emulator.ManagementKey), o))); diff != "" {
			t.Errorf("deep %t (-want +got):\n%s", deep, diff)
		}
	}
	o.Leaving = true
	s := read(t, reader(t, e, emulator.ManagementKey), o)
	if diff := cmp.Diff(append(append([]string{"grant Elsewhere 200000000001 GROUP Team"}, foreign...), own...), grantLines(s)); diff != "" {
		t.Errorf("leaving (-want +got):\n%s", diff)
	}
	if id := s.Groups[s.GroupIndex("Team")].ID; !s.Observed.Uses[id] {
		t.Error("the uses of the group were not read")
	}
	before := centertest.Calls(e, identitycenter.SSOAdmin)
	s = read(t, reader(t, e, centertest.DelegatedKey), o)
	if len(s.Observed.Uses) > 0 || centertest.Calls(e, identitycenter.SSOAdmin)-before > 40 {
		t.Errorf("a delegated administrator read %v in %d calls", s.Observed.Uses, centertest.Calls(e, identitycenter.SSOAdmin)-before)
	}
}

// What was remembered from an earlier read never makes a read complete.
func TestAMemoryIsNotComplete(t *testing.T) {
	w := centertest.NewWorld("platform", 2)
	w.Group("Developers", 2)
	e := centertest.Start(t, emulator.Options{Estate: w.Estate})
	o := Options{Desired: w.B.State(), Owner: "platform"}
	if fresh := read(t, reader(t, e, emulator.ManagementKey), o); !fresh.Observed.Complete {
		t.Fatalf("a read without memory: %+v, so this shows nothing", fresh.Observed)
	}
	c := remembering(t, e)
	for range 2 {
		if s := read(t, c, o); s.Observed.Complete || len(s.Observed.CannotSee) == 0 {
			t.Errorf("observed %+v", s.Observed)
		}
	}
}
