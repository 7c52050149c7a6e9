package emulator

import (
	"bytes"
	"io"
	"net/http"
	"strconv"
)

// Transport is a client's way in that needs no port: it ignores the host of the
// URL and carries the request out in the caller's goroutine. It uses nothing but
// package time for what takes time, so that it is exact inside testing/synctest.
func (e *Emulator) Transport() http.RoundTripper { return transport{e} }

type transport struct{ emulator *Emulator }

// RoundTrip answers r. A cancelled request is not carried out.
func (t transport) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body == nil {
		r = r.Clone(r.Context())
		r.Body = http.NoBody
	}
	defer r.Body.Close()
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	w := &recorder{header: http.Header{}, status: http.StatusOK}
	t.emulator.ServeHTTP(w, r)
	return w.response(r), nil
}

// recorder keeps an answer.
type recorder struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (w *recorder) Header() http.Header         { return w.header }
func (w *recorder) WriteHeader(status int)      { w.status = status }
func (w *recorder) Write(p []byte) (int, error) { return w.body.Write(p) }

func (w *recorder) response(r *http.Request) *http.Response {
	w.header.Set("Content-Length", strconv.Itoa(w.body.Len()))
	return &http.Response{
		Status: strconv.Itoa(w.status) + " " + http.StatusText(w.status), StatusCode: w.status,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Header: w.header, Request: r,
		Body: io.NopCloser(&w.body), ContentLength: int64(w.body.Len()),
	}
}
