package doctor

import (
	"cmp"
	"slices"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/directory"
)

// part is a piece of the chain from the identity provider to the account, finer
// than a [Link]: what a check judges, and what others need.
type part int

// The parts, each behind those that it may need.
const (
	none part = iota
	// Of the whole subject.
	accountOpen
	personAtIdP
	personActive
	application
	assigned
	token
	endpoint
	jobOn
	started
	running
	userName
	creating
	userScope
	userPush
	userSync
	userInAWS
	userEnabled
	reaching
	groupsCome
	// Of each path.
	groupName
	groupAtIdP
	memberAtIdP
	groupScope
	groupPush
	groupSync
	groupInAWS
	memberInAWS
	granted
	provisioned
	// aside is where a check judges what no other needs.
	aside
)

// sync is what brings anything to AWS.
func sync() []part { return []part{token, endpoint, started, running} }

// arrival is what has to be there before a grant of a group matters.
func arrival() []part { return []part{accountOpen, userEnabled, groupInAWS, memberInAWS} }

// with gives parts and others.
func with(parts []part, more ...part) []part { return slices.Concat(parts, more) }

// The set-ups of checks that are not for all.
func withIdP() []access.SetUp {
	return []access.SetUp{access.SCIM, access.SCIMUsersOnly, access.WithoutSCIM}
}

func bySCIM() []access.SetUp { return []access.SetUp{access.SCIM} }

func usersBySCIM() []access.SetUp { return []access.SetUp{access.SCIM, access.SCIMUsersOnly} }

// ownGroups are those in which rolecall makes the groups.
func ownGroups() []access.SetUp {
	return []access.SetUp{access.SCIMUsersOnly, access.WithoutSCIM, access.BuiltIn}
}

// rule is something that a check says, and when it may.
type rule struct {
	at part           // which part a problem breaks
	in []access.SetUp // nil: in all
	// needs are the parts without which nothing can be said; lacks is one that is
	// known not to hold, which the rule explains.
	needs []part
	lacks part
	// say is asked once, or path for each path.
	say  func(*Facts) []Verdict
	path func(*Facts, *Path) []Verdict
}

// sees says whether a part holds that can be looked at itself. Such a part is
// there, whatever is wrong on the way to it. Of the others the checks tell.
func (f *Facts) sees(at part, p *Path) (holds, known, looked bool) {
	one := f.Subject == Person
	switch at {
	case accountOpen:
		return f.open(), true, true
	case jobOn:
		return f.Provisioning.Value.State == directory.JobOn, f.Provisioning.Known, true
	case userInAWS:
		return !one || f.inAWS(), !one || f.User.Known, true
	case userEnabled:
		return !one || f.inAWS() && !f.User.Value.Disabled, !one || f.User.Known, true
	case reaching:
		return f.reaches(), true, true
	case groupsCome:
		return !f.bySCIM() || f.Window.Groups, true, true
	case groupAtIdP:
		return p.IdPGroup.Value != nil, p.IdPGroup.Known, true
	case memberAtIdP:
		return !one || p.InIdP.Value == Direct, !one || p.InIdP.Known, true
	case groupInAWS:
		return p.AWSGroup.Value != nil, p.AWSGroup.Known, true
	case memberInAWS:
		return !one || p.InAWS.Value, !one || p.InAWS.Known, true
	default:
		return false, false, false
	}
}

// engine asks the checks, and keeps which parts a problem has broken.
type engine struct {
	f      *Facts
	broken map[spot]bool
}

// spot is a part on one path, or (nil) for the whole subject.
type spot struct {
	at   part
	path *Path
}

// judge asks all checks, those of earlier parts first, and gives what they say in
// the order of the checks. Behind a part that a problem breaks, nothing on the same
// path is asked: whatever is hidden, a problem that hides it is told.
func judge(f *Facts, checks []Check) []Verdict {
	type asked struct {
		check *Check
		rule  *rule
		said  []Verdict
	}
	var all, order []*asked
	for i := range checks {
		for j := range checks[i].rules {
			all = append(all, &asked{check: &checks[i], rule: &checks[i].rules[j]})
		}
	}
	order = slices.Clone(all)
	slices.SortStableFunc(order, func(a, b *asked) int { return cmp.Compare(a.rule.at, b.rule.at) })
	e := engine{f: f, broken: map[spot]bool{}}
	for _, a := range order {
		if slices.Contains(a.check.About, f.Subject) && (a.rule.in == nil || slices.Contains(a.rule.in, f.SetUp)) {
			a.said = e.ask(a.rule)
		}
	}
	var out []Verdict
	for _, a := range all {
		for _, v := range a.said {
			v.Check, v.Link = a.check.ID, a.check.Link
			v.doubt(f.Export)
			out = append(out, v)
		}
	}
	return out
}

// ask asks a rule, of each path where it is about paths.
func (e *engine) ask(r *rule) []Verdict {
	if r.say != nil {
		return e.hear(r, nil, func() []Verdict { return r.say(e.f) })
	}
	var out []Verdict
	for i := range e.f.Paths {
		p := &e.f.Paths[i]
		for _, v := range e.hear(r, p, func() []Verdict { return r.path(e.f, p) }) {
			if v.Range.IsZero() && v.System == config {
				v.Range = p.At
			}
			out = append(out, v)
		}
	}
	return out
}

// hear hears a rule, unless a part that it needs is broken: then its own counts
// as broken too.
func (e *engine) hear(r *rule, p *Path, say func() []Verdict) []Verdict {
	if holds, known, looked := e.f.sees(r.lacks, p); looked && (holds || !known) {
		return nil
	}
	if e.behind(r, p) {
		e.broken[spot{r.at, p}] = true
		return nil
	}
	for _, need := range r.needs {
		if holds, _, looked := e.f.sees(need, p); looked && !holds {
			return nil
		}
	}
	out := say()
	if slices.ContainsFunc(out, func(v Verdict) bool { return v.State == Problem }) {
		e.broken[spot{r.at, p}] = true
	}
	return out
}

// behind says that a problem broke a part that the rule needs, or its own.
func (e *engine) behind(r *rule, p *Path) bool {
	broken := func(at part) bool {
		_, _, looked := e.f.sees(at, p)
		return !looked && (e.broken[spot{at, nil}] || e.broken[spot{at, p}])
	}
	return r.at != aside && broken(r.at) || slices.ContainsFunc(r.needs, broken)
}

// told gives the problems and warnings of some of the checks.
func told(f *Facts, which func(Check) bool) []Verdict {
	checks := Checks()
	wanted := map[string]bool{}
	for _, c := range checks {
		wanted[c.ID] = which(c)
	}
	return slices.DeleteFunc(judge(f, checks), func(v Verdict) bool { return !wanted[v.Check] || v.State != Problem && v.State != Warning })
}
