package tfprovider

import (
	"context"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/ext/typeexpr"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	datasourceschema "github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/rolecall-dev/rolecall/internal/config"
)

// The module's variables are the config's keys, with the same types: one file
// serves both. Lists of objects are of any type, and config_problems knows
// their keys.
func TestModuleHasTheConfigsKeys(t *testing.T) {
	want := map[string]string{}
	for _, k := range append(config.Schema(), config.ModuleKeys()...) {
		if strings.Contains(k.Path, "[]") {
			continue
		}
		if want[k.Path] = k.Type; k.Type == "list(object)" {
			want[k.Path] = "any"
		}
	}
	have := variables(t, "../../modules/identity-center/variables.tf")
	for _, own := range []string{"wait_for_sync", "allow", "adopt"} { // of Terraform, not of access
		if have[own] == "" {
			t.Errorf("the module has no %s", own)
		}
		delete(have, own)
	}
	if diff := cmp.Diff(want, have); diff != "" {
		t.Errorf("keys (-config +module):\n%s", diff)
	}
}

// variables gives every variable of a file with its type.
func variables(t *testing.T, name string) map[string]string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	file, diags := hclsyntax.ParseConfig(text, name, hcl.InitialPos)
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	out := map[string]string{}
	for _, block := range file.Body.(*hclsyntax.Body).Blocks {
		typ, diags := typeexpr.TypeConstraint(block.Body.Attributes["type"].Expr)
		if diags.HasErrors() {
			t.Fatal(diags)
		}
		out[block.Labels[0]] = typeexpr.TypeString(typ)
	}
	return out
}

// Whatever a user sees is described.
func TestEverythingIsDescribed(t *testing.T) {
	p := &rolecall{}
	for _, make := range p.Resources(context.Background()) {
		var s resource.SchemaResponse
		make().Schema(context.Background(), resource.SchemaRequest{}, &s)
		for name, a := range s.Schema.Attributes {
			if name != "timeouts" && a.GetMarkdownDescription() == "" {
				t.Errorf("%s has no description", name)
			}
		}
	}
	for _, make := range p.DataSources(context.Background()) {
		var s datasource.SchemaResponse
		make().Schema(context.Background(), datasource.SchemaRequest{}, &s)
		for name, a := range s.Schema.Attributes {
			if _, nested := a.(datasourceschema.NestedAttribute); !nested && a.GetMarkdownDescription() == "" {
				t.Errorf("%s has no description", name)
			}
		}
	}
}

// The folder that Terragrunt passes to the module is one that the command reads,
// and names the same owner to both.
func TestTerragruntExample(t *testing.T) {
	const folder = "../../examples/terraform/terragrunt/live/permissions/sso/main"
	result, found := config.Validate(folder, config.Options{})
	for _, d := range found {
		t.Errorf("%s: %v", d.Severity, d)
	}
	if n := len(result.Config.ExternalGroups.Items); n != 2 || result.Settings.Owner.Value != "platform" {
		t.Errorf("%d groups, owner %q", n, result.Settings.Owner.Value)
	}
}
