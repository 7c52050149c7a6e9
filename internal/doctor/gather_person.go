package doctor

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/diag"
	"github.com/rolecall-dev/rolecall/internal/directory"
	"github.com/rolecall-dev/rolecall/internal/verify"
)

// logDays is how far back the provisioning log is read.
const logDays = 7

func (g *gatherer) person(ctx context.Context) error {
	g.atIdP(ctx)
	if err := g.account(ctx); err != nil {
		return err
	}
	if err := g.user(ctx); err != nil {
		return err
	}
	if g.Account != "" && g.accountID() == "" {
		return nil
	}
	return g.paths(ctx)
}

// atIdP asks the identity provider about the person.
func (g *gatherer) atIdP(ctx context.Context) {
	if !g.f.hasIdP() {
		return
	}
	people, ok := g.Directory.(directory.People)
	if !ok {
		g.f.Person = unknown[*directory.Person](g.needs(directory.CanFindPeople))
		return
	}
	found, err := people.FindPerson(ctx, g.Name)
	g.f.Person = asked[*directory.Person](nil, found.Evidence, err)
	if err != nil || len(found.People) == 0 {
		return
	}
	g.f.Person.Value = &found.People[0]
	g.assignment(ctx, found.People[0].ID)
	g.events(ctx, found.People[0].ID)
	groups, ok := g.Directory.(directory.Groups)
	if !ok {
		g.idpGroups = unknown[[]directory.Group](g.needs(directory.CanFindGroups))
		return
	}
	of, err := groups.GroupsOf(ctx, found.People[0].ID)
	g.idpGroups = asked(of.Groups, of.Evidence, err)
}

func (g *gatherer) assignment(ctx context.Context, id string) {
	a, ok := g.Directory.(directory.Assignments)
	if !ok {
		g.f.Assignment = unknown[directory.PersonAssignment](g.needs(directory.CanAssignments))
		return
	}
	got, err := a.PersonAssignment(ctx, id)
	g.f.Assignment = asked(got, got.Evidence, err)
}

func (g *gatherer) events(ctx context.Context, id string) {
	e, ok := g.Directory.(directory.Eventer)
	if !ok || !g.f.usersBySCIM() {
		return
	}
	got, err := e.ProvisioningEvents(ctx, g.Now.AddDate(0, 0, -logDays), id)
	g.f.Events = asked(got.Events, got.Evidence, err)
}

// userName is what the identity provider sends to AWS.
func (g *gatherer) userName() string {
	if a := g.f.Assignment; a.Known && a.Value.UserName != "" {
		return a.Value.UserName
	}
	if p := g.f.Person; p.Known && p.Value != nil && p.Value.UserName != "" {
		return p.Value.UserName
	}
	return g.Name
}

// user looks the user up under the name that signs in; where there is none,
// by the e-mail address. AWS may overlook case, and then says the true name.
func (g *gatherer) user(ctx context.Context) error {
	name := g.userName()
	u, found, seen, err := g.AWS.UserByName(ctx, name)
	if err != nil {
		return err
	}
	if !found {
		evidence := []diag.Evidence{seen}
		email := name
		if p := g.f.Person; p.Known && p.Value != nil && p.Value.Email != "" {
			email = p.Value.Email
		}
		if strings.Contains(email, "@") {
			if u, found, seen, err = g.AWS.UserByEmail(ctx, email); err != nil {
				return err
			}
			evidence = append(evidence, seen)
		}
		g.f.User = known[*access.User](nil, evidence...)
		if found {
			g.f.Alike = alike(name, u.Username, verify.SameEmail)
		}
		return nil
	}
	g.f.User = known(&u, seen)
	if u.Username != name {
		g.f.Alike = alike(name, u.Username, verify.Case)
		g.f.User.Value = nil
	}
	return nil
}

func alike(expected, observed string, otherwise verify.Rung) *Alike {
	a := &Alike{Name: observed, System: identityCenter, Rung: otherwise}
	if rung, ok := verify.Compare(expected, observed); ok {
		a.Rung, a.Differ = rung, verify.Differences(expected, observed)
	}
	return a
}

// paths finds the ways from the person to the access: the groups of the config
// that the person is in, or should be in.
func (g *gatherer) paths(ctx context.Context) error {
	wanted := g.wanted("")
	for _, p := range wanted {
		if !slices.Contains(g.f.Granting, p.Group) {
			g.f.Granting = append(g.f.Granting, p.Group)
		}
	}
	if u := g.f.User; u.Known && u.Value != nil {
		if err := g.userInAWS(ctx, u.Value.ID); err != nil {
			return err
		}
	}
	for _, p := range wanted {
		g.inIdP(ctx, &p)
		if at := slices.IndexFunc(g.ofUser, func(have access.Group) bool { return have.Name == p.Group }); at >= 0 {
			p.AWSGroup = known(&g.ofUser[at])
			p.InAWS = known(true)
		} else if !p.InIdP.Known || p.InIdP.Value == None {
			if !g.alikeGroup(&p) {
				continue // the person has nothing to do with it
			}
		}
		if err := g.path(ctx, &p); err != nil {
			return err
		}
		g.f.Paths = append(g.f.Paths, p)
	}
	return nil
}

// userInAWS reads the user's groups and what is held without a path.
func (g *gatherer) userInAWS(ctx context.Context, id string) error {
	groups, _, err := g.AWS.GroupsOf(ctx, id)
	if err != nil {
		return err
	}
	g.ofUser = groups
	if g.Account == "" {
		return nil
	}
	if g.f.Own, _, err = g.AWS.Holds(ctx, access.UserPrincipal, id, g.accountID()); err != nil {
		return err
	}
	for _, have := range groups {
		if slices.Contains(g.f.Granting, have.Name) {
			continue
		}
		held, _, err := g.AWS.Holds(ctx, access.GroupPrincipal, have.ID, g.accountID())
		if err != nil {
			return err
		}
		g.f.Elsewhere = append(g.f.Elsewhere, held...)
	}
	return nil
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
		p.IdPGroup = known(&g.idpGroups.Value[at], g.idpGroups.Evidence...)
		p.InIdP = known(Direct, g.idpGroups.Evidence...)
		return
	}
	groups := g.Directory.(directory.Groups) // idpGroups came from there
	found, err := groups.FindGroups(ctx, p.Group)
	if err != nil {
		return
	}
	p.InIdP = known(None, found.Evidence...)
	p.IdPGroup = known[*directory.Group](nil, found.Evidence...)
	if len(found.Groups) == 0 {
		return
	}
	p.IdPGroup.Value = &found.Groups[0]
	members, err := groups.MembersOf(ctx, found.Groups[0].ID)
	if err != nil {
		p.InIdP = Fact[Membership]{}
		return
	}
	for _, m := range members.Members {
		if m.ID == person.Value.ID {
			p.InIdP = known(Nested, members.Evidence...)
		}
	}
}

// alikeGroup says that the person is in a group that people would take for
// the one of the config.
func (g *gatherer) alikeGroup(p *Path) bool {
	for _, have := range g.ofUser {
		if rung, ok := verify.Compare(p.Group, have.Name); ok && rung.SameName() {
			p.Alike = alike(p.Group, have.Name, rung)
			return true
		}
	}
	for _, have := range g.idpGroups.Value {
		if rung, ok := verify.Compare(p.Group, have.Name); ok && rung.SameName() {
			p.Alike = alike(p.Group, have.Name, rung)
			p.Alike.System = g.f.IdP
			return true
		}
	}
	return false
}

// path completes a path in AWS: the group, what it holds, and what of that is
// in the account.
func (g *gatherer) path(ctx context.Context, p *Path) error {
	if !p.AWSGroup.Known {
		have, found, seen, err := g.AWS.GroupByName(ctx, p.Group)
		if err != nil {
			return err
		}
		p.AWSGroup = known[*access.Group](nil, seen)
		switch {
		case found && have.Name == p.Group:
			p.AWSGroup.Value, p.Alike = &have, nil
			p.InAWS = known(false, seen)
		case found: // AWS may overlook case; a config must not
			p.Alike = alike(p.Group, have.Name, verify.Case)
		}
	}
	if p.AWSGroup.Value == nil || p.IdPGroup.Known && p.IdPGroup.Value != nil {
		g.scope(ctx, p)
	}
	if p.AWSGroup.Value == nil {
		return nil
	}
	return g.held(ctx, p)
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
		if err != nil {
			return
		}
		p.InScope = known(false, pushed.Evidence...)
		for _, m := range pushed.Mappings {
			if m.GroupID == id {
				p.InScope.Value = m.State != directory.SyncOff
				if m.State == directory.SyncFailed {
					p.Push = m.Error + m.Said
				}
			}
		}
		return
	}
	if a, ok := g.Directory.(directory.Assignments); ok {
		assigned, err := a.GroupAssignments(ctx)
		if err != nil {
			return
		}
		p.InScope = known(slices.ContainsFunc(assigned.Groups, func(have directory.Group) bool { return have.ID == id }), assigned.Evidence...)
	}
	if e, ok := g.Directory.(directory.Eventer); ok && p.AWSGroup.Value == nil {
		got, err := e.ProvisioningEvents(ctx, g.Now.Add(-logDays*24*time.Hour), id)
		if err == nil && len(got.Events) > 0 && got.Events[0].Outcome == directory.Failed {
			p.Push = got.Events[0].Reason
		}
	}
}

// held asks what the group holds in AWS; where it lacks the set, why.
func (g *gatherer) held(ctx context.Context, p *Path) error {
	held, seen, err := g.AWS.Holds(ctx, access.GroupPrincipal, p.AWSGroup.Value.ID, p.Account)
	if err != nil {
		return err
	}
	at := slices.IndexFunc(held, func(have Grant) bool { return have.Set == p.Set })
	p.Granted = known(at >= 0, seen)
	if at < 0 {
		return g.lacking(ctx, p)
	}
	if p.Account == "" || g.f.Subject == Person && !g.f.inAWS() {
		return nil
	}
	sets, seen, err := g.AWS.Provisioned(ctx, p.Account)
	if err != nil {
		return err
	}
	outdated, there := sets[held[at].SetARN]
	p.Provisioned, p.Outdated = known(there, seen), outdated
	return nil
}

// lacking asks why the group does not hold the set: a group that was deleted
// may, or AWS failed to assign it.
func (g *gatherer) lacking(ctx context.Context, p *Path) error {
	arn, found, err := g.AWS.SetARN(ctx, p.Set)
	if err != nil || !found {
		return err
	}
	if p.Account != "" {
		holders, seen, err := g.AWS.Holders(ctx, arn, p.Account)
		if err != nil {
			return err
		}
		p.Granted.Evidence = append(p.Granted.Evidence, seen)
		for _, h := range holders {
			if h.Gone {
				p.Orphan = h.ID
			}
		}
	}
	jobs, seen, err := g.AWS.FailedJobs(ctx, 1+len(g.ofUser))
	if err != nil {
		return err
	}
	p.Granted.Evidence = append(p.Granted.Evidence, seen)
	for _, j := range jobs {
		if j.Set == arn && j.Principal == p.AWSGroup.Value.ID && (p.Account == "" || j.Account == p.Account) {
			p.Failure = &j
			break
		}
	}
	return nil
}
