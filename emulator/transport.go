package emulator

import (
	"bytes"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"syscall"
)

// Transport is a client's way in that needs no port: it ignores the host of the
// URL and carries the request out in the caller's goroutine. It uses nothing but
// package time for what takes time, so that it is exact inside testing/synctest.
func (e *Emulator) Transport() http.RoundTripper { return transport{e} }

type transport struct{ emulator *Emulator }

// RoundTrip answers r. A canceled request is not carried out.
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
	if strings.HasPrefix(r.URL.Path, controlPrefix) {
		t.emulator.control(w, r)
		return w.response(r), nil
	}
	a, end := t.emulator.serve(r)
	if err := r.Context().Err(); err != nil {
		return nil, err // the client gave up while the call hung
	}
	if end == lost {
		return nil, &net.OpError{Op: "read", Net: "tcp", Err: syscall.ECONNRESET}
	}
	a.write(w)
	answer := w.response(r)
	if end == halved {
		answer.Body = io.NopCloser(io.MultiReader(bytes.NewReader(a.body[:len(a.body)/2]), broken{}))
	}
	return answer, nil
}

// broken is the end of a body whose connection breaks.
type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

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
