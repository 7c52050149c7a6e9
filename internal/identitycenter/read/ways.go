package read

import (
	"maps"
	"slices"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/identitycenter"
)

// readingPlan says how the assignments will be read: which principals are asked,
// and which pairs of account and permission set. It is made before the first
// call, by counting.
type readingPlan struct {
	principals []principal
	pairs      []access.SetInAccount
	// perGroup has, for each group asked, the pairs in which the config grants
	// it something and its set is provisioned.
	perGroup map[string][]access.SetInAccount
	// everybody says that the principals are all that are alive. Then pairs that
	// none of them has are read for whoever is gone; perhaps so many.
	everybody bool
	perhaps   int
	spare     int    // calls that may be made beyond those counted
	way       string // of Observed.Read
}

func (p readingPlan) calls(pages map[string]int) int {
	n := len(p.pairs) + p.perhaps
	for _, who := range p.principals {
		n += max(1, pages[who.id])
	}
	return n
}

// expectation is what the config expects of the sets that are provisioned.
type expectation struct {
	// byGroup has, by id, every group of the config that is there, and where it
	// should have something. What it has of a set where others are to have it,
	// only the group can tell: so it is here with nowhere, too.
	byGroup map[string][]access.SetInAccount
	pages   map[string]int // by group id: calls to ask what it has
	adopted []string       // ids of groups that are asked for all that they have
	// always are pairs that no principal can be asked about: who has them are
	// others than the config names, or all who have them count, the gone too.
	always []access.SetInAccount
	// alive are pairs of which everybody alive has to be seen, unexpected those
	// of our sets that the config gives nobody.
	alive, unexpected []access.SetInAccount
	// whole are pairs of which everybody alive is to be seen where that is cheap.
	whole []access.SetInAccount
	owned []access.SetInAccount // all pairs of owned sets
	scope []access.SetInAccount // all pairs of the sets in scope
}

// expect sorts the pairs that are provisioned by who can tell about them.
func (r *run) expect() expectation {
	e := expectation{byGroup: map[string][]access.SetInAccount{}, pages: map[string]int{}, adopted: r.adoptedGroups()}
	provisioned := r.provisionedPairs(&e)
	named := map[access.SetInAccount]bool{}
	if len(e.owned) > 0 {
		for _, g := range r.want.Groups {
			for _, id := range r.liveGroups(g) {
				e.byGroup[id] = nil
			}
		}
	}
	for _, g := range r.want.Assignments {
		var ids []string // of a user every pair is read
		if g.Kind == access.GroupPrincipal {
			ids = r.liveGroups(r.want.Groups[g.Principal])
		}
		for _, p := range r.wantedPairs(&r.want, g) {
			if !provisioned[p] {
				continue
			}
			named[p] = true
			if len(ids) == 0 { // whoever has it is not the group that is missing
				e.always = append(e.always, p)
			}
			for _, id := range ids {
				e.byGroup[id] = append(e.byGroup[id], p)
			}
		}
	}
	e.always = union(e.always)
	for id, pairs := range e.byGroup {
		e.pages[id] = pages(len(pairs))
	}
	r.nameOthers(named)
	for _, p := range e.owned {
		if !named[p] {
			e.unexpected = append(e.unexpected, p)
		}
	}
	return e
}

// provisionedPairs returns where the sets are, and puts their pairs into the
// expectation.
func (r *run) provisionedPairs(e *expectation) map[access.SetInAccount]bool {
	provisioned := map[access.SetInAccount]bool{}
	for _, arn := range slices.Sorted(maps.Keys(r.setRows)) {
		s := r.setRows[arn]
		need := r.need(arn, s)
		for _, a := range s.Provisioned {
			p := access.SetInAccount{SetARN: arn, Account: a}
			provisioned[p] = true
			if !r.ignored(s.Name) {
				e.scope = append(e.scope, p)
				if s.owned(r.o.Owner) {
					e.owned = append(e.owned, p)
				}
			}
			switch need {
			case needAll:
				e.always = append(e.always, p)
			case needAlive:
				e.alive = append(e.alive, p)
			case needWhole:
				e.whole = append(e.whole, p)
			}
		}
	}
	return provisioned
}

// nameOthers adds what other groups of the config have: where only some groups
// are read, that is no surprise.
func (r *run) nameOthers(named map[access.SetInAccount]bool) {
	if len(r.o.Only) == 0 {
		return
	}
	for _, g := range r.o.Desired.Assignments {
		for _, p := range r.wantedPairs(&r.o.Desired, g) {
			named[p] = true
		}
	}
}

// wantedPairs returns the pairs of ids that a desired grant stands for.
func (r *run) wantedPairs(s *access.State, g access.Assignment) []access.SetInAccount {
	arn, ok := r.setARN[s.Sets[g.Set].Name]
	if !ok {
		return nil
	}
	var out []access.SetInAccount
	for _, id := range r.accountIDs(s.Accounts[g.Account]) {
		out = append(out, access.SetInAccount{SetARN: arn, Account: id})
	}
	return out
}

// fastest takes the way with the fewest calls: by pairs, or by principals. Where it
// costs the same, pairs: they show everybody who has something there. Some groups by
// their pairs and the others by asking would be fewer still, and hides what the former
// have of the sets of the latter. Pairs of which everybody alive has to be seen come on
// top and replace nothing: what AWS lists of where a set is provisioned may be some
// seconds old, and more care must not see less.
func (r *run) fastest(e expectation) readingPlan {
	way := r.fastestToExpect(e)
	way.pairs = union(way.pairs, e.alive)
	return way
}

func (r *run) fastestToExpect(e expectation) readingPlan {
	best := r.byPairs(e)
	if r.o.Deep && len(r.o.Only) > 0 || !r.c.MayAskPrincipals() {
		return best
	}
	way := readingPlan{perGroup: e.byGroup, way: "fast", pairs: union(e.always, e.unexpected)}
	for _, id := range slices.Sorted(maps.Keys(e.byGroup)) {
		way.principals = append(way.principals, principal{access.GroupPrincipal, id})
	}
	for _, id := range e.adopted {
		if _, asked := e.byGroup[id]; !asked {
			way.principals = append(way.principals, principal{access.GroupPrincipal, id})
		}
	}
	way.principals = append(way.principals, r.removedUsers()...)
	if way.calls(e.pages) < best.calls(e.pages) {
		return way
	}
	return best
}

// byPairs reads every pair of the owner's sets, and, where a group is adopted,
// of all sets in scope.
func (r *run) byPairs(e expectation) readingPlan {
	lists := [][]access.SetInAccount{e.owned, e.always}
	for _, id := range slices.Sorted(maps.Keys(e.byGroup)) {
		lists = append(lists, e.byGroup[id])
	}
	if len(e.adopted) > 0 {
		lists = append(lists, e.scope)
	}
	p := readingPlan{way: "pairs", pairs: union(lists...)}
	if r.c.MayAskPrincipals() {
		p.principals = r.removedUsers()
	}
	return p
}

// byEverybody asks every principal that is alive: first those whom a fast read
// asks, too.
func (r *run) byEverybody(e expectation) readingPlan {
	p := readingPlan{way: "principals", everybody: true, perGroup: e.byGroup, pairs: slices.Clip(e.always)}
	asked := map[string]bool{}
	for _, ids := range [][]string{slices.Sorted(maps.Keys(e.byGroup)), e.adopted, slices.Sorted(maps.Keys(r.groupRows))} {
		for _, id := range ids {
			if !asked[id] {
				asked[id] = true
				p.principals = append(p.principals, principal{access.GroupPrincipal, id})
			}
		}
	}
	users, _ := r.users.all()
	for _, id := range sortedIDs(users) {
		p.principals = append(p.principals, principal{access.UserPrincipal, id})
	}
	p.perhaps = len(union(e.always, e.unexpected)) - len(e.always)
	return p
}

// pages is how many calls it takes to list so many things.
func pages(n int) int { return (n + identitycenter.PageSize - 1) / identitycenter.PageSize }

func sortedIDs(users []access.User) []string {
	ids := make([]string, len(users))
	for i, u := range users {
		ids[i] = u.ID
	}
	slices.Sort(ids)
	return ids
}

// union returns the pairs that are in any of the lists, each once, as they come.
func union(lists ...[]access.SetInAccount) []access.SetInAccount {
	var out []access.SetInAccount
	seen := map[access.SetInAccount]bool{}
	for _, list := range lists {
		for _, p := range list {
			if !seen[p] {
				seen[p] = true
				out = append(out, p)
			}
		}
	}
	return out
}

// ignored says whether a set's name matches a pattern of Ignore.
func (r *run) ignored(name string) bool {
	return access.Matches(r.o.Ignore, access.SetThing, name)
}
