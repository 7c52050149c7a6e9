package identitycenter

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/plan"
)

// Somebody who was given a permission set by hand after AWS was read, or came into
// a group, would get what the plan gives those whom it knows. While the read is
// young it is the look at them. Later they are looked at: one call for each group,
// and one for each account where a set is provisioned.

// arrivalsAtOnce is how many accounts are looked at side by side.
const arrivalsAtOnce = 8

// cells are looks by key.
type cells[K comparable, T any] struct {
	mu    sync.Mutex
	byKey map[K]*cell[T]
}

func (c *cells[K, T]) get(ctx context.Context, key K, ask func(context.Context) (T, error)) (T, time.Time, error) {
	c.mu.Lock()
	if c.byKey == nil {
		c.byKey = map[K]*cell[T]{}
	}
	if c.byKey[key] == nil {
		c.byKey[key] = newCell[T]()
	}
	at := c.byKey[key]
	c.mu.Unlock()
	return at.get(ctx, ask)
}

// arrivals are the looks at who came, and who may have.
type arrivals struct {
	members  cells[string, []member]
	holders  cells[pair, []grantKey]
	roles    cells[string, []string] // accounts where a set is provisioned
	holdings cells[string, []pair]   // of groups

	mu sync.Mutex
	// groups and sets say where the latest read has them.
	groups, sets map[string]place // by id, by ARN
	// assigned and membered are what the plan makes or ends; grantees the groups, by their names, that it assigns a set to, with their ids
	// ("" where it creates them).
	assigned  map[grantKey]bool
	membered  map[[2]string]bool // group, user
	grantees  map[string]map[string]string
	principal map[string]map[pair]bool // what a group had, once it was asked for
}

// place is a row of a read.
type place struct {
	live *access.State
	row  int
}

func newArrivals() *arrivals {
	return &arrivals{groups: map[string]place{}, sets: map[string]place{}, assigned: map[grantKey]bool{}, membered: map[[2]string]bool{},
		grantees: map[string]map[string]string{}, principal: map[string]map[pair]bool{}}
}

// young says that the read which saw the object is itself the look.
func (p place) young() bool { return IsLook(p.live) }

func (a *arrivals) expectState(live *access.State) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for i, g := range live.Groups {
		a.groups[g.ID] = place{live, i}
		delete(a.principal, g.ID)
	}
	for i, p := range live.Sets {
		a.sets[p.ARN] = place{live, i}
	}
}

// expectChange takes in who will come, or goes, by the plan.
func (a *arrivals) expectChange(ch plan.Change) {
	a.mu.Lock()
	defer a.mu.Unlock()
	switch {
	case ch.Kind == plan.Membership:
		a.membered[[2]string{ch.Refs.GroupID, ch.Refs.UserID}] = true
	case ch.Kind == plan.Assignment:
		p := pair{cmp.Or(ch.Refs.PermissionSetARN, ch.Key.PermissionSet), ch.Key.Account}
		if ch.Key.User != "" {
			a.assigned[grantKey{p, access.UserPrincipal, ch.Refs.UserID}] = true
			return
		}
		a.assigned[grantKey{p, access.GroupPrincipal, ch.Refs.GroupID}] = true
		if ch.Action == plan.Create {
			if a.grantees[ch.Key.PermissionSet] == nil {
				a.grantees[ch.Key.PermissionSet] = map[string]string{}
			}
			a.grantees[ch.Key.PermissionSet][ch.Key.Group] = ch.Refs.GroupID
		}
	}
}

func (a *arrivals) group(id string) place {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.groups[id]
}

func (a *arrivals) set(arn string) place {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.sets[arn]
}

// lookAtMembers stops what a group gets where somebody has come into it. Groups
// whose members are not the plan's to know, those of an identity provider, are as
// they are.
func (t *Target) lookAtMembers(ctx context.Context, ch plan.Change, id string) (time.Time, error) {
	now, seen := time.Now(), t.arrivals.group(id)
	made, wasMade := t.whenMade(id)
	switch {
	case wasMade && time.Since(made) < LookLimit, seen.young(), seen.live != nil && !seen.live.Observed.Members[id], seen.live == nil && !wasMade:
		return now, nil
	}
	have, at, err := t.arrivals.members.get(ctx, id, func(ctx context.Context) ([]member, error) { return t.c.listMembers(ctx, id) })
	if isNotFound(err) {
		return now, nil // the look at the group says so
	}
	if err != nil {
		return at, fmt.Errorf("look at the members of group %s: %w", id, err)
	}
	for _, m := range have {
		if !t.mayBeMember(seen, id, m.user) {
			return at, differsFromPlan(ch, "%s has come into group %q, whom the plan does not know there", t.userName(ctx, m.user), t.groupName(ch, seen))
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
	if err != nil || !t.sight(arn).staged(ch.Key.Account) || t.holdersYoung(arn) {
		return at, err
	}
	accounts, seen, err := t.arrivals.roles.get(ctx, arn, func(ctx context.Context) ([]string, error) { return t.c.provisionedAccounts(ctx, arn, "") })
	if err != nil {
		return seen, fmt.Errorf("look at where permission set %s is provisioned: %w", arn, err)
	}
	if !slices.Contains(accounts, ch.Key.Account) {
		return oldest(at, seen), nil // nobody has it there
	}
	holders, err := t.lookAtHolders(ctx, ch, []string{ch.Key.Account})
	return oldest(at, oldest(seen, holders)), err
}

// holdersYoung says that nobody needs to be looked at who has a set: the read, or
// its creation by this run, is the look, or nothing is known of it.
func (t *Target) holdersYoung(arn string) bool {
	seen := t.arrivals.set(arn)
	if seen.live != nil {
		return seen.young()
	}
	made, ok := t.whenMade(arn)
	return !ok || time.Since(made) < LookLimit
}

func (t *Target) mayBeMember(seen place, group, user string) bool {
	if seen.live != nil && slices.ContainsFunc(seen.live.Members(seen.row), func(m access.Membership) bool { return seen.live.Users[m.User].ID == user }) {
		return true
	}
	if _, made := t.whenMade(user); made {
		return true
	}
	t.arrivals.mu.Lock()
	defer t.arrivals.mu.Unlock()
	// A group that this run made is without an id in the plan.
	return t.arrivals.membered[[2]string{group, user}] || seen.live == nil && t.arrivals.membered[[2]string{"", user}]
}

func (t *Target) groupName(ch plan.Change, seen place) string {
	if seen.live != nil {
		return seen.live.Groups[seen.row].Name
	}
	return ch.Key.Group
}

// userName gives the name of somebody whom the plan does not know.
func (t *Target) userName(ctx context.Context, id string) string {
	u, _, err := t.users.get(ctx, id)
	if err != nil {
		return "user " + id // only its name is wanted
	}
	return fmt.Sprintf("user %q", u.Username)
}

// whenMade says when this run made the group or user that has an id.
func (t *Target) whenMade(id string) (time.Time, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	when, ok := t.madeIDs[id]
	return when, ok
}

// lookAtHolders stops the provisioning of a set in accounts where somebody was
// given it, or where somebody came into one of the groups that have it.
func (t *Target) lookAtHolders(ctx context.Context, ch plan.Change, accounts []string) (time.Time, error) {
	arn, err := t.set(ch)
	if err != nil {
		return time.Time{}, err
	}
	if ch.Key.Level == plan.Down || t.holdersYoung(arn) { // down gives nobody more
		return time.Now(), nil
	}
	seen, all := t.arrivals.set(arn), newLooks(ctx)
	all.group.SetLimit(arrivalsAtOnce)
	if seen.live == nil || seen.live.Observed.SetUses[arn] || seen.live.Observed.Holders[arn] {
		for _, account := range accounts {
			all.take(func(ctx context.Context) (time.Time, error) { return t.lookAtPair(ctx, ch, pair{arn, account}, seen) })
		}
	}
	for _, group := range t.groupsWith(ch, seen) {
		all.take(func(ctx context.Context) (time.Time, error) { return t.lookAtMembers(ctx, ch, group) })
	}
	return all.wait()
}

// lookAtPair looks at who has the set in an account.
func (t *Target) lookAtPair(ctx context.Context, ch plan.Change, p pair, seen place) (time.Time, error) {
	have, at, err := t.arrivals.holders.get(ctx, p, func(ctx context.Context) ([]grantKey, error) { return t.c.pairGrants(ctx, p) })
	if isNotFound(err) {
		return time.Now(), nil
	}
	if err != nil {
		return at, fmt.Errorf("look at who has permission set %s in account %s: %w", p.set, p.account, err)
	}
	known := seen.holders(p.account)
	for _, k := range have {
		if _, made := t.whenMade(k.principal); known[k.principal] || made || t.assigned(ch.Key.PermissionSet, k) {
			continue
		}
		who := "group " + k.principal
		if k.kind == access.UserPrincipal {
			who = t.userName(ctx, k.principal)
		} else if g, _, err := t.groups.get(ctx, k.principal); err == nil {
			who = fmt.Sprintf("group %q", g.Name)
		}
		return at, differsFromPlan(ch, "%s has been given permission set %q in account %s, which the plan did not see", who, ch.Key.PermissionSet, p.account)
	}
	return at, nil
}

// holders gives who had the set in an account.
func (p place) holders(account string) map[string]bool {
	known := map[string]bool{}
	if p.live == nil {
		return known
	}
	for _, g := range p.live.SetGrants(p.row) {
		if p.live.Accounts[g.Account].ID == account {
			known[p.live.PrincipalID(g)] = true
		}
	}
	return known
}

// assigned says that the plan makes or ends an assignment. Of a set that it
// creates, the plan knows the name only.
func (t *Target) assigned(set string, k grantKey) bool {
	t.arrivals.mu.Lock()
	defer t.arrivals.mu.Unlock()
	named := k
	named.set = set
	return t.arrivals.assigned[k] || t.arrivals.assigned[named]
}

// groupsWith gives the groups that have a set, or get it by the plan.
func (t *Target) groupsWith(ch plan.Change, seen place) []string {
	ids := map[string]bool{}
	if seen.live != nil {
		for _, g := range seen.live.SetGrants(seen.row) {
			if g.Kind == access.GroupPrincipal {
				ids[seen.live.Groups[g.Principal].ID] = true
			}
		}
	}
	t.arrivals.mu.Lock()
	grantees := t.arrivals.grantees[ch.Key.PermissionSet]
	t.arrivals.mu.Unlock()
	for name, id := range grantees { // not written to once the run has begun
		if id == "" {
			if m, ok := t.madeHere(plan.Group, name); ok {
				id = m.id
			}
		}
		if id != "" {
			ids[id] = true
		}
	}
	return slices.Sorted(maps.Keys(ids))
}

// lookAtHoldings stops a join where the group was given one of the sets that were
// read, which who joins would get as well, or where an account in which it has
// something is called otherwise.
func (t *Target) lookAtHoldings(ctx context.Context, ch plan.Change) (time.Time, error) {
	now, id := time.Now(), ch.Refs.GroupID
	seen := t.arrivals.group(id)
	if seen.live == nil || seen.young() || !t.c.mayAskPrincipals() {
		return now, nil
	}
	have, at, err := t.arrivals.holdings.get(ctx, id, func(ctx context.Context) ([]pair, error) { return t.c.principalGrants(ctx, access.GroupPrincipal, id) })
	switch {
	case isAccessDenied(err):
		t.c.refusePrincipals()
		return now, nil
	case isNotFound(err):
		return now, nil
	case err != nil:
		return at, fmt.Errorf("look at the assignments of group %s: %w", id, err)
	}
	known, o := t.arrivals.had(id), seen.live.Observed
	for _, p := range have {
		if known[p] {
			name, showed := t.accountShown(p.account)
			_, named, err := t.lookAtAccountCalled(ctx, ch, p.account, name, showed)
			if err != nil {
				return named, err
			}
			at = oldest(at, named)
			continue
		}
		set := t.arrivals.set(p.set)
		if t.assigned("", grantKey{p, access.GroupPrincipal, id}) || set.live == nil || !o.Uses[id] && !o.SetUses[p.set] && !o.Holders[p.set] {
			continue
		}
		return at, differsFromPlan(ch, "group %q has been given permission set %q in account %s, which the plan did not see", ch.Key.Group, set.live.Sets[set.row].Name, p.account)
	}
	return at, nil
}

// had gives what a group had when it was read.
func (a *arrivals) had(id string) map[pair]bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.principal[id] == nil {
		live, group := a.groups[id].live, int32(a.groups[id].row)
		had := map[pair]bool{}
		for _, g := range live.Grants {
			if g.Kind == access.GroupPrincipal && g.Principal == group {
				had[pair{live.Sets[g.Set].ARN, live.Accounts[g.Account].ID}] = true
			}
		}
		a.principal[id] = had
	}
	return a.principal[id]
}
