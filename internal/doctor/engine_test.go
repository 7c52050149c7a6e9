package doctor

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/diag"
	"github.com/rolecall-dev/rolecall/internal/directory"
	"github.com/rolecall-dev/rolecall/internal/presence"
	"github.com/rolecall-dev/rolecall/internal/probe/scim"
)

func (a part) onPath() bool { return a >= groupName && a < aside }

// A rule needs earlier parts only, and one of the whole subject none of a path.
func TestNeedsAreEarlier(t *testing.T) {
	for _, c := range Checks() {
		for _, r := range c.rules {
			if (r.say == nil) == (r.path == nil) || r.at == none {
				t.Errorf("%s: a rule speaks once or of each path, and of a part", c.ID)
			}
			for _, need := range append(slices.Clone(r.needs), r.lacks) {
				told := (&Facts{}).sees(need, &Path{}) == unlooked
				if told && need >= r.at || r.say != nil && (need.onPath() || r.at.onPath()) {
					t.Errorf("%s: a rule at part %d needs part %d", c.ID, r.at, need)
				}
			}
		}
	}
}

// spoken is a problem or warning that a rule has to say where nobody minds.
type spoken struct {
	rule *rule
	path *Path
	text string
	bad  bool // a problem
}

// spokenAlone asks each rule by itself, whatever is broken before it.
func spokenAlone(f *Facts, checks []Check) []spoken {
	var out []spoken
	for i := range checks {
		for j := range checks[i].rules {
			r := &checks[i].rules[j]
			paths := []*Path{nil}
			if r.path != nil {
				paths = nil
				for k := range f.Paths {
					paths = append(paths, &f.Paths[k])
				}
			}
			for _, p := range paths {
				if checks[i].applies(r, f) && holdsItself(f, r, p) {
					out = append(out, says1(f, &checks[i], r, p)...)
				}
			}
		}
	}
	return out
}

// holdsItself says that a rule may speak as far as that can be looked at.
func holdsItself(f *Facts, r *rule, p *Path) bool {
	bad := func(need part) bool { return f.sees(need, p) == lacking || f.sees(need, p) == unclear }
	return explains(f, r, p) && !slices.ContainsFunc(r.needs, bad)
}

func explains(f *Facts, r *rule, p *Path) bool {
	s := f.sees(r.lacks, p)
	return s != isThere && s != unclear
}

func says1(f *Facts, c *Check, r *rule, p *Path) []spoken {
	alone := Check{ID: c.ID, Link: c.Link, About: c.About, rules: []rule{*r}}
	alone.rules[0].needs = nil
	one := *f
	if p != nil {
		one.Paths = []Path{*p}
	}
	var out []spoken
	for _, v := range judge(&one, []Check{alone}) {
		if v.State == Problem || v.State == Warning {
			out = append(out, spoken{r, p, asText(v), v.State == Problem})
		}
	}
	return out
}

func asText(v Verdict) string {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(text)
}

// What is not told has its reason: a problem that is told, of a part that it needs,
// on its own path or of the whole. And what is told has no such problem before it.
func TestOnlyABrokenLinkHides(t *testing.T) {
	checks := Checks()
	rapid.Check(t, func(t *rapid.T) {
		f := drawFacts(t)
		var told []string
		alone := spokenAlone(f, checks)
		for _, v := range judge(f, checks) {
			text := asText(v)
			told = append(told, text)
			if blames := v.State == Problem || v.State == Warning; blames && !slices.ContainsFunc(alone, func(s spoken) bool { return s.text == text }) {
				t.Fatalf("told where there is nothing to explain: %s", text)
			}
		}
		for i, s := range alone {
			reason := hiding(f, checks, alone, told, i)
			if hidden := !slices.Contains(told, s.text); hidden && reason == "" {
				t.Fatalf("nothing explains why this is hidden: %s\ntold: %s", s.text, strings.Join(told, "\n"))
			} else if !hidden && reason != "" && !twin(alone, s) {
				t.Fatalf("%s\nis told behind\n%s", s.text, reason)
			}
		}
	})
}

// twin says that the same words are told of another path.
func twin(alone []spoken, s spoken) bool {
	n := 0
	for _, other := range alone {
		if other.text == s.text {
			n++
		}
	}
	return n > 1
}

// hiding returns the problem that is told before this one on its path.
func hiding(f *Facts, checks []Check, alone []spoken, told []string, at int) string {
	s := alone[at]
	before := map[part]bool{}
	var walk func(r *rule)
	walk = func(r *rule) {
		for _, need := range r.needs {
			if before[need] || f.sees(need, s.path) != unlooked {
				continue
			}
			before[need] = true
			for i := range checks {
				for j := range checks[i].rules {
					q := &checks[i].rules[j]
					if q.at == need && checks[i].applies(q, f) && explains(f, q, s.path) {
						walk(q)
					}
				}
			}
		}
	}
	walk(s.rule)
	for i, other := range alone {
		same := other.path == nil || other.path == s.path
		earlier := before[other.rule.at] || i < at && other.rule != s.rule && other.rule.at == s.rule.at && s.rule.at != aside && f.sees(s.rule.at, s.path) == unlooked
		if other.bad && same && earlier && other.text != s.text && slices.Contains(told, other.text) {
			return other.text
		}
	}
	return ""
}

// What is told of a path is the same whatever the other paths are.
func TestPathsDoNotHideEachOther(t *testing.T) {
	checks := Checks()
	for i := range checks { // to know what is told of a path
		for j := range checks[i].rules {
			if say := checks[i].rules[j].path; say != nil {
				checks[i].rules[j].path = func(f *Facts, p *Path) []Verdict {
					out := say(f, p)
					for k := range out {
						out[k].Evidence = append(slices.Clip(out[k].Evidence), diag.Evidence{What: "of a path"})
					}
					return out
				}
			}
		}
	}
	ofPaths := func(f *Facts) []string {
		var out []string
		for _, v := range judge(f, checks) {
			if n := len(v.Evidence); n > 0 && v.Evidence[n-1].What == "of a path" {
				out = append(out, asText(v))
			}
		}
		slices.Sort(out)
		return out
	}
	rapid.Check(t, func(t *rapid.T) {
		f := drawFacts(t)
		var each []string
		for i := range f.Paths {
			one := *f
			one.Paths = f.Paths[i : i+1]
			if one.reaches() != f.reaches() {
				t.Skip("the person has the access by another path")
			}
			each = append(each, ofPaths(&one)...)
		}
		slices.Sort(each)
		if together := ofPaths(f); !slices.Equal(together, each) {
			t.Fatalf("together: %s\nalone: %s", strings.Join(together, "\n"), strings.Join(each, "\n"))
		}
	})
}

// Nothing is told of what a set-up does not have, whatever the facts.
func TestSetUpsAreKeptApart(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := drawFacts(t)
		f.SetUp = access.BuiltIn
		for _, v := range judge(f, Checks()) {
			if slices.Contains([]Link{AtIdP, Application, Provisioning, SignIn}, v.Link) {
				t.Fatalf("the built-in directory has no %s: %s", v.Link, asText(v))
			}
		}
		f.SetUp = access.WithoutSCIM
		for _, v := range judge(f, Checks()) {
			if v.Link == Provisioning {
				t.Fatalf("without SCIM nothing is provisioned: %s", asText(v))
			}
		}
	})
}

// The same facts tell the same, in the same order.
func TestOrderIsTheSame(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := drawFacts(t)
		first, err := json.Marshal(Diagnose(f))
		again, _ := json.Marshal(Diagnose(f))
		if err != nil || string(first) != string(again) {
			t.Fatalf("%s\n%s\n%v", first, again, err)
		}
	})
}

// What could not be told is never a pass, and neither is a problem of which the
// fact that shows it could not be had.
func TestCannotTellIsNoPass(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := drawFacts(t)
		r := Diagnose(f)
		for _, v := range r.Found(CannotTell) {
			if r.State == OK || v.Needs == "" {
				t.Fatalf("%s cannot tell, and all is %s: %+v", v.Check, r.State, v)
			}
			for _, step := range r.Chain {
				if step.Link == v.Link && step.State == OK {
					t.Fatalf("%s cannot tell, and %s is said to be right", v.Check, v.Link)
				}
			}
		}
		for what, forgotten := range forgotten(f) {
			if was, is := r.State, Diagnose(forgotten).State; was != OK && is == OK {
				t.Fatalf("all is right where %s is not known, and %s where it is: %s", what, was, r.Answer)
			}
		}
	})
}

// forgotten returns the facts, each without one that was known.
func forgotten(f *Facts) map[string]*Facts {
	out := map[string]*Facts{}
	without := func(what string, known bool, forget func(*Facts)) {
		if known {
			less := *f
			less.Paths = slices.Clone(f.Paths)
			forget(&less)
			out[what] = &less
		}
	}
	const needs = "a connector"
	without("the person", f.Person.Known, func(l *Facts) {
		l.Person, l.Assignment = Unknown[*directory.Person](needs), Unknown[directory.PersonAssignment]("")
	})
	without("the assignment", f.Assignment.Known, func(l *Facts) { l.Assignment = Unknown[directory.PersonAssignment](needs) })
	without("provisioning", f.Provisioning.Known, func(l *Facts) { l.Provisioning = Unknown[directory.Provisioning](needs) })
	without("SCIM", f.SCIM.Known, func(l *Facts) { l.SCIM.Known, l.SCIM.Needs = false, needs })
	without("the user", f.User.Known, func(l *Facts) { l.User.Known, l.User.Value, l.User.Needs = false, nil, needs })
	without("the names", f.Names.Known, func(l *Facts) { l.Names.Known, l.Names.Needs = false, needs })
	return out
}

// Where all is to be mended by waiting, nothing is left to do once what was waited for
// is there.
func TestWaitingMendsWhatItIsSaidTo(t *testing.T) {
	waits := 0
	rapid.Check(t, func(t *rapid.T) {
		for range 20 {
			f := drawFacts(t)
			f.IdP, f.Window, f.Export = "Okta", presence.WindowOf("Okta"), ""
			f.Provisioning = Known(directory.Provisioning{State: directory.JobOn, Creates: true})
			f.SCIM, f.TokenAge, f.Events, f.Alike = Known(scim.Answer{}), Unknown[scim.Age](""), Fact[directory.EventsFound]{}, nil
			f.Almost, f.Holder, f.Former = nil, nil, false
			if f.Person.Value != nil {
				f.Person.Value.Status, f.Person.Value.Unfit = directory.Active, nil
				f.Assignment = Known(directory.PersonAssignment{How: directory.Directly})
			}
			for i := range f.Paths {
				f.Paths[i].InScope, f.Paths[i].Push, f.Paths[i].PushedAs = Fact[bool]{}, "", ""
				if group := f.Paths[i].IdPGroup.Value; group != nil {
					group.Unfit, group.NotProvisionable, group.Paused = nil, "", ""
				}
			}
			r := Diagnose(f)
			if f.Subject == SetUp || len(r.Found(Problem)) == 0 || !r.Waits() || needsApply(f) {
				continue
			}
			waits++
			for _, v := range judge(arrived(f), Checks()) {
				if v.State == Problem {
					t.Fatalf("waiting mends it: %s\nand then: %s", r.Answer, asText(v))
				}
			}
		}
	})
	if waits == 0 {
		t.Error("nothing was waited for")
	}
}

// needsApply says that an apply has to follow, as the remedy says, or that nobody knows
// what comes. What a group that is not there yet will lack is not among the facts.
func needsApply(f *Facts) bool {
	return f.Subject == Person && (len(f.Members) > 0 || f.bySCIM() && !f.GroupsAtIdP)
}

// arrived is what is there once everything that is on the way has come.
func arrived(f *Facts) *Facts {
	l := *f
	l.Paths = slices.Clone(f.Paths)
	if l.Subject == Person && l.User.Value == nil {
		l.User.Value, l.Near, l.Alike = &access.User{Username: l.Name, ID: "u"}, nil, nil
	}
	for i := range l.Paths {
		p := &l.Paths[i]
		if p.AWSGroup.Value == nil {
			p.AWSGroup.Value = &access.Group{Name: p.Group, ID: "g"}
		}
		p.InAWS.Value = p.InAWS.Value || p.InIdP.Value == Direct
		p.Drift.Value.OnlyIdP = nil
	}
	return &l
}

// A name that only the question has is asked about by the exact one: nobody is told to
// rename a user to it, nor to make another one.
func TestTheQuestionIsNotFollowed(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		for range 10 {
			f := drawFacts(t)
			if f.Subject != Person {
				continue
			}
			f.User, f.Named, f.Defined, f.Paths, f.Own = Known[*access.User](nil), false, false, nil, nil
			if f.Person.Value != nil {
				f.Person, f.Assignment = Known[*directory.Person](nil), Fact[directory.PersonAssignment]{}
			}
			if f.Alike != nil {
				f.Alike.Asked = true
			} else {
				f.InConfig = []string{"jaen@company.com"}
			}
			told := false
			for _, v := range judge(f, Checks()) {
				if v.State != Problem || v.Link != AtIdP && v.Link != AWSUser {
					continue
				}
				if told = true; !strings.HasPrefix(v.Fix, "Ask about the user by the exact name") {
					t.Fatalf("%s: %s", v.Check, v.Fix)
				}
			}
			if hidden := slices.ContainsFunc(judge(f, Checks()), func(v Verdict) bool { return v.State == Problem }); !told && !hidden {
				t.Fatal("nothing is told of the name")
			}
		}
	})
}

// ThroughAccount says that a cause is on the way to an account: with one that is not
// there, it is not known whether it matters.
func ThroughAccount(subject Subject, cause string) bool {
	held := []string{"membership-by-hand", "member-not-in-aws", "not-applied", "group-recreated", "assignment-failed", "set-outdated", "account-suspended", "not-in-config", "account-missing"}
	ways := []string{"not-in-group", "nested-group", "group-not-at-idp", "group-out-of-scope", "group-not-synced", "group-push-failed", "group-missing",
		"group-renamed", "config-other-name", "sign-in-failed", "groups-never-come",
		"rule-paused", "eligible-only", "groups-not-provisioned", "group-pushed-otherwise", "group-not-provisionable", "group-unfit"}
	return slices.Contains(held, cause) || subject == Person && slices.Contains(ways, cause)
}

// An account that is not there hides nothing of the person, or of a group that is missing
// itself, and nothing is told that depends on which account is meant.
func TestAMissingAccountHidesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := drawFacts(t)
		if f.Account.Value != nil || f.Subject == SetUp {
			return
		}
		inAWS := f.Subject == Group && f.Paths[0].AWSGroup.Value != nil
		without, missing := *f, nowhere(*f)
		without.Account = Fact[*access.Account]{}
		problems := func(f *Facts) []string {
			var out []string
			for _, v := range judge(f, Checks()) {
				if v.State == Problem && v.Check != "nested-group" { // told of the person's assignment and of paths
					out = append(out, v.Check)
				}
			}
			return slices.Compact(out)
		}
		got, want := problems(&missing), problems(&without)
		if !slices.Contains(got, "account-missing") {
			t.Fatalf("it tells %v", got)
		}
		for _, c := range got {
			if c != "account-missing" && (ThroughAccount(f.Subject, c) || !inAWS && !slices.Contains(want, c)) {
				t.Fatalf("it tells %v, and without an account %v", got, want)
			}
		}
		for _, c := range want {
			if !ThroughAccount(f.Subject, c) && !inAWS && !slices.Contains(got, c) {
				t.Fatalf("it tells %v, and without an account %v", got, want)
			}
		}
	})
}

// nowhere is what is gathered of a person or a group where the account is not there.
func nowhere(f Facts) Facts {
	f.Account = Known[*access.Account](nil)
	f.Own, f.Elsewhere, f.Beside, f.AccessGroups, f.Members, f.Almost, f.SignIns = nil, nil, nil, nil, nil, nil, Fact[directory.SignInsFound]{}
	if f.Subject == Person {
		f.Paths = nil
		return f
	}
	f.Paths = slices.Clone(f.Paths)
	for i := range f.Paths {
		p := &f.Paths[i]
		p.Drift, p.Assigned, p.Outdated, p.Accounts, p.Orphan, p.Failure = Fact[Drift]{}, Fact[bool]{}, Fact[bool]{}, nil, "", nil
	}
	return f
}

// A flag is named with the command that has it: doctor has none of those that change
// something.
func TestFlagsAreNamedWithTheirCommand(t *testing.T) {
	const flag = "--allow-"
	alone := func(text string) bool {
		return strings.Count(text, flag) != strings.Count(text, "rolecall apply "+flag)
	}
	for _, c := range Checks() {
		if alone(c.Fix) {
			t.Errorf("%s: %s", c.ID, c.Fix)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		for _, v := range judge(drawFacts(t), Checks()) {
			if alone(v.Fix) {
				t.Fatalf("%s: %s", v.Check, v.Fix)
			}
		}
	})
}

// Whoever has no access is told a cause, or what could not be seen.
func TestNobodyIsLeftWithoutACause(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := drawFacts(t)
		if r := Diagnose(f); f.Subject == Person && !f.reaches() && r.State == OK {
			t.Fatalf("%s: %s", r.Answer, asText(r.Verdicts[0]))
		}
	})
}
