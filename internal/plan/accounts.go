package plan

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/diag"
)

func (b *binder) bindAccounts() {
	b.accounts = make([]binding, len(b.Desired.Accounts))
	named := map[int32]bool{}
	for i, a := range b.Desired.Accounts {
		found := b.organization.Find(a.Name)
		b.accounts[i] = b.bindAccount(i, a, found)
		live := b.accounts[i].live
		if live < 0 {
			continue
		}
		b.namedTwice = b.namedTwice || named[live]
		named[live] = true
		if b.ignored(access.AccountThing, b.Live.Accounts[live].Names()...) {
			b.accounts[i] = binding{live: live, why: hiddenBy("account", a.Name)}
		}
	}
	if b.namedTwice {
		b.reportNamedTwice()
	}
}

func (b *binder) bindAccount(row int, a access.Account, found access.AccountMatch) binding {
	switch {
	case found.At < 0 && len(found.Same) == 0 && found.LostZeros != "":
		return b.unbound(diag.Account, a.Name, AccountNumber, a.Origin,
			fmt.Sprintf("no account is named %q, and an account's id has 12 digits", a.Name), b.organization.Instead(a.Name))
	case found.At < 0 && len(found.Same) == 0:
		return b.missing(AccountMissing, "", b.names.Account(row))
	case found.At < 0:
		unclear := b.unbound(diag.Account, a.Name, AccountAmbiguous, a.Origin, found.Unclear(a.Name)+": "+b.idsOf(found.Same),
			"Write the 12-digit id of the right one here, or rename the others in AWS Organizations.")
		unclear.maybe = found.Same
		return unclear
	case !b.Live.Accounts[found.At].Active():
		// Assignments that are there already stay; only changes are blocked.
		live := b.Live.Accounts[found.At]
		return binding{live: found.At, why: diag.Diagnostic{Severity: diag.Error, Code: AccountInactive,
			Summary: fmt.Sprintf("account %q (%s) is %s, and AWS cannot change access there", live.Name, live.ID, live.State),
			Hint:    "Remove the account from the config, or have it reinstated in AWS Organizations.",
			Subject: diag.Subject{Kind: diag.Account, Name: a.Name, ID: live.ID},
			Range:   b.Desired.Range(a.Origin)}}
	default:
		return binding{handling: ours, live: found.At}
	}
}

// idsOf lists accounts by id, each with its state where it is not ACTIVE.
func (b *Bound) idsOf(rows []int32) string {
	ids := make([]string, len(rows))
	for i, row := range rows {
		a := b.Live.Accounts[row]
		if ids[i] = a.ID; !a.Active() {
			ids[i] += " (" + a.State + ")"
		}
	}
	return strings.Join(ids, ", ")
}

// reportNamedTwice says where the config gives a group an account by its name and
// again by its id: that is one assignment.
func (b *Bound) reportNamedTwice() {
	type key struct{ set, account, group int32 }
	first := map[key]access.Assignment{}
	inOrder := slices.SortedStableFunc(slices.Values(b.Desired.Assignments), func(x, y access.Assignment) int { return cmp.Compare(x.Origin, y.Origin) })
	for _, g := range inOrder {
		live := b.accounts[g.Account].live
		if live < 0 {
			continue
		}
		at := key{g.Set, live, g.Principal}
		before, twice := first[at]
		if !twice {
			first[at] = g
			continue
		}
		b.Findings = append(b.Findings, diag.Diagnostic{Severity: diag.Warning, Code: AccountTwice, Range: b.Desired.Range(g.Origin),
			Related: []diag.Range{b.Desired.Range(before.Origin)},
			Summary: fmt.Sprintf("%q and %q are the same account, so group %q gets it once", b.Desired.Accounts[before.Account].Name,
				b.Desired.Accounts[g.Account].Name, b.Desired.Groups[g.Principal].Name),
			Hint: "Remove one of the two."})
	}
}
