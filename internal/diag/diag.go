// Package diag holds everything rolecall ever tells a user about a problem:
// what is wrong, where, why, and what to do in which system.
//
// It promises one type for all of it, so that the same finding reads the same
// in a terminal, in JSON and in Terraform. It knows nothing of HCL, AWS or
// terminals; rendering lives in internal/render.
package diag

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Severity says whether work can go on.
type Severity string

// The severities, from the one that stops the work to the one that informs.
const (
	Error   Severity = "error"
	Warning Severity = "warning"
	Note    Severity = "note"
)

// Pos is a place in a source file. Line and Column count from 1; Column counts
// characters as a person sees them; Byte counts from 0.
type Pos struct {
	Line   int `json:"line"`
	Column int `json:"column"`
	Byte   int `json:"byte"`
}

// Range is a stretch of a source file; End is exclusive.
type Range struct {
	File  string `json:"file"`
	Start Pos    `json:"start"`
	End   Pos    `json:"end"`
}

// String returns "file:line:column", the form editors and terminals link.
func (r Range) String() string {
	if r.Start.Line == 0 {
		return r.File
	}
	return fmt.Sprintf("%s:%d:%d", r.File, r.Start.Line, r.Start.Column)
}

// IsZero says that the range names no place.
func (r Range) IsZero() bool { return r == Range{} }

// Evidence is something that was looked at to reach a finding: a call to a
// system and what it answered.
type Evidence struct {
	System string `json:"system"`         // "AWS IAM Identity Center", "Okta", "config"
	What   string `json:"what"`           // the call or the place
	Saw    string `json:"saw"`            // what it answered
	ID     string `json:"id,omitempty"`   // request id, where there is one
	When   string `json:"when,omitempty"` // RFC 3339, where time matters
}

// Diagnostic is one finding.
type Diagnostic struct {
	Severity Severity `json:"severity"`
	// ID is short and made of the content, so that a person can agree to exactly
	// this finding; "" where nothing asks for consent.
	ID string `json:"id,omitempty"`
	// Code is stable and listed in docs/diagnostics.md.
	Code    Code   `json:"code"`
	Summary string `json:"summary"`
	// Detail says why; Hint says what to do, and in which system.
	Detail string `json:"detail,omitempty"`
	Hint   string `json:"hint,omitempty"`
	Range  Range  `json:"range,omitzero"`
	// Related are other places that belong to the finding, such as the first
	// of two groups with one name.
	Related []Range `json:"related,omitempty"`
	// Snippet is the source line at Range.Start, without its line end.
	Snippet  string     `json:"snippet,omitempty"`
	Evidence []Evidence `json:"evidence,omitempty"`
	// Subject is what the finding is about, and Remedy what to do, for code. Blocks
	// says that what depends on it is left out unless somebody agrees.
	Subject Subject `json:"-"`
	Remedy  Remedy  `json:"-"`
	Blocks  bool    `json:"-"`
}

// Error returns the finding in one line, so that a Diagnostic can travel as an
// error through code that has no list to add to.
func (d Diagnostic) Error() string {
	var b strings.Builder
	if !d.Range.IsZero() {
		b.WriteString(d.Range.String())
		b.WriteString(": ")
	}
	b.WriteString(d.Summary)
	if d.Detail != "" {
		b.WriteString(": ")
		b.WriteString(d.Detail)
	}
	return b.String()
}

// Same says that two findings are one, wherever each was found.
func (d Diagnostic) Same(other Diagnostic) bool {
	return d.Code == other.Code && d.Summary == other.Summary
}

// List is all findings of one piece of work.
type List []Diagnostic

// HasErrors says whether any finding stops the work.
func (l List) HasErrors() bool {
	return slices.ContainsFunc(l, func(d Diagnostic) bool { return d.Severity == Error })
}

// Count says how many findings have the severity.
func (l List) Count(s Severity) int {
	n := 0
	for _, d := range l {
		if d.Severity == s {
			n++
		}
	}
	return n
}

// Sorted returns the findings in the order of a reader: by file and place, what
// has no place last, errors before warnings at one place. The receiver is left
// as it is.
func (l List) Sorted() List {
	out := slices.Clone(l)
	slices.SortStableFunc(out, compare)
	return out
}

func compare(a, b Diagnostic) int {
	return cmp.Or(
		compareBool(a.Range.IsZero(), b.Range.IsZero()),
		cmp.Compare(a.Range.File, b.Range.File),
		cmp.Compare(a.Range.Start.Byte, b.Range.Start.Byte),
		cmp.Compare(rank(a.Severity), rank(b.Severity)),
		cmp.Compare(a.Code, b.Code),
	)
}

func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	default:
		return 1
	}
}

func rank(s Severity) int {
	return slices.Index([]Severity{Error, Warning, Note}, s)
}

// Err returns the list as one error, or nil where nothing stops the work.
func (l List) Err() error {
	if !l.HasErrors() {
		return nil
	}
	return listError{l}
}

type listError struct{ list List }

func (e listError) Error() string {
	lines := make([]string, 0, len(e.list))
	for _, d := range e.list.Sorted() {
		if d.Severity == Error {
			lines = append(lines, d.Error())
		}
	}
	return strings.Join(lines, "\n")
}

// FromError finds the findings that an error carries: those of List.Err, or a
// Diagnostic that traveled as an error. It returns nil where there are none.
func FromError(err error) List {
	var le listError
	if errors.As(err, &le) {
		return le.list
	}
	var d Diagnostic
	if errors.As(err, &d) {
		return List{d}
	}
	return nil
}
