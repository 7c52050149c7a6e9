package terragrunt

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"github.com/rolecall-dev/rolecall/internal/config/source"
	"github.com/rolecall-dev/rolecall/internal/diag"
	"github.com/rolecall-dev/rolecall/internal/names"
)

// value evaluates an expression, the first time, to a value with the marks of where its
// parts come from. Where it cannot, the reason is reported.
func (ev *Evaluator) value(n Node) (cty.Value, bool) {
	o := ev.outcomeOf(n)
	return o.val, o.ok
}

func (ev *Evaluator) outcomeOf(n Node) *outcome {
	key := core(n.expr)
	o := ev.outcomes[key]
	if o != nil {
		ev.again(o)
	} else {
		o = ev.recorded(func(o *outcome) { o.val, o.ok = ev.firstValue(n) })
		ev.outcomes[key] = o
	}
	return o
}

func (ev *Evaluator) firstValue(n Node) (cty.Value, bool) {
	native, ok := n.expr.(hclsyntax.Expression)
	if n.file == nil || !ok {
		return ev.run(n.expr, nil)
	}
	if !ev.callsAllowed(native, n.file) {
		return cty.DynamicVal, false
	}
	ctx, ok := ev.context(native, n.file)
	if !ok {
		return cty.DynamicVal, false
	}
	return ev.run(ev.metered(native), ctx)
}

// run is Expression.Value, of which a panic is a finding too: the expression
// is the user's, and the evaluator is not ours.
func (ev *Evaluator) run(e hcl.Expression, ctx *hcl.EvalContext) (val cty.Value, ok bool) {
	at := source.Range(e.Range())
	defer func() {
		if p := recover(); p != nil {
			ev.reportPanic(p, at)
			val, ok = cty.DynamicVal, false
		}
	}()
	outer, around := ev.denied, ev.at // a file's locals are evaluated in the middle of an expression
	ev.denied, ev.at = nil, at
	defer func() { ev.denied, ev.at = outer, around }()
	val, diags := e.Value(ctx)
	if ev.denied != nil {
		ev.reportFile(ev.denied, at)
		return cty.DynamicVal, false
	}
	if ev.meter.over { // try() may hide it
		panic(tooMuch{})
	}
	if ev.meter.bad {
		panic(badNumber{})
	}
	if diags.HasErrors() {
		ev.reportErrors(diags)
		return cty.DynamicVal, false
	}
	return val, true
}

func (ev *Evaluator) reportPanic(p any, at diag.Range) {
	ev.meter.bad = false
	switch p.(type) {
	case tooMuch:
		ev.reportTooMuch(at)
	case badNumber:
		ev.Reportf(source.CodeEvaluation, at, "Check it for a division by zero, or a number with too many digits.",
			"the expression has a number that is too large to be written, or is not a number")
	default:
		ev.Reportf(source.CodeEvaluation, at, "Write it in another way.", "the expression cannot be evaluated: %v", p)
	}
}

func (ev *Evaluator) reportErrors(diags hcl.Diagnostics) {
	for _, d := range diags {
		call, isCall := hcl.DiagnosticExtra[hclsyntax.FunctionCallDiagExtra](d)
		switch {
		case isCall && errors.Is(call.FunctionCallError(), errTooMuch):
			ev.ReportHCL(d, source.CodeTooMuch, "Check what it is built from for a list or text that multiplies itself.")
		case constantsOnly(d):
			ev.ReportHCL(d, source.CodeNotConstant, "This file accepts constants only, as in Terraform: write the value out, or move the config into the locals of an inputs.hcl.")
		default:
			ev.ReportHCL(d, source.CodeEvaluation, "Correct the expression; access depends on it.")
		}
	}
}

// constantsOnly says that a name or a call was refused because the file has nothing
// to name and nothing to call.
func constantsOnly(d *hcl.Diagnostic) bool {
	_, isName := d.Expression.(*hclsyntax.ScopeTraversalExpr)
	_, isCall := d.Expression.(*hclsyntax.FunctionCallExpr)
	for c := d.EvalContext; c != nil; c = c.Parent() {
		if isName && c.Variables != nil || isCall && c.Functions != nil {
			return false
		}
	}
	return isName || isCall
}

// context returns the locals that the expression names, and no others. A name
// that does not exist is an error wherever it stands: try and can are for what
// a value lacks, and Terraform too refuses a misspelt name within them
// (hashicorp/terraform#30324).
func (ev *Evaluator) context(e hclsyntax.Expression, f *File) (*hcl.EvalContext, bool) {
	ok := true
	locals := object{map[string]cty.Value{}, map[string]map[string]cty.Value{}}
	tries := calls(e, "try", "can", "lookup") // which would hide that a name is misspelt
	for _, t := range e.Variables() {
		switch {
		case t.RootName() != "local":
			ev.reportUnknownRoot(t)
			ok = false
		case len(t) < 2 && takesWhole(e):
			whole, _ := ev.localsValue(f).Unmark()
			maps.Copy(locals.values, whole.AsValueMap())
		case len(t) < 2:
			ev.reportWhole(t)
			ok = false
		default:
			ok = ev.addName(locals, t, f, tries) && ok
		}
	}
	return &hcl.EvalContext{
		Functions: ev.functionsOf(f),
		Variables: map[string]cty.Value{"local": locals.value()},
	}, ok
}

// object is the object `local` of an evaluation, partly filled: values by name, and
// of a local that reads another file, the locals of it that are asked for.
type object struct {
	values map[string]cty.Value
	others map[string]map[string]cty.Value
}

func (o object) value() cty.Value {
	for name, locals := range o.others {
		if _, whole := o.values[name]; !whole {
			o.values[name] = cty.ObjectVal(map[string]cty.Value{"locals": cty.ObjectVal(locals)})
		}
	}
	return cty.ObjectVal(o.values)
}

// addName puts what local.name is into locals. Of another file, only the local
// that is asked for is evaluated.
func (ev *Evaluator) addName(locals object, t hcl.Traversal, f *File, tries bool) bool {
	name, _ := stepName(t[1])
	lo := f.locals[name]
	if lo == nil {
		ev.reportUnknownLocal(name, t, f)
		return false
	}
	if other, reads := ev.fileBehind(lo); reads {
		return other != nil && ev.addFileName(locals, name, other, t[2:], tries)
	}
	val, ok := ev.localValue(lo)
	locals.values[name] = val
	return ok
}

func (ev *Evaluator) addFileName(locals object, name string, f *File, steps hcl.Traversal, tries bool) bool {
	if len(steps) > 1 {
		first, _ := stepName(steps[0])
		second, _ := stepName(steps[1])
		if lo := f.locals[second]; first == "locals" && lo != nil {
			ev.noteRead(f, "local", steps[1:])
			val, ok := ev.localValue(lo)
			if locals.others[name] == nil {
				locals.others[name] = map[string]cty.Value{}
			}
			locals.others[name][second] = val
			return ok
		}
		if first == "locals" && second != "" && !tries {
			ev.reportUnknownLocal(second, steps, f)
			return false
		}
	}
	locals.values[name] = ev.fileValue(f)
	return true
}

// fileBehind returns the file that a local reads, if that is what it does; nil
// where it cannot be read, which is reported.
func (ev *Evaluator) fileBehind(lo *local) (f *File, reads bool) {
	call, ok := core(lo.Node.expr).(*hclsyntax.FunctionCallExpr)
	if !ok || call.Name != readConfig {
		return nil, false
	}
	if !ev.enter(lo) {
		return nil, true
	}
	defer ev.leave(lo)
	n := ev.otherFile(Node{expr: call, file: lo.Node.file}, call)
	if n.result == nil {
		return nil, false
	}
	return n.result.file, n.result.file != nil || n.Broken()
}

// calls says whether the expression calls one of the functions.
func calls(e hclsyntax.Expression, names ...string) bool {
	found := false
	each(e, func(c *hclsyntax.FunctionCallExpr) { found = found || slices.Contains(names, c.Name) })
	return found
}

// callsAllowed looks at the functions before anything is evaluated, because
// try() would turn a refusal into another value than Terragrunt sees.
func (ev *Evaluator) callsAllowed(e hclsyntax.Expression, f *File) bool {
	ok := true
	each(e, func(c *hclsyntax.FunctionCallExpr) { ok = ev.callAllowed(c, f) && ok })
	return ok
}

func (ev *Evaluator) callAllowed(c *hclsyntax.FunctionCallExpr, f *File) bool {
	known := ev.functionsOf(f)
	if _, ok := known[c.Name]; ok {
		return true
	}
	at := source.Range(c.NameRange)
	if why := refused(c.Name); why != "" {
		ev.Report(diag.Diagnostic{Code: source.CodeRefusedFunction, Range: at,
			Summary: fmt.Sprintf("%s is not called: %s", c.Name, why), Detail: "Access depends on this expression.",
			Hint: "Write the value out: the same config must mean the same on every machine."})
		return false
	}
	hint := "Use one of the functions that docs/config.md lists, or write the value out."
	if near := names.Nearest(c.Name, slices.Sorted(maps.Keys(known))); near != "" {
		hint = fmt.Sprintf("Did you mean %s?", near)
	}
	ev.Reportf(source.CodeUnknownFunction, at, hint, "unknown function %q", c.Name)
	return false
}
