package terragrunt

import (
	"fmt"
	"math/big"
	"regexp"
	"strconv"

	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"

	"github.com/rolecall-dev/rolecall/internal/config/source"
	"github.com/rolecall-dev/rolecall/internal/diag"
)

// Text returns a resolved string. Numbers and booleans become strings, as
// Terraform makes them for a variable of type string.
func (ev *Evaluator) Text(n Node) (string, bool) {
	if t, ok := n.expr.(*hclsyntax.TemplateExpr); ok && t.IsStringLiteral() {
		if lit := t.Parts[0].(*hclsyntax.LiteralValueExpr); lit.Val.Type() == cty.String {
			return lit.Val.AsString(), true
		}
	}
	v := ev.scalar(n)
	if !present(v) || !writable(v) {
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

// scalar returns the value of a resolved node that is no list and no object, or
// NilVal.
func (ev *Evaluator) scalar(n Node) cty.Value {
	switch e := n.expr.(type) {
	case nil:
		return n.result.val
	case *hclsyntax.LiteralValueExpr:
		return e.Val
	case *hclsyntax.TupleConsExpr, *hclsyntax.ObjectConsExpr:
		return cty.NilVal
	}
	if _, ok := n.elements(); ok { // JSON
		return cty.NilVal
	}
	if _, ok := ev.fields(n); ok {
		return cty.NilVal
	}
	v, diags := n.expr.Value(nil)
	if diags.HasErrors() {
		return cty.NilVal
	}
	return v
}

// Null reports whether a resolved node is null, which is the same as not written.
func (ev *Evaluator) Null(n Node) bool {
	switch e := n.expr.(type) {
	case *hclsyntax.TupleConsExpr, *hclsyntax.ObjectConsExpr, *hclsyntax.TemplateExpr:
		return false
	case *hclsyntax.LiteralValueExpr:
		return e.Val.IsNull()
	}
	if n.Broken() {
		return false
	}
	v := ev.scalar(n)
	return v != cty.NilVal && v.IsNull()
}

// Kind names what a resolved node is, for a message about its type.
func (ev *Evaluator) Kind(n Node) string {
	if _, ok := n.elements(); ok {
		return "a list"
	}
	if _, ok := ev.fields(n); ok {
		return "an object"
	}
	switch v := ev.scalar(n); {
	case ev.Null(n):
		return "null"
	case v == cty.NilVal:
		return "something else"
	case !v.IsKnown():
		return "a value that could not be evaluated"
	case v.Type() == cty.Number && !writable(v):
		return "a number of that size"
	default:
		return "a " + v.Type().FriendlyName()
	}
}

// Number returns the value of a resolved node that is a number.
func (ev *Evaluator) Number(n Node) (*big.Float, bool) {
	if n.Broken() {
		return nil, false
	}
	if v := ev.scalar(n); present(v) && v.Type() == cty.Number {
		return v.AsBigFloat(), true
	}
	return nil, false
}

// numeral is a number as files have it.
var numeral = regexp.MustCompile(`^-?[0-9][0-9.eE+-]*$`)

// CheckNumeral refuses a number in place of a text that would become another text
// than it is written as: a number has no zeros at its beginning and only one
// spelling, so that 012345678901 is 12345678901, and 1.10 is 1.1.
func (ev *Evaluator) CheckNumeral(n Node, text string) bool {
	if _, ok := ev.Number(n); !ok {
		return true
	}
	at := n.Range()
	src := ev.Sources[at.File]
	if at.Start.Byte < 0 || at.End.Byte > len(src) || at.Start.Byte >= at.End.Byte {
		return true
	}
	written := string(src[at.Start.Byte:at.End.Byte])
	if written == text || !numeral.MatchString(written) {
		return true
	}
	ev.Unread[at] = true
	ev.Report(diag.Diagnostic{Code: source.CodeNumber, Range: at,
		Summary: fmt.Sprintf("text is required here; the number %s would become %q", written, text),
		Hint:    fmt.Sprintf("Write %q, in quotes.", written)})
	return false
}
