package plan

import (
	"fmt"
	"maps"
	"slices"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/diag"
)

// newEdits looks at what the live sets of ours allow, and what they shall.
func (d *differ) newEdits() {
	for i, p := range d.Desired.Sets {
		if hold := d.sets[i].hold; hold != ours && hold != adopted {
			continue
		}
		live := d.sets[i].live
		have := d.Live.Sets[live]
		e := &edit{changes: !have.SameContent(p), staged: len(d.provisionable(live, have.Outdated)) > 0,
			attributesDiffer: !sameAttributes(have, p), sessionDiffers: have.SessionDuration != p.SessionDuration}
		if e.changes || e.staged { // else nobody asks what it allows
			e.old, e.new = contentOf(have), contentOf(p)
		}
		d.edits[live] = e
	}
}

// activeOnly leaves out the accounts in which AWS can change nothing.
func (d *differ) activeOnly(ids []string) []string {
	return slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return d.inactive[id] })
}

// classifyEdits decides which edits wait for those who go, and which are waited
// for by those who come.
func (d *differ) classifyEdits() {
	leaving := map[int32]bool{}
	for i := range d.revoking {
		// What orphans have, nobody can use.
		if r := &d.revoking[i]; r.grant.Kind != access.OrphanPrincipal {
			leaving[r.grant.Set] = true
		}
	}
	for set, e := range d.edits {
		e.classify(leaving[set])
	}
}

// findDetours finds the sets of which a revocation waits for a grant on the same
// set, perhaps through other sets.
func (d *differ) findDetours() {
	waits := map[int32][]int32{}
	for i := range d.revoking {
		r := &d.revoking[i]
		if r.kept != nil || r.grant.Kind == access.OrphanPrincipal {
			continue
		}
		for _, made := range r.waits() {
			if made.id != "" && made.live >= 0 {
				waits[r.grant.Set] = append(waits[r.grant.Set], made.live)
			}
		}
	}
	for set, e := range d.edits {
		e.detour = e.mixed() && e.blocked == nil && reaches(d.edits, waits, set)
	}
}

// makeEdits adds the changes of all contents.
func (d *differ) makeEdits() {
	for set := range d.Live.Sets {
		if e := d.edits[int32(set)]; e != nil {
			d.makeEdit(int32(set), e)
		}
	}
}

func (d *differ) makeEdit(set int32, e *edit) {
	p := d.Live.Sets[set]
	base := Change{Key: Key{PermissionSet: p.Name}, Refs: Refs{PermissionSetARN: p.ARN},
		Source: d.Desired.Range(d.Desired.Sets[d.desiredSet[set]].Origin)}
	if e.blocked != nil {
		d.blockEdit(base, e)
		return
	}
	e.attributes = d.editAttributes(base, set)
	e.ready, e.last = slices.Clone(e.attributes), slices.Clone(e.attributes)
	waits := d.takenFirst(set)
	if e.quiet {
		waits = append(waits, d.awayFrom(set)...)
	}
	switch {
	case e.detour:
		d.makeDetour(base, set, e, waits)
	case e.changes:
		steps := d.steps(base, e.old, e.new, waits)
		e.last = append(e.last, steps...)
		if e.first {
			e.ready = append(e.ready, later(steps, nil)...)
		}
	case e.staged:
		e.ready, e.last = append(e.ready, waits...), append(e.last, waits...)
	}
}

// makeDetour edits the set twice: down to what old and new have in common, and
// from there up to the new, when everybody is off who goes.
func (d *differ) makeDetour(base Change, set int32, e *edit, waits []ID) {
	between := common(e.old, e.new)
	if e.staged {
		between = e.old.nothing()
	}
	base.Key.Level = Down
	down := append(slices.Clone(e.attributes), d.steps(base, e.old, between, d.takenFirst(set))...)
	e.ready = append(e.ready, later(down[len(e.attributes):], nil)...)
	settle := d.provision(base, set, down, d.keptAccounts(set), "the permission set first goes down to what its old and its new content have in common")
	e.settled = settle
	base.Key.Level = Up
	e.last = d.steps(base, between, e.new, unique(slices.Concat(waits, later(down, nil), settle, d.neededOn(set))))
	if len(e.last) == 0 {
		e.last = down
	}
}

// neededOn gives the grants of a set that a revocation waits for: they come
// before the set goes up, so that none falls between its steps.
func (d *differ) neededOn(set int32) []ID {
	var ids []ID
	for _, g := range d.grantedOn[d.desiredSet[set]] {
		if d.needed[g.id] {
			ids = append(ids, g.id)
		}
	}
	return ids
}

// takenFirst is the change that puts our mark on an adopted set: nothing of it
// is ours to write before.
func (d *differ) takenFirst(set int32) []ID {
	if id := d.taken[set]; id != "" {
		return []ID{id}
	}
	return nil
}

// awayFrom gives what has to be over before a set gives more: every revocation
// on it, in every account, and every departure from the groups that hold it.
func (d *differ) awayFrom(set int32) []ID {
	ids := slices.Clone(d.setGoes[set])
	for _, group := range d.holdersOf(set) {
		ids = append(ids, d.leaves[group]...)
	}
	return unique(ids)
}

// holdersOf gives the live groups that have the set, or that the plan grants it.
func (d *differ) holdersOf(set int32) []int32 {
	groups := map[int32]bool{}
	for _, g := range d.Live.SetGrants(int(set)) {
		if g.Kind == access.GroupPrincipal {
			groups[g.Principal] = true
		}
	}
	return slices.Sorted(maps.Keys(groups))
}

// notQuiet says why somebody who should not may still have a set that is to give
// more: a revocation is blocked, or not everybody who has it was seen.
func (d *differ) notQuiet(set int32) *diag.Diagnostic {
	p := d.Live.Sets[set]
	if n := d.staying[set]; n > 0 {
		return &diag.Diagnostic{Code: DependsOnBlocked,
			Summary: fmt.Sprintf("%s of permission set %q should go and cannot, and would get what is added", counted(n, "assignment", "assignments"), p.Name)}
	}
	for _, group := range d.holdersOf(set) {
		if why := d.memberKept[group]; why != nil {
			return why
		}
	}
	if !d.holdersSeen(set) {
		why := d.notObserved(fmt.Sprintf("who has permission set %q", p.Name))
		return &why
	}
	return nil
}

// cannotEdit says why a set has to stay as it is.
func (d *differ) cannotEdit(set int32, e *edit) *diag.Diagnostic {
	if e.changes || e.staged || e.sessionDiffers {
		if why := d.heldOutside(set); why != nil {
			return why
		}
	}
	if why := d.heldByIgnored(set, e); why != nil {
		return why
	}
	if e.quiet {
		return d.notQuiet(set)
	}
	return nil
}

// blockEdit keeps a set as it is, and with it whatever had to wait for it.
func (d *differ) blockEdit(base Change, e *edit) {
	base.Kind, base.Action = Provisioning, Update
	if e.changes || e.attributesDiffer {
		base.Kind = PermissionSet
	}
	if hasStrangers(e.blocked.Code) {
		d.raise(*e.blocked)
	}
	d.block(base, *e.blocked)
}

// editAttributes brings description, session duration and relay state up to date.
func (d *differ) editAttributes(base Change, set int32) []ID {
	have, p := d.Live.Sets[set], d.Desired.Sets[d.desiredSet[set]]
	before, after := attributesOfSet(have), attributesOfSet(p)
	after.ARN = have.ARN
	if sameAttributes(*before, *after) {
		return nil
	}
	base.Kind, base.Action, base.Reason = PermissionSet, Update, "attributes differ from the config"
	base.Before, base.After, base.DependsOn = &Value{PermissionSet: before}, &Value{PermissionSet: after}, d.takenFirst(set)
	return []ID{d.add(base)}
}

// provisioning brings each changed or outdated set up to date in the accounts
// that keep it, once, after all its changes and revocations.
func (d *differ) provisioning() {
	for i, p := range d.Live.Sets {
		e := d.edits[int32(i)]
		if e == nil {
			continue
		}
		base := Change{Key: Key{PermissionSet: p.Name}, Refs: Refs{PermissionSetARN: p.ARN},
			Source: d.Desired.Range(d.Desired.Sets[d.desiredSet[i]].Origin)}
		if e.blocked == nil || e.blocked.Code != IgnoredHolder {
			d.blockStale(base, int32(i))
		}
		if e.blocked != nil {
			continue
		}
		if e.detour {
			base.Key.Level = Up
		}
		touched := e.changes || len(e.attributes) > 0 || e.detour
		accounts, reason := d.stillThere(int32(i), p.Outdated), "AWS says it is not the latest there"
		waits := e.last
		if touched {
			accounts, reason = d.keptAccounts(int32(i)), "the permission set changes"
			if !e.first || e.detour {
				// Grants that did not wait for the edit may have provisioned the set as
				// it was.
				made := slices.DeleteFunc(slices.Clone(d.grantedOn[d.desiredSet[i]]), func(g grantMade) bool { return !d.needed[g.id] })
				accounts = union(accounts, d.activeOnly(d.accountsOf(made)))
				for _, g := range made {
					waits = append(waits, g.id)
				}
			}
		}
		if e.quiet || touched && !e.first {
			waits = append(slices.Clone(waits), d.setGoes[i]...)
		}
		ids := d.provision(base, int32(i), unique(waits), accounts, reason)
		if e.first && !e.detour {
			e.settled = ids
		}
	}
}

// provision adds the provisioning of a set, and says where it cannot be.
func (d *differ) provision(base Change, set int32, waits []ID, accounts []string, reason string) []ID {
	base.Kind, base.Action, base.Reason, base.DependsOn = Provisioning, Update, reason, waits
	if len(accounts) == 0 {
		return nil
	}
	base.After = &Value{Accounts: accounts}
	return []ID{d.add(base)}
}

// keptAccounts gives the active accounts in which a live set stays.
func (d *differ) keptAccounts(set int32) []string {
	return d.stillThere(set, d.Live.Sets[set].Provisioned)
}

func (d *differ) stillThere(set int32, accounts []string) []string {
	return slices.DeleteFunc(d.provisionable(set, accounts), func(a string) bool { return d.emptied[setAccount{set, a}] })
}

func (d *differ) accountsOf(made []grantMade) []string {
	var out []string
	for _, g := range made {
		out = append(out, d.Live.Accounts[g.account].ID)
	}
	return out
}

func union(a, b []string) []string {
	out := slices.Concat(a, b)
	slices.Sort(out)
	return slices.Compact(out)
}

// unique leaves out what is there twice; the order stays.
func unique(ids []ID) []ID {
	seen := make(map[ID]bool, len(ids))
	out := make([]ID, 0, len(ids))
	for _, id := range ids {
		if !seen[id] {
			seen[id] = true
			out = append(out, id)
		}
	}
	return out
}
