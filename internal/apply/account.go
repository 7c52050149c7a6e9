package apply

// account is one AWS account: the jobs that are ready to run in it, and
// whether one does.
type account struct {
	id string
	// ready has the changes that could start, by class; synchronous is unused.
	ready [classes]queue
	// remaining counts the jobs that are not over, running ones included.
	remaining int
	// holder is the task whose job runs here; a second one never starts.
	holder *task
	// reserved is the provisioning of all accounts that waits for this one to
	// be free.
	reserved *provision
	// closed is the change whose job never ended, plus one; 0 means open.
	closed int32
	at     [classes]int // place in the heap of the class; -1 where not in it
}

func (a *account) free() bool { return a.holder == nil && a.reserved == nil && a.closed == 0 }

// accounts is a heap of the accounts where a job of one class can start.
type accounts struct {
	class class
	heap  []*account
}

// before says that a job starts in a rather than in b: revocations first, then
// where the longest queue remains, because that account may decide when the
// whole run ends, then in the plan's order.
func (h *accounts) before(a, b *account) bool {
	x, y := a.ready[h.class][0], b.ready[h.class][0]
	if xr, yr := x>>32 == revoking, y>>32 == revoking; xr != yr {
		return xr
	}
	if a.remaining != b.remaining {
		return a.remaining > b.remaining
	}
	return x < y
}

// fix puts the account where it belongs after anything about it has changed.
func (h *accounts) fix(a *account) {
	in, can := a.at[h.class] >= 0, a.free() && len(a.ready[h.class]) > 0
	switch {
	case can && !in:
		a.at[h.class] = len(h.heap)
		h.heap = append(h.heap, a)
		h.up(a.at[h.class])
	case can:
		h.up(h.down(a.at[h.class]))
	case in:
		h.remove(a)
	}
}

func (h *accounts) remove(a *account) {
	i, last := a.at[h.class], len(h.heap)-1
	h.swap(i, last)
	h.heap[last] = nil
	h.heap = h.heap[:last]
	a.at[h.class] = -1
	if i < last {
		h.up(h.down(i))
	}
}

func (h *accounts) swap(i, j int) {
	h.heap[i], h.heap[j] = h.heap[j], h.heap[i]
	h.heap[i].at[h.class], h.heap[j].at[h.class] = i, j
}

func (h *accounts) up(i int) {
	for i > 0 && h.before(h.heap[i], h.heap[(i-1)/2]) {
		h.swap(i, (i-1)/2)
		i = (i - 1) / 2
	}
}

func (h *accounts) down(i int) int {
	for {
		best := i
		for _, c := range [2]int{2*i + 1, 2*i + 2} {
			if c < len(h.heap) && h.before(h.heap[c], h.heap[best]) {
				best = c
			}
		}
		if best == i {
			return i
		}
		h.swap(i, best)
		i = best
	}
}
