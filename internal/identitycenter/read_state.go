package identitycenter

import (
	"context"
	"maps"
	"slices"

	"github.com/rolecall-dev/rolecall/internal/access"
)

// resolvePrincipals finds the principals of assignments that nobody has named
// yet. One that AWS does not know any more is an orphan.
func (r *reader) resolvePrincipals(ctx context.Context) error {
	groups, users := map[string]bool{}, map[string]bool{}
	for k := range r.grants {
		if _, ok := r.groups[k.principal]; !ok && k.kind == access.GroupPrincipal {
			groups[k.principal] = true
		}
		if _, ok := r.users[k.principal]; !ok && k.kind == access.UserPrincipal {
			users[k.principal] = true
		}
	}
	err := each(ctx, r, "principals", slices.Sorted(maps.Keys(groups)), func(ctx context.Context, id string) error {
		g, found, err := r.c.findGroup(ctx, id, "")
		if found {
			r.addGroup(g)
			return nil
		}
		return r.orphan(id, err)
	})
	if err != nil {
		return err
	}
	return each(ctx, r, "principals", slices.Sorted(maps.Keys(users)), func(ctx context.Context, id string) error {
		found, err := r.describeUser(ctx, id)
		if found {
			return nil
		}
		return r.orphan(id, err)
	})
}

func (r *reader) orphan(id string, err error) error {
	if err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.orphans[id] = true
	return nil
}

// handles are the builder's handles, by AWS id.
type handles struct{ accounts, groups, users, sets map[string]int32 }

// state turns the tables into the normal form.
func (r *reader) state() access.State {
	var b access.Builder
	h := handles{map[string]int32{}, map[string]int32{}, map[string]int32{}, map[string]int32{}}
	for _, a := range r.accounts {
		h.accounts[a.ID] = b.AddAccount(a)
	}
	for _, id := range slices.Sorted(maps.Keys(r.groups)) {
		g := r.groups[id]
		g.Applications = r.apps[id]
		h.groups[id] = b.AddGroup(g)
	}
	for _, id := range slices.Sorted(maps.Keys(r.users)) {
		h.users[id] = b.AddUser(r.users[id])
	}
	for _, arn := range slices.Sorted(maps.Keys(r.sets)) {
		h.sets[arn] = b.AddSet(r.sets[arn].PermissionSet)
	}
	for _, arn := range slices.Sorted(maps.Keys(r.foreign)) {
		h.sets[arn] = b.AddSet(access.PermissionSet{ARN: arn, Name: r.foreign[arn]})
	}
	r.addMemberships(&b, h)
	for k := range r.grants {
		r.addGrant(&b, h, k)
	}
	b.Observed, b.Evidence = r.observed, r.evidence()
	return b.State()
}

// evidence gives the owner's records on sets that are not in the state, of those
// whose tags were read: sets that carry another mark now, or that are not read
// because only some groups are.
func (r *reader) evidence() []access.Recorded {
	var out []access.Recorded
	for _, arn := range slices.Sorted(maps.Keys(r.tags)) {
		t := r.tags[arn]
		if record := access.ParseRecord(t.tags); r.sets[arn] == nil && record.FitsSet(r.o.Owner, arn) {
			out = append(out, record)
		}
	}
	return out
}

func (r *reader) addGrant(b *access.Builder, h handles, k grantKey) {
	set, ok := h.sets[k.set]
	if !ok {
		return // deleted while it was read
	}
	account, ok := h.accounts[k.account]
	if !ok { // an account that Organizations no longer lists
		account = b.AddAccount(access.Account{ID: k.account})
		h.accounts[k.account] = account
	}
	g := access.Grant{Set: set, Account: account, Kind: k.kind}
	switch {
	case r.orphans[k.principal]:
		g.Kind = access.OrphanPrincipal
		g.Principal = b.AddOrphan(access.Orphan{Kind: k.kind, ID: k.principal})
	case k.kind == access.GroupPrincipal:
		g.Principal = h.groups[k.principal]
	default:
		g.Principal = h.users[k.principal]
	}
	b.AddGrant(g)
}

// addMemberships adds the memberships and remembers the ids of those that the
// config does not have: a plan may delete them.
func (r *reader) addMemberships(b *access.Builder, h handles) {
	wanted := r.wantedMemberships()
	r.c.mu.Lock()
	defer r.c.mu.Unlock()
	for _, group := range slices.Sorted(maps.Keys(r.members)) {
		for _, m := range r.members[group] {
			user, ok := h.users[m.user]
			if !ok {
				continue // deleted while it was read
			}
			b.AddMembership(h.groups[group], user, 0)
			if !wanted[[2]string{group, m.user}] {
				r.c.membershipIDs[[2]string{group, m.user}] = m.id
			}
		}
	}
}

func (r *reader) wantedMemberships() map[[2]string]bool {
	wanted := make(map[[2]string]bool, len(r.want.Memberships))
	if r.o.Leaving {
		return wanted // all of them go
	}
	for _, m := range r.want.Memberships {
		user, ok := r.userID[r.want.Users[m.User].Username]
		if !ok {
			continue
		}
		for _, group := range r.liveGroups(r.want.Groups[m.Group]) {
			wanted[[2]string{group, user}] = true
		}
	}
	return wanted
}
