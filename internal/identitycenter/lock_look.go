package identitycenter

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssoadmin"
	"github.com/aws/smithy-go/middleware"
	"golang.org/x/sync/errgroup"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/diag"
)

// LockInfo says who holds a lock.
type LockInfo struct {
	Owner   string    `json:"owner"`
	ARN     string    `json:"arn"`
	Holder  string    `json:"holder"`
	Since   time.Time `json:"since"`
	Renewed time.Time `json:"renewed"`
	// Age is the time since the last renewal as the lock tells it, by AWS's clock
	// where it told.
	Age time.Duration `json:"age"`
	// Stale says that the lock looks abandoned, by what it tells. Whoever takes it
	// over watches it first.
	Stale bool `json:"stale"`

	run  string
	text string // its description, word for word
}

// ReadLock says who holds an owner's lock; false where nobody does.
func (c *Client) ReadLock(ctx context.Context, owner string) (LockInfo, bool, error) {
	return c.readLock(ctx, owner, nil)
}

// readLock reads a lock. refused is AWS's answer to whoever would make it: where
// the name is taken, the set of that name is surely there, and one that was made a
// moment ago may not show its tags yet.
func (c *Client) readLock(ctx context.Context, owner string, refused error) (LockInfo, bool, error) {
	c.recall()
	arn, err := c.setByName(ctx, lockName(owner), isNameTaken(refused))
	if isNotFound(err) {
		return LockInfo{}, false, nil
	}
	if err != nil {
		return LockInfo{}, false, c.explain(fmt.Errorf("look for the lock: %w", err))
	}
	info, err := c.describeLock(ctx, owner, arn, isNameTaken(refused))
	if isNotFound(err) {
		return LockInfo{}, false, nil
	}
	return info, err == nil, c.explain(err)
}

// describeLock reads the lock that a set is. A set of another name is not found;
// one without the lock's tag, or with an owner, is none and stays as it is. With
// late, one that is young counts though it lacks the tag: but only for waiting.
func (c *Client) describeLock(ctx context.Context, owner, arn string, late bool) (LockInfo, error) {
	var out *ssoadmin.DescribePermissionSetOutput
	var tags []access.Tag
	g, gctx := errgroup.WithContext(ctx)
	g.Go(func() (err error) {
		out, err = c.sso.DescribePermissionSet(gctx, &ssoadmin.DescribePermissionSetInput{InstanceArn: &c.instance.ARN, PermissionSetArn: &arn})
		return err
	})
	g.Go(func() (err error) { tags, err = c.setTags(gctx, arn); return err })
	if err := g.Wait(); err != nil {
		return LockInfo{}, fmt.Errorf("read the lock: %w", err)
	}
	c.learnName(arn, aws.ToString(out.PermissionSet.Name))
	has := func(key string) bool {
		return slices.ContainsFunc(tags, func(t access.Tag) bool { return t.Key == key })
	}
	switch {
	case aws.ToString(out.PermissionSet.Name) != lockName(owner):
		return LockInfo{}, noSuchSet
	case !has(access.LockTag) && !(late && serverNow(out.ResultMetadata).Sub(aws.ToTime(out.PermissionSet.CreatedDate)) < settling):
		return LockInfo{}, failure{finding: notALock(owner, arn, fmt.Sprintf("it lacks the tag %s", access.LockTag))}
	case has(access.OwnerTag):
		return LockInfo{}, failure{finding: notALock(owner, arn, fmt.Sprintf("it has the tag %s", access.OwnerTag))}
	}
	c.learnSet(arn, CachedSet{Name: lockName(owner), Marked: true, Lock: true})
	return lockInfo(owner, arn, out), nil
}

func lockInfo(owner, arn string, out *ssoadmin.DescribePermissionSetOutput) LockInfo {
	info := LockInfo{Owner: owner, ARN: arn, Holder: "somebody who left no name", text: aws.ToString(out.PermissionSet.Description)}
	text, err := parseLockText(info.text)
	if err != nil { // not written by us: its creation is the only time it has
		text = lockText{Since: aws.ToTime(out.PermissionSet.CreatedDate), Renewed: aws.ToTime(out.PermissionSet.CreatedDate)}
	} else {
		info.Holder = text.Holder
	}
	info.run, info.Since, info.Renewed = text.Run, text.Since, text.Renewed
	info.Age = serverNow(out.ResultMetadata).Sub(text.Renewed)
	info.Stale = info.Age >= missedRenewal || info.Age < -missedRenewal // renewed in the future: by a clock that is wrong, or by nobody
	return info
}

func serverNow(meta middleware.Metadata) time.Time { return time.Now().Round(0).Add(skew(meta)) }

// BreakOptions say how a lock is broken.
type BreakOptions struct {
	// Holder names who breaks it, as in LockOptions.
	Holder string
	// Now does not wait until the run that held the lock has surely stopped: that run
	// is dead.
	Now bool
	// Waiting, where not nil, is told how long that run may still write.
	Waiting func(left time.Duration)
}

// BreakLock removes a lock that ReadLock returned, whoever holds it; false where
// it is gone. A run that lives notices at its next renewal: until then nobody else
// gets the lock, because BreakLock holds it meanwhile.
func (c *Client) BreakLock(ctx context.Context, held LockInfo, o BreakOptions) (bool, error) {
	broken, err := c.breakLock(ctx, held)
	if err == nil && broken && !o.Now {
		err = c.guardUntilStopped(ctx, held, o)
	}
	if err != nil {
		return false, c.explain(fmt.Errorf("break the lock: %w", err))
	}
	return broken, nil
}

// surelyStopped is how long after its last renewal a run may still write: it stops
// by itself then, and a call that is on its way is over.
const surelyStopped = staleAfter + 10*time.Second

// guardUntilStopped holds a lock that was broken for as long as the run that held
// it may write, so that two runs never write at once. Somebody who was faster has
// the lock, and is told so by nobody: that is why the wait begins at once.
func (c *Client) guardUntilStopped(ctx context.Context, held LockInfo, o BreakOptions) error {
	end := time.Now().Add(surelyStopped - min(max(held.Age, 0), surelyStopped))
	if !time.Now().Before(end) {
		return nil
	}
	guard := &Lock{c: c, owner: held.Owner, lost: make(chan error, 1), cancel: func() {}}
	guard.text = lockText{Holder: o.Holder + ", who breaks the lock of " + held.Holder, Run: rand.Text()}
	if err := guard.create(ctx); err != nil {
		return fmt.Errorf("keep others from the lock until that run has stopped: %w", err)
	}
	var err error
	for left := time.Until(end); left > 0 && err == nil; left = time.Until(end) {
		if o.Waiting != nil {
			o.Waiting(left)
		}
		err = sleep(ctx, min(left, time.Second))
	}
	return errors.Join(err, c.deleteLock(context.WithoutCancel(ctx), guard.arn))
}

// breakLock looks once more at a lock before it removes it: only what is still
// the lock of its owner, with nothing on it and nobody who has it.
func (c *Client) breakLock(ctx context.Context, held LockInfo) (bool, error) {
	_, err := c.describeLock(ctx, held.Owner, held.ARN, false)
	if isNotFound(err) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	empty, err := c.isEmpty(ctx, held.ARN)
	switch {
	case isNotFound(err):
		return false, nil
	case err != nil:
		return false, fmt.Errorf("read what is on the lock: %w", err)
	case !empty:
		return false, failure{finding: notALock(held.Owner, held.ARN, "something is on it, or somebody has it")}
	}
	return true, c.deleteLock(ctx, held.ARN)
}

// giveBack removes the lock that this run made, unless somebody has since made
// something else of it. Where that cannot be seen, it goes: the ARN is that of
// AWS's answer to this run, and AWS deletes nothing that somebody has.
func (l *Lock) giveBack(ctx context.Context) error {
	look, cancel := context.WithTimeout(ctx, giveBackWithin/2)
	defer cancel()
	_, err := l.c.describeLock(look, l.owner, l.arn, true)
	if isNotFound(err) {
		l.end("It was broken or taken over: its permission set is gone.")
		return nil
	}
	var other failure
	if errors.As(err, &other) && other.finding.Code == CodeNotALock {
		return err
	}
	return l.c.deleteLock(ctx, l.arn)
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
		Hint:   fmt.Sprintf("Wait for it to end. If that run is dead, run again in %s: that run watches the lock for two minutes, and takes it over. `rolecall unlock` breaks it at once.", missedRenewal),
	}
	if !held.Since.IsZero() {
		d.Detail = fmt.Sprintf("It is held by %s since %s and was renewed %s ago.", held.Holder, held.Since.Format(time.RFC3339), held.Age.Round(time.Second))
	}
	return d
}

func takenOver(held LockInfo) diag.Diagnostic {
	return diag.Diagnostic{
		Severity: diag.Warning, Code: CodeLockTakenOver, Summary: fmt.Sprintf("the lock of owner %q was taken over", held.Owner),
		Detail: fmt.Sprintf("%s held it since %s and did not renew it while it was watched for %s.", held.Holder, held.Since.Format(time.RFC3339), leaseLasts),
		Hint:   "That run ended without giving the lock back; what it left undone is in the plan.",
	}
}

func notALock(owner, arn, why string) diag.Diagnostic {
	return diag.Diagnostic{
		Severity: diag.Error, Code: CodeNotALock, Summary: fmt.Sprintf("the permission set %q has the name of a lock, and is none: %s", lockName(owner), why),
		Detail: "It is " + arn + ". It was left as it is.",
		Hint:   "See in the IAM Identity Center console who uses it, and delete it there: as long as it exists, no run of this owner can take the lock.",
	}
}

func withoutLock(owner string) diag.Diagnostic {
	return diag.Diagnostic{
		Severity: diag.Warning, Code: CodeNoLock, Summary: fmt.Sprintf("the lock of owner %q cannot be taken: AWS has no room for another permission set", owner),
		Detail: "What only revokes goes on without a lock.", Hint: "See that no other run is under way.",
	}
}

// NoLock is the error for a run that does more than revoke, where there is no
// room for the lock.
func NoLock(owner string) error {
	d := withoutLock(owner)
	d.Severity = diag.Error
	d.Detail = "Only a run that does nothing but revoke may go on without a lock, and this one does more. Nothing was written."
	d.Hint = "Delete a permission set that nothing uses, apply the removals alone, or ask AWS to raise the quota (Service Quotas, IAM Identity Center)."
	return failure{finding: d, cause: errNoRoom}
}
