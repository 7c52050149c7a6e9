package tfprovider

import (
	"context"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/identitystore"
	"github.com/aws/aws-sdk-go-v2/service/identitystore/document"
	idtypes "github.com/aws/aws-sdk-go-v2/service/identitystore/types"

	"github.com/rolecall-dev/rolecall/emulator"
)

func jane() object {
	return object{"display_name": "Jane Doe", "email": "jane.doe@company.com", "given_name": "Jane", "family_name": "Doe"}
}

func TestUserLifeCycle(t *testing.T) {
	bubble(t, emulator.Options{Limits: emulator.AWSLimits()}, func(tf *terraform) {
		untouched := holdings(tf.e)
		config := jane()
		state := tf.apply(user, nil, config)
		tf.empty(user, state, config)
		id := state.get("id")
		for _, c := range []struct{ key, value string }{
			{"display_name", "Jane D."}, {"given_name", "Janet"}, {"family_name", "Dohe"}, {"email", "janet@company.com"}, {"username", "janet"},
		} {
			config = with(config, c.key, c.value)
			state = tf.apply(user, state, config)
			tf.empty(user, state, config)
			if state.get(c.key) != c.value || state.get("id") != id {
				t.Errorf("%s: %s", c.key, show(state.value))
			}
		}
		for _, by := range []string{"janet", id} {
			imported, diags := tf.importing(user, by)
			if len(diags) > 0 {
				t.Fatal(words(diags))
			}
			tf.empty(user, imported, config)
		}
		group := tf.apply(accessGroup, nil, with(development(), "members", []string{"janet"}))
		if pl := tf.plan(user, state, config); (&stored{value: pl.prior}).get("groups") != "[DevelopmentTeam]" {
			t.Errorf("groups: %s", (&stored{value: pl.prior}).get("groups"))
		}
		tf.apply(accessGroup, group, nil)
		tf.apply(user, state, nil)
		if got := holdings(tf.e); got != untouched {
			t.Errorf("left in AWS:\n%s\nbefore:\n%s", got, untouched)
		}
	})
}

func TestUserDriftAndRefusals(t *testing.T) {
	bubble(t, emulator.Options{}, func(tf *terraform) {
		state := tf.apply(user, nil, jane())
		c := byHand(t, tf.e)
		_, err := c.store.UpdateUser(context.Background(), &identitystore.UpdateUserInput{IdentityStoreId: c.storeID, UserId: aws.String(state.get("id")),
			Operations: []idtypes.AttributeOperation{{AttributePath: aws.String("displayName"), AttributeValue: document.NewLazyDocument("Mallory")}}})
		c.ok(err)
		state = tf.apply(user, state, jane())
		tf.empty(user, state, jane())
		if state.get("display_name") != "Jane Doe" {
			t.Errorf("display_name %s", state.get("display_name"))
		}
		// Created again without a state, as after a provider that was killed:
		// the user is as wanted, so nothing is taken over from anybody.
		tf.empty(user, tf.apply(user, nil, jane()), jane())
		if pl := tf.plan(user, nil, with(jane(), "display_name", "Another Jane")); !pl.failed || !strings.Contains(words(pl.diags), "adopt = true") {
			t.Errorf("took over a user who exists: %s", words(pl.diags))
		}
		if pl := tf.plan(user, nil, with(jane(), "email", "")); !pl.failed {
			t.Error("an empty e-mail address was taken")
		}
		_, err = c.store.DeleteUser(context.Background(), &identitystore.DeleteUserInput{IdentityStoreId: c.storeID, UserId: aws.String(state.get("id"))})
		c.ok(err)
		if pl := tf.plan(user, state, jane()); pl.action() != "create" {
			t.Errorf("a user who is gone: %s", pl.action())
		}
	})
}
