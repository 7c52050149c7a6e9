package main

import (
	"fmt"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/rolecall-dev/rolecall/emulator"
	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/config"
	"github.com/rolecall-dev/rolecall/internal/identitycenter"
	"github.com/rolecall-dev/rolecall/internal/identitycenter/read"
	"github.com/rolecall-dev/rolecall/internal/plan"
)

// benchmark runs a benchmark of a package in a process of its own, and returns
// its metrics by unit.
func benchmark(m *meter, pkg, name string, times int) map[string]float64 {
	m.Helper()
	out, err := exec.Command("go", "test", "../internal/"+pkg, "-run", "^$", "-bench", name, "-benchtime", fmt.Sprint(times)+"x").CombinedOutput()
	if err != nil {
		m.Fatalf("benchmark %s: %v\n%s", name, err, out)
	}
	metrics := map[string]float64{}
	for _, pair := range regexp.MustCompile(`([0-9.e+]+) ([A-Za-z][\w/-]*)`).FindAllStringSubmatch(string(out), -1) {
		if n, err := strconv.ParseFloat(pair[1], 64); err == nil {
			metrics[pair[2]] = n
		}
	}
	if metrics["ns/op"] == 0 {
		m.Fatalf("benchmark %s has no figures:\n%s", name, out)
	}
	return metrics
}

// scale plans generated organizations: 100,000 users, 10,000 groups, 3,500
// sets and 1,000,000 assignments, and a tenth and a hundredth of that.
func scale(m *meter) {
	perGrant := map[string]float64{}
	for _, c := range []struct {
		size, what string
		grants     float64
	}{
		{"1percent", "nothing_changes", 1e4}, {"10percent", "nothing_changes", 1e5}, {"whole", "nothing_changes", 1e6},
		{"whole", "a_thousandth_missing", 1e6}, {"whole", "first_apply", 1e6},
	} {
		got := benchmark(m, "plan", fmt.Sprintf("^BenchmarkPlan$/^%s$/^%s$", c.size, c.what), 1)
		took, memory := got["ns/op"]/1e9, got["MiB-from-OS"]
		what := fmt.Sprintf("normalize, bind, diff and order %s assignments, %s", number(int(c.grants)), strings.ReplaceAll(c.what, "_", " "))
		m.reach(took < 5, what+": time", fmt.Sprintf("%.3f s", took), "", "under 5 s")
		m.reach(memory < 2048, what+": memory from the operating system, the input included", fmt.Sprintf("%.0f MiB", memory), "", "under 2 GiB")
		if c.what == "nothing_changes" {
			perGrant[c.size] = got["ns/op"] / c.grants
		}
	}
	for _, pair := range [][2]string{{"1percent", "10percent"}, {"10percent", "whole"}} {
		growth := perGrant[pair[1]] / perGrant[pair[0]]
		m.reach(growth < 2, "time for each assignment where there are ten times as many ("+pair[0]+" to "+pair[1]+")", fmt.Sprintf("%.2f x", growth), "1.00 x", "near-linear (under 2 x)")
	}
}

// configs compares validate with what hcl's parse of the same file takes.
func configs(m *meter) {
	got := benchmark(m, "config", "^BenchmarkLoad$", 5)
	m.reach(got["validate/parse"] <= 1.5, fmt.Sprintf("validate 5,000 groups and 20,000 users (%.0f ms; hcl's parse alone %.0f ms)", got["validate-ms"], got["hcl-parse-ms"]),
		fmt.Sprintf("%.2f x", got["validate/parse"]), "1.00 x", "within 1.5 x of hcl's parse")
}

// commands measures the program itself: how long it takes to start, what a plan
// of the larger example takes.
func commands(m *meter) {
	bin := build(m.T)
	for _, args := range [][]string{{"version"}, {"plan", "--help"}, {"validate", "../examples/built-in"}} {
		took := startUp(m, bin, args)
		m.reach(took < 50*time.Millisecond, "start-up of `rolecall "+strings.Join(args, " ")+"`, median of 21", fmt.Sprintf("%.0f ms", took.Seconds()*1000), "", "under 50 ms")
	}
	s := serve(m.T, bin, "--seed", "../examples/large/estate.json")
	s.must(0, "apply", "../examples/large", "--auto-approve", "--max-tps", "2000")
	s.must(0, "plan", "../examples/large", "--detailed-exitcode", "--max-tps", "2000")
	if peak, ok := s.peakMemory("plan", "../examples/large", "--max-tps", "2000"); ok {
		m.reach(peak < 100e6, "plan of the larger example: peak resident memory", fmt.Sprintf("%.0f MB", peak/1e6), "", "under 100 MB")
	}
	took := diffLarge(m)
	m.reach(took < 10*time.Millisecond, "diff of the larger example, median of 21", fmt.Sprintf("%.1f ms", took.Seconds()*1000), "", "under 10 ms")
}

func startUp(m *meter, bin string, args []string) time.Duration {
	return median(func() {
		if out, err := exec.Command(bin, args...).CombinedOutput(); err != nil {
			m.Fatalf("%v: %v\n%s", args, err, out)
		}
	})
}

func median(f func()) time.Duration {
	took := make([]time.Duration, 21)
	for i := range took {
		began := time.Now()
		f()
		took[i] = time.Since(began)
	}
	slices.Sort(took)
	return took[len(took)/2]
}

// diffLarge times the diff of the larger example's first apply.
func diffLarge(m *meter) time.Duration {
	file := open(m.T, "../examples/large/estate.json")
	estate, err := emulator.ReadEstate(file)
	if err != nil {
		m.Fatal(err)
	}
	em, err := emulator.New(emulator.Options{Estate: estate})
	if err != nil {
		m.Fatal(err)
	}
	result, findings := config.Validate("../examples/large", config.Options{})
	if findings.HasErrors() {
		m.Fatal(findings)
	}
	client, err := identitycenter.Connect(m.Context(), optionsOf(em))
	if err != nil {
		m.Fatal(err)
	}
	desired := access.Desired(result.Config, "platform")
	live, _, err := read.New(client).Read(m.Context(), read.Options{Desired: desired, Owner: "platform"})
	if err != nil {
		m.Fatal(err)
	}
	changes := 0
	took := median(func() {
		p := plan.Diff(&desired, &live, plan.Options{Owner: "platform", SetUp: result.Config.SetUp()})
		changes = len(p.Changes)
	})
	if changes < 500 {
		m.Errorf("the diff has only %d changes", changes)
	}
	return took
}
