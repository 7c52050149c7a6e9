package lease

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/diag"
	"github.com/rolecall-dev/rolecall/internal/identitycenter"
)

// Info says who holds a lock.
type Info struct {
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

// tagsLate is how long AWS may take to show the tags of a set that was just made.
const tagsLate = 2 * time.Minute

// Read says who holds an owner's lock; false where nobody does.
func Read(ctx context.Context, c *identitycenter.Client, owner string) (Info, bool, error) {
	info, found, err := findLock(ctx, c, owner, nil)
	return info, found, c.Explain(err)
}

// findLock reads a lock. refused is AWS's answer to whoever would make it: for them a
// set of the lock's name counts that may not show its tags yet. Where that is a
// conflict, the name may be taken, so every set is described until one bears it,
// whatever the cache calls them: sso-admin has one exception for that and for
// "try again later", and only looking tells the two apart.
func findLock(ctx context.Context, c *identitycenter.Client, owner string, refused error) (Info, bool, error) {
	c.Recall()
	arn, err := c.SetByName(ctx, access.LockSetPrefix+owner, identitycenter.IsConflict(refused))
	var info Info
	if err == nil {
		info, err = describe(ctx, c, owner, arn, refused != nil)
	}
	if identitycenter.IsNotFound(err) {
		return Info{}, false, nil
	}
	return info, err == nil, err
}

// describe reads the lock that a set is. A set of another name is not found; one
// without the lock's tag, or with an owner, is none and stays as it is. With late,
// one that is young counts though it lacks the tag: but only for waiting.
func describe(ctx context.Context, c *identitycenter.Client, owner, arn string, late bool) (Info, error) {
	set, _, err := c.DescribePermissionSet(ctx, arn)
	if err != nil {
		return Info{}, err
	}
	if set.Name != access.LockSetPrefix+owner {
		return Info{}, identitycenter.NoSuchSet()
	}
	tags, _, err := c.ListTagsForResource(ctx, arn)
	if err != nil {
		return Info{}, err
	}
	has := func(key string) bool {
		return slices.ContainsFunc(tags, func(t access.Tag) bool { return t.Key == key })
	}
	switch {
	case !has(access.LockTag) && !(late && set.Now.Sub(set.Created) < tagsLate):
		return Info{}, notALock(owner, arn, fmt.Sprintf("it lacks the tag %s", access.LockTag))
	case has(access.OwnerTag):
		return Info{}, notALock(owner, arn, fmt.Sprintf("it has the tag %s", access.OwnerTag))
	}
	return infoOf(owner, set), nil
}

func infoOf(owner string, set identitycenter.Described) Info {
	var text lockText
	if json.Unmarshal([]byte(set.Description), &text) != nil { // not written by us: its creation is the only time it has
		text = lockText{Holder: "somebody who left no name", Since: set.Created, Renewed: set.Created}
	}
	age := set.Now.Sub(text.Renewed)
	return Info{
		Owner: owner, ARN: set.ARN, Holder: text.Holder, Since: text.Since, Renewed: text.Renewed, Age: age,
		Stale: age.Abs() >= missedRenewal, // renewed in the future: by a clock that is wrong, or by nobody
		run:   text.Run, text: set.Description,
	}
}

// BreakOptions say how a lock is broken.
type BreakOptions struct {
	// Holder names who breaks it, as in Options.
	Holder string
	// Now does not wait until the run that held the lock has surely stopped: that run
	// is dead.
	Now bool
	// Waiting, where not nil, is told how long that run may still write.
	Waiting func(left time.Duration)
}

// Break removes a lock that Read returned, whoever holds it; false where it is
// gone. A run that lives notices at its next renewal: until then nobody else gets
// the lock, because Break holds it meanwhile.
func Break(ctx context.Context, c *identitycenter.Client, held Info, o BreakOptions) (bool, error) {
	broken, err := remove(ctx, c, held)
	if err == nil && broken && !o.Now {
		err = guardUntilStopped(ctx, c, held, o)
	}
	return broken && err == nil, c.Explain(err)
}

// surelyStopped is how long after its last renewal a run may still write: it stops
// by itself then, and a call that is on its way is over.
const surelyStopped = staleAfter + 10*time.Second

// guardUntilStopped holds a lock that was broken for as long as the run that held
// it may write, so that two runs never write at once. Somebody who was faster has
// the lock, and is told so by nobody: that is why the wait begins at once.
func guardUntilStopped(ctx context.Context, c *identitycenter.Client, held Info, o BreakOptions) error {
	end := time.Now().Add(surelyStopped - min(max(held.Age, 0), surelyStopped))
	if !time.Now().Before(end) {
		return nil
	}
	guard := newLock(c, held.Owner, o.Holder+", who breaks the lock of "+held.Holder)
	if err := guard.create(ctx); err != nil {
		return err
	}
	var err error
	for left := time.Until(end); left > 0 && err == nil; left = time.Until(end) {
		if o.Waiting != nil {
			o.Waiting(left)
		}
		err = identitycenter.Sleep(ctx, min(left, time.Second))
	}
	return errors.Join(err, deleteSet(context.WithoutCancel(ctx), c, guard.arn))
}

// remove looks once more at a lock before it deletes it: only what is still the
// lock of its owner, with nothing on it and nobody who has it.
func remove(ctx context.Context, c *identitycenter.Client, held Info) (bool, error) {
	_, err := describe(ctx, c, held.Owner, held.ARN, false)
	empty := false
	if err == nil {
		empty, err = c.IsEmpty(ctx, held.ARN)
	}
	switch {
	case identitycenter.IsNotFound(err):
		return false, nil
	case err != nil:
		return false, err
	case !empty:
		return false, notALock(held.Owner, held.ARN, "it is not empty, or it is assigned to somebody")
	}
	return true, deleteSet(ctx, c, held.ARN)
}

// giveBack removes the lock that this run made, unless somebody has since made
// something else of it. Where that cannot be seen, it goes: the ARN is that of
// AWS's answer to this run, and AWS deletes nothing that somebody has.
func (l *Lock) giveBack(ctx context.Context) error {
	looking, cancel := context.WithTimeout(ctx, giveBackWithin/2)
	defer cancel()
	_, err := describe(looking, l.c, l.owner, l.arn, true)
	if identitycenter.IsNotFound(err) {
		l.gone()
		return nil
	}
	if other, ok := errors.AsType[identitycenter.Failure](err); ok && other.Finding.Code == identitycenter.CodeNotALock {
		return err
	}
	return deleteSet(ctx, l.c, l.arn)
}

// deleteSet deletes a lock by its ARN; one that is gone is done. It is tried again
// for as long as reads are, because a lock that stays stops others.
func deleteSet(ctx context.Context, c *identitycenter.Client, arn string) error {
	if err := c.DeletePermissionSet(identitycenter.Unguarded(ctx), arn, true); !identitycenter.IsNotFound(err) {
		return err
	}
	return nil
}

func heldBy(held Info) error {
	d := diag.Diagnostic{
		Severity: diag.Error, Code: identitycenter.CodeLocked, Summary: fmt.Sprintf("another run holds the lock of owner %q", held.Owner),
		Detail: "It is held by " + held.Holder + ".",
		Hint:   fmt.Sprintf("Wait for it to end. If that run is dead, run again in %s: that run watches the lock for two minutes, and takes it over. `rolecall unlock` breaks it at once.", missedRenewal),
	}
	if !held.Since.IsZero() {
		d.Detail = fmt.Sprintf("It is held by %s since %s and was renewed %s ago.", held.Holder, held.Since.Format(time.RFC3339), held.Age.Round(time.Second))
	}
	return identitycenter.Failure{Finding: d}
}

func takenOver(held Info) diag.Diagnostic {
	return diag.Diagnostic{
		Severity: diag.Warning, Code: identitycenter.CodeLockTakenOver, Summary: fmt.Sprintf("the lock of owner %q was taken over", held.Owner),
		Detail: fmt.Sprintf("%s held it since %s and did not renew it while it was watched for %s.", held.Holder, held.Since.Format(time.RFC3339), leaseLasts),
		Hint:   "That run ended without releasing the lock; what it left undone is in the plan.",
	}
}

func notALock(owner, arn, why string) error {
	return identitycenter.Failure{Finding: diag.Diagnostic{
		Severity: diag.Error, Code: identitycenter.CodeNotALock, Summary: fmt.Sprintf("the permission set %q has the name of a lock, but is not one: %s", access.LockSetPrefix+owner, why),
		Detail: "It is " + arn + ". It was left as it is.",
		Hint:   "Check in the IAM Identity Center console who uses it, and delete it there: as long as it exists, no run of this owner can take the lock.",
	}}
}

func withoutLock(owner string) diag.Diagnostic {
	return diag.Diagnostic{
		Severity: diag.Warning, Code: identitycenter.CodeNoLock, Summary: fmt.Sprintf("the lock of owner %q cannot be taken: AWS has no room for another permission set", owner),
		Detail: "Changes that only revoke continue without a lock.", Hint: "Make sure that no other run is in progress.",
	}
}

// NoLock is the error for a run that does more than revoke, where there is no
// room for the lock.
func NoLock(owner string) error {
	d := withoutLock(owner)
	d.Severity = diag.Error
	d.Detail = "Only a run that does nothing but revoke may continue without a lock, and this one does more. Nothing was written."
	d.Hint = "Delete a permission set that nothing uses, apply the removals alone, or ask AWS to raise the quota (Service Quotas, IAM Identity Center)."
	return identitycenter.Failure{Finding: d}
}
