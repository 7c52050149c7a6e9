package identitycenter

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/service/ssoadmin"
	"github.com/aws/smithy-go/middleware"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/diag"
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
)

// LockOptions say whose lock is taken, and by whom.
type LockOptions struct {
	Owner string
	// Holder names the run for people, such as "jane@laptop, process 4711".
	Holder string
	// Wait is how long to wait for a lock that another holds; 0 means not at all,
	// but that one that looks abandoned is watched until it may be taken over.
	Wait time.Duration
	// Watching, where not nil, is told who holds the lock that is waited for, and
	// in how long it may be taken over unless it is renewed.
	Watching func(held LockInfo, left time.Duration)
}

// Lock is the right to write on behalf of an owner. It is a permission set
// whose name AWS keeps unique; it is renewed in the background until Release.
// Everything after taking it goes by its ARN, which AWS never uses twice: what
// is done to a lock that another has broken or taken over does nothing.
type Lock struct {
	c     *Client
	owner string
	arn   string // "" where there was no room for it
	text  lockText
	notes diag.List

	lost    chan error
	cancel  context.CancelFunc
	renewer sync.WaitGroup

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

// Lock takes the owner's lock and keeps it renewed. Where another run holds
// it, the error is a diagnostic that says who. All writes through the client
// are refused once the lock is lost. Where there is no room for another
// permission set, the lock is not Held: only what revokes may go on without.
func (c *Client) Lock(ctx context.Context, o LockOptions) (*Lock, error) {
	l := &Lock{c: c, owner: o.Owner, lost: make(chan error, 1), cancel: func() {}}
	l.text = lockText{Holder: o.Holder, Run: rand.Text()}
	switch err := l.acquire(ctx, o); {
	case errors.Is(err, errNoRoom):
		l.notes = append(l.notes, withoutLock(o.Owner))
		return l, ctx.Err()
	case err != nil:
		return nil, c.explain(err)
	}
	if err := l.uninterrupted(ctx); err != nil {
		return nil, err
	}
	c.mu.Lock()
	c.locks[l] = true
	c.mu.Unlock()
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

// Check looks whether the lock is still there, and returns why not: a run that is
// over must know whether it was alone to its end.
func (l *Lock) Check(ctx context.Context) error {
	if !l.Held() {
		return nil
	}
	if err := l.renew(ctx); isNotFound(err) {
		l.end("It was broken or taken over: its permission set is gone.")
	}
	return l.mayWrite()
}

// Lost yields once, when the lock is lost: then nothing more may be written.
func (l *Lock) Lost() <-chan error { return l.lost }

// Release gives the lock back. It says where the lock had been lost before.
func (l *Lock) Release(ctx context.Context) error {
	if !l.Held() {
		return nil
	}
	l.cancel()
	l.renewer.Wait()
	l.c.mu.Lock()
	delete(l.c.locks, l)
	l.c.mu.Unlock()
	if err := l.giveBack(ctx); err != nil {
		return l.c.explain(fmt.Errorf("release the lock: %w", err))
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.ended
}

// mayWrite is asked right before each write is sent.
func (l *Lock) mayWrite() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.ended == nil && l.renewed.since() >= staleAfter {
		l.endLocked(fmt.Sprintf("It was not renewed for %s.", l.renewed.since().Round(time.Second)))
	}
	return l.ended
}

func (l *Lock) endLocked(why string) {
	l.ended = failure{finding: diag.Diagnostic{
		Severity: diag.Error, Code: CodeLockLost, Summary: fmt.Sprintf("the lock of owner %q is lost, so nothing more is written", l.owner),
		Detail: why, Hint: "See that no other run is under way, then run again: it goes on where this one stopped.",
	}}
	l.lost <- l.ended
	close(l.lost)
}

func (l *Lock) end(why string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.ended == nil {
		l.endLocked(why)
	}
}

// keep renews the lock until it is released or lost.
func (l *Lock) keep(ctx context.Context) {
	wait := renewEvery
	for {
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-timer.C:
		}
		if l.mayWrite() != nil {
			return
		}
		wait = renewEvery
		switch err := l.renew(ctx); {
		case ctx.Err() != nil:
			return
		case isNotFound(err):
			l.end("It was broken or taken over: its permission set is gone.")
			return
		case err != nil:
			wait = renewAgain
		}
	}
}

// renew writes the time into the lock. A renewal counts from when it was sent.
func (l *Lock) renew(ctx context.Context) error {
	sent := nowInstant()
	ctx, cancel := context.WithTimeout(lockCall(ctx), renewEvery)
	defer cancel()
	l.mu.Lock()
	l.text.Renewed = sent.wall.Add(l.text.skew).UTC()
	text := l.text
	l.mu.Unlock()
	out, err := l.c.sso.UpdatePermissionSet(ctx, &ssoadmin.UpdatePermissionSetInput{
		InstanceArn: &l.c.instance.ARN, PermissionSetArn: &l.arn, Description: aws.String(text.String()),
	}, once)
	if err != nil {
		return fmt.Errorf("renew the lock: %w", err)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.renewed = sent
	l.text.skew = skew(out.ResultMetadata)
	return nil
}

// skew gives how far AWS's clock is ahead of ours, by the Date of an answer;
// leases are compared by AWS's clock. Without a Date it is 0.
func skew(meta middleware.Metadata) time.Duration {
	server, ok := awsmiddleware.GetServerTime(meta)
	if !ok {
		return 0
	}
	if d := server.Sub(time.Now().Round(0)); d.Abs() > time.Second { // Date has whole seconds
		return d
	}
	return 0
}

// lockName gives the name of the owner's lock.
func lockName(owner string) string { return access.LockSetPrefix + owner }

type lockCallKey struct{}

// lockCall marks calls about the lock itself, which need no lock.
func lockCall(ctx context.Context) context.Context {
	return context.WithValue(ctx, lockCallKey{}, true)
}

// allowed refuses a write once the lock is lost. It is asked after the quota
// was waited for, right before the call is signed and sent.
func (c *Client) allowed(ctx context.Context, operation string) error {
	if !c.writes[operation] || ctx.Value(lockCallKey{}) != nil {
		return nil
	}
	c.mu.Lock()
	held := slices.Collect(maps.Keys(c.locks))
	c.mu.Unlock()
	for _, l := range held {
		if err := l.mayWrite(); err != nil {
			return err
		}
	}
	return nil
}
