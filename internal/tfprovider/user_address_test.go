package tfprovider

import (
	"strings"
	"testing"
	"time"

	"github.com/rolecall-dev/rolecall/emulator"
)

func userCalled(username, email string) object {
	return with(with(jane(), "username", username), "email", email)
}

// Whoever has an address in AWS is named at plan, and nothing waits for minutes.
func TestAddressOfAnotherUser(t *testing.T) {
	bubble(t, emulator.Options{}, func(tf *terraform) {
		taro := tf.apply(user, nil, userCalled("taro", "taro@company.com"))
		ann := tf.apply(user, nil, userCalled("ann", "ann@company.com"))
		before := holdings(tf.e)
		for name, c := range map[string]struct {
			state  *stored
			config object
		}{
			"created":             {nil, userCalled("taro.y", "taro@company.com")},
			"created, other case": {nil, userCalled("taro.y", "Taro@Company.com")},
			"updated":             {ann, userCalled("ann", "taro@company.com")},
			"renamed":             {ann, userCalled("TARO", "ann@company.com")},
		} {
			began := time.Now()
			pl := tf.plan(user, c.state, c.config)
			if !pl.failed || !strings.Contains(words(pl.diags), `belongs to the user "taro"`) || time.Since(began) > 10*time.Second {
				t.Errorf("%s: failed %t after %s\n%s", name, pl.failed, time.Since(began), words(pl.diags))
			}
			if name == "created" && !strings.Contains(words(pl.diags), "moved") {
				t.Errorf("no way: %s", words(pl.diags))
			}
		}
		if got := holdings(tf.e); got != before {
			t.Errorf("changed:\n%s", got)
		}
		// Somebody takes it between plan and apply.
		pl := tf.plan(user, nil, userCalled("bob", "bob@company.com"))
		tf.apply(user, nil, userCalled("robert", "bob@company.com"))
		began := time.Now()
		if _, diags := tf.startLater().apply(pl); !hasErrors(diags) || !strings.Contains(words(diags), `belongs to the user "robert"`) || time.Since(began) > 30*time.Second {
			t.Errorf("after %s: %s", time.Since(began), words(diags))
		}
		_ = taro
	})
}

// Addresses that move on among users of one config converge in one apply,
// whatever is planned and applied first.
func TestChainOfAddresses(t *testing.T) {
	for _, first := range []int{0, 1, 2} {
		bubble(t, emulator.Options{}, func(tf *terraform) {
			names := []string{"x", "y", "z"}
			addresses := []string{"x@company.com", "y@company.com", "z@company.com", "free@company.com"}
			states, plans := make([]*stored, 3), make([]planned, 3)
			for i, n := range names {
				states[i] = tf.apply(user, nil, userCalled(n, addresses[i]))
			}
			config := func(i int) object { return userCalled(names[i], addresses[i+1]) }
			p := tf.start()
			each(3, func(i int) {
				i = (i + first) % 3
				time.Sleep(time.Duration(i) * time.Second)
				plans[i] = p.plan(user, states[i], config(i))
			})
			p = tf.startLater()
			each(3, func(i int) {
				i = (i + first) % 3
				time.Sleep(time.Duration(i) * time.Second)
				state, diags := p.apply(plans[i])
				if states[i] = state; hasErrors(diags) {
					t.Error(words(diags))
				}
			})
			for i := range names {
				tf.empty(user, states[i], config(i))
			}
		})
	}
}

func TestExchangeOfAddressesIsRefusedAtPlan(t *testing.T) {
	bubble(t, emulator.Options{}, func(tf *terraform) {
		one, two := tf.apply(user, nil, userCalled("one", "one@company.com")), tf.apply(user, nil, userCalled("two", "two@company.com"))
		plans := make([]planned, 2)
		p := tf.start()
		each(2, func(i int) {
			plans[i] = p.plan(user, []*stored{one, two}[i], []object{userCalled("one", "two@company.com"), userCalled("two", "one@company.com")}[i])
		})
		if !plans[0].failed && !plans[1].failed {
			t.Error("an exchange was planned")
		}
	})
}

// A user who is removed by name frees the address in the same apply; one whose own
// resource goes may be the same person, and who is renamed is not deleted.
func TestAddressOfAUserWhoGoes(t *testing.T) {
	bubble(t, emulator.Options{}, func(tf *terraform) {
		tf.apply(user, nil, userCalled("taro", "taro@company.com"))
		p := tf.start()
		gone := p.plan("rolecall_removed_user", nil, object{"username": "taro"})
		made := p.plan(user, nil, userCalled("taro.y", "taro@company.com"))
		if gone.failed || made.failed {
			t.Fatalf("%s %s", words(gone.diags), words(made.diags))
		}
		p = tf.startLater()
		var state *stored
		each(2, func(i int) {
			if i == 0 {
				time.Sleep(2 * time.Second)
				p.apply(gone)
				return
			}
			var diags any
			state, diags = func() (*stored, any) { s, d := p.apply(made); return s, words(d) }()
			if state == nil {
				t.Error(diags)
			}
		})
		p = tf.start()
		destroy, rename := p.plan(user, state, nil), p.plan(user, nil, with(userCalled("taro.z", "taro@company.com"), "previously", "taro.y"))
		if destroy.failed || !rename.failed || !strings.Contains(words(rename.diags), "moved") {
			t.Errorf("%t %t %s", destroy.failed, rename.failed, words(rename.diags))
		}
		p = tf.start()
		destroy = p.plan(user, state, nil)
		if create := p.plan(user, nil, userCalled("taro.z", "taro@company.com")); destroy.failed || !create.failed {
			t.Error("who may be the same person was planned to be deleted and made again")
		}
		// From users to removed_users is ordinary.
		p = tf.start()
		destroy, gone = p.plan(user, state, nil), p.plan("rolecall_removed_user", nil, object{"username": "taro.y"})
		if destroy.failed || gone.failed {
			t.Errorf("%s %s", words(destroy.diags), words(gone.diags))
		}
	})
}
