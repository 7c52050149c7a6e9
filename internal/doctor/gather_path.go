package doctor

import (
	"context"
	"fmt"
	"slices"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/directory"
	"github.com/rolecall-dev/rolecall/internal/names"
)

// wanted returns the groups of the config that grant the account asked for, each
// with its set: of one group where name is not "". Where no account is asked
// for, each has the accounts that the config gives it.
func (g *gatherer) wanted(name string) []Path {
	var out []Path
	d := &g.Desired
	at := map[[2]int32]int{}
	for _, grant := range d.Assignments {
		account := d.Accounts[grant.Account]
		if grant.Kind != access.GroupPrincipal || !g.askedFor(account) || name != "" && d.Groups[grant.Principal].Name != name {
			continue
		}
		key := [2]int32{grant.Set, grant.Principal}
		i, ok := at[key]
		if !ok {
			group := d.Groups[grant.Principal]
			i, at[key] = len(out), len(out)
			out = append(out, Path{Group: group.Name, Set: d.Sets[grant.Set].Name, Account: g.accountID(), At: d.Range(group.Origin), Theirs: group.Referenced})
		}
		if g.Account == "" {
			out[i].Accounts = append(out[i].Accounts, WantedAccount{Name: account.Name})
		}
	}
	for i := range out {
		out[i].Shared = g.shared(out[i].Set)
	}
	return out
}

// shared says that several groups of the config have the set.
func (g *gatherer) shared(set string) bool {
	groups := map[int32]bool{}
	for _, grant := range g.Desired.Assignments {
		if grant.Kind == access.GroupPrincipal && g.Desired.Sets[grant.Set].Name == set {
			groups[grant.Principal] = true
		}
	}
	return len(groups) > 1
}

// askedFor says that an account of the config is the one asked for. Whether its name
// means another one of that name would take a list of all accounts.
func (g *gatherer) askedFor(a access.Account) bool {
	asked := g.f.Account.Value
	switch {
	case asked == nil:
		return true
	case access.IsAccountID(a.Name):
		return a.Name == asked.ID
	default:
		return a.Name == asked.Name
	}
}

// paths finds the ways from the person to the access: the groups of the config
// that the person is in, or should be in. What the person has beside them
// matters only where none of them leads there.
func (g *gatherer) paths(ctx context.Context) error {
	wanted := g.wanted("")
	for _, p := range wanted {
		if !slices.Contains(g.f.AccessGroups, p.Group) {
			g.f.AccessGroups = append(g.f.AccessGroups, p.Group)
			if g.memberByConfig(p.Group) {
				g.f.Members = append(g.f.Members, p.Group)
			}
		}
	}
	if err := g.groupsOfUser(ctx); err != nil {
		return err
	}
	member, inOne := false, false
	var beside []Path
	for _, p := range wanted {
		g.inIdP(ctx, &p)
		inOne = inOne || p.InIdP.Value == Direct || p.InIdP.Value == Nested
		if p.InIdP.Value == None && p.IdPGroup.Value != nil {
			beside = append(beside, p)
			if g.f.Assigns && g.broughtGroups(ctx).Value[p.IdPGroup.Value.ID] {
				g.f.Joining = append(g.f.Joining, p.Group)
			}
		}
		if at := slices.IndexFunc(g.ofUser, func(have access.Group) bool { return have.Name == p.Group }); at >= 0 {
			seen := g.ofUserSeen
			seen.Saw = fmt.Sprintf("a member of %q", p.Group)
			p.AWSGroup, p.InAWS = Known(&g.ofUser[at]), Known(true, seen)
			member = true
			g.boundGroup(ctx, &p)
		} else if (!p.InIdP.Known && p.InIdP.Needs == "" || p.InIdP.Value == None) && !g.alikeGroup(&p) {
			continue // the person has nothing to do with it
		}
		if err := g.path(ctx, &p); err != nil {
			return err
		}
		g.f.Paths = append(g.f.Paths, p)
	}
	if !inOne {
		g.almost(ctx, beside)
	}
	if member {
		return nil
	}
	for _, look := range []func(context.Context) error{func(ctx context.Context) error { return g.missingPaths(ctx, wanted) }, g.elsewhere, g.twoUsers} {
		if err := look(ctx); err != nil {
			return err
		}
	}
	return nil
}

// mostRenamed is how many groups of the config are looked for under the names of
// a person's groups.
const mostRenamed = 5

// missingPaths finds the ways through groups that AWS does not have by the config's
// name: nobody can be put into one of those. Where the person is in a group that the
// config does not name, it may be that one, renamed or badly written; else a look at the
// first group tells enough.
func (g *gatherer) missingPaths(ctx context.Context, wanted []Path) error {
	unnamed := g.unnamedGroups()
	most := 1
	if len(unnamed) > 0 {
		most = mostRenamed
	}
	for _, p := range wanted[:min(len(wanted), most)] {
		if slices.ContainsFunc(g.f.Paths, func(have Path) bool { return have.Group == p.Group }) {
			continue
		}
		missing, err := g.missing(ctx, &p)
		if err != nil {
			return err
		}
		if !missing {
			continue
		}
		g.f.Gone = append(g.f.Gone, p.Group)
		if len(unnamed) == 0 {
			continue
		}
		if err := g.renamed(ctx, &p); err != nil {
			return err
		}
		if p.Renamed.ID == "" {
			_, p.Near = lookAlike(p.Group, unnamed)
		}
		if len(p.Near) > 0 || slices.ContainsFunc(g.ofUser, func(have access.Group) bool { return have.ID == p.Renamed.ID }) {
			g.f.Paths = append(g.f.Paths, p)
		}
	}
	return nil
}

// unnamedGroups are the names of the person's groups that the config does not have.
func (g *gatherer) unnamedGroups() []string {
	var out []string
	for _, name := range slices.Concat(called(g.ofUser, func(have access.Group) string { return have.Name }), called(g.idpGroups.Value, func(have directory.Group) string { return have.Name })) {
		if g.Desired.GroupIndex(name) < 0 && !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	return out
}

// missing says that AWS has no group of the path's name.
func (g *gatherer) missing(ctx context.Context, p *Path) (bool, error) {
	_, found, seen, err := g.AWS.GroupByName(ctx, p.Group)
	if found || err != nil {
		return false, err
	}
	p.AWSGroup = Known[*access.Group](nil, seen)
	return true, nil
}

// twoUsers tells a user whom AWS has beside the one of almost that name in the config
// from that one, badly written: two calls for each name that is near.
func (g *gatherer) twoUsers(ctx context.Context) error {
	if !g.f.inAWS() {
		return nil
	}
	var err error
	g.f.InConfig = slices.DeleteFunc(g.f.InConfig, func(name string) bool {
		if err != nil {
			return false
		}
		have, found, _, failed := g.AWS.UserByName(ctx, name)
		err = failed
		return found && have.Username == name && have.ID != g.f.User.Value.ID
	})
	return err
}

// memberByConfig says that the config itself puts the person into the group.
func (g *gatherer) memberByConfig(group string) bool {
	d := &g.Desired
	at := d.GroupIndex(group)
	if at < 0 {
		return false
	}
	return slices.ContainsFunc(d.Members(at), func(m access.Membership) bool { return d.Users[m.User].Username == g.f.userName() })
}

func (g *gatherer) groupsOfUser(ctx context.Context) error {
	if !g.f.inAWS() {
		return nil
	}
	groups, seen, err := g.AWS.GroupsOf(ctx, g.f.User.Value.ID)
	g.ofUser, g.ofUserSeen = groups, seen
	return err
}

// alikeGroup says that the person is in a group that people would take for
// the one of the config.
func (g *gatherer) alikeGroup(p *Path) bool {
	for _, have := range g.ofUser {
		if rung, ok := names.Compare(p.Group, have.Name); ok && rung.SameName() {
			p.Alike = alike(p.Group, have.Name, rung)
			return true
		}
	}
	for _, have := range g.idpGroups.Value {
		if have.Name == p.Group {
			continue // another group of that name
		}
		if rung, ok := names.Compare(p.Group, have.Name); ok && rung.SameName() {
			p.Alike = alike(p.Group, have.Name, rung)
			p.Alike.System = g.f.IdP
			return true
		}
	}
	return false
}

// path completes a path in AWS: the group, and where the person is in it, what
// it holds.
func (g *gatherer) path(ctx context.Context, p *Path) error {
	if !p.AWSGroup.Known {
		if err := g.groupByName(ctx, p, p.Group); err != nil {
			return err
		}
	}
	if p.AWSGroup.Value == nil || p.IdPGroup.Known && p.IdPGroup.Value != nil {
		g.scope(ctx, p)
	}
	if !p.InAWS.Value && !p.memberComes() {
		return nil // what the group holds does not reach the person
	}
	return g.assignments(ctx, p)
}

// groupByName looks the path's group up. AWS may overlook case; a config must
// not.
func (g *gatherer) groupByName(ctx context.Context, p *Path, name string) error {
	have, found, seen, err := g.AWS.GroupByName(ctx, name)
	if err != nil {
		return err
	}
	p.AWSGroup = Known[*access.Group](nil, seen)
	switch {
	case found && have.Name == name:
		p.AWSGroup.Value = &have
		if g.Subject == Person {
			p.Alike, p.InAWS = nil, Known(false, seen)
		}
		g.boundGroup(ctx, p)
	case found && p.Group == name:
		p.Alike = alike(name, have.Name, names.Case)
	case found: // by another name than the config's, which was asked about
	default:
		if err := g.renamed(ctx, p); err != nil || p.Renamed.ID != "" {
			return err
		}
		return g.scanGroups(ctx, p)
	}
	return nil
}

// renamed asks what a group of the config that is missing is called now.
func (g *gatherer) renamed(ctx context.Context, p *Path) (err error) {
	if g.Renamed == nil || p.Set == "" {
		return nil
	}
	p.Renamed, err = g.Renamed(ctx, p.Group)
	return err
}
