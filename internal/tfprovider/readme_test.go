package tfprovider

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

const moduleDir = "../../modules/identity-center/"

// The module's README has its inputs and outputs in the form that terraform-docs
// gives, between its markers.
func TestModuleReadme(t *testing.T) {
	const begin, end = "<!-- BEGIN_TF_DOCS -->\n", "<!-- END_TF_DOCS -->"
	text, err := os.ReadFile(moduleDir + "README.md")
	if err != nil {
		t.Fatal(err)
	}
	head, rest, ok := strings.Cut(string(text), begin)
	_, tail, ok2 := strings.Cut(rest, end)
	if !ok || !ok2 {
		t.Fatal("the README lacks the markers of terraform-docs")
	}
	want := head + begin + moduleTables(t) + end + tail
	if *update {
		if err := os.WriteFile(moduleDir+"README.md", []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(string(text), want); diff != "" {
		t.Errorf("stale; run go test ./internal/tfprovider -run ModuleReadme -update\n%s", diff)
	}
}

func moduleTables(t *testing.T) string {
	var out strings.Builder
	versions, source := blocks(t, "versions.tf")
	terraform := versions[0].Body
	fmt.Fprintf(&out, "## Requirements\n\n| Name | Version |\n|------|---------|\n| terraform | %s |\n", unquote(source, terraform.Attributes["required_version"]))
	out.WriteString("| rolecall | >= 0.1.0 |\n\n## Resources\n\n| Name | Type |\n|------|------|\n")
	main, _ := blocks(t, "main.tf")
	for _, b := range main {
		if b.Type == "resource" {
			fmt.Fprintf(&out, "| %s.%s | resource |\n", b.Labels[0], b.Labels[1])
		}
	}
	out.WriteString("\n## Inputs\n\n| Name | Description | Type | Default | Required |\n|------|-------------|------|---------|:--------:|\n")
	variables, source := blocks(t, "variables.tf")
	for _, b := range sorted(variables) {
		typ := written(source, b.Body.Attributes["type"])
		if strings.Contains(typ, "\n") {
			typ = "<pre>" + strings.ReplaceAll(typ, "\n", "<br/>") + "</pre>"
		} else {
			typ = "`" + typ + "`"
		}
		value, required := "n/a", "yes"
		if d := b.Body.Attributes["default"]; d != nil {
			value, required = "`"+written(source, d)+"`", "no"
		}
		fmt.Fprintf(&out, "| %s | %s | %s | %s | %s |\n", b.Labels[0], unquote(source, b.Body.Attributes["description"]), typ, value, required)
	}
	out.WriteString("\n## Outputs\n\n| Name | Description |\n|------|-------------|\n")
	outputs, source := blocks(t, "outputs.tf")
	for _, b := range sorted(outputs) {
		if b.Type == "output" {
			fmt.Fprintf(&out, "| %s | %s |\n", b.Labels[0], unquote(source, b.Body.Attributes["description"]))
		}
	}
	return out.String()
}

func blocks(t *testing.T, name string) ([]*hclsyntax.Block, []byte) {
	t.Helper()
	source, err := os.ReadFile(moduleDir + name)
	if err != nil {
		t.Fatal(err)
	}
	file, diags := hclsyntax.ParseConfig(source, name, hcl.InitialPos)
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	return file.Body.(*hclsyntax.Body).Blocks, source
}

func sorted(list []*hclsyntax.Block) []*hclsyntax.Block {
	return slices.SortedFunc(slices.Values(list), func(a, b *hclsyntax.Block) int {
		return strings.Compare(strings.Join(a.Labels, "."), strings.Join(b.Labels, "."))
	})
}

func written(source []byte, a *hclsyntax.Attribute) string {
	return string(a.Expr.Range().SliceBytes(source))
}

func unquote(source []byte, a *hclsyntax.Attribute) string {
	return strings.Trim(written(source, a), `"`)
}
