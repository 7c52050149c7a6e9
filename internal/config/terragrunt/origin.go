package terragrunt

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"

	"github.com/rolecall-dev/rolecall/internal/config/source"
	"github.com/rolecall-dev/rolecall/internal/diag"
)

// origin marks a value as what another file holds: the whole of it, its locals
// or its inputs. The mark goes where the value goes, through locals, merge and
// lists, so that a name misspelt in it is found in whatever form it is asked for.
type origin struct {
	file *File
	part string // "attribute" for the whole, "local" or "input"
}

// has reports whether a name is the file's own.
func (o origin) has(name string) bool {
	switch o.part {
	case "local":
		return o.file.locals[name] != nil
	case "input":
		return slices.Contains(o.file.inputNames, name)
	}
	return name == "inputs" || name == "locals"
}

// readName is a name of another file that an expression asks for.
type readName struct {
	origin
	name string
}

// slip is a name that another file does not have, though one nearly like it: it may
// be misspelt.
type slip struct {
	readName
	near string
	at   diag.Range
}

// shortest is how long a name is that may be another one misspelt: a, b and dev are
// names of their own.
const shortest = 4

// lookInto returns a value without its own origin, before name is looked up in
// it: what it holds is the user's own. A name that it does not have, and of
// which the file has one nearly like it, may be misspelt, and try would hide it:
// ReportSlips says so in the end. The place is the whole expression's where at is
// zero.
func (ev *Evaluator) lookInto(v cty.Value, name string, at hcl.Range) cty.Value {
	if !v.IsMarked() {
		return v
	}
	v, marks := v.Unmark()
	if name == "" || !present(v) {
		return v
	}
	place := ev.at
	if at != (hcl.Range{}) {
		place = source.Range(at)
	}
	if hasName(v, name) {
		for _, o := range origins(marks) {
			ev.namesRead[readName{o, name}] = true
		}
		return v
	}
	for _, o := range origins(marks) {
		if near := ev.nearIn(v, readName{o, name}, place); near != "" {
			ev.slips = append(ev.slips, slip{readName{o, name}, near, place})
		}
	}
	return v
}

func hasName(v cty.Value, name string) bool {
	if t := v.Type(); t.IsObjectType() {
		return t.HasAttribute(name)
	}
	return slices.Contains(namesIn(v), name)
}

// missed is a name that is not among so many.
type missed struct {
	readName
	among int
}

// nearIn returns which of the origin's own names in v was most likely meant. To compare
// with all of them takes long where they are many, so it is done once, and counted.
func (ev *Evaluator) nearIn(v cty.Value, r readName, at diag.Range) string {
	if len(r.name) < shortest {
		return ""
	}
	key := missed{r, length(v)}
	found, known := ev.near[key]
	if !known && ev.spend(at, 3*key.among) {
		found = near(r.name, slices.DeleteFunc(namesIn(v), func(n string) bool { return !r.has(n) }))
		ev.near[key] = found
	}
	return found
}

// noteRead remembers that the config asks for a name that another file has.
func (ev *Evaluator) noteRead(file *File, part string, steps hcl.Traversal) {
	if len(steps) == 0 {
		return
	}
	if name, ok := stepName(steps[0]); ok {
		ev.namesRead[readName{origin{file, part}, name}] = true
	}
}

// ReportSlips reports the names that were meant to be others: where the config asks
// for the other one as well, both are names of their own, such as team1 and team2,
// and this one may be missing.
func (ev *Evaluator) ReportSlips() {
	for _, s := range ev.slips {
		if s.part == "attribute" || !ev.namesRead[readName{s.origin, s.near}] {
			ev.Reportf(source.CodeReference, s.at, fmt.Sprintf("Did you mean %q?", s.near), "%s has no %s %q", s.file.Shown, s.part, s.name)
		}
	}
}

// origins returns the origins among marks, in one order.
func origins(marks cty.ValueMarks) []origin {
	var out []origin
	for mark := range marks {
		if o, ok := mark.(origin); ok {
			out = append(out, o)
		}
	}
	slices.SortFunc(out, func(a, b origin) int {
		return cmp.Or(cmp.Compare(b.part, a.part), cmp.Compare(a.file.Name, b.file.Name))
	})
	return out
}

// namesIn returns an object's names, or those that a list of names has.
func namesIn(v cty.Value) []string {
	var out []string
	if t := v.Type(); t.IsObjectType() {
		return slices.Sorted(maps.Keys(t.AttributeTypes()))
	}
	if !v.CanIterateElements() {
		return nil
	}
	for k, e := range v.Elements() {
		if !v.Type().IsMapType() {
			k = e
		}
		if name, ok := textOf(k); ok {
			out = append(out, name)
		}
	}
	return out
}

// stepped is an expression that goes into values by name, one step at a time,
// so that each is looked at for where it comes from.
type stepped struct {
	hclsyntax.Expression
	source func(*hcl.EvalContext) (cty.Value, hcl.Diagnostics)
	steps  hcl.Traversal
	ev     *Evaluator
}

// Value implements hcl.Expression.
func (e stepped) Value(ctx *hcl.EvalContext) (cty.Value, hcl.Diagnostics) {
	v, diags := e.source(ctx)
	if diags.HasErrors() {
		return cty.DynamicVal, diags
	}
	for _, step := range e.steps {
		name, _ := stepName(step)
		next, more := step.TraversalStep(e.ev.lookInto(v, name, e.Range()))
		if diags = append(diags, more...); more.HasErrors() {
			return cty.DynamicVal, diags
		}
		v = next
	}
	return v, diags
}

// indexed is collection[key] with a key that is not constant.
type indexed struct {
	*hclsyntax.IndexExpr
	ev *Evaluator
}

// Value implements hcl.Expression.
func (e indexed) Value(ctx *hcl.EvalContext) (cty.Value, hcl.Diagnostics) {
	from, diags := e.Collection.Value(ctx)
	key, more := e.Key.Value(ctx)
	diags = append(diags, more...)
	key, _ = key.Unmark()
	name, _ := textOf(key)
	v, more := hcl.Index(e.ev.lookInto(from, name, e.SrcRange), key, &e.BracketRange)
	return v, append(diags, more...)
}

// looking is a function that looks for its second argument in its first.
func (ev *Evaluator) looking(f function.Function) function.Function {
	params := slices.Clone(f.Params())
	params[0].AllowMarked = true
	return function.New(&function.Spec{Params: params, VarParam: f.VarParam(),
		Type: func(args []cty.Value) (cty.Type, error) {
			args = slices.Clone(args)
			args[0] = ev.lookInto(args[0], argument(args, 1), hcl.Range{})
			return f.ReturnTypeForValues(args)
		},
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			args = slices.Clone(args)
			args[0], _ = args[0].Unmark()
			return f.Call(args)
		},
	})
}
