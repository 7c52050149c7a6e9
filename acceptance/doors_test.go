package acceptance

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rolecall-dev/rolecall/internal/plan"
)

// What Terraform made is left to Terraform: the command, given the same config
// and owner, says so, refuses and writes nothing.
func TestCommandLeavesTerraformsWork(t *testing.T) {
	folder, err := filepath.Abs("../examples/built-in")
	if err != nil {
		t.Fatal(err)
	}
	w := newWorkspace(t, module, estate(t, folder)).unlimited()
	w.apply("-var-file="+filepath.Join(folder, "terraform.tfvars"), "-var=owner=platform")
	before := w.e.State()
	binary := filepath.Join(t.TempDir(), "rolecall")
	if out, err := exec.Command("go", "build", "-C", "..", "-o", binary, "./cmd/rolecall").CombinedOutput(); err != nil {
		t.Fatalf("build the command: %v\n%s", err, out)
	}
	cmd := exec.Command(binary, "apply", folder, "--owner", "platform", "--auto-approve", "--json")
	cmd.Env = w.env
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if code := cmd.ProcessState.ExitCode(); code != 5 || !strings.Contains(string(out), string(plan.OtherDoor)) {
		t.Errorf("exit code %d, want 5 and %s: %v\n%s", code, plan.OtherDoor, err, out)
	}
	if diff := cmp.Diff(before, w.e.State()); diff != "" {
		t.Errorf("the command wrote (-before +after):\n%s", diff)
	}
}
