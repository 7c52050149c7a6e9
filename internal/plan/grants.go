package plan

import (
	"slices"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/diag"
)

// setAccount is a live set in an account, by the account's id.
type setAccount struct {
	set     int32
	account string
}

// setIn is a desired set in a live account.
type setIn struct{ set, account int32 }

// holder is a live group in a live account.
type holder struct{ account, group int32 }

// grantKey tells live grants apart, whatever their origin.
type grantKey struct {
	set, account, principal int32
	kind                    access.PrincipalKind
}

func keyOf(g access.Grant) grantKey { return grantKey{g.Set, g.Account, g.Principal, g.Kind} }

// grantMade is a grant that the plan makes, or would make but for a block.
type grantMade struct {
	id       ID    // "" where it is blocked
	set      int32 // desired
	live     int32 // the set's live row, -1 where the plan creates it
	account  int32 // live
	group    int32 // live, -1 where the plan creates it
	replaces bool  // the orphan that its group left in the same place
	w        wanted
}

// wanted is a desired grant in terms of the live tables; -1 is what is not
// there yet.
type wanted struct {
	account, group int32
	desired        access.Grant
}

// findGrants finds the grants that are missing, and those that nobody wants.
// Nothing is added to the plan yet: first it has to be known what waits for what.
func (d *differ) findGrants() {
	revoke := map[int][]access.Grant{}
	for s := range d.Desired.Sets {
		strangers := d.grantsOfSet(s)
		if live := d.sets[s].live; len(strangers) > 0 {
			revoke[int(live)] = strangers
		}
	}
	for i := range d.Live.Sets {
		if d.leftoverSet(i) || d.formerSet(i) {
			revoke[i] = d.withoutEvidence(d.insideOf(d.Live.SetGrants(i)))
		}
		if len(revoke[i]) > 0 {
			d.revokeOnSet(i, revoke[i])
		}
		if d.desiredSet[i] < 0 {
			d.keepUntouched(i, d.Live.SetGrants(i))
		}
	}
}

// grantsOfSet notes the grants of a desired set that are missing, and gives
// the live ones that nobody wants.
func (d *differ) grantsOfSet(s int) []access.Grant {
	bound := d.sets[s]
	want := d.wantedOn(s)
	if bound.live < 0 {
		for _, w := range want {
			d.grant(s, w, nil)
		}
		return nil
	}
	have := d.Live.SetGrants(int(bound.live))
	orphans := orphanGroups(d.Live, have)
	d.noteLost(bound.live, want)
	for _, w := range want {
		if !holds(have, bound.live, w) {
			d.grant(s, w, orphans[w.account])
		}
	}
	strangers := d.unwanted(have, want)
	if bound.hold == blocked {
		if !d.sameInUse(s, bound.live) {
			// Even whom the config has on it would get what it no longer says.
			strangers = have
		}
		d.keepUntouched(int(bound.live), strangers)
		return nil
	}
	return strangers
}

// sameInUse says that a live set gives everywhere what the config says.
func (d *differ) sameInUse(s int, live int32) bool {
	have := d.Live.Sets[live]
	return have.SameContent(d.Desired.Sets[s]) && len(d.activeOnly(have.Outdated)) == 0
}

func (d *differ) wantedOn(s int) []wanted {
	grants := d.Desired.SetGrants(s)
	out := make([]wanted, len(grants))
	for i, g := range grants {
		out[i] = wanted{account: d.accounts[g.Account].live, group: d.groups[g.Principal].live, desired: g}
	}
	return d.eachOnce(out)
}

func holds(have []access.Grant, set int32, w wanted) bool {
	if w.account < 0 || w.group < 0 {
		return false
	}
	_, found := slices.BinarySearchFunc(have, access.Grant{Set: set, Account: w.account, Kind: access.GroupPrincipal, Principal: w.group}, access.Grant.Compare)
	return found
}

// orphanGroups gives, by live account, the grants of groups that are gone.
func orphanGroups(live *access.State, have []access.Grant) map[int32][]access.Grant {
	var out map[int32][]access.Grant
	for _, g := range have {
		if g.Kind != access.OrphanPrincipal || live.Orphans[g.Principal].Kind != access.GroupPrincipal {
			continue
		}
		if out == nil {
			out = map[int32][]access.Grant{}
		}
		out[g.Account] = append(out[g.Account], g)
	}
	return out
}

// unwanted gives the live grants that the config does not ask for. An orphan
// stays while a grant that the config wants in its place cannot be made: it is
// the evidence that the next grant there is a rebind.
func (d *differ) unwanted(have []access.Grant, want []wanted) []access.Grant {
	type pair struct{ account, group int32 }
	wants := make(map[pair]bool, len(want))
	waiting := map[int32]bool{}
	for _, w := range want {
		wants[pair{w.account, w.group}] = true
		if d.cannotGrant(w) != nil {
			waiting[w.account] = true
		}
	}
	var out []access.Grant
	for _, g := range have {
		switch {
		case g.Kind == access.GroupPrincipal && wants[pair{g.Account, g.Principal}]:
		case g.Kind == access.OrphanPrincipal && waiting[g.Account]:
		case d.isEvidence(g):
		case d.outside(g): // which counts it
		default:
			out = append(out, g)
		}
	}
	return out
}

// cannotGrant says why the account or the group of a grant is in the way.
func (d *differ) cannotGrant(w wanted) *diag.Diagnostic {
	// Not by value: a copy would be on the heap, for each of a million grants.
	if b := &d.accounts[w.desired.Account]; b.hold == blocked {
		return &b.why
	}
	if b := &d.groups[w.desired.Principal]; b.hold == blocked || b.noGrants {
		return &b.why
	}
	if why := d.wouldProvision(w); why != nil {
		return why
	}
	return d.rebindInTheWay(w)
}

// grant notes a missing grant, or what is in the way.
func (d *differ) grant(s int, w wanted, orphans []access.Grant) {
	made := grantMade{set: int32(s), live: d.sets[s].live, account: w.account, group: w.group, w: w, replaces: len(orphans) > 0}
	why := d.cannotGrant(w)
	if why == nil && d.sets[s].hold == blocked {
		why = &d.sets[s].why
	}
	if why != nil {
		if why.Code == AccountInactive || hasStrangers(why.Code) {
			d.raise(*why)
		}
		d.block(d.grantChange(made), *why)
	} else {
		made.id = d.grantID(made)
		if _, there := d.firstMade[setIn{made.set, w.account}]; !there && made.live >= 0 {
			d.firstMade[setIn{made.set, w.account}] = len(d.grantedOn[s])
		}
		d.grantedOn[s] = append(d.grantedOn[s], made)
	}
	if w.account >= 0 && w.group >= 0 && len(d.Live.Grants) > 0 { // else nothing can be replaced
		key := holder{w.account, w.group}
		d.granted[key] = append(d.granted[key], made)
	}
	for _, o := range orphans {
		d.instead[keyOf(o)] = append(d.instead[keyOf(o)], made)
	}
}

func (d *differ) grantID(g grantMade) ID { return makeID(Assignment, Create, d.grantKey(g)) }

func (d *differ) grantKey(g grantMade) Key {
	account := d.Desired.Accounts[g.w.desired.Account]
	k := Key{Group: d.Desired.Groups[g.w.desired.Principal].Name, PermissionSet: d.Desired.Sets[g.set].Name, AccountName: account.Name}
	if g.account >= 0 {
		k.Account, k.AccountName = d.Live.Accounts[g.account].ID, d.Live.Accounts[g.account].Name
	}
	return k
}

func (d *differ) grantChange(g grantMade) Change {
	c := Change{ID: g.id, Kind: Assignment, Action: Create, Key: d.grantKey(g),
		Reason: "in the config, not in the account", Source: d.Desired.Range(g.w.desired.Origin)}
	if g.replaces {
		c.Reason = "the group was deleted and recreated with another id; its access names the old one"
	}
	if g.group >= 0 {
		c.Refs.GroupID = d.Live.Groups[g.group].ID
	}
	if g.live >= 0 {
		c.Refs.PermissionSetARN = d.Live.Sets[g.live].ARN
	}
	return c
}

// makeGrants adds the grants. A set is whole before it is granted, and allows no
// more than both of its contents: an account never sees half of it. Whoever
// leaves the group is out of it first.
func (d *differ) makeGrants() {
	for s, list := range d.grantedOn {
		if len(list) == 0 {
			continue
		}
		needs := unique(slices.Concat(d.setNeeds[s], d.recordFirst[s]))
		early, all := needs, needs
		if live := d.sets[s].live; live >= 0 && d.edits[live] != nil {
			early = unique(slices.Concat(needs, d.edits[live].ready))
			all = unique(slices.Concat(needs, d.edits[live].ready, later(d.edits[live].last, nil)))
		}
		for _, g := range list {
			// Who makes room for nobody waits until the set is whole.
			needs := all
			if d.needed[g.id] {
				needs = early
			}
			if why := d.stuck[int32(s)]; why != nil {
				d.block(d.grantChange(g), *why)
				continue
			}
			c := d.grantChange(g)
			c.DependsOn = d.needsOf(needs, g)
			d.add(c)
		}
	}
}

// needsOf gives what a grant waits for: the same list for all groups about which
// nothing else changes.
func (d *differ) needsOf(needs []ID, g grantMade) []ID {
	group := d.groupNeeds[g.w.desired.Principal]
	var leaving []ID
	if g.group >= 0 {
		leaving = d.leaves[g.group]
	}
	if len(group)+len(leaving) == 0 {
		return needs
	}
	return unique(slices.Concat(group, leaving, needs))
}

// countKept counts, for each live group and set that the config does not name,
// the grants that this plan leaves.
func (d *differ) countKept() {
	for _, g := range d.Live.Grants {
		named := g.Kind == access.GroupPrincipal && d.desiredGroup[g.Principal] >= 0
		if named && d.desiredSet[g.Set] >= 0 || d.revoked[keyOf(g)] {
			continue
		}
		d.keptOnSet[g.Set]++
		if g.Kind == access.GroupPrincipal {
			d.keptOnGroup[g.Principal]++
		}
	}
}
