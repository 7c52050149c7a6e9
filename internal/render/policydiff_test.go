package render

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
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
		if slices.Equal(withoutCommas(a), withoutCommas(b)) {
			return // nothing changes, and nothing is shown
		}
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

// TestPolicyDiffHidesNothing: every line of JSON in which two policies differ is shown,
// beneath its statement's name and effect, however long they are.
func TestPolicyDiffHidesNothing(t *testing.T) {
	statement := func(rt *rapid.T, i int) string {
		sid, effect := rapid.SampledFrom([]string{"", fmt.Sprintf(`"Sid":"S%d",`, i)}).Draw(rt, "sid"), rapid.SampledFrom([]string{"Allow", "Deny"}).Draw(rt, "effect")
		actions := rapid.SliceOfNDistinct(rapid.IntRange(0, 99), 1, 80, rapid.ID).Draw(rt, "actions")
		list := ""
		for _, a := range actions {
			list += fmt.Sprintf(`,"s3:A%d"`, a)
		}
		return fmt.Sprintf(`{%s"Effect":%q,"Action":[%s]}`, sid, effect, list[1:])
	}
	policy := func(rt *rapid.T, name string) (text string, actions map[string]int) {
		n := rapid.IntRange(1, 6).Draw(rt, name)
		order := rapid.Permutation([]int{0, 1, 2, 3, 4, 5}).Draw(rt, "order")
		var list []string
		for _, i := range order[:n] {
			list = append(list, statement(rt, i))
		}
		text = `{"Version":"2012-10-17","Statement":[` + strings.Join(list, ",") + `]}`
		actions = map[string]int{}
		for _, a := range regexp.MustCompile(`s3:A\d+`).FindAllString(text, -1) {
			actions[a]++
		}
		return text, actions
	}
	rapid.Check(t, func(rt *rapid.T) {
		before, had := policy(rt, "before")
		after, has := policy(rt, "after")
		p := newPage(Style{})
		p.policyDiff(before, after)
		shown := p.b.String()
		for action := range maps.Keys(joined(had, has)) {
			more, fewer := strings.Count(shown, "+ "+`    "`+action+`"`), strings.Count(shown, "- "+`    "`+action+`"`)
			if more-fewer != has[action]-had[action] {
				rt.Fatalf("%s: %d lines come and %d go, of %d before and %d after:\n%s", action, more, fewer, had[action], has[action], shown)
			}
		}
		if strings.Contains(shown, "\n      +") && !strings.Contains(shown, "statement ") {
			rt.Fatalf("no statement is named:\n%s", shown)
		}
	})
}

func joined(a, b map[string]int) map[string]int {
	all := maps.Clone(a)
	maps.Copy(all, b)
	return all
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
