package config

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/diag"
)

// hiders are the functions that give another value where an attribute is
// missing, and so would hide that a name is misspelt.
func hiders() []string { return []string{"try", "can", "lookup"} }

// localsNamed holds an expression to naming its locals one by one where a
// missing one would be hidden: in try(local["team"], []) the name is an
// attribute to hcl. Terraform takes local.<name> only, anywhere.
func (l *loader) localsNamed(e hclsyntax.Expression, s *scope) bool {
	ok := true
	_ = hclsyntax.VisitAll(e, func(n hclsyntax.Node) hcl.Diagnostics {
		c, isCall := n.(*hclsyntax.FunctionCallExpr)
		if !isCall || !slices.Contains(hiders(), c.Name) {
			return nil
		}
		for _, arg := range c.Args {
			for _, t := range arg.Variables() {
				if t.RootName() == "local" && len(t) == 1 {
					ok = false
					l.reportf(CodeReference, fromRange(t.SourceRange()), "Name the local: local.<name>.",
						"%s cannot look through all locals: a misspelt name would go unseen", c.Name)
				}
			}
			ok = l.fileLocalsNamed(arg, s) && ok
		}
		return nil
	})
	return ok
}

// fileLocalsNamed finds locals of another file that are misspelt in an
// argument of a hider. One that is like no name there may be left out on
// purpose: that is how Terragrunt is told of optional settings.
func (l *loader) fileLocalsNamed(arg hclsyntax.Expression, s *scope) bool {
	ok := true
	_ = hclsyntax.VisitAll(arg, func(n hclsyntax.Node) hcl.Diagnostics {
		rel, isRel := n.(*hclsyntax.RelativeTraversalExpr)
		if !isRel || len(rel.Traversal) < 2 {
			return nil
		}
		call, isCall := rel.Source.(*hclsyntax.FunctionCallExpr)
		first, _ := stepName(rel.Traversal[0])
		name, _ := stepName(rel.Traversal[1])
		if !isCall || call.Name != readConfig || len(call.Args) == 0 || first != "locals" {
			return nil
		}
		if f := l.fileNamed(call.Args[0], s); f != nil && f.locals[name] == nil && f.nearest(name) != "" {
			l.reportUnknownLocal(name, rel.Traversal, f)
			ok = false
		}
		return nil
	})
	return ok
}

// fileNamed gives the file that an expression names, or nil. What is wrong with
// it is reported when the expression is evaluated.
func (l *loader) fileNamed(e hclsyntax.Expression, s *scope) *scope {
	found, denied := l.found, l.denied
	defer func() { l.found, l.denied = found, denied }()
	name, ok := l.text(l.settle(node{expr: e, scope: s}))
	if !ok {
		return nil
	}
	f, _ := l.scopeAt(s, name)
	return f
}

// nearest gives the local whose name is most like this one, or "".
func (s *scope) nearest(name string) string {
	return access.Nearest(name, slices.Sorted(maps.Keys(s.locals)))
}

func (l *loader) reportUnknownLocal(name string, t hcl.Traversal, s *scope) {
	d := diag.Diagnostic{Code: CodeReference, Range: fromRange(t.SourceRange()),
		Summary: fmt.Sprintf("there is no local %q in %s", name, s.shown),
		Hint:    "Define it in locals, or write the value out."}
	if near := s.nearest(name); near != "" {
		d.Hint = fmt.Sprintf("Did you mean %q?", near)
	}
	l.report(d)
}

func (l *loader) reportUnknownRoot(t hcl.Traversal) {
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
	d := diag.Diagnostic{Code: CodeReference, Range: fromRange(t.SourceRange()),
		Summary: fmt.Sprintf("cannot follow %q: %s", root, why), Detail: "Access depends on this expression.",
		Hint: "Write the value out, or take it from a local."}
	if strings.HasPrefix(root, "local") {
		d.Hint = "Locals are called local.<name>."
	}
	l.report(d)
}
