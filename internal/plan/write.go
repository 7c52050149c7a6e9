package plan

import "slices"

// writer adds the changes of access: what sets allow, who gets them and who loses
// them.
type writer struct {
	*draft
	ignoredUses *ignoredUses
	assignments *assignmentChanges
	losses      *losses
	edits       edits
}

// makeEdit adds the changes of a set's content.
func (w *writer) makeEdit(set int32, e *edit) {
	base := w.changeOf(set)
	if e.blocked != nil {
		w.blockEdit(base, e)
		return
	}
	e.attributes = w.editAttributes(base, set)
	e.ready, e.last = slices.Clone(e.attributes), slices.Clone(e.attributes)
	waits := w.needs.taken[set]
	if e.afterRemovals {
		waits = append(waits, w.awayFrom(set)...)
	}
	switch {
	case e.detour:
		w.makeDetour(base, set, e, waits)
	case e.changes:
		steps := w.steps(base, e.old, e.new, waits)
		e.last = append(e.last, steps...)
		if e.beforeAdditions {
			e.ready = append(e.ready, later(steps, nil)...)
		}
	case e.staged:
		e.ready, e.last = append(e.ready, waits...), append(e.last, waits...)
	}
}

// changeOf returns what every change of a live set of ours has.
func (b *Bound) changeOf(set int32) Change {
	p := b.Live.Sets[set]
	return Change{Key: Key{PermissionSet: p.Name}, Refs: Refs{PermissionSetARN: p.ARN},
		Source: b.Desired.Range(b.Desired.Sets[b.desiredSet[set]].Origin)}
}

// makeDetour edits the set twice: down to what old and new have in common, and
// from there up to the new, when everybody is off who goes.
func (w *writer) makeDetour(base Change, set int32, e *edit, waits []ID) {
	between := common(e.old, e.new)
	if e.staged {
		between = e.old.nothing()
	}
	base.Key.Level = Down
	down := append(slices.Clone(e.attributes), w.steps(base, e.old, between, w.needs.taken[set])...)
	e.ready = append(e.ready, later(down[len(e.attributes):], nil)...)
	e.provisioned = w.provision(base, down, w.keptAccounts(set), "the permission set is first reduced to what its old and its new content have in common")
	base.Key.Level = Up
	waits = slices.Concat(waits, later(down, nil), e.provisioned)
	for _, g := range w.neededOn(set) {
		waits = append(waits, g.id)
	}
	e.last = w.steps(base, between, e.new, unique(waits))
	if len(e.last) == 0 {
		e.last = down
	}
}

// neededOn returns the assignments of a set that a revocation waits for: they come
// before the set goes up, so that none falls between its steps.
func (w *writer) neededOn(set int32) []newAssignment {
	return slices.DeleteFunc(slices.Clone(w.assignments.creating[w.desiredSet[set]]), func(g newAssignment) bool { return !w.losses.needed[g.id] })
}

// blockEdit keeps a set as it is, and with it whatever had to wait for it.
func (d *draft) blockEdit(base Change, e *edit) {
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
func (d *draft) editAttributes(base Change, set int32) []ID {
	have, p := d.Live.Sets[set], d.Desired.Sets[d.desiredSet[set]]
	before, after := attributesOfSet(have), attributesOfSet(p)
	after.ARN = have.ARN
	if sameAttributes(*before, *after) {
		return nil
	}
	base.Kind, base.Action, base.Reason = PermissionSet, Update, "attributes differ from the config"
	base.Before, base.After, base.DependsOn = &Value{PermissionSet: before}, &Value{PermissionSet: after}, d.needs.taken[set]
	return []ID{d.add(base)}
}

// awayFrom returns what has to be over before a set allows more: every revocation
// on it, in every account, and every departure from the groups that hold it.
func (d *draft) awayFrom(set int32) []ID {
	ids := slices.Clone(d.removals.sets[set])
	for _, group := range d.groupsOn(set) {
		ids = append(ids, d.removals.leaves[group]...)
	}
	return unique(ids)
}

// makeAssignments adds the assignments. A set is whole before it is granted, and allows no
// more than both of its contents: an account never sees half of it. Whoever
// leaves the group is out of it first.
func (w *writer) makeAssignments(records [][]ID) {
	for s, list := range w.assignments.creating {
		if len(list) == 0 {
			continue
		}
		needs := unique(slices.Concat(w.needs.sets[s], records[s]))
		early, all := needs, needs
		if live := w.sets[s].live; live >= 0 && w.edits[live] != nil {
			early = unique(slices.Concat(needs, w.edits[live].ready))
			all = unique(slices.Concat(needs, w.edits[live].ready, later(w.edits[live].last, nil)))
		}
		for _, g := range list {
			c := w.createChange(g)
			if why := w.assignments.stuck[int32(s)]; why != nil {
				w.block(c, *why)
				continue
			}
			// Who makes room for nobody waits until the set is whole.
			c.DependsOn = w.needsOf(all, g)
			if w.losses.needed[g.id] {
				c.DependsOn = w.needsOf(early, g)
			}
			w.add(c)
		}
	}
}

// needsOf returns what an assignment waits for: the same list for all groups about which
// nothing else changes.
func (d *draft) needsOf(needs []ID, g newAssignment) []ID {
	group := d.needs.groups[g.desired.Principal]
	var leaving []ID
	if g.group >= 0 {
		leaving = d.removals.leaves[g.group]
	}
	if len(group)+len(leaving) == 0 {
		return needs
	}
	return unique(slices.Concat(group, leaving, needs))
}

// makeRevocations adds them, each with what it waits for.
func (w *writer) makeRevocations() {
	for i := range w.assignments.revoking {
		r := &w.assignments.revoking[i]
		if r.kept != nil {
			continue
		}
		r.change.DependsOn = w.needs.taken[r.assignment.Set]
		for _, made := range r.waits() {
			if made.id != "" && w.assignments.stuck[made.set] == nil {
				r.change.DependsOn = append(r.change.DependsOn, made.id)
			}
		}
		w.add(r.change)
	}
}

// provisioning brings each changed or outdated set up to date in the accounts
// that keep it, once, after all its changes and revocations.
func (w *writer) provisioning() {
	for set, e := range w.edits.all() {
		if e.blocked == nil || e.blocked.Code != IgnoredHolder {
			w.blockStale(set)
		}
		if e.blocked == nil {
			w.provisionSet(set, e)
		}
	}
}

func (w *writer) provisionSet(set int32, e *edit) {
	base := w.changeOf(set)
	if e.detour {
		base.Key.Level = Up
	}
	touched := e.changes || len(e.attributes) > 0 || e.detour
	accounts, reason := w.stillThere(set, w.Live.Sets[set].Outdated), "AWS says it is not the latest there"
	waits := slices.Clone(e.last)
	if touched {
		accounts, reason = w.keptAccounts(set), "the permission set changes"
		if !e.beforeAdditions || e.detour {
			// Assignments that did not wait for the edit may have provisioned the set as it
			// was.
			for _, g := range w.neededOn(set) {
				if id := w.Live.Accounts[g.account].ID; !w.inactive(id) {
					accounts = append(accounts, id)
				}
				waits = append(waits, g.id)
			}
			slices.Sort(accounts)
			accounts = slices.Compact(accounts)
		}
	}
	if e.afterRemovals || touched && !e.beforeAdditions {
		waits = append(waits, w.removals.sets[set]...)
	}
	ids := w.provision(base, unique(waits), accounts, reason)
	if e.beforeAdditions && !e.detour {
		e.provisioned = ids
	}
}

// provision adds the provisioning of a set.
func (d *draft) provision(base Change, waits []ID, accounts []string, reason string) []ID {
	base.Kind, base.Action, base.Reason, base.DependsOn = Provisioning, Update, reason, waits
	if len(accounts) == 0 {
		return nil
	}
	base.After = &Value{Accounts: accounts}
	return []ID{d.add(base)}
}

// keptAccounts returns the active accounts in which a live set stays.
func (w *writer) keptAccounts(set int32) []string {
	return w.stillThere(set, w.Live.Sets[set].Provisioned)
}

func (w *writer) stillThere(set int32, accounts []string) []string {
	return slices.DeleteFunc(w.ignoredUses.provisionable(set, accounts), func(a string) bool { return w.losses.emptied[setInAccountID{set, a}] })
}

// blockStale says where a set stays outdated; in ignored accounts it is counted.
func (w *writer) blockStale(set int32) {
	base := w.changeOf(set)
	base.Kind, base.Action, base.Reason = Provisioning, Update, "AWS says it is not the latest there"
	hidden := false
	for _, id := range w.activeOnly(w.Live.Sets[set].Outdated) {
		key := setInAccountID{set, id}
		why := w.ignoredUses.stale[key]
		if why == nil {
			hidden = hidden || w.ignoredUses.byAccount[key].isAccount
			continue
		}
		w.addOnce(*why)
		base.After = &Value{Accounts: []string{id}}
		w.block(base, *why)
	}
	if hidden {
		w.hidden.Changes++
	}
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
