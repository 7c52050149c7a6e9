package terragrunt

import (
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"github.com/rolecall-dev/rolecall/internal/config/source"
	"github.com/rolecall-dev/rolecall/internal/diag"
)

// Node is one value of a config: an expression as it is written, with the file
// in which its names mean something, or a result without an expression of its
// own. Reading literals straight from the syntax tree returns exact places and
// costs no evaluation; only what is no literal goes through cty.
type Node struct {
	expr   hcl.Expression
	file   *File   // nil: constants only
	result *result // then expr is nil
}

// result is a value that was evaluated or put together. One of its fields says
// what it is.
type result struct {
	at       diag.Range // the narrowest place known
	val      cty.Value
	list     []Node  // of concat
	fields   []Field // of merge
	file     *File   // of read_terragrunt_config
	localsOf *File   // its locals
	broken   bool    // the reason is reported
}

// Field is one key of an object, and where the key is written.
type Field struct {
	Name string
	At   diag.Range
	Node Node
}

// Attributes returns the attributes of a file or block, in the order in which
// they are written; file is nil where they are constants.
func Attributes(body hcl.Body, file *File) ([]Field, hcl.Diagnostics) {
	attrs, diags := body.JustAttributes()
	out := make([]Field, 0, len(attrs))
	for _, a := range attrs {
		out = append(out, Field{a.Name, source.Range(a.NameRange), Node{expr: a.Expr, file: file}})
	}
	return byPosition(out), diags
}

func byPosition(fields []Field) []Field {
	slices.SortFunc(fields, func(a, b Field) int { return a.At.Start.Byte - b.At.Start.Byte })
	return fields
}

func broken(at diag.Range) Node { return Node{result: &result{at: at, broken: true}} }

func valueNode(at diag.Range, val cty.Value) Node { return Node{result: &result{at: at, val: val}} }

// Broken reports whether the value could not be evaluated, which is reported.
func (n Node) Broken() bool { return n.result != nil && n.result.broken }

// Evaluated reports whether a resolved node was evaluated as a whole, so that its
// parts have no place of their own.
func (n Node) Evaluated() bool {
	return n.result != nil && (n.result.val != cty.NilVal || n.result.file != nil)
}

// Unknown reports whether the value depends on one that could not be evaluated.
func (n Node) Unknown() bool { return n.result != nil && !n.result.val.IsKnown() }

// Range returns where the value is written.
func (n Node) Range() diag.Range {
	switch e := n.expr.(type) {
	case nil:
		return n.result.at
	case *hclsyntax.TupleConsExpr: // not through the interface: it is called for every list
		return source.Range(e.SrcRange)
	default:
		return source.Range(e.Range())
	}
}

// LiteralText reports whether the node is a text written out.
func (n Node) LiteralText() bool {
	t, ok := n.expr.(*hclsyntax.TemplateExpr)
	return ok && t.IsStringLiteral()
}

// Elements returns the elements of a resolved list, tuple or set. They count as data
// that the config makes: a list that is written once may be used many times.
func (ev *Evaluator) Elements(n Node) ([]Node, bool) {
	list, ok := n.elements()
	if !ev.spend(n.Range(), len(list)) {
		return nil, ok
	}
	return list, ok
}

func (n Node) elements() ([]Node, bool) {
	switch e := n.expr.(type) {
	case nil:
		return n.result.elements()
	case *hclsyntax.TupleConsExpr:
		out := make([]Node, len(e.Exprs))
		for i, x := range e.Exprs {
			out[i] = Node{expr: x, file: n.file}
		}
		return out, true
	case hclsyntax.Expression:
		return nil, false
	}
	list, diags := hcl.ExprList(n.expr)
	out := make([]Node, len(list))
	for i, x := range list {
		out[i] = Node{expr: x}
	}
	return out, !diags.HasErrors()
}

func (r *result) elements() ([]Node, bool) {
	if r.list != nil {
		return r.list, true
	}
	if !present(r.val) {
		return nil, false
	}
	if t := r.val.Type(); !t.IsListType() && !t.IsTupleType() && !t.IsSetType() {
		return nil, false
	}
	out := make([]Node, 0, r.val.LengthInt())
	for _, v := range r.val.Elements() {
		out = append(out, valueNode(r.at, v))
	}
	return out, true
}

// present reports whether there is a value, known and not null.
func present(v cty.Value) bool { return v != cty.NilVal && v.IsKnown() && !v.IsNull() }

// Fields returns the keys of a resolved object or map, in the order in which
// they are written, or sorted where they were evaluated.
func (ev *Evaluator) Fields(n Node) ([]Field, bool) {
	fields, ok := ev.fields(n)
	if !ev.spend(n.Range(), len(fields)) {
		return nil, ok
	}
	return fields, ok
}

// field returns the field of that name of a resolved object, the last where there are
// two, as hcl has it.
func (ev *Evaluator) field(n Node, name string) (Field, bool) {
	if n.result != nil && n.result.localsOf != nil {
		lo := n.result.localsOf.locals[name]
		if lo == nil {
			return Field{}, false
		}
		return lo.Field, true
	}
	key := any(n.expr)
	if n.result != nil {
		key = n.result
	}
	index := ev.index[key]
	if index == nil {
		before := len(ev.Found)
		fields, _ := ev.Fields(n)
		index = make(map[string]Field, len(fields))
		for _, f := range fields {
			index[f.Name] = f
		}
		if len(ev.Found) == before { // what is wrong with a key is told whoever asks
			ev.index[key] = index
		}
	}
	f, ok := index[name]
	return f, ok
}

func (ev *Evaluator) fields(n Node) ([]Field, bool) {
	switch e := n.expr.(type) {
	case nil:
		return n.result.objectFields()
	case *hclsyntax.ObjectConsExpr:
		return ev.literalFields(e, n.file), true
	case hclsyntax.Expression:
		return nil, false
	}
	pairs, diags := hcl.ExprMap(n.expr)
	out := make([]Field, 0, len(pairs))
	for _, p := range pairs {
		if key, ok := ev.Text(Node{expr: p.Key}); ok {
			out = append(out, Field{key, source.Range(p.Key.Range()), Node{expr: p.Value}})
		}
	}
	return out, !diags.HasErrors()
}

func (ev *Evaluator) literalFields(e *hclsyntax.ObjectConsExpr, file *File) []Field {
	out := make([]Field, 0, len(e.Items))
	for _, item := range e.Items {
		if name, ok := ev.objectKey(item.KeyExpr, file); ok {
			out = append(out, Field{name, source.Range(item.KeyExpr.Range()), Node{expr: item.ValueExpr, file: file}})
		}
	}
	return out
}

// objectKey returns an object's key: a bare word, a string, or an expression in
// parentheses.
func (ev *Evaluator) objectKey(e hclsyntax.Expression, file *File) (string, bool) {
	if k, ok := e.(*hclsyntax.ObjectConsKeyExpr); ok {
		e = k.Wrapped
		if t, ok := e.(*hclsyntax.ScopeTraversalExpr); ok && !k.ForceNonLiteral {
			if len(t.Traversal) > 1 {
				ev.Reportf(source.CodeSyntax, source.Range(e.Range()), "Put the key into quotes, or an expression into parentheses.", "an unquoted key cannot have dots")
			}
			return t.Traversal.RootName(), len(t.Traversal) == 1
		}
	}
	n := ev.Resolve(Node{expr: e, file: file})
	if n.Broken() {
		return "", false
	}
	name, ok := ev.Text(n)
	if !ok {
		ev.Reportf(source.CodeWrongType, n.Range(), "Use text as the key.", "a key must be a string, not %s", ev.Kind(n))
	}
	return name, ok && ev.CheckNumeral(n, name)
}

func (r *result) objectFields() ([]Field, bool) {
	switch {
	case r.fields != nil:
		return r.fields, true
	case r.file != nil:
		return []Field{{"locals", r.at, Node{result: &result{at: r.at, localsOf: r.file}}}}, true
	case r.localsOf != nil:
		return r.localsOf.Locals(), true
	case !present(r.val):
		return nil, false
	}
	if t := r.val.Type(); !t.IsObjectType() && !t.IsMapType() {
		return nil, false
	}
	out := make([]Field, 0, r.val.LengthInt())
	for k, v := range r.val.Elements() {
		out = append(out, Field{k.AsString(), r.at, valueNode(r.at, v)})
	}
	return out, true
}
