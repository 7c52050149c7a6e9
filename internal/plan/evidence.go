package plan

import (
	"maps"
	"slices"

	"github.com/rolecall-dev/rolecall/internal/access"
)

// unresolved are the names of the config of which it is not settled whom they mean: they
// lead nowhere now, or elsewhere than before. What says whom they meant has to
// stay until they are found, wherever it is, else whoever takes such a name later
// would be taken for it.
type unresolved struct {
	groups, accounts []string
	// unknown are those groups' names that no record has: any orphan may be theirs.
	unknown []string
	// idle are those of groups that the config has and grants nothing now: once it
	// does again, they have to mean the same.
	idle []string
	// orphans are the ids, by rebinds that are not agreed to.
	orphans map[string]bool
}

// findUnresolved finds them, of the names that the config grants something.
func (n *recordedNames) findUnresolved(granted map[int32]bool) {
	n.unresolved.orphans = map[string]bool{}
	for g := range n.Desired.Groups {
		if !granted[int32(g)] {
			n.unresolved.idle = append(n.unresolved.idle, n.namesOf(int32(g))...)
		}
	}
	for _, g := range slices.Sorted(maps.Keys(granted)) {
		rebound := n.reboundGroup(g)
		if b := &n.groups[g]; !rebound && (b.live >= 0 || b.handling == created) {
			continue
		}
		names := n.namesOf(g)
		n.unresolved.groups = append(n.unresolved.groups, names...)
		if !rebound && !slices.ContainsFunc(names, func(name string) bool { return n.meaningsOf(name) != nil }) {
			n.unresolved.unknown = append(n.unresolved.unknown, names[0])
		}
		if rebound {
			for _, id := range n.rebinds.groups[g].oldIDs {
				n.unresolved.orphans[id] = true
			}
		}
	}
	for a, bound := range n.accounts {
		name := n.Desired.Accounts[a].Name
		if bound.live < 0 && !access.IsAccountID(name) || n.reboundAccount(int32(a)) {
			n.unresolved.accounts = append(n.unresolved.accounts, name)
		}
	}
}

// keepUnresolved keeps in the next record of a set what the one that it has says of open
// names, whether or not the config still has them on this set. Of a name that no
// record has, it is that it may be one of the orphans: the record is there from
// now on, so they are not asked again.
func (n *recordedNames) keepUnresolved(r *access.Record, live int32) {
	if live < 0 {
		return
	}
	have := n.Live.Sets[live].Record
	for _, g := range n.Live.SetAssignments(int(live)) {
		if len(n.unresolved.unknown) > 0 && n.isEvidence(g) {
			for _, name := range n.unresolved.unknown {
				r.Principals = append(r.Principals, access.RecordedPrincipal{Kind: access.GroupPrincipal, Name: name, ID: n.Live.Orphans[g.Principal].ID})
			}
			break
		}
	}
	for _, name := range slices.Concat(n.unresolved.groups, n.unresolved.idle) {
		if id, known := have.PrincipalID(access.GroupPrincipal, name); known {
			r.Principals = append(r.Principals, access.RecordedPrincipal{Kind: access.GroupPrincipal, Name: name, ID: id})
		}
	}
	for _, name := range n.unresolved.accounts {
		if mark := have.AccountMark(name); mark != "" {
			r.Accounts = append(r.Accounts, access.RecordedAccount{Name: name, Mark: mark})
		} else if bucket := have.AccountBucket(name); bucket != "" {
			r.Accounts = append(r.Accounts, access.RecordedAccount{Name: name, Bucket: bucket})
		}
	}
}

// isEvidence says that the assignment of a group that is gone may be all that is
// left of whom an open name meant.
func (n *recordedNames) isEvidence(g access.Assignment) bool {
	if g.Kind != access.OrphanPrincipal || n.Live.Orphans[g.Principal].Kind != access.GroupPrincipal {
		return false
	}
	id := n.Live.Orphans[g.Principal].ID
	return n.unresolved.orphans[id] || len(n.unresolved.unknown) > 0 && !n.hasNames(g.Set) && !n.meanings.knows(id)
}

// staysOnRecord says that a set of ours which the config has says the same.
func (b *Bound) staysOnRecord(says func(access.Recorded) bool) bool {
	return slices.ContainsFunc(b.sets, func(set binding) bool {
		return set.handling == ours && b.recorded(set.live) && says(b.Live.Sets[set.live].Record)
	})
}

// madeAnew returns the changes that create groups of the config whose names a record
// has: until such a group is made, somebody else may take its name.
func (d *draft) madeAnew(have access.Recorded) []ID {
	var out []ID
	for g, b := range d.groups {
		if b.handling != created || !have.There {
			continue
		}
		if _, known := have.PrincipalID(access.GroupPrincipal, d.Desired.Groups[g].Name); known {
			out = append(out, d.needs.groups[g]...)
		}
	}
	return out
}
