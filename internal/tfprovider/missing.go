package tfprovider

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/rolecall-dev/rolecall/internal/access"
	findings "github.com/rolecall-dev/rolecall/internal/diag"
	"github.com/rolecall-dev/rolecall/internal/names"
	"github.com/rolecall-dev/rolecall/internal/plan"
	"github.com/rolecall-dev/rolecall/internal/presence"
)

// lacks says whether something that the config names is not there.
func lacks(list findings.List) bool {
	return plan.Lacks(list, plan.AccountMissing, plan.GroupMissing, plan.UserMissing)
}

// names reads the name of every group, every user, or both; false where that fails,
// because what is missing is missing even where nobody can say what is near.
func (s *session) names(ctx context.Context, groups, users bool) (access.State, bool) {
	all, err := s.allNames(ctx, groups, users)
	return all, err == nil
}

func (s *session) allNames(ctx context.Context, groups, users bool) (access.State, error) {
	reader, err := s.connect(ctx)
	if err != nil {
		return access.State{}, err
	}
	return reader.Names(ctx, groups, users)
}

// early says what a plan says of what its apply may still find. Terraform plans each
// resource alone, so what others of the same apply make is mostly not seen, and walks
// the same plan before it destroys: docs/decisions/0034-missing-at-plan.md says what
// is an error and what is not.
type early struct {
	was   stateNames // what the state named is drift where it is gone, and stops nobody
	setUp access.SetUp
	asked *access.State
	names *presence.Answers
	// coming are the users whom resources of the same plan bring, as far as they are planned.
	coming *memory[bool]
	// group says what becomes of the apply where the group may still come, "" where it
	// cannot.
	group func(presence.Item) string
}

// nameless are the findings about a name that leads nowhere, or not where it did.
func nameless() []findings.Code {
	return []findings.Code{plan.AccountMissing, plan.AccountAmbiguous, plan.AccountNumber, plan.AccountInactive, plan.GroupMissing, plan.GroupRenamed, plan.UserMissing, plan.NameDiffersInCase}
}

func (e early) of(list findings.List) findings.List {
	var out findings.List
	for _, f := range list {
		if slices.Contains(nameless(), f.Code) && f.Subject.Name != "" {
			var keep bool
			if f, keep = e.one(f); !keep {
				continue
			}
		}
		out = append(out, f)
	}
	return out
}

// one is what a plan says of one name; false where that is nothing.
func (e early) one(f findings.Diagnostic) (findings.Diagnostic, bool) {
	if e.brought(f) {
		return f, false
	}
	if f.Code == plan.GroupMissing {
		if text := e.group(e.names.Group(e.asked.GroupIndex(f.Subject.Name))); text != "" {
			return softer(f, text), true
		}
	}
	if e.was.has(f.Subject) {
		return softer(f, "Terraform's state has this name: it existed when it was applied. The apply of this resource stops here unless it exists again by then; other resources continue."), true
	}
	if f.Code != plan.UserMissing || e.setUp == access.SCIMUsersOnly {
		return f, true
	}
	switch item := e.names.User(e.asked.UserIndex(f.Subject.Name)); {
	case item.Alike(): // nobody makes another one beside it
		return f, true
	case len(item.Suggestions) == 0:
		if near := names.Meant(f.Subject.Name, e.coming.words()); near != "" {
			f.Remedy, f.Hint = findings.Remedy{}, fmt.Sprintf("This plan creates the user %q. If that is the right one, write it here.", near)
		}
	}
	return softer(f, "The apply stops here unless the user is there by then."), true
}

// brought says that a finding is about a user whom another resource of the plan brings.
func (e early) brought(f findings.Diagnostic) bool {
	return f.Subject.Kind == findings.User && e.setUp != access.SCIMUsersOnly && e.coming.recall(f.Subject.Name)
}

// unbrought leaves out what needs no explanation.
func (e early) unbrought(list findings.List) findings.List {
	return slices.DeleteFunc(slices.Clone(list), e.brought)
}

// wait waits shortly for the resources that bring users of whom there is something to
// say: Terraform plans up to ten side by side.
func (e early) wait(ctx context.Context, list findings.List) error {
	users := slices.DeleteFunc(e.of(list), func(f findings.Diagnostic) bool { return f.Subject.Kind != findings.User })
	if e.setUp == access.SCIMUsersOnly || len(users) == 0 {
		return nil
	}
	return until(ctx, yieldPlanned, yieldPoll, func() (bool, error) { return len(e.unbrought(users)) == 0, nil })
}

func softer(f findings.Diagnostic, text string) findings.Diagnostic {
	f.Severity, f.Blocks, f.Detail = findings.Warning, false, joined(f.Detail, text)
	return f
}

// reword says of what is missing what is so in Terraform, where nobody sees the whole
// config: asked is what was asked for, as the user writes it.
func reword(list findings.List, asked *access.State, names *presence.Answers) findings.List {
	for i, f := range list {
		var item presence.Item
		switch {
		case f.Subject.Name == "":
			continue
		case f.Code == plan.GroupMissing:
			item = names.Group(asked.GroupIndex(f.Subject.Name))
		case f.Code == plan.UserMissing:
			item = names.User(asked.UserIndex(f.Subject.Name))
		}
		if item.Finding == nil {
			continue
		}
		why := *item.Finding
		why.Code, why.Summary, why.Blocks, why.ID, why.Range = f.Code, f.Summary, f.Blocks, f.ID, f.Range
		switch {
		case why.Remedy.Way != findings.Define:
		case f.Code == plan.GroupMissing:
			why.Detail = joined("This resource adds members and does not create the group.", item.Near())
		default:
			why.Detail = item.Near()
		}
		list[i] = why
	}
	return list
}

// plans plans for the plan of a group's resource, and once more with every name that
// there is where something is missing that is no matter of course.
func (r *groupResource) plans(ctx context.Context, w *want, live *access.State, g groupData, before *groupData, was stateNames) (*plan.Plan, findings.List, error) {
	if r.makes(w, live) {
		w.names, _ = r.session.names(ctx, true, false)
	}
	p, e := r.diff(w, live, g, before), r.early(w, live, g, was)
	if lacks(e.unbrought(p.Findings)) {
		p = r.why(ctx, w, live, g, before, p)
		e = r.early(w, live, g, was)
	}
	err := e.wait(ctx, p.Findings)
	return p, e.of(p.Findings), err
}

// makes says that the resource makes its group: AWS may have the name, or the former
// one, in another case, which no look-up of the name tells.
func (r *groupResource) makes(w *want, live *access.State) bool {
	return !r.external && w.group(live) < 0
}

// early of a group's resource: SCIM brings its group, and it may wait for that.
func (r *groupResource) early(w *want, live *access.State, g groupData, was stateNames) early {
	return early{was: was, setUp: w.setUp, asked: &w.asked, names: w.ask(live), coming: &r.session.coming, group: func(group presence.Item) string {
		if !r.external || !g.WaitForSync.ValueBool() || group.Verdict != presence.NotYet {
			return ""
		}
		return "The apply waits for it, as long as `timeouts` says."
	}}
}

// ask asks what is there of what the resource names.
func (w *want) ask(live *access.State) *presence.Answers {
	return presence.Ask(&w.asked, live, presence.Options{SetUp: w.setUp, IdP: w.idp, Names: w.names, Renamed: w.renamed})
}

// early of members: another resource of the same apply may make the group, unless AWS
// has the same name otherwise written.
func (r *membersResource) early(m membersModel, live *access.State, all access.State, was stateNames) early {
	desired := m.desired(stringsOf(m.Members))
	return early{was: was, setUp: m.config().SetUp(), asked: &desired, names: m.ask(&desired, live, all), coming: &r.session.coming, group: func(group presence.Item) string {
		if group.Alike() {
			return ""
		}
		return "The apply stops here unless it is there by then."
	}}
}

func (m membersModel) ask(desired, live *access.State, all access.State) *presence.Answers {
	c := m.config()
	return presence.Ask(desired, live, presence.Options{SetUp: c.SetUp(), IdP: c.IdPName(), Names: all})
}

// why plans again with every name that there is, where something is missing that is
// no matter of course, so that the plan says what was meant.
func (r *groupResource) why(ctx context.Context, w *want, live *access.State, g groupData, before *groupData, p *plan.Plan) *plan.Plan {
	groups, users := plan.Lacks(p.Findings, plan.GroupMissing) || r.makes(w, live), plan.Lacks(p.Findings, plan.UserMissing)
	if !groups && !users { // accounts are listed whole
		return p
	}
	names, read := r.session.names(ctx, groups, users)
	if !read {
		return p
	}
	w.names = names
	return r.diff(w, live, g, before)
}

// joined puts texts one below the other.
func joined(texts ...string) string { return strings.Join(nonEmpty(texts...), "\n") }
