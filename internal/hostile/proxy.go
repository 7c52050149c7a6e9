package hostile

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// Proxy stands in front of somebody. Where Kind is nil, or On says no, it only
// passes on.
type Proxy struct {
	Behind http.RoundTripper
	Kind   *Kind
	// On says which requests are answered wrongly; nil means all.
	On func(*http.Request) bool
	// Asked counts those.
	Asked atomic.Int64

	mu    sync.Mutex
	hosts map[string]bool
}

// Kind is a way to answer.
type Kind struct {
	Name string
	// Answer returns the answer to the nth request.
	Answer func(r *http.Request, n int64, behind http.RoundTripper) (*http.Response, error)
}

// RoundTrip answers.
func (p *Proxy) RoundTrip(r *http.Request) (*http.Response, error) {
	p.mu.Lock()
	if p.hosts == nil {
		p.hosts = map[string]bool{}
	}
	p.hosts[r.URL.Host] = true
	p.mu.Unlock()
	if p.Kind == nil || p.On != nil && !p.On(r) {
		return p.Behind.RoundTrip(r)
	}
	return p.Kind.Answer(r, p.Asked.Add(1), p.Behind)
}

// Hosts returns the hosts that were asked.
func (p *Proxy) Hosts() map[string]bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	out := map[string]bool{}
	for h := range p.hosts {
		out[h] = true
	}
	return out
}

// Elsewhere is the host that answers lead to, where nobody may go.
const Elsewhere = "evil.example"

// Answers returns every kind that is wrong whatever was asked.
func Answers() []Kind {
	const deep = 1 << 20
	text := func(name string, status int, kind, body string) Kind {
		return Kind{name, func(r *http.Request, _ int64, _ http.RoundTripper) (*http.Response, error) {
			return answer(r, status, kind, strings.NewReader(body)), nil
		}}
	}
	return []Kind{
		{"silent", func(r *http.Request, _ int64, _ http.RoundTripper) (*http.Response, error) {
			<-r.Context().Done()
			return nil, r.Context().Err()
		}},
		{"silent after the header", func(r *http.Request, _ int64, _ http.RoundTripper) (*http.Response, error) {
			return answer(r, 200, jsonType, &slow{ctx: r.Context(), pause: 1 << 62}), nil
		}},
		{"a byte a second", func(r *http.Request, _ int64, _ http.RoundTripper) (*http.Response, error) {
			return answer(r, 200, jsonType, &slow{ctx: r.Context(), pause: time.Second}), nil
		}},
		{"without end", func(r *http.Request, _ int64, _ http.RoundTripper) (*http.Response, error) {
			return answer(r, 200, jsonType, io.MultiReader(strings.NewReader(`{"x":"`), endless{})), nil
		}},
		{"a failure without end", func(r *http.Request, _ int64, _ http.RoundTripper) (*http.Response, error) {
			return answer(r, 400, jsonType, io.MultiReader(strings.NewReader(`{"message":"`), endless{})), nil
		}},
		{"packed", func(r *http.Request, _ int64, _ http.RoundTripper) (*http.Response, error) {
			a := answer(r, 200, jsonType, bytes.NewReader(bomb()))
			a.Header.Set("Content-Encoding", "gzip")
			return a, nil
		}},
		{"packed in another way", func(r *http.Request, _ int64, _ http.RoundTripper) (*http.Response, error) {
			a := answer(r, 200, jsonType, strings.NewReader(`{}`))
			a.Header.Set("Content-Encoding", "deflate")
			return a, nil
		}},
		{"broken connection", func(*http.Request, int64, http.RoundTripper) (*http.Response, error) {
			return nil, syscall.ECONNRESET
		}},
		{"cut short", func(r *http.Request, _ int64, _ http.RoundTripper) (*http.Response, error) {
			return answer(r, 200, jsonType, io.MultiReader(strings.NewReader(`{"x":`), broken{})), nil
		}},
		redirect("elsewhere", 302, "https://"+Elsewhere+"/"), redirect("elsewhere with the request", 307, "https://"+Elsewhere+"/"),
		redirect("to itself", 308, "/"), redirect("to nowhere", 301, "::"),
		text("a page", 200, "text/html", "<html>Please sign in</html>"), text("a page that says JSON", 200, jsonType, "<!DOCTYPE html><html>Please sign in</html>"),
		text("a refusing page", 403, "text/html", "<html>Blocked</html>"), text("a failing page", 502, "text/html", "<html>Bad gateway</html>"),
		text("empty", 200, jsonType, ""), text("blanks", 200, jsonType, "  \n"), text("no content", 204, jsonType, ""),
		text("a text", 200, jsonType, `"text"`), text("a number", 200, jsonType, `1`), text("null", 200, jsonType, `null`), text("half", 200, jsonType, `{"x":`),
		text("lists in lists", 200, jsonType, strings.Repeat("[", deep)), text("objects in objects", 200, jsonType, strings.Repeat(`{"x":`, deep)),
		text("elements in elements", 200, "text/xml", strings.Repeat("<x>", deep)),
		text("too many values", 200, jsonType, `{"Groups":[`+strings.Repeat("{},", 4<<20)+`{}]}`),
		text("garbage", 200, "application/octet-stream", "\x00\x01\x02\xff\xfe"),
		text("a refusal in no form", 400, jsonType, "\x00\xff"), text("a failure in no form", 500, jsonType, "\x00\xff"), text("an empty failure", 503, "", ""),
		text("a refusal of another form", 400, jsonType, `{"message":{"x":1},"__type":[],"code":7}`), text("a status nobody knows", 999, jsonType, "{}"),
	}
}

const jsonType = "application/x-amz-json-1.1"

func redirect(name string, status int, to string) Kind {
	return Kind{name, func(r *http.Request, _ int64, _ http.RoundTripper) (*http.Response, error) {
		a := answer(r, status, jsonType, strings.NewReader(""))
		a.Header.Set("Location", to)
		return a, nil
	}}
}

func answer(r *http.Request, status int, kind string, body io.Reader) *http.Response {
	return &http.Response{
		StatusCode: status, Status: http.StatusText(status), Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Request: r, ContentLength: -1,
		Header: http.Header{"Content-Type": {kind}}, Body: io.NopCloser(body),
	}
}

// slow gives a blank each time its pause is over.
type slow struct {
	ctx   context.Context
	pause time.Duration
}

func (s *slow) Read(p []byte) (int, error) {
	timer := time.NewTimer(s.pause)
	defer timer.Stop()
	select {
	case <-timer.C:
		p[0] = ' '
		return 1, nil
	case <-s.ctx.Done():
		return 0, s.ctx.Err()
	}
}

type endless struct{}

func (endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 'x'
	}
	return len(p), nil
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

// bomb is a gigabyte, packed.
func bomb() []byte {
	var out bytes.Buffer
	w, err := gzip.NewWriterLevel(&out, gzip.BestSpeed)
	if err != nil {
		panic(err)
	}
	if _, err := io.CopyN(w, endless{}, 64<<20); err != nil {
		panic(err)
	}
	if err := w.Close(); err != nil {
		panic(err)
	}
	return out.Bytes()
}

// Changed returns a kind that changes the JSON of the one behind.
func Changed(name string, change func(n int64, doc map[string]any)) Kind {
	return Kind{name, func(r *http.Request, n int64, behind http.RoundTripper) (*http.Response, error) {
		a, err := behind.RoundTrip(r)
		if err != nil {
			return nil, err
		}
		defer a.Body.Close()
		text, err := io.ReadAll(a.Body)
		if err != nil {
			return nil, err
		}
		var doc map[string]any
		if json.Unmarshal(text, &doc) == nil && doc != nil && a.StatusCode < 300 {
			change(n, doc)
			if text, err = json.Marshal(doc); err != nil {
				return nil, errors.New("what was changed is no JSON")
			}
		}
		out := answer(r, a.StatusCode, a.Header.Get("Content-Type"), bytes.NewReader(text))
		out.ContentLength = int64(len(text))
		return out, nil
	}}
}
