package render

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"

	"github.com/aymanbagabas/go-udiff/lcs"
)

// aroundLines are the unchanged lines shown on either side of a change.
const aroundLines = 3

// diffLine is a line of a diff: op is '+', '-' or ' '.
type diffLine struct {
	op   byte
	text string
}

// policyDiff shows how one policy document becomes another: all of one that is new or
// goes, else statement by statement, each with its Sid and effect. Nothing that changes
// is left out: it is what whoever approves agrees to.
func (p *page) policyDiff(before, after string) {
	b, okBefore := policyOf(before)
	a, okAfter := policyOf(after)
	if !okBefore || !okAfter {
		p.lineDiff(before, after)
		return
	}
	if b.rest != a.rest {
		p.lineDiff(b.rest, a.rest)
	}
	p.statementDiff(b.statements, a.statements)
}

// statementDiff shows the statements that go, then those that come or change in the
// order of the new document.
func (p *page) statementDiff(before, after []statement) {
	from := pairStatements(before, after)
	for i, s := range before {
		if !slices.Contains(from, i) {
			p.line(6, in(bad, s.title(i)))
			p.lineDiff(s.text, "")
		}
	}
	same, ordered := 0, slices.IsSorted(slices.DeleteFunc(slices.Clone(from), func(i int) bool { return i < 0 }))
	for i, s := range after {
		switch {
		case from[i] < 0:
			p.line(6, in(good, s.title(i)))
			p.lineDiff("", s.text)
		case before[from[i]].text == s.text:
			same++
		default:
			p.line(6, say(s.title(i)))
			p.lineDiff(before[from[i]].text, s.text)
		}
	}
	if !ordered {
		p.line(6, dim("# the statements are in another order, which allows and denies the same"))
	}
	if same > 0 {
		p.line(6, dim("# "+counted(same, "unchanged statement", "unchanged statements")))
	}
}

// lineDiff shows how one JSON document becomes another, line by line.
func (p *page) lineDiff(before, after string) {
	for _, l := range diffLines(jsonLines(before), jsonLines(after), aroundLines) {
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
