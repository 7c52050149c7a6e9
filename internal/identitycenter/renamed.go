package identitycenter

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"golang.org/x/sync/errgroup"

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
// granted. Where that is refused, nothing is said. The error is a diagnostic.
func (c *Client) Renamed(ctx context.Context, desired access.State, groups []access.Group, owner string, names []string) (map[string]access.Renamed, error) {
	sets := setsGranted(desired, names)
	if owner == "" || len(sets) == 0 {
		return nil, nil
	}
	live, err := c.recordsOf(ctx, sets)
	if err == nil && groups == nil {
		groups, err = c.groupsMeant(ctx, live, names)
	}
	if isAccessDenied(err) {
		return nil, nil
	}
	if err != nil {
		return nil, c.explain(err)
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
	for name := range found {
		if !slices.Contains(names, name) {
			delete(found, name)
		}
	}
	return found, nil
}

// setsGranted gives the names of the sets that some groups are granted.
func setsGranted(desired access.State, groups []string) map[string]bool {
	out := map[string]bool{}
	for _, g := range desired.Grants {
		if g.Kind == access.GroupPrincipal && slices.Contains(groups, desired.Groups[g.Principal].Name) {
			out[desired.Sets[g.Set].Name] = true
		}
	}
	return out
}

// recordsOf reads the records of sets by name, as far as there are such sets.
func (c *Client) recordsOf(ctx context.Context, names map[string]bool) ([]access.PermissionSet, error) {
	arns, err := c.arnsNamed(ctx, names)
	if err != nil {
		return nil, err
	}
	out := make([]access.PermissionSet, 0, len(arns))
	for name, arn := range arns {
		tags, err := c.setTags(ctx, arn)
		if isNotFound(err) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("list the tags of permission set %q: %w", name, err)
		}
		out = append(out, access.PermissionSet{Name: name, ARN: arn, Record: access.ParseRecord(tags)})
	}
	return out, nil
}

// arnsNamed finds sets by name: by the names that are remembered, and else by
// describing those that are not.
func (c *Client) arnsNamed(ctx context.Context, names map[string]bool) (map[string]string, error) {
	arns, err := c.listSetARNs(ctx)
	if err != nil {
		return nil, err
	}
	found, known := map[string]string{}, c.knownSets()
	var nameless []string
	for _, arn := range arns {
		if set := known[arn]; set.Name == "" {
			nameless = append(nameless, arn)
		} else if names[set.Name] {
			found[set.Name] = arn
		}
	}
	for chunk := range slices.Chunk(nameless[:min(len(nameless), mostDescribed)], chunkOfNames) {
		if len(found) == len(names) {
			break
		}
		if err := c.describeNamed(ctx, chunk, names, found, c.attributes); err != nil {
			return nil, err
		}
	}
	return found, nil
}

// describeNamed describes sets, learns their names, and adds those of the wanted
// names to what is found. look is how a set is described.
func (c *Client) describeNamed(ctx context.Context, arns []string, names map[string]bool, found map[string]string,
	look func(ctx context.Context, arn string) (access.PermissionSet, error),
) error {
	var mu sync.Mutex
	g, gctx := errgroup.WithContext(ctx)
	g.SetLimit(readers)
	for _, arn := range arns {
		g.Go(func() error {
			p, err := look(gctx, arn)
			if isNotFound(err) {
				return nil
			}
			if err != nil {
				return fmt.Errorf("describe permission set %s: %w", arn, err)
			}
			c.learnName(arn, p.Name)
			mu.Lock()
			defer mu.Unlock()
			if names[p.Name] {
				found[p.Name] = arn
			}
			return nil
		})
	}
	return g.Wait()
}

// groupsMeant looks up the groups whose ids the records have for some names.
func (c *Client) groupsMeant(ctx context.Context, sets []access.PermissionSet, names []string) ([]access.Group, error) {
	var out []access.Group
	asked := map[string]bool{}
	for _, p := range sets {
		for _, name := range names {
			id, known := p.Record.PrincipalID(access.GroupPrincipal, name)
			if !known || asked[id] || id == access.PrincipalMark(id) {
				continue
			}
			asked[id] = true
			g, there, err := c.findGroup(ctx, id, "")
			if err != nil {
				return nil, fmt.Errorf("describe group %s: %w", id, err)
			}
			if there {
				out = append(out, g)
			}
		}
	}
	return out, nil
}
