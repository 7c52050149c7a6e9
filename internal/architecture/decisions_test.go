package architecture

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

const decisions = root + "/docs/decisions"

var (
	recordName = regexp.MustCompile(`^(\d{4})-[a-z0-9-]+\.md$`)
	recordDate = regexp.MustCompile(`(?m)^Date: \d{4}-\d{2}-\d{2}$`)
	direct     = regexp.MustCompile(`(?m)^\s+(\S+) v\S+$`)
)

func TestDecisionsHaveTheirForm(t *testing.T) {
	entries, err := os.ReadDir(decisions)
	if err != nil {
		t.Fatal(err)
	}
	numbers := map[string]string{}
	for _, e := range entries {
		if e.Name() == "README.md" {
			continue
		}
		m := recordName.FindStringSubmatch(e.Name())
		if m == nil {
			t.Errorf("%s is not called NNNN-title.md", e.Name())
			continue
		}
		if other := numbers[m[1]]; other != "" {
			t.Errorf("%s and %s have one number", e.Name(), other)
		}
		numbers[m[1]] = e.Name()
		text := read(t, filepath.Join(decisions, e.Name()))
		if !strings.HasPrefix(text, "# "+m[1]+". ") || !recordDate.MatchString(text) {
			t.Errorf("%s lacks its title (# %s. ...) or its date (Date: YYYY-MM-DD)", e.Name(), m[1])
		}
		for _, part := range []string{"## Context", "## Decision", "## Consequences", "## Would change it"} {
			if !strings.Contains(text, "\n"+part+"\n") {
				t.Errorf("%s lacks the part %q", e.Name(), part)
			}
		}
	}
}

// What go.mod requires directly has a line in the record that says why, and
// the record names nothing that is gone.
func TestDependenciesAreDecided(t *testing.T) {
	record := read(t, decisions+"/0001-dependencies.md")
	required := map[string]bool{}
	for _, m := range direct.FindAllStringSubmatch(read(t, root+"/go.mod"), -1) {
		required[m[1]] = true
		if !strings.Contains(record, "\n| `"+m[1]+"` | ") {
			t.Errorf("go.mod requires %s, and no line of 0001-dependencies.md says what for", m[1])
		}
	}
	for _, m := range regexp.MustCompile("(?m)^\\| `(\\S+)` \\|").FindAllStringSubmatch(record, -1) {
		if !required[m[1]] {
			t.Errorf("0001-dependencies.md has a line for %s, which go.mod does not require", m[1])
		}
	}
	if len(required) == 0 {
		t.Error("go.mod requires nothing, or is not read as it should be")
	}
}

func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
