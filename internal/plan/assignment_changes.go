package plan

import (
	"cmp"
	"slices"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/diag"
)

// assignmentChanges are the assignments that come and the assignments that go.
type assignmentChanges struct {
	// creating are the assignments that the plan makes, by desired set, and first the first of
	// them in an account; by finds them by who gets them, for those that they replace.
	creating [][]newAssignment
	first    map[setInAccount]int
	byGroup  map[groupInAccount][]newAssignment
	// instead finds them by the orphan's assignment that they replace.
	instead  map[assignmentKey][]newAssignment
	revoking []revocation
	// stuck says why nothing can be granted on a desired set.
	stuck     map[int32]*diag.Diagnostic
	staying   staying
	leftAlone leftAlone
}

// leftAlone counts, by live set, the assignments that are not this plan's to take away:
// what a pattern matches, and what others have whom --only does not name.
type leftAlone struct{ ignored, others map[int32]int }

// staying is what should go and cannot: how many assignments of a live set that somebody
// can use, and why a live group keeps what it should lose.
type staying struct {
	on     map[int32]int
	groups map[int32]*diag.Diagnostic
}

// setInAccountID is a live set in an account, by the account's id.
type setInAccountID struct {
	set     int32
	account string
}

// setInAccount is a live or a desired set, as each map of it says, in a live account.
type setInAccount struct{ set, account int32 }

// groupInAccount is a live group in a live account.
type groupInAccount struct{ account, group int32 }

// assignmentKey tells live assignments apart, whatever their origin.
type assignmentKey struct {
	set, account, principal int32
	kind                    access.PrincipalKind
}

func keyOf(g access.Assignment) assignmentKey {
	return assignmentKey{g.Set, g.Account, g.Principal, g.Kind}
}

// newAssignment is an assignment that the plan makes, or would make but for a block.
type newAssignment struct {
	id       ID    // "" where it is blocked
	set      int32 // desired
	live     int32 // the set's live row, -1 where the plan creates it
	replaces bool  // the orphan that its group left in the same place
	wantedAssignment
}

// revocation is a live assignment that goes.
type revocation struct {
	assignment access.Assignment
	change     Change
	// instead are the assignments that take its place, and handover the first one that
	// comes where it was the last, so that the role stays.
	instead  []newAssignment
	handover *newAssignment
	// kept says why it cannot go.
	kept *diag.Diagnostic
}

// harmless says that what stays is only worth a warning: nothing can be done, and
// nobody can use it, in an account that is not active or because its principal is
// gone.
func (r *revocation) harmless() bool {
	return r.kept.Code == AccountInactive || r.kept.Code == OrphanStays
}

// replacing returns the assignments of this plan that take the place of a live one:
// another set for the same group in the same account, or the same set for the
// group that was deleted and recreated.
func (m *assignmentChanges) replacing(g access.Assignment) []newAssignment {
	switch g.Kind {
	case access.OrphanPrincipal:
		return m.instead[keyOf(g)]
	case access.GroupPrincipal:
		return m.byGroup[groupInAccount{g.Account, g.Principal}]
	default:
		return nil
	}
}

// firstIn returns the first assignment of a desired set that the plan makes in an account.
func (m *assignmentChanges) firstIn(set, account int32) *newAssignment {
	i, found := m.first[setInAccount{set, account}]
	if !found {
		return nil
	}
	return &m.creating[set][i]
}

// revokingOf returns the revocations on a set; those of a set stand together.
func (m *assignmentChanges) revokingOf(set int32) []revocation {
	from, _ := slices.BinarySearchFunc(m.revoking, set, func(r revocation, s int32) int { return cmp.Compare(r.assignment.Set, s) })
	to, _ := slices.BinarySearchFunc(m.revoking, set+1, func(r revocation, s int32) int { return cmp.Compare(r.assignment.Set, s) })
	return m.revoking[from:to]
}

// noteKept counts an assignment that stays where somebody can use it.
func (m *assignmentChanges) noteKept(r *revocation) {
	if r.kept == nil || r.harmless() {
		return
	}
	m.staying.on[r.assignment.Set]++
	if r.assignment.Kind == access.GroupPrincipal {
		m.staying.groups[r.assignment.Principal] = r.kept
	}
}

// finder finds what comes and what goes.
type finder struct {
	*draft
	names       *recordedNames
	ignoredUses *ignoredUses
	members     *departures
	assignments *assignmentChanges
	missing     missingNames
}

// findAssignmentChanges finds the assignments that are missing, and those that nobody wants.
// Nothing is added to the plan yet: first it has to be known what waits for what.
func findAssignmentChanges(d *draft, names *recordedNames, uses *ignoredUses, members *departures) *assignmentChanges {
	f := finder{d, names, uses, members, &assignmentChanges{
		creating: make([][]newAssignment, len(d.Desired.Sets)), first: map[setInAccount]int{}, byGroup: map[groupInAccount][]newAssignment{}, instead: map[assignmentKey][]newAssignment{},
		stuck: map[int32]*diag.Diagnostic{}, staying: staying{map[int32]int{}, map[int32]*diag.Diagnostic{}}, leftAlone: leftAlone{map[int32]int{}, map[int32]int{}},
	}, newMissingNames(d.Bound)}
	revoke := map[int][]access.Assignment{}
	for s := range f.Desired.Sets {
		unwanted := f.assignmentsOfSet(s)
		if live := f.sets[s].live; len(unwanted) > 0 {
			revoke[int(live)] = unwanted
		}
	}
	for i := range f.Live.Sets {
		if f.leftoverSet(i) || f.formerSet(i) {
			revoke[i] = slices.DeleteFunc(slices.Clone(f.Live.SetAssignments(i)), func(g access.Assignment) bool {
				return f.outside(g) || f.names.isEvidence(g)
			})
		}
		if len(revoke[i]) > 0 {
			f.revokeOnSet(i, revoke[i])
		}
		if f.desiredSet[i] < 0 {
			f.keepUntouched(i, f.Live.SetAssignments(i))
		}
	}
	return f.assignments
}
