package write

import (
	"testing"

	"github.com/rolecall-dev/rolecall/emulator"
	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/apply"
	"github.com/rolecall-dev/rolecall/internal/diag"
	"github.com/rolecall-dev/rolecall/internal/identitycenter"
	"github.com/rolecall-dev/rolecall/internal/identitycenter/centertest"
	"github.com/rolecall-dev/rolecall/internal/plan"
)

// When the answer to a create is lost, trying again finds what was made and
// goes on with its id.
func TestLostAnswerOfACreate(t *testing.T) {
	e := centertest.Start(t, emulator.Options{Estate: centertest.NewWorld("platform", 1).Estate})
	l, c := centertest.ConnectLossy(t, e)
	target := New(c, Options{Owner: "platform"})
	tags := []access.Tag{{Key: access.OwnerTag, Value: "platform"}}
	for _, step := range []struct {
		operation string
		change    plan.Change
	}{
		{"CreatePermissionSet", setChange(plan.PermissionSet, plan.Create, "", nil, setValue(access.PermissionSet{Name: "Developers", SessionDuration: "PT1H", Tags: tags}))},
		{"CreateGroup", plan.Change{Kind: plan.Group, Action: plan.Create, Key: plan.Key{Group: "Devs"}, After: &plan.Value{Group: &access.Group{Name: "Devs", Owner: "platform"}}}},
		{"CreateUser", plan.Change{Kind: plan.User, Action: plan.Create, Key: plan.Key{User: "jane"}, After: &plan.Value{User: &access.User{Username: "jane", DisplayName: "Jane", GivenName: "J", FamilyName: "S"}}}},
		{"CreateGroupMembership", plan.Change{Kind: plan.Membership, Action: plan.Create, Key: plan.Key{Group: "Devs", User: "jane"}}},
		{"CreateAccountAssignment", plan.Change{Kind: plan.Assignment, Action: plan.Create, Key: plan.Key{PermissionSet: "Developers", Group: "Devs", Account: "200000000000"}}},
		{"DeleteAccountAssignment", plan.Change{Kind: plan.Assignment, Action: plan.Delete, Key: plan.Key{PermissionSet: "Developers", Group: "Devs", Account: "200000000000"}}},
		{"DeleteGroupMembership", plan.Change{Kind: plan.Membership, Action: plan.Delete, Key: plan.Key{Group: "Devs", User: "jane"}}},
		{"DeleteGroup", plan.Change{Kind: plan.Group, Action: plan.Delete, Key: plan.Key{Group: "Devs"}}},
		{"DeletePermissionSet", setChange(plan.PermissionSet, plan.Delete, "", nil, nil)},
	} {
		l.Lose(step.operation)
		if o := outcome(t, target, step.change); o.Verdict.Cause != apply.Transient {
			t.Fatalf("%s without an answer: %+v, want transient", step.operation, o)
		}
		do(t, target, step.change)
	}
	i := e.State().Instances[0]
	if len(i.PermissionSets) != 0 || len(i.Groups) != 0 || len(i.Assignments) != 0 || len(i.Users) != 1 {
		t.Errorf("left behind: %+v", i)
	}
}

// A user who is there after a creation without an answer is this run's only where
// all is equal: users carry no mark.
func TestUserOfALostCreateIsEqual(t *testing.T) {
	e := centertest.Start(t, emulator.Options{Estate: centertest.NewWorld("platform", 1).Estate})
	l, c := centertest.ConnectLossy(t, e)
	target := New(c, Options{Owner: "platform"})
	jane := plan.Change{Kind: plan.User, Action: plan.Create, Key: plan.Key{User: "jane"}, After: &plan.Value{User: &access.User{Username: "jane", DisplayName: "Jane", GivenName: "J", FamilyName: "S"}}}
	l.Lose("CreateUser")
	if o := outcome(t, target, jane); o.Verdict.Cause != apply.Transient {
		t.Fatalf("without an answer: %+v, want transient", o)
	}
	other := centertest.Client(t, e, emulator.ManagementKey)
	id, _, err := other.GetUserID(t.Context(), identitycenter.ByUserName, "jane")
	if err != nil {
		t.Fatal(err)
	}
	if err := other.UpdateUser(t.Context(), id, access.User{DisplayName: "Jane"}, access.User{DisplayName: "Somebody else"}); err != nil {
		t.Fatal(err)
	}
	if o := outcome(t, target, jane); o.Verdict.Cause == "" || o.Verdict.Cause == apply.Transient {
		t.Errorf("with another display name: %+v, want that somebody else has the name", o)
	}
}

// What is not ours, or not the same, is never taken for what a lost call made.
func TestNameTaken(t *testing.T) {
	w := centertest.NewWorld("platform", 1)
	w.Estate.PermissionSets = []emulator.EstatePermissionSet{{Name: "Developers", Tags: map[string]string{access.OwnerTag: "other"}}}
	w.Estate.Groups = []emulator.EstateGroup{{DisplayName: "Devs"}}
	w.Estate.Users = []emulator.EstateUser{{UserName: "jane", DisplayName: "Somebody else"}}
	e := centertest.Start(t, emulator.Options{Estate: w.Estate})
	target := New(centertest.Client(t, e, emulator.ManagementKey), Options{Owner: "platform"})
	tags := []access.Tag{{Key: access.OwnerTag, Value: "platform"}}
	source := diag.Range{File: "terraform.tfvars", Start: diag.Pos{Line: 7}}
	for _, ch := range []plan.Change{
		setChange(plan.PermissionSet, plan.Create, "", nil, setValue(access.PermissionSet{Name: "Developers", Tags: tags})),
		{Kind: plan.Group, Action: plan.Create, Key: plan.Key{Group: "Devs"}, After: &plan.Value{Group: &access.Group{Name: "Devs", Owner: "platform"}}},
		{Kind: plan.User, Action: plan.Create, Key: plan.Key{User: "jane"}, After: &plan.Value{User: &access.User{Username: "jane", DisplayName: "Jane", GivenName: "J", FamilyName: "S"}}},
	} {
		ch.Source = source
		o := outcome(t, target, ch)
		if o.Verdict.Cause != apply.Permanent || o.Verdict.Finding.Code != identitycenter.CodeChanged || o.Verdict.Finding.Range != source || o.Verdict.Finding.Hint == "" {
			t.Errorf("%s: %+v, want that the name is taken, at once, with its place", ch.Kind, o)
		}
	}
}
