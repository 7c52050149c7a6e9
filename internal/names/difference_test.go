package names

import (
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestDifferences(t *testing.T) {
	for name, c := range map[string]struct {
		expected, observed string
		want               []string
	}{
		"equal": {"AWS-Dev", "AWS-Dev", nil},
		"cyrillic": {"AWS-Dev", "AWS-D\u0435v", []string{
			`character 6: has "е" U+0435 CYRILLIC SMALL LETTER IE, not "e" U+0065 LATIN SMALL LETTER E`}},
		"blank at the end": {"AWS-Dev", "AWS-Dev ", []string{`character 8: has an extra " " U+0020 SPACE`}},
		"no-break space": {"AWS Dev", "AWS\u00A0Dev", []string{
			`character 4: has "` + "\\u00a0" + `" U+00A0 NO-BREAK SPACE, not " " U+0020 SPACE`}},
		"zero-width in front": {"AWS", "\u200BAWS", []string{`character 1: has an extra "\u200b" U+200B ZERO WIDTH SPACE`}},
		"missing":             {"AWS-Dev", "AWSDev", []string{`character 4: lacks "-" U+002D HYPHEN-MINUS`}},
		"tab":                 {"A B", "A\tB", []string{`character 2: has "\t" U+0009 CHARACTER TABULATION, not " " U+0020 SPACE`}},
		"not UTF-8":           {"A", "A\xff", []string{"character 2: has an extra \"\uFFFD\" byte 0xff not UTF-8"}},
	} {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, d := range Differences(c.expected, c.observed) {
				got = append(got, d.String())
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// patch turns the expected name into the observed one by its differences.
func patch(expected string, differences []Difference) string {
	in := []rune(expected)
	var out []rune
	at := 0
	for _, d := range differences {
		for ; at < d.Position-1; at++ {
			out = append(out, in[at])
		}
		if d.Expected != nil {
			at++
		}
		if d.Observed != nil {
			out = append(out, []rune(d.Observed.Text)...)
		}
	}
	return string(append(out, in[at:]...))
}

func TestDifferencesAreExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := someNames().Draw(t, "a")
		b := variant(t, a)
		if !utf8.ValidString(a) || !utf8.ValidString(b) {
			return
		}
		d := Differences(a, b)
		if (len(d) == 0) != (a == b) {
			t.Fatalf("%d differences between %q and %q", len(d), a, b)
		}
		if got := patch(a, d); got != b {
			t.Fatalf("applying the differences to %q gives %q, want %q", a, got, b)
		}
	})
}

func TestDifferencesOfLongNames(t *testing.T) {
	a, b := make([]rune, 3000), make([]rune, 2500)
	for i := range a {
		a[i] = rune('a' + i%7)
	}
	for i := range b {
		b[i] = rune('a' + i%11)
	}
	if got := patch(string(a), Differences(string(a), string(b))); got != string(b) {
		t.Error("the differences of two long names are not exact")
	}
}

// wholeDistance is the definition of the optimal string alignment distance,
// without band, trimming or shared rows.
func wholeDistance(a, b []rune) int {
	d := make([][]int, len(a)+1)
	for i := range d {
		d[i] = make([]int, len(b)+1)
		for j := range d[i] {
			switch {
			case i == 0 || j == 0:
				d[i][j] = i + j
				continue
			case a[i-1] == b[j-1]:
				d[i][j] = d[i-1][j-1]
			default:
				d[i][j] = 1 + min(d[i-1][j], d[i][j-1], d[i-1][j-1])
			}
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				d[i][j] = min(d[i][j], d[i-2][j-2]+1)
			}
		}
	}
	return d[len(a)][len(b)]
}

func TestDistanceAgreesWithItsDefinition(t *testing.T) {
	var m matrix
	rapid.Check(t, func(t *rapid.T) {
		letters := rapid.StringOfN(rapid.SampledFrom([]rune("abc")), 0, 14, -1)
		a, b := []rune(letters.Draw(t, "a")), []rune(letters.Draw(t, "b"))
		limit := rapid.IntRange(0, 6).Draw(t, "limit")
		want := min(wholeDistance(a, b), limit+1)
		if got := m.distance(a, b, limit); got != want {
			t.Fatalf("distance(%q, %q, %d) = %d, want %d", string(a), string(b), limit, got, want)
		}
	})
}
