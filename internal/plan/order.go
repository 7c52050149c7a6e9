package plan

import (
	"container/heap"
	"fmt"
)

// phases is the number of phases.
const phases = 13

// phase returns the place of a change in the canonical order, as far as what it
// depends on leaves a choice: revocations first, then what creates, then what had
// to wait for it, then deletions. Within a phase changes stand in the order of
// the sorted tables.
func phase(c Change) int {
	if c.Kind == Assignment && c.Action == Delete && len(c.DependsOn) == 0 {
		return 0
	}
	of, listed := phaseOf[c.Kind]
	switch {
	case !listed:
		return 5 // policies
	case c.Action == Delete:
		return of.deleted
	default:
		return of.written
	}
}

var phaseOf = map[Kind]struct{ written, deleted int }{
	Group:         {2, 11},
	User:          {3, 12},
	PermissionSet: {4, 10},
	Tags:          {4, 4},
	Record:        {6, 6},
	Assignment:    {7, 8}, // to delete it waits for something
	Provisioning:  {9, 9},
	Membership:    {9, 1}, // it comes after what its group and its sets lose
}

// ordered returns the changes in their canonical topological order: that of the
// phases, in which a change that depends on a later one stands as early as it
// can. Mostly the phases are in order already. ok is false where changes wait for
// one another in a circle.
func ordered(changes []Change) (sorted []Change, ok bool) {
	index := make(map[ID]int32, len(changes))
	for i := range changes {
		index[changes[i].ID] = int32(i)
	}
	waits := make([]int32, len(changes))
	next := map[int32][]int32{}
	tangled := false
	for i := range changes {
		for _, need := range changes[i].DependsOn {
			at := index[need]
			tangled = tangled || at >= int32(i)
		}
	}
	if !tangled {
		return changes, true
	}
	for i := range changes {
		for _, need := range changes[i].DependsOn {
			waits[i]++
			next[index[need]] = append(next[index[need]], int32(i))
		}
	}
	sorted = topological(changes, waits, next)
	return sorted, len(sorted) == len(changes)
}

func topological(changes []Change, waits []int32, next map[int32][]int32) []Change {
	ready := &indices{}
	for i, n := range waits {
		if n == 0 {
			*ready = append(*ready, int32(i))
		}
	}
	heap.Init(ready)
	out := make([]Change, 0, len(changes))
	for ready.Len() > 0 {
		i := heap.Pop(ready).(int32)
		out = append(out, changes[i])
		for _, n := range next[i] {
			if waits[n]--; waits[n] == 0 {
				heap.Push(ready, n)
			}
		}
	}
	return out
}

// indices is a heap of places in the list, the smallest first.
type indices []int32

func (h indices) Len() int           { return len(h) }
func (h indices) Less(i, j int) bool { return h[i] < h[j] }
func (h indices) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *indices) Push(x any)        { *h = append(*h, x.(int32)) }
func (h *indices) Pop() any {
	old := *h
	last := old[len(old)-1]
	*h = old[:len(old)-1]
	return last
}

// checkOrder says what is wrong with a list of changes that should be in
// topological order.
func checkOrder(changes []Change) error {
	seen := make(map[ID]bool, len(changes))
	for _, c := range changes {
		if want := makeID(c.Kind, c.Action, c.Key); c.ID != want {
			return fmt.Errorf("change %q should have the id %q", c.ID, want)
		}
		if seen[c.ID] {
			return fmt.Errorf("change %q appears twice", c.ID)
		}
		for _, need := range c.DependsOn {
			if !seen[need] {
				return fmt.Errorf("change %q depends on %q, which does not come before it", c.ID, need)
			}
		}
		seen[c.ID] = true
	}
	return nil
}
