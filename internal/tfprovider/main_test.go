package tfprovider

import (
	"os"
	"runtime/debug"
	"testing"
)

// TestMain looks for garbage seldom: each of hundreds of small worlds is soon gone whole.
func TestMain(m *testing.M) {
	debug.SetGCPercent(400)
	os.Exit(m.Run())
}
