package emulator

import (
	"cmp"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/rolecall-dev/rolecall/emulator/internal/journal"
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
	Seed            uint64        // makes ids, role suffixes and latencies reproducible; 0: New draws one, so that no two are alike
	Faults          []Fault       // see Fault; also POST /_emulator/faults
	DataDir         string        // keeps a journal there, synced before each answer; "" keeps nothing
	CallLog         int           // how many calls GET /_emulator/calls remembers; 1000 unless given
	Quirks          Quirks
	AllowHosts      []string // names that requests may have as their Host, besides where they arrive, localhost and loopback addresses
}

// Latency is how long a job takes: evenly distributed between Min and Max, drawn
// from the seed. A Max below Min means Min.
type Latency struct {
	Min time.Duration `json:"min"`
	Max time.Duration `json:"max"`
}

// Quirks are behaviors of AWS that differ by Region, age or account.
type Quirks struct {
	// FiltersAllowed lets identitystore's ListUsers and ListGroups take their
	// deprecated Filters, which newer Regions refuse.
	FiltersAllowed bool `json:"filters_allowed,omitempty"`
	// LegacyStatus adds Account.Status, announced to be retired on 2026-09-09.
	LegacyStatus bool `json:"legacy_status,omitempty"`
	// EmptyPages makes every list of organizations start with an empty page.
	EmptyPages bool `json:"empty_pages,omitempty"`
	// ShortPages makes ListAccountAssignmentsForPrincipal return half of what is asked
	// for, as its API reference warns.
	ShortPages bool `json:"short_pages,omitempty"`
	// OrphansRemoved makes the deletion of a user or group take its account
	// assignments along, as older documentation said.
	OrphansRemoved bool `json:"orphans_removed,omitempty"`
	// OrphansStuck makes AWS unable to remove any assignment of a user or group
	// that is gone, not only those of users that SCIM removed.
	OrphansStuck bool `json:"orphans_stuck,omitempty"`
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
	given   *Estate // nil: none was
	closed  bool
	broken  error // why nothing can be written any more
	mu      sync.RWMutex
	world   *world
	replica *replica         // what reads see, where writes become visible late
	journal *journal.Journal // nil: nothing is kept
	last    time.Time        // of the last write; time never goes back
	skew    time.Duration    // how far the wall clock is behind it, as in a test's bubble of virtual time
	calls   callLog
	faults  faults
	buckets buckets
	waits   waits
	most    sizes
	showing sync.Mutex // held while the whole state, which may be large, is shown
}

// New makes an emulator. The errors are those of the options: an estate that
// contradicts itself, a fault that cannot strike, a data directory that cannot be
// used or whose journal is damaged.
func New(o Options) (*Emulator, error) {
	given := o.Estate
	o.Estate = cmp.Or(o.Estate, DefaultEstate())
	o.Region = cmp.Or(o.Region, "us-east-1")
	if o.Seed == 0 {
		o.Seed = drawSeed()
	}
	e := &Emulator{options: o, given: given, waits: defaultWaits(), most: sizes{journal: maxJournal, invisible: maxInvisible}}
	e.calls.most = cmp.Or(o.CallLog, 1000)
	e.faults.seed = o.Seed
	if err := e.open(); err != nil {
		return nil, fmt.Errorf("start emulator: %w", err)
	}
	return e, nil
}

// drawSeed makes a seed that no other start has.
func drawSeed() uint64 { return chance()>>1 | 1 }

func chance() uint64 {
	var b [8]byte
	_, _ = rand.Read(b[:]) // never fails, by its documentation
	return binary.BigEndian.Uint64(b[:])
}

func (e *Emulator) open() error {
	if e.options.DataDir == "" {
		return e.begin()
	}
	return e.openJournal()
}

// begin makes a world out of the options, and clears what was counted.
func (e *Emulator) begin() error {
	e.skew = 0
	if err := e.makeWorld(e.options, e.now()); err != nil {
		return err
	}
	return e.clear()
}

func (e *Emulator) makeWorld(o Options, at time.Time) error {
	w, err := newWorld(o, at)
	if err != nil {
		return err
	}
	e.world, e.replica, e.last = w, nil, at
	if o.VisibilityDelay > 0 {
		behind, err := newWorld(o, at)
		if err != nil {
			return err
		}
		e.replica = &replica{world: behind, delay: o.VisibilityDelay}
	}
	return nil
}

// clear forgets calls and throttles, and sets the faults of the options again.
func (e *Emulator) clear() error {
	e.calls.clear()
	e.buckets.reset(e.options.Limits)
	e.faults.clear()
	return e.faults.add(e.options.Faults)
}

// Reset puts everything back to how the options describe it: the estate, the
// statistics, the log of calls and the faults. A journal starts anew.
func (e *Emulator) Reset() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if err := e.begin(); err != nil {
		return fmt.Errorf("reset emulator: %w", err)
	}
	if e.journal == nil {
		return nil
	}
	if err := errors.Join(e.journal.Empty(), e.writeHeader()); err != nil {
		return fmt.Errorf("reset emulator: %w", err)
	}
	return nil
}

// Close releases what New opened. The emulator must not be used after it, but for
// another Close.
func (e *Emulator) Close() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.journal == nil || e.closed {
		return nil
	}
	e.closed = true
	return e.journal.Close()
}

// change runs a command that may change the world, alone, and returns when it is
// kept.
func (e *Emulator) change(c *command) *answer {
	a, position, err := e.alone(c)
	if err == nil && position > 0 {
		err = e.journal.Sync(position)
	}
	if err != nil {
		return answerOf(c, nil, err)
	}
	return a
}

func (e *Emulator) alone(c *command) (a *answer, position int64, err error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	defer e.restore()
	if err := e.full(); err != nil {
		return nil, 0, err
	}
	c.At = e.tick()
	before := e.world.store.Draws()
	a = e.world.step(c)
	if a.code != "" && before == e.world.store.Draws() {
		return a, 0, nil // refused without a trace
	}
	if e.replica != nil {
		e.replica.later(c)
	}
	if e.journal != nil {
		position, err = e.journal.Append(mustJSON(record{Command: c}))
	}
	return a, position, err
}

// step runs a command at its time: after the jobs that are done by then, and
// before those that take no time.
func (w *world) step(c *command) *answer {
	w.store.Advance(c.At)
	w.store.FailNextJob(c.FailJob, c.FailAfter)
	a := w.run(c)
	w.store.FailNextJob("", 0) // it may have started none
	w.store.Advance(c.At)
	return a
}

// look runs a command that only reads, beside others.
func (e *Emulator) look(c *command) *answer {
	e.catchUp()
	e.mu.RLock()
	defer e.mu.RUnlock()
	c.At = e.now()
	if e.replica != nil && c.delayed() {
		return e.replica.world.run(c)
	}
	return e.world.run(c)
}

// catchUp finishes the jobs that are due and shows the writes that are.
func (e *Emulator) catchUp() {
	e.mu.RLock()
	due := e.due(e.now()) || e.now().Before(e.last)
	e.mu.RUnlock()
	if !due {
		return
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	defer e.restore()
	e.world.store.Advance(e.tick())
	if e.replica != nil {
		e.replica.show(e.last)
	}
}

func (e *Emulator) due(now time.Time) bool {
	return e.world.store.Due(now) || e.replica != nil && e.replica.due(now)
}

// now is the time, which may be before that of the last write until the next tick.
func (e *Emulator) now() time.Time { return time.Now().Add(e.skew).Round(0).UTC() }

// tick is the time of a command that changes something. It is never before the one
// before: where the wall clock went back (or a journal is of a later time), the
// emulator's time goes on from where it was.
func (e *Emulator) tick() time.Time {
	now := e.now()
	if behind := e.last.Sub(now); behind > 0 {
		e.skew += behind
		now = e.last
	}
	e.last = now
	return now
}

// clock is now for those who hold no lock.
func (e *Emulator) clock() time.Time {
	e.catchUp()
	e.mu.RLock()
	defer e.mu.RUnlock()
	return e.now()
}
