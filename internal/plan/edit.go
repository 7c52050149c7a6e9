package plan

import (
	"slices"

	"github.com/rolecall-dev/rolecall/internal/diag"
)

// edit is how a live set of ours comes to what the config asks of it.
//
// Access is membership x assignment x document, and AWS has one document a set
// for all its holders and accounts; CreateAccountAssignment provisions it, too.
// So whatever gives more waits for those who leave, and whoever comes waits for
// whatever takes away. Where the two would wait for one another, the set makes a
// detour: down to what old and new have in common, then the handover, then up.
type edit struct {
	old, new content
	changes  bool // the content is not the same
	// staged says that in some account the role is not the latest, so that what
	// its holders have now is not known.
	staged bool
	// quiet says that the edit waits until everybody is off who goes, in every
	// account; first that whoever comes waits for the edit.
	quiet, first bool
	detour       bool
	// attributesDiffer: description, session duration or relay state;
	// sessionDiffers: the session duration, which is something that holders have.
	attributesDiffer, sessionDiffers bool
	blocked                          *diag.Diagnostic // why the set has to stay as it is
	// attributes is the change of description, session duration and relay state.
	attributes []ID
	// ready are the writes that a grant waits for; settled is the provisioning
	// that whoever joins a group that holds the set waits for.
	ready   []ID
	settled []ID
	// last are the latest writes, which the last provisioning waits for.
	last []ID
}

// classify decides what waits for what. leaving says whether somebody's
// assignment of the set is taken away.
func (e *edit) classify(leaving bool) {
	widens, narrows := e.old.atMost(e.new), e.new.atMost(e.old)
	switch {
	case e.staged:
		e.quiet, e.first = true, true
	case !e.changes:
	case narrows:
		e.first = true
	case widens:
		// Nobody has too much with the old content, so who comes need not wait
		// for what waits for those who go.
		e.quiet, e.first = true, !leaving
	default:
		e.quiet, e.first = true, true
	}
}

// awaited says that whoever comes waits for the edit: where it is blocked, nobody
// comes.
func (e *edit) awaited() bool { return e.first || e.sessionDiffers }

// mixed says that the edit waits and is waited for, so that it can be part of a
// circle.
func (e *edit) mixed() bool { return e.quiet && e.first }

// reaches says whether a walk over mixed sets comes back to where it began.
func reaches(edits map[int32]*edit, waits map[int32][]int32, start int32) bool {
	seen := map[int32]bool{}
	next := slices.Clone(waits[start])
	for len(next) > 0 {
		set := next[len(next)-1]
		next = next[:len(next)-1]
		if set == start {
			return true
		}
		if e := edits[set]; e == nil || !e.mixed() || seen[set] {
			continue
		}
		seen[set] = true
		next = append(next, waits[set]...)
	}
	return false
}
