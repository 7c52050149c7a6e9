package render

import (
	"fmt"
	"io"
	"strings"

	"github.com/rolecall-dev/rolecall/internal/diag"
	"github.com/rolecall-dev/rolecall/internal/plan"
	"github.com/rolecall-dev/rolecall/internal/quota"
)

// markdownLimit keeps a plan within what GitHub takes for a comment, 65,536
// characters, with room for what others put around it.
const markdownLimit = 60_000

// PlanMarkdown writes a plan for a pull request: the counts first, what the
// guards say, then each permission set and group in a fold of its own. What
// does not fit into a comment is left out, and counted.
func PlanMarkdown(w io.Writer, d PlanData, calls []quota.Use, sources diag.Sources) error {
	d = d.whole()
	p := newPage(Style{})
	p.raw("### rolecall plan: " + escaped(clean(headline(d))) + "\n")
	p.countsTable(d.Summary)
	if len(d.Findings) > 0 {
		list := newPage(Style{})
		list.diagnostics(d.Findings, sources)
		text, _ := head(list.b.String(), markdownLimit/3)
		p.fence("", text)
	}
	p.endMarkdown(d, calls)
	p.folds(d)
	return p.writeTo(w)
}

func headline(d PlanData) string {
	switch s := (scope{d.Plan, d.Only}); {
	case d.Refused():
		return "refused; " + PlanLine(s.Summary)
	case s.changesNothing():
		return "n" + s.noChanges()[1:]
	default:
		return PlanLine(s.Summary)
	}
}

func (p *page) countsTable(s plan.Summary) {
	if len(s.ByKind) == 0 {
		return
	}
	p.raw("\n| | create | update | delete |\n|---|---:|---:|---:|\n")
	for _, k := range nouns() {
		if n := s.ByKind[k.kind]; len(n) > 0 {
			p.raw(fmt.Sprintf("| %s | %s | %s | %s |\n", k.many, number(n[plan.Create]), number(n[plan.Update]), number(n[plan.Delete])))
		}
	}
}

// endMarkdown has what is not about a change: it stands before the folds, so
// that it is not what is cut off.
func (p *page) endMarkdown(d PlanData, calls []quota.Use) {
	rest := newPage(Style{})
	rest.records(d.Plan)
	rest.replaced(d.Replaced)
	rest.sessions(d.Sessions)
	rest.strangers(d.UnmanagedUsers)
	rest.followUps(d.FollowUps)
	rest.gap()
	rest.coverage(scope{d.Plan, d.Only})
	rest.costs(d, calls)
	text, _ := head(rest.b.String(), markdownLimit/3)
	p.fence("", text)
}

// folds has a fold for each section, as long as there is room.
func (p *page) folds(d PlanData) {
	all := sections(d)
	for i, sec := range all {
		body := newPage(Style{})
		body.section(sec, limitOf(d.Plan))
		fold := newPage(Style{})
		fold.raw("\n<details><summary>" + escaped(clean(sec.title)) + "</summary>\n")
		_, text, _ := strings.Cut(body.b.String(), "\n")
		fold.fence("diff", outdented(text))
		fold.raw("\n</details>\n")
		if p.b.Len()+fold.b.Len() > markdownLimit {
			p.raw(fmt.Sprintf("\n%s not shown here; `rolecall plan` shows everything.\n", counted(len(all)-i, "more section is", "more sections are")))
			return
		}
		p.raw(fold.b.String())
	}
}

// outdented brings the symbols to the first column, where a diff's colors
// need them; what is not a change of its own is moved out of their way.
func outdented(text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		b.WriteString(strings.TrimPrefix(line, "  "))
	}
	return b.String()
}

// fence writes a block that no text in it can end.
func (p *page) fence(language, text string) {
	if strings.TrimSpace(text) == "" {
		return
	}
	mark := "```"
	for strings.Contains(text, mark) {
		mark += "`"
	}
	p.raw("\n" + mark + language + "\n" + strings.TrimRight(text, "\n") + "\n" + mark + "\n")
}

// escaped keeps a text from being Markdown or HTML.
func escaped(text string) string {
	var b strings.Builder
	for _, r := range text {
		switch {
		case r == '<':
			b.WriteString("&lt;")
		case r == '&':
			b.WriteString("&amp;")
		case strings.ContainsRune("\\`*_[]|@#!", r):
			b.WriteString(fmt.Sprintf("&#%d;", r))
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}
