package read

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/diag"
)

// completeFor is how many calls a complete read may always cost more than a
// fast one; and it may always cost twice as much.
const completeFor = 200

// errTooDear ends asking everybody: some have so much that it is too dear.
var errTooDear = errors.New("asking everybody costs too many calls")

// choose decides how the assignments are read. Everything is looked at where
// that is cheap: everybody who has a set of the owner's, and the tags of every
// set. It makes the calls that tell what a complete read costs, as long as it
// may still be cheap enough.
func (r *run) choose(ctx context.Context) (readingPlan, expectation, error) {
	e := r.expect()
	if r.remembers && len(r.o.Only) > 0 && !r.o.Deep && !r.quick {
		way, err := r.orEverybody(ctx, e)
		return way, e, err
	}
	way := r.fastest(e)
	switch {
	case r.o.Deep && len(r.o.Only) == 0:
		return r.andAllPairs(way, e), e, nil
	case r.quick || r.o.Deep || len(r.o.Only) > 0 || r.o.Owner == "" || r.remembers:
		return way, e, nil
	}
	fast := way.calls(e.pages)
	most := fast + max(r.spent()+fast, completeFor) - r.extra
	unread := r.untagged()
	limit := max(fast, most-len(unread))
	found := false
	if pairs := r.andAllPairs(way, e); pairs.calls(e.pages) <= limit {
		way, found, limit = pairs, true, pairs.calls(e.pages)-1
	}
	if r.c.MayAskPrincipals() {
		all, err := r.listForAsking(ctx, limit-r.byEverybody(e).calls(e.pages))
		if err != nil {
			return way, e, err
		}
		if all {
			if everybody := r.byEverybody(e); everybody.calls(e.pages) <= limit {
				way, found = everybody, true
			}
		}
	}
	way.spare = max(0, most-len(unread)-way.calls(e.pages))
	if !found || len(unread) == 0 || way.calls(e.pages)+len(unread) > most {
		return way, e, nil
	}
	more, err := r.readMoreTags(ctx, unread)
	if err != nil || !more {
		return way, e, err
	}
	return r.choose(ctx) // there are more sets of ours than were known
}

// andAllPairs adds every pair of the owner's sets to a way. Who is asked stays
// asked, as in fastest: a complete read must not see less than a fast one.
func (r *run) andAllPairs(way readingPlan, e expectation) readingPlan {
	way.pairs = union(way.pairs, r.byPairs(e).pairs)
	way.way = "pairs"
	return way
}

// spent counts the calls of a fast read up to the assignments.
func (r *run) spent() int {
	n := pages(len(r.arns)) + len(r.tags)
	for _, s := range r.setRows {
		n += callsOfContents
		if len(s.Provisioned) > 0 {
			n += 2 * pages(len(s.Provisioned))
		}
	}
	return n - r.extra
}

// callsOfContents are the calls that a set costs wherever it is, but for its tags.
const callsOfContents = 5

// untagged returns the sets whose tags were not read in this run.
func (r *run) untagged() []string {
	return r.setsWhere(func(arn string) bool { _, read := r.tags[arn]; return !read })
}

// readMoreTags reads the tags of the remaining sets, and all of those that turn
// out to be ours; it says whether there are such.
func (r *run) readMoreTags(ctx context.Context, arns []string) (bool, error) {
	if err := each(ctx, r, "permission sets' owners", arns, r.readTags); err != nil {
		return false, err
	}
	r.extra += len(arns)
	before := len(r.setRows)
	if err := r.findOwned(ctx, map[string]bool{}); err != nil {
		return false, err
	}
	return len(r.setRows) > before, r.readContents(ctx)
}

// listForAsking lists the users of the store, so that each can be asked, as
// long as that may cost no more calls than there is room for: a page, and a
// call for each user. It says whether all are known.
func (r *run) listForAsking(ctx context.Context, room int) (bool, error) {
	before, whole := r.users.all()
	for known := len(before); !whole && room > 0; {
		if err := r.users.readPage(ctx, func() bool { return false }); err != nil {
			return false, err
		}
		r.extra++
		var users []access.User
		users, whole = r.users.all()
		room -= 1 + len(users) - known
		known = len(users)
	}
	return whole && room >= 0, nil
}

// ask asks the principals of a plan: the first alone, so that no second call is
// wasted where it is refused. Where everybody is asked, pages that were not
// counted on may be only so many as are to spare.
func (r *run) ask(ctx context.Context, way readingPlan, pages map[string]int) error {
	var left atomic.Int64
	left.Store(int64(way.spare))
	work := func(ctx context.Context, who principal) error {
		return r.readPrincipal(ctx, who, func(page int) error {
			if way.everybody && page > max(1, pages[who.id]) && left.Add(-1) < 0 {
				return errTooDear
			}
			return nil
		})
	}
	first := min(1, len(way.principals))
	for _, part := range [][]principal{way.principals[:first], way.principals[first:]} {
		if err := each(ctx, r, "assignments of groups and users", part, work); err != nil {
			return err
		}
	}
	return nil
}

// unassigned returns the pairs of the owner's sets that none of those asked has: who
// has them is gone.
func (r *run) unassigned(e expectation) []access.SetInAccount {
	assigned := map[access.SetInAccount]bool{}
	for k := range r.assignments {
		assigned[k.SetInAccount] = true
	}
	var out []access.SetInAccount
	for _, p := range e.owned {
		if !assigned[p] && !r.pairs[p] {
			out = append(out, p)
		}
	}
	return out
}

// observe says what was read, and what was not looked at.
func (r *run) observe(way readingPlan) {
	o := &r.observed
	o.Read, o.OtherSets = way.way, r.otherSets()
	all := true
	for arn, s := range r.setRows {
		if r.ignored(s.Name) {
			continue // nothing is concluded about it
		}
		whole := true
		for _, a := range s.Provisioned {
			p := access.SetInAccount{SetARN: arn, Account: a}
			whole = whole && r.pairs[p]
		}
		if whole {
			o.SetUses[arn] = true
		}
		if whole || way.everybody {
			o.SetPrincipals[arn] = true
		} else if s.owned(r.o.Owner) {
			all = false
		}
	}
	marks := len(r.untagged()) == 0 && !r.remembered
	switch {
	case len(r.o.Only) > 0:
		o.Read = "group"
	case r.o.Deep:
		o.Read = "deep"
	}
	o.Complete = all && marks && r.o.Owner != "" && len(r.o.Only) == 0
	if !o.Complete {
		o.CannotSee = append(o.CannotSee, r.unseenThings(all, marks)...)
	}
}

// unseenThings says in words what a read that is not complete did not look at.
func (r *run) unseenThings(all, marks bool) []string {
	var out []string
	if len(r.o.Only) > 0 {
		what := "group " + diag.Quoted(r.o.Only)
		if len(r.o.Only) > 1 {
			what = "groups " + diag.Quoted(r.o.Only)
		}
		return append(out, fmt.Sprintf("what does not concern %s: only their own permission sets, members and assignments were read", what))
	}
	if !all {
		out = append(out, "users, and groups that the config does not name, that were granted one of our permission sets in an account where the config grants it too; plan --deep reads them")
	}
	if !marks {
		out = append(out, "permission sets that were marked as ours elsewhere since they were last seen here, unless the config names them; plan --deep reads every mark")
	}
	if r.ignoresSets() {
		out = append(out, "assignments of permission sets that an ignore pattern matches, unless the config grants them")
	}
	return out
}

// ignoresSets says that a pattern matches the name of a permission set that is
// there; those whose names nobody knows are not ours.
func (r *run) ignoresSets() bool {
	return slices.ContainsFunc(r.arns, func(arn string) bool {
		name := r.c.Known(arn).Name
		return name != "" && r.ignored(name)
	})
}

// otherSets counts the sets that are somebody else's and that were not looked
// at; where only some groups are read, nobody knows whose the others are.
func (r *run) otherSets() int {
	if len(r.o.Only) > 0 {
		return 0
	}
	return len(r.setsWhere(func(arn string) bool { return r.setRows[arn] == nil && !r.gone[arn] && !r.locks[arn] }))
}
