package render

import (
	"bytes"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/rolecall-dev/rolecall/internal/diag"
)

// widest is how much of a source line is shown where there is no width.
const widest = 160

// gutterWidth is what stands before a source line at most.
const gutterWidth = 4 + len("123,456 | ")

// snippet is a source line ready to be shown, with what is underlined.
type snippet struct {
	text        string // clean, tabs expanded
	from, under int    // columns
	more        string // after the underline, where the range goes on
}

// snippetOf returns the line of a range. It finds the place by the byte offset
// where it has the source, else by the column in the finding's own snippet.
func snippetOf(r diag.Range, own string, sources diag.Sources, width int) (snippet, bool) {
	line, from := sourceLine(r, own, sources)
	if strings.TrimSpace(line) == "" {
		return snippet{}, false
	}
	to := len(strings.TrimRight(line, " \t"))
	more := ""
	switch {
	case r.End.Line == r.Start.Line && r.End.Byte >= r.Start.Byte:
		to = min(from+r.End.Byte-r.Start.Byte, len(line))
	case r.End.Line > r.Start.Line:
		more = fmt.Sprintf(" to line %s", number(r.End.Line))
	}
	limit := widest
	if width > 0 {
		limit = max(width-gutterWidth, minRoom)
	}
	before, under, after := fit(line[:from], line[from:max(from, to)], line[max(from, to):], limit)
	return snippet{text: before + under + after, from: columns(before), under: max(columns(under), 1), more: more}, true
}

// window is how much of a line is looked at on each side of a place, in bytes:
// more than any terminal is wide, and a line may have megabytes.
const window = 4096

// sourceLine returns the line where the range starts, and the byte offset in it.
func sourceLine(r diag.Range, own string, sources diag.Sources) (line string, from int) {
	text, known := sources[r.File]
	at := r.Start.Byte
	if known && at <= len(text) && (at > 0 || r.Start.Line == 1) {
		start := max(at-window, 0) // no further: a line of megabytes may have a finding every few bytes
		start += bytes.LastIndexByte(text[start:at], '\n') + 1
		end := min(at+window, len(text))
		if n := bytes.IndexByte(text[at:end], '\n'); n >= 0 {
			end = at + n
		}
		before := strings.ToValidUTF8(string(text[start:at]), "") // the window may cut a character
		line = strings.TrimSuffix(before+strings.ToValidUTF8(string(text[at:end]), ""), "\r")
		return line, min(len(before), len(line))
	}
	if own == "" {
		own = sources.Line(r.File, r.Start.Line)
	}
	return own, offsetOf(own, r.Start.Column)
}

// offsetOf returns where a column begins. Columns count what a person takes for
// one character, so marks do not count, nor what a joiner joins.
func offsetOf(line string, column int) int {
	n, joined := 0, false
	for i, r := range line {
		part := joined || unicode.In(r, unicode.Mn, unicode.Me) || r == '\u200d'
		joined = r == '\u200d'
		if part {
			continue
		}
		if n++; n == column {
			return i
		}
	}
	return len(line)
}

// fit makes the three parts of a line fit into so many columns: what is
// underlined is kept from its start, and so much around it as there is room
// for. It never looks at more of a long line than it can show.
func fit(before, under, after string, limit int) (string, string, string) {
	before, cutFront := tail(before, 4*limit)
	after, cutBack := head(after, 4*limit)
	under, cutUnder := head(under, 4*limit)
	before = expand(before, 0)
	under = expand(under, columns(before))
	after = expand(after, columns(before)+columns(under))
	if !cutFront && !cutBack && !cutUnder && columns(before)+columns(under)+columns(after) <= limit {
		return before, under, after
	}
	under, cutUnder = shorten(under, limit*2/3, cutUnder)
	if cutUnder {
		after, cutBack = "", false
	}
	rest := limit - columns(under)
	front := max(rest-min(columns(after), rest/3), 0)
	before = shortenFront(before, front, cutFront)
	after, _ = shorten(after, max(rest-columns(before), 0), cutBack)
	return before, under, after
}

// expand turns tabs into blanks up to the next multiple of four and shows what
// a terminal would obey.
func expand(text string, at int) string {
	if !strings.Contains(text, "\t") {
		return clean(text)
	}
	var b strings.Builder
	for i, part := range strings.Split(text, "\t") {
		if i > 0 {
			n := 4 - at%4
			b.WriteString(strings.Repeat(" ", n))
			at += n
		}
		part = clean(part)
		b.WriteString(part)
		at += columns(part)
	}
	return b.String()
}

// head and tail cut a text to about so many bytes, at a character.
func head(text string, most int) (string, bool) {
	if len(text) <= most {
		return text, false
	}
	for most > 0 && !utf8.RuneStart(text[most]) {
		most--
	}
	return text[:most], true
}

func tail(text string, most int) (string, bool) {
	if len(text) <= most {
		return text, false
	}
	at := len(text) - most
	for at < len(text) && !utf8.RuneStart(text[at]) {
		at++
	}
	return text[at:], true
}

// shorten cuts a text at its end to so many columns, the ellipsis included;
// already says that something was cut off before.
func shorten(text string, most int, already bool) (string, bool) {
	if !already && columns(text) <= most {
		return text, false
	}
	used := 0
	for i, r := range text {
		if used += columns(string(r)); used > most-1 {
			return text[:i] + "…", true
		}
	}
	return text + "…", true
}

func shortenFront(text string, most int, already bool) string {
	if !already && columns(text) <= most {
		return text
	}
	used, at := 0, len(text)
	for at > 0 {
		r, size := utf8.DecodeLastRuneInString(text[:at])
		if used += columns(string(r)); used > most-1 {
			break
		}
		at -= size
	}
	return "…" + text[at:]
}
