package identitycenter

import (
	"path"
	"slices"

	"github.com/rolecall-dev/rolecall/internal/access"
)

// grantPlan says how the assignments will be read: which principals are asked,
// and which pairs of account and permission set. It is made before the first
// call, by counting.
type grantPlan struct {
	principals []string // ids of groups
	pairs      []pair
	// perGroup has, for each group asked, the pairs in which the config grants
	// it something and its set is provisioned.
	perGroup map[string][]pair
	way      string // of Observed.Read
}

func (p grantPlan) calls(pages map[string]int) int {
	n := len(p.pairs)
	for _, id := range p.principals {
		n += pages[id]
	}
	return n
}

// expectation is what the config expects of the sets that are provisioned.
type expectation struct {
	byGroup map[string][]pair // by group id: where it should have something
	pages   map[string]int    // by group id: calls to ask what it has
	always  []pair            // no principal can be asked about these
	owned   []pair            // all pairs of owned sets
}

// expect sorts the pairs that are provisioned by who can tell about them.
func (r *reader) expect() expectation {
	e := expectation{byGroup: map[string][]pair{}, pages: map[string]int{}}
	provisioned := r.provisionedPairs(&e)
	named, orphaned := map[pair]bool{}, map[pair]bool{}
	for _, g := range r.want.Grants {
		ids := r.liveGroups(r.want.Groups[g.Principal])
		for _, p := range r.wantedPairs(&r.want, g) {
			if !provisioned[p] {
				continue
			}
			named[p] = true
			if len(ids) == 0 {
				orphaned[p] = true // whoever has it is not the group that is missing
			}
			for _, id := range ids {
				e.byGroup[id] = append(e.byGroup[id], p)
			}
		}
	}
	for id, pairs := range e.byGroup {
		e.pages[id] = (len(pairs) + pageSize - 1) / pageSize
	}
	r.nameOthers(named)
	for _, p := range e.owned {
		if !named[p] {
			e.always = append(e.always, p)
		}
	}
	for p := range orphaned {
		e.always = append(e.always, p)
	}
	e.always = appendNew(e.always, pairSet(e.always), r.wholePairs())
	return e
}

// provisionedPairs gives where the sets are, and puts the pairs of owned ones
// into the expectation.
func (r *reader) provisionedPairs(e *expectation) map[pair]bool {
	provisioned := map[pair]bool{}
	for arn, s := range r.sets {
		for _, a := range s.Provisioned {
			provisioned[pair{arn, a}] = true
			if s.owned(r.o.Owner) && (r.o.Only != "" || !r.ignored(s.Name)) {
				e.owned = append(e.owned, pair{arn, a})
			}
		}
	}
	return provisioned
}

// wholePairs gives where the sets of Sets are that are not the owner's: of
// those, everybody counts.
func (r *reader) wholePairs() []pair {
	var out []pair
	for arn, s := range r.sets {
		if slices.Contains(r.o.Sets, s.Name) && !s.owned(r.o.Owner) {
			for _, a := range s.Provisioned {
				out = append(out, pair{arn, a})
			}
		}
	}
	return out
}

// nameOthers adds what other groups of the config have: where only one group
// is read, that is no surprise.
func (r *reader) nameOthers(named map[pair]bool) {
	if r.o.Only == "" {
		return
	}
	for _, g := range r.o.Desired.Grants {
		for _, p := range r.wantedPairs(&r.o.Desired, g) {
			named[p] = true
		}
	}
}

// wantedPairs gives the pairs of ids that a desired grant stands for.
func (r *reader) wantedPairs(s *access.State, g access.Grant) []pair {
	arn, ok := r.setARN[s.Sets[g.Set].Name]
	if !ok {
		return nil
	}
	var out []pair
	for _, id := range r.accountIDs(s.Accounts[g.Account]) {
		out = append(out, pair{arn, id})
	}
	return out
}

// chooseWay takes the way with the fewest calls: by pairs alone, by principals,
// or each group by whichever is less for it. Where it costs the same, pairs:
// they show everybody who has something there.
func (r *reader) chooseWay(e expectation) grantPlan {
	best := r.byPairs(e)
	if r.o.Deep || !r.mayAskPrincipals() {
		return best
	}
	all := grantPlan{perGroup: e.byGroup, pairs: e.always, way: "fast"}
	mixed := grantPlan{perGroup: map[string][]pair{}, pairs: e.always, way: "fast"}
	inMixed := pairSet(e.always)
	for _, id := range sortedKeys(e.byGroup) {
		all.principals = append(all.principals, id)
		if len(e.byGroup[id]) <= e.pages[id] {
			mixed.pairs = appendNew(mixed.pairs, inMixed, e.byGroup[id])
			continue
		}
		mixed.principals = append(mixed.principals, id)
		mixed.perGroup[id] = e.byGroup[id]
	}
	for _, way := range []grantPlan{mixed, all} {
		if way.calls(e.pages) < best.calls(e.pages) {
			best = way
		}
	}
	return best
}

func (r *reader) byPairs(e expectation) grantPlan {
	p := grantPlan{way: "pairs"}
	seen := map[pair]bool{}
	p.pairs = appendNew(p.pairs, seen, e.owned)
	p.pairs = appendNew(p.pairs, seen, e.always)
	for _, id := range sortedKeys(e.byGroup) {
		p.pairs = appendNew(p.pairs, seen, e.byGroup[id])
	}
	return p
}

func pairSet(pairs []pair) map[pair]bool {
	set := make(map[pair]bool, len(pairs))
	for _, p := range pairs {
		set[p] = true
	}
	return set
}

func appendNew(to []pair, seen map[pair]bool, pairs []pair) []pair {
	for _, p := range pairs {
		if !seen[p] {
			seen[p] = true
			to = append(to, p)
		}
	}
	return to
}

func (r *reader) mayAskPrincipals() bool { return r.c.mayAskPrincipals() }

// mayAskPrincipals says whether ListAccountAssignmentsForPrincipal may work:
// AWS answers it in the management account only. Where we cannot tell what the
// account is, it is tried once.
func (c *Client) mayAskPrincipals() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	place := c.caller.Place
	return !c.refusedPrincipal && (place == ManagementAccount || place == UnknownPlace)
}

// refusePrincipals remembers that it was refused.
func (c *Client) refusePrincipals() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.refusedPrincipal = true
}

// ignored says whether a set's name matches a pattern of Ignore.
func (r *reader) ignored(name string) bool {
	for _, pattern := range r.o.Ignore {
		if ok, err := path.Match(pattern, name); ok && err == nil {
			return true
		}
	}
	return false
}
