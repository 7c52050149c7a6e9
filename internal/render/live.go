package render

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/rolecall-dev/rolecall/internal/apply"
	"github.com/rolecall-dev/rolecall/internal/plan"
	"github.com/rolecall-dev/rolecall/internal/quota"
)

// Live is what a terminal shows of a running apply. Take changes it with each
// event, Lines returns what to draw; it knows no cursor and no clock. The zero
// value is ready to use, by one goroutine at a time.
type Live struct {
	running  []begun // in the order in which they began
	failures []string
	progress apply.Progress
	stopping string
}

type begun struct {
	id   plan.ID
	what string
	at   time.Time
	note string // why it is tried again
}

// Take notes an event.
func (l *Live) Take(e apply.Event) {
	if e.Progress != nil {
		l.progress = *e.Progress
	}
	at := slices.IndexFunc(l.running, func(b begun) bool { return b.id == e.ID })
	switch e.Type {
	case apply.Started:
		if at < 0 && e.Change != nil {
			symbol, _ := mark(e.Change.Action)
			l.running = append(l.running, begun{id: e.ID, what: symbol + " " + object(e.Change), at: e.At})
		}
	case apply.Retried:
		if at >= 0 {
			l.running[at].note = "again" + reasonOf(e)
		}
	case apply.Succeeded, apply.Failed:
		if at >= 0 {
			l.running = slices.Delete(l.running, at, at+1)
		}
		if e.Type == apply.Failed && e.Change != nil {
			l.failures = append(l.failures, object(e.Change)+reasonOf(e))
		}
	case apply.Stopping:
		l.stopping = "stopping: finishing what is in progress, starting nothing new"
	}
}

// failuresShown are the latest that stay in view.
const failuresShown = 3

// Lines returns what to draw at the time, in at most so many lines, 2 at least:
// the latest failures, what runs, the longest first, and how far it all is. No
// line is wider than the style.
func (l *Live) Lines(now time.Time, calls []quota.Use, height int, s Style) []string {
	var out []string
	room := max(height, 2) - 1
	failed := l.failures[max(len(l.failures)-min(failuresShown, room/2), 0):]
	for _, f := range failed {
		out = append(out, s.fitted(in(bad, "! "), say(f)))
	}
	room -= len(failed)
	if l.stopping != "" && room > 0 {
		out = append(out, s.fitted(in(change, l.stopping)))
		room--
	}
	out = append(out, l.runningLines(now, room, s)...)
	bar := say("")
	if s.Width >= 60 && l.progress.Total > 0 {
		bar = in(good, barOf(l.progress, 20)+" ")
	}
	return append(out, s.fitted(bar, say(ProgressLine(l.progress, calls, Style{}))))
}

func (l *Live) runningLines(now time.Time, room int, s Style) []string {
	shown := len(l.running)
	if shown > room {
		shown = max(room-1, 0)
	}
	var out []string
	for _, b := range l.running[:shown] {
		took := dim(fmt.Sprintf("%6s ", spell(now.Sub(b.at).Truncate(time.Second).Seconds())))
		note := ""
		if b.note != "" {
			note = "  " + b.note
		}
		out = append(out, s.fitted(took, say(b.what), in(change, note)))
	}
	if more := len(l.running) - shown; more > 0 && room > 0 {
		out = append(out, s.fitted(dim(fmt.Sprintf("%7s and %s more", "", counted(more, "change", "changes")))))
	}
	return out
}

// barOf returns a bar of so many columns, of ASCII alone.
func barOf(p apply.Progress, width int) string {
	full := 0
	if p.Total > 0 {
		full = min((p.Done+p.Failed+p.Left)*width/p.Total, width)
	}
	return "[" + strings.Repeat("#", full) + strings.Repeat(".", width-full) + "]"
}

// fitted returns a line cut to the style's width: one that wrapped would put the
// cursor elsewhere than the caller thinks.
func (s Style) fitted(spans ...span) string {
	if s.Width <= 0 {
		return s.line(spans...)
	}
	room := s.Width
	var out []span
	for _, p := range spans {
		text, cut := shorten(clean(p.text), room, false)
		out = append(out, span{text, p.tone})
		if room -= columns(text); cut || room <= 0 {
			break
		}
	}
	return s.line(out...)
}
