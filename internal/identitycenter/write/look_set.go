package write

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/apply"
	"github.com/rolecall-dev/rolecall/internal/identitycenter"
	"github.com/rolecall-dev/rolecall/internal/plan"
)

// differences are what a look found.
type differences struct{ differ, late []string }

func (d *differences) add(f fit, format string, args ...any) {
	switch f {
	case late:
		d.late = append(d.late, fmt.Sprintf(format, args...))
	case differs:
		d.differ = append(d.differ, fmt.Sprintf(format, args...))
	}
}

func (d *differences) err(ch plan.Change) error {
	switch {
	case len(d.differ) > 0:
		return differsFromPlan(ch, "%s", strings.Join(append(d.differ, d.late...), "; "))
	case len(d.late) > 0:
		return &judged{text: strings.Join(d.late, "; ") + " (what this run wrote may not be visible yet)", verdict: apply.Verdict{Cause: apply.Propagation}}
	default:
		return nil
	}
}

// compareMark compares name and mark.
func (s *setSight) compareMark(ch plan.Change, have access.PermissionSet, d *differences) {
	if have.Name != ch.Key.PermissionSet {
		d.add(differs, "the permission set %s is %q, not %q", have.ARN, have.Name, ch.Key.PermissionSet)
	}
	m := identitycenter.MarkOf(have.Tags)
	f := s.mark.fit(m)
	if f == differs && ch.Kind == plan.Tags && m == identitycenter.MarkOf(after(ch).Tags) {
		f = fits
	}
	d.add(f, "the permission set %q carries %s, and the plan saw %s", have.Name, m, s.mark.now)
	if ch.Kind != plan.Tags {
		return
	}
	if tags := plainTags(have.Tags); ch.Before != nil && !sameTags(tags, plainTags(ch.Before.Tags)) && !sameTags(tags, plainTags(after(ch).Tags)) && !s.mayTag(ch, tags) {
		d.add(differs, "the plan saw tags %v; now there are %v", ch.Before.Tags, tags)
	}
}

// mayTag says whether the tags lie between those of before and after: a write of
// both new and dropped tags is two calls, and one of them may have been lost.
func (s *setSight) mayTag(ch plan.Change, have []access.Tag) bool {
	if s.mark.maybe == nil {
		return false
	}
	put, _ := tagDifference(ch.Before.Tags, after(ch).Tags)
	between := slices.DeleteFunc(plainTags(ch.Before.Tags), func(t access.Tag) bool {
		return slices.ContainsFunc(put, func(p access.Tag) bool { return p.Key == t.Key })
	})
	return sameTags(have, append(between, put...))
}

// plainTags leaves out what is not the plan's to show: AWS's own tags, the record
// and the unfinished mark.
func plainTags(tags []access.Tag) []access.Tag {
	var b access.Builder
	b.AddSet(access.PermissionSet{Tags: slices.Clone(tags)})
	return b.State().Sets[0].Tags
}

// compare compares everything on a set. With own, what the change itself is
// about may be as wanted already, and then that is why roles are not the latest.
func (s *setSight) compare(ch plan.Change, have access.PermissionSet, own bool) differences {
	var d differences
	early := false
	add := func(f fit, kind plan.Kind, policy string, asWanted bool, format string, args ...any) {
		if own && asWanted && ch.Kind == kind && policyKey(ch) == policy {
			early = early || f == differs
			return
		}
		d.add(f, format, args...)
	}
	s.compareMark(ch, have, &d)
	will := after(ch)
	a := attributesOf(have)
	add(s.attributes.fit(a), plan.PermissionSet, "", will.PermissionSet != nil && a == attributesOf(*will.PermissionSet),
		"the plan saw %s; now there is %s", s.attributes.now, a)
	add(s.inline.fit(have.InlinePolicy), plan.InlinePolicy, "", have.InlinePolicy == access.CanonicalPolicy(will.Document),
		"the plan saw inline policy %q; now there is %q", s.inline.now, have.InlinePolicy)
	add(s.boundary.fit(have.Boundary), plan.PermissionsBoundary, "", have.Boundary == boundaryOf(will),
		"the plan saw permissions boundary %q; now there is %q", s.boundary.now, have.Boundary)
	for _, kind := range []plan.Kind{plan.ManagedPolicy, plan.CustomerManagedPolicy} {
		list, on := s.policies(kind, have)
		for _, key := range list.keys(on) {
			there, now := slices.Contains(on, key), "is no longer on it"
			if there {
				now = "is on it, which the plan did not see"
			}
			add(list.of(key).fit(there), kind, key, there == (ch.Action != plan.Delete), "%s %s %s", kindText(kind), key, now)
		}
	}
	if s.edited || early {
		return d
	}
	for _, account := range have.Outdated {
		if !slices.Contains(s.outdated, account) {
			d.add(differs, "it is not the latest in account %s, which the plan did not see: somebody changed it, or changed and restored it", account)
		}
	}
	return d
}

// policyKey returns a change's policy as the lists of policies have it.
func policyKey(ch plan.Change) string {
	if ch.Kind == plan.CustomerManagedPolicy {
		return access.ParseCustomerPolicy(ch.Key.Policy).String()
	}
	return ch.Key.Policy
}

// keys returns the policies that are there or expected, sorted.
func (p *policies) keys(have []string) []string {
	keys := slices.Clone(have)
	for key := range p.byKey {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}

// since returns when the set was last found to be as expected, whole or only its
// name and mark.
func (s *setSight) since(whole bool) time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	if whole || s.whole.After(s.marks) {
		return s.whole
	}
	return s.marks
}

// staged says that a set's role in an account may not be its latest.
func (s *setSight) staged(account string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.edited || slices.Contains(s.outdated, account)
}

// sight returns what is expected of a set.
func (t *Target) sight(arn string) *setSight {
	return t.sets.update(arn, func(s *setSight) *setSight {
		if s == nil {
			s = &setSight{turn: identitycenter.NewTurn()}
			s.mark.set(identitycenter.SetMark{Owner: t.owner, Via: t.via})
		}
		return s
	})
}

func (t *Target) lookAtWholeSet(ctx context.Context, ch plan.Change) (time.Time, error) {
	return t.lookAtSet(ctx, ch, true)
}

func (t *Target) lookAtSetsMark(ctx context.Context, ch plan.Change) (time.Time, error) {
	return t.lookAtSet(ctx, ch, false)
}

// lookAtSet makes sure that a set is as expected, by a look that others may
// share.
func (t *Target) lookAtSet(ctx context.Context, ch plan.Change, whole bool) (time.Time, error) {
	arn, err := t.set(ch)
	if err != nil {
		return time.Time{}, err
	}
	s := t.sight(arn)
	at := s.since(whole)
	if anew, err := due(ctx, s.turn, at, lookRenews); !anew {
		return at, err
	}
	defer s.turn.Done()
	return t.lookInTurn(ctx, ch, arn, s, whole)
}

// lookInTurn looks unless somebody has just done so. Whoever calls it has the
// set's turn, so that no write of this run comes between.
func (t *Target) lookInTurn(ctx context.Context, ch plan.Change, arn string, s *setSight, whole bool) (time.Time, error) {
	// The tags of a change of tags are compared besides.
	if at := s.since(whole); time.Since(at) < lookRenews && ch.Kind != plan.Tags {
		return at, nil
	}
	at := time.Now()
	s.mu.Lock()
	outdated := s.provisioned && !s.edited // what is outdated after an edit of this run tells nothing
	s.mu.Unlock()
	have, err := t.seeSet(ctx, arn, whole, outdated)
	if err != nil {
		return at, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	var d differences
	if whole {
		d = s.compare(ch, have, false)
	} else {
		s.compareMark(ch, have, &d)
	}
	err = d.err(ch)
	switch {
	case err == nil && whole:
		s.whole, s.marks = at, at
	case err == nil:
		s.marks = at
	case whole:
		d = s.compare(ch, have, true)
		err = d.err(ch)
	}
	return at, err
}

// seeSet reads a set: its name and tags, and the whole of it where that is
// asked for, also where it is outdated.
func (t *Target) seeSet(ctx context.Context, arn string, whole, outdated bool) (access.PermissionSet, error) {
	var described identitycenter.Described
	var have access.PermissionSet
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() (err error) { described, _, err = t.c.DescribePermissionSet(ctx, arn); return err })
	g.Go(func() (err error) { have.Tags, _, err = t.c.ListTagsForResource(ctx, arn); return err })
	if whole {
		for _, part := range t.c.Contents(arn, &have) {
			g.Go(func() error { return part(ctx) })
		}
		if outdated {
			g.Go(func() (err error) {
				have.Outdated, _, err = t.c.ListAccountsForProvisionedPermissionSet(ctx, arn, identitycenter.OlderVersion)
				return err
			})
		}
	}
	err := g.Wait()
	have.ARN, have.Name, have.Description, have.SessionDuration, have.RelayState = arn, described.Name, described.Description, described.SessionDuration, described.RelayState
	return have, err
}

// edit writes on a set when its turn has come: after a look, with nothing of
// this run in between.
func (t *Target) edit(ctx context.Context, ch plan.Change) error {
	arn, err := t.set(ch)
	if err != nil {
		return err
	}
	s := t.sight(arn)
	if err := s.turn.Take(ctx); err != nil {
		return err
	}
	defer s.turn.Done()
	at, err := t.lookInTurn(ctx, ch, arn, s, true)
	if err != nil {
		return t.gone(ch, err)
	}
	end := s.begin(ch)
	if err := t.writeOnSet(lookedAt(ctx, at), ch, arn); err != nil {
		return err
	}
	end()
	if editsRoles(ch) && ch.Refs.PermissionSetARN != "" { // one that this run created has no role yet
		t.edited.put(arn, time.Now())
	}
	return nil
}

// writeOnSet carries an edit out.
func (t *Target) writeOnSet(ctx context.Context, ch plan.Change, arn string) error {
	switch ch.Kind {
	case plan.PermissionSet:
		p := *ch.After.PermissionSet
		p.ARN = arn
		_, err := t.c.UpdatePermissionSet(ctx, p)
		return err
	case plan.Tags:
		return t.writeTags(ctx, ch, arn)
	case plan.Record:
		return t.writeRecord(ctx, ch, arn)
	default:
		return t.writePolicy(ctx, ch, arn)
	}
}
