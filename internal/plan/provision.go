package plan

import "slices"

// provisioning brings each changed or outdated set up to date in the accounts
// that keep it, once, after all its changes and revocations.
func (w *writer) provisioning() {
	for set, e := range w.edits {
		if e == nil {
			continue
		}
		if e.blocked == nil || e.blocked.Code != IgnoredHolder {
			w.blockStale(int32(set))
		}
		if e.blocked == nil {
			w.provisionSet(int32(set), e)
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
		if !e.first || e.detour {
			// Grants that did not wait for the edit may have provisioned the set as it
			// was.
			made := slices.DeleteFunc(slices.Clone(w.moves.on[w.desiredSet[set]]), func(g grantMade) bool { return !w.losses.needed[g.id] })
			accounts = union(accounts, w.activeOnly(w.accountsOf(made)))
			for _, g := range made {
				waits = append(waits, g.id)
			}
		}
	}
	if e.quiet || touched && !e.first {
		waits = append(waits, w.goes.sets[set]...)
	}
	ids := w.provision(base, unique(waits), accounts, reason)
	if e.first && !e.detour {
		e.settled = ids
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

// keptAccounts gives the active accounts in which a live set stays.
func (w *writer) keptAccounts(set int32) []string {
	return w.stillThere(set, w.Live.Sets[set].Provisioned)
}

func (w *writer) stillThere(set int32, accounts []string) []string {
	return slices.DeleteFunc(w.spared.provisionable(set, accounts), func(a string) bool { return w.losses.emptied[setAccount{set, a}] })
}

func (b *Bound) accountsOf(made []grantMade) []string {
	var out []string
	for _, g := range made {
		out = append(out, b.Live.Accounts[g.account].ID)
	}
	return out
}

func union(a, b []string) []string {
	out := slices.Concat(a, b)
	slices.Sort(out)
	return slices.Compact(out)
}

// blockStale says where a set stays outdated; in ignored accounts it is counted.
func (w *writer) blockStale(set int32) {
	base := w.changeOf(set)
	base.Kind, base.Action, base.Reason = Provisioning, Update, "AWS says it is not the latest there"
	hidden := false
	for _, id := range w.activeOnly(w.Live.Sets[set].Outdated) {
		key := setAccount{set, id}
		why := w.spared.stale[key]
		if why == nil {
			hidden = hidden || w.spared.in[key].accountIsThat
			continue
		}
		w.once(*why)
		base.After = &Value{Accounts: []string{id}}
		w.block(base, *why)
	}
	if hidden {
		w.hidden.Changes++
	}
}
