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
	"testing/synctest"
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

// A provider that gives no answer at all is waited for once: a plan that asks about
// a hundred groups does not wait a hundred times. After a minute it is asked again.
func TestASilentProviderIsWaitedForOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		base, err := url.Parse("https://example.okta.com")
		if err != nil {
			t.Fatal(err)
		}
		asked := 0
		c := &directory.Client{System: "Okta", Base: base, Budget: free{}, Silence: &directory.Silence{}, HTTP: &http.Client{Transport: waiting(func(r *http.Request) {
			asked++
			<-r.Context().Done()
		})}}
		began := time.Now()
		for range 100 {
			if _, err := c.Do(t.Context(), directory.Call{Operation: "ListGroups", Path: "/groups"}); !directory.Unavailable.Is(err) {
				t.Fatalf("err = %v", err)
			}
		}
		if took := time.Since(began); took > 70*time.Second || asked > 2 {
			t.Errorf("asked %d times in %s", asked, took)
		}
		time.Sleep(2 * time.Minute)
		before := asked
		if _, err := c.Do(t.Context(), directory.Call{Operation: "ListGroups", Path: "/groups"}); !directory.Unavailable.Is(err) || asked == before {
			t.Errorf("err = %v, asked %d times more, want that it is asked again", err, asked-before)
		}
	})
}

type waiting func(*http.Request)

func (w waiting) RoundTrip(r *http.Request) (*http.Response, error) {
	w(r)
	return nil, r.Context().Err()
}
