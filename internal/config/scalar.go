package config

import (
	"math/big"
	"strconv"

	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
)

// text returns a settled string. Numbers and booleans become strings, as
// Terraform makes them for a variable of type string.
func (l *loader) text(n node) (string, bool) {
	if t, ok := n.expr.(*hclsyntax.TemplateExpr); ok && t.IsStringLiteral() {
		if lit := t.Parts[0].(*hclsyntax.LiteralValueExpr); lit.Val.Type() == cty.String {
			return lit.Val.AsString(), true
		}
	}
	v := l.scalar(n)
	if v == cty.NilVal || v.IsNull() || !v.IsKnown() || !writable(v) {
		return "", false
	}
	if v.Type() == cty.Number { // the usual ones, which convert takes long for
		if n, exact := v.AsBigFloat().Int64(); exact == big.Exact && n > 0 {
			return strconv.FormatInt(n, 10), true
		}
	}
	s, err := convert.Convert(v, cty.String)
	if err != nil {
		return "", false
	}
	return s.AsString(), true
}

// scalar returns the value of a settled node that is no list and no object, or
// NilVal.
func (l *loader) scalar(n node) cty.Value {
	switch e := n.expr.(type) {
	case nil:
		return n.made.val
	case *hclsyntax.LiteralValueExpr:
		return e.Val
	case *hclsyntax.TupleConsExpr, *hclsyntax.ObjectConsExpr:
		return cty.NilVal
	}
	if _, ok := n.elements(); ok { // JSON
		return cty.NilVal
	}
	if _, ok := l.members(n); ok {
		return cty.NilVal
	}
	v, diags := n.expr.Value(nil)
	if diags.HasErrors() {
		return cty.NilVal
	}
	return v
}

// null says that a settled node is null, which is the same as not written.
func (l *loader) null(n node) bool {
	switch e := n.expr.(type) {
	case *hclsyntax.TupleConsExpr, *hclsyntax.ObjectConsExpr, *hclsyntax.TemplateExpr:
		return false
	case *hclsyntax.LiteralValueExpr:
		return e.Val.IsNull()
	}
	if n.broken() {
		return false
	}
	v := l.scalar(n)
	return v != cty.NilVal && v.IsNull()
}

// kind names what a settled node is, for a message about its type.
func (l *loader) kind(n node) string {
	if _, ok := n.elements(); ok {
		return "a list"
	}
	if _, ok := l.members(n); ok {
		return "an object"
	}
	if l.null(n) {
		return "null"
	}
	v := l.scalar(n)
	switch {
	case v == cty.NilVal:
		return "something else"
	case !v.IsKnown():
		return "a value that could not be evaluated"
	case v.Type() == cty.Number && !writable(v):
		return "a number of that size"
	default:
		return article(v.Type().FriendlyName())
	}
}

func article(noun string) string { return "a " + noun }
