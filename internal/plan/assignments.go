package plan

import (
	"slices"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/diag"
)

// assignmentsOfSet notes the assignments of a desired set that are missing, and returns
// the live ones that nobody wants.
func (f *finder) assignmentsOfSet(s int) []access.Assignment {
	bound := f.sets[s]
	want := f.wantedOn(s)
	if bound.live < 0 {
		for _, w := range want {
			f.noteNew(s, w, nil)
		}
		return nil
	}
	have := f.Live.SetAssignments(int(bound.live))
	orphans := orphanedAssignments(f.Live, have)
	f.noteMissing(bound.live, want)
	for _, w := range want {
		if !hasAssignment(have, bound.live, w) {
			f.noteNew(s, w, orphans[w.account])
		}
	}
	unwanted := f.unwanted(have, want)
	if bound.handling == blocked {
		if !f.sameInUse(s, bound.live) {
			// Even whom the config has on it would get what it no longer says.
			unwanted = have
		}
		f.keepUntouched(int(bound.live), unwanted)
		return nil
	}
	return unwanted
}

// sameInUse says that a live set allows everywhere what the config says.
func (b *Bound) sameInUse(s int, live int32) bool {
	have := b.Live.Sets[live]
	return have.SameContent(b.Desired.Sets[s]) && len(b.activeOnly(have.Outdated)) == 0
}

func hasAssignment(have []access.Assignment, set int32, w wantedAssignment) bool {
	if w.account < 0 || w.group < 0 {
		return false
	}
	_, found := slices.BinarySearchFunc(have, access.Assignment{Set: set, Account: w.account, Kind: access.GroupPrincipal, Principal: w.group}, access.Assignment.Compare)
	return found
}

// orphanedAssignments returns, by live account, the assignments of groups that are gone.
func orphanedAssignments(live *access.State, have []access.Assignment) map[int32][]access.Assignment {
	out := map[int32][]access.Assignment{}
	for _, g := range have {
		if g.Kind == access.OrphanPrincipal && live.Orphans[g.Principal].Kind == access.GroupPrincipal {
			out[g.Account] = append(out[g.Account], g)
		}
	}
	return out
}

// unwanted returns the live assignments that the config does not ask for. An orphan
// stays while an assignment that the config wants in its place cannot be made: it is
// the evidence that the next assignment there is a rebind.
func (f *finder) unwanted(have []access.Assignment, want []wantedAssignment) []access.Assignment {
	wants := make(map[groupInAccount]bool, len(want))
	waiting := map[int32]bool{}
	for _, w := range want {
		wants[groupInAccount{w.account, w.group}] = true
		if f.cannotAssign(w) != nil {
			waiting[w.account] = true
		}
	}
	var out []access.Assignment
	for _, g := range have {
		switch {
		case g.Kind == access.GroupPrincipal && wants[groupInAccount{g.Account, g.Principal}]:
		case g.Kind == access.OrphanPrincipal && waiting[g.Account]:
		case f.names.isEvidence(g):
		case f.outside(g): // which counts it
		default:
			out = append(out, g)
		}
	}
	return out
}

// cannotAssign says why the account or the group of an assignment is in the way.
func (f *finder) cannotAssign(w wantedAssignment) *diag.Diagnostic {
	// Not by value: a copy would be on the heap, for each of a million assignments.
	if b := &f.accounts[w.desired.Account]; b.handling == blocked {
		return &b.why
	}
	if b := &f.groups[w.desired.Principal]; b.handling == blocked || b.noNewAssignments {
		return &b.why
	}
	if w.group >= 0 && f.members.kept[w.group] != nil {
		return f.members.kept[w.group]
	}
	if why := f.ignoredUses.wouldProvision(w); why != nil {
		return why
	}
	return f.names.rebindInTheWay(w)
}

// noteNew notes a missing assignment, or what is in the way.
func (f *finder) noteNew(s int, w wantedAssignment, orphans []access.Assignment) {
	made := newAssignment{set: int32(s), live: f.sets[s].live, wantedAssignment: w, replaces: len(orphans) > 0}
	why := f.cannotAssign(w)
	if why == nil && f.sets[s].handling == blocked {
		why = &f.sets[s].why
	}
	if why != nil {
		if why.Code == AccountInactive || hasStrangers(why.Code) {
			f.raise(*why)
		}
		f.block(f.createChange(made), *why)
	} else {
		made.id = makeID(Assignment, Create, f.keyOfNew(made))
		if _, there := f.assignments.first[setInAccount{made.set, w.account}]; !there && made.live >= 0 {
			f.assignments.first[setInAccount{made.set, w.account}] = len(f.assignments.creating[s])
		}
		f.assignments.creating[s] = append(f.assignments.creating[s], made)
	}
	if w.account >= 0 && w.group >= 0 && len(f.Live.Assignments) > 0 { // else nothing can be replaced
		key := groupInAccount{w.account, w.group}
		f.assignments.byGroup[key] = append(f.assignments.byGroup[key], made)
	}
	for _, o := range orphans {
		f.assignments.instead[keyOf(o)] = append(f.assignments.instead[keyOf(o)], made)
	}
}

func (b *Bound) keyOfNew(g newAssignment) Key {
	account := b.Desired.Accounts[g.desired.Account]
	k := Key{Group: b.Desired.Groups[g.desired.Principal].Name, PermissionSet: b.Desired.Sets[g.set].Name, AccountName: account.Name}
	if g.account >= 0 {
		k.Account, k.AccountName = b.Live.Accounts[g.account].ID, b.Live.Accounts[g.account].Name
	}
	return k
}

func (b *Bound) createChange(g newAssignment) Change {
	c := Change{ID: g.id, Kind: Assignment, Action: Create, Key: b.keyOfNew(g),
		Reason: "in the config, not in the account", Source: b.Desired.Range(g.desired.Origin)}
	if g.replaces {
		c.Reason = "the group was deleted and recreated with another id; its access names the old one"
	}
	if g.group >= 0 {
		c.Refs.GroupID = b.Live.Groups[g.group].ID
	}
	if g.live >= 0 {
		c.Refs.PermissionSetARN = b.Live.Sets[g.live].ARN
	}
	return c
}
