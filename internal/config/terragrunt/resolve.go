package terragrunt

import (
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"github.com/rolecall-dev/rolecall/internal/config/source"
	"github.com/rolecall-dev/rolecall/internal/diag"
)

// Resolve follows a node to what it means: a list, an object or a scalar, still
// as syntax wherever possible, so that what goes through a local, concat,
// merge or another file keeps its own place. What is none of these is
// evaluated. It means the same as evaluating all of it, which a property test
// holds it to.
func (ev *Evaluator) Resolve(n Node) Node {
	switch e := core(n.expr).(type) {
	case *hclsyntax.LiteralValueExpr:
		return Node{expr: e, file: n.file}
	case *hclsyntax.TemplateExpr:
		if e.IsStringLiteral() && !ev.opts.EvaluateAll {
			return Node{expr: e, file: n.file}
		}
	case *hclsyntax.TupleConsExpr, *hclsyntax.ObjectConsExpr:
		if !ev.opts.EvaluateAll {
			return Node{expr: e, file: n.file}
		}
	case *hclsyntax.ScopeTraversalExpr:
		return ev.follow(Node{expr: e, file: n.file}, e)
	case *hclsyntax.RelativeTraversalExpr:
		return ev.followCall(Node{expr: e, file: n.file}, e)
	case *hclsyntax.FunctionCallExpr:
		return ev.call(Node{expr: e, file: n.file}, e)
	case hclsyntax.Expression:
	default: // JSON, or a result
		return n
	}
	return ev.evaluate(Node{expr: core(n.expr), file: n.file})
}

// core returns an expression without the parentheses, or the quotes and braces,
// around it.
func core(e hcl.Expression) hcl.Expression {
	for {
		switch outer := e.(type) {
		case *hclsyntax.ParenthesesExpr:
			e = outer.Expression
		case *hclsyntax.TemplateWrapExpr:
			e = outer.Wrapped
		default:
			return e
		}
	}
}

// evaluate returns a node as a value; its place is that of the expression.
func (ev *Evaluator) evaluate(n Node) Node {
	at := n.Range()
	o := ev.outcomeOf(n)
	if o.ok && o.bare == cty.NilVal {
		_, parts := sizeOf(o.val)
		if o.ok = ev.spend(at, parts); o.ok {
			o.bare, _ = o.val.UnmarkDeep()
		}
	}
	if !o.ok {
		return broken(at)
	}
	return valueNode(at, o.bare)
}

// follow goes from local.a.b to what it is.
func (ev *Evaluator) follow(n Node, e *hclsyntax.ScopeTraversalExpr) Node {
	if n.file == nil || e.Traversal.RootName() != "local" || len(e.Traversal) < 2 {
		return ev.evaluate(n)
	}
	name, _ := stepName(e.Traversal[1])
	lo := n.file.locals[name]
	if lo == nil {
		return ev.evaluate(n)
	}
	return ev.through(lo, e.Traversal[2:], n)
}

// Inputs resolves the inputs of a file, and returns where they are written as
// well; false where the file has none.
func (ev *Evaluator) Inputs(f *File) (n Node, at diag.Range, ok bool) {
	if f.inputs == nil {
		return Node{}, diag.Range{}, false
	}
	return ev.through(f.inputs, nil, f.inputs.Node), f.inputs.Node.Range(), true
}

// through resolves a local and takes steps into it. The local counts as being
// resolved until the last step is taken.
func (ev *Evaluator) through(lo *local, steps hcl.Traversal, asked Node) Node {
	if !ev.enter(lo) {
		return broken(asked.Range())
	}
	defer ev.leave(lo)
	if lo.written != nil {
		ev.again(lo.written)
	} else {
		lo.written = ev.recorded(func(o *outcome) {
			o.node = ev.Resolve(lo.Node)
			if r := o.node.result; r != nil && r.val != cty.NilVal && ev.tooLarge(lo, r.val) {
				o.node = broken(r.at)
			}
			o.ok = !o.node.Broken()
		})
	}
	return ev.walk(lo.written.node, steps, asked)
}

// walk takes steps into a resolved node; where it cannot, the whole of what was
// asked is evaluated, which says what is wrong.
func (ev *Evaluator) walk(n Node, steps hcl.Traversal, asked Node) Node {
	for i, step := range steps {
		if n.Broken() {
			return n
		}
		if n.result != nil && n.result.file != nil {
			return ev.intoFile(n.result.file, steps[i:], asked)
		}
		next, ok := ev.step(n, step)
		if !ok {
			return ev.evaluateOutside(asked)
		}
		n = ev.Resolve(next)
	}
	return n
}

// evaluateOutside evaluates an expression although a local that it names is
// marked as being resolved on its behalf.
func (ev *Evaluator) evaluateOutside(n Node) Node {
	marked := ev.resolving
	ev.resolving = nil
	for _, lo := range marked {
		lo.busy = false
	}
	out := ev.evaluate(n)
	for _, lo := range marked {
		lo.busy = true
	}
	ev.resolving = marked
	return out
}

// intoFile goes on in another file: .locals.name or .inputs.
func (ev *Evaluator) intoFile(f *File, steps hcl.Traversal, asked Node) Node {
	switch name, _ := stepName(steps[0]); {
	case name == "inputs" && f.inputs != nil:
		ev.noteRead(f, "input", steps[1:])
		return ev.through(f.inputs, steps[1:], asked)
	case name == "locals" && len(steps) == 1:
		return Node{result: &result{at: asked.Range(), localsOf: f}}
	case name == "locals":
		if inner, ok := stepName(steps[1]); ok && f.locals[inner] != nil {
			ev.noteRead(f, "local", steps[1:])
			return ev.through(f.locals[inner], steps[2:], asked)
		}
	}
	return ev.evaluateOutside(asked)
}

// step takes one step into a resolved node.
func (ev *Evaluator) step(n Node, step hcl.Traverser) (Node, bool) {
	if n.result != nil && n.result.val != cty.NilVal {
		val, diags := step.TraversalStep(n.result.val)
		return valueNode(n.result.at, val), !diags.HasErrors()
	}
	if name, ok := stepName(step); ok {
		field, ok := ev.field(n, name)
		if ok && n.result != nil && n.result.localsOf != nil {
			ev.noteRead(n.result.localsOf, "local", hcl.Traversal{step})
		}
		return field.Node, ok
	}
	index, ok := step.(hcl.TraverseIndex)
	if !ok || index.Key.Type() != cty.Number {
		return Node{}, false
	}
	i, exact := index.Key.AsBigFloat().Int64()
	if exact != 0 || i < 0 {
		return Node{}, false
	}
	return n.element(i)
}

// element returns one element of a list, without the others: many may ask for one.
func (n Node) element(i int64) (Node, bool) {
	if e, ok := n.expr.(*hclsyntax.TupleConsExpr); ok {
		if i >= int64(len(e.Exprs)) {
			return Node{}, false
		}
		return Node{expr: e.Exprs[i], file: n.file}, true
	}
	list, ok := n.elements()
	if !ok || i >= int64(len(list)) {
		return Node{}, false
	}
	return list[i], true
}

func stepName(t hcl.Traverser) (string, bool) {
	switch t := t.(type) {
	case hcl.TraverseAttr:
		return t.Name, true
	case hcl.TraverseIndex:
		return textOf(t.Key)
	}
	return "", false
}

// textOf returns the text that a value is.
func textOf(v cty.Value) (string, bool) {
	if v, _ = v.Unmark(); v.Type() != cty.String || !present(v) {
		return "", false
	}
	return v.AsString(), true
}

// followCall goes on from read_terragrunt_config("x.hcl").locals.name.
func (ev *Evaluator) followCall(n Node, e *hclsyntax.RelativeTraversalExpr) Node {
	call, ok := e.Source.(*hclsyntax.FunctionCallExpr)
	if !ok || n.file == nil || call.Name != readConfig {
		return ev.evaluate(n)
	}
	return ev.walk(ev.call(Node{expr: call, file: n.file}, call), e.Traversal, n)
}

// call resolves the functions through which a config is usually put together;
// any other is evaluated.
func (ev *Evaluator) call(n Node, e *hclsyntax.FunctionCallExpr) Node {
	switch {
	case n.file == nil || e.ExpandFinal:
	case e.Name == readConfig:
		return ev.otherFile(n, e)
	case e.Name == "concat" && !ev.opts.EvaluateAll:
		return ev.concat(n, e)
	case e.Name == "merge":
		return ev.merge(n, e)
	}
	return ev.evaluate(n)
}

func (ev *Evaluator) concat(n Node, e *hclsyntax.FunctionCallExpr) Node {
	out := &result{at: source.Range(e.Range()), list: []Node{}}
	for _, arg := range e.Args {
		a := ev.Resolve(Node{expr: arg, file: n.file})
		if a.Broken() {
			return a
		}
		list, ok := ev.Elements(a)
		if !ok || a.result != nil && a.result.val != cty.NilVal && a.result.val.Type().IsSetType() {
			return ev.evaluate(n) // which says what is wrong
		}
		out.list = append(out.list, list...)
		if len(out.list) > maxParts {
			return ev.evaluate(n) // which says that it is too much
		}
	}
	return Node{result: out}
}

func (ev *Evaluator) merge(n Node, e *hclsyntax.FunctionCallExpr) Node {
	out := &result{at: source.Range(e.Range()), fields: []Field{}}
	index := map[string]int{}
	for _, arg := range e.Args {
		a := ev.Resolve(Node{expr: arg, file: n.file})
		if a.Broken() {
			return a
		}
		if ev.Null(a) {
			continue
		}
		fields, ok := ev.Fields(a)
		if !ok {
			return ev.evaluate(n)
		}
		out.fields = ev.override(out.fields, fields, index)
	}
	return Node{result: out}
}

// override puts the fields of one more object over those there are.
func (ev *Evaluator) override(have, more []Field, index map[string]int) []Field {
	here := map[string]Field{}
	for _, f := range more {
		if again, ok := here[f.Name]; ok {
			ev.ReportDuplicate(f.Name, f.At, again.At)
		}
		here[f.Name] = f
		if i, ok := index[f.Name]; ok {
			have[i] = f
			continue
		}
		index[f.Name] = len(have)
		have = append(have, f)
	}
	return have
}
