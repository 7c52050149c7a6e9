package terragrunt

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/rolecall-dev/rolecall/internal/config/source"
	"github.com/rolecall-dev/rolecall/internal/diag"
	"github.com/rolecall-dev/rolecall/internal/names"
)

// takesWhole says that an expression takes all locals as they are, by themselves or
// merged with others, as in `inputs = local`: no name is looked up, and so none can
// be misspelt.
func takesWhole(e hclsyntax.Expression) bool {
	switch e := e.(type) {
	case *hclsyntax.ScopeTraversalExpr:
		return len(e.Traversal) == 1
	case *hclsyntax.ParenthesesExpr:
		return takesWhole(e.Expression)
	case *hclsyntax.FunctionCallExpr:
		return e.Name == "merge" && !slices.ContainsFunc(e.Args, func(arg hclsyntax.Expression) bool {
			bare := slices.ContainsFunc(arg.Variables(), func(t hcl.Traversal) bool { return t.RootName() == "local" && len(t) < 2 })
			return bare && !takesWhole(arg)
		})
	default:
		return false
	}
}

// reportWhole is for all locals used as one object otherwise: a name looked up in
// it, or sorted out of it, would be missing unseen. Terraform takes local.<name>
// only, anywhere.
func (ev *Evaluator) reportWhole(t hcl.Traversal) {
	ev.Reportf(source.CodeReference, source.Range(t.SourceRange()), "Name the local: local.<name>.",
		"the locals cannot be used as a whole: a misspelled name would go unnoticed")
}

func (ev *Evaluator) reportUnknownLocal(name string, t hcl.Traversal, f *File) {
	hint := "Define it in locals, or write the value out."
	if near := near(name, slices.Sorted(maps.Keys(f.locals))); near != "" {
		hint = fmt.Sprintf("Did you mean %q?", near)
	}
	ev.Reportf(source.CodeReference, source.Range(t.SourceRange()), hint, "%s has no local %q", f.Shown, name)
}

func (ev *Evaluator) reportUnknownRoot(t hcl.Traversal) {
	root := t.RootName()
	why := map[string]string{
		"dependency": "outputs of other units are known to Terragrunt only",
		"include":    "included files are known to Terragrunt only",
		"feature":    "feature flags are known to Terragrunt only",
		"values":     "stack values are known to Terragrunt only",
		"var":        "variables are known to Terraform only",
		"module":     "modules are known to Terraform only",
		"data":       "data sources are known to Terraform only",
	}[root]
	if why == "" {
		why = "nothing of that name is defined here"
	}
	d := diag.Diagnostic{Code: source.CodeReference, Range: source.Range(t.SourceRange()),
		Summary: fmt.Sprintf("cannot follow %q: %s", root, why), Detail: "Access depends on this expression.",
		Hint: "Write the value out, or take it from a local."}
	if strings.HasPrefix(root, "local") {
		d.Hint = "Locals are called local.<name>."
	}
	ev.Report(d)
}

// near returns the name that was most likely meant, or "": one that differs by
// case, by what joins its words or by number, or by a few letters.
func near(name string, known []string) string {
	one := singular(name)
	for _, n := range known {
		if n != name && singular(n) == one {
			return n
		}
	}
	return names.Nearest(name, known)
}

func singular(name string) string {
	name = strings.ReplaceAll(strings.ReplaceAll(strings.ToLower(name), "_", ""), "-", "")
	if stem, ok := strings.CutSuffix(name, "ies"); ok {
		return stem + "y"
	}
	return strings.TrimSuffix(name, "s")
}
