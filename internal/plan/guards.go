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

// guard adds what the guards have to say about the plan to its findings, and
// lets through what the flags agree to.
func (d *differ) guard(p *Plan) {
	g := d.options.Guards
	guardMissing(p)
	d.guardReplaced(p)
	if !g.RemovalsOff {
		d.guardRemovals(p, g)
	}
	d.guardLockout(p, g)
	d.guardManagement(p, g)
	g.consent(p.Findings)
}

// Refused says whether a guard stops the plan.
func (p *Plan) Refused() bool { return p.Findings.HasErrors() }

// guardMissing refuses what is missing where a grant hangs on it. What cannot
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

// staysSuspended warns that a live grant cannot be taken away, nor a permission
// set provisioned, in an account where AWS changes nothing.
func staysSuspended(a access.Account) diag.Diagnostic {
	return diag.Diagnostic{Severity: diag.Warning, Code: AccountInactive,
		Summary: fmt.Sprintf("account %q (%s) is %s, so what it has stays as it is", a.Name, a.ID, a.State),
		Detail:  "Nobody can use access to it now. AWS neither removes assignments nor provisions permission sets there.",
		Hint:    "If the account is reinstated, apply again."}
}

// guardReplaced has a finding for each set that another one replaces: to agree to
// one is not to agree to the next.
func (d *differ) guardReplaced(p *Plan) {
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
			Summary: fmt.Sprintf("permission set %q is replaced by %q: %s another ARN", k.old, k.new, counted(len(roles[k]), "role gets", "roles get")),
			Detail:  "Whatever names the old ARN stops working: " + cut(roles[k], 10) + ".",
		}.With(diag.Remedy{Way: diag.KeepRoles, Name: k.old})
		if i := d.Desired.SetIndex(k.new); i >= 0 {
			f.Range = d.Desired.Range(d.Desired.Sets[i].Origin)
		}
		p.Findings = append(p.Findings, identified(f, roles[k]...))
	}
}

func counted(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// guardManagement finds what only the management account may do.
func (d *differ) guardManagement(p *Plan, g Guards) {
	management := ""
	for _, a := range d.Live.Accounts {
		if a.Management {
			management = a.ID
		}
	}
	if management == "" {
		return
	}
	d.warnMixedSets(p, management)
	if g.Caller.Management {
		return
	}
	there := d.setsIn(management)
	var ids []string
	for _, c := range p.Changes {
		onSet := c.Kind != User && c.Kind != Group && c.Kind != Membership
		if c.Key.Account == management || onSet && there[c.Key.PermissionSet] {
			ids = append(ids, c.Describe())
		}
	}
	if len(ids) > 0 {
		p.Findings = append(p.Findings, diag.Diagnostic{Severity: diag.Error, Code: ManagementAccount,
			Summary: counted(len(ids), "change needs", "changes need") + " the management account's credentials",
			Detail:  "A delegated administrator may not change access in the management account, nor a permission set that is provisioned there: " + cut(ids, 5) + ".",
			Hint:    "Run with credentials of the management account, or use a permission set of its own for it."})
	}
}

// setsIn gives the names of the live sets that are provisioned in the account.
func (d *differ) setsIn(account string) map[string]bool {
	out := map[string]bool{}
	for _, s := range d.Live.Sets {
		if _, found := slices.BinarySearch(s.Provisioned, account); found {
			out[s.Name] = true
		}
	}
	return out
}

func (d *differ) warnMixedSets(p *Plan, management string) {
	for s, set := range d.Desired.Sets {
		in, out := false, false
		for _, w := range d.wantedOn(s) {
			if w.account >= 0 {
				here := d.Live.Accounts[w.account].ID == management
				in, out = in || here, out || !here
			}
		}
		if in && out {
			p.Findings = append(p.Findings, diag.Diagnostic{Severity: diag.Warning, Code: MixedSet, Range: d.Desired.Range(set.Origin),
				Summary: fmt.Sprintf("permission set %q is used in the management account and in member accounts", set.Name),
				Detail:  "One assignment in the management account makes the set unmanageable for a delegated administrator everywhere.",
				Hint:    "Use a group or permission set of its own for the management account."})
		}
	}
}
