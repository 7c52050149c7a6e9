package tfprovider

import (
	"strings"
	"testing"

	ssotypes "github.com/aws/aws-sdk-go-v2/service/ssoadmin/types"

	"github.com/rolecall-dev/rolecall/emulator"
)

func TestDataSources(t *testing.T) {
	bubble(t, emulator.Options{}, func(tf *terraform) {
		read := func(kind string, config object) *stored {
			t.Helper()
			s, diags := tf.data(kind, config)
			if s == nil {
				t.Fatal(words(diags))
			}
			return s
		}
		group := read("rolecall_group", object{"name": "AWS-Development-Team"})
		if group.get("exists") != "true" || !strings.Contains(group.get("members"), "jane.smith@company.com") || group.get("id") == "null" {
			t.Errorf("group: %s", show(group.value))
		}
		near := read("rolecall_group", object{"name": "aws development team", "scim_identity_source": "Okta"})
		if near.get("exists") != "false" || !strings.Contains(near.get("near"), "name=AWS-Development-Team rung=separators") || !strings.Contains(near.get("explanation"), "AWS-Development-Team") {
			t.Errorf("near: %s", show(near.value))
		}
		for source, waits := range map[any]bool{nil: false, "Okta": true} { // without one, nobody said that anything syncs
			new := read("rolecall_group", object{"name": "AWS-Quite-New-Squad", "scim_identity_source": source})
			if got := strings.Contains(new.get("explanation"), "wait_for_sync"); got != waits || !strings.Contains(new.get("explanation"), "AWS-Quite-New-Squad") {
				t.Errorf("%v: %s", source, show(new.value))
			}
		}
		accounts := read("rolecall_accounts", object{})
		if !strings.Contains(accounts.get("ids"), "development=222233334444") || !strings.Contains(accounts.get("accounts"), "{id=111122223333 management=true name=management state=ACTIVE}") {
			t.Errorf("accounts: %s", show(accounts.value))
		}
		for _, c := range []struct {
			groups, users []string
			want          string
		}{
			{[]string{"AWS-Development-Team"}, []string{"jane.smith@company.com"}, "there"},
			{[]string{"AWS-Development-Team", "AWS-Quite-New-Squad"}, nil, "not_yet"},
			{[]string{"aws-development-team"}, nil, "will_not_come"},
		} {
			status := read("rolecall_sync_status", object{"groups": c.groups, "users": c.users, "scim_identity_source": "Okta"})
			if status.get("verdict") != c.want {
				t.Errorf("%v %v: %s", c.groups, c.users, show(status.value))
			}
		}
		state := tf.apply(accessGroup, nil, development())
		byHand(t, tf.e).assign(state.get("permission_set_arn"), "444455556666", userID(tf.e, "wei.chen@company.com"), ssotypes.PrincipalTypeUser)
		all := read("rolecall_access", object{})
		if n := strings.Count(all.get("assignments"), "permission_set=DevelopmentTeam"); n != 3 || !strings.Contains(all.get("assignments"), "principal=wei.chen@company.com") {
			t.Errorf("access: %s", show(all.value))
		}
		one := read("rolecall_access", object{"account": "staging"})
		if n := strings.Count(one.get("assignments"), "permission_set="); n != 1 {
			t.Errorf("access in staging: %s", show(one.value))
		}
		if none := read("rolecall_access", object{"owner": "other"}); none.get("assignments") != "[]" {
			t.Errorf("another owner's access: %s", show(none.value))
		}
	})
}

// A name that several accounts have stands for the one that is active, whichever
// comes first, as in a plan; where several are, for none.
func TestAccountsOfOneName(t *testing.T) {
	estate := emulator.DefaultEstate()
	estate.Accounts = append(estate.Accounts,
		emulator.EstateAccount{ID: "700000000001", Name: "sandbox", State: "SUSPENDED"},
		emulator.EstateAccount{ID: "700000000002", Name: "sandbox"},
		emulator.EstateAccount{ID: "700000000003", Name: "legacy"},
		emulator.EstateAccount{ID: "700000000004", Name: "legacy", State: "SUSPENDED"},
		emulator.EstateAccount{ID: "700000000005", Name: "closed", State: "SUSPENDED"},
		emulator.EstateAccount{ID: "700000000006", Name: "same"}, emulator.EstateAccount{ID: "700000000007", Name: "same"})
	bubble(t, emulator.Options{Estate: estate}, func(tf *terraform) {
		accounts, diags := tf.data("rolecall_accounts", object{})
		if accounts == nil {
			t.Fatal(words(diags))
		}
		ids := accounts.get("ids")
		for _, name := range []string{"same", "closed"} {
			if strings.Contains(ids, name) {
				t.Errorf("%q has an id: %s", name, ids)
			}
		}
		for _, id := range []string{"development=222233334444", "sandbox=700000000002", "legacy=700000000003"} {
			if !strings.Contains(ids, id) {
				t.Errorf("%s is missing: %s", id, ids)
			}
		}
		if _, diags := tf.data("rolecall_access", object{"account": "same"}); !strings.Contains(words(diags), "2 accounts are named \"same\"") {
			t.Errorf("who has what in one of two accounts: %s", words(diags))
		}
	})
}
