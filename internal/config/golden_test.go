package config_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rolecall-dev/rolecall/internal/config"
	"github.com/rolecall-dev/rolecall/internal/diag"
)

var update = flag.Bool("update", false, "write what is expected from what is found")

const cases = "../../testdata/config"

// TestCases holds every finding to its place, text and hint: each folder of
// testdata/config is a config, and its want.diag all that is found in it, by the
// lints too.
// Run with -update to write want.diag, and read the difference.
func TestCases(t *testing.T) {
	for _, dir := range caseDirs(t) {
		t.Run(filepath.Base(dir), func(t *testing.T) {
			res, found := config.ValidateFS(os.DirFS(dir), "", config.Options{})
			golden(t, filepath.Join(dir, "want.diag"), describe(res.Sources, res.Lint(found)))
		})
	}
}

func caseDirs(t testing.TB) []string {
	dirs, err := filepath.Glob(filepath.Join(cases, "*"))
	if err != nil || len(dirs) == 0 {
		t.Fatalf("find cases: %v, %d found", err, len(dirs))
	}
	return dirs
}

func golden(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s is stale (-want +got); run: go test ./internal/config -update\n%s", file, diff)
	}
}

// describe writes findings for a reader, with the text that each points at.
func describe(sources diag.Sources, found diag.List) string {
	if len(found) == 0 {
		return "nothing found\n"
	}
	var b strings.Builder
	for _, d := range found {
		fmt.Fprintf(&b, "%s: %s %s\n", d.Range, d.Severity, d.Code)
		if text := pointedAt(sources, d.Range); text != "" {
			fmt.Fprintf(&b, "  at: %s\n", text)
		}
		fmt.Fprintf(&b, "  %s\n", d.Summary)
		if d.Detail != "" {
			fmt.Fprintf(&b, "  why: %s\n", d.Detail)
		}
		fmt.Fprintf(&b, "  do: %s\n", d.Hint)
		for _, r := range d.Related {
			fmt.Fprintf(&b, "  see: %s %s\n", r, pointedAt(sources, r))
		}
		b.WriteByte('\n')
	}
	return b.String()
}

func pointedAt(sources diag.Sources, r diag.Range) string {
	src := sources[r.File]
	if r.Start.Line == 0 || r.End.Byte > len(src) || r.Start.Byte > r.End.Byte {
		return ""
	}
	text := strings.Join(strings.Fields(string(src[r.Start.Byte:r.End.Byte])), " ")
	if runes := []rune(text); len(runes) > 60 {
		return string(runes[:57]) + "..."
	}
	return text
}
