package store

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

type item struct{ seq }

// TestPagesSurviveChanges reads a list page by page while things come and go:
// whatever is there all the time is seen once, in order.
func TestPagesSurviveChanges(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var l list[*item]
		n := rapid.IntRange(0, 40).Draw(t, "items")
		all := make([]*item, n)
		for i := range all {
			all[i] = &item{seq(i + 1)}
			l.add(all[i])
		}
		limit := rapid.IntRange(1, 7).Draw(t, "limit")
		gone := map[*item]bool{}
		var seen []*item
		for at, more := uint64(0), true; more; {
			page := l.after(at, limit, nil)
			if len(page.Items) > limit || page.More && len(page.Items) != limit {
				t.Fatalf("a page of %d at a limit of %d, more = %v", len(page.Items), limit, page.More)
			}
			seen, at, more = append(seen, page.Items...), page.Next, page.More
			if n > 0 && rapid.Bool().Draw(t, "remove") {
				x := all[rapid.IntRange(0, n-1).Draw(t, "which")]
				l.remove(x)
				gone[x] = true
			}
		}
		stayed := slices.DeleteFunc(slices.Clone(seen), func(x *item) bool { return gone[x] })
		want := slices.DeleteFunc(slices.Clone(all), func(x *item) bool { return gone[x] })
		if !slices.Equal(stayed, want) {
			t.Fatalf("seen %d of what stayed, want %d in order", len(stayed), len(want))
		}
	})
}

func TestIDsDependOnSeedAndCountAlone(t *testing.T) {
	a, b, other := generator{seed: 1}, generator{seed: 1}, generator{seed: 2}
	seen := map[string]bool{}
	for range 10_000 {
		id := a.uuid()
		if seen[id] || id != b.uuid() || id == other.uuid() {
			t.Fatalf("%s was made twice, or differs for the same seed", id)
		}
		seen[id] = true
	}
}
