package source

import (
	"bytes"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/hashicorp/hcl/v2/json"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/diag"
)

var startOfFile = hcl.Pos{Line: 1, Column: 1}

// ParseHCL returns the body of an HCL text, or nil where it is broken: then the
// finding is reported and nothing in the file counts.
func (r *Reader) ParseHCL(src []byte, shown string) *hclsyntax.Body {
	deepAt, ok := r.scan(src, shown, measure)
	if !ok {
		return nil
	}
	if deepAt >= 0 {
		r.reportNesting(src, deepAt, shown)
		return nil
	}
	file, diags := hclsyntax.ParseConfig(src, shown, startOfFile)
	if diags.HasErrors() {
		r.reportSyntax(diags, src, shown)
		return nil
	}
	return file.Body.(*hclsyntax.Body) // what ParseConfig documents
}

// ParseJSON is ParseHCL of a JSON text.
func (r *Reader) ParseJSON(src []byte, shown string) hcl.Body {
	deepAt, ok := r.scan(src, shown, measureJSON)
	if !ok {
		return nil
	}
	if deepAt >= 0 {
		r.reportTooDeep(src, deepAt, shown)
		return nil
	}
	if bytes.HasPrefix(src, []byte("\ufeff")) { // as hcl does for its own syntax
		src = append([]byte("   "), src[3:]...)
	}
	file, diags := json.Parse(src, shown)
	if diags.HasErrors() || file == nil {
		r.reportSyntax(diags, src, shown)
		return nil
	}
	return file.Body
}

// scan looks at a text before it is parsed. It returns the offset at which the
// text nests too deeply, or -1; false where that does not matter any more.
func (r *Reader) scan(src []byte, shown string, measure func(src []byte, limit int) (deepAt, tokens int)) (int, bool) {
	if !r.isText(src, shown) {
		return 0, false
	}
	deepAt, tokens := measure(src, maxNesting)
	return deepAt, r.fits(tokens, src, shown)
}

// isText refuses what is no UTF-8: hcl's scanner and ours would see other
// tokens in it.
func (r *Reader) isText(src []byte, shown string) bool {
	if utf8.Valid(src) {
		return true
	}
	if bytes.HasPrefix(src, []byte("\xff\xfe")) || bytes.HasPrefix(src, []byte("\xfe\xff")) {
		r.Reportf(CodeSyntax, startOfLine(src, 0, shown), "Save the file as UTF-8; editors and PowerShell's > offer UTF-16 too.", "the text is UTF-16, not UTF-8")
		return false
	}
	valid := 0
	for valid < len(src) {
		r, size := utf8.DecodeRune(src[valid:])
		if r == utf8.RuneError && size == 1 {
			break
		}
		valid += size
	}
	r.Reportf(CodeSyntax, startOfLine(src, valid, shown), "Save the file as UTF-8, without a byte order mark.", "the text is not UTF-8")
	return false
}

// reportSyntax says what hcl did not understand, or, where the line has a
// character that looks like a blank or does not show, that: hcl then points
// anywhere, and nobody can see why.
func (r *Reader) reportSyntax(diags hcl.Diagnostics, src []byte, shown string) {
	for _, d := range diags {
		if d.Subject == nil {
			continue
		}
		from := bytes.LastIndexByte(src[:min(d.Subject.Start.Byte, len(src))], '\n') + 1
		line, _, _ := bytes.Cut(src[from:], []byte("\n"))
		if at, name, ok := access.Unseen(string(line)); ok {
			place := startOfLine(src, from, shown)
			place.Start = diag.Pos{Line: place.Start.Line, Column: 1 + utf8.RuneCount(line[:at]), Byte: from + at}
			_, size := utf8.DecodeRune(line[at:])
			place.End = diag.Pos{Line: place.Start.Line, Column: place.Start.Column + 1, Byte: from + at + size}
			r.Reportf(CodeSyntax, place, "Replace it with a plain space, or remove it.", "the character %s is not a space here", name)
			return
		}
	}
	r.ReportSyntax(diags)
}

// reportNesting says that a text nests too deeply, or, where only a bracket
// that was never closed makes it look so, where that bracket is: the text up
// to the place is safe to parse.
func (r *Reader) reportNesting(src []byte, at int, shown string) {
	_, diags := hclsyntax.ParseConfig(src[:at], shown, startOfFile)
	diags = slices.DeleteFunc(diags, func(d *hcl.Diagnostic) bool { return d.Subject == nil || d.Subject.End.Byte >= at })
	if diags.HasErrors() {
		r.ReportSyntax(diags)
		return
	}
	r.reportTooDeep(src, at, shown)
}

func (r *Reader) reportTooDeep(src []byte, at int, shown string) {
	r.Reportf(CodeTooDeep, startOfLine(src, at, shown), "Simplify the expression on this line.",
		"the text is nested more than %d deep", maxNesting)
}

// startOfLine is the place where the line of an offset begins.
func startOfLine(src []byte, at int, shown string) diag.Range {
	pos := diag.Pos{Line: 1 + bytes.Count(src[:at], []byte("\n")), Column: 1, Byte: bytes.LastIndexByte(src[:at], '\n') + 1}
	return diag.Range{File: shown, Start: pos, End: pos}
}

// ReportSyntax reports what hcl says of a text.
func (r *Reader) ReportSyntax(diags hcl.Diagnostics) {
	for _, d := range diags {
		r.ReportHCL(d, CodeSyntax, "Correct the syntax here; nothing in this file was used.")
	}
}

// ReportHCL reports a finding of hcl's, in its words.
func (r *Reader) ReportHCL(d *hcl.Diagnostic, code diag.Code, hint string) {
	out := diag.Diagnostic{Severity: diag.Error, Code: code, Summary: lowerFirst(d.Summary), Detail: d.Detail, Hint: hint}
	if d.Severity == hcl.DiagWarning {
		out.Severity = diag.Warning
	}
	if d.Subject != nil {
		out.Range = Range(*d.Subject)
	}
	if src, ok := r.Sources[out.Range.File]; ok { // hcl's JSON parser points behind the end of a text that is cut off
		out.Range.End.Byte = min(out.Range.End.Byte, len(src))
		out.Range.Start.Byte = min(out.Range.Start.Byte, out.Range.End.Byte)
	}
	r.Found = r.Found.With(out)
}

func lowerFirst(s string) string {
	if len(s) > 1 && s[1] >= 'a' && s[1] <= 'z' {
		return strings.ToLower(s[:1]) + s[1:]
	}
	return s
}

// Range returns a place of hcl's as one of a finding.
func Range(r hcl.Range) diag.Range {
	return diag.Range{File: r.Filename, Start: fromPos(r.Start), End: fromPos(r.End)}
}

func fromPos(p hcl.Pos) diag.Pos { return diag.Pos{Line: p.Line, Column: p.Column, Byte: p.Byte} }
