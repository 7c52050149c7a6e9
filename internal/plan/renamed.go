package plan

import (
	"fmt"
	"maps"
	"slices"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/diag"
)

// findRenamed finds the groups of the config that are alive under another name.
func (b *binder) findRenamed() {
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

// movedHere blocks a group of the config whose name is now that of the group that
// a missing one was: as long as the names are not sorted out, whoever joined it
// would get what the other one has, and whoever is in it would lose that.
func (b *binder) movedHere(g access.Group, i int) (binding, bool) {
	for _, name := range slices.Sorted(maps.Keys(b.renamed)) {
		r := b.renamed[name]
		if r.ID != b.Live.Groups[i].ID {
			continue
		}
		why := diag.Diagnostic{Severity: diag.Error, Code: GroupRenamed, Subject: diag.Subject{Kind: diag.Group, Name: g.Name},
			Summary: fmt.Sprintf("the group %q in AWS is the one that the config calls %q", r.Now, name)}
		if b.Desired.GroupIndex(name) < 0 { // with --only nobody else tells
			r.Known = true
			told := r.Finding(GroupRenamed, g.Referenced, b.idp())
			told.Summary, told.Subject, told.Range = why.Summary, why.Subject, b.Desired.Range(g.Origin)
			told.Detail = "The access of the group in AWS does not belong to this one, and what the config grants this one would go to its members. Nothing is taken from it meanwhile."
			b.Findings = append(b.Findings, told)
		}
		return binding{live: int32(i), why: why}, true
	}
	return binding{}, false
}

// movedAway returns the name by which the config, of which only some groups are planned,
// calls a live group; "" where nothing says that it has another one.
func (b *Bound) movedAway(id string) string {
	for name, r := range b.options.Renamed {
		if r.ID == id && b.Desired.GroupIndex(name) < 0 {
			return name
		}
	}
	return ""
}
