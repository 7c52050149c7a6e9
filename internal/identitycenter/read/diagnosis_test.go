package read

import (
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rolecall-dev/rolecall/emulator"
	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/identitycenter"
	"github.com/rolecall-dev/rolecall/internal/identitycenter/centertest"
	"github.com/rolecall-dev/rolecall/internal/setcache"
)

// crowded is an estate with a group of so many members, which holds three sets.
func crowded(members int) *emulator.Estate {
	e := emulator.DefaultEstate()
	e.Users, e.Groups, e.PermissionSets, e.Assignments = nil, nil, nil, nil
	var names []string
	for i := range members {
		names = append(names, fmt.Sprintf("person-%03d", i))
		e.Users = append(e.Users, emulator.EstateUser{UserName: names[i]})
	}
	e.Groups = []emulator.EstateGroup{{DisplayName: "Crowd", Members: names}, {DisplayName: "Nobody"}}
	for _, set := range []string{"One", "Two", "Three"} {
		e.PermissionSets = append(e.PermissionSets, emulator.EstatePermissionSet{Name: set})
		e.Assignments = append(e.Assignments, emulator.EstateAssignment{PermissionSet: set, Accounts: []string{"production"}, Group: "Crowd"})
	}
	return e
}

// during returns the calls of an operation while something is done.
func during(e *emulator.Emulator, operation string, do func()) int {
	before := e.Stats().Calls[operation]
	do()
	return e.Stats().Calls[operation] - before
}

func TestMembersOfManyAreListed(t *testing.T) {
	for members, want := range map[int][2]int{3: {3, 0}, 8: {8, 0}, 20: {0, 1}, 150: {0, 2}} {
		e := centertest.Start(t, emulator.Options{Estate: crowded(members)})
		d := reader(t, e, emulator.ManagementKey).Diagnosis()
		g, _, _, err := d.GroupByName(t.Context(), "Crowd")
		if err != nil {
			t.Fatal(err)
		}
		for range 2 { // the second time the names are known
			described := 0
			listed := during(e, "identitystore.ListUsers", func() {
				described = during(e, "identitystore.DescribeUser", func() {
					names, _, err := d.MembersOf(t.Context(), g.ID)
					if err != nil || len(names) != members {
						t.Errorf("%d members, %v; want %d", len(names), err, members)
					}
				})
			})
			if got := [2]int{described, listed}; got != want {
				t.Errorf("%d members: %d described and %d pages, want %v", members, described, listed, want)
			}
			want = [2]int{}
		}
	}
}

// What is learned of names once is known the next time.
func TestNamesLearnedAreSaved(t *testing.T) {
	e := centertest.Start(t, emulator.Options{Estate: crowded(1)})
	o := centertest.OptionsFor(e.Transport(), emulator.ManagementKey)
	o.Cache = setcache.Folder{Dir: t.TempDir()}
	for _, want := range []int{3, 0} {
		c := New(centertest.Connect(t, o))
		d := c.Diagnosis()
		described := during(e, "sso-admin.DescribePermissionSet", func() {
			g, _, _, err := d.GroupByName(t.Context(), "Crowd")
			if err != nil {
				t.Fatal(err)
			}
			held, _, err := d.AssignmentsOf(t.Context(), access.GroupPrincipal, g.ID, "")
			if err != nil || len(held) != 3 || held[0].Set == "" {
				t.Errorf("it holds %+v, %v", held, err)
			}
		})
		d.SaveNames()
		if described != want {
			t.Errorf("%d sets were described, want %d", described, want)
		}
	}
}

// A delegated administrator finds the same in an account as the management
// account does, and reads each set once for everybody.
func TestHoldsOfDelegatedAdministrator(t *testing.T) {
	e := centertest.Start(t, emulator.Options{Estate: crowded(1)})
	const production = "444455556666"
	var told [2][]access.AssignedSet
	for i, key := range []string{emulator.ManagementKey, emulator.DelegatedKey} {
		d := reader(t, e, key).Diagnosis()
		read := during(e, "sso-admin.ListAccountAssignments", func() {
			for _, name := range []string{"Nobody", "Crowd"} {
				g, _, _, err := d.GroupByName(t.Context(), name)
				if err != nil {
					t.Fatal(err)
				}
				if told[i], _, err = d.AssignmentsOf(t.Context(), access.GroupPrincipal, g.ID, production); err != nil {
					t.Fatal(err)
				}
				if name == "Nobody" && len(told[i]) > 0 {
					t.Errorf("a group without anything holds %v", told[i])
				}
			}
		})
		if want := 3 * i; read != want {
			t.Errorf("%s: %d calls, want %d", key, read, want)
		}
	}
	byName := cmp.Transformer("sorted", func(list []access.AssignedSet) map[string]access.AssignedSet {
		out := map[string]access.AssignedSet{}
		for _, a := range list {
			out[a.Set] = a
		}
		return out
	})
	if diff := cmp.Diff(told[0], told[1], byName); diff != "" || len(told[0]) != 3 {
		t.Errorf("(-management +delegated):\n%s", diff)
	}
	d := reader(t, e, emulator.DelegatedKey).Diagnosis()
	_, _, err := d.AssignmentsOf(t.Context(), access.GroupPrincipal, "g", "")
	var needs interface{ Needs() string }
	if !errors.As(err, &needs) || needs.Needs() == "" {
		t.Errorf("in all accounts: %v", err)
	}
}

// Where the sets that somebody holds cannot be named, nothing is said of them.
func TestHeldSetsWithoutNames(t *testing.T) {
	estate := crowded(1)
	const key = "AKIDNONAMES"
	estate.Callers = append(estate.Callers, emulator.EstateCaller{AccessKey: key, Account: "management", Denied: []string{"sso:DescribePermissionSet"}})
	e := centertest.Start(t, emulator.Options{Estate: estate})
	d := reader(t, e, key).Diagnosis()
	g, _, _, err := d.GroupByName(t.Context(), "Crowd")
	if err != nil {
		t.Fatal(err)
	}
	if held, _, err := d.AssignmentsOf(t.Context(), access.GroupPrincipal, g.ID, ""); !identitycenter.IsAccessDenied(err) {
		t.Errorf("%d held, %v", len(held), err)
	}
}
