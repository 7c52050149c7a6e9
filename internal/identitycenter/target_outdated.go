package identitycenter

import (
	"context"
	"slices"
	"time"

	ssotypes "github.com/aws/aws-sdk-go-v2/service/ssoadmin/types"

	"github.com/rolecall-dev/rolecall/internal/apply"
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
		if err != nil || t.editShown(arn, ch, out) {
			return planned(ch, out), err
		}
		if err := sleep(ctx, betweenAsks); err != nil {
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
	outdated, err := t.c.provisionedAccounts(ctx, arn, ssotypes.ProvisioningStatusLatestPermissionSetNotProvisioned)
	if err != nil || len(outdated) == 0 {
		return apply.Outdated{}, err
	}
	all, err := t.c.provisionedAccounts(ctx, arn, "")
	if err != nil {
		return apply.Outdated{}, err
	}
	return apply.Outdated{Accounts: sortedStrings(outdated), Provisioned: len(all)}, nil
}

// editShown says whether an answer can be believed: this run did not edit the
// set, or did so long ago, or all accounts are in it that the plan expects.
func (t *Target) editShown(arn string, ch plan.Change, out apply.Outdated) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	when, edited := t.edited[arn]
	if !edited {
		return true
	}
	missing := func(account string) bool { _, ok := slices.BinarySearch(out.Accounts, account); return !ok }
	if time.Since(when) < editShowsWithin && slices.ContainsFunc(after(ch).Accounts, missing) {
		return false
	}
	delete(t.edited, arn)
	return true
}
