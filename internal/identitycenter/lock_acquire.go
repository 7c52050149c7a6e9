package identitycenter

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssoadmin"
	ssotypes "github.com/aws/aws-sdk-go-v2/service/ssoadmin/types"
	"github.com/aws/smithy-go/middleware"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/diag"
)

// lockText is the description of the lock's permission set.
type lockText struct {
	Holder  string    `json:"holder"`
	Run     string    `json:"run"` // tells one run from another
	Since   time.Time `json:"since"`
	Renewed time.Time `json:"renewed"`

	skew time.Duration
}

// maxDescription is AWS's limit on a description, in characters.
const maxDescription = 700

// String writes the text in ASCII, because descriptions take Latin-1 only; a
// holder's name that is too long is cut.
func (t lockText) String() string {
	for {
		text := t.ascii()
		if len(text) <= maxDescription || t.Holder == "" {
			return text
		}
		_, size := utf8.DecodeLastRuneInString(t.Holder)
		t.Holder = t.Holder[:len(t.Holder)-size]
	}
}

func (t lockText) ascii() string {
	text, err := json.Marshal(t)
	if err != nil {
		panic(fmt.Sprintf("encode a lock: %v", err)) // it has only strings and times
	}
	var b strings.Builder
	for _, r := range string(text) {
		if r < utf8.RuneSelf {
			b.WriteRune(r)
			continue
		}
		for _, unit := range utf16.Encode([]rune{r}) {
			fmt.Fprintf(&b, `\u%04x`, unit)
		}
	}
	return b.String()
}

func parseLockText(text string) (lockText, error) {
	var t lockText
	if err := json.Unmarshal([]byte(text), &t); err != nil {
		return t, fmt.Errorf("read the lock's description: %w", err)
	}
	return t, nil
}

// LockInfo says who holds a lock.
type LockInfo struct {
	Owner   string    `json:"owner"`
	ARN     string    `json:"arn"`
	Holder  string    `json:"holder"`
	Since   time.Time `json:"since"`
	Renewed time.Time `json:"renewed"`
	// Age is the time since the last renewal, by AWS's clock where it told.
	Age   time.Duration `json:"age"`
	Stale bool          `json:"stale"` // another run may take it over

	run string
}

// fewTries is how often taking the lock is tried again after an answer that
// says nothing about who has it; whoever waits for the lock goes on for as long.
const fewTries = 6

// acquire creates the lock's set. A stale one is removed and taken over.
func (l *Lock) acquire(ctx context.Context, wait time.Duration) error {
	began := time.Now()
	for tries := 0; ; {
		held, err := l.attempt(ctx)
		pause := 5*time.Second + rand.N(10*time.Second) // contenders do not come all at once
		switch {
		case err != nil && mayHaveHappened(err) && (tries < fewTries || time.Since(began) < wait):
			tries++
			pause, _ = backoff(tries, err)
		case err != nil:
			return fmt.Errorf("take the lock: %w", err)
		case held == nil:
			return nil
		case time.Since(began) >= wait:
			return failure{finding: heldBy(*held)}
		}
		if err := sleep(ctx, pause); err != nil {
			return err
		}
	}
}

// createWithin bounds the call that makes the lock, giveBackWithin the one that
// gives it back after an interruption.
const (
	createWithin   = 30 * time.Second
	giveBackWithin = 10 * time.Second
)

// uninterrupted gives the lock back where the run was interrupted while taking
// it, and the reason.
func (l *Lock) uninterrupted(ctx context.Context) error {
	reason := ctx.Err()
	if reason == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), giveBackWithin)
	defer cancel()
	if err := l.c.deleteLock(ctx, l.arn); err != nil {
		return errors.Join(reason, fmt.Errorf("release the lock: %w", err))
	}
	return reason
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// attempt tries once to take the lock; it gives who holds it instead, or nil.
func (l *Lock) attempt(ctx context.Context) (*LockInfo, error) {
	refused := l.create(ctx)
	if refused == nil || !mayHaveHappened(refused) {
		return nil, refused
	}
	held, found, err := l.c.ReadLock(ctx, l.owner)
	switch {
	case err != nil:
		return nil, err
	case !found:
		return nil, refused
	case held.run == l.text.Run: // our own create, whose answer was lost
		l.arn = held.ARN
		return nil, l.renew(ctx)
	case !held.Stale:
		return &held, nil
	}
	if err := l.c.deleteLock(ctx, held.ARN); err != nil {
		return nil, err
	}
	if err := l.create(ctx); err != nil {
		return nil, err // another contender may have been faster: the next attempt looks
	}
	l.notes = append(l.notes, takenOver(held))
	return nil, nil
}

// mayHaveHappened says that the answer to a call was lost, or that AWS asks to
// come again: then looking tells what is.
func mayHaveHappened(err error) bool {
	return isNetwork(err) || isServerFault(err) || status(err) >= 500 || isThrottle(err) || isConflict(err)
}

// create makes the lock's set. Once it is on its way the call is not
// interrupted: its answer says what there is to give back.
func (l *Lock) create(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(lockCall(context.WithoutCancel(ctx)), createWithin)
	defer cancel()
	sent := nowInstant()
	l.text.Since = sent.wall.Add(l.text.skew).UTC()
	l.text.Renewed = l.text.Since
	out, err := l.c.sso.CreatePermissionSet(ctx, &ssoadmin.CreatePermissionSetInput{
		InstanceArn: &l.c.instance.ARN, Name: aws.String(lockName(l.owner)), Description: aws.String(l.text.String()),
		Tags: []ssotypes.Tag{{Key: aws.String(access.LockTag), Value: aws.String(l.owner)}},
	}, once)
	if err != nil {
		return err
	}
	l.arn, l.renewed = aws.ToString(out.PermissionSet.PermissionSetArn), sent
	l.text.skew = skew(out.ResultMetadata)
	l.c.learnSet(l.arn, CachedSet{Name: lockName(l.owner), Marked: true, Lock: true})
	return nil
}

// ReadLock says who holds an owner's lock; false where nobody does.
func (c *Client) ReadLock(ctx context.Context, owner string) (LockInfo, bool, error) {
	c.recall()
	arn, err := c.setByName(ctx, lockName(owner))
	if isNotFound(err) {
		return LockInfo{}, false, nil
	}
	if err != nil {
		return LockInfo{}, false, c.explain(fmt.Errorf("look for the lock: %w", err))
	}
	info, err := c.describeLock(ctx, owner, arn)
	if isNotFound(err) {
		return LockInfo{}, false, nil
	}
	return info, err == nil, c.explain(err)
}

func (c *Client) describeLock(ctx context.Context, owner, arn string) (LockInfo, error) {
	out, err := c.sso.DescribePermissionSet(ctx, &ssoadmin.DescribePermissionSetInput{InstanceArn: &c.instance.ARN, PermissionSetArn: &arn})
	if err != nil {
		return LockInfo{}, fmt.Errorf("read the lock: %w", err)
	}
	c.learnSet(arn, CachedSet{Name: lockName(owner), Marked: true, Lock: true})
	info := LockInfo{Owner: owner, ARN: arn, Holder: "somebody who left no name"}
	text, err := parseLockText(aws.ToString(out.PermissionSet.Description))
	if err != nil { // not written by us: its creation is the only time it has
		text = lockText{Since: aws.ToTime(out.PermissionSet.CreatedDate), Renewed: aws.ToTime(out.PermissionSet.CreatedDate)}
	} else {
		info.Holder = text.Holder
	}
	info.run, info.Since, info.Renewed = text.Run, text.Since, text.Renewed
	info.Age = serverNow(out.ResultMetadata).Sub(text.Renewed)
	info.Stale = info.Age >= leaseLasts
	return info, nil
}

func serverNow(meta middleware.Metadata) time.Time { return time.Now().Round(0).Add(skew(meta)) }

// BreakLock removes an owner's lock whoever holds it, and says who did; false
// where nobody did. Its holder stops writing at its next renewal.
func (c *Client) BreakLock(ctx context.Context, owner string) (LockInfo, bool, error) {
	info, found, err := c.ReadLock(ctx, owner)
	if err != nil || !found {
		return info, found, err
	}
	if err := c.deleteLock(ctx, info.ARN); err != nil {
		return info, true, c.explain(fmt.Errorf("break the lock: %w", err))
	}
	return info, true, nil
}

// deleteLock removes a lock by its ARN; one that is gone is done. It is tried
// again for as long as reads are, because a lock that stays stops others.
func (c *Client) deleteLock(ctx context.Context, arn string) error {
	ctx = lockCall(ctx)
	_, err := c.sso.DeletePermissionSet(ctx, &ssoadmin.DeletePermissionSetInput{InstanceArn: &c.instance.ARN, PermissionSetArn: &arn})
	if isNotFound(err) {
		return nil
	}
	return err
}

func heldBy(held LockInfo) diag.Diagnostic {
	d := diag.Diagnostic{
		Severity: diag.Error, Code: CodeLocked, Summary: fmt.Sprintf("another run holds the lock of owner %q", held.Owner),
		Detail: "It is held by " + held.Holder + ".",
		Hint:   "Wait for it to end. If it is dead, its lock can be taken over two minutes after its last renewal; `rolecall unlock` breaks it at once.",
	}
	if !held.Since.IsZero() {
		d.Detail = fmt.Sprintf("It is held by %s since %s and was renewed %s ago.", held.Holder, held.Since.Format(time.RFC3339), held.Age.Round(time.Second))
	}
	return d
}

func takenOver(held LockInfo) diag.Diagnostic {
	return diag.Diagnostic{
		Severity: diag.Warning, Code: CodeLockTakenOver, Summary: fmt.Sprintf("the lock of owner %q was taken over", held.Owner),
		Detail: fmt.Sprintf("%s held it since %s and did not renew it for %s.", held.Holder, held.Since.Format(time.RFC3339), held.Age.Round(time.Second)),
		Hint:   "That run ended without giving the lock back; what it left undone is in the plan.",
	}
}
