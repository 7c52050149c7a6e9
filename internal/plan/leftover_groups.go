package plan

import (
	"fmt"
	"slices"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/diag"
)

// deleteGroups deletes groups of ours that the config no longer names, where
// nothing else uses them.
func (l *leftovers) deleteGroups() {
	var left []string
	for i, g := range l.Live.Groups {
		if !l.leftoverGroup(i) {
			continue
		}
		c := Change{Kind: Group, Action: Delete, Key: Key{Group: g.Name}, Refs: Refs{GroupID: g.ID},
			Before: &Value{Group: groupValue(g, g.Owner, g.ID)}, Reason: "carries our mark and is no longer in the config"}
		if why, stays := l.groupStays(i, g); stays {
			switch {
			case g.UnknownMark, why.Code == AccountInactive:
				l.once(why)
			case why.Code != OtherDoor:
				l.once(why)
				l.block(c, why)
			default: // nothing of it is to do
				left = append(left, g.Name)
			}
			continue
		}
		for _, m := range l.Live.Members(i) {
			l.members.dropMember(m, g.Name, "its group is deleted", nil)
		}
		c.DependsOn = slices.Concat(l.goes.groups[i], l.goes.leaves[i])
		l.add(c)
	}
	l.tellOtherDoor("group", left)
}

// groupStays says why a group of ours that the config no longer names is not
// deleted.
func (l *leftovers) groupStays(i int, g access.Group) (diag.Diagnostic, bool) {
	f := diag.Diagnostic{Severity: diag.Warning, Code: GroupInUse, Hint: "Remove the other use, then apply again."}
	switch {
	case g.UnknownMark:
		return unknownMark(g.Name), true
	case l.otherVia(g.Via):
		return l.otherDoor("group", g.Name), true
	case g.SCIM:
		f.Summary = fmt.Sprintf("group %q is no longer in the config and belongs to %s, so it stays", g.Name, l.options.IdP)
	case !l.Live.Observed.Uses[g.ID]:
		f.Summary = fmt.Sprintf("group %q is no longer in the config, and what else uses it could not be read, so it stays", g.Name)
		f.Hint = "Run with the management account's credentials, which may list a group's assignments."
	case g.Applications > 0:
		f.Summary = fmt.Sprintf("group %q is no longer in the config, but %d applications are assigned to it, so it stays", g.Name, g.Applications)
	case l.onGroup[i] > 0:
		return l.groupKeepsGrants(i, g), true
	default:
		return l.groupKeepsMember(i, g)
	}
	return f, true
}

// groupKeepsGrants says whose the assignments are that keep a group.
func (l *leftovers) groupKeepsGrants(i int, g access.Group) diag.Diagnostic {
	var hidden, inactive, ours int
	for _, grant := range l.Live.Grants {
		if grant.Kind != access.GroupPrincipal || grant.Principal != int32(i) || l.losses.revoked[keyOf(grant)] {
			continue
		}
		switch p := l.Live.Sets[grant.Set]; {
		case l.grantIgnored(grant):
			hidden++
		case p.Owner != l.options.Owner || p.Owner == "":
		case l.inactive[l.Live.Accounts[grant.Account].ID]:
			inactive++
		default:
			ours++
		}
	}
	f := diag.Diagnostic{Severity: diag.Warning, Code: GroupInUse, Hint: "Remove the other use, then apply again."}
	says := func(n int, one, many string) {
		f.Summary = fmt.Sprintf("group %q is no longer in the config, but %s, so it stays", g.Name, counted(n, one, many))
	}
	switch foreign := l.onGroup[i] - hidden - inactive - ours; {
	case foreign > 0:
		f.Summary = fmt.Sprintf("group %q is no longer in the config, but %d account assignments that are not ours use it, so it stays", g.Name, foreign)
	case ours > 0:
		says(ours, "of its account assignments cannot be removed yet", "of its account assignments cannot be removed yet")
		f.Hint = "See why these are blocked, then apply again."
	case inactive > 0:
		says(inactive, "of its account assignments is in an inactive account, where AWS can change nothing", "of its account assignments are in inactive accounts, where AWS can change nothing")
		f.Code = AccountInactive // a warning, and nothing that is to do: it would end no run for months
		f.Hint = "Nothing has to be done: nobody can sign in to these accounts."
	default:
		f.Severity, f.Code = diag.Note, Ignored
		says(hidden, "of its account assignments matches an ignore pattern", "of its account assignments match ignore patterns")
		f.Hint = "Change the patterns in rolecall.hcl where this is not intended."
	}
	return f
}

// groupKeepsMember says that somebody is in a group whose memberships are not
// written: with the group, theirs would go.
func (b *Bound) groupKeepsMember(i int, g access.Group) (diag.Diagnostic, bool) {
	if len(b.options.Ignore) == 0 {
		return diag.Diagnostic{}, false
	}
	for _, m := range b.Live.Members(i) {
		name := b.Live.Users[m.User].Username
		if p := b.patternOf(access.UserThing, name); p != "" {
			return diag.Diagnostic{Severity: diag.Note, Code: Ignored,
				Summary: fmt.Sprintf("group %q is no longer in the config and stays with its members, because user %q in it matches the ignore pattern %q", g.Name, name, p),
				Hint:    fmt.Sprintf("Take %q out of the group where users are managed, or change the pattern in rolecall.hcl.", name)}, true
		}
	}
	if !b.Live.Observed.Members[g.ID] {
		return b.notObserved(fmt.Sprintf("the members of group %q", g.Name)), true
	}
	return diag.Diagnostic{}, false
}
