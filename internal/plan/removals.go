package plan

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/diag"
)

// enough is from how many removals on losing all of a group, an account or a
// group's members is refused. A group of one or two that loses them is daily
// work.
const enough = 3

// tally holds what a plan removes of something against what there is.
type tally struct {
	what    string
	removed []ID
	total   int
	// added says that something of it comes instead.
	added bool
	// all is from how many removals on losing all of it is refused; zero means
	// that losing all of it is no more than a change.
	all int
}

// guardRemovals refuses a plan that removes more than a change usually does.
// Who approves what goes, approves exactly that: another removal has another
// id.
func (p *guarded) guardRemovals(g Guards) {
	p.noteUnrecordedEdits()
	p.guardAdoption()
	goes := p.removals()
	if len(goes) == 0 {
		return
	}
	if len(p.Desired.Groups) == 0 {
		p.Findings = append(p.Findings, removalsFinding(goes, "the config names no group at all, and the plan removes %s", diag.Counted(len(goes), "thing", "things")))
		return // which is more than any count says
	}
	percent, least, most := cmp.Or(g.RemovalPercent, 25), cmp.Or(g.RemovalMin, 5), cmp.Or(g.RemovalMax, 100)
	for _, t := range p.tallies(goes) {
		why, n := "", len(t.removed)
		switch {
		case n == 0:
			continue
		case t.all > 0 && n >= t.all && n >= t.total && !t.added:
			why = "that is all of them"
		case n > most:
			why = fmt.Sprintf("that is over %d", most)
		case n > least && n*100 > t.total*percent:
			why = fmt.Sprintf("that is over %d%%", percent)
		default:
			continue
		}
		p.Findings = append(p.Findings, removalsFinding(t.removed, "the plan removes %d of %d %s: %s", n, t.total, t.what, why))
	}
}

// noteUnrecordedEdits notes what narrows a set that has our mark, no record of an
// apply, and somebody who has it: others may have put the mark there.
func (p *guarded) noteUnrecordedEdits() {
	unknown := map[string]bool{}
	for i, s := range p.Live.Sets {
		if p.ourSet(i) && !p.adoptsSet(i) && !p.recorded(int32(i)) {
			unknown[s.Name] = slices.ContainsFunc(p.Live.SetAssignments(i), func(g access.Assignment) bool { return g.Kind != access.OrphanPrincipal })
		}
	}
	for _, c := range p.Changes {
		if unknown[c.Key.PermissionSet] && narrows(c) {
			p.unrecorded[c.ID] = true
		}
	}
}

func removalsFinding(goes []ID, format string, args ...any) diag.Diagnostic {
	return identified(diag.Diagnostic{Severity: diag.Error, Code: Removals, Summary: fmt.Sprintf(format, args...)}.With(diag.Remedy{Way: diag.AllowRemovals}), goes...)
}

// removals returns the changes that count as removals. An assignment that another one
// replaces, and that of a principal that is gone, take nobody's access away.
func (p *guarded) removals() []ID {
	var out []ID
	var replaced map[principalInAccount]bool
	for _, c := range p.Changes {
		if c.Action != Delete || c.Key.OrphanID != "" || !slices.Contains([]Kind{Assignment, Membership, Group, PermissionSet}, c.Kind) {
			continue
		}
		if c.Kind == Assignment {
			if replaced == nil {
				replaced = assigned(p.Plan, Create, principalInAccountOf)
			}
			if replaced[principalInAccountOf(c)] {
				continue
			}
		}
		out = append(out, c.ID)
	}
	return out
}

// principalInAccount is a principal in an account.
type principalInAccount struct{ principal, account string }

func principalInAccountOf(c Change) principalInAccount {
	return principalInAccount{c.PrincipalType() + principalID(c), c.Key.Account}
}

// principalID returns a principal's id, or the name of one that has none yet.
func principalID(c Change) string {
	return cmp.Or(c.Refs.GroupID, c.Refs.UserID, c.Key.Group, c.Key.User)
}

// assigned returns where the plan makes assignments, or takes them from somebody alive.
func assigned[K comparable](p *Plan, action Action, key func(Change) K) map[K]bool {
	out := map[K]bool{}
	for _, c := range p.Changes {
		if c.Kind == Assignment && c.Action == action && c.Key.OrphanID == "" {
			out[key(c)] = true
		}
	}
	return out
}

// counts are parallel to the live tables of groups and accounts.
type counts struct {
	groupAssignments, accountAssignments, members []tally
	assignments, memberships, groups, sets        tally
	groupByID                                     map[string]int32
	accountByID                                   func(id string) (int32, bool)
}

// tallies counts removals per kind, per group and per account.
func (p *guarded) tallies(removals []ID) []tally {
	c := p.countLive()
	goes := make(map[ID]bool, len(removals))
	for _, id := range removals {
		goes[id] = true
	}
	for _, change := range p.Changes {
		if change.Action != Create && !goes[change.ID] {
			continue
		}
		if change.Kind != Group && p.unrecorded[change.ID] {
			continue // refused by itself, and not among what there is
		}
		for _, t := range c.of(change) {
			if change.Action == Create {
				t.added = true
			} else {
				t.removed = append(t.removed, change.ID)
			}
		}
	}
	return slices.Concat([]tally{c.assignments, c.memberships, c.groups, c.sets}, c.groupAssignments, c.accountAssignments, c.members)
}

// of returns the tallies that a change counts in.
func (c *counts) of(change Change) []*tally {
	var out []*tally
	add := func(list []tally, i int32, there bool) {
		if there {
			out = append(out, &list[i])
		}
	}
	account, known := c.accountByID(change.Key.Account)
	group, there := c.groupByID[change.Refs.GroupID]
	switch change.Kind {
	case Assignment:
		out = append(out, &c.assignments)
		add(c.accountAssignments, account, known)
		add(c.groupAssignments, group, there)
	case Membership:
		out = append(out, &c.memberships)
		add(c.members, group, there)
	case Group:
		out = append(out, &c.groups)
	case PermissionSet:
		out = append(out, &c.sets)
	}
	return out
}

// countLive counts what there is of ours: on our sets and in our groups.
func (b *Bound) countLive() *counts {
	c := &counts{
		assignments: tally{what: "account assignments", all: 1},
		// The last member of the only group may leave it.
		memberships: tally{what: "memberships", all: 2},
		groups:      tally{what: "groups", all: 1}, sets: tally{what: "permission sets", all: 1},
		groupAssignments: make([]tally, len(b.Live.Groups)), members: make([]tally, len(b.Live.Groups)),
		accountAssignments: make([]tally, len(b.Live.Accounts)),
		groupByID:          make(map[string]int32, len(b.Live.Groups)), accountByID: b.organization.ByID,
	}
	if !b.options.Scope.all() { // a part was read, and all of it is not all
		c.assignments.all, c.memberships.all, c.groups.all, c.sets.all = 0, 0, 0, 0
	}
	for i, g := range b.Live.Groups {
		c.groupByID[g.ID] = int32(i)
		all := 0
		if b.desiredGroup[i] >= 0 { // it stays, so losing all of it is more than a change
			all = enough
		}
		c.groupAssignments[i] = tally{what: fmt.Sprintf("account assignments of group %q", g.Name), all: all}
		c.members[i] = tally{what: fmt.Sprintf("memberships of group %q", g.Name), all: all}
		if b.ourGroup(i) {
			c.groups.total++
		}
	}
	for i, a := range b.Live.Accounts {
		c.accountAssignments[i] = tally{what: fmt.Sprintf("account assignments in account %q", a.Name)}
	}
	for _, bound := range b.accounts {
		if bound.live >= 0 {
			c.accountAssignments[bound.live].all = enough
		}
	}
	b.countRows(c)
	return c
}

func (b *Bound) countRows(c *counts) {
	for i := range b.Live.Sets {
		if b.countsSet(i) {
			c.sets.total++
		}
	}
	for _, g := range b.Live.Assignments {
		if !b.countsSet(int(g.Set)) || g.Kind == access.OrphanPrincipal {
			continue
		}
		c.assignments.total++
		c.accountAssignments[g.Account].total++
		if g.Kind == access.GroupPrincipal {
			c.groupAssignments[g.Principal].total++
		}
	}
	for _, m := range b.Live.Memberships {
		if b.ourGroup(int(m.Group)) {
			c.memberships.total++
			c.members[m.Group].total++
		}
	}
}

// countsSet says whether what removals are measured by includes a live set. A
// mark alone does not: whoever may tag would make a large removal small by
// marking others' sets.
func (b *Bound) countsSet(i int) bool {
	return b.adoptsSet(i) || b.ourSet(i) && b.recorded(int32(i))
}

// guardAdoption refuses whatever an adoption takes, however little: nobody who
// gave these rights has seen this config. What another assignment replaces counts,
// too; the assignment of a principal that is gone does not.
func (p *guarded) guardAdoption() {
	p.guardUnknownMarks()
	taken := map[string][]ID{}
	var order []string
	for _, c := range p.Changes {
		what := p.adoption(c)
		if what == "" {
			continue
		}
		if taken[what] == nil {
			order = append(order, what)
		}
		taken[what] = append(taken[what], c.ID)
	}
	for _, what := range order {
		goes := taken[what]
		f := removalsFinding(goes, "%s removes access that the config does not have: %s", what, diag.Counted(len(goes), "change", "changes"))
		f.Detail = "The changes: " + diag.FirstOf(described(p.Changes, goes[:min(len(goes), 5)]), len(goes), ", ") + "."
		p.Findings = append(p.Findings, f)
	}
}

// adoption says what a change takes because something is taken over, or may have
// been by whoever could put our mark on it.
func (p *guarded) adoption(c Change) string {
	if c.Action == Create && !narrows(c) || c.Key.OrphanID != "" {
		return ""
	}
	set, group := p.Desired.SetIndex(c.Key.PermissionSet), p.Desired.GroupIndex(c.Key.Group)
	switch {
	case c.Kind == Membership && c.Action == Delete && group >= 0 && p.groups[group].handling == adopted:
		return fmt.Sprintf("taking over group %q", c.Key.Group)
	case set >= 0 && p.sets[set].handling == adopted && (c.Kind == Assignment && c.Action == Delete || narrows(c)):
		return fmt.Sprintf("taking over permission set %q", c.Key.PermissionSet)
	case !p.unrecorded[c.ID]:
		return ""
	case c.Kind == Group || c.Kind == Membership:
		return fmt.Sprintf("group %q has our mark but is on no record of an apply; the plan", c.Key.Group)
	default:
		return fmt.Sprintf("permission set %q has our mark but no record of an apply; the plan", c.Key.PermissionSet)
	}
}

// guardUnknownMarks notes the deletion of groups, and who is taken out of groups of
// the config, that have our mark, something that uses them, and nothing that says
// that an apply of ours ever did: whoever may edit groups can put the mark on. A
// group that nothing uses is on no record, however often it was applied, and being
// in it gives nothing.
func (p *guarded) guardUnknownMarks() {
	if p.options.Via == access.ViaTerraform { // which knows by its state what it made
		return
	}
	unknown, deleted := map[string]bool{}, map[string]bool{}
	for i, g := range p.Live.Groups {
		s := p.desiredGroup[i]
		if (s >= 0 && p.groups[s].handling == ours || p.leftoverGroup(i)) && !p.isOnRecord(g.ID) {
			unknown[g.ID] = g.Applications > 0
		}
	}
	if len(unknown) == 0 {
		return
	}
	uses := func(id string) {
		if _, ok := unknown[id]; ok {
			unknown[id] = true
		}
	}
	for _, g := range p.Live.Assignments {
		if g.Kind == access.GroupPrincipal {
			uses(p.Live.Groups[g.Principal].ID)
		}
	}
	for _, c := range p.Changes {
		if c.Kind == Assignment {
			uses(c.Refs.GroupID)
		}
		if c.Kind == User && c.Action == Delete { // which the config says in so many words
			deleted[c.Refs.UserID] = true
		}
	}
	for _, c := range p.Changes {
		if c.Action == Delete && unknown[c.Refs.GroupID] && (c.Kind == Group || c.Kind == Membership && !deleted[c.Refs.UserID]) {
			p.unrecorded[c.ID] = true
		}
	}
}
