package cli_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// BenchmarkStartUp is a whole process: what every command costs before it does
// anything.
func BenchmarkStartUp(b *testing.B) {
	self, err := os.Executable()
	if err != nil {
		b.Fatal(err)
	}
	name := filepath.Join(b.TempDir(), "rolecall") // testscript.Main goes by the name
	if err := os.Symlink(self, name); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if out, err := exec.Command(name, "version").CombinedOutput(); err != nil {
			b.Fatalf("%v: %s", err, out)
		}
	}
}
