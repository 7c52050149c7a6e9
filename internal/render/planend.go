package render

import (
	"fmt"
	"slices"
	"strings"

	"github.com/rolecall-dev/rolecall/internal/apply"
	"github.com/rolecall-dev/rolecall/internal/plan"
	"github.com/rolecall-dev/rolecall/internal/quota"
)

// maxNamed is how many of a list of people or roles are shown.
const maxNamed = 10

func (p *page) replaced(roles []plan.ReplacedRole) {
	if len(roles) == 0 {
		return
	}
	p.gap()
	p.line(0, bold(counted(len(roles), "role gets", "roles get")+" a new ARN"), say("; anything that refers to the old one stops working:"))
	for i, r := range roles {
		if i == maxNamed {
			p.more(2, len(roles)-i)
			return
		}
		p.line(2, in(bad, "- "), say(r.RolePattern), dim(" in "+account(r.AccountName, r.Account)))
		p.line(4, dim("its permission set "), say(r.PermissionSet), dim(" is replaced by "), say(r.Replacement))
	}
}

// strangers lists the people whom nobody manages, those who reach most first.
func (p *page) strangers(people []plan.UnmanagedUser) {
	if len(people) == 0 {
		return
	}
	people = slices.Clone(people)
	slices.SortStableFunc(people, func(a, b plan.UnmanagedUser) int { return len(b.Reaches) - len(a.Reaches) })
	p.gap()
	p.line(0, bold(counted(len(people), "person", "people")+" in AWS who are not in the config"), say(", and what they can reach:"))
	for i, s := range people {
		if i == maxNamed {
			p.more(2, len(people)-i)
			return
		}
		p.prose(2, say(s.User+"  "), reachOf(s))
	}
}

// reachOf says what somebody reaches, by permission set.
func reachOf(s plan.UnmanagedUser) string {
	var sets []string
	accounts := map[string][]string{}
	for _, r := range s.Reaches {
		if accounts[r.PermissionSet] == nil {
			sets = append(sets, r.PermissionSet)
		}
		accounts[r.PermissionSet] = append(accounts[r.PermissionSet], account(r.AccountName, r.Account))
	}
	for i, set := range sets {
		sets[i] = set + " in " + listed(accounts[set], 3)
	}
	text := "nothing"
	if len(sets) > 0 {
		text = listed(sets, 3)
	}
	if len(s.Groups) > 0 {
		text += "; member of " + listed(s.Groups, 3)
	}
	return text
}

func (p *page) followUps(list []plan.FollowUp) {
	for _, f := range list {
		p.gap()
		p.line(0, bold("To do manually after the apply"), say(": "+f.System))
		if len(f.Users) > 0 {
			p.prose(2, dim("for "), listed(f.Users, maxNamed))
		}
		for i, step := range f.Steps {
			p.prose(2, say(fmt.Sprintf("%d. ", i+1)), step)
		}
	}
}

// planEnd returns what was read, what it costs and the counts: what a person
// sees who looks at the end only.
func (p *page) planEnd(d PlanData, calls []quota.Use) {
	p.gap()
	p.costs(d, calls)
	s := scope{d.Plan, d.Only}
	changes := !s.changesNothing()
	if p.gap(); changes {
		p.coverage(s)
		p.gap()
	}
	if p.cut {
		p.line(0, dim("Long lists are shortened; --json shows everything."))
	}
	if p.counts(s); !changes {
		p.coverage(s)
	}
}

// worthWaiting is how long an apply has to take, in seconds, so that people are
// told without asking for costs.
const worthWaiting = 60

// costs says what the read cost and what the apply will: all of it where it is
// asked for, else only that an apply takes long.
func (p *page) costs(d PlanData, calls []quota.Use) {
	if p.style.Verbose {
		p.read(d.Plan, calls)
	}
	switch {
	case len(d.Changes) == 0:
	case p.style.Verbose:
		p.prose(0, dim("Apply: "), EstimateLine(d.Estimate))
	case d.Estimate.Seconds >= worthWaiting:
		p.prose(0, dim("Apply: "), "about "+spell(d.Estimate.Seconds)+".")
	}
}

// read says which read the plan was made from.
func (p *page) read(pl *plan.Plan, calls []quota.Use) {
	text := CallsLine(calls) + "."
	if pl.Read.Read != "" {
		text = pl.Read.Read + " read, " + text
	}
	p.prose(0, dim("Read: "), text)
}

// EstimateLine says what carrying out a plan costs, and what that hangs on.
func EstimateLine(e apply.Estimate) string {
	calls := counted(e.Calls, "call", "calls") + " to IAM Identity Center"
	if e.IdentityCalls > 0 {
		calls += " and " + number(e.IdentityCalls) + " to its identity store"
	}
	text := fmt.Sprintf("about %s, with %s", spell(e.Seconds), calls)
	if e.Jobs > 0 {
		text += fmt.Sprintf(" and %s of about %s each", counted(e.Jobs, "job in AWS", "jobs in AWS"), spell(e.AssumedJobSeconds))
	}
	return text + fmt.Sprintf(", at %s calls per second.", strings.TrimSuffix(fmt.Sprintf("%.1f", e.AssumedTPS), ".0"))
}

func (p *page) counts(s scope) {
	switch {
	case !s.changesNothing():
		p.line(0, bold("Plan: "), say(PlanLine(s.Summary)))
		p.byKind(s.Summary)
	case s.Refused():
		p.line(0, bold("No changes."))
	default:
		for _, line := range wrapped(s.noChanges(), p.style.room(0)) {
			p.line(0, bold(line))
		}
		if s.Summary.Records > 0 {
			p.line(0, bold("Plan: "), say(PlanLine(s.Summary)))
		}
	}
	if s.Refused() {
		p.prose(0, in(bad, "Refused: "), "nothing is applied until the errors above are resolved. Nothing was written.")
	}
}

// PlanLine returns "3 to create, 1 to update, 2 to delete.", with what is
// blocked and which records are written where there are any.
func PlanLine(s plan.Summary) string {
	blocked := ""
	if s.Blocked > 0 {
		blocked = number(s.Blocked) + " blocked"
	}
	return sentence(number(s.Create)+" to create", number(s.Update)+" to update", number(s.Delete)+" to delete", blocked) + recorded(s.Records) + "."
}

// recorded counts records apart from what changes access.
func recorded(n int) string {
	if n == 0 {
		return ""
	}
	return "; " + counted(n, "record", "records")
}

func (p *page) byKind(s plan.Summary) {
	var names, texts []string
	width := 0
	for _, k := range nouns() {
		actions := s.ByKind[k.kind]
		if len(actions) == 0 {
			continue
		}
		var parts []string
		for _, a := range []plan.Action{plan.Create, plan.Update, plan.Delete} {
			if n := actions[a]; n > 0 {
				symbol, _ := mark(a)
				parts = append(parts, fmt.Sprintf("%s %s", symbol, number(n)))
			}
		}
		names, texts = append(names, k.many), append(texts, strings.Join(parts, "  "))
		width = max(width, len(k.many))
	}
	for i, name := range names {
		p.line(2, dim(name+strings.Repeat(" ", width-len(name)+2)), say(texts[i]))
	}
}
