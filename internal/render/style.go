package render

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"charm.land/lipgloss/v2"
)

// Style says how text is set. The zero value is plain text without a limit to
// its width, which is what a file or a pipe gets.
type Style struct {
	// Color asks for ANSI's sixteen colors; without it there is nothing but
	// plain text.
	Color bool
	// Width is the number of columns to wrap to; 0 means none.
	Width int
	// Verbose asks for AWS's ids beside the names, and for explanations that
	// whoever reads plans every day does not need.
	Verbose bool
}

// tone is what a piece of text means, from which its color follows.
type tone uint8

const (
	plain tone = iota
	strong
	faint
	good   // creations, and what is done
	change // updates, and warnings
	bad    // deletions, errors and failures
	halted // what is blocked
	info   // notes, hints and places
)

// span is text of one tone. Its text is data: see clean.
type span struct {
	text string
	tone tone
}

func say(text string) span        { return span{text, plain} }
func bold(text string) span       { return span{text, strong} }
func dim(text string) span        { return span{text, faint} }
func in(t tone, text string) span { return span{text, t} }

// minRoom keeps text readable on a terminal that is too narrow for it.
const minRoom = 30

// room returns the columns that are left after an indent; 0 means no limit.
func (s Style) room(indent int) int {
	if s.Width <= 0 {
		return 0
	}
	return max(s.Width-indent, minRoom)
}

// paint returns the text with its color, and with everything shown that a
// terminal would obey.
func (s Style) paint(p span) string {
	text := clean(p.text)
	if !s.Color || p.tone == plain || text == "" {
		return text
	}
	return toned(p.tone).Render(text)
}

func toned(t tone) lipgloss.Style {
	style := lipgloss.NewStyle().TabWidth(lipgloss.NoTabConversion)
	switch t {
	case strong:
		return style.Bold(true)
	case faint:
		return style.Faint(true)
	case good:
		return style.Foreground(lipgloss.Green)
	case change:
		return style.Foreground(lipgloss.Yellow)
	case bad:
		return style.Foreground(lipgloss.Red)
	case halted:
		return style.Foreground(lipgloss.Magenta)
	case info:
		return style.Foreground(lipgloss.Cyan)
	default:
		return style
	}
}

// line returns one line of spans.
func (s Style) line(spans ...span) string {
	var b strings.Builder
	for _, p := range spans {
		b.WriteString(s.paint(p))
	}
	return b.String()
}

// clean shows what a terminal would obey or hide: control characters, line
// ends, bidirectional and invisible ones, and bytes that are no UTF-8. Names
// come from whoever may make a group, so they are not to be trusted.
func clean(text string) string {
	if !strings.ContainsFunc(text, unsafeRune) && utf8.ValidString(text) {
		return text
	}
	var b strings.Builder
	for i, r := range text {
		if r == utf8.RuneError {
			if _, size := utf8.DecodeRuneInString(text[i:]); size == 1 {
				b.WriteString(escapeByte(text[i]))
				continue
			}
		}
		if unsafeRune(r) {
			b.WriteString(escapeRune(r))
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}

// unsafeRune tells the characters that are shown as escapes. The zero-width
// joiners stay: scripts and emoji need them.
func unsafeRune(r rune) bool {
	switch r {
	case '\u200c', '\u200d':
		return false
	case '\u2028', '\u2029':
		return true
	}
	return unicode.IsControl(r) || unicode.Is(unicode.Cf, r)
}
