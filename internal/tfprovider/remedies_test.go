package tfprovider

import (
	"go/ast"
	"go/parser"
	"go/token"
	"strconv"
	"strings"
	"testing"

	findings "github.com/rolecall-dev/rolecall/internal/diag"
)

// Whatever way there is, Terraform's users are told of arguments and never of the
// command's flags.
func TestRemediesNameNoFlags(t *testing.T) {
	ways := waysOfDiag(t)
	if len(ways) < 20 {
		t.Fatalf("found %d ways", len(ways))
	}
	for _, way := range ways {
		f := findings.Diagnostic{}.With(findings.Remedy{Way: way, Kind: findings.Group, Name: "name", Now: "now", System: "system", First: "first ", Then: " then"})
		if got := hintOf(f); strings.Contains(got, "--") || got == "" {
			t.Errorf("%s: %q", way, got)
		}
	}
}

// waysOfDiag reads the ways out of their declarations, so that none is left out.
func waysOfDiag(t *testing.T) []findings.Way {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "../diag/remedy.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var out []findings.Way
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok {
			return true
		}
		if name, ok := spec.Type.(*ast.Ident); ok && name.Name == "Way" {
			text, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
			if err != nil {
				t.Fatal(err)
			}
			out = append(out, findings.Way(text))
		}
		return true
	})
	return out
}
