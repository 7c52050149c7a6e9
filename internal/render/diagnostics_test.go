package render_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"unicode"

	"charm.land/lipgloss/v2"
	"pgregory.net/rapid"

	"github.com/rolecall-dev/rolecall/internal/config"
	"github.com/rolecall-dev/rolecall/internal/diag"
	"github.com/rolecall-dev/rolecall/internal/render"
)

// at returns the range of a text in a source.
func at(t testing.TB, sources diag.Sources, name, text string) diag.Range {
	t.Helper()
	source := string(sources[name])
	from := strings.Index(source, text)
	if from < 0 {
		t.Fatalf("%s has no %q", name, text)
	}
	return diag.Range{File: name, Start: position(source, from), End: position(source, from+len(text))}
}

func position(source string, at int) diag.Pos {
	line := source[strings.LastIndexByte(source[:at], '\n')+1 : at]
	return diag.Pos{Line: 1 + strings.Count(source[:at], "\n"), Column: 1 + len([]rune(line)), Byte: at}
}

func TestDiagnostics(t *testing.T) {
	sources := diag.Sources{
		"access.tfvars": []byte("access_groups = [\n\t{\n\t\tname = \"AWS-Ops\"\r\n\t\tdescription =\t\"日本の運用\", session_duration = \"PT13H\"\n\t},\n  { name = \"AWS-Ops\" },\n]\n"),
		"one.json":      []byte(`{"x":"` + strings.Repeat("é日", 4000) + `","session_duration":"PT99H","y":"` + strings.Repeat("z", 9000) + `"}`),
	}
	list := diag.List{
		{Severity: diag.Warning, Code: "a.b", Summary: "no place at all"},
		{Severity: diag.Error, Code: "a.b", Summary: `group "AWS-Ops" is defined twice, and the two differ in a way that takes more than one line to say`,
			Detail: "AWS has one group of a name.\nThe second is ignored by nobody.", Hint: "give one of them another name; whoever reads `rolecall plan` then sees both of them, each with its own access",
			Range: at(t, sources, "access.tfvars", `{ name = "AWS-Ops" }`), Related: []diag.Range{at(t, sources, "access.tfvars", `"AWS-Ops"`), {File: "gone.tfvars", Start: diag.Pos{Line: 3, Column: 1}}}},
		{Severity: diag.Error, Code: "a.b", Summary: "too long", Range: at(t, sources, "access.tfvars", `"PT13H"`)},
		{Severity: diag.Note, Code: "a.b", Summary: "wide", Range: at(t, sources, "access.tfvars", `"日本の運用"`)},
		{Severity: diag.Error, Code: "a.b", Summary: "in a long line", Range: at(t, sources, "one.json", `"PT99H"`)},
		{Severity: diag.Error, Code: "a.b", Summary: "over several lines", Range: at(t, sources, "access.tfvars", "{\n\t\tname = \"AWS-Ops\"\r\n")},
		{Severity: diag.Error, Code: "a.b", Summary: "only a snippet", Snippet: "  cafe\u0301 = \"x\" # é",
			Range: diag.Range{File: "elsewhere.tfvars", Start: diag.Pos{Line: 7, Column: 10, Byte: 90}, End: diag.Pos{Line: 7, Column: 13, Byte: 93}}},
		{Severity: diag.Error, Code: "a.b", Summary: "AWS refused", Hint: "ask\x1b[31m an administrator\u202e",
			Evidence: []diag.Evidence{{System: "AWS IAM Identity Center", What: "DescribePermissionSet", Saw: "AccessDeniedException", ID: "9f1c", When: "2026-01-02T03:04:05Z"}}},
	}
	golden(t, "diagnostics.txt", written(t, func(b *bytes.Buffer) error { return render.Diagnostics(b, list, sources, terminal) }))
	golden(t, "diagnostics-color.txt", written(t, func(b *bytes.Buffer) error {
		return render.Diagnostics(b, list[1:3], sources, render.Style{Color: true, Width: 80})
	}))
	if got := written(t, func(b *bytes.Buffer) error { return render.Diagnostics(b, nil, sources, terminal) }); len(got) > 0 {
		t.Errorf("an empty list gives %q", got)
	}
}

// TestUnderlineStandsUnderItsText finds the caret of every finding that a
// config with mistakes gives.
func TestUnderlineStandsUnderItsText(t *testing.T) {
	res, found := config.Validate("../../testdata/config/names", config.Options{})
	if len(found) == 0 {
		t.Fatal("no findings")
	}
	for _, d := range found {
		if d.Range.Start.Line == 0 || d.Range.End.Line != d.Range.Start.Line {
			continue
		}
		for _, sources := range []diag.Sources{res.Sources, nil} {
			out := string(written(t, func(b *bytes.Buffer) error { return render.Diagnostics(b, diag.List{d}, sources, file) }))
			want := string(res.Sources[d.Range.File][d.Range.Start.Byte:d.Range.End.Byte])
			if got := underlined(out); plainText(want) && got != want {
				t.Errorf("underlines %q instead of %q:\n%s", got, want, out)
			}
		}
	}
}

// plainText says that a text stands in a terminal as it is written.
func plainText(s string) bool {
	return len(s) < 80 && !strings.ContainsFunc(s, func(r rune) bool { return r > 127 || !unicode.IsPrint(r) })
}

func underlined(out string) string {
	lines := strings.Split(out, "\n")
	for i, l := range lines {
		if from := strings.IndexByte(l, '^'); from >= 0 && i > 0 {
			to := strings.LastIndexByte(l, '^') + 1
			above := []rune(lines[i-1])
			if to <= len(above) {
				return string(above[from:to])
			}
		}
	}
	return ""
}

// TestNothingSteersTheTerminal: whatever stands in a name or in a source, the
// output has no control character, and color changes nothing but color.
func TestNothingSteersTheTerminal(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		text := rapid.StringOfN(rapid.OneOf(rapid.Rune(), rapid.SampledFrom([]rune("\x1b\t\r\n\u202e\u200b\u009b 日e\u0301"))), 0, 300, -1)
		source := text.Draw(rt, "source")
		from := rapid.IntRange(0, len(source)).Draw(rt, "from")
		to := rapid.IntRange(from, len(source)).Draw(rt, "to")
		d := diag.Diagnostic{Severity: diag.Error, Summary: text.Draw(rt, "summary"), Detail: text.Draw(rt, "detail"), Hint: text.Draw(rt, "hint"),
			Range: diag.Range{File: "a", Start: position(source, from), End: position(source, to)}}
		width := rapid.SampledFrom([]int{0, 1, 40, 80}).Draw(rt, "width")
		for _, sources := range []diag.Sources{{"a": []byte(source)}, nil} {
			d.Snippet = source
			out := string(written(t, func(b *bytes.Buffer) error {
				return render.Diagnostics(b, diag.List{d}, sources, render.Style{Width: width})
			}))
			if strings.ContainsFunc(out, func(r rune) bool { return r != '\n' && unicode.IsControl(r) || r == '\u202e' || r == '\u200b' }) {
				rt.Fatalf("%q", out)
			}
			if n := widestLine(out); strings.Contains(out, " | ") && n > 600 {
				rt.Fatalf("a line of %d columns", n)
			}
		}
	})
}

func widestLine(out string) int {
	n := 0
	for line := range strings.Lines(out) {
		if strings.Contains(line, " | ") {
			n = max(n, lipgloss.Width(line))
		}
	}
	return n
}

// Of very many findings those are shown that anybody reads, errors first, and how
// many more there are; and a line of megabytes costs each of them little.
func TestVeryManyFindings(t *testing.T) {
	line := strings.Repeat("a, ", 1<<20)
	var list diag.List
	for i := range 50_000 {
		d := diag.Diagnostic{Severity: diag.Warning, Code: "x.y", Summary: fmt.Sprintf("warning %d", i), Range: diag.Range{File: "f", Start: diag.Pos{Line: 1, Column: 3*i + 1, Byte: 3 * i}, End: diag.Pos{Line: 1, Column: 3*i + 2, Byte: 3*i + 1}}}
		if i == 49_999 {
			d.Severity, d.Summary = diag.Error, "the error"
		}
		list = append(list, d)
	}
	var b strings.Builder
	if err := render.Diagnostics(&b, list, diag.Sources{"f": []byte(line)}, render.Style{Width: 80}); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(b.String(), "the error") || !strings.Contains(b.String(), "And 49,000 more") || strings.Count(b.String(), "warning ") > 1000+2 {
		t.Errorf("%d bytes: %s", b.Len(), b.String()[max(0, b.Len()-300):])
	}
}
