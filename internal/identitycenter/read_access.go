package identitycenter

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/diag"
)

// AccessOptions say how it is read who has what.
type AccessOptions struct {
	// Scan reads the names of all users or groups where the one asked for is
	// not there, a call for each hundred; without it, the first hundred.
	Scan bool
	// Progress is told how far each part of the reading is; calls do not overlap.
	Progress func(Progress)
	// Estimate is told beforehand what the slow read of a caller costs who may
	// not ask by principal, part by part: how many accounts are to be asked about
	// shows only when the first is over.
	Estimate func(AccessEstimate)
}

// AccessEstimate is what a part of a slow read costs.
type AccessEstimate struct {
	What    string  `json:"what"` // as in Progress
	Calls   int     `json:"calls"`
	Seconds float64 `json:"seconds"` // at the pace that the quota allows
}

// AccessRead is who has what, as far as one user, group or account is
// concerned, whoever made the assignments.
type AccessRead struct {
	// State has everything that concerns the one asked for, and nothing else.
	State access.State
	// ID is the id of the one asked for; "" where there is none of that name.
	ID string
	// Names are names that AWS has, where it has not the one asked for;
	// Complete says that there are no others.
	Names    []string
	Complete bool
	Notes    diag.List
}

// What such a read cannot see, always or where AWS refused it.
const (
	unseenElsewhere = "assignments to applications, and ways into an account beside IAM Identity Center (its IAM users, roles and identity providers)"
	unseenOwners    = "whose the permission sets are, as sso:ListTagsForResource was refused"
	unseenAccounts  = "the names and states of the accounts, as AWS Organizations refused to tell them"
	unseenMembers   = "who is in the groups, as identitystore:ListGroupMemberships was refused"
)

// UserAccess reads what a user has, directly and through groups: the user by
// user name, else by e-mail address. It costs 2 or 3 calls to find the user, 1
// for each hundred groups and 1 for each group, and what readGrantsOf and
// nameAll say. Errors are diagnostics.
func (c *Client) UserAccess(ctx context.Context, name string, o AccessOptions) (AccessRead, error) {
	r, err := c.accessReader(o)
	if err != nil {
		return AccessRead{}, err
	}
	user, err := r.findUser(ctx, name)
	if isNoName(err) {
		return r.userNames(ctx)
	}
	if err != nil {
		return AccessRead{}, c.explain(fmt.Errorf("look up user %q: %w", name, err))
	}
	r.addUser(user)
	if err := r.readGroupsOf(ctx, user.ID); err != nil {
		return AccessRead{}, c.explain(err)
	}
	principals := []principal{{access.UserPrincipal, user.ID}}
	for _, id := range slices.Sorted(maps.Keys(r.groups)) {
		principals = append(principals, principal{access.GroupPrincipal, id})
	}
	if err := r.readGrantsOf(ctx, principals); err != nil {
		return AccessRead{}, c.explain(err)
	}
	return r.finish(ctx, user.ID)
}

// GroupAccess reads what a group has, and its members: 2 calls to find the
// group, 1 for each hundred members, at most 1 for each member, and what
// readGrantsOf and nameAll say.
func (c *Client) GroupAccess(ctx context.Context, name string, o AccessOptions) (AccessRead, error) {
	r, err := c.accessReader(o)
	if err != nil {
		return AccessRead{}, err
	}
	group, err := c.groupByName(ctx, name)
	if isNoName(err) {
		return r.groupNames(ctx)
	}
	if err != nil {
		return AccessRead{}, c.explain(fmt.Errorf("look up group %q: %w", name, err))
	}
	r.addGroup(group)
	if err := r.readMembersOf(ctx, []string{group.ID}); err != nil {
		return AccessRead{}, c.explain(err)
	}
	if err := r.readGrantsOf(ctx, []principal{{access.GroupPrincipal, group.ID}}); err != nil {
		return AccessRead{}, c.explain(err)
	}
	return r.finish(ctx, group.ID)
}

// AccountAccess reads who gets into an account, by id or name: 1 call to find
// it by id, or 1 for each 20 accounts by name; 1 for each hundred permission
// sets there and 1 for each of them; 1 for each group, 1 for each hundred of
// its members, at most 1 for each member, and what nameAll says.
func (c *Client) AccountAccess(ctx context.Context, idOrName string, o AccessOptions) (AccessRead, error) {
	r, err := c.accessReader(o)
	if err != nil {
		return AccessRead{}, err
	}
	account, err := r.findAccount(ctx, idOrName)
	if err != nil {
		return AccessRead{}, c.explain(err)
	}
	if account.ID == "" {
		return r.accountNames(), nil
	}
	r.accounts = []access.Account{account}
	if err := r.readAccountGrants(ctx, account.ID); err != nil {
		return AccessRead{}, c.explain(err)
	}
	if err := r.readHolders(ctx); err != nil {
		return AccessRead{}, c.explain(err)
	}
	return r.finish(ctx, account.ID)
}

// accessReader is a reader whose desired state is empty: it keeps whatever it
// is told to read, whoever's it is.
type accessReader struct {
	*reader
	o AccessOptions
	// cannot has what AWS refused to tell.
	cannot map[string]bool
}

func (c *Client) accessReader(o AccessOptions) (*accessReader, error) {
	r, err := newReader(c, ReadOptions{Progress: o.Progress})
	if err != nil {
		return nil, err
	}
	c.recall()
	return &accessReader{reader: r, o: o, cannot: map[string]bool{}}, nil
}

// cannotSee notes what AWS refused to tell.
func (r *accessReader) cannotSee(what string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.cannot[what] = true
}

// finish names everything and gives what was read about the one asked for.
func (r *accessReader) finish(ctx context.Context, id string) (AccessRead, error) {
	if err := r.nameAll(ctx); err != nil {
		return AccessRead{}, r.c.explain(err)
	}
	r.observed.CannotSee = append(r.observed.CannotSee, slices.Sorted(maps.Keys(r.cannot))...)
	r.observed.CannotSee = append(r.observed.CannotSee, unseenElsewhere)
	r.keepNames()
	return AccessRead{State: r.state(), ID: id, Notes: r.notes}, nil
}

// keepNames remembers the names that were read for the next run. Losing them
// costs calls, so that it fails is not worth a word here.
func (r *accessReader) keepNames() {
	if r.c.cache == nil {
		return
	}
	known := r.c.knownSets()
	if r.arns != nil { // all there are: others are gone
		r.saveCache()
		return
	}
	_ = r.c.cache.Save(r.c.instance.ARN, known)
}

// userNames gives names of users, and their e-mail addresses, by which they
// are found as well.
func (r *accessReader) userNames(ctx context.Context) (AccessRead, error) {
	if err := r.listUsers(ctx, r.pagesOfNames(), nil); err != nil {
		return AccessRead{}, r.c.explain(err)
	}
	names := map[string]bool{}
	for _, u := range r.users {
		names[u.Username] = true
		if u.Email != "" {
			names[u.Email] = true
		}
	}
	return AccessRead{Names: slices.Sorted(maps.Keys(names)), Complete: r.allUsers, Notes: r.notes}, nil
}

func (r *accessReader) groupNames(ctx context.Context) (AccessRead, error) {
	limit, complete := r.pagesOfNames(), false
	err := eachPage(ctx, func(ctx context.Context, token *string) (*string, error) {
		next, err := r.groupPage(ctx, token)
		complete = err == nil && next == nil
		if limit--; limit == 0 {
			return nil, err
		}
		return next, err
	})
	if err != nil {
		return AccessRead{}, r.c.explain(err)
	}
	return AccessRead{Names: slices.Sorted(maps.Keys(r.groupID)), Complete: complete, Notes: r.notes}, nil
}

// pagesOfNames is how many pages of names are worth reading where a name is
// not there; -1 means all.
func (r *accessReader) pagesOfNames() int {
	if r.o.Scan {
		return -1
	}
	return 1
}

// accountNames gives the names of all accounts, which looking for one by name
// has read.
func (r *accessReader) accountNames() AccessRead {
	var names []string
	for _, a := range r.accounts {
		names = append(names, a.Name)
	}
	slices.Sort(names)
	return AccessRead{Names: names, Complete: true, Notes: r.notes}
}
