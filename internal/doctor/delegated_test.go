package doctor_test

import (
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/rolecall-dev/rolecall/emulator"
	"github.com/rolecall-dev/rolecall/emulator/idp"
	"github.com/rolecall-dev/rolecall/internal/doctor"
)

// A delegated administrator is not told what a principal holds. With an account
// everything is found all the same; without, nothing is said that was not seen.
func TestDelegatedAdministrator(t *testing.T) {
	none := func(e *emulator.Estate) { e.Assignments = nil }
	for _, s := range []struct {
		name, account string
		estate        func(*emulator.Estate)
		act           func(*world)
		causes        []string
		cannotTell    string
		most          int // calls to ListAccountAssignments
	}{
		{name: "healthy", account: production, most: 1},
		{name: "not applied", account: production, estate: none, causes: []string{"not-applied"}},
		{name: "recreated", account: production, act: func(w *world) { w.recreate() }, causes: []string{"group-recreated"}, most: 1},
		{name: "failed", account: production, estate: none, act: func(w *world) { w.assign("AWS said no") }, causes: []string{"assignment-failed"}},
		{name: "outdated", account: production, estate: func(e *emulator.Estate) { e.PermissionSets[0].OutdatedIn = []string{"production"} }, causes: []string{"set-outdated"}, most: 1},
		{name: "another group gives it", account: production, most: 3, estate: func(e *emulator.Estate) {
			e.Groups[0].Members = nil
			e.Groups = append(e.Groups, emulator.EstateGroup{DisplayName: "Others", Members: []string{jane}})
			for _, name := range []string{"One", "Two"} {
				e.PermissionSets = append(e.PermissionSets, emulator.EstatePermissionSet{Name: name})
				e.Assignments = append(e.Assignments, emulator.EstateAssignment{PermissionSet: name, Accounts: []string{"production"}, Group: "Others"})
			}
		}},
		{name: "any account", cannotTell: "credentials of the management account, which alone is told what a group holds, or --account"},
		{name: "any account, not applied", estate: none, cannotTell: "--account"},
	} {
		for _, warm := range []bool{true, false} {
			t.Run(s.name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					w := newWorld(t, idp.Okta, s.estate)
					if s.act != nil {
						s.act(w)
					}
					w.key, w.warm = emulator.DelegatedKey, warm
					before := w.aws.Stats().Calls
					r := w.diagnose(doctor.Person, jane, s.account, w.connectorUnless(s.most > 1))
					after := w.aws.Stats().Calls
					if got := causes(r); !slices.Equal(got, s.causes) {
						t.Errorf("it names %v, want %v: %q", got, s.causes, r.Answer)
					}
					if !strings.Contains(needs(r, "not-applied"), s.cannotTell) || s.cannotTell == "" && needs(r, "not-applied") != "" {
						t.Errorf("cannot tell: %q, want %q", needs(r, "not-applied"), s.cannotTell)
					}
					const pair, principal = "sso-admin.ListAccountAssignments", "sso-admin.ListAccountAssignmentsForPrincipal"
					if n := after[pair] - before[pair]; n > max(1, s.most) {
						t.Errorf("%d calls of ListAccountAssignments, want %d", n, s.most)
					}
					if after[principal] != before[principal] {
						t.Error("it asks what AWS does not tell a delegated administrator")
					}
				})
			})
		}
	}
}

// A caller whose account cannot be told is refused once, and not asked again.
func TestRefusalIsRemembered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const key = "AKIAEMULATORNOFORPR0"
		w := newWorld(t, idp.Okta, func(e *emulator.Estate) {
			e.Callers = append(e.Callers, emulator.EstateCaller{AccessKey: key, Account: "management", Denied: []string{"sso:ListAccountAssignmentsForPrincipal"}})
			e.Groups[0].Members = nil
			e.Groups = append(e.Groups, emulator.EstateGroup{DisplayName: "Others", Members: []string{jane}})
		})
		w.key = key
		before := w.aws.Stats().Calls["sso-admin.ListAccountAssignmentsForPrincipal"]
		w.diagnose(doctor.Person, jane, production, nil)
		if n := w.aws.Stats().Calls["sso-admin.ListAccountAssignmentsForPrincipal"] - before; n != 1 {
			t.Errorf("it was asked %d times", n)
		}
	})
}
