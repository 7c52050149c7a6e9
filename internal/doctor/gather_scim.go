package doctor

import (
	"context"
	"slices"

	"github.com/rolecall-dev/rolecall/internal/probe/scim"
)

// SCIM asks AWS's SCIM endpoint.
type SCIM interface {
	Config(ctx context.Context) scim.Answer
	Users(ctx context.Context, userName string) ([]scim.Object, scim.Answer)
	UsersByExternalID(ctx context.Context, id string) ([]scim.Object, scim.Answer)
	Groups(ctx context.Context, displayName string) ([]scim.Object, scim.Answer)
}

// mayAsk says that the endpoint can be asked and was not yet.
func (g *gatherer) mayAsk() bool {
	return g.SCIMLook != nil && g.f.usersBySCIM() && !g.f.SCIM.Known
}

// userAtSCIM asks the endpoint for the user: one call that shows both whether it
// takes the token and, by the id, whether it is the one of this IAM Identity
// Center.
func (g *gatherer) userAtSCIM(ctx context.Context) {
	if !g.mayAsk() {
		return
	}
	name, id := g.f.userName(), ""
	if u := g.f.User; u.Known && u.Value != nil {
		name, id = u.Value.Username, u.Value.ID
	}
	found, a := g.SCIMLook.Users(ctx, name)
	g.atSCIM(id, found, a)
	if p := g.f.Person; a.OK() && id == "" && g.f.Alike == nil && p.Known && p.Value != nil && g.f.Export == "" {
		g.bound(ctx, p.Value.ID)
	}
}

// bound looks for the user in AWS that carries the identity provider's id of the
// person, under whatever name: where there is one, it is this person. Not every
// provider sends that id, so that none says nothing.
func (g *gatherer) bound(ctx context.Context, id string) {
	found, a := g.SCIMLook.UsersByExternalID(ctx, id)
	g.f.Unbound = a.OK() && len(found) == 0 && g.f.Person.Value.Bound == "" && g.f.Provisioning.Value.OnChange // Okta sends its own id
	if !a.OK() || len(found) != 1 || found[0].Name == g.f.userName() {
		return
	}
	g.f.Alike, g.f.Former = alike(g.f.userName(), found[0].Name, sameExternalID), true
	g.f.Person.Evidence = append(g.f.Person.Evidence[:len(g.f.Person.Evidence):len(g.f.Person.Evidence)], a.Evidence)
}

// groupAtSCIM does so for a group.
func (g *gatherer) groupAtSCIM(ctx context.Context, p *Path) {
	if !g.mayAsk() {
		return
	}
	id := ""
	if have := p.AWSGroup; have.Known && have.Value != nil {
		id = have.Value.ID
	}
	found, a := g.SCIMLook.Groups(ctx, p.Group)
	g.atSCIM(id, found, a)
}

// atSCIM keeps the answer; where AWS has nobody of the name it says nothing of
// whose endpoint it is.
func (g *gatherer) atSCIM(id string, found []scim.Object, a scim.Answer) {
	g.f.SCIM = Known(a, a.Evidence)
	if a.OK() && id != "" {
		g.f.AtSCIM = Known(slices.ContainsFunc(found, func(o scim.Object) bool { return o.ID == id }), a.Evidence)
	}
}

// setUpAtSCIM asks only whether the endpoint takes the token.
func (g *gatherer) setUpAtSCIM(ctx context.Context) {
	if g.mayAsk() {
		a := g.SCIMLook.Config(ctx)
		g.f.SCIM = Known(a, a.Evidence)
	}
}
