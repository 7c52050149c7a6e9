package quota

import (
	"context"
	"fmt"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// How the limit adapts. Over each window the share of calls that were
// throttled says how much of the rate was accepted, and the rate falls to
// that; a window without a throttle raises it by a tenth of the maximum.
const (
	window     = time.Second
	steepest   = 0.5 // no window cuts the rate by more
	probe      = 0.1 // of the maximum, per clean window
	lowestRate = 0.05
)

// Budget is the shared budget of one API family. Callers come to it in order
// and leave it no faster than the limit.
type Budget struct {
	max  Limit
	turn chan struct{} // held by the caller that is next, so that a new rate holds at once

	mu        sync.Mutex
	limiter   *rate.Limiter
	rate      float64
	since     time.Time // start of the window
	taken     int       // in the window
	throttled int       // in the window
	until     time.Time // no call before this, because the other side said so
	counts    map[string]*Use
}

func newBudget(limit Limit) *Budget {
	limit.TPS = max(limit.TPS, lowestRate)
	if limit.Burst <= 0 {
		limit.Burst = int(limit.TPS)
	}
	limit.Burst = max(limit.Burst, 1)
	return &Budget{
		max: limit, turn: make(chan struct{}, 1), rate: limit.TPS,
		limiter: rate.NewLimiter(rate.Limit(limit.TPS), limit.Burst),
		counts:  map[string]*Use{},
	}
}

// Take waits for a token and counts one call of the operation. It fails only
// when the context ends first or would end before a token comes.
func (b *Budget) Take(ctx context.Context, operation string) error {
	select {
	case b.turn <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-b.turn }()
	if err := b.pause(ctx); err != nil {
		return err
	}
	b.adapt(time.Now())
	if err := b.limiter.Wait(ctx); err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return fmt.Errorf("%w: %w", context.DeadlineExceeded, err)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.taken++
	b.use(operation).Calls++
	return nil
}

// Throttled says that a call was refused for coming too fast. Where the answer
// said how long to wait, no call is made before that time is over.
func (b *Budget) Throttled(operation string, after time.Duration) {
	now := time.Now()
	b.mu.Lock()
	defer b.mu.Unlock()
	b.throttled++
	b.use(operation).Throttles++
	if t := now.Add(after); after > 0 && t.After(b.until) {
		b.until = t
	}
}

// Rate returns the calls a second that are allowed now.
func (b *Budget) Rate() float64 {
	b.adapt(time.Now())
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.rate
}

// pause waits as long as the other side asked for.
func (b *Budget) pause(ctx context.Context) error {
	b.mu.Lock()
	wait, cancel := context.WithDeadline(ctx, b.until)
	b.mu.Unlock()
	defer cancel()
	<-wait.Done()
	return ctx.Err()
}

// adapt closes the windows that are over.
func (b *Budget) adapt(now time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.since.IsZero() {
		b.since = now
	}
	windows := int(now.Sub(b.since) / window)
	if windows == 0 {
		return
	}
	b.since = b.since.Add(time.Duration(windows) * window)
	if b.throttled > 0 {
		accepted := 1 - float64(b.throttled)/float64(max(b.taken, b.throttled))
		b.rate *= max(accepted, steepest)
		windows--
	}
	b.rate += float64(windows) * probe * b.max.TPS
	b.taken, b.throttled = 0, 0
	b.setRate(now)
}

func (b *Budget) setRate(now time.Time) {
	b.rate = min(max(b.rate, lowestRate*b.max.TPS), b.max.TPS)
	if rate.Limit(b.rate) == b.limiter.Limit() {
		return
	}
	b.limiter.SetLimitAt(now, rate.Limit(b.rate))
	burst := b.max.Burst
	if b.rate < b.max.TPS {
		burst = 1 // a bucket that others have emptied takes no bursts
	}
	b.limiter.SetBurstAt(now, burst)
}

func (b *Budget) use(operation string) *Use {
	if b.counts[operation] == nil {
		b.counts[operation] = &Use{}
	}
	return b.counts[operation]
}

func (b *Budget) uses(family string) []Use {
	b.mu.Lock()
	defer b.mu.Unlock()
	var out []Use
	for operation, u := range b.counts {
		out = append(out, Use{Family: family, Operation: operation, Calls: u.Calls, Throttles: u.Throttles})
	}
	return out
}
