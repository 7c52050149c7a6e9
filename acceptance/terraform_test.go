package acceptance

import (
	"context"
	"fmt"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/rolecall-dev/rolecall/emulator"
)

// programs are the terraform and the tofu to drive: what TF_ACC_TERRAFORM_PATH
// names, and nothing else where it names one.
func programs(t testing.TB) []string {
	t.Helper()
	if path, err := exec.LookPath(os.Getenv("TF_ACC_TERRAFORM_PATH")); err == nil {
		return []string{path}
	}
	var all []string
	for _, name := range []string{"terraform", "tofu"} {
		if path, err := exec.LookPath(name); err == nil {
			all = append(all, path)
		}
	}
	if len(all) == 0 {
		t.Skip("neither terraform nor tofu is on the PATH: not run (tools/opentofu builds one)")
	}
	return all
}

// program is the terraform or tofu to drive where one is enough.
func program(t testing.TB) string {
	t.Helper()
	return programs(t)[0]
}

// eachProgram runs a test with each of them, side by side.
func eachProgram(t *testing.T, test func(t *testing.T, program string)) {
	t.Helper()
	for _, program := range programs(t) {
		t.Run(filepath.Base(program), func(t *testing.T) {
			t.Parallel()
			test(t, program)
		})
	}
}

const version = "0.1.0"

// mirror builds the provider into a mirror in the file system, once, and returns
// the CLI configuration that uses it.
var mirror = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "rolecall-mirror-")
	if err != nil {
		return "", err
	}
	binary := filepath.Join(dir, "terraform-provider-rolecall_v"+version)
	build := exec.Command("go", "build", "-C", "..", "-o", binary, "-ldflags", "-X main.version="+version, "./cmd/terraform-provider-rolecall")
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build the provider: %w\n%s", err, out)
	}
	for _, host := range []string{"registry.terraform.io", "registry.opentofu.org"} {
		place := filepath.Join(dir, host, "rolecall-dev", "rolecall", version, runtime.GOOS+"_"+runtime.GOARCH)
		if err := os.MkdirAll(place, 0o755); err != nil {
			return "", err
		}
		if err := os.Link(binary, filepath.Join(place, filepath.Base(binary))); err != nil {
			return "", err
		}
	}
	rc := filepath.Join(dir, "cli.tfrc")
	text := fmt.Sprintf("disable_checkpoint = true\nprovider_installation {\n  filesystem_mirror {\n    path = %q\n  }\n}\n", dir)
	return rc, os.WriteFile(rc, []byte(text), 0o644)
})

func TestMain(m *testing.M) {
	code := m.Run()
	if rc, err := mirror(); err == nil && rc != "" {
		os.RemoveAll(filepath.Dir(rc))
	}
	os.Exit(code)
}

// workspace is a folder in which Terraform runs against an emulator.
type workspace struct {
	t       testing.TB
	program string
	dir     string
	env     []string
	e       *emulator.Emulator
	gate    *gate
}

// newWorkspace copies the module and the examples and starts an emulator; dir
// is where Terraform runs, seen from the root of the repository.
func newWorkspace(t testing.TB, dir string, estate *emulator.Estate) *workspace {
	t.Helper()
	return newWorkspaceAt(t, dir, emulator.Options{Estate: estate})
}

// newWorkspaceAt is newWorkspace with an emulator to order.
func newWorkspaceAt(t testing.TB, dir string, o emulator.Options) *workspace {
	t.Helper()
	w := prepare(t, program(t), dir, o)
	w.must("init", "-no-color", "-input=false")
	return w
}

// newConfig is a workspace of a config beside the module; text comes after header.
func newConfig(t testing.TB, program, text string, o emulator.Options) *workspace {
	t.Helper()
	w := prepare(t, program, "config", o)
	w.config(text)
	return w
}

// header is what a config of newConfig begins with. The provider calls as fast as
// it can: the emulator has no limits unless it is told.
const header = `terraform {
  required_providers {
    rolecall = { source = "rolecall-dev/rolecall" }
  }
}

provider "rolecall" {
  owner   = "platform"
  region  = "us-east-1"
  max_tps = 1000
}
`

// config makes the text the config, and has the provider and its modules known.
func (w *workspace) config(text string) {
	w.t.Helper()
	w.write("main.tf", header+text)
	if _, err := os.Stat(filepath.Join(w.dir, ".terraform")); err != nil || strings.Contains(text, "\nmodule ") {
		w.must("init", "-no-color", "-input=false")
	}
}

// prepare copies the module and the examples and starts an emulator.
func prepare(t testing.TB, program, dir string, o emulator.Options) *workspace {
	t.Helper()
	w := &workspace{t: t, program: program}
	rc, err := mirror()
	if err != nil {
		t.Fatal(err)
	}
	o.Seed = 1
	if w.e, err = emulator.New(o); err != nil {
		t.Fatal(err)
	}
	w.gate = &gate{next: w.e}
	server := httptest.NewServer(w.gate)
	t.Cleanup(server.Close)
	root := t.TempDir()
	for _, part := range []string{"modules", "examples", "bench/terraform"} {
		if err := os.CopyFS(filepath.Join(root, part), os.DirFS(filepath.Join("..", part))); err != nil {
			t.Fatal(err)
		}
	}
	if w.dir = filepath.Join(root, dir); os.MkdirAll(w.dir, 0o755) != nil {
		t.Fatal("make", w.dir)
	}
	w.env = append(os.Environ(), "TF_CLI_CONFIG_FILE="+rc, "CHECKPOINT_DISABLE=1", "TF_IN_AUTOMATION=1", "AWS_ENDPOINT_URL="+server.URL, "AWS_REGION=us-east-1",
		"AWS_ACCESS_KEY_ID="+emulator.ManagementKey, "AWS_SECRET_ACCESS_KEY=secret", "AWS_SESSION_TOKEN=", "AWS_PROFILE=", "AWS_CA_BUNDLE=",
		"AWS_CONFIG_FILE=/nowhere", "AWS_SHARED_CREDENTIALS_FILE=/nowhere", "AWS_EC2_METADATA_DISABLED=true")
	return w
}

// unlimited lets the module's provider call as fast as it can: the emulator has
// no limits unless it is told, and the quota has tests of its own.
func (w *workspace) unlimited() *workspace {
	w.t.Helper()
	w.write("unlimited.tf", "provider \"rolecall\" {\n  max_tps = 1000\n}\n")
	return w
}

// write puts a file into the folder in which Terraform runs.
func (w *workspace) write(name, text string) {
	w.t.Helper()
	if err := os.WriteFile(filepath.Join(w.dir, name), []byte(text), 0o644); err != nil {
		w.t.Fatal(err)
	}
}

// run returns the exit code and all output.
func (w *workspace) run(args ...string) (int, string) {
	w.t.Helper()
	cmd := exec.CommandContext(context.Background(), w.program, args...)
	cmd.Dir, cmd.Env = w.dir, w.env
	out, err := cmd.CombinedOutput()
	if cmd.ProcessState == nil {
		w.t.Fatal(err)
	}
	return cmd.ProcessState.ExitCode(), string(out)
}

func (w *workspace) must(args ...string) string {
	w.t.Helper()
	code, out := w.run(args...)
	if code != 0 {
		w.t.Fatalf("terraform %s: exit code %d\n%s", strings.Join(args, " "), code, out)
	}
	return out
}

// apply applies, and then there must be nothing to do.
func (w *workspace) apply(args ...string) {
	w.t.Helper()
	w.must(append([]string{"apply", "-no-color", "-input=false", "-auto-approve"}, args...)...)
	if code, out := w.run(append([]string{"plan", "-no-color", "-input=false", "-detailed-exitcode"}, args...)...); code != 0 {
		w.t.Errorf("a plan after the apply: exit code %d\n%s", code, out)
	}
}

func (w *workspace) destroy(args ...string) {
	w.t.Helper()
	w.must(append([]string{"destroy", "-no-color", "-input=false", "-auto-approve"}, args...)...)
}
