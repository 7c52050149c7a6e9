package config

import (
	"fmt"
	"slices"
	"strings"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/diag"
	"github.com/rolecall-dev/rolecall/internal/names"
)

// LintDoc documents one lint for people.
type LintDoc struct {
	diag.CodeDoc
	Key     string // what sets it in the block lints of rolecall.hcl
	Default string // "warning", or "off until `key` is set"
	Keys    []KeyDoc
	Example string // a line of the block lints
}

// LintDocs gives every lint, in the order in which docs/lints.md has them.
func LintDocs() []LintDoc {
	codes := access.LintCodes()
	out := make([]LintDoc, len(codes))
	for i, kind := range lintKinds() {
		at := slices.IndexFunc(codes, func(c diag.CodeDoc) bool { return c.Code == kind.code })
		out[i] = LintDoc{CodeDoc: codes[at], Key: kind.key(), Default: "warning", Keys: kind.docs, Example: kind.example()}
		if kind.needs != "" {
			out[i].Default = fmt.Sprintf("off until `%s` is set", kind.needs)
		}
	}
	return out
}

// lintKind is one lint as rolecall.hcl sets it: by a severity alone, or by an
// object of its keys.
type lintKind struct {
	code  diag.Code
	docs  []KeyDoc
	needs string // the key without which the lint finds nothing
	set   string // an example of what sets it
	read  func(l *loader, n node, out *access.Lints)
}

func (k lintKind) key() string { return access.LintKey(k.code) }

// lintSettings makes a lintKind of a lint's settings, which are a T.
type lintSettings[T any] struct {
	code       diag.Code
	needs, set string // as in lintKind
	at         func(*access.Lints) *T
	severity   func(*T) *text
	whole      func(*T) bool // it has what it needs; nil: it needs nothing
	keys       []key[T]      // beside severity
}

func (s lintSettings[T]) kind() lintKind {
	keys := append([]key[T]{textKey(severityDoc(), s.severity)}, s.keys...)
	kind := lintKind{code: s.code, needs: s.needs, set: s.set, docs: docsOf(keys)}
	object := newObject(fmt.Sprintf("the lint %q", kind.key()), keys, nil)
	kind.read = func(l *loader, n node, lints *access.Lints) {
		out := s.at(lints)
		l.readLint(n, kind, s.severity(out), func(fields []field) { object.readFields(l, fields, out) })
		if s.whole != nil && !s.whole(out) && s.severity(out).Value != "off" && !l.reportedWithin(n.place()) {
			l.reportf(CodeBadSetting, n.place(), fmt.Sprintf("Write %s.", kind.example()), "the lint %q needs %s to find anything", kind.key(), kind.needs)
		}
	}
	return kind
}

func docsOf[T any](keys []key[T]) []KeyDoc {
	out := make([]KeyDoc, len(keys))
	for i, k := range keys {
		out[i] = k.doc
	}
	return out
}

func severityDoc() KeyDoc {
	return KeyDoc{Path: "severity", Type: "string", Default: "warning", Meaning: "How it reports: `off`, `warning` or `error`."}
}

// readLint reads one lint: its severity, or an object.
func (l *loader) readLint(n node, kind lintKind, severity *text, fields func([]field)) {
	if _, ok := l.text(n); ok {
		*severity = l.readText(n, kind.key())
	} else if members, ok := l.members(n); ok {
		fields(members)
	} else {
		l.wrongType(n, "", kind.key(), "off, warning, error or an object")
	}
	if severity.Value != "" && !slices.Contains([]string{"off", "warning", "error"}, severity.Value) {
		l.reportf(CodeBadSetting, severity.Range, lintHint(severity.Value), "a lint cannot be %q", severity.Value)
	}
}

func lintHint(severity string) string {
	return names.DidYouMean(names.Nearest(severity, []string{"off", "warning", "error"}), "Use off, warning or error.")
}

// reportedWithin says whether something at or within the place is reported.
func (l *loader) reportedWithin(at diag.Range) bool {
	return slices.ContainsFunc(l.found, func(d diag.Diagnostic) bool {
		return d.Range.File == at.File && d.Range.Start.Byte >= at.Start.Byte && d.Range.End.Byte <= at.End.Byte
	})
}

// example gives the least that sets the lint.
func (k lintKind) example() string {
	return fmt.Sprintf("%s = { %s }", k.key(), k.set)
}

// readLints reads the block lints.
func (l *loader) readLints(fields []field, out *access.Lints) {
	kinds := map[string]lintKind{}
	var known []string
	for _, k := range lintKinds() {
		kinds[k.key()] = k
		known = append(known, k.key())
	}
	for _, f := range fields {
		kind, ok := kinds[f.name]
		if !ok {
			l.unknownLint(f, known)
			continue
		}
		if n := l.settle(f.node); !n.broken() && !l.null(n) {
			kind.read(l, n, out)
		}
	}
}

func (l *loader) unknownLint(f field, known []string) {
	hint := names.DidYouMean(names.Nearest(strings.ReplaceAll(f.name, "-", "_"), known), "docs/lints.md lists them: "+strings.Join(known, ", ")+".")
	l.reportf(CodeUnknownKey, f.at, hint, "there is no lint %q", f.name)
}
