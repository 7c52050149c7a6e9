package plan

import (
	"fmt"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/diag"
)

// bindForeign binds a group of access_groups that somebody else made, whatever
// mark it carries. Whoever made it may have put anybody into it, so it is granted
// nothing until all its members are in the config.
func (b *Bound) bindForeign(row int32, g access.Group, i int32) binding {
	live, others := b.Live.Groups[i], b.notInConfig(row, i)
	switch {
	case live.SCIM && others == "":
		return binding{handling: assignOnly, live: i, why: b.scimFinding(g)}
	case live.SCIM:
		return binding{handling: assignOnly, live: i, noNewAssignments: true, why: b.becauseOfStrangers(GroupOfSCIM, g, live, "belongs to "+b.options.IdP, others,
			diag.Remedy{Way: diag.NameMembers, System: b.options.IdP})}
	case live.Owner != "" && others == "":
		return binding{handling: assignOnly, live: i, why: b.otherOwner(g, live)}
	case live.Owner != "":
		return binding{handling: assignOnly, live: i, noNewAssignments: true, why: b.becauseOfStrangers(GroupOfOther, g, live, fmt.Sprintf("belongs to owner %q", live.Owner), others,
			diag.Remedy{Way: diag.TakeOverFrom, Name: live.Name, System: live.Owner})}
	case others != "":
		return binding{handling: additive, live: i, noNewAssignments: true, why: b.becauseOfStrangers(GroupUnmarked, g, live, "was not created by rolecall", others,
			diag.Remedy{Way: diag.TakeOverMembers, Name: live.Name})}
	default:
		return binding{handling: additive, live: i, why: b.advise(diag.Warning, GroupUnmarked, g.Origin,
			fmt.Sprintf("group %q was not created by rolecall: it is granted access and given members, never edited, and loses no member", live.Name),
			diag.Remedy{Way: diag.TakeOver, Name: live.Name})}
	}
}

// becauseOfStrangers warns that a group gets no more because of those in it whom the config
// does not have: an error once something is to be granted.
func (b *Bound) becauseOfStrangers(code diag.Code, g, live access.Group, whose, others string, remedy diag.Remedy) diag.Diagnostic {
	why := b.advise(diag.Warning, code, g.Origin, fmt.Sprintf("group %q %s, and %s: it is granted nothing more", live.Name, whose, others), remedy)
	why.Severity = diag.Error
	return why
}

// hasStrangers says that a finding is of a group that gets no more because of who
// is in it.
func hasStrangers(code diag.Code) bool {
	return code == GroupUnmarked || code == GroupOfOther || code == GroupOfSCIM
}

// keepsStrangers says that it is a live group that gets no more for that reason.
func (b *binding) keepsStrangers() bool {
	return b.noNewAssignments && b.live >= 0 && hasStrangers(b.why.Code)
}

// groupsWithStrangers counts the groups with strangers that have something of ours.
func (b *Bound) groupsWithStrangers() int {
	groups := map[int32]bool{}
	for i := range b.groups {
		if bound := &b.groups[i]; bound.keepsStrangers() {
			groups[bound.live] = true
		}
	}
	if len(groups) == 0 {
		return 0
	}
	n := 0
	for _, g := range b.Live.Assignments {
		if g.Kind == access.GroupPrincipal && groups[g.Principal] && b.Live.Sets[g.Set].Owner == b.options.Owner {
			delete(groups, g.Principal)
			n++
		}
	}
	return n
}

// notInConfig says which members of a live group the config does not have in
// it; "" for none.
func (b *Bound) notInConfig(row, live int32) string {
	if !b.Live.Observed.Members[b.Live.Groups[live].ID] {
		return "its members could not be read"
	}
	wanted := map[string]bool{}
	for _, m := range b.Desired.Members(int(row)) {
		u := b.Desired.Users[m.User]
		wanted[u.Username], wanted[u.Previously] = true, true
	}
	var others []string
	for _, m := range b.Live.Members(int(live)) {
		if name := b.Live.Users[m.User].Username; !wanted[name] {
			others = append(others, fmt.Sprintf("%q", name))
		}
	}
	if len(others) == 0 {
		return ""
	}
	return diag.First(3, others, ", ") + " in it " + diag.Plural(len(others), "is", "are") + " not in the config"
}
