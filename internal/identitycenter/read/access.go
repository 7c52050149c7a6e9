package read

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/diag"
	"github.com/rolecall-dev/rolecall/internal/identitycenter"
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

// Access is who has what, as far as one user, group or account is concerned,
// whoever made the assignments.
type Access struct {
	// State has everything that concerns the one asked for, and nothing else.
	State access.State
	// ID is the id of the one asked for; "" where there is none of that name.
	ID string
	// Names are the groups or accounts that AWS has, and Users the users, where it has
	// not the one asked for; Complete says that there are no others.
	Names    []string
	Users    []access.User
	Complete bool
	// Accounts are all of the organization, where the account asked for is none of
	// them by its name.
	Accounts []access.Account
	Notes    diag.List
}

// What such a read cannot see, always or where AWS refused it.
const (
	unseenElsewhere = "assignments to applications, and ways into an account other than IAM Identity Center (its IAM users, roles and identity providers)"
	unseenOwners    = "who owns the permission sets, as sso:ListTagsForResource was refused"
	unseenAccounts  = "the names and states of the accounts, as AWS Organizations refused to list them"
	unseenMembers   = "who is in the groups, as identitystore:ListGroupMemberships was refused"
)

// UserAccess reads what a user has, directly and through groups: the user by
// user name, else by e-mail address. It costs 2 or 3 calls to find the user, 1
// for each hundred groups and 1 for each group, and what readAssignmentsOf and
// nameAll say. Errors are diagnostics.
func (r *Reader) UserAccess(ctx context.Context, name string, o AccessOptions) (Access, error) {
	return r.access(ctx, o, func(a *accessRun) (string, []string, error) {
		user, found, _, err := a.users.one(ctx, ref{byName, name})
		if err == nil && !found && strings.Contains(name, "@") {
			user, found, _, err = a.users.one(ctx, ref{byEmail, name})
		}
		if err != nil {
			return "", nil, err
		}
		if !found {
			return "", nil, readNames(ctx, a, a.users)
		}
		a.addUsers([]access.User{user})
		if err := a.readGroupsOf(ctx, user.ID); err != nil {
			return "", nil, err
		}
		principals := []principal{{access.UserPrincipal, user.ID}}
		for _, id := range slices.Sorted(maps.Keys(a.groupRows)) {
			principals = append(principals, principal{access.GroupPrincipal, id})
		}
		return user.ID, nil, a.readAssignmentsOf(ctx, principals)
	})
}

// GroupAccess reads what a group has, and its members: 2 calls to find the
// group, 1 for each hundred members, at most 1 for each member, and what
// readAssignmentsOf and nameAll say.
func (r *Reader) GroupAccess(ctx context.Context, name string, o AccessOptions) (Access, error) {
	return r.access(ctx, o, func(a *accessRun) (string, []string, error) {
		group, found, _, err := a.groups.one(ctx, ref{byName, name})
		if err != nil {
			return "", nil, err
		}
		if !found {
			err := readNames(ctx, a, a.groups)
			return "", a.groupNames(), err
		}
		a.addGroup(group)
		if err := a.readPeople(ctx); err != nil {
			return "", nil, err
		}
		return group.ID, nil, a.readAssignmentsOf(ctx, []principal{{access.GroupPrincipal, group.ID}})
	})
}

// AccountAccess reads who gets into an account, by id or name: 1 call to find
// it by id, or 1 for each 20 accounts by name; 1 for each hundred permission
// sets there and 1 for each of them; 1 for each group, 1 for each hundred of
// its members, at most 1 for each member, and what nameAll says.
func (r *Reader) AccountAccess(ctx context.Context, idOrName string, o AccessOptions) (Access, error) {
	return r.access(ctx, o, func(a *accessRun) (string, []string, error) {
		account, names, err := a.findAccount(ctx, idOrName)
		if err != nil || account.ID == "" {
			a.complete = true
			return "", names, err
		}
		a.accountRows = []access.Account{account}
		if err := a.readAccountAssignments(ctx, account.ID); err != nil {
			return "", nil, err
		}
		if err := a.resolvePrincipals(ctx); err != nil {
			return "", nil, err
		}
		return account.ID, nil, a.readPeople(ctx)
	})
}

// accessRun is a run whose desired state is empty: it keeps whatever it is told to
// read, whoever's it is.
type accessRun struct {
	*run
	o AccessOptions
	// cannot has what AWS refused to tell.
	cannot map[string]bool
	// complete says that all names were read where the one asked for is not there.
	complete bool
}

// access reads what concerns the one whose id read returns, or the names that AWS
// has instead.
func (r *Reader) access(ctx context.Context, o AccessOptions, read func(*accessRun) (id string, names []string, err error)) (Access, error) {
	run, err := r.run(Options{Progress: o.Progress})
	if err != nil {
		return Access{}, err
	}
	r.c.Recall()
	a := &accessRun{run: run, o: o, cannot: map[string]bool{}}
	id, names, err := read(a)
	if err == nil && id != "" {
		err = a.nameAll(ctx)
	}
	switch {
	case err != nil:
		return Access{}, r.c.Explain(err)
	case id == "":
		users, _ := a.users.all()
		return Access{Names: names, Users: users, Complete: a.complete, Accounts: a.accountRows, Notes: a.notes}, nil
	}
	a.observed.CannotSee = append(append(a.observed.CannotSee, slices.Sorted(maps.Keys(a.cannot))...), unseenElsewhere)
	_ = r.c.SaveNames(a.arns) // losing them costs calls
	return Access{State: a.state(), ID: id, Notes: a.notes}, nil
}

// cannotSee notes what AWS refused to tell, and leaves any other error.
func (a *accessRun) cannotSee(what string, err error) error {
	if !identitycenter.IsAccessDenied(err) {
		return err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.cannot[what] = true
	return nil
}

// readNames reads as many pages of names as are worth it where a name is not
// there.
func readNames[T any](ctx context.Context, a *accessRun, b *book[T]) error {
	_, a.complete = b.all()
	for first := true; !a.complete && (first || a.o.Scan); first = false {
		if err := b.readPage(ctx, func() bool { return false }); err != nil {
			return err
		}
		_, a.complete = b.all()
	}
	return nil
}

func (a *accessRun) groupNames() []string {
	groups, _ := a.groups.all()
	names := make([]string, len(groups))
	for i, g := range groups {
		names[i] = g.Name
	}
	slices.Sort(names)
	return names
}

// readGroupsOf reads the groups of a user. Of their members nothing but that
// one is known then.
func (a *accessRun) readGroupsOf(ctx context.Context, user string) error {
	in, _, err := a.c.ListGroupMembershipsForMember(user).All(ctx)
	if err != nil {
		return err
	}
	for _, m := range in {
		a.members[m.Group] = []access.MembershipID{m}
	}
	if err := a.findGroups(ctx, ids(slices.Sorted(maps.Keys(a.members)))); err != nil {
		return err
	}
	maps.DeleteFunc(a.members, func(group string, _ []access.MembershipID) bool { // deleted since it was listed
		_, there := a.groupRows[group]
		return !there
	})
	return nil
}

// readPeople reads the members of the groups, and who they are.
func (a *accessRun) readPeople(ctx context.Context) error {
	err := a.readMembers(ctx, slices.Sorted(maps.Keys(a.groupRows)))
	if err := a.cannotSee(unseenMembers, err); err != nil {
		return err
	}
	return a.findUsers(ctx, "users", ids(a.memberIDs()))
}

// findAccount finds an account by id or name; without an id where there is none,
// and then by name the names of all. An account by id whose name AWS refuses to tell
// is as good as found: whether it exists shows in its permission sets.
func (a *accessRun) findAccount(ctx context.Context, idOrName string) (access.Account, []string, error) {
	if access.IsAccountID(idOrName) {
		found, err := a.findAccounts(ctx, []string{idOrName})
		if _, there := found[idOrName]; !there && a.cannot[unseenAccounts] {
			return access.Account{ID: idOrName, Management: idOrName == a.c.Caller().ManagementAccount}, nil, err
		}
		return found[idOrName], nil, err
	}
	if err := a.readAccounts(ctx); err != nil {
		return access.Account{}, nil, err
	}
	found := access.NewAccountIndex(a.accountRows).Find(idOrName)
	switch {
	case found.At >= 0:
		return a.accountRows[found.At], nil, nil
	case len(found.Same) == 0:
		var names []string
		for _, account := range a.accountRows {
			names = append(names, account.Name)
		}
		slices.Sort(names)
		return access.Account{}, names, nil
	}
	ids := make([]string, len(found.Same))
	for i, row := range found.Same {
		if ids[i] = a.accountRows[row].ID; !a.accountRows[row].Active() {
			ids[i] += " (" + a.accountRows[row].State + ")"
		}
	}
	return access.Account{}, nil, identitycenter.Failure{Finding: diag.Diagnostic{
		Severity: diag.Error, Code: identitycenter.CodeAccountTwice, Summary: found.Unclear(idOrName),
		Detail: "Their ids: " + strings.Join(ids, ", ") + ".", Hint: "Pass the id of the right one.",
	}}
}

// findAccounts returns accounts by id, as far as they are in the organization. A
// caller who may only list them has them listed.
func (a *accessRun) findAccounts(ctx context.Context, wanted []string) (map[string]access.Account, error) {
	refs := ids(wanted)
	_, err := a.accounts.find(ctx, a.run, "accounts", refs)
	if identitycenter.IsAccessDenied(err) {
		err = a.cannotSee(unseenAccounts, a.accounts.readAll(ctx, func() bool { return len(a.accounts.unsure(refs)) == 0 }))
	}
	found := map[string]access.Account{}
	for _, ref := range refs {
		if account, there, _ := a.accounts.known(ref); there {
			found[ref.value] = account
		}
	}
	return found, err
}

// readAssignmentsOf reads every assignment of the principals: in the management
// account 1 call for each hundred of each of them, elsewhere all assignments
// there are. What a user has through groups is asked of the groups: AWS does
// not document whether the answer about a user has it.
func (a *accessRun) readAssignmentsOf(ctx context.Context, principals []principal) error {
	a.observed.Read = "principals"
	if !a.c.MayAskPrincipals() {
		return a.readAllFor(ctx, principals)
	}
	// The first alone: where it is refused, no second call is wasted.
	for _, part := range [][]principal{principals[:1], principals[1:]} {
		err := each(ctx, a.run, "assignments of groups and users", part, func(ctx context.Context, who principal) error {
			found, err := a.assignmentsOf(ctx, who, nil)
			a.mu.Lock()
			defer a.mu.Unlock()
			for _, p := range found {
				a.keepLocked(who.has(p))
			}
			return err
		})
		if identitycenter.IsAccessDenied(err) {
			a.principalRefused(err)
			clear(a.assignments)
			return a.readAllFor(ctx, principals)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// The parts of such a read, as Progress and AccessEstimate call them.
const (
	setsAccounts = "permission sets' accounts"
	setsHolders  = "assignments"
)

// readAllFor reads all assignments of the instance, one account and permission
// set at a time, and keeps those of the principals: 1 call for each hundred
// permission sets, 1 for each of them, 1 for each account that each is
// provisioned in.
func (a *accessRun) readAllFor(ctx context.Context, principals []principal) error {
	a.observed.Read = "pairs"
	if err := a.listSets(ctx); err != nil {
		return err
	}
	a.estimate(setsAccounts, len(a.arns))
	pairs, err := a.pairsOf(ctx, setsAccounts, a.arns)
	if err != nil {
		return err
	}
	a.estimate(setsHolders, len(pairs))
	return a.readPairsFor(ctx, pairs, func(k access.AssignmentID) bool { return slices.Contains(principals, principal{k.Kind, k.Principal}) })
}

func (a *accessRun) estimate(what string, calls int) {
	if a.o.Estimate != nil {
		a.o.Estimate(AccessEstimate{what, calls, float64(calls) / a.c.Rate(identitycenter.SSOAdmin)})
	}
}

// readPairsFor keeps what is wanted of who has a set in an account. AWS may keep
// the management account from whoever is only its delegate.
func (a *accessRun) readPairsFor(ctx context.Context, pairs []access.SetInAccount, keep func(access.AssignmentID) bool) error {
	return eachThere(ctx, a.run, setsHolders, pairs, func(ctx context.Context, p access.SetInAccount) error {
		keys, _, err := a.c.ListAccountAssignments(ctx, p)
		if caller := a.c.Caller(); p.Account == caller.ManagementAccount && caller.Role != identitycenter.ManagementAccount {
			err = a.cannotSee("assignments in the management account "+p.Account+", as AWS refused to list them to another account", err)
		}
		a.mu.Lock()
		defer a.mu.Unlock()
		for _, k := range keys {
			if keep(k) {
				a.keepLocked(k)
			}
		}
		return err
	})
}

// readAccountAssignments reads every assignment in an account. Where there is one,
// its permission set is provisioned.
func (a *accessRun) readAccountAssignments(ctx context.Context, account string) error {
	a.observed.Read = "account"
	arns, _, err := a.c.ListPermissionSetsProvisionedToAccount(ctx, account, identitycenter.EitherVersion)
	if err != nil {
		return err
	}
	pairs := make([]access.SetInAccount, len(arns))
	for i, arn := range arns {
		pairs[i] = access.SetInAccount{SetARN: arn, Account: account}
	}
	return a.readPairsFor(ctx, pairs, func(access.AssignmentID) bool { return true })
}

// nameAll reads the names of what the assignments mention: 1 call for each
// permission set to see whose it is, 1 more for each whose name is in no cache;
// and accounts for 1 call each or 1 for each 20 in the organization.
func (a *accessRun) nameAll(ctx context.Context) error {
	sets, accounts := map[string]bool{}, map[string]bool{}
	for k := range a.assignments {
		sets[k.SetARN], accounts[k.Account] = true, true
	}
	for arn := range sets {
		a.setRows[arn] = &setRead{PermissionSet: access.PermissionSet{ARN: arn, Name: a.c.Known(arn).Name}}
	}
	if err := each(ctx, a.run, "permission sets", slices.Sorted(maps.Keys(sets)), a.nameSet); err != nil {
		return err
	}
	maps.DeleteFunc(a.setRows, func(_ string, s *setRead) bool { return s.gone })
	for _, account := range a.accountRows {
		delete(accounts, account.ID)
	}
	found, err := a.findAccounts(ctx, slices.Sorted(maps.Keys(accounts)))
	a.accountRows = slices.AppendSeq(a.accountRows, maps.Values(found))
	return err
}

func (a *accessRun) nameSet(ctx context.Context, arn string) error {
	s := a.setRows[arn]
	if s.Name == "" {
		if err := a.describe(ctx, arn, s); err != nil {
			return err
		}
	}
	tags, err := a.tagsOf(ctx, arn)
	s.Tags = tags
	return a.cannotSee(unseenOwners, err)
}
