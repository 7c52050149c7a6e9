package config

import (
	"maps"
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"

	"github.com/rolecall-dev/rolecall/internal/diag"
)

// scope is one Terragrunt file: its locals are the names that its expressions
// can use. A local is evaluated when something reaches it, and once.
type scope struct {
	name   string // within the folder
	shown  string
	body   *hclsyntax.Body
	locals map[string]*local
	inputs *local // the attribute `inputs`, or nil
	// inputNames are the names in inputs, once they have been evaluated.
	inputNames []string
	functions  map[string]function.Function
}

type local struct {
	name    string
	at      diag.Range
	scope   *scope
	expr    hclsyntax.Expression
	busy    bool // being resolved: meeting it again is a cycle
	done    bool
	ok      bool
	val     cty.Value
	settled *node // what it is, once something has asked for that

	// why has the findings of a local that cannot be resolved. They are given
	// again to whoever asks again: the first to ask may not have needed it.
	why diag.List
}

// scopeOf reads a Terragrunt file of the folder, once. It returns nil where the
// file is broken, which is reported.
func (l *loader) scopeOf(name string, src []byte) *scope {
	shown := l.folder.name(name)
	body := l.parseHCL(src, shown)
	if body == nil {
		l.scopes[name] = nil
		return nil
	}
	s := &scope{name: name, shown: shown, body: body, locals: map[string]*local{}}
	l.scopes[name] = s
	for _, b := range body.Blocks {
		if b.Type != "locals" {
			continue
		}
		for _, e := range sortedEntries(b.Body.Attributes, s) {
			l.addLocal(s, e)
		}
		for _, inner := range b.Body.Blocks {
			l.reportf(CodeMisplacedKey, fromRange(inner.TypeRange), l.blockHint(inner.Type), "a block %q has no place in locals", inner.Type)
		}
	}
	if a := body.Attributes["inputs"]; a != nil {
		s.inputs = &local{name: "inputs", at: fromRange(a.NameRange), scope: s, expr: a.Expr}
	}
	return s
}

func (l *loader) addLocal(s *scope, e entry) {
	if first := s.locals[e.name]; first != nil {
		l.duplicate(e.name, e.at, first.at)
		return
	}
	s.locals[e.name] = &local{name: e.name, at: e.at, scope: s, expr: e.node.expr.(hclsyntax.Expression)}
}

func (l *loader) duplicate(name string, at, first diag.Range) {
	l.report(diag.Diagnostic{Code: CodeDuplicateKey, Range: at, Related: []diag.Range{first},
		Summary: "the key \"" + name + "\" is set twice", Detail: "It is first set at " + first.String() + ".",
		Hint: "Keep one of the two; which one counts would be a guess."})
}

// readScopes returns the files that were read and are whole, by name.
func (l *loader) readScopes() []*scope {
	var out []*scope
	for _, name := range slices.Sorted(maps.Keys(l.scopes)) {
		if s := l.scopes[name]; s != nil {
			out = append(out, s)
		}
	}
	return out
}

// members returns all locals in the order in which they are written.
func (s *scope) members() []field {
	out := make([]field, 0, len(s.locals))
	for _, lo := range s.locals {
		out = append(out, field{name: lo.name, at: lo.at, node: lo.node()})
	}
	slices.SortFunc(out, func(a, b field) int { return a.at.Start.Byte - b.at.Start.Byte })
	return out
}

func (lo *local) node() node { return node{expr: lo.expr, scope: lo.scope} }

// enter marks a local as being resolved; false means that it already is.
func (l *loader) enter(lo *local) bool {
	if !lo.busy {
		lo.busy = true
		return true
	}
	var circle []diag.Range
	for _, s := range l.readScopes() {
		for _, other := range s.locals {
			if other.busy && other != lo {
				circle = append(circle, other.at)
			}
		}
	}
	slices.SortFunc(circle, func(a, b diag.Range) int { return a.Start.Byte - b.Start.Byte })
	l.report(diag.Diagnostic{Code: CodeCycle, Range: lo.at, Related: circle,
		Summary: "the local \"" + lo.name + "\" depends on itself", Hint: "Break the circle: let one of these locals be written out."})
	return false
}

// localValue evaluates a local, once. The value has the marks of where it comes
// from.
func (l *loader) localValue(lo *local) (cty.Value, bool) {
	if lo.done {
		l.again(lo)
		return lo.val, lo.ok
	}
	if !l.enter(lo) {
		return cty.DynamicVal, false
	}
	before := len(l.found)
	lo.val, lo.ok = l.marked(lo.expr, lo.scope)
	lo.busy, lo.done = false, true
	if lo.ok && !within(lo.val, maxParts) {
		lo.ok = false
		l.reportTooMuch(lo)
	}
	if !lo.ok {
		lo.why = append(lo.why, l.found[before:]...)
	}
	return lo.val, lo.ok
}

// again reports why a local cannot be resolved, unless that is reported.
func (l *loader) again(lo *local) {
	for _, d := range lo.why {
		if l.found.Full() {
			return
		}
		if !slices.ContainsFunc(l.found, func(f diag.Diagnostic) bool {
			return f.Range == d.Range && f.Same(d)
		}) {
			l.found = l.found.With(d)
		}
	}
}

// maybe evaluates a local that may not be needed: where it fails, it is
// unknown, and the reason waits until something needs it.
func (l *loader) maybe(lo *local) cty.Value {
	found, denied := l.found, l.denied
	defer func() { l.found, l.denied = found, denied }()
	l.found = nil
	if val, ok := l.localValue(lo); ok {
		return val
	}
	return cty.DynamicVal
}

// fileValue is what read_terragrunt_config answers as a whole.
func (l *loader) fileValue(s *scope) cty.Value {
	out := map[string]cty.Value{"locals": l.localsValue(s), "inputs": cty.EmptyObjectVal}
	if s.inputs != nil {
		inputs := l.maybe(s.inputs)
		if bare, _ := inputs.Unmark(); bare.IsKnown() && !bare.IsNull() {
			s.inputNames = namesIn(bare)
		}
		out["inputs"] = inputs.Mark(origin{file: s, part: "input"})
	}
	return cty.ObjectVal(out).Mark(origin{file: s, part: "attribute"})
}

func (l *loader) localsValue(s *scope) cty.Value {
	out := make(map[string]cty.Value, len(s.locals))
	for name, lo := range s.locals {
		out[name] = l.maybe(lo)
	}
	return cty.ObjectVal(out).Mark(origin{file: s, part: "local"})
}

// reportUnknown says why values are unknown that turned out to be needed.
func (l *loader) reportUnknown() {
	for _, s := range l.readScopes() {
		for _, f := range s.members() {
			l.again(s.locals[f.name])
		}
	}
}

// maxParts bounds the data that a local may grow into: list elements, and
// kilobytes of text.
const maxParts = 1_000_000

// within says that a value has at most limit parts.
func within(v cty.Value, limit int) bool {
	left := limit
	var walk func(cty.Value) bool
	walk = func(v cty.Value) bool {
		v, _ = v.Unmark()
		if left--; left < 0 || !v.IsKnown() || v.IsNull() {
			return left >= 0
		}
		if v.Type() == cty.String {
			left -= len(v.AsString()) / 1024
			return left >= 0
		}
		if v.CanIterateElements() {
			for _, e := range v.Elements() {
				if !walk(e) {
					return false
				}
			}
		}
		return true
	}
	return walk(v)
}

func stepName(t hcl.Traverser) (string, bool) {
	switch t := t.(type) {
	case hcl.TraverseAttr:
		return t.Name, true
	case hcl.TraverseIndex:
		if t.Key.Type() == cty.String && t.Key.IsKnown() && !t.Key.IsNull() {
			return t.Key.AsString(), true
		}
	}
	return "", false
}
