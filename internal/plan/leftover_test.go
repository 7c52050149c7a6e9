package plan_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/diag"
	. "github.com/rolecall-dev/rolecall/internal/plan"
)

// AWS deletes no set that is provisioned anywhere, and ends that only with the last
// assignment there. So a plan says where and how instead of failing each time.
func TestASetProvisionedForNobodyStays(t *testing.T) {
	provisioned := func(ids ...string) func(*access.PermissionSet) {
		return func(p *access.PermissionSet) { p.Provisioned = ids }
	}
	for _, c := range []struct {
		where   []string
		deletes bool
		says    []string
	}{
		{[]string{"222233334444"}, true, nil},
		{[]string{"222233334444", "444455556666"}, false, []string{`"Old" is no longer in the config and stays: it is provisioned without an assignment in production (444455556666)`, "assign a group without members"}},
		{[]string{"222233334444", "999900001111"}, false, []string{"twin (999900001111), SUSPENDED", "No action is needed"}},
		{[]string{"222233334444", "000000000001"}, true, nil}, // it left the organization
	} {
		live := twins().set("Old", "me", provisioned(c.where...)).assign("Old", "development", "Team").state()
		want := asks("production")
		p := Diff(&want, &live, options(access.SCIM))
		deletes, revokes := false, false
		for _, change := range p.Changes {
			deletes = deletes || change.Kind == PermissionSet && change.Action == Delete
			revokes = revokes || change.Kind == Assignment && change.Action == Delete
		}
		if deletes != c.deletes || !revokes {
			t.Errorf("%v: deletes the set %t, revokes %t", c.where, deletes, revokes)
		}
		at := slices.IndexFunc(p.Findings, func(d diag.Diagnostic) bool { return d.Code == LeftProvisioned })
		if at < 0 != (c.says == nil) {
			t.Fatalf("%v: %v", c.where, p.Findings)
		}
		for _, text := range c.says {
			if f := p.Findings[at]; f.Severity != diag.Warning || !strings.Contains(f.Summary+" "+f.Hint, text) {
				t.Errorf("%v: %v", c.where, f)
			}
		}
	}
}
