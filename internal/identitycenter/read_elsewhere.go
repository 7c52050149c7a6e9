package identitycenter

import (
	"context"
	"slices"

	"github.com/rolecall-dev/rolecall/internal/access"
)

// readElsewhere reads, where only some groups are read, what they have of other
// permission sets of the owner: what a group had before the config gave it
// another set is that group's, too. Nobody else's assignments of these sets are
// read, and nothing is concluded about them.
func (r *reader) readElsewhere(ctx context.Context) error {
	if len(r.o.Only) == 0 || r.o.NoRecords || !r.mayAskPrincipals() {
		return nil
	}
	var groups []string
	for _, g := range r.want.Groups {
		groups = append(groups, r.liveGroups(g)...)
	}
	err := each(ctx, r, "assignments of groups", groups, r.readElsewhereOf)
	if isAccessDenied(err) {
		r.c.refusePrincipals()
		r.observed.CannotSee = append(r.observed.CannotSee, "what the groups have of permission sets that the config no longer gives them")
		err = nil
	}
	if err != nil || !r.newcomers() {
		return err
	}
	return each(ctx, r, "permission sets' owners", r.maybeOurs(), r.readTags)
}

// newcomers says whether a group that is read is to get a permission set of which
// it has nothing yet, or whose record does not know it by this name: the name may
// have meant another one, which only the records of all sets can tell.
func (r *reader) newcomers() bool {
	type holding struct{ set, group string }
	has := map[holding]bool{}
	for k := range r.grants {
		has[holding{k.set, k.principal}] = true
	}
	return slices.ContainsFunc(r.want.Grants, func(g access.Grant) bool {
		arn := r.setARN[r.want.Sets[g.Set].Name]
		group := r.want.Groups[g.Principal]
		return g.Kind == access.GroupPrincipal && slices.ContainsFunc(r.liveGroups(group), func(id string) bool {
			return !has[holding{arn, id}] || !r.sets[arn].Record.MayMean(g.Kind, group.Name, id)
		})
	})
}

// maybeOurs gives the sets whose tags were not read in this run and that may
// have a record of the owner's: all but those that were somebody else's when they
// were last seen.
func (r *reader) maybeOurs() []string {
	known := r.c.knownSets()
	var out []string
	for _, arn := range r.arns {
		set := known[arn]
		if _, read := r.tags[arn]; !read && (!set.Marked || set.Owner == r.o.Owner) {
			out = append(out, arn)
		}
	}
	return out
}

func (r *reader) readElsewhereOf(ctx context.Context, group string) error {
	found, err := r.grantsOf(ctx, group)
	if err != nil {
		return err
	}
	for _, p := range found {
		ours, err := r.elsewhere(ctx, p.set)
		if err != nil {
			return err
		}
		if ours {
			r.mu.Lock()
			r.grants[grantKey{pair{p.set, r.internLocked(p.account)}, access.GroupPrincipal, group}] = true
			r.mu.Unlock()
		}
	}
	return nil
}

// elsewhere says whether a permission set beyond those that are read is the
// owner's, and reads its name and marks where it is.
func (r *reader) elsewhere(ctx context.Context, arn string) (bool, error) {
	r.mu.Lock()
	_, known := r.sets[arn]
	t, read := r.tags[arn]
	r.mu.Unlock()
	if known {
		return true, nil
	}
	if !read {
		if err := r.readTags(ctx, arn); err != nil {
			return false, err
		}
		r.mu.Lock()
		t = r.tags[arn]
		r.mu.Unlock()
	}
	if t.owner == "" || t.owner != r.o.Owner {
		return false, nil
	}
	s := &setRead{}
	if err := r.describe(ctx, arn, s); err != nil || s.gone {
		return false, err
	}
	s.Tags, s.Owner = t.tags, t.owner
	r.mu.Lock()
	defer r.mu.Unlock()
	r.sets[arn] = s
	return true, nil
}
