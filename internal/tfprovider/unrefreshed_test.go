package tfprovider

import (
	"strings"
	"testing"

	"github.com/rolecall-dev/rolecall/emulator"
)

// A plan without a refresh asks AWS nothing about what has not changed, and of one that
// has only what its plan needs.
func TestPlanWithoutRefresh(t *testing.T) {
	bubble(t, emulator.Options{Estate: withResponders()}, func(tf *terraform) {
		configs := map[string]object{accessGroup: development(), externalGroup: pushed(), user: jane(), groupMembers: responders(wei), "rolecall_removed_user": {"username": "nobody"}}
		states := map[string]*stored{}
		for kind, config := range configs {
			states[kind] = tf.apply(kind, nil, config)
		}
		p := tf.start()
		for kind, config := range configs {
			before := calls(tf.e)
			if pl := p.plan(kind, states[kind], config); pl.failed || pl.action() != "no-op" {
				t.Errorf("%s: %s\n%s", kind, pl.action(), words(pl.diags))
			}
			if n := calls(tf.e) - before; n != 0 {
				t.Errorf("%s: %d calls for a plan in which nothing changes", kind, n)
			}
		}
		changed := with(development(), "accounts_names", []string{"development"})
		if pl := tf.start().plan(accessGroup, states[accessGroup], changed); pl.failed || pl.action() != "update" {
			t.Errorf("%s\n%s", pl.action(), words(pl.diags))
		}
	})
}

func calls(e *emulator.Emulator) int {
	n := 0
	for _, count := range e.Stats().Calls {
		n += count
	}
	return n
}

// Accounts that another resource of the same apply makes leave unknown what hangs on them:
// the ids that the state has stay known, and nothing is planned to go.
func TestUnknownAccount(t *testing.T) {
	bubble(t, emulator.Options{}, func(tf *terraform) {
		state := tf.apply(accessGroup, nil, development())
		pl := tf.plan(accessGroup, state, with(development(), "accounts_names", unknownValue{}))
		planned := &stored{value: pl.planned}
		for name, want := range map[string]string{"id": state.get("id"), "permission_set_arn": state.get("permission_set_arn"), "account_ids": "(unknown)", "accounts_names": "(unknown)"} {
			if got := planned.get(name); got != want {
				t.Errorf("%s %s, want %s", name, got, want)
			}
		}
		if pl := tf.plan(accessGroup, state, with(with(development(), "accounts_names", unknownValue{}), "members", []string{"jane.smyth@company.com"})); !strings.Contains(words(pl.diags), "jane.smyth@company.com") {
			t.Errorf("a misspelt member is not told because an account is unknown:\n%s", words(pl.diags))
		}
	})
}

// What stands for nothing is refused, instead of being left out without a word.
func TestNullsAreRefused(t *testing.T) {
	bubble(t, emulator.Options{}, func(tf *terraform) {
		if pl := tf.plan("rolecall_removed_user", nil, object{"username": " "}); !pl.failed || !strings.Contains(words(pl.diags), "empty") {
			t.Errorf("a blank user name:\n%s", words(pl.diags))
		}
		for _, name := range []string{"members", "accounts_names", "aws_managed_policies"} {
			if pl := tf.plan(accessGroup, nil, with(development(), name, nullElement{})); !pl.failed || !strings.Contains(words(pl.diags), name+" has an element that is null") {
				t.Errorf("%s:\n%s", name, words(pl.diags))
			}
		}
	})
}
