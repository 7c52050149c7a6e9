package plan

import (
	"maps"

	"github.com/rolecall-dev/rolecall/internal/access"
)

// findRenamed finds the groups of the config that are alive under another name.
func (b *Bound) findRenamed() {
	b.renamed = map[string]access.Renamed{}
	maps.Copy(b.renamed, access.RenamedGroups(b.Desired, b.Live, b.options.Owner))
	maps.Copy(b.renamed, b.options.Renamed)
	for _, name := range b.options.Guards.AllowRebind { // it may be another group from now on
		delete(b.renamed, name)
	}
}

// bindRenamed blocks a group that is alive under another name: one of its own name
// would be another group, and what the renamed one has stays until the config says
// what is meant.
func (b *Bound) bindRenamed(g access.Group, r access.Renamed) binding {
	f := r.Finding(GroupRenamed, g.Referenced, b.idp())
	f.Range = b.Desired.Range(g.Origin)
	b.Findings = append(b.Findings, f)
	return binding{live: -1, why: f}
}
