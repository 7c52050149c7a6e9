package doctor

import (
	"context"
	"slices"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/diag"
	"github.com/rolecall-dev/rolecall/internal/directory"
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
	}
	if g.f.nowhere() {
		if g.Desired.GroupIndex(g.Name) < 0 {
			g.groupAlone(ctx, paths[0])
		}
		return nil
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

// groupAlone looks whether a group that the config does not name comes to AWS: its name
// may be as wrong as the account's. A question that gets no answer does not hide that one.
func (g *gatherer) groupAlone(ctx context.Context, p Path) {
	g.groupAtIdP(ctx, &p)
	if err := g.lookUp(ctx, &p); err != nil {
		p.AWSGroup = Unknown[*access.Group](err.Error())
	}
	g.f.Paths = append(g.f.Paths, p)
}

// unwanted is a group that the config does not give the access.
func (g *gatherer) unwanted() Path {
	p := Path{Group: g.Name, Account: g.accountID()}
	if at := g.Desired.GroupIndex(g.Name); at >= 0 {
		p.Named, p.At = true, g.Desired.Range(g.Desired.Groups[at].Origin)
		return p
	}
	g.alikeInConfig(&p)
	return p
}

// alikeInConfig finds the group of the config that people would take for this
// one, or those whose names are near.
func (g *gatherer) alikeInConfig(p *Path) {
	same, near := lookAlike(g.Name, called(g.Desired.Groups, func(have access.Group) string { return have.Name }))
	p.InConfig = near
	if same != nil {
		p.Group, p.At = same.Name, g.Desired.Range(g.Desired.Groups[g.Desired.GroupIndex(same.Name)].Origin)
		p.Alike = alike(same.Name, g.Name, same.Rung)
	}
}

func (g *gatherer) groupAtIdP(ctx context.Context, p *Path) {
	groups, ok := g.Directory.(directory.Groups)
	if !ok || !g.f.bySCIM() {
		return
	}
	p.IdPGroup, _ = g.groupNamed(ctx, groups, g.Name) // a refusal is in the fact
}

// lookUp finds the group by the name that was asked about, and whether it is brought.
func (g *gatherer) lookUp(ctx context.Context, p *Path) error {
	if err := g.groupByName(ctx, p, g.Name); err != nil {
		return err
	}
	if p.Alike != nil && p.Group != g.Name && p.AWSGroup.Value == nil {
		p.Alike.Asked = p.IdPGroup.Value == nil
		p.Alike.System = g.f.IdP
	}
	if err := g.twoGroups(ctx, p); err != nil {
		return err
	}
	g.groupAtSCIM(ctx, p)
	g.scope(ctx, p)
	return nil
}

func (g *gatherer) groupInAWS(ctx context.Context, p *Path) error {
	if err := g.lookUp(ctx, p); err != nil || p.AWSGroup.Value == nil {
		return err
	}
	if former, err := g.renamedTo(ctx, p); former || err != nil {
		return err
	}
	if err := g.drift(ctx, p); err != nil {
		return err
	}
	if p.Set == "" {
		return nil // the config gives it nothing
	}
	return g.assignments(ctx, p)
}

// twoGroups tells a group that AWS has beside the one of almost that name which the
// config names from that one itself, badly written: it is no remedy to write the one in
// place of the other. It costs two calls for each name that is near.
func (g *gatherer) twoGroups(ctx context.Context, p *Path) error {
	if p.AWSGroup.Value == nil || p.Named {
		return nil
	}
	near := p.InConfig
	if p.Group != g.Name {
		near = []string{p.Group}
	}
	for _, name := range near {
		have, found, _, err := g.AWS.GroupByName(ctx, name)
		if err != nil {
			return err
		}
		if found && have.Name == name && have.ID != p.AWSGroup.Value.ID {
			p.Beside = append(p.Beside, name)
		}
	}
	p.InConfig = slices.DeleteFunc(p.InConfig, func(name string) bool { return slices.Contains(p.Beside, name) })
	if slices.Contains(p.Beside, p.Group) {
		p.Group, p.Alike, p.At = g.Name, nil, diag.Range{}
	}
	return nil
}

// renamedTo says that a group which the config does not name is one of the config's
// under its name of now; the path is then that one's. The set that it holds leads to the
// groups of the config that it may be, and to what their old names are asked.
func (g *gatherer) renamedTo(ctx context.Context, p *Path) (bool, error) {
	wanted := g.wanted("")
	if g.Renamed == nil || p.Set != "" || p.Named || p.Alike != nil || len(wanted) == 0 {
		return false, nil
	}
	held, _, err := g.AWS.AssignmentsOf(ctx, access.GroupPrincipal, p.AWSGroup.Value.ID, p.Account, called(wanted, func(w Path) string { return w.Set })...)
	if err != nil {
		return false, nil // nothing leads there: what is asked for a hint alone ends nothing
	}
	asked := map[string]bool{}
	for _, w := range wanted {
		if asked[w.Group] || len(asked) == mostRenamed || !slices.ContainsFunc(held, func(have access.AssignedSet) bool { return have.Set == w.Set }) {
			continue
		}
		asked[w.Group] = true
		missing, err := g.missing(ctx, &w)
		if err == nil && missing {
			err = g.renamed(ctx, &w)
		}
		if err != nil {
			return false, err
		}
		if w.Renamed.ID == p.AWSGroup.Value.ID {
			*p = w
			return true, nil
		}
	}
	return false, nil
}
