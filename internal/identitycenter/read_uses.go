package identitycenter

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/rolecall-dev/rolecall/internal/access"
)

// readUses reads what else uses the groups that we own and that the config no
// longer has: all their account assignments, whoever's the set, and all their
// application assignments. For one group alone no foreign set is swept.
func (r *reader) readUses(ctx context.Context) error {
	removed := r.removedGroups()
	if len(removed) == 0 {
		return nil
	}
	switch {
	case r.mayAskPrincipals():
		err := each(ctx, r, "uses of removed groups", removed, r.readUsesOf)
		if err == nil || !isAccessDenied(err) {
			return r.nameForeign(ctx, err)
		}
		r.principalRefused(err)
		return r.readUses(ctx)
	case r.o.Deep && len(r.o.Ignore) == 0 && len(r.o.Only) == 0:
		return r.sweepForeign(ctx, removed)
	default:
		r.observed.CannotSee = append(r.observed.CannotSee,
			"what else uses the groups that are no longer in the config, which therefore stay; the management account can see it, or plan --deep without ignore patterns")
		return nil
	}
}

func (r *reader) removedGroups() []string {
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
	for id, g := range r.groups {
		if g.Owner == r.o.Owner && !kept[id] {
			removed[id] = true
		}
	}
	return slices.Sorted(maps.Keys(removed))
}

func (r *reader) readUsesOf(ctx context.Context, group string) error {
	found, err := r.grantsOf(ctx, group)
	if err != nil {
		return err
	}
	r.mu.Lock()
	for _, p := range found {
		if _, ok := r.sets[p.set]; !ok {
			r.foreign[p.set] = ""
		}
		r.grants[grantKey{p, access.GroupPrincipal, group}] = true
	}
	r.mu.Unlock()
	return r.readApplications(ctx, group)
}

// grantsOf gives all that a group has, from what this read has asked already where
// it has.
func (r *reader) grantsOf(ctx context.Context, group string) ([]pair, error) {
	r.mu.Lock()
	found, asked := r.asked[group]
	r.mu.Unlock()
	if asked {
		return found, nil
	}
	found, err := r.c.principalGrants(ctx, access.GroupPrincipal, group)
	if err != nil {
		return nil, fmt.Errorf("list the assignments of group %q: %w", r.groups[group].Name, err)
	}
	return found, nil
}

func (r *reader) readApplications(ctx context.Context, group string) error {
	n, err := r.c.applicationsOf(ctx, group)
	if err != nil {
		return fmt.Errorf("list the applications of group %q: %w", r.groups[group].Name, err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.apps[group] = n
	r.observed.Uses[group] = true
	return nil
}

// nameForeign reads the names of the sets that removed groups use.
func (r *reader) nameForeign(ctx context.Context, err error) error {
	if err != nil {
		return err
	}
	return each(ctx, r, "permission sets' names", slices.Sorted(maps.Keys(r.foreign)), func(ctx context.Context, arn string) error {
		name := r.c.known(arn).Name
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

// sweepForeign reads all assignments of all other sets, which is the only way
// to see a principal's from outside the management account.
func (r *reader) sweepForeign(ctx context.Context, removed []string) error {
	var others []string
	for _, arn := range r.arns {
		if _, ok := r.sets[arn]; !ok && !r.isLock(arn) {
			others = append(others, arn)
		}
	}
	isRemoved := map[string]bool{}
	for _, id := range removed {
		isRemoved[id] = true
	}
	var pairs []pair
	err := each(ctx, r, "other permission sets", others, func(ctx context.Context, arn string) error {
		accounts, err := r.c.provisionedAccounts(ctx, arn, "")
		if isNotFound(err) {
			return nil
		}
		r.mu.Lock()
		defer r.mu.Unlock()
		for _, a := range accounts {
			pairs = append(pairs, pair{arn, a})
		}
		return err
	})
	if err != nil {
		return err
	}
	if err := each(ctx, r, "other assignments", pairs, func(ctx context.Context, p pair) error {
		return r.readForeignPair(ctx, p, isRemoved)
	}); err != nil {
		return err
	}
	return r.nameForeign(ctx, each(ctx, r, "uses of removed groups", removed, r.readApplications))
}

// readForeignPair keeps, of a pair that is not ours, what the removed groups have.
func (r *reader) readForeignPair(ctx context.Context, p pair, removed map[string]bool) error {
	keys, err := r.c.pairGrants(ctx, p)
	if isNotFound(err) {
		return nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, k := range keys {
		if k.kind == access.GroupPrincipal && removed[k.principal] {
			r.grants[k] = true
			r.foreign[p.set] = ""
		}
	}
	return err
}
