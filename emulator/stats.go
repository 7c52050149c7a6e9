package emulator

import (
	"maps"
	"sync"
	"time"

	"github.com/rolecall-dev/rolecall/emulator/internal/store"
)

// Stats counts what happened since the start or the last reset.
type Stats struct {
	Calls       map[string]int    `json:"calls"`     // by "service.Operation", as "sso-admin.ListInstances" or "scim.CreateUser"
	Errors      map[string]int    `json:"errors"`    // by error code
	Throttles   map[string]int    `json:"throttles"` // by "service.Operation"
	Total       int               `json:"total"`
	Outstanding store.Outstanding `json:"outstanding"`
}

// Call is an entry of the log of calls.
type Call struct {
	Time      time.Time     `json:"time"`
	Took      time.Duration `json:"took_ns"`
	Caller    string        `json:"caller,omitempty"` // access key, or the SCIM tenant
	Service   string        `json:"service"`
	Operation string        `json:"operation"`
	Status    int           `json:"status"`
	Error     string        `json:"error,omitempty"`
	RequestID string        `json:"request_id"`
	Fault     FaultKind     `json:"fault,omitempty"` // what was made to go wrong
}

// callLog counts calls and remembers the latest.
type callLog struct {
	mu     sync.Mutex
	most   int
	recent []Call // a ring: next is the oldest once it is full
	next   int
	stats  Stats
}

func (l *callLog) clear() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.recent, l.next = nil, 0
	l.stats = Stats{Calls: map[string]int{}, Errors: map[string]int{}, Throttles: map[string]int{}}
}

func (l *callLog) note(c *command, a *answer, start time.Time, fault FaultKind) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.stats.Total++
	l.stats.Calls[c.name()]++
	if a.code != "" {
		l.stats.Errors[a.code]++
	}
	if throttled(a.code) {
		l.stats.Throttles[c.name()]++
	}
	entry := Call{
		Time: start, Took: time.Since(start), Caller: short(c.Key + c.Tenant), Service: c.Service, Operation: c.Operation,
		Status: a.status, Error: a.code, RequestID: c.RequestID, Fault: fault,
	}
	if len(l.recent) < l.most {
		l.recent = append(l.recent, entry)
		return
	}
	l.recent[l.next] = entry
	l.next = (l.next + 1) % l.most
}

func throttled(code string) bool {
	switch code {
	case "ThrottlingException", "TooManyRequestsException", "Throttling", "Too Many Requests":
		return true
	}
	return false
}

// Stats counts calls, errors, throttles and outstanding jobs.
func (e *Emulator) Stats() Stats {
	e.catchUp()
	e.mu.RLock()
	outstanding := e.world.store.Outstanding()
	e.mu.RUnlock()
	e.calls.mu.Lock()
	defer e.calls.mu.Unlock()
	s := e.calls.stats
	s.Calls, s.Errors, s.Throttles = maps.Clone(s.Calls), maps.Clone(s.Errors), maps.Clone(s.Throttles)
	s.Outstanding = outstanding
	return s
}

// Calls are the latest calls, oldest first.
func (e *Emulator) Calls() []Call {
	e.calls.mu.Lock()
	defer e.calls.mu.Unlock()
	out := make([]Call, 0, len(e.calls.recent))
	out = append(out, e.calls.recent[e.calls.next:]...)
	return append(out, e.calls.recent[:e.calls.next]...)
}
