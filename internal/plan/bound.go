package plan

import (
	"maps"
	"slices"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/diag"
)

// wantedAssignment is a desired assignment in terms of the live tables; -1 is what is not
// there yet.
type wantedAssignment struct {
	account, group int32
	desired        access.Assignment
}

func (b *Bound) wantedOn(s int) []wantedAssignment {
	assignments := b.Desired.SetAssignments(s)
	out := make([]wantedAssignment, len(assignments))
	for i, g := range assignments {
		out[i] = wantedAssignment{account: b.accounts[g.Account].live, group: b.groups[g.Principal].live, desired: g}
	}
	return b.eachOnce(out)
}

// eachOnce leaves one of the assignments that mean the same account. The one by id stays:
// an id never leads elsewhere.
func (b *Bound) eachOnce(want []wantedAssignment) []wantedAssignment {
	if !b.namedTwice {
		return want
	}
	type key struct{ account, principal int32 }
	at := make(map[key]int, len(want))
	out := want[:0]
	for _, w := range want {
		k := key{w.account, w.desired.Principal}
		i, twice := at[k]
		switch {
		case w.account < 0:
		case !twice:
			at[k] = len(out)
		case access.IsAccountID(b.Desired.Accounts[w.desired.Account].Name):
			out[i] = w
			continue
		default:
			continue
		}
		out = append(out, w)
	}
	return out
}

func reverse(bindings []binding, n int) []int32 {
	out := make([]int32, n)
	for i := range out {
		out[i] = -1
	}
	for i, b := range bindings {
		if b.live >= 0 {
			out[b.live] = int32(i)
		}
	}
	return out
}

// ourSet says whether a live set is ours, or will be after this plan.
func (b *Bound) ourSet(i int) bool { return b.Live.Sets[i].Owner == b.options.Owner || b.adoptsSet(i) }

// ourGroup says whether a live group is ours, or will be after this plan.
func (b *Bound) ourGroup(i int) bool {
	return b.Live.Groups[i].Owner == b.options.Owner || b.adoptsGroup(i)
}

func (b *Bound) adoptsSet(i int) bool {
	return b.desiredSet[i] >= 0 && b.sets[b.desiredSet[i]].handling == adopted
}

func (b *Bound) adoptsGroup(i int) bool {
	return b.desiredGroup[i] >= 0 && b.groups[b.desiredGroup[i]].handling == adopted
}

// recorded says that an apply of ours has left its record on a live set. Without
// one, its mark may have been put there by somebody else, and what others have of
// it goes as in an adoption: with --allow-removals.
func (b *Bound) recorded(set int32) bool {
	p := b.Live.Sets[set]
	return p.Record.FitsSet(b.options.Owner, p.ARN)
}

func (b *Bound) isMember(group, user int32) bool {
	return hasMember(b.Live, group, user)
}

func (b *Bound) wantsMember(group, user int32) bool {
	return !b.Desired.Users[user].Remove && hasMember(b.Desired, group, user)
}

func hasMember(s *access.State, group, user int32) bool {
	_, found := slices.BinarySearchFunc(s.Memberships, access.Membership{Group: group, User: user}, access.Membership.Compare)
	return found
}

func (b *Bound) memberRefs(group, user int32) Refs {
	var r Refs
	if group >= 0 {
		r.GroupID = b.Live.Groups[group].ID
	}
	if user >= 0 {
		r.UserID = b.Live.Users[user].ID
	}
	return r
}

// principalOf returns who has a live assignment: the kind that a pattern names, the name and
// the id. A principal that is gone has only the id.
func (b *Bound) principalOf(g access.Assignment) (thing, name, id string) {
	name, id = b.Live.Principal(g)
	switch g.Kind {
	case access.GroupPrincipal:
		thing = access.GroupThing
	case access.UserPrincipal:
		thing = access.UserThing
	}
	return thing, name, id
}

// groupsOn returns the live groups that have the set, or that the plan grants it.
func (b *Bound) groupsOn(set int32) []int32 {
	return slices.Sorted(maps.Keys(groupsIn(b.Live.SetAssignments(int(set)))))
}

// groupsIn returns the groups that have one of the assignments.
func groupsIn(assignments []access.Assignment) map[int32]bool {
	groups := map[int32]bool{}
	for _, g := range assignments {
		if g.Kind == access.GroupPrincipal {
			groups[g.Principal] = true
		}
	}
	return groups
}

// activeOnly leaves out the accounts in which AWS can change nothing.
func (b *Bound) activeOnly(ids []string) []string {
	return slices.DeleteFunc(slices.Clone(ids), b.inactive)
}

// inactive says that an account is not active, so that AWS can change nothing there.
func (b *Bound) inactive(id string) bool {
	i, there := b.organization.ByID(id)
	return there && !b.Live.Accounts[i].Active()
}

// addOnce adds a finding that may come up for many rows.
func (b *Bound) addOnce(f diag.Diagnostic) {
	if !slices.ContainsFunc(b.Findings, f.Same) {
		b.Findings = append(b.Findings, f)
	}
}

// raise adds a finding, or makes one that is there already as severe.
func (b *Bound) raise(f diag.Diagnostic) {
	for i, have := range b.Findings {
		if have.Same(f) {
			b.Findings[i].Severity = f.Severity
			return
		}
	}
	b.Findings = append(b.Findings, f)
}

func (b *Bound) notObserved(what string) diag.Diagnostic {
	f := diag.Diagnostic{Severity: diag.Error, Code: NotObserved, Summary: what + " could not be read completely, so nothing is concluded from what is absent"}.With(diag.Remedy{Way: diag.ReadAll})
	b.addOnce(f)
	return f
}
