package doctor

import (
	"context"
	"slices"
	"strings"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/diag"
	"github.com/rolecall-dev/rolecall/internal/directory"
	"github.com/rolecall-dev/rolecall/internal/names"
)

// sameExternalID is the strongest sign that two names are one person's.
const sameExternalID names.Rung = "same external id"

// formerName is that AWS has the user under a name that the identity provider knows
// as another address of the person.
const formerName names.Rung = "former name"

// mostFormer is how many further addresses of a person are looked up in AWS.
const mostFormer = 3

// binder finds the person whom an id in AWS names.
type binder interface {
	ByExternalID(ctx context.Context, externalID string) (directory.PeopleFound, error)
}

// owner asks the identity provider whose a user in AWS is, by the id that
// provisioning gave it. known says that it told.
func (g *gatherer) owner(ctx context.Context, u access.User) (who *directory.Person, known bool) {
	b, ok := g.Directory.(binder)
	if !ok || u.ExternalID == "" || !g.f.usersBySCIM() {
		return nil, false
	}
	found, err := b.ByExternalID(ctx, u.ExternalID)
	g.unseen(err)
	if err != nil || len(found.People) != 1 {
		return nil, false // not every provider maps its own id
	}
	g.whoSeen = append(g.whoSeen, found.Evidence...)
	return &found.People[0], true
}

// isSame says that a user in AWS who has another name is the person: by the id, or
// where that does not tell by first and last name. An address alone does not say it:
// that of somebody who left is often given to another.
func (g *gatherer) isSame(ctx context.Context, u access.User) bool {
	p := g.f.Person.Value
	if who, known := g.owner(ctx, u); known {
		return who.ID == p.ID
	}
	return u.GivenName != "" && u.FamilyName != "" && strings.EqualFold(u.GivenName, p.GivenName) && strings.EqualFold(u.FamilyName, p.FamilyName)
}

// whoKnows says that the identity provider knows of the person, and not from an
// export.
func (g *gatherer) whoKnows() bool {
	p := g.f.Person
	return p.Known && p.Value != nil && g.f.Export == ""
}

// byOwnID finds the person whom the identity provider does not know by the name, and
// AWS does: somebody who was renamed there keeps the id.
func (g *gatherer) byOwnID(ctx context.Context) {
	if _, ok := g.Directory.(binder); !ok || !g.f.usersBySCIM() {
		return
	}
	u, found, seen, err := g.AWS.UserByName(ctx, g.Name)
	if err != nil || !found || u.Username != g.Name {
		return // the look-up that everything hangs on is made again
	}
	who, known := g.owner(ctx, u)
	if !known || who.Status == directory.Deleted || who.UserName == g.Name {
		return
	}
	g.f.Person = Known(who, append(slices.Clip(g.f.Person.Evidence), append(g.whoSeen, seen)...)...)
	g.f.Alike, g.f.Former = alike(who.UserName, u.Username, sameExternalID), true
}

// formerUser looks for the person in AWS under the name that was asked about, and
// under further addresses.
func (g *gatherer) formerUser(ctx context.Context, seen *[]diag.Evidence) (bool, error) {
	if !g.whoKnows() || !g.f.usersBySCIM() {
		return false, nil
	}
	p := g.f.Person.Value
	may := slices.DeleteFunc(append([]string{g.Name}, p.Aliases...), func(name string) bool {
		return name == g.f.userName() || slices.Contains(g.mayBeSent(), name)
	})
	for _, name := range may[:min(len(may), mostFormer)] {
		u, found, e, err := g.AWS.UserByName(ctx, name)
		if err != nil {
			return false, err
		}
		*seen = append(*seen, e)
		if !found || u.Username != name {
			continue
		}
		if g.isSame(ctx, u) {
			g.f.Alike, g.f.Former = alike(g.f.userName(), u.Username, formerName), true
			return true, nil
		}
	}
	return false, nil
}

// holder asks the identity provider whose the user in AWS is who has the person's
// e-mail address: this person's, under a former name, or somebody else's.
func (g *gatherer) holder(ctx context.Context, u access.User) {
	people, ok := g.Directory.(directory.People)
	if !ok || !g.whoKnows() {
		return
	}
	if who, known := g.owner(ctx, u); known {
		g.f.Former = who.ID == g.f.Person.Value.ID
		if !g.f.Former && who.Status != directory.Deleted {
			g.f.Holder = who
		}
		return
	}
	found, err := people.FindPerson(ctx, u.Username)
	g.unseen(err)
	if err != nil {
		return // what is asked for a better word ends nothing
	}
	for i := range found.People {
		have := &found.People[i]
		switch {
		case have.ID == g.f.Person.Value.ID:
			g.f.Former = g.isSame(ctx, u)
		case have.Status != directory.Deleted && (have.Match == directory.ByUserName || have.Match == directory.ByCase):
			g.f.Holder = have
		}
	}
	g.whoSeen = append(g.whoSeen, found.Evidence...)
}

// knownAs finds the person at the identity provider whom AWS has under a name: by the
// name, or by the id that provisioning gave the user.
func (g *gatherer) knownAs(ctx context.Context, people directory.People, name string) (directory.PeopleFound, error) {
	found, err := people.FindPerson(ctx, name)
	g.unseen(err)
	if _, ok := g.Directory.(binder); err != nil || !ok || len(found.People) > 0 && found.People[0].Match != directory.ByAlias {
		return found, err
	}
	u, there, _, err := g.AWS.UserByName(ctx, name)
	if err != nil || !there {
		return found, nil // what is asked for a better word ends nothing
	}
	if who, known := g.owner(ctx, u); known {
		found.People = append([]directory.Person{*who}, found.People...)
	}
	return found, nil
}
