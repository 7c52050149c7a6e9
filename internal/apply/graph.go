package apply

import (
	"container/heap"
	"fmt"
	"slices"

	"github.com/rolecall-dev/rolecall/internal/plan"
)

// class says which limit a unit of work counts against.
type class uint8

const (
	synchronous  class = iota // done when the call returns
	assignment                // a job in one account
	provisioning              // a job in one account or in all of a set's
	classes
)

func classOf(c *plan.Change) class {
	switch c.Kind {
	case plan.Assignment:
		return assignment
	case plan.Provisioning:
		return provisioning
	default:
		return synchronous
	}
}

// graph is a plan's changes by index, which is their canonical order.
type graph struct {
	changes    []plan.Change
	waits      []int32   // how many changes must succeed before each
	dependants [][]int32 // which wait for each
}

// newGraph checks that the plan is a graph that can be carried out: every id
// once, every dependency there, no cycle.
func newGraph(changes []plan.Change) (*graph, error) {
	index := make(map[plan.ID]int32, len(changes))
	for i := range changes {
		id := changes[i].ID
		if _, twice := index[id]; twice {
			return nil, fmt.Errorf("run plan: change %q is in it twice", id)
		}
		index[id] = int32(i)
	}
	g := &graph{changes: changes, waits: make([]int32, len(changes)), dependants: make([][]int32, len(changes))}
	for i := range changes {
		c := &changes[i]
		for _, id := range c.DependsOn {
			d, ok := index[id]
			if !ok {
				return nil, fmt.Errorf("run plan: change %q depends on %q, which is not in it", c.ID, id)
			}
			g.dependants[d] = append(g.dependants[d], int32(i))
		}
		g.waits[i] = int32(len(c.DependsOn))
	}
	return g, g.checkAcyclic()
}

// order returns the changes so that each comes after all that it depends on. It
// is shorter than the plan where there is a cycle.
func (g *graph) order() []int32 {
	waits := slices.Clone(g.waits)
	out := make([]int32, 0, len(waits))
	for i, n := range waits {
		if n == 0 {
			out = append(out, int32(i))
		}
	}
	for k := 0; k < len(out); k++ {
		for _, d := range g.dependants[out[k]] {
			if waits[d]--; waits[d] == 0 {
				out = append(out, d)
			}
		}
	}
	return out
}

func (g *graph) checkAcyclic() error {
	order := g.order()
	if len(order) == len(g.changes) {
		return nil
	}
	reached := make([]bool, len(g.changes))
	for _, i := range order {
		reached[i] = true
	}
	for i := range g.changes {
		if !reached[i] {
			return fmt.Errorf("run plan: change %q waits for itself through what it depends on", g.changes[i].ID)
		}
	}
	return nil
}

// Priorities of changes that are ready, best first; the canonical order breaks
// ties. A change keeps its priority in the upper half of its key.
const (
	revoking int64 = iota // takes access away
	feeding               // a job waits for it, so the pipe needs it
	other
)

// keys returns for every change the key that queues sort by.
func (g *graph) keys() []int64 {
	feeds := make([]bool, len(g.changes))
	order := g.order()
	for k := len(order) - 1; k >= 0; k-- {
		i := order[k]
		for _, d := range g.dependants[i] {
			if feeds[d] || classOf(&g.changes[d]) != synchronous {
				feeds[i] = true
				break
			}
		}
	}
	keys := make([]int64, len(g.changes))
	for i := range keys {
		keys[i] = priority(&g.changes[i], feeds[i])<<32 | int64(i)
	}
	return keys
}

func priority(c *plan.Change, feeds bool) int64 {
	switch {
	case revokes(c):
		return revoking
	case feeds:
		return feeding
	default:
		return other
	}
}

func revokes(c *plan.Change) bool {
	return c.Action == plan.Delete &&
		(c.Kind == plan.Assignment || c.Kind == plan.Membership || c.Kind == plan.User)
}

func changeOf(key int64) int32 { return int32(key & 0xffffffff) }

// queue is a heap of keys, the smallest first.
type queue []int64

func (q *queue) push(key int64) { heap.Push(q, key) }
func (q *queue) pop() int64     { return heap.Pop(q).(int64) }

// What container/heap asks for.

func (q queue) Len() int           { return len(q) }
func (q queue) Less(i, j int) bool { return q[i] < q[j] }
func (q queue) Swap(i, j int)      { q[i], q[j] = q[j], q[i] }
func (q *queue) Push(key any)      { *q = append(*q, key.(int64)) }
func (q *queue) Pop() any {
	last := len(*q) - 1
	key := (*q)[last]
	*q = (*q)[:last]
	return key
}
