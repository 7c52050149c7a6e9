package acceptance

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rolecall-dev/rolecall/emulator"
	"github.com/rolecall-dev/rolecall/internal/plan"
)

// built is the command, beside the provider's mirror.
var built = sync.OnceValues(func() (string, error) {
	rc, err := mirror()
	if err != nil {
		return "", err
	}
	binary := filepath.Join(filepath.Dir(rc), "rolecall")
	if out, err := exec.Command("go", "build", "-C", "..", "-o", binary, "./cmd/rolecall").CombinedOutput(); err != nil {
		return "", fmt.Errorf("build the command: %w\n%s", err, out)
	}
	return binary, nil
})

// rolecall runs the command against the workspace's AWS, and gives the exit code and
// all output.
func (w *workspace) rolecall(args ...string) (int, string) {
	w.t.Helper()
	binary, err := built()
	if err != nil {
		w.t.Fatal(err)
	}
	cmd := exec.Command(binary, append(args, "--owner", "platform")...)
	cmd.Env = append(w.env, "XDG_CACHE_HOME="+filepath.Join(w.dir, "cache"))
	out, err := cmd.CombinedOutput()
	if cmd.ProcessState == nil {
		w.t.Fatal(err)
	}
	return cmd.ProcessState.ExitCode(), string(out)
}

// folder writes a config of the command that has these groups, and returns its path.
func (w *workspace) folder(groups ...string) string {
	w.t.Helper()
	dir := filepath.Join(w.t.TempDir(), "access")
	if err := os.Mkdir(dir, 0o755); err != nil {
		w.t.Fatal(err)
	}
	text := "access_groups = [\n"
	for _, name := range groups {
		text += aGroup(name, "") + "\n"
	}
	if err := os.WriteFile(filepath.Join(dir, "terraform.tfvars"), []byte(text+"]\n"), 0o644); err != nil {
		w.t.Fatal(err)
	}
	return dir
}

// command runs the command, which must come to its end.
func (w *workspace) command(args ...string) string {
	w.t.Helper()
	code, out := w.rolecall(args...)
	if code != 0 {
		w.t.Fatalf("rolecall %v: exit code %d\n%s", args, code, out)
	}
	return out
}

// nothingToDo says that a plan by the command changes nothing.
func (w *workspace) nothingToDo(folder string) {
	w.t.Helper()
	if code, out := w.rolecall("plan", folder, "--detailed-exitcode"); code != 0 {
		w.t.Errorf("a plan by the command: exit code %d\n%s", code, out)
	}
}

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
	if code, out := w.rolecall("apply", folder, "--auto-approve", "--json"); code != 5 || !strings.Contains(out, string(plan.OtherDoor)) {
		t.Errorf("exit code %d, want 5 and %s\n%s", code, plan.OtherDoor, out)
	}
	if diff := cmp.Diff(before, w.e.State()); diff != "" {
		t.Errorf("the command wrote (-before +after):\n%s", diff)
	}
}

// What Terraform made is left by a command whose config does not have it: it would
// else be gone as what is no longer wanted.
func TestCommandDeletesNothingOfTerraforms(t *testing.T) {
	t.Parallel()
	w := newConfig(t, program(t), aTeam("Access of a team", `"development", "staging"`, ""), emulator.Options{})
	w.apply()
	of := func() []any {
		s := w.e.State().Instances[0]
		return []any{groupID(t, w.e, "Team-One"), setNamed(s, "Team-One"), assignmentsOf(s, "Team-One")}
	}
	before := of()
	if out := w.command("apply", w.folder("Team-Two"), "--auto-approve"); !strings.Contains(strings.ToLower(out), "terraform") {
		t.Errorf("no word of Terraform's:\n%s", out)
	}
	if diff := cmp.Diff(before, of()); diff != "" {
		t.Errorf("in AWS (-before +after):\n%s", diff)
	}
	w.planIsEmpty()
}

func setNamed(s emulator.StateInstance, name string) *emulator.StatePermissionSet {
	for _, p := range s.PermissionSets {
		if p.Name == name {
			return &p
		}
	}
	return nil
}

func assignmentsOf(s emulator.StateInstance, set string) (list []emulator.StateAssignment) {
	for _, a := range s.Assignments {
		if a.PermissionSet == set {
			list = append(list, a)
		}
	}
	return list
}

// What the command made goes over to Terraform by import blocks, which the refusal
// gives; from then on the command leaves it alone.
func TestFromTheCommandToTerraform(t *testing.T) {
	t.Parallel()
	eachProgram(t, func(t *testing.T, program string) {
		w := newConfig(t, program, "", emulator.Options{})
		w.command("apply", w.folder("Team-One", "Team-Two"), "--auto-approve")
		before := unmarked(w.e)
		w.config(aTeam("Access of a team", `"development", "staging"`, ""))
		out := w.refused(nil, "import {")
		w.write("import.tf", importsOf(t, out))
		w.must("apply", "-no-color", "-input=false", "-auto-approve")
		w.planIsEmpty()
		rest := w.folder("Team-Two")
		w.nothingToDo(rest)
		w.command("apply", rest, "--auto-approve")
		if diff := cmp.Diff(before, unmarked(w.e)); diff != "" {
			t.Errorf("in AWS (-before +after):\n%s", diff)
		}
		w.planIsEmpty()
	})
}

// What Terraform made goes over to the command: out of the state, then taken over.
func TestFromTerraformToTheCommand(t *testing.T) {
	t.Parallel()
	eachProgram(t, func(t *testing.T, program string) {
		w := newConfig(t, program, aTeam("Access of a team", `"development", "staging"`, ""), emulator.Options{})
		w.apply()
		before := unmarked(w.e)
		w.config("removed {\n  from = rolecall_access_group.team\n  lifecycle {\n    destroy = false\n  }\n}\n")
		w.must("apply", "-no-color", "-input=false", "-auto-approve")
		folder := w.folder("Team-One")
		w.command("plan", folder, "--adopt", "Team-One")
		w.command("apply", folder, "--adopt", "Team-One", "--auto-approve")
		w.nothingToDo(folder)
		if diff := cmp.Diff(before, unmarked(w.e)); diff != "" {
			t.Errorf("in AWS (-before +after):\n%s", diff)
		}
	})
}
