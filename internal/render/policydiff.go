package render

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
)

const (
	// aroundLines are the unchanged lines shown on either side of a change.
	aroundLines = 3
	// policyLines are shown of one policy at most. AWS takes 10,240 bytes, which
	// is seldom more.
	policyLines = 200
	// alignable bounds the work of a line diff; what is longer is shown as
	// wholly replaced.
	alignable = 2000
)

// diffLine is a line of a diff: op is '+', '-' or ' '.
type diffLine struct {
	op   byte
	text string
}

// policyDiff shows how one policy document becomes another, line by line.
func (p *page) policyDiff(before, after string) {
	lines := elide(diffLines(jsonLines(before), jsonLines(after)))
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

// diffLines returns the shortest way from a to b, deletions before insertions.
func diffLines(a, b []string) []diffLine {
	var front, back []diffLine
	for len(a) > 0 && len(b) > 0 && sameLine(a[0], b[0]) {
		front = append(front, diffLine{' ', b[0]})
		a, b = a[1:], b[1:]
	}
	for len(a) > 0 && len(b) > 0 && sameLine(a[len(a)-1], b[len(b)-1]) {
		back = append(back, diffLine{' ', b[len(b)-1]})
		a, b = a[:len(a)-1], b[:len(b)-1]
	}
	if len(a) > alignable || len(b) > alignable {
		front = append(front, marked('-', a)...)
		front = append(front, marked('+', b)...)
	} else {
		front = append(front, aligned(a, b)...)
	}
	slices.Reverse(back)
	return append(front, back...)
}

// sameLine overlooks the comma at the end: it says only whether another element
// follows.
func sameLine(a, b string) bool {
	return strings.TrimSuffix(a, ",") == strings.TrimSuffix(b, ",")
}

func marked(op byte, lines []string) []diffLine {
	out := make([]diffLine, len(lines))
	for i, l := range lines {
		out[i] = diffLine{op, l}
	}
	return out
}

// aligned walks through the table of longest common subsequences.
func aligned(a, b []string) []diffLine {
	common := make([][]int, len(a)+1)
	for i := range common {
		common[i] = make([]int, len(b)+1)
	}
	for i := len(a) - 1; i >= 0; i-- {
		for j := len(b) - 1; j >= 0; j-- {
			if sameLine(a[i], b[j]) {
				common[i][j] = common[i+1][j+1] + 1
			} else {
				common[i][j] = max(common[i+1][j], common[i][j+1])
			}
		}
	}
	var out []diffLine
	i, j := 0, 0
	for i < len(a) && j < len(b) {
		switch {
		case sameLine(a[i], b[j]):
			out = append(out, diffLine{' ', b[j]})
			i, j = i+1, j+1
		case common[i+1][j] >= common[i][j+1]:
			out = append(out, diffLine{'-', a[i]})
			i++
		default:
			out = append(out, diffLine{'+', b[j]})
			j++
		}
	}
	out = append(out, marked('-', a[i:])...)
	return append(out, marked('+', b[j:])...)
}

// elide leaves out unchanged lines that are far from any change, and says how
// many.
func elide(lines []diffLine) []diffLine {
	keep := make([]bool, len(lines))
	for i, l := range lines {
		if l.op == ' ' {
			continue
		}
		for j := max(i-aroundLines, 0); j < min(i+aroundLines+1, len(lines)); j++ {
			keep[j] = true
		}
	}
	var out []diffLine
	for i := 0; i < len(lines); {
		from := i
		for i < len(lines) && !keep[i] {
			i++
		}
		switch n := i - from; {
		case n > 1:
			out = append(out, diffLine{' ', "# " + counted(n, "unchanged line", "unchanged lines")})
		case n == 1:
			out = append(out, lines[from])
		}
		if i < len(lines) {
			out = append(out, lines[i])
			i++
		}
	}
	return out
}
