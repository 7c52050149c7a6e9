package config

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/config/terragrunt"
	"github.com/rolecall-dev/rolecall/internal/diag"
)

// TestRoutesAgree: however a config reaches rolecall - read from the syntax
// tree, evaluated as a whole, through a function and locals, through another
// file, as JSON - it means the same, and the same is wrong with it.
func TestRoutesAgree(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		value := genConfig(t)
		text, err := json.Marshal(value)
		if err != nil {
			t.Fatal(err)
		}
		locals := "locals {\n" + hclAttributes(value) + "}\n"
		want, wantFound := LoadFS(fstest.MapFS{inputsFile: {Data: []byte(locals)}}, "", Options{})
		for name, route := range map[string]fstest.MapFS{
			"tfvars":      {"terraform.tfvars": {Data: []byte(hclAttributes(value))}},
			"tfvars.json": {"terraform.tfvars.json": {Data: text}},
			"terragrunt":  {terragrunt.FileName: {Data: []byte("inputs = read_terragrunt_config(\"inputs.hcl\").locals\n")}, inputsFile: {Data: []byte(locals)}},
			"merge":       {terragrunt.FileName: {Data: []byte("locals {\n x = {\n" + hclAttributes(value) + "}\n}\ninputs = merge({}, null, local.x)\n")}},
			"function":    {inputsFile: {Data: []byte(throughFunction(value, string(text)))}},
			"evaluated":   {inputsFile: {Data: []byte(locals)}},
		} {
			got, found := LoadFS(route, "", Options{evaluateAll: name == "evaluated"})
			if diff := cmp.Diff(want.Config, got.Config, samePlaces, cmpopts.EquateEmpty()); diff != "" {
				t.Fatalf("%s means something else (-syntax +%s):\n%s\n%s", name, name, diff, locals)
			}
			if diff := cmp.Diff(codesOf(wantFound), codesOf(found)); diff != "" {
				t.Fatalf("%s finds something else (-syntax +%s):\n%s\n%s\n%v", name, name, diff, locals, found)
			}
		}
	})
}

// samePlaces compares whether there is a place, not which.
var samePlaces = cmp.Comparer(func(a, b diag.Range) bool { return a.IsZero() == b.IsZero() })

// codesOf returns each code once: where places differ no more, findings coincide.
func codesOf(found diag.List) []diag.Code {
	var out []diag.Code
	for _, d := range found {
		out = append(out, d.Code)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func throughFunction(value map[string]any, text string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "locals {\n  all_of_it = jsondecode(%s)\n", hclValue(text))
	for _, k := range slices.Sorted(maps.Keys(value)) {
		fmt.Fprintf(&b, "  %s = local.all_of_it[%q]\n", k, k)
	}
	return b.String() + "}\n"
}

// genConfig makes a config by the schema, with a wrong type now and then.
func genConfig(t *rapid.T) map[string]any {
	out := genObject(t, Schema(), "")
	out["management_mode"] = "internal"
	return out
}

func genObject(t *rapid.T, docs []access.KeyDoc, prefix string) map[string]any {
	out := map[string]any{}
	for _, d := range docs {
		name, ok := strings.CutPrefix(d.Path, prefix)
		if !ok || strings.Contains(name, "[]") || rapid.IntRange(0, 2).Draw(t, "skip") == 0 {
			continue
		}
		out[name] = genValue(t, docs, d)
	}
	return out
}

func genValue(t *rapid.T, docs []access.KeyDoc, d access.KeyDoc) any {
	switch odd := rapid.IntRange(0, 40).Draw(t, "odd"); {
	case odd == 0:
		return nil
	case odd == 1:
		return genOdd(t)
	}
	switch d.Type {
	case "string":
		return genText(t)
	case "list(string)":
		return genList(t, func() any { return genText(t) })
	case "list(object)":
		return genList(t, func() any { return genObject(t, docs, d.Path+"[].") })
	case "map(string)":
		return map[string]any{"a": genText(t), "b c": genText(t)}
	default: // conditions
		if rapid.Bool().Draw(t, "form") {
			return genList(t, func() any { return genObject(t, docs, d.Path+"[].") })
		}
		return map[string]any{"StringLike": map[string]any{"aws:x": genText(t), "aws:y": genList(t, func() any { return genText(t) })}}
	}
}

func genOdd(t *rapid.T) any {
	return rapid.SampledFrom([]any{true, 1.5, -3, "x", []any{}, []any{"a", nil, []any{}}, map[string]any{}, map[string]any{"k": "v"}}).Draw(t, "odd value")
}

func genText(t *rapid.T) any {
	return rapid.SampledFrom([]any{"", "a", "PT1H", "é", "e\u0301", "\u2014", "tab\tand \"quotes\" \\", "${local.x}", "%{if}", "line\nbreak", "$", 8, true, 1e3}).Draw(t, "text")
}

func genList(t *rapid.T, element func() any) []any {
	out := []any{}
	for range rapid.IntRange(0, 2).Draw(t, "length") {
		out = append(out, element())
	}
	return out
}

func hclAttributes(value map[string]any) string {
	var b strings.Builder
	for _, k := range slices.Sorted(maps.Keys(value)) {
		fmt.Fprintf(&b, "  %s = %s\n", k, hclValue(value[k]))
	}
	return b.String()
}

func hclValue(v any) string {
	switch v := v.(type) {
	case nil:
		return "null"
	case string:
		quoted := strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`, "\t", `\t`, "${", "$${", "%{", "%%{").Replace(v)
		return `"` + quoted + `"`
	case []any:
		parts := make([]string, len(v))
		for i, e := range v {
			parts[i] = hclValue(e)
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case map[string]any:
		var parts []string
		for _, k := range slices.Sorted(maps.Keys(v)) {
			parts = append(parts, hclValue(k)+" = "+hclValue(v[k]))
		}
		return "{" + strings.Join(parts, ", ") + "}"
	default:
		return fmt.Sprint(v)
	}
}

// TestEveryKeyIsRead: a key of the schema that is written reaches the config;
// a table of keys that forgets one, or reads it into another's place, fails.
func TestEveryKeyIsRead(t *testing.T) {
	value := fullObject(Schema(), "")
	res, found := LoadFS(fstest.MapFS{inputsFile: {Data: []byte("locals {\n" + hclAttributes(value) + "}\n")}}, "", Options{})
	if len(found) > 0 {
		t.Fatal(found)
	}
	text, err := json.Marshal(res.Config)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range Schema() {
		if !strings.Contains(d.Type, "list(object)") && !strings.Contains(string(text), `"Value":"`+d.Path+`"`) {
			t.Errorf("%s does not reach the config", d.Path)
		}
	}
	if want, got := res.Config.AccessGroups.Items[0].Name.Value, "access_groups[].name"; want != got {
		t.Errorf("the name of an access group is %q, not %q", got, want)
	}
}

// fullObject sets every key to its own path.
func fullObject(docs []access.KeyDoc, prefix string) map[string]any {
	out := map[string]any{}
	for _, d := range docs {
		name, ok := strings.CutPrefix(d.Path, prefix)
		if !ok || strings.Contains(name, "[]") {
			continue
		}
		switch d.Type {
		case "string":
			out[name] = d.Path
		case "list(string)":
			out[name] = []any{d.Path}
		case "map(string)":
			out[name] = map[string]any{"k": d.Path}
		case "list(object)":
			out[name] = []any{fullObject(docs, d.Path+"[].")}
		default: // conditions, in the form of a list of objects
			out[name] = []any{fullObject(docs, d.Path+"[].")}
		}
	}
	return out
}

// TestLintsOfAnyConfig: whatever a config says, the lints say whole sentences
// about places of it, and never one where an error is reported already.
func TestLintsOfAnyConfig(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		files := fstest.MapFS{"terraform.tfvars": {Data: []byte(hclAttributes(genConfig(t)))}, SettingsFile: {Data: []byte(everyLint)}}
		res, found := ValidateFS(files, "", Options{})
		errors := map[diag.Range]bool{}
		for _, d := range found {
			if d.Severity == diag.Error {
				errors[d.Range] = true
			}
		}
		for _, d := range res.Lint(found) {
			if !strings.HasPrefix(string(d.Code), "lint.") {
				continue
			}
			if d.Summary == "" || d.Detail == "" || d.Hint == "" || d.Range.Start.Line == 0 || errors[d.Range] {
				t.Fatalf("a lint is not whole, or repeats an error: %+v", d)
			}
		}
	})
}
