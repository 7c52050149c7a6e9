package render

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"

	"github.com/aymanbagabas/go-udiff/lcs"
)

const (
	// aroundLines are the unchanged lines shown on either side of a change.
	aroundLines = 3
	// policyLines are shown of one policy at most. AWS takes 10,240 bytes, which
	// is seldom more.
	policyLines = 200
)

// diffLine is a line of a diff: op is '+', '-' or ' '.
type diffLine struct {
	op   byte
	text string
}

// policyDiff shows how one policy document becomes another, line by line.
func (p *page) policyDiff(before, after string) {
	lines := diffLines(jsonLines(before), jsonLines(after), aroundLines)
	for i, l := range lines {
		if i == policyLines {
			p.more(6, len(lines)-i)
			return
		}
		switch l.op {
		case '+':
			p.line(6, in(good, "+ "+l.text))
		case '-':
			p.line(6, in(bad, "- "+l.text))
		default:
			p.line(6, dim("  "+l.text))
		}
	}
}

// jsonLines returns a document indented, or as it is where it is no JSON.
func jsonLines(document string) []string {
	if document == "" {
		return nil
	}
	var b bytes.Buffer
	if json.Indent(&b, []byte(document), "", "  ") != nil {
		return strings.Split(document, "\n")
	}
	return strings.Split(b.String(), "\n")
}

// diffLines returns the changes that lead from a to b, deletions before insertions,
// with so many unchanged lines around each.
func diffLines(a, b []string, around int) []diffLine {
	var out []diffLine
	same, before := 0, 0 // where unchanged lines begin in b, and how many of them follow a change
	for _, d := range lcs.DiffLines(withoutCommas(a), withoutCommas(b)) {
		out = append(out, unchanged(b[same:d.ReplStart], before, around)...)
		out = append(out, marked('-', a[d.Start:d.End])...)
		out = append(out, marked('+', b[d.ReplStart:d.ReplEnd])...)
		same, before = d.ReplEnd, around
	}
	return append(out, unchanged(b[same:], before, 0)...)
}

// withoutCommas leaves out the comma at the end of lines: it says only whether another
// element follows.
func withoutCommas(lines []string) []string {
	out := make([]string, len(lines))
	for i, l := range lines {
		out[i] = strings.TrimSuffix(l, ",")
	}
	return out
}

// unchanged returns the first and the last of unchanged lines, and how many are left
// out between them.
func unchanged(lines []string, first, last int) []diffLine {
	out := marked(' ', lines)
	between := len(lines) - first - last
	if between <= 1 {
		return out
	}
	left := diffLine{' ', "# " + counted(between, "unchanged line", "unchanged lines")}
	return slices.Replace(out, first, first+between, left)
}

func marked(op byte, lines []string) []diffLine {
	out := make([]diffLine, len(lines))
	for i, l := range lines {
		out[i] = diffLine{op, l}
	}
	return out
}
