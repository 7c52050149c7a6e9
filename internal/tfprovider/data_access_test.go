package tfprovider

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/rolecall-dev/rolecall/internal/access"
	reports "github.com/rolecall-dev/rolecall/internal/report"
)

// An orphan has an id and no name; Terraform sees null, not "".
func TestEntryOfAnOrphan(t *testing.T) {
	orphan := reports.Assignment{Account: "development", AccountID: "222233334444", PermissionSet: "Ops", PrincipalType: "ORPHAN", PrincipalID: "g-1"}
	group := orphan
	group.PrincipalType, group.Principal = "GROUP", "Ops"
	if e := assignmentModelOf(orphan); !e.Principal.IsNull() || e.PrincipalID != types.StringValue("g-1") || e.PrincipalType != types.StringValue("ORPHAN") {
		t.Errorf("orphan: %+v", e)
	}
	if e := assignmentModelOf(group); e.Principal != types.StringValue("Ops") || e.Account != types.StringValue("development") || e.AccountID != types.StringValue("222233334444") {
		t.Errorf("group: %+v", e)
	}
	for account, want := range map[string]bool{"": true, "development": true, "222233334444": true, "staging": false} {
		live := access.State{Accounts: []access.Account{{ID: "222233334444", Name: "development"}, {ID: "333344445555", Name: "staging"}}}
		m := accessModel{Account: types.StringValue(account)}
		if id, found := m.account(&live); m.wants(group, id) != want || len(found) > 0 {
			t.Errorf("account %q wanted %t", account, !want)
		}
	}
}
