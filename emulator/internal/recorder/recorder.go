// Package recorder lets an http.Handler answer a client without a port. It promises
// the answer that the handler wrote, and leaves out what a connection adds to one.
package recorder

import (
	"bytes"
	"cmp"
	"io"
	"net/http"
	"strconv"
)

// Recorder is an http.ResponseWriter that keeps the answer.
type Recorder struct {
	header http.Header
	status int
	body   bytes.Buffer
}

// New returns a recorder of one answer.
func New() *Recorder { return &Recorder{header: http.Header{}} }

// Header returns the headers of the answer, to be set.
func (w *Recorder) Header() http.Header { return w.header }

// WriteHeader sets the status, the first time that it is called.
func (w *Recorder) WriteHeader(status int) { w.status = cmp.Or(w.status, status) }

// Write adds to the body.
func (w *Recorder) Write(p []byte) (int, error) { return w.body.Write(p) }

// Len is the size of the body so far.
func (w *Recorder) Len() int { return w.body.Len() }

// Response is the answer to a request.
func (w *Recorder) Response(r *http.Request) *http.Response {
	status := cmp.Or(w.status, http.StatusOK)
	return &http.Response{
		Status: strconv.Itoa(status) + " " + http.StatusText(status), StatusCode: status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: w.header, Body: io.NopCloser(&w.body), ContentLength: int64(w.body.Len()), Request: r,
	}
}
