package read

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/identitycenter"
)

// heldLasts is how long a process that makes many small reads goes by what it heard of
// who has what. A read that does says so by when it began.
const heldLasts = 2 * time.Minute

// holdings is what the principals of the store have, as far as a reader that remembers
// has asked them: to ask everybody once is cheaper than to ask for every account of many
// permission sets.
type holdings struct {
	turn identitycenter.Turn // of whoever asks everybody

	mu    sync.Mutex
	spent int // calls for pairs that asking everybody would have saved
	whole int // calls made to see everybody where that was cheap
	reads int
	had   map[string]holding
}

type holding struct {
	pairs []access.Pair
	at    time.Time // before it was asked
}

func newHoldings() *holdings {
	return &holdings{turn: identitycenter.NewTurn(), had: map[string]holding{}}
}

// of returns what a principal had, and when; false where that is not known any more.
func (h *holdings) of(id string) (holding, bool) {
	if h == nil {
		return holding{}, false
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	one, ok := h.had[id]
	return one, ok && time.Since(one.at) < heldLasts
}

func (h *holdings) keep(id string, one holding) {
	if h == nil {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.had[id] = one
}

// forget drops what is known of some principals; of all where none is named.
func (h *holdings) forget(ids ...string) {
	if h == nil {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(ids) == 0 {
		h.had, h.spent = map[string]holding{}, 0
	}
	for _, id := range ids {
		delete(h.had, id)
	}
}

// spend adds calls, and returns all.
func (h *holdings) spend(calls int) int {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.spent += calls
	return h.spent
}

// cheap says whether calls may be spent to see everybody who has a set: of all the reads
// of this process, at most completeFor, or as many as the reads themselves cost.
func (h *holdings) cheap(calls int) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.whole+calls > max(completeFor, h.reads*callsOfGroup) {
		return false
	}
	h.whole += calls
	return true
}

// read counts a read of a group.
func (h *holdings) read() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.reads++
}

// callsOfGroup is about what the read of one group costs.
const callsOfGroup = 10

// ForgetHolders drops what is remembered of what some groups and users have, by id,
// because it has been changed.
func (r *Reader) ForgetHolders(ids ...string) {
	if r.kept != nil && len(ids) > 0 {
		r.kept.held.forget(ids...)
	}
}

// orEverybody sees to it that everybody alive is seen who has the sets of which that is
// asked for: pair by pair, or by asking everybody in the store, once the reads of this
// process have spent half as many calls on pairs as that costs. So none pays more than three
// times what the cheaper way would have cost, and those of many groups half as much more.
func (r *run) orEverybody(ctx context.Context, e expectation) (grantPlan, error) {
	way := r.fastestToExpect(e)
	counted := len(way.pairs)
	must := union(way.pairs, e.alive)[counted:]
	may := union(way.pairs, must, e.whole)[counted:]
	with := func(pairs []access.Pair) grantPlan {
		way.pairs = append(slices.Clip(way.pairs), pairs...)
		return way
	}
	if len(may) == 0 || !r.c.MayAskPrincipals() {
		return with(must), nil
	}
	held := r.books.held
	held.read()
	if err := held.turn.Take(ctx); err != nil { // one decides at a time, and the next finds what it has asked
		return way, err
	}
	defer held.turn.Done()
	limit := 2 * (held.spend(0) + len(may))
	all, news, err := r.everybodyWithin(ctx, limit)
	bound := len(must) == 0 && !r.o.Whole
	switch asking := all != nil && news <= limit; {
	case err != nil:
		return way, err
	case bound && !held.cheap(map[bool]int{true: news, false: len(may)}[asking]):
		return with(must), nil
	case !asking:
		held.spend(len(may))
		return with(may), nil
	}
	held.spend(-held.spend(0))
	out := grantPlan{way: "principals", everybody: true, perGroup: way.perGroup, principals: all, pairs: way.pairs, spare: completeFor}
	return out, r.ask(ctx, out, e.pages)
}

// everybodyWithin returns all groups and users, and how many of them would have to be
// asked; nil where even to list them costs more than so many calls.
func (r *run) everybodyWithin(ctx context.Context, calls int) ([]principal, int, error) {
	whole, err := r.listForAsking(ctx, calls)
	if err != nil || !whole {
		return nil, 0, err
	}
	groups, err := r.groups.everything(ctx)
	if err != nil {
		return nil, 0, err
	}
	users, _ := r.users.all()
	all := make([]principal, 0, len(groups)+len(users))
	for _, g := range groups {
		all = append(all, principal{access.GroupPrincipal, g.ID})
	}
	for _, id := range sortedIDs(users) {
		all = append(all, principal{access.UserPrincipal, id})
	}
	news := 0
	for _, who := range all {
		if _, known := r.books.held.of(who.id); !known {
			news++
		}
	}
	return all, news, nil
}
