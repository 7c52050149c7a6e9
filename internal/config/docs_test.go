package config_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"text/template"

	"github.com/google/go-cmp/cmp"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/config"
	"github.com/rolecall-dev/rolecall/internal/config/terragrunt"
	"github.com/rolecall-dev/rolecall/internal/diag"
)

// TestConfigDocs holds docs/config.md to the tables that the loader reads by.
// Run with -update to write it.
func TestConfigDocs(t *testing.T) {
	page(t, "config.md", map[string]string{
		"keys":       keyTable("Key", config.Schema()),
		"moduleKeys": keyTable("Key", config.ModuleKeys()),
		"settings":   keyTable("Setting", config.SettingsSchema()),
		"functions":  "`" + strings.Join(terragrunt.Functions(), "` `") + "`",
	})
}

// page holds a page of docs to its text in testdata/pages, with what is made from
// the code in its places.
func page(t *testing.T, name string, made map[string]string) {
	text, err := template.ParseFiles(filepath.Join("testdata", "pages", name+".tmpl"))
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	if err := text.Option("missingkey=error").Execute(&b, made); err != nil {
		t.Fatal(err)
	}
	golden(t, filepath.Join("../../docs", name), b.String())
}

func keyTable(what string, keys []access.KeyDoc) string {
	var b strings.Builder
	fmt.Fprintf(&b, "| %s | Type | Required | Default | Set-ups | Meaning |\n|---|---|---|---|---|---|\n", what)
	for _, k := range keys {
		required := ""
		if k.Required {
			required = "yes"
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s | %s | %s |\n", k.Path, k.Type, required, k.Default, k.SetUps, k.Meaning)
	}
	return b.String()
}

func allCodes() []diag.CodeDoc {
	all := slices.Concat(config.Codes(), access.Codes())
	slices.SortFunc(all, func(a, b diag.CodeDoc) int { return strings.Compare(string(a.Code), string(b.Code)) })
	return all
}

// TestCodesDocumented finds codes that no table explains, and explanations of
// codes that are gone.
func TestCodesDocumented(t *testing.T) {
	var documented []string
	for _, c := range allCodes() {
		documented = append(documented, string(c.Code))
		if c.Meaning == "" || c.Do == "" {
			t.Errorf("%s has no meaning, or does not say what to do", c.Code)
		}
	}
	declared := slices.Concat(declaredCodes(t, "."), declaredCodes(t, "source"), declaredCodes(t, "../access"))
	slices.Sort(declared)
	if diff := cmp.Diff(declared, documented); diff != "" {
		t.Errorf("codes declared and documented differ (-declared +documented):\n%s", diff)
	}
}

// declaredCodes returns the values of the constants of type diag.Code.
func declaredCodes(t *testing.T, dir string) []string {
	file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(dir, "codes.go"), nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	ast.Inspect(file, func(n ast.Node) bool {
		if spec, ok := n.(*ast.ValueSpec); ok && len(spec.Values) == 1 {
			if lit, ok := spec.Values[0].(*ast.BasicLit); ok {
				code, err := strconv.Unquote(lit.Value)
				if err != nil {
					t.Fatal(err)
				}
				out = append(out, code)
			}
		}
		return true
	})
	return out
}
