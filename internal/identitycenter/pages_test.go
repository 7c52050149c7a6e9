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

// A token that came before leads to pages that were read, whatever is on them.
func TestTokensComeOnce(t *testing.T) {
	l := newListing()
	for n, next := range []string{"a", "b", "a"} {
		err := l.take("ListGroups", "aws", page{items: []item{{id: fmt.Sprint(n)}}, next: next})
		if (err != nil) != (n == 2) {
			t.Errorf("page %d: %v", n, err)
		}
	}
}

// A thing that is listed twice is listed as the same.
func TestListsAgreeWithThemselves(t *testing.T) {
	for _, tt := range []struct {
		name  string
		items []item
		ok    bool
	}{
		{"twice the same", []item{{"1", "a", true}, {"1", "a", true}}, true},
		{"two names", []item{{"1", "a", true}, {"1", "b", true}}, false},
		{"two ids", []item{{"1", "a", true}, {"2", "a", true}}, false},
		{"accounts of one name", []item{{"1", "a", false}, {"2", "a", false}}, true},
		{"without names", []item{{"1", "", true}, {"2", "", true}}, true},
	} {
		if err := newListing().take("ListGroups", "aws", page{items: tt.items}); (err == nil) != tt.ok {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
}

// A list that was long and has nothing new for hundreds of pages has ended.
func TestLongListsMayNotIdle(t *testing.T) {
	l := newListing()
	for n := range 1000 {
		if err := l.take("ListGroups", "aws", fullPages(n)); err != nil {
			t.Fatal(err)
		}
	}
	idle := l.idle
	for n := range maxIdlePages {
		err := l.take("ListGroups", "aws", page{next: fmt.Sprint("idle", n)})
		if (err != nil) != (idle+n+1 >= maxIdlePages) {
			t.Fatalf("idle page %d: %v", n, err)
		}
	}
}
