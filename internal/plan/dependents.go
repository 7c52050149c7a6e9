package plan

import (
	"fmt"
	"slices"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/diag"
)

// dependents finds what cannot be done.
type dependents struct {
	*Bound
	ignoredUses *ignoredUses
	members     *departures
	assignments *assignmentChanges
	edits       edits
}

// blockDependents finds what cannot be done because something else cannot: an edit that
// would allow more to somebody who cannot be taken off, an assignment that waits for such
// an edit, a revocation that waits for such an assignment.
func blockDependents(b *Bound, uses *ignoredUses, members *departures, assignments *assignmentChanges, edits edits) {
	s := dependents{b, uses, members, assignments, edits}
	for i := range assignments.revoking {
		assignments.noteKept(&assignments.revoking[i])
	}
	for changed := true; changed; {
		changed = s.blockEdits()
		changed = s.blockRevocations() || changed
	}
}

func (s *dependents) blockEdits() (changed bool) {
	for set, e := range s.edits.all() {
		if e.blocked != nil {
			continue
		}
		if e.blocked = s.cannotEdit(set, e); e.blocked != nil {
			changed = true
			if e.awaited() {
				s.assignments.stuck[s.desiredSet[set]] = e.blocked
			}
		}
	}
	return changed
}

func (s *dependents) blockRevocations() (changed bool) {
	for i := range s.assignments.revoking {
		r := &s.assignments.revoking[i]
		if r.kept == nil && slices.ContainsFunc(r.instead, func(g newAssignment) bool { return s.assignments.stuck[g.set] != nil }) {
			r.kept = &diag.Diagnostic{Code: DependsOnBlocked, Summary: "the assignment that replaces it is blocked"}
			s.assignments.noteKept(r)
			changed = true
		}
	}
	return changed
}

// cannotEdit says why a set has to stay as it is.
func (s *dependents) cannotEdit(set int32, e *edit) *diag.Diagnostic {
	if e.changes || e.staged || e.sessionDiffers {
		if why := s.usedOutsideScope(set); why != nil {
			return why
		}
	}
	if why := s.ignoredUses.usedByIgnored(set, e); why != nil {
		return why
	}
	if e.afterRemovals {
		return s.stillInUse(set)
	}
	return nil
}

// stillInUse says why somebody who should not may still have a set that is to allow
// more: a revocation is blocked, or not everybody who has it was seen.
func (s *dependents) stillInUse(set int32) *diag.Diagnostic {
	p := s.Live.Sets[set]
	if n := s.assignments.staying.on[set]; n > 0 {
		return &diag.Diagnostic{Code: DependsOnBlocked,
			Summary: fmt.Sprintf("%s of permission set %q should be removed but cannot be, and would get what is added", diag.Counted(n, "assignment", "assignments"), p.Name)}
	}
	for _, group := range s.groupsOn(set) {
		if why := s.members.kept[group]; why != nil {
			return why
		}
	}
	if !s.principalsSeen(set) {
		return new(s.notObserved(fmt.Sprintf("who has permission set %q", p.Name)))
	}
	return nil
}

// usedOutsideScope says that a set which is to change is also that of somebody whom
// --only does not name: what it allows would change for them.
func (b *Bound) usedOutsideScope(set int32) *diag.Diagnostic {
	if !b.options.Scope.Only {
		return nil
	}
	for _, g := range b.Live.SetAssignments(int(set)) {
		group := g.Kind == access.GroupPrincipal
		if _, name, _ := b.principalOf(g); g.Kind == access.UserPrincipal || group && !b.inScope(name, g.Principal) {
			return b.outsideScope(set, name, group)
		}
	}
	for _, name := range b.options.Scope.Sharing[b.Live.Sets[set].Name] {
		return b.outsideScope(set, name, true)
	}
	return nil
}

func (b *Bound) outsideScope(set int32, name string, group bool) *diag.Diagnostic {
	f := diag.Diagnostic{Severity: diag.Error, Code: OutsideScope,
		Summary: fmt.Sprintf("permission set %q is also assigned to user %q, whom --only does not name, so it is not changed", b.Live.Sets[set].Name, name),
		Hint:    "Leave --only out."}
	if group {
		f.Summary = fmt.Sprintf("permission set %q is also used by group %q, which --only does not name, so it is not changed", b.Live.Sets[set].Name, name)
		f.Hint = fmt.Sprintf("Add --only %q, or leave --only out.", name)
	}
	b.addOnce(f)
	return &f
}
