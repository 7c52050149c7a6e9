package source

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// maxNesting bounds how deep hcl's recursive parser and evaluator may go. A
// real config nests about 12 deep. Go cannot recover from an exhausted stack,
// so this has to be known before the text is parsed.
const maxNesting = 1000

// measure scans HCL without building anything. It returns the offset at which
// the text nests deeper than limit, or -1, and at least how many tokens it has
// up to there. Brackets nest, and so do chained operators and traversals (a.b.c,
// !!!x, 1+1+1), which hcl parses into trees as deep as they are long; those
// count until the expression ends.
func measure(src []byte, limit int) (deepAt, tokens int) {
	s := nestingScan{src: src, stack: []level{{kind: '{'}}, lastEnd: bytes.LastIndex(src, []byte("*/"))}
	for s.pos < len(src) && s.depth <= limit {
		if s.top().kind == '"' || s.top().kind == '<' {
			s.text()
		} else {
			s.code()
		}
	}
	if s.depth > limit {
		return min(s.pos, len(src)-1), s.tokens
	}
	return -1, s.tokens
}

type level struct {
	// kind is the opening bracket, '"' for a quoted string, '<' for a heredoc.
	kind byte
	cost int
	end  []byte // the heredoc's end marker
	from int    // where the heredoc's text begins
}

type nestingScan struct {
	src   []byte
	pos   int
	stack []level
	depth int // the sum of all levels' costs
	// tokens counts what the parser makes a token of, one that is made of
	// several characters at its first.
	tokens int
	inWord bool
	// lastEnd is where the last */ is: hcl knows no comment without an end.
	lastEnd int
}

func (s *nestingScan) top() *level { return &s.stack[len(s.stack)-1] }

func (s *nestingScan) charge() { s.top().cost++; s.depth++ }

func (s *nestingScan) endExpression() { s.depth -= s.top().cost; s.top().cost = 0 }

func (s *nestingScan) push(l level) {
	s.charge()
	s.stack = append(s.stack, l)
}

func (s *nestingScan) pop() {
	if len(s.stack) > 1 {
		s.endExpression()
		s.stack = s.stack[:len(s.stack)-1]
	}
}

func (s *nestingScan) has(prefix string) bool { return bytes.HasPrefix(s.src[s.pos:], []byte(prefix)) }

func (s *nestingScan) code() {
	c := s.src[s.pos]
	s.countCode(c)
	switch c {
	case '(', '[', '{', '"':
		s.push(level{kind: c})
	case ')', ']', '}':
		if opener := "([{"[strings.IndexByte(")]}", c)]; s.top().kind == opener || s.top().kind == '$' && c == '}' {
			s.pop()
		}
	case ',':
		s.endExpression()
	case '\n':
		if s.top().kind == '{' { // inside ( [ ${ an expression goes on
			s.endExpression()
		}
	case '#':
		s.skipTo("\n")
		return
	case '/':
		if s.comment() {
			return
		}
		s.charge()
	case '<':
		if s.heredoc() {
			return
		}
		s.charge()
	case '!', '-', '+', '*', '%', '?', '>', '&', '|', '.':
		s.charge()
	case '=':
		if s.has("==") || s.has("=>") {
			s.charge()
		}
	}
	s.pos++
}

// countCode counts a character outside of texts: words by their first, anything
// else on its own.
func (s *nestingScan) countCode(c byte) {
	inWord := wordByte(c)
	if c != ' ' && c != '\t' && !(inWord && s.inWord) {
		s.tokens++
	}
	s.inWord = inWord
}

func wordByte(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_'
}

func (s *nestingScan) comment() bool {
	switch {
	case s.has("//"):
		s.skipTo("\n")
	case s.has("/*") && s.lastEnd >= s.pos+2: // else two operators
		s.pos += 2
		s.skipTo("*/")
		s.pos += 2
	default:
		return false
	}
	return true
}

func (s *nestingScan) skipTo(mark string) {
	if i := bytes.Index(s.src[s.pos:], []byte(mark)); i >= 0 {
		s.pos += i
	} else {
		s.pos = len(s.src)
	}
}

// heredoc enters <<END or <<-END, which a line end must follow. Where hcl sees two
// operators, what follows nests.
func (s *nestingScan) heredoc() bool {
	if !s.has("<<") {
		return false
	}
	from := s.pos + 2
	if from < len(s.src) && s.src[from] == '-' {
		from++
	}
	to := from
	for to < len(s.src) && (wordByte(s.src[to]) || s.src[to] == '-' || s.src[to] >= utf8.RuneSelf) {
		to++
	}
	rest := bytes.TrimPrefix(s.src[to:], []byte("\r"))
	if !bytes.HasPrefix(rest, []byte("\n")) || !hclsyntax.ValidIdentifier(string(s.src[from:to])) {
		return false
	}
	s.pos = len(s.src) - len(rest) + 1
	s.push(level{kind: '<', end: s.src[from:to], from: s.pos})
	s.heredocEnds()
	return true
}

// heredocEnds leaves the heredoc where the line at pos is its end marker.
func (s *nestingScan) heredocEnds() {
	line, _, _ := bytes.Cut(s.src[s.pos:], []byte("\n"))
	if bytes.Equal(bytes.TrimSpace(line), s.top().end) {
		s.pos += len(line)
		s.pop()
	}
}

// text reads inside a quoted string or a heredoc, where only templates count.
func (s *nestingScan) text() {
	quoted := s.top().kind == '"'
	if c := s.src[s.pos]; c == '"' || c == '$' || c == '%' || c == '\n' || c == '\r' {
		s.tokens += 2 // it, and the text that it ends
	}
	if !quoted && s.src[s.pos] == '\n' { // hcl copies all lines before, for every line
		s.tokens += (s.pos - s.top().from) / 16384
	}
	switch c := s.src[s.pos]; {
	case c == '$' || c == '%':
		s.template(c)
	case quoted && c == '\\':
		s.pos += 2
	case quoted && c == '"': // a line break is an error in it, and does not end it
		s.pos++
		s.pop()
	case !quoted && c == '\n':
		s.pos++
		s.heredocEnds()
	default:
		s.pos++
		if i := bytes.IndexAny(s.src[s.pos:], "\"\\$%\n\r"); i >= 0 { // what may mean something
			s.pos += i
		} else {
			s.pos = len(s.src)
		}
	}
}

// template enters ${ or %{, of which $${ and %%{ are the escaped forms.
func (s *nestingScan) template(c byte) {
	rest := s.src[s.pos+1:]
	switch {
	case len(rest) > 1 && rest[0] == c && rest[1] == '{':
		s.pos += 3
	case len(rest) > 0 && rest[0] == '{':
		s.pos += 2
		s.push(level{kind: '$'})
	default:
		s.pos++
	}
}

// measureJSON is measure for JSON.
func measureJSON(src []byte, limit int) (deepAt, tokens int) {
	depth, quoted := 0, false
	for i := 0; i < len(src); i++ {
		switch c := src[i]; {
		case c == '"':
			quoted = !quoted
			tokens++
		case quoted && c == '\\':
			i++
		case quoted:
		case c == '{' || c == '[':
			tokens++
			if depth++; depth > limit {
				return i, tokens
			}
		case c == '}' || c == ']':
			tokens++
			depth--
		case c == ',' || c == ':':
			tokens += 2 // it, and the value before it
		}
	}
	return -1, tokens
}
