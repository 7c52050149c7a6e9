package identitycenter

import (
	"context"
	"time"
)

// Turn is a lock that is waited for no longer than a context lasts, and in
// virtual time: whoever holds it may be waiting for the quota.
type Turn chan struct{}

// NewTurn returns a turn that nobody has.
func NewTurn() Turn { return make(Turn, 1) }

// Take waits for the turn.
func (t Turn) Take(ctx context.Context) error {
	select {
	case t <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Try takes the turn where nobody has it.
func (t Turn) Try() bool {
	select {
	case t <- struct{}{}:
		return true
	default:
		return false
	}
}

// Done gives the turn back.
func (t Turn) Done() { <-t }

// Sleep waits, but no longer than the context lasts.
func Sleep(ctx context.Context, d time.Duration) error {
	over, cancel := context.WithTimeout(ctx, d)
	defer cancel()
	<-over.Done()
	return ctx.Err()
}
