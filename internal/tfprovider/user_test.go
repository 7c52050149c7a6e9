package tfprovider

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/identitystore"
	"github.com/aws/aws-sdk-go-v2/service/identitystore/document"
	idtypes "github.com/aws/aws-sdk-go-v2/service/identitystore/types"

	"github.com/rolecall-dev/rolecall/emulator"
	"github.com/rolecall-dev/rolecall/internal/identitycenter/centertest"
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
		for key, value := range map[string]any{"previously": "jane.maiden@company.com", "adopt": true, "allow": []string{"lockout"}} {
			config = with(config, key, value)
			state = tf.apply(user, state, config)
			tf.empty(user, state, config)
		}
		config = with(with(with(config, "previously", nil), "adopt", nil), "allow", nil)
		state = tf.apply(user, state, config)
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
			Operations: []idtypes.AttributeOperation{{AttributePath: aws.String("displayName"), AttributeValue: lazy("Mallory")}}})
		c.ok(err)
		state = tf.apply(user, state, jane())
		tf.empty(user, state, jane())
		if state.get("display_name") != "Jane Doe" {
			t.Errorf("display_name %s", state.get("display_name"))
		}
		// Created again without a state, as after a provider that was killed: users
		// carry no mark, so the user may be anybody's.
		if pl := tf.plan(user, nil, jane()); !pl.failed || !strings.Contains(words(pl.diags), "import {") {
			t.Errorf("took over a user who exists: %s", words(pl.diags))
		}
		tf.empty(user, tf.applyOrImport(user, jane()), jane())
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
		// Somebody else by the same name is no user of this resource.
		namesake := with(jane(), "display_name", "Another Jane")
		tf.apply(user, nil, namesake)
		if pl := tf.plan(user, state, jane()); !pl.failed || !strings.Contains(words(pl.diags), "import {") {
			t.Errorf("a namesake was taken over: %s\n%s", pl.action(), words(pl.diags))
		}
		if left, diags := tf.start().apply(tf.start().plan(user, state, nil)); left != nil || hasErrors(diags) || !strings.Contains(holdings(tf.e), "jane.doe@company.com") {
			t.Errorf("destroying who is gone deleted a namesake:\n%s", words(diags))
		}
	})
}

func lazy(s string) document.Interface { return document.NewLazyDocument(s) }

// A user who was renamed outside is the same user: the name is put right, by the
// id, and nobody is deleted or made.
func TestUserRenamedOutside(t *testing.T) {
	bubble(t, emulator.Options{}, func(tf *terraform) {
		state := tf.apply(user, nil, jane())
		id := state.get("id")
		rename := func() {
			c := byHand(t, tf.e)
			_, err := c.store.UpdateUser(context.Background(), &identitystore.UpdateUserInput{IdentityStoreId: c.storeID, UserId: aws.String(id),
				Operations: []idtypes.AttributeOperation{{AttributePath: aws.String("userName"), AttributeValue: lazy("jane.married@company.com")}}})
			c.ok(err)
		}
		rename()
		if pl := tf.plan(user, state, jane()); pl.action() != "update" || (&stored{value: pl.prior}).get("username") != "jane.married@company.com" {
			t.Errorf("planned %s over %s", pl.action(), show(pl.prior))
		}
		state = tf.apply(user, state, jane())
		tf.empty(user, state, jane())
		if state.get("id") != id {
			t.Error("it is another user")
		}
		// Destroyed without a refresh, by the state's old name: it is found all the same.
		rename()
		p := tf.start()
		if after, diags := p.apply(p.plan(user, state, nil)); after != nil || len(diags) > 0 {
			t.Errorf("left %v\n%s", after, words(diags))
		}
		if strings.Contains(holdings(tf.e), "jane.married") {
			t.Error("the user is still there")
		}
	})
}

// Many users cost few calls: a plan lists them, whatever the number.
func TestCallsOfManyUsers(t *testing.T) {
	bubble(t, emulator.Options{Limits: emulator.AWSLimits()}, func(tf *terraform) {
		const n = 150
		config := func(i int) object { return with(jane(), "email", fmt.Sprintf("user-%03d@company.com", i)) }
		plans, states := make([]planned, n), make([]*stored, n)
		p := tf.start()
		each(n, func(i int) { plans[i] = p.plan(user, nil, config(i)) })
		p = tf.startLater()
		each(n, func(i int) {
			state, diags := p.apply(plans[i])
			if states[i] = state; hasErrors(diags) {
				t.Error(words(diags))
			}
		})
		if made := storeCalls(tf.e); made > n+10 {
			t.Errorf("first plan and apply of %d users: %d calls of the identity store", n, made)
		}
		before := storeCalls(tf.e)
		p = tf.startLater()
		each(n, func(i int) {
			if pl := p.plan(user, p.refresh(states[i]), config(i)); pl.action() != "no-op" {
				t.Errorf("%d: %s", i, pl.action())
			}
		})
		if made := storeCalls(tf.e) - before; made > 5 {
			t.Errorf("plan without changes of %d users: %d calls of the identity store", n, made)
		}
	})
}

func storeCalls(e *emulator.Emulator) int { return centertest.Calls(e, "identitystore") }
