package doctor

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/diag"
	"github.com/rolecall-dev/rolecall/internal/directory"
)

// Compared says what both systems were asked about.
type Compared struct {
	Groups, Users int
	// Left are groups and users of the config that were not asked about, because
	// there are more than Case.Most.
	Left int
}

// Compare asks the identity provider and AWS about what the config needs in
// both, and returns the checks' verdicts on what differs although one system owns
// it: groups and memberships where SCIM brings them; people, where the identity
// provider authenticates those whom AWS has. It asks about at most Case.Most
// groups or users, with about two calls to the identity provider for a group and
// one for a person. What the systems were not asked about is not judged.
//
// The error is the first question that got no answer; what was found before
// stays true.
func Compare(ctx context.Context, c Case) ([]Verdict, Compared, error) {
	c.Subject = SetUp
	g := newGatherer(c)
	g.provisioning(ctx)
	err := g.bothSystems(ctx)
	return told(g.f, func(c Check) bool { return c.compares }), g.f.Compared.Value, err
}

// bothSystems asks about groups where SCIM brings them, about people where both
// systems need them, and about nothing where there is one system.
func (g *gatherer) bothSystems(ctx context.Context) error {
	if !g.f.hasIdP() {
		return nil
	}
	var err error
	switch {
	case g.f.bySCIM() && !g.f.Window.Groups: // nobody brings groups
		return nil
	case g.f.bySCIM():
		err = g.groupsInBoth(ctx)
	default:
		err = g.peopleInBoth(ctx)
	}
	g.f.Compared.Known = err == nil && g.f.Compared.Needs == ""
	if e := (*directory.Error)(nil); errors.As(err, &e) {
		g.f.Compared.Needs = asked(0, nil, err).Needs
	}
	return err
}

// groupsInBoth compares each group of the config that is in AWS with the one at
// the identity provider, and their members.
func (g *gatherer) groupsInBoth(ctx context.Context) error {
	groups, ok := g.Directory.(directory.Groups)
	if !ok {
		g.f.Compared.Needs = g.needs(directory.CanFindGroups)
		return nil
	}
	for _, want := range g.Desired.Groups {
		at := g.Live.GroupIndex(want.Name)
		if at < 0 {
			continue // others say why it is not there
		}
		if !g.take(&g.f.Compared.Value.Groups, len(g.Desired.Groups)) {
			continue
		}
		named, err := g.groupNamed(ctx, groups, want.Name)
		if err != nil {
			return err
		}
		have := g.Live.Groups[at]
		p := Path{Group: want.Name, At: g.Desired.Range(want.Origin), IdPGroup: named,
			AWSGroup: Known(&have, diag.Evidence{System: identityCenter, What: "group " + want.Name, Saw: "id " + have.ID})}
		g.boundGroup(ctx, &p)
		named = p.IdPGroup
		if pusher, pushes := g.Directory.(directory.GroupPusher); pushes && named.Value != nil && g.broughtGroups(ctx).Known {
			p.InScope = Known(g.brought.Value[named.Value.ID], g.brought.Evidence...)
			g.pushed(ctx, pusher, &p)
		}
		if named.Value != nil {
			if err := g.drift(ctx, &p); err != nil {
				return err
			}
		}
		g.f.Paths = append(g.f.Paths, p)
	}
	return nil
}

// take counts one more, unless there have been enough.
func (g *gatherer) take(asked *int, of int) bool {
	if *asked >= g.Most {
		g.f.Compared.Value.Left++
		return false
	}
	if g.Progress != nil {
		g.Progress(*asked, min(of, g.Most))
	}
	*asked++
	return true
}

// OneSide is a person of the config whom one of the two systems lacks, or has
// otherwise.
type OneSide struct {
	Name  string // of the config
	InAWS bool
	At    diag.Range
	// Person is nil where the identity provider has nobody of that name; AliasOf is the
	// person of whom it is another address, where the user in AWS is somebody else.
	Person   *directory.Person
	AliasOf  string
	Evidence []diag.Evidence
}

// peopleInBoth looks for each user of the config at the identity provider, which
// signs them in.
func (g *gatherer) peopleInBoth(ctx context.Context) error {
	people, ok := g.Directory.(directory.People)
	if !ok {
		g.f.Compared.Needs = g.needs(directory.CanFindPeople)
		return nil
	}
	for _, want := range g.Desired.Users {
		if want.Remove || !g.take(&g.f.Compared.Value.Users, len(g.Desired.Users)) {
			continue
		}
		found, err := people.FindPerson(ctx, want.Username)
		g.unanswered(err)
		if err != nil {
			return err
		}
		side := OneSide{Name: want.Username, InAWS: g.Live.UserIndex(want.Username) >= 0, At: g.Desired.Range(want.Origin), Evidence: found.Evidence}
		one := g.one(want.Username, found, nil)
		if !one.Known {
			g.f.Unclear = append(g.f.Unclear, one.Needs)
			continue
		}
		side.Person = one.Value
		if side.InAWS && !g.whose(ctx, &side) {
			continue
		}
		if !side.same() && (side.InAWS || !g.f.usersBySCIM()) { // what SCIM did not bring is missing, which others say
			g.f.OneSided = append(g.f.OneSided, side)
		}
	}
	return nil
}

// whose finds out whose the user in AWS is, where the name does not lead to the person:
// by the id it may be one who was renamed, and the address of somebody who left may be
// another's now. false is that it cannot be told, which is said.
func (g *gatherer) whose(ctx context.Context, s *OneSide) bool {
	u := g.Live.Users[g.Live.UserIndex(s.Name)]
	p := s.Person
	switch {
	case !g.f.usersBySCIM() || p != nil && (strings.EqualFold(p.UserName, s.Name) || slices.Contains(p.Otherwise, s.Name)):
		return true
	case p == nil:
		if who, known := g.owner(ctx, u); known && who != nil && who.Status != directory.Deleted {
			s.Person = who
		}
		return true
	}
	switch g.isSame(ctx, u, p) {
	case somebodyElse:
		s.Person, s.AliasOf = nil, p.UserName
	case unclearWho:
		g.f.Unclear = append(g.f.Unclear, g.perhapsAnother(s.Name, p))
		return false
	}
	return true
}

// same says that the identity provider has the person, active, under exactly the
// name of the config.
func (s *OneSide) same() bool {
	p := s.Person
	return p != nil && (p.UserName == s.Name || slices.Contains(p.Otherwise, s.Name)) && slices.Contains([]directory.Status{directory.Active, directory.Unknown, directory.Locked}, p.Status)
}

// members are those of a group in AWS: from what was read already, or by asking.
func (g *gatherer) members(ctx context.Context, group access.Group) ([]access.User, diag.Evidence, error) {
	if !g.Live.Observed.Members[group.ID] {
		return g.AWS.MembersOf(ctx, group.ID)
	}
	var users []access.User
	for _, m := range g.Live.Members(g.Live.GroupIndex(group.Name)) {
		users = append(users, g.Live.Users[m.User])
	}
	return users, diag.Evidence{System: identityCenter, What: "members of " + group.Name, Saw: "read before"}, nil
}
