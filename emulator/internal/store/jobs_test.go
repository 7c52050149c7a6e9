package store

import (
	"testing"
	"time"
)

var noon = time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)

// setUp makes a store with an organization of two accounts, a group and a set.
func setUp(t *testing.T, s Settings) (*Store, *Instance, Target) {
	t.Helper()
	st := New(s)
	stamp := Stamp{At: noon, By: "test"}
	o, err := st.CreateOrganization(stamp, "", "", Account{Name: "management"})
	if err != nil {
		t.Fatal(err)
	}
	account, err := o.AddAccount(stamp, Account{Name: "development"})
	if err != nil {
		t.Fatal(err)
	}
	i, err := st.CreateInstance(stamp, NewInstance{Owner: o.Management.ID})
	if err != nil {
		t.Fatal(err)
	}
	g, err := i.Directory.CreateGroup(stamp, Group{DisplayName: "team"})
	if err != nil {
		t.Fatal(err)
	}
	p, err := i.CreatePermissionSet(stamp, PermissionSet{Name: "Developers", SessionDuration: "PT1H"})
	if err != nil {
		t.Fatal(err)
	}
	return st, i, Target{Account: account, Set: p, PrincipalType: "GROUP", PrincipalID: g.ID}
}

// person makes a user and returns the id.
func person(t *testing.T, i *Instance) string {
	t.Helper()
	u, err := i.Directory.CreateUser(Stamp{At: noon, By: "test"}, User{Profile: Profile{UserName: "jane", DisplayName: "Jane", Name: Name{GivenName: "J", FamilyName: "D"}}})
	if err != nil {
		t.Fatal(err)
	}
	return u.ID
}

func seconds(n int) func(uint64) time.Duration {
	return func(uint64) time.Duration { return time.Duration(n) * time.Second }
}

func TestJobsEndInOrderAtTheirOwnTime(t *testing.T) {
	s, i, target := setUp(t, Settings{Latency: seconds(3), SerialAccounts: true})
	first, err := i.CreateAssignment(Stamp{At: noon}, target)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := i.CreateAssignment(Stamp{At: noon.Add(time.Second)}, target); err == nil {
		t.Error("a second job of the same assignment was taken")
	}
	other := target
	other.PrincipalID = person(t, i)
	other.PrincipalType = "USER"
	second, err := i.CreateAssignment(Stamp{At: noon.Add(time.Second)}, other)
	if err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct {
		after       time.Duration
		one, two    string
		outstanding int
	}{
		{2999 * time.Millisecond, InProgress, InProgress, 2},
		{3 * time.Second, Succeeded, InProgress, 1},
		{5999 * time.Millisecond, Succeeded, InProgress, 1}, // it began when the first had ended
		{6 * time.Second, Succeeded, Succeeded, 0},
	} {
		s.Advance(noon.Add(step.after))
		if first.Status != step.one || second.Status != step.two || s.Outstanding().Assignments != step.outstanding {
			t.Errorf("after %v: %s, %s, %d outstanding", step.after, first.Status, second.Status, s.Outstanding().Assignments)
		}
	}
	if _, _, n := i.Counts(); n != 2 {
		t.Errorf("assignments = %d, want 2", n)
	}
}

// TestPrincipalThatGoesWhileTheJobRuns gets nothing.
func TestPrincipalThatGoesWhileTheJobRuns(t *testing.T) {
	s, i, target := setUp(t, Settings{Latency: seconds(3)})
	j, err := i.CreateAssignment(Stamp{At: noon}, target)
	if err != nil {
		t.Fatal(err)
	}
	if err := i.Directory.DeleteGroup(Stamp{At: noon}, target.PrincipalID); err != nil {
		t.Fatal(err)
	}
	s.Advance(noon.Add(time.Hour))
	if _, provisions, n := i.Counts(); j.Status != Failed || n != 0 || provisions != 0 {
		t.Errorf("job = %s %s, %d assignments, %d roles", j.Status, j.FailureReason, n, provisions)
	}
}

func TestSetWithAJobCannotGo(t *testing.T) {
	s, i, target := setUp(t, Settings{Latency: seconds(3)})
	if _, err := i.CreateAssignment(Stamp{At: noon}, target); err != nil {
		t.Fatal(err)
	}
	if err := i.DeletePermissionSet(target.Set); err == nil {
		t.Error("the set of a running job was deleted")
	}
	s.Advance(noon.Add(time.Hour))
	if _, err := i.DeleteAssignment(Stamp{At: noon.Add(time.Hour)}, target); err != nil {
		t.Fatal(err)
	}
	s.Advance(noon.Add(2 * time.Hour))
	if err := i.DeletePermissionSet(target.Set); err != nil {
		t.Error(err)
	}
}

func TestSuspendedAccountHangsAndFails(t *testing.T) {
	s, i, target := setUp(t, Settings{Latency: seconds(3)})
	target.Account.State = Suspended
	j, err := i.CreateAssignment(Stamp{At: noon}, target)
	if err != nil {
		t.Fatal(err)
	}
	s.Advance(noon.Add(29 * time.Second))
	if j.Status != InProgress {
		t.Errorf("after 29 s: %s", j.Status)
	}
	s.Advance(noon.Add(30 * time.Second))
	if j.Status != Failed || j.FailureReason == "" {
		t.Errorf("after 30 s: %s %q", j.Status, j.FailureReason)
	}
}

func TestStatesOfJobsAreForgottenInTheEnd(t *testing.T) {
	s, i, target := setUp(t, Settings{})
	first, err := i.CreateAssignment(Stamp{At: noon}, target)
	if err != nil {
		t.Fatal(err)
	}
	for range keptJobs {
		s.Advance(noon)
		if _, err := i.CreateAssignment(Stamp{At: noon}, target); err != nil {
			t.Fatal(err)
		}
	}
	if _, ok := i.Creations().Find(first.RequestID); ok {
		t.Errorf("the state of the first of %d jobs is still there", keptJobs+1)
	}
	if got := len(i.Creations().List("", 0, 1<<30).Items); got != keptJobs {
		t.Errorf("states = %d, want %d", got, keptJobs)
	}
}

func TestOrphansGoAlongWhereTheSettingsSaySo(t *testing.T) {
	_, i, target := setUp(t, Settings{RemoveOrphans: true})
	i.Assign(target.Account, target.Set, target.PrincipalType, target.PrincipalID)
	if err := i.Directory.DeleteGroup(Stamp{At: noon}, target.PrincipalID); err != nil {
		t.Fatal(err)
	}
	if _, provisions, n := i.Counts(); n != 0 || provisions != 0 {
		t.Errorf("%d assignments, %d roles; want none", n, provisions)
	}
}

func TestQuotas(t *testing.T) {
	_, i, target := setUp(t, Settings{Quotas: Quotas{PermissionSets: 1, Groups: 1, PoliciesPerSet: 1, TagsPerResource: 1, SetsPerAccount: 1}})
	stamp := Stamp{At: noon}
	if err := target.Set.AttachManaged("arn:a", "a"); err != nil {
		t.Fatal(err)
	}
	_, set := i.CreatePermissionSet(stamp, PermissionSet{Name: "Second"})
	_, group := i.Directory.CreateGroup(stamp, Group{DisplayName: "second"})
	for what, err := range map[string]error{
		"set": set, "group": group, "policy": target.Set.AttachCustomer("b", "/"), "tags": i.store.CheckTags(Tags{{"a", ""}, {"b", ""}}),
	} {
		refusal, ok := err.(*Error)
		if !ok || refusal.Kind != OverQuota {
			t.Errorf("%s beyond its quota: %v", what, err)
		}
	}
}
