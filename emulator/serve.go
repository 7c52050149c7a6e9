package emulator

import (
	"fmt"
	"net/http"
	"time"

	"github.com/rolecall-dev/rolecall/emulator/internal/api"
	"github.com/rolecall-dev/rolecall/emulator/internal/ids"
	"github.com/rolecall-dev/rolecall/emulator/internal/model"
)

// send writes an answer, or what a fault leaves of it.
func (e *Emulator) send(w http.ResponseWriter, a *answer, end delivery) {
	switch end {
	case arrives:
		a.write(w)
	case dropped:
		cut(w)
	case truncated:
		w.Header().Set("Content-Length", fmt.Sprint(len(a.body)))
		a.body = a.body[:len(a.body)/2]
		a.write(w)
		_ = http.NewResponseController(w).Flush()
		cut(w)
	}
}

// cut breaks the connection, by a reset where it is a TCP connection that can be
// taken over.
func cut(w http.ResponseWriter) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler) // net/http's way to break off an answer
	}
	if tcp, ok := conn.(interface{ SetLinger(seconds int) error }); ok {
		_ = tcp.SetLinger(0) // so that closing sends a reset
	}
	_ = conn.Close()
}

// serve answers one request of AWS or SCIM, and says what becomes of the answer.
func (e *Emulator) serve(r *http.Request) (*answer, delivery) {
	start := time.Now()
	c, err := read(r, requestID())
	fault := e.faults.next(c)
	a, end := e.attempt(r, c, err, fault)
	e.calls.note(c, a, start, fault.Kind)
	return a, end
}

// attempt carries out a call unless a fault or a limit prevents it.
func (e *Emulator) attempt(r *http.Request, c *command, err error, fault Fault) (*answer, delivery) {
	nothing := &answer{id: c.RequestID, code: "ConnectionLost"}
	switch fault.Kind {
	case LoseRequest, Reset:
		return nothing, dropped
	case Timeout:
		wait := fault.Delay
		if wait == 0 {
			wait = patience
		}
		sleep(r.Context(), wait)
		return nothing, dropped
	case FailJob:
		c.FailJob, c.FailAfter = fault.Reason, fault.Accounts
		if c.FailJob == "" {
			c.FailJob = "An unexpected internal service exception was encountered"
		}
	}
	if a := c.refusal(fault.Kind); a != nil {
		return a, arrives
	}
	a := e.answer(c, err)
	switch fault.Kind {
	case LoseAnswer:
		return a, dropped
	case Truncate:
		return a, truncated
	case Slow:
		sleep(r.Context(), fault.Delay)
	}
	return a, arrives
}

// answer is AWS's answer without faults.
func (e *Emulator) answer(c *command, err error) *answer {
	if !e.buckets.take(c.Service, e.clock()) {
		return c.refusal(Throttle)
	}
	if err == nil {
		err = c.check()
	}
	if err != nil {
		return answerOf(c, nil, err)
	}
	if c.write() {
		return e.change(c)
	}
	return e.look(c)
}

// check refuses what needs no world to be refused.
func (c *command) check() error {
	if c.SCIM != nil {
		return nil
	}
	if c.Key == "" {
		e := &api.Error{Code: "MissingAuthenticationTokenException", Message: "Missing Authentication Token", Status: http.StatusBadRequest}
		if isQuery(c.op) {
			e.Code, e.Message, e.Status = "MissingAuthenticationToken", "Request is missing Authentication Token", http.StatusForbidden
		}
		return e
	}
	return model.Validate(c.op, map[string]any(c.input))
}

func requestID() string {
	return ids.UUID(chance(), chance())
}
