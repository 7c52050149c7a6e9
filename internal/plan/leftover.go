package plan

import (
	"fmt"
	"slices"
	"strings"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/diag"
)

// leftovers are the permission sets and groups of ours that the config no longer
// has.
type leftovers struct {
	*draft
	names       *recordedNames
	members     *departures
	assignments *assignmentChanges
	losses      *losses
	// onSet and onGroup count, for each live set and group that the config does not
	// name, the assignments that this plan leaves: they keep it alive.
	onSet, onGroup []int
	// deleted are the live groups that the plan deletes; nil where nobody asked.
	deleted []int
}

func newLeftovers(d *draft, names *recordedNames, members *departures, assignments *assignmentChanges, losses *losses) *leftovers {
	l := &leftovers{draft: d, names: names, members: members, assignments: assignments, losses: losses,
		onSet: make([]int, len(d.Live.Sets)), onGroup: make([]int, len(d.Live.Groups))}
	for _, g := range d.Live.Assignments {
		named := g.Kind == access.GroupPrincipal && d.desiredGroup[g.Principal] >= 0
		if named && d.desiredSet[g.Set] >= 0 || losses.revoked[keyOf(g)] {
			continue
		}
		l.onSet[g.Set]++
		if g.Kind == access.GroupPrincipal {
			l.onGroup[g.Principal]++
		}
	}
	return l
}

// goingOnRecord returns the groups that the plan deletes and that a record has. They
// stay on record until they are gone: a run that is cut off in between has then
// still used them.
func (l *leftovers) goingOnRecord(r access.Recorded) (groups []int, waits []ID) {
	if !r.There {
		return nil, nil
	}
	if l.deleted == nil {
		l.deleted = []int{}
		for i, g := range l.Live.Groups {
			if !l.leftoverGroup(i) {
				continue
			}
			if _, stays := l.groupStays(i, g); !stays {
				l.deleted = append(l.deleted, i)
			}
		}
	}
	for _, i := range l.deleted {
		if g := l.Live.Groups[i]; r.KnowsID(g.ID) {
			groups, waits = append(groups, i), append(waits, makeID(Group, Delete, Key{Group: g.Name}))
		}
	}
	return groups, waits
}

// deleteSets deletes permission sets of ours that the config no longer asks
// for, after their assignments.
func (l *leftovers) deleteSets() {
	var left []string
	for i, p := range l.Live.Sets {
		if !l.leftoverSet(i) {
			if l.leftToOtherDoor(i) {
				left = append(left, p.Name)
			}
			continue
		}
		c := Change{Kind: PermissionSet, Action: Delete, Key: Key{PermissionSet: p.Name}, Refs: Refs{PermissionSetARN: p.ARN},
			Before: &Value{PermissionSet: attributesOfSet(p)}, Reason: "carries our mark and is no longer in the config", DependsOn: slices.Concat(l.removals.all[i], l.madeAnew(p.Record))}
		_, deleted := l.goingOnRecord(p.Record)
		c.DependsOn = append(c.DependsOn, deleted...)
		evidence := l.keptAsEvidence(i)
		switch {
		case evidence != nil:
			l.block(c, *evidence)
		case !l.Live.Observed.SetUses[p.ARN]:
			l.block(c, l.notObserved(fmt.Sprintf("the assignments of permission set %q", p.Name)))
		case l.onSet[i] > 0 && l.assignments.staying.on[int32(i)] == 0:
			l.addOnce(l.stuckElsewhere(int32(i)))
		case l.onSet[i] > 0:
			l.block(c, diag.Diagnostic{Code: DependsOnBlocked, Summary: fmt.Sprintf("%d of its assignments stay", l.onSet[i])})
		case len(l.provisionedForNobody(i)) > 0:
			l.addOnce(l.leftProvisioned(i))
		default:
			id := l.add(c)
			// A run that was cut off leaves a set that is not whole, and nobody has it.
			if begun := p.Unfinished != "" && len(l.Live.SetAssignments(i)) == 0; !l.recorded(int32(i)) && !begun {
				l.losses.unrecorded[id] = true
			}
		}
	}
	l.tellOtherDoor("permission set", left)
}

// stuckElsewhere says why a set of ours that nobody wants any more is kept.
func (l *leftovers) stuckElsewhere(set int32) diag.Diagnostic {
	name := l.Live.Sets[set].Name
	switch left := l.assignments.leftAlone; {
	case len(l.losses.orphans[set]) > 0:
		return KeptByOrphan(name)
	case left.ignored[set] > 0:
		return diag.Diagnostic{Severity: diag.Note, Code: Ignored,
			Summary: fmt.Sprintf("permission set %q is no longer in the config and stays, because ignore patterns keep %s of it", name, diag.Counted(left.ignored[set], "assignment", "assignments")),
			Hint:    "Change the patterns in rolecall.hcl where this is not intended."}
	case left.others[set] > 0:
		return diag.Diagnostic{Severity: diag.Note, Code: OutsideScope,
			Summary: fmt.Sprintf("permission set %q is no longer in the config and stays, because somebody whom --only does not name has it", name),
			Hint:    "Leave --only out."}
	default:
		return diag.Diagnostic{Severity: diag.Warning, Code: AccountInactive,
			Summary: fmt.Sprintf("permission set %q is no longer in the config, and stays as long as accounts that are not active have it", name),
			Detail:  "AWS cannot change access there, and nobody can sign in to them.", Hint: "No action is needed."}
	}
}

// leftToOtherDoor says of a set that is not deleted, though the config does not
// have it, whether it is because the other front door made it.
func (b *Bound) leftToOtherDoor(i int) bool {
	if !b.ownedElsewhere(i) {
		return false
	}
	if p := b.Live.Sets[i]; hasTag(p, access.LockTag) {
		b.addOnce(lockMark(p))
		return false
	}
	return true
}

// keptAsEvidence says why a set of ours that the config no longer has stays for
// now: it has all that is left of whom an open name meant. Its other assignments
// go.
func (l *leftovers) keptAsEvidence(set int) *diag.Diagnostic {
	what, name := "", ""
	for _, g := range l.Live.SetAssignments(set) {
		if l.names.isEvidence(g) && !l.losses.revoked[keyOf(g)] {
			what, name = "group", slices.Concat(l.names.unresolved.unknown, l.names.unresolved.groups)[0]
		}
	}
	if record := l.Live.Sets[set].Record; l.recorded(int32(set)) {
		for _, n := range l.names.unresolved.groups {
			if id, known := record.PrincipalID(access.GroupPrincipal, n); known && !l.staysOnRecord(func(r access.Recorded) bool {
				other, _ := r.PrincipalID(access.GroupPrincipal, n)
				return access.MeansPrincipal(other, id) || access.MeansPrincipal(id, other)
			}) {
				what, name = "group", n
			}
		}
		for _, n := range l.names.unresolved.accounts {
			if mark := record.AccountMark(n); mark != "" && !l.staysOnRecord(func(r access.Recorded) bool { return r.AccountMark(n) == mark }) {
				what, name = "account", n
			}
		}
	}
	if what == "" {
		return nil
	}
	return &diag.Diagnostic{Code: DependsOnBlocked,
		Summary: fmt.Sprintf("it is the only evidence of which %s %q was, so it stays until that name is found, or is no longer in the config", what, name)}
}

// provisionedForNobody returns the accounts in which AWS has a live set's role and
// nobody is assigned: ProvisionPermissionSet makes one without asking for an
// assignment, and only the end of the last assignment there takes it away. AWS does
// not delete such a set, however long it is asked.
func (b *Bound) provisionedForNobody(set int) []access.Account {
	p := b.Live.Sets[set]
	if len(p.Provisioned) == 0 {
		return nil
	}
	assigned := map[string]bool{}
	for _, g := range b.Live.SetAssignments(set) {
		assigned[b.Live.Accounts[g.Account].ID] = true
	}
	var out []access.Account
	for _, a := range b.Live.Accounts {
		if !assigned[a.ID] && slices.Contains(p.Provisioned, a.ID) {
			out = append(out, a)
		}
	}
	return out
}

// leftProvisioned says of a set that nobody wants any more where it is provisioned
// still, and what ends that. rolecall does not do it: for that moment somebody would
// have the set whom no plan showed.
func (b *Bound) leftProvisioned(set int) diag.Diagnostic {
	name := b.Live.Sets[set].Name
	var open, closed []string
	for _, a := range b.provisionedForNobody(set) {
		text := fmt.Sprintf("%s (%s)", a.Name, a.ID)
		if a.Active() {
			open = append(open, text)
		} else {
			closed = append(closed, text+", "+a.State)
		}
	}
	f := diag.Diagnostic{Severity: diag.Warning, Code: LeftProvisioned,
		Summary: fmt.Sprintf("permission set %q is no longer in the config and stays: it is provisioned without an assignment in %s", name, diag.First(5, slices.Concat(open, closed), ", ")),
		Detail:  "Nobody has it there. AWS keeps a permission set as long as it is provisioned anywhere, and ends that only with the last assignment in the account.",
		Hint:    "No action is needed as long as the account is closed."}
	if len(open) > 0 {
		f.Hint = fmt.Sprintf("In the IAM Identity Center console, assign a group without members to %q in %s, remove that assignment again, and apply.", name, strings.Join(open[:min(len(open), 5)], ", "))
	}
	return f
}

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
				l.addOnce(why)
			case why.Code != OtherDoor:
				l.addOnce(why)
				l.block(c, why)
			default: // nothing of it is to do
				left = append(left, g.Name)
			}
			continue
		}
		for _, m := range l.Live.Members(i) {
			l.members.dropMember(m, g.Name, "its group is deleted", nil)
		}
		c.DependsOn = slices.Concat(l.removals.groups[i], l.removals.leaves[i])
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
	case l.alike.groups[int32(i)] != "":
		why := *keptForName("group", g.Name, l.alike.groups[int32(i)])
		why.Severity, why.Hint = diag.Warning, fmt.Sprintf("Write %q in the config, or another name if this group should be deleted.", g.Name)
		return why, true
	case g.SCIM:
		f.Summary = fmt.Sprintf("group %q is no longer in the config and belongs to %s, so it stays", g.Name, l.options.IdP)
	case !l.Live.Observed.Uses[g.ID]:
		f.Summary = fmt.Sprintf("group %q is no longer in the config, and what else uses it could not be read, so it stays", g.Name)
		f.Hint = "Run with the management account's credentials, which may list a group's assignments."
	case g.Applications > 0:
		f.Summary = fmt.Sprintf("group %q is no longer in the config, but %d applications are assigned to it, so it stays", g.Name, g.Applications)
	case l.onGroup[i] > 0:
		return l.assignmentsKeepGroup(i, g), true
	default:
		return l.memberKeepsGroup(i, g)
	}
	return f, true
}

// assignmentsKeepGroup says whose the assignments are that keep a group.
func (l *leftovers) assignmentsKeepGroup(i int, g access.Group) diag.Diagnostic {
	var hidden, inactive, ours int
	for _, assignment := range l.Live.Assignments {
		if assignment.Kind != access.GroupPrincipal || assignment.Principal != int32(i) || l.losses.revoked[keyOf(assignment)] {
			continue
		}
		switch p := l.Live.Sets[assignment.Set]; {
		case l.assignmentIgnored(assignment):
			hidden++
		case p.Owner != l.options.Owner || p.Owner == "":
		case !l.Live.Accounts[assignment.Account].Active():
			inactive++
		default:
			ours++
		}
	}
	f := diag.Diagnostic{Severity: diag.Warning, Code: GroupInUse, Hint: "Remove the other use, then apply again."}
	says := func(n int, one, many string) {
		f.Summary = fmt.Sprintf("group %q is no longer in the config, but %s, so it stays", g.Name, diag.Counted(n, one, many))
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
		f.Hint = "No action is needed: nobody can sign in to these accounts."
	default:
		f.Severity, f.Code = diag.Note, Ignored
		says(hidden, "of its account assignments matches an ignore pattern", "of its account assignments match ignore patterns")
		f.Hint = "Change the patterns in rolecall.hcl where this is not intended."
	}
	return f
}

// memberKeepsGroup says that somebody is in a group whose memberships are not
// written: with the group, theirs would go.
func (b *Bound) memberKeepsGroup(i int, g access.Group) (diag.Diagnostic, bool) {
	if len(b.options.Ignore) == 0 {
		return diag.Diagnostic{}, false
	}
	for _, m := range b.Live.Members(i) {
		name := b.Live.Users[m.User].Username
		if p := b.patternOf(access.UserThing, name); p != "" {
			return diag.Diagnostic{Severity: diag.Note, Code: Ignored,
				Summary: fmt.Sprintf("group %q is no longer in the config and stays with its members, because user %q in it matches the ignore pattern %q", g.Name, name, p),
				Hint:    fmt.Sprintf("Remove %q from the group where users are managed, or change the pattern in rolecall.hcl.", name)}, true
		}
	}
	if !b.Live.Observed.Members[g.ID] {
		return b.notObserved(fmt.Sprintf("the members of group %q", g.Name)), true
	}
	return diag.Diagnostic{}, false
}
