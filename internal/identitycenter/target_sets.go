package identitycenter

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssoadmin"
	ssotypes "github.com/aws/aws-sdk-go-v2/service/ssoadmin/types"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/plan"
)

func (t *Target) arn() *string { return &t.c.instance.ARN }

// createSet creates a set in one call with its mark and that of this run, which
// its record takes off.
func (t *Target) createSet(ctx context.Context, ch plan.Change) error {
	p := *ch.After.PermissionSet
	if _, ok := t.madeHere(plan.PermissionSet, p.Name); ok {
		return nil
	}
	p.Tags = append(slices.Clone(p.Tags), access.Tag{Key: access.UnfinishedTag, Value: t.run})
	began := time.Now()
	out, err := t.c.sso.CreatePermissionSet(ctx, &ssoadmin.CreatePermissionSetInput{
		InstanceArn: t.arn(), Name: &p.Name, Description: optional(p.Description), SessionDuration: optional(p.SessionDuration),
		RelayState: optional(p.RelayState), Tags: awsTags(p.Tags),
	}, once)
	if isNameTaken(err) {
		return t.setIsThere(ctx, ch, p, err)
	}
	if err != nil {
		t.noteUnanswered(ch, object{plan.PermissionSet, p.Name}, err)
		return err
	}
	t.keepSet(p, aws.ToString(out.PermissionSet.PermissionSetArn), began)
	return nil
}

// keepSet remembers a set that this run made; looked is when it was certainly
// nothing but that.
func (t *Target) keepSet(p access.PermissionSet, arn string, looked time.Time) {
	s := t.sight(arn)
	p.Unfinished = t.run
	s.expect(p)
	s.mu.Lock()
	s.whole, s.marks = looked, looked
	s.mu.Unlock()
	t.keep(plan.PermissionSet, p.Name, arn, looked)
	t.c.wroteSet(arn, true)
	t.c.learnSet(arn, CachedSet{Name: p.Name, Marked: true, Owner: p.Owner})
}

// setIsThere settles a conflict over a name: only a set with the owner's mark
// and that of this very run is what an earlier attempt made, whose answer was
// lost.
func (t *Target) setIsThere(ctx context.Context, ch plan.Change, want access.PermissionSet, conflict error) error {
	arn, err := t.c.setByName(ctx, want.Name, true)
	if isNotFound(err) {
		if t.wasUnanswered(object{plan.PermissionSet, want.Name}) {
			return unseen{conflict}
		}
		return t.nobodyHas(ch, conflict)
	}
	if err != nil {
		return err
	}
	tags, err := t.c.setTags(ctx, arn)
	if isNotFound(err) {
		return unseen{conflict}
	}
	if err != nil {
		return err
	}
	if markOf(tags) != markOf(want.Tags) || markOf(tags).owner != t.owner || !slices.Contains(tags, access.Tag{Key: access.UnfinishedTag, Value: t.run}) {
		return taken{conflict, "a permission set of this name exists, and this run did not make it"}
	}
	t.keepSet(want, arn, time.Time{}) // the next change on it looks
	return nil
}

func sameTags(a, b []access.Tag) bool {
	byKey := func(x, y access.Tag) int { return strings.Compare(x.Key, y.Key) }
	return slices.Equal(slices.SortedFunc(slices.Values(a), byKey), slices.SortedFunc(slices.Values(b), byKey))
}

// noSuchSet is what looking a name up ends with when no set bears it.
var noSuchSet = &ssotypes.ResourceNotFoundException{Message: aws.String("no permission set has this name")}

// setByName finds a set. AWS has no look-up by name: of the ARNs that are
// listed, those that are known by the name are described first, then those whose
// tags nobody has read, because what is looked for was mostly just made, then the
// others without a known name. With sure, because AWS has said that the name is
// taken, those known by another name come last: the cache may be wrong.
func (c *Client) setByName(ctx context.Context, name string, sure bool) (string, error) {
	arns, err := c.listSetARNs(ctx)
	if err != nil {
		return "", err
	}
	known := c.knownSets()
	var likely, first, then, others []string
	for _, arn := range arns {
		switch set := known[arn]; {
		case set.Name == name:
			likely = append(likely, arn)
		case set.Name != "":
			others = append(others, arn)
		case set.Marked:
			then = append(then, arn)
		default:
			first = append(first, arn)
		}
	}
	lists := [][]string{likely, append(first, then...)}
	if sure || len(likely) > 0 {
		lists = append(lists, others)
	}
	found := map[string]string{}
	for _, list := range lists {
		for chunk := range slices.Chunk(list, readers) {
			if err := c.describeNamed(ctx, chunk, map[string]bool{name: true}, found, c.describeSet); err != nil {
				return "", err
			}
			if arn := found[name]; arn != "" {
				return arn, nil
			}
		}
	}
	return "", noSuchSet
}

// updateSet always sends all three attributes: AWS clears what is left out
// (hashicorp/terraform-provider-aws issue 17411).
func (t *Target) updateSet(ctx context.Context, ch plan.Change) error {
	arn, err := t.set(ch)
	if err != nil {
		return err
	}
	defer t.c.wroteSet(arn, false)
	p := ch.After.PermissionSet
	_, err = t.c.sso.UpdatePermissionSet(ctx, &ssoadmin.UpdatePermissionSetInput{
		InstanceArn: t.arn(), PermissionSetArn: &arn, Description: optional(p.Description),
		SessionDuration: optional(p.SessionDuration), RelayState: optional(p.RelayState),
	}, once)
	return err
}

func (t *Target) deleteSet(ctx context.Context, ch plan.Change) error {
	arn, err := t.set(ch)
	if err == nil {
		if t.keptByOrphan(arn) {
			return errKeptByOrphan
		}
		defer t.c.wroteSet(arn, true)
		_, err = t.c.sso.DeletePermissionSet(ctx, &ssoadmin.DeletePermissionSetInput{InstanceArn: t.arn(), PermissionSetArn: &arn}, once)
		err = t.usedElsewhere(ctx, arn, err)
	}
	return goneIs(err, func() error {
		_, err := t.c.describeSet(ctx, arn)
		return err
	})
}

// stillUsed is that a set cannot be deleted, because it is somewhere where this run
// took nothing away: no waiting helps.
type stillUsed struct {
	conflict error
	accounts []string
}

func (e stillUsed) Error() string {
	return fmt.Sprintf("it is provisioned in %s: %v", strings.Join(e.accounts, ", "), e.conflict)
}
func (e stillUsed) Unwrap() error { return e.conflict }

// usedElsewhere tells a conflict that passes, because AWS has not noticed
// everywhere that this run took the assignments away, from one that stays.
func (t *Target) usedElsewhere(ctx context.Context, arn string, err error) error {
	if !isConflict(err) {
		return err
	}
	accounts, lookErr := t.c.provisionedAccounts(ctx, arn, "")
	if lookErr != nil {
		return err // then it is tried again for as long as conflicts are
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	accounts = slices.DeleteFunc(accounts, func(id string) bool { return t.emptied[pair{arn, id}] })
	if len(accounts) == 0 {
		return err
	}
	return stillUsed{err, accounts}
}

// writeTags sets the tags that are new or differ, and removes those that are no
// longer wanted: one call unless there are both.
func (t *Target) writeTags(ctx context.Context, ch plan.Change) error {
	arn, err := t.set(ch)
	if err != nil {
		return err
	}
	put, drop := tagDifference(tagsOf(ch.Before), tagsOf(ch.After))
	if len(put) > 0 {
		if err := t.tag(ctx, arn, put); err != nil {
			return err
		}
	}
	if len(drop) == 0 {
		return nil
	}
	return t.untag(ctx, arn, drop...)
}

func (t *Target) tag(ctx context.Context, arn string, tags []access.Tag) error {
	_, err := t.c.sso.TagResource(ctx, &ssoadmin.TagResourceInput{InstanceArn: t.arn(), ResourceArn: &arn, Tags: awsTags(tags)}, once)
	return err
}

func (t *Target) untag(ctx context.Context, arn string, keys ...string) error {
	_, err := t.c.sso.UntagResource(ctx, &ssoadmin.UntagResourceInput{InstanceArn: t.arn(), ResourceArn: &arn, TagKeys: keys}, once)
	return err
}

// writeRecord writes what the names that the set is granted to mean, and ends its
// creation.
func (t *Target) writeRecord(ctx context.Context, ch plan.Change) error {
	arn, err := t.set(ch)
	if err != nil {
		return err
	}
	r, err := t.recordOf(ch)
	if err != nil {
		return err
	}
	if err := t.tag(ctx, arn, r.Tags(t.owner, arn)); err != nil {
		return err
	}
	s := t.sight(arn)
	s.mu.Lock()
	unfinished := s.unfinished
	s.mu.Unlock()
	if !unfinished {
		return nil
	}
	if err := t.untag(ctx, arn, access.UnfinishedTag); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.unfinished = false
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

func tagsOf(v *plan.Value) []access.Tag {
	if v == nil {
		return nil
	}
	return v.Tags
}

func tagDifference(before, after []access.Tag) (put []access.Tag, drop []string) {
	wanted := map[string]bool{}
	for _, tag := range after {
		wanted[tag.Key] = true
		if !slices.Contains(before, tag) {
			put = append(put, tag)
		}
	}
	for _, tag := range before {
		if !wanted[tag.Key] {
			drop = append(drop, tag.Key)
		}
	}
	return put, drop
}

func awsTags(tags []access.Tag) []ssotypes.Tag {
	var out []ssotypes.Tag
	for _, tag := range tags {
		out = append(out, ssotypes.Tag{Key: aws.String(tag.Key), Value: aws.String(tag.Value)})
	}
	return out
}
