package doctor

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/diag"
	"github.com/rolecall-dev/rolecall/internal/directory"
	"github.com/rolecall-dev/rolecall/internal/names"
)

// sameExternalID is the strongest sign that two names are one person's.
const sameExternalID names.Match = "same external id"

// formerName is that AWS has the user under a name that the identity provider knows
// as another address of the person.
const formerName names.Match = "former name"

// mostFormer is how many further addresses of a person are looked up in AWS.
const mostFormer = 3

// owner asks the identity provider whose a user in AWS is, by the id that provisioning
// gave it. known says that it told: nil is nobody whom it has. An id that is made of
// something that can be given to another, such as a nickname, has to come with the
// same first and last name.
func (g *gatherer) owner(ctx context.Context, u access.User) (who *directory.Person, known bool) {
	who, known, seen := g.ownerSeen(ctx, u)
	g.whoSeen = append(g.whoSeen, seen...)
	return who, known
}

// ownerSeen is owner with what was seen of somebody whom it has.
func (g *gatherer) ownerSeen(ctx context.Context, u access.User) (who *directory.Person, known bool, seen []diag.Evidence) {
	b, ok := g.Directory.(directory.Binder)
	if !ok || u.ExternalID == "" || !g.f.usersBySCIM() {
		return nil, false, nil
	}
	found, err := g.boundTo(ctx, b, u.ExternalID)
	switch {
	case err != nil || len(found.People) > 1:
		return nil, false, nil
	case len(found.People) == 0:
		return nil, found.Unclear == "", nil
	case found.People[0].ID != u.ExternalID && !sameNames(u, found.People[0]):
		return nil, false, nil
	}
	return &found.People[0], true, found.Evidence
}

// boundTo asks about an id once: a member of several groups has the same in each.
func (g *gatherer) boundTo(ctx context.Context, b directory.Binder, id string) (directory.PeopleFound, error) {
	if have, ok := g.owners[id]; ok {
		return have, nil
	}
	found, err := b.ByExternalID(ctx, id)
	g.unanswered(err)
	if err == nil {
		g.owners[id] = found
	}
	return found, err
}

// sameness is whether a user in AWS, who has another name, is a person.
type sameness int

const (
	unclearWho sameness = iota
	thatPerson
	somebodyElse
)

// isSame says whether a user in AWS is the person: by the id, or where that does not
// tell by first and last name. An address alone does not say it: that of somebody who
// left is often given to another; and a last name alone does not deny it.
func (g *gatherer) isSame(ctx context.Context, u access.User, p *directory.Person) sameness {
	if who, known := g.owner(ctx, u); known {
		if who != nil && who.ID == p.ID {
			return thatPerson
		}
		return somebodyElse
	}
	return g.isAlike(u, p)
}

// isAlike says so where the id does not tell.
func (g *gatherer) isAlike(u access.User, p *directory.Person) sameness {
	switch {
	case u.ExternalID != "" && g.idsAreOwn(u, p):
		return somebodyElse
	case sameNames(u, *p):
		return thatPerson
	case u.GivenName != "" && p.GivenName != "" && !strings.EqualFold(u.GivenName, p.GivenName) && !strings.EqualFold(u.FamilyName, p.FamilyName):
		return somebodyElse
	}
	return unclearWho
}

// idsAreOwn says that AWS's external id is of the form of the person's own id, and
// another one.
func (g *gatherer) idsAreOwn(u access.User, p *directory.Person) bool {
	return p.Bound == "" && len(u.ExternalID) == len(p.ID) && u.ExternalID != p.ID && !p.Guessed
}

// sameNames says that first and last name are the same.
func sameNames(u access.User, p directory.Person) bool {
	return u.GivenName != "" && u.FamilyName != "" && strings.EqualFold(u.GivenName, p.GivenName) && strings.EqualFold(u.FamilyName, p.FamilyName)
}

// lookedUp looks a user up by name, the one that was asked about once.
func (g *gatherer) lookedUp(ctx context.Context, name string) (access.User, bool, diag.Evidence, error) {
	if name != g.Name {
		return g.AWS.UserByName(ctx, name)
	}
	if g.named == nil {
		u, found, seen, err := g.AWS.UserByName(ctx, name)
		if err != nil {
			return u, found, seen, err
		}
		g.named = &lookedUp{u, found, seen}
	}
	return g.named.user, g.named.found, g.named.seen, nil
}

// lookedUp is a user of AWS that was looked up, or that there is none.
type lookedUp struct {
	user  access.User
	found bool
	seen  diag.Evidence
}

// whoKnows says that the identity provider knows of the person, and not from an
// export.
func (g *gatherer) whoKnows() bool {
	p := g.f.Person
	return p.Known && p.Value != nil && g.f.Export == ""
}

// byOwnID finds the person to whom the user in AWS of the name that was asked about
// belongs, by the id: somebody who was renamed keeps it, and a login or an address may
// have gone to another since.
func (g *gatherer) byOwnID(ctx context.Context) {
	if _, ok := g.Directory.(directory.Binder); !ok || g.AWS == nil || !g.f.usersBySCIM() || g.f.Export != "" {
		return
	}
	u, found, seen, err := g.lookedUp(ctx, g.Name)
	p := g.f.Person.Value
	if err != nil || !found || u.Username != g.Name || p != nil && (u.ExternalID == p.ID || u.ExternalID == p.Bound) {
		return // the look-up that everything hangs on is made again
	}
	who, known := g.owner(ctx, u)
	if !known || who == nil || who.Status == directory.Deleted || p != nil && who.ID == p.ID {
		return
	}
	if p != nil && g.assignedAs(ctx, u.Username) {
		if who.Status == directory.Active {
			g.f.Bearer = who
		}
		return
	}
	g.f.Assignment = Fact[directory.PersonAssignment]{}
	g.f.Person = Known(who, append(slices.Clip(g.f.Person.Evidence), append(g.whoSeen, seen)...)...)
	if who.UserName != u.Username {
		g.f.Alike, g.f.Former = alike(who.UserName, u.Username, sameExternalID), true
	}
}

// assignedAs says that the person is assigned under exactly this name: who signs in so gets
// the user of AWS, whosever id that carries.
func (g *gatherer) assignedAs(ctx context.Context, name string) bool {
	p := g.f.Person.Value
	g.assignment(ctx, p.ID)
	a := g.f.Assignment
	switch {
	case !a.Known || a.Value.How == directory.NotAssigned:
		return false
	case a.Value.UserName != "":
		return !a.Value.Guessed && a.Value.UserName == name
	}
	return !p.Guessed && p.UserName == name
}

// aliasOfOther says that the name is another address of the person whom the identity
// provider has, and that AWS has a user of exactly the name who is somebody else: the
// address of somebody who left is often given to another.
func (g *gatherer) aliasOfOther(ctx context.Context) {
	p := g.f.Person.Value
	other := p != nil && (p.Match == directory.ByAlias || p.Match == directory.ByEmail) && p.UserName != g.Name && !slices.Contains(p.Otherwise, g.Name)
	if !other || g.AWS == nil || !g.whoKnows() || !g.f.usersBySCIM() {
		return
	}
	u, found, seen, err := g.lookedUp(ctx, g.Name)
	if err != nil || !found || u.Username != g.Name {
		return // the look-up that everything hangs on is made again
	}
	switch g.isSame(ctx, u, p) {
	case thatPerson:
		return
	case unclearWho:
		g.f.Person = Fact[*directory.Person]{Needs: g.perhapsAnother(g.Name, p), Evidence: append(slices.Clip(g.f.Person.Evidence), seen)}
		return
	}
	g.f.AliasOf = p.UserName
	g.f.Person = Known[*directory.Person](nil, append(slices.Clip(g.f.Person.Evidence), append(g.whoSeen, seen)...)...)
}

// perhapsAnother is what cannot be told of a user in AWS whose name is another address
// of a person.
func (g *gatherer) perhapsAnother(user string, p *directory.Person) string {
	return fmt.Sprintf("AWS has a user %q, and %s has that only as another address of %q: it is not clear whether they are the same person", user, g.f.IdP, p.UserName)
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
		u, found, e, err := g.lookedUp(ctx, name)
		if err != nil {
			return false, err
		}
		*seen = append(*seen, e)
		if !found || u.Username != name {
			continue
		}
		if g.isSame(ctx, u, p) == thatPerson {
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
		g.f.Former = who != nil && who.ID == g.f.Person.Value.ID
		if !g.f.Former && who != nil && who.Status != directory.Deleted {
			g.f.Holder = who
		}
		return
	}
	found, err := people.FindPerson(ctx, u.Username)
	g.unanswered(err)
	if err != nil {
		return // what is asked for a better word ends nothing
	}
	for i := range found.People {
		have := &found.People[i]
		switch {
		case have.ID == g.f.Person.Value.ID:
			g.f.Former = g.isSame(ctx, u, g.f.Person.Value) == thatPerson
		case have.Status != directory.Deleted && (have.Match == directory.ByUserName || have.Match == directory.ByCase):
			g.f.Holder = have
		}
	}
	g.whoSeen = append(g.whoSeen, found.Evidence...)
}

// knownAs finds the person at the identity provider to whom a user in AWS belongs: by
// the id that provisioning gave the user, or by the name. An address that is only an
// alias of somebody does not make the user theirs; unclear says that it may be.
func (g *gatherer) knownAs(ctx context.Context, people directory.People, u access.User) (found directory.PeopleFound, unclear bool, err error) {
	who, known, seen := g.ownerSeen(ctx, u)
	if who != nil {
		return directory.PeopleFound{People: []directory.Person{*who}, Evidence: seen}, false, nil
	}
	found, err = people.FindPerson(ctx, u.Username)
	g.unanswered(err)
	found.People = slices.DeleteFunc(found.People, func(p directory.Person) bool {
		if p.Match != directory.ByAlias && p.Match != directory.ByEmail || slices.Contains(p.Otherwise, u.Username) || sameNames(u, p) {
			return false
		}
		unclear = unclear || !known && u.ExternalID != "" && g.isAlike(u, &p) == unclearWho
		return true
	})
	return found, unclear, err
}
