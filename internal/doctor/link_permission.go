package doctor

import (
	"fmt"

	"github.com/rolecall-dev/rolecall/internal/diag"
)

// ofPermission has the checks of the permission set: whether the group holds it, and in which version.
func ofPermission() []Check {
	return []Check{{
		ID: "group-recreated", About: both(),
		Means: "The group was deleted and recreated: the assignment still names the old one, which no longer exists.",
		Looks: "Who holds the permission set in the account, and whether those groups exist.",
		Fix:   "Grant the new group access: rolecall plan shows both ids, and `rolecall apply --allow-rebind NAME` applies it.",
		rules: []rule{{at: setAssigned, needs: arrival(), path: (*Facts).groupRecreated}},
	}, {
		ID: "assignment-failed", About: both(),
		Means: "AWS could not create the account assignment.",
		Looks: "The latest assignments that failed, with AWS's reason.",
		Fix:   "Fix what the reason names, then apply again.",
		rules: []rule{{at: setAssigned, needs: arrival(), path: (*Facts).assignmentFailed}},
	}, {
		ID: "not-applied", About: both(),
		Means: "The config grants the access, but it has not been applied: the group does not hold the permission set, or the set is not provisioned in the account at all.",
		Looks: "What the group holds in AWS, in each account of the config; who else holds the set.",
		Fix:   "Run rolecall apply.",
		rules: []rule{{at: setAssigned, needs: arrival(), path: (*Facts).notApplied}},
	}, {
		ID: "set-outdated", About: both(),
		Means: "The account has the permission set in an older version.",
		Looks: "The permission sets of which AWS says that the account of --account does not have the newest version; without --account it cannot tell.",
		Fix:   "Provision it again with rolecall apply.",
		rules: []rule{{at: provisioned, needs: append(arrival(), setAssigned), path: (*Facts).setOutdated}},
	}}
}

func (f *Facts) groupRecreated(p *Path) []Verdict {
	if p.Orphan == "" {
		return nil
	}
	if p.Shared {
		return wrong(rolecall, fmt.Sprintf("Run rolecall plan: it shows whose the assignment was. If the current group is the right one, run rolecall apply --allow-rebind %q.", p.Group), p.Assigned.Evidence,
			"%s in account %s is held by a group that is gone, id %s, and not by %q: one of the groups that share the set was deleted and recreated", p.Set, p.LacksIn, p.Orphan, p.Group)
	}
	return wrong(rolecall, fmt.Sprintf("If the new group is the right one, run rolecall apply --allow-rebind %q.", p.Group), p.Assigned.Evidence,
		"the group %q was deleted and recreated: %s in account %s is held by the former one, id %s", p.Group, p.Set, p.LacksIn, p.Orphan)
}

func (f *Facts) assignmentFailed(p *Path) []Verdict {
	if p.Failure == nil {
		return nil
	}
	return wrong(rolecall, "Fix what the reason names, then run rolecall apply.", p.Assigned.Evidence,
		"AWS could not grant %q %s in account %s (%s, request %s): %s", p.Group, p.Set, p.Failure.Account, p.Failure.When, p.Failure.RequestID, p.Failure.Reason)
}

func (f *Facts) notApplied(p *Path) []Verdict {
	switch {
	case !p.Assigned.Known:
		return unsure(p.Assigned.Needs)
	case p.Assigned.Value:
		return fine(p.Assigned.Evidence...)
	}
	return wrong(rolecall, "Run rolecall plan, then rolecall apply.", p.Assigned.Evidence, "the config grants the group %q the permission set %q%s, and AWS does not%s",
		p.Group, p.Set, p.lackingWords(), p.nobodyWords())
}

// lackingWords names the accounts in which the assignment is missing.
func (p *Path) lackingWords() string {
	if p.Account != "" {
		return " in account " + p.Account
	}
	var names []string
	for _, wanted := range p.Accounts {
		if wanted.open() && !wanted.Assigned {
			names = append(names, fmt.Sprintf("%q", wanted.Name))
		}
	}
	if len(names) == len(p.Accounts) && len(names) > 1 {
		return fmt.Sprintf(" in %d accounts", len(names))
	}
	return " in " + diag.First(mostNamed, names, ", ")
}

func (p *Path) nobodyWords() string {
	if !p.Nobody {
		return ""
	}
	return ": the set is not provisioned in account " + p.LacksIn + ", because no group holds it there"
}

func (f *Facts) setOutdated(p *Path) []Verdict {
	if p.Outdated.Value {
		return wrong(rolecall, "Run rolecall apply, which provisions it again.", p.Outdated.Evidence,
			"account %s has an older version of the permission set %q", p.Account, p.Set)
	}
	return shown(p.Outdated, true)
}
