package read

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/identitycenter"
)

// readAccounts lists the organization's accounts, and finds what the desired ones
// mean.
func (r *run) readAccounts(ctx context.Context) error {
	accounts, err := r.accounts.everything(ctx)
	if err != nil {
		return err
	}
	r.accountRows = accounts
	index := access.NewAccountIndex(accounts)
	for _, a := range r.o.Desired.Accounts {
		found := index.Find(a.Name)
		ids := make([]string, len(found.Same))
		for i, row := range found.Same {
			ids[i] = accounts[row].ID
		}
		r.accountID[a.Name] = ids
		if found.At >= 0 {
			r.meansAccount[a.Name] = accounts[found.At].ID
		}
	}
	return nil
}

// accountIDs returns the ids that a desired account may stand for.
func (r *run) accountIDs(a access.Account) []string {
	if a.ID != "" {
		return []string{a.ID}
	}
	return r.accountID[a.Name]
}

// readDirectory reads groups, users and memberships, and makes sure that every
// member and every user the config names is known by name.
func (r *run) readDirectory(ctx context.Context) error {
	parts := []func(context.Context) error{func(ctx context.Context) error {
		if err := r.readGroups(ctx); err != nil {
			return err
		}
		return r.readMembers(ctx, r.groupsWithMembers())
	}}
	if r.needsAllUsers() {
		parts = append(parts, func(ctx context.Context) error {
			users, err := r.users.everything(ctx)
			r.addUsers(users)
			return err
		})
	}
	if err := sideBySide(ctx, parts...); err != nil {
		return err
	}
	return r.resolveMembers(ctx)
}

// readGroups lists all groups, because the mark of an owned group is in what
// ListGroups returns for free, a hundred a call. The groups of Only are looked up.
func (r *run) readGroups(ctx context.Context) error {
	if len(r.o.Only) == 0 {
		groups, err := r.groups.everything(ctx)
		for _, g := range groups {
			r.addGroup(g)
		}
		return err
	}
	var wanted []ref
	for _, name := range r.namesOfOnly() {
		wanted = append(wanted, ref{byName, name})
	}
	return r.findGroups(ctx, wanted)
}

// findGroups makes groups known; those that are not there are left out.
func (r *run) findGroups(ctx context.Context, wanted []ref) error {
	found, err := r.groups.find(ctx, r, "groups", wanted)
	for _, g := range found {
		r.addGroup(g)
	}
	return err
}

func (r *run) addGroup(g access.Group) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.groupRows[g.ID] = g
	r.groupID[g.Name] = g.ID
}

// names returns the names that a desired group may have in AWS now.
func names(g access.Group) []string {
	if g.Previously == "" {
		return []string{g.Name}
	}
	return []string{g.Name, g.Previously}
}

// namesOfOnly returns the names that the groups of Only may have in AWS.
func (r *run) namesOfOnly() []string {
	var out []string
	for _, g := range r.want.Groups {
		out = append(out, names(g)...)
	}
	return out
}

// liveGroups returns the ids of a desired group in AWS: under its name, and under
// its former one.
func (r *run) liveGroups(g access.Group) []string {
	var ids []string
	for _, name := range names(g) {
		if id, ok := r.groupID[name]; ok {
			ids = append(ids, id)
		}
	}
	return ids
}

// groupsWithMembers returns the groups of which the members are read: those that
// the config manages or names members of, and those we own or adopt. Groups of SCIM
// are the IdP's.
func (r *run) groupsWithMembers() []string {
	set := map[string]bool{}
	for i, g := range r.want.Groups {
		if r.allMembers || !g.SCIM && (!g.Referenced || len(r.want.Members(i)) > 0) {
			for _, id := range r.liveGroups(g) {
				set[id] = true
			}
		}
	}
	for id, g := range r.groupRows {
		if g.Owner == r.o.Owner && g.Owner != "" && len(r.o.Only) == 0 {
			set[id] = true
		}
	}
	for _, id := range r.adoptedGroups() {
		set[id] = true
	}
	return slices.Sorted(maps.Keys(set))
}

// readMembers reads the memberships of groups. A group that was deleted since it was
// listed is not there: nothing is said of what it had.
func (r *run) readMembers(ctx context.Context, groups []string) error {
	return each(ctx, r, "group memberships", groups, func(ctx context.Context, id string) error {
		members, _, err := r.c.ListGroupMemberships(id).All(ctx)
		r.mu.Lock()
		defer r.mu.Unlock()
		switch {
		case identitycenter.IsNotFound(err):
			delete(r.groupID, r.groupRows[id].Name)
			delete(r.groupRows, id)
			return nil
		case err != nil:
			return err
		}
		r.members[id] = members
		r.observed.Members[id] = true
		return nil
	})
}

// memberIDs returns the ids of the members of the groups that were read.
func (r *run) memberIDs() []string {
	set := map[string]bool{}
	for _, members := range r.members {
		for _, m := range members {
			set[m.User] = true
		}
	}
	return slices.Sorted(maps.Keys(set))
}

// needsAllUsers says whether the config defines or removes users: then people
// who are in AWS and not in the config have to be listed too.
func (r *run) needsAllUsers() bool {
	return len(r.o.Only) == 0 && slices.ContainsFunc(r.want.Users, func(u access.User) bool { return !u.Referenced })
}

// resolveMembers finds the users that the config refers to, those that are members
// of the groups read, and who has the addresses that the config gives to others.
func (r *run) resolveMembers(ctx context.Context) error {
	wanted := ids(r.memberIDs())
	for _, u := range r.want.Users {
		wanted = append(wanted, ref{byName, u.Username})
		if u.Previously != "" {
			wanted = append(wanted, ref{byName, u.Previously})
		}
	}
	if err := r.findUsers(ctx, "users", wanted); err != nil {
		return err
	}
	if !r.remembers { // what pages had besides: names that are near are among them
		users, _ := r.users.all()
		r.addUsers(users)
	}
	return r.findAddresses(ctx)
}

// findUsers makes users known; those that are not there are left out.
func (r *run) findUsers(ctx context.Context, what string, wanted []ref) error {
	found, err := r.users.find(ctx, r, what, wanted)
	r.addUsers(slices.Collect(maps.Values(found)))
	return err
}

func (r *run) addUsers(users []access.User) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, u := range users {
		r.userRows[u.ID] = u
		r.userID[u.Username] = u.ID
	}
}

// findAddresses makes known who has an e-mail address that the config gives to
// somebody who does not have it yet, since AWS gives each to one user only, or by
// which it names somebody who is to be removed; and who has a user name of the
// config in other case, among those who are known. Where all users are listed that
// costs nothing, else one call for each such address, and one more where somebody
// has it.
func (r *run) findAddresses(ctx context.Context) error {
	known := map[string]bool{}
	r.mu.Lock()
	for _, u := range r.userRows {
		known[strings.ToLower(u.Email)] = true
	}
	r.mu.Unlock()
	var wanted []ref
	for _, u := range r.want.Users {
		if _, there := r.userID[u.Username]; !there {
			if have, found, _ := r.users.known(ref{byFolded, strings.ToLower(u.Username)}); found {
				r.addUsers([]access.User{have})
			}
		}
		address := u.Email
		if u.Remove {
			address = r.addressOf(u)
		}
		if address != "" && !known[strings.ToLower(address)] {
			wanted = append(wanted, ref{byEmail, address})
		}
	}
	return r.findUsers(ctx, "e-mail addresses", wanted)
}

// addressOf returns the name of a user to be removed whom AWS does not have by it,
// where it may be an e-mail address.
func (r *run) addressOf(u access.User) string {
	if _, there := r.userID[u.Username]; there || !strings.Contains(u.Username, "@") {
		return ""
	}
	return u.Username
}

// resolvePrincipals finds the principals of assignments that nobody has named
// yet. One that AWS does not know any more is an orphan.
func (r *run) resolvePrincipals(ctx context.Context) error {
	groups, users := map[string]bool{}, map[string]bool{}
	for k := range r.assignments {
		if _, ok := r.groupRows[k.Principal]; !ok && k.Kind == access.GroupPrincipal {
			groups[k.Principal] = true
		}
		if _, ok := r.userRows[k.Principal]; !ok && k.Kind == access.UserPrincipal {
			users[k.Principal] = true
		}
	}
	if err := r.findGroups(ctx, ids(slices.Sorted(maps.Keys(groups)))); err != nil {
		return err
	}
	if err := r.findUsers(ctx, "principals", ids(slices.Sorted(maps.Keys(users)))); err != nil {
		return err
	}
	for k := range r.assignments {
		_, group := r.groupRows[k.Principal]
		_, user := r.userRows[k.Principal]
		if !group && !user {
			r.orphans[k.Principal] = true
		}
	}
	return nil
}

// principal is a group or user by id.
type principal struct {
	kind access.PrincipalKind
	id   string
}

// has is the assignment of a pair to the principal.
func (p principal) has(pair access.SetInAccount) access.AssignmentID {
	return access.AssignmentID{SetInAccount: pair, Kind: p.kind, Principal: p.id}
}

// adoptedGroups returns the ids of groups of the config that are to be taken over.
func (r *run) adoptedGroups() []string {
	set := map[string]bool{}
	for _, g := range r.want.Groups {
		if !access.Matches(r.o.Adopt, access.GroupThing, names(g)...) {
			continue
		}
		for _, id := range r.liveGroups(g) {
			if r.groupRows[id].Owner != r.o.Owner {
				set[id] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(set))
}
