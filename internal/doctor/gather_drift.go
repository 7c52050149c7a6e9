package doctor

import (
	"context"
	"fmt"
	"slices"

	"github.com/rolecall-dev/rolecall/internal/diag"
	"github.com/rolecall-dev/rolecall/internal/directory"
)

// mostUnmatched is how many members with a name that the other side does not
// have are looked for there: the application may send another name than the one
// that signs in.
const mostUnmatched = 10

// drift compares the direct members on both sides, where both can be read.
func (g *gatherer) drift(ctx context.Context, p *Path) error {
	groups, ok := g.Directory.(directory.Groups)
	if !ok || !p.IdPGroup.Known || p.IdPGroup.Value == nil {
		return nil
	}
	at, err := groups.MembersOf(ctx, p.IdPGroup.Value.ID)
	g.unseen(err)
	if err != nil {
		p.Drift = asked(Drift{}, nil, err)
		return g.endOf(err)
	}
	in, seen, err := g.members(ctx, *p.AWSGroup.Value)
	if err != nil {
		return err
	}
	evidence := append(slices.Clone(at.Evidence), seen)
	if at.Everybody {
		p.Drift = Fact[Drift]{Needs: "everybody of " + g.f.IdP + " is a member there, so the members cannot be compared by name", Evidence: evidence}
		return nil
	}
	atIdP := byName(at.Members)
	onlyAWS := slices.DeleteFunc(slices.Clone(in), func(name string) bool { return atIdP[name].Direct })
	onlyAWS, sure, more, err := g.unmatched(ctx, onlyAWS, at.Members, atIdP)
	if err != nil {
		return g.endOf(err)
	}
	if !sure {
		p.Drift = Fact[Drift]{Needs: fmt.Sprintf("%s calls the members of %q otherwise than AWS does, so they cannot be compared by name", g.f.IdP, p.Group), Evidence: append(evidence, more...)}
		return nil
	}
	d := compareMembers(at.Members, in, onlyAWS, atIdP)
	absent, err := g.absent(ctx, &d, atIdP)
	if err != nil {
		return err
	}
	p.Drift = Known(d, slices.Concat(evidence, more, absent)...)
	return nil
}

// absent looks which members that the group lacks in AWS are no users there at all:
// what keeps them is not the group. As many are looked up as of those who are in AWS
// alone.
func (g *gatherer) absent(ctx context.Context, d *Drift, atIdP map[string]directory.Member) ([]diag.Evidence, error) {
	var seen []diag.Evidence
	var left []string
	for i, name := range d.OnlyIdP {
		there := i >= mostUnmatched
		for _, may := range append([]string{name}, atIdP[name].Otherwise...) {
			if there {
				break
			}
			_, found, e, err := g.AWS.UserByName(ctx, may)
			if err != nil {
				return nil, err
			}
			seen, there = append(seen, e), found
		}
		if there {
			left = append(left, name)
		} else {
			d.Absent = append(d.Absent, name)
		}
	}
	d.OnlyIdP = left
	return seen, nil
}

// endOf ends a look at everything with a question that got no answer; where one
// thing is looked into, the rest of it is still worth asking.
func (g *gatherer) endOf(err error) error {
	if g.Subject == SetUp {
		return err
	}
	return nil
}

func byName(members []directory.Member) map[string]directory.Member {
	out := map[string]directory.Member{}
	for _, m := range members {
		if m.Kind != directory.PersonMember {
			continue
		}
		for _, name := range append(m.Otherwise, m.Name) { // the likeliest last
			out[name] = m
		}
	}
	return out
}

// unmatched looks at the identity provider for those whose name in AWS is no
// member's there: by e-mail address, alias or case they may be one all the same,
// and are then put among its members under the name in AWS. It is not sure where
// that is so of some and there are more than it looks for: nothing can be said of
// those then.
func (g *gatherer) unmatched(ctx context.Context, names []string, members []directory.Member, atIdP map[string]directory.Member) (left []string, sure bool, seen []diag.Evidence, err error) {
	people, ok := g.Directory.(directory.People)
	if !ok {
		return names, true, nil, nil
	}
	for i, name := range names {
		if i >= mostUnmatched && len(left) < i {
			return nil, false, seen, nil
		}
		if i >= mostUnmatched {
			left = append(left, name)
			continue
		}
		found, err := g.knownAs(ctx, people, name)
		if err != nil {
			return nil, false, nil, err
		}
		seen = append(seen, found.Evidence...)
		same := func(m directory.Member) bool {
			return m.Direct && slices.ContainsFunc(found.People, func(p directory.Person) bool { return p.ID == m.ID })
		}
		at := slices.IndexFunc(members, same)
		if at < 0 {
			left = append(left, name)
			continue
		}
		delete(atIdP, members[at].Name)
		atIdP[name] = members[at]
	}
	return left, true, seen, nil
}

// compareMembers sorts those who are not on both sides. Whoever is inactive is
// not provisioned, so that one is not missed in AWS.
func compareMembers(members []directory.Member, in, onlyAWS []string, atIdP map[string]directory.Member) Drift {
	d := Drift{OnlyAWS: onlyAWS}
	for _, m := range members {
		here, ok := atIdP[m.Name]
		isIn := func(name string) bool { return slices.Contains(in, name) }
		switch {
		case !ok || here.ID != m.ID || isIn(m.Name) || slices.ContainsFunc(m.Otherwise, isIn):
		case m.Status != directory.Active && m.Status != directory.Unknown && m.Status != "":
		case m.Direct:
			d.OnlyIdP = append(d.OnlyIdP, m.Name)
		default:
			d.Nested = append(d.Nested, m.Name)
		}
	}
	return d
}
