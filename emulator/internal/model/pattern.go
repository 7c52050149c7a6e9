package model

import (
	"fmt"
	"regexp"
	"strings"
	"sync"
)

// matcher is a pattern made ready: a value matches when every part does.
type matcher []*regexp.Regexp

func (m matcher) match(s string) bool {
	for _, re := range m {
		if !re.MatchString(s) {
			return false
		}
	}
	return true
}

// matchers holds every pattern of the table, compiled at the first request.
var matchers = sync.OnceValue(func() map[string]matcher {
	all := map[string]matcher{}
	for _, s := range Services() {
		for _, op := range s.Operations {
			collectPatterns(all, op.Input)
			collectPatterns(all, op.Output)
		}
	}
	return all
})

func collectPatterns(all map[string]matcher, s *Shape) {
	if s == nil {
		return
	}
	if s.Pattern != "" && all[s.Pattern] == nil {
		m, err := compile(s.Pattern)
		if err != nil {
			panic(err) // a test compiles the whole table
		}
		all[s.Pattern] = m
	}
	collectPatterns(all, s.Key)
	collectPatterns(all, s.Element)
	for _, m := range s.Members {
		collectPatterns(all, m.Shape)
	}
}

// compile readies one of AWS's patterns. AWS's services match the whole value
// (Java's Matcher.matches), also where a pattern's own anchors bind only to the
// first and last of its alternatives.
func compile(pattern string) (matcher, error) {
	var m matcher
	for _, part := range RE2(pattern) {
		re, err := regexp.Compile(`\A(?:` + part + `)\z`)
		if err != nil {
			return nil, fmt.Errorf("compile pattern %q: %w", pattern, err)
		}
		m = append(m, re)
	}
	return m, nil
}

// RE2 returns one of AWS's patterns as patterns of RE2, all of which a value must match.
func RE2(pattern string) []string { return splitLookahead(translate(pattern)) }

// translate writes in RE2's syntax what Java's and ECMAScript's spell
// otherwise: \uXXXX, and \s, which there includes the vertical tab. \d, \w and
// \b mean ASCII in Java, as in RE2.
func translate(pattern string) string {
	var b strings.Builder
	class := false
	for i := 0; i < len(pattern); i++ {
		c := pattern[i]
		switch {
		case c == '\\' && i+5 < len(pattern) && pattern[i+1] == 'u':
			b.WriteString(`\x{` + pattern[i+2:i+6] + `}`)
			i += 5
		case c == '\\' && i+1 < len(pattern):
			b.WriteString(escape(pattern[i:i+2], class))
			i++
		default:
			class = c == '[' || class && c != ']'
			b.WriteByte(c)
		}
	}
	return b.String()
}

func escape(esc string, class bool) string {
	if esc != `\s` {
		return esc
	}
	if class {
		return `\s\x0b`
	}
	return `[\s\x0b]`
}

// splitLookahead turns A(?=B)C, which RE2 lacks, into the two patterns AC and
// AB.*, both of which must match. That is exact where no match of A is the
// beginning of another, as in the one such pattern, (-?)P(?=\d|T\d)...: a
// test holds the table to it. B may hold no group.
func splitLookahead(pattern string) []string {
	before, rest, found := strings.Cut(pattern, `(?=`)
	if !found {
		return []string{pattern}
	}
	ahead, after, _ := strings.Cut(rest, `)`)
	return []string{before + after, before + `(?:` + ahead + `)[\s\S]*`}
}
