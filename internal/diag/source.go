package diag

import (
	"bytes"
	"strings"
)

// Sources are the texts that ranges point into, by file name.
type Sources map[string][]byte

// Line returns line n (counted from 1) of the file without its line end, or ""
// where there is no such line.
func (s Sources) Line(file string, n int) string {
	text := s[file]
	for range n - 1 {
		_, rest, found := bytes.Cut(text, []byte("\n"))
		if !found {
			return ""
		}
		text = rest
	}
	line, _, _ := bytes.Cut(text, []byte("\n"))
	return strings.TrimSuffix(string(line), "\r")
}

// at returns the line that a range begins in, going by its byte: findings may be
// many and the file large. A range that does not fit the text is looked up by
// its line.
func (s Sources) at(r Range) string {
	text := s[r.File]
	if r.Start.Byte <= 0 || r.Start.Byte > len(text) {
		return s.Line(r.File, r.Start.Line)
	}
	from := bytes.LastIndexByte(text[:r.Start.Byte], '\n') + 1
	line, _, _ := bytes.Cut(text[from:], []byte("\n"))
	if r.Start.Byte-from > longestSnippet {
		return "" // a snippet begins its line, and this one would not show the place
	}
	if len(line) > longestSnippet {
		line = bytes.ToValidUTF8(line[:longestSnippet], nil) // it may cut a character
	}
	return strings.TrimSuffix(string(line), "\r")
}

// longestSnippet bounds snippets, in bytes: a file may be one line of
// megabytes, and every finding has a snippet of its own.
const longestSnippet = 4096

// Fill returns the findings with the snippet of their source line, where they
// have a range and no snippet yet.
func (s Sources) Fill(l List) List {
	out := make(List, len(l))
	for i, d := range l {
		if d.Snippet == "" && d.Range.Start.Line > 0 {
			d.Snippet = s.at(d.Range)
		}
		out[i] = d
	}
	return out
}
