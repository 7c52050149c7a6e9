package presence

import (
	"fmt"
	"strings"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/diag"
	"github.com/rolecall-dev/rolecall/internal/names"
)

// The states of accounts in AWS Organizations that matter here. An empty one
// was not observed and counts as active.
const (
	accountActive  = access.ActiveState
	accountPending = "PENDING_ACTIVATION"
)

// Account answers about a row of the desired accounts.
func (a *Answers) Account(row int) Item {
	if a.organization == nil {
		a.organization = access.NewAccountIndex(a.live.Accounts)
	}
	account := a.desired.Accounts[row]
	found := a.organization.Find(account.Name)
	item := Item{Kind: AccountItem, Name: account.Name, Verdict: WillNotCome}
	switch {
	case len(a.live.Accounts) == 0: // every organization has one
		item.Verdict, item.Finding = CannotTell, a.accountsUnread(account)
	case found.At >= 0:
		item.ID = a.live.Accounts[found.At].ID
		a.accountState(&item, account, a.live.Accounts[found.At].State)
	case len(found.Same) > 0:
		item.Finding = a.accountTwice(account, found)
	default:
		a.accountMissing(&item, account)
	}
	return item.named()
}

// accountMissing tells what a missing account is called now, where a record of the
// owner's knows its id, and else which names are near.
func (a *Answers) accountMissing(item *Item, account access.Account) {
	if now := a.accountNow(account.Name); now >= 0 {
		live := a.live.Accounts[now]
		item.Suggestions = []Suggestion{{Name: live.Name, ID: live.ID, Match: SameID}}
		item.Finding = a.finding(diag.Error, CodeAccountMissing, account.Origin, fmt.Sprintf("the account %q is now called %q (%s)", account.Name, live.Name, live.ID), "",
			fmt.Sprintf("Write %q, or rename it back in AWS Organizations. What groups have there stays meanwhile.", live.Name))
		item.Finding.Evidence = append(item.Finding.Evidence, a.looked(item))
		return
	}
	for _, c := range a.organization.Near(account.Name) {
		live := a.live.Accounts[c.At]
		item.Suggestions = append(item.Suggestions, Suggestion{Name: live.Name, ID: live.ID, Match: c.Match, Distance: c.Distance, Differences: names.Differences(account.Name, live.Name)})
	}
	item.Finding = a.finding(diag.Error, CodeAccountMissing, account.Origin, access.NoAccount(account.Name), "", a.organization.Instead(account.Name))
	a.explain(item)
}

// accountNow returns the account that had a name when a record of the owner's was
// written; -1 where none tells.
func (a *Answers) accountNow(name string) int {
	for _, set := range a.live.Sets {
		mark := ""
		if a.options.Owner != "" && set.Record.FitsSet(a.options.Owner, set.ARN) {
			mark = set.Record.AccountMark(name)
		}
		for i, live := range a.live.Accounts {
			if live.Name == "" { // the organization has it no longer: only what is left there tells of it
				continue
			}
			if mark != "" && mark == access.AccountIDMark(live.ID) {
				return i
			}
		}
	}
	return -1
}

func (a *Answers) accountState(item *Item, account access.Account, state string) {
	switch state {
	case accountActive, "":
		item.Verdict = There
	case accountPending:
		item.Verdict, item.Finding = NotYet, a.accountPending(account)
	default: // it is there, as its name is; what AWS cannot change there ends no run
		item.Verdict = There
		item.Finding = a.accountSuspended(account, state)
	}
}

func (a *Answers) idsAndStates(rows []int32) string {
	var parts []string
	for _, row := range rows {
		account := a.live.Accounts[row]
		text := account.ID
		if account.State != "" {
			text += " (" + account.State + ")"
		}
		parts = append(parts, text)
	}
	return strings.Join(parts, ", ")
}
