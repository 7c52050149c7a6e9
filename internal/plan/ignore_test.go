package plan_test

import (
	"testing"

	"github.com/rolecall-dev/rolecall/internal/access"
	. "github.com/rolecall-dev/rolecall/internal/plan"
)

// What an ignore pattern hides is not written, whatever it is: the searcher knew
// patterns for sets and groups only, and users were renamed and deleted.
func TestIgnoredUsersAreNotWritten(t *testing.T) {
	live := newWorld().account("dev").group("Team", "me").user("jane").user("gone").set("Team", "me").assign("Team", "dev", "Team").member("Team", "gone").state()
	want := access.Desired(access.Config{RemovedUsers: texts("gone"), AccessGroups: access.List[access.GroupSpec]{Items: []access.GroupSpec{spec("Team", "dev")}},
		Users: access.List[access.UserSpec]{Items: []access.UserSpec{{Username: text("jane"), DisplayName: text("Jane"), Groups: texts("Team")}}}}, "me")
	o := options(access.BuiltIn)
	o.Ignore = []string{"user:jane", "user:gone"}
	p := Diff(&want, &live, o)
	if len(ids(p)) > 0 || p.Hidden == nil || p.Hidden.Users != 2 || p.Hidden.Changes == 0 {
		t.Errorf("changes %v, hidden %+v", ids(p), p.Hidden)
	}
}

// Where AWS is as the config says, no change is hidden.
func TestNothingIsHiddenOfWhatIsAsConfigured(t *testing.T) {
	live := newWorld().account("dev").group("Team", "me").set("Team", "me").assign("Team", "dev", "Team").state()
	want := internal(nil, spec("Team", "dev"))
	for _, pattern := range []string{"set:Team", "group:Team", "account:dev"} {
		o := options(access.BuiltIn)
		o.Ignore = []string{pattern}
		if p := Diff(&want, &live, o); p.Hidden == nil || p.Hidden.Changes != 0 || len(ids(p)) > 0 {
			t.Errorf("%s: changes %v, hidden %+v", pattern, ids(p), p.Hidden)
		}
	}
}

// Nobody joins a group that holds a set which our mark and a lock's keep as it
// is, where that is not what the config says.
func TestNobodyJoinsASetThatIsNotTouched(t *testing.T) {
	locked := func(p *access.PermissionSet) {
		p.Tags = append(p.Tags, access.Tag{Key: access.LockTag, Value: "me"})
		p.ManagedPolicies = []string{"arn:aws:iam::aws:policy/PowerUserAccess"}
	}
	live := newWorld().account("dev").group("Team", "me").user("jane").set("Team", "me", locked).assign("Team", "dev", "Team").state()
	want := internal([]access.UserSpec{{Username: text("jane"), DisplayName: text("jane"), Groups: texts("Team")}}, spec("Team", "dev"))
	for _, c := range Diff(&want, &live, options(access.BuiltIn)).Changes {
		if c.Kind == Membership {
			t.Errorf("%s, though the group has what the config does not say", c.ID)
		}
	}
}

// Two sets that swap groups in an account keep their roles: each last
// assignment goes after the one that comes.
func TestSwappedSetsKeepTheirRoles(t *testing.T) {
	live := newWorld().account("dev").group("G", "").group("H", "").set("A", "me").set("B", "me").assign("A", "dev", "G").assign("B", "dev", "H").state()
	on := func(s access.GroupSpec, set string) access.GroupSpec { s.PermissionSetName = text(set); return s }
	want := external(on(spec("G", "dev"), "B"), on(spec("H", "dev"), "A"))
	p := Diff(&want, &live, options(access.SCIM))
	waits := 0
	for _, c := range p.Changes {
		if c.Kind == Assignment && c.Action == Delete {
			waits++
			if len(c.DependsOn) != 2 {
				t.Errorf("%s waits for %v, want for who replaces it and for who keeps the role", c.ID, c.DependsOn)
			}
		}
	}
	if waits != 2 || p.Refused() {
		t.Errorf("%d assignments go; findings %v", waits, p.Findings)
	}
}

// Each replaced set is a finding of its own, with an id to agree to.
func TestEachReplacementIsAFindingOfItsOwn(t *testing.T) {
	live := newWorld().account("dev").account("prod").group("G", "").group("H", "").set("A", "me").set("B", "me").
		assign("A", "dev", "G").assign("A", "prod", "G").assign("B", "dev", "H").state()
	on := func(s access.GroupSpec, set string) access.GroupSpec { s.PermissionSetName = text(set); return s }
	want := external(on(spec("G", "dev", "prod"), "A2"), on(spec("H", "dev"), "B2"))
	found := map[string]bool{}
	for _, f := range Diff(&want, &live, options(access.SCIM)).Findings {
		if f.Code == Replacement {
			found[f.ID] = true
		}
	}
	if len(found) != 2 {
		t.Errorf("findings %v, want one for each set", found)
	}
}

func TestUnknownProtectedNamesAreSaid(t *testing.T) {
	live := newWorld().account("dev").group("Team", "").set("Team", "me").assign("Team", "dev", "Team").state()
	want := external(spec("Team", "dev"))
	o := options(access.SCIM)
	o.Guards.Protected = []string{"Team", "dev", "Taem"}
	var found []string
	for _, f := range Diff(&want, &live, o).Findings {
		if f.Code == ProtectedUnknown {
			found = append(found, f.Summary)
		}
	}
	if len(found) != 1 {
		t.Errorf("findings %v, want one, about Taem", found)
	}
}

// Somebody in a group who may be a missing member under another name, or a
// stranger, gets nothing more by it: neither an assignment nor what a set gains.
func TestWhoeverMayBeAStrangerGetsNothingMore(t *testing.T) {
	const power = "arn:aws:iam::aws:policy/PowerUserAccess"
	powerful := func(p *access.PermissionSet) { p.ManagedPolicies = []string{power} }
	for name, live := range map[string]access.State{
		"grant": newWorld().account("dev").group("Team", "me").user("mallory").set("Team", "me", powerful).member("Team", "mallory").state(),
		"widen": newWorld().account("dev").group("Team", "me").user("mallory").set("Team", "me").assign("Team", "dev", "Team").member("Team", "mallory").state(),
	} {
		wanted := spec("Team", "dev")
		wanted.Members, wanted.AWSManagedPolicies = texts("ann"), texts(power)
		want := access.Desired(access.Config{ManagementMode: text("external"), SCIMScope: text("users"), AccessGroups: access.List[access.GroupSpec]{Items: []access.GroupSpec{wanted}}}, "me")
		o := options(access.SCIMUsersOnly)
		o.Guards.AllowMissing = true
		for _, c := range Diff(&want, &live, o).Changes {
			if c.Kind == Assignment || c.Kind == ManagedPolicy {
				t.Errorf("%s: %s, though mallory stays in the group", name, c.ID)
			}
		}
	}
}

// A group that its identity provider renamed keeps what it has until the config
// has the new name, also where the config has another set for it by now.
func TestRenamedOutsideIsFoundByItsRecord(t *testing.T) {
	live := newWorld().account("dev").group("Team", "").set("View", "me").assign("View", "dev", "Team").state()
	live.Groups[0].Name = "Crew"
	on := spec("Team", "dev")
	on.PermissionSetName = text("Other")
	want := external(on)
	o := options(access.SCIM)
	o.Guards.AllowMissing, o.Guards.AllowRemovals, o.Guards.AllowReplace = true, true, true
	for _, c := range Diff(&want, &live, o).Changes {
		if c.Kind == Assignment && c.Action == Delete {
			t.Errorf("%s, though the group is Team by another name", c.ID)
		}
	}
}
