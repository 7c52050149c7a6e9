package emulator

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"github.com/rolecall-dev/rolecall/emulator/internal/api"
	"github.com/rolecall-dev/rolecall/emulator/internal/gate"
)

// waits bound what a client can keep busy that sends slowly, reads slowly, or
// opens one connection after another.
type waits struct {
	header, body, answer, idle time.Duration
	connections                int
}

func defaultWaits() waits {
	return waits{header: 10 * time.Second, body: 30 * time.Second, answer: time.Minute, idle: time.Minute, connections: 512}
}

// maxHeader bounds the request line and the headers of a request. A session token
// of AWS has up to some 10 KB.
const maxHeader = 64 << 10

// grace is how long calls under way have to end once the server stops.
const grace = 2 * time.Second

// Serve answers at the listener until the context ends; what is under way then
// has two seconds. Slow clients are cut off, and so is what is beyond 512
// connections at once until one of those ends.
func (e *Emulator) Serve(ctx context.Context, l net.Listener) error {
	server := &http.Server{Handler: e, ReadHeaderTimeout: e.waits.header, IdleTimeout: e.waits.idle, MaxHeaderBytes: maxHeader}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(atMost(e.waits.connections, l)) }()
	select {
	case err := <-ended:
		return fmt.Errorf("serve: %w", err)
	case <-ctx.Done():
	}
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), grace)
	defer cancel()
	if err := server.Shutdown(last); err != nil {
		return server.Close()
	}
	return nil
}

// ServeHTTP answers AWS's JSON and Query protocols at any path, SCIM under
// /<tenant>/scim/v2/ and the control routes under /_emulator/. What a web page
// sends is refused, and so is a Host that is not the server's own (see
// Options.AllowHosts).
func (e *Emulator) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	defer survive(w, r)
	if why := refusalOf(r, e.options.AllowHosts); why != "" {
		forbid(w, r, why)
		return
	}
	e.receive(w, r)
	if strings.HasPrefix(r.URL.Path, controlPrefix) {
		e.control(e.timed(w), r)
		return
	}
	a, end := e.serve(r)
	e.send(e.timed(w), a, end)
}

// refusalOf tells why a request that came over the wire is not served.
func refusalOf(r *http.Request, hosts []string) string {
	if why := gate.Refusal(r, hosts); why != "" {
		return why
	}
	if strings.HasPrefix(r.URL.Path, controlPrefix) && gate.FormOfPage(r) {
		return "a browser changes nothing here by a form: send Content-Type: application/json"
	}
	return ""
}

// forbid refuses a request in words that each kind of client shows. It never got
// to AWS, so nothing counts it.
func forbid(w http.ResponseWriter, r *http.Request, why string) {
	refusal := &api.Error{Code: "ForbiddenRequest", Message: why, Status: http.StatusForbidden, Fields: map[string]any{"error": why, "detail": why}}
	h := w.Header()
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("X-Content-Type-Options", "nosniff")
	query := strings.HasPrefix(r.Header.Get("Content-Type"), "application/x-www-form-urlencoded") && !strings.HasPrefix(r.URL.Path, controlPrefix)
	answerError(unknown(requestID()), refusal, query).write(w)
}

// receive reads the body within the time that a client has for it.
func (e *Emulator) receive(w http.ResponseWriter, r *http.Request) {
	c := http.NewResponseController(w)
	now := time.Now()
	_ = c.SetReadDeadline(now.Add(e.waits.body)) // a recorder of a test has no deadlines, and needs none
	_ = c.SetWriteDeadline(now.Add(e.waits.body + e.waits.answer))
	text, err := io.ReadAll(io.LimitReader(r.Body, maxBody+1))
	if err == nil && len(text) <= maxBody {
		_ = c.SetReadDeadline(time.Time{}) // a fault may make the client wait for long
	}
	body := io.Reader(bytes.NewReader(text))
	if err != nil {
		body = io.MultiReader(body, broken{})
	}
	r.Body = io.NopCloser(body)
}

// timed returns a writer whose client has so long to read the answer from when it
// begins.
func (e *Emulator) timed(w http.ResponseWriter) http.ResponseWriter {
	return &timedWriter{ResponseWriter: w, wait: e.waits.answer}
}

type timedWriter struct {
	http.ResponseWriter
	wait time.Duration
}

func (t *timedWriter) WriteHeader(status int) {
	_ = http.NewResponseController(t.ResponseWriter).SetWriteDeadline(time.Now().Add(t.wait)) // as in receive
	t.ResponseWriter.WriteHeader(status)
}

// Unwrap is for http.ResponseController.
func (t *timedWriter) Unwrap() http.ResponseWriter { return t.ResponseWriter }

// survive answers where a handler panics, so that the server goes on. A test's
// transport has none of this: there the panic is the test's.
func survive(w http.ResponseWriter, r *http.Request) {
	p := recover()
	if p == nil {
		return
	}
	if p == http.ErrAbortHandler { //nolint:errorlint // net/http compares it so
		panic(p)
	}
	logOf(r).Printf("emulator: panic in %s %q: %v\n%s", r.Method, r.URL.Path, p, debug.Stack())
	answerError(unknown(requestID()), &api.Error{
		Code: "InternalFailure", Status: http.StatusInternalServerError, Message: "the emulator has a fault, which it has written down: " + fmt.Sprint(p),
	}, false).write(w)
}

// logOf is where the server of a request writes down what went wrong.
func logOf(r *http.Request) *log.Logger {
	if s, ok := r.Context().Value(http.ServerContextKey).(*http.Server); ok && s.ErrorLog != nil {
		return s.ErrorLog
	}
	return log.Default()
}

// atMost makes a listener accept a connection only while fewer than so many are
// open.
func atMost(n int, l net.Listener) net.Listener {
	return &bounded{Listener: l, room: make(chan struct{}, n), closed: make(chan struct{})}
}

type bounded struct {
	net.Listener
	room   chan struct{}
	closed chan struct{}
	once   sync.Once
}

func (b *bounded) Accept() (net.Conn, error) {
	select {
	case b.room <- struct{}{}:
	case <-b.closed:
		return nil, net.ErrClosed
	}
	conn, err := b.Listener.Accept()
	if err != nil {
		<-b.room
		return nil, err
	}
	return &counted{Conn: conn, leave: sync.OnceFunc(func() { <-b.room })}, nil
}

func (b *bounded) Close() error {
	b.once.Do(func() { close(b.closed) })
	return b.Listener.Close()
}

// counted is a connection that leaves its place when it closes.
type counted struct {
	net.Conn
	leave func()
}

// SetLinger is that of a TCP connection.
func (c *counted) SetLinger(seconds int) error {
	if tcp, ok := c.Conn.(*net.TCPConn); ok {
		return tcp.SetLinger(seconds)
	}
	return nil
}

// Close closes the connection, and makes room for another.
func (c *counted) Close() error {
	defer c.leave()
	return c.Conn.Close()
}
