package acceptance

import (
	"strings"

	"github.com/google/go-cmp/cmp"

	"github.com/rolecall-dev/rolecall/emulator"
)

// refused says that both a plan and an apply end with an error that has all these
// words, and that AWS holds what it held, to the last id.
func (w *workspace) refused(args []string, want ...string) (out string) {
	w.t.Helper()
	before, wrote := w.e.State(), writesOf(w.e)
	for _, command := range [][]string{{"plan"}, {"apply", "-auto-approve"}} {
		code, text := w.run(append(append(command, "-no-color", "-input=false"), args...)...)
		if out = text; code != 1 {
			w.t.Errorf("%s %v: exit code %d, want 1\n%s", command[0], args, code, out)
		}
		for _, text := range want {
			if !strings.Contains(words(out), text) {
				w.t.Errorf("%s %v: no %q in\n%s", command[0], args, text, out)
			}
		}
		w.inTerraformsWords(out)
		w.unchanged(before)
		if n := writesOf(w.e) - wrote; n > 0 { // what comes next is about what was not touched
			w.t.Fatalf("%s %v wrote to AWS, by %d calls", command[0], args, n)
		}
		if code == 0 {
			w.t.FailNow()
		}
	}
	return out
}

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
