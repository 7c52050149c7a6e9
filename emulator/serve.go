package emulator

import (
	"crypto/rand"
	"crypto/subtle"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/rolecall-dev/rolecall/emulator/internal/api"
	"github.com/rolecall-dev/rolecall/emulator/internal/model"
	"github.com/rolecall-dev/rolecall/emulator/internal/scim"
	"github.com/rolecall-dev/rolecall/emulator/internal/store"
)

// ServeHTTP answers AWS's JSON and Query protocols at any path, SCIM under
// /<tenant>/scim/v2/ and the control routes under /_emulator/.
func (e *Emulator) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if strings.HasPrefix(r.URL.Path, controlPrefix) {
		e.control(w, r)
		return
	}
	e.serve(r).write(w)
}

// serve answers one request of AWS or SCIM.
func (e *Emulator) serve(r *http.Request) *answer {
	start := time.Now()
	c, err := read(r, requestID())
	if c == nil {
		c = &command{RequestID: requestID(), Service: "unknown", Operation: "Unknown"}
	}
	var a *answer
	if err == nil {
		a, err = e.do(c)
	}
	if err != nil {
		a = answerOf(c, nil, err)
	}
	e.calls.note(c, a, start)
	return a
}

func requestID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails, by its documentation
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// do checks a command as far as that needs no world, and runs it.
func (e *Emulator) do(c *command) (*answer, error) {
	if c.SCIM == nil {
		if c.Key == "" {
			return nil, &api.Error{Code: "MissingAuthenticationTokenException", Message: "Missing Authentication Token", Status: missingTokenStatus(c)}
		}
		if err := model.Validate(c.op, map[string]any(c.input)); err != nil {
			return nil, err
		}
	}
	if c.write() {
		return e.change(c), nil
	}
	return e.look(c), nil
}

func missingTokenStatus(c *command) int {
	if isQuery(c.op) {
		return http.StatusForbidden
	}
	return http.StatusBadRequest
}

// change runs a command that may change the world, alone.
func (e *Emulator) change(c *command) *answer {
	e.mu.Lock()
	defer e.mu.Unlock()
	c.At = e.now()
	e.last = c.At
	e.world.store.Advance(c.At)
	a := e.world.run(c)
	e.world.store.Advance(c.At) // jobs that take no time are done when the next call comes
	return a
}

// look runs a command that only reads, beside others.
func (e *Emulator) look(c *command) *answer {
	e.settle()
	e.mu.RLock()
	defer e.mu.RUnlock()
	c.At = e.now()
	return e.world.run(c)
}

// settle finishes the jobs that are due.
func (e *Emulator) settle() {
	e.mu.RLock()
	due := e.world.store.Due(e.now())
	e.mu.RUnlock()
	if !due {
		return
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.last = e.now()
	e.world.store.Advance(e.last)
}

// now is the time of a command: the wall clock, but never before the last write.
func (e *Emulator) now() time.Time {
	now := time.Now().Round(0).UTC()
	if now.Before(e.last) {
		return e.last
	}
	return now
}

// run carries out a command.
func (w *world) run(c *command) *answer {
	if c.SCIM != nil {
		return w.runSCIM(c)
	}
	entry, caller := w.caller(c.Key)
	if err := credentialProblem(c, entry); err != nil {
		return answerOf(c, nil, err)
	}
	out, err := api.Do(&api.Call{
		Store: w.store, Now: c.At, Caller: caller, Region: c.Region, Op: c.op, In: c.input, RequestID: c.RequestID,
		Quirks: api.Quirks{
			FiltersAllowed: w.quirks.FiltersAllowed, LegacyStatus: w.quirks.LegacyStatus, EmptyPages: w.quirks.EmptyPages,
		},
	})
	return answerOf(c, out, err)
}

// credentialProblem is what AWS says of credentials before it looks at anything
// else; the Query protocol has its own codes and statuses.
func credentialProblem(c *command, caller EstateCaller) error {
	query := isQuery(c.op)
	switch {
	case caller.Expired && query:
		return &api.Error{Code: "ExpiredToken", Message: "The security token included in the request is expired", Status: http.StatusForbidden}
	case caller.Expired:
		return &api.Error{Code: "ExpiredTokenException", Message: "The security token included in the request is expired", Status: http.StatusBadRequest}
	case caller.Invalid && query:
		return &api.Error{Code: "InvalidClientTokenId", Message: "The security token included in the request is invalid.", Status: http.StatusForbidden}
	case caller.Invalid:
		return &api.Error{Code: "UnrecognizedClientException", Message: "The security token included in the request is invalid.", Status: http.StatusBadRequest}
	}
	return nil
}

// runSCIM carries out a SCIM request. The token was checked when the request came;
// a replay has none.
func (w *world) runSCIM(c *command) *answer {
	t := w.tenant(c.Tenant)
	if t == nil || t.expired || subtle.ConstantTimeCompare([]byte(c.token), []byte(t.token)) != 1 {
		return scimAnswer(c, scim.Failure(scim.NewError(http.StatusUnauthorized), c.RequestID, c.At))
	}
	if len(c.SCIM.Body) > maxBody {
		return scimAnswer(c, scim.Failure(scim.NewError(http.StatusBadRequest), c.RequestID, c.At))
	}
	return scimAnswer(c, scim.Apply(t.directory, store.Stamp{At: c.At, By: scimActor}, *c.SCIM))
}

func scimAnswer(c *command, r scim.Response) *answer {
	a := &answer{status: r.Status, body: r.Body, id: c.RequestID}
	if r.Body != nil {
		a.kind = "application/json"
	}
	if r.Status >= 400 {
		a.code = http.StatusText(r.Status)
	}
	return a
}

func (w *world) tenant(name string) *tenant {
	for _, t := range w.tenants {
		if t.name == name {
			return t
		}
	}
	return nil
}
