package cli_test

import (
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/rolecall-dev/rolecall/emulator"
)

// undisturbed applies a config and keeps what comes of it: undisturbed FOLDER.
func undisturbed(ts *testscript.TestScript, neg bool, args []string) {
	w := running(ts)
	exit(ts, false, []string{"0", "rolecall", "apply", args[0], "--auto-approve", "--max-tps", "2000"})
	w.states["undisturbed"] = w.final()
	w.calls = w.total()
}

// killed applies a config again and again to an AWS that is new each time,
// killed after another number of calls each time, then once more, and compares:
// killed TIMES FOLDER ESTATE.
func killed(ts *testscript.TestScript, neg bool, args []string) {
	times, err := strconv.Atoi(args[0])
	ts.Check(err)
	w := running(ts)
	want, calls := w.states["undisturbed"], w.calls
	for i := range times {
		w.start(ts, args[2:])
		ts.Check(w.em.SetFaults(emulator.Fault{Kind: emulator.Slow, Delay: 3 * time.Millisecond}))
		w.killAfter(ts, calls*(i+1)/(times+1), args[1])
		w.em.ClearFaults()
		exit(ts, false, []string{"0", "rolecall", "unlock", args[1], "--auto-approve", "--now"})
		exit(ts, false, []string{"0", "rolecall", "apply", args[1], "--auto-approve", "--max-tps", "2000"})
		exit(ts, false, []string{"0", "rolecall", "plan", args[1], "--detailed-exitcode", "--deep", "--max-tps", "2000"})
		if got := w.final(); got != want {
			ts.Fatalf("killed after %d calls:\n--- want\n%s--- got\n%s", calls*(i+1)/(times+1), want, got)
		}
	}
}

// final returns what is in the instance without the ids that are made up.
func (w *world) final() string {
	return madeUp.ReplaceAllString(w.lines(), "ps-")
}

var madeUp = regexp.MustCompile(`ps-[0-9a-f]{16}`)

// total counts the calls so far, without those of the identity provider.
func (w *world) total() int {
	n := 0
	for _, c := range w.em.Calls() {
		if c.Service != "scim" {
			n++
		}
	}
	return n
}

func (w *world) killAfter(ts *testscript.TestScript, calls int, folder string) {
	name, err := lookPath(ts, "rolecall")
	ts.Check(err)
	var out strings.Builder
	cmd := exec.Command(name, "apply", folder, "--auto-approve", "--max-tps", "2000")
	cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = ts.MkAbs("."), environ(ts), &out, &out
	ended := make(chan struct{})
	ts.Check(cmd.Start())
	go func() {
		_ = cmd.Wait() // it is killed
		close(ended)
	}()
	before := w.total()
	for w.total()-before < calls {
		select {
		case <-ended:
			ts.Fatalf("ended after %d calls, before it was killed after %d:\n%s", w.total()-before, calls, out.String())
		case <-time.After(500 * time.Microsecond):
		}
	}
	ts.Check(cmd.Process.Kill())
	<-ended
}
