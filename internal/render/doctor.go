package render

import (
	"fmt"
	"io"

	"github.com/rolecall-dev/rolecall/internal/diag"
	"github.com/rolecall-dev/rolecall/internal/doctor"
)

// Doctor writes a diagnosis: the answer first, then what to do, then the chain
// with its broken link, and what could not be seen.
func Doctor(w io.Writer, r doctor.Report, s Style) error {
	p := newPage(s)
	_, t := stateWords(r.State)
	if r.State == doctor.CannotTell {
		t = strong
	}
	for _, line := range wrapped(r.Answer, s.room(0)) {
		p.line(0, in(t, line))
	}
	for _, state := range []doctor.State{doctor.Problem, doctor.Warning} {
		for _, v := range r.Found(state) {
			p.cause(v)
		}
	}
	p.chain(r)
	p.unseen(r)
	return p.writeTo(w)
}

func (p *page) cause(v doctor.Verdict) {
	word, t := stateWords(v.State)
	p.gap()
	p.prose(0, in(t, word+" "), v.Cause+"  ["+v.Check+"]")
	if !v.Range.IsZero() {
		p.line(2, in(info, v.Range.String()))
	}
	p.prose(2, in(info, "fix ("+v.System+"): "), v.Fix)
	for _, e := range v.Evidence {
		p.prose(2, dim("saw "), seenWords(e))
	}
}

func seenWords(e diag.Evidence) string {
	text := fmt.Sprintf("%s: %s: %s", e.System, e.What, e.Saw)
	if e.ID != "" {
		text += " (request " + e.ID + ")"
	}
	if e.When != "" {
		text += " at " + e.When
	}
	return text
}

func (p *page) chain(r doctor.Report) {
	if len(r.Chain) == 0 {
		return
	}
	var rows [][]cell
	for _, step := range r.Chain {
		word, t := stateWords(step.State)
		if step.Broken {
			word = "x broken here"
		}
		says := step.Says
		if step.State == doctor.CannotTell {
			says = "see below"
		}
		rows = append(rows, []cell{say(string(step.Link)), {word, t}, say(says)})
	}
	p.gap()
	p.table(0, []string{"LINK", "STATE", "SEEN"}, rows)
}

func (p *page) unseen(r doctor.Report) {
	cannot := r.Found(doctor.CannotTell)
	if len(cannot) == 0 {
		return
	}
	p.gap()
	p.line(0, bold("What could not be seen, and what it needs:"))
	for _, v := range cannot {
		p.prose(2, in(halted, v.Check+": "), v.Needs)
	}
}

func stateWords(s doctor.State) (string, tone) {
	switch s {
	case doctor.Problem:
		return "x problem", bad
	case doctor.Warning:
		return "! warning", change
	case doctor.CannotTell:
		return "? cannot tell", halted
	default:
		return "+ ok", good
	}
}
