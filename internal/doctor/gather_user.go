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
	"github.com/rolecall-dev/rolecall/internal/presence"
)

// person looks into one person: at the identity provider, in AWS, and on every
// way to the access.
func (g *gatherer) person(ctx context.Context) error {
	g.f.OfConfig = g.Desired.UserIndex(g.Name) >= 0
	g.atIdP(ctx)
	if err := g.account(ctx); err != nil {
		return err
	}
	if err := g.user(ctx); err != nil {
		return err
	}
	g.userAtSCIM(ctx)
	if g.f.nowhere() {
		return nil
	}
	if err := g.paths(ctx); err != nil {
		return err
	}
	g.signIns(ctx)
	return nil
}

// user looks the user up under the name that signs in; where there is none,
// by the e-mail address. AWS may overlook case, and then says the true name.
func (g *gatherer) user(ctx context.Context) error {
	name := g.f.userName()
	u, found, seen, err := g.lookedUp(ctx, name)
	if err != nil {
		return err
	}
	if !found {
		if u, found, err = g.otherwise(ctx, &seen); err != nil {
			return err
		}
		name = g.f.userName()
	}
	if at := g.Desired.UserIndex(name); at >= 0 {
		g.f.Named = !g.Desired.Users[at].Remove
		g.f.Defined = g.f.Named && !g.Desired.Users[at].Referenced
	}
	switch {
	case !found:
		err = g.otherUser(ctx, name, seen)
	case u.Username == name:
		g.f.User = Known(&u, seen)
		g.f.Alike, g.f.Former = nil, false // AWS has both names
		g.nearInConfig(name)
		return nil
	case g.f.usersBySCIM() && g.f.Person.Value != nil: // AWS found the user, whatever the case
		g.f.User, g.f.InCase = Known(&u, seen), u.Username
		return nil
	default:
		g.f.User = Known[*access.User](nil, seen)
		g.f.Alike = alike(name, u.Username, names.Case)
	}
	g.f.User.Evidence = append(g.f.User.Evidence, g.whoSeen...)
	g.asked(name)
	return err
}

// otherwise looks the user up by the other names that the identity provider may
// send, where it does not show which one it sends.
func (g *gatherer) otherwise(ctx context.Context, seen *diag.Evidence) (access.User, bool, error) {
	for _, name := range g.mayBeSent() {
		u, found, e, err := g.AWS.UserByName(ctx, name)
		if err != nil {
			return u, false, err
		}
		if found {
			g.f.Sent, *seen = name, e
			return u, true, nil
		}
	}
	return access.User{}, false, nil
}

func (g *gatherer) mayBeSent() []string {
	switch a, p := g.f.Assignment, g.f.Person; {
	case a.Known && a.Value.UserName != "":
		return a.Value.Otherwise
	case p.Known && p.Value != nil:
		return p.Value.Otherwise
	default:
		return nil
	}
}

// former is of a user in AWS who is the person under another name. Where it is not
// known which name the identity provider sends, that is the one.
func (g *gatherer) former(ctx context.Context, seen []diag.Evidence) error {
	g.f.User = Known[*access.User](nil, seen...)
	if g.nameKnown() {
		return nil
	}
	u, found, e, err := g.AWS.UserByName(ctx, g.f.Alike.Name)
	if err != nil || !found {
		return err
	}
	g.f.Sent, g.f.Alike, g.f.Former = u.Username, nil, false
	g.f.User = Known(&u, append(seen, e)...)
	return nil
}

// nameKnown says that it is known what the identity provider sends as user name.
func (g *gatherer) nameKnown() bool {
	if _, tells := g.Directory.(directory.Assignments); !tells {
		return len(g.mayBeSent()) == 0
	}
	a := g.f.Assignment
	return a.Known && a.Value.UserName != "" && !a.Value.Guessed && len(a.Value.Otherwise) == 0
}

// otherUser looks for the person under another user name: by e-mail address,
// and with Scan among all users.
func (g *gatherer) otherUser(ctx context.Context, name string, seen ...diag.Evidence) error {
	if g.f.Former { // found by the identity provider's own id
		return g.former(ctx, seen)
	}
	if done, err := g.formerUser(ctx, &seen); done || err != nil {
		if err != nil {
			return err
		}
		return g.former(ctx, seen)
	}
	email := name
	if p := g.f.Person; p.Known && p.Value != nil && p.Value.Email != "" {
		email = p.Value.Email
	}
	if strings.Contains(email, "@") {
		u, found, e, err := g.AWS.UserByEmail(ctx, email)
		if err != nil {
			return err
		}
		seen = append(seen, e)
		if found {
			g.f.Alike = alike(name, u.Username, presence.SameEmail)
			if g.holder(ctx, u); g.f.Former {
				return g.former(ctx, seen)
			}
		}
	}
	if g.f.Alike == nil && g.Scan {
		e, err := g.scanUsers(ctx, name)
		if err != nil {
			return err
		}
		if seen = append(seen, e); g.f.Former {
			return g.former(ctx, seen)
		}
	}
	g.f.User = Known[*access.User](nil, seen...)
	if p := g.f.Person.Value; p != nil && g.f.Alike == nil && (p.Guessed || g.f.Assignment.Value.Guessed) && g.f.usersBySCIM() && !g.f.neverCame() {
		g.f.User = Fact[*access.User]{Needs: fmt.Sprintf("whether AWS has %q: %s may make user names from something else%s, so the user may have another name there", g.Name, g.f.IdP, g.f.mapped()), Evidence: seen}
	}
	return nil
}

// scanUsers looks among all users of AWS for one whose name looks the same, or
// nearly so.
func (g *gatherer) scanUsers(ctx context.Context, name string) (diag.Evidence, error) {
	users, seen, err := g.AWS.Users(ctx)
	if err != nil {
		return seen, err
	}
	if p := g.f.Person.Value; p != nil && g.whoKnows() {
		at := slices.IndexFunc(users, func(u access.User) bool {
			return u.ExternalID != "" && (u.ExternalID == p.ID || u.ExternalID == p.Bound && sameNames(u, *p))
		})
		if at >= 0 {
			g.f.Alike, g.f.Former = alike(name, users[at].Username, sameExternalID), true
			return seen, nil
		}
	}
	g.f.Alike, g.f.Near = nearUsers(name, users)
	return seen, nil
}

// scanGroups does so for a group.
func (g *gatherer) scanGroups(ctx context.Context, p *Path) error {
	if !g.Scan || p.Alike != nil {
		return nil
	}
	groups, seen, err := g.AWS.Groups(ctx)
	if err != nil {
		return err
	}
	p.Alike, p.Near = lookAlike(p.Group, called(groups, func(have access.Group) string { return have.Name }))
	p.AWSGroup.Evidence = append(p.AWSGroup.Evidence, seen)
	return nil
}

// mostNear is how many names that are merely near are told.
const mostNear = 3

// lookAlike finds the name that people would take for this one; where there is
// none, those that are a few characters away, which prove nothing.
func lookAlike(name string, among []string) (*Alike, []string) {
	var near []string
	for _, c := range names.NewIndex(among).Nearest(name, mostNear, nil) {
		if c.Match.SameName() {
			return alike(name, among[c.At], c.Match), nil
		}
		near = append(near, among[c.At])
	}
	return nil, near
}

func alike(expected, observed string, otherwise names.Match) *Alike {
	a := &Alike{Name: observed, System: identityCenter, Rung: otherwise}
	if rung, ok := names.Compare(expected, observed); ok {
		a.Rung, a.Differ = rung, names.Differences(expected, observed)
	}
	return a
}
