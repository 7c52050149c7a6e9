package quota

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// A hundred callers at once: a burst of one second's worth, then exactly the rate.
func TestTakeIsExact(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := New(map[string]Limit{"sso-admin": {TPS: 20}}).Family("sso-admin")
		start := time.Now()
		takeMany(t, b, 100)
		if got, want := time.Since(start), 4*time.Second; got.Round(time.Microsecond) != want {
			t.Errorf("100 calls took %s, want %s: 20 at once and 80 at 20 a second", got, want)
		}
	})
}

func takeMany(t *testing.T, b *Budget, n int) {
	t.Helper()
	var wg sync.WaitGroup
	for range n {
		wg.Go(func() {
			if err := b.Take(t.Context(), "op"); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
}

// The other side has a bucket of its own; a budget of the same size never
// overdraws it, however the calls come.
func TestBurstNeverExceedsTheBucket(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := New(map[string]Limit{"x": {TPS: 20}}).Family("x")
		tokens, last := 20.0, time.Now()
		for i := range 300 {
			if i%70 == 0 {
				time.Sleep(time.Duration(i) * 7 * time.Millisecond)
			}
			if err := b.Take(t.Context(), "op"); err != nil {
				t.Fatal(err)
			}
			now := time.Now()
			tokens = min(20, tokens+20*now.Sub(last).Seconds()) - 1
			last = now
			if tokens < -1e-6 {
				t.Fatalf("call %d overdrew the bucket: %f tokens", i, tokens)
			}
		}
	})
}

// Somebody else uses half of the quota: the budget falls to what is accepted,
// wastes few calls on throttles, and climbs back when the other has gone.
func TestAdapts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := New(map[string]Limit{"x": {TPS: 20}}).Family("x")
		accepted, throttled := runAgainst(t, b, 10, 60*time.Second)
		if accepted < 480 || throttled > accepted/4 {
			t.Errorf("of a share of 600 calls %d were made, %d throttled", accepted, throttled)
		}
		if r := b.Rate(); r > 15 {
			t.Errorf("the rate is still %.1f a second", r)
		}
		time.Sleep(15 * time.Second)
		if r := b.Rate(); r != 20 {
			t.Errorf("15 s without a throttle: rate %.1f, want 20", r)
		}
	})
}

// runAgainst calls a server that accepts tps calls a second.
func runAgainst(t *testing.T, b *Budget, tps float64, long time.Duration) (accepted, throttled int) {
	t.Helper()
	tokens, last := tps, time.Now()
	for end := last.Add(long); time.Now().Before(end); {
		if err := b.Take(t.Context(), "op"); err != nil {
			t.Fatal(err)
		}
		now := time.Now()
		tokens = min(tps, tokens+tps*now.Sub(last).Seconds())
		last = now
		if tokens < 1 {
			throttled++
			b.Throttled("op", 0)
			continue
		}
		tokens--
		accepted++
	}
	return accepted, throttled
}

func TestRetryAfterIsObeyed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := New(nil).Family("identitystore")
		takeMany(t, b, 1)
		b.Throttled("op", 7*time.Second)
		start := time.Now()
		takeMany(t, b, 1)
		if got := time.Since(start); got != 7*time.Second {
			t.Errorf("waited %s, want the 7 s that the answer asked for", got)
		}
	})
}

func TestContextEndsTheWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := New(map[string]Limit{"x": {TPS: 1}}).Family("x")
		takeMany(t, b, 1)
		ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
		defer cancel()
		if err := b.Take(ctx, "op"); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("err = %v, want that the deadline comes first", err)
		}
		canceled, stop := context.WithCancel(t.Context())
		stop()
		if err := b.Take(canceled, "op"); !errors.Is(err, context.Canceled) {
			t.Errorf("err = %v, want context canceled", err)
		}
	})
}

func TestUses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := New(map[string]Limit{"a": {TPS: 100}, "b": {TPS: 100}})
		for _, op := range []string{"List", "Get", "List"} {
			if err := q.Family("a").Take(t.Context(), op); err != nil {
				t.Fatal(err)
			}
		}
		if err := q.Family("b").Take(t.Context(), "Get"); err != nil {
			t.Fatal(err)
		}
		q.Family("a").Throttled("List", 0)
		want := []Use{{"a", "Get", 1, 0}, {"a", "List", 2, 1}, {"b", "Get", 1, 0}}
		if diff := cmp.Diff(want, q.Uses()); diff != "" {
			t.Errorf("uses (-want +got):\n%s", diff)
		}
		if q.Calls("a") != 3 || q.Calls("") != 4 {
			t.Errorf("calls %d and %d, want 3 and 4", q.Calls("a"), q.Calls(""))
		}
	})
}
