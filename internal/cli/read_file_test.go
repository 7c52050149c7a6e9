package cli

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
)

// TestReadFile: a file that does not fit into the memory is an error, and is
// not read.
func TestReadFile(t *testing.T) {
	name := filepath.Join(t.TempDir(), "estate.json")
	if err := os.WriteFile(name, []byte("{}"), 0o600); err != nil {
		t.Fatal(err)
	}
	if text, err := readFile(name); string(text) != "{}" || err != nil {
		t.Errorf("%q, %v", text, err)
	}
	if err := os.Truncate(name, maxFile+1); err != nil {
		t.Fatal(err)
	}
	if _, err := readFile(name); !errors.Is(err, errLarge) {
		t.Errorf("%v, want %v", err, errLarge)
	}
}
