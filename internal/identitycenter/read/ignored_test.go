package read

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/rolecall-dev/rolecall/emulator"
	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/identitycenter/centertest"
	"github.com/rolecall-dev/rolecall/internal/identitycenter/lease"
)

// Where patterns may match somebody, everybody is seen who has a set that is
// written or provisioned in any way: they must be left as they are. Who has one
// that is outdated is seen in any case: what they get, or lose, is not known.
func TestIgnoredHoldersAreSeen(t *testing.T) {
	for what, edit := range map[string]func(*emulator.Estate, *access.State){
		"described otherwise": func(_ *emulator.Estate, s *access.State) { s.Sets[0].Description = "other" },
		"opened elsewhere":    func(_ *emulator.Estate, s *access.State) { s.Sets[0].RelayState = "https://example.com" },
		"outdated":            func(e *emulator.Estate, _ *access.State) { e.PermissionSets[0].OutdatedIn = []string{"account-003"} },
		"nothing":             func(*emulator.Estate, *access.State) {},
	} {
		for _, ignore := range [][]string{{"user:user-3"}, nil} {
			w := centertest.NewWorld("platform", 90)
			for i := range 8 {
				w.Group(fmt.Sprintf("group-%d", i), 90)
			}
			for i := range 1000 { // too many to be asked
				w.Estate.Users = append(w.Estate.Users, emulator.EstateUser{UserName: fmt.Sprintf("user-%d", i)})
			}
			w.Assign("group-0", emulator.EstateAssignment{User: "user-3"}, "account-001")
			desired := w.B.State()
			edit(w.Estate, &desired)
			e := centertest.Start(t, emulator.Options{Estate: w.Estate})
			c := reader(t, e, emulator.ManagementKey)
			writeRecords(t, e, c, &desired)
			s := read(t, c, Options{Desired: desired, Owner: "platform", Ignore: ignore})
			seen := slices.Contains(grantLines(s), "grant group-0 200000000001 USER user-3")
			if want := what == "outdated" || ignore != nil && what != "nothing"; seen != want || s.Observed.Complete {
				t.Errorf("%s, ignore %v: seen %t, want %t; %+v", what, ignore, seen, want, s.Observed)
			}
			// No set's name matches, so nothing is left out because of a pattern.
			if slices.ContainsFunc(s.Observed.CannotSee, func(t string) bool { return strings.Contains(t, "ignore pattern") }) {
				t.Errorf("%s, ignore %v: %q", what, ignore, s.Observed.CannotSee)
			}
		}
	}
}

// The lock that this very client holds is no set to its reads.
func TestTheOwnLockIsNoSet(t *testing.T) {
	e := centertest.Start(t, emulator.Options{Estate: centertest.NewWorld("platform", 1).Estate})
	c := centertest.Client(t, e, emulator.ManagementKey)
	l, err := lease.Take(t.Context(), c, lease.Options{Owner: "platform", Holder: "jane"})
	if err != nil {
		t.Fatal(err)
	}
	before := e.Stats().Calls["sso-admin.ListManagedPoliciesInPermissionSet"]
	if s := read(t, New(c), Options{Owner: "platform"}); len(s.Sets) != 0 || s.Observed.OtherSets != 0 || !s.Observed.Complete {
		t.Errorf("sets %v, observed %+v: a lock is no set", s.Sets, s.Observed)
	}
	if n := e.Stats().Calls["sso-admin.ListManagedPoliciesInPermissionSet"] - before; n != 0 {
		t.Errorf("%d calls to look at what this client made a moment ago", n)
	}
	if err := l.Release(t.Context()); err != nil {
		t.Fatal(err)
	}
}
