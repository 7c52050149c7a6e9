package plan_test

import (
	"strings"
	"testing"

	"github.com/rolecall-dev/rolecall/internal/access"
	. "github.com/rolecall-dev/rolecall/internal/plan"
)

// A member whom the identity provider has renamed is told by the e-mail address,
// and not told to be made a second time.
func TestMissingMemberIsKnownByAddress(t *testing.T) {
	var want, have access.Builder
	g := want.AddGroup(access.Group{Name: "Team", Owner: "me"})
	want.AddMembership(g, want.AddUser(access.User{Username: "jane@company.com", Referenced: true}), 0)
	have.AddUser(access.User{ID: "u1", Username: "jane.doe@company.com", Email: "Jane@company.com", SCIM: true})
	desired, live := want.State(), have.State()
	p := Diff(&desired, &live, Options{Owner: "me", SetUp: access.SCIMUsersOnly, IdP: "Google Workspace"})
	for _, f := range p.Findings {
		if f.Code == UserMissing {
			if !strings.Contains(f.Hint, `"jane.doe@company.com"`) || strings.Contains(f.Hint, "Create the user") {
				t.Errorf("hint %q", f.Hint)
			}
			return
		}
	}
	t.Errorf("findings %v", p.Findings)
}
