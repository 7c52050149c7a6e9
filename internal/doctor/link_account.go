package doctor

import (
	"fmt"
	"strings"

	"github.com/rolecall-dev/rolecall/internal/diag"
)

// ofAccount has the checks of the account.
func ofAccount() []Check {
	return []Check{{
		ID: "account-missing", About: both(),
		Means: "The organization has no such account.",
		Looks: "The account in AWS Organizations.",
		Fix:   "Correct the name or id.",
		rules: []rule{{at: accountOpen, say: (*Facts).accountMissing}, {at: aside, path: (*Facts).accountsMissing}},
	}, {
		ID: "account-suspended", About: both(),
		Means: "The account is suspended or closed, so nobody can sign in to it.",
		Looks: "The state of the account in AWS Organizations.",
		Fix:   "Reactivate the account, or use another one.",
		rules: []rule{{at: accountOpen, lacks: accountOpen, say: (*Facts).accountSuspended}, {at: aside, path: (*Facts).accountsSuspended}},
	}}
}

func (f *Facts) accountMissing() []Verdict {
	switch {
	case !f.Account.Known:
		return nil
	case f.nowhere():
		return wrong(organizations, f.Instead, f.Account.Evidence, "%s", f.Missing)
	}
	return fine(f.Account.Evidence...)
}

func (f *Facts) accountsMissing(p *Path) []Verdict {
	return f.closed(p, true, config, "Correct accounts_names. "+p.instead(), "the config names accounts that the organization does not have, or has several of: %s")
}

// instead says what to write for the accounts that are missing, of several for
// the first ones.
func (p *Path) instead() string {
	var out []string
	for _, wanted := range p.Accounts {
		if wanted.Instead != "" && len(out) < mostNear {
			out = append(out, fmt.Sprintf("%q: %s", wanted.Name, wanted.Instead))
		}
	}
	return strings.Join(out, " ")
}

// reactivate is what to do about an account in which AWS assigns nothing.
const reactivate = "Ask AWS Support to reactivate the account, or remove it from the config."

func (f *Facts) accountSuspended() []Verdict {
	if f.nowhere() {
		return nil
	}
	a := f.Account.Value
	return wrong(organizations, reactivate, f.Account.Evidence, "the account %q (%s) is %s", a.Name, a.ID, a.State)
}

func (f *Facts) accountsSuspended(p *Path) []Verdict {
	return f.closed(p, false, organizations, reactivate, "the config names accounts that are suspended or closed: %s")
}

// closed tells of the accounts of the config, where none was asked for, in which AWS
// assigns nothing: those that are not there, or those that are suspended.
func (f *Facts) closed(p *Path, missing bool, system, fix, says string) []Verdict {
	var names []string
	for _, wanted := range p.Accounts {
		if f.Account.Value == nil && p.Assigned.Known && !wanted.open() && missing == (wanted.ID == "") {
			names = append(names, strings.TrimSpace(fmt.Sprintf("%q %s", wanted.Name, wanted.State)))
		}
	}
	if names == nil {
		return nil
	}
	return wrong(system, fix, p.Assigned.Evidence, says, diag.First(mostNamed, names, ", "))
}
