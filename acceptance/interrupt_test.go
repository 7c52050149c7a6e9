package acceptance

import (
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rolecall-dev/rolecall/emulator"
)

// aWorld is a config in which every kind of write happens, and slow jobs.
const aWorld = `
resource "rolecall_user" "ann" {
  display_name = "Ann Lee"
  email        = "ann@company.com"
  given_name   = "Ann"
  family_name  = "Lee"
}

resource "rolecall_access_group" "own" {
  name                 = "Team-One"
  description          = "Access of a team"
  accounts_names       = ["development", "staging", "production"]
  aws_managed_policies = ["arn:aws:iam::aws:policy/ReadOnlyAccess"]
  members              = [rolecall_user.ann.username, "wei.chen@company.com"]

  inline_policies = [{
    name       = "list"
    statements = [{ effect = "Allow", actions = ["s3:ListBucket"], resources = ["*"] }]
  }]
}

resource "rolecall_external_group" "pushed" {
  name = "AWS-Development-Team"
` + team + "}\n"

func slowJobs() emulator.Options {
	return emulator.Options{JobLatency: emulator.Latency{Min: 50 * time.Millisecond, Max: 150 * time.Millisecond}}
}

// undisturbed is what AWS has after an apply of the config that nobody disturbs.
func undisturbed(t *testing.T, config string) string {
	t.Helper()
	w := newConfig(t, program(t), config, emulator.Options{})
	w.must("apply", "-no-color", "-input=false", "-auto-approve")
	return withoutDoor(t, w.e)
}

// changedWorld takes something away, gives something, and edits.
func changedWorld() string {
	return strings.NewReplacer(`"development", "staging", "production"`, `"development", "security"`, "ReadOnlyAccess", "PowerUserAccess").Replace(aWorld)
}

// applyUntil applies, and at the moment does something to the process of Terraform,
// which leads a group of its own as a shell makes one.
func (w *workspace) applyUntil(at moment, do func(apply *os.Process)) string {
	w.t.Helper()
	cmd := exec.Command(w.program, "apply", "-no-color", "-input=false", "-auto-approve")
	cmd.Dir, cmd.Env = w.dir, w.env
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	var out strings.Builder
	cmd.Stdout, cmd.Stderr = &out, &out
	came := make(chan struct{})
	started := make(chan struct{})
	w.gate.then(at, func() { <-started; do(cmd.Process); close(came) })
	if err := cmd.Start(); err != nil {
		w.t.Fatal(err)
	}
	close(started)
	err := cmd.Wait()
	select {
	case <-came:
	case <-time.After(time.Second):
		w.t.Fatalf("there was no call %d of %s:\n%s", at.call, at.operation, out.String())
	}
	if err == nil {
		w.t.Fatalf("the apply ended as if nothing had happened:\n%s", out.String())
	}
	return out.String()
}

// Ctrl-C in the middle of an apply, of a creation and of a change: nothing is tainted,
// and the next apply ends as if nothing had happened.
func TestCtrlC(t *testing.T) {
	changed := changedWorld()
	want := map[string]string{aWorld: undisturbed(t, aWorld), changed: undisturbed(t, changed)}
	for name, c := range map[string]struct {
		before, after string
		at            moment
	}{
		"creation, at the group":            {"", aWorld, moment{"CreateGroup", 1}},
		"creation, at the first assignment": {"", aWorld, moment{"CreateAccountAssignment", 1}},
		"creation, at the last assignment":  {"", aWorld, moment{"CreateAccountAssignment", 5}},
		"change, at the policy":             {aWorld, changed, moment{"AttachManagedPolicyToPermissionSet", 1}},
		"change, at a removal":              {aWorld, changed, moment{"DeleteAccountAssignment", 1}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			eachProgram(t, func(t *testing.T, program string) {
				w := aboutToChange(t, program, c.before, c.after)
				w.applyUntil(c.at, func(apply *os.Process) { _ = syscall.Kill(-apply.Pid, syscall.SIGINT) })
				w.untainted()
				w.apply()
				w.holds(t, want[c.after])
			})
		})
	}
}

// aboutToChange has applied before, and has after for its next apply.
func aboutToChange(t *testing.T, program, before, after string) *workspace {
	t.Helper()
	w := newConfig(t, program, before, slowJobs())
	if before != "" {
		w.must("apply", "-no-color", "-input=false", "-auto-approve")
	}
	w.write("main.tf", header+after)
	return w
}

// holds compares AWS with what it has after applies that nothing disturbed.
func (w *workspace) holds(t *testing.T, undisturbed string) {
	t.Helper()
	if diff := cmp.Diff(undisturbed, withoutDoor(t, w.e)); diff != "" {
		t.Errorf("in AWS (-undisturbed +disturbed):\n%s", diff)
	}
}

// untainted says that Terraform would replace nothing.
func (w *workspace) untainted() {
	w.t.Helper()
	if out := w.must("show", "-json"); strings.Contains(out, `"tainted":true`) {
		w.t.Errorf("tainted:\n%s", out)
	}
}

// A creation that AWS refuses in the middle leaves nothing tainted; once AWS lets it,
// the next apply goes on with it.
func TestCreationThatFails(t *testing.T) {
	want := undisturbed(t, aWorld)
	for _, call := range []int{1, 5} {
		t.Run(fmt.Sprintf("at assignment %d", call), func(t *testing.T) {
			t.Parallel()
			w := newConfig(t, program(t), aWorld, emulator.Options{Faults: []emulator.Fault{{Operation: "sso-admin.CreateAccountAssignment",
				Kind: emulator.FailJob, Call: call, Times: 1, Reason: "Received a 403 status error: a service control policy denies it"}}})
			if code, out := w.run("apply", "-no-color", "-input=false", "-auto-approve"); code != 1 || !strings.Contains(words(out), "terraform apply` again") {
				t.Errorf("exit code %d, want 1 and a way on:\n%s", code, out)
			}
			w.untainted()
			w.apply()
			if diff := cmp.Diff(want, withoutDoor(t, w.e)); diff != "" {
				t.Errorf("in AWS (-undisturbed +failed):\n%s", diff)
			}
		})
	}
}

// killers end the provider, or Terraform with it, as nothing can be caught.
func killers(t *testing.T) map[string]func(*os.Process) {
	if _, err := os.Stat("/proc/self/stat"); err != nil {
		t.Skip("no /proc, which tells Terraform's children")
	}
	return map[string]func(*os.Process){
		"provider":  func(apply *os.Process) { killChildren(t, apply.Pid, "terraform-provider") },
		"terraform": func(apply *os.Process) { _ = syscall.Kill(-apply.Pid, syscall.SIGKILL) },
	}
}

// The provider, or Terraform with it, is killed after a call has had its effect and
// before its answer came. The next apply completes; or it is refused at plan with the
// import block that makes it complete.
func TestKilled(t *testing.T) {
	changed := changedWorld()
	want := map[string]string{"": undisturbed(t, ""), aWorld: undisturbed(t, aWorld), changed: undisturbed(t, changed)}
	for _, c := range []struct {
		victim, what, before, after string
		at                          []moment
	}{
		{"provider", "creation", "", aWorld, []moment{{"CreateUser", 1}, {"CreateGroup", 1}, {"CreateGroupMembership", 1}, {"CreatePermissionSet", 2},
			{"CreateAccountAssignment", 1}, {"TagResource", 1}, {"UntagResource", 2}}},
		{"terraform", "creation", "", aWorld, []moment{{"CreateUser", 1}, {"UpdateGroup", 1}, {"PutInlinePolicyToPermissionSet", 1}, {"CreateAccountAssignment", 5}, {"UntagResource", 2}}},
		{"provider", "change", aWorld, changed, []moment{{"DeleteAccountAssignment", 1}}},
		{"terraform", "change", aWorld, changed, []moment{{"ProvisionPermissionSet", 1}}},
		{"provider", "destruction", aWorld, "", []moment{{"DeleteUser", 1}}},
		{"terraform", "destruction", aWorld, "", []moment{{"DeletePermissionSet", 1}}},
	} {
		for _, at := range c.at {
			t.Run(fmt.Sprintf("%s, %s, at %s %d", c.victim, c.what, at.operation, at.call), func(t *testing.T) {
				t.Parallel()
				w := aboutToChange(t, program(t), c.before, c.after)
				w.applyUntil(at, killers(t)[c.victim])
				w.applyAgain()
				w.planIsEmpty()
				w.holds(t, want[c.after])
			})
		}
	}
}

// applyAgain applies; where the plan refuses, it says what to import, and with that it
// applies. What depends on a resource that is refused is planned only once that is not.
func (w *workspace) applyAgain() {
	w.t.Helper()
	imports := ""
	for range 3 {
		code, out := w.run("apply", "-no-color", "-input=false", "-auto-approve")
		if code == 0 {
			w.write("import.tf", "") // it has done what it is for
			return
		}
		if begun.MatchString(out) {
			w.t.Fatalf("refused, but not at plan:\n%s", out)
		}
		imports += importsOf(w.t, out)
		w.write("import.tf", imports)
	}
	w.t.Fatalf("still refused with\n%s", imports)
}

var (
	withLine = regexp.MustCompile(`(?m)^\W*with (.+),$`)
	importID = regexp.MustCompile(`import \{.*?id\s*= "([^"]+)"`)
)

// importsOf returns the import blocks of the errors, each to the address that its error
// is about.
func importsOf(t testing.TB, out string) string {
	t.Helper()
	var blocks strings.Builder
	for _, text := range strings.Split(out, "Error: ")[1:] {
		address, id := withLine.FindStringSubmatch(text), importID.FindStringSubmatch(words(text))
		if address == nil || id == nil {
			t.Fatalf("an error without an address or an import block:\n%s", out)
		}
		fmt.Fprintf(&blocks, "import {\n  to = %s\n  id = %q\n}\n", address[1], id[1])
	}
	if blocks.Len() == 0 {
		t.Fatalf("failed, and no error:\n%s", out)
	}
	return blocks.String()
}
