package identitycenter

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/rolecall-dev/rolecall/internal/access"
)

// What hangs on a write: who may stop it, until when it may be sent, and who is
// told of it.

// Guard has whoever holds the lock with the ARN asked right before each write is
// sent, after the quota was waited for; an error refuses the write. The returned
// function ends it.
func (c *Client) Guard(arn string, mayWrite func() error) (end func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.guards[arn] = mayWrite
	return func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		delete(c.guards, arn)
	}
}

// Guards says that the lock with the ARN guards this client's writes.
func (c *Client) Guards(arn string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.guards[arn] != nil
}

type (
	unguardedKey struct{}
	sendByKey    struct{}
)

// Unguarded marks the writes of whoever guards the others.
func Unguarded(ctx context.Context) context.Context {
	return context.WithValue(ctx, unguardedKey{}, true)
}

// SendBy says until when a write may be sent. One that waited longer for the quota
// is not, and its error is ErrTooLate.
func SendBy(ctx context.Context, until time.Time) context.Context {
	return context.WithValue(ctx, sendByKey{}, until)
}

// ErrTooLate refuses a write that may no longer be sent.
var ErrTooLate = errors.New("the write waited too long to be sent")

// mayWrite refuses a write that must not be sent.
func (c *Client) mayWrite(ctx context.Context, operation string) error {
	if !writes(operation) {
		return nil
	}
	if until, ok := ctx.Value(sendByKey{}).(time.Time); ok && time.Now().After(until) {
		return ErrTooLate
	}
	if ctx.Value(unguardedKey{}) != nil {
		return nil
	}
	c.mu.Lock()
	guards := slices.Collect(maps.Values(c.guards))
	c.mu.Unlock()
	for _, guard := range guards {
		if err := guard(); err != nil {
			return err
		}
	}
	return nil
}

// Wrote is a write that this client made, or may have made, for whoever remembers
// what was read before.
type Wrote struct {
	Thing string // access.UserThing, GroupThing or SetThing
	ID    string // "" where AWS did not say
	New   bool   // it came or went
	// User and Group are what is there now, where that is known.
	User  *access.User
	Group *access.Group
}

// OnWrite has a function told of each write of the client.
func (c *Client) OnWrite(tell func(Wrote)) { c.tell = tell }

// Tell tells of a write.
func (c *Client) Tell(w Wrote) { c.tell(w) }

// sent is the error of a write whose answer says nothing else.
func sent[Out any](_ *Out, err error) error { return err }
