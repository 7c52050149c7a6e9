package identitycenter

import (
	"context"
	"sync"

	orgtypes "github.com/aws/aws-sdk-go-v2/service/organizations/types"

	"github.com/rolecall-dev/rolecall/internal/access"
)

// memory is what a client with Options.Remember keeps of its reads: what many
// small reads, one after the other, ask alike. The client's own writes are put
// into it or taken out of it; what others change meanwhile it does not see.
type memory struct {
	accounts *recalled[[]orgtypes.Account]
	arns     *recalled[[]string]
	users    *roster[access.User]
	groups   *roster[access.Group]

	mu   sync.Mutex
	sets map[string]*recalled[access.PermissionSet] // attributes and name, by ARN
}

func newMemory(c *Client) *memory {
	return &memory{
		users:  newRoster(c.pageOfUsers, c.user, c.userByName, func(u access.User) (string, string) { return u.ID, u.Username }),
		groups: newRoster(c.pageOfGroups, c.group, c.groupByName, func(g access.Group) (string, string) { return g.ID, g.Name }),
		sets:   map[string]*recalled[access.PermissionSet]{}, accounts: newRecalled[[]orgtypes.Account](), arns: newRecalled[[]string](),
	}
}

// Forget drops what a client with Options.Remember keeps, so that the next read
// asks AWS for everything: somebody else may have made what is looked for.
func (c *Client) Forget() {
	m := c.memory
	if m == nil {
		return
	}
	m.accounts.forget()
	m.arns.forget()
	m.users.forget()
	m.groups.forget()
	m.mu.Lock()
	defer m.mu.Unlock()
	clear(m.sets)
}

// set gives the cell of a permission set's attributes.
func (m *memory) set(arn string) *recalled[access.PermissionSet] {
	m.mu.Lock()
	defer m.mu.Unlock()
	cell := m.sets[arn]
	if cell == nil {
		cell = newRecalled[access.PermissionSet]()
		m.sets[arn] = cell
	}
	return cell
}

func (m *memory) forgetSet(arn string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.sets, arn)
}

// The client tells its memory what it writes; without one, nothing happens.

func (c *Client) wroteUser(u access.User) {
	if c.memory != nil {
		c.memory.users.add(u)
	}
}

func (c *Client) forgetUser(id string) {
	if c.memory != nil {
		c.memory.users.drop(id)
	}
}

func (c *Client) wroteGroup(g access.Group) {
	if c.memory != nil {
		c.memory.groups.add(g)
	}
}

func (c *Client) forgetGroup(id string) {
	if c.memory != nil {
		c.memory.groups.drop(id)
	}
}

// wroteSet forgets a set's attributes, and which sets there are where that
// changed too.
func (c *Client) wroteSet(arn string, cameOrWent bool) {
	if c.memory == nil {
		return
	}
	c.memory.forgetSet(arn)
	if cameOrWent {
		c.memory.arns.forget()
	}
}

// turn is a lock that is waited for no longer than a context lasts, and in
// virtual time: whoever holds it may be waiting for the quota.
type turn chan struct{}

func newTurn() turn { return make(turn, 1) }

func (t turn) take(ctx context.Context) error {
	select {
	case t <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (t turn) done() { <-t }

// recalled is an answer that is asked for once; side by side, the first asks
// and the others wait. A failure is not kept.
type recalled[T any] struct {
	turn  turn
	mu    sync.Mutex
	known bool
	value T
	epoch int // grows with each forget: what was asked for before is not kept after it
}

func newRecalled[T any]() *recalled[T] { return &recalled[T]{turn: newTurn()} }

func (r *recalled[T]) get(ctx context.Context, ask func() (T, error)) (T, error) {
	if err := r.turn.take(ctx); err != nil {
		return *new(T), err
	}
	defer r.turn.done()
	value, known, epoch := r.look()
	if known {
		return value, nil
	}
	value, err := ask()
	if err == nil {
		r.keep(value, epoch)
	}
	return value, err
}

func (r *recalled[T]) look() (T, bool, int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.value, r.known, r.epoch
}

func (r *recalled[T]) keep(value T, epoch int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.epoch == epoch {
		r.value, r.known = value, true
	}
}

func (r *recalled[T]) forget() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.value, r.known = *new(T), false
	r.epoch++
}
