package acceptance

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rolecall-dev/rolecall/emulator"
)

// The provider's process is killed, by SIGKILL, in the middle of an apply, at
// several moments. Terraform says that it failed; run again, it ends as if
// nothing had happened.
func TestProviderKilledInTheMiddle(t *testing.T) {
	if _, err := os.Stat("/proc/self/stat"); err != nil {
		t.Skip("no /proc, which tells Terraform's children")
	}
	file, err := filepath.Abs("../examples/okta-scim/terraform.tfvars")
	if err != nil {
		t.Fatal(err)
	}
	args := []string{"-no-color", "-input=false", "-var-file=" + file, "-var=owner=platform"}
	undisturbed := newWorkspace(t, module, nil)
	undisturbed.must(append([]string{"apply", "-auto-approve"}, args...)...)
	want := contents(t, undisturbed.e)
	for _, operation := range []string{"sso-admin.CreatePermissionSet", "sso-admin.AttachManagedPolicyToPermissionSet", "sso-admin.CreateAccountAssignment"} {
		t.Run(operation, func(t *testing.T) {
			w := newWorkspaceAt(t, module, emulator.Options{JobLatency: emulator.Latency{Min: time.Second, Max: 2 * time.Second}})
			apply := exec.Command(w.program, append([]string{"apply", "-auto-approve"}, args...)...)
			apply.Dir, apply.Env = w.dir, w.env
			var out strings.Builder
			apply.Stdout, apply.Stderr = &out, &out
			if err := apply.Start(); err != nil {
				t.Fatal(err)
			}
			for w.e.Stats().Calls[operation] == 0 && time.Now().Before(deadline(t)) {
				time.Sleep(5 * time.Millisecond)
			}
			killChildren(t, apply.Process.Pid, "terraform-provider")
			if err := apply.Wait(); err == nil {
				t.Fatalf("the apply ended as if nothing had happened:\n%s", out.String())
			}
			w.apply(args...)
			if diff := cmp.Diff(want, contents(t, w.e)); diff != "" {
				t.Errorf("in AWS (-undisturbed +killed):\n%s", diff)
			}
			w.destroy(args...)
		})
	}
}

// deadline is a minute before the test is to end.
func deadline(t *testing.T) time.Time {
	if end, ok := t.Deadline(); ok {
		return end.Add(-time.Minute)
	}
	return time.Now().Add(time.Minute)
}

// killChildren kills the children of a process whose program's name begins so.
func killChildren(t *testing.T, parent int, name string) {
	t.Helper()
	killed := 0
	for _, path := range glob(t, "/proc/[0-9]*/stat") {
		text, err := os.ReadFile(path)
		if err != nil {
			continue // it has ended
		}
		program, rest, _ := strings.Cut(string(text), ") ") // pid (program) state ppid ..., see proc_pid_stat(5)
		fields := strings.Fields(rest)
		pid, err := strconv.Atoi(filepath.Base(filepath.Dir(path)))
		if err != nil || len(fields) < 2 || fields[1] != strconv.Itoa(parent) || !strings.Contains(program, "("+name[:15]) { // the kernel keeps 15 characters
			continue
		}
		if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
		killed++
	}
	if killed == 0 {
		t.Fatalf("process %d has no child %s", parent, name)
	}
}
