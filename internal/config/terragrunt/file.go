package terragrunt

import (
	"maps"
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"

	"github.com/rolecall-dev/rolecall/internal/config/source"
	"github.com/rolecall-dev/rolecall/internal/diag"
)

// File is one Terragrunt file: its locals are the names that its expressions
// can use. A local is evaluated when something reaches it, and once.
type File struct {
	Name   string // within the folder
	Shown  string // as findings call it
	Body   *hclsyntax.Body
	locals map[string]*local
	inputs *local // the attribute `inputs`, or nil
	// inputNames are the names in inputs, once they have been evaluated.
	inputNames []string
	functions  map[string]function.Function
	// allLocals and whole are the locals, and the file, as values, once all of it is known.
	allLocals, whole cty.Value
}

// local is a local, or the inputs, of a file.
type local struct {
	Field
	busy    bool     // being resolved: meeting it again is a cycle
	known   *outcome // its value, once something has asked for that
	written *outcome // what it is written as, once something has asked for that
}

// outcome is what an expression came to.
type outcome struct {
	val  cty.Value
	bare cty.Value // val without marks, once something has asked for that
	node Node      // of a local that was followed to what it is written as
	ok   bool
	// why has the findings of what cannot be resolved. They are reported again to
	// whoever asks again: the first to ask may not have needed it.
	why diag.List
}

// Open reads the locals of a Terragrunt file of the folder, once. It returns nil
// where the file is broken, which is reported.
func (ev *Evaluator) Open(name string, src []byte) *File {
	shown := ev.Folder.Name(name)
	body := ev.ParseHCL(src, shown)
	if body == nil {
		ev.files[name] = nil
		return nil
	}
	f := &File{Name: name, Shown: shown, Body: body, locals: map[string]*local{}}
	ev.files[name] = f
	for _, b := range body.Blocks {
		if b.Type != "locals" {
			continue
		}
		attributes, _ := Attributes(b.Body, f)
		for _, a := range attributes {
			if first := f.locals[a.Name]; first != nil {
				ev.ReportDuplicate(a.Name, a.At, first.At)
				continue
			}
			f.locals[a.Name] = &local{Field: a}
		}
		for _, inner := range b.Body.Blocks {
			ev.Reportf(source.CodeMisplacedKey, source.Range(inner.TypeRange), ev.opts.BlockHint(inner.Type), "a block %q does not belong in locals", inner.Type)
		}
	}
	if a := body.Attributes["inputs"]; a != nil {
		f.inputs = &local{Field: Field{"inputs", source.Range(a.NameRange), Node{expr: a.Expr, file: f}}}
	}
	return f
}

// Opened reports whether a file was read before; it is nil where it is broken.
func (ev *Evaluator) Opened(name string) (*File, bool) {
	f, ok := ev.files[name]
	return f, ok
}

// OpenFiles returns the files that were read and are whole, by name.
func (ev *Evaluator) OpenFiles() []*File {
	var out []*File
	for _, name := range slices.Sorted(maps.Keys(ev.files)) {
		if f := ev.files[name]; f != nil {
			out = append(out, f)
		}
	}
	return out
}

// ReadReferenced reads the files that f names, so that an inputs.hcl which
// terragrunt.hcl reads does not count a second time on its own. What cannot be
// read is reported when something needs it.
func (ev *Evaluator) ReadReferenced(f *File) {
	var calls []*hclsyntax.FunctionCallExpr
	each(f.Body, func(c *hclsyntax.FunctionCallExpr) { calls = append(calls, c) })
	slices.SortFunc(calls, func(a, b *hclsyntax.FunctionCallExpr) int { return a.NameRange.Start.Byte - b.NameRange.Start.Byte })
	before := ev.Found
	for _, c := range calls {
		if c.Name == readConfig {
			ev.otherFile(Node{expr: c, file: f}, c)
		}
	}
	ev.Found = before
	maps.DeleteFunc(ev.files, func(_ string, f *File) bool { return f == nil })
}

// NamesUsed returns every name that an expression of the files read names.
func (ev *Evaluator) NamesUsed() map[string]bool {
	used := map[string]bool{}
	add := func(t hcl.Traversal) {
		for _, step := range t {
			if name, ok := stepName(step); ok {
				used[name] = true
			}
		}
	}
	for _, f := range ev.OpenFiles() {
		each(f.Body, func(e *hclsyntax.ScopeTraversalExpr) { add(e.Traversal) })
		each(f.Body, func(e *hclsyntax.RelativeTraversalExpr) { add(e.Traversal) })
	}
	return used
}

// each calls do with every part of one kind.
func each[T hclsyntax.Node](in hclsyntax.Node, do func(T)) {
	_ = hclsyntax.VisitAll(in, func(n hclsyntax.Node) hcl.Diagnostics {
		if part, ok := n.(T); ok {
			do(part)
		}
		return nil
	})
}

// Locals returns all locals in the order in which they are written.
func (f *File) Locals() []Field {
	out := make([]Field, 0, len(f.locals))
	for _, lo := range f.locals {
		out = append(out, lo.Field)
	}
	return byPosition(out)
}

// enter marks a local as being resolved; false means that it already is.
func (ev *Evaluator) enter(lo *local) bool {
	if !lo.busy {
		lo.busy = true
		ev.resolving = append(ev.resolving, lo)
		return true
	}
	var circle []diag.Range
	for _, other := range ev.resolving {
		if other != lo {
			circle = append(circle, other.At)
		}
	}
	slices.SortFunc(circle, func(a, b diag.Range) int { return a.Start.Byte - b.Start.Byte })
	ev.Report(diag.Diagnostic{Code: source.CodeCycle, Range: lo.At, Related: circle,
		Summary: "the local \"" + lo.Name + "\" depends on itself", Hint: "Break the cycle: write one of these locals out."})
	return false
}

// leave ends what enter began.
func (ev *Evaluator) leave(lo *local) {
	lo.busy = false
	ev.resolving = slices.DeleteFunc(ev.resolving, func(other *local) bool { return other == lo })
}

// recorded returns what do came to, with the findings that it made.
func (ev *Evaluator) recorded(do func(*outcome)) *outcome {
	before := len(ev.Found)
	o := &outcome{}
	if do(o); !o.ok {
		o.why = slices.Clone(ev.Found[before:])
	}
	return o
}

// again reports why something cannot be resolved, unless that is reported.
func (ev *Evaluator) again(o *outcome) {
	if o == nil {
		return
	}
	for _, d := range o.why {
		if ev.Found.Full() {
			return
		}
		if !slices.ContainsFunc(ev.Found, func(f diag.Diagnostic) bool { return f.Range == d.Range && f.Same(d) }) {
			ev.Found = ev.Found.With(d)
		}
	}
}

// ReportUnknown says why values are unknown that turned out to be needed.
func (ev *Evaluator) ReportUnknown() {
	for _, f := range ev.OpenFiles() {
		for _, field := range f.Locals() {
			ev.again(f.locals[field.Name].known)
			ev.again(f.locals[field.Name].written)
		}
	}
}

// localValue evaluates a local, once. The value has the marks of where it comes
// from.
func (ev *Evaluator) localValue(lo *local) (cty.Value, bool) {
	if lo.known != nil {
		ev.again(lo.known)
		return lo.known.val, lo.known.ok
	}
	if !ev.enter(lo) {
		return cty.DynamicVal, false
	}
	lo.known = ev.recorded(func(o *outcome) {
		o.val, o.ok = ev.value(lo.Node)
		o.ok = o.ok && !ev.tooLarge(lo, o.val)
	})
	ev.leave(lo)
	return lo.known.val, lo.known.ok
}

// tooLarge refuses a local that is more data than any config needs.
func (ev *Evaluator) tooLarge(lo *local, val cty.Value) bool {
	if within(val, maxParts) {
		return false
	}
	ev.Reportf(source.CodeTooMuch, lo.At, "Check what it is built from for a list or text that multiplies itself.", "the local %q grows into more data than any config needs", lo.Name)
	return true
}

// maybe evaluates a local that may not be needed: where it fails, it is
// unknown, and the reason waits until something needs it.
func (ev *Evaluator) maybe(lo *local) cty.Value {
	found, denied := ev.Found, ev.denied
	defer func() { ev.Found, ev.denied = found, denied }()
	ev.Found = nil
	if val, ok := ev.localValue(lo); ok {
		return val
	}
	return cty.DynamicVal
}

// fileValue is what read_terragrunt_config returns as a whole. It is put together once,
// but where a part of it is being resolved just then, and so unknown for this time.
func (ev *Evaluator) fileValue(f *File) cty.Value {
	if f.whole != cty.NilVal {
		return f.whole
	}
	out := map[string]cty.Value{"locals": ev.localsValue(f), "inputs": cty.EmptyObjectVal}
	if f.inputs != nil {
		inputs := ev.maybe(f.inputs)
		if bare, _ := inputs.Unmark(); present(bare) {
			f.inputNames = namesIn(bare)
		}
		out["inputs"] = inputs.Mark(origin{file: f, part: "input"})
	}
	whole := cty.ObjectVal(out).Mark(origin{file: f, part: "attribute"})
	if f.allLocals != cty.NilVal && (f.inputs == nil || f.inputs.known != nil) {
		f.whole = whole
	}
	return whole
}

func (ev *Evaluator) localsValue(f *File) cty.Value {
	if f.allLocals != cty.NilVal {
		return f.allLocals
	}
	if !ev.spend(diag.Range{File: f.Shown}, 20*len(f.locals)) {
		return cty.DynamicVal
	}
	out, known := make(map[string]cty.Value, len(f.locals)), true
	for _, field := range f.Locals() { // in one order, so that the same findings come first
		lo := f.locals[field.Name]
		out[field.Name] = ev.maybe(lo)
		known = known && lo.known != nil
	}
	all := cty.ObjectVal(out).Mark(origin{file: f, part: "local"})
	if known {
		f.allLocals = all
	}
	return all
}
