package promises

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the list of edits in docs/promises.md anew")

const (
	editsBegin = "<!-- made by go test ./internal/promises -run OrdinaryEditsAreDocumented -update -->\n"
	editsEnd   = "<!-- end -->\n"
)

// TestOrdinaryEditsAreDocumented holds the list in docs/promises.md to the table
// that is tried.
func TestOrdinaryEditsAreDocumented(t *testing.T) {
	file := filepath.Join("..", "..", "docs", "promises.md")
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	head, rest, begins := strings.Cut(string(text), editsBegin)
	have, tail, ends := strings.Cut(rest, editsEnd)
	if !begins || !ends {
		t.Fatal("docs/promises.md has no place for the list")
	}
	want := editsList()
	if *update {
		if err := os.WriteFile(file, []byte(head+editsBegin+want+editsEnd+tail), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(want, have); diff != "" {
		t.Errorf("docs/promises.md is stale; run go test ./internal/promises -run OrdinaryEditsAreDocumented -update\n%s", diff)
	}
}

func editsList() string {
	var b strings.Builder
	b.WriteString("| | edit | internal | SCIM, users only | SCIM |\n|---:|---|:-:|:-:|:-:|\n")
	for i, edit := range ordinaryEdits() {
		fmt.Fprintf(&b, "| %d | %s |", i+1, edit.name)
		for _, letter := range []string{"i", "u", "s"} {
			mark := ""
			if strings.Contains(edit.modes, letter) {
				mark = "x"
			}
			fmt.Fprintf(&b, " %s |", mark)
		}
		b.WriteString("\n")
	}
	return b.String()
}
