package tfprovider

import (
	"context"
	"fmt"
	"maps"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/ext/typeexpr"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	datasourceschema "github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/rolecall-dev/rolecall/emulator"
	"github.com/rolecall-dev/rolecall/internal/access"
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

// variables returns every variable of a file with its type.
func variables(t *testing.T, name string) map[string]string {
	t.Helper()
	out := map[string]string{}
	body, _ := parse(t, name)
	for _, block := range body.Blocks {
		typ, diags := typeexpr.TypeConstraint(block.Body.Attributes["type"].Expr)
		if diags.HasErrors() {
			t.Fatal(diags)
		}
		out[block.Labels[0]] = typeexpr.TypeString(typ)
	}
	return out
}

// parse reads a file of the module; text returns an expression of it as written, on
// one line.
func parse(t *testing.T, name string) (body *hclsyntax.Body, text func(hclsyntax.Node) string) {
	t.Helper()
	src, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	file, diags := hclsyntax.ParseConfig(src, name, hcl.InitialPos)
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	return file.Body.(*hclsyntax.Body), func(n hclsyntax.Node) string {
		return strings.Join(strings.Fields(string(n.Range().SliceBytes(src))), " ")
	}
}

const moduleMain = "../../modules/identity-center/main.tf"

// Every key of a user or group is passed on to its resource, and is null where it
// is not written; so are the arguments that only resources have.
func TestModulePassesOnEachKey(t *testing.T) {
	body, text := parse(t, moduleMain)
	made := map[string]string{ // what is not passed on as it is
		"inline_policies": "local.inline_policies[each.key]", "members": "local.members[each.key]", "scim_identity_source": "var.scim_identity_source",
		"owner": "var.owner", "allow": "var.allow", "adopt": "contains(var.adopt, each.key) ? true : null", "wait_for_sync": "var.wait_for_sync ? true : null",
		"timeouts":                   "", // as the provider has them
		"permission_set_description": "", // no key of the config: an import keeps what it finds
	}
	resources, schemas := map[string]*hclsyntax.Body{}, newTerraform(t, emulator.Options{}).start().schema.ResourceSchemas
	locals := hclsyntax.Attributes{}
	for _, block := range body.Blocks {
		if block.Type == "resource" {
			resources[block.Labels[0]] = block.Body
		} else {
			maps.Copy(locals, block.Body.Attributes)
		}
	}
	for kind, null := range map[string]string{user: "no_user", accessGroup: "no_group", externalGroup: "no_group"} {
		for _, a := range schemas[kind].Block.Attributes {
			want, special := made[a.Name]
			if !special {
				want = "each.value." + a.Name
			}
			have := ""
			if attribute := resources[kind].Attributes[a.Name]; attribute != nil {
				have = text(attribute.Expr)
			}
			if (a.Required || a.Optional) && have != want {
				t.Errorf("%s: %s.this has %s = %q, not %q: the key is lost on its way to the provider", moduleMain, kind, a.Name, have, want)
			}
		}
		for _, k := range access.Keys().In(listOf(kind)).Keys {
			if !k.Required && !strings.Contains(text(locals[null].Expr), strconv.Quote(k.Path)) {
				t.Errorf("%s: local.%s lacks %q: where the key is not written, it is an error", moduleMain, null, k.Path)
			}
		}
	}
	if members := text(locals["members"].Expr) + text(locals["members_of_others"].Expr); strings.Count(members, "u.groups[*]") != 3 {
		t.Errorf("%s: users[].groups do not reach the groups", moduleMain)
	}
	passesOnPolicies(t, text(locals["inline_policies"].Expr))
}

// passesOnPolicies looks for the keys within inline_policies in the expression that
// makes them anew.
func passesOnPolicies(t *testing.T, text string) {
	t.Helper()
	for _, of := range []struct {
		within []string
		from   string
	}{{nil, "p.%[1]s"}, {[]string{"statements"}, "try(s.%[1]s, null)"}, {[]string{"statements", "conditions"}, "%[1]s = c.%[1]s"}} {
		for _, k := range access.Keys().In(append([]string{"access_groups", "inline_policies"}, of.within...)...).Keys {
			want := fmt.Sprintf(of.from, k.Path)
			if k.Form == access.OneOrMore {
				want = fmt.Sprintf("%[1]s = try(tolist(c.%[1]s), [c.%[1]s])", k.Path)
			}
			if !strings.Contains(text, want) {
				t.Errorf("%s: local.inline_policies has no %s: the key %q of inline_policies is lost", moduleMain, want, k.Path)
			}
		}
	}
}

// Each key of a group or user of the config is an argument of its resource, but for
// those that another resource has. Whatever the code knows by name is an attribute.
func TestResourcesHaveTheConfigsKeys(t *testing.T) {
	attributes, documented := map[string]bool{}, map[string]bool{}
	for _, k := range access.Keys().Docs() {
		documented[k.Path] = true
	}
	for list, r := range map[string]resource.Resource{"access_groups": &groupResource{}, "external_groups": &groupResource{external: true}, "users": &userResource{}} {
		var s resource.SchemaResponse
		r.Schema(context.Background(), resource.SchemaRequest{}, &s)
		for name := range s.Schema.Attributes {
			attributes[name] = true
		}
		for _, k := range access.Keys().In(list).Keys {
			path := list + "[]." + k.Path
			if path == "external_groups[].members" || path == "users[].groups" {
				continue
			}
			a, ok := s.Schema.Attributes[k.Path]
			if !ok {
				t.Errorf("%s: the resource has no such argument", path)
				continue
			}
			if a.IsRequired() != k.Required {
				t.Errorf("%s: required %t in the config, %t in the resource", path, k.Required, a.IsRequired())
			}
		}
	}
	for _, m := range []resourceModel{&groupData{}, &userModel{}} {
		for name := range fields(m) {
			if !attributes[name] {
				t.Errorf("a field of %T is for %q, which is no attribute", m, name)
			}
		}
	}
	for list, a := range map[string]arguments{"access_groups": groupKeys(false), "external_groups": groupKeys(true), "users": userKeys()} {
		for path := range a.unlike {
			if !documented[list+"[]."+path] {
				t.Errorf("the provider words %q of %s, which is no key", path, list)
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
