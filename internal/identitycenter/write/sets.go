package write

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/apply"
	"github.com/rolecall-dev/rolecall/internal/identitycenter"
	"github.com/rolecall-dev/rolecall/internal/plan"
)

// createSet creates a set in one call with its mark and that of this run, which
// its record takes off.
func (t *Target) createSet(ctx context.Context, ch plan.Change) error {
	p := *ch.After.PermissionSet
	p.Tags = append(slices.Clone(p.Tags), access.Tag{Key: access.UnfinishedTag, Value: t.run})
	return t.create(object{plan.PermissionSet, p.Name}, func() (string, error) {
		arn, _, err := t.c.CreatePermissionSet(ctx, p)
		return arn, err
	}, identitycenter.IsConflict, func(conflict error) error {
		return t.setIsThere(ctx, ch, p, conflict)
	}, func(arn string, began time.Time) { t.keepSet(p, arn, began) })
}

// keepSet remembers a set that this run made; looked is when it was certainly
// nothing but that.
func (t *Target) keepSet(p access.PermissionSet, arn string, looked time.Time) {
	t.sight(arn).expect(p, looked)
	t.unfinished.put(arn, true)
	t.keep(plan.PermissionSet, p.Name, arn, looked)
}

// setIsThere resolves a conflict at a creation, which sso-admin says alike of a name
// that exists and of what passes, by a look at who has the name: only a set with
// the owner's mark and that of this very run is what an earlier attempt made, whose
// answer was lost.
func (t *Target) setIsThere(ctx context.Context, ch plan.Change, want access.PermissionSet, conflict error) error {
	arn, err := t.c.SetByName(ctx, want.Name, true)
	if identitycenter.IsNotFound(err) {
		return t.nobodyHas(ch, object{plan.PermissionSet, want.Name}, conflict)
	}
	if err != nil {
		return err
	}
	tags, _, err := t.c.ListTagsForResource(ctx, arn)
	if identitycenter.IsNotFound(err) {
		return unseen(conflict)
	}
	if err != nil {
		return err
	}
	m := identitycenter.MarkOf(tags)
	if m != identitycenter.MarkOf(want.Tags) || m.Owner != t.owner || !slices.Contains(tags, access.Tag{Key: access.UnfinishedTag, Value: t.run}) {
		return t.taken(ch, "a permission set of this name exists, and this run did not create it", conflict)
	}
	t.keepSet(want, arn, time.Time{}) // the next change on it looks
	t.c.Tell(identitycenter.Wrote{Thing: access.SetThing, ID: arn, New: true})
	return nil
}

func sameTags(a, b []access.Tag) bool {
	byKey := func(x, y access.Tag) int { return strings.Compare(x.Key, y.Key) }
	return slices.Equal(slices.SortedFunc(slices.Values(a), byKey), slices.SortedFunc(slices.Values(b), byKey))
}

func (t *Target) deleteSet(ctx context.Context, ch plan.Change) error {
	arn, err := t.set(ch)
	if err != nil {
		return err
	}
	if t.keptBy.has(arn) {
		return &judged{"an assignment that AWS cannot remove keeps the permission set", apply.Verdict{Cause: apply.Futile, Finding: plan.KeptByOrphan(ch.Key.PermissionSet)}}
	}
	err = t.c.DeletePermissionSet(ctx, arn, false)
	if identitycenter.IsConflict(err) {
		return t.stillUsed(ctx, ch, arn, err)
	}
	return goneIs(ctx, err, arn, t.c.DescribePermissionSet)
}

// stillUsed tells a conflict that passes, because AWS has not noticed everywhere
// that this run took the assignments away, from one that stays: the set is somewhere
// where this run took nothing away, or it took nothing away of late.
func (t *Target) stillUsed(ctx context.Context, ch plan.Change, arn string, err error) error {
	accounts, _, lookErr := t.c.ListAccountsForProvisionedPermissionSet(ctx, arn, identitycenter.EitherVersion)
	accounts = slices.DeleteFunc(accounts, func(id string) bool { return t.emptied.has(access.SetInAccount{SetARN: arn, Account: id}) })
	if (lookErr != nil || len(accounts) == 0) && time.Since(t.unassigned.of(arn)) < showsWithin {
		return err
	}
	d := t.c.Finding(err)
	if len(accounts) > 0 {
		d.Detail = "It is provisioned in " + strings.Join(accounts, ", ") + "."
	}
	d.Summary = fmt.Sprintf("permission set %q cannot be deleted: it was assigned or provisioned somewhere since it was read", ch.Key.PermissionSet)
	d.Hint = "Plan again: the plan reads where it is, and says what keeps it."
	return &judged{err.Error(), apply.Verdict{Cause: apply.Permanent, Finding: d}}
}

// writeTags sets the tags that are new or differ, and removes those that are no
// longer wanted: one call unless there are both.
func (t *Target) writeTags(ctx context.Context, ch plan.Change, arn string) error {
	put, drop := tagDifference(before(ch).Tags, after(ch).Tags)
	var err error
	if len(put) > 0 {
		err = t.c.TagResource(ctx, arn, put)
	}
	if err == nil && len(drop) > 0 {
		err = t.c.UntagResource(ctx, arn, drop...)
	}
	return err
}

// writeRecord writes what the names that the set is granted to mean, and ends its
// creation.
func (t *Target) writeRecord(ctx context.Context, ch plan.Change, arn string) error {
	r, err := t.recordOf(ch)
	if err == nil {
		err = t.c.TagResource(ctx, arn, r.Tags(t.owner, arn))
	}
	if err != nil || t.callerFinishes || !t.unfinished.has(arn) {
		return err
	}
	return t.finishSet(ctx, arn)
}

func (t *Target) finishSet(ctx context.Context, arn string) error {
	err := t.c.UntagResource(ctx, arn, access.UnfinishedTag)
	if err == nil {
		t.unfinished.drop(arn)
	}
	return err
}

// Finish takes the marks of an unfinished creation off a group and a permission set,
// where they have them: the group's first, because the set's says of both that there
// is more to do. Either may be "". At most three calls.
func (t *Target) Finish(ctx context.Context, groupID, setARN string) error {
	if groupID != "" {
		if err := t.finishGroup(ctx, groupID); err != nil {
			return fmt.Errorf("take the mark of an unfinished creation off group %s: %w", groupID, err)
		}
	}
	if t.unfinished.has(setARN) {
		if err := t.finishSet(ctx, setARN); err != nil {
			return fmt.Errorf("take the mark of an unfinished creation off permission set %s: %w", setARN, err)
		}
	}
	return nil
}

func (t *Target) finishGroup(ctx context.Context, id string) error {
	if t.shown.groups.of(id).Unfinished == "" {
		return nil
	}
	have, at, err := t.groups.get(ctx, id)
	if err != nil || have.Unfinished == "" || have.UnknownMark || have.Owner != t.owner {
		return err
	}
	want := have
	want.Unfinished = ""
	if err = t.takeMarkOff(ctx, have, want, at); err == nil {
		t.shown.groups.put(id, want)
	}
	return err
}

// takeMarkOff writes a group without the mark of an unfinished creation.
func (t *Target) takeMarkOff(ctx context.Context, have, want access.Group, at time.Time) error {
	if err := t.c.UpdateGroup(lookedAt(ctx, at), want.ID, have, want); err != nil {
		return err
	}
	t.groups.wrote(want, at)
	t.c.Tell(identitycenter.Wrote{Thing: access.GroupThing, ID: want.ID, New: true, Group: &want})
	return nil
}

// recordOf fills in the ids of the principals that this run created.
func (t *Target) recordOf(ch plan.Change) (access.Record, error) {
	r := *ch.After.Record
	r.Principals = slices.Clone(r.Principals)
	for i, p := range r.Principals {
		kind := plan.Group
		if p.Kind == access.UserPrincipal {
			kind = plan.User
		}
		id, err := t.find(ch, kind, p.Name, p.ID)
		if err != nil {
			return r, fmt.Errorf("record who has the permission set: %w", err)
		}
		r.Principals[i].ID = id
	}
	return r, nil
}

func tagDifference(before, after []access.Tag) (put []access.Tag, drop []string) {
	put = slices.DeleteFunc(slices.Clone(after), func(t access.Tag) bool { return slices.Contains(before, t) })
	for _, tag := range before {
		if !slices.ContainsFunc(after, func(t access.Tag) bool { return t.Key == tag.Key }) {
			drop = append(drop, tag.Key)
		}
	}
	return put, drop
}
