package write

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/rolecall-dev/rolecall/emulator"
	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/apply"
	"github.com/rolecall-dev/rolecall/internal/identitycenter"
	"github.com/rolecall-dev/rolecall/internal/identitycenter/centertest"
	"github.com/rolecall-dev/rolecall/internal/identitycenter/read"
	"github.com/rolecall-dev/rolecall/internal/plan"
)

func groupSpec(name, description, session, policy string, members, accounts []string) access.GroupSpec {
	return access.GroupSpec{
		Name: word(name), Description: word(description), SessionDuration: word(session), AWSManagedPolicies: words([]string{"arn:aws:iam::aws:policy/" + policy}),
		AccountsNames: words(accounts), Members: words(members), PermissionsBoundary: word("edge"),
	}
}

func userSpec(email, display string) access.UserSpec {
	return access.UserSpec{Email: word(email), DisplayName: word(display), GivenName: word("G"), FamilyName: word("F")}
}

// Between these two configs is a change of nearly every kind.
func configBefore() access.Config {
	return access.Config{
		Users: access.List[access.UserSpec]{Items: []access.UserSpec{userSpec("ann@x.com", "Ann"), userSpec("bob@x.com", "Bob")}},
		AccessGroups: access.List[access.GroupSpec]{Items: []access.GroupSpec{
			groupSpec("Alpha", "a", "PT1H", "ReadOnlyAccess", []string{"ann@x.com", "bob@x.com"}, []string{"account-000", "account-001"}),
			groupSpec("Beta", "b", "PT1H", "ReadOnlyAccess", []string{"bob@x.com"}, []string{"account-000"}),
		}},
	}
}

func configAfter() access.Config {
	return access.Config{
		Users:        access.List[access.UserSpec]{Items: []access.UserSpec{userSpec("ann@x.com", "Anna"), userSpec("cat@x.com", "Cat")}},
		RemovedUsers: words([]string{"bob@x.com"}),
		AccessGroups: access.List[access.GroupSpec]{Items: []access.GroupSpec{
			groupSpec("Alpha", "other", "PT2H", "PowerUserAccess", []string{"ann@x.com", "cat@x.com"}, []string{"account-001", "account-002"}),
			groupSpec("Gamma", "c", "PT1H", "ReadOnlyAccess", []string{"cat@x.com"}, []string{"account-000"}),
		}},
	}
}

// attempt is one run of the program: connect, read, plan, apply. It ends early
// where the process is killed, which is what faults make of it.
func attempt(t *testing.T, e *emulator.Emulator, config access.Config, patience time.Duration) (left int, err error) {
	t.Helper()
	c, err := identitycenter.Connect(t.Context(), centertest.OptionsFor(e.Transport(), emulator.ManagementKey))
	if err != nil {
		return 0, err
	}
	desired := access.Desired(config, "platform")
	live, _, err := read.New(c).Read(t.Context(), read.Options{Desired: desired, Owner: "platform"})
	if err != nil {
		return 0, err
	}
	p := plan.Diff(&desired, &live, plan.Options{Owner: "platform", SetUp: config.SetUp(), Guards: allowAll})
	if p.Findings.HasErrors() || len(p.Blocked) > 0 {
		t.Fatalf("findings %v, blocked %v", p.Findings, p.Blocked)
	}
	result, err := apply.New(New(c, Options{Owner: "platform", Live: &live, Changes: p.Changes}), apply.Options{Deadline: patience, JobDeadline: 10 * time.Second, Grace: time.Second}).Run(t.Context(), p.Changes)
	if err != nil {
		return 0, err
	}
	if !result.Complete() {
		return 0, fmt.Errorf("failed %+v", result.Failed)
	}
	return len(p.Changes), nil
}

func killedEstate(t *testing.T) *emulator.Emulator {
	t.Helper()
	w := centertest.NewWorld("platform", 3)
	for i := range w.Estate.Accounts {
		w.Estate.Accounts[i].CustomerManagedPolicies = []string{"edge"}
	}
	e := centertest.Start(t, emulator.Options{Estate: w.Estate})
	if _, err := attempt(t, e, configBefore(), time.Second); err != nil {
		t.Fatal(err)
	}
	return e
}

// A run that is killed at any of its calls, before the call had its effect or
// after, is made good by the next one: the same state as undisturbed.
func TestKilledAnywhereConverges(t *testing.T) {
	centertest.CleanEnvironment(t)
	synctest.Test(t, func(t *testing.T) {
		calm := killedEstate(t)
		before := calm.Stats().Total
		if _, err := attempt(t, calm, configAfter(), time.Second); err != nil {
			t.Fatal(err)
		}
		total, want := calm.Stats().Total-before, calm.State()
		for _, kind := range []emulator.FaultKind{emulator.LoseRequest, emulator.LoseAnswer} {
			for n := 1; n <= total; n++ {
				e := killedEstate(t)
				if err := e.SetFaults(emulator.Fault{Kind: kind, Call: n, ThenDie: true}); err != nil {
					t.Fatal(err)
				}
				_, err := attempt(t, e, configAfter(), time.Second)
				// Looks are shared, so that one run may take a call or two less than another.
				if err == nil && n < total-3 {
					t.Errorf("%s at call %d of %d: nothing failed", kind, n, total)
				}
				e.ClearFaults()
				if _, err := attempt(t, e, configAfter(), time.Second); err != nil {
					t.Fatalf("%s at call %d, the run after it: %v", kind, n, err)
				}
				ids := cmpopts.IgnoreFields
				record := cmpopts.IgnoreMapEntries(func(key, _ string) bool {
					return strings.HasPrefix(key, "rolecall:record") || strings.HasPrefix(key, "rolecall:principals")
				}) // have the ARN and ids in them
				if diff := cmp.Diff(want, e.State(), record, ids(emulator.StateUser{}, "ID"), ids(emulator.StateGroup{}, "ID"), ids(emulator.StateMembership{}, "ID"),
					ids(emulator.StatePermissionSet{}, "ARN"), ids(emulator.StateAssignment{}, "PrincipalID"), ids(emulator.StateRole{}, "Name", "ARN", "Suffix")); diff != "" {
					t.Errorf("%s at call %d (-undisturbed +killed):\n%s", kind, n, diff)
				}
			}
		}
		t.Logf("killed at each of %d calls, twice", total)
	})
}

// What AWS shows late is waited for: an apply and the next one go through, and
// no role is left with an old version of its set.
func TestLateVisibility(t *testing.T) {
	centertest.CleanEnvironment(t)
	synctest.Test(t, func(t *testing.T) {
		w := centertest.NewWorld("platform", 3)
		for i := range w.Estate.Accounts {
			w.Estate.Accounts[i].CustomerManagedPolicies = []string{"edge"}
		}
		e := centertest.Start(t, emulator.Options{Estate: w.Estate, VisibilityDelay: 2 * time.Second})
		for _, config := range []access.Config{configBefore(), configAfter()} {
			if _, err := attempt(t, e, config, time.Minute); err != nil {
				t.Fatal(err)
			}
			time.Sleep(10 * time.Second)
			for _, r := range e.State().Instances[0].Roles {
				if !r.Latest {
					t.Errorf("the role of %s in %s was left with an old version", r.PermissionSet, r.Account)
				}
			}
			if left, err := attempt(t, e, config, time.Minute); err != nil || left != 0 {
				t.Errorf("%d changes were left, %v", left, err)
			}
		}
	})
}
