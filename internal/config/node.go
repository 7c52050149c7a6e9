package config

import (
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"github.com/rolecall-dev/rolecall/internal/diag"
)

// node is one value of a config: an expression as it is written, with the
// scope in which its names mean something, or a value without an expression of
// its own. Reading literals straight from the syntax tree returns exact places
// and costs no evaluation; only what is no literal goes through cty.
type node struct {
	expr  hcl.Expression
	scope *scope // nil: constants only
	made  *made  // then expr is nil
}

// made is a value that was evaluated or put together. One of its fields says
// what it is.
type made struct {
	at       diag.Range // the narrowest place known
	val      cty.Value
	list     []node  // of concat
	fields   []field // of merge
	file     *scope  // of read_terragrunt_config
	localsOf *scope  // its locals
	broken   bool    // the reason is reported
}

// field is one key of an object, and where the key is written.
type field struct {
	name string
	at   diag.Range
	node node
}

func broken(at diag.Range) node { return node{made: &made{at: at, broken: true}} }

func (n node) broken() bool { return n.made != nil && n.made.broken }

// place returns where the value is written, without its children's evaluation.
func (n node) place() diag.Range {
	switch e := n.expr.(type) {
	case nil:
		return n.made.at
	case *hclsyntax.TupleConsExpr: // not through the interface: it is called for every list
		return fromRange(e.SrcRange)
	default:
		return fromRange(e.Range())
	}
}

// elements returns the elements of a settled list, tuple or set.
func (n node) elements() ([]node, bool) {
	switch e := n.expr.(type) {
	case nil:
		return n.made.elements()
	case *hclsyntax.TupleConsExpr:
		out := make([]node, len(e.Exprs))
		for i, x := range e.Exprs {
			out[i] = node{expr: x, scope: n.scope}
		}
		return out, true
	case hclsyntax.Expression:
		return nil, false
	}
	list, diags := hcl.ExprList(n.expr)
	out := make([]node, len(list))
	for i, x := range list {
		out[i] = node{expr: x}
	}
	return out, !diags.HasErrors()
}

func (m *made) elements() ([]node, bool) {
	if m.list != nil {
		return m.list, true
	}
	if m.val == cty.NilVal || m.val.IsNull() || !m.val.IsKnown() {
		return nil, false
	}
	if t := m.val.Type(); !t.IsListType() && !t.IsTupleType() && !t.IsSetType() {
		return nil, false
	}
	out := make([]node, 0, m.val.LengthInt())
	for _, v := range m.val.Elements() {
		out = append(out, node{made: &made{at: m.at, val: v}})
	}
	return out, true
}

// members returns the keys of a settled object or map, in the order in which
// they are written, or sorted where they were evaluated.
func (l *loader) members(n node) ([]field, bool) {
	switch e := n.expr.(type) {
	case nil:
		return n.made.members()
	case *hclsyntax.ObjectConsExpr:
		return l.literalMembers(e, n.scope), true
	case hclsyntax.Expression:
		return nil, false
	}
	pairs, diags := hcl.ExprMap(n.expr)
	out := make([]field, 0, len(pairs))
	for _, p := range pairs {
		if key, ok := l.text(node{expr: p.Key}); ok {
			out = append(out, field{name: key, at: fromRange(p.Key.Range()), node: node{expr: p.Value}})
		}
	}
	return out, !diags.HasErrors()
}

func (l *loader) literalMembers(e *hclsyntax.ObjectConsExpr, s *scope) []field {
	out := make([]field, 0, len(e.Items))
	for _, item := range e.Items {
		if name, ok := l.objectKey(item.KeyExpr, s); ok {
			out = append(out, field{name: name, at: fromRange(item.KeyExpr.Range()), node: node{expr: item.ValueExpr, scope: s}})
		}
	}
	return out
}

// objectKey returns an object's key: a bare word, a string, or an expression in
// parentheses.
func (l *loader) objectKey(e hclsyntax.Expression, s *scope) (string, bool) {
	if k, ok := e.(*hclsyntax.ObjectConsKeyExpr); ok {
		if !k.ForceNonLiteral {
			if st, ok := k.Wrapped.(*hclsyntax.ScopeTraversalExpr); ok && len(st.Traversal) == 1 {
				return st.Traversal.RootName(), true
			}
		}
		e = k.Wrapped
		if _, ok := e.(*hclsyntax.ScopeTraversalExpr); ok && !k.ForceNonLiteral {
			l.reportf(CodeSyntax, fromRange(e.Range()), "Put the key into quotes, or an expression into parentheses.", "an unquoted key cannot have dots")
			return "", false
		}
	}
	n := l.settle(node{expr: e, scope: s})
	if n.broken() {
		return "", false
	}
	name, ok := l.text(n)
	if !ok {
		l.reportf(CodeWrongType, n.place(), "Use a text as the key.", "a key must be a string, not %s", l.kind(n))
	}
	return name, ok && l.checkNumeral(n, name)
}

func (m *made) members() ([]field, bool) {
	switch {
	case m.fields != nil:
		return m.fields, true
	case m.file != nil:
		return []field{{name: "locals", at: m.at, node: node{made: &made{at: m.at, localsOf: m.file}}}}, true
	case m.localsOf != nil:
		return m.localsOf.members(), true
	case m.val == cty.NilVal || m.val.IsNull() || !m.val.IsKnown():
		return nil, false
	}
	if t := m.val.Type(); !t.IsObjectType() && !t.IsMapType() {
		return nil, false
	}
	out := make([]field, 0, m.val.LengthInt())
	for k, v := range m.val.Elements() {
		out = append(out, field{name: k.AsString(), at: m.at, node: node{made: &made{at: m.at, val: v}}})
	}
	return out, true
}
