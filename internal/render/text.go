package render

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"charm.land/lipgloss/v2"
)

// escapeRune returns a character as Go and JSON people write it: \n, \x1b, \u202e.
func escapeRune(r rune) string {
	quoted := strconv.QuoteRuneToASCII(r)
	return quoted[1 : len(quoted)-1]
}

func escapeByte(b byte) string { return fmt.Sprintf(`\x%02x`, b) }

// columns returns how wide a text stands in a terminal.
func columns(text string) int { return lipgloss.Width(text) }

// page collects lines and writes them at once.
type page struct {
	style Style
	cut   bool // a list was not shown whole
	b     strings.Builder
}

func newPage(s Style) *page { return &page{style: s} }

// line adds one line after an indent; a line of blanks becomes an empty one.
func (p *page) line(indent int, spans ...span) {
	text := p.style.line(spans...)
	if text != "" {
		p.b.WriteString(strings.Repeat(" ", indent))
		p.b.WriteString(text)
	}
	p.b.WriteByte('\n')
}

// raw adds text that is clean and painted already.
func (p *page) raw(text string) { p.b.WriteString(text) }

// more ends a list that is not shown whole.
func (p *page) more(indent, n int) {
	p.cut = true
	p.line(indent, dim("... and "+number(n)+" more"))
}

// gap adds an empty line, unless there is one or nothing at all.
func (p *page) gap() {
	if text := p.b.String(); text != "" && !strings.HasSuffix(text, "\n\n") {
		p.b.WriteByte('\n')
	}
}

// prose adds a text wrapped to the page's width. The label stands before its
// first line, the others begin under the text.
func (p *page) prose(indent int, label span, text string) {
	hang := columns(clean(label.text))
	for i, line := range wrapped(text, p.style.room(indent+hang)) {
		if i == 0 {
			p.line(indent, label, say(line))
		} else {
			p.line(indent+hang, say(line))
		}
	}
}

func (p *page) writeTo(w io.Writer) error {
	if _, err := io.WriteString(w, p.b.String()); err != nil {
		return fmt.Errorf("write output: %w", err)
	}
	return nil
}

// wrapped cuts a text into lines of at most so many columns, 0 meaning any. A
// word that is longer stays whole, so that ARNs and commands can be copied. Line
// ends of the text stay.
func wrapped(text string, width int) []string {
	var out []string
	for _, paragraph := range strings.Split(strings.TrimRight(text, "\n"), "\n") {
		out = append(out, wrapParagraph(strings.TrimRight(paragraph, "\r"), width)...)
	}
	return out
}

func wrapParagraph(text string, width int) []string {
	if width == 0 || columns(text) <= width {
		return []string{text}
	}
	var out []string
	line, used := "", 0
	for word := range strings.SplitSeq(text, " ") {
		size := columns(clean(word))
		if line != "" && used+1+size > width {
			out, line, used = append(out, line), "", 0
		}
		if line != "" {
			line, used = line+" ", used+1
		}
		line, used = line+word, used+size
	}
	return append(out, line)
}

// listed returns at most the given number of names, and how many more there are.
func listed(names []string, most int) string {
	if len(names) <= most {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %s more", strings.Join(names[:most], ", "), number(len(names)-most))
}

// counted returns "1 change" or "1,200 changes".
func counted(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return number(n) + " " + many
}

// number returns a count with its thousands apart.
func number(n int) string {
	text := strconv.Itoa(n)
	for i := len(text) - 3; i > 0 && text[i-1] != '-'; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}

// spell returns a time as people say it: 0.4s, 12s, 3m 20s, 2h 5m.
func spell(seconds float64) string {
	switch d := time.Duration(seconds * float64(time.Second)); {
	case seconds <= 0:
		return "0s"
	case d < 950*time.Millisecond:
		return fmt.Sprintf("%.1fs", max(seconds, 0.1))
	case d < time.Minute-500*time.Millisecond:
		return fmt.Sprintf("%.0fs", seconds)
	case d < time.Hour-30*time.Second:
		d = d.Round(time.Second)
		return fmt.Sprintf("%dm %ds", int(d.Minutes()), int(d.Seconds())%60)
	default:
		d = d.Round(time.Minute)
		return fmt.Sprintf("%dh %dm", int(d.Hours()), int(d.Minutes())%60)
	}
}

// sentence joins the parts that are not empty by commas.
func sentence(parts ...string) string {
	kept := make([]string, 0, len(parts))
	for _, part := range parts {
		if part != "" {
			kept = append(kept, part)
		}
	}
	return strings.Join(kept, ", ")
}
