package doctor

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/rolecall-dev/rolecall/internal/directory"
	"github.com/rolecall-dev/rolecall/internal/probe/saml"
)

func (g *gatherer) provisioning(ctx context.Context) {
	if !g.f.usersBySCIM() {
		return
	}
	p, ok := g.Directory.(directory.Provisioner)
	if !ok {
		g.f.Provisioning = Unknown[directory.Provisioning](g.needs(directory.CanProvision))
		return
	}
	got, err := p.Provisioning(ctx)
	g.f.Provisioning = answer(g, got, got.Evidence, err)
	if got.Interval > 0 && err == nil {
		g.f.Window.TypicalMinutes = int(got.Interval.Minutes())
	}
}

// saml asks how the AWS application signs in.
func (g *gatherer) saml(ctx context.Context) {
	if s, ok := g.Directory.(directory.SAMLer); ok && g.f.hasIdP() && g.Subject != Group {
		got, err := s.SAML(ctx)
		g.f.SAML = answer(g, got, got.Evidence, err)
	}
}

// metadata compares the metadata with what the application says, where a
// connector tells.
func (g *gatherer) metadata() {
	if !g.Metadata.Known {
		g.f.Metadata = Fact[[]saml.Problem]{Needs: g.Metadata.Needs, Evidence: g.Metadata.Evidence}
		return
	}
	want := saml.Expected{}
	if app := g.f.SAML.Value; g.Subject == SetUp {
		want.EntityID = app.EntityID
		if g.Directory != nil && g.Directory.About().Kind == "entra" {
			want.Tenant = g.Directory.About().Organization
		}
		for _, c := range app.Certificates {
			switch {
			case c.InUse && c.Fingerprint != "":
				want.Fingerprints = append(want.Fingerprints, strings.ToLower(c.Fingerprint))
			case c.InUse && c.SHA1 != "":
				want.Thumbprints = append(want.Thumbprints, c.SHA1)
			}
		}
	}
	g.f.Metadata = Known(g.Metadata.Value.Problems(g.Now, want), g.Metadata.Evidence...)
}

func (g *gatherer) sharedGroups(ctx context.Context) {
	_, ok := g.Directory.(directory.GroupPusher)
	assignments, also := g.Directory.(directory.Assignments)
	if !ok || !also {
		return // only Okta has both, and without a connector nobody asks
	}
	pushed := g.broughtGroups(ctx)
	if !pushed.Known {
		g.f.SharedGroups = Fact[[]string]{Needs: pushed.Needs, Evidence: pushed.Evidence}
		return
	}
	assigned, err := assignments.GroupAssignments(ctx)
	var both []string
	for _, a := range assigned.Groups {
		if pushed.Value[a.ID] {
			both = append(both, fmt.Sprintf("%q", a.Name))
		}
	}
	g.f.SharedGroups = answer(g, both, append(slices.Clone(pushed.Evidence), assigned.Evidence...), err)
}
