package doctor

import (
	"context"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/diag"
	"github.com/rolecall-dev/rolecall/internal/directory"
	"github.com/rolecall-dev/rolecall/internal/presence"
)

// Arrivals asks the identity provider about names that are not in AWS yet:
// whether they are on the way. It asks AWS nothing.
type Arrivals struct {
	g    *gatherer
	base Facts
}

// NewArrivals asks how the AWS application is provisioned.
func NewArrivals(ctx context.Context, c Case) *Arrivals {
	g := newGatherer(c)
	g.provisioning(ctx)
	return &Arrivals{g: g, base: *g.f}
}

// Provisioning returns what the identity provider tells of it.
func (a *Arrivals) Provisioning() Fact[directory.Provisioning] { return a.base.Provisioning }

// Group says what keeps a group from coming: the zero Verdict where nothing is
// known to, false where the identity provider does not tell.
func (a *Arrivals) Group(ctx context.Context, name string) (Verdict, bool) {
	p := Path{Group: name, AWSGroup: Known[*access.Group](nil)}
	a.begin(Group, name)
	a.g.groupAtIdP(ctx, &p)
	if !p.IdPGroup.Known {
		return Verdict{}, false
	}
	a.g.scope(ctx, &p)
	a.g.f.Paths = []Path{p}
	return a.kept()
}

// User says so of a person.
func (a *Arrivals) User(ctx context.Context, name string) (Verdict, bool) {
	a.begin(Person, name)
	a.g.atIdP(ctx)
	a.g.f.User = Known[*access.User](nil)
	if !a.g.f.Person.Known {
		return Verdict{}, false
	}
	return a.kept()
}

func (a *Arrivals) begin(s Subject, name string) {
	f := a.base
	f.Subject, f.Name, f.OfConfig = s, name, true
	a.g.f, a.g.Subject, a.g.Name, a.g.named = &f, s, name, nil
	clear(a.g.owners)
	a.g.idpGroups = Fact[[]directory.Group]{}
}

// kept returns the first thing that keeps the name from coming. What is on the way
// is kept by nothing, unless it is late.
func (a *Arrivals) kept() (Verdict, bool) {
	for _, v := range told(a.g.f, func(c Check) bool { return c.keeps }) {
		if v.Until.IsZero() {
			return v, true
		}
	}
	return Verdict{}, true
}

// mostArrivals is how many missing names the identity provider is asked about.
const mostArrivals = 20

// Ask asks about the groups and users that are not in AWS yet, as many as is
// sensible. It returns the zero Verdict for a name that nothing is known
// to keep; one that could not be asked about is not there.
func (a *Arrivals) Ask(ctx context.Context, items []presence.Item) map[diag.Subject]Verdict {
	out := map[diag.Subject]Verdict{}
	for asked, i := 0, 0; i < len(items) && asked < mostArrivals; i++ {
		item := items[i]
		if item.Verdict != presence.NotYet {
			continue
		}
		asked++
		var v Verdict
		var known bool
		switch item.Kind {
		case presence.GroupItem:
			v, known = a.Group(ctx, item.Name)
		case presence.UserItem:
			v, known = a.User(ctx, item.Name)
		}
		if known {
			v.nearest(item)
			out[item.Subject()] = v
		}
	}
	return out
}

// nearest puts to a name that does not come the ones in AWS that are near: one of them
// may have been meant, and then nothing has to be made or brought.
func (v *Verdict) nearest(item presence.Item) {
	if v.Cause == "" {
		return
	}
	v.near, v.Fix = item.Near(), item.Meaning(diag.Remedy{}).OrWrite(v.Fix)
}

// arrivals asks about the names of the set-up that are not in AWS yet.
func (g *gatherer) arrivals(ctx context.Context) {
	if g.Directory == nil || !g.f.Names.Known {
		return
	}
	a := &Arrivals{g: newGatherer(g.Case), base: *g.f}
	a.g.failedSystems = g.failedSystems
	g.f.Coming = a.Ask(ctx, g.f.Names.Value.Items)
}

// Retried says that the identity provider may try again by itself, so that what
// failed may come all the same.
func (v Verdict) Retried() bool { return v.again }

// Evident returns the verdict as the explanation of a finding of somebody else.
func (v Verdict) Evident(d diag.Diagnostic) diag.Diagnostic {
	d.Detail, d.Hint, d.Remedy = diag.Upper(ended(v.Cause))+after(v.near), v.Fix, diag.Remedy{}
	d.Evidence = append(d.Evidence[:len(d.Evidence):len(d.Evidence)], v.Evidence...)
	return d
}
