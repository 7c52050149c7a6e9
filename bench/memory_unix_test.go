//go:build unix

package main

import (
	"os"
	"runtime"
	"syscall"
)

// peakMemory gives the largest resident memory of a process that has ended, in
// bytes.
func peakMemory(p *os.ProcessState) (float64, bool) {
	usage, ok := p.SysUsage().(*syscall.Rusage)
	if !ok {
		return 0, false
	}
	if runtime.GOOS == "darwin" {
		return float64(usage.Maxrss), true
	}
	return float64(usage.Maxrss) * 1024, true // in KiB
}
