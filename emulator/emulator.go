package emulator

import (
	"cmp"
	"fmt"
	"sync"
	"time"

	"github.com/rolecall-dev/rolecall/emulator/internal/store"
)

// Options say what is emulated and how faithfully to AWS's slowness. The zero
// value is a small organization in which everything happens at once.
type Options struct {
	Estate          *Estate       // nil: DefaultEstate()
	Limits          Limits        // zero: no throttling and no cap on outstanding jobs; see AWSLimits
	JobLatency      Latency       // zero: jobs finish at once
	VisibilityDelay time.Duration // how long a write stays invisible to reads
	Region          string        // of the instance; us-east-1 unless given
	Seed            uint64        // makes ids, role suffixes and latencies reproducible
	Faults          []Fault       // see Fault; also POST /_emulator/faults
	DataDir         string        // keeps a journal there, synced before each answer; "" keeps nothing
	CallLog         int           // how many calls GET /_emulator/calls remembers; 1000 unless given
	Quirks          Quirks
}

// Latency is how long a job takes: evenly distributed between Min and Max, drawn
// from the seed. A Max below Min means Min.
type Latency struct {
	Min time.Duration `json:"min"`
	Max time.Duration `json:"max"`
}

// Quirks are behaviours of AWS that differ by Region, age or account.
type Quirks struct {
	// FiltersAllowed lets identitystore's ListUsers and ListGroups take their
	// deprecated Filters, which newer Regions refuse.
	FiltersAllowed bool `json:"filters_allowed,omitempty"`
	// LegacyStatus adds Account.Status, announced to be retired on 2026-09-09.
	LegacyStatus bool `json:"legacy_status,omitempty"`
	// EmptyPages makes every list of organizations start with an empty page.
	EmptyPages bool `json:"empty_pages,omitempty"`
	// OrphansRemoved makes the deletion of a user or group take its account
	// assignments along, as older documentation said.
	OrphansRemoved bool `json:"orphans_removed,omitempty"`
}

// Quotas are service quotas whose excess AWS refuses; zero means AWS's default.
type Quotas = store.Quotas

// ManagementAccount is the account of the default caller where the estate has no
// organization.
const ManagementAccount = "111122223333"

// Emulator is one emulated AWS. It is an http.Handler; all methods may be called
// at the same time.
type Emulator struct {
	options Options
	mu      sync.RWMutex
	world   *world
	last    time.Time // of the last write; time never goes back
	calls   callLog
}

// New makes an emulator. The errors are those of the options: an estate that
// contradicts itself, a data directory that cannot be used.
func New(o Options) (*Emulator, error) {
	o.Estate = cmp.Or(o.Estate, DefaultEstate())
	o.Region = cmp.Or(o.Region, "us-east-1")
	e := &Emulator{options: o, calls: newCallLog(cmp.Or(o.CallLog, 1000))}
	if err := e.start(); err != nil {
		return nil, fmt.Errorf("start emulator: %w", err)
	}
	return e, nil
}

func (e *Emulator) start() error {
	w, err := newWorld(e.options, time.Now().Round(0).UTC())
	if err != nil {
		return err
	}
	e.world = w
	return nil
}

// Reset puts everything back to how New made it: the estate, the statistics, the
// log of calls and the faults.
func (e *Emulator) Reset() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if err := e.start(); err != nil {
		return fmt.Errorf("reset emulator: %w", err)
	}
	e.calls.clear()
	return nil
}

// Close releases what New opened. The emulator must not be used after it.
func (e *Emulator) Close() error { return nil }
