package plan

import (
	"slices"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/diag"
)

// grantsOfSet notes the grants of a desired set that are missing, and returns
// the live ones that nobody wants.
func (f *finder) grantsOfSet(s int) []access.Grant {
	bound := f.sets[s]
	want := f.wantedOn(s)
	if bound.live < 0 {
		for _, w := range want {
			f.grant(s, w, nil)
		}
		return nil
	}
	have := f.Live.SetGrants(int(bound.live))
	orphans := orphanGroups(f.Live, have)
	f.noteLost(bound.live, want)
	for _, w := range want {
		if !holds(have, bound.live, w) {
			f.grant(s, w, orphans[w.account])
		}
	}
	strangers := f.unwanted(have, want)
	if bound.hold == blocked {
		if !f.sameInUse(s, bound.live) {
			// Even whom the config has on it would get what it no longer says.
			strangers = have
		}
		f.keepUntouched(int(bound.live), strangers)
		return nil
	}
	return strangers
}

// sameInUse says that a live set gives everywhere what the config says.
func (b *Bound) sameInUse(s int, live int32) bool {
	have := b.Live.Sets[live]
	return have.SameContent(b.Desired.Sets[s]) && len(b.activeOnly(have.Outdated)) == 0
}

func holds(have []access.Grant, set int32, w wanted) bool {
	if w.account < 0 || w.group < 0 {
		return false
	}
	_, found := slices.BinarySearchFunc(have, access.Grant{Set: set, Account: w.account, Kind: access.GroupPrincipal, Principal: w.group}, access.Grant.Compare)
	return found
}

// orphanGroups returns, by live account, the grants of groups that are gone.
func orphanGroups(live *access.State, have []access.Grant) map[int32][]access.Grant {
	out := map[int32][]access.Grant{}
	for _, g := range have {
		if g.Kind == access.OrphanPrincipal && live.Orphans[g.Principal].Kind == access.GroupPrincipal {
			out[g.Account] = append(out[g.Account], g)
		}
	}
	return out
}

// unwanted returns the live grants that the config does not ask for. An orphan
// stays while a grant that the config wants in its place cannot be made: it is
// the evidence that the next grant there is a rebind.
func (f *finder) unwanted(have []access.Grant, want []wanted) []access.Grant {
	type pair struct{ account, group int32 }
	wants := make(map[pair]bool, len(want))
	waiting := map[int32]bool{}
	for _, w := range want {
		wants[pair{w.account, w.group}] = true
		if f.cannotGrant(w) != nil {
			waiting[w.account] = true
		}
	}
	var out []access.Grant
	for _, g := range have {
		switch {
		case g.Kind == access.GroupPrincipal && wants[pair{g.Account, g.Principal}]:
		case g.Kind == access.OrphanPrincipal && waiting[g.Account]:
		case f.names.isEvidence(g):
		case f.outside(g): // which counts it
		default:
			out = append(out, g)
		}
	}
	return out
}

// cannotGrant says why the account or the group of a grant is in the way.
func (f *finder) cannotGrant(w wanted) *diag.Diagnostic {
	// Not by value: a copy would be on the heap, for each of a million grants.
	if b := &f.accounts[w.desired.Account]; b.hold == blocked {
		return &b.why
	}
	if b := &f.groups[w.desired.Principal]; b.hold == blocked || b.noGrants {
		return &b.why
	}
	if w.group >= 0 && f.members.kept[w.group] != nil {
		return f.members.kept[w.group]
	}
	if why := f.spared.wouldProvision(w); why != nil {
		return why
	}
	return f.names.rebindInTheWay(w)
}

// grant notes a missing grant, or what is in the way.
func (f *finder) grant(s int, w wanted, orphans []access.Grant) {
	made := grantMade{set: int32(s), live: f.sets[s].live, wanted: w, replaces: len(orphans) > 0}
	why := f.cannotGrant(w)
	if why == nil && f.sets[s].hold == blocked {
		why = &f.sets[s].why
	}
	if why != nil {
		if why.Code == AccountInactive || hasStrangers(why.Code) {
			f.raise(*why)
		}
		f.block(f.grantChange(made), *why)
	} else {
		made.id = makeID(Assignment, Create, f.grantKey(made))
		if _, there := f.moves.first[setIn{made.set, w.account}]; !there && made.live >= 0 {
			f.moves.first[setIn{made.set, w.account}] = len(f.moves.on[s])
		}
		f.moves.on[s] = append(f.moves.on[s], made)
	}
	if w.account >= 0 && w.group >= 0 && len(f.Live.Grants) > 0 { // else nothing can be replaced
		key := holder{w.account, w.group}
		f.moves.by[key] = append(f.moves.by[key], made)
	}
	for _, o := range orphans {
		f.moves.instead[keyOf(o)] = append(f.moves.instead[keyOf(o)], made)
	}
}

func (b *Bound) grantKey(g grantMade) Key {
	account := b.Desired.Accounts[g.desired.Account]
	k := Key{Group: b.Desired.Groups[g.desired.Principal].Name, PermissionSet: b.Desired.Sets[g.set].Name, AccountName: account.Name}
	if g.account >= 0 {
		k.Account, k.AccountName = b.Live.Accounts[g.account].ID, b.Live.Accounts[g.account].Name
	}
	return k
}

func (b *Bound) grantChange(g grantMade) Change {
	c := Change{ID: g.id, Kind: Assignment, Action: Create, Key: b.grantKey(g),
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
