package plan

import (
	"fmt"
	"slices"
	"strings"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/diag"
)

// setAccount is a live set in an account, by the account's id.
type setAccount struct {
	set     int32
	account string
}

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
	id      ID // "" where it is blocked
	set     string
	liveSet int32
}

// wanted is a desired grant in terms of the live tables; -1 is what is not
// there yet.
type wanted struct {
	account, group int32
	desired        access.Grant
}

func (d *differ) grantChanges() {
	d.findRebinds()
	revoke := map[int][]access.Grant{}
	for s := range d.Desired.Sets {
		strangers := d.grantsOfSet(s)
		if live := d.sets[s].live; len(strangers) > 0 {
			revoke[int(live)] = strangers
		}
	}
	for i := range d.Live.Sets {
		if d.leftoverSet(i) {
			revoke[i] = d.Live.SetGrants(i)
		}
		if len(revoke[i]) > 0 {
			d.revokeOnSet(i, revoke[i])
		}
	}
	d.countKept()
}

// grantsOfSet makes the grants of a desired set that are missing, and gives
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
	if bound.hold == blocked {
		return nil
	}
	return d.unwanted(have, want)
}

func (d *differ) wantedOn(s int) []wanted {
	grants := d.Desired.SetGrants(s)
	out := make([]wanted, len(grants))
	for i, g := range grants {
		out[i] = wanted{account: d.accounts[g.Account].live, group: d.groups[g.Principal].live, desired: g}
	}
	return out
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
	if b := &d.groups[w.desired.Principal]; b.hold == blocked {
		return &b.why
	}
	return d.rebindInTheWay(w.desired.Principal)
}

// grant makes a missing grant, or says what is in the way.
func (d *differ) grant(s int, w wanted, orphans []access.Grant) {
	c := d.grantChange(s, w)
	made := grantMade{set: d.Desired.Sets[s].Name, liveSet: d.sets[s].live}
	why := d.cannotGrant(w)
	if why == nil && d.sets[s].hold == blocked {
		why = &d.sets[s].why
	}
	if why != nil {
		if why.Code == AccountInactive {
			d.once(*why)
		}
		d.block(c, *why)
	} else {
		if len(orphans) > 0 {
			c.Reason = "the group was made again with another id; its access named the old one"
		}
		made.id = d.add(c)
	}
	if w.account >= 0 && w.group >= 0 && len(d.Live.Grants) > 0 { // else nothing can be replaced
		key := holder{w.account, w.group}
		d.granted[key] = append(d.granted[key], made)
	}
	for _, o := range orphans {
		d.instead[keyOf(o)] = append(d.instead[keyOf(o)], made)
	}
}

func (d *differ) grantChange(s int, w wanted) Change {
	group, account := d.Desired.Groups[w.desired.Principal], d.Desired.Accounts[w.desired.Account]
	c := Change{Kind: Assignment, Action: Create,
		Key:    Key{Group: group.Name, PermissionSet: d.Desired.Sets[s].Name, AccountName: account.Name},
		Reason: "in the config, not in the account", Source: d.Desired.Range(w.desired.Origin)}
	if w.account >= 0 {
		c.Key.Account, c.Key.AccountName = d.Live.Accounts[w.account].ID, d.Live.Accounts[w.account].Name
	}
	if w.group >= 0 {
		c.Refs.GroupID = d.Live.Groups[w.group].ID
	}
	if live := d.sets[s].live; live >= 0 {
		c.Refs.PermissionSetARN = d.Live.Sets[live].ARN
	}
	c.DependsOn = d.needsOf(s, w.desired.Principal)
	return c
}

// needsOf gives what a grant of the set to the group waits for. A set is whole
// before it is granted: an account never sees half of it.
func (d *differ) needsOf(s int, group int32) []ID {
	if len(d.groupNeeds[group]) == 0 {
		return d.setNeeds[s]
	}
	return slices.Concat(d.groupNeeds[group], d.setNeeds[s])
}

// revokeOnSet takes live grants away. One that another grant of the plan
// replaces goes after that one has succeeded, so nobody is without access in
// between.
func (d *differ) revokeOnSet(set int, grants []access.Grant) {
	stays := d.staysIn(set, grants)
	for _, g := range grants {
		c := d.revokeChange(set, g)
		replacing := d.replacing(g)
		if why := d.cannotRevoke(g, replacing); why != nil {
			d.keep(g, c, *why)
			stays[g.Account] = true
			continue
		}
		for _, r := range replacing {
			c.DependsOn = append(c.DependsOn, r.id)
		}
		if len(replacing) > 0 && g.Kind == access.GroupPrincipal {
			c.Reason = fmt.Sprintf("replaced by permission set %q", replacing[0].set)
		}
		id := d.add(c)
		d.revoked[keyOf(g)] = true
		d.setGoes[set] = append(d.setGoes[set], id)
		switch g.Kind {
		case access.GroupPrincipal:
			d.groupGoes[g.Principal] = append(d.groupGoes[g.Principal], id)
		case access.UserPrincipal:
			d.userGoes[g.Principal] = append(d.userGoes[g.Principal], id)
		}
	}
	d.emptyAccounts(set, grants, stays)
}

// staysIn says in which accounts the set keeps or gains a grant.
func (d *differ) staysIn(set int, going []access.Grant) map[int32]bool {
	stays := map[int32]bool{}
	for _, g := range d.Live.SetGrants(set) {
		if _, goes := slices.BinarySearchFunc(going, g, access.Grant.Compare); !goes {
			stays[g.Account] = true
		}
	}
	if s := d.desiredSet[set]; s >= 0 {
		for _, w := range d.wantedOn(int(s)) {
			if d.cannotGrant(w) == nil {
				stays[w.account] = true
			}
		}
	}
	return stays
}

// emptyAccounts notes where the set loses its last grant, and with it its role.
func (d *differ) emptyAccounts(set int, grants []access.Grant, stays map[int32]bool) {
	for _, g := range grants {
		account := d.Live.Accounts[g.Account]
		key := setAccount{int32(set), account.ID}
		if stays[g.Account] || d.emptied[key] {
			continue
		}
		d.emptied[key] = true
		if replacing := d.replacing(g); len(replacing) > 0 && g.Kind == access.GroupPrincipal {
			name := d.Live.Sets[set].Name
			d.replaced = append(d.replaced, ReplacedRole{Account: account.ID, AccountName: account.Name, PermissionSet: name,
				Replacement: replacing[0].set, RolePattern: rolePattern(d.Live.Sets[set].ARN, account.ID, name)})
		}
	}
}

// rolePattern gives the ARN of a set's role in an account with * for the path's
// Region (absent in us-east-1) and for the suffix that AWS makes up.
func rolePattern(setARN, account, set string) string {
	partition := "aws"
	if parts := strings.SplitN(setARN, ":", 3); len(parts) == 3 {
		partition = parts[1]
	}
	return fmt.Sprintf("arn:%s:iam::%s:role/aws-reserved/sso.amazonaws.com/*AWSReservedSSO_%s_*", partition, account, set)
}

// replacing gives the grants of this plan that take the place of a live one:
// another set for the same group in the same account, or the same set for the
// group that was made again.
func (d *differ) replacing(g access.Grant) []grantMade {
	switch g.Kind {
	case access.OrphanPrincipal:
		return d.instead[keyOf(g)]
	case access.GroupPrincipal:
		return d.granted[holder{g.Account, g.Principal}]
	default:
		return nil
	}
}

func (d *differ) cannotRevoke(g access.Grant, replacing []grantMade) *diag.Diagnostic {
	if a := d.Live.Accounts[g.Account]; !active(a) {
		return &diag.Diagnostic{Severity: diag.Error, Code: AccountInactive,
			Summary: fmt.Sprintf("account %q (%s) is %s, and AWS cannot change access there", a.Name, a.ID, a.State),
			Hint:    "Have the account reinstated in AWS Organizations, or wait until it is closed."}
	}
	if slices.ContainsFunc(replacing, func(r grantMade) bool { return r.id == "" }) {
		return &diag.Diagnostic{Code: DependsOnBlocked, Summary: "the grant that replaces it is blocked"}
	}
	return d.mayBeLost(g)
}

func (d *differ) keep(g access.Grant, c Change, why diag.Diagnostic) {
	if why.Code == AccountInactive {
		d.once(why)
	}
	d.block(c, why)
}

func (d *differ) revokeChange(set int, g access.Grant) Change {
	account, p := d.Live.Accounts[g.Account], d.Live.Sets[set]
	c := Change{Kind: Assignment, Action: Delete,
		Key:  Key{PermissionSet: p.Name, Account: account.ID, AccountName: account.Name},
		Refs: Refs{PermissionSetARN: p.ARN}, Reason: "on a permission set of ours, not in the config"}
	if d.desiredSet[set] < 0 {
		c.Reason = "its permission set is no longer in the config"
	}
	switch g.Kind {
	case access.GroupPrincipal:
		c.Key.Group, c.Refs.GroupID = d.Live.Groups[g.Principal].Name, d.Live.Groups[g.Principal].ID
	case access.UserPrincipal:
		c.Key.User, c.Refs.UserID = d.Live.Users[g.Principal].Username, d.Live.Users[g.Principal].ID
	default:
		o := d.Live.Orphans[g.Principal]
		c.Key.OrphanID, c.Key.OrphanType = o.ID, o.Kind.String()
		c.Reason = "its principal no longer exists"
	}
	return c
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
