package read

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/diag"
	"github.com/rolecall-dev/rolecall/internal/identitycenter"
)

// setRead is a permission set in scope: one that we own or that the config
// names.
type setRead struct {
	access.PermissionSet
	described bool
	read      bool // everything on it
	gone      bool // deleted while it was read
}

func (s *setRead) owned(owner string) bool { return s.Owner != "" && s.Owner == owner }

// readSets finds the sets in scope and reads everything on them.
func (r *run) readSets(ctx context.Context) error {
	if err := r.listSets(ctx); err != nil {
		return err
	}
	r.c.Recall()
	err := r.findSets(ctx)
	if errors.Is(err, errCacheWrong) {
		r.c.DistrustCache()
		r.notes = append(r.notes, wrongCache())
		err = r.findSets(ctx)
	}
	if err != nil {
		return err
	}
	return r.readContents(ctx)
}

// listSets lists all sets; a deep read does not go by what an earlier one listed.
func (r *run) listSets(ctx context.Context) (err error) {
	if r.remembered = r.remembers && (!r.o.Deep || len(r.o.Only) > 0); !r.remembered {
		r.books.arns.forget()
	}
	r.arns, err = r.books.arns.everything(ctx)
	return err
}

// findSets puts the sets in scope. Tags say which are ours: they are read of
// ARNs never seen before (with Deep: of all), and of those that were ours when
// last seen. Names are read of ours, and of others only as long as the config
// names a set that was not found.
func (r *run) findSets(ctx context.Context) error {
	if len(r.o.Only) == 0 {
		if err := each(ctx, r, "permission sets' owners", r.unseen(), r.readTags); err != nil {
			return err
		}
	}
	wanted := map[string]bool{}
	for _, s := range r.want.Sets {
		wanted[s.Name] = true
	}
	for _, name := range r.o.Sets {
		wanted[name] = true
	}
	if err := r.findOwned(ctx, wanted); err != nil {
		return err
	}
	return r.findNamed(ctx, wanted)
}

// setsWhere returns the ARNs of the instance's sets of which something is so.
func (r *run) setsWhere(is func(arn string) bool) []string {
	return slices.DeleteFunc(slices.Clone(r.arns), func(arn string) bool { return !is(arn) })
}

// unseen returns the ARNs whose tags have to be read to know their owner.
func (r *run) unseen() []string {
	known := r.c.KnownSets()
	return r.setsWhere(func(arn string) bool {
		set := known[arn]
		return !set.Marked || r.o.Deep || set.Owner == r.o.Owner && r.o.Owner != ""
	})
}

// findOwned finds the sets that carry the owner's mark, and learns the names of
// those that may be locks.
func (r *run) findOwned(ctx context.Context, wanted map[string]bool) error {
	var owned, locks []string
	for _, arn := range r.arns {
		tags, read := r.tags[arn]
		mark := identitycenter.MarkOf(tags)
		if read && mark.Lock && mark.Owner == "" && r.c.Known(arn).Name == "" {
			locks = append(locks, arn)
		}
		if read && mark.Owner == r.o.Owner && mark.Owner != "" && r.setRows[arn] == nil {
			owned = append(owned, arn)
			r.setRows[arn] = &setRead{}
		}
	}
	if err := each(ctx, r, "permission sets' names", owned, func(ctx context.Context, arn string) error {
		return r.describe(ctx, arn, r.setRows[arn])
	}); err != nil {
		return err
	}
	if err := each(ctx, r, "permission sets' names", locks, func(ctx context.Context, arn string) error {
		return r.describe(ctx, arn, &setRead{})
	}); err != nil {
		return err
	}
	for _, arn := range owned {
		delete(wanted, r.setRows[arn].Name)
	}
	return r.findLocks(ctx)
}

// describe reads a set's attributes.
func (r *run) describe(ctx context.Context, arn string, s *setRead) error {
	have, found, _, err := r.books.sets.one(ctx, ref{byID, arn})
	if err == nil && !found {
		r.vanished(s)
	}
	if err != nil || !found {
		return err
	}
	// Field by field: the set's other parts may be read at the same time.
	s.ARN, s.Name, s.Description = have.ARN, have.Name, have.Description
	s.SessionDuration, s.RelayState, s.described = have.SessionDuration, have.RelayState, true
	return nil
}

func (r *run) vanished(s *setRead) {
	r.mu.Lock()
	defer r.mu.Unlock()
	s.gone = true
}

// readTags reads a set's tags, once in a run.
func (r *run) readTags(ctx context.Context, arn string) error {
	r.mu.Lock()
	_, read := r.tags[arn]
	r.mu.Unlock()
	if read {
		return nil
	}
	tags, _, err := r.c.ListTagsForResource(ctx, arn)
	gone := identitycenter.IsNotFound(err) // deleted since it was listed
	if err != nil && !gone {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.tags[arn] = tags
	r.gone[arn] = r.gone[arn] || gone
	return nil
}

// tagsOf returns the tags of a set, which are read where they were not yet.
func (r *run) tagsOf(ctx context.Context, arn string) ([]access.Tag, error) {
	err := r.readTags(ctx, arn)
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.tags[arn], err
}

// readContents reads everything on the sets in scope that were not read yet. The
// parts may be read in any order: each writes fields of its own.
func (r *run) readContents(ctx context.Context) error {
	var parts []func(context.Context) error
	for _, arn := range slices.Sorted(maps.Keys(r.setRows)) {
		s := r.setRows[arn]
		if s.gone || s.read {
			continue
		}
		for _, part := range append(r.c.Contents(arn, &s.PermissionSet), r.readMarks(arn, s), r.readProvisioned(arn, s)) {
			parts = append(parts, func(ctx context.Context) error {
				err := part(ctx)
				if identitycenter.IsNotFound(err) {
					r.vanished(s)
					return nil
				}
				return err
			})
		}
	}
	if err := each(ctx, r, "permission sets", parts, func(ctx context.Context, read func(context.Context) error) error { return read(ctx) }); err != nil {
		return err
	}
	for arn, s := range r.setRows {
		if s.gone {
			r.gone[arn] = true
			delete(r.setRows, arn)
			continue
		}
		r.setARN[s.Name] = arn
		if !s.read {
			s.PermissionSet, s.read = normal(s.PermissionSet), true
		}
	}
	return nil
}

// normal returns a set as states have it.
func normal(p access.PermissionSet) access.PermissionSet {
	var b access.Builder
	b.AddSet(p)
	return b.State().Sets[0]
}

// readMarks reads what finding the set did not have to.
func (r *run) readMarks(arn string, s *setRead) func(context.Context) error {
	return func(ctx context.Context) error {
		if !s.described {
			if err := r.describe(ctx, arn, s); err != nil {
				return err
			}
		}
		tags, err := r.tagsOf(ctx, arn)
		s.Tags, s.Owner = tags, identitycenter.MarkOf(tags).Owner
		return err
	}
}

// readProvisioned reads where the set is provisioned, and where that is not
// the latest; a set that is nowhere needs no second call.
func (r *run) readProvisioned(arn string, s *setRead) func(context.Context) error {
	return func(ctx context.Context) (err error) {
		if s.Provisioned, _, err = r.c.ListAccountsForProvisionedPermissionSet(ctx, arn, identitycenter.EitherVersion); err != nil || len(s.Provisioned) == 0 {
			return err
		}
		s.Outdated, _, err = r.c.ListAccountsForProvisionedPermissionSet(ctx, arn, identitycenter.OlderVersion)
		return err
	}
}

// findNamed looks for the names that the config has and no owned set bears:
// among the names known, then among the ARNs whose name nobody has read yet, a
// few at a time, until all are found. Where a known name is not AWS's, the cache
// is wrong, and errCacheWrong says so.
func (r *run) findNamed(ctx context.Context, wanted map[string]bool) error {
	known := r.c.KnownSets()
	var nameless, named []string
	for _, arn := range r.arns {
		set := known[arn]
		switch {
		case r.locks[arn] || r.setRows[arn] != nil:
		case set.Name == "":
			nameless = append(nameless, arn)
		case wanted[set.Name]:
			named = append(named, arn)
		}
	}
	if err := r.describeWanted(ctx, named, wanted); err != nil {
		return err
	}
	if slices.ContainsFunc(named, func(arn string) bool { return r.c.Known(arn).Name != known[arn].Name }) {
		return errCacheWrong
	}
	likely, others, err := r.likely(ctx, nameless, wanted)
	if err != nil {
		return err
	}
	for _, list := range [][]string{likely, others} {
		if err := r.describeWanted(ctx, list, wanted); err != nil {
			return err
		}
	}
	return nil
}

// errCacheWrong says that a set has another name than the cache told.
var errCacheWrong = errors.New("the cache of permission set names is wrong")

func wrongCache() diag.Diagnostic {
	return diag.Diagnostic{
		Severity: diag.Warning, Code: identitycenter.CodeCacheWrong, Summary: "the cache of permission set names was wrong, so everything was read from AWS",
		Detail: "AWS never reuses the ARN of a permission set for one with another name: something or somebody changed the cache.",
		Hint:   "See who can write to the cache folder.",
	}
}

// chunkOfNames is how many sets are described before looking whether all names
// are found.
const chunkOfNames = 2 * identitycenter.AtOnce

// describeWanted describes sets until all that are wanted are found, and keeps
// those.
func (r *run) describeWanted(ctx context.Context, arns []string, wanted map[string]bool) error {
	for chunk := range slices.Chunk(arns, chunkOfNames) {
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
			if wanted[s.Name] && !r.locks[arn] {
				delete(wanted, s.Name)
				r.setRows[arn] = s
			}
		}
	}
	return nil
}

// fewNames is how many sets are rather described than looked for.
const fewNames = 2

// likely returns apart those sets that the groups to be read have already: mostly
// their own are among them, and the others need not be described.
func (r *run) likely(ctx context.Context, nameless []string, wanted map[string]bool) (likely, others []string, err error) {
	if len(r.o.Only) == 0 || len(wanted) == 0 || len(nameless) <= fewNames || !r.c.MayAskPrincipals() {
		return nil, nameless, nil
	}
	has := map[string]bool{}
	for _, name := range r.namesOfOnly() {
		group, there, _, err := r.groups.one(ctx, ref{byName, name})
		if err != nil || !there {
			continue // whatever is wrong, reading the group will say it
		}
		found, err := r.assignmentsOf(ctx, principal{access.GroupPrincipal, group.ID}, nil)
		if identitycenter.IsAccessDenied(err) {
			return nil, nameless, nil // asked once more later, which notes it
		}
		if err != nil {
			return nil, nil, err
		}
		for _, p := range found {
			has[p.SetARN] = true
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

// mayBeLock says that a set has a lock's name and tag, and no owner: whatever has
// an owner is a set like any other.
func mayBeLock(set identitycenter.CachedSet) bool {
	return set.Lock && set.Owner == "" && strings.HasPrefix(set.Name, access.LockSetPrefix)
}

// findLocks looks at what bears the name and the tag of a lock: anybody who may
// tag could hide a permission set so. It is one where nothing is on it and nobody
// has it; everything else counts. What this client made as its own lock, a moment
// ago, it made empty.
func (r *run) findLocks(ctx context.Context) error {
	var candidates []string
	for _, arn := range r.arns {
		switch {
		case !mayBeLock(r.c.Known(arn)) || r.locks[arn]:
		case r.c.Guards(arn):
			r.locks[arn] = true
		default:
			candidates = append(candidates, arn)
		}
	}
	return each(ctx, r, "locks", candidates, func(ctx context.Context, arn string) error {
		empty, err := r.c.IsEmpty(ctx, arn)
		switch {
		case identitycenter.IsAccessDenied(err):
			return nil // then it counts
		case identitycenter.IsNotFound(err):
			empty = true // released meanwhile
		case err != nil:
			return err
		}
		r.mu.Lock()
		defer r.mu.Unlock()
		r.locks[arn] = empty
		return nil
	})
}
