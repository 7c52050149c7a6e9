package identitycenter

import (
	"context"
	"maps"
	"slices"

	"github.com/rolecall-dev/rolecall/internal/access"
)

// nameAll reads the names of what the assignments mention: 1 call for each
// permission set to see whose it is, 1 more for each whose name is in no cache;
// and accounts for 1 call each or 1 for each 20 in the organization.
func (r *accessReader) nameAll(ctx context.Context) error {
	sets, accounts := map[string]bool{}, map[string]bool{}
	for k := range r.grants {
		sets[k.set], accounts[k.account] = true, true
	}
	for arn := range sets {
		r.sets[arn] = &setRead{PermissionSet: access.PermissionSet{ARN: arn, Name: r.c.known(arn).Name}}
	}
	if err := each(ctx, r.reader, "permission sets", slices.Sorted(maps.Keys(sets)), r.nameSet); err != nil {
		return err
	}
	for arn, s := range r.sets {
		if s.gone {
			delete(r.sets, arn)
		}
	}
	return r.nameAccounts(ctx, slices.Sorted(maps.Keys(accounts)))
}

func (r *accessReader) nameSet(ctx context.Context, arn string) error {
	s := r.sets[arn]
	if s.Name == "" {
		if err := r.describe(ctx, arn, s); err != nil {
			return err
		}
	}
	err := r.readTags(ctx, arn)
	if isAccessDenied(err) {
		r.cannotSee(unseenOwners)
		return nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	s.Tags = r.tags[arn].tags
	return err
}

// nameAccounts makes accounts known by id. A caller who may only list them has
// them listed.
func (r *accessReader) nameAccounts(ctx context.Context, ids []string) error {
	before := r.accounts
	err := r.lookUp(ctx, lookUp{
		what: "accounts", few: 3,
		missing: func() []string { return r.unknownAccounts(ids) },
		page:    r.accountPage,
		one:     r.describeAccount,
	})
	if isAccessDenied(err) {
		r.accounts = before
		err = r.listAccountsUntil(ctx, func() bool { return len(r.unknownAccounts(ids)) == 0 })
	}
	if isAccessDenied(err) {
		r.cannotSee(unseenAccounts)
		err = nil
	}
	wanted := map[string]bool{}
	for _, id := range ids {
		wanted[id] = true
	}
	for _, a := range before {
		wanted[a.ID] = true
	}
	r.accounts = slices.DeleteFunc(r.accounts, func(a access.Account) bool { return !wanted[a.ID] })
	return err
}

func (r *accessReader) unknownAccounts(ids []string) []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	known := make(map[string]bool, len(r.accounts))
	for _, a := range r.accounts {
		known[a.ID] = true
	}
	return slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return known[id] })
}
