package emulator

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"github.com/rolecall-dev/rolecall/emulator/internal/journal"
	"github.com/rolecall-dev/rolecall/emulator/internal/model"
)

// journalFormat changes when a journal of before could no longer be replayed to
// the same world.
const journalFormat = 2

// record is one line of the journal: first a header, then commands, and new
// settings at each further start.
type record struct {
	Header   *header   `json:"header,omitempty"`
	Settings *settings `json:"settings,omitempty"`
	Command  *command  `json:"command,omitempty"`
}

// header is what a world begins with.
type header struct {
	Format int       `json:"format"`
	At     time.Time `json:"at"`
	Seed   uint64    `json:"seed"`
	Region string    `json:"region"`
	Quirks Quirks    `json:"quirks"`
	Estate *Estate   `json:"estate"`
	settings
}

// settings are options that decide what becomes of a command and may differ at
// each start.
type settings struct {
	Latency                  Latency `json:"latency"`
	OutstandingAssignments   int     `json:"outstanding_assignments"`
	OutstandingProvisionings int     `json:"outstanding_provisionings"`
	// VisibilityDelay decides whether assignment jobs see a new principal.
	VisibilityDelay time.Duration `json:"visibility_delay,omitempty"`
}

func settingsOf(o Options) settings {
	return settings{o.JobLatency, o.Limits.OutstandingAssignments, o.Limits.OutstandingProvisionings, o.VisibilityDelay}
}

// openJournal opens the journal of the data directory. An empty one begins with
// the options; else the estate, the seed and the Region are those it began with.
func (e *Emulator) openJournal() error {
	j, err := journal.Open(filepath.Join(e.options.DataDir, "journal"), e.replay)
	if err != nil {
		return err
	}
	e.journal = j
	if err := e.goOn(); err != nil {
		return errors.Join(err, j.Close())
	}
	return nil
}

// Torn tells what New dropped of the journal, as a crash had torn it: the last
// line, which nobody was told of. "" is nothing.
func (e *Emulator) Torn() string {
	if e.journal == nil {
		return ""
	}
	return e.journal.Torn()
}

// goOn begins a new journal, or goes on with the world that an old one made.
func (e *Emulator) goOn() error {
	if e.world == nil {
		if err := e.begin(); err != nil {
			return err
		}
		return e.writeHeader()
	}
	now := settingsOf(e.options)
	e.apply(now)
	if err := e.clear(); err != nil {
		return err
	}
	return e.keep(record{Settings: &now})
}

// restore is deferred by what changes the world: where that panics, the world is
// made again out of the journal, without the command that failed half-way. The
// panic goes on. Without a journal there is nothing to make it of.
func (e *Emulator) restore() {
	p := recover()
	if p == nil {
		return
	}
	if e.journal != nil {
		e.world, e.replica, e.given = nil, nil, nil
		if err := e.journal.Replay(e.replay); err != nil {
			e.broken = fmt.Errorf("read the journal again after a fault: %w", err)
		} else {
			e.apply(settingsOf(e.options))
		}
	}
	panic(p)
}

func (e *Emulator) writeHeader() error {
	o := e.options
	return e.keep(record{Header: &header{
		Format: journalFormat, At: e.last, Seed: o.Seed, Region: o.Region, Quirks: o.Quirks, Estate: o.Estate, settings: settingsOf(o),
	}})
}

func (e *Emulator) keep(r record) error {
	position, err := e.journal.Append(mustJSON(r))
	if err != nil {
		return err
	}
	return e.journal.Sync(position)
}

// replay carries out a record of the journal.
func (e *Emulator) replay(text []byte) error {
	var r record
	if err := json.Unmarshal(text, &r); err != nil {
		return err
	}
	switch {
	case r.Header != nil && e.world != nil:
		return fmt.Errorf("the journal has a second header")
	case r.Header != nil:
		return e.replayHeader(r.Header)
	case e.world == nil:
		return fmt.Errorf("the journal does not begin with a header")
	case r.Settings != nil:
		e.apply(*r.Settings)
		return nil
	case r.Command != nil:
		return e.replayCommand(r.Command)
	}
	return fmt.Errorf("it has neither a header nor settings nor a command")
}

func (e *Emulator) replayHeader(h *header) error {
	if h.Format != journalFormat {
		return fmt.Errorf("it has format %d, this program reads format %d: start anew with another folder", h.Format, journalFormat)
	}
	if e.world == nil && e.given != nil && !bytes.Equal(mustJSON(e.given), mustJSON(h.Estate)) {
		return errors.New("the journal began with another estate: leave the estate out to go on with it, or start anew with another folder")
	}
	e.options.Seed, e.options.Region, e.options.Quirks, e.options.Estate = h.Seed, h.Region, h.Quirks, h.Estate
	then := e.options
	then.JobLatency = h.Latency
	then.Limits.OutstandingAssignments, then.Limits.OutstandingProvisionings = h.OutstandingAssignments, h.OutstandingProvisionings
	return e.makeWorld(then, h.At)
}

// apply makes settings count from now on.
func (e *Emulator) apply(s settings) {
	worlds := []*world{e.world}
	if e.replica != nil {
		worlds = append(worlds, e.replica.world)
	}
	for _, w := range worlds {
		w.store.Latency = s.Latency.draw(e.options.Seed)
		w.store.VisibilityDelay = s.VisibilityDelay
		w.store.Quotas.OutstandingWrites, w.store.Quotas.OutstandingProvides = s.OutstandingAssignments, s.OutstandingProvisionings
	}
}

func (e *Emulator) replayCommand(c *command) error {
	c.replay = true
	if c.SCIM == nil && c.Service != "control" {
		service, _ := model.Lookup(c.Service)
		if service == nil {
			return fmt.Errorf("unknown service %q", c.Service)
		}
		op, ok := service.Operation(c.Operation)
		if !ok {
			return fmt.Errorf("unknown operation %q of %s", c.Operation, c.Service)
		}
		input, err := decode(c.Body)
		if err != nil {
			return err
		}
		c.op, c.input = op, input
	}
	e.last = c.At
	e.world.step(c)
	if e.replica != nil {
		e.replica.later(c)
		e.replica.show(c.At)
	}
	return nil
}
