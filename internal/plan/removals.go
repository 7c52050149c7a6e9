package plan

import (
	"cmp"
	"fmt"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/diag"
)

// tally counts what a plan removes of something against what there is.
type tally struct {
	what           string
	removed, total int
	// kept says that what loses it stays in the config, so losing all of it is
	// more than a change.
	kept bool
}

// guardRemovals refuses a plan that removes more than a change usually does.
func (d *differ) guardRemovals(p *Plan, g Guards) {
	percent, least, most := cmp.Or(g.RemovalPercent, 25), cmp.Or(g.RemovalMin, 5), cmp.Or(g.RemovalMax, 100)
	for _, t := range d.tallies(p) {
		why := ""
		switch {
		case t.removed == 0:
		case t.kept && t.removed >= t.total:
			why = "that is all there is"
		case t.removed > most:
			why = fmt.Sprintf("that is over %d", most)
		case t.removed > least && t.removed*100 > t.total*percent:
			why = fmt.Sprintf("that is over %d%%", percent)
		}
		if why != "" {
			p.Findings = append(p.Findings, diag.Diagnostic{Severity: diag.Error, Code: Removals,
				Summary: fmt.Sprintf("the plan removes %d of %d %s: %s", t.removed, t.total, t.what, why),
				Hint:    "Look at what goes; if it is meant, `--allow-removals`."})
		}
	}
	allow(p.Findings, g.AllowRemovals, Removals)
}

// counts are parallel to the live tables of groups and accounts.
type counts struct {
	groupGrants, accountGrants, members []tally
	grants, memberships, groups, sets   tally
}

// tallies counts removals per kind, per group and per account. A grant that
// another one replaces, and that of a principal that is gone, take nobody's
// access away and do not count.
func (d *differ) tallies(p *Plan) []tally {
	c := d.countLive()
	groupByID, accountByID := map[string]int{}, map[string]int{}
	for i, g := range d.Live.Groups {
		groupByID[g.ID] = i
	}
	for i, a := range d.Live.Accounts {
		accountByID[a.ID] = i
	}
	for _, change := range p.Changes {
		if change.Action != Delete || change.Key.OrphanID != "" {
			continue
		}
		switch change.Kind {
		case Assignment:
			if len(change.DependsOn) > 0 {
				continue
			}
			c.grants.removed++
			c.accountGrants[accountByID[change.Key.Account]].removed++
			if change.Key.Group != "" {
				c.groupGrants[groupByID[change.Refs.GroupID]].removed++
			}
		case Membership:
			c.memberships.removed++
			c.members[groupByID[change.Refs.GroupID]].removed++
		case Group:
			c.groups.removed++
		case PermissionSet:
			c.sets.removed++
		}
	}
	return c.all()
}

func (c *counts) all() []tally {
	out := []tally{c.grants, c.memberships, c.groups, c.sets}
	out = append(out, c.groupGrants...)
	out = append(out, c.accountGrants...)
	return append(out, c.members...)
}

// countLive counts what there is of ours: on our sets and in our groups.
func (d *differ) countLive() *counts {
	c := &counts{
		grants: tally{what: "account assignments"}, memberships: tally{what: "memberships"},
		groups: tally{what: "groups"}, sets: tally{what: "permission sets"},
		groupGrants: make([]tally, len(d.Live.Groups)), members: make([]tally, len(d.Live.Groups)),
		accountGrants: make([]tally, len(d.Live.Accounts)),
	}
	for i, g := range d.Live.Groups {
		kept := d.desiredGroup[i] >= 0
		c.groupGrants[i] = tally{what: fmt.Sprintf("account assignments of group %q", g.Name), kept: kept}
		c.members[i] = tally{what: fmt.Sprintf("memberships of group %q", g.Name), kept: kept}
		if d.ourGroup(i) {
			c.groups.total++
		}
	}
	for i, a := range d.Live.Accounts {
		c.accountGrants[i] = tally{what: fmt.Sprintf("account assignments in account %q", a.Name)}
	}
	for _, b := range d.accounts {
		if b.live >= 0 {
			c.accountGrants[b.live].kept = true
		}
	}
	d.countRows(c)
	return c
}

func (d *differ) countRows(c *counts) {
	for i := range d.Live.Sets {
		if d.ourSet(i) {
			c.sets.total++
		}
	}
	for _, g := range d.Live.Grants {
		if !d.ourSet(int(g.Set)) || g.Kind == access.OrphanPrincipal {
			continue
		}
		c.grants.total++
		c.accountGrants[g.Account].total++
		if g.Kind == access.GroupPrincipal {
			c.groupGrants[g.Principal].total++
		}
	}
	for _, m := range d.Live.Memberships {
		if d.ourGroup(int(m.Group)) {
			c.memberships.total++
			c.members[m.Group].total++
		}
	}
}

// ourSet says whether a live set is ours, or will be after this plan.
func (d *differ) ourSet(i int) bool {
	return d.Live.Sets[i].Owner == d.options.Owner || d.desiredSet[i] >= 0 && d.sets[d.desiredSet[i]].hold == adopted
}

// ourGroup says whether a live group is ours, or will be after this plan.
func (d *differ) ourGroup(i int) bool {
	return d.Live.Groups[i].Owner == d.options.Owner || d.desiredGroup[i] >= 0 && d.groups[d.desiredGroup[i]].hold == adopted
}
