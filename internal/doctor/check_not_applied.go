package doctor

import (
	"fmt"
	"strings"
)

// notApplied: the config gives the access, and nobody has applied it.
func notApplied() Check {
	return Check{ID: "not-applied", Link: Permission, About: both(),
		Means: "The config gives the access, and nobody has applied it: the group does not hold the permission set, or the set is not provisioned in the account at all.",
		Looks: "What the group holds in AWS, in each account of the config; who else holds the set.",
		Fix:   "Run rolecall apply.",
		run: func(f *Facts) []Verdict {
			return each(f, func(f *Facts, p *Path) []Verdict {
				switch {
				case !f.arrives(p) || p.Orphan != "" || p.Failure != nil:
					return nil
				case !p.Granted.Known:
					return unsure(p.Granted.Needs)
				case p.Granted.Value:
					return fine(p.Granted.Evidence...)
				}
				return wrong(rolecall, "Run rolecall plan, then rolecall apply.", p.Granted.Evidence, "the config gives the group %q the permission set %q%s, and AWS does not%s",
					p.Group, p.Set, p.lackingWords(), p.nobodyWords())
			})
		}}
}

// lackingWords names the accounts in which the grant is missing.
func (p *Path) lackingWords() string {
	if p.Account != "" {
		return " in account " + p.Account
	}
	var names []string
	for _, place := range p.Places {
		if place.open() && !place.Held {
			names = append(names, fmt.Sprintf("%q", place.Name))
		}
	}
	if len(names) == len(p.Places) && len(names) > 1 {
		return fmt.Sprintf(" in %d accounts", len(names))
	}
	return " in " + some(names)
}

func (p *Path) nobodyWords() string {
	if !p.Nobody {
		return ""
	}
	return ": the set is not provisioned in account " + p.LacksIn + ", for no group holds it there"
}

// closed gives the accounts of the config, where none was asked for, in which
// AWS assigns nothing: those that are not there, or those that are suspended.
func (p *Path) closed(missing bool) []string {
	var out []string
	for _, place := range p.Places {
		if p.Granted.Known && !place.open() && missing == (place.ID == "") {
			out = append(out, strings.TrimSpace(fmt.Sprintf("%q %s", place.Name, place.State)))
		}
	}
	return out
}
