package read

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/diag"
	"github.com/rolecall-dev/rolecall/internal/identitycenter"
)

// Diagnosis asks single questions about one person, group or account. No
// answer costs more where there are more users, sets or accounts, but for what
// its comment says. Each answer has its evidence; errors are findings.
//
// What was answered is not asked again where several questions rest on it, so a
// Diagnosis is for one look, by one goroutine.
type Diagnosis struct {
	*run
	setsIn   map[string][]string // ARNs, by account
	assigned map[access.SetInAccount][]access.AssignmentID
}

// Diagnosis returns the questions; names of permission sets come from the cache
// where it knows them.
func (r *Reader) Diagnosis() *Diagnosis {
	r.c.Recall()
	return &Diagnosis{run: &run{c: r.c, books: newBooks(r.c, false)}, setsIn: map[string][]string{}, assigned: map[access.SetInAccount][]access.AssignmentID{}}
}

// SaveNames puts the names that were learned into the cache, so that the next
// look has fewer calls. A cache that cannot be written costs calls, no more.
func (d *Diagnosis) SaveNames() { _ = d.c.SaveNames(nil) }

// several returns a number of things in words.
func several(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}

// UserByName looks a user up by user name: two calls, or one where there is
// none.
func (d *Diagnosis) UserByName(ctx context.Context, name string) (access.User, bool, diag.Evidence, error) {
	return d.userBy(ctx, ref{byName, name}, identitycenter.ByUserName)
}

// UserByEmail looks a user up by the primary e-mail address.
func (d *Diagnosis) UserByEmail(ctx context.Context, email string) (access.User, bool, diag.Evidence, error) {
	return d.userBy(ctx, ref{byEmail, email}, identitycenter.ByEmail)
}

func (d *Diagnosis) userBy(ctx context.Context, by ref, attribute identitycenter.UserAttribute) (access.User, bool, diag.Evidence, error) {
	u, found, seen, err := d.users.one(ctx, by)
	saw := fmt.Sprintf("user %q, id %s", u.Username, u.ID)
	if u.Disabled {
		saw += ", disabled"
	}
	return u, found, saying(seen, found, saw, fmt.Sprintf("identitystore:GetUserId %s=%q", attribute, by.value)), d.c.Explain(err)
}

// saying puts what was found to the evidence of a look-up, which has none where
// the answer was known before.
func saying(seen diag.Evidence, found bool, saw, call string) diag.Evidence {
	if seen.What == "" {
		seen = identitycenter.Looked(call, "", "none", "")
	}
	if found {
		seen.Saw = saw
	}
	return seen
}

// GroupByName looks a group up by its name: two calls, or one where there is
// none. Should the look-up be refused, the groups are listed.
func (d *Diagnosis) GroupByName(ctx context.Context, name string) (access.Group, bool, diag.Evidence, error) {
	g, found, seen, err := d.groups.one(ctx, ref{byName, name})
	return g, found, saying(seen, found, "id "+g.ID, fmt.Sprintf("identitystore:GetGroupId displayName=%q", name)), d.c.Explain(err)
}

// GroupsOf returns the groups of a user: a call for each hundred, and at most one
// for each group.
func (d *Diagnosis) GroupsOf(ctx context.Context, userID string) ([]access.Group, diag.Evidence, error) {
	return ofMemberships(ctx, d, d.c.ListGroupMembershipsForMember(userID), d.groups, "group", func(m access.MembershipID) string { return m.Group })
}

// MembersOf returns a group's members: a call for each hundred,
// and those for the names.
func (d *Diagnosis) MembersOf(ctx context.Context, groupID string) ([]access.User, diag.Evidence, error) {
	return ofMemberships(ctx, d, d.c.ListGroupMemberships(groupID), d.users, "member", func(m access.MembershipID) string { return m.User })
}

// ofMemberships returns who or what is at one end of some memberships.
func ofMemberships[T any](ctx context.Context, d *Diagnosis, list identitycenter.List[access.MembershipID], b *book[T], what string, end func(access.MembershipID) string) ([]T, diag.Evidence, error) {
	in, seen, err := list.All(ctx)
	if err != nil {
		return nil, seen, d.c.Explain(err)
	}
	wanted := make([]string, len(in))
	for i, m := range in {
		wanted[i] = end(m)
	}
	rows, err := b.inOrder(ctx, d.run, what+"s", wanted)
	seen.Saw = several(len(rows), what)
	return rows, seen, d.c.Explain(err)
}

// Users returns all users: a call for each hundred.
func (d *Diagnosis) Users(ctx context.Context) ([]access.User, diag.Evidence, error) {
	users, err := d.users.everything(ctx)
	return users, d.users.list.Seen("all", several(len(users), "user")+", "+several(max(1, pages(len(users))), "call")), d.c.Explain(err)
}

// Groups returns all groups: a call for each hundred.
func (d *Diagnosis) Groups(ctx context.Context) ([]access.Group, diag.Evidence, error) {
	groups, err := d.groups.everything(ctx)
	return groups, d.groups.list.Seen("all", several(len(groups), "group")+", "+several(max(1, pages(len(groups))), "call")), d.c.Explain(err)
}

// Account finds an account: one call by id; by name a call for each page of
// the organization's accounts.
func (d *Diagnosis) Account(ctx context.Context, idOrName string) (access.Account, bool, diag.Evidence, error) {
	if !access.IsAccountID(idOrName) {
		return d.accountByName(ctx, idOrName)
	}
	a, found, seen, err := d.accounts.one(ctx, ref{byID, idOrName})
	return a, found, saying(seen, found, fmt.Sprintf("%q, %s", a.Name, a.State), "organizations:DescribeAccount "+idOrName), d.c.Explain(err)
}

func (d *Diagnosis) accountByName(ctx context.Context, name string) (access.Account, bool, diag.Evidence, error) {
	all, seen, err := d.Accounts(ctx)
	if err != nil {
		return access.Account{}, false, seen, err
	}
	found := access.NewAccountIndex(all).Find(name)
	seen.What += fmt.Sprintf(", name %q", name)
	if found.At < 0 {
		seen.Saw = fmt.Sprintf("%d found", len(found.Same))
		return access.Account{}, false, seen, nil
	}
	a := all[found.At]
	seen.Saw = fmt.Sprintf("%s, %s", a.ID, a.State)
	return a, true, seen, nil
}

// Accounts returns the organization's accounts: a call for each page of them, once.
func (d *Diagnosis) Accounts(ctx context.Context) ([]access.Account, diag.Evidence, error) {
	accounts, err := d.accounts.everything(ctx)
	return accounts, d.accounts.list.Seen("", several(len(accounts), "account")), d.c.Explain(err)
}

// Outdated returns the ARNs of the sets of which AWS says that the account has an
// older version: a call for each hundred of those.
func (d *Diagnosis) Outdated(ctx context.Context, account string) ([]string, diag.Evidence, error) {
	arns, seen, err := d.c.ListPermissionSetsProvisionedToAccount(ctx, account, identitycenter.OlderVersion)
	seen.Saw = several(len(arns), "permission set") + " in an older version"
	return arns, seen, d.c.Explain(err)
}

// notToldError is a question that AWS does not answer to this caller; Needs says
// what would let it be answered.
type notToldError struct{ needs string }

func (e notToldError) Error() string { return "AWS does not tell this caller: it needs " + e.needs }

// Needs says what would let the question be answered.
func (e notToldError) Needs() string { return e.needs }

// AssignmentsOf returns what a group or user holds itself, in one account or in all (""):
// a call, and one for each set whose name is not known yet.
//
// Only the management account is told so. Elsewhere it is read from the
// account's sets, a call each, once for all principals: from those of the given
// names, or from all where none is given. Without an account there is no other
// way; the error then has a method Needs.
func (d *Diagnosis) AssignmentsOf(ctx context.Context, kind access.PrincipalKind, id, account string, sets ...string) ([]access.AssignedSet, diag.Evidence, error) {
	if d.c.MayAskPrincipals() {
		keys, seen, err := d.c.ListAccountAssignmentsForPrincipal(kind, id, account).All(ctx)
		if !identitycenter.IsAccessDenied(err) {
			seen.Saw = several(len(keys), "assignment")
			found, named := d.named(ctx, keys)
			if err == nil {
				err = named
			}
			return found, seen, d.c.Explain(err)
		}
		d.c.RefusePrincipals()
	}
	if account == "" {
		return nil, diag.Evidence{}, notToldError{"credentials of the management account, which alone is told what a group holds, or --account"}
	}
	found, asked, err := d.assignedInAccount(ctx, principal{kind, id}, account, sets)
	saw := fmt.Sprintf("%s; %s asked, one by one: only the management account is told of a %s", several(len(found), "assignment"), several(asked, "permission set"), strings.ToLower(kind.String()))
	return found, identitycenter.Looked("sso:ListAccountAssignments", fmt.Sprintf("%s %s in account %s", kind, id, account), saw, ""), d.c.Explain(err)
}

// named puts the sets' names to assignments.
func (d *Diagnosis) named(ctx context.Context, keys []access.AssignmentID) ([]access.AssignedSet, error) {
	var out []access.AssignedSet
	for _, k := range keys {
		name, err := d.setName(ctx, k.SetARN)
		if err != nil {
			return nil, err
		}
		out = append(out, access.AssignedSet{SetARN: k.SetARN, Set: name, Account: k.Account})
	}
	return out, nil
}

// assignedInAccount looks for the principal among those who hold the named sets, or
// all sets, in the account; it says how many sets were asked about.
func (d *Diagnosis) assignedInAccount(ctx context.Context, who principal, account string, sets []string) ([]access.AssignedSet, int, error) {
	var arns []string
	for _, name := range sets {
		arn, err := d.setIn(ctx, name, account)
		if err != nil {
			return nil, 0, err
		}
		if arn != "" {
			arns = append(arns, arn)
		}
	}
	var err error
	if len(sets) == 0 {
		if arns, err = d.setsOf(ctx, account); err != nil {
			return nil, 0, err
		}
	}
	var found []access.AssignmentID
	for _, arn := range arns {
		keys, err := d.pair(ctx, access.SetInAccount{SetARN: arn, Account: account})
		if err != nil {
			return nil, 0, err
		}
		if slices.Contains(keys, who.has(access.SetInAccount{SetARN: arn, Account: account})) {
			found = append(found, who.has(access.SetInAccount{SetARN: arn, Account: account}))
		}
	}
	assignments, err := d.named(ctx, found)
	return assignments, len(arns), err
}

// setName returns the name of a set: no call where the cache knows it.
func (d *Diagnosis) setName(ctx context.Context, arn string) (string, error) {
	if name := d.c.Known(arn).Name; name != "" {
		return name, nil
	}
	s, _, err := d.c.DescribePermissionSet(ctx, arn)
	return s.Name, err
}

// setIn finds a set of an account by name: no call where the cache knows it,
// else those of the account are listed, and those described that have no name
// yet. "" means that the account does not have the set.
func (d *Diagnosis) setIn(ctx context.Context, name, account string) (string, error) {
	for arn, s := range d.c.KnownSets() {
		if s.Name == name && !s.Lock {
			return arn, nil
		}
	}
	arns, err := d.setsOf(ctx, account)
	if err != nil {
		return "", err
	}
	for _, arn := range arns {
		if have, err := d.setName(ctx, arn); err != nil || have == name {
			return arn, err
		}
	}
	return "", nil
}

// setsOf returns the ARNs of all sets in an account, and asks once.
func (d *Diagnosis) setsOf(ctx context.Context, account string) ([]string, error) {
	arns, asked := d.setsIn[account]
	if asked {
		return arns, nil
	}
	arns, _, err := d.c.ListPermissionSetsProvisionedToAccount(ctx, account, identitycenter.EitherVersion)
	if err == nil {
		d.setsIn[account] = arns
	}
	return arns, err
}

// pair returns who holds a set in an account, and asks once.
func (d *Diagnosis) pair(ctx context.Context, p access.SetInAccount) ([]access.AssignmentID, error) {
	keys, asked := d.assigned[p]
	if asked {
		return keys, nil
	}
	keys, _, err := d.c.ListAccountAssignments(ctx, p)
	if err != nil && !identitycenter.IsNotFound(err) {
		return nil, err
	}
	d.assigned[p] = keys
	return keys, nil
}

// AssignedGroups returns the groups that hold a set in an account: a call, and one for
// each group that is asked whether it still exists; those are at most so many,
// and never one of the known ids.
func (d *Diagnosis) AssignedGroups(ctx context.Context, set, account string, known []string, most int) ([]access.AssignedGroup, diag.Evidence, error) {
	arn, err := d.setIn(ctx, set, account)
	if err != nil {
		return nil, diag.Evidence{}, d.c.Explain(err)
	}
	var keys []access.AssignmentID
	if arn != "" {
		if keys, err = d.pair(ctx, access.SetInAccount{SetARN: arn, Account: account}); err != nil {
			return nil, diag.Evidence{}, d.c.Explain(err)
		}
	}
	out, asked := []access.AssignedGroup{}, 0
	for _, k := range keys {
		if k.Kind != access.GroupPrincipal {
			continue
		}
		h := access.AssignedGroup{ID: k.Principal}
		if asked < most && !slices.Contains(known, k.Principal) {
			asked++
			_, there, _, err := d.groups.one(ctx, ref{byID, k.Principal})
			if h.Gone = !there; err != nil {
				return nil, diag.Evidence{}, d.c.Explain(err)
			}
		}
		out = append(out, h)
	}
	saw := fmt.Sprintf("%s, %d of them asked whether it still exists", several(len(out), "group"), asked)
	return out, identitycenter.Looked("sso:ListAccountAssignments", fmt.Sprintf("%q in %s", set, account), saw, ""), nil
}

// FailedJobs returns the latest assignments that failed, newest first, at most so
// many: a call, and one for each.
func (d *Diagnosis) FailedJobs(ctx context.Context, most int) ([]access.FailedAssignment, diag.Evidence, error) {
	list := d.c.ListJobs(identitycenter.CreateAssignmentJob, identitycenter.JobFailed)
	page, err := list.Pages().Next(ctx)
	if err != nil {
		return nil, diag.Evidence{}, d.c.Explain(err)
	}
	var jobs []access.FailedAssignment
	for _, j := range newest(page, most) {
		job, err := d.failedJob(ctx, j.ID)
		if err != nil {
			return nil, diag.Evidence{}, d.c.Explain(err)
		}
		jobs = append(jobs, job)
	}
	return jobs, list.Seen("FAILED", fmt.Sprintf("%d failed, %d of the newest looked at", len(page), len(jobs))), nil
}

func (d *Diagnosis) failedJob(ctx context.Context, id string) (access.FailedAssignment, error) {
	j, _, err := d.c.DescribeJob(ctx, identitycenter.CreateAssignmentJob, id)
	if err != nil {
		return access.FailedAssignment{}, err
	}
	job := access.FailedAssignment{Account: j.About.Account, Principal: j.About.Principal, Reason: j.Reason, RequestID: id, When: j.Created.UTC().Format(time.RFC3339)}
	if job.Set, err = d.setName(ctx, j.About.SetARN); identitycenter.IsNotFound(err) {
		err = nil // deleted since
	}
	return job, err
}
