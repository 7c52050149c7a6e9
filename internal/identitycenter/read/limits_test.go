package read

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rolecall-dev/rolecall/emulator"
	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/identitycenter"
	"github.com/rolecall-dev/rolecall/internal/identitycenter/centertest"
)

// estate50 is 50 groups with a set each in 100 accounts: 5,000 assignments.
func estate50() (*centertest.World, access.State) {
	w := centertest.NewWorld("platform", 100)
	for i := range 50 {
		w.Group(fmt.Sprintf("group-%02d", i), 100)
	}
	return w, w.B.State()
}

// With AWS's own limit of 20 calls a second, a plan takes as long as its calls
// do at that rate, and no call is throttled.
func TestReadIsAsFastAsTheQuota(t *testing.T) {
	centertest.CleanEnvironment(t)
	synctest.Test(t, func(t *testing.T) {
		w, desired := estate50()
		e := centertest.Start(t, emulator.Options{Estate: w.Estate, Limits: emulator.AWSLimits()})
		began := time.Now()
		read(t, New(centertest.Limited(t, e, 20)), Options{Desired: desired, Owner: "platform"})
		took, made := time.Since(began).Seconds(), centertest.Calls(e, identitycenter.SSOAdmin)
		floor := float64(made) / 20
		t.Logf("%d calls in %.1f s; at 20 a second they take %.1f s", made, took, floor)
		if took > floor*1.1 {
			t.Errorf("took %.1f s, want at most 10%% over %.1f s", took, floor)
		}
		if n := len(e.Stats().Throttles); n != 0 {
			t.Errorf("throttled: %v", e.Stats().Throttles)
		}
	})
}

// Half of the quota is somebody else's: reading adapts, wastes little, and
// reads the same.
func TestReadWithHalfTheQuota(t *testing.T) {
	centertest.CleanEnvironment(t)
	synctest.Test(t, func(t *testing.T) {
		w, desired := estate50()
		limits := emulator.AWSLimits()
		limits.SSOAdmin = 10
		e := centertest.Start(t, emulator.Options{Estate: w.Estate, Limits: limits})
		c := centertest.Limited(t, e, 20)
		s := read(t, New(c), Options{Desired: desired, Owner: "platform"})
		if len(s.Assignments) != 5000 {
			t.Errorf("%d grants, want 5000", len(s.Assignments))
		}
		throttles, made := 0, centertest.Calls(e, identitycenter.SSOAdmin)
		for _, n := range e.Stats().Throttles {
			throttles += n
		}
		if throttles > made/5 {
			t.Errorf("%d of %d calls were throttled", throttles, made)
		}
		counted := 0
		for _, u := range c.Calls() {
			counted += u.Throttles
		}
		if counted != throttles {
			t.Errorf("counted %d throttles, AWS %d", counted, throttles)
		}
	})
}

// Throttles, server errors and broken connections are retried; what is read is
// the same.
func TestReadThroughFaults(t *testing.T) {
	centertest.CleanEnvironment(t)
	synctest.Test(t, func(t *testing.T) {
		w, desired := scenario(t)
		calm := centertest.Start(t, emulator.Options{Estate: w.Estate, Seed: 1})
		rough := centertest.Start(t, emulator.Options{Estate: w.Estate, Seed: 1, Faults: []emulator.Fault{
			{Kind: emulator.Throttle, Rate: 0.10}, {Kind: emulator.Internal, Rate: 0.05}, {Kind: emulator.Unavailable, Rate: 0.05},
			{Kind: emulator.Reset, Rate: 0.05}, {Kind: emulator.LoseAnswer, Rate: 0.05}, {Kind: emulator.Truncate, Rate: 0.05},
		}})
		var want access.State
		for _, e := range []*emulator.Emulator{calm, rough} {
			s := read(t, New(centertest.Limited(t, e, 20)), Options{Desired: desired, Owner: "platform"})
			s.Observed.Began = 0 // the clock goes on between the two
			if e == calm {
				want = s
				continue
			}
			if diff := cmp.Diff(want, s); diff != "" {
				t.Errorf("state (-calm +rough):\n%s", diff)
			}
		}
		if len(rough.Stats().Errors) == 0 {
			t.Error("no fault struck")
		}
	})
}
