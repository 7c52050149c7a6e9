package cli_test

import (
	"context"
	"errors"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/rolecall-dev/rolecall/emulator"
	"github.com/rolecall-dev/rolecall/internal/cli"
)

// root is the repository, seen from this folder.
const root = "../.."

// sideBySide is how many scripts run at a time: they mostly wait, for quotas and for jobs.
const sideBySide = "8"

func TestMain(m *testing.M) {
	err := flag.Set("test.parallel", sideBySide)                             // -parallel is read later, and goes before
	if err := errors.Join(err, os.Setenv("AWS_CA_BUNDLE", "")); err != nil { // each client would parse it, and none needs it
		panic(err)
	}
	testscript.Main(m, map[string]func(){"rolecall": func() {
		os.Exit(cli.Main(context.Background(), os.Args[1:], cli.System{
			Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr, Getenv: os.Getenv, LookupEnv: os.LookupEnv,
		}))
	}})
}

// TestScripts runs the real command against the emulator. The scripts' verbs
// are those of the domain; testdata/script/README.md says what they do.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                filepath.Join(root, "testdata", "script"),
		Setup:              setUp,
		Cmds:               verbs(),
		RequireUniqueNames: true,
		UpdateScripts:      os.Getenv("UPDATE") != "",
	})
}

// worldKey finds the script's own AWS and identity provider.
type worldKey struct{}

func setUp(env *testscript.Env) error {
	examples, err := filepath.Abs(filepath.Join(root, "examples"))
	if err != nil {
		return err
	}
	earlier, err := filepath.Abs(filepath.Join(root, "testdata", "earlier"))
	if err != nil {
		return err
	}
	home := filepath.Join(env.WorkDir, ".home")
	for name, value := range map[string]string{
		"HOME": home, "XDG_CACHE_HOME": filepath.Join(home, "cache"), "LocalAppData": home, "EXAMPLES": examples, "EARLIER": earlier,
		// No script asks a cloud's metadata service for credentials.
		"AWS_EC2_METADATA_DISABLED": "true", "USER": "tester",
		// Built with the race detector, a program sleeps a second as it ends.
		"GORACE": "atexit_sleep_ms=0",
	} {
		env.Setenv(name, value)
	}
	w := &world{}
	env.Values[worldKey{}] = w
	env.Defer(w.close)
	return nil
}

type verb = func(ts *testscript.TestScript, neg bool, args []string)

func verbs() map[string]verb {
	return map[string]verb{
		"exit": exit, "interrupt": interrupt, "edit": edit, "copy": copyFolder, "emulator": emulatorVerb, "scim": scimVerb, "aws": awsVerb,
		"roles": rolesVerb, "state": stateVerb, "calls": calls, "proxy": proxy, "pad": pad, "mode": modeVerb, "example": example,
		"die": die, "serve": serve, "kill-serve": killServe, "keys": keys, "wait-for": waitFor, "undisturbed": undisturbed, "killed": killed,
	}
}

// exit runs a command and demands an exit code: exit 5 rolecall apply access.
func exit(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exit CODE command [arguments]")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got, err := 0, ts.Exec(args[1], args[2:]...)
	var ended *exec.ExitError
	switch {
	case errors.As(err, &ended):
		got = ended.ExitCode()
	case err != nil:
		ts.Fatalf("%v", err)
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
}

// edit changes a text in a file, wherever it stands: edit FILE OLD NEW, in
// which \n is a line's end.
func edit(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: edit FILE OLD NEW")
	}
	before := ts.ReadFile(args[0])
	if !strings.Contains(before, args[1]) {
		ts.Fatalf("%s does not have %q", args[0], args[1])
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(strings.ReplaceAll(before, args[1], strings.ReplaceAll(args[2], `\n`, "\n"))), 0o644))
}

// copyFolder copies a folder: copy FROM TO.
func copyFolder(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: copy FROM TO")
	}
	ts.Check(os.CopyFS(ts.MkAbs(args[1]), os.DirFS(ts.MkAbs(args[0]))))
}

// interrupt runs a command, sends it SIGINT once AWS has been asked for an
// operation, and demands an exit code: interrupt 130 OPERATION rolecall apply.
func interrupt(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 3 {
		ts.Fatalf("usage: interrupt CODE OPERATION command [arguments]")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	if got := signalAt(ts, os.Interrupt, args[1], args[2:]); got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
}

// die runs a command and kills it once AWS has been asked for an operation: die
// OPERATION rolecall apply.
func die(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: die OPERATION command [arguments]")
	}
	signalAt(ts, os.Kill, args[0], args[1:])
}

func signalAt(ts *testscript.TestScript, signal os.Signal, operation string, args []string) int {
	name, err := lookPath(ts, args[0])
	ts.Check(err)
	cmd := exec.Command(name, args[1:]...)
	cmd.Dir, cmd.Env = ts.MkAbs("."), environ(ts)
	cmd.Stdout, cmd.Stderr = ts.Stdout(), ts.Stderr()
	start := time.Now()
	ts.Check(cmd.Start())
	if !awaited(running(ts), operation, start) {
		_ = cmd.Process.Kill()
		ts.Fatalf("AWS was not asked for %s", operation)
	}
	ts.Check(cmd.Process.Signal(signal))
	_ = cmd.Wait() // its exit code is what counts
	return cmd.ProcessState.ExitCode()
}

// waitFor waits until AWS has been asked for an operation: wait-for OPERATION.
func waitFor(ts *testscript.TestScript, neg bool, args []string) {
	if !awaited(running(ts), args[0], time.Time{}) {
		ts.Fatalf("AWS was not asked for %s", args[0])
	}
}

func awaited(w *world, operation string, since time.Time) bool {
	for deadline := time.Now().Add(20 * time.Second); !asked(w, operation, since); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			return false
		}
	}
	return true
}

func asked(w *world, operation string, since time.Time) bool {
	return slices.ContainsFunc(w.em.Calls(), func(c emulator.Call) bool { return c.Operation == operation && c.Time.After(since) })
}

// lookPath finds a command as the script would.
func lookPath(ts *testscript.TestScript, name string) (string, error) {
	for _, dir := range filepath.SplitList(ts.Getenv("PATH")) {
		if path, err := exec.LookPath(filepath.Join(dir, name)); err == nil {
			return path, nil
		}
	}
	return "", exec.ErrNotFound
}

// environ returns what the command needs of the script's environment.
func environ(ts *testscript.TestScript) []string {
	env := os.Environ()
	for _, name := range []string{"HOME", "XDG_CACHE_HOME", "AWS_EC2_METADATA_DISABLED", "AWS_ENDPOINT_URL", "AWS_REGION",
		"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "USER"} {
		env = append(env, name+"="+ts.Getenv(name))
	}
	return env
}
