package plan

import (
	"fmt"
	"maps"
	"slices"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/diag"
)

// open are the names of the config of which it is not settled whom they mean: they
// lead nowhere now, or elsewhere than before. What says whom they meant has to
// stay until they are found, wherever it is, else whoever takes such a name later
// would be taken for it.
type open struct {
	groups, accounts []string
	// unknown are those groups' names that no record has: any orphan may be theirs.
	unknown []string
	// idle are those of groups that the config has and grants nothing now: once it
	// does again, they have to mean the same.
	idle []string
	// orphans are the ids, by rebinds that are not agreed to.
	orphans map[string]bool
}

// findOpen finds them, of the names that the config grants something.
func (d *differ) findOpen() {
	d.open = open{orphans: map[string]bool{}}
	granted := d.grantedNames()
	for g := range d.Desired.Groups {
		if !granted[int32(g)] {
			d.open.idle = append(d.open.idle, d.namesOf(int32(g))...)
		}
	}
	for _, g := range slices.Sorted(maps.Keys(granted)) {
		rebound := d.rebinds.groups[g] != nil && !d.mayRebind(d.Desired.Groups[g].Name)
		if b := &d.groups[g]; !rebound && (b.live >= 0 || b.hold == fresh) {
			continue
		}
		names := d.namesOf(g)
		d.open.groups = append(d.open.groups, names...)
		if !rebound && !slices.ContainsFunc(names, func(n string) bool { return d.meaningsOf(n) != nil }) {
			d.open.unknown = append(d.open.unknown, names[0])
		}
		if rebound {
			for _, id := range d.rebinds.groups[g].oldIDs {
				d.open.orphans[id] = true
			}
		}
	}
	for a, bound := range d.accounts {
		name := d.Desired.Accounts[a].Name
		if bound.live < 0 && !access.IsAccountID(name) || d.rebinds.accounts[a] != nil && !d.mayRebind(name) {
			d.open.accounts = append(d.open.accounts, name)
		}
	}
}

// keepOpen keeps in the next record of a set what the one that it has says of open
// names, whether or not the config still has them on this set. Of a name that no
// record has, it is that it may be one of the orphans: the record is there from
// now on, so they are not asked again.
func (d *differ) keepOpen(r *access.Record, live int32) {
	if live < 0 {
		return
	}
	have := d.Live.Sets[live].Record
	for _, g := range d.Live.SetGrants(int(live)) {
		if len(d.open.unknown) > 0 && d.isEvidence(g) {
			for _, name := range d.open.unknown {
				r.Principals = append(r.Principals, access.RecordedPrincipal{Kind: access.GroupPrincipal, Name: name, ID: d.Live.Orphans[g.Principal].ID})
			}
			break
		}
	}
	for _, name := range slices.Concat(d.open.groups, d.open.idle) {
		if id, known := have.PrincipalID(access.GroupPrincipal, name); known {
			r.Principals = append(r.Principals, access.RecordedPrincipal{Kind: access.GroupPrincipal, Name: name, ID: id})
		}
	}
	for _, name := range d.open.accounts {
		if mark := have.AccountMark(name); mark != "" {
			r.Accounts = append(r.Accounts, access.RecordedAccount{Name: name, Mark: mark})
		} else if bucket := have.AccountBucket(name); bucket != "" {
			r.Accounts = append(r.Accounts, access.RecordedAccount{Name: name, Bucket: bucket})
		}
	}
}

// isEvidence says that the assignment of a group that is gone may be all that is
// left of whom an open name meant.
func (d *differ) isEvidence(g access.Grant) bool {
	if g.Kind != access.OrphanPrincipal || d.Live.Orphans[g.Principal].Kind != access.GroupPrincipal {
		return false
	}
	id := d.Live.Orphans[g.Principal].ID
	return d.open.orphans[id] || len(d.open.unknown) > 0 && !d.hasNames(g.Set) && !d.remembered.knows(id)
}

// withoutEvidence leaves out of what goes the assignments that are evidence.
func (d *differ) withoutEvidence(grants []access.Grant) []access.Grant {
	if !slices.ContainsFunc(grants, d.isEvidence) {
		return grants
	}
	return slices.DeleteFunc(slices.Clone(grants), d.isEvidence)
}

// holdsEvidence says why a set of ours that the config no longer has stays for
// now: it has all that is left of whom an open name meant. Its other assignments
// go.
func (d *differ) holdsEvidence(set int) *diag.Diagnostic {
	what, name := "", ""
	for _, g := range d.Live.SetGrants(set) {
		if d.isEvidence(g) && !d.revoked[keyOf(g)] {
			what, name = "group", slices.Concat(d.open.unknown, d.open.groups)[0]
		}
	}
	if record := d.Live.Sets[set].Record; d.recorded(int32(set)) {
		for _, n := range d.open.groups {
			if id, known := record.PrincipalID(access.GroupPrincipal, n); known && !d.staysOnRecord(func(r access.Recorded) bool {
				other, _ := r.PrincipalID(access.GroupPrincipal, n)
				return access.MeansPrincipal(other, id) || access.MeansPrincipal(id, other)
			}) {
				what, name = "group", n
			}
		}
		for _, n := range d.open.accounts {
			if mark := record.AccountMark(n); mark != "" && !d.staysOnRecord(func(r access.Recorded) bool { return r.AccountMark(n) == mark }) {
				what, name = "account", n
			}
		}
	}
	if what == "" {
		return nil
	}
	return &diag.Diagnostic{Code: DependsOnBlocked,
		Summary: fmt.Sprintf("it is all that says which %s %q was, so it stays until that name is found, or is no longer in the config", what, name)}
}

// staysOnRecord says that a set of ours which the config has says the same.
func (d *differ) staysOnRecord(says func(access.Recorded) bool) bool {
	for _, b := range d.sets {
		if b.hold == ours && d.recorded(b.live) && says(d.Live.Sets[b.live].Record) {
			return true
		}
	}
	return false
}

// madeAnew gives the changes that create groups of the config whose names a record
// has: until such a group is made, somebody else may take its name.
func (d *differ) madeAnew(have access.Recorded) []ID {
	var out []ID
	for g, b := range d.groups {
		if b.hold != fresh || !have.There {
			continue
		}
		if _, known := have.PrincipalID(access.GroupPrincipal, d.Desired.Groups[g].Name); known {
			out = append(out, d.groupNeeds[g]...)
		}
	}
	return out
}
