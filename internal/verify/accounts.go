package verify

import (
	"strings"

	"github.com/rolecall-dev/rolecall/internal/access"
)

// The states of accounts in AWS Organizations that matter here. An empty one
// was not observed and counts as active.
const (
	accountActive  = "ACTIVE"
	accountPending = "PENDING_ACTIVATION"
)

func (c *checker) checkAccounts() {
	byName := map[string][]access.Account{}
	for _, a := range c.live.Accounts {
		byName[a.Name] = append(byName[a.Name], a)
	}
	expected := map[string]bool{}
	for _, a := range c.desired.Accounts {
		expected[a.Name] = true
	}
	finder := newFinder(c.live.Accounts, func(a access.Account) string { return a.Name }, func(a access.Account) string { return a.ID }, expected)
	for _, a := range c.desired.Accounts {
		c.report.add(c.account(a, byName[a.Name], finder))
	}
}

func (c *checker) account(a access.Account, found []access.Account, f *finder) Item {
	item := Item{Kind: AccountItem, Name: a.Name, Verdict: WillNotCome}
	switch {
	case len(c.live.Accounts) == 0: // every organization has one
		item.Verdict, item.Finding = CannotTell, c.accountsUnread(a)
	case len(found) == 0:
		item.Suggestions = f.suggest(a.Name)
		item.Finding = c.accountMissing(a)
		c.explain(&item)
	case len(found) > 1:
		item.Finding = c.accountTwice(a, found)
	default:
		item.ID = found[0].ID
		c.accountState(&item, a, found[0].State)
	}
	return item
}

func (c *checker) accountState(item *Item, a access.Account, state string) {
	switch state {
	case accountActive, "":
		item.Verdict = There
	case accountPending:
		item.Verdict, item.Finding = NotYet, c.accountPending(a)
	default:
		item.Finding = c.accountSuspended(a, state)
	}
}

func idsAndStates(accounts []access.Account) string {
	var parts []string
	for _, a := range accounts {
		text := a.ID
		if a.State != "" {
			text += " (" + a.State + ")"
		}
		parts = append(parts, text)
	}
	return strings.Join(parts, ", ")
}
