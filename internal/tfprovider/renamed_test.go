package tfprovider

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/rolecall-dev/rolecall/emulator"
)

// Terraform plans once more as it applies, and takes it for a bug of the provider where
// what was known then is unknown or another thing now. What changed in AWS between the
// two must not hide behind that.
func TestPlansOfASavedPlanAgree(t *testing.T) {
	infra := "AWS-Infrastructure-Admins"
	for name, s := range map[string]struct {
		kind           string
		first, edited  object
		group, account string // renamed between the plan and the apply
	}{
		"access group, an account more":   {accessGroup, development(), with(development(), "accounts_names", []string{"development", "staging", "production"}), "DevelopmentTeam", ""},
		"access group, a description":     {accessGroup, development(), with(development(), "description", "Another"), "DevelopmentTeam", ""},
		"access group, a member more":     {accessGroup, development(), with(development(), "members", []string{smith, john, wei}), "DevelopmentTeam", ""},
		"access group, a renamed account": {accessGroup, development(), with(development(), "description", "Another"), "", "staging"},
		"external group, an account more": {externalGroup, pushed(), with(pushed(), "accounts_names", []string{"development", "staging", "production"}), "AWS-Development-Team", ""},
		"external, a renamed account":     {externalGroup, pushed(), with(pushed(), "description", "Another"), "", "staging"},
		"members, one more":               {groupMembers, object{"group": infra, "members": []string{john}}, object{"group": infra, "members": []string{john, smith}}, infra, ""},
		"members, one less":               {groupMembers, object{"group": infra, "members": []string{john, smith}}, object{"group": infra, "members": []string{john}}, infra, ""},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, emulator.Options{}, func(tf *terraform) {
				state := tf.start().refresh(tf.apply(s.kind, nil, s.first))
				saved := tf.start().plan(s.kind, state, s.edited)
				if saved.failed {
					t.Fatal(words(saved.diags))
				}
				if s.group != "" {
					rename(t, tf.e, s.group, "Renamed")
				} else if err := tf.e.Change(emulator.Change{Account: &emulator.AccountChange{Account: s.account, Name: "Renamed"}}); err != nil {
					t.Fatal(err)
				}
				again := tf.start().plan(s.kind, state, s.edited)
				if again.failed {
					return // it says why
				}
				for _, attribute := range differing(saved.planned, again.planned) {
					t.Errorf("%s was planned as %s, and is %s", attribute, (&stored{value: saved.planned}).get(attribute), (&stored{value: again.planned}).get(attribute))
				}
				held := holdings(tf.e)
				if _, diags := tf.start().apply(again); !hasErrors(diags) || !strings.Contains(words(diags), "Renamed") || holdings(tf.e) != held {
					t.Errorf("applied: %s", words(diags))
				}
			})
		})
	}
}

// differing returns the attributes that were known and are not the same now.
func differing(planned, again tftypes.Value) []string {
	var a, b map[string]tftypes.Value
	if planned.As(&a) != nil || again.As(&b) != nil {
		return []string{"all of it"}
	}
	var out []string
	for _, name := range slices.Sorted(maps.Keys(a)) {
		if a[name].IsFullyKnown() && !a[name].Equal(b[name]) {
			out = append(out, name)
		}
	}
	return out
}

// Members of a group that was renamed stay in the state, so that its plan says what to do
// and a destroy of everything else is not refused; whoever stays in it is told.
func TestMembersOfARenamedGroup(t *testing.T) {
	bubble(t, emulator.Options{}, func(tf *terraform) {
		config := object{"group": "AWS-Infrastructure-Admins", "members": []string{john}}
		state := tf.apply(groupMembers, nil, config)
		for _, now := range []string{"aws-infrastructure-admins", "Renamed"} {
			rename(t, tf.e, map[string]string{"Renamed": "aws-infrastructure-admins"}[now]+map[bool]string{true: "AWS-Infrastructure-Admins"}[now != "Renamed"], now)
			if state = tf.start().refresh(state); state == nil {
				t.Fatal("it is out of the state")
			}
			if pl := tf.plan(groupMembers, state, config); pl.failed || len(pl.diags) == 0 {
				t.Errorf("%s, failed %t: %s", now, pl.failed, words(pl.diags))
			}
		}
		left, diags := tf.destroy(state, config)
		if left != nil || hasErrors(diags) || !strings.Contains(words(diags), `stay: it is called "Renamed" now`) || !strings.Contains(words(diags), john) {
			t.Errorf("destroy: %s", words(diags))
		}
	})
}

// A group that a resource has by a former name and another one by its name of now: in
// whichever order Terraform plans the two, the second is refused, and nobody gets what
// both give.
func TestOneGroupByTwoNames(t *testing.T) {
	for _, kind := range []string{accessGroup, externalGroup} {
		for _, first := range []string{"former", "now"} {
			bubble(t, emulator.Options{}, func(tf *terraform) {
				former := map[string]object{accessGroup: development(), externalGroup: pushed()}[kind]
				state := tf.apply(kind, nil, former)
				rename(t, tf.e, former["name"].(string), "Engineering")
				now := with(with(with(pushed(), "name", "Engineering"), "permission_set_name", "Engineering"), "accounts_names", []string{"production"})
				p := tf.start()
				state = p.refresh(state)
				plans := []func() planned{func() planned { return p.plan(kind, state, former) }, func() planned { return p.plan(externalGroup, nil, now) }}
				if first == "now" {
					slices.Reverse(plans)
				}
				one, two := plans[0](), plans[1]()
				if one.failed || !two.failed || !strings.Contains(words(two.diags), `"Engineering" in AWS belongs to two resources`) {
					t.Errorf("%s, %s first: failed %t, then %t: %s", kind, first, one.failed, two.failed, words(two.diags))
				}
			})
		}
	}
}
