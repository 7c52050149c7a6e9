package verify

import (
	"strings"

	"github.com/rolecall-dev/rolecall/internal/access"
)

// The states of accounts in AWS Organizations that matter here. An empty one
// was not observed and counts as active.
const (
	accountActive  = access.ActiveState
	accountPending = "PENDING_ACTIVATION"
)

func (c *checker) checkAccounts() {
	index := access.NewAccountIndex(c.live.Accounts)
	finder := newFinder(c.live.Accounts, func(a access.Account) string { return a.Name }, func(a access.Account) string { return a.ID },
		nil) // an account may be named by one group and misspelt by another
	for _, a := range c.desired.Accounts {
		c.report.add(c.account(a, index, finder))
	}
}

func (c *checker) account(a access.Account, organization *access.AccountIndex, f *finder) Item {
	found := organization.Find(a.Name)
	item := Item{Kind: AccountItem, Name: a.Name, Verdict: WillNotCome}
	switch {
	case len(c.live.Accounts) == 0: // every organization has one
		item.Verdict, item.Finding = CannotTell, c.accountsUnread(a)
	case found.At >= 0:
		item.ID = c.live.Accounts[found.At].ID
		c.accountState(&item, a, c.live.Accounts[found.At].State)
	case len(found.Same) > 0:
		item.Finding = c.accountTwice(a, found)
	default:
		if !access.IsAccountID(a.Name) {
			item.Suggestions = f.suggest(a.Name)
		}
		item.Finding = c.accountMissing(a, organization)
		c.explain(&item)
	}
	return item
}

func (c *checker) accountState(item *Item, a access.Account, state string) {
	switch state {
	case accountActive, "":
		item.Verdict = There
	case accountPending:
		item.Verdict, item.Finding = NotYet, c.accountPending(a)
	default: // it is there, as its name is; what AWS cannot change there ends no run
		item.Verdict = There
		item.Finding = c.accountSuspended(a, state)
	}
}

func (c *checker) idsAndStates(rows []int32) string {
	var parts []string
	for _, row := range rows {
		a := c.live.Accounts[row]
		text := a.ID
		if a.State != "" {
			text += " (" + a.State + ")"
		}
		parts = append(parts, text)
	}
	return strings.Join(parts, ", ")
}
