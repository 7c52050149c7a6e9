package directory_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/rolecall-dev/rolecall/internal/directory"
)

type free struct{}

func (free) Take(context.Context, string) error { return nil }
func (free) Throttled(string, time.Duration)    {}

type answering func(*http.Request) string

func (a answering) RoundTrip(r *http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: http.StatusOK, Request: r, Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(strings.NewReader(a(r)))}, nil
}

// A page that leads to one that was read ends a list as an error at once, whatever
// new things the pages have.
func TestPagesThatLeadBack(t *testing.T) {
	base, err := url.Parse("https://example.okta.com")
	if err != nil {
		t.Fatal(err)
	}
	calls := 0
	c := &directory.Client{System: "Okta", Base: base, Budget: free{}, HTTP: &http.Client{Transport: answering(func(*http.Request) string {
		calls++
		return fmt.Sprintf(`{"id":"%d"}`, calls)
	})}}
	type thing struct {
		ID string `json:"id"`
	}
	_, err = directory.ReadList[thing](t.Context(), c, directory.Call{Operation: "ListUsers", Path: "/users?page=0"}, 0, func(r directory.Reply) (directory.Page, error) {
		return directory.Page{Items: []json.RawMessage{r.Body}, Next: fmt.Sprintf("/users?page=%d", calls%2)}, nil
	})
	if !directory.Unreadable.Is(err) || calls > 4 {
		t.Errorf("err = %v after %d calls", err, calls)
	}
}
