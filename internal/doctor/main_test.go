package doctor_test

import (
	"os"
	"runtime/debug"
	"strings"
	"testing"
)

// TestMain takes away what this machine says of AWS: each of hundreds of worlds would
// read it anew. They are small and short-lived, so garbage is seldom worth a look.
func TestMain(m *testing.M) {
	for _, pair := range os.Environ() {
		if name, _, _ := strings.Cut(pair, "="); strings.HasPrefix(name, "AWS_") {
			os.Unsetenv(name)
		}
	}
	debug.SetGCPercent(400)
	os.Exit(m.Run())
}
