package plan

import (
	"fmt"
	"slices"
	"strings"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/diag"
)

// provisionedForNobody gives the accounts in which AWS has a live set's role and
// nobody is assigned: ProvisionPermissionSet makes one without asking for an
// assignment, and only the end of the last assignment there takes it away. AWS does
// not delete such a set, however long it is asked.
func (b *Bound) provisionedForNobody(set int) []access.Account {
	p := b.Live.Sets[set]
	if len(p.Provisioned) == 0 {
		return nil
	}
	held := map[string]bool{}
	for _, g := range b.Live.SetGrants(set) {
		held[b.Live.Accounts[g.Account].ID] = true
	}
	var out []access.Account
	for _, a := range b.Live.Accounts {
		if !held[a.ID] && slices.Contains(p.Provisioned, a.ID) {
			out = append(out, a)
		}
	}
	return out
}

// leftProvisioned says of a set that nobody wants any more where it is provisioned
// still, and what ends that. rolecall does not do it: for that moment somebody would
// have the set whom no plan showed.
func (b *Bound) leftProvisioned(set int) diag.Diagnostic {
	name := b.Live.Sets[set].Name
	var open, closed []string
	for _, a := range b.provisionedForNobody(set) {
		text := fmt.Sprintf("%s (%s)", a.Name, a.ID)
		if a.Active() {
			open = append(open, text)
		} else {
			closed = append(closed, text+", "+a.State)
		}
	}
	f := diag.Diagnostic{Severity: diag.Warning, Code: LeftProvisioned,
		Summary: fmt.Sprintf("permission set %q is no longer in the config and stays: it is provisioned without an assignment in %s", name, cut(slices.Concat(open, closed), 5)),
		Detail:  "Nobody has it there. AWS keeps a permission set as long as it is provisioned anywhere, and ends that only with the last assignment in the account.",
		Hint:    "Nothing has to be done as long as the account is closed."}
	if len(open) > 0 {
		f.Hint = fmt.Sprintf("In the IAM Identity Center console, assign a group without members to %q in %s, remove that assignment again, and apply.", name, strings.Join(open[:min(len(open), 5)], ", "))
	}
	return f
}

// deleteSets deletes permission sets of ours that the config no longer asks
// for, after their grants.
func (l *leftovers) deleteSets() {
	var left []string
	for i, p := range l.Live.Sets {
		if !l.leftoverSet(i) {
			if l.leftToOtherDoor(i) {
				left = append(left, p.Name)
			}
			continue
		}
		c := Change{Kind: PermissionSet, Action: Delete, Key: Key{PermissionSet: p.Name}, Refs: Refs{PermissionSetARN: p.ARN},
			Before: &Value{PermissionSet: attributesOfSet(p)}, Reason: "carries our mark and is no longer in the config", DependsOn: slices.Concat(l.goes.all[i], l.madeAnew(p.Record))}
		_, deleted := l.goingOnRecord(p.Record)
		c.DependsOn = append(c.DependsOn, deleted...)
		evidence := l.holdsEvidence(i)
		switch {
		case evidence != nil:
			l.block(c, *evidence)
		case !l.Live.Observed.SetUses[p.ARN]:
			l.block(c, l.notObserved(fmt.Sprintf("the assignments of permission set %q", p.Name)))
		case l.onSet[i] > 0 && l.moves.staying.on[int32(i)] == 0:
			l.once(l.stuckElsewhere(int32(i)))
		case l.onSet[i] > 0:
			l.block(c, diag.Diagnostic{Code: DependsOnBlocked, Summary: fmt.Sprintf("%d of its assignments stay", l.onSet[i])})
		case len(l.provisionedForNobody(i)) > 0:
			l.once(l.leftProvisioned(i))
		default:
			id := l.add(c)
			// A run that was cut off leaves a set that is not whole, and nobody has it.
			if begun := p.Unfinished != "" && len(l.Live.SetGrants(i)) == 0; !l.recorded(int32(i)) && !begun {
				l.losses.unrecorded[id] = true
			}
		}
	}
	l.tellOtherDoor("permission set", left)
}

// stuckElsewhere says why a set of ours that nobody wants any more is kept.
func (l *leftovers) stuckElsewhere(set int32) diag.Diagnostic {
	name := l.Live.Sets[set].Name
	switch left := l.moves.left[set]; {
	case len(l.losses.orphans[set]) > 0:
		return KeptByOrphan(name)
	case left.ignored > 0:
		return diag.Diagnostic{Severity: diag.Note, Code: Ignored,
			Summary: fmt.Sprintf("permission set %q is no longer in the config and stays, because ignore patterns keep %s of it", name, counted(left.ignored, "assignment", "assignments")),
			Hint:    "Change the patterns in rolecall.hcl where this is not intended."}
	case left.others > 0:
		return diag.Diagnostic{Severity: diag.Note, Code: OutsideScope,
			Summary: fmt.Sprintf("permission set %q is no longer in the config and stays, because somebody whom --only does not name has it", name),
			Hint:    "Leave --only out."}
	default:
		return diag.Diagnostic{Severity: diag.Warning, Code: AccountInactive,
			Summary: fmt.Sprintf("permission set %q is no longer in the config, and stays as long as accounts that are not active have it", name),
			Detail:  "AWS cannot change access there, and nobody can sign in to them.", Hint: "Nothing has to be done."}
	}
}

// leftToOtherDoor says of a set that is not deleted, though the config does not
// have it, whether it is because the other front door made it.
func (b *Bound) leftToOtherDoor(i int) bool {
	if !b.ownedElsewhere(i) {
		return false
	}
	if p := b.Live.Sets[i]; hasTag(p, access.LockTag) {
		b.once(lockMark(p))
		return false
	}
	return true
}

// holdsEvidence says why a set of ours that the config no longer has stays for
// now: it has all that is left of whom an open name meant. Its other assignments
// go.
func (l *leftovers) holdsEvidence(set int) *diag.Diagnostic {
	what, name := "", ""
	for _, g := range l.Live.SetGrants(set) {
		if l.names.isEvidence(g) && !l.losses.revoked[keyOf(g)] {
			what, name = "group", slices.Concat(l.names.open.unknown, l.names.open.groups)[0]
		}
	}
	if record := l.Live.Sets[set].Record; l.recorded(int32(set)) {
		for _, n := range l.names.open.groups {
			if id, known := record.PrincipalID(access.GroupPrincipal, n); known && !l.staysOnRecord(func(r access.Recorded) bool {
				other, _ := r.PrincipalID(access.GroupPrincipal, n)
				return access.MeansPrincipal(other, id) || access.MeansPrincipal(id, other)
			}) {
				what, name = "group", n
			}
		}
		for _, n := range l.names.open.accounts {
			if mark := record.AccountMark(n); mark != "" && !l.staysOnRecord(func(r access.Recorded) bool { return r.AccountMark(n) == mark }) {
				what, name = "account", n
			}
		}
	}
	if what == "" {
		return nil
	}
	return &diag.Diagnostic{Code: DependsOnBlocked,
		Summary: fmt.Sprintf("it is all that says which %s %q was, so it stays until that name is found, or is no longer in the config", what, name)}
}
