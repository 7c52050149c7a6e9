package identitycenter

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	orgtypes "github.com/aws/aws-sdk-go-v2/service/organizations/types"
	"github.com/aws/aws-sdk-go-v2/service/ssoadmin"
	ssotypes "github.com/aws/aws-sdk-go-v2/service/ssoadmin/types"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/plan"
)

// accountsPage is the most that ListAccounts gives in a page.
const accountsPage = 20

// accountsInATime is about how many assignments one look's time sees begin: ten
// at once, three seconds each.
const accountsInATime = 100

// shown is what the plan was made from and what it does, as far as groups, users
// and accounts are concerned. All ids are AWS's.
type shown struct {
	groups map[string]access.Group // as the plan saw them
	// accounts are the names of accounts that the plan saw.
	accounts map[string]string
	// groupNames and userNames are pairs of names that the plan has for one id,
	// because it renames it.
	groupNames, userNames map[string][][2]string
	marks                 map[string][]access.Mark // that the plan gives a group
	// unassigned and unmembered are what the plan takes away from a group.
	unassigned map[grantKey]bool
	unmembered map[[2]string]bool // group, user
}

func newShown() shown {
	return shown{groups: map[string]access.Group{}, accounts: map[string]string{}, groupNames: map[string][][2]string{}, userNames: map[string][][2]string{},
		marks: map[string][]access.Mark{}, unassigned: map[grantKey]bool{}, unmembered: map[[2]string]bool{}}
}

// Expect takes in what more changes were planned from, and the changes
// themselves: for a process that plans and applies more than once.
func (t *Target) Expect(live *access.State, changes []plan.Change) {
	if live != nil {
		t.expectState(live)
	}
	t.planned = t.planned || len(changes) > 0
	for _, ch := range changes {
		t.expectChange(ch)
	}
}

func (t *Target) expectState(live *access.State) {
	for _, p := range live.Sets {
		if p.ARN != "" {
			t.sight(p.ARN).expect(p)
		}
	}
	t.mu.Lock()
	for _, g := range live.Groups {
		t.shown.groups[g.ID] = g
	}
	for _, a := range live.Accounts {
		t.shown.accounts[a.ID] = a.Name
	}
	t.mu.Unlock()
	t.arrivals.expectState(live)
	t.groups.expect("", len(live.Groups))
	t.users.expect("", len(live.Users))
	t.accounts.expect("", len(live.Accounts))
}

// expectChange notes what a change is about.
func (t *Target) expectChange(ch plan.Change) {
	group, user, account := ch.Refs.GroupID, ch.Refs.UserID, ""
	if ch.Kind == plan.Assignment && ch.Action == plan.Delete {
		group, user = "", "" // it goes by id, whatever its principal is called
	}
	if ch.Kind == plan.Assignment && ch.Action == plan.Create {
		account = ch.Key.Account
	}
	t.arrivals.expectChange(ch)
	t.groups.expect(group, 0)
	t.users.expect(user, 0)
	t.accounts.expect(account, 0)
	if ch.Kind == plan.Provisioning && ch.After != nil {
		for _, id := range ch.After.Accounts {
			t.accounts.expect(id, 0)
		}
	}
	if arn := ch.Refs.PermissionSetARN; arn != "" {
		t.sight(arn).expectChange(ch)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	group = cmp.Or(group, t.made[object{plan.Group, ch.Key.Group}].id)
	user = cmp.Or(user, t.made[object{plan.User, ch.Key.User}].id)
	switch {
	case ch.Kind == plan.Group && ch.Action == plan.Update:
		was, will := before(ch).Group, after(ch).Group
		if was != nil && will != nil {
			t.shown.groupNames[group] = append(t.shown.groupNames[group], [2]string{was.Name, will.Name})
			t.shown.marks[group] = append(t.shown.marks[group], will.Mark())
		}
	case ch.Kind == plan.User && ch.Action == plan.Update:
		if was, will := before(ch).User, after(ch).User; was != nil && will != nil {
			t.shown.userNames[user] = append(t.shown.userNames[user], [2]string{was.Username, will.Username})
		}
	case ch.Kind == plan.Membership && ch.Action == plan.Delete:
		t.shown.unmembered[[2]string{ch.Refs.GroupID, ch.Refs.UserID}] = true
	case ch.Kind == plan.Assignment && ch.Action == plan.Delete && ch.Refs.GroupID != "":
		t.shown.unassigned[grantKey{pair{ch.Refs.PermissionSetARN, ch.Key.Account}, access.GroupPrincipal, ch.Refs.GroupID}] = true
	}
}

// mayBeCalled says whether the name that an id has is the one that the plan
// showed, or the other one where the plan renames it.
func mayBeCalled(have, showed string, renames [][2]string) bool {
	return have == showed || slices.ContainsFunc(renames, func(pair [2]string) bool {
		return (pair[0] == showed || pair[1] == showed) && (pair[0] == have || pair[1] == have)
	})
}

// lookAtGroup makes sure that the change's group is the one that the plan
// showed.
func (t *Target) lookAtGroup(ctx context.Context, ch plan.Change) (access.Group, time.Time, error) {
	id, err := t.group(ch)
	if err != nil {
		return access.Group{}, time.Time{}, err
	}
	have, at, err := t.groups.get(ctx, id)
	if err != nil {
		return have, at, fmt.Errorf("look at group %s: %w", id, err)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if !mayBeCalled(have.Name, ch.Key.Group, t.shown.groupNames[id]) {
		return have, at, differsFromPlan(ch, "the group %s that the plan showed as %q is called %q now", id, ch.Key.Group, have.Name)
	}
	if have.UnknownMark {
		return have, at, differsFromPlan(ch, "the mark of group %q has a word that this version does not know", have.Name)
	}
	if live, ok := t.shown.groups[id]; ok && have.Mark() != live.Mark() && !slices.Contains(t.shown.marks[id], have.Mark()) {
		return have, at, differsFromPlan(ch, "the plan saw group %q %s; now it is %s", have.Name, live.Mark().Words(), have.Mark().Words())
	}
	return have, at, nil
}

// sameGroupAsShown says whether the plan was made from a state in which the id
// of a revocation's group has its name; the revocation itself goes by id.
func (t *Target) sameGroupAsShown(ch plan.Change) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	id := ch.Refs.GroupID
	if g, ok := t.shown.groups[id]; ok && !mayBeCalled(g.Name, ch.Key.Group, t.shown.groupNames[id]) {
		return differsFromPlan(ch, "the id %s is that of group %q, not of %q", id, g.Name, ch.Key.Group)
	}
	return nil
}

// lookBeforeGroup makes sure of a group that is about to be changed or deleted.
func (t *Target) lookBeforeGroup(ctx context.Context, ch plan.Change) (time.Time, error) {
	have, at, err := t.lookAtGroup(ctx, ch)
	if err != nil {
		return at, err
	}
	was, will := before(ch).Group, after(ch).Group
	same := func(g *access.Group) bool {
		return g != nil && have.Name == g.Name && have.Description == g.Description && have.Owner == g.Owner
	}
	if was != nil && !same(was) && !same(will) {
		return at, differsFromPlan(ch, "the plan saw %s; now there is %s", groupWords(*was), groupWords(have))
	}
	if ch.Action != plan.Delete {
		return at, nil
	}
	// What is deleted with the group is not shared: it is looked at right before.
	began := time.Now()
	return oldest(at, began), t.lookAtUses(ctx, ch, have.ID)
}

// groupWords says what a group is like, its mark in words.
func groupWords(g access.Group) string {
	return fmt.Sprintf("group %q with description %q, %s", g.Name, g.Description, g.Mark().Words())
}

// lookAtUses stops the deletion of a group that has members, assignments or
// applications which the plan did not remove. Where the caller may not list a
// principal's assignments (outside of the management account), those are as the
// plan read them.
func (t *Target) lookAtUses(ctx context.Context, ch plan.Change, id string) error {
	members, err := t.c.listMembers(ctx, id)
	if err != nil {
		return fmt.Errorf("look at the members of group %s: %w", id, err)
	}
	for _, m := range members {
		if !t.takes(func(s *shown) bool { return s.unmembered[[2]string{id, m.user}] }) {
			return differsFromPlan(ch, "the group has the member %s, whom the plan did not show", m.user)
		}
	}
	if t.c.mayAskPrincipals() {
		grants, err := t.c.principalGrants(ctx, access.GroupPrincipal, id)
		switch {
		case isAccessDenied(err):
			t.c.refusePrincipals()
		case err != nil:
			return fmt.Errorf("look at the assignments of group %s: %w", id, err)
		}
		for _, p := range grants {
			if !t.takes(func(s *shown) bool { return s.unassigned[grantKey{p, access.GroupPrincipal, id}] }) {
				return differsFromPlan(ch, "the group has the permission set %s in account %s, which the plan did not take away", p.set, p.account)
			}
		}
	}
	applications, err := t.c.applicationsOf(ctx, id)
	if err != nil {
		return fmt.Errorf("look at the applications of group %s: %w", id, err)
	}
	if applications > 0 {
		return differsFromPlan(ch, "%d applications are assigned to the group", applications)
	}
	return nil
}

func (t *Target) takes(what func(*shown) bool) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return what(&t.shown)
}

// applicationsOf counts the application assignments of a group.
func (c *Client) applicationsOf(ctx context.Context, group string) (int, error) {
	n := 0
	err := eachPage(ctx, func(ctx context.Context, token *string) (*string, error) {
		out, err := c.sso.ListApplicationAssignmentsForPrincipal(ctx, &ssoadmin.ListApplicationAssignmentsForPrincipalInput{
			InstanceArn: &c.instance.ARN, PrincipalId: &group, PrincipalType: ssotypes.PrincipalTypeGroup,
			MaxResults: aws.Int32(pageSize), NextToken: token,
		})
		if err != nil {
			return nil, err
		}
		n += len(out.ApplicationAssignments)
		return out.NextToken, nil
	})
	return n, err
}

// lookAtUser makes sure that the change's user is the one that the plan showed.
func (t *Target) lookAtUser(ctx context.Context, ch plan.Change) (access.User, time.Time, error) {
	id, err := t.user(ch)
	if err != nil {
		return access.User{}, time.Time{}, err
	}
	have, at, err := t.users.get(ctx, id)
	if err != nil {
		return have, at, fmt.Errorf("look at user %s: %w", id, err)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if !mayBeCalled(have.Username, ch.Key.User, t.shown.userNames[id]) {
		return have, at, differsFromPlan(ch, "the user %s that the plan showed as %q is called %q now", id, ch.Key.User, have.Username)
	}
	return have, at, nil
}

// lookBeforeUser makes sure of a user who is about to be changed or deleted.
func (t *Target) lookBeforeUser(ctx context.Context, ch plan.Change) (time.Time, error) {
	have, at, err := t.lookAtUser(ctx, ch)
	if err != nil {
		return at, err
	}
	was, will := before(ch).User, after(ch).User
	if was == nil || sameUser(have, *was) || will != nil && sameUser(have, *will) {
		return at, nil
	}
	show := func(u access.User) string {
		return fmt.Sprintf("user %q, display name %q, e-mail %q, %q %q", u.Username, u.DisplayName, u.Email, u.GivenName, u.FamilyName)
	}
	return at, differsFromPlan(ch, "the plan saw %s; now there is %s", show(*was), show(have))
}

// lookAtAccount makes sure that the account of a new assignment is the one that
// the plan showed, and active.
func (t *Target) lookAtAccount(ctx context.Context, ch plan.Change) (time.Time, error) {
	have, at, err := t.lookAtAccountCalled(ctx, ch, ch.Key.Account, ch.Key.AccountName, ch.Key.AccountName != "")
	var missing *orgtypes.AccountNotFoundException
	switch {
	case errors.As(err, &missing):
		return at, differsFromPlan(ch, "account %s is not in the organization", ch.Key.Account)
	case err != nil:
		return at, err
	case have.State != string(orgtypes.AccountStateActive):
		return at, differsFromPlan(ch, "account %q (%s) is %s", have.Name, have.ID, have.State)
	}
	return at, nil
}

// lookAtAccountCalled makes sure that an account has the name that the plan
// showed, where it showed one.
func (t *Target) lookAtAccountCalled(ctx context.Context, ch plan.Change, id, name string, showed bool) (access.Account, time.Time, error) {
	have, at, err := t.accounts.get(ctx, id)
	switch {
	case err != nil:
		return have, at, fmt.Errorf("look at account %s: %w", id, err)
	case showed && have.Name != name:
		return have, at, differsFromPlan(ch, "the account %s that the plan showed as %q is called %q now", id, name, have.Name)
	}
	return have, at, nil
}

// accountShown gives the name that the plan saw of an account, if it saw it.
func (t *Target) accountShown(id string) (name string, shown bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	name, shown = t.shown.accounts[id]
	return name, shown
}

// lookAtProvisioned makes sure that the accounts in which a set is about to be
// provisioned, one or all, have the names that the plan showed.
func (t *Target) lookAtProvisioned(ctx context.Context, ch plan.Change, accounts []string) (time.Time, error) {
	first := time.Now()
	for _, id := range accounts {
		name, shown := t.accountShown(id)
		if !shown {
			continue
		}
		_, at, err := t.lookAtAccountCalled(ctx, ch, id, name, true)
		if err != nil {
			return at, err
		}
		first = oldest(first, at)
	}
	return first, nil
}

func (c *Client) pageOfAccounts(ctx context.Context, token *string) ([]access.Account, *string, error) {
	out, err := c.orgs.ListAccounts(ctx, &organizations.ListAccountsInput{NextToken: token})
	if err != nil {
		return nil, nil, err
	}
	accounts := make([]access.Account, len(out.Accounts))
	for i, a := range out.Accounts {
		accounts[i] = accountOf(a)
	}
	return accounts, out.NextToken, nil
}

func (c *Client) account(ctx context.Context, id string) (access.Account, error) {
	out, err := c.orgs.DescribeAccount(ctx, &organizations.DescribeAccountInput{AccountId: &id})
	if err != nil {
		return access.Account{}, err
	}
	return accountOf(*out.Account), nil
}
