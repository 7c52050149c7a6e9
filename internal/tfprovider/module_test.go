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
	"github.com/zclconf/go-cty/cty"

	"github.com/rolecall-dev/rolecall/internal/config"
)

// The module's variables are the config's keys, with the same types: one file
// serves both. What differs is written down here.
func TestModuleHasTheConfigsKeys(t *testing.T) {
	want := map[string]string{}
	for _, k := range append(config.Schema(), config.ModuleKeys()...) {
		want[k.Path] = k.Type
		if k.Required {
			want[k.Path] += " required"
		}
	}
	for path := range want {
		if strings.Contains(path, ".conditions") {
			delete(want, path)
			// Both forms are taken, so the type is any.
			want[path[:strings.Index(path, ".conditions")+len(".conditions")]] = "any"
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

// variables gives every variable of a file with what is inside it, by path.
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
		typ, _, diags := typeexpr.TypeConstraintWithDefaults(block.Body.Attributes["type"].Expr)
		if diags.HasErrors() {
			t.Fatal(diags)
		}
		flatten(out, block.Labels[0], typ, false)
	}
	return out
}

func flatten(out map[string]string, path string, typ cty.Type, required bool) {
	name := typeexpr.TypeString(typ)
	if typ.IsListType() && typ.ElementType().IsObjectType() {
		name = "list(object)"
		for key, inner := range typ.ElementType().AttributeTypes() {
			flatten(out, path+"[]."+key, inner, !typ.ElementType().AttributeOptional(key))
		}
	}
	if required {
		name += " required"
	}
	out[path] = name
}

// Each key of a group or user of the config is an argument of its resource.
func TestResourcesHaveTheConfigsKeys(t *testing.T) {
	for list, r := range map[string]resource.Resource{"access_groups[].": &groupResource{}, "external_groups[].": &groupResource{external: true}, "users[].": &userResource{}} {
		var s resource.SchemaResponse
		r.Schema(context.Background(), resource.SchemaRequest{}, &s)
		for _, k := range config.Schema() {
			key, of := strings.CutPrefix(k.Path, list)
			if !of || strings.Contains(key, "[]") || k.Path == "external_groups[].members" || k.Path == "users[].groups" {
				continue
			}
			a, ok := s.Schema.Attributes[key]
			if !ok {
				t.Errorf("%s: no such argument", k.Path)
				continue
			}
			if a.IsRequired() != k.Required {
				t.Errorf("%s: required %t in the config, %t in the resource", k.Path, k.Required, a.IsRequired())
			}
		}
	}
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
