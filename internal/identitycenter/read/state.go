package read

import (
	"maps"
	"slices"

	"github.com/rolecall-dev/rolecall/internal/access"
)

// handles are the builder's handles, by AWS id.
type handles struct{ accounts, groups, users, sets map[string]int32 }

// state turns the tables into the normal form.
func (r *run) state() access.State {
	var b access.Builder
	h := handles{map[string]int32{}, map[string]int32{}, map[string]int32{}, map[string]int32{}}
	for _, a := range r.accountRows {
		h.accounts[a.ID] = b.AddAccount(a)
	}
	for _, id := range slices.Sorted(maps.Keys(r.groupRows)) {
		g := r.groupRows[id]
		g.Applications = r.apps[id]
		h.groups[id] = b.AddGroup(g)
	}
	for _, id := range slices.Sorted(maps.Keys(r.userRows)) {
		h.users[id] = b.AddUser(r.userRows[id])
	}
	for _, arn := range slices.Sorted(maps.Keys(r.setRows)) {
		h.sets[arn] = b.AddSet(r.setRows[arn].PermissionSet)
	}
	for _, arn := range slices.Sorted(maps.Keys(r.foreign)) {
		h.sets[arn] = b.AddSet(access.PermissionSet{ARN: arn, Name: r.foreign[arn]})
	}
	r.addMemberships(&b, h)
	for k := range r.assignments {
		r.addAssignment(&b, h, k)
	}
	b.Observed, b.Evidence = r.observed, r.evidence()
	return b.State()
}

// evidence returns the owner's records on sets that are not in the state, of those
// whose tags were read: sets that carry another mark now, or that are not read
// because only some groups are.
func (r *run) evidence() []access.Recorded {
	var out []access.Recorded
	for _, arn := range slices.Sorted(maps.Keys(r.tags)) {
		tags := r.tags[arn]
		if record := access.ParseRecord(tags); r.setRows[arn] == nil && record.FitsSet(r.o.Owner, arn) {
			out = append(out, record)
		}
	}
	return out
}

func (r *run) addAssignment(b *access.Builder, h handles, k access.AssignmentID) {
	set, ok := h.sets[k.SetARN]
	if !ok {
		return // deleted while it was read
	}
	account, ok := h.accounts[k.Account]
	if !ok { // an account that Organizations no longer lists
		account = b.AddAccount(access.Account{ID: k.Account})
		h.accounts[k.Account] = account
	}
	g := access.Assignment{Set: set, Account: account, Kind: k.Kind}
	switch {
	case r.orphans[k.Principal]:
		g.Kind = access.OrphanPrincipal
		g.Principal = b.AddOrphan(access.Orphan{Kind: k.Kind, ID: k.Principal})
	case k.Kind == access.GroupPrincipal:
		g.Principal = h.groups[k.Principal]
	default:
		g.Principal = h.users[k.Principal]
	}
	b.AddAssignment(g)
}

// addMemberships adds the memberships and remembers the ids of those that the
// config does not have: a plan may delete them.
func (r *run) addMemberships(b *access.Builder, h handles) {
	wanted := r.wantedMemberships()
	var extra []access.MembershipID
	for _, group := range slices.Sorted(maps.Keys(r.members)) {
		for _, m := range r.members[group] {
			user, ok := h.users[m.User]
			if !ok {
				continue // deleted while it was read
			}
			b.AddMembership(h.groups[group], user, 0)
			if !wanted[[2]string{group, m.User}] {
				extra = append(extra, m)
			}
		}
	}
	r.c.RememberExtra(extra)
}

func (r *run) wantedMemberships() map[[2]string]bool {
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
