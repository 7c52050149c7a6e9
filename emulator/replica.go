package emulator

import (
	"strings"
	"time"
)

// replica is a second world that runs behind: what reads see while writes are
// not visible yet. It carries out the same commands, a delay later.
type replica struct {
	world   *world
	delay   time.Duration
	pending []*command
	size    int // of the pending ones, in bytes
}

// bytes is what keeping a command takes, roughly.
func (c *command) bytes() int {
	n := 512 + len(c.Body)
	if c.SCIM != nil {
		n += len(c.SCIM.Body) + len(c.SCIM.Path) + len(c.SCIM.Query)
	}
	return n
}

// later takes a command that the first world has carried out.
func (r *replica) later(c *command) {
	again := *c
	again.replay = true // its token was right when it came
	r.pending = append(r.pending, &again)
	r.size += again.bytes()
}

func (r *replica) due(now time.Time) bool {
	horizon := now.Add(-r.delay)
	return len(r.pending) > 0 && !r.pending[0].At.After(horizon) || r.world.store.Due(horizon)
}

// show carries out what has become visible by now.
func (r *replica) show(now time.Time) {
	horizon := now.Add(-r.delay)
	for len(r.pending) > 0 && !r.pending[0].At.After(horizon) {
		r.world.step(r.pending[0])
		r.size -= r.pending[0].bytes()
		r.pending[0] = nil
		r.pending = r.pending[1:]
	}
	r.world.store.Advance(horizon)
}

// delayed tells whether a read may see an older state. The state of a job is
// asked for by an id that was just given out, so it is always current.
func (c *command) delayed() bool {
	switch {
	case c.Service == "sts" || c.Service == "iam":
		return false
	case strings.HasSuffix(c.Operation, "Status"):
		return false
	}
	return true
}
