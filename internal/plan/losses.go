package plan

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/diag"
)

// losses are the live assignments that go, for whatever has to wait for them.
type losses struct {
	*draft
	assignments *assignmentChanges
	revoked     map[assignmentKey]bool
	// needed are the assignments that a revocation waits for.
	needed map[ID]bool
	// emptied marks the accounts where the plan takes a live set's last assignment away,
	// and with it the role, so that provisioning leaves them alone.
	emptied map[setInAccountID]bool
	// orphans are, by live set, the removals of orphans that AWS cannot do.
	orphans map[int32][]Change
	// unrecorded are the removals on sets that carry our mark and no record of an
	// apply of ours.
	unrecorded map[ID]bool
}

// findLosses notes what goes, and blocks what should go and cannot.
func findLosses(d *draft, m *assignmentChanges) *losses {
	l := &losses{d, m, map[assignmentKey]bool{}, map[ID]bool{}, map[setInAccountID]bool{}, map[int32][]Change{}, map[ID]bool{}}
	for i := range m.revoking {
		if r := &m.revoking[i]; r.kept != nil {
			l.noteKept(r)
		} else {
			l.noteRevoked(r)
		}
	}
	l.tellOrphans()
	for i := range m.revoking {
		if r := &m.revoking[i]; r.kept == nil {
			for _, made := range r.waits() {
				l.needed[made.id] = made.id != ""
			}
		}
	}
	l.findEmptied()
	return l
}

// noteKept blocks what should go and cannot; where nobody can use it, it is counted
// instead.
func (l *losses) noteKept(r *revocation) {
	switch {
	case !r.harmless():
		l.block(r.change, *r.kept)
	case r.kept.Code == OrphanStays:
		l.orphans[r.assignment.Set] = append(l.orphans[r.assignment.Set], r.change)
	default:
		l.out.KeptInactive++
		l.addOnce(*r.kept)
	}
}

// noteRevoked notes who loses what.
func (l *losses) noteRevoked(r *revocation) {
	g, id := r.assignment, makeID(r.change.Kind, r.change.Action, r.change.Key)
	l.revoked[keyOf(g)] = true
	l.removals.all[g.Set] = append(l.removals.all[g.Set], id)
	if g.Kind == access.OrphanPrincipal {
		return
	}
	l.removals.sets[g.Set] = append(l.removals.sets[g.Set], id)
	of := l.removals.users
	if g.Kind == access.GroupPrincipal {
		of = l.removals.groups
	}
	of[g.Principal] = append(of[g.Principal], id)
	if !l.recorded(g.Set) {
		l.unrecorded[id] = true
	}
}

// findEmptied notes where sets lose their last assignment, and with it their role.
func (l *losses) findEmptied() {
	var stays map[int32]bool // of the set of the revocations at hand, which stand together
	for i := range l.assignments.revoking {
		r := &l.assignments.revoking[i]
		if i == 0 || l.assignments.revoking[i-1].assignment.Set != r.assignment.Set {
			stays = l.keptIn(int(r.assignment.Set), func(g access.Assignment) bool { return !l.revoked[keyOf(g)] })
		}
		if r.kept == nil && !stays[r.assignment.Account] {
			l.noteEmptied(r)
		}
	}
}

// noteEmptied notes where a set loses its last assignment, and with it its role.
func (l *losses) noteEmptied(r *revocation) {
	set, account := r.assignment.Set, l.Live.Accounts[r.assignment.Account]
	key := setInAccountID{set, account.ID}
	first := l.assignments.firstIn(l.desiredSet[set], r.assignment.Account)
	if l.emptied[key] || first != nil && l.assignments.stuck[first.set] == nil {
		return
	}
	l.emptied[key] = true
	if replacing := l.assignments.replacing(r.assignment); len(replacing) > 0 && r.assignment.Kind == access.GroupPrincipal {
		name := l.Live.Sets[set].Name
		l.out.Replaced = append(l.out.Replaced, ReplacedRole{Account: account.ID, AccountName: account.Name, PermissionSet: name,
			Replacement: l.Desired.Sets[replacing[0].set].Name, RolePattern: rolePattern(l.Live.Sets[set].ARN, account.ID, name)})
	}
}

// rolePattern returns the ARN of a set's role in an account with * for the path's
// Region (absent in us-east-1) and for the suffix that AWS makes up.
func rolePattern(setARN, account, set string) string {
	partition := "aws"
	if parts := strings.SplitN(setARN, ":", 3); len(parts) == 3 {
		partition = parts[1]
	}
	return fmt.Sprintf("arn:%s:iam::%s:role/aws-reserved/sso.amazonaws.com/*AWSReservedSSO_%s_*", partition, account, set)
}

// tellOrphans has one finding for all orphans that AWS cannot remove.
func (l *losses) tellOrphans() {
	var kept []Change
	for _, set := range slices.Sorted(maps.Keys(l.orphans)) {
		kept = append(kept, l.orphans[set]...)
	}
	if len(kept) == 0 {
		return
	}
	l.out.KeptOrphans = len(kept)
	var items []string
	for _, c := range kept[:min(mostOrphans, len(kept))] {
		items = append(items, fmt.Sprintf("%s, %s in %s", c.Key.OrphanID, c.Key.PermissionSet, c.accountWords()))
	}
	l.addOnce(diag.Diagnostic{Severity: diag.Warning, Code: OrphanStays,
		Summary: fmt.Sprintf("AWS cannot remove %s of users or groups that are gone", diag.Counted(len(kept), "assignment", "assignments")),
		Detail:  "They grant nobody access: AWS never reuses the id of a deleted user or group. They are: " + diag.FirstOf(items, len(kept), "; "),
		Hint:    orphanHint})
}
