// Package lease is the lock of an owner: the right to write on its behalf, which
// one run has at a time. The lock is a permission set, because AWS keeps the names
// of permission sets unique and has no conditional write.
//
// It promises that a run whose lock was broken, taken over or not renewed in time
// stops writing before another one begins, and that nothing is deleted that is not
// the owner's lock. It does not say what a run may do without a lock.
package lease

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/diag"
	"github.com/rolecall-dev/rolecall/internal/identitycenter"
)

// The lock's times. A holder stops writing long before another may take over,
// so that neither a slow call nor clocks that differ a little make two writers.
const (
	renewEvery = 30 * time.Second
	staleAfter = time.Minute     // without a renewal: the holder stops
	leaseLasts = 2 * time.Minute // without a renewal: another may take over
	// missedRenewal is how old a renewal is, as the lock tells, when it is worth
	// watching whether another one comes.
	missedRenewal = renewEvery + 10*time.Second
	renewAgain    = 5 * time.Second // after a renewal that failed
	// createWithin bounds the call that makes the lock, giveBackWithin those that
	// give it back after an interruption.
	createWithin   = 30 * time.Second
	giveBackWithin = 10 * time.Second
)

// Options say whose lock is taken, and by whom.
type Options struct {
	Owner string
	// Holder names the run for people, such as "jane@laptop, process 4711".
	Holder string
	// Wait is how long to wait for a lock that another holds; 0 means not at all,
	// but that one that looks abandoned is watched until it may be taken over.
	Wait time.Duration
	// Watching, where not nil, is told who holds the lock that is waited for, and
	// in how long it may be taken over unless it is renewed.
	Watching func(held Info, left time.Duration)
}

// Lock is the right to write on behalf of an owner. It is a permission set
// whose name AWS keeps unique; it is renewed in the background until Release.
// Everything after taking it goes by its ARN, which AWS never uses twice: what
// is done to a lock that another has broken or taken over does nothing.
type Lock struct {
	c     *identitycenter.Client
	owner string
	arn   string // "" where there was no room for it
	text  lockText
	notes diag.List

	lost    chan error
	cancel  context.CancelFunc
	renewer sync.WaitGroup
	unguard func()

	mu      sync.Mutex
	renewed instant // when the last renewal that succeeded was sent
	ended   error   // why the lock is lost
}

// instant is a time by both clocks: the monotonic one stands still while a
// machine sleeps, the other one may be set.
type instant struct{ mono, wall time.Time }

func nowInstant() instant {
	now := time.Now()
	return instant{now, now.Round(0)}
}

func (i instant) since() time.Duration {
	now := nowInstant()
	return max(now.mono.Sub(i.mono), now.wall.Sub(i.wall))
}

func newLock(c *identitycenter.Client, owner, holder string) *Lock {
	return &Lock{c: c, owner: owner, text: lockText{Holder: holder, Run: rand.Text()}, lost: make(chan error, 1)}
}

// Take takes the owner's lock and keeps it renewed. Where another run holds
// it, the error is a diagnostic that says who. All writes through the client
// are refused once the lock is lost. Where there is no room for another
// permission set, the lock is not Held: only what revokes may go on without.
func Take(ctx context.Context, c *identitycenter.Client, o Options) (*Lock, error) {
	l := newLock(c, o.Owner, o.Holder)
	switch err := l.acquire(ctx, o); {
	case errors.Is(err, errNoRoom):
		l.notes = append(l.notes, withoutLock(o.Owner))
		return l, ctx.Err()
	case err != nil:
		return nil, c.Explain(err)
	}
	if reason := ctx.Err(); reason != nil { // interrupted while taking it
		last, cancel := context.WithTimeout(context.WithoutCancel(ctx), giveBackWithin)
		defer cancel()
		return nil, errors.Join(reason, l.giveBack(last))
	}
	l.unguard = c.Guard(l.arn, l.mayWrite)
	keep, cancel := context.WithCancel(context.WithoutCancel(ctx))
	l.cancel = cancel
	l.renewer.Go(func() { l.keep(keep) })
	return l, nil
}

// Held says that there is a lock. It is false where there is no room for one.
func (l *Lock) Held() bool { return l.arn != "" }

// Notes say what is worth a line: that a stale lock was taken over, or that there
// is no room for one.
func (l *Lock) Notes() diag.List { return l.notes }

// Ended yields once, when the lock is lost: then nothing more may be written.
func (l *Lock) Ended() <-chan error { return l.lost }

// Check looks whether the lock is still there, and returns why not: a run that is
// over must know whether it was alone to its end.
func (l *Lock) Check(ctx context.Context) error {
	if !l.Held() {
		return nil
	}
	_ = l.renew(ctx) // only its end counts
	return l.mayWrite()
}

// Release gives the lock up. It says where the lock had been lost before.
func (l *Lock) Release(ctx context.Context) error {
	if !l.Held() {
		return nil
	}
	l.cancel()
	l.renewer.Wait()
	l.unguard()
	if err := l.giveBack(ctx); err != nil {
		return l.c.Explain(err)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.ended
}

// mayWrite is asked right before each write is sent.
func (l *Lock) mayWrite() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if age := l.renewed.since(); age >= staleAfter {
		l.end(fmt.Sprintf("It was not renewed for %s.", age.Round(time.Second)))
	}
	return l.ended
}

// end says once that the lock is lost. l.mu is held.
func (l *Lock) end(why string) {
	if l.ended != nil {
		return
	}
	l.ended = identitycenter.Failure{Finding: diag.Diagnostic{
		Severity: diag.Error, Code: identitycenter.CodeLockLost, Summary: fmt.Sprintf("the lock of owner %q is lost, so nothing more is written", l.owner),
		Detail: why, Hint: "Make sure that no other run is in progress, then run again: it continues where this one stopped.",
	}}
	l.lost <- l.ended
	close(l.lost)
}

// gone ends a lock whose permission set is not there.
func (l *Lock) gone() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.end("It was broken or taken over: its permission set is gone.")
}

// keep renews the lock until it is released or lost.
func (l *Lock) keep(ctx context.Context) {
	for wait := renewEvery; identitycenter.Sleep(ctx, wait) == nil && l.mayWrite() == nil; {
		wait = renewEvery
		if l.renew(ctx) != nil {
			wait = renewAgain
		}
	}
}

// renew writes the time into the lock, and ends one that is gone. A renewal counts
// from when it was sent.
func (l *Lock) renew(ctx context.Context) error {
	sent := nowInstant()
	ctx, cancel := context.WithTimeout(identitycenter.Unguarded(ctx), renewEvery)
	defer cancel()
	l.mu.Lock()
	l.text.Renewed = sent.wall.Add(l.text.skew).UTC()
	text := l.text.String()
	l.mu.Unlock()
	skew, err := l.c.UpdatePermissionSet(ctx, access.PermissionSet{ARN: l.arn, Description: text})
	switch {
	case identitycenter.IsNotFound(err):
		l.gone()
		return err
	case err != nil:
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.renewed, l.text.skew = sent, skew
	return nil
}
