package terragrunt

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2/ext/tryfunc"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"
	"github.com/zclconf/go-cty/cty/function/stdlib"

	"github.com/rolecall-dev/rolecall/internal/config/source"
)

// Functions returns the names of the functions that an inputs.hcl can call.
// Only the page that is made from the code asks.
func Functions() []string {
	return slices.Sorted(maps.Keys(New(source.NewReader(source.Folder{}), Options{}).functionsOf(&File{})))
}

// refused says why a function is not called, or "".
func refused(name string) string {
	for why, functions := range map[string]string{
		"rolecall runs no programs":                      "run_cmd",
		"its value differs from one machine to the next": "get_env",
		"reading a config asks no other system":          "sops_decrypt_file get_aws_account_id get_aws_account_alias get_aws_caller_identity_arn get_aws_caller_identity_user_id",
		"its value differs each time":                    "timestamp plantimestamp uuid bcrypt",
		"it is known to Terragrunt only": "get_parent_terragrunt_dir path_relative_to_include path_relative_from_include get_path_from_repo_root get_path_to_repo_root get_repo_root " +
			"get_original_terragrunt_dir get_working_dir get_terraform_command get_terraform_cli_args get_platform get_terragrunt_source_cli_flag mark_as_read render_aws_config",
		"of the file functions, only file and fileexists are supported": "templatefile filebase64 filesha256 filemd5 fileset pathexpand abspath",
	} {
		if slices.Contains(strings.Fields(functions), name) {
			return why
		}
	}
	return ""
}

// functionsOf returns the functions that a file's expressions can call.
func (ev *Evaluator) functionsOf(f *File) map[string]function.Function {
	if f.functions != nil {
		return f.functions
	}
	if ev.library == nil {
		ev.library = ev.pureFunctions()
	}
	f.functions = maps.Clone(ev.library)
	maps.Copy(f.functions, ev.fileFunctions(f))
	if ev.opts.Getenv != nil {
		f.functions["get_env"] = computed(ev.getenv, cty.String, cty.String)
	}
	return f.functions
}

func (ev *Evaluator) getenv(args []cty.Value) (cty.Value, error) {
	name := args[0].AsString()
	if v, ok := ev.opts.Getenv(name); ok {
		return cty.StringVal(v), nil
	}
	if len(args) > 1 {
		return args[1], nil
	}
	return cty.NilVal, fmt.Errorf("the environment variable %q is not set", name)
}

func (ev *Evaluator) pureFunctions() map[string]function.Function {
	lib := map[string]function.Function{
		"abs": stdlib.AbsoluteFunc, "can": tryfunc.CanFunc, "ceil": stdlib.CeilFunc, "chomp": stdlib.ChompFunc,
		"chunklist": stdlib.ChunklistFunc, "coalesce": stdlib.CoalesceFunc, "coalescelist": stdlib.CoalesceListFunc,
		"compact": stdlib.CompactFunc, "concat": stdlib.ConcatFunc, "contains": stdlib.ContainsFunc,
		"csvdecode": stdlib.CSVDecodeFunc, "distinct": stdlib.DistinctFunc, "element": stdlib.ElementFunc,
		"flatten": stdlib.FlattenFunc, "floor": stdlib.FloorFunc, "format": stdlib.FormatFunc,
		"formatlist": stdlib.FormatListFunc, "indent": stdlib.IndentFunc, "index": stdlib.IndexFunc,
		"join": stdlib.JoinFunc, "jsondecode": stdlib.JSONDecodeFunc, "jsonencode": stdlib.JSONEncodeFunc,
		"keys": stdlib.KeysFunc, "length": stdlib.LengthFunc, "lower": stdlib.LowerFunc, "max": stdlib.MaxFunc,
		"merge": stdlib.MergeFunc, "min": stdlib.MinFunc, "parseint": stdlib.ParseIntFunc, "range": stdlib.RangeFunc,
		"regex": stdlib.RegexFunc, "regexall": stdlib.RegexAllFunc, "reverse": stdlib.ReverseListFunc,
		"setintersection": stdlib.SetIntersectionFunc, "setproduct": stdlib.SetProductFunc,
		"setsubtract": stdlib.SetSubtractFunc, "setunion": stdlib.SetUnionFunc, "slice": stdlib.SliceFunc,
		"sort": stdlib.SortFunc, "split": stdlib.SplitFunc, "strrev": stdlib.ReverseFunc, "substr": stdlib.SubstrFunc,
		"title": stdlib.TitleFunc, "trim": stdlib.TrimFunc, "trimprefix": stdlib.TrimPrefixFunc,
		"trimspace": stdlib.TrimSpaceFunc, "trimsuffix": stdlib.TrimSuffixFunc, "try": tryfunc.TryFunc,
		"upper": stdlib.UpperFunc, "values": stdlib.ValuesFunc, "zipmap": stdlib.ZipmapFunc,
		"tobool": stdlib.MakeToFunc(cty.Bool), "tolist": stdlib.MakeToFunc(cty.List(cty.DynamicPseudoType)),
		"tomap": stdlib.MakeToFunc(cty.Map(cty.DynamicPseudoType)), "tonumber": stdlib.MakeToFunc(cty.Number),
		"toset": stdlib.MakeToFunc(cty.Set(cty.DynamicPseudoType)), "tostring": stdlib.MakeToFunc(cty.String),
	}
	lib["startswith"] = textTest(strings.HasPrefix)
	lib["endswith"] = textTest(strings.HasSuffix)
	lib["strcontains"] = textTest(strings.Contains)
	lib["replace"] = computed(replace, cty.String, cty.String, cty.String)
	lib["lookup"] = computed(lookup, cty.DynamicPseudoType, cty.String, cty.DynamicPseudoType)
	lib["one"] = computed(one, cty.DynamicPseudoType)
	for name, c := range ev.costs {
		lib[name] = ev.bounded(name, lib[name], c)
	}
	lib["distinct"] = distinct(lib["distinct"])
	lib["lookup"], lib["contains"] = ev.looking(lib["lookup"]), ev.looking(lib["contains"])
	return lib
}

func textTest(test func(f, part string) bool) function.Function {
	return function.New(&function.Spec{
		Params: []function.Parameter{{Name: "text", Type: cty.String}, {Name: "part", Type: cty.String}},
		Type:   function.StaticReturnType(cty.Bool),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			return cty.BoolVal(test(args[0].AsString(), args[1].AsString())), nil
		},
	})
}

// computed is a function of any type. The last parameter may be left out where
// there is more than one. What is returned as it came keeps the mark of where it
// comes from.
func computed(impl func([]cty.Value) (cty.Value, error), params ...cty.Type) function.Function {
	spec := &function.Spec{Type: function.StaticReturnType(cty.DynamicPseudoType)}
	for i, t := range params {
		p := function.Parameter{Name: fmt.Sprintf("arg%d", i+1), Type: t, AllowDynamicType: true, AllowMarked: t == cty.DynamicPseudoType}
		if i > 0 && i == len(params)-1 {
			p.AllowNull = true
			spec.VarParam = &p
			continue
		}
		spec.Params = append(spec.Params, p)
	}
	spec.Impl = func(args []cty.Value, _ cty.Type) (cty.Value, error) {
		if len(args) > len(params) {
			return cty.NilVal, fmt.Errorf("takes at most %d arguments", len(params))
		}
		return impl(args)
	}
	return function.New(spec)
}

// replace takes a pattern between slashes for a regular expression, as
// Terraform does.
func replace(args []cty.Value) (cty.Value, error) {
	if len(args) < 3 || args[2].IsNull() {
		return cty.NilVal, fmt.Errorf("takes three strings")
	}
	if expr, ok := betweenSlashes(args[1].AsString()); ok {
		return stdlib.RegexReplace(args[0], cty.StringVal(expr), args[2])
	}
	return stdlib.Replace(args[0], args[1], args[2])
}

func betweenSlashes(pattern string) (string, bool) {
	if len(pattern) > 1 && strings.HasPrefix(pattern, "/") && strings.HasSuffix(pattern, "/") {
		return pattern[1 : len(pattern)-1], true
	}
	return "", false
}

func lookup(args []cty.Value) (cty.Value, error) {
	from, key := args[0], args[1].AsString()
	if t := from.Type(); !t.IsObjectType() && !t.IsMapType() {
		return cty.NilVal, fmt.Errorf("takes a map or an object, not %s", t.FriendlyName())
	}
	switch t := from.Type(); {
	case t.IsObjectType() && t.HasAttribute(key):
		return from.GetAttr(key), nil
	case t.IsMapType() && from.HasIndex(args[1]).True():
		return from.Index(args[1]), nil
	}
	if len(args) > 2 {
		return args[2], nil
	}
	return cty.NilVal, fmt.Errorf("there is no key %q, and no default", key)
}

func one(args []cty.Value) (cty.Value, error) {
	from, _ := args[0].Unmark()
	if !from.CanIterateElements() {
		return cty.NilVal, fmt.Errorf("takes a list or set")
	}
	switch all := from.AsValueSlice(); len(all) {
	case 0:
		return cty.NullVal(cty.DynamicPseudoType), nil
	case 1:
		return all[0], nil
	default:
		return cty.NilVal, fmt.Errorf("takes a list of at most one element, not %d", len(all))
	}
}
