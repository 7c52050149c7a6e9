package doctor

import (
	"context"
	"slices"

	"github.com/rolecall-dev/rolecall/internal/directory"
	"github.com/rolecall-dev/rolecall/internal/verify"
)

// group looks into one group: where it is, who is in it on both sides, and
// what it holds.
func (g *gatherer) group(ctx context.Context) error {
	if err := g.account(ctx); err != nil {
		return err
	}
	if g.Account != "" && g.accountID() == "" {
		return nil
	}
	paths := g.wanted(g.Name)
	if len(paths) == 0 {
		paths = []Path{{Group: g.Name, Account: g.accountID()}}
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

// alikeInConfig finds the group of the config that people would take for this
// one.
func (g *gatherer) alikeInConfig(p *Path) {
	for _, have := range g.Desired.Groups {
		if rung, ok := verify.Compare(have.Name, p.Group); ok && rung.SameName() && rung != verify.Exact {
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
	p.IdPGroup = asked[*directory.Group](nil, found.Evidence, err)
	if err == nil && len(found.Groups) > 0 {
		p.IdPGroup.Value = &found.Groups[0]
	}
}

func (g *gatherer) groupInAWS(ctx context.Context, p *Path) error {
	if err := g.groupByName(ctx, p, g.Name); err != nil {
		return err
	}
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

// drift compares the direct members on both sides, where both can be read.
func (g *gatherer) drift(ctx context.Context, p *Path) error {
	groups, ok := g.Directory.(directory.Groups)
	if !ok || !p.IdPGroup.Known || p.IdPGroup.Value == nil {
		return nil
	}
	at, err := groups.MembersOf(ctx, p.IdPGroup.Value.ID)
	if err != nil {
		return nil
	}
	in, seen, err := g.AWS.MembersOf(ctx, p.AWSGroup.Value.ID)
	if err != nil {
		return err
	}
	d := Drift{}
	var direct []string
	for _, m := range at.Members {
		switch {
		case m.Kind != directory.PersonMember || m.Status != directory.Active && m.Status != "":
		case m.Direct:
			direct = append(direct, m.Name)
			if !slices.Contains(in, m.Name) {
				d.OnlyIdP = append(d.OnlyIdP, m.Name)
			}
		case !slices.Contains(in, m.Name):
			d.Nested = append(d.Nested, m.Name)
		}
	}
	for _, name := range in {
		if !slices.Contains(direct, name) {
			d.OnlyAWS = append(d.OnlyAWS, name)
		}
	}
	p.Drift = known(d, append(slices.Clone(at.Evidence), seen)...)
	return nil
}
