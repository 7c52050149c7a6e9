package write

import (
	"context"
	"slices"
	"time"

	"github.com/rolecall-dev/rolecall/internal/apply"
	"github.com/rolecall-dev/rolecall/internal/identitycenter"
	"github.com/rolecall-dev/rolecall/internal/plan"
)

// AWS may show an edit of a set late: then it calls roles the latest that are
// not, and to believe it would leave them so. After an edit of this run it is
// asked again for a while, until it says what the plan expects.
const (
	editShowsWithin = 10 * time.Second
	betweenAsks     = time.Second
)

// Outdated asks where a set is not the latest.
func (t *Target) Outdated(ctx context.Context, ch plan.Change) (apply.Outdated, error) {
	arn, err := t.set(ch)
	if err != nil {
		return apply.Outdated{}, err
	}
	for {
		out, err := t.askOutdated(ctx, arn)
		if err != nil {
			return planned(ch, out), err
		}
		shown, err := t.editShown(ctx, arn, ch, out)
		if err != nil || shown {
			return planned(ch, out), err
		}
		if err := identitycenter.Sleep(ctx, betweenAsks); err != nil {
			return out, err
		}
	}
}

// planned leaves the accounts that the plan did not show: who has the set there
// is not this change's to touch, whether they are suspended or came since.
func planned(ch plan.Change, out apply.Outdated) apply.Outdated {
	shown := after(ch).Accounts
	accounts := slices.DeleteFunc(slices.Clone(out.Accounts), func(a string) bool { return !slices.Contains(shown, a) })
	out.Others = len(out.Accounts) - len(accounts)
	out.Accounts = accounts
	return out
}

func (t *Target) askOutdated(ctx context.Context, arn string) (apply.Outdated, error) {
	outdated, _, err := t.c.ListAccountsForProvisionedPermissionSet(ctx, arn, identitycenter.OlderVersion)
	if err != nil || len(outdated) == 0 {
		return apply.Outdated{}, err
	}
	all, _, err := t.c.ListAccountsForProvisionedPermissionSet(ctx, arn, identitycenter.EitherVersion)
	if err != nil {
		return apply.Outdated{}, err
	}
	return apply.Outdated{Accounts: slices.Sorted(slices.Values(outdated)), Provisioned: len(all)}, nil
}

// editShown says whether an answer can be believed: this run did not edit the
// set, or did so long ago, or all accounts are in it that the plan expects. In an
// account where the set is no longer provisioned it cannot be outdated.
func (t *Target) editShown(ctx context.Context, arn string, ch plan.Change, out apply.Outdated) (bool, error) {
	when, edited := t.edited.get(arn)
	if !edited {
		return true, nil
	}
	expected := slices.DeleteFunc(slices.Clone(after(ch).Accounts), func(a string) bool { return slices.Contains(out.Accounts, a) })
	if len(expected) > 0 && time.Since(when) < editShowsWithin {
		provisioned, _, err := t.c.ListAccountsForProvisionedPermissionSet(ctx, arn, identitycenter.EitherVersion)
		if err != nil || slices.ContainsFunc(expected, func(a string) bool { return slices.Contains(provisioned, a) }) {
			return false, err
		}
	}
	t.edited.drop(arn)
	return true, nil
}
