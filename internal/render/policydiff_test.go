package render

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// TestDiffLeadsFromOneToTheOther: what stays and what goes is the first
// document, what stays and what comes is the second, commas at line ends aside.
func TestDiffLeadsFromOneToTheOther(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		lines := rapid.SliceOfN(rapid.SampledFrom([]string{"a", "a,", "b", "c,", "", "d"}), 0, 30)
		a, b := lines.Draw(rt, "a"), lines.Draw(rt, "b")
		var before, after []string
		for _, l := range diffLines(a, b, len(b)) {
			if l.op != '+' {
				before = append(before, l.text)
			}
			if l.op != '-' {
				after = append(after, l.text)
			}
		}
		if x, y := noCommas(before), noCommas(a); x != y {
			rt.Fatalf("before is %q, not %q", x, y)
		}
		if x, y := strings.Join(after, "\n"), strings.Join(b, "\n"); x != y {
			rt.Fatalf("after is %q, not %q", x, y)
		}
	})
}

func noCommas(lines []string) string { return strings.ReplaceAll(strings.Join(lines, "\n"), ",", "") }

// TestNumbersAndTimes: numbers and times as people write them.
func TestNumbersAndTimes(t *testing.T) {
	for n, want := range map[int]string{0: "0", 999: "999", 1000: "1,000", 1234567: "1,234,567", -1000: "-1,000", -100: "-100"} {
		if got := number(n); got != want {
			t.Errorf("number(%d) = %q, want %q", n, got, want)
		}
	}
	for seconds, want := range map[float64]string{0: "0s", 0.02: "0.1s", 0.4: "0.4s", 0.96: "1s", 12.4: "12s", 59.6: "1m 0s", 200: "3m 20s", 3599.9: "1h 0m", 7500: "2h 5m"} {
		if got := spell(seconds); got != want {
			t.Errorf("spell(%v) = %q, want %q", seconds, got, want)
		}
	}
}
