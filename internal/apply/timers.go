package apply

import "time"

// timers is a heap of what has to be done later, the earliest first.
type timers []timer

type timer struct {
	at time.Time
	do func()
}

func (h *timers) add(at time.Time, do func()) {
	t := append(*h, timer{at, do})
	for i := len(t) - 1; i > 0 && t[i].at.Before(t[(i-1)/2].at); i = (i - 1) / 2 {
		t[i], t[(i-1)/2] = t[(i-1)/2], t[i]
	}
	*h = t
}

func (h *timers) next() func() {
	t := *h
	top, last := t[0].do, len(t)-1
	t[0], t[last] = t[last], timer{}
	t = t[:last]
	for i := 0; ; {
		down := 2*i + 1
		if down+1 < last && t[down+1].at.Before(t[down].at) {
			down++
		}
		if down >= last || !t[down].at.Before(t[i].at) {
			break
		}
		t[i], t[down] = t[down], t[i]
		i = down
	}
	*h = t
	return top
}
