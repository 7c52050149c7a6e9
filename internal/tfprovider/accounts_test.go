package tfprovider

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/rolecall-dev/rolecall/emulator"
)

// edges is an organization in which names do not tell everything.
func edges() *emulator.Estate {
	return &emulator.Estate{
		Organization: &emulator.EstateOrganization{Management: "management"},
		Accounts: []emulator.EstateAccount{
			{ID: "111122223333", Name: "management"}, {ID: "222233334444", Name: "development"}, {ID: "333344445555", Name: "staging"},
			{ID: "888899990000", Name: "twin"}, {ID: "999900001111", Name: "twin", State: "SUSPENDED"},
			{ID: "000000000123", Name: "tiny"}, {ID: "777788889999", Name: "222233334444"},
			{ID: "666677778888", Name: "same"}, {ID: "666677779999", Name: "same"},
		},
		EstateContents: emulator.EstateContents{Groups: []emulator.EstateGroup{{DisplayName: "AWS-Development-Team", Source: "SCIM"}}},
	}
}

func TestAccountsByNameAndID(t *testing.T) {
	for _, c := range []struct {
		accounts  []string
		ids, warn string
	}{
		{[]string{"222233334444"}, "{222233334444=222233334444}", ""},
		{[]string{"777788889999"}, "{777788889999=777788889999}", ""},
		{[]string{"000000000123"}, "{000000000123=000000000123}", ""},
		{[]string{"twin"}, "{twin=888899990000}", ""},
		{[]string{"development", "222233334444"}, "{222233334444=222233334444 development=222233334444}", "are the same account"},
	} {
		t.Run(strings.Join(c.accounts, " "), func(t *testing.T) {
			bubble(t, emulator.Options{Estate: edges()}, func(tf *terraform) {
				config := with(pushed(), "accounts_names", c.accounts)
				pl := tf.plan(externalGroup, nil, config)
				if got := words(pl.diags); c.warn == "" && got != "" || !strings.Contains(got, c.warn) {
					t.Errorf("the plan says %s", got)
				}
				state := tf.apply(externalGroup, nil, config)
				if got := state.get("account_ids"); got != c.ids {
					t.Errorf("account_ids %s", got)
				}
				tf.empty(externalGroup, state, config)
				if got := len(tf.e.State().Instances[0].Assignments); got != 1 {
					t.Errorf("%d assignments", got)
				}
				imported, diags := tf.importing(externalGroup, "AWS-Development-Team")
				if len(diags) > 0 || imported.get("account_ids") == "{}" {
					t.Errorf("imported: %s %s", show(imported.value), words(diags))
				}
				if tf.apply(externalGroup, state, nil) != nil {
					t.Error("it stays in the state")
				}
			})
		})
	}
}

func TestAccountsThatAreNotClear(t *testing.T) {
	bubble(t, emulator.Options{Estate: edges()}, func(tf *terraform) {
		for account, want := range map[string]string{
			"same": "666677778888, 666677779999", "123": `write "000000000123", in quotes`, "999900001111": "SUSPENDED",
		} {
			pl := tf.plan(externalGroup, nil, with(pushed(), "accounts_names", []string{account}))
			if !pl.failed || !strings.Contains(words(pl.diags), want) {
				t.Errorf("%s: failed %t: %s", account, pl.failed, words(pl.diags))
			}
		}
	})
}

// What a missing account was probably meant to be is said at the plan.
func TestAMissingAccountsNearName(t *testing.T) {
	bubble(t, emulator.Options{Estate: edges()}, func(tf *terraform) {
		for account, want := range map[string]string{
			"developmnt": `Did you mean "development"?`, "Development": `Did you mean "development"?`, "2222-3333-4444": `12 digits without anything between them: "222233334444"`,
			"2222 3333 4444": `"222233334444"`,
		} {
			pl := tf.plan(externalGroup, nil, with(pushed(), "accounts_names", []string{account}))
			if !strings.Contains(words(pl.diags), want) {
				t.Errorf("%s: %s", account, words(pl.diags))
			}
		}
	})
}

func TestAccountsSourceKnowsWhatANameMeans(t *testing.T) {
	bubble(t, emulator.Options{Estate: edges()}, func(tf *terraform) {
		state, diags := tf.data("rolecall_accounts", object{})
		if len(diags) > 0 {
			t.Fatal(words(diags))
		}
		if got := state.get("ids"); got != "{development=222233334444 management=111122223333 staging=333344445555 tiny=000000000123 twin=888899990000}" {
			t.Errorf("ids %s", got)
		}
	})
}

// What AWS cannot take away from an account that was suspended is said at every
// plan, and keeps none from being empty.
func TestASuspendedAccountEndsNoPlan(t *testing.T) {
	for kind, config := range map[string]object{accessGroup: development(), externalGroup: pushed()} {
		for _, state := range []string{"SUSPENDED", "PENDING_CLOSURE"} {
			t.Run(kind+" "+state, func(t *testing.T) {
				bubble(t, emulator.Options{}, func(tf *terraform) {
					before := tf.apply(kind, nil, config)
					suspend(t, tf.e, "staging", state)
					tf.empty(kind, before, config)
					policies := with(config, "aws_managed_policies", []string{"arn:aws:iam::aws:policy/ReadOnlyAccess"})
					after := tf.apply(kind, before, policies)
					tf.empty(kind, after, policies)
					without := with(policies, "accounts_names", []string{"development"})
					after = tf.apply(kind, after, without)
					tf.empty(kind, after, without)
					if pl := tf.plan(kind, after, without); !strings.Contains(words(pl.diags), "stays, and grants access again if the account is reinstated") {
						t.Errorf("the plan says nothing of it: %s", words(pl.diags))
					}
					if got := after.get("account_ids"); got != "{development=222233334444}" {
						t.Errorf("account_ids %s", got)
					}
					gone, diags := tf.try(kind, after, nil)
					if gone != nil || hasErrors(diags) {
						t.Errorf("destroy: %s", words(diags))
					}
				})
			})
		}
	}
}

func suspend(t *testing.T, e *emulator.Emulator, account, state string) {
	t.Helper()
	if err := e.Change(emulator.Change{Account: &emulator.AccountChange{Account: account, State: state}}); err != nil {
		t.Fatal(err)
	}
}

// The module's lists are of type any, so a number comes as a number.
func TestNumbersAmongAccounts(t *testing.T) {
	bubble(t, emulator.Options{}, func(tf *terraform) {
		number := func(n any) tftypes.Value { return tftypes.NewValue(tftypes.Number, n) }
		text := func(s string) tftypes.Value { return tftypes.NewValue(tftypes.String, s) }
		tuple := func(of ...tftypes.Value) tftypes.Value {
			var types []tftypes.Type
			for _, v := range of {
				types = append(types, v.Type())
			}
			return tftypes.NewValue(tftypes.Tuple{ElementTypes: types}, of)
		}
		group := map[string]tftypes.Value{"name": text("Team"), "description": text("d"), "accounts_names": tuple(text("production"), number(12345678901), number(-5), number(1.5))}
		types := map[string]tftypes.Type{}
		for k, v := range group {
			types[k] = v.Type()
		}
		list := tuple(tftypes.NewValue(tftypes.Object{AttributeTypes: types}, group))
		p := tf.start()
		dynamic := func(typ tftypes.Type, v tftypes.Value) *tfprotov6.DynamicValue {
			out, err := tfprotov6.NewDynamicValue(typ, v)
			if err != nil {
				t.Fatal(err)
			}
			return &out
		}
		resp, err := p.server.CallFunction(context.Background(), &tfprotov6.CallFunctionRequest{Name: "config_problems",
			Arguments: []*tfprotov6.DynamicValue{dynamic(tftypes.String, text("external_groups")), dynamic(tftypes.DynamicPseudoType, list)}})
		if err != nil || resp.Error != nil {
			t.Fatal(err, resp.Error)
		}
		out, err := resp.Result.Unmarshal(tftypes.List{ElementType: tftypes.String})
		if err != nil {
			t.Fatal(err)
		}
		var found []tftypes.Value
		if err := out.As(&found); err != nil {
			t.Fatal(err)
		}
		var problems []string
		for _, f := range found {
			var s string
			if err := f.As(&s); err != nil {
				t.Fatal(err)
			}
			problems = append(problems, s)
		}
		want := []string{
			`accounts_names of an external group called "Team" has a number, and an account id is text. Write "012345678901", in quotes: an account's id has 12 digits, and the number lost its leading zeros.`,
			`accounts_names of an external group called "Team" has a number, and an account id is text. Write the account's id as 12 digits in quotes, or its name in quotes.`,
		}
		if !slices.Equal(problems, want) {
			t.Errorf("%q", problems)
		}
	})
}
