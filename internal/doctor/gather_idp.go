package doctor

import (
	"context"
	"slices"
	"time"

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
	g.unseen(err)
	g.f.Person = asked[*directory.Person](nil, found.Evidence, err)
	if err != nil || len(found.People) == 0 {
		return
	}
	g.f.Person.Value = &found.People[0]
	g.assignment(ctx, found.People[0].ID)
	g.events(ctx, found.People[0].ID)
	if !g.f.bySCIM() {
		return // groups of there mean nothing in AWS
	}
	groups, ok := g.Directory.(directory.Groups)
	if !ok {
		g.idpGroups = Unknown[[]directory.Group](g.needs(directory.CanFindGroups))
		return
	}
	of, err := groups.GroupsOf(ctx, found.People[0].ID)
	g.unseen(err)
	g.idpGroups = asked(of.Groups, of.Evidence, err)
	g.f.GroupsAtIdP = err == nil
}

func (g *gatherer) assignment(ctx context.Context, id string) {
	a, ok := g.Directory.(directory.Assignments)
	if !ok {
		g.f.Assignment = Unknown[directory.PersonAssignment](g.needs(directory.CanAssignments))
		return
	}
	got, err := a.PersonAssignment(ctx, id)
	g.unseen(err)
	g.f.Assignment = asked(got, got.Evidence, err)
}

func (g *gatherer) events(ctx context.Context, id string) {
	e, ok := g.Directory.(directory.Eventer)
	if !ok || !g.f.usersBySCIM() {
		return
	}
	got, err := e.ProvisioningEvents(ctx, g.since(), id)
	g.unseen(err)
	g.f.Events = asked(got.Events, got.Evidence, err)
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
	g.unseen(err)
	g.f.SignIns = asked(got, got.Evidence, err)
}

// inIdP says how the person is in the group at the identity provider. Members
// are read only of groups that the person is not in directly.
func (g *gatherer) inIdP(ctx context.Context, p *Path) {
	person := g.f.Person
	if !person.Known || person.Value == nil || !g.idpGroups.Known {
		return
	}
	same := func(have directory.Group) bool { return have.Name == p.Group }
	if at := slices.IndexFunc(g.idpGroups.Value, same); at >= 0 {
		p.IdPGroup = Known(&g.idpGroups.Value[at], g.idpGroups.Evidence...)
		p.InIdP = Known(Direct, g.idpGroups.Evidence...)
		return
	}
	groups := g.Directory.(directory.Groups) // idpGroups came from there
	found, err := groups.FindGroups(ctx, p.Group)
	g.unseen(err)
	if err != nil {
		return
	}
	p.InIdP = Known(None, found.Evidence...)
	p.IdPGroup = Known[*directory.Group](nil, found.Evidence...)
	if len(found.Groups) == 0 {
		return
	}
	p.IdPGroup.Value = &found.Groups[0]
	members, err := groups.MembersOf(ctx, found.Groups[0].ID)
	g.unseen(err)
	if err != nil {
		p.InIdP = Fact[Membership]{}
		return
	}
	for _, m := range members.Members {
		if m.ID == person.Value.ID {
			p.InIdP = Known(Nested, members.Evidence...)
		}
	}
}

// scope asks whether the identity provider brings the group to AWS, and how
// the last push of it went.
func (g *gatherer) scope(ctx context.Context, p *Path) {
	if !g.f.bySCIM() || !p.IdPGroup.Known || p.IdPGroup.Value == nil {
		return
	}
	id := p.IdPGroup.Value.ID
	if pusher, ok := g.Directory.(directory.GroupPusher); ok {
		pushed, err := pusher.PushGroups(ctx)
		g.unseen(err)
		if err == nil {
			p.pushed(id, pushed)
		}
		return
	}
	if a, ok := g.Directory.(directory.Assignments); ok {
		assigned, err := a.GroupAssignments(ctx)
		g.unseen(err)
		if err != nil {
			return
		}
		p.InScope = Known(slices.ContainsFunc(assigned.Groups, func(have directory.Group) bool { return have.ID == id }), assigned.Evidence...)
	}
	if e, ok := g.Directory.(directory.Eventer); ok && p.AWSGroup.Value == nil {
		got, err := e.ProvisioningEvents(ctx, g.since(), id)
		g.unseen(err)
		if err == nil && len(got.Events) > 0 && got.Events[0].Outcome == directory.Failed {
			p.Push = got.Events[0].Reason
		}
	}
}

// pushed takes over what the push mappings say of the group.
func (p *Path) pushed(id string, found directory.PushGroupsFound) {
	p.InScope = Known(false, found.Evidence...)
	for _, m := range found.Mappings {
		if m.GroupID != id {
			continue
		}
		p.InScope.Value = m.State != directory.SyncOff
		if m.State == directory.SyncFailed {
			p.Push = m.Error + m.Said
		}
	}
}
