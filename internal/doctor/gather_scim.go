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
