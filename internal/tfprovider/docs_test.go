package tfprovider

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

var update = flag.Bool("update", false, "write the provider's documentation")

const docs = "../../docs"

// The provider's pages, in the layout of the Terraform registry, are made from
// its schema and from examples that Terraform validates.
func TestDocumentation(t *testing.T) {
	server, err := providerserver.NewProtocol6WithError(New("test", Options{})())()
	if err != nil {
		t.Fatal(err)
	}
	schema, err := server.GetProviderSchema(context.Background(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		t.Fatal(err)
	}
	pages := pagesOf(t, schema)
	for _, folder := range []string{"resources", "data-sources", "list-resources", "functions"} {
		for _, path := range files(t, filepath.Join(docs, folder)) {
			if _, ok := pages[folder+"/"+path]; !ok && !*update {
				t.Errorf("docs/%s/%s is about nothing that there is", folder, path)
			}
		}
	}
	for name, want := range pages {
		path := filepath.Join(docs, name)
		if *update {
			if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		have, err := os.ReadFile(path)
		if err != nil {
			t.Errorf("%v; run go test ./internal/tfprovider -run Documentation -update", err)
			continue
		}
		if diff := cmp.Diff(string(have), want); diff != "" {
			t.Errorf("docs/%s is stale; run go test ./internal/tfprovider -run Documentation -update\n%s", name, diff)
		}
	}
}

func files(t *testing.T, dir string) []string {
	entries, err := os.ReadDir(dir)
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	return slices.Sorted(func(yield func(string) bool) {
		for _, e := range entries {
			if !yield(e.Name()) {
				return
			}
		}
	})
}

func pagesOf(t *testing.T, s *tfprotov6.GetProviderSchemaResponse) map[string]string {
	pages := map[string]string{"index.md": indexPage(t, s.Provider.Block)}
	for name, r := range s.ResourceSchemas {
		pages["resources/"+short(name)+".md"] = page(t, name, "Resource", r.Block) + importing(name)
	}
	for name, d := range s.DataSourceSchemas {
		pages["data-sources/"+short(name)+".md"] = page(t, name, "Data Source", d.Block)
	}
	for name, l := range s.ListResourceSchemas {
		pages["list-resources/"+short(name)+".md"] = listPage(name, l.Block)
	}
	for name, f := range s.Functions {
		pages["functions/"+name+".md"] = functionPage(t, name, f)
	}
	return pages
}

func short(name string) string { return strings.TrimPrefix(name, "rolecall_") }

func frontMatter(title, kind, text string) string {
	first, _, _ := strings.Cut(text, ". ")
	return fmt.Sprintf("---\npage_title: %q\nsubcategory: \"\"\ndescription: |-\n  %s.\n---\n\n# %s\n\n%s\n\n", title, strings.TrimSuffix(first, "."), kind, text)
}

func example(t *testing.T, name string) string {
	text, err := os.ReadFile("testdata/docs/" + name + ".tf")
	if err != nil {
		t.Fatalf("every page has an example: %v", err)
	}
	return "## Example Usage\n\n```terraform\n" + string(text) + "```\n\n"
}

func page(t *testing.T, name, kind string, b *tfprotov6.SchemaBlock) string {
	return frontMatter(fmt.Sprintf("%s %s - rolecall", name, kind), fmt.Sprintf("%s (%s)", name, kind), b.Description) + example(t, name) + schemaText(b)
}

func indexPage(t *testing.T, b *tfprotov6.SchemaBlock) string {
	return frontMatter("rolecall Provider", "rolecall Provider", b.Description) + example(t, "provider") + schemaText(b) + mirrorText
}

const mirrorText = `
## Installing it from a clone

One command builds the provider into the mirror that Terraform searches by
default, and ` + "`terraform init`" + ` then finds it, without a registry:

` + "```sh" + `
go build -o ~/.terraform.d/plugins/registry.terraform.io/rolecall-dev/rolecall/0.1.0/$(go env GOOS)_$(go env GOARCH)/terraform-provider-rolecall_v0.1.0 ./cmd/terraform-provider-rolecall
` + "```" + `

OpenTofu looks under ` + "`registry.opentofu.org`" + ` instead of ` + "`registry.terraform.io`" + `. Rebuilt under the same version, the
provider no longer matches the checksum in ` + "`.terraform.lock.hcl`" + `: delete that file, or build under another version.

## One resource a group

A group, its permission set and all its account assignments are one resource: a thousand assignments are one set in the plan, not a
thousand resources. All resources of a provider block share one connection, AWS's quota and what was read: 50 groups in 100 accounts
plan with 452 calls of sso-admin where one resource an assignment needs 5,201.

Terraform's plan is the approval of what is removed. What locks the caller out, belongs to another owner or to an identity provider is
still refused.

## Marks and promises

Permission sets carry the tags ` + "`rolecall:owner` and `rolecall:via`" + ` (` + "`terraform`" + `), and a record of whom and which accounts their names meant. The
description of a group ends in ` + "`[rolecall:<owner> terraform]`" + `. The command leaves what carries these to Terraform, and says so. What the command created belongs to
no resource until it is imported. What an earlier version of the provider created has no such word, and that is never a change.

[Using rolecall with Terraform](terraform.md) describes how to change addresses, take over what exists, hand over to the command and back, and continue after an interruption.

[What is promised](promises.md) holds here with two limits. Terraform orders resources itself, so that nobody has more than before and after
together holds within one resource, and not over several. And a resource reads its own group and permission sets, so it never says that all of AWS
matches the config. Each write follows a check that is at most 60 seconds old here, too.
`

func schemaText(b *tfprotov6.SchemaBlock) string {
	var out strings.Builder
	out.WriteString("## Schema\n")
	list := map[string][]*tfprotov6.SchemaAttribute{}
	for _, a := range b.Attributes {
		list[need(a)] = append(list[need(a)], a)
	}
	nested := map[string]*tfprotov6.SchemaAttribute{}
	for _, group := range []string{"Required", "Optional", "Read-Only"} {
		attributes(&out, "### "+group, list[group], "", nested)
	}
	for len(nested) > 0 {
		inner := map[string]*tfprotov6.SchemaAttribute{}
		for _, path := range slices.Sorted(maps.Keys(nested)) {
			fmt.Fprintf(&out, "\n<a id=\"nested--%s\"></a>\n### Nested Schema for `%s`\n", path, path)
			attributes(&out, "", nested[path].NestedType.Attributes, path+".", inner)
		}
		nested = inner
	}
	return out.String()
}

func need(a *tfprotov6.SchemaAttribute) string {
	switch {
	case a.Required:
		return "Required"
	case a.Optional:
		return "Optional"
	default:
		return "Read-Only"
	}
}

func attributes(out *strings.Builder, title string, list []*tfprotov6.SchemaAttribute, prefix string, nested map[string]*tfprotov6.SchemaAttribute) {
	if len(list) == 0 {
		return
	}
	if title != "" {
		out.WriteString("\n" + title + "\n")
	}
	out.WriteString("\n")
	slices.SortFunc(list, func(a, b *tfprotov6.SchemaAttribute) int { return strings.Compare(a.Name, b.Name) })
	for _, a := range list {
		typ := typeName(a.Type)
		text := a.Description
		if a.NestedType != nil {
			typ = map[tfprotov6.SchemaObjectNestingMode]string{tfprotov6.SchemaObjectNestingModeList: "Attributes List", tfprotov6.SchemaObjectNestingModeSingle: "Attributes"}[a.NestedType.Nesting]
			nested[prefix+a.Name] = a
			text += fmt.Sprintf(" (see [below](#nested--%s))", prefix+a.Name)
		}
		if prefix != "" {
			typ += ", " + strings.ToLower(need(a))
		}
		fmt.Fprintf(out, "- `%s` (%s) %s\n", a.Name, typ, strings.TrimSpace(text))
	}
}

func typeName(t tftypes.Type) string {
	switch t := t.(type) {
	case tftypes.Set:
		return "Set of " + typeName(t.ElementType)
	case tftypes.List:
		return "List of " + typeName(t.ElementType)
	case tftypes.Map:
		return "Map of " + typeName(t.ElementType)
	}
	switch {
	case t == nil:
		return ""
	case t.Is(tftypes.String):
		return "String"
	case t.Is(tftypes.Bool):
		return "Boolean"
	case t.Is(tftypes.DynamicPseudoType):
		return "Dynamic"
	default:
		return "Number"
	}
}

func importing(name string) string {
	id := map[string]string{
		"rolecall_access_group":   "DevelopmentTeam",
		"rolecall_external_group": "AWS-Development-Team",
		"rolecall_user":           "jane@company.com",
		"rolecall_group_members":  "Incident-Response",
		"rolecall_removed_user":   "joe@company.com",
	}[name]
	if id == "" {
		return ""
	}
	text := fmt.Sprintf("\n## Import\n\nBy name, or by the id in the identity store:\n\n```terraform\nimport {\n  to = %s.example\n  id = %q\n}\n```\n", name, id)
	if name == "rolecall_group_members" {
		text += "\nAn import takes everybody who is in the group as `members`, and nobody as `added`: whom this resource did not add, it does not take out.\n"
	}
	if strings.HasSuffix(name, "group") {
		text += fmt.Sprintf("\nWhere the permission set is not called as the group, `id = %q`. A permission set or group that carries no owner's mark is\ntaken over by the next apply, in place.\n", id+"::PermissionSet")
	}
	return text
}

// listPage is about `terraform query`, which Terraform has from 1.14 on.
func listPage(name string, b *tfprotov6.SchemaBlock) string {
	return frontMatter(fmt.Sprintf("%s List Resource - rolecall", name), name+" (List Resource)", b.Description) +
		fmt.Sprintf("For `terraform query`, from Terraform 1.14 on. `terraform query -generate-config-out=FILE` writes the resources and their import blocks.\n\n"+
			"## Example Usage\n\nIn a file called `all.tfquery.hcl`:\n\n```terraform\nlist %q \"all\" {\n  provider = rolecall\n}\n```\n\n## Schema\n\nThere is nothing to configure.\n", name)
}

func functionPage(t *testing.T, name string, f *tfprotov6.Function) string {
	var out bytes.Buffer
	out.WriteString(frontMatter(fmt.Sprintf("%s function - rolecall", name), "function: "+name, f.Description))
	out.WriteString(example(t, name))
	var parameters []string
	for _, p := range f.Parameters {
		parameters = append(parameters, p.Name+" "+strings.ToLower(typeName(p.Type)))
	}
	fmt.Fprintf(&out, "## Signature\n\n```text\n%s(%s) %s\n```\n\n## Arguments\n\n", name, strings.Join(parameters, ", "), strings.ToLower(typeName(f.Return.Type)))
	for i, p := range f.Parameters {
		fmt.Fprintf(&out, "%d. `%s` (%s) %s\n", i+1, p.Name, typeName(p.Type), p.Description)
	}
	return out.String()
}

// Every example is about something that there is.
func TestExamplesAreUsed(t *testing.T) {
	server, err := providerserver.NewProtocol6WithError(New("test", Options{})())()
	if err != nil {
		t.Fatal(err)
	}
	s, err := server.GetProviderSchema(context.Background(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		t.Fatal(err)
	}
	err = filepath.WalkDir("testdata/docs", func(path string, d fs.DirEntry, err error) error {
		name := strings.TrimSuffix(filepath.Base(path), ".tf")
		if err != nil || d.IsDir() || name == "provider" || s.ResourceSchemas[name] != nil || s.DataSourceSchemas[name] != nil || s.Functions[name] != nil {
			return err
		}
		t.Errorf("%s is an example of nothing", path)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
