package directory

import (
	"context"
	"encoding/json"
	"fmt"
	"hash/maphash"
	"time"
)

// Identified is a thing that has an id wherever a provider answers with it.
type Identified interface{ Identity() string }

// whole refuses an answer whose thing has no id: it is none.
func (r Reply) whole(thing any) error {
	if t, ok := thing.(Identified); ok && t.Identity() == "" {
		return r.Failure(Unreadable, "the answer has something without an id")
	}
	return nil
}

// Page is what a provider's list says in one answer.
type Page struct {
	Items []json.RawMessage
	Next  string // path or URL of the next page; "" where there is none
}

// List is what was read of a list.
type List[T any] struct {
	Items []T
	First Reply // the answer to the first page
	// Partial says that there is more than the pages that were wanted.
	Partial bool
}

// ReadList reads page after page of a list, of which part returns what is in one;
// most limits the pages, 0 means all. A list that does not end is an [*Error]:
// what it has is not known.
func ReadList[T any](ctx context.Context, c *Client, call Call, most int, part func(Reply) (Page, error)) (List[T], error) {
	var list List[T]
	l := listing{seed: maphash.MakeSeed(), began: time.Now(), seen: map[uint64]bool{}}
	for {
		r, err := c.Do(ctx, call)
		if l.pages == 0 {
			list.First = r
		}
		if err != nil {
			return list, err
		}
		page, err := part(r)
		if err != nil {
			return list, err
		}
		for _, raw := range page.Items {
			var item T
			if err := (Reply{Body: raw, Call: r.Call, System: r.System, Status: r.Status, ID: r.ID}).Decode(&item); err != nil {
				return list, err
			}
			if err := r.whole(item); err != nil {
				return list, err
			}
			list.Items = append(list.Items, item)
		}
		why := l.take(page)
		switch {
		case page.Next == "":
			return list, nil
		case most > 0 && l.pages >= most:
			list.Partial = true
			return list, nil
		case why != "":
			return list, r.Failure(Unreadable, "the list does not end: %s (page %d)", why, l.pages)
		}
		call.Path = page.Next
	}
}

// More says, in evidence, that a log has more lines than were read.
func More(partial bool) string {
	if partial {
		return ", and more lines than are read"
	}
	return ""
}

// WithNested returns the direct members, and those of nested groups, who may be among
// them as well.
func WithNested[T Identified](direct, all []T, member func(m T, direct bool) Member) (out []Member) {
	known := map[string]bool{}
	for _, m := range direct {
		known[m.Identity()] = true
		out = append(out, member(m, true))
	}
	for _, m := range all {
		if !known[m.Identity()] {
			out = append(out, member(m, false))
		}
	}
	return out
}

// listing sees that a list ends.
type listing struct {
	seed        maphash.Seed
	began       time.Time
	pages, idle int
	things      int             // that were new
	seen        map[uint64]bool // items, and ways to a next page
}

// take counts a page, and says why the list will not end; "" where it may.
func (l *listing) take(p Page) string {
	l.pages++
	l.idle++
	for _, item := range p.Items {
		if l.isNew(item) {
			l.idle = 0
			l.things++
		}
	}
	switch {
	case !l.isNew([]byte("next page: " + p.Next)):
		return "a page leads to one that was already read"
	case l.idle >= maxIdle:
		return fmt.Sprintf("%d pages in a row had nothing new", l.idle)
	case l.pages >= manyPages && l.things < leastPerPage*l.pages:
		return fmt.Sprintf("%d pages had %d things together", l.pages, l.things)
	case l.pages >= maxPages:
		return "it has more pages than any list"
	case time.Since(l.began) > maxListTime:
		return fmt.Sprintf("it had not ended after %s", maxListTime)
	}
	return ""
}

func (l *listing) isNew(text []byte) bool {
	h := maphash.Bytes(l.seed, text)
	again := l.seen[h]
	l.seen[h] = true
	return !again
}
