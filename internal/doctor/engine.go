package doctor

import (
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
	question
	personAtIdP
	personActive
	application
	assigned
	token
	endpoint
	jobOn
	started
	running
	groupsOn
	userName
	creating
	userScope
	userPush
	userSync
	userInAWS
	userEnabled
	userArrives
	reaching
	groupsCome
	userAlmost
	// Of each path.
	groupName
	groupAtIdP
	memberAtIdP
	groupScope
	groupPush
	groupSync
	groupInAWS
	memberInAWS
	memberArrives
	setAssigned
	provisioned
	// aside is where a check judges what no other needs.
	aside
)

// sync is what brings anything to AWS.
func sync() []part { return []part{token, endpoint, started, running} }

// arrival is what has to be there, or to come by itself, before an assignment of a group
// matters: waiting does not mend what is behind it.
func arrival() []part { return []part{accountOpen, userArrives, groupInAWS, memberArrives} }

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

// sight is what a look at a part shows.
type sight int

const (
	unlooked sight = iota // it cannot be looked at itself: the checks tell
	isThere
	lacking
	unclear
)

// sees looks at a part itself, where that can be done. Such a part is there,
// whatever is wrong on the way to it.
func (f *Facts) sees(at part, p *Path) sight {
	one := f.Subject == Person
	switch at {
	case accountOpen:
		return seeing(true, f.open())
	case jobOn:
		return seeing(f.Provisioning.Known && f.Provisioning.Value.State != directory.JobUnclear && !f.jobElsewhere(), f.Provisioning.Value.State == directory.JobOn)
	case userInAWS:
		return seeing(!one || f.User.Known, !one || f.inAWS())
	case userEnabled:
		return seeing(!one || f.User.Known, !one || f.inAWS() && !f.User.Value.Disabled)
	case reaching:
		return seeing(true, f.reaches())
	case userArrives:
		return f.comes(f.userComes(), f.sees(userEnabled, p))
	case memberArrives:
		return f.comes(p.memberComes(), f.sees(memberInAWS, p))
	case groupsCome:
		return seeing(true, !f.bySCIM() || f.Window.Groups)
	case groupAtIdP:
		return seeing(p.IdPGroup.Known, p.IdPGroup.Value != nil)
	case memberAtIdP:
		return seeing(!one || p.InIdP.Known, !one || p.InIdP.Value == Direct)
	case groupInAWS:
		return seeing(p.AWSGroup.Known, p.AWSGroup.Value != nil)
	case memberInAWS:
		return seeing(!one || p.InAWS.Known, !one || p.InAWS.Value)
	default:
		return unlooked
	}
}

// comes leaves to the checks whether what is on the way gets there.
func (f *Facts) comes(underWay bool, now sight) sight {
	if underWay && now != isThere {
		return unlooked
	}
	return now
}

// passes says nothing: its rule hands on what is broken before its part.
func passes(*Facts) []Verdict { return nil }

func passesOn(*Facts, *Path) []Verdict { return nil }

func seeing(known, there bool) sight {
	switch {
	case !known:
		return unclear
	case there:
		return isThere
	default:
		return lacking
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

// judge asks the checks, those of earlier parts first, and returns what they say in
// their own order. What is behind a part that a problem breaks is not asked, on
// that path: whatever is hidden, the problem that hides it is told.
func judge(f *Facts, checks []Check) []Verdict {
	e := engine{f: f, broken: map[spot]bool{}}
	said := make([][]Verdict, len(checks))
	for at := range aside + 1 {
		for i := range checks {
			for j := range checks[i].rules {
				if r := &checks[i].rules[j]; r.at == at && checks[i].applies(r, f) {
					said[i] = append(said[i], e.ask(r)...)
				}
			}
		}
	}
	for i, c := range checks {
		for j := range said[i] {
			said[i][j].Check, said[i][j].Link = c.ID, c.Link
			said[i][j].again = c.retried && !f.Provisioning.Value.OnChange // what pushes on change waits for somebody
			said[i][j].doubt(f.Export)
		}
	}
	return slices.Concat(said...)
}

func (c *Check) applies(r *rule, f *Facts) bool {
	return slices.Contains(c.About, f.Subject) && (r.in == nil || slices.Contains(r.in, f.SetUp))
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

// hear hears a rule where its needs are met. One that has something to explain,
// behind a broken part, leaves its own part broken as well.
func (e *engine) hear(r *rule, p *Path, say func() []Verdict) []Verdict {
	if s := e.f.sees(r.lacks, p); s == isThere || s == unclear {
		return nil
	}
	here := spot{r.at, p}
	if e.behind(r, p) {
		e.broken[here] = true
		return nil
	}
	for _, need := range r.needs {
		if s := e.f.sees(need, p); s == lacking || s == unclear {
			return nil
		}
	}
	out := say()
	for i := range out {
		out[i].stops = out[i].State == Problem && slices.Contains([]part{token, endpoint, started, running, groupsOn}, r.at)
	}
	e.broken[here] = e.broken[here] || slices.ContainsFunc(out, func(v Verdict) bool { return v.State == Problem })
	return out
}

// behind says that a problem broke a part that the rule needs, or its own.
func (e *engine) behind(r *rule, p *Path) bool {
	broken := func(at part) bool {
		return e.f.sees(at, p) == unlooked && (e.broken[spot{at, nil}] || e.broken[spot{at, p}])
	}
	return r.at != aside && broken(r.at) || slices.ContainsFunc(r.needs, broken)
}

// told returns the problems and warnings of some of the checks.
func told(f *Facts, which func(Check) bool) []Verdict {
	checks := Checks()
	wanted := map[string]bool{}
	for _, c := range checks {
		wanted[c.ID] = which(c)
	}
	return slices.DeleteFunc(judge(f, checks), func(v Verdict) bool { return !wanted[v.Check] || v.State != Problem && v.State != Warning })
}
