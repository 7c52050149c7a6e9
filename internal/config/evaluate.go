package config

import (
	"fmt"
	"maps"
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"github.com/rolecall-dev/rolecall/internal/diag"
	"github.com/rolecall-dev/rolecall/internal/names"
)

// value evaluates an expression. Where it cannot, the reason is reported.
func (l *loader) value(e hcl.Expression, s *scope) (cty.Value, bool) {
	val, ok := l.marked(e, s)
	val, _ = val.UnmarkDeep()
	return val, ok
}

// marked is value with the marks of where the parts come from.
func (l *loader) marked(e hcl.Expression, s *scope) (cty.Value, bool) {
	native, ok := e.(hclsyntax.Expression)
	if s == nil || !ok {
		return l.run(e, nil)
	}
	if !l.callsAllowed(native, s) {
		return cty.DynamicVal, false
	}
	ctx, ok := l.context(native, s)
	if !ok {
		return cty.DynamicVal, false
	}
	return l.run(l.meter.metered(native), ctx)
}

// run is Expression.Value, of which a panic is a finding too: the expression
// is the user's, and the evaluator is not ours.
func (l *loader) run(e hcl.Expression, ctx *hcl.EvalContext) (val cty.Value, ok bool) {
	defer func() {
		if p := recover(); p != nil {
			l.reportPanic(p, fromRange(e.Range()))
			val, ok = cty.DynamicVal, false
		}
	}()
	outer, around := l.denied, l.at // a file's locals are evaluated in the middle of an expression
	l.denied, l.at = nil, fromRange(e.Range())
	defer func() { l.denied, l.at = outer, around }()
	val, diags := e.Value(ctx)
	if l.denied != nil {
		l.reportFile(l.denied, fromRange(e.Range()))
		return cty.DynamicVal, false
	}
	if l.meter.over { // try() may hide it
		panic(tooMuch{})
	}
	if l.meter.bad {
		panic(badNumber{})
	}
	if diags.HasErrors() {
		l.reportHCL(diags, CodeEvaluation)
		return cty.DynamicVal, false
	}
	return val, true
}

func (l *loader) reportPanic(p any, at diag.Range) {
	l.meter.bad = false
	switch p.(type) {
	case tooMuch:
		l.reportf(CodeTooMuch, at, "Check it for a list or text that multiplies itself; docs/config.md says how much expressions may make.",
			"the expression makes more data than any config needs")
	case badNumber:
		l.reportf(CodeEvaluation, at, "Check it for a division by zero, or a number with too many digits.",
			"the expression has a number that is too large to be written, or none")
	default:
		l.reportf(CodeEvaluation, at, "Write it in another way.", "the expression cannot be evaluated: %v", p)
	}
}

// context returns the expression the locals that it names, and no others. A name
// that does not exist is an error wherever it stands: try and can are for what
// a value lacks, and Terraform too refuses a misspelt name within them
// (hashicorp/terraform#30324).
func (l *loader) context(e hclsyntax.Expression, s *scope) (*hcl.EvalContext, bool) {
	ok := true
	names := tree{}
	tries := calls(e, hiders()...)
	for _, t := range e.Variables() {
		switch {
		case t.RootName() != "local":
			l.reportUnknownRoot(t)
			ok = false
		case len(t) < 2 && takesWhole(e):
			whole, _ := l.localsValue(s).Unmark()
			for name, v := range whole.AsValueMap() {
				names.put(v, name)
			}
		case len(t) < 2:
			l.reportWhole(t)
			ok = false
		default:
			ok = l.addName(names, t, s, tries) && ok
		}
	}
	return &hcl.EvalContext{
		Functions: l.functionsOf(s),
		Variables: map[string]cty.Value{"local": names.value()},
	}, ok
}

// addName puts what local.name is into names. Of another file, only the local
// that is asked for is evaluated.
func (l *loader) addName(names tree, t hcl.Traversal, s *scope, tries bool) bool {
	name, _ := stepName(t[1])
	lo := s.locals[name]
	if lo == nil {
		l.reportUnknownLocal(name, t, s)
		return false
	}
	if f, path := l.fileBehind(lo); f != nil || path {
		if f == nil {
			return false
		}
		return l.addFileName(names, name, f, t[2:], tries)
	}
	val, ok := l.localValue(lo)
	names.put(val, name)
	return ok
}

func (l *loader) addFileName(names tree, name string, f *scope, steps hcl.Traversal, tries bool) bool {
	if len(steps) > 1 {
		first, _ := stepName(steps[0])
		second, _ := stepName(steps[1])
		if lo := f.locals[second]; first == "locals" && lo != nil {
			l.noteRead(f, "local", steps[1:])
			val, ok := l.localValue(lo)
			names.put(val, name, "locals", second)
			return ok
		}
		if first == "locals" && second != "" && !tries {
			l.reportUnknownLocal(second, steps, f)
			return false
		}
	}
	names.put(l.fileValue(f), name)
	return true
}

// fileBehind returns the file that a local reads, if that is what it does.
func (l *loader) fileBehind(lo *local) (s *scope, isFile bool) {
	e := lo.expr
	for {
		p, ok := e.(*hclsyntax.ParenthesesExpr)
		if !ok {
			break
		}
		e = p.Expression
	}
	call, ok := e.(*hclsyntax.FunctionCallExpr)
	if !ok || call.Name != readConfig {
		return nil, false
	}
	if !l.enter(lo) {
		return nil, true
	}
	defer func() { lo.busy = false }()
	n := l.otherFile(node{expr: call, scope: lo.scope}, call)
	if n.made == nil || n.made.file == nil {
		return nil, n.broken()
	}
	return n.made.file, true
}

// tree is the object `local` of an evaluation, partly filled.
type tree map[string]any // of cty.Value or tree

func (t tree) put(v cty.Value, path ...string) {
	if len(path) == 1 {
		t[path[0]] = v
		return
	}
	if _, whole := t[path[0]].(cty.Value); whole {
		return
	}
	inner, ok := t[path[0]].(tree)
	if !ok {
		inner = tree{}
		t[path[0]] = inner
	}
	inner.put(v, path[1:]...)
}

func (t tree) value() cty.Value {
	out := map[string]cty.Value{}
	for k, v := range t {
		switch v := v.(type) {
		case tree:
			out[k] = v.value()
		case cty.Value:
			out[k] = v
		}
	}
	return cty.ObjectVal(out)
}

// calls says whether the expression calls one of the functions.
func calls(e hclsyntax.Expression, names ...string) bool {
	found := false
	_ = hclsyntax.VisitAll(e, func(n hclsyntax.Node) hcl.Diagnostics {
		if c, ok := n.(*hclsyntax.FunctionCallExpr); ok && slices.Contains(names, c.Name) {
			found = true
		}
		return nil
	})
	return found
}

// callsAllowed looks at the functions before anything is evaluated, because
// try() would turn a refusal into another value than Terragrunt sees.
func (l *loader) callsAllowed(e hclsyntax.Expression, s *scope) bool {
	ok := true
	_ = hclsyntax.VisitAll(e, func(n hclsyntax.Node) hcl.Diagnostics {
		if c, isCall := n.(*hclsyntax.FunctionCallExpr); isCall {
			ok = l.callAllowed(c, s) && ok
		}
		return nil
	})
	return ok
}

func (l *loader) callAllowed(c *hclsyntax.FunctionCallExpr, s *scope) bool {
	known := l.functionsOf(s)
	if _, ok := known[c.Name]; ok {
		return true
	}
	at := fromRange(c.NameRange)
	if why := refused(c.Name); why != "" {
		l.report(diag.Diagnostic{Code: CodeRefusedFunction, Range: at,
			Summary: fmt.Sprintf("%s is not called: %s", c.Name, why), Detail: "Access depends on this expression.",
			Hint: "Write the value out: the same config must mean the same on every machine."})
		return false
	}
	d := diag.Diagnostic{Code: CodeUnknownFunction, Range: at, Summary: fmt.Sprintf("there is no function %q", c.Name),
		Hint: "Use one of the functions that docs/config.md lists, or write the value out."}
	if near := names.Nearest(c.Name, slices.Sorted(maps.Keys(known))); near != "" {
		d.Hint = fmt.Sprintf("Did you mean %s?", near)
	}
	l.report(d)
	return false
}
