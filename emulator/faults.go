package emulator

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"path"
	"sync"
	"time"

	"github.com/rolecall-dev/rolecall/emulator/internal/model"
	"github.com/rolecall-dev/rolecall/emulator/internal/scim"
)

// FaultKind is what goes wrong with a call.
type FaultKind string

// The kinds of faults. Throttle to Conflict are answers of AWS and leave no
// effect; Conflict strikes only operations that declare such an error. The others
// are failures of the way there or back.
const (
	Throttle    FaultKind = "throttle"     // AWS's throttling error
	Internal    FaultKind = "internal"     // AWS's internal error, HTTP 500
	Unavailable FaultKind = "unavailable"  // HTTP 503
	Conflict    FaultKind = "conflict"     // AWS's error for concurrent changes
	Proxy       FaultKind = "proxy"        // a page in HTML, HTTP 502, from something in between; no effect
	Timeout     FaultKind = "timeout"      // no answer and no effect; after Delay (30 s unless given) the connection breaks
	Reset       FaultKind = "reset"        // as LoseRequest
	LoseRequest FaultKind = "lose-request" // the connection breaks before the call has an effect
	LoseAnswer  FaultKind = "lose-answer"  // the call has its effect, then the connection breaks
	Truncate    FaultKind = "truncate"     // the call has its effect, half of the answer comes
	Slow        FaultKind = "slow"         // the answer comes Delay late
	Die         FaultKind = "die"          // the calls up to Call are served; every later one finds no connection
	FailJob     FaultKind = "fail-job"     // the asynchronous job that the call starts fails, with Reason
)

// Fault makes calls go wrong. Calls are counted from when the fault is set, those
// that match Operation only.
type Fault struct {
	Operation string        // "sso-admin.CreateAccountAssignment", "scim.*", "*"; "" is "*"
	Kind      FaultKind     // what happens
	Rate      float64       // to this share of the calls, if Call is 0; 0 means to all
	Call      int           // to the call of this number, the first being 1; for Die the last that is served
	Times     int           // at most this often; 0: no limit
	ThenDie   bool          // after it struck, every later call finds no connection
	Delay     time.Duration // of Slow and Timeout; in JSON a text as "1.5s"
	Reason    string        // of FailJob
	Accounts  int           // of FailJob: a provisioning is done in this many accounts before it fails
}

// faultJSON is how a fault is written in JSON.
type faultJSON struct {
	Operation string    `json:"operation,omitempty"`
	Kind      FaultKind `json:"kind"`
	Rate      float64   `json:"rate,omitempty"`
	Call      int       `json:"call,omitempty"`
	Times     int       `json:"times,omitempty"`
	ThenDie   bool      `json:"then_die,omitempty"`
	Delay     string    `json:"delay,omitempty"`
	Reason    string    `json:"reason,omitempty"`
	Accounts  int       `json:"accounts,omitempty"`
}

// MarshalJSON writes the fault as the control route takes it.
func (f Fault) MarshalJSON() ([]byte, error) {
	delay := ""
	if f.Delay != 0 {
		delay = f.Delay.String()
	}
	return json.Marshal(faultJSON{f.Operation, f.Kind, f.Rate, f.Call, f.Times, f.ThenDie, delay, f.Reason, f.Accounts})
}

// UnmarshalJSON reads a fault and refuses one that could never strike.
func (f *Fault) UnmarshalJSON(text []byte) error {
	var j faultJSON
	if err := strict(bytes.NewReader(text), &j); err != nil { // a decoder's own strictness ends where a type decodes itself
		return err
	}
	*f = Fault{Operation: j.Operation, Kind: j.Kind, Rate: j.Rate, Call: j.Call, Times: j.Times, ThenDie: j.ThenDie, Reason: j.Reason, Accounts: j.Accounts}
	if j.Delay != "" {
		d, err := time.ParseDuration(j.Delay)
		if err != nil {
			return fmt.Errorf("read delay of fault: %w", err)
		}
		f.Delay = d
	}
	return f.check()
}

func (f Fault) check() error {
	switch f.Kind {
	case Throttle, Internal, Unavailable, Conflict, Proxy, Timeout, Reset, LoseRequest, LoseAnswer, Truncate, Slow, Die, FailJob:
	default:
		return fmt.Errorf("unknown kind of fault %q", f.Kind)
	}
	if len(f.Operation) > maxName || len(f.Reason) > maxReason {
		return fmt.Errorf("fault %q: operation or reason is longer than %d or %d bytes", f.Kind, maxName, maxReason)
	}
	if err := f.checkOperation(); err != nil {
		return err
	}
	if f.Rate < 0 || f.Rate > 1 || f.Call < 0 || f.Times < 0 || f.Delay < 0 || f.Accounts < 0 {
		return fmt.Errorf("fault %q: rate must be between 0 and 1, call, times, delay and accounts not negative", f.Kind)
	}
	return nil
}

// checkOperation refuses an operation that no call has, and one that the kind of
// fault cannot strike.
func (f Fault) checkOperation() error {
	if _, err := path.Match(f.Operation, ""); err != nil {
		return fmt.Errorf("read operation %q of fault: %w", f.Operation, err)
	}
	known := false
	a := armed{Fault: f}
	for _, c := range everyCall() {
		if a.named(c) {
			known = true
			if a.suits(c) {
				return nil
			}
		}
	}
	if known {
		return fmt.Errorf("fault %q cannot strike operation %q", f.Kind, f.Operation)
	}
	return fmt.Errorf("unknown operation %q: it is a service and an operation, such as sso-admin.CreateAccountAssignment, scim.CreateUser or identitystore.*", f.Operation)
}

// everyCall returns one call of each operation that there is, and those of none.
func everyCall() []*command {
	all := []*command{unknown(""), {Service: "scim", Operation: "Unknown", SCIM: &scim.Request{}}}
	for _, service := range model.Services() {
		all = append(all, &command{Service: service.Name, Operation: "Unknown"})
		for _, op := range service.Operations {
			all = append(all, &command{Service: service.Name, Operation: op.Name, op: op})
		}
	}
	for _, op := range scim.Operations() {
		all = append(all, &command{Service: "scim", Operation: op.Name, SCIM: &scim.Request{Method: op.Method}})
	}
	return all
}

// faults are the faults that are set, and how far they are.
type faults struct {
	mu   sync.Mutex
	seed uint64
	set  []armed
	dead bool
	n    uint64
}

type armed struct {
	Fault
	seen, struck int
}

func (f *faults) add(list []Fault) error {
	for _, x := range list {
		if err := x.check(); err != nil {
			return err
		}
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.set)+len(list) > maxFaults {
		return fmt.Errorf("more than %d faults are set: clear them", maxFaults)
	}
	for _, x := range list {
		f.set = append(f.set, armed{Fault: x})
	}
	return nil
}

func (f *faults) clear() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.set, f.dead = nil, false
}

func (f *faults) list() []Fault {
	f.mu.Lock()
	defer f.mu.Unlock()
	out := []Fault{}
	for _, x := range f.set {
		out = append(out, x.Fault)
	}
	return out
}

// next tells what goes wrong with a call: the first fault that strikes, or none.
// Every fault counts the call all the same.
func (f *faults) next(c *command) (hit Fault) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.n++
	if f.dead {
		return Fault{Kind: LoseRequest}
	}
	for n := range f.set {
		a := &f.set[n]
		if !a.matches(c) {
			continue
		}
		a.seen++
		if hit.Kind == "" && f.strikes(a, uint64(n)) {
			a.struck++
			hit = a.Fault
		}
	}
	if hit.Kind == Die {
		hit.Kind, hit.ThenDie = LoseRequest, true
	}
	f.dead = hit.ThenDie
	return hit
}

func (a *armed) matches(c *command) bool { return a.named(c) && a.suits(c) }

// named tells whether the fault is meant for the operation.
func (a *armed) named(c *command) bool {
	ok, _ := path.Match(a.Operation, c.name())
	return ok || a.Operation == "" || a.Operation == "*"
}

// suits tells whether the kind of fault can strike the operation.
func (a *armed) suits(c *command) bool {
	switch a.Kind {
	case Conflict:
		return c.conflicts()
	case FailJob:
		return c.startsJob()
	}
	return true
}

func (f *faults) strikes(a *armed, index uint64) bool {
	switch {
	case a.Times > 0 && a.struck >= a.Times:
		return false
	case a.Kind == Die:
		return a.seen > a.Call
	case a.Call > 0:
		return a.seen == a.Call
	case a.Rate > 0:
		return rand.New(rand.NewPCG(f.seed^index<<32, f.n)).Float64() < a.Rate
	}
	return true
}

// ReadFaults reads faults from JSON, one or a list. Unknown keys and operations are
// refused: a misspelt one would be a fault that never strikes.
func ReadFaults(r io.Reader) ([]Fault, error) {
	text, err := io.ReadAll(io.LimitReader(r, maxFile+1))
	if err == nil && len(text) > maxFile {
		err = fmt.Errorf("more than %d bytes", maxFile)
	}
	var list []Fault
	if err == nil {
		list, err = decodeList[Fault](text)
	}
	if err != nil {
		return nil, fmt.Errorf("read faults: %w", err)
	}
	return list, nil
}

// SetFaults adds faults to those that are set.
func (e *Emulator) SetFaults(list ...Fault) error {
	if err := e.faults.add(list); err != nil {
		return fmt.Errorf("set faults: %w", err)
	}
	return nil
}

// ClearFaults takes all faults away; a client that was cut off is back.
func (e *Emulator) ClearFaults() { e.faults.clear() }

// Faults are the faults that are set.
func (e *Emulator) Faults() []Fault { return e.faults.list() }
