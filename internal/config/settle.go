package config

import (
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
)

// settle follows a node to what it means: a list, an object or a scalar, still
// as syntax wherever possible, so that what goes through a local, concat,
// merge or another file keeps its own place. What is none of these is
// evaluated. It means the same as evaluating all of it, which a property test
// holds it to.
func (l *loader) settle(n node) node {
	for {
		switch e := n.expr.(type) {
		case *hclsyntax.LiteralValueExpr, nil:
			return n
		case *hclsyntax.TemplateExpr:
			if e.IsStringLiteral() && !l.opts.evaluateAll {
				return n
			}
			return l.evaluate(n)
		case *hclsyntax.TupleConsExpr, *hclsyntax.ObjectConsExpr:
			if l.opts.evaluateAll {
				return l.evaluate(n)
			}
			return n
		case *hclsyntax.ParenthesesExpr:
			n.expr = e.Expression
		case *hclsyntax.TemplateWrapExpr:
			n.expr = e.Wrapped
		case *hclsyntax.ScopeTraversalExpr:
			return l.follow(n, e)
		case *hclsyntax.RelativeTraversalExpr:
			return l.followCall(n, e)
		case *hclsyntax.FunctionCallExpr:
			return l.call(n, e)
		case hclsyntax.Expression:
			return l.evaluate(n)
		default: // JSON
			return n
		}
	}
}

// evaluate returns a node as a value; its place is that of the expression.
func (l *loader) evaluate(n node) node {
	at := fromRange(n.expr.Range())
	val, ok := l.value(n.expr, n.scope)
	if !ok {
		return broken(at)
	}
	return node{made: &made{at: at, val: val}}
}

// follow goes from local.a.b to what it is.
func (l *loader) follow(n node, e *hclsyntax.ScopeTraversalExpr) node {
	if n.scope == nil || e.Traversal.RootName() != "local" || len(e.Traversal) < 2 {
		return l.evaluate(n)
	}
	name, _ := stepName(e.Traversal[1])
	lo := n.scope.locals[name]
	if lo == nil {
		return l.evaluate(n)
	}
	return l.through(lo, e.Traversal[2:], n)
}

// through settles a local and takes steps into it. The local counts as being
// resolved until the last step is taken.
func (l *loader) through(lo *local, steps hcl.Traversal, asked node) node {
	if !l.enter(lo) {
		return broken(asked.place())
	}
	defer func() { lo.busy = false }()
	if lo.settled != nil {
		l.again(lo)
	} else {
		before := len(l.found)
		n := l.settle(lo.node())
		if n.made != nil && n.made.val != cty.NilVal && !within(n.made.val, maxParts) {
			l.reportTooMuch(lo)
			n = broken(n.place())
		}
		if lo.settled = &n; n.broken() {
			lo.why = append(lo.why, l.found[before:]...)
		}
	}
	return l.walk(*lo.settled, steps, asked)
}

func (l *loader) reportTooMuch(lo *local) {
	l.reportf(CodeTooMuch, lo.at, "Check what it is made of for a list or text that multiplies itself.", "the local %q grows into more data than any config needs", lo.name)
}

// walk takes steps into a settled node; where it cannot, the whole of what was
// asked is evaluated, which says what is wrong.
func (l *loader) walk(n node, steps hcl.Traversal, asked node) node {
	for i, step := range steps {
		if n.broken() {
			return n
		}
		if n.made != nil && n.made.file != nil {
			return l.intoFile(n.made.file, steps[i:], asked)
		}
		next, ok := l.step(n, step)
		if !ok {
			return l.evaluateOutside(asked)
		}
		n = l.settle(next)
	}
	return n
}

// evaluateOutside evaluates an expression although a local that it names is
// marked as being resolved on its behalf.
func (l *loader) evaluateOutside(n node) node {
	marked := map[*local]bool{}
	for _, s := range l.readScopes() {
		for _, lo := range s.locals {
			if lo.busy {
				marked[lo], lo.busy = true, false
			}
		}
	}
	out := l.evaluate(n)
	for lo := range marked {
		lo.busy = true
	}
	return out
}

// intoFile goes on in another file: .locals.name or .inputs.
func (l *loader) intoFile(s *scope, steps hcl.Traversal, asked node) node {
	at := asked.place()
	switch name, _ := stepName(steps[0]); {
	case name == "inputs" && s.inputs != nil:
		l.noteRead(s, "input", steps[1:])
		return l.through(s.inputs, steps[1:], asked)
	case name == "locals" && len(steps) == 1:
		return node{made: &made{at: at, localsOf: s}}
	case name == "locals":
		if inner, ok := stepName(steps[1]); ok && s.locals[inner] != nil {
			l.noteRead(s, "local", steps[1:])
			return l.through(s.locals[inner], steps[2:], asked)
		}
	}
	return l.evaluateOutside(asked)
}

// step takes one step into a settled node.
func (l *loader) step(n node, step hcl.Traverser) (node, bool) {
	if n.made != nil && n.made.val != cty.NilVal {
		return stepValue(n, step)
	}
	if name, ok := stepName(step); ok {
		fields, _ := l.members(n)
		for i := len(fields) - 1; i >= 0; i-- { // hcl lets the last of two count
			if fields[i].name == name {
				if n.made != nil && n.made.localsOf != nil {
					l.noteRead(n.made.localsOf, "local", hcl.Traversal{step})
				}
				return fields[i].node, true
			}
		}
		return node{}, false
	}
	index, ok := step.(hcl.TraverseIndex)
	list, isList := n.elements()
	if !ok || !isList || index.Key.Type() != cty.Number {
		return node{}, false
	}
	i, exact := index.Key.AsBigFloat().Int64()
	if exact != 0 || i < 0 || i >= int64(len(list)) {
		return node{}, false
	}
	return list[i], true
}

func stepValue(n node, step hcl.Traverser) (node, bool) {
	var val cty.Value
	var diags hcl.Diagnostics
	switch s := step.(type) {
	case hcl.TraverseAttr:
		val, diags = hcl.GetAttr(n.made.val, s.Name, nil)
	case hcl.TraverseIndex:
		val, diags = hcl.Index(n.made.val, s.Key, nil)
	default:
		return node{}, false
	}
	return node{made: &made{at: n.made.at, val: val}}, !diags.HasErrors()
}

// followCall goes on from read_terragrunt_config("x.hcl").locals.name.
func (l *loader) followCall(n node, e *hclsyntax.RelativeTraversalExpr) node {
	call, ok := e.Source.(*hclsyntax.FunctionCallExpr)
	if !ok || n.scope == nil || call.Name != readConfig {
		return l.evaluate(n)
	}
	return l.walk(l.call(node{expr: call, scope: n.scope}, call), e.Traversal, n)
}

// call settles the functions through which a config is usually put together;
// any other is evaluated.
func (l *loader) call(n node, e *hclsyntax.FunctionCallExpr) node {
	if n.scope == nil || e.ExpandFinal {
		return l.evaluate(n)
	}
	switch e.Name {
	case readConfig:
		return l.otherFile(n, e)
	case "concat":
		if !l.opts.evaluateAll {
			return l.concat(n, e)
		}
	case "merge":
		return l.merge(n, e)
	}
	return l.evaluate(n)
}

func (l *loader) concat(n node, e *hclsyntax.FunctionCallExpr) node {
	out := &made{at: fromRange(e.Range()), list: []node{}}
	for _, arg := range e.Args {
		a := l.settle(node{expr: arg, scope: n.scope})
		if a.broken() {
			return a
		}
		list, ok := a.elements()
		if !ok || a.made != nil && a.made.val != cty.NilVal && a.made.val.Type().IsSetType() {
			return l.evaluate(n) // which says what is wrong
		}
		out.list = append(out.list, list...)
		if len(out.list) > maxParts {
			return l.evaluate(n) // which says that it is too much
		}
	}
	return node{made: out}
}

func (l *loader) merge(n node, e *hclsyntax.FunctionCallExpr) node {
	out := &made{at: fromRange(e.Range()), fields: []field{}}
	index := map[string]int{}
	for _, arg := range e.Args {
		a := l.settle(node{expr: arg, scope: n.scope})
		if a.broken() {
			return a
		}
		if l.null(a) {
			continue
		}
		fields, ok := l.members(a)
		if !ok {
			return l.evaluate(n)
		}
		out.fields = l.override(out.fields, fields, index)
	}
	return node{made: out}
}

// override puts the fields of one more object over those there are.
func (l *loader) override(have, more []field, index map[string]int) []field {
	here := map[string]field{}
	for _, f := range more {
		if again, ok := here[f.name]; ok {
			l.duplicate(f.name, f.at, again.at)
		}
		here[f.name] = f
		if i, ok := index[f.name]; ok {
			have[i] = f
			continue
		}
		index[f.name] = len(have)
		have = append(have, f)
	}
	return have
}
