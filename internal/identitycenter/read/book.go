package read

import (
	"context"
	"slices"
	"strings"
	"sync"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/diag"
	"github.com/rolecall-dev/rolecall/internal/identitycenter"
)

// by says by what a thing is looked up.
type by uint8

const (
	byID by = iota
	byName
	byEmail
	byFolded // the name in lower case: AWS cannot be asked for it
)

// ref is what a thing is looked up by.
type ref struct {
	by    by
	value string
}

// key is what a ref is found by: letter case of an e-mail address does not count.
func (r ref) key() ref {
	if r.by == byEmail {
		r.value = strings.ToLower(r.value)
	}
	return r
}

func ids(list []string) []ref {
	refs := make([]ref, len(list))
	for i, id := range list {
		refs[i] = ref{byID, id}
	}
	return refs
}

// book is what is known of all things of a kind: the place that decides between a
// list and look-ups. Nobody knows beforehand how many of how many will be asked
// for, so pages of the list are read as long as they cost no more than look-ups
// would, and then the rest is looked up: that is never more than twice the calls of
// the cheapest way.
type book[T any] struct {
	list identitycenter.List[T]
	// ask looks one up by id, name or e-mail address.
	ask  func(context.Context, ref) (T, diag.Evidence, error)
	refs func(T) []ref // what it is found by; the first is its id
	// few is how many calls for look-ups, side by side, are sooner done than pages
	// one by one.
	few int
	// kept says that many small reads share the book: each look-up reads a page first.
	kept bool

	turn identitycenter.Turn // of who reads a page

	mu     sync.Mutex
	pages  *identitycenter.Pages[T]
	ended  bool // there is no further page
	whole  bool // listed to the end, and all that came since is in it
	epoch  int  // grows with each write: what was asked for before is not put in after it
	rows   map[string]T
	order  []string // their ids, as they came
	ids    map[ref]string
	gone   map[string]bool // ids that this client has written since, not to be taken from a page
	asking map[ref]identitycenter.Turn
}

func newBook[T any](list identitycenter.List[T], few int, kept bool, ask func(context.Context, ref) (T, diag.Evidence, error), refs func(T) []ref) *book[T] {
	b := &book[T]{list: list, ask: ask, refs: refs, few: few, kept: kept, turn: identitycenter.NewTurn(), asking: map[ref]identitycenter.Turn{}}
	b.forget()
	return b
}

// forget drops everything: somebody else may have changed it.
func (b *book[T]) forget() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.pages, b.ended, b.whole = b.list.Pages(), b.list.None(), false
	b.epoch++
	b.rows, b.order, b.ids, b.gone = map[string]T{}, nil, map[ref]string{}, map[string]bool{}
}

// add puts in what was created.
func (b *book[T]) add(row T) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.addLocked(row)
}

func (b *book[T]) addLocked(row T) {
	refs := b.refs(row)
	id := refs[0].value
	if _, known := b.rows[id]; !known {
		b.order = append(b.order, id)
	}
	b.rows[id] = row
	for _, r := range refs {
		b.ids[r] = id
	}
}

// drop takes out what this client is changing: it has to be asked for again, by
// whatever name.
func (b *book[T]) drop(id string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if row, ok := b.rows[id]; ok {
		for _, r := range b.refs(row) {
			if b.ids[r] == id {
				delete(b.ids, r)
			}
		}
		delete(b.rows, id)
		b.order = slices.DeleteFunc(b.order, func(have string) bool { return have == id })
	}
	b.gone[id], b.whole = true, false
	b.epoch++
}

// known returns what is known, and whether it is sure. That there is none of a name
// only the whole list can tell. Of an id only AWS can: it may have come since.
func (b *book[T]) known(r ref) (row T, found, sure bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	row, found = b.rows[b.ids[r.key()]]
	return row, found, found || b.whole && r.by != byID
}

func (b *book[T]) unsure(refs []ref) []ref {
	return slices.DeleteFunc(slices.Clone(refs), func(r ref) bool {
		_, _, sure := b.known(r)
		return sure
	})
}

// all returns every row that is known, in AWS's order as far as it was listed, and
// whether they are all there are.
func (b *book[T]) all() ([]T, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	rows := make([]T, 0, len(b.rows))
	for _, id := range b.order {
		rows = append(rows, b.rows[id])
	}
	return rows, b.whole
}

// find returns those that there are, by what they were asked for.
func (b *book[T]) find(ctx context.Context, r *run, what string, refs []ref) (map[ref]T, error) {
	enough := func() bool { return len(b.unsure(refs)) == 0 }
	if cost := b.cost(refs); cost > b.few && !b.kept {
		for ; cost > 0 && !enough() && !b.listed(); cost-- {
			if err := b.readPage(ctx, enough); err != nil {
				return nil, err
			}
		}
	}
	rows := make(map[ref]T, len(refs))
	unsure := b.unsure(refs)
	for _, ref := range refs {
		if row, found, _ := b.known(ref); found {
			rows[ref] = row
		}
	}
	var mu sync.Mutex
	err := each(ctx, r, what, unsure, func(ctx context.Context, ref ref) error {
		// What this client writes meanwhile is not kept in the book, but it is there.
		row, found, _, err := b.one(ctx, ref)
		mu.Lock()
		defer mu.Unlock()
		if found {
			rows[ref] = row
		}
		return err
	})
	return rows, err
}

// inOrder returns the rows with the ids; of what was deleted since there is none.
func (b *book[T]) inOrder(ctx context.Context, r *run, what string, wanted []string) ([]T, error) {
	refs := ids(wanted)
	found, err := b.find(ctx, r, what, refs)
	var rows []T
	for _, ref := range refs {
		if row, there := found[ref]; there {
			rows = append(rows, row)
		}
	}
	return rows, err
}

// cost counts the calls that look-ups cost: of a name there are two, one for the
// id, and most addresses are nobody's.
func (b *book[T]) cost(refs []ref) int {
	cost := 0
	for _, r := range b.unsure(refs) {
		cost += map[by]int{byID: 1, byName: 2}[r.by]
	}
	return cost
}

func (b *book[T]) listed() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.ended
}

// one looks one up; side by side, the first asks and the others wait.
func (b *book[T]) one(ctx context.Context, r ref) (row T, found bool, seen diag.Evidence, err error) {
	turn := b.turnOf(r)
	if err := turn.Take(ctx); err != nil {
		return row, false, seen, err
	}
	defer turn.Done()
	known := func() bool { _, _, sure := b.known(r); return sure }
	if b.kept {
		if err := b.readPage(ctx, known); err != nil {
			return row, false, seen, err
		}
	}
	if row, found, sure := b.known(r); sure {
		return row, found, seen, nil
	}
	b.mu.Lock()
	epoch := b.epoch
	b.mu.Unlock()
	row, seen, err = b.ask(ctx, r)
	switch {
	case identitycenter.IsNotFound(err):
		return row, false, seen, nil
	case err != nil:
		return row, false, seen, err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.epoch == epoch {
		b.addLocked(row)
	}
	return row, true, seen, nil
}

func (b *book[T]) turnOf(r ref) identitycenter.Turn {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.asking[r] == nil {
		b.asking[r] = identitycenter.NewTurn()
	}
	return b.asking[r]
}

// readPage reads the next page, if there is one, unless somebody else has made
// that needless meanwhile.
func (b *book[T]) readPage(ctx context.Context, enough func() bool) error {
	if err := b.turn.Take(ctx); err != nil {
		return err
	}
	defer b.turn.Done()
	b.mu.Lock()
	pages, ended := b.pages, b.ended
	b.mu.Unlock()
	if ended || enough() {
		return nil
	}
	rows, err := pages.Next(ctx)
	if err != nil {
		return err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.pages != pages {
		return nil // forgotten meanwhile
	}
	for _, row := range rows {
		if !b.gone[b.refs(row)[0].value] {
			b.addLocked(row)
		}
	}
	b.ended = pages.Ended
	b.whole = b.ended && len(b.gone) == 0
	return nil
}

// readAll reads the list to its end, or until that is needless, and again from the
// start where this client has changed something since.
func (b *book[T]) readAll(ctx context.Context, enough func() bool) error {
	for {
		b.mu.Lock()
		whole, ended := b.whole, b.ended
		b.mu.Unlock()
		if whole || enough() {
			return nil
		}
		if ended {
			b.forget()
		}
		if err := b.readPage(ctx, enough); err != nil {
			return err
		}
	}
}

// everything returns every row of the list, read to its end.
func (b *book[T]) everything(ctx context.Context) ([]T, error) {
	for {
		if err := b.readAll(ctx, func() bool { return false }); err != nil {
			return nil, err
		}
		if rows, whole := b.all(); whole { // else something was written meanwhile
			return rows, nil
		}
	}
}

// books are the things of an instance, as far as they were read.
type books struct {
	accounts *book[access.Account]
	users    *book[access.User]
	groups   *book[access.Group]
	arns     *book[string]                   // of permission sets
	sets     *book[identitycenter.Described] // by ARN; no list has them
	memory   *memory                         // nil where nothing is kept
}

// newBooks returns books in which nothing is known.
func newBooks(c *identitycenter.Client, kept bool) *books {
	const few, fewAccounts = 8, 3 // a page of accounts is short
	var memory *memory
	if kept {
		memory = newMemory()
	}
	return &books{memory: memory,
		accounts: newBook(c.ListAccounts(), fewAccounts, kept, func(ctx context.Context, r ref) (access.Account, diag.Evidence, error) {
			return c.DescribeAccount(ctx, r.value)
		}, func(a access.Account) []ref { return []ref{{byID, a.ID}} }),
		users: newBook(c.ListUsers(), few, kept, func(ctx context.Context, r ref) (access.User, diag.Evidence, error) { return askUser(ctx, c, r) },
			func(u access.User) []ref {
				refs := []ref{{byID, u.ID}, {byName, u.Username}, {byFolded, strings.ToLower(u.Username)}}
				if u.Email != "" {
					refs = append(refs, ref{byEmail, u.Email}.key())
				}
				return refs
			}),
		groups: newBook(c.ListGroups(), few, kept, func(ctx context.Context, r ref) (access.Group, diag.Evidence, error) { return askGroup(ctx, c, r) },
			func(g access.Group) []ref { return []ref{{byID, g.ID}, {byName, g.Name}} }),
		arns: newBook(c.ListPermissionSets(), few, kept, nil, func(arn string) []ref { return []ref{{byID, arn}} }),
		sets: newBook(identitycenter.List[identitycenter.Described]{}, few, kept, func(ctx context.Context, r ref) (identitycenter.Described, diag.Evidence, error) {
			return c.DescribePermissionSet(ctx, r.value)
		}, func(d identitycenter.Described) []ref { return []ref{{byID, d.ARN}} }),
	}
}

// askUser looks a user up: by id one call, else two, or one where there is none.
func askUser(ctx context.Context, c *identitycenter.Client, r ref) (access.User, diag.Evidence, error) {
	switch r.by {
	case byID:
		return c.DescribeUser(ctx, r.value)
	case byEmail:
		return c.UserBy(ctx, identitycenter.ByEmail, r.value)
	default:
		return c.UserBy(ctx, identitycenter.ByUserName, r.value)
	}
}

// askGroup looks a group up, as askUser does a user.
func askGroup(ctx context.Context, c *identitycenter.Client, r ref) (access.Group, diag.Evidence, error) {
	if r.by == byID {
		return c.DescribeGroup(ctx, r.value)
	}
	return c.GroupBy(ctx, r.value)
}

// wrote tells the books what the client writes.
func (b *books) wrote(w identitycenter.Wrote) {
	switch w.Thing {
	case access.UserThing:
		if w.User != nil {
			b.users.add(*w.User)
		} else {
			b.users.drop(w.ID)
		}
	case access.GroupThing:
		if w.Group != nil {
			b.groups.add(*w.Group)
		} else {
			b.groups.drop(w.ID)
		}
	case access.SetThing:
		b.sets.drop(w.ID)
		if w.New {
			b.arns.forget()
		}
	}
}

func (b *books) forget() {
	b.accounts.forget()
	b.users.forget()
	b.groups.forget()
	b.arns.forget()
	b.sets.forget()
	b.memory.forget()
}
