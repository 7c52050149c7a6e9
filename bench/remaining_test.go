package main

import (
	"encoding/json"
	"fmt"
	"math"
	"time"

	"github.com/rolecall-dev/rolecall/emulator"
)

// progress is what an apply says of itself with --json.
type progress struct {
	Type string `json:"type"`
	Data struct {
		Progress *struct {
			JobsDone       int     `json:"jobs_done"`
			ElapsedSeconds float64 `json:"elapsed_seconds"`
			ETASeconds     float64 `json:"eta_seconds"`
		} `json:"progress"`
	} `json:"data"`
}

// remainingTime compares the time that an apply says is left with what it then
// takes, for latencies of AWS that it is not told.
func remainingTime(m *meter) {
	sets, accounts := 10, m.size(60, 20)
	for _, takes := range []time.Duration{time.Second, 3 * time.Second, 10 * time.Second} {
		c := newCloud(m.T, accounts, emulator.EstateContents{}, emulator.Options{JobLatency: emulator.Latency{Min: takes, Max: takes}})
		c.write(groups(sets, accounts))
		time.Sleep(rest)
		var first, worst, last float64
		var seen [][2]float64 // when, and what was said to be left
		d := c.rolecallBy(m.Context(), c.em.Transport(), func(line string) {
			var p progress
			if json.Unmarshal([]byte(line), &p) != nil || p.Data.Progress == nil {
				return
			}
			last = p.Data.Progress.ElapsedSeconds
			if p.Data.Progress.JobsDone >= 30 && p.Data.Progress.ETASeconds > 0 {
				seen = append(seen, [2]float64{last, p.Data.Progress.ETASeconds})
			}
		}, "apply", c.dir, "--auto-approve", "--json")
		if d.code != 0 || len(seen) == 0 {
			m.Fatalf("exit code %d, %d events\n%s", d.code, len(seen), d.stderr)
		}
		for i, s := range seen {
			left := last - s[0]
			off := math.Abs(s[1]-left) / left
			if i == 0 {
				first = off
			}
			if left >= 10*takes.Seconds() {
				worst = max(worst, off)
			}
		}
		what := fmt.Sprintf("%s assignments of %s each: time left, said after 30 jobs", number(sets*accounts), takes)
		m.reach(first <= 0.15, what, fmt.Sprintf("%.0f%% off", first*100), "0%", "within 15%")
		m.reach(worst <= 0.15, what+", at worst (until ten jobs' time before the end)", fmt.Sprintf("%.0f%% off", worst*100), "0%", "within 15%")
	}
}
