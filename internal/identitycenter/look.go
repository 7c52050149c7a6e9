package identitycenter

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/diag"
	"github.com/rolecall-dev/rolecall/internal/plan"
)

// Every write follows a look at its objects. A look serves for lookLasts, so
// that many writes share it, and shortly before that is over it is taken anew by
// one of those who use it, so that the others need not wait. What waited for the quota for so
// long that the write would go out later than LookLimit after the look is not
// sent.
const (
	lookRenews = 27 * time.Second
	lookLasts  = 30 * time.Second
)

// LookLimit is how old a look may be when what hangs on it is written.
const LookLimit = 60 * time.Second

// IsLook says that a read is so young that it is itself the look at what it saw.
func IsLook(live *access.State) bool {
	return live != nil && time.Since(time.Unix(0, live.Observed.Began)) < LookLimit
}

// errOldLook refuses a write whose look is too old when its turn has come.
var errOldLook = fmt.Errorf("the look before the write is older than %s", LookLimit)

type lookedKey struct{}

// withLook says when the objects of a write were looked at.
func withLook(ctx context.Context, at time.Time) context.Context {
	return context.WithValue(ctx, lookedKey{}, at)
}

// lookedTooLongAgo says whether the look before a write no longer counts.
func lookedTooLongAgo(ctx context.Context) bool {
	at, ok := ctx.Value(lookedKey{}).(time.Time)
	return ok && time.Since(at) > LookLimit
}

// changedSince is a difference to what the plan was made from.
type changedSince struct{ finding diag.Diagnostic }

func (e changedSince) Error() string { return e.finding.Summary + ": " + e.finding.Detail }

// notShown is a difference that AWS may mend: it shows what this run wrote late.
type notShown struct{ difference string }

func (e notShown) Error() string {
	return e.difference + " (what this run wrote may not be visible yet)"
}

// errGone says that what a change would remove is not there.
var errGone = errors.New("it is gone already")

func differsFromPlan(ch plan.Change, format string, args ...any) error {
	return changedSince{changed(ch, fmt.Sprintf(format, args...))}
}

func changed(ch plan.Change, difference string) diag.Diagnostic {
	return diag.Diagnostic{
		Severity: diag.Error, Code: CodeChanged, Summary: "did not " + ch.Describe() + ": something has changed since the plan was made",
		Detail: difference, Hint: "Plan again, look at the difference, and apply that plan.", Range: ch.Source,
	}
}

func kindText(k plan.Kind) string { return strings.ReplaceAll(string(k), "_", " ") }

// cell holds one look, which whoever comes within its time shares.
type cell[T any] struct {
	turn turn

	mu    sync.Mutex
	at    time.Time // before the call that saw the value
	took  time.Duration
	value T
}

func newCell[T any]() *cell[T] { return &cell[T]{turn: newTurn()} }

func (c *cell[T]) get(ctx context.Context, ask func(context.Context) (T, error)) (T, time.Time, error) {
	value, at := c.have()
	switch age := time.Since(at); {
	case age < c.renews():
		return value, at, nil
	case age < lookLasts:
		if !c.turn.try() {
			return value, at, nil // somebody takes it anew already
		}
	default:
		if err := c.turn.take(ctx); err != nil {
			return value, at, err
		}
	}
	defer c.turn.done()
	if value, at = c.have(); time.Since(at) < c.renews() {
		return value, at, nil
	}
	at = time.Now()
	value, err := ask(ctx)
	if err == nil {
		c.keep(value, at)
		c.mu.Lock()
		c.took = time.Since(at)
		c.mu.Unlock()
	}
	return value, at, err
}

// renews gives the age at which a look is taken anew: what takes long is begun
// earlier.
func (c *cell[T]) renews() time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	return max(lookRenews-c.took, lookLasts/2)
}

func (c *cell[T]) have() (T, time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.value, c.at
}

func (c *cell[T]) keep(value T, at time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.value, c.at = value, at
}

// try takes the turn where nobody has it.
func (t turn) try() bool {
	select {
	case t <- struct{}{}:
		return true
	default:
		return false
	}
}

// sights are looks at objects of one kind: by walking the list of all, where
// the plan is about more objects than the list has pages, else one by one.
type sights[T any] struct {
	id       func(T) string
	page     func(ctx context.Context, token *string) ([]T, *string, error)
	one      func(ctx context.Context, id string) (T, error)
	pageSize int
	// most bounds how many are looked at one by one while one walk would serve.
	most int

	list *cell[map[string]T]

	mu        sync.Mutex
	concerned map[string]bool      // by the plan
	total     int                  // of the list, as far as known
	written   map[string]time.Time // when this run wrote an object
	long      bool                 // the list was found to have more pages than there are objects to look at
	cells     map[string]*cell[T]
}

func newSights[T any](pageSize int, id func(T) string, page func(context.Context, *string) ([]T, *string, error), one func(context.Context, string) (T, error)) *sights[T] {
	return &sights[T]{id: id, page: page, one: one, pageSize: pageSize, list: newCell[map[string]T](), concerned: map[string]bool{}, written: map[string]time.Time{}, cells: map[string]*cell[T]{}}
}

// expect says that the plan is about an object, and about how many there are.
func (s *sights[T]) expect(id string, total int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.total = max(s.total, total)
	if id != "" {
		s.concerned[id] = true
	}
}

// wrote keeps what a write of this run made of an object that was looked at
// before; what a list showed earlier no longer counts for it.
func (s *sights[T]) wrote(value T, looked time.Time) {
	s.cell(s.id(value)).keep(value, looked)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.written[s.id(value)] = time.Now()
}

func (s *sights[T]) writtenSince(id string, at time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return !s.written[id].Before(at)
}

func (s *sights[T]) cell(id string) *cell[T] {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.cells[id] == nil {
		s.cells[id] = newCell[T]()
	}
	return s.cells[id]
}

// pages gives how many pages a walk may read; 0 where there is to be none.
func (s *sights[T]) pages() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := len(s.concerned)
	if s.most > 0 {
		n = min(n, s.most)
	}
	if s.long || n <= 1+s.total/s.pageSize {
		return 0
	}
	return n
}

// get looks at one object.
func (s *sights[T]) get(ctx context.Context, id string) (T, time.Time, error) {
	s.expect(id, 0)
	c := s.cell(id)
	if value, at := c.have(); time.Since(at) < lookLasts {
		return value, at, nil
	}
	if pages := s.pages(); pages > 0 {
		all, at, err := s.list.get(ctx, func(ctx context.Context) (map[string]T, error) { return s.walk(ctx, pages) })
		if err != nil {
			return *new(T), at, err
		}
		if value, ok := all[id]; ok && !s.writtenSince(id, at) {
			return value, at, nil
		}
	}
	return c.get(ctx, func(ctx context.Context) (T, error) { return s.one(ctx, id) })
}

// walk reads the list, unless it has more pages than it may have.
func (s *sights[T]) walk(ctx context.Context, pages int) (map[string]T, error) {
	all := map[string]T{}
	n := 0
	err := eachPage(ctx, func(ctx context.Context, token *string) (*string, error) {
		items, next, err := s.page(ctx, token)
		for _, v := range items {
			all[s.id(v)] = v
		}
		if n++; n >= pages && next != nil {
			s.mu.Lock()
			s.long = true
			s.mu.Unlock()
			return nil, err
		}
		return next, err
	})
	return all, err
}

// looks are taken side by side, and count as old as the oldest of them.
type looks struct {
	ctx   context.Context
	group *errgroup.Group
	mu    sync.Mutex
	first time.Time
}

func newLooks(ctx context.Context) *looks {
	g, gctx := errgroup.WithContext(ctx)
	return &looks{ctx: gctx, group: g, first: time.Now()}
}

func (l *looks) take(look func(context.Context) (time.Time, error)) {
	l.group.Go(func() error {
		at, err := look(l.ctx)
		l.mu.Lock()
		defer l.mu.Unlock()
		l.first = oldest(l.first, at)
		return err
	})
}

// wait gives when the oldest look was.
func (l *looks) wait() (time.Time, error) {
	err := l.group.Wait()
	return l.first, err
}

// oldest gives the earlier of two times.
func oldest(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}
