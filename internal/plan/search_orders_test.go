package plan_test

import (
	"fmt"
	"math/bits"

	. "github.com/rolecall-dev/rolecall/internal/plan"
)

// Three ways to look at the orders that a plan allows. A change that fails never
// happens, nor what depends on it; so what can have happened is any set of
// changes that holds with each change all that it needs, in any order that
// respects the needs.
//
//   - every looks at all of them. Only for small plans.
//   - projected looks, for one person, set and account at a time, at all orders
//     of the changes that matter for these three. It finds what every finds: power
//     is the union over sets, other changes do not touch it, and what can have
//     happened of some changes is what the needs between them allow.
//   - triples looks at the closures of three changes in each order of the three.

// excess says who has more than before and after together.
func (c *compiled) excess(s *sim, order []int) *problem {
	for u := range c.users {
		for a := range c.accounts {
			if more := s.power(u, a) &^ (c.before[u][a] | c.after[u][a]); more != 0 {
				return c.tooMuch(s, u, a, more, order)
			}
		}
	}
	return nil
}

type moment struct {
	done uint64
	sim  sim
}

// every looks at all orders. It returns how many states there are, and the first
// in which somebody has too much.
func (c *compiled) every() (*problem, int) {
	seen := map[moment]bool{}
	var order []int
	var visit func(m moment) *problem
	visit = func(m moment) *problem {
		if seen[m] {
			return nil
		}
		seen[m] = true
		if p := c.excess(&m.sim, order); p != nil {
			return p
		}
		for i, o := range c.ops {
			if m.done&(1<<i) != 0 || o.needs&^m.done != 0 {
				continue
			}
			next := moment{m.done | 1<<i, m.sim}
			c.apply(&next.sim, i)
			order = append(order, i)
			if p := visit(next); p != nil {
				return p
			}
			order = order[:len(order)-1]
		}
		return nil
	}
	return visit(moment{0, c.start}), len(seen)
}

// triples looks at the closure of every three changes, in each order of the
// three, and at every prefix of it.
func (c *compiled) triples() *problem {
	var order []int
	var visit func(m moment, depth int) *problem
	visit = func(m moment, depth int) *problem {
		for i := range c.ops {
			if m.done&(1<<i) != 0 {
				continue
			}
			next, kept := m, len(order)
			for todo := (c.ops[i].ancestors | 1<<i) &^ m.done; todo != 0; todo &= todo - 1 {
				j := bits.TrailingZeros64(todo)
				c.apply(&next.sim, j)
				next.done |= 1 << j
				order = append(order, j)
				if p := c.excess(&next.sim, order); p != nil {
					return p
				}
			}
			if depth < 3 {
				if p := visit(next, depth+1); p != nil {
					return p
				}
			}
			order = order[:kept]
		}
		return nil
	}
	return visit(moment{0, c.start}, 1)
}

// budget is how many states one projection may have.
const budget = 200_000

// projection is the part of a plan that matters for a person, a set and an
// account.
type projection struct {
	*compiled
	user, set, account int
	mine               []int    // the changes that matter
	needs              []uint64 // the needs between them, the others left out
	seen               map[moment]bool
	order              []int
	look               func(p *projection, s *sim) *problem
}

// projected looks at every person, set and account; look judges each state.
func (c *compiled) projected(look func(p *projection, s *sim) *problem) (found *problem, states int) {
	for u := range c.users {
		for set := range c.sets {
			for a := range c.accounts {
				p := c.project(u, set, a)
				if p == nil {
					continue
				}
				p.look = look
				found = p.visit(moment{0, c.start})
				states += len(p.seen)
				if found != nil {
					return found, states
				}
			}
		}
	}
	return nil, states
}

// project returns nil where the person never holds the set in the account.
func (c *compiled) project(user, set, account int) *projection {
	p := &projection{compiled: c, user: user, set: set, account: account, seen: map[moment]bool{}}
	if c.everHas(user, set, account) == 0 {
		return nil
	}
	groups := c.everAssigned(set, account)
	p.take(func(o op) bool { return c.matters(o, p, groups) })
	return p
}

// take makes the ops for which holds says yes what it is about, with what each waits for
// among them.
func (p *projection) take(holds func(op) bool) {
	for i, o := range p.ops {
		if holds(o) {
			p.mine = append(p.mine, i)
		}
	}
	for _, i := range p.mine {
		var needs uint64
		for k, j := range p.mine {
			if p.ops[i].ancestors&(1<<j) != 0 {
				needs |= 1 << k
			}
		}
		p.needs = append(p.needs, needs)
	}
}

func (c *compiled) everAssigned(set, account int) uint32 {
	holders := c.start.sets[set].holders[account]
	for _, o := range c.ops {
		if o.kind == Assignment && o.action == Create && o.set == set && o.accounts == 1<<account {
			holders |= o.holder
		}
	}
	return holders
}

func (c *compiled) everHas(user, set, account int) uint32 {
	who := c.start.identities(user)
	for _, o := range c.ops {
		if o.kind == Membership && o.action == Create && o.user == user {
			who |= groupBit(o.group)
		}
	}
	return who & c.everAssigned(set, account)
}

func (c *compiled) matters(o op, p *projection, holders uint32) bool {
	switch o.kind {
	case User:
		return o.user == p.user && o.action == Delete
	case Group:
		return o.action == Delete && holders&groupBit(o.group) != 0
	case Membership:
		return o.user == p.user && holders&groupBit(o.group) != 0
	case Assignment, Provisioning:
		return o.set == p.set && o.accounts&(1<<p.account) != 0
	case PermissionSet:
		return o.set == p.set && o.action != Update
	default:
		return o.set == p.set && o.edits()
	}
}

func (p *projection) visit(m moment) *problem {
	if p.seen[m] || len(p.seen) > budget {
		return nil
	}
	p.seen[m] = true
	if found := p.look(p, &m.sim); found != nil {
		return found
	}
	for k, i := range p.mine {
		if m.done&(1<<k) != 0 || p.needs[k]&^m.done != 0 {
			continue
		}
		next := moment{m.done | 1<<k, m.sim}
		p.apply(&next.sim, i)
		p.order = append(p.order, i)
		if found := p.visit(next); found != nil {
			return found
		}
		p.order = p.order[:len(p.order)-1]
	}
	return nil
}

// real returns the order that led here with what the changes needed besides.
func (p *projection) real() []int {
	var out []int
	var done uint64
	for _, i := range p.order {
		for todo := (p.ops[i].ancestors | 1<<i) &^ done; todo != 0; todo &= todo - 1 {
			out = append(out, bits.TrailingZeros64(todo))
		}
		done |= p.ops[i].ancestors | 1<<i
	}
	return out
}

// withinBoth is the second promise.
func withinBoth(p *projection, s *sim) *problem {
	if s.sets[p.set].holders[p.account]&s.identities(p.user) == 0 {
		return nil
	}
	have := s.sets[p.set].roles[p.account].allow
	if more := have &^ (p.before[p.user][p.account] | p.after[p.user][p.account]); more != 0 {
		return p.tooMuch(s, p.user, p.account, more, p.real())
	}
	return nil
}

func (c *compiled) tooMuch(s *sim, u, a int, more acts, order []int) *problem {
	last := "at the start"
	if len(order) > 0 {
		o := c.ops[order[len(order)-1]]
		last = fmt.Sprintf("by %s.%s", o.kind, o.action)
	}
	return &problem{
		kind: fmt.Sprintf("more than before and after: %s, %s", c.relation(s, u, a, more), last),
		text: fmt.Sprintf("%s can do %s in %s; before %s, after %s, too much: %s",
			c.users[u], s.power(u, a), c.accountName(a), c.before[u][a], c.after[u][a], more),
		order: order,
	}
}

// relation says in what way the person has to do with the set that gives too much.
func (c *compiled) relation(s *sim, u, a int, more acts) string {
	for set := range c.sets {
		if s.sets[set].roles[a].allow&more == 0 || s.sets[set].holders[a]&s.identities(u) == 0 {
			continue
		}
		held := c.start.sets[set].holders[a]&c.start.identities(u) != 0
		holds := c.end.sets[set].holders[a]&c.end.identities(u) != 0
		grantStays := c.start.sets[set].holders[a]&c.end.sets[set].holders[a]&c.start.identities(u) != 0
		what := c.source(set, a, more)
		switch {
		case held && !holds && grantStays:
			return "who leaves a group that keeps the set, " + what
		case held && !holds:
			return "who loses the set, " + what
		case held:
			return "who keeps the set, " + what
		case holds && c.start.sets[set].holders[a]&s.identities(u) != 0:
			return "who joins a group that has the set, " + what
		case holds:
			return "who is granted the set, " + what
		default:
			return "who never has the set, " + what
		}
	}
	return "?"
}

// source says where what is too much comes from.
func (c *compiled) source(set, account int, more acts) string {
	start := c.start.sets[set]
	switch {
	case more&^start.roles[account].allow == 0:
		return "as its role was"
	case more&^c.dict.allows(c.end.sets[set].docContent) == 0:
		return "as it becomes"
	case more&^c.dict.allows(start.docContent) == 0:
		return "as somebody staged it"
	default:
		return "half edited"
	}
}

func (c *compiled) accountName(a int) string {
	for _, account := range c.live.Accounts {
		if account.ID == c.accounts[a] {
			return account.Name
		}
	}
	return c.accounts[a]
}
