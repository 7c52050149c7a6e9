package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/credentials"

	"github.com/rolecall-dev/rolecall/emulator"
	"github.com/rolecall-dev/rolecall/internal/identitycenter"
)

func open(t *testing.T, name string) *os.File {
	t.Helper()
	file, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { file.Close() })
	return file
}

func optionsOf(em *emulator.Emulator) identitycenter.Options {
	return identitycenter.Options{Region: region, HTTPClient: &http.Client{Transport: em.Transport()},
		Credentials: credentials.NewStaticCredentialsProvider(emulator.ManagementKey, "secret", "")}
}

// build makes the program.
func build(t *testing.T) string {
	t.Helper()
	bin := filepath.Join(t.TempDir(), "rolecall")
	if out, err := exec.Command("go", "build", "-buildvcs=false", "-o", bin, "../cmd/rolecall").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return bin
}

// server is an emulator in a process of its own, and who uses it.
type server struct {
	t       *testing.T
	bin     string
	flags   []string
	process *exec.Cmd
	env     []string // for commands
	url     string
}

// serve runs the emulator on a free port.
func serve(t *testing.T, bin string, flags ...string) *server {
	t.Helper()
	s := &server{t: t, bin: bin, flags: flags}
	s.start()
	t.Cleanup(s.kill)
	return s
}

func (s *server) start() {
	s.t.Helper()
	s.process = exec.Command(s.bin, append([]string{"emulator", "--listen", "127.0.0.1:0"}, s.flags...)...)
	s.process.Stderr = os.Stderr
	out, err := s.process.StdoutPipe()
	if err != nil {
		s.t.Fatal(err)
	}
	if err := s.process.Start(); err != nil {
		s.t.Fatal(err)
	}
	s.env = append(os.Environ(), "XDG_CACHE_HOME="+s.t.TempDir())
	for text := bufio.NewScanner(out); text.Scan(); {
		line := strings.TrimPrefix(text.Text(), "export ")
		s.env = append(s.env, line)
		if url, ok := strings.CutPrefix(line, "AWS_ENDPOINT_URL="); ok {
			s.url = url
		}
		if strings.HasPrefix(line, "AWS_SECRET_ACCESS_KEY=") {
			return
		}
	}
	s.t.Fatal("the emulator has ended")
}

// kill ends the emulator as kill -9 does.
func (s *server) kill() {
	_ = s.process.Process.Kill() // it may have ended
	_ = s.process.Wait()         // it was killed
}

func (s *server) command(args ...string) *exec.Cmd {
	cmd := exec.Command(s.bin, args...)
	cmd.Env = s.env
	return cmd
}

func (s *server) must(code int, args ...string) {
	s.t.Helper()
	cmd := s.command(args...)
	out, err := cmd.CombinedOutput()
	var ended *exec.ExitError
	if err != nil && !errors.As(err, &ended) {
		s.t.Fatal(err)
	}
	if got := cmd.ProcessState.ExitCode(); got != code {
		s.t.Fatalf("rolecall %s: exit code %d, want %d\n%s", strings.Join(args, " "), got, code, out)
	}
}

// peakMemory runs a command line and gives the largest resident memory that
// the system shows of it, in bytes; false where the system does not. What wait
// tells is of no use: it begins with the memory of the process that forked.
func (s *server) peakMemory(args ...string) (float64, bool) {
	s.t.Helper()
	cmd := s.command(args...)
	if err := cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	peak := 0.0
	for {
		select {
		case err := <-ended:
			if err != nil {
				s.t.Fatalf("rolecall %s: %v", strings.Join(args, " "), err)
			}
			return peak, peak > 0
		default:
			peak = max(peak, highWater(cmd.Process.Pid))
		}
	}
}

// highWater reads the peak resident memory of a process that runs as rolecall.
func highWater(pid int) float64 {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil || !strings.HasPrefix(string(text), "Name:\trolecall\n") {
		return 0 // it has ended, or not begun
	}
	_, rest, _ := strings.Cut(string(text), "VmHWM:")
	kib := 0.0
	if _, err := fmt.Sscan(rest, &kib); err != nil {
		return 0
	}
	return kib * 1024
}

// ask gets a control route of the emulator.
func (s *server) ask(route string, into any) {
	s.t.Helper()
	answer, err := http.Get(s.url + "/_emulator/" + route)
	if err != nil {
		s.t.Fatal(err)
	}
	defer answer.Body.Close()
	if err := json.NewDecoder(answer.Body).Decode(into); err != nil {
		s.t.Fatal(err)
	}
}

func (s *server) total() int {
	var stats emulator.Stats
	s.ask("stats", &stats)
	return stats.Total
}

func (s *server) instance() emulator.StateInstance {
	var state emulator.State
	s.ask("state", &state)
	return state.Instances[0]
}

// Ten times the real program is killed with kill -9 in the middle of an apply;
// every other time the emulator is killed with it, and comes back from what it
// had on the disk. The next apply makes everything as it would have been.
func TestKilledForReal(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes seconds of real time")
	}
	bin, dir := build(t), t.TempDir()
	seed := filepath.Join(dir, "estate.json")
	text, err := json.Marshal(estateOf(6, neighbor()))
	if err != nil {
		t.Fatal(err)
	}
	writeFile(t, seed, text)
	for name, config := range map[string]string{"before": configBefore, "after": configAfter} {
		if err := os.Mkdir(filepath.Join(dir, name), 0o700); err != nil {
			t.Fatal(err)
		}
		writeFile(t, filepath.Join(dir, name, "terraform.tfvars"), []byte(config))
		writeFile(t, filepath.Join(dir, name, "rolecall.hcl"), []byte("owner = \"platform\"\n"))
	}
	before, after := filepath.Join(dir, "before"), filepath.Join(dir, "after")
	apply := func(path string) []string {
		return append([]string{"apply", path, "--auto-approve", "--max-tps", "2000"}, letThrough...)
	}
	begin := func() *server {
		s := serve(t, bin, "--seed", seed, "--data", t.TempDir(), "--job-latency", "30ms")
		s.must(0, apply(before)...)
		return s
	}
	calm := begin()
	start := calm.total()
	calm.must(0, apply(after)...)
	calls, want := calm.total()-start, calm.instance()
	random := rand.New(rand.NewPCG(9, 9))
	for i := range 4 {
		s := begin()
		at, restart := 1+random.IntN(calls), i%2 == 1
		s.killAt(at, apply(after)...)
		if restart {
			s.kill()
			s.start()
		}
		s.must(0, "unlock", after, "--auto-approve", "--now")
		s.must(0, apply(after)...)
		s.must(0, "plan", after, "--detailed-exitcode", "--deep", "--max-tps", "2000")
		if diff := sameButForIDs(want, s.instance()); diff != "" {
			t.Errorf("killed at about call %d of %d, the emulator too: %t (-undisturbed +killed):\n%s", at, calls, restart, diff)
		}
		s.kill()
	}
}

// killAt runs a command line and kills it, as kill -9 does, once AWS has seen
// so many calls.
func (s *server) killAt(at int, args ...string) {
	s.t.Helper()
	start, cmd := s.total(), s.command(args...)
	if err := cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	for s.total()-start < at {
		select {
		case err := <-ended:
			s.t.Logf("it ended before call %d: %v", at, err)
			return
		default:
		}
	}
	if err := cmd.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		s.t.Fatal(err)
	}
	<-ended
}

func writeFile(t *testing.T, name string, text []byte) {
	t.Helper()
	if err := os.WriteFile(name, text, 0o600); err != nil {
		t.Fatal(err)
	}
}
