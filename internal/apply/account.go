package apply

import "container/heap"

// account is one AWS account: the jobs that are ready to run in it, and
// whether one does.
type account struct {
	id string
	// ready has the changes that could start, by class; synchronous is unused.
	ready [classes]queue
	// remaining counts the jobs that are not over, running ones included.
	remaining int
	// task is the one whose job runs here; a second one never starts.
	task *task
	// reserved is the provisioning of all accounts that waits for this one to
	// be free.
	reserved *provision
	// closed is the change whose job never ended, plus one; 0 means open.
	closed int32
	at     [classes]int // place in the heap of the class; -1 where not in it
}

func (a *account) free() bool { return a.task == nil && a.reserved == nil && a.closed == 0 }

// accounts is a heap of the accounts where a job of one class can start.
type accounts struct {
	class class
	heap  []*account
}

// fix puts the account where it belongs after anything about it has changed.
func (h *accounts) fix(a *account) {
	in, can := a.at[h.class] >= 0, a.free() && len(a.ready[h.class]) > 0
	switch {
	case can && !in:
		heap.Push(h, a)
	case can:
		heap.Fix(h, a.at[h.class])
	case in:
		heap.Remove(h, a.at[h.class])
	}
}

// Less says that a job starts in the account i rather than in j: revocations first,
// then where the longest queue remains, because that account may decide when the
// whole run ends, then in the plan's order.
func (h *accounts) Less(i, j int) bool {
	a, b := h.heap[i], h.heap[j]
	x, y := a.ready[h.class][0], b.ready[h.class][0]
	if xr, yr := x>>32 == revoking, y>>32 == revoking; xr != yr {
		return xr
	}
	if a.remaining != b.remaining {
		return a.remaining > b.remaining
	}
	return x < y
}

// What else container/heap asks for.

func (h *accounts) Len() int { return len(h.heap) }

func (h *accounts) Swap(i, j int) {
	h.heap[i], h.heap[j] = h.heap[j], h.heap[i]
	h.heap[i].at[h.class], h.heap[j].at[h.class] = i, j
}

func (h *accounts) Push(x any) {
	a := x.(*account)
	a.at[h.class] = len(h.heap)
	h.heap = append(h.heap, a)
}

func (h *accounts) Pop() any {
	last := len(h.heap) - 1
	a := h.heap[last]
	h.heap[last] = nil
	h.heap = h.heap[:last]
	a.at[h.class] = -1
	return a
}
