package tfprovider

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/rolecall-dev/rolecall/emulator"
	findings "github.com/rolecall-dev/rolecall/internal/diag"
)

// Terraform names the same nearest name as the command, of the same table, and is
// refused at plan where the command is.
func TestEveryResourceNamesTheNearestName(t *testing.T) {
	text, err := os.ReadFile("../../testdata/near_names.json")
	if err != nil {
		t.Fatal(err)
	}
	var table []struct {
		Kind, Written, Meant, Differs string
		Previously                    bool
	}
	if err := json.Unmarshal(text, &table); err != nil || len(table) == 0 {
		t.Fatalf("%d rows, %v", len(table), err)
	}
	for _, n := range table {
		t.Run(n.Kind+" "+n.Differs, func(t *testing.T) {
			bubble(t, emulator.Options{}, func(tf *terraform) {
				plans := map[string]planned{}
				switch n.Kind {
				case "group":
					config := with(pushed(), "name", n.Written)
					if n.Previously {
						config = with(config, "previously", n.Meant)
					}
					plans[externalGroup] = tf.plan(externalGroup, nil, config)
					near, diags := tf.data("rolecall_group", object{"name": n.Written, "scim_identity_source": "Okta"})
					if !n.Previously && (near == nil || !strings.Contains(near.get("near"), "name="+n.Meant+" ")) {
						t.Errorf("the data source: %v %s", near, words(diags))
					}
				case "account":
					plans[externalGroup] = tf.plan(externalGroup, nil, with(pushed(), "accounts_names", []string{n.Written}))
					plans[accessGroup] = tf.plan(accessGroup, nil, with(development(), "accounts_names", []string{n.Written}))
					if _, diags := tf.data("rolecall_access", object{"account": n.Written}); !hasErrors(diags) || !strings.Contains(words(diags), `"`+n.Meant+`"`) {
						t.Errorf("the data source: %s", words(diags))
					}
				case "user":
					// Where SCIM brings users, no resource of the apply can.
					plans[groupMembers] = tf.plan(groupMembers, nil, object{"group": "AWS-Infrastructure-Admins", "members": []string{n.Written}, "scim_identity_source": "Google Workspace", "scim_scope": "users"})
				}
				for kind, pl := range plans {
					if !pl.failed || !strings.Contains(words(pl.diags), `"`+n.Meant+`"`) {
						t.Errorf("%s, failed %t:\n%s", kind, pl.failed, words(pl.diags))
					}
				}
			})
		})
	}
}

// What another resource of the same apply makes passes the plan: a member who is not
// there yet, a group for members, and an account by its id.
func TestWhatTheSameApplyMakesPassesThePlan(t *testing.T) {
	bubble(t, emulator.Options{}, func(tf *terraform) {
		for kind, config := range map[string]object{
			accessGroup:   with(development(), "members", []string{"new@company.com"}),
			groupMembers:  {"group": "Responders", "members": []string{"new@company.com"}},
			externalGroup: with(pushed(), "accounts_names", unknownValue{}),
		} {
			if pl := tf.plan(kind, nil, config); pl.failed {
				t.Errorf("%s:\n%s", kind, words(pl.diags))
			}
		}
		// AWS takes the two for one: nobody can make this group.
		if pl := tf.plan(groupMembers, nil, object{"group": "aws-infrastructure-admins", "members": []string{wei}}); !pl.failed || !strings.Contains(words(pl.diags), `AWS has "AWS-Infrastructure-Admins"`) {
			t.Errorf("another case:\n%s", words(pl.diags))
		}
		for _, kind := range []string{accessGroup, externalGroup} {
			config := map[string]object{accessGroup: development(), externalGroup: pushed()}[kind]
			if pl := tf.plan(kind, nil, with(config, "accounts_names", []string{"sandbox-of-tomorrow"})); !pl.failed || !strings.Contains(words(pl.diags), `no account named "sandbox-of-tomorrow"`) {
				t.Errorf("%s, an account that is nowhere:\n%s", kind, words(pl.diags))
			}
		}
		if _, diags := tf.data("rolecall_access", object{"principal": "aws-infrastructure-admins"}); hasErrors(diags) || !strings.Contains(words(diags), `AWS has "AWS-Infrastructure-Admins"`) {
			t.Errorf("a principal that is not there:\n%s", words(diags))
		}
	})
}

// Whatever the command tells by its flags and commands, Terraform tells by its own.
func TestRemediesAreTerraforms(t *testing.T) {
	for _, way := range []findings.Way{findings.Apply, findings.ApplyAgain, findings.Define, findings.FollowRename, findings.TakeOver, findings.TakeOverSet, findings.TakeOverMembers,
		findings.TakeOverFrom, findings.KeepRoles, findings.AllowLockout, findings.AllowRebind, findings.Agreed, findings.ReadAll, findings.OtherSet} {
		f := findings.Diagnostic{Summary: "x", Blocks: true}.With(findings.Remedy{Way: way, Kind: findings.Group, Name: "--flag"})
		said := inTerraform(f)
		if hint := hintOf(f); hint == "" || hint == f.Hint || strings.Contains(strings.ReplaceAll(said, `"--flag"`, ""), "--") || strings.Contains(said, "rolecall apply") {
			t.Errorf("%s: %s", way, said)
		}
	}
}

// A group that is to be made is refused at plan where AWS has its name, or its former
// one, in another case: no look-up tells, and the apply would stop half-way or make a
// second group beside the first.
func TestAGroupInAnotherCaseIsAnErrorAtPlan(t *testing.T) {
	bubble(t, emulator.Options{}, func(tf *terraform) {
		for says, config := range map[string]object{
			`Group "aws-infrastructure-admins" is in AWS as "AWS-Infrastructure-Admins"`:                        with(development(), "name", "aws-infrastructure-admins"),
			`former name "aws-infrastructure-admins" of group "Other" is in AWS as "AWS-Infrastructure-Admins"`: with(with(development(), "name", "Other"), "previously", "aws-infrastructure-admins"),
		} {
			if pl := tf.plan(accessGroup, nil, config); !pl.failed || !strings.Contains(words(pl.diags), says) {
				t.Errorf("failed %t: %s", pl.failed, words(pl.diags))
			}
		}
	})
}
