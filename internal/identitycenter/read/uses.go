package read

import (
	"context"
	"maps"
	"slices"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/identitycenter"
)

// readUses reads what else uses the groups that we own and that the config no
// longer has: all their account assignments, whoever's the set, and all their
// application assignments. For one group alone no foreign set is read.
func (r *run) readUses(ctx context.Context) error {
	removed := r.removedGroups()
	if len(removed) == 0 {
		return nil
	}
	switch {
	case r.c.MayAskPrincipals():
		err := each(ctx, r, "uses of removed groups", removed, r.readUsesOf)
		if err == nil || !identitycenter.IsAccessDenied(err) {
			return r.nameForeign(ctx, err)
		}
		r.principalRefused(err)
		return r.readUses(ctx)
	case r.o.Deep && len(r.o.Ignore) == 0 && len(r.o.Only) == 0:
		return r.readForeign(ctx, removed)
	default:
		r.observed.CannotSee = append(r.observed.CannotSee,
			"what else uses the groups that are no longer in the config, which therefore stay; the management account can see it, or plan --deep without ignore patterns")
		return nil
	}
}

func (r *run) removedGroups() []string {
	if r.o.Owner == "" || len(r.o.Only) > 0 && !r.o.Leaving {
		return nil
	}
	kept := map[string]bool{}
	for _, g := range r.want.Groups {
		if r.o.Leaving && r.only(g.Name) {
			continue
		}
		if ids := r.liveGroups(g); len(ids) > 0 { // by its name, else by the former one
			kept[ids[0]] = true
		}
	}
	removed := map[string]bool{}
	for id, g := range r.groupRows {
		if g.Owner == r.o.Owner && !kept[id] {
			removed[id] = true
		}
	}
	return slices.Sorted(maps.Keys(removed))
}

func (r *run) readUsesOf(ctx context.Context, group string) error {
	who := principal{access.GroupPrincipal, group}
	found, err := r.assignmentsOf(ctx, who, nil)
	if err != nil {
		return err
	}
	r.mu.Lock()
	for _, p := range found {
		if _, ok := r.setRows[p.SetARN]; !ok {
			r.foreign[p.SetARN] = ""
		}
		r.keepLocked(who.has(p))
	}
	r.mu.Unlock()
	return r.readApplications(ctx, group)
}

func (r *run) readApplications(ctx context.Context, group string) error {
	applications, _, err := r.c.ListApplicationAssignmentsForPrincipal(ctx, group)
	if err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.apps[group] = len(applications)
	r.observed.Uses[group] = true
	return nil
}

// nameForeign reads the names of the sets that removed groups use.
func (r *run) nameForeign(ctx context.Context, err error) error {
	if err != nil {
		return err
	}
	return each(ctx, r, "permission sets' names", slices.Sorted(maps.Keys(r.foreign)), func(ctx context.Context, arn string) error {
		name := r.c.Known(arn).Name
		if name == "" {
			s := &setRead{}
			if err := r.describe(ctx, arn, s); err != nil {
				return err
			}
			name = s.Name
		}
		r.mu.Lock()
		defer r.mu.Unlock()
		r.foreign[arn] = name
		return nil
	})
}

// readForeign reads all assignments of all other sets, which is the only way
// to see a principal's from outside the management account.
func (r *run) readForeign(ctx context.Context, removed []string) error {
	others := r.setsWhere(func(arn string) bool { return r.setRows[arn] == nil && !r.locks[arn] })
	isRemoved := map[string]bool{}
	for _, id := range removed {
		isRemoved[id] = true
	}
	pairs, err := r.pairsOf(ctx, "other permission sets", others)
	if err != nil {
		return err
	}
	if err := eachThere(ctx, r, "other assignments", pairs, func(ctx context.Context, p access.SetInAccount) error {
		return r.readForeignPair(ctx, p, isRemoved)
	}); err != nil {
		return err
	}
	return r.nameForeign(ctx, each(ctx, r, "uses of removed groups", removed, r.readApplications))
}

// pairsOf returns where sets are provisioned.
func (r *run) pairsOf(ctx context.Context, what string, arns []string) ([]access.SetInAccount, error) {
	var pairs []access.SetInAccount
	err := eachThere(ctx, r, what, arns, func(ctx context.Context, arn string) error {
		accounts, _, err := r.c.ListAccountsForProvisionedPermissionSet(ctx, arn, identitycenter.EitherVersion)
		r.mu.Lock()
		defer r.mu.Unlock()
		for _, a := range accounts {
			pairs = append(pairs, access.SetInAccount{SetARN: arn, Account: r.internLocked(a)})
		}
		return err
	})
	return pairs, err
}

// readForeignPair keeps, of a pair that is not ours, what the removed groups have.
func (r *run) readForeignPair(ctx context.Context, p access.SetInAccount, removed map[string]bool) error {
	keys, _, err := r.c.ListAccountAssignments(ctx, p)
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, k := range keys {
		if k.Kind == access.GroupPrincipal && removed[k.Principal] {
			r.keepLocked(k)
			r.foreign[p.SetARN] = ""
		}
	}
	return err
}

// readElsewhere reads, where only some groups are read, what they have of other
// permission sets of the owner: what a group had before the config gave it
// another set is that group's, too. Nobody else's assignments of these sets are
// read, and nothing is concluded about them.
func (r *run) readElsewhere(ctx context.Context) error {
	if len(r.o.Only) == 0 || r.o.NoRecords || !r.c.MayAskPrincipals() {
		return nil
	}
	var groups []string
	for _, g := range r.want.Groups {
		groups = append(groups, r.liveGroups(g)...)
	}
	err := each(ctx, r, "assignments of groups", groups, r.readElsewhereOf)
	if identitycenter.IsAccessDenied(err) {
		r.c.RefusePrincipals()
		r.observed.CannotSee = append(r.observed.CannotSee, "what the groups have of permission sets that the config no longer grants them")
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
func (r *run) newcomers() bool {
	type pair struct{ set, group string }
	has := map[pair]bool{}
	for k := range r.assignments {
		has[pair{k.SetARN, k.Principal}] = true
	}
	return slices.ContainsFunc(r.want.Assignments, func(g access.Assignment) bool {
		arn := r.setARN[r.want.Sets[g.Set].Name]
		group := r.want.Groups[g.Principal]
		return g.Kind == access.GroupPrincipal && slices.ContainsFunc(r.liveGroups(group), func(id string) bool {
			return !has[pair{arn, id}] || !r.setRows[arn].Record.MayMean(g.Kind, group.Name, id)
		})
	})
}

// maybeOurs returns the sets whose tags were not read in this run and that may
// have a record of the owner's: all but those that were somebody else's when they
// were last seen.
func (r *run) maybeOurs() []string {
	known := r.c.KnownSets()
	return r.setsWhere(func(arn string) bool {
		set := known[arn]
		_, read := r.tags[arn]
		return !read && (!set.Marked || set.Owner == r.o.Owner)
	})
}

func (r *run) readElsewhereOf(ctx context.Context, group string) error {
	who := principal{access.GroupPrincipal, group}
	found, err := r.assignmentsOf(ctx, who, nil)
	if err != nil {
		return err
	}
	for _, p := range found {
		ours, err := r.elsewhere(ctx, p.SetARN)
		if err != nil {
			return err
		}
		if ours {
			r.mu.Lock()
			r.keepLocked(who.has(p))
			r.mu.Unlock()
		}
	}
	return nil
}

// elsewhere says whether a permission set beyond those that are read is the
// owner's, and reads its name and marks where it is.
func (r *run) elsewhere(ctx context.Context, arn string) (bool, error) {
	r.mu.Lock()
	_, known := r.setRows[arn]
	r.mu.Unlock()
	if known {
		return true, nil
	}
	s := &setRead{}
	tags, err := r.tagsOf(ctx, arn)
	if s.Tags, s.Owner = tags, identitycenter.MarkOf(tags).Owner; err != nil || !s.owned(r.o.Owner) {
		return false, err
	}
	if err := r.describe(ctx, arn, s); err != nil || s.gone {
		return false, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.setRows[arn] = s
	return true, nil
}
