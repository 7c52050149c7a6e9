package plan

import (
	"strings"
	"testing"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/diag"
)

// What somebody has put on a set and not provisioned may make nobody an
// administrator yet: the refusal says so, and only then.
func TestStagedAdministratorIsSaid(t *testing.T) {
	for _, staged := range []bool{true, false} {
		w := newWorld().account("dev").user("ann").group("Team", "me").member("Team", "ann").
			set("Team", "me", func(p *access.PermissionSet) { p.ManagedPolicies = []string{adminARN} }).grant("Team", "dev", "Team")
		live := w.b.State()
		if staged {
			live.Sets[0].Outdated = []string{live.Accounts[0].ID}
		}
		team := spec("Team", "dev")
		team.AWSManagedPolicies, team.Members = texts(readARN), texts("ann")
		want := internal(nil, team)
		p := Diff(&want, &live, options(access.BuiltIn))
		found := refusals(p, LastAdministrator)
		if len(found) != 1 {
			t.Fatalf("it is refused with %v", found)
		}
		if says := strings.Contains(detailOf(p.Findings, LastAdministrator), "is not provisioned there as it is now"); says != staged {
			t.Errorf("staged %t, and that it may be is said: %t", staged, says)
		}
	}
}

func detailOf(list diag.List, code diag.Code) string {
	for _, f := range list {
		if f.Code == code {
			return f.Detail
		}
	}
	return ""
}
