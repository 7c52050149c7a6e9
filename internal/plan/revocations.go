package plan

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/diag"
)

// waits returns the assignments that have to be there before the revocation. One that
// another assignment of the plan replaces goes after that one has succeeded, so that
// nobody is without access in between, and the last one in an account after the
// first that comes, so that the role stays: both where two sets swap groups.
func (r *revocation) waits() []newAssignment {
	if r.handover == nil || slices.ContainsFunc(r.instead, func(g newAssignment) bool { return g.id == r.handover.id }) {
		return r.instead
	}
	return append(slices.Clone(r.instead), *r.handover)
}

// revokeOnSet notes the live assignments of a set that go.
func (f *finder) revokeOnSet(set int, assignments []access.Assignment) {
	stays := f.keptIn(set, func(g access.Assignment) bool {
		_, goes := slices.BinarySearchFunc(assignments, g, access.Assignment.Compare)
		return !goes
	})
	for _, g := range assignments {
		r := revocation{assignment: g, change: f.revokeChange(set, g)}
		replacing := f.assignments.replacing(g)
		if len(replacing) > 0 && g.Kind == access.GroupPrincipal {
			r.change.Reason = fmt.Sprintf("replaced by permission set %q", f.Desired.Sets[replacing[0].set].Name)
		}
		if r.kept = cmp.Or(f.cannotRevoke(g, replacing), f.orphanStays(g, r.change)); r.kept == nil {
			for _, made := range replacing {
				if !f.allowsLess(made, g) {
					r.instead = append(r.instead, made)
				}
			}
			if !stays[g.Account] && !f.isRemoved(g) {
				r.handover = f.assignments.firstIn(f.desiredSet[set], g.Account)
			}
		}
		f.assignments.revoking = append(f.assignments.revoking, r)
	}
}

// isRemoved says that an assignment is of a user whom the plan deletes: whoever comes
// instead may have to wait for that, and cannot be waited for.
func (b *Bound) isRemoved(g access.Assignment) bool {
	return g.Kind == access.UserPrincipal && b.desiredUser[g.Principal] >= 0 && b.Desired.Users[b.desiredUser[g.Principal]].Remove
}

// keepUntouched notes that groups keep what they should lose, because the set
// carries our mark and is not touched: nobody may join them meanwhile.
func (f *finder) keepUntouched(set int, assignments []access.Assignment) {
	p := f.Live.Sets[set]
	if p.Owner != f.options.Owner || !hasTag(p, access.LockTag) {
		return
	}
	why := lockMark(p)
	for _, g := range assignments {
		if g.Kind == access.GroupPrincipal {
			f.assignments.staying.groups[g.Principal] = &why
		}
	}
}

// allowsLess says that an assignment is a downgrade of the one that it replaces.
func (b *Bound) allowsLess(made newAssignment, g access.Assignment) bool {
	if made.live == g.Set || g.Kind == access.OrphanPrincipal {
		return false
	}
	old, new := contentOf(b.Live.Sets[g.Set]), contentOf(b.Desired.Sets[made.set])
	return new.atMost(old) && !old.atMost(new)
}

// keptIn says in which accounts a set keeps an assignment.
func (b *Bound) keptIn(set int, stays func(access.Assignment) bool) map[int32]bool {
	in := map[int32]bool{}
	for _, g := range b.Live.SetAssignments(set) {
		if stays(g) {
			in[g.Account] = true
		}
	}
	return in
}

func (f *finder) cannotRevoke(g access.Assignment, replacing []newAssignment) *diag.Diagnostic {
	if a := f.Live.Accounts[g.Account]; !a.Active() {
		return &diag.Diagnostic{Severity: diag.Warning, Code: AccountInactive,
			Summary: fmt.Sprintf("account %q (%s) is %s: AWS cannot change access there, and nobody can sign in to it", a.Name, a.ID, a.State),
			Detail:  "What the config no longer has there stays, and grants access again if the account is reinstated.",
			Hint:    "If the account is reinstated, apply again before anybody signs in to it."}
	}
	if slices.ContainsFunc(replacing, func(r newAssignment) bool { return r.id == "" && !f.allowsLess(r, g) }) {
		return &diag.Diagnostic{Code: DependsOnBlocked, Summary: "the assignment that replaces it is blocked"}
	}
	return f.mayBeRenamed(g)
}

func (b *Bound) revokeChange(set int, g access.Assignment) Change {
	account, p := b.Live.Accounts[g.Account], b.Live.Sets[set]
	c := Change{Kind: Assignment, Action: Delete,
		Key:  Key{PermissionSet: p.Name, Account: account.ID, AccountName: account.Name},
		Refs: Refs{PermissionSetARN: p.ARN}, Reason: "on a permission set that rolecall manages, not in the config"}
	if b.adoptsSet(set) {
		c.Reason = "on a permission set that is taken over, not in the config"
	}
	if b.desiredSet[set] < 0 {
		c.Reason = "its permission set is no longer in the config"
	}
	_, name, id := b.principalOf(g)
	switch g.Kind {
	case access.GroupPrincipal:
		c.Key.Group, c.Refs.GroupID = name, id
	case access.UserPrincipal:
		c.Key.User, c.Refs.UserID = name, id
	default:
		c.Key.OrphanID, c.Key.OrphanType = id, b.Live.Orphans[g.Principal].Kind.String()
		c.Reason = "its principal no longer exists"
	}
	return c
}
