package plan

import (
	"fmt"
	"iter"
	"slices"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/diag"
)

// edit is how a live set of ours comes to what the config asks of it.
//
// Access is membership x assignment x document, and AWS has one document a set
// for all who have it, in all accounts; CreateAccountAssignment provisions it, too.
// So whatever allows more waits for those who leave, and whoever comes waits for
// whatever takes away. Where the two would wait for one another, the set makes a
// detour: down to what old and new have in common, then the handover, then up.
type edit struct {
	old, new content
	changes  bool // the content is not the same
	// staged says that in some account the role is not the latest, so that what
	// those who have it can do now is not known.
	staged bool
	// afterRemovals says that the edit waits until everybody is off who goes, in every
	// account; beforeAdditions that whoever comes waits for the edit.
	afterRemovals, beforeAdditions bool
	detour                         bool
	// attributesDiffer: description, session duration or relay state;
	// sessionDiffers: the session duration, which those who have the set notice.
	attributesDiffer, sessionDiffers bool
	blocked                          *diag.Diagnostic // why the set has to stay as it is
	// attributes is the change of description, session duration and relay state.
	attributes []ID
	// ready are the writes that an assignment waits for; provisioned is the provisioning
	// that whoever joins a group that holds the set waits for.
	ready       []ID
	provisioned []ID
	// last are the latest writes, which the last provisioning waits for.
	last []ID
}

// classify decides what waits for what. leaving says whether somebody's
// assignment of the set is taken away.
func (e *edit) classify(leaving bool) {
	widens, narrows := e.old.atMost(e.new), e.new.atMost(e.old)
	switch {
	case !e.changes && !e.staged:
	case e.staged, !widens && !narrows:
		e.afterRemovals, e.beforeAdditions = true, true
	case narrows:
		e.beforeAdditions = true
	default:
		// Nobody has too much with the old content, so who comes need not wait
		// for what waits for those who go.
		e.afterRemovals, e.beforeAdditions = true, !leaving
	}
}

// awaited says that whoever comes waits for the edit: where it is blocked, nobody
// comes.
func (e *edit) awaited() bool { return e.beforeAdditions || e.sessionDiffers }

// mixed says that the edit waits and is waited for, so that it can be part of a
// circle.
func (e *edit) mixed() bool { return e.afterRemovals && e.beforeAdditions }

// edits are those of the live sets of ours, by row; nil is a set of somebody else.
type edits []*edit

// all are the sets of ours, with their edits.
func (e edits) all() iter.Seq2[int32, *edit] {
	return func(yield func(int32, *edit) bool) {
		for set, at := range e {
			if at != nil && !yield(int32(set), at) {
				return
			}
		}
	}
}

// newEdits looks at what the live sets of ours allow, and what they shall.
func newEdits(b *Bound, uses *ignoredUses) edits {
	out := make(edits, len(b.Live.Sets))
	for i, p := range b.Desired.Sets {
		if how := b.sets[i].handling; how != ours && how != adopted {
			continue
		}
		live := b.sets[i].live
		have := b.Live.Sets[live]
		e := &edit{changes: !have.SameContent(p), staged: len(uses.provisionable(live, have.Outdated)) > 0,
			attributesDiffer: !sameAttributes(have, p), sessionDiffers: have.SessionDuration != p.SessionDuration}
		if e.changes || e.staged { // else nobody asks what it allows
			e.old, e.new = contentOf(have), contentOf(p)
		}
		out[live] = e
	}
	return out
}

// classify decides which edits wait for those who go, and which are waited for by
// those who come.
func (e edits) classify(assignments *assignmentChanges) {
	leaving := map[int32]bool{}
	for i := range assignments.revoking {
		// What orphans have, nobody can use.
		if r := &assignments.revoking[i]; r.assignment.Kind != access.OrphanPrincipal {
			leaving[r.assignment.Set] = true
		}
	}
	for set, at := range e.all() {
		at.classify(leaving[set])
	}
}

// findDetours finds the sets of which a revocation waits for an assignment on the same
// set, perhaps through other sets.
func (e edits) findDetours(assignments *assignmentChanges) {
	waits := map[int32][]int32{}
	for i := range assignments.revoking {
		r := &assignments.revoking[i]
		if r.kept != nil || r.assignment.Kind == access.OrphanPrincipal {
			continue
		}
		for _, made := range r.waits() {
			if made.id != "" && made.live >= 0 {
				waits[r.assignment.Set] = append(waits[r.assignment.Set], made.live)
			}
		}
	}
	for set, at := range e.all() {
		at.detour = at.mixed() && at.blocked == nil && e.reaches(waits, set)
	}
}

// reaches says whether a walk over mixed sets comes back to where it began.
func (e edits) reaches(waits map[int32][]int32, start int32) bool {
	seen := map[int32]bool{}
	next := slices.Clone(waits[start])
	for len(next) > 0 {
		set := next[len(next)-1]
		next = next[:len(next)-1]
		if set == start {
			return true
		}
		if at := e[set]; at == nil || !at.mixed() || seen[set] {
			continue
		}
		seen[set] = true
		next = append(next, waits[set]...)
	}
	return false
}

// outdatedElsewhere counts where a permission set of ours is not the latest, or
// will not be after this plan, because the account is not active, and names the
// accounts.
func (e edits) outdatedElsewhere(b *Bound) (int, []string) {
	n, where := 0, map[string]bool{}
	for set, at := range e.all() {
		p := b.Live.Sets[set]
		out := slices.Clone(p.Outdated)
		if at.changes && at.blocked == nil {
			out = append(out, p.Provisioned...)
		}
		slices.Sort(out)
		for _, id := range slices.Compact(out) {
			if b.inactive(id) {
				n++
				where[id] = true
			}
		}
	}
	var names []string
	for _, a := range b.Live.Accounts {
		if where[a.ID] {
			names = append(names, fmt.Sprintf("%s (%s)", a.Name, a.ID))
		}
	}
	return n, names
}
