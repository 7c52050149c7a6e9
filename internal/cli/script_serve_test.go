package cli_test

import (
	"bufio"
	"os/exec"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// serve runs the command emulator on a free port and takes the lines that it
// prints into the script's environment: serve FLAGS.
func serve(ts *testscript.TestScript, neg bool, args []string) {
	name, err := lookPath(ts, "rolecall")
	ts.Check(err)
	cmd := exec.Command(name, append([]string{"emulator", "--listen", "127.0.0.1:0"}, args...)...)
	cmd.Dir, cmd.Env, cmd.Stderr = ts.MkAbs("."), environ(ts), ts.Stderr()
	out, err := cmd.StdoutPipe()
	ts.Check(err)
	ts.Check(cmd.Start())
	w := worldOf(ts)
	w.stop()
	w.process = cmd
	for lines := bufio.NewScanner(out); lines.Scan(); {
		name, value, ok := strings.Cut(strings.TrimPrefix(lines.Text(), "export "), "=")
		if !ok {
			ts.Fatalf("the emulator prints %q", lines.Text())
		}
		ts.Setenv(name, value)
		if name == "AWS_SECRET_ACCESS_KEY" {
			return
		}
	}
	ts.Fatalf("the emulator has ended")
}

// stop kills the emulator that serve started, as kill -9 does.
func (w *world) stop() {
	if w.process != nil {
		_ = w.process.Process.Kill()
		_ = w.process.Wait() // it was killed
		w.process = nil
	}
}

func killServe(ts *testscript.TestScript, neg bool, args []string) { worldOf(ts).stop() }
