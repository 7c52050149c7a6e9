package config

import (
	"bytes"
	"errors"
	"fmt"
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

// parseHCL returns the body of an HCL text, or nil where it is broken: then the
// finding is reported and nothing in the file counts.
func (l *loader) parseHCL(src []byte, shown string) *hclsyntax.Body {
	if !l.isText(src, shown) {
		return nil
	}
	at, tokens := measure(src, maxNesting)
	if !l.fits(tokens, src, shown) {
		return nil
	}
	if at >= 0 {
		l.reportNesting(src, at, shown)
		return nil
	}
	file, diags := hclsyntax.ParseConfig(src, shown, startOfFile)
	if diags.HasErrors() {
		l.reportSyntax(diags, src, shown)
		return nil
	}
	return file.Body.(*hclsyntax.Body) // what ParseConfig documents
}

// isText refuses what is no UTF-8: hcl's scanner and ours would see other
// tokens in it.
func (l *loader) isText(src []byte, shown string) bool {
	if utf8.Valid(src) {
		return true
	}
	if bytes.HasPrefix(src, []byte("\xff\xfe")) || bytes.HasPrefix(src, []byte("\xfe\xff")) {
		l.reportf(CodeSyntax, startOfLine(src, 0, shown), "Save the file as UTF-8; editors and PowerShell's > offer UTF-16 too.", "the text is UTF-16, not UTF-8")
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
	l.reportf(CodeSyntax, startOfLine(src, valid, shown), "Save the file as UTF-8, without a byte order mark.", "the text is not UTF-8")
	return false
}

// reportSyntax says what hcl did not understand, or, where the line has a
// character that looks like a blank or does not show, that: hcl then points
// anywhere, and nobody can see why.
func (l *loader) reportSyntax(diags hcl.Diagnostics, src []byte, shown string) {
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
			l.reportf(CodeSyntax, place, "Replace it by a plain blank, or remove it.", "the character %s is no blank here", name)
			return
		}
	}
	l.reportHCL(diags, CodeSyntax)
}

// reportNesting says that a text nests too deeply, or, where only a bracket
// that was never closed makes it look so, where that bracket is: the text up
// to the place is safe to parse.
func (l *loader) reportNesting(src []byte, at int, shown string) {
	_, diags := hclsyntax.ParseConfig(src[:at], shown, startOfFile)
	diags = slices.DeleteFunc(diags, func(d *hcl.Diagnostic) bool { return d.Subject == nil || d.Subject.End.Byte >= at })
	if diags.HasErrors() {
		l.reportHCL(diags, CodeSyntax)
		return
	}
	l.reportTooDeep(src, at, shown)
}

func (l *loader) reportTooDeep(src []byte, at int, shown string) {
	l.reportf(CodeTooDeep, startOfLine(src, at, shown), "Simplify the expression on this line.",
		"the text is nested more than %d deep", maxNesting)
}

// startOfLine is the place where the line of an offset begins.
func startOfLine(src []byte, at int, shown string) diag.Range {
	pos := diag.Pos{Line: 1 + bytes.Count(src[:at], []byte("\n")), Column: 1, Byte: bytes.LastIndexByte(src[:at], '\n') + 1}
	return diag.Range{File: shown, Start: pos, End: pos}
}

func (l *loader) parseJSON(src []byte, shown string) hcl.Body {
	if !l.isText(src, shown) {
		return nil
	}
	at, tokens := measureJSON(src)
	if !l.fits(tokens, src, shown) {
		return nil
	}
	if at >= 0 {
		l.reportTooDeep(src, at, shown)
		return nil
	}
	if bytes.HasPrefix(src, []byte("\ufeff")) { // as hcl does for its own syntax
		src = append([]byte("   "), src[3:]...)
	}
	file, diags := json.Parse(src, shown)
	if diags.HasErrors() || file == nil {
		l.reportSyntax(diags, src, shown)
		return nil
	}
	return file.Body
}

func (l *loader) reportHCL(diags hcl.Diagnostics, code diag.Code) {
	for _, d := range diags {
		found := fromHCL(d, code)
		found.Range = l.clamp(found.Range)
		l.found = l.found.With(found)
	}
}

// clamp keeps a place within its file: hcl's JSON parser points behind the end
// of one that is cut off.
func (l *loader) clamp(r diag.Range) diag.Range {
	if src, ok := l.sources[r.File]; ok {
		r.End.Byte = min(r.End.Byte, len(src))
		r.Start.Byte = min(r.Start.Byte, r.End.Byte)
	}
	return r
}

func fromHCL(d *hcl.Diagnostic, code diag.Code) diag.Diagnostic {
	out := diag.Diagnostic{Severity: diag.Error, Code: code, Summary: lowerFirst(d.Summary), Detail: d.Detail}
	if d.Severity == hcl.DiagWarning {
		out.Severity = diag.Warning
	}
	if d.Subject != nil {
		out.Range = fromRange(*d.Subject)
	}
	extra, isCall := hcl.DiagnosticExtra[hclsyntax.FunctionCallDiagExtra](d)
	switch {
	case isCall && errors.Is(extra.FunctionCallError(), errTooMuch):
		out.Code, out.Hint = CodeTooMuch, "Check what it is made of for a list or text that multiplies itself."
	case code == CodeEvaluation && constantsOnly(d):
		out.Code = CodeNotConstant
		out.Hint = "This file takes constants only, as in Terraform: write the value out, or move the config into the locals of an inputs.hcl."
	case code == CodeSyntax:
		out.Hint = "Correct the syntax here; nothing in this file was used."
	default:
		out.Hint = "Correct the expression; access depends on it."
	}
	return out
}

// constantsOnly says that a name or a call was refused because the file has nothing
// to name and nothing to call.
func constantsOnly(d *hcl.Diagnostic) bool {
	var offers func(*hcl.EvalContext) bool
	switch d.Expression.(type) {
	case *hclsyntax.ScopeTraversalExpr:
		offers = func(c *hcl.EvalContext) bool { return c.Variables != nil }
	case *hclsyntax.FunctionCallExpr:
		offers = func(c *hcl.EvalContext) bool { return c.Functions != nil }
	default:
		return false
	}
	for c := d.EvalContext; c != nil; c = c.Parent() {
		if offers(c) {
			return false
		}
	}
	return true
}

func lowerFirst(s string) string {
	if len(s) > 1 && s[1] >= 'a' && s[1] <= 'z' {
		return strings.ToLower(s[:1]) + s[1:]
	}
	return s
}

func fromRange(r hcl.Range) diag.Range {
	return diag.Range{File: r.Filename, Start: fromPos(r.Start), End: fromPos(r.End)}
}

func fromPos(p hcl.Pos) diag.Pos { return diag.Pos{Line: p.Line, Column: p.Column, Byte: p.Byte} }

// entry is one top-level key of a config.
type entry struct {
	name string
	at   diag.Range
	node node
	// computed says that the key was not written as a literal where the inputs
	// are, so it may well be meant for another module.
	computed bool
}

// tfvars returns the keys of a *.tfvars text.
func (l *loader) tfvars(src []byte, shown string) ([]entry, bool) {
	body := l.parseHCL(src, shown)
	if body == nil {
		return nil, false
	}
	for _, b := range body.Blocks {
		l.reportf(CodeMisplacedKey, fromRange(b.TypeRange), l.blockHint(b.Type), "a block %q has no place in a .tfvars file", b.Type)
	}
	return sortedEntries(body.Attributes, nil), true
}

func (l *loader) blockHint(name string) string {
	if l.top.has(name) {
		return fmt.Sprintf("Write it as a value: %s = [ ... ]", name)
	}
	if name == "locals" {
		return "Locals belong into a file called inputs.hcl; a .tfvars file has the keys at its top level."
	}
	return "Remove it; settings of the tool belong into rolecall.hcl."
}

func sortedEntries(attrs hclsyntax.Attributes, s *scope) []entry {
	out := make([]entry, 0, len(attrs))
	for _, a := range attrs {
		out = append(out, entry{name: a.Name, at: fromRange(a.NameRange), node: node{expr: a.Expr, scope: s}})
	}
	slices.SortFunc(out, func(a, b entry) int { return a.at.Start.Byte - b.at.Start.Byte })
	return out
}

// tfvarsJSON returns the keys of a *.tfvars.json text.
func (l *loader) tfvarsJSON(src []byte, shown string) ([]entry, bool) {
	body := l.parseJSON(src, shown)
	if body == nil {
		return nil, false
	}
	attrs, diags := body.JustAttributes()
	l.reportHCL(diags, CodeSyntax)
	out := make([]entry, 0, len(attrs))
	for _, a := range attrs {
		out = append(out, entry{name: a.Name, at: fromRange(a.NameRange), node: node{expr: a.Expr}})
	}
	slices.SortFunc(out, func(a, b entry) int { return a.at.Start.Byte - b.at.Start.Byte })
	return out, !diags.HasErrors()
}
