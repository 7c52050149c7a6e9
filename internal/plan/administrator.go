package plan

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/diag"
)

// strength says how sure it is that somebody administers an account: may give
// access in it, with iam:* or more on everything.
type strength uint8

const (
	notAdministrator strength = iota
	// perhaps: a boundary, a Deny, a condition or a NotAction may forbid it.
	perhaps
	administrator
)

// guardLastAdministrator finds accounts whose administrators this plan ends, as
// far as was read: where there is one now, and none that is as sure after the
// plan. What the plan does not touch counts for what it was.
func (p *guarded) guardLastAdministrator() {
	before, after := p.administrators()
	for i, a := range p.Live.Accounts {
		if after[i] < before[i] {
			p.Findings = append(p.Findings, identified(diag.Diagnostic{Severity: diag.Error, Code: LastAdministrator,
				Summary: fmt.Sprintf("account %q (%s) loses its last administrator that this plan knows of", a.Name, a.ID),
				Detail:  p.onlyStaged(int32(i), before[i]),
				Subject: diag.Subject{Kind: diag.Account, Name: a.Name, ID: a.ID},
			}.With(diag.Remedy{Way: diag.AllowLockout}), takes(p.Plan)...))
		}
	}
}

// takes are the changes by which somebody may lose something: to agree to one way of
// ending an account's administrators is not to agree to the next.
func takes(p *Plan) []string {
	var ids []string
	for _, c := range p.Changes {
		if c.Action == Delete || narrows(c) {
			ids = append(ids, string(c.ID))
		}
	}
	return ids
}

// onlyStaged says so where whoever administers an account does it by content that
// AWS may not have provisioned there: what the roles are, AWS does not tell.
func (p *guarded) onlyStaged(account int32, as strength) string {
	sets, staged := p.strengths(), ""
	for _, g := range p.Live.Assignments {
		set := p.Live.Sets[g.Set]
		if g.Account != account || g.Kind == access.OrphanPrincipal || sets[set.Name].before < as {
			continue
		}
		if !slices.Contains(set.Outdated, p.Live.Accounts[account].ID) {
			return ""
		}
		staged = set.Name
	}
	if staged == "" {
		return ""
	}
	return fmt.Sprintf("Permission set %q makes an administrator and is not provisioned there as it is now. If this was added only recently, nobody administers the account through it yet.", staged)
}

// administrators returns, by live account, the surest administrator now and after
// the plan.
func (p *guarded) administrators() (before, after []strength) {
	before, after = make([]strength, len(p.Live.Accounts)), make([]strength, len(p.Live.Accounts))
	sets, behind, revoked := p.strengths(), p.behind(), assigned(p.Plan, Delete, assignmentIDOf)
	for _, g := range p.Live.Assignments {
		set := sets[p.Live.Sets[g.Set].Name]
		if set.before == notAdministrator && set.after == notAdministrator || g.Kind == access.OrphanPrincipal {
			continue
		}
		who := principal{p.Live.PrincipalID(g), g.Kind == access.GroupPrincipal}
		if behind.before(who) {
			before[g.Account] = max(before[g.Account], set.before)
		}
		if behind.after(who) && !revoked[assignmentID{who.id, p.Live.Sets[g.Set].Name, p.Live.Accounts[g.Account].ID}] {
			after[g.Account] = max(after[g.Account], set.after)
		}
	}
	for _, c := range p.Changes {
		if c.Kind != Assignment || c.Action != Create || sets[c.Key.PermissionSet].after == notAdministrator {
			continue
		}
		if i, ok := p.organization.ByID(c.Key.Account); ok && behind.after(principal{principalID(c), c.Key.User == ""}) {
			after[i] = max(after[i], sets[c.Key.PermissionSet].after)
		}
	}
	return before, after
}

type assignmentID struct{ principal, set, account string }

func assignmentIDOf(c Change) assignmentID {
	return assignmentID{principalID(c), c.Key.PermissionSet, c.Key.Account}
}

// change of a set's strength by the plan.
type strengths struct{ before, after strength }

// strengths returns those of every set that is there now or after the plan. A set
// that the plan narrows is as strong as what is left of it surely is.
func (p *guarded) strengths() map[string]strengths {
	out := make(map[string]strengths, len(p.Live.Sets))
	touched, narrowed := map[string]*access.PermissionSet{}, map[string]bool{}
	for _, c := range p.Changes {
		switch c.Kind {
		case PermissionSet, ManagedPolicy, CustomerManagedPolicy, InlinePolicy, PermissionsBoundary:
			name := c.Key.PermissionSet
			if touched[name] == nil {
				touched[name] = p.contentOf(name)
			}
			switch {
			case c.Kind != PermissionSet:
				c.Edit(touched[name])
				narrowed[name] = narrowed[name] || narrows(c)
			case c.Action == Delete:
				*touched[name] = access.PermissionSet{}
			}
		}
	}
	for _, s := range p.Live.Sets {
		have := administers(s)
		out[s.Name] = strengths{have, have}
	}
	for name, content := range touched {
		s := strengths{out[name].before, administers(*content)}
		if narrowed[name] && s.after == perhaps {
			s.after = notAdministrator
		}
		out[name] = s
	}
	return out
}

// contentOf returns a copy of a live set that may be edited, or an empty one.
func (b *Bound) contentOf(name string) *access.PermissionSet {
	i := b.Live.SetIndex(name)
	if i < 0 {
		return &access.PermissionSet{Name: name}
	}
	p := b.Live.Sets[i]
	p.ManagedPolicies, p.CustomerPolicies = slices.Clone(p.ManagedPolicies), slices.Clone(p.CustomerPolicies)
	return &p
}

// administers says how surely a permission set makes an administrator:
// AdministratorAccess of any partition, or iam:* or more on every resource.
func administers(p access.PermissionSet) strength {
	doc, understood := readPolicy(p.InlinePolicy)
	best := notAdministrator
	if slices.ContainsFunc(p.ManagedPolicies, isAdministrator) {
		best = administrator
	}
	limited := !understood || len(p.CustomerPolicies) > 0 || slices.ContainsFunc(p.ManagedPolicies, denies) ||
		!p.Boundary.IsZero() && !isAdministrator(p.Boundary.ManagedPolicy)
	for _, s := range doc.statements {
		if s.effect == "Allow" {
			best = max(best, s.administers())
		} else {
			limited = limited || s.touchesIAM()
		}
	}
	if !understood {
		best = max(best, perhaps)
	}
	if limited {
		best = min(best, perhaps)
	}
	return best
}

// isAdministrator knows AdministratorAccess in every partition.
func isAdministrator(arn string) bool {
	parts := strings.SplitN(arn, ":", 6)
	return len(parts) == 6 && parts[4] == "aws" && strings.HasPrefix(parts[5], "policy/") && strings.HasSuffix(parts[5], "/AdministratorAccess")
}

// administers says how surely an Allow statement makes an administrator.
func (s statement) administers() strength {
	if !s.hasNotResource && !slices.ContainsFunc(s.resources, coversIAMResources) {
		return notAdministrator
	}
	switch {
	case s.hasNotAction, slices.ContainsFunc(s.actions, coversIAM) && (s.conditional || s.hasNotResource):
		return perhaps
	case slices.ContainsFunc(s.actions, coversIAM):
		return administrator
	default:
		return notAdministrator
	}
}

// touchesIAM says whether a statement that is no Allow may concern IAM: it
// leaves it alone only where every action is of another service that it names.
func (s statement) touchesIAM() bool {
	return !s.hasAction || slices.ContainsFunc(s.actions, func(action string) bool {
		service, _, found := strings.Cut(strings.ToLower(action), ":")
		return !found || access.MatchesGlob(service, "iam")
	})
}

// coversIAMResources says that a pattern of resources has all of IAM in it, in any
// account and partition that it can be about: a letter that no resource has can only
// be met by a wildcard.
func coversIAMResources(pattern string) bool {
	for _, partition := range []string{"aws", "aws-cn", "aws-us-gov"} {
		if access.MatchesGlob(pattern, "arn:"+partition+":iam::\x00:\x00") && access.MatchesGlob(pattern, "arn:"+partition+":iam::\x00\x00:\x00\x00") {
			return true
		}
	}
	return false
}

// coversIAM says that a pattern of actions has every action of IAM in it: a
// letter that no action has can only be met by a wildcard.
func coversIAM(pattern string) bool {
	pattern = strings.ToLower(pattern)
	return access.MatchesGlob(pattern, "iam:\x00") && access.MatchesGlob(pattern, "iam:\x00\x00\x00\x00\x00\x00\x00\x00")
}

// principal is a principal: a group or a user, by its id, or by the name of what
// the plan creates.
type principal struct {
	id    string
	group bool
}

// membershipID is somebody in a group, by their ids.
type membershipID struct{ groupID, userID string }

// people knows whether somebody can be behind a principal, now and after the
// plan: nobody is behind a group whose members were read and are none.
type people struct {
	known     map[string]bool // by group: its members were read, or it is created
	now, then map[string]int  // members, by group
	gone      map[principal]bool
}

func (q people) before(w principal) bool { return !w.group || !q.known[w.id] || q.now[w.id] > 0 }

func (q people) after(w principal) bool {
	return !q.gone[w] && (!w.group || !q.known[w.id] || q.then[w.id] > 0)
}

func (p *guarded) behind() people {
	q := people{known: map[string]bool{}, now: map[string]int{}, then: map[string]int{}, gone: map[principal]bool{}}
	for id, known := range p.Live.Observed.Members {
		q.known[id] = known
	}
	leaves := map[membershipID]bool{}
	for _, c := range p.Changes {
		switch {
		case c.Kind == Group && c.Action == Create:
			q.known[c.Key.Group] = true
		case c.Kind == Group && c.Action == Delete:
			q.gone[principal{c.Refs.GroupID, true}] = true
		case c.Kind == User && c.Action == Delete:
			q.gone[principal{c.Refs.UserID, false}] = true
		case c.Kind == Membership && c.Action == Create:
			q.then[cmp.Or(c.Refs.GroupID, c.Key.Group)]++
		case c.Kind == Membership && c.Action == Delete:
			leaves[membershipID{c.Refs.GroupID, c.Refs.UserID}] = true
		}
	}
	for _, m := range p.Live.Memberships {
		group, user := p.Live.Groups[m.Group].ID, p.Live.Users[m.User].ID
		q.now[group]++
		if !leaves[membershipID{group, user}] && !q.gone[principal{user, false}] {
			q.then[group]++
		}
	}
	return q
}
