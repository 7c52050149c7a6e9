package plan

import (
	"slices"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/diag"
)

// Diff returns the plan that turns the live state into the desired one. Absence
// from the desired state means delete only inside the options' scope and only
// for what carries the owner's mark; what was not observed is never taken for
// absent.
//
// It is a sequence of passes. The first write what hangs on nobody's access: users,
// groups, and the sets that are missing. Then it is found out who gets and who loses
// what, what cannot be, and what waits for what. Only then is the rest written, and
// the guards look at the whole.
func Diff(desired, live *access.State, o Options) *Plan {
	d := newDraft(Bind(desired, live, o))
	uses := findIgnoredUses(d.Bound)    // what is in the hands of something ignored
	names := findRecordedNames(d.Bound) // whom names meant before

	d.userChanges()
	d.noteNamesakes()
	d.groupChanges()
	members := findDepartures(d)
	retagged := d.setChanges()

	edits := newEdits(d.Bound, uses)
	assignments := findAssignmentChanges(d, names, uses, members)
	edits.classify(assignments)
	blockDependents(d.Bound, uses, members, assignments, edits)
	losses := findLosses(d, assignments)
	left := newLeftovers(d, names, members, assignments, losses)
	edits.findDetours(assignments)

	w := &writer{d, uses, assignments, losses, edits}
	for set, e := range edits.all() {
		w.makeEdit(set, e)
	}
	w.makeAssignments(makeRecords(w, names, members, retagged, left))
	w.makeRevocations()
	w.provisioning()
	w.addMembers()
	left.deleteSets()
	left.deleteGroups()
	d.removedUsers()
	d.freeFirst()

	p := d.plan(edits)
	guard(p, names, losses.unrecorded)
	p.Findings = p.Findings.Sorted()
	return p
}

// draft is the plan as far as the passes have come: what they write, and what
// they note of it for those that come after them.
type draft struct {
	*Bound
	// changes are kept by phase, so that putting them in order is joining.
	changes  [phases][]Change
	out      Plan // all of it but for the changes and the findings
	hidden   Hidden
	needs    needs
	removals removals
}

// needs are the changes that have to be done before a desired row can be used.
type needs struct {
	users, groups, sets [][]ID
	// taken is the change that puts our mark on a live set that is adopted: nothing of
	// it is ours to write before.
	taken map[int32][]ID
}

// removals are the changes that take something from a live row: from users and groups
// their assignments, and from users their memberships, too; from sets the
// assignments that somebody can use, and all those before which a set cannot be
// deleted. leaves are the memberships of a group that go, and its members who are
// deleted.
type removals struct{ users, groups, sets, all, leaves [][]ID }

func newDraft(b *Bound) *draft {
	sets, groups, users := len(b.Live.Sets), len(b.Live.Groups), len(b.Live.Users)
	d := &draft{Bound: b,
		needs:    needs{make([][]ID, len(b.Desired.Users)), make([][]ID, len(b.Desired.Groups)), make([][]ID, len(b.Desired.Sets)), map[int32][]ID{}},
		removals: removals{make([][]ID, users), make([][]ID, groups), make([][]ID, sets), make([][]ID, sets), make([][]ID, groups)}}
	assignments := phase(Change{Kind: Assignment, Action: Create})
	d.changes[assignments] = make([]Change, 0, max(0, len(b.Desired.Assignments)-len(b.Live.Assignments)))
	return d
}

// add puts a change into the plan and returns its id.
func (d *draft) add(c Change) ID {
	if c.ID == "" {
		c.ID = makeID(c.Kind, c.Action, c.Key)
	}
	list := &d.changes[phase(c)]
	if len(*list) == cap(*list) {
		// Doubling: append grows large slices by a quarter only, and a first
		// apply can have a million changes.
		*list = slices.Grow(*list, len(*list)+16)
	}
	*list = append(*list, c)
	return c.ID
}

// block keeps a change out of the plan and says why.
func (d *draft) block(c Change, why diag.Diagnostic) {
	if why.Code == Ignored {
		d.hidden.Changes++
		return
	}
	c.ID = makeID(c.Kind, c.Action, c.Key)
	d.out.Blocked = append(d.out.Blocked, Blocked{Change: c, Cause: why.Code, Why: why.Summary})
}

// plan brings what was collected into the canonical order, and counts.
func (d *draft) plan(e edits) *Plan {
	o, p := d.options, d.out
	changes, ok := ordered(slices.Concat(d.changes[:]...))
	if !ok { // the search over plans looks for one; none may be carried out in part
		d.Findings = append(d.Findings, diag.Diagnostic{Severity: diag.Error, Code: Circle, Summary: "changes of this plan wait for one another in a circle, so it cannot be carried out",
			Hint: "This is a defect of rolecall. Please report it, with the config; applying a part of the edit first helps."})
	}
	d.changes = [phases][]Change{}
	if changes == nil {
		changes = []Change{} // an empty list in JSON, not null
	}
	p.FormatVersion, p.Owner, p.SetUp, p.IdP, p.PlanID = FormatVersion, o.Owner, o.SetUp, o.IdP, o.PlanID
	p.Read, p.Changes, p.Findings = d.Live.Observed, changes, d.Findings
	p.UnmanagedUsers, p.GroupsWithStrangers, p.FollowUps = d.unmanagedUsers(), d.groupsWithStrangers(), followUps(o.SetUp, o.IdP, changes)
	p.Summary = summarize(changes, len(p.Blocked))
	if d.countHidden(); d.hidden != (Hidden{}) {
		p.Hidden = &d.hidden
	}
	p.OutdatedElsewhere, p.OutdatedIn = e.outdatedElsewhere(d.Bound)
	return &p
}
