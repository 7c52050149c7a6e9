package doctor

import (
	"context"
	"fmt"
	"time"

	"github.com/rolecall-dev/rolecall/internal/diag"
	"github.com/rolecall-dev/rolecall/internal/directory"
)

// logDays is how far back the identity provider's logs are read.
const logDays = 7

// since is where the logs are read from.
func (g *gatherer) since() time.Time { return g.Now.AddDate(0, 0, -logDays) }

// atIdP asks the identity provider about the person.
func (g *gatherer) atIdP(ctx context.Context) {
	if !g.f.hasIdP() {
		return
	}
	people, ok := g.Directory.(directory.People)
	if !ok {
		g.f.Person = Unknown[*directory.Person](g.needs(directory.CanFindPeople))
		return
	}
	found, err := people.FindPerson(ctx, g.Name)
	g.unanswered(err)
	g.f.Person = g.one(g.Name, found, err)
	g.f.Foreign = found.Foreign
	g.aliasOfOther(ctx)
	if err == nil && g.f.AliasOf == "" && (g.f.Person.Value != nil || len(found.People) == 0) {
		g.byOwnID(ctx)
	}
	if g.f.Person.Value == nil {
		return
	}
	if !g.f.Assignment.Known {
		g.assignment(ctx, g.f.Person.Value.ID)
	}
	g.events(ctx, g.f.Person.Value.ID, g.since())
	if !g.f.bySCIM() {
		return // groups of there mean nothing in AWS
	}
	groups, ok := g.Directory.(directory.Groups)
	if !ok {
		g.idpGroups = Unknown[[]directory.Group](g.needs(directory.CanFindGroups))
		return
	}
	of, err := groups.GroupsOf(ctx, g.f.Person.Value.ID)
	g.idpGroups = answer(g, of.Groups, of.Evidence, err)
	g.f.GroupsAtIdP = err == nil
}

// one is the person whom the name means; unknown where it may mean several.
func (g *gatherer) one(name string, found directory.PeopleFound, err error) Fact[*directory.Person] {
	fact := asked[*directory.Person](nil, found.Evidence, err)
	switch {
	case err != nil:
	case len(found.People) == 0 && found.Unclear != "":
		return Fact[*directory.Person]{Needs: fmt.Sprintf("whether %s has %q: %s", g.f.IdP, name, found.Unclear), Evidence: found.Evidence}
	case len(found.People) == 0:
	case directory.Several(found.People):
		called := called(found.People, func(p directory.Person) string { return p.UserName })
		return Fact[*directory.Person]{Needs: fmt.Sprintf("%q is the address of several people in %s: ask about one of them by the exact user name: %s", name, g.f.IdP, diag.Quoted(called)), Evidence: found.Evidence}
	default:
		fact.Value = &found.People[0]
	}
	return fact
}

func (g *gatherer) assignment(ctx context.Context, id string) {
	a, ok := g.Directory.(directory.Assignments)
	if !ok {
		g.f.Assignment = Unknown[directory.PersonAssignment](g.needs(directory.CanAssignments))
		return
	}
	got, err := a.PersonAssignment(ctx, id)
	g.f.Assignment = answer(g, got, got.Evidence, err)
}

func (g *gatherer) events(ctx context.Context, id string, since time.Time) {
	e, ok := g.Directory.(directory.Eventer)
	if !ok || !g.f.usersBySCIM() {
		return
	}
	got, err := e.ProvisioningEvents(ctx, since, id)
	g.f.Events = answer(g, got, got.Evidence, err)
}

// signIns asks for sign-ins that failed, where nothing else explains why the
// person has no access.
func (g *gatherer) signIns(ctx context.Context) {
	p := g.f.Person
	if !g.f.hasIdP() || !g.f.reaches() || g.Directory != nil && (!p.Known || p.Value == nil) {
		return
	}
	s, ok := g.Directory.(directory.SignIner)
	if !ok {
		g.f.SignIns = Unknown[directory.SignInsFound](g.needs(directory.CanSignIns))
		return
	}
	got, err := s.SignInFailures(ctx, g.since(), p.Value.ID)
	g.f.SignIns = answer(g, got, got.Evidence, err)
}
