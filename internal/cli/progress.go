package cli

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/rolecall-dev/rolecall/internal/identitycenter"
	"github.com/rolecall-dev/rolecall/internal/render"
)

// patience is how long work may take before a terminal shows how far it is,
// redraw the time between two looks; quiet is both for plain lines.
const (
	patience = time.Second
	quiet    = 10 * time.Second
	redraw   = 200 * time.Millisecond
)

// meter shows on stderr how far work is: one line that is drawn again on a
// terminal, now and then a line elsewhere. It is safe for concurrent use.
type meter struct {
	out   io.Writer
	live  bool
	mu    sync.Mutex
	start time.Time
	last  time.Time
	drawn int // columns of the line on the terminal
}

func (a *app) meter() *meter {
	return &meter{out: a.sys.Stderr, live: a.terminal(a.sys.Stderr), start: time.Now()}
}

// show draws the line if it is time to.
func (m *meter) show(line string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	now, first, every := time.Now(), quiet, quiet
	if m.live {
		first, every = patience, redraw
	}
	if now.Sub(m.start) < first || now.Sub(m.last) < every {
		return
	}
	m.last = now
	if !m.live {
		fmt.Fprintln(m.out, line)
		return
	}
	m.wipe()
	m.drawn = len(line)
	fmt.Fprint(m.out, line)
}

// above writes lines that stay.
func (m *meter) above(text string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.wipe()
	fmt.Fprint(m.out, text)
}

// wipe takes the line off the terminal.
func (m *meter) wipe() {
	if m.drawn > 0 {
		fmt.Fprint(m.out, "\r"+strings.Repeat(" ", m.drawn)+"\r")
		m.drawn = 0
	}
}

func (m *meter) end() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.wipe()
}

// readWatch tells how far a read is.
type readWatch struct {
	app   *app
	meter *meter
	parts map[string]identitycenter.Progress
	order []string
	event time.Time
}

func (a *app) watchRead() *readWatch {
	return &readWatch{app: a, meter: a.meter(), parts: map[string]identitycenter.Progress{}}
}

// step takes one piece of progress; calls do not overlap.
func (r *readWatch) step(p identitycenter.Progress) {
	if _, known := r.parts[p.What]; !known {
		r.order = append(r.order, p.What)
	}
	r.parts[p.What] = p
	if r.app.json {
		if time.Since(r.event) >= patience || p.Done == p.Total {
			r.event = time.Now()
			r.app.emit("read", p)
		}
		return
	}
	var parts []string
	for _, what := range r.order {
		p := r.parts[what]
		parts = append(parts, fmt.Sprintf("%s %d/%d", what, p.Done, p.Total))
	}
	r.meter.show("Reading AWS: " + strings.Join(parts, ", "))
}

func (r *readWatch) end() { r.meter.end() }

// emit writes one event as a line of JSON to stderr. Nobody is left to tell
// where that fails.
func (a *app) emit(what string, data any) {
	_ = render.JSONLine(a.sys.Stderr, struct {
		Type string `json:"type"`
		Data any    `json:"data"`
	}{what, data})
}
