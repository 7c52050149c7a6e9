package read

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/identitycenter"
)

// memoryLasts is how long a process that makes many small reads goes by what it heard of
// who has what. A read that does says so by when it began.
const memoryLasts = 2 * time.Minute

// memory is what the principals of the store have, as far as a reader that remembers
// has asked them: to ask everybody once is cheaper than to ask for every account of many
// permission sets.
type memory struct {
	turn identitycenter.Turn // of whoever asks everybody

	mu    sync.Mutex
	spent int // calls for pairs that asking everybody would have saved
	whole int // calls made to see everybody where that was cheap
	reads int
	had   map[string]remembered
}

type remembered struct {
	pairs []access.SetInAccount
	at    time.Time // before it was asked
}

func newMemory() *memory {
	return &memory{turn: identitycenter.NewTurn(), had: map[string]remembered{}}
}

// of returns what a principal had, and when; false where that is not known any more.
func (m *memory) of(id string) (remembered, bool) {
	if m == nil {
		return remembered{}, false
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	one, ok := m.had[id]
	return one, ok && time.Since(one.at) < memoryLasts
}

func (m *memory) keep(id string, one remembered) {
	if m == nil {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.had[id] = one
}

// forget drops what is known of some principals; of all where none is named.
func (m *memory) forget(ids ...string) {
	if m == nil {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(ids) == 0 {
		m.had, m.spent = map[string]remembered{}, 0
	}
	for _, id := range ids {
		delete(m.had, id)
	}
}

// spend adds calls, and returns all.
func (m *memory) spend(calls int) int {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.spent += calls
	return m.spent
}

// cheap says whether calls may be spent to see everybody who has a set: of all the reads
// of this process, at most completeFor, or as many as the reads themselves cost.
func (m *memory) cheap(calls int) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.whole+calls > max(completeFor, m.reads*callsOfGroup) {
		return false
	}
	m.whole += calls
	return true
}

// read counts a read of a group.
func (m *memory) read() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.reads++
}

// callsOfGroup is about what the read of one group costs.
const callsOfGroup = 10

// ForgetAssignments drops what is remembered of what some groups and users have, by id,
// because it has been changed.
func (r *Reader) ForgetAssignments(ids ...string) {
	if r.kept != nil && len(ids) > 0 {
		r.kept.memory.forget(ids...)
	}
}

// orEverybody sees to it that everybody alive is seen who has the sets of which that is
// asked for: pair by pair, or by asking everybody in the store, once the reads of this
// process have spent half as many calls on pairs as that costs. So none pays more than three
// times what the cheaper way would have cost, and those of many groups half as much more.
func (r *run) orEverybody(ctx context.Context, e expectation) (readingPlan, error) {
	way := r.fastestToExpect(e)
	counted := len(way.pairs)
	must := union(way.pairs, e.alive)[counted:]
	may := union(way.pairs, must, e.whole)[counted:]
	with := func(pairs []access.SetInAccount) readingPlan {
		way.pairs = append(slices.Clip(way.pairs), pairs...)
		return way
	}
	if len(may) == 0 || !r.c.MayAskPrincipals() {
		return with(must), nil
	}
	memory := r.books.memory
	memory.read()
	if err := memory.turn.Take(ctx); err != nil { // one decides at a time, and the next finds what it has asked
		return way, err
	}
	defer memory.turn.Done()
	limit := 2 * (memory.spend(0) + len(may))
	all, news, err := r.everybodyWithin(ctx, limit)
	bound := len(must) == 0 && !r.o.Whole
	switch asking := all != nil && news <= limit; {
	case err != nil:
		return way, err
	case bound && !memory.cheap(map[bool]int{true: news, false: len(may)}[asking]):
		return with(must), nil
	case !asking:
		memory.spend(len(may))
		return with(may), nil
	}
	memory.spend(-memory.spend(0))
	out := readingPlan{way: "principals", everybody: true, perGroup: way.perGroup, principals: all, pairs: way.pairs, spare: completeFor}
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
		if _, known := r.books.memory.of(who.id); !known {
			news++
		}
	}
	return all, news, nil
}
