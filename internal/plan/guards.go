package plan

import (
	"fmt"
	"slices"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/diag"
)

// Guards say which dangerous plans are let through. The zero value refuses all
// of them.
type Guards struct {
	AllowRemovals bool     // --allow-removals
	AllowLockout  bool     // --allow-lockout
	AllowReplace  bool     // --allow-replace
	AllowMissing  bool     // --allow-missing
	AllowRebind   []string // --allow-rebind, exact group names
	Allow         []string // --allow, ids of findings
	Protected     []string // names of users, groups, sets and accounts that lose nothing
	// RemovalsOff switches the removals guard off where something else has
	// approved the plan: Terraform.
	RemovalsOff bool
	// The removals guard refuses over RemovalPercent of a kind and over
	// RemovalMin, or over RemovalMax; zero means 25, 5 and 100.
	RemovalPercent, RemovalMin, RemovalMax int
	// Caller is who runs the plan, for the lock-out guard.
	Caller Caller
}

// Caller is the identity that reads and writes.
type Caller struct {
	Account string // 12 digits
	// PermissionSet and User are known where the caller came through IAM
	// Identity Center: from the role's name and the session's.
	PermissionSet string
	User          string
	// Management says that the caller may change access in the management
	// account: its credentials are that account's own.
	Management bool
}

// guarded is a plan that the guards look at.
type guarded struct {
	*Plan
	*recordedNames
	// unrecorded are the removals on sets and groups that carry our mark and no
	// record of an apply of ours.
	unrecorded map[ID]bool
}

// guard adds what the guards have to say about the plan to its findings, and
// lets through what the flags agree to.
func guard(plan *Plan, names *recordedNames, unrecorded map[ID]bool) {
	p := &guarded{plan, names, unrecorded}
	g := p.options.Guards
	guardMissing(plan)
	p.guardReplaced()
	if !g.RemovalsOff {
		p.guardRemovals(g)
	}
	p.guardLockout(g)
	p.guardManagement(g)
	g.consent(p.Findings)
}

// Refused says whether a guard stops the plan.
func (p *Plan) Refused() bool { return p.Findings.HasErrors() }

// guardMissing refuses what is missing where an assignment hangs on it. What cannot
// be revoked or provisioned in a suspended account gives nobody access, so it
// stops nothing.
func guardMissing(p *Plan) {
	waits := map[string]bool{} // by the account's id
	for _, b := range p.Blocked {
		if b.Cause == AccountInactive && b.Change.Action == Create {
			waits[b.Change.Key.Account] = true
		}
	}
	for i, f := range p.Findings {
		if f.Code != AccountInactive {
			continue
		}
		p.Findings[i].Severity = diag.Warning
		if waits[f.Subject.ID] {
			p.Findings[i].Severity = diag.Error
		}
	}
}

// guardReplaced has a finding for each set that another one replaces: to agree to
// one is not to agree to the next.
func (p *guarded) guardReplaced() {
	type pair struct{ old, new string }
	var order []pair
	roles := map[pair][]string{}
	for _, r := range p.Replaced {
		k := pair{r.PermissionSet, r.Replacement}
		if roles[k] == nil {
			order = append(order, k)
		}
		roles[k] = append(roles[k], r.RolePattern)
	}
	for _, k := range order {
		f := diag.Diagnostic{Severity: diag.Error, Code: Replacement,
			Summary: fmt.Sprintf("permission set %q is replaced by %q: %s another ARN", k.old, k.new, diag.Counted(len(roles[k]), "role gets", "roles get")),
			Detail:  "Anything that uses the old ARN stops working: " + diag.First(10, roles[k], ", ") + ".",
		}.With(diag.Remedy{Way: diag.KeepRoles, Name: k.old})
		if i := p.Desired.SetIndex(k.new); i >= 0 {
			f.Range = p.Desired.Range(p.Desired.Sets[i].Origin)
		}
		p.Findings = append(p.Findings, identified(f, roles[k]...))
	}
}

// guardManagement finds what only the management account may do.
func (p *guarded) guardManagement(g Guards) {
	at := slices.IndexFunc(p.Live.Accounts, func(a access.Account) bool { return a.Management })
	if at < 0 {
		return
	}
	management := p.Live.Accounts[at].ID
	p.warnMixedSets(management)
	if g.Caller.Management {
		return
	}
	var ids []string
	for _, c := range p.Changes {
		onSet := c.Kind != User && c.Kind != Group && c.Kind != Membership
		if c.Key.Account == management || onSet && p.isProvisioned(c.Key.PermissionSet, management) {
			ids = append(ids, c.Describe())
		}
	}
	if len(ids) > 0 {
		p.Findings = append(p.Findings, diag.Diagnostic{Severity: diag.Error, Code: ManagementAccount,
			Summary: diag.Counted(len(ids), "change needs", "changes need") + " the management account's credentials",
			Detail:  "A delegated administrator may not change access in the management account, nor a permission set that is provisioned there: " + diag.First(5, ids, ", ") + ".",
			Hint:    "Run with credentials of the management account, or use a separate permission set for it."})
	}
}

func (b *Bound) isProvisioned(set, account string) bool {
	i := b.Live.SetIndex(set)
	return i >= 0 && slices.Contains(b.Live.Sets[i].Provisioned, account)
}

func (p *guarded) warnMixedSets(management string) {
	for s, set := range p.Desired.Sets {
		in, out := false, false
		for _, w := range p.wantedOn(s) {
			if w.account >= 0 {
				here := p.Live.Accounts[w.account].ID == management
				in, out = in || here, out || !here
			}
		}
		if in && out {
			p.Findings = append(p.Findings, diag.Diagnostic{Severity: diag.Warning, Code: MixedSet, Range: p.Desired.Range(set.Origin),
				Summary: fmt.Sprintf("permission set %q is used in the management account and in member accounts", set.Name),
				Detail:  "One assignment in the management account makes the set unmanageable for a delegated administrator everywhere.",
				Hint:    "Use a separate group or permission set for the management account."})
		}
	}
}
