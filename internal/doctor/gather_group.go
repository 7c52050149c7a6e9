package doctor

import (
	"context"

	"github.com/rolecall-dev/rolecall/internal/directory"
	"github.com/rolecall-dev/rolecall/internal/names"
)

// group looks into one group: where it is, who is in it on both sides, and
// what it holds.
func (g *gatherer) group(ctx context.Context) error {
	if err := g.account(ctx); err != nil {
		return err
	}
	paths := g.wanted(g.Name)
	if len(paths) == 0 {
		paths = []Path{g.unwanted()}
		g.alikeInConfig(&paths[0])
	}
	for _, p := range paths {
		g.groupAtIdP(ctx, &p)
		if err := g.groupInAWS(ctx, &p); err != nil {
			return err
		}
		g.f.Paths = append(g.f.Paths, p)
	}
	return nil
}

// unwanted is a group that the config does not give the access.
func (g *gatherer) unwanted() Path {
	p := Path{Group: g.Name, Account: g.accountID()}
	if at := g.Desired.GroupIndex(g.Name); at >= 0 {
		p.Named, p.At = true, g.Desired.Range(g.Desired.Groups[at].Origin)
	}
	return p
}

// alikeInConfig finds the group of the config that people would take for this
// one.
func (g *gatherer) alikeInConfig(p *Path) {
	for _, have := range g.Desired.Groups {
		if rung, ok := names.Compare(have.Name, p.Group); ok && rung.SameName() && rung != names.Exact {
			p.Group, p.At = have.Name, g.Desired.Range(have.Origin)
			p.Alike = alike(have.Name, g.Name, rung)
		}
	}
}

func (g *gatherer) groupAtIdP(ctx context.Context, p *Path) {
	groups, ok := g.Directory.(directory.Groups)
	if !ok || !g.f.bySCIM() {
		return
	}
	found, err := groups.FindGroups(ctx, g.Name)
	g.unseen(err)
	p.IdPGroup = asked[*directory.Group](nil, found.Evidence, err)
	if err == nil && len(found.Groups) > 0 {
		p.IdPGroup.Value = &found.Groups[0]
	}
}

func (g *gatherer) groupInAWS(ctx context.Context, p *Path) error {
	if err := g.groupByName(ctx, p, g.Name); err != nil {
		return err
	}
	if p.Alike != nil && p.Group != g.Name && p.AWSGroup.Value == nil {
		p.Alike.Asked = p.IdPGroup.Value == nil
		p.Alike.System = g.f.IdP
	}
	g.groupAtSCIM(ctx, p)
	g.scope(ctx, p)
	if p.AWSGroup.Value == nil {
		return nil
	}
	if err := g.drift(ctx, p); err != nil {
		return err
	}
	if p.Set == "" {
		return nil // the config gives it nothing
	}
	return g.held(ctx, p)
}
