package plan

import (
	"fmt"
	"slices"
	"strings"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/diag"
)

const administratorAccess = ":iam::aws:policy/AdministratorAccess"

// guardLockout finds what takes away or narrows the access that the caller is
// using, the last administrator access of an account, and whatever is taken
// from something protected.
func (d *differ) guardLockout(p *Plan, g Guards) {
	found := len(p.Findings)
	for _, c := range p.Changes {
		if why := d.locksCallerOut(c, g.Caller); why != "" {
			p.Findings = append(p.Findings, lockout(c, why))
		}
		if name := takesFromProtected(c, g.Protected); name != "" {
			p.Findings = append(p.Findings, lockout(c, fmt.Sprintf("%q is protected", name)))
		}
	}
	d.guardLastAdministrator(p)
	allow(p.Findings[found:], g.AllowLockout, Lockout, LastAdministrator)
}

func lockout(c Change, why string) diag.Diagnostic {
	return diag.Diagnostic{Severity: diag.Error, Code: Lockout, Range: c.Source,
		Summary: fmt.Sprintf("%s: %s", c.ID, why),
		Hint:    "If it is meant, and another way in exists, `--allow-lockout`."}
}

// locksCallerOut says how a change takes away or narrows the role that the
// caller is using.
func (d *differ) locksCallerOut(c Change, caller Caller) string {
	if caller.PermissionSet == "" {
		return ""
	}
	sameSet := c.Key.PermissionSet == caller.PermissionSet
	switch {
	case c.Kind == Assignment && c.Action == Delete && sameSet && c.Key.Account == caller.Account && d.callerHolds(c, caller):
		return "it ends the access that you are using now"
	case c.Kind == PermissionSet && c.Action == Delete && sameSet:
		return "it deletes the permission set that you are using now"
	case sameSet && narrows(c):
		return "it narrows the permission set that you are using now"
	case c.Kind == Membership && c.Action == Delete && c.Key.User == caller.User && d.groupGivesCaller(c.Refs.GroupID, caller):
		return "it takes you out of a group through which you are signed in"
	case c.Kind == User && c.Action == Delete && c.Key.User == caller.User:
		return "it deletes the user that you are signed in as"
	case c.Kind == Group && c.Action == Delete && d.groupGivesCaller(c.Refs.GroupID, caller):
		return "it deletes a group through which you are signed in"
	default:
		return ""
	}
}

// narrows says whether a change to a set can take permissions away: a policy
// or document that goes or changes, a boundary that comes or changes.
func narrows(c Change) bool {
	switch c.Kind {
	case ManagedPolicy, CustomerManagedPolicy:
		return c.Action == Delete
	case InlinePolicy:
		// An added inline policy may deny, so only one without Deny widens.
		return c.Action != Create || c.After == nil || strings.Contains(c.After.Document, `"Effect":"Deny"`)
	case PermissionsBoundary:
		return c.Action != Delete
	default:
		return false
	}
}

// callerHolds says whether a revoked grant may be the caller's: its own, or
// that of a group which the caller is in, or whose members are not known.
func (d *differ) callerHolds(c Change, caller Caller) bool {
	if c.Key.User != "" {
		return c.Key.User == caller.User
	}
	if c.Key.OrphanID != "" {
		return false
	}
	return d.mayBeMember(c.Refs.GroupID, caller.User)
}

func (d *differ) mayBeMember(groupID, user string) bool {
	group := slices.IndexFunc(d.Live.Groups, func(g access.Group) bool { return g.ID == groupID })
	if group < 0 || user == "" || !d.Live.Observed.Members[groupID] {
		return true
	}
	u := d.Live.UserIndex(user)
	return u >= 0 && d.isMember(int32(group), int32(u))
}

// groupGivesCaller says whether the group has the caller's set in the caller's
// account.
func (d *differ) groupGivesCaller(groupID string, caller Caller) bool {
	set := d.Live.SetIndex(caller.PermissionSet)
	if set < 0 {
		return false
	}
	return slices.ContainsFunc(d.Live.SetGrants(set), func(g access.Grant) bool {
		return g.Kind == access.GroupPrincipal && d.Live.Groups[g.Principal].ID == groupID && d.Live.Accounts[g.Account].ID == caller.Account
	})
}

func takesFromProtected(c Change, protected []string) string {
	if c.Action != Delete && !narrows(c) {
		return ""
	}
	for _, name := range []string{c.Key.User, c.Key.Group, c.Key.PermissionSet, c.Key.AccountName, c.Key.Account} {
		if name != "" && slices.Contains(protected, name) {
			return name
		}
	}
	return ""
}

// guardLastAdministrator finds accounts that have an assignment with
// AdministratorAccess now and none after the plan, as far as was read.
func (d *differ) guardLastAdministrator(p *Plan) {
	before, after := d.administrators(p)
	for i, a := range d.Live.Accounts {
		if before[i] > 0 && after[i] <= 0 {
			p.Findings = append(p.Findings, diag.Diagnostic{Severity: diag.Error, Code: LastAdministrator,
				Summary: fmt.Sprintf("account %q (%s) loses its last AdministratorAccess that this plan knows of", a.Name, a.ID),
				Hint:    "If it is meant, and another way in exists, `--allow-lockout`."})
		}
	}
}

// administrators counts, per live account, the grants of live principals on
// sets with AdministratorAccess, now and after the plan.
func (d *differ) administrators(p *Plan) (before, after []int) {
	before, after = make([]int, len(d.Live.Accounts)), make([]int, len(d.Live.Accounts))
	losing := map[string]bool{}
	for _, c := range p.Changes {
		if c.Kind == ManagedPolicy && c.Action == Delete && strings.HasSuffix(c.Key.Policy, administratorAccess) {
			losing[c.Key.PermissionSet] = true
		}
	}
	for _, g := range d.Live.Grants {
		set := d.Live.Sets[g.Set]
		if g.Kind == access.OrphanPrincipal || !slices.ContainsFunc(set.ManagedPolicies, isAdministrator) {
			continue
		}
		before[g.Account]++
		if !losing[set.Name] && !d.revoked[keyOf(g)] {
			after[g.Account]++
		}
	}
	d.addMadeAdministrators(p, after)
	return before, after
}

func isAdministrator(arn string) bool { return strings.HasSuffix(arn, administratorAccess) }

func (d *differ) addMadeAdministrators(p *Plan, after []int) {
	byID := map[string]int{}
	for i, a := range d.Live.Accounts {
		byID[a.ID] = i
	}
	sets := map[string]bool{}
	for _, s := range d.Desired.Sets {
		sets[s.Name] = slices.ContainsFunc(s.ManagedPolicies, isAdministrator)
	}
	for _, c := range p.Changes {
		if c.Kind == Assignment && c.Action == Create && sets[c.Key.PermissionSet] {
			after[byID[c.Key.Account]]++
		}
	}
}
