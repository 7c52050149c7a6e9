package plan_test

import (
	"slices"
	"testing"

	"github.com/rolecall-dev/rolecall/internal/access"
	. "github.com/rolecall-dev/rolecall/internal/plan"
)

func addressed(name, email string) access.UserSpec {
	return access.UserSpec{Username: text(name), Email: text(email), DisplayName: text(name), GivenName: text("G"), FamilyName: text("F")}
}

// peopleWith is an AWS in which everybody has an e-mail address.
func peopleWith(emails map[string]string) access.State {
	var b access.Builder
	b.Observed = access.Observed{Read: "deep"}
	for name, email := range emails {
		b.AddUser(access.User{Username: name, Email: email, DisplayName: name, GivenName: "G", FamilyName: "F", ID: "u-" + name})
	}
	return b.State()
}

func TestAnAddressIsGivenUpBeforeItIsTaken(t *testing.T) {
	live := peopleWith(map[string]string{"y": "y@company.com", "z": "z@company.com", "gone": "old@company.com"})
	config := access.Config{RemovedUsers: texts("gone"), Users: access.List[access.UserSpec]{Items: []access.UserSpec{
		addressed("y", "z@company.com"), addressed("z", "z2@company.com"), addressed("new", "OLD@company.com")}}}
	want := access.Desired(config, "me")
	p := Diff(&want, &live, options(access.BuiltIn))
	for later, first := range map[ID]ID{"user.update user=y": "user.update user=z", "user.create user=new": "user.delete user=gone"} {
		if got := change(t, p, later).DependsOn; !slices.Contains(got, first) {
			t.Errorf("%s waits for %v, not for %s", later, got, first)
		}
	}
	if err := CheckOrder(p.Changes); err != nil || len(refusals(p, NameTaken))+len(refusals(p, Circle)) > 0 {
		t.Errorf("%v, %v", err, p.Findings)
	}
}

func TestExchangedAddressesAreRefused(t *testing.T) {
	live := peopleWith(map[string]string{"x": "x@company.com", "y": "y@company.com", "z": "z@company.com"})
	config := access.Config{Users: access.List[access.UserSpec]{Items: []access.UserSpec{
		addressed("x", "y@company.com"), addressed("y", "z@company.com"), addressed("z", "x@company.com")}}}
	want := access.Desired(config, "me")
	p := Diff(&want, &live, options(access.BuiltIn))
	if len(refusals(p, NameTaken)) != 1 || len(refusals(p, Circle)) != 0 || CheckOrder(p.Changes) != nil {
		t.Errorf("%v", p.Findings)
	}
}
