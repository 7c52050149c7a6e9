package identitycenter

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/smithy-go/middleware"

	"github.com/rolecall-dev/rolecall/internal/diag"
)

// PageSize is the most that the identity store and sso-admin return in a page.
const PageSize = 100

// List is what an operation of AWS lists. Its calls are made when it is read.
type List[T any] struct {
	call, about string // for errors and evidence
	key         func(T) string
	fetch       func(ctx context.Context, token *string) ([]T, error)
}

// listOf makes a list of an operation: how a page is asked for, and what is on it.
func listOf[T, Out any](call, about string, key func(T) string, ask func(ctx context.Context, token *string) (*Out, error), items func(*Out) []T) List[T] {
	return List[T]{call, about, key, func(ctx context.Context, token *string) ([]T, error) {
		out, err := ask(ctx, token)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", strings.TrimSpace(call+" "+about), err)
		}
		return items(out), nil
	}}
}

// None says that there is no list: the zero value.
func (l List[T]) None() bool { return l.fetch == nil }

// Seen is the evidence of a read of the list.
func (l List[T]) Seen(about, saw string) diag.Evidence {
	return looked(l.call, about, saw, middleware.Metadata{})
}

// Pages goes through a list page by page, and may stop anywhere and go on later.
// It is not for concurrent use.
type Pages[T any] struct {
	Read  int  // pages
	Ended bool // there is no further page

	list  List[T]
	seen  *listing
	token *string
}

// Pages begins to read the list.
func (l List[T]) Pages() *Pages[T] { return &Pages[T]{list: l, seen: newListing()} }

// PagesFrom begins at the page that Token named, which may be long ago; "" is the
// first.
func (l List[T]) PagesFrom(token string) *Pages[T] {
	p := l.Pages()
	p.token = optional(token)
	return p
}

// Token names the page that Next would read.
func (p *Pages[T]) Token() string { return aws.ToString(p.token) }

// Next reads the next page, where there is one. A page may be empty though it is
// not the last (Organizations does that).
func (p *Pages[T]) Next(ctx context.Context) ([]T, error) {
	if p.Ended {
		return nil, nil
	}
	before := p.seen.pages
	items, err := p.list.fetch(p.seen.in(ctx), p.token)
	if err == nil && p.seen.pages == before {
		err = errNoList
	}
	if err != nil {
		return nil, err
	}
	p.Read++
	p.token, p.Ended = optional(p.seen.next), p.seen.next == ""
	return items, nil
}

// All reads the list to its end. A list that changes while it is read may have a
// thing on two pages; it is returned once.
func (l List[T]) All(ctx context.Context) ([]T, diag.Evidence, error) {
	var all []T
	had := map[string]bool{}
	p := l.Pages()
	for !p.Ended {
		items, err := p.Next(ctx)
		if err != nil {
			return nil, diag.Evidence{}, err
		}
		for _, one := range items {
			if key := l.key(one); !had[key] {
				had[key] = true
				all = append(all, one)
			}
		}
	}
	return all, looked(l.call, l.about, "", p.seen.last), nil
}

// same is the key of what is listed by its id alone.
func same(id string) string { return id }

func mapped[From, To any](list []From, to func(From) To) []To {
	out := make([]To, len(list))
	for i, one := range list {
		out[i] = to(one)
	}
	return out
}

// missed is the evidence of a call for one thing that failed.
func missed(call, about string, err error) diag.Evidence {
	e := evidenceOf(err)
	e.What = call + " " + about
	if IsNotFound(err) {
		e.Saw = "none"
	}
	e.System, e.When = System, time.Now().UTC().Format(time.RFC3339)
	return e
}

// looked is the evidence of a call.
func looked(call, about, saw string, metadata middleware.Metadata) diag.Evidence {
	id, _ := awsmiddleware.GetRequestIDMetadata(metadata)
	return Looked(call, about, saw, id)
}

// Looked is the evidence of an answer; id is the request's, "" where it rests on several
// calls or on none.
func Looked(call, about, saw, id string) diag.Evidence {
	system := System
	if strings.HasPrefix(call, "organizations:") {
		system = "AWS Organizations"
	}
	return diag.Evidence{System: system, What: strings.TrimSpace(call + " " + about), Saw: saw, ID: id, When: time.Now().UTC().Format(time.RFC3339)}
}
