package terragrunt

import (
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"
	"github.com/zclconf/go-cty/cty/function/stdlib"
)

// takesLists reports whether a function makes lists or sets of its arguments.
func takesLists(name string) bool {
	return slices.Contains([]string{"chunklist", "compact", "distinct", "join", "setintersection", "setproduct", "setsubtract", "setunion",
		"sort", "tolist", "toset"}, name)
}

// listed is an argument of which a list is made. The conversion compares each
// type of a tuple with each, 40,000 of them for minutes, though nearly always
// they are one: then the list is made here.
type listed struct {
	hclsyntax.Expression
	meter *meter
}

// Value implements hcl.Expression.
func (e listed) Value(ctx *hcl.EvalContext) (cty.Value, hcl.Diagnostics) {
	v, diags := e.Expression.Value(ctx)
	if diags.HasErrors() || v.IsMarked() || !present(v) || !v.Type().IsTupleType() || v.LengthInt() == 0 {
		return v, diags
	}
	types := v.Type().TupleElementTypes()
	for _, t := range types {
		if !t.Equals(types[0]) || t == cty.DynamicPseudoType {
			e.meter.use(times(len(types), len(types))/4, 0)
			return v, diags
		}
	}
	return cty.ListVal(v.AsValueSlice()), diags
}

// distinct is the standard library's, which compares each with each, for all
// but texts.
func distinct(otherwise function.Function) function.Function {
	return function.New(&function.Spec{Params: otherwise.Params(),
		Type: func(args []cty.Value) (cty.Type, error) { return args[0].Type(), nil },
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			if args[0].Type() != cty.List(cty.String) || !args[0].IsWhollyKnown() || args[0].LengthInt() == 0 {
				return otherwise.Call(args)
			}
			seen := map[string]bool{}
			var out []cty.Value
			for _, e := range args[0].Elements() {
				if e.IsNull() {
					return stdlib.DistinctFunc.Call(args)
				}
				if s := e.AsString(); !seen[s] {
					seen[s] = true
					out = append(out, e)
				}
			}
			return cty.ListVal(out), nil
		},
	})
}
