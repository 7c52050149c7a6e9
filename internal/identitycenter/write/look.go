package write

import (
	"context"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/diag"
	"github.com/rolecall-dev/rolecall/internal/identitycenter"
)

// Every write follows a look at its objects. A look serves for lookLasts, so
// that many writes share it, and shortly before that is over it is taken anew by
// one of those who use it, so that the others need not wait. What waited for the
// quota for so long that the write would go out later than LookLimit after the
// look is not sent.
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

// lookedAt says when the objects of a write were looked at.
func lookedAt(ctx context.Context, at time.Time) context.Context {
	return identitycenter.SendBy(ctx, at.Add(LookLimit))
}

// due says whether who asks has to take a look anew, and then has its turn: not
// where the last one is young, or serves still and somebody renews it already.
func due(ctx context.Context, turn identitycenter.Turn, last time.Time, renews time.Duration) (bool, error) {
	switch age := time.Since(last); {
	case age < renews:
		return false, nil
	case age < lookLasts:
		return turn.Try(), nil
	default:
		err := turn.Take(ctx)
		return err == nil, err
	}
}

// sharedLook holds one look, which whoever comes within its time shares.
type sharedLook[T any] struct {
	turn identitycenter.Turn

	mu     sync.Mutex
	at     time.Time // before the call that saw the value
	lasted time.Duration
	value  T
}

func newSharedLook[T any]() *sharedLook[T] { return &sharedLook[T]{turn: identitycenter.NewTurn()} }

func (c *sharedLook[T]) get(ctx context.Context, ask func(context.Context) (T, diag.Evidence, error)) (T, time.Time, error) {
	value, at, renews := c.have()
	if anew, err := due(ctx, c.turn, at, renews); !anew {
		return value, at, err
	}
	defer c.turn.Done()
	if value, at, renews = c.have(); time.Since(at) < renews {
		return value, at, nil
	}
	at = time.Now()
	value, _, err := ask(ctx)
	if err == nil {
		c.keep(value, at)
		c.mu.Lock()
		c.lasted = time.Since(at)
		c.mu.Unlock()
	}
	return value, at, err
}

// have returns the last look, when it was, and the age at which it is taken anew:
// what takes long is begun earlier.
func (c *sharedLook[T]) have() (T, time.Time, time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.value, c.at, max(lookRenews-c.lasted, lookLasts/2)
}

func (c *sharedLook[T]) keep(value T, at time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.value, c.at = value, at
}

// sharedLooks are looks by key.
type sharedLooks[K comparable, T any] struct {
	notes[K, *sharedLook[T]]
}

func (c *sharedLooks[K, T]) at(key K) *sharedLook[T] {
	return c.update(key, func(one *sharedLook[T]) *sharedLook[T] {
		if one == nil {
			one = newSharedLook[T]()
		}
		return one
	})
}

// sights are looks at objects of one kind: by walking the list of all, where
// the plan is about more objects than the list has pages, else one by one.
type sights[T any] struct {
	id       func(T) string
	list     func() identitycenter.List[T]
	one      func(ctx context.Context, id string) (T, diag.Evidence, error)
	pageSize int
	// most bounds how many are looked at one by one while one walk would serve.
	most int

	walks     sharedLooks[bool, map[string]T] // one, of the list
	single    sharedLooks[string, T]
	concerned notes[string, bool]      // by the plan
	written   notes[string, time.Time] // when this run wrote an object

	mu    sync.Mutex
	total int  // of the list, as far as known
	long  bool // the list was found to have more pages than there are objects to look at
}

// expect says that the plan is about an object.
func (s *sights[T]) expect(id string) {
	if id != "" {
		s.concerned.put(id, true)
	}
}

// expectAll says about how many there are.
func (s *sights[T]) expectAll(total int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.total = max(s.total, total)
}

// wrote keeps what a write of this run made of an object that was looked at
// before; what a list showed earlier no longer counts for it.
func (s *sights[T]) wrote(value T, looked time.Time) {
	s.single.at(s.id(value)).keep(value, looked)
	s.written.put(s.id(value), time.Now())
}

// pages returns how many pages a walk may read; 0 where there is to be none.
func (s *sights[T]) pages() int {
	n := s.concerned.size()
	s.mu.Lock()
	defer s.mu.Unlock()
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
	s.expect(id)
	c := s.single.at(id)
	if value, at, _ := c.have(); time.Since(at) < lookLasts {
		return value, at, nil
	}
	if pages := s.pages(); pages > 0 {
		all, at, err := s.walks.at(true).get(ctx, func(ctx context.Context) (map[string]T, diag.Evidence, error) { return s.walk(ctx, pages) })
		if err != nil {
			return *new(T), at, err
		}
		if value, ok := all[id]; ok && s.written.of(id).Before(at) {
			return value, at, nil
		}
	}
	return c.get(ctx, func(ctx context.Context) (T, diag.Evidence, error) { return s.one(ctx, id) })
}

// walk reads the list, unless it has more pages than it may have.
func (s *sights[T]) walk(ctx context.Context, pages int) (map[string]T, diag.Evidence, error) {
	all, p := map[string]T{}, s.list().Pages()
	for !p.Ended && p.Read < pages {
		items, err := p.Next(ctx)
		if err != nil {
			return nil, diag.Evidence{}, err
		}
		for _, v := range items {
			all[s.id(v)] = v
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.long = s.long || !p.Ended
	return all, diag.Evidence{}, nil
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

// wait returns when the oldest look was.
func (l *looks) wait() (time.Time, error) {
	err := l.group.Wait()
	return l.first, err
}

// oldest returns the earlier of two times.
func oldest(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}
