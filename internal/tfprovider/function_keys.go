package tfprovider

import (
	"context"
	"fmt"
	"maps"
	"math/big"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/names"
)

// keysFunction is config_problems: what of a list of the config cannot be right
// by its keys alone. The module's lists are of type any, because Terraform
// would give all elements one type, and drop a misspelt key without a word.
type keysFunction struct{}

func (keysFunction) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = "config_problems"
}

func (keysFunction) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	resp.Definition = function.Definition{
		Summary: "Unknown or missing keys of the config",
		MarkdownDescription: "Returns what is wrong with the keys of `users`, `access_groups` or `external_groups`, one text each, in the words of the command: unknown keys, with what was probably meant; " +
			"missing keys; and lists that are not lists. What is not known yet counts as correct.",
		Parameters: []function.Parameter{
			function.StringParameter{Name: "list", MarkdownDescription: "Which list it is: `users`, `access_groups` or `external_groups`."},
			function.DynamicParameter{Name: "value", AllowUnknownValues: true, AllowNullValue: true, MarkdownDescription: "The list."},
		},
		Return: function.ListReturn{ElementType: types.StringType},
	}
}

func (keysFunction) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	var list string
	var value types.Dynamic
	if resp.Error = req.Arguments.Get(ctx, &list, &value); resp.Error != nil {
		return
	}
	kind := access.Keys().In(list)
	if kind == nil {
		resp.Error = function.NewArgumentFuncError(0, "it must be users, access_groups or external_groups")
		return
	}
	v, err := value.ToTerraformValue(ctx)
	if err != nil {
		resp.Error = function.NewFuncError(err.Error())
		return
	}
	problems := []string{}
	checkList(kind, list, v, &problems)
	slices.Sort(problems)
	resp.Error = resp.Result.Set(ctx, slices.Compact(problems))
}

// checkList adds what is wrong with a list of such elements.
func checkList(kind *access.Kind, name string, v tftypes.Value, problems *[]string) {
	elements, ok := elementsOf(v)
	if !ok {
		*problems = append(*problems, fmt.Sprintf("%s is not a list", name))
	}
	for _, e := range elements {
		checkObject(kind, name, e, problems)
	}
}

// elementsOf returns the elements of a list; none of what is null or not known, and ok is
// false of what is no list.
func elementsOf(v tftypes.Value) (elements []tftypes.Value, ok bool) {
	if !v.IsKnown() || v.IsNull() {
		return nil, true
	}
	err := v.As(&elements)
	return elements, err == nil
}

func checkObject(kind *access.Kind, list string, v tftypes.Value, problems *[]string) {
	if !v.IsKnown() {
		return
	}
	var object map[string]tftypes.Value
	if v.IsNull() || v.As(&object) != nil {
		*problems = append(*problems, fmt.Sprintf("an element of %s is not an object, { %s = ... }", list, kind.Keys[0].Path))
		return
	}
	names := kind.Names()
	for key := range object {
		if !slices.Contains(names, key) && !object[key].IsNull() {
			*problems = append(*problems, fmt.Sprintf("%s has no key %q. %s", kind.What, key, nearKey(key, names)))
		}
	}
	for _, k := range kind.Keys {
		has, ok := object[k.Path]
		switch {
		case k.Required && (!ok || has.IsNull()):
			*problems = append(*problems, fmt.Sprintf("%s lacks %s", called(kind.What, object), k.Path))
		case !ok:
		case k.Form == access.IAM && isObject(has):
			checkConditions(has, problems)
		case k.Of != nil:
			checkList(k.Of, k.Path, has, problems)
		case k.Form == access.Accounts:
			checkAccounts(called(kind.What, object), has, problems)
			checkTexts(k.Path, called(kind.What, object), has, problems)
		case k.Type == "list(string)" && k.Path != "values": // of a condition, IAM takes a single one
			checkTexts(k.Path, called(kind.What, object), has, problems)
		}
	}
}

func nearKey(key string, keys []string) string {
	return names.DidYouMean(names.Nearest(key, keys), fmt.Sprintf("Remove it; the keys are %s.", strings.Join(keys, ", ")))
}

// called names the one that is meant, where it has a name.
func called(what string, object map[string]tftypes.Value) string {
	for _, key := range []string{"name", "username", "email"} {
		var name string
		if v, ok := object[key]; ok && v.IsKnown() && v.As(&name) == nil && name != "" {
			return fmt.Sprintf("%s called %q", what, name)
		}
	}
	return what
}

func isObject(v tftypes.Value) bool {
	var object map[string]tftypes.Value
	return v.IsKnown() && !v.IsNull() && v.As(&object) == nil
}

// checkAccounts finds numbers among accounts: Terraform would make texts of them,
// without the zeros that an id begins with.
func checkAccounts(of string, v tftypes.Value, problems *[]string) {
	accounts, _ := elementsOf(v)
	for _, a := range accounts {
		var n big.Float
		if !a.IsKnown() || a.IsNull() || !a.Type().Is(tftypes.Number) || a.As(&n) != nil {
			continue
		}
		*problems = append(*problems, fmt.Sprintf("accounts_names of %s has a number, and an account id is text. %s", of, access.QuoteAccount(&n)))
	}
}

// checkTexts finds what is no list of texts: Terraform would make one of a text, and
// leave out what is null.
func checkTexts(key, of string, v tftypes.Value, problems *[]string) {
	texts, ok := elementsOf(v)
	if !ok {
		*problems = append(*problems, fmt.Sprintf("%s of %s is not a list. Write it in brackets: %s = [...]", key, of, key))
	}
	for _, text := range texts {
		if text.IsKnown() && text.IsNull() {
			*problems = append(*problems, fmt.Sprintf("%s of %s has an element that is null. Remove it, or check where it comes from", key, of))
		}
	}
}

// checkConditions is for the form that IAM has, { test = { variable = values } }.
func checkConditions(v tftypes.Value, problems *[]string) {
	var tests map[string]tftypes.Value
	if v.As(&tests) != nil {
		return
	}
	for _, test := range slices.Sorted(maps.Keys(tests)) {
		if tests[test].IsKnown() && !isObject(tests[test]) {
			*problems = append(*problems, fmt.Sprintf("the condition %s is not { variable = values }", test))
		}
	}
}
