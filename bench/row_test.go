package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"regexp"
	"testing"
	"testing/synctest"
	"time"
)

var (
	whole = flag.Bool("whole", false, "measure at full size; otherwise a small form of the same")
	only  = flag.String("rows", "", "regular expression of the rows to measure")
	out   = flag.String("out", "", "file to write the measurements to, as JSON")
)

// row is a piece of work whose cost is measured.
type row struct {
	name string
	// measure does the work. Rows that are virtual run in a bubble where time
	// is exact and costs nothing.
	measure func(m *meter)
	virtual bool
	// onlyWhole says that a small form would say nothing.
	onlyWhole bool
	// onlyNamed says that it takes half an hour, so it is measured where -rows asks for it.
	onlyNamed bool
}

// meter collects what a row measures.
type meter struct {
	*testing.T
	row     string
	figures []figure
}

// size returns the full size, or the one for the small form.
func (m *meter) size(full, small int) int {
	if *whole {
		return full
	}
	return small
}

// reach keeps a figure and fails the test where it misses its target.
func (m *meter) reach(ok bool, what, got, floor, target string) {
	m.Helper()
	f := figure{Row: m.row, What: what, Got: got, Floor: floor, Target: target, Reached: ok}
	m.figures = append(m.figures, f)
	if !ok {
		m.Errorf("%s: %s; want %s (floor %s)", what, got, target, floor)
	}
}

// within keeps a time that may be so much over its floor.
func (m *meter) within(what string, took, floor time.Duration, over float64) {
	m.Helper()
	m.reach(took.Seconds() <= floor.Seconds()*(1+over), what, seconds(took), seconds(floor), fmt.Sprintf("within %.0f%% of the floor", over*100))
}

// atMost keeps a count that has a limit.
func (m *meter) atMost(what string, got, floor, most int) {
	m.Helper()
	target := fmt.Sprintf("at most %s", number(most))
	if most == floor {
		target = "exactly that"
	}
	m.reach(got <= most && got >= floor, what, number(got), number(floor), target)
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.1f s", d.Seconds()) }

// number writes thousands apart.
func number(n int) string {
	if n < 1000 {
		return fmt.Sprint(n)
	}
	return fmt.Sprintf("%s,%03d", number(n/1000), n%1000)
}

func rows() []row {
	return []row{
		{name: "no-change plan", measure: noChangePlan, virtual: true},
		{name: "what the rule of completeness adds", measure: completeness, virtual: true},
		{name: "after an upgrade", measure: afterUpgrade, virtual: true},
		{name: "among foreign sets", measure: amongForeignSets, virtual: true},
		{name: "plan of one group", measure: planOfOneGroup, virtual: true},
		{name: "first apply", measure: firstApply, virtual: true},
		{name: "one assignment added", measure: oneAdded, virtual: true},
		{name: "policy change", measure: policyChange, virtual: true},
		{name: "looks and records", measure: looksAndRecords, virtual: true},
		{name: "refusals", measure: refusals, virtual: true},
		{name: "faults", measure: faults, virtual: true},
		{name: "kill points", measure: killPoints, virtual: true},
		{name: "lock", measure: contenders, virtual: true},
		{name: "remaining time", measure: remainingTime, virtual: true},
		{name: "scale", measure: scale, onlyWhole: true},
		{name: "config", measure: configs, onlyWhole: true},
		{name: "commands", measure: commands, onlyWhole: true},
		{name: "search, large", measure: searchLarge, onlyWhole: true, onlyNamed: true},
	}
}

// TestTable measures the rows, in their small form unless -whole is given.
func TestTable(t *testing.T) {
	wanted, err := regexp.Compile(*only)
	if err != nil {
		t.Fatal(err)
	}
	var figures []figure
	for _, r := range rows() {
		if !wanted.MatchString(r.name) || r.onlyWhole && !*whole || r.onlyNamed && *only == "" {
			continue
		}
		t.Run(r.name, func(t *testing.T) {
			m := &meter{T: t, row: r.name}
			defer func() {
				figures = append(figures, m.figures...)
				save(t, figures)
			}()
			if !r.virtual {
				r.measure(m)
				return
			}
			synctest.Test(t, func(t *testing.T) {
				m.T = t
				r.measure(m)
			})
		})
	}
}

// save keeps what was measured so far.
func save(t *testing.T, figures []figure) {
	t.Helper()
	if *out == "" {
		return
	}
	text, err := json.Marshal(figures)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(*out, text, 0o600); err != nil {
		t.Fatal(err)
	}
}
