package cli

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rolecall-dev/rolecall/internal/diag"
)

// TestFindingsDocs holds docs/diagnostics.md to the codes of every package that
// reports findings, and the codes to being unique.
func TestFindingsDocs(t *testing.T) {
	var b strings.Builder
	b.WriteString("# Findings\n\nGenerated from the code; change it there, then run `go test ./internal/cli -run FindingsDocs -update`.\n\n" +
		"Every finding has a code, which keeps its meaning. `--json` has it as `code`.\n\n" +
		"| Code | Meaning | What to do |\n|---|---|---|\n")
	for _, c := range sortedCodes(t) {
		fmt.Fprintf(&b, "| <a id=%q></a>`%s` | %s | %s |\n", c.Code, c.Code, c.Meaning, c.Do)
	}
	const file = "../../docs/diagnostics.md"
	if *update {
		if err := os.WriteFile(file, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(b.String(), string(got)); diff != "" {
		t.Errorf("%s is stale; run `go test ./internal/cli -run FindingsDocs -update` (-code +file):\n%s", file, diff)
	}
}

// sortedCodes returns all codes by name, each explained once.
func sortedCodes(t *testing.T) diag.Docs {
	t.Helper()
	all := everyCode()
	slices.SortFunc(all, func(a, b diag.CodeDoc) int { return strings.Compare(string(a.Code), string(b.Code)) })
	for i, c := range all {
		if c.Meaning == "" || c.Do == "" {
			t.Errorf("%s has no meaning, or does not say what to do", c.Code)
		}
		if i > 0 && all[i-1].Code == c.Code {
			t.Errorf("%s is declared twice", c.Code)
		}
	}
	return all
}

// declaredCode is a constant of a code, as the packages declare them.
var declaredCode = regexp.MustCompile(`diag\.Code\s*=\s*"([^"]+)"`)

// TestEveryCodeIsDocumented finds codes that no package explains.
func TestEveryCodeIsDocumented(t *testing.T) {
	documented := map[diag.Code]bool{}
	for _, c := range sortedCodes(t) {
		documented[c.Code] = true
	}
	found := 0
	err := filepath.WalkDir("..", func(path string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		text, err := os.ReadFile(path)
		for _, m := range declaredCode.FindAllSubmatch(text, -1) {
			found++
			if !documented[diag.Code(m[1])] {
				t.Errorf("%s declares %s, and its package's Codes does not say what it means", path, m[1])
			}
		}
		return err
	})
	if err != nil || found == 0 {
		t.Fatalf("%d codes, %v", found, err)
	}
}
