package vendorapi

import (
	"cmp"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"io"
	"math/rand/v2"
	"net/http"
	"strconv"
	"time"

	"github.com/rolecall-dev/rolecall/emulator/internal/ids"
)

// stable is a source of chance that depends on the directory and a label alone.
func (a *API) stable(label string) *rand.Rand {
	h := fnv.New64a()
	_, _ = io.WriteString(h, label)
	return rand.New(rand.NewPCG(a.seed, h.Sum64()))
}

// guid is an id that depends on the directory and a label alone.
func (a *API) guid(label string) string { return ids.DrawUUID(a.stable(label)) }

// address is where a request came to, for links to more.
func address(r *http.Request) string {
	scheme := cmp.Or(r.URL.Scheme, "http")
	if r.TLS != nil {
		scheme = "https"
	}
	return scheme + "://" + cmp.Or(r.URL.Host, r.Host)
}

// paging names the parameters by which a vendor is asked for a page, and its sizes.
type paging struct {
	size, cursor  string
	usually, most int // items of a page where none are asked for, and at most
}

// page returns the page of the items that a request asks for, as shown, and the cursor
// of the next page, or "". ok is false where the request has a cursor of nobody's.
func page[T any](a *API, r *http.Request, p paging, items []T, show func(T) any) (shown []any, next string, ok bool) {
	q, from := r.URL.Query(), 0
	if text := q.Get(p.cursor); text != "" {
		position, err := base64.RawURLEncoding.DecodeString(text)
		if err != nil {
			return nil, "", false
		}
		if _, err := fmt.Sscanf(string(position), "from:%d", &from); err != nil || from < 0 {
			return nil, "", false
		}
	}
	limit := min(number(q.Get(p.size), p.usually), p.most)
	if most := a.options().PageSize; most > 0 {
		limit = min(limit, most)
	}
	from = min(from, len(items))
	to := min(from+limit, len(items))
	shown = make([]any, 0, to-from)
	for _, item := range items[from:to] {
		shown = append(shown, show(item))
	}
	if to < len(items) {
		next = cursorAt(to)
	}
	return shown, next, true
}

func cursorAt(position int) string {
	return base64.RawURLEncoding.EncodeToString(fmt.Appendf(nil, "from:%d", position))
}

// same shows what is an answer's already.
func same[T any](item T) any { return item }

// number reads a number from 1.
func number(text string, otherwise int) int {
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		return otherwise
	}
	return n
}

func answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // the connection is the client's to lose
}

func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

// stampOrNull is null where there is no time.
func stampOrNull(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return stamp(t)
}

// textOrNull is null where there is no text.
func textOrNull(text string) any {
	if text == "" {
		return nil
	}
	return text
}
