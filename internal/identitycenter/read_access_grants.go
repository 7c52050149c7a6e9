package identitycenter

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/rolecall-dev/rolecall/internal/access"
)

// principal is a group or user by id.
type principal struct {
	kind access.PrincipalKind
	id   string
}

// readGrantsOf reads every assignment of the principals: in the management
// account 1 call for each hundred of each of them, elsewhere all assignments
// there are. What a user has through groups is asked of the groups: AWS does
// not document whether the answer about a user has it.
func (r *accessReader) readGrantsOf(ctx context.Context, principals []principal) error {
	r.observed.Read = "principals"
	if !r.mayAskPrincipals() {
		return r.sweepFor(ctx, principals)
	}
	// The first alone: where it is refused, no second call is wasted.
	for _, part := range [][]principal{principals[:1], principals[1:]} {
		err := each(ctx, r.reader, "assignments of groups and users", part, r.readGrantsOfOne)
		if isAccessDenied(err) {
			r.principalRefused(err)
			return r.sweepFor(ctx, principals)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (r *accessReader) readGrantsOfOne(ctx context.Context, p principal) error {
	found, err := r.c.principalGrants(ctx, p.kind, p.id)
	if err != nil {
		return fmt.Errorf("list the assignments of %s %s: %w", p.kind, p.id, err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, f := range found {
		r.grants[grantKey{pair{r.internLocked(f.set), r.internLocked(f.account)}, p.kind, p.id}] = true
	}
	return nil
}

// The parts of a sweep, as Progress and AccessEstimate call them.
const (
	setsAccounts = "permission sets' accounts"
	setsHolders  = "assignments"
)

// sweepFor reads all assignments of the instance, one account and permission
// set at a time, and keeps those of the principals: 1 call for each hundred
// permission sets, 1 for each of them, 1 for each account that each is
// provisioned in.
func (r *accessReader) sweepFor(ctx context.Context, principals []principal) error {
	r.observed.Read = "pairs"
	if err := r.listSets(ctx); err != nil {
		return err
	}
	r.estimate(setsAccounts, len(r.arns))
	var pairs []pair
	err := each(ctx, r.reader, setsAccounts, r.arns, func(ctx context.Context, arn string) error {
		accounts, err := r.c.provisionedAccounts(ctx, arn, "")
		if isNotFound(err) {
			return nil // deleted since it was listed
		}
		if err != nil {
			return fmt.Errorf("list the accounts of permission set %s: %w", arn, err)
		}
		r.mu.Lock()
		defer r.mu.Unlock()
		for _, a := range accounts {
			pairs = append(pairs, pair{arn, r.internLocked(a)})
		}
		return nil
	})
	if err != nil {
		return err
	}
	r.estimate(setsHolders, len(pairs))
	wanted := map[principal]bool{}
	for _, p := range principals {
		wanted[p] = true
	}
	return each(ctx, r.reader, setsHolders, pairs, func(ctx context.Context, p pair) error {
		return r.sweepPair(ctx, p, func(k grantKey) bool { return wanted[principal{k.kind, k.principal}] })
	})
}

func (r *accessReader) estimate(what string, calls int) {
	if r.o.Estimate != nil {
		r.o.Estimate(AccessEstimate{what, calls, float64(calls) / r.c.budgets.Family(SSOAdmin).Rate()})
	}
}

// sweepPair keeps what is wanted of who has a set in an account. AWS may keep
// the management account from whoever is only its delegate.
func (r *accessReader) sweepPair(ctx context.Context, p pair, keep func(grantKey) bool) error {
	keys, err := r.c.pairGrants(ctx, p)
	switch {
	case isNotFound(err):
		return nil // the set was deleted since it was read
	case isAccessDenied(err) && p.account == r.c.caller.ManagementAccount && r.c.caller.Place != ManagementAccount:
		r.cannotSee("assignments in the management account " + p.account + ", as AWS refused to list them to another account")
		return nil
	case err != nil:
		return fmt.Errorf("list the assignments of permission set %s in account %s: %w", p.set, p.account, err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, k := range keys {
		if keep(k) {
			k.principal = r.internLocked(k.principal)
			r.grants[k] = true
		}
	}
	return nil
}

// readAccountGrants reads every assignment in an account. Where there is one,
// its permission set is provisioned.
func (r *accessReader) readAccountGrants(ctx context.Context, account string) error {
	r.observed.Read = "account"
	arns, _, err := r.c.listSetsIn(ctx, account, "")
	if err != nil {
		return fmt.Errorf("list the permission sets of account %s: %w", account, err)
	}
	pairs := make([]pair, len(arns))
	for i, arn := range arns {
		pairs[i] = pair{arn, account}
	}
	return each(ctx, r.reader, "assignments", pairs, func(ctx context.Context, p pair) error {
		return r.sweepPair(ctx, p, func(grantKey) bool { return true })
	})
}

// readHolders reads the groups and users that the assignments name, and who is
// in the groups. Those that are gone are orphans.
func (r *accessReader) readHolders(ctx context.Context) error {
	ids := map[access.PrincipalKind]map[string]bool{access.GroupPrincipal: {}, access.UserPrincipal: {}}
	for k := range r.grants {
		ids[k.kind][k.principal] = true
	}
	if err := r.findGroups(ctx, slices.Sorted(maps.Keys(ids[access.GroupPrincipal]))); err != nil {
		return err
	}
	if err := r.readMembersOf(ctx, slices.Sorted(maps.Keys(r.groups))); err != nil {
		return err
	}
	direct := without(r.reader, slices.Sorted(maps.Keys(ids[access.UserPrincipal])), r.users)
	return each(ctx, r.reader, "users", direct, func(ctx context.Context, id string) error {
		u, err := r.c.user(ctx, id)
		if err != nil {
			return r.gone(id, err)
		}
		r.addUser(u)
		return nil
	})
}

// readMembersOf reads the members of groups, and who they are.
func (r *accessReader) readMembersOf(ctx context.Context, groups []string) error {
	err := each(ctx, r.reader, "group memberships", groups, func(ctx context.Context, id string) error {
		members, err := r.c.listMembers(ctx, id)
		switch {
		case isNotFound(err):
			return nil // deleted since it was read
		case isAccessDenied(err):
			r.cannotSee(unseenMembers)
			return nil
		case err != nil:
			return fmt.Errorf("list the members of group %q: %w", r.groups[id].Name, err)
		}
		r.mu.Lock()
		defer r.mu.Unlock()
		r.members[id] = members
		r.observed.Members[id] = true
		return nil
	})
	if err != nil {
		return err
	}
	return r.readPeople(ctx)
}

// readPeople makes the members of the groups known by name. What the pages had
// beside is dropped, but for those whom an assignment names.
func (r *accessReader) readPeople(ctx context.Context) error {
	ids, wanted := map[string]bool{}, map[string]bool{}
	for _, members := range r.members {
		for _, m := range members {
			ids[m.user], wanted[m.user] = true, true
		}
	}
	for k := range r.grants {
		wanted[k.principal] = true
	}
	if err := r.findUsers(ctx, nil, slices.Sorted(maps.Keys(ids))); err != nil {
		return err
	}
	for id, u := range r.users {
		if !wanted[id] {
			delete(r.users, id)
			delete(r.userID, u.Username)
		}
	}
	return nil
}
