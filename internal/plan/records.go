package plan

import (
	"slices"

	"github.com/rolecall-dev/rolecall/internal/access"
)

// recorder writes the records; first are those that have to be written before the
// assignments of a desired set.
type recorder struct {
	*writer
	names    *recordedNames
	members  *departures
	retagged map[int32]bool
	left     *leftovers
	first    [][]ID
}

// makeRecords writes down who and where is meant, on every set of ours. What is
// new is on record before the first assignment, and what goes stays on record until
// it is gone: whenever a run is cut off, the record names all that may be there.
// It returns the first ones.
func makeRecords(w *writer, names *recordedNames, members *departures, retagged map[int32]bool, left *leftovers) [][]ID {
	d := recorder{w, names, members, retagged, left, make([][]ID, len(w.Desired.Sets))}
	for s := range d.Desired.Sets {
		switch d.sets[s].handling {
		case created, ours, adopted:
			d.makeRecord(int32(s))
		}
	}
	return d.first
}

func (d *recorder) makeRecord(s int32) {
	var have access.PermissionSet
	live := d.sets[s].live
	if live >= 0 {
		have = d.Live.Sets[live]
	}
	last := d.wantedRecord(s, have.Record)
	going, deleted := false, []ID(nil)
	var first access.Record
	if live >= 0 {
		going = d.addStaying(&last, live)
		first = access.Record{Principals: slices.Clone(last.Principals), Accounts: slices.Clone(last.Accounts), Plans: last.Plans}
		d.addGoing(&first, live)
		var groups []int
		groups, deleted = d.left.goingOnRecord(have.Record)
		for _, g := range groups {
			addPrincipal(&first, access.RecordedPrincipal{Kind: access.GroupPrincipal, Name: d.Live.Groups[g].Name, ID: d.Live.Groups[g].ID})
		}
		first.Normalize()
		going = going || len(groups) > 0
	}
	assigning := len(d.assignments.creating[s]) > 0 && d.assignments.stuck[s] == nil
	waits := unique(append(d.recordWaits(s, last), d.madeAnew(have.Record)...))
	same := have.Unfinished == "" && have.Record.Same(last, d.options.Owner, have.ARN)
	switch {
	case !going:
		if !same || d.touches(s) {
			d.first[s] = []ID{d.addRecord(s, "", last, waits)}
		}
		return
	case assigning && !have.Record.Same(first, d.options.Owner, have.ARN):
		id := d.addRecord(s, Down, first, waits)
		d.first[s], waits = []ID{id}, append(slices.Clone(waits), id)
		same = false
	}
	if !same || d.touches(s) {
		d.addRecord(s, "", last, slices.Concat(waits, d.removals.all[live], deleted))
	}
}

// wantedRecord returns what the names of the config mean now. A name that leads
// nowhere, or elsewhere than it may, keeps what it meant: keepUnresolved.
func (d *recorder) wantedRecord(s int32, have access.Recorded) access.Record {
	var r access.Record
	groups, accounts := map[int32]bool{}, map[int32]bool{}
	for _, g := range d.Desired.SetAssignments(int(s)) {
		groups[g.Principal], accounts[g.Account] = true, true
	}
	for g := range groups {
		if p, ok := d.names.recordedGroup(g); ok {
			r.Principals = append(r.Principals, p)
		}
	}
	for a := range accounts {
		if account, ok := d.names.recordedAccount(a); ok {
			r.Accounts = append(r.Accounts, account)
		}
	}
	r.Plans = have.Plans
	if id := d.options.PlanID; id != "" && !slices.Contains(have.Plans, id) {
		r.Plans = append([]string{id}, have.Plans[:min(len(have.Plans), access.MaxRecordedPlans-1)]...)
	}
	d.addSharing(&r, d.Desired.Sets[s].Name, have)
	d.names.keepUnresolved(&r, d.sets[s].live)
	r.Normalize()
	return r
}

func (n *recordedNames) recordedGroup(g int32) (access.RecordedPrincipal, bool) {
	bound := n.groups[g]
	p := access.RecordedPrincipal{Kind: access.GroupPrincipal, Name: n.Desired.Groups[g].Name}
	switch {
	case bound.handling == created:
		return p, true // its id is known when it is made
	case bound.live < 0, bound.handling == blocked && bound.why.Code == GroupRenamed, n.reboundGroup(g):
		return p, false // see keepUnresolved
	default:
		p.ID = n.Live.Groups[bound.live].ID
		return p, true
	}
}

func (n *recordedNames) recordedAccount(a int32) (access.RecordedAccount, bool) {
	live := n.accounts[a].live
	if live < 0 || n.reboundAccount(a) {
		return access.RecordedAccount{}, false
	}
	return access.RecordedAccount{Name: n.Desired.Accounts[a].Name, ID: n.Live.Accounts[live].ID}, true
}

// addSharing keeps what the record has of the groups that share the set and that
// --only does not name.
func (b *Bound) addSharing(r *access.Record, set string, have access.Recorded) {
	for _, name := range b.options.Scope.Sharing[set] {
		if id, known := have.PrincipalID(access.GroupPrincipal, name); known {
			r.Principals = append(r.Principals, access.RecordedPrincipal{Kind: access.GroupPrincipal, Name: name, ID: id})
		}
	}
	for _, name := range b.options.Scope.SharingIn[set] {
		if mark := have.AccountMark(name); mark != "" && !slices.ContainsFunc(r.Accounts, func(a access.RecordedAccount) bool { return a.Name == name }) {
			r.Accounts = append(r.Accounts, access.RecordedAccount{Name: name, Mark: mark})
		}
	}
}

// addStaying adds whoever should go and cannot, and says whether anybody goes.
func (d *recorder) addStaying(r *access.Record, live int32) (going bool) {
	for _, v := range d.assignments.revokingOf(live) {
		// What an orphan keeps, nobody can use: whoever looks at less, as --only does,
		// does not see it, and would take it off the record again.
		if v.kept != nil && v.assignment.Kind != access.OrphanPrincipal {
			d.addLive(r, v.assignment)
		}
		going = going || v.kept == nil
	}
	r.Normalize()
	return going
}

// addGoing adds whoever goes in this plan.
func (d *recorder) addGoing(r *access.Record, live int32) {
	for _, v := range d.assignments.revokingOf(live) {
		if v.kept == nil {
			d.addLive(r, v.assignment)
		}
	}
	r.Normalize()
}

func (b *Bound) addLive(r *access.Record, g access.Assignment) {
	account := b.Live.Accounts[g.Account]
	if !slices.ContainsFunc(r.Accounts, func(a access.RecordedAccount) bool { return a.ID == account.ID }) {
		name := b.organization.NameOf(g.Account)
		if slices.ContainsFunc(r.Accounts, func(a access.RecordedAccount) bool { return a.Name == name }) {
			name = account.ID // the name is on record, and means another one
		}
		r.Accounts = append(r.Accounts, access.RecordedAccount{Name: name, ID: account.ID})
	}
	if _, name, id := b.principalOf(g); g.Kind != access.OrphanPrincipal {
		addPrincipal(r, access.RecordedPrincipal{Kind: g.Kind, Name: name, ID: id})
	}
}

func addPrincipal(r *access.Record, p access.RecordedPrincipal) {
	if !slices.ContainsFunc(r.Principals, func(o access.RecordedPrincipal) bool {
		return access.MeansPrincipal(o.ID, p.ID) || o.Kind == p.Kind && o.Name == p.Name
	}) {
		r.Principals = append(r.Principals, p)
	}
}

// recordWaits returns what a record waits for: the set is whole, and those are
// made whose ids it needs.
func (d *draft) recordWaits(s int32, r access.Record) []ID {
	waits := slices.Clone(d.needs.sets[s])
	for _, p := range r.Principals {
		if p.ID != "" {
			continue
		}
		if g := d.Desired.GroupIndex(p.Name); g >= 0 {
			waits = append(waits, d.needs.groups[g]...)
		}
	}
	return unique(waits)
}

func (d *draft) addRecord(s int32, level Level, r access.Record, waits []ID) ID {
	p := d.Desired.Sets[s]
	c := Change{Kind: Record, Action: Update, Key: Key{PermissionSet: p.Name, Level: level}, After: &Value{Record: &r},
		Reason: "who and which accounts its names mean", Source: d.Desired.Range(p.Origin), DependsOn: waits}
	if live := d.sets[s].live; live >= 0 {
		c.Refs.PermissionSetARN = d.Live.Sets[live].ARN
	}
	return d.add(c)
}

// touches says whether a plan that is written to a file concerns the set, so that
// its id has to be on record when it was carried out.
func (d *recorder) touches(s int32) bool {
	if d.options.PlanID == "" {
		return false
	}
	live := d.sets[s].live
	if live < 0 || d.retagged[s] || len(d.assignments.creating[s]) > 0 || len(d.removals.all[live]) > 0 {
		return true
	}
	if e := d.edits[live]; e != nil && (e.changes || e.staged || len(e.attributes) > 0) {
		return true
	}
	for _, w := range d.wantedOn(int(s)) { // few plans have an id
		if len(d.needs.groups[w.desired.Principal]) > 0 || w.group >= 0 && len(d.removals.leaves[w.group]) > 0 || d.members.joined[w.desired.Principal] {
			return true
		}
	}
	return false
}
