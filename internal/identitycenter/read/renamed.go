package read

import (
	"context"
	"maps"
	"slices"

	"github.com/rolecall-dev/rolecall/internal/access"
)

// mostDescribed is how many permission sets, of which no cache has the names, are
// described in search of the few that may tell.
const mostDescribed = 200

// Renamed says what groups of the desired state are called now that are missing by
// their names: the records of the permission sets that they are granted say which
// ids were meant. groups are all groups, where they were read; else those ids are
// looked up. It costs a call for each hundred sets, one for each set of which the
// name is not in the cache (at most 200), and one or two for each set that is
// granted. The error is a diagnostic.
func (r *Reader) Renamed(ctx context.Context, desired access.State, groups []access.Group, owner string, names []string) (map[string]access.Renamed, error) {
	wanted := setsGranted(desired, names)
	if owner == "" || len(wanted) == 0 {
		return nil, nil
	}
	run, err := r.run(Options{})
	if err != nil {
		return nil, err
	}
	live, err := run.recordsOf(ctx, wanted)
	if err == nil && groups == nil {
		groups, err = run.groupsMeant(ctx, live, names)
	}
	if err != nil {
		return nil, r.c.Explain(err)
	}
	var b access.Builder
	for _, p := range live {
		b.AddSet(p)
	}
	for _, g := range groups {
		b.AddGroup(g)
	}
	state := b.State()
	found := access.RenamedGroups(&desired, &state, owner)
	maps.DeleteFunc(found, func(name string, _ access.Renamed) bool { return !slices.Contains(names, name) })
	return found, nil
}

// setsGranted returns the names of the sets that some groups are granted.
func setsGranted(desired access.State, groups []string) map[string]bool {
	out := map[string]bool{}
	for _, g := range desired.Assignments {
		if g.Kind == access.GroupPrincipal && slices.Contains(groups, desired.Groups[g.Principal].Name) {
			out[desired.Sets[g.Set].Name] = true
		}
	}
	return out
}

// recordsOf reads the records of sets by name, as far as there are such sets: by
// the names that are remembered, and else by describing those that are not.
func (r *run) recordsOf(ctx context.Context, wanted map[string]bool) ([]access.PermissionSet, error) {
	if err := r.listSets(ctx); err != nil {
		return nil, err
	}
	known := r.c.KnownSets()
	arns := map[string]string{} // by name
	var nameless []string
	for _, arn := range r.arns {
		if name := known[arn].Name; name == "" {
			nameless = append(nameless, arn)
		} else if wanted[name] {
			arns[name] = arn
			delete(wanted, name)
		}
	}
	if err := r.describeWanted(ctx, nameless[:min(len(nameless), mostDescribed)], wanted); err != nil {
		return nil, err
	}
	for arn, s := range r.setRows {
		arns[s.Name] = arn
	}
	out := make([]access.PermissionSet, 0, len(arns))
	for name, arn := range arns {
		tags, err := r.tagsOf(ctx, arn)
		if err != nil {
			return nil, err
		}
		out = append(out, access.PermissionSet{Name: name, ARN: arn, Record: access.ParseRecord(tags)})
	}
	return out, nil
}

// groupsMeant looks up the groups whose ids the records have for some names.
func (r *run) groupsMeant(ctx context.Context, sets []access.PermissionSet, names []string) ([]access.Group, error) {
	meant := map[string]bool{}
	for _, p := range sets {
		for _, name := range names {
			if id, known := p.Record.PrincipalID(access.GroupPrincipal, name); known && id != access.PrincipalMark(id) {
				meant[id] = true
			}
		}
	}
	found, err := r.groups.find(ctx, r, "groups", ids(slices.Collect(maps.Keys(meant))))
	return slices.Collect(maps.Values(found)), err
}
