package identitycenter

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/rolecall-dev/rolecall/internal/access"
)

// chunkOfNames is how many sets are described before looking whether all names
// are found.
const chunkOfNames = 2 * readers

// findNamed looks for the names that the config has and no owned set bears:
// among the names known, then among the ARNs whose name nobody has read yet, a
// few at a time, until all are found. Where a known name is not AWS's, the cache
// is wrong, and errCacheWrong says so.
func (r *reader) findNamed(ctx context.Context, wanted map[string]bool) error {
	known := r.c.knownSets()
	var nameless, named []string
	for _, arn := range r.arns {
		set := known[arn]
		switch {
		case r.isLock(arn) || r.sets[arn] != nil:
		case set.Name == "":
			nameless = append(nameless, arn)
		case wanted[set.Name]:
			named = append(named, arn)
		}
	}
	if err := r.describeWanted(ctx, named, wanted); err != nil {
		return err
	}
	if slices.ContainsFunc(named, func(arn string) bool { return r.c.known(arn).Name != known[arn].Name }) {
		return errCacheWrong
	}
	likely, others, err := r.likely(ctx, nameless, wanted)
	if err != nil {
		return err
	}
	for _, list := range [][]string{likely, others} {
		for chunk := range slices.Chunk(list, chunkOfNames) {
			if len(wanted) == 0 {
				return nil
			}
			if err := r.describeWanted(ctx, chunk, wanted); err != nil {
				return err
			}
		}
	}
	return nil
}

// errCacheWrong says that a set has another name than the cache told.
var errCacheWrong = errors.New("the cache of permission set names is wrong")

// describeWanted describes some sets and keeps those whose names are wanted.
func (r *reader) describeWanted(ctx context.Context, chunk []string, wanted map[string]bool) error {
	candidates := make(map[string]*setRead, len(chunk))
	for _, arn := range chunk {
		candidates[arn] = &setRead{}
	}
	err := each(ctx, r, "permission sets' names", chunk, func(ctx context.Context, arn string) error {
		return r.describe(ctx, arn, candidates[arn])
	})
	if err != nil {
		return err
	}
	for arn, s := range candidates {
		if wanted[s.Name] && !r.isLock(arn) {
			delete(wanted, s.Name)
			r.sets[arn] = s
		}
	}
	return nil
}

// fewNames is how many sets are rather described than looked for.
const fewNames = 2

// likely gives apart those sets that the groups to be read have already: mostly
// their own are among them, and the others need not be described.
func (r *reader) likely(ctx context.Context, nameless []string, wanted map[string]bool) (likely, others []string, err error) {
	if len(r.o.Only) == 0 || len(wanted) == 0 || len(nameless) <= fewNames || !r.mayAskPrincipals() {
		return nil, nameless, nil
	}
	has := map[string]bool{}
	for _, name := range r.namesOfOnly() {
		group, there, err := r.c.findGroup(ctx, "", name)
		if err != nil || !there {
			continue // whatever is wrong, reading the group will say it
		}
		id := group.ID
		found, err := r.c.principalGrants(ctx, access.GroupPrincipal, id)
		if isAccessDenied(err) {
			return nil, nameless, nil // asked once more later, which notes it
		}
		if err != nil {
			return nil, nil, fmt.Errorf("list the assignments of group %q: %w", name, err)
		}
		r.asked[id] = found
		for _, p := range found {
			has[p.set] = true
		}
	}
	for _, arn := range nameless {
		if has[arn] {
			likely = append(likely, arn)
		} else {
			others = append(others, arn)
		}
	}
	return likely, others, nil
}

// namesOfOnly gives the names that the groups of Only may have in AWS.
func (r *reader) namesOfOnly() []string {
	var out []string
	for _, g := range r.want.Groups {
		out = append(out, names(g)...)
	}
	return out
}
