package write

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/identitycenter"
	"github.com/rolecall-dev/rolecall/internal/plan"
)

// accountsInATime is about how many assignments one look's time sees begin: ten
// at once, three seconds each.
const accountsInATime = 100

// lookAtGroup makes sure that the change's group is the one that the plan
// showed.
func (t *Target) lookAtGroup(ctx context.Context, ch plan.Change) (access.Group, time.Time, error) {
	id, err := t.group(ch)
	if err != nil {
		return access.Group{}, time.Time{}, err
	}
	have, at, err := t.groups.get(ctx, id)
	if err != nil {
		return have, at, err
	}
	if !mayBeCalled(have.Name, ch.Key.Group, t.shown.groupNames.of(id)) {
		return have, at, differsFromPlan(ch, "the group %s that the plan showed as %q is called %q now", id, ch.Key.Group, have.Name)
	}
	if have.UnknownMark {
		return have, at, differsFromPlan(ch, "the mark of group %q has a word that this version does not know", have.Name)
	}
	if live, ok := t.shown.groups.get(id); ok && have.Mark() != live.Mark() && !slices.Contains(t.shown.marks.of(id), have.Mark()) {
		return have, at, differsFromPlan(ch, "the plan saw group %q %s; now it is %s", have.Name, live.Mark().Words(), have.Mark().Words())
	}
	return have, at, nil
}

func (t *Target) sameGroup(ctx context.Context, ch plan.Change) (time.Time, error) {
	_, at, err := t.lookAtGroup(ctx, ch)
	return at, err
}

// sameGroupAsShown says whether the plan was made from a state in which the id
// of a revocation's group has its name; the revocation itself goes by id.
func (t *Target) sameGroupAsShown(_ context.Context, ch plan.Change) (time.Time, error) {
	id := ch.Refs.GroupID
	if g, ok := t.shown.groups.get(id); ok && !mayBeCalled(g.Name, ch.Key.Group, t.shown.groupNames.of(id)) {
		return time.Now(), differsFromPlan(ch, "the id %s is that of group %q, not of %q", id, g.Name, ch.Key.Group)
	}
	return time.Now(), nil
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
	members, _, err := t.c.ListGroupMemberships(id).All(ctx)
	if err != nil {
		return err
	}
	for _, m := range members {
		if !t.shown.membered.of([2]string{id, m.User}) {
			return differsFromPlan(ch, "the group has the member %s, whom the plan did not show", m.User)
		}
	}
	if t.c.MayAskPrincipals() {
		grants, _, err := t.c.ListAccountAssignmentsForPrincipal(access.GroupPrincipal, id, "").All(ctx)
		switch {
		case identitycenter.IsAccessDenied(err):
			t.c.RefusePrincipals()
		case err != nil:
			return err
		}
		for _, k := range grants {
			if !t.shown.assigned.of(k) {
				return differsFromPlan(ch, "the group has the permission set %s in account %s, which the plan did not take away", k.SetARN, k.Account)
			}
		}
	}
	applications, _, err := t.c.ListApplicationAssignmentsForPrincipal(ctx, id)
	if err == nil && len(applications) > 0 {
		return differsFromPlan(ch, "%d applications are assigned to the group", len(applications))
	}
	return err
}

// lookAtUser makes sure that the change's user is the one that the plan showed.
func (t *Target) lookAtUser(ctx context.Context, ch plan.Change) (access.User, time.Time, error) {
	id, err := t.user(ch)
	if err != nil {
		return access.User{}, time.Time{}, err
	}
	have, at, err := t.users.get(ctx, id)
	if err == nil && !mayBeCalled(have.Username, ch.Key.User, t.shown.userNames.of(id)) {
		err = differsFromPlan(ch, "the user %s that the plan showed as %q is called %q now", id, ch.Key.User, have.Username)
	}
	return have, at, err
}

func (t *Target) sameUser(ctx context.Context, ch plan.Change) (time.Time, error) {
	_, at, err := t.lookAtUser(ctx, ch)
	return at, err
}

// lookBeforeUser makes sure of a user who is about to be changed or deleted.
func (t *Target) lookBeforeUser(ctx context.Context, ch plan.Change) (time.Time, error) {
	have, at, err := t.lookAtUser(ctx, ch)
	if err != nil {
		return at, err
	}
	was, will := before(ch).User, after(ch).User
	if was == nil || equalUsers(have, *was) || will != nil && equalUsers(have, *will) {
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
	switch {
	case identitycenter.IsNotFound(err):
		return at, differsFromPlan(ch, "account %s is not in the organization", ch.Key.Account)
	case err != nil:
		return at, err
	case have.State != access.ActiveState:
		return at, differsFromPlan(ch, "account %q (%s) is %s", have.Name, have.ID, have.State)
	}
	return at, nil
}

// lookAtAccountCalled makes sure that an account has the name that the plan
// showed, where it showed one.
func (t *Target) lookAtAccountCalled(ctx context.Context, ch plan.Change, id, name string, showed bool) (access.Account, time.Time, error) {
	have, at, err := t.accounts.get(ctx, id)
	if err == nil && showed && have.Name != name {
		err = differsFromPlan(ch, "the account %s that the plan showed as %q is called %q now", id, name, have.Name)
	}
	return have, at, err
}

// lookAtAccountsShown makes sure that accounts have the names under which the plan
// saw them, those that it saw.
func (t *Target) lookAtAccountsShown(ctx context.Context, ch plan.Change, ids ...string) (time.Time, error) {
	first := time.Now()
	for _, id := range ids {
		name, showed := t.shown.accounts.get(id)
		if !showed {
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
