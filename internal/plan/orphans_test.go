package plan_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/diag"
	. "github.com/rolecall-dev/rolecall/internal/plan"
)

// TestOrphansThatAWSCannotRemove are one warning, however many there are, and no
// change; those of which AWS has not said so are removed.
func TestOrphansThatAWSCannotRemove(t *testing.T) {
	var b access.Builder
	set := b.AddSet(access.PermissionSet{Name: "Devs", ARN: "arn:devs", Owner: "me", Tags: []access.Tag{{Key: access.OwnerTag, Value: "me"}}})
	refused := map[access.AssignmentID]string{}
	for n := range 13 {
		account := b.AddAccount(access.Account{ID: fmt.Sprintf("%012d", n), Name: fmt.Sprintf("a%d", n), State: "ACTIVE"})
		o := b.AddOrphan(access.Orphan{Kind: access.GroupPrincipal, ID: "gone"})
		b.AddAssignment(access.Assignment{Set: set, Account: account, Kind: access.OrphanPrincipal, Principal: o})
		if n > 0 {
			refused[access.AssignmentID{SetInAccount: access.SetInAccount{SetARN: "arn:devs", Account: fmt.Sprintf("%012d", n)}, Kind: access.GroupPrincipal, Principal: "gone"}] = "was not found in directory"
		}
	}
	b.Observed = access.Observed{Complete: true, SetUses: map[string]bool{"arn:devs": true}, CannotRemove: refused}
	live := b.State()
	var want access.Builder
	desired := want.State()
	p := Diff(&desired, &live, Options{Owner: "me", SetUp: access.BuiltIn, Guards: Guards{RemovalsOff: true}})
	var told diag.List
	for _, f := range p.Findings {
		if f.Code == OrphanStays {
			told = append(told, f)
		}
	}
	if len(p.Changes) != 1 || p.Changes[0].Key.Account != "000000000000" || p.KeptOrphans != 12 {
		t.Errorf("%d kept, changes %v", p.KeptOrphans, p.Changes)
	}
	if len(told) != 2 || told[0].Severity != diag.Warning || told[1].Severity != diag.Warning {
		t.Fatalf("told: %v", told)
	}
	for _, f := range told {
		if !strings.Contains(f.Summary, "12 assignments") && !strings.Contains(f.Summary, `permission set "Devs" is no longer in the config, and stays`) {
			t.Errorf("told: %v", f)
		}
		if strings.Contains(f.Summary, "12 assignments") && !strings.HasSuffix(f.Detail, " and 2 more") {
			t.Errorf("detail: %s", f.Detail)
		}
	}
	if len(p.Blocked) != 0 {
		t.Errorf("blocked: %v", p.Blocked)
	}
}
