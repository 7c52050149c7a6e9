package doctor

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/rolecall-dev/rolecall/internal/diag"
	"github.com/rolecall-dev/rolecall/internal/directory"
)

// groupNamed finds the group of a name at the identity provider. Where several
// have the name, it is the one that is brought to AWS; where that does not decide
// it is not known.
func (g *gatherer) groupNamed(ctx context.Context, groups directory.Groups, name string) (Fact[*directory.Group], error) {
	found, err := groups.FindGroups(ctx, name)
	if fact := answer[*directory.Group](g, nil, nil, err); err != nil {
		return fact, err
	}
	if source, known := g.pushedTo(ctx, found); known {
		return source, nil
	}
	switch {
	case found.Unsure != "" && len(found.Groups) < 2:
		return Fact[*directory.Group]{Needs: fmt.Sprintf("which group of %s is %q in AWS: %s", g.f.IdP, name, found.Unsure), Evidence: found.Evidence}, nil
	case len(found.Groups) == 0:
		return Known[*directory.Group](nil, found.Evidence...), nil
	case len(found.Groups) == 1:
		return Known(&found.Groups[0], found.Evidence...), nil
	}
	return g.chosen(ctx, name, found), nil
}

// pushedTo finds the group that is pushed to the one in AWS, where the identity
// provider shows what it keeps of that one under the name: whatever that group is
// called itself, it is the one that counts.
func (g *gatherer) pushedTo(ctx context.Context, found directory.GroupsFound) (Fact[*directory.Group], bool) {
	pusher, ok := g.Directory.(directory.GroupPusher)
	if !ok || len(found.Twins) == 0 || !g.broughtGroups(ctx).Known {
		return Fact[*directory.Group]{}, false
	}
	for _, m := range g.pushes.Mappings {
		at := slices.IndexFunc(found.Twins, func(t directory.Group) bool { return t.ID == m.TargetID })
		if at < 0 || m.State == directory.SyncOff {
			continue
		}
		seen := slices.Concat(found.Evidence, g.pushes.Evidence)
		for i := range found.Groups {
			if found.Groups[i].ID == m.GroupID {
				return Known(&found.Groups[i], seen...), true
			}
		}
		source, err := pusher.PushTarget(ctx, m.GroupID)
		if err != nil || len(source.Groups) != 1 {
			return Fact[*directory.Group]{Needs: fmt.Sprintf("a group with a name other than %q is pushed to it in %s, and that group could not be read", found.Twins[at].Name, g.f.IdP), Evidence: seen}, true
		}
		return Known(&source.Groups[0], append(seen, source.Evidence...)...), true
	}
	return Fact[*directory.Group]{}, false
}

// boundGroup finds the group at the identity provider by the id that provisioning gave
// the one in AWS, where the name did not lead to it: names in AWS may be made of
// something else, and a group may have been renamed.
func (g *gatherer) boundGroup(ctx context.Context, p *Path) {
	by, ok := g.Directory.(directory.GroupByID)
	have := p.AWSGroup.Value
	if !ok || !g.f.bySCIM() || have == nil || have.ExternalID == "" || p.IdPGroup.Value != nil && p.IdPGroup.Value.ID == have.ExternalID {
		return
	}
	found, err := by.GroupByID(ctx, have.ExternalID)
	g.unanswered(err)
	if err != nil || len(found.Groups) != 1 {
		return
	}
	p.IdPGroup = Known(&found.Groups[0], append(slices.Clip(p.IdPGroup.Evidence), found.Evidence...)...)
	if g.Subject != Person || !g.idpGroups.Known || g.f.Person.Value == nil {
		return
	}
	p.InIdP = Known(None, found.Evidence...)
	if slices.ContainsFunc(g.idpGroups.Value, func(mine directory.Group) bool { return mine.ID == found.Groups[0].ID }) {
		p.InIdP = Known(Direct, g.idpGroups.Evidence...)
		return
	}
	g.throughOthers(ctx, g.Directory.(directory.Groups), p)
}

// chosen decides between groups of one name.
func (g *gatherer) chosen(ctx context.Context, name string, found directory.GroupsFound) Fact[*directory.Group] {
	brought := g.broughtGroups(ctx)
	seen := slices.Concat(found.Evidence, brought.Evidence)
	var those []*directory.Group
	var ids []string
	for i := range found.Groups {
		ids = append(ids, found.Groups[i].ID)
		if brought.Value[found.Groups[i].ID] {
			those = append(those, &found.Groups[i])
		}
	}
	what := fmt.Sprintf("groups called %q", name)
	if len(those) == 1 {
		return Known(those[0], append(seen, diag.Evidence{System: g.f.IdP, What: what, Saw: fmt.Sprintf("%d (%s); only %s is brought to AWS, so that one counts", len(ids), diag.First(mostNamed, ids, ", "), those[0].ID)})...)
	}
	return Fact[*directory.Group]{Evidence: seen, Needs: fmt.Sprintf("%s has %d %s (%s), and %d of them are brought to AWS, so it is not clear which one is meant: look at them there", g.f.IdP, len(ids), what, diag.First(mostNamed, ids, ", "), len(those))}
}

// broughtGroups are the groups that the identity provider brings to AWS: those that
// are pushed, or else assigned to the application.
func (g *gatherer) broughtGroups(ctx context.Context) Fact[map[string]bool] {
	if g.brought.Known || g.brought.Needs != "" {
		return g.brought
	}
	ids := map[string]bool{}
	switch d := g.Directory.(type) {
	case directory.GroupPusher:
		pushed, err := d.PushGroups(ctx)
		g.pushes = pushed
		for _, m := range pushed.Mappings {
			if m.State == directory.Synchronized && !m.LastPush.IsZero() {
				g.f.LastPush = latest(g.f.LastPush, m.LastPush)
			}
			ids[m.GroupID] = ids[m.GroupID] || m.State != directory.SyncOff
		}
		g.brought = answer(g, ids, pushed.Evidence, err)
	case directory.Assignments:
		assigned, err := d.GroupAssignments(ctx)
		for _, a := range assigned.Groups {
			ids[a.ID] = true
		}
		g.brought = answer(g, ids, assigned.Evidence, err)
	default:
		g.brought = Unknown[map[string]bool](g.needs(directory.CanAssignments))
	}
	return g.brought
}

// inIdP says how the person is in the group at the identity provider. Groups are
// looked for by name only where the person is in none of the name that is brought
// to AWS: another group may have the name, too.
func (g *gatherer) inIdP(ctx context.Context, p *Path) {
	person := g.f.Person
	if !person.Known || person.Value == nil || !g.idpGroups.Known {
		return
	}
	for i := range g.idpGroups.Value {
		mine := &g.idpGroups.Value[i]
		if brought := g.broughtGroups; mine.Name == p.Group && (g.f.Export != "" || brought(ctx).Value[mine.ID]) {
			p.IdPGroup, p.InIdP = Known(mine, g.idpGroups.Evidence...), Known(Direct, g.idpGroups.Evidence...)
			return
		}
	}
	groups := g.Directory.(directory.Groups) // idpGroups came from there
	named, err := g.groupNamed(ctx, groups, p.Group)
	if err != nil {
		return
	}
	p.IdPGroup, p.InIdP = named, Known(None, named.Evidence...)
	switch {
	case !named.Known:
		p.InIdP = Fact[Membership]{Needs: named.Needs}
	case named.Value == nil:
	case slices.ContainsFunc(g.idpGroups.Value, func(mine directory.Group) bool { return mine.ID == named.Value.ID }):
		p.InIdP = Known(Direct, g.idpGroups.Evidence...)
	default:
		g.throughOthers(ctx, groups, p)
	}
}

// throughOthers reads the members of a group that the person is not in directly.
func (g *gatherer) throughOthers(ctx context.Context, groups directory.Groups, p *Path) {
	members, err := groups.MembersOf(ctx, p.IdPGroup.Value.ID)
	g.unanswered(err)
	if err != nil {
		p.InIdP = Fact[Membership]{}
		return
	}
	if members.Everybody {
		p.InIdP = Known(Direct, members.Evidence...)
	}
	for _, m := range members.Members {
		if m.ID == g.f.Person.Value.ID {
			p.InIdP = Known(Nested, members.Evidence...)
		}
	}
}

// scope asks whether the identity provider brings the group to AWS, and how
// the last push of it went.
func (g *gatherer) scope(ctx context.Context, p *Path) {
	if !g.f.bySCIM() || !p.IdPGroup.Known || p.IdPGroup.Value == nil {
		return
	}
	id := p.IdPGroup.Value.ID
	brought := g.broughtGroups(ctx)
	if !brought.Known {
		return
	}
	p.InScope = Known(brought.Value[id], brought.Evidence...)
	if pusher, pushes := g.Directory.(directory.GroupPusher); pushes {
		g.pushed(ctx, pusher, p)
	}
	awaited := p.AWSGroup.Value == nil || p.memberComes()
	if e, ok := g.Directory.(directory.Eventer); ok && (awaited || g.Subject == Group) {
		got, err := e.ProvisioningEvents(ctx, g.since(), id)
		g.unanswered(err)
		if g.Subject == Group {
			g.f.Events = asked(got, got.Evidence, err)
		}
		if last := decided(got.Events, id); p.Push == "" && err == nil && last != nil && last.Outcome == directory.Failed {
			p.Push, p.PushSeen, p.Logged = last.Reason, append(p.PushSeen, got.Evidence...), true
		}
	}
}

// pushed takes over what the push mappings say of the group, and where AWS does
// not have it what it is pushed to.
func (g *gatherer) pushed(ctx context.Context, pusher directory.GroupPusher, p *Path) {
	for _, m := range g.pushes.Mappings {
		if m.GroupID != p.IdPGroup.Value.ID || m.State == directory.SyncOff {
			continue
		}
		if m.State == directory.SyncFailed {
			p.Push = cmp.Or(m.Error, m.Said)
		}
		if p.AWSGroup.Value != nil || m.TargetID == "" {
			continue
		}
		target, err := pusher.PushTarget(ctx, m.TargetID)
		if err != nil { // a refinement: what is known stays true without it
			continue
		}
		p.PushSeen = target.Evidence
		if len(target.Groups) == 0 {
			p.Unlinked = true
		} else if name := target.Groups[0].Name; name != p.Group {
			p.PushedAs = name
		}
	}
}

// decided is the newest event about a person or group that decides something, nil
// where none does. A log asked about one may have lines about others, too.
func decided(events []directory.Event, id string) *directory.Event {
	for i := range events {
		e := &events[i]
		about := len(e.Subjects) == 0 || slices.ContainsFunc(e.Subjects, func(s directory.Subject) bool { return s.ID == id })
		if about && e.Outcome != directory.Undecided {
			return e
		}
	}
	return nil
}

// almost looks for groups that give the access and that the person would be in but
// for a rule that is paused, or a membership that has to be activated. It is asked
// where the person is in none of them.
func (g *gatherer) almost(ctx context.Context, near []Path) {
	eligibles, tells := g.Directory.(directory.Eligibles)
	for _, p := range near[:min(len(near), mostRenamed)] {
		group := p.IdPGroup.Value
		if group.Paused != "" {
			g.f.Almost = append(g.f.Almost, Almost{Group: p.Group, Paused: group.Paused, Evidence: p.IdPGroup.Evidence})
			continue
		}
		if !tells {
			continue
		}
		found, err := eligibles.Eligible(ctx, g.f.Person.Value.ID, group.ID)
		if e := (*directory.Error)(nil); errors.As(err, &e) {
			tells, g.f.EligibleNeeds = false, strings.TrimSpace(e.Error()+". "+e.Needs) // which may be left out
		} else if found.Eligible {
			g.f.Almost = append(g.f.Almost, Almost{Group: p.Group, Evidence: found.Evidence})
		}
	}
}

func latest(times ...time.Time) time.Time { return slices.MaxFunc(times, time.Time.Compare) }
