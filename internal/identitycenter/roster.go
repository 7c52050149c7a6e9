package identitycenter

import (
	"context"
	"maps"
	"slices"
	"sync"
)

// roster is the list of all users, or of all groups, as far as it was read.
// Nobody knows beforehand how many of how many will be asked for, so each look
// for one that is not known reads the next page of the list first, and only
// then asks for the one: that is never more than twice the calls of the
// cheapest way.
type roster[T any] struct {
	page   func(ctx context.Context, token *string) ([]T, *string, error)
	byID   func(ctx context.Context, id string) (T, error)
	byName func(ctx context.Context, name string) (T, error)
	keys   func(T) (id, name string)

	listing turn // one page at a time

	mu    sync.Mutex
	list  *listing // that sees the list end
	next  *string  // token of the next page
	ended bool     // there is none
	whole bool     // listed to the end, and all that came since is in it
	epoch int      // grows with each drop: what was asked for before is not put in after it
	start int      // grows with each new start of the list
	rows  map[string]T
	ids   map[string]string // by name
	gone  map[string]bool   // ids that this client has written since, not to be taken from a page
}

func newRoster[T any](
	page func(context.Context, *string) ([]T, *string, error), byID, byName func(context.Context, string) (T, error), keys func(T) (id, name string),
) *roster[T] {
	r := &roster[T]{page: page, byID: byID, byName: byName, keys: keys, listing: newTurn()}
	r.forget()
	return r
}

func (r *roster[T]) forget() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.list, r.next, r.ended, r.whole = newListing(), nil, false, false
	r.epoch++
	r.start++
	r.rows, r.ids, r.gone = map[string]T{}, map[string]string{}, map[string]bool{}
}

// add puts in what was read alone, or created.
func (r *roster[T]) add(row T) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.addLocked(row)
}

func (r *roster[T]) addLocked(row T) {
	id, name := r.keys(row)
	r.rows[id], r.ids[name] = row, id
}

// drop takes out what this client is changing: it has to be asked for again,
// by whatever name.
func (r *roster[T]) drop(id string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if row, ok := r.rows[id]; ok {
		if _, name := r.keys(row); r.ids[name] == id {
			delete(r.ids, name)
		}
		delete(r.rows, id)
	}
	r.gone[id], r.whole = true, false
	r.epoch++
}

// look says what is known: the row; or that there is none, which only the whole
// list can tell.
func (r *roster[T]) look(id, name string) (row T, found, sure bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if name != "" {
		id = r.ids[name]
	}
	row, found = r.rows[id]
	return row, found, found || r.whole
}

// find gives the one with the id, or with the name; false where there is none.
func (r *roster[T]) find(ctx context.Context, id, name string) (T, bool, error) {
	if row, found, sure := r.look(id, name); sure {
		return row, found, nil
	}
	if err := r.readPage(ctx, func() bool { _, _, sure := r.look(id, name); return sure }); err != nil {
		return *new(T), false, err
	}
	if row, found, sure := r.look(id, name); sure {
		return row, found, nil
	}
	return r.ask(ctx, id, name)
}

// known gives the one that matches among those who are known already.
func (r *roster[T]) known(match func(T) bool) (row T, found bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, row := range r.rows {
		if match(row) {
			return row, true
		}
	}
	return row, false
}

// findBy gives the one that matches and that byValue asks for; false where there
// is none.
func (r *roster[T]) findBy(ctx context.Context, match func(T) bool, byValue func(context.Context) (T, error)) (T, bool, error) {
	look := func() (row T, found, sure bool) {
		row, found = r.known(match)
		r.mu.Lock()
		defer r.mu.Unlock()
		return row, found, found || r.whole
	}
	if row, found, sure := look(); sure {
		return row, found, nil
	}
	if err := r.readPage(ctx, func() bool { _, _, sure := look(); return sure }); err != nil {
		return *new(T), false, err
	}
	if row, found, sure := look(); sure {
		return row, found, nil
	}
	row, err := byValue(ctx)
	if isNoName(err) {
		return row, false, nil
	}
	return row, err == nil, err
}

func (r *roster[T]) ask(ctx context.Context, id, name string) (row T, found bool, err error) {
	r.mu.Lock()
	epoch := r.epoch
	r.mu.Unlock()
	if name != "" {
		row, err = r.byName(ctx, name)
	} else {
		row, err = r.byID(ctx, id)
	}
	if isNotFound(err) {
		return row, false, nil
	}
	if err != nil {
		return row, false, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.epoch == epoch {
		r.addLocked(row)
	}
	return row, true, nil
}

// readPage reads the next page, if there is one, unless somebody else has made
// that needless meanwhile.
func (r *roster[T]) readPage(ctx context.Context, enough func() bool) error {
	if err := r.listing.take(ctx); err != nil {
		return err
	}
	defer r.listing.done()
	r.mu.Lock()
	list, token, ended, start := r.list, r.next, r.ended, r.start
	r.mu.Unlock()
	if ended || enough() {
		return nil
	}
	rows, next, err := r.page(list.in(ctx), token)
	if err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.start != start {
		return nil // forgotten meanwhile
	}
	for _, row := range rows {
		if id, _ := r.keys(row); !r.gone[id] {
			r.addLocked(row)
		}
	}
	r.next, r.ended = next, next == nil
	r.whole = r.ended && len(r.gone) == 0
	return nil
}

// all gives every row: the list is read to its end, and again from the start
// where this client has changed something since.
func (r *roster[T]) all(ctx context.Context) ([]T, error) {
	for {
		r.mu.Lock()
		whole, ended, rows := r.whole, r.ended, slices.Collect(maps.Values(r.rows))
		r.mu.Unlock()
		if whole {
			return rows, nil
		}
		if ended {
			r.forget()
		}
		if err := r.readPage(ctx, func() bool { return false }); err != nil {
			return nil, err
		}
	}
}
