package doctor

import (
	"fmt"
	"strings"
)

// accountMissing: the organization has no such account.
func accountMissing() Check {
	return Check{ID: "account-missing", Link: Account, About: both(),
		Means: "The organization has no such account.",
		Looks: "The account in AWS Organizations.",
		Fix:   "Correct the name or id.",
		run: func(f *Facts) []Verdict {
			if !f.Account.Known {
				return each(f, func(_ *Facts, p *Path) []Verdict {
					if names := p.closed(true); names != nil {
						return wrong(config, "Correct accounts_names. "+p.instead(), p.Granted.Evidence,
							"the config names accounts that the organization does not have, or has several of: %s", some(names))
					}
					return nil
				})
			}
			if f.Account.Value == nil {
				return wrong(organizations, f.Instead, f.Account.Evidence, "the organization has no such account, or several of that name")
			}
			return fine(f.Account.Evidence...)
		}}
}

// instead says what to write for the accounts that are missing, of several for
// the first ones.
func (p *Path) instead() string {
	var out []string
	for _, place := range p.Places {
		if place.Instead != "" && len(out) < mostNear {
			out = append(out, fmt.Sprintf("%q: %s", place.Name, place.Instead))
		}
	}
	return strings.Join(out, " ")
}
