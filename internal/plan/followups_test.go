package plan_test

import (
	"slices"
	"testing"

	"github.com/rolecall-dev/rolecall/internal/access"
	. "github.com/rolecall-dev/rolecall/internal/plan"
)

// Only what somebody has to do is listed: nothing where SCIM brings users, and no
// first sign-in of somebody who is renamed.
func TestWhatIsToDoByHand(t *testing.T) {
	changes := []Change{
		{Kind: User, Action: Create, Key: Key{User: "new"}, After: &Value{User: &access.User{Username: "new"}}},
		{Kind: User, Action: Update, Key: Key{User: "doe"}, Before: &Value{User: &access.User{Username: "smith"}}, After: &Value{User: &access.User{Username: "doe"}}},
		{Kind: User, Action: Update, Key: Key{User: "same"}, Before: &Value{User: &access.User{Username: "same"}}, After: &Value{User: &access.User{Username: "same", Email: "x"}}},
		{Kind: Assignment, Action: Create},
	}
	for setUp, want := range map[access.SetUp][][]string{
		access.BuiltIn: {{"new"}}, access.WithoutSCIM: {{"new"}, {"doe"}}, access.SCIM: nil, access.SCIMUsersOnly: nil,
	} {
		var got [][]string
		for _, f := range FollowUps(setUp, "Okta", changes) {
			got = append(got, f.Users)
			if len(f.Steps) == 0 || f.System == "" {
				t.Errorf("%v: %+v", setUp, f)
			}
		}
		if !slices.EqualFunc(got, want, slices.Equal) {
			t.Errorf("%v: %v, want %v", setUp, got, want)
		}
	}
}
