package plan

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/diag"
)

// revocation is a live grant that goes.
type revocation struct {
	grant  access.Grant
	change Change
	// instead are the grants that take its place, and handover the first one that
	// comes where it was the last, so that the role stays.
	instead  []grantMade
	handover *grantMade
	// kept says why it cannot go.
	kept *diag.Diagnostic
}

// waits gives the grants that have to be there before the revocation. One that
// another grant of the plan replaces goes after that one has succeeded, so that
// nobody is without access in between, and the last one in an account after the
// first that comes, so that the role stays: both where two sets swap groups.
func (r *revocation) waits() []grantMade {
	if r.handover == nil || slices.ContainsFunc(r.instead, func(g grantMade) bool { return g.id == r.handover.id }) {
		return r.instead
	}
	return append(slices.Clone(r.instead), *r.handover)
}

// revokeOnSet notes the live grants of a set that go.
func (d *differ) revokeOnSet(set int, grants []access.Grant) {
	stays := d.staysIn(set, grants)
	for _, g := range grants {
		r := revocation{grant: g, change: d.revokeChange(set, g)}
		replacing := d.replacing(g)
		if len(replacing) > 0 && g.Kind == access.GroupPrincipal {
			r.change.Reason = fmt.Sprintf("replaced by permission set %q", d.Desired.Sets[replacing[0].set].Name)
		}
		r.kept = d.cannotRevoke(g, replacing)
		if r.kept == nil {
			r.kept = d.orphanStays(g, r.change)
		}
		if r.kept == nil {
			for _, made := range replacing {
				if !d.allowsLess(made, g) {
					r.instead = append(r.instead, made)
				}
			}
			if !stays[g.Account] && !d.isRemoved(g) {
				r.handover = d.firstIn(set, g)
			}
		}
		d.revoking = append(d.revoking, r)
	}
}

// isRemoved says that a grant is of a user whom the plan deletes: whoever comes
// instead may have to wait for that, and cannot be waited for.
func (d *differ) isRemoved(g access.Grant) bool {
	return g.Kind == access.UserPrincipal && d.desiredUser[g.Principal] >= 0 && d.Desired.Users[d.desiredUser[g.Principal]].Remove
}

// settleBlocked finds what cannot be done because something else cannot: an edit
// that would give more to somebody who cannot be taken off, a grant that waits
// for such an edit, a revocation that waits for such a grant.
func (d *differ) settleBlocked() {
	for i := range d.revoking {
		d.noteKept(&d.revoking[i])
	}
	for changed := true; changed; {
		changed = false
		for set, e := range d.edits {
			if e.blocked != nil {
				continue
			}
			if e.blocked = d.cannotEdit(set, e); e.blocked != nil {
				changed = true
				if e.awaited() {
					d.stuck[d.desiredSet[set]] = e.blocked
				}
			}
		}
		for i := range d.revoking {
			r := &d.revoking[i]
			if r.kept == nil && slices.ContainsFunc(r.instead, func(g grantMade) bool { return d.stuck[g.set] != nil }) {
				r.kept = &diag.Diagnostic{Code: DependsOnBlocked, Summary: "the grant that replaces it is blocked"}
				d.noteKept(r)
				changed = true
			}
		}
	}
}

// revokingOf gives the revocations on a set; those of a set stand together.
func (d *differ) revokingOf(set int32) []revocation {
	from, _ := slices.BinarySearchFunc(d.revoking, set, func(r revocation, s int32) int { return cmp.Compare(r.grant.Set, s) })
	to, _ := slices.BinarySearchFunc(d.revoking, set+1, func(r revocation, s int32) int { return cmp.Compare(r.grant.Set, s) })
	return d.revoking[from:to]
}

// noteKept counts a grant that stays where somebody can use it.
func (d *differ) noteKept(r *revocation) {
	if r.kept == nil || r.harmless() {
		return
	}
	d.staying[r.grant.Set]++
	if r.grant.Kind == access.GroupPrincipal {
		d.groupKeeps[r.grant.Principal] = r.kept
	}
}

// harmless says that what stays is only worth a warning: nothing can be done, and
// nobody can use it, in an account that is not active or because its principal is
// gone.
func (r *revocation) harmless() bool {
	return r.kept.Code == AccountInactive || r.kept.Code == OrphanStays
}

// keepUntouched notes that groups keep what they should lose, because the set
// carries our mark and is not touched: nobody may join them meanwhile.
func (d *differ) keepUntouched(set int, grants []access.Grant) {
	p := d.Live.Sets[set]
	if p.Owner != d.options.Owner || !hasTag(p, access.LockTag) {
		return
	}
	why := lockMark(p)
	for _, g := range grants {
		if g.Kind == access.GroupPrincipal {
			d.groupKeeps[g.Principal] = &why
		}
	}
}

// indexRevocations notes what goes, for whatever has to wait for it.
func (d *differ) indexRevocations() {
	for i := range d.revoking {
		r := &d.revoking[i]
		if r.kept != nil {
			switch {
			case !r.harmless():
				d.block(r.change, *r.kept)
			case r.kept.Code == OrphanStays:
				d.orphansKept[r.grant.Set] = append(d.orphansKept[r.grant.Set], r.change)
			default:
				d.keptInactive++
				d.once(*r.kept)
			}
			continue
		}
		d.revoked[keyOf(r.grant)] = true
		id := makeID(r.change.Kind, r.change.Action, r.change.Key)
		d.revokedFrom(r.grant, id)
		if r.grant.Kind != access.OrphanPrincipal && !d.recorded(r.grant.Set) {
			d.unrecorded[id] = true
		}
	}
	d.tellOrphans()
	for i := range d.revoking {
		if r := &d.revoking[i]; r.kept == nil {
			for _, made := range r.waits() {
				d.needed[made.id] = made.id != ""
			}
		}
	}
	var stays map[int32]bool // of the set of the revocations at hand, which stand together
	for i := range d.revoking {
		r := &d.revoking[i]
		if i == 0 || d.revoking[i-1].grant.Set != r.grant.Set {
			stays = d.notRevoked(r.grant.Set)
		}
		if r.kept == nil && !stays[r.grant.Account] {
			d.noteEmptied(r)
		}
	}
}

// recorded says that an apply of ours has left its record on a live set. Without
// one, its mark may have been put there by somebody else, and what others have of
// it goes as in an adoption: with --allow-removals.
func (d *differ) recorded(set int32) bool {
	p := d.Live.Sets[set]
	return p.Record.FitsSet(d.options.Owner, p.ARN)
}

// notRevoked gives the accounts in which a set keeps an assignment.
func (d *differ) notRevoked(set int32) map[int32]bool {
	stays := map[int32]bool{}
	for _, g := range d.Live.SetGrants(int(set)) {
		if !d.revoked[keyOf(g)] {
			stays[g.Account] = true
		}
	}
	return stays
}

// revokedFrom notes who loses the grant.
func (d *differ) revokedFrom(g access.Grant, id ID) {
	d.setEmpties[g.Set] = append(d.setEmpties[g.Set], id)
	switch g.Kind {
	case access.GroupPrincipal:
		d.setGoes[g.Set] = append(d.setGoes[g.Set], id)
		d.groupGoes[g.Principal] = append(d.groupGoes[g.Principal], id)
	case access.UserPrincipal:
		d.setGoes[g.Set] = append(d.setGoes[g.Set], id)
		d.userGoes[g.Principal] = append(d.userGoes[g.Principal], id)
	}
}

// firstIn gives the first grant of a live set that the plan makes in the account.
func (d *differ) firstIn(set int, g access.Grant) *grantMade {
	s := d.desiredSet[set]
	if s < 0 {
		return nil
	}
	i, found := d.firstMade[setIn{s, g.Account}]
	if !found {
		return nil
	}
	return &d.grantedOn[s][i]
}

// allowsLess says that a grant is a downgrade of the one that it replaces.
func (d *differ) allowsLess(made grantMade, g access.Grant) bool {
	if made.live == g.Set || g.Kind == access.OrphanPrincipal {
		return false
	}
	old, new := contentOf(d.Live.Sets[g.Set]), contentOf(d.Desired.Sets[made.set])
	return new.atMost(old) && !old.atMost(new)
}

// makeRevocations adds them, each with what it waits for.
func (d *differ) makeRevocations() {
	for i := range d.revoking {
		r := &d.revoking[i]
		if r.kept != nil {
			continue
		}
		r.change.DependsOn = d.takenFirst(r.grant.Set)
		for _, made := range r.waits() {
			if made.id != "" && d.stuck[made.set] == nil {
				r.change.DependsOn = append(r.change.DependsOn, made.id)
			}
		}
		d.add(r.change)
	}
}

// staysIn says in which accounts the set keeps a grant.
func (d *differ) staysIn(set int, going []access.Grant) map[int32]bool {
	stays := map[int32]bool{}
	for _, g := range d.Live.SetGrants(set) {
		if _, goes := slices.BinarySearchFunc(going, g, access.Grant.Compare); !goes {
			stays[g.Account] = true
		}
	}
	return stays
}

// noteEmptied notes where a set loses its last grant, and with it its role.
func (d *differ) noteEmptied(r *revocation) {
	set, account := r.grant.Set, d.Live.Accounts[r.grant.Account]
	key := setAccount{set, account.ID}
	first := d.firstIn(int(set), r.grant)
	if d.emptied[key] || first != nil && d.stuck[first.set] == nil {
		return
	}
	d.emptied[key] = true
	if replacing := d.replacing(r.grant); len(replacing) > 0 && r.grant.Kind == access.GroupPrincipal {
		name := d.Live.Sets[set].Name
		d.replaced = append(d.replaced, ReplacedRole{Account: account.ID, AccountName: account.Name, PermissionSet: name,
			Replacement: d.Desired.Sets[replacing[0].set].Name, RolePattern: rolePattern(d.Live.Sets[set].ARN, account.ID, name)})
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
// group that was deleted and recreated.
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
		return &diag.Diagnostic{Severity: diag.Warning, Code: AccountInactive,
			Summary: fmt.Sprintf("account %q (%s) is %s: AWS cannot change access there, and nobody can sign in to it", a.Name, a.ID, a.State),
			Detail:  "What the config no longer has there stays, and gives access again if the account is reinstated.",
			Hint:    "If the account is reinstated, apply again before anybody signs in to it."}
	}
	if slices.ContainsFunc(replacing, func(r grantMade) bool { return r.id == "" && !d.allowsLess(r, g) }) {
		return &diag.Diagnostic{Code: DependsOnBlocked, Summary: "the grant that replaces it is blocked"}
	}
	return d.mayBeLost(g)
}

func (d *differ) revokeChange(set int, g access.Grant) Change {
	account, p := d.Live.Accounts[g.Account], d.Live.Sets[set]
	c := Change{Kind: Assignment, Action: Delete,
		Key:  Key{PermissionSet: p.Name, Account: account.ID, AccountName: account.Name},
		Refs: Refs{PermissionSetARN: p.ARN}, Reason: "on a permission set that rolecall manages, not in the config"}
	if d.adoptsSet(set) {
		c.Reason = "on a permission set that is taken over, not in the config"
	}
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

// OnlyRevokes says that a plan does nothing but take away: no object is made or
// edited but for records. Detaching a policy is not among it: a policy may deny.
func (p *Plan) OnlyRevokes() bool {
	return !slices.ContainsFunc(p.Changes, func(c Change) bool {
		switch c.Kind {
		case Assignment, Membership, PermissionSet, Group, User:
			return c.Action != Delete
		default:
			return c.Kind != Record
		}
	})
}
