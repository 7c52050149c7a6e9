package diag

import "strings"

// Sources are the texts that ranges point into, by file name.
type Sources map[string][]byte

// Line gives line n (counted from 1) of the file without its line end, or ""
// where there is no such line.
func (s Sources) Line(file string, n int) string {
	text := string(s[file])
	for range n - 1 {
		_, rest, found := strings.Cut(text, "\n")
		if !found {
			return ""
		}
		text = rest
	}
	line, _, _ := strings.Cut(text, "\n")
	return strings.TrimSuffix(line, "\r")
}

// Fill gives the findings with the snippet of their source line, where they
// have a range and no snippet yet.
func (s Sources) Fill(l List) List {
	out := make(List, len(l))
	for i, d := range l {
		if d.Snippet == "" && d.Range.Start.Line > 0 {
			d.Snippet = s.Line(d.Range.File, d.Range.Start.Line)
		}
		out[i] = d
	}
	return out
}
