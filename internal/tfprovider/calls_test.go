package tfprovider

import (
	"fmt"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/rolecall-dev/rolecall/emulator"
	"github.com/rolecall-dev/rolecall/internal/identitycenter/centertest"
)

// parallel is how many resources Terraform works on at once unless told.
const parallel = 10

// each runs the work for every resource as Terraform does.
func each(n int, work func(int)) {
	var wg sync.WaitGroup
	slots := make(chan struct{}, parallel)
	for i := range n {
		wg.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			work(i)
		})
	}
	wg.Wait()
}

// startLater starts a process after the second that Terraform takes for it: the
// burst that each begins with would else come upon the last one's.
func (tf *terraform) startLater() *process {
	tf.t.Helper()
	time.Sleep(time.Second)
	return tf.start()
}

func ssoCalls(e *emulator.Emulator) int { return centertest.Calls(e, "sso-admin") }

// Many groups in many accounts, at AWS's limits; with TF_CALLS in the environment 50 in
// 100, which are 5,000 assignments. hashicorp/aws (6.34, one resource an assignment)
// makes G*A + 4G + 1 calls for a plan without changes and 4*G*A + 10G + 1 for the first
// apply. A tenth of the first is the goal here, and 1.8 calls an assignment and 15 a
// group for the second.
func TestCallsOfManyGroups(t *testing.T) {
	groups, accounts := 15, 100
	if os.Getenv("TF_CALLS") != "" {
		groups = 50
	}
	estate := emulator.DefaultEstate()
	var names []string
	for i := range accounts {
		names = append(names, fmt.Sprintf("account-%03d", i))
		estate.Accounts = append(estate.Accounts, emulator.EstateAccount{ID: fmt.Sprintf("2%011d", i), Name: names[i]})
	}
	config := func(i int) object {
		return object{"name": fmt.Sprintf("group-%02d", i), "description": "one of many", "accounts_names": names,
			"aws_managed_policies": []string{"arn:aws:iam::aws:policy/ReadOnlyAccess"}}
	}
	bubble(t, emulator.Options{Estate: estate, Limits: emulator.AWSLimits(), JobLatency: emulator.Latency{Min: 2 * time.Second, Max: 4 * time.Second}}, func(tf *terraform) {
		began := time.Now()
		plans, states := make([]planned, groups), make([]*stored, groups)
		p := tf.start()
		each(groups, func(i int) { plans[i] = p.plan(accessGroup, nil, config(i)) })
		p = tf.startLater()
		each(groups, func(i int) {
			state, diags := p.apply(plans[i])
			if states[i] = state; hasErrors(diags) {
				t.Error(words(diags))
			}
		})
		first, took := ssoCalls(tf.e), time.Since(began)
		t.Logf("first plan and apply: %d calls (hashicorp/aws %d), %s", first, 4*groups*accounts+10*groups+1, took.Round(time.Second))
		// A group's record and the end of its mark are two calls. A look at a set lasts
		// half a minute, in which a hundred jobs begin, on one or two sets; it is six
		// calls.
		looks := groups * accounts / 100 * 2 * 6
		if limit := groups*accounts*18/10 + 17*groups + looks; first > limit {
			t.Errorf("first apply: %d calls, want at most %d", first, limit)
		}
		began = time.Now()
		p = tf.startLater()
		each(groups, func(i int) {
			if pl := p.plan(accessGroup, p.refresh(states[i]), config(i)); pl.action() != "no-op" {
				t.Errorf("%s: %s", config(i)["name"], pl.action())
			}
		})
		again := ssoCalls(tf.e) - first
		t.Logf("plan without changes: %d calls (hashicorp/aws %d), %s", again, groups*accounts+4*groups+1, time.Since(began).Round(time.Second))
		if limit := (groups*accounts + 4*groups + 1) / 10; again > limit {
			t.Errorf("plan without changes: %d calls, want at most %d", again, limit)
		}
		if n := len(tf.e.Stats().Throttles); n > 0 {
			t.Errorf("throttled: %v", tf.e.Stats().Throttles)
		}
	})
}
