package identitycenter

import (
	"fmt"
	"testing"
)

// fullPages yields pages of twenty new items, and empty ones in between.
func fullPages(n int) page {
	p := page{next: fmt.Sprint(n)}
	if n%3 > 0 {
		for i := range 20 {
			p.items = append(p.items, item{id: fmt.Sprintf("%d.%d", n, i)})
		}
	}
	return p
}

// A list may be long, and have empty pages in between.
func TestLongListsAreRead(t *testing.T) {
	l := newListing()
	for n := range maxPages - 1 {
		if err := l.take("ListGroups", "aws", fullPages(n)); err != nil {
			t.Fatal(err)
		}
	}
	if err := l.take("ListGroups", "aws", page{}); err != nil {
		t.Error(err)
	}
	l = newListing()
	for n := range maxPages - 1 {
		if err := l.take("ListGroups", "aws", fullPages(n)); err != nil {
			t.Fatal(err)
		}
	}
	if err := l.take("ListGroups", "aws", fullPages(maxPages)); err == nil {
		t.Error("a list of more pages than any goes on")
	}
}
