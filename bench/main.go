// Command bench measures rolecall against the embedded emulator at AWS's own
// limits: 20 calls a second, ten outstanding jobs of 3 s each. It prints a
// table with the theoretical floor beside each figure, and exits with 1 where
// a target is missed.
//
//	go run ./bench                   every row but the large search
//	go run ./bench -rows 'plan'      the rows whose name matches
//	go run ./bench -rows '^search'   the large search for broken promises, which takes half an hour
//
// What reaches AWS runs in virtual time (testing/synctest), so that a second is
// exactly a second and costs nothing; what is computed runs in real time and
// depends on the machine. The measurements are tests of this package; in their
// small form they run with all other tests. It measures nothing itself.
package main

import (
	"cmp"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"
)

// figure is one measurement.
type figure struct {
	Row     string `json:"row"`
	What    string `json:"what"`
	Got     string `json:"got"`
	Floor   string `json:"floor"`  // the least that is possible
	Target  string `json:"target"` // what has to be reached
	Reached bool   `json:"reached"`
}

func main() {
	rows := flag.String("rows", "", "regular expression of the rows to measure")
	flag.Parse()
	missed, err := bench(*rows)
	if err != nil {
		fmt.Fprintf(os.Stderr, "bench: %v\n", err)
		os.Exit(1)
	}
	if missed {
		os.Exit(1)
	}
}

// bench runs the measurements and prints their table.
func bench(rows string) (missed bool, err error) {
	dir, err := os.MkdirTemp("", "bench")
	if err != nil {
		return false, fmt.Errorf("make a folder for the figures: %w", err)
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "figures.json")
	began := time.Now()
	test := exec.Command("go", "test", "github.com/rolecall-dev/rolecall/bench", "-run", "^TestTable$", "-count=1", "-timeout=5h", "-v",
		"-args", "-whole", "-rows="+rows, "-out="+file)
	test.Stdout, test.Stderr = os.Stderr, os.Stderr
	failed := test.Run()
	text, err := os.ReadFile(file)
	if err != nil {
		return false, fmt.Errorf("measure (%w): %w", failed, err)
	}
	var figures []figure
	if err := json.Unmarshal(text, &figures); err != nil {
		return false, fmt.Errorf("read the figures: %w", err)
	}
	fmt.Print(table(figures))
	fmt.Printf("\n%s, %s/%s, %d CPUs%s; measured in %s.\n", began.Format("2006-01-02 15:04"), runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), load(),
		time.Since(began).Round(time.Second))
	return failed != nil, nil
}

// table writes the figures in Markdown.
func table(figures []figure) string {
	var b strings.Builder
	b.WriteString("| work | figure | floor | to reach | |\n|---|---:|---:|---|---|\n")
	for _, f := range figures {
		verdict := "reached"
		if !f.Reached {
			verdict = "**MISSED**"
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s |\n", f.What, f.Got, cmp.Or(f.Floor, "-"), f.Target, verdict)
	}
	return b.String()
}

// load says how busy the machine was, where it tells.
func load() string {
	text, err := os.ReadFile("/proc/loadavg")
	if fields := strings.Fields(string(text)); err == nil && len(fields) > 2 {
		return ", load " + strings.Join(fields[:3], " ") + " at the end"
	}
	return ""
}
