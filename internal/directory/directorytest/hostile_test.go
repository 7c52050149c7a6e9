package directorytest

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rolecall-dev/rolecall/emulator/idp"
	"github.com/rolecall-dev/rolecall/emulator/idp/vendorapi"
	"github.com/rolecall-dev/rolecall/internal/directory"
	"github.com/rolecall-dev/rolecall/internal/hostile"
)

// Whatever answers in a provider's place, the API's or that of its token
// endpoint, each question ends in time with a failure that names the call, and
// nothing is sent anywhere else.
func TestQuestionsEndWhateverAnswers(t *testing.T) {
	each(t, vendors(), func(t *testing.T, v vendor) {
		for _, k := range hostile.Answers() {
			for _, where := range []string{"/token", v.prefix()} {
				synctest.Test(t, func(t *testing.T) {
					r := v.rig(t)
					proxy := &hostile.Proxy{Behind: r.api, Kind: &k, On: func(q *http.Request) bool { return strings.Contains(q.URL.Path, where) }}
					d, err := v.open(r.settings, &http.Client{Transport: proxy}, nil)
					must(t, err)
					began := time.Now()
					_, err = d.(directory.Groups).FindGroups(t.Context(), "Admins")
					took := time.Since(began)
					if proxy.Asked.Load() == 0 && where == "/token" {
						return // an API token needs none
					}
					e, ok := err.(*directory.Error)
					if !ok || e.Call == "" || e.System == "" || len(err.Error()) > 2000 {
						t.Errorf("%s at %s: %.300v", k.Name, where, err)
					}
					if took > 8*time.Minute || proxy.Hosts()[hostile.Elsewhere] {
						t.Errorf("%s at %s: took %s, asked %v", k.Name, where, took, proxy.Hosts())
					}
				})
			}
		}
	})
}

// pages answers with pages that go on.
type pages struct {
	vendor vendor
	next   func(n int) string // the token of the page after the nth
	items  func(n int) string // JSON
	n      int
}

func (p *pages) answer(r *http.Request, _ int64, _ http.RoundTripper) (*http.Response, error) {
	p.n++
	a := &http.Response{StatusCode: 200, Header: http.Header{}, Request: r}
	token, body := p.next(p.n), ""
	switch p.vendor.kind {
	case idp.Okta:
		a.Header.Set("Link", "<https://company.okta.com/api/v1/groups/x/users?after="+token+">; rel=\"next\"")
		body = p.items(p.n)
	case idp.Entra:
		body = `{"value":` + p.items(p.n) + `,"@odata.nextLink":"https://graph.microsoft.com/v1.0/groups/x/members?$skiptoken=` + token + `"}`
	default:
		body = `{"members":` + p.items(p.n) + `,"nextPageToken":"` + token + `"}`
	}
	a.Body = io.NopCloser(strings.NewReader(body))
	return a, nil
}

func TestListsOfProvidersEnd(t *testing.T) {
	count := func(n int) string { return fmt.Sprint("t", n) }
	same := func(int) string { return `[{"id":"x"}]` }
	for name, p := range map[string]pages{
		"the same token":               {next: func(int) string { return "again" }, items: same},
		"two tokens in turn":           {next: func(n int) string { return count(n % 2) }, items: func(n int) string { return fmt.Sprintf(`[{"id":"x%d"}]`, n) }},
		"ever new tokens and the same": {next: count, items: same},
		"ever new tokens and nothing":  {next: count, items: func(int) string { return `[]` }},
		"ever new items":               {next: count, items: func(n int) string { return fmt.Sprintf(`[{"id":"x%d"}]`, n) }},
	} {
		each(t, once(), func(t *testing.T, v vendor) {
			if v.kind == idp.Okta && name == "ever new tokens and nothing" {
				return // Okta's lists end with an empty page
			}
			synctest.Test(t, func(t *testing.T) {
				r := v.rig(t)
				p.vendor, p.n = v, 0
				proxy := &hostile.Proxy{Behind: r.api, Kind: &hostile.Kind{Name: name, Answer: p.answer}, On: func(q *http.Request) bool { return strings.HasPrefix(q.URL.Path, v.prefix()) }}
				d, err := v.open(r.settings, &http.Client{Transport: proxy}, nil)
				must(t, err)
				began := time.Now()
				_, err = d.(directory.Groups).MembersOf(t.Context(), "x")
				if !directory.Unreadable.Is(err) || !strings.Contains(fmt.Sprint(err), "does not end") {
					t.Errorf("%s: %v", name, err)
				}
				if took := time.Since(began); took > time.Hour || p.n > 10_000 {
					t.Errorf("%s: %d pages, %s", name, p.n, took)
				}
			})
		})
	}
}

// What has no id is no answer.
func TestAnswersWithoutIDs(t *testing.T) {
	each(t, once(), func(t *testing.T, v vendor) {
		r := v.rig(t)
		for _, ask := range []string{`{}`, `null`, `{"id":null}`} {
			r.api.Refuse(vendorapi.Refusal{Prefix: v.prefix(), Times: 1, Status: 200, Body: ask})
			if found, err := r.dir.(directory.People).FindPerson(t.Context(), "ann@company.com"); !directory.Unreadable.Is(err) {
				t.Errorf("%s: %+v, %v", ask, found, err)
			}
		}
		body := map[idp.Kind]string{idp.Okta: `[{}]`, idp.Entra: `{"value":[{}]}`, idp.Google: `{"members":[{}]}`}[v.kind]
		for _, ask := range []string{body, `null`, `{"value":null,"members":null}`} {
			if v.kind == idp.Google && strings.Contains(ask, "value") {
				continue // Google leaves out a list with nothing in it
			}
			r.api.Refuse(vendorapi.Refusal{Prefix: v.prefix(), Times: 1, Status: 200, Body: ask})
			if found, err := r.dir.(directory.Groups).MembersOf(t.Context(), "x"); !directory.Unreadable.Is(err) {
				t.Errorf("%s: %+v, %v", ask, found, err)
			}
		}
	})
}
