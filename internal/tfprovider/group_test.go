package tfprovider

import (
	"maps"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/rolecall-dev/rolecall/emulator"
	"github.com/rolecall-dev/rolecall/internal/identitycenter/centertest"
)

const (
	accessGroup   = "rolecall_access_group"
	externalGroup = "rolecall_external_group"
	user          = "rolecall_user"
)

// with returns the config with one key changed; nil takes it out.
func with(config object, key string, value any) object {
	out := maps.Clone(config)
	if value == nil {
		delete(out, key)
		return out
	}
	out[key] = value
	return out
}

func development() object {
	return object{
		"name": "DevelopmentTeam", "description": "Development team access",
		"aws_managed_policies": []string{"arn:aws:iam::aws:policy/PowerUserAccess"},
		"accounts_names":       []string{"development", "staging"},
		"members":              []string{"jane.smith@company.com"},
	}
}

func pushed() object {
	return object{
		"name": "AWS-Development-Team", "description": "Development team access", "scim_identity_source": "Okta",
		"aws_managed_policies": []string{"arn:aws:iam::aws:policy/PowerUserAccess"},
		"accounts_names":       []string{"development", "staging"},
	}
}

// bubble runs a test in virtual time: quotas and jobs cost nothing.
func bubble(t *testing.T, o emulator.Options, test func(*terraform)) {
	t.Helper()
	centertest.CleanEnvironment(t)
	synctest.Test(t, func(t *testing.T) { test(newTerraform(t, o)) })
}

func TestGroupLifeCycle(t *testing.T) {
	for kind, config := range map[string]object{accessGroup: development(), externalGroup: pushed()} {
		t.Run(kind, func(t *testing.T) {
			bubble(t, emulator.Options{Limits: emulator.AWSLimits()}, func(tf *terraform) {
				untouched := holdings(tf.e)
				state := tf.apply(kind, nil, config)
				tf.empty(kind, state, config)
				if got := state.get("account_ids"); got != "{development=222233334444 staging=333344445555}" {
					t.Errorf("account_ids %s", got)
				}
				imported, diags := tf.importing(kind, config["name"].(string))
				if len(diags) > 0 {
					t.Fatal(words(diags))
				}
				tf.empty(kind, imported, with(config, "adopt", nil))
				byID, _ := tf.importing(kind, state.get("id"))
				if byID == nil || !byID.value.Equal(imported.value) {
					t.Error("import by id differs from import by name")
				}
				if state = tf.apply(kind, state, nil); state != nil {
					t.Errorf("left in the state: %s", show(state.value))
				}
				if got := holdings(tf.e); got != untouched {
					t.Errorf("left in AWS:\n%s\nbefore:\n%s", got, untouched)
				}
			})
		})
	}
}

// estateWithPolicy is the default estate with a customer managed policy in
// every account.
func estateWithPolicy() *emulator.Estate {
	e := emulator.DefaultEstate()
	for i := range e.Accounts {
		e.Accounts[i].CustomerManagedPolicies = append(e.Accounts[i].CustomerManagedPolicies, "/platform/deploy")
	}
	return e
}

// holdings says what is in the instance that rolecall could have made.
func holdings(e *emulator.Emulator) string {
	var out []string
	for _, i := range e.State().Instances {
		for _, g := range i.Groups {
			out = append(out, "group "+g.DisplayName)
		}
		for _, p := range i.PermissionSets {
			out = append(out, "set "+p.Name)
		}
		for _, u := range i.Users {
			out = append(out, "user "+u.UserName)
		}
		for _, a := range i.Assignments {
			out = append(out, "assignment "+a.PermissionSet+" "+a.Account)
		}
		for _, r := range i.Roles {
			out = append(out, "role "+r.ARN)
		}
	}
	return strings.Join(out, "\n")
}

func roleARNs(e *emulator.Emulator, account string) []string {
	var out []string
	for _, r := range e.State().Instances[0].Roles {
		if strings.Contains(r.ARN, account) {
			out = append(out, r.ARN)
		}
	}
	return out
}
