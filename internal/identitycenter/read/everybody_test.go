package read

import (
	"fmt"
	"testing"

	"github.com/rolecall-dev/rolecall/emulator"
	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/identitycenter/centertest"
)

// withStrangers is a world of groups with access in so many accounts, of each of whose
// permission sets a user has it besides in one of them; and so many users.
func withStrangers(groups, accounts, users int) *centertest.World {
	w := centertest.NewWorld("platform", accounts)
	for i := range users {
		name := fmt.Sprintf("user-%04d", i)
		w.Estate.Users = append(w.Estate.Users, emulator.EstateUser{UserName: name, DisplayName: name, GivenName: "G", FamilyName: "F", Email: name + "@company.com"})
	}
	for i := range groups {
		name := fmt.Sprintf("group-%02d", i)
		w.Group(name, accounts)
		w.Estate.Assignments = append(w.Estate.Assignments, emulator.EstateAssignment{PermissionSet: name, User: fmt.Sprintf("user-%04d", i%users), Accounts: []string{w.Estate.Accounts[len(w.Estate.Accounts)-1].Name}})
	}
	return w
}

// askedWho counts the calls that ask who has what.
func askedWho(e *emulator.Emulator) int {
	return centertest.Calls(e, "sso-admin.ListAccountAssignments")
}

// Reads of one group after the other see everybody alive who has its permission set, and
// cost no more than twice the cheaper of all pairs and everybody in the store; where both
// are dear, they say what they did not see.
func TestEverybodyIsAskedOnce(t *testing.T) {
	for _, c := range []struct {
		groups, accounts, users int
		sees                    int // the strangers, of all groups
		most                    int
	}{
		{20, 20, 10, 20, 2*30 + 20},    // everybody, after a few pairs; and each group once
		{3, 5, 40, 3, 3 * 6},           // pairs
		{10, 100, 3000, 2, 200 + 3*10}, // neither is cheap for all: two groups' pairs
	} {
		t.Run(fmt.Sprintf("%d groups, %d accounts, %d users", c.groups, c.accounts, c.users), func(t *testing.T) {
			w := withStrangers(c.groups, c.accounts, c.users)
			desired := w.B.State()
			e := centertest.Start(t, emulator.Options{Estate: w.Estate})
			r := remembering(t, e)
			before, seen := askedWho(e), 0
			for i := range c.groups {
				name := fmt.Sprintf("group-%02d", i)
				live := read(t, r, Options{Desired: desired, Owner: "platform", Only: []string{name}, NoRecords: true, Sets: []string{name}, Alive: true})
				set := live.SetIndex(name)
				there := 0
				for _, g := range live.SetAssignments(set) {
					if g.Kind == access.UserPrincipal {
						there++
					}
				}
				if all := live.Observed.SetPrincipals[live.Sets[set].ARN]; all != (there == 1) {
					t.Errorf("%s: %d of 1 strangers seen, and it says that everybody was: %t", name, there, all)
				}
				seen += there
			}
			if made := askedWho(e) - before; made > c.most {
				t.Errorf("%d calls, want at most %d", made, c.most)
			}
			if seen != c.sees {
				t.Errorf("%d strangers seen, want %d", seen, c.sees)
			}
		})
	}
}

// A permission set that is somebody else's is seen whole whatever it costs, and so is each
// where that is asked for.
func TestEverybodyAtAnyCost(t *testing.T) {
	w := withStrangers(4, 100, 3000)
	for i := range w.Estate.PermissionSets {
		if w.Estate.PermissionSets[i].Name == "group-00" {
			w.Estate.PermissionSets[i].Tags = nil
		}
	}
	desired := w.B.State()
	e := centertest.Start(t, emulator.Options{Estate: w.Estate})
	for name, whole := range map[string]bool{"group-00": false, "group-01": true, "group-02": true, "group-03": true} {
		r := remembering(t, e)
		r.kept.memory.whole = 1 << 20 // nothing is cheap any more
		live := read(t, r, Options{Desired: desired, Owner: "platform", Only: []string{name}, NoRecords: true, Sets: []string{name}, Alive: true, Whole: whole})
		if set := live.SetIndex(name); !live.Observed.SetPrincipals[live.Sets[set].ARN] {
			t.Errorf("%s was not seen whole", name)
		}
	}
}

// What has changed is asked again.
func TestHoldersAreForgotten(t *testing.T) {
	w := withStrangers(20, 20, 10)
	desired := w.B.State()
	e := centertest.Start(t, emulator.Options{Estate: w.Estate})
	r := remembering(t, e)
	grants := func(i int) int {
		name := fmt.Sprintf("group-%02d", i)
		live := read(t, r, Options{Desired: desired, Owner: "platform", Only: []string{name}, NoRecords: true, Sets: []string{name}, Alive: true})
		return len(live.SetAssignments(live.SetIndex(name)))
	}
	for i := range 20 {
		grants(i)
	}
	state := e.State().Instances[0]
	var first access.AssignmentID
	for _, a := range state.Assignments {
		if a.PermissionSet == "group-07" && a.PrincipalType == "USER" {
			first = access.AssignmentID{SetInAccount: access.SetInAccount{Account: a.Account}, Kind: access.UserPrincipal, Principal: a.PrincipalID}
		}
	}
	before := grants(7)
	first.SetARN = centertest.Set(e, "group-07").ARN
	c := centertest.Client(t, e, emulator.ManagementKey)
	if _, err := c.DeleteAccountAssignment(t.Context(), first); err != nil {
		t.Fatal(err)
	}
	r.ForgetAssignments(first.Principal)
	if after := grants(7); after != before-1 {
		t.Errorf("%d assignments, %d before", after, before)
	}
}

// Who has an e-mail address that the config gives to somebody else is known where only one
// group is read, too, and in a store too large to list for that: AWS gives each to one.
func TestWhoHasAnAddressIsKnown(t *testing.T) {
	const users = 1000
	for name, wanted := range map[string]access.User{
		"given to somebody else":  {Username: "user-0000", Email: "user-0900@company.com"},
		"given to somebody new":   {Username: "new", Email: "User-0900@company.com"},
		"in other case elsewhere": {Username: "user-0000", Email: "USER-0900@company.com"},
	} {
		t.Run(name, func(t *testing.T) {
			w := withStrangers(1, 1, users)
			wanted.DisplayName, wanted.GivenName, wanted.FamilyName = "N", "N", "N"
			w.B.AddMembership(0, w.B.AddUser(wanted), 0)
			e := centertest.Start(t, emulator.Options{Estate: w.Estate})
			only := []string{"group-00"}
			s := read(t, reader(t, e, emulator.ManagementKey), Options{Desired: w.B.State(), Owner: "platform", Only: only})
			if s.UserIndex("user-0900") < 0 {
				t.Errorf("nobody is known to have it; known are %v", centertest.UserLines(s))
			}
			if n := e.Stats().Calls["identitystore.ListUsers"]; n > 1 {
				t.Errorf("%d pages of users were listed", n)
			}
		})
	}
}
