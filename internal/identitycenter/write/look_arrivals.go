package write

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/diag"
	"github.com/rolecall-dev/rolecall/internal/identitycenter"
	"github.com/rolecall-dev/rolecall/internal/plan"
)

// Somebody who was given a permission set by hand after AWS was read, or came into
// a group, would get what the plan gives those whom it knows. While the read is
// young it is the look at them. Later they are looked at: one call for each group,
// and one for each account where a set is provisioned.

// arrivalsAtOnce is how many accounts are looked at side by side.
const arrivalsAtOnce = 8

// arrivals are the looks at who came.
type arrivals struct {
	members     sharedLooks[string, []access.MembershipID]
	assigned    sharedLooks[access.SetInAccount, []access.AssignmentID]
	roles       sharedLooks[string, []string]               // accounts where a set is provisioned
	assignments sharedLooks[string, []access.AssignmentID]  // of groups
	had         notes[string, map[access.SetInAccount]bool] // what a group had when it was read
}

// lookAtMembers stops what a group gets where somebody has come into it. Groups
// whose members are not the plan's to know, those of an identity provider, are as
// they are.
func (t *Target) lookAtMembers(ctx context.Context, ch plan.Change, id string) (time.Time, error) {
	now, seen := time.Now(), t.shown.groupRows.of(id)
	if t.seenLately(id, seen) || seen.live != nil && !seen.live.Observed.Members[id] {
		return now, nil
	}
	have, at, err := t.arrivals.members.at(id).get(ctx, t.c.ListGroupMemberships(id).All)
	if identitycenter.IsNotFound(err) {
		return now, nil // the look at the group says so
	}
	if err != nil {
		return at, err
	}
	for _, m := range have {
		if !t.mayBeMember(seen, id, m.User) {
			return at, differsFromPlan(ch, "%s was added to group %q, which the plan does not show", t.userName(ctx, m.User), t.shown.groups.of(id).Name)
		}
	}
	return at, nil
}

// lookAtGrantee looks at who is in the group that is granted something, and, where
// AWS brings a set's role up to date with the grant, at who else has it there.
func (t *Target) lookAtGrantee(ctx context.Context, ch plan.Change) (time.Time, error) {
	id, err := t.group(ch)
	if err != nil {
		return time.Time{}, err
	}
	at, err := t.lookAtMembers(ctx, ch, id)
	if err != nil {
		return at, err
	}
	arn, err := t.set(ch)
	if err != nil || !t.sight(arn).staged(ch.Key.Account) || t.seenLately(arn, t.shown.setRows.of(arn)) {
		return at, err
	}
	accounts, seen, err := t.arrivals.roles.at(arn).get(ctx, func(ctx context.Context) ([]string, diag.Evidence, error) {
		return t.c.ListAccountsForProvisionedPermissionSet(ctx, arn, identitycenter.EitherVersion)
	})
	if at = oldest(at, seen); err != nil || !slices.Contains(accounts, ch.Key.Account) { // nobody has it there
		return at, err
	}
	holders, err := t.lookAtAssigned(ctx, ch, []string{ch.Key.Account})
	return oldest(at, holders), err
}

// seenLately says that nobody needs to be looked at who is in a group, or has a
// set: the read, or its creation by this run, is the look, or nothing is known of it.
func (t *Target) seenLately(id string, seen liveRow) bool {
	made, ours := t.madeIDs.get(id)
	return seen.young() || ours && time.Since(made) < LookLimit || !ours && seen.live == nil
}

func (t *Target) mayBeMember(seen liveRow, group, user string) bool {
	if seen.live != nil && slices.ContainsFunc(seen.live.Members(seen.row), func(m access.Membership) bool { return seen.live.Users[m.User].ID == user }) {
		return true
	}
	// A group that this run made is without an id in the plan.
	return t.madeIDs.has(user) || t.shown.membered.has([2]string{group, user}) || seen.live == nil && t.shown.membered.has([2]string{"", user})
}

// userName returns the name of somebody whom the plan does not know.
func (t *Target) userName(ctx context.Context, id string) string {
	u, _, err := t.users.get(ctx, id)
	if err != nil {
		return "user " + id // only its name is wanted
	}
	return fmt.Sprintf("user %q", u.Username)
}

// lookAtAssigned stops the provisioning of a set in accounts where somebody was
// given it, or where somebody came into one of the groups that have it.
func (t *Target) lookAtAssigned(ctx context.Context, ch plan.Change, accounts []string) (time.Time, error) {
	arn, err := t.set(ch)
	if err != nil {
		return time.Time{}, err
	}
	seen, all := t.shown.setRows.of(arn), newLooks(ctx)
	if ch.Key.Level == plan.Down || t.seenLately(arn, seen) { // down gives nobody more
		return time.Now(), nil
	}
	all.group.SetLimit(arrivalsAtOnce)
	if seen.live == nil || seen.live.Observed.SetUses[arn] || seen.live.Observed.SetPrincipals[arn] {
		for _, account := range accounts {
			all.take(func(ctx context.Context) (time.Time, error) {
				return t.lookAtPair(ctx, ch, access.SetInAccount{SetARN: arn, Account: account}, seen)
			})
		}
	}
	for _, group := range t.groupsWith(ch, seen) {
		all.take(func(ctx context.Context) (time.Time, error) { return t.lookAtMembers(ctx, ch, group) })
	}
	return all.wait()
}

// lookAtPair looks at who has the set in an account.
func (t *Target) lookAtPair(ctx context.Context, ch plan.Change, p access.SetInAccount, seen liveRow) (time.Time, error) {
	have, at, err := t.arrivals.assigned.at(p).get(ctx, func(ctx context.Context) ([]access.AssignmentID, diag.Evidence, error) {
		return t.c.ListAccountAssignments(ctx, p)
	})
	if identitycenter.IsNotFound(err) {
		return time.Now(), nil
	}
	if err != nil {
		return at, err
	}
	known := seen.assigned(p.Account)
	for _, k := range have {
		if known[k.Principal] || t.madeIDs.has(k.Principal) || t.assigns(ch.Key.PermissionSet, k) {
			continue
		}
		who := "group " + k.Principal
		if k.Kind == access.UserPrincipal {
			who = t.userName(ctx, k.Principal)
		} else if g, _, err := t.groups.get(ctx, k.Principal); err == nil {
			who = fmt.Sprintf("group %q", g.Name)
		}
		return at, differsFromPlan(ch, "%s has been granted permission set %q in account %s, which the plan did not see", who, ch.Key.PermissionSet, p.Account)
	}
	return at, nil
}

// assigns says that the plan makes or ends an assignment. Of a set that it
// creates, the plan knows the name only.
func (t *Target) assigns(set string, k access.AssignmentID) bool {
	named := k
	named.SetARN = set
	return t.shown.assigned.has(k) || t.shown.assigned.has(named)
}

// groupsWith returns the groups that have a set, or get it by the plan.
func (t *Target) groupsWith(ch plan.Change, seen liveRow) []string {
	ids := map[string]bool{}
	if seen.live != nil {
		for _, g := range seen.live.SetAssignments(seen.row) {
			if g.Kind == access.GroupPrincipal {
				ids[seen.live.Groups[g.Principal].ID] = true
			}
		}
	}
	for _, to := range t.shown.grantees.of(ch.Key.PermissionSet) {
		ids[to.id] = true
		if to.id == "" {
			ids[t.made.of(object{plan.Group, to.name}).id] = true
		}
	}
	delete(ids, "")
	return slices.Sorted(maps.Keys(ids))
}

// lookAtGroupsAssignments stops a join where the group was given one of the sets that were
// read, which who joins would get as well, or where an account in which it has
// something is called otherwise.
func (t *Target) lookAtGroupsAssignments(ctx context.Context, ch plan.Change) (time.Time, error) {
	now, id := time.Now(), ch.Refs.GroupID
	seen := t.shown.groupRows.of(id)
	if seen.live == nil || seen.young() || !t.c.MayAskPrincipals() {
		return now, nil
	}
	have, at, err := t.arrivals.assignments.at(id).get(ctx, t.c.ListAccountAssignmentsForPrincipal(access.GroupPrincipal, id, "").All)
	switch {
	case identitycenter.IsAccessDenied(err):
		t.c.RefusePrincipals()
		return now, nil
	case identitycenter.IsNotFound(err):
		return now, nil
	case err != nil:
		return at, err
	}
	known, o := t.had(id, seen), seen.live.Observed
	for _, k := range have {
		if known[k.SetInAccount] {
			named, err := t.lookAtAccountsShown(ctx, ch, k.Account)
			if err != nil {
				return named, err
			}
			at = oldest(at, named)
			continue
		}
		set := t.shown.setRows.of(k.SetARN)
		if t.assigns("", k) || set.live == nil || !o.Uses[id] && !o.SetUses[k.SetARN] && !o.SetPrincipals[k.SetARN] {
			continue
		}
		return at, differsFromPlan(ch, "group %q has been granted permission set %q in account %s, which the plan did not see", ch.Key.Group, set.live.Sets[set.row].Name, k.Account)
	}
	return at, nil
}

// had returns what a group had when it was read.
func (t *Target) had(id string, seen liveRow) map[access.SetInAccount]bool {
	return t.arrivals.had.update(id, func(had map[access.SetInAccount]bool) map[access.SetInAccount]bool {
		if had != nil {
			return had
		}
		had = map[access.SetInAccount]bool{}
		for _, g := range seen.live.Assignments {
			if g.Kind == access.GroupPrincipal && int(g.Principal) == seen.row {
				had[access.SetInAccount{SetARN: seen.live.Sets[g.Set].ARN, Account: seen.live.Accounts[g.Account].ID}] = true
			}
		}
		return had
	})
}
