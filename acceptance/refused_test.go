package acceptance

import (
	"regexp"
	"strings"

	"github.com/google/go-cmp/cmp"

	"github.com/rolecall-dev/rolecall/emulator"
)

// refused says that an apply ends at its plan, with an error that has all these words,
// and that AWS holds what it held, to the last id.
func (w *workspace) refused(args []string, want ...string) string {
	w.t.Helper()
	before, wrote := w.e.State(), writesOf(w.e)
	code, out := w.run(append([]string{"apply", "-auto-approve", "-no-color", "-input=false"}, args...)...)
	if code != 1 || begun.MatchString(out) {
		w.t.Errorf("apply %v: exit code %d, want 1 at plan\n%s", args, code, out)
	}
	for _, text := range want {
		if !strings.Contains(words(out), text) {
			w.t.Errorf("apply %v: no %q in\n%s", args, text, out)
		}
	}
	w.inTerraformsWords(out)
	w.unchanged(before)
	if n := writesOf(w.e) - wrote; n > 0 || code == 0 { // what comes next is about what was not touched
		w.t.Fatalf("apply %v: exit code %d, and wrote to AWS by %d calls", args, code, n)
	}
	return out
}

// begun is what Terraform says when it carries out a plan.
var begun = regexp.MustCompile(`: (Creating|Modifying|Destroying)\.\.\.`)

// inTerraformsWords says that nothing names a flag of the command.
func (w *workspace) inTerraformsWords(out string) {
	w.t.Helper()
	for _, flag := range []string{"--adopt", "--allow-", "--from-owner"} {
		if strings.Contains(out, flag) {
			w.t.Errorf("names %s:\n%s", flag, out)
		}
	}
}

// unchanged says that AWS holds what it held.
func (w *workspace) unchanged(before emulator.State) {
	w.t.Helper()
	if diff := cmp.Diff(before, w.e.State()); diff != "" {
		w.t.Errorf("in AWS (-before +after):\n%s", diff)
	}
}

// writesOf counts the calls that change something.
func writesOf(e *emulator.Emulator) int {
	n := 0
	for name, count := range e.Stats().Calls {
		if writes(name) {
			n += count
		}
	}
	return n
}

// writes tells by the operation's first word; "service.Operation" is its name.
func writes(name string) bool {
	_, operation, _ := strings.Cut(name, ".")
	for _, verb := range []string{"Create", "Delete", "Update", "Put", "Attach", "Detach", "Provision", "Tag", "Untag"} {
		if strings.HasPrefix(operation, verb) {
			return true
		}
	}
	return false
}

// planIsEmpty says that there is nothing to do.
func (w *workspace) planIsEmpty(args ...string) {
	w.t.Helper()
	if code, out := w.run(append([]string{"plan", "-no-color", "-input=false", "-detailed-exitcode"}, args...)...); code != 0 {
		w.t.Errorf("a plan: exit code %d, want 0\n%s", code, out)
	}
}
