package cli

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/rolecall-dev/rolecall/internal/identitycenter/read"
	"github.com/rolecall-dev/rolecall/internal/render"
)

// patience is how long work may take before a terminal shows how far it is,
// redraw the time between two looks; quiet is both for plain lines.
const (
	patience = time.Second
	quiet    = 10 * time.Second
	redraw   = 200 * time.Millisecond
)

// meter shows on stderr how far work is: lines that are drawn again on a
// terminal, now and then a line elsewhere. It is safe for concurrent use.
type meter struct {
	out   io.Writer
	live  bool
	style render.Style
	mu    sync.Mutex
	start time.Time
	last  time.Time
	drawn int  // lines on the terminal
	said  bool // what first says
}

func (a *app) meter() *meter {
	return &meter{out: a.sys.Stderr, live: a.terminal(a.sys.Stderr), style: a.style(a.sys.Stderr), start: time.Now()}
}

// show draws what to show, if it is time to: on a terminal all lines, elsewhere
// the last one, which sums them up.
func (m *meter) show(lines func() []string) {
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
	text := lines()
	if !m.live {
		fmt.Fprintln(m.out, text[len(text)-1])
		return
	}
	m.wipe()
	m.drawn = len(text)
	fmt.Fprint(m.out, strings.Join(text, "\n"))
}

// above writes lines that stay.
func (m *meter) above(text string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.wipe()
	fmt.Fprint(m.out, text)
}

// first writes a line that stays, once: what the live ones are about.
func (m *meter) first(text string) {
	m.mu.Lock()
	said := m.said
	m.said = true
	m.mu.Unlock()
	if !said {
		m.above(text)
	}
}

// wipe takes what was drawn off the terminal.
func (m *meter) wipe() {
	if m.drawn > 0 {
		fmt.Fprint(m.out, "\r\x1b[K"+strings.Repeat("\x1b[1A\x1b[K", m.drawn-1))
		m.drawn = 0
	}
}

func (m *meter) end() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.wipe()
}

// fitted cuts a line to the terminal's width: one that wraps could not be wiped.
func (m *meter) fitted(line string) string {
	if runes := []rune(line); m.style.Width > 1 && len(runes) >= m.style.Width {
		return string(runes[:m.style.Width-2]) + "…"
	}
	return line
}

// readWatch tells how far a read is.
type readWatch struct {
	app   *app
	meter *meter
	parts map[string]read.Progress
	order []string
	event time.Time
}

func (a *app) watchRead() *readWatch {
	return &readWatch{app: a, meter: a.meter(), parts: map[string]read.Progress{}}
}

// step takes one piece of progress; calls do not overlap.
func (r *readWatch) step(p read.Progress) {
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
	r.meter.show(r.lines)
}

func (r *readWatch) lines() []string {
	var parts []string
	for _, what := range r.order {
		p := r.parts[what]
		parts = append(parts, fmt.Sprintf("%s %d/%d", what, p.Done, p.Total))
	}
	return []string{r.meter.fitted("Reading AWS: " + strings.Join(parts, ", "))}
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
