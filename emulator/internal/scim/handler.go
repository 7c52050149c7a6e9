package scim

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/rolecall-dev/rolecall/emulator/internal/store"
)

// maxBody bounds a request. AWS's own limit is not documented; a group with 100
// members and a user with every attribute at its longest stay far below.
const maxBody = 1 << 20

// Host is the emulator around the service.
type Host interface {
	// Authorize tells whether the token opens the tenant now: nil, or an *Error
	// of status 401 (wrong, expired or another tenant's token) or 403.
	Authorize(tenant, token string) error
	// Admit is asked before each operation; an *Error of status 429 or 5xx
	// refuses it.
	Admit(ctx context.Context, operation string) error
	// Do calls apply with the tenant's directory: alone where the request
	// writes. The host may keep the request in a journal.
	Do(ctx context.Context, tenant string, r Request, apply func(Directory, store.Stamp) Response) Response
}

// Handler serves /<tenant>/scim/v2/... of every tenant that the host knows.
func Handler(h Host) http.Handler { return handler{h} }

type handler struct{ host Host }

func (h handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	request := Request{ID: uuid(), Method: r.Method, Query: r.URL.RawQuery}
	w.Header().Set("x-amzn-RequestId", request.ID)
	answer := h.serve(w, r, request)
	if answer.Body != nil {
		w.Header().Set("Content-Type", "application/json")
	}
	w.WriteHeader(answer.Status)
	_, _ = w.Write(answer.Body) // the client is gone; nobody is left to tell
}

func (h handler) serve(w http.ResponseWriter, r *http.Request, request Request) Response {
	fail := func(err error) Response { return Failure(err, request.ID, time.Now()) }
	tenant, path, ok := SplitPath(r.URL.Path)
	if !ok {
		return fail(notFound("Resource not found."))
	}
	request.Path = path
	if err := h.host.Authorize(tenant, bearer(r)); err != nil {
		return fail(err)
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		return fail(invalid())
	}
	request.Body = body
	if err := h.host.Admit(r.Context(), request.Operation()); err != nil {
		return fail(err)
	}
	return h.host.Do(r.Context(), tenant, request, func(d Directory, at store.Stamp) Response {
		return Apply(d, at, request)
	})
}

// SplitPath takes /<tenant>/scim/v2/<rest> apart; ok is false for other paths.
func SplitPath(path string) (tenant, rest string, ok bool) {
	tenant, rest, ok = strings.Cut(strings.TrimPrefix(path, "/"), "/scim/v2")
	return tenant, rest, ok && tenant != "" && !strings.Contains(tenant, "/") && (rest == "" || rest[0] == '/')
}

// bearer gives the token of a request, "" where there is none.
func bearer(r *http.Request) string {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return ""
	}
	return strings.TrimSpace(token)
}

func uuid() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails, by its documentation
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}
