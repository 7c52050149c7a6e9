package acceptance

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rolecall-dev/rolecall/emulator"
	"github.com/rolecall-dev/rolecall/internal/config"
)

// byHand is an estate with a group that somebody made, and a member.
func byHand() *emulator.Estate {
	e := emulator.DefaultEstate()
	e.Groups = append(e.Groups, emulator.EstateGroup{DisplayName: "DevelopmentTeam", Description: "made in the console", Members: []string{"john.miller@company.com"}})
	return e
}

// The three configs that a user of Terraform starts from, as they are written
// but for the names of people and accounts: apply at AWS's limits, a plan
// without changes, the same as by the command, destroy, and nothing is left.
func TestGuide(t *testing.T) {
	for name, e := range map[string]*emulator.Estate{"scim": emulator.DefaultEstate(), "without-scim": byHand(), "built-in": emulator.DefaultEstate()} {
		t.Run(name, func(t *testing.T) {
			o := emulator.Options{Estate: e, Limits: emulator.AWSLimits(), JobLatency: emulator.Latency{Min: 100 * time.Millisecond, Max: time.Second}}
			bothWays(t, newWorkspaceAt(t, module, o), filepath.Join("testdata/guide", name+".tfvars"), e)
		})
	}
}

// A group that nobody made ends the plan as it ends the command's, with the name that is
// near, and the apply.
func TestGuideWithoutItsGroup(t *testing.T) {
	e := emulator.DefaultEstate()
	e.Groups = append(e.Groups, emulator.EstateGroup{DisplayName: "Development Team"})
	w := newWorkspace(t, module, e).unlimited()
	file, err := filepath.Abs("testdata/guide/without-scim.tfvars")
	if err != nil {
		t.Fatal(err)
	}
	for _, command := range [][]string{{"plan"}, {"apply", "-auto-approve"}} {
		code, out := w.run(append(command, "-no-color", "-input=false", "-var=owner=platform", "-var-file="+file)...)
		flat := words(out)
		if code != 1 || !strings.Contains(flat, `Error: Group "DevelopmentTeam" is not in IAM Identity Center`) || !strings.Contains(flat, `AWS has "Development Team"`) {
			t.Errorf("%s: exit code %d\n%s", command[0], code, out)
		}
	}
}

// words is what Terraform prints, without its frames and line breaks.
func words(out string) string {
	return strings.Join(strings.Fields(strings.ReplaceAll(out, "\u2502", "")), " ")
}

// Terragrunt's locals and inputs, as Terraform evaluates them, through the
// module: the same as the command makes of the same folder.
func TestTerragruntThroughTheModule(t *testing.T) {
	for _, folder := range []string{"examples/terragrunt", "examples/terraform/terragrunt/live/permissions/sso/main"} {
		t.Run(filepath.Base(folder), func(t *testing.T) {
			result, found := config.Validate(filepath.Join("..", folder), config.Options{})
			if found.HasErrors() {
				t.Fatal(found.Err())
			}
			e := estate(t, filepath.Join("..", folder))
			w := newWorkspace(t, module, e)
			root := filepath.Dir(filepath.Dir(w.dir))
			w.dir = filepath.Join(root, folder)
			inputs, err := os.ReadFile(filepath.Join(w.dir, "inputs.hcl"))
			if err != nil {
				t.Fatal(err)
			}
			w.write("inputs.tf", string(inputs))
			w.write("main.tf", `terraform {
  required_providers {
    rolecall = { source = "rolecall-dev/rolecall" }
  }
}

module "identity_center" {
  source               = "`+filepath.Join(root, module)+`"
  owner                = "platform"
  management_mode      = local.management_mode
  scim_identity_source = local.scim_identity_source
  external_groups      = local.external_groups
}
`)
			w.unlimited()
			w.must("init", "-no-color", "-input=false")
			before := contents(t, w.e)
			w.apply()
			same(t, w, result.Config, e)
			w.destroy()
			if diff := cmp.Diff(before, contents(t, w.e)); diff != "" {
				t.Errorf("left in AWS:\n%s", diff)
			}
		})
	}
}

// The one command of the documentation, word for word, builds the mirror from
// which `terraform init` installs the provider.
func TestDocumentedMirror(t *testing.T) {
	w := newWorkspace(t, "examples/terraform/built-in", nil)
	page, err := os.ReadFile("../docs/index.md")
	if err != nil {
		t.Fatal(err)
	}
	block := regexp.MustCompile("(?s)```sh\n(.*?)```").FindStringSubmatch(string(page))
	readme, err := os.ReadFile("../examples/terraform/README.md")
	if err != nil {
		t.Fatal(err)
	}
	if block == nil || !strings.Contains(string(readme), strings.TrimSpace(block[1])) {
		t.Fatalf("docs/index.md and the examples' README name different commands: %q", block)
	}
	command := block[1]
	if strings.HasPrefix(filepath.Base(w.program), "tofu") {
		command = strings.ReplaceAll(command, "registry.terraform.io", "registry.opentofu.org") // as the page says
	}
	home := t.TempDir()
	env := append(os.Environ(), goEnv(t, "GOCACHE"), goEnv(t, "GOMODCACHE"), "HOME="+home)
	build := exec.Command("sh", "-c", command)
	build.Dir, build.Env = "..", env
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, left := range []string{".terraform", ".terraform.lock.hcl"} {
		if err := os.RemoveAll(filepath.Join(w.dir, left)); err != nil {
			t.Fatal(err)
		}
	}
	for i, e := range w.env {
		if strings.HasPrefix(e, "TF_CLI_CONFIG_FILE=") {
			w.env[i] = "TF_CLI_CONFIG_FILE=" // no configuration at all
		}
	}
	w.env = append(w.env, "HOME="+home)
	if out := w.must("init", "-no-color", "-input=false"); !strings.Contains(out, "Installed rolecall-dev/rolecall v0.1.0") {
		t.Errorf("not installed from the mirror:\n%s", out)
	}
	w.apply()
	w.destroy()
}

func goEnv(t *testing.T, name string) string {
	t.Helper()
	out, err := exec.Command("go", "env", name).Output()
	if err != nil {
		t.Fatal(err)
	}
	return name + "=" + strings.TrimSpace(string(out))
}
