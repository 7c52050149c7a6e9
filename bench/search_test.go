package main

import (
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// searchLarge looks for counterexamples of the promises over a million steps of
// runs and of others, or PROMISES_STEPS. It is a test of its own package, so that
// what it finds is told as there.
func searchLarge(m *meter) {
	steps := os.Getenv("PROMISES_STEPS")
	if _, err := strconv.Atoi(steps); err != nil {
		steps = "1000000"
	}
	cmd := exec.CommandContext(m.Context(), "go", "test", "github.com/rolecall-dev/rolecall/internal/promises", "-run", "^TestSearch$", "-count=1", "-timeout=4h", "-v")
	cmd.Env = append(os.Environ(), "PROMISES_STEPS="+steps)
	start := time.Now()
	text, err := cmd.CombinedOutput()
	found := len(regexp.MustCompile(`PROMISES_SEED=`).FindAllString(string(text), -1))
	if err != nil {
		m.Logf("%s", text)
		if found == 0 { // it did not run, or reached too little
			m.Fatal(err)
		}
	}
	what := strings.TrimSpace(fmt.Sprintf("search for broken promises, %s steps, in %s", steps, time.Since(start).Round(time.Second)))
	m.reach(found == 0, what, fmt.Sprintf("%d kinds found", found), "", "none")
}
