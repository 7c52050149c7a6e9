package terragrunt

import (
	"math/big"
	"reflect"
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"github.com/rolecall-dev/rolecall/internal/config/source"
	"github.com/rolecall-dev/rolecall/internal/diag"
)

// What all expressions of one config may use together. Both are estimates from
// above, in steps and in bytes, that are made before the work is done or the
// data is there.
const (
	maxSteps = 5_000_000
	maxMade  = 128 << 20
)

// maxDigits bounds the digits at the start of a text: to read a number takes
// time that grows with the square of them.
const maxDigits = 1000

// meter counts what the expressions of one config use.
type meter struct {
	steps, made int
	// over says that the limit was met. It stays so, because try() may have
	// caught the panic that said it first.
	over bool
	// bad says that a number was met that cannot be written.
	bad bool
}

// tooMuch is the panic that ends an evaluation, out of hcl's loops.
type tooMuch struct{}

// badNumber is the panic for what is no number that can be written.
type badNumber struct{}

// use ends the evaluation where there is not as much left.
func (m *meter) use(steps, bytes int) {
	if !m.allows(steps, bytes) {
		m.over = true
		panic(tooMuch{})
	}
	m.steps += steps
	m.made += bytes
}

// spend counts work that is done between evaluations: to unmark a value, to list what a
// file or an object has, to put lists together. False says that it is not to be done.
// What is over stays over, and the reason is reported at the latest by ReportTooMuch:
// what was not read must not look as if it were not there.
func (ev *Evaluator) spend(at diag.Range, steps int) bool {
	switch {
	case ev.meter.over:
		return false
	case ev.meter.allows(steps, 0):
		ev.meter.steps += steps
		return true
	}
	ev.meter.over = true
	ev.overAt = at
	return false
}

// ReportTooMuch says that the limit was met, where no finding says so yet.
func (ev *Evaluator) ReportTooMuch() {
	if ev.meter.over && !slices.ContainsFunc(ev.Found, func(d diag.Diagnostic) bool { return d.Code == source.CodeTooMuch }) {
		ev.reportTooMuch(ev.overAt)
	}
}

func (ev *Evaluator) reportTooMuch(at diag.Range) {
	ev.Reportf(source.CodeTooMuch, at, "Check it for a list or text that multiplies itself; docs/config.md says how much expressions may make.",
		"the expression makes more data than any config needs")
}

func (m *meter) refuseNumber() {
	m.bad = true
	panic(badNumber{})
}

func (m *meter) allows(steps, bytes int) bool {
	return !m.over && bytes >= 0 && bytes <= maxMade-m.made && steps <= maxSteps-m.steps
}

// metered is an expression of which each evaluation is counted, and what it
// makes: hcl evaluates from the inside, so that what grows is noticed one step
// before it is large. The embedded interface has the method that hcl keeps
// others from writing.
type metered struct {
	hclsyntax.Expression
	meter *meter
	makes bool // what it returns is new data, not a part of what is there
}

// Value implements hcl.Expression.
func (e metered) Value(ctx *hcl.EvalContext) (cty.Value, hcl.Diagnostics) {
	e.meter.use(1, 0)
	v, diags := e.Expression.Value(ctx)
	if !diags.HasErrors() {
		e.meter.weigh(v, e.makes)
	}
	return v, diags
}

// countsArguments says that a function has a cost of its own, from what it is given. try
// returns one argument as it is, and that is weighed.
func (ev *Evaluator) countsArguments(name string) bool {
	return ev.costs[name] != nil || name == "try"
}

// passed is an argument of a function without a cost of its own. cty goes through all of
// it before the function runs, be it only asked for its length.
type passed struct {
	hclsyntax.Expression
	meter *meter
}

// Value implements hcl.Expression.
func (e passed) Value(ctx *hcl.EvalContext) (cty.Value, hcl.Diagnostics) {
	v, diags := e.Expression.Value(ctx)
	if !diags.HasErrors() {
		_, parts := sizeOf(v)
		e.meter.use(parts, 0)
	}
	return v, diags
}

// weigh counts a value. Of one that is not new, only what is at its top is
// looked at.
func (m *meter) weigh(v cty.Value, isNew bool) {
	if v, _ = v.Unmark(); !present(v) {
		return
	}
	switch t := v.Type(); {
	case t == cty.String:
		m.weighText(v.AsString(), isNew)
	case t == cty.Number:
		if !writable(v) {
			m.refuseNumber()
		}
	case isNew && v.CanIterateElements():
		m.use(1, 64+64*v.LengthInt())
		for k, e := range v.Elements() {
			if t.IsMapType() || t.IsObjectType() {
				m.use(1, 128+len(k.AsString()))
			}
			m.use(1, 0)
			m.weigh(e, true)
		}
	}
}

func (m *meter) weighText(s string, isNew bool) {
	if startsWithDigits(s) {
		m.refuseNumber()
	}
	if isNew {
		m.use(0, len(s))
	}
}

func startsWithDigits(s string) bool {
	if len(s) <= maxDigits {
		return false
	}
	for i := range maxDigits {
		if c := s[i]; (c < '0' || c > '9') && c != '.' && c != '-' && c != '+' {
			return false
		}
	}
	return true
}

// largestNumber bounds the digits that a number is written with: 1e999999999
// is short in a file and a gigabyte as a text.
var largestNumber = new(big.Float).SetMantExp(big.NewFloat(1), 256)

func writable(v cty.Value) bool {
	if v.Type() != cty.Number {
		return v.Type().IsPrimitiveType()
	}
	f := v.AsBigFloat()
	return f.MantExp(nil) > -256 && new(big.Float).Abs(f).Cmp(largestNumber) < 0
}

// metered returns a copy of an expression in which every part is counted.
func (ev *Evaluator) metered(e hclsyntax.Expression) hclsyntax.Expression {
	switch e := e.(type) {
	case nil, *hclsyntax.AnonSymbolExpr: // hcl finds its value by the pointer
		return e
	case *hclsyntax.LiteralValueExpr:
		if e.Val.Type() != cty.Number {
			return e
		}
		return metered{e, ev.meter, false}
	case *hclsyntax.ScopeTraversalExpr:
		root := e.Traversal.SimpleSplit()
		return metered{stepped{e, root.Abs.TraverseAbs, root.Rel, ev}, ev.meter, false}
	case *hclsyntax.RelativeTraversalExpr:
		return metered{stepped{e, ev.metered(e.Source).Value, e.Traversal, ev}, ev.meter, false}
	case *hclsyntax.ObjectConsExpr:
		return metered{ev.meteredObject(e), ev.meter, true}
	}
	switch c := ev.copied(e).(type) {
	case *hclsyntax.ParenthesesExpr, *hclsyntax.TemplateWrapExpr:
		return c
	case *hclsyntax.UnaryOpExpr:
		return metered{c, ev.meter, false}
	case *hclsyntax.BinaryOpExpr: // == looks at both as a whole
		c.LHS, c.RHS = metered{c.LHS, ev.meter, true}, metered{c.RHS, ev.meter, true}
		return metered{c, ev.meter, false}
	case *hclsyntax.IndexExpr:
		return metered{indexed{c, ev}, ev.meter, false}
	case *hclsyntax.FunctionCallExpr:
		for i, arg := range c.Args {
			if takesLists(c.Name) {
				arg = listed{arg, ev.meter}
			}
			if !ev.countsArguments(c.Name) {
				arg = passed{arg, ev.meter}
			}
			c.Args[i] = arg
		}
		return metered{c, ev.meter, true}
	default: // among them a condition, which may convert what it chooses
		return metered{c, ev.meter, true}
	}
}

// copied returns a copy of an expression of any kind, with its parts metered.
func (ev *Evaluator) copied(e hclsyntax.Expression) hclsyntax.Expression {
	c := reflect.New(reflect.TypeOf(e).Elem())
	c.Elem().Set(reflect.ValueOf(e).Elem())
	for _, field := range c.Elem().Fields() {
		if !field.CanSet() {
			continue
		}
		switch part := field.Interface().(type) {
		case hclsyntax.Expression:
			if field.Kind() == reflect.Interface {
				field.Set(reflect.ValueOf(ev.metered(part)))
			}
		case []hclsyntax.Expression:
			parts := slices.Clone(part)
			for i, p := range part {
				parts[i] = ev.metered(p)
			}
			field.Set(reflect.ValueOf(parts))
		}
	}
	return c.Interface().(hclsyntax.Expression)
}

// meteredObject leaves keys that are words as they are: hcl takes them for names
// by their kind.
func (ev *Evaluator) meteredObject(e *hclsyntax.ObjectConsExpr) *hclsyntax.ObjectConsExpr {
	c := *e
	c.Items = slices.Clone(e.Items)
	for i, item := range e.Items {
		c.Items[i].ValueExpr = ev.metered(item.ValueExpr)
		if k, ok := item.KeyExpr.(*hclsyntax.ObjectConsKeyExpr); ok {
			if _, word := k.Wrapped.(*hclsyntax.ScopeTraversalExpr); !word || k.ForceNonLiteral {
				c.Items[i].KeyExpr = ev.copied(k)
			}
		}
	}
	return &c
}
