package hostile

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// Lists returns every kind of list without end; token is the member of an answer
// that leads to the next page.
func Lists(token string) []Kind {
	items := func(doc map[string]any, change func([]any) []any) {
		for key, value := range doc {
			if list, ok := value.([]any); ok {
				doc[key] = change(list)
			}
		}
	}
	none := func(doc map[string]any) {
		items(doc, func([]any) []any { return []any{} })
	}
	Changed := func(name string, change func(int64, map[string]any)) Kind {
		return forgetful(token, Changed(name, change))
	}
	next := func(n int64) string { return fmt.Sprintf("next-%d", n) }
	return []Kind{
		Changed("the same token", func(_ int64, doc map[string]any) { doc[token] = "again" }),
		Changed("two tokens in turn", func(n int64, doc map[string]any) { doc[token] = next(n % 2) }),
		Changed("many tokens in turn", func(n int64, doc map[string]any) { doc[token] = next(n % 300); none(doc) }),
		Changed("ever new tokens and nothing", func(n int64, doc map[string]any) { doc[token] = next(n); none(doc) }),
		Changed("ever new tokens and null", func(n int64, doc map[string]any) {
			doc[token] = next(n)
			for key, value := range doc {
				if _, ok := value.([]any); ok {
					delete(doc, key)
				}
			}
		}),
		Changed("ever new tokens and the same", func(n int64, doc map[string]any) { doc[token] = next(n) }),
		Changed("a huge token", func(_ int64, doc map[string]any) { doc[token] = strings.Repeat("x", 4<<20) }),
	}
}

// Endless returns a kind whose every page has items that no page had: make makes
// the nth of a list from one that is there.
func Endless(token string, make func(n int64, like any) any) Kind {
	return forgetful(token, Changed("ever new items", func(n int64, doc map[string]any) {
		doc[token] = fmt.Sprintf("next-%d", n)
		for key, value := range doc {
			if list, ok := value.([]any); ok && len(list) > 0 {
				doc[key] = []any{make(n, list[0])}
			}
		}
	}))
}

// forgetful takes the token out of requests: it was not the one behind who gave
// it.
func forgetful(token string, k Kind) Kind {
	return Kind{k.Name, func(r *http.Request, n int64, behind http.RoundTripper) (*http.Response, error) {
		if r.Body == nil {
			return k.Answer(r, n, behind)
		}
		text, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		var doc map[string]any
		if json.Unmarshal(text, &doc) == nil && doc[token] != nil {
			delete(doc, token)
			if text, err = json.Marshal(doc); err != nil {
				return nil, err
			}
		}
		r = r.Clone(r.Context())
		r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(text)), int64(len(text))
		r.Header.Del("Content-Length")
		return k.Answer(r, n, behind)
	}}
}

// Each changes every member of that name, however deep.
func Each(doc any, name string, change func(any) any) {
	switch doc := doc.(type) {
	case map[string]any:
		for key, value := range doc {
			if key == name {
				doc[key] = change(value)
			} else {
				Each(value, name, change)
			}
		}
	case []any:
		for _, value := range doc {
			Each(value, name, change)
		}
	}
}

// Without removes every member of that name, however deep.
func Without(doc any, name string) {
	switch doc := doc.(type) {
	case map[string]any:
		delete(doc, name)
		for _, value := range doc {
			Without(value, name)
		}
	case []any:
		for _, value := range doc {
			Without(value, name)
		}
	}
}
