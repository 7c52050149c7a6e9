package names

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestNearest(t *testing.T) {
	x := NewIndex([]string{"AWS-Development", "aws-development", "AWS-Developers", "AWS-Deployment", "Finance", "АWS-Finance"})
	for name, c := range map[string]struct {
		want []Candidate
		skip int
	}{
		"AWS-Development":  {[]Candidate{{At: 0, Match: Exact}}, -1},
		"AWS_Development":  {[]Candidate{{At: 0, Match: Separators}, {At: 1, Match: Separators}}, -1},
		"AWS_development":  {[]Candidate{{At: 1, Match: Separators}}, 0},
		"AWS-Developer":    {[]Candidate{{At: 2, Match: EditDistance, Distance: 1}}, -1},
		"AWS-Finance":      {[]Candidate{{At: 5, Match: LookAlike}}, -1},
		"Something else":   {nil, -1},
		"":                 {nil, -1},
		"AWS-Developmenta": {[]Candidate{{At: 0, Match: EditDistance, Distance: 1}, {At: 1, Match: EditDistance, Distance: 1}}, -1},
	} {
		t.Run(name, func(t *testing.T) {
			got := x.Nearest(name, 2, func(at int) bool { return at == c.skip })
			if len(got) > len(c.want) && len(c.want) > 0 {
				got = got[:len(c.want)]
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// The index is only a faster way to compare a name with all others.
func TestNearestAgreesWithCompare(t *testing.T) {
	order := map[Match]int{}
	for i, r := range allMatches() {
		order[r] = i
	}
	rapid.Check(t, func(t *rapid.T) {
		name := someNames().Draw(t, "name")
		all := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) string { return variant(t, name) }), 0, 8).Draw(t, "all")
		best, found := len(order), false
		for _, other := range all {
			if match, ok := Compare(name, other); ok {
				best, found = min(best, order[match]), true
			}
		}
		got := NewIndex(all).Nearest(name, 1, nil)
		if (len(got) > 0) != found {
			t.Fatalf("Nearest(%q) in %q = %v, comparing one by one says %v", name, all, got, found)
		}
		if found && order[got[0].Match] != best {
			t.Fatalf("Nearest(%q) in %q = %v, comparing one by one gives %q", name, all, got, allMatches()[best])
		}
	})
}

func TestNearestGivesTheLeastDistances(t *testing.T) {
	var m matrix
	rapid.Check(t, func(t *rapid.T) {
		letters := rapid.StringOfN(rapid.SampledFrom([]rune("abc")), 6, 12, -1)
		name := letters.Draw(t, "name")
		all := rapid.SliceOfN(letters, 1, 30).Draw(t, "all")
		got := NewIndex(all).Nearest(name, 1, nil)
		if len(got) == 0 || got[0].Match != EditDistance {
			return
		}
		for _, other := range all {
			if d := m.distance([]rune(name), []rune(other), 12); d < got[0].Distance {
				t.Fatalf("Nearest(%q) = %q at %d, but %q is at %d", name, all[got[0].At], got[0].Distance, other, d)
			}
		}
	})
}

// manyNames are alike as the names of an organization are; every one of the
// second list differs from all of the first by more than one character.
func manyNames(n int) (observed, expected []string) {
	for i := range n {
		observed = append(observed, fmt.Sprintf("AWS-Team%05d-Developers", i))
		expected = append(expected, fmt.Sprintf("AWS-Tem%05d-Develoqers", i))
	}
	return observed, expected
}

// BenchmarkNearest is the worst case: ten thousand names are missing, and each
// is near to many of the ten thousand that are there.
func BenchmarkNearest(b *testing.B) {
	observed, expected := manyNames(10_000)
	for b.Loop() {
		x := NewIndex(observed)
		for _, name := range expected {
			if len(x.Nearest(name, 3, nil)) == 0 {
				b.Fatalf("nothing is near %q", name)
			}
		}
	}
}

func BenchmarkNewIndex(b *testing.B) {
	observed, _ := manyNames(10_000)
	for b.Loop() {
		NewIndex(observed)
	}
}

// Whoever reads the same names in another order is told the same.
func TestNearestInAnyOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		alike := rapid.StringOfN(rapid.SampledFrom([]rune("abA-")), 6, 8, -1) // many of them equally near
		name, all := alike.Draw(t, "name"), rapid.SliceOfNDistinct(alike, 0, 12, rapid.ID).Draw(t, "all")
		other := rapid.Permutation(all).Draw(t, "other")
		told := func(names []string) []string {
			var out []string
			for _, c := range NewIndex(names).Nearest(name, 3, nil) {
				out = append(out, fmt.Sprint(names[c.At], c.Match, c.Distance))
			}
			return out
		}
		if diff := cmp.Diff(told(all), told(other)); diff != "" {
			t.Fatal(diff)
		}
	})
}
