package identitycenter

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	ssotypes "github.com/aws/aws-sdk-go-v2/service/ssoadmin/types"

	"golang.org/x/sync/errgroup"

	"github.com/rolecall-dev/rolecall/internal/access"
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
		return notShown{strings.Join(d.late, "; ")}
	default:
		return nil
	}
}

// seenSet is a set as a look found it.
type seenSet struct {
	access.PermissionSet
	tags []access.Tag
}

// compareMark compares name and mark.
func (s *setSight) compareMark(ch plan.Change, have seenSet, d *differences) {
	if have.Name != ch.Key.PermissionSet {
		d.add(differs, "the permission set %s is %q, not %q", have.ARN, have.Name, ch.Key.PermissionSet)
	}
	m := markOf(have.tags)
	f := s.mark.fit(m)
	if f == differs && ch.Kind == plan.Tags && m == markOf(after(ch).Tags) {
		f = fits
	}
	d.add(f, "the permission set %q carries %s, and the plan saw %s", have.Name, m, s.mark.now)
	if ch.Kind != plan.Tags {
		return
	}
	if tags := plainTags(have.tags); ch.Before != nil && !sameTags(tags, plainTags(ch.Before.Tags)) && !sameTags(tags, plainTags(after(ch).Tags)) && !s.mayTag(ch, tags) {
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
func (s *setSight) compare(ch plan.Change, have seenSet, own bool) differences {
	s.mu.Lock()
	defer s.mu.Unlock()
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
	a := attributesOf(have.PermissionSet)
	add(s.attributes.fit(a), plan.PermissionSet, "", will.PermissionSet != nil && a == attributesOf(*will.PermissionSet),
		"the plan saw %s; now there is %s", s.attributes.now, a)
	add(s.inline.fit(have.InlinePolicy), plan.InlinePolicy, "", have.InlinePolicy == access.CanonicalPolicy(will.Document),
		"the plan saw inline policy %q; now there is %q", s.inline.now, have.InlinePolicy)
	add(s.boundary.fit(have.Boundary), plan.PermissionsBoundary, "", have.Boundary == boundaryOf(will),
		"the plan saw permissions boundary %q; now there is %q", s.boundary.now, have.Boundary)
	for _, list := range []struct {
		kind plan.Kind
		p    *policies
		have []string
	}{
		{plan.ManagedPolicy, &s.managed, have.ManagedPolicies},
		{plan.CustomerManagedPolicy, &s.customer, customerNames(have.CustomerPolicies)},
	} {
		for _, key := range list.p.keys(list.have) {
			there, now := slices.Contains(list.have, key), "is no longer on it"
			if there {
				now = "is on it, which the plan did not see"
			}
			add(list.p.of(key).fit(there), list.kind, key, there == (ch.Action != plan.Delete), "%s %s %s", kindText(list.kind), key, now)
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

// policyKey gives a change's policy as the lists of policies have it.
func policyKey(ch plan.Change) string {
	if ch.Kind == plan.CustomerManagedPolicy {
		return access.ParseCustomerPolicy(ch.Key.Policy).String()
	}
	return ch.Key.Policy
}

// keys gives the policies that are there or expected, sorted.
func (p *policies) keys(have []string) []string {
	keys := slices.Clone(have)
	for key := range p.byKey {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}

// since gives when the set was last found to be as expected, whole or only its
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

// sight gives what is expected of a set.
func (t *Target) sight(arn string) *setSight {
	t.mu.Lock()
	defer t.mu.Unlock()
	s := t.sets[arn]
	if s == nil {
		s = &setSight{turn: newTurn()}
		s.mark.set(setMark{owner: t.owner, via: t.via})
		t.sets[arn] = s
	}
	return s
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
	switch age := time.Since(at); {
	case age < lookRenews:
		return at, nil
	case age < lookLasts:
		if !s.turn.try() {
			return at, nil
		}
	default:
		if err := s.turn.take(ctx); err != nil {
			return at, err
		}
	}
	defer s.turn.done()
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
	have, err := t.seeSet(ctx, arn, s, whole)
	if err != nil {
		return at, err
	}
	if !whole {
		s.mu.Lock()
		defer s.mu.Unlock()
		var d differences
		if s.compareMark(ch, have, &d); d.err(ch) == nil {
			s.marks = at
		}
		return at, d.err(ch)
	}
	d := s.compare(ch, have, false)
	if d.err(ch) == nil {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.whole, s.marks = at, at
		return at, nil
	}
	d = s.compare(ch, have, true)
	return at, d.err(ch)
}

// seeSet reads a set: its name and tags, and the whole of it where that is
// asked for.
func (t *Target) seeSet(ctx context.Context, arn string, s *setSight, whole bool) (seenSet, error) {
	var described, have access.PermissionSet
	var tags []access.Tag
	g, gctx := errgroup.WithContext(ctx)
	read := func(f func() error) { g.Go(f) }
	read(func() (err error) { described, err = t.c.describeSet(gctx, arn); return err })
	read(func() (err error) { tags, err = t.c.setTags(gctx, arn); return err })
	if whole {
		read(func() (err error) { have.ManagedPolicies, err = t.c.managedPolicies(gctx, arn); return err })
		read(func() (err error) { have.CustomerPolicies, err = t.c.customerPolicies(gctx, arn); return err })
		read(func() (err error) { have.InlinePolicy, err = t.c.inlinePolicy(gctx, arn); return err })
		read(func() (err error) { have.Boundary, err = t.c.boundary(gctx, arn); return err })
		s.mu.Lock()
		provisioned := s.provisioned && !s.edited // what is outdated after an edit of this run tells nothing
		s.mu.Unlock()
		if provisioned {
			read(func() (err error) {
				have.Outdated, err = t.c.provisionedAccounts(gctx, arn, ssotypes.ProvisioningStatusLatestPermissionSetNotProvisioned)
				return err
			})
		}
	}
	if err := g.Wait(); err != nil {
		return seenSet{}, fmt.Errorf("look at permission set %s: %w", arn, err)
	}
	have.ARN, have.Name, have.Description, have.SessionDuration, have.RelayState = described.ARN, described.Name, described.Description, described.SessionDuration, described.RelayState
	return seenSet{have, tags}, nil
}

// edit writes on a set when its turn has come: after a look, with nothing of
// this run in between.
func (t *Target) edit(ctx context.Context, ch plan.Change, write writer) error {
	arn, err := t.set(ch)
	if err != nil {
		return err
	}
	s := t.sight(arn)
	if err := s.turn.take(ctx); err != nil {
		return err
	}
	defer s.turn.done()
	at, err := t.lookInTurn(ctx, ch, arn, s, true)
	if err != nil {
		return t.gone(ch, err)
	}
	s.begin(ch)
	if err := write(withLook(ctx, at), ch); err != nil {
		return err
	}
	s.end(ch)
	t.noteEdit(ch)
	return nil
}

func before(ch plan.Change) *plan.Value {
	if ch.Before == nil {
		return &plan.Value{}
	}
	return ch.Before
}

func after(ch plan.Change) *plan.Value {
	if ch.After == nil {
		return &plan.Value{}
	}
	return ch.After
}
