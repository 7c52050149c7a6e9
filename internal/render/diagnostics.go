package render

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/rolecall-dev/rolecall/internal/diag"
	"github.com/rolecall-dev/rolecall/internal/plan"
)

// Diagnostics writes findings by place, each with the line of the source that
// it is about, and how many there were. It writes nothing for an empty list.
// Sources may lack any file: then the finding's own Snippet is shown.
func Diagnostics(w io.Writer, list diag.List, sources diag.Sources, s Style) error {
	p := newPage(s)
	p.diagnostics(list, sources)
	return p.writeTo(w)
}

func (p *page) diagnostics(list diag.List, sources diag.Sources) {
	if len(list) == 0 {
		return
	}
	shown := mostUrgent(list.Sorted())
	for _, d := range shown {
		p.diagnostic(d, sources)
		p.gap()
	}
	if more := len(list) - len(shown); more > 0 {
		p.line(0, dim(fmt.Sprintf("And %s more; --json shows all.", number(more))))
	}
	p.line(0, bold(CountLine(list)))
	if slices.ContainsFunc(list, plan.Allowable) {
		p.prose(0, say(""), "To allow only one of these errors, pass `--allow ID` with the id shown.")
	}
}

// mostUrgent keeps as many findings as anybody reads: errors before warnings, in
// their order.
func mostUrgent(list diag.List) diag.List {
	if len(list) <= diag.Most {
		return list
	}
	room, left := map[diag.Severity]int{}, diag.Most
	for _, s := range []diag.Severity{diag.Error, diag.Warning, diag.Note} {
		room[s] = min(list.Count(s), left)
		left -= room[s]
	}
	return slices.DeleteFunc(slices.Clone(list), func(d diag.Diagnostic) bool {
		room[d.Severity]--
		return room[d.Severity] < 0
	})
}

// CountLine returns "2 errors, 1 warning.", or "" for an empty list.
func CountLine(list diag.List) string {
	if len(list) == 0 {
		return ""
	}
	count := func(s diag.Severity, one, many string) string {
		if n := list.Count(s); n > 0 {
			return counted(n, one, many)
		}
		return ""
	}
	return sentence(count(diag.Error, "error", "errors"), count(diag.Warning, "warning", "warnings"), count(diag.Note, "note", "notes")) + "."
}

func (p *page) diagnostic(d diag.Diagnostic, sources diag.Sources) {
	word, t := severityWord(d.Severity)
	summary := d.Summary
	if plan.Allowable(d) {
		summary += " (allow: " + d.ID + ")"
	}
	for i, line := range wrapped(summary, p.style.room(len(word)+2)) {
		if i == 0 {
			p.line(0, in(t, word+": "), bold(line))
		} else {
			p.line(2, bold(line))
		}
	}
	if !d.Range.IsZero() {
		p.gap()
		p.place("on ", d.Range, d.Snippet, sources, t)
	}
	if d.Detail != "" {
		p.gap()
		p.prose(2, say(""), d.Detail)
	}
	for _, r := range d.Related {
		p.gap()
		p.place("see also ", r, "", sources, info)
	}
	if len(d.Evidence) > 0 {
		p.gap()
		p.evidence(d.Evidence)
	}
	if d.Hint != "" {
		p.gap()
		p.prose(2, in(info, "Hint: "), d.Hint)
	}
}

func severityWord(s diag.Severity) (string, tone) {
	switch s {
	case diag.Warning:
		return "Warning", change
	case diag.Note:
		return "Note", info
	default:
		return "Error", bad
	}
}

func (p *page) evidence(list []diag.Evidence) {
	p.line(2, dim("Looked at:"))
	for _, e := range list {
		text := strings.TrimSuffix(sentence(e.System, e.What), ", ")
		if e.Saw != "" {
			text += ": " + e.Saw
		}
		request := e.ID
		if request != "" {
			request = "request " + request
		}
		if extra := sentence(request, e.When); extra != "" {
			text += " (" + extra + ")"
		}
		p.prose(4, dim("- "), text)
	}
}

// place shows a range: the file and line, and the line itself, where it is
// known, with the range underlined.
func (p *page) place(word string, r diag.Range, snippet string, sources diag.Sources, t tone) {
	if r.Start.Line == 0 {
		p.line(2, dim(word), say(r.File))
		return
	}
	cut, ok := snippetOf(r, snippet, sources, p.style.room(0))
	if !ok {
		p.line(2, dim(word), say(r.File), dim(" line "+number(r.Start.Line)))
		return
	}
	gutter := number(r.Start.Line)
	blank := strings.Repeat(" ", len(gutter))
	p.line(2, dim(word), say(r.File), dim(" line "+gutter+":"))
	p.line(4, dim(gutter+" | "), say(cut.text))
	p.line(4, dim(blank+" | "), in(t, strings.Repeat(" ", cut.from)+strings.Repeat("^", cut.under)+cut.more))
}
