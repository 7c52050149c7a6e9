package identitycenter

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/rolecall-dev/rolecall/internal/access"
)

// chunkOfNames is how many sets are described before looking whether all names
// are found.
const chunkOfNames = 2 * readers

// findNamed looks for the names that the config has and no owned set bears:
// among the names known, then among the ARNs whose name nobody has read yet, a
// few at a time, until all are found.
func (r *reader) findNamed(ctx context.Context, wanted map[string]bool) error {
	known := r.c.knownSets()
	var nameless []string
	for _, arn := range r.arns {
		set := known[arn]
		switch {
		case set.Lock || r.sets[arn] != nil:
		case set.Name == "":
			nameless = append(nameless, arn)
		case wanted[set.Name]:
			delete(wanted, set.Name)
			r.sets[arn] = &setRead{}
		}
	}
	nameless, err := r.likelyFirst(ctx, nameless, wanted)
	if err != nil {
		return err
	}
	for chunk := range slices.Chunk(nameless, chunkOfNames) {
		if len(wanted) == 0 {
			return nil
		}
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
			if wanted[s.Name] && !strings.HasPrefix(s.Name, access.LockSetPrefix) {
				delete(wanted, s.Name)
				r.sets[arn] = s
			}
		}
	}
	return nil
}

// likelyFirst puts those sets first that the one group to be read has already:
// mostly its own is among them, and the others need not be described.
func (r *reader) likelyFirst(ctx context.Context, nameless []string, wanted map[string]bool) ([]string, error) {
	if r.o.Only == "" || len(wanted) == 0 || len(nameless) <= chunkOfNames || !r.mayAskPrincipals() {
		return nameless, nil
	}
	likely := map[string]bool{}
	for _, name := range names(r.want.Groups[r.want.GroupIndex(r.o.Only)]) {
		id, err := r.c.groupID(ctx, name)
		if err != nil {
			continue // whatever is wrong, reading the group will say it
		}
		found, err := r.c.principalGrants(ctx, access.GroupPrincipal, id)
		if isAccessDenied(err) {
			return nameless, nil // asked once more later, which notes it
		}
		if err != nil {
			return nil, fmt.Errorf("list the assignments of group %q: %w", name, err)
		}
		r.asked[id] = found
		for _, p := range found {
			likely[p.set] = true
		}
	}
	slices.SortStableFunc(nameless, func(a, b string) int {
		switch {
		case likely[a] == likely[b]:
			return 0
		case likely[a]:
			return -1
		default:
			return 1
		}
	})
	return nameless, nil
}
