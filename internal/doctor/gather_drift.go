package doctor

import (
	"context"
	"fmt"
	"slices"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/diag"
	"github.com/rolecall-dev/rolecall/internal/directory"
)

// mostUnmatched is how many members that the other side does not have are looked for
// there.
const mostUnmatched = 10

// drift compares the direct members on both sides, where both can be read. Two are
// one person by the id that provisioning gave the user in AWS, or else by a name that
// the identity provider may send.
func (g *gatherer) drift(ctx context.Context, p *Path) error {
	groups, ok := g.Directory.(directory.Groups)
	if !ok || !p.IdPGroup.Known || p.IdPGroup.Value == nil {
		return nil
	}
	at, err := groups.MembersOf(ctx, p.IdPGroup.Value.ID)
	g.unanswered(err)
	if err != nil {
		p.Drift = asked(Drift{}, nil, err)
		return g.endOf(err)
	}
	in, seen, err := g.members(ctx, *p.AWSGroup.Value)
	if err != nil {
		return err
	}
	evidence := append(slices.Clone(at.Evidence), seen)
	if at.Everybody {
		p.Drift = Fact[Drift]{Needs: "everybody of " + g.f.IdP + " is a member there, so the members cannot be compared by name", Evidence: evidence}
		return nil
	}
	c := comparison{g: g, at: at.Members, in: in, taken: map[string]bool{}}
	if err := c.compare(ctx); err != nil {
		return g.endOf(err)
	}
	p.Drift = Known(c.drift, slices.Concat(evidence, c.seen)...)
	return nil
}

// endOf ends a look at everything with a question that got no answer; where one
// thing is looked into, the rest of it is still worth asking.
func (g *gatherer) endOf(err error) error {
	if g.Subject == SetUp {
		return err
	}
	return nil
}

// comparison finds out which members of the two sides are one person.
type comparison struct {
	g     *gatherer
	at    []directory.Member
	in    []access.User
	taken map[string]bool // ids at the identity provider of those who are in AWS's group
	asked int             // how many were looked up in the AWS application
	drift Drift
	seen  []diag.Evidence
}

func (c *comparison) compare(ctx context.Context) error {
	byID, byName := c.indexes()
	var left []access.User
	for _, u := range c.in {
		m, ok := byID[u.ExternalID]
		if !ok || u.ExternalID == "" {
			m, ok = byName[u.Username]
		}
		switch {
		case ok:
			c.taken[m.ID] = true
			if n, same := byName[u.Username]; same && n.Name == u.Username {
				c.taken[n.ID] = true // two whom one user of AWS stands for
			}
			if !m.Direct {
				left = append(left, u)
			}
		case u.Disabled: // who was switched off has no access by it
		default:
			left = append(left, u)
		}
	}
	left, err := c.named(ctx, left)
	if err != nil {
		return err
	}
	if err := c.unmatched(ctx, left); err != nil {
		return err
	}
	return c.missing(ctx)
}

// named asks the AWS application which names it has for the members whose names in AWS
// are guessed: as many as it makes sense to. It returns the users who are still
// nobody's.
func (c *comparison) named(ctx context.Context, left []access.User) ([]access.User, error) {
	a, ok := c.g.Directory.(directory.Assignments)
	if !ok {
		return left, nil
	}
	for i, asked := range c.at {
		if !c.guessed(asked) || c.asked >= mostUnmatched {
			continue
		}
		c.asked++
		got, err := a.PersonAssignment(ctx, asked.ID)
		c.g.unanswered(err)
		if err != nil {
			return left, err
		}
		m := &c.at[i]
		c.seen = append(c.seen, got.Evidence...)
		switch {
		case got.How == directory.NotAssigned:
			m.Guessed = false // under no name it is brought
			continue
		case got.UserName == "" || got.Guessed:
			continue
		}
		m.Name, m.Otherwise, m.Guessed = got.UserName, got.Otherwise, false
		left = slices.DeleteFunc(left, func(u access.User) bool {
			own := u.Username == m.Name
			c.taken[m.ID] = c.taken[m.ID] || own
			return own
		})
	}
	return left, nil
}

// guessed says that a member may be a user of AWS of any name.
func (c *comparison) guessed(m directory.Member) bool {
	return m.Guessed && m.Direct && !c.taken[m.ID] && m.Kind == directory.PersonMember && !inactive(m)
}

// inactive says that a member is not provisioned.
func inactive(m directory.Member) bool {
	return m.Status != directory.Active && m.Status != directory.Unknown && m.Status != ""
}

// indexes are the people of the identity provider by their ids, which AWS may have as
// external ids, and by the names that AWS may have.
func (c *comparison) indexes() (byID, byName map[string]directory.Member) {
	byID, byName = map[string]directory.Member{}, map[string]directory.Member{}
	for _, m := range c.at {
		if m.Kind != directory.PersonMember {
			continue
		}
		byID[m.ID] = m
		for _, name := range append(slices.Clip(m.Otherwise), m.Name) { // the likeliest last
			byName[name] = m
		}
	}
	return byID, byName
}

// unmatched looks at the identity provider for those of AWS's group who are nobody of
// its own: under another address, or by the id, they may be one all the same. As many
// are looked for as it makes sense to; of the others nothing is said.
func (c *comparison) unmatched(ctx context.Context, users []access.User) error {
	people, ok := c.g.Directory.(directory.People)
	for i, u := range users {
		if !ok {
			c.drift.OnlyAWS = append(c.drift.OnlyAWS, u.Username)
			continue
		}
		if i >= mostUnmatched {
			c.drift.NotLooked += len(users) - i
			break
		}
		found, unclear, err := c.g.knownAs(ctx, people, u)
		if err != nil {
			return err
		}
		c.seen = append(c.seen, found.Evidence...)
		at := slices.IndexFunc(c.at, func(m directory.Member) bool {
			return m.Direct && slices.ContainsFunc(found.People, func(p directory.Person) bool { return p.ID == m.ID })
		})
		switch {
		case at >= 0:
			c.taken[c.at[at].ID] = true
		case unclear, slices.ContainsFunc(c.at, c.guessed): // this one may be one of those
			c.drift.NotLooked++
		default:
			c.drift.OnlyAWS = append(c.drift.OnlyAWS, u.Username)
		}
	}
	return nil
}

// missing sorts those whom AWS's group lacks: they are in the group only through
// another one, or no users of AWS at all, or their membership is missing. Whoever is
// inactive is not provisioned, so that one is not failedSystems.
func (c *comparison) missing(ctx context.Context) error {
	for i := range c.at {
		m := &c.at[i]
		switch {
		case m.Kind != directory.PersonMember || c.taken[m.ID] || inactive(*m):
		case m.Guessed:
			c.drift.Unnamed++
		case !m.Direct:
			c.drift.Nested = append(c.drift.Nested, m.Name)
		case c.drift.NotLooked > 0: // one of those may be this one
		default:
			if err := c.absent(ctx, m); err != nil {
				return err
			}
		}
	}
	return nil
}

// absent looks whether a member whom AWS's group lacks is no user there at all: what
// keeps that one is not the group.
func (c *comparison) absent(ctx context.Context, m *directory.Member) error {
	if len(c.drift.OnlyIdP)+len(c.drift.Absent) < mostUnmatched {
		found := false
		for _, may := range append([]string{m.Name}, m.Otherwise...) {
			_, there, e, err := c.g.AWS.UserByName(ctx, may)
			if err != nil {
				return err
			}
			c.seen = append(c.seen, e)
			if found = there; found {
				break
			}
		}
		if !found {
			c.drift.Absent = append(c.drift.Absent, m.Name)
			return nil
		}
	}
	c.drift.OnlyIdP = append(c.drift.OnlyIdP, m.Name)
	return nil
}

// notCompared says of how many nothing is said; "" where of none.
func (d Drift) notCompared(idp, group string) string {
	switch {
	case d.NotLooked == 0 && d.Unnamed == 0:
		return ""
	case d.NotLooked == 0:
		return fmt.Sprintf("which names AWS has for %d members of %q in %s", d.Unnamed, group, idp)
	}
	return fmt.Sprintf("%d members of %q in AWS have no name that %s is known to send: rolecall did not look up whose they are (it looks up at most %d), or cannot tell", d.NotLooked, group, idp, mostUnmatched)
}
