package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// bench tries mutations in a repository.
type bench struct {
	root  string
	limit time.Duration
	// sound are the tests, by their arguments, that pass without a mutation.
	sound map[string]error
}

// result says how a mutation ended: found, survived, or broken, and then why.
type result struct {
	verdict string
	runs    int
	took    time.Duration
	why     string
	// by is the test that found it.
	by string
}

func (b *bench) try(ctx context.Context, m mutation) (r result) {
	start := time.Now()
	defer func() { r.took = time.Since(start) }()
	broken := func(err error) result { return result{verdict: "broken", why: err.Error()} }
	if err := b.passes(ctx, m); err != nil {
		return broken(err)
	}
	start = time.Now()
	dir, err := os.MkdirTemp("", "mutate")
	if err != nil {
		return broken(err)
	}
	defer os.RemoveAll(dir)
	overlay, err := b.overlay(dir, m)
	if err != nil {
		return broken(err)
	}
	for n := range m.runs {
		out, err := b.goTest(ctx, m, n, "-overlay", overlay, "-count=1", "-failfast")
		switch {
		case ctx.Err() != nil:
			return broken(ctx.Err())
		case failed(out, err):
			return result{verdict: "found", runs: n + 1, by: finder(out)}
		case strings.Contains(out, "[build failed]"), strings.Contains(out, "[setup failed]"):
			return broken(fmt.Errorf("it does not build: %w\n%s", err, last(out, 10)))
		case err != nil:
			return broken(fmt.Errorf("the test could not run: %w\n%s", err, last(out, 10)))
		}
	}
	return result{verdict: "survived", runs: m.runs}
}

// passes says whether the test of a mutation passes without it, once for each
// test.
func (b *bench) passes(ctx context.Context, m mutation) error {
	key := strings.Join(append(m.env, m.test...), "\x00")
	if err, known := b.sound[key]; known {
		return err
	}
	var err error
	out, failure := b.goTest(ctx, m, 0, "-count=1")
	switch {
	case failure != nil:
		err = fmt.Errorf("the test fails without the mutation, so it proves nothing: %w\n%s", failure, last(out, 10))
	case strings.Contains(out, "no tests to run"):
		err = errors.New("the pattern of the test finds no test")
	}
	if b.sound == nil {
		b.sound = map[string]error{}
	}
	b.sound[key] = err
	return err
}

// failed tells a test that failed from one that could not run.
func failed(out string, err error) bool {
	var exit *exec.ExitError
	return errors.As(err, &exit) && (strings.Contains(out, "--- FAIL") || strings.Contains(out, "panic: ")) && !strings.Contains(out, "[build failed]")
}

// finder returns the first test that failed, without its cases.
func finder(out string) string {
	_, rest, _ := strings.Cut(out, "--- FAIL: ")
	name, _, _ := strings.Cut(rest, " ")
	name, _, _ = strings.Cut(name, "/")
	return name
}

// overlay writes the changed files and the list that go test takes of them.
func (b *bench) overlay(dir string, m mutation) (string, error) {
	replace := map[string]string{}
	for _, e := range m.edits {
		name, err := filepath.Abs(filepath.Join(b.root, e.file))
		if err != nil {
			return "", err
		}
		from := name
		if changed, again := replace[name]; again {
			from = changed
		}
		text, err := os.ReadFile(from)
		if err != nil {
			return "", err
		}
		after, err := e.apply(string(text))
		if err != nil {
			return "", err
		}
		to := filepath.Join(dir, strconv.Itoa(len(replace))+".go")
		if from != name {
			to = from
		}
		if err := os.WriteFile(to, []byte(after), 0o600); err != nil {
			return "", err
		}
		replace[name] = to
	}
	list, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		return "", err
	}
	name := filepath.Join(dir, "overlay.json")
	return name, os.WriteFile(name, list, 0o600)
}

func (b *bench) goTest(ctx context.Context, m mutation, run int, args ...string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, b.limit)
	defer cancel()
	cmd := exec.CommandContext(ctx, "go", append(append([]string{"test"}, args...), m.test...)...)
	cmd.Dir = b.root
	cmd.WaitDelay = 10 * time.Second
	cmd.Env = os.Environ()
	for _, e := range m.env {
		cmd.Env = append(cmd.Env, strings.ReplaceAll(e, "{run}", strconv.Itoa(run)))
	}
	out, err := cmd.CombinedOutput()
	return string(out), err
}

func last(text string, n int) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return strings.Join(lines[max(0, len(lines)-n):], "\n")
}
