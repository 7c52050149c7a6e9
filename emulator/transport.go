package emulator

import (
	"bytes"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"syscall"

	"github.com/rolecall-dev/rolecall/emulator/internal/recorder"
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
	w := recorder.New()
	if strings.HasPrefix(r.URL.Path, controlPrefix) {
		t.emulator.control(w, r)
		return recorded(w, r), nil
	}
	a, end := t.emulator.serve(r)
	if err := r.Context().Err(); err != nil {
		return nil, err // the client gave up while the call hung
	}
	if end == dropped {
		return nil, &net.OpError{Op: "read", Net: "tcp", Err: syscall.ECONNRESET}
	}
	a.write(w)
	answer := recorded(w, r)
	if end == truncated {
		answer.Body = io.NopCloser(io.MultiReader(bytes.NewReader(a.body[:len(a.body)/2]), broken{}))
	}
	return answer, nil
}

// broken is the end of a body whose connection breaks.
type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

// recorded is the answer with the length that a connection would tell.
func recorded(w *recorder.Recorder, r *http.Request) *http.Response {
	w.Header().Set("Content-Length", strconv.Itoa(w.Len()))
	return w.Response(r)
}
