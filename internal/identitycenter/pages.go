package identitycenter

import (
	"context"
	"fmt"
	"hash/maphash"
	"time"

	"github.com/aws/smithy-go/middleware"
)

// Bounds of a list. They are far beyond what an estate has: AWS returns 100 items
// a page (20 accounts), and takes 100,000 users and as many groups.
const (
	maxPages     = 10_000 // a million assignments, 200,000 accounts
	maxIdlePages = 500    // in a row, without an item that is new
	// Pages of AWS are full but for the last ones: a list of hardly anything a page
	// has no end. Organizations returns empty pages, too, so many are looked at.
	manyPages    = 300
	leastPerPage = 5
	// maxIdleJobPages are more: AWS keeps jobs for 90 days, and takes out those of
	// another status after it has cut the pages.
	maxIdleJobPages = 10_000
	maxToken        = 128 << 10 // bytes; the longest in AWS's models has 100,000 characters
	maxListTime     = 20 * time.Minute
)

// endlessList is a list that was given up. What it has is not known, so nothing
// of it is absent.
type endlessList struct {
	operation, host string
	pages           int
	why             string
}

func (e *endlessList) Error() string {
	return fmt.Sprintf("the list of %s from %s does not end: %s (page %d)", e.operation, e.host, e.why, e.pages)
}

// item is one thing of a page. A thing that is listed twice has the same name
// both times; one is a name that no two things bear.
type item struct {
	id, name string
	one      bool
}

// page is what an answer says that is a part of a list.
type page struct {
	items []item
	next  string
}

// listing is a list that is being read: it sees that it ends, and that it says
// one thing of each thing. Not for concurrent use.
type listing struct {
	seed    maphash.Seed
	started time.Time
	pages   int
	idle    int // pages since one had something new
	tokens  map[uint64]bool
	names   map[uint64]uint64 // by id
	ids     map[uint64]uint64 // by name, of names that no two bear
	next    string            // the token of the page after the last one
	last    middleware.Metadata
}

func newListing() *listing {
	return &listing{seed: maphash.MakeSeed(), started: time.Now(), tokens: map[uint64]bool{}, names: map[uint64]uint64{}, ids: map[uint64]uint64{}}
}

type listingKey struct{}

// in returns the context of the list's calls: whoever asks for a further page
// outside of one is refused.
func (l *listing) in(ctx context.Context) context.Context {
	return context.WithValue(ctx, listingKey{}, l)
}

func listingOf(ctx context.Context) *listing {
	l, _ := ctx.Value(listingKey{}).(*listing)
	return l
}

// take counts a page, and says what is wrong with the list.
func (l *listing) take(operation, host string, p page) error {
	l.pages++
	l.idle++
	l.next = p.next
	for _, i := range p.items {
		if err := l.note(operation, host, i); err != nil {
			return err
		}
	}
	why := l.endless(operation, p.next)
	if p.next == "" || why == "" {
		return nil
	}
	return &endlessList{operation: operation, host: host, pages: l.pages, why: why}
}

// endless says why the list will not end; "" where it may.
func (l *listing) endless(operation, next string) string {
	idle := maxIdlePages
	if jobs(operation) {
		idle = maxIdleJobPages
	}
	token := maphash.String(l.seed, next)
	again := l.tokens[token]
	l.tokens[token] = true
	switch {
	case again:
		return "a page token came a second time"
	case len(next) > maxToken:
		return fmt.Sprintf("a page token is %d bytes long", len(next))
	case l.idle >= idle:
		return fmt.Sprintf("%d pages in a row had nothing new", l.idle)
	case l.pages >= manyPages && len(l.names) < leastPerPage*l.pages && !jobs(operation):
		return fmt.Sprintf("%d pages had %d things together", l.pages, len(l.names))
	case l.pages >= maxPages:
		return "it has more pages than any list of AWS"
	case time.Since(l.started) > maxListTime:
		return fmt.Sprintf("it had not ended after %s", maxListTime)
	}
	return ""
}

func jobs(operation string) bool {
	switch operation {
	case "ListAccountAssignmentCreationStatus", "ListAccountAssignmentDeletionStatus", "ListPermissionSetProvisioningStatus":
		return true
	}
	return false
}

// note takes in an item. Two that contradict each other came from a list that
// changed while it was read, or from a wrong answer.
func (l *listing) note(operation, host string, i item) error {
	id, name := maphash.String(l.seed, i.id), maphash.String(l.seed, i.name)
	if before, twice := l.names[id]; !twice {
		l.idle = 0
	} else if before != name {
		return &foreignAnswer{host: host, status: lostAnswer, says: fmt.Sprintf("%s lists %s twice, under two names", operation, i.id)}
	}
	l.names[id] = name
	if !i.one || i.name == "" {
		return nil
	}
	if before, twice := l.ids[name]; twice && before != id {
		return &foreignAnswer{host: host, status: lostAnswer, says: fmt.Sprintf("%s lists two things under the name %q", operation, i.name)}
	}
	l.ids[name] = id
	return nil
}
