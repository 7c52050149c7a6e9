package idp

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

// Pause stops provisioning: changes pile up until [Directory.Resume].
func (d *Directory) Pause() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.paused, d.job.Status = true, JobPaused
}

// Resume ends a pause. Where the kind pushes on change, what piled up goes out
// now, else with the next cycle.
func (d *Directory) Resume(ctx context.Context) error {
	return d.lock(ctx, func() error {
		if d.paused {
			d.paused, d.job.Status = false, JobActive
			d.wake()
		}
		return nil
	})
}

// SyncNow looks at every user and group again and pushes what AWS lacks, also in
// a pause or a quarantine, and also what was refused before: what the buttons
// "push now", "retry" and "restart provisioning" do. It returns the failures of
// this run, joined; each is in the log too.
func (d *Directory) SyncNow(ctx context.Context) error {
	d.mu.Lock()
	for _, g := range d.groups {
		g.barred = false
	}
	d.touchAll()
	d.mu.Unlock()
	return d.runCycle(ctx, true)
}

// Run provisions until the context ends, and returns its error: a cycle at once
// and one after each interval; where the kind pushes on change, new tries of what
// failed. It is the only method that waits. Start it in a goroutine of your own.
func (d *Directory) Run(ctx context.Context) error {
	for {
		d.mu.Lock()
		idle := d.paused || d.job.Status == JobDisabled
		d.mu.Unlock()
		if !idle {
			_ = d.runCycle(ctx, false) // failures are in the log, and the end of the context ends the wait
		}
		if err := d.rest(ctx, idle); err != nil {
			return err
		}
	}
}

// rest waits for the next cycle, or while idle for someone to end the pause.
func (d *Directory) rest(ctx context.Context, idle bool) error {
	d.mu.Lock()
	timer := time.NewTimer(d.wait())
	d.mu.Unlock()
	defer timer.Stop()
	due := timer.C
	woken := d.changed
	if idle {
		due = nil
	} else {
		woken = nil
	}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-due:
	case <-woken:
	}
	return nil
}

// wait is how long until the next cycle. In quarantine it grows with the time
// spent there, up to a day.
func (d *Directory) wait() time.Duration {
	interval := d.habits.interval
	switch {
	case interval == 0:
		return d.habits.retry
	case d.job.Status == JobQuarantine:
		return max(interval, min(quarantineMost, time.Since(d.job.QuarantinedSince)))
	}
	return interval
}

func (d *Directory) wake() {
	select {
	case d.changed <- struct{}{}:
	default:
	}
}

// push sends what has changed, where the kind pushes on change. Failures are in
// the log; only the end of the context is an error.
func (d *Directory) push(ctx context.Context) error {
	_ = d.runCycle(ctx, false)
	return ctx.Err()
}

// runCycle pushes all that is marked. Users go first, so that groups find their
// members, but not where one group serves assignment and push mapping: there
// Okta pushes the group before its members are in AWS, and leaves them out.
func (d *Directory) runCycle(ctx context.Context, forced bool) error {
	select {
	case d.turn <- struct{}{}:
		defer func() { <-d.turn }()
	case <-ctx.Done():
		return ctx.Err()
	}
	run := d.begin(forced)
	for _, id := range run.early {
		run.note(d.syncGroup(ctx, id, run))
	}
	for _, id := range run.users {
		run.note(d.syncUser(ctx, id, run))
	}
	for _, id := range run.groups {
		run.note(d.syncGroup(ctx, id, run))
	}
	d.end(run)
	return errors.Join(run.failures...)
}

// run is one cycle under way.
type run struct {
	number               int
	early, users, groups []string
	failures             []error
	refused              bool // the token was
	stopped              bool // the context ended
}

func (r *run) note(err error) {
	if err == nil || r.stopped {
		return
	}
	refusal, ok := errors.AsType[*PushError](err)
	r.refused = r.refused || ok && refusal.unauthorized()
	r.stopped = !ok
	r.failures = append(r.failures, err)
}

func (d *Directory) begin(forced bool) *run {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.purging = slices.DeleteFunc(d.purging, func(id string) bool {
		due := time.Since(d.users[id].DeletedAt) >= d.habits.purge
		if due {
			d.dirtyUsers.add(id)
		}
		return due
	})
	d.cycle++
	r := &run{number: d.cycle, users: d.dirtyUsers.take()}
	for _, id := range d.dirtyGroups.take() {
		g := d.groups[id]
		shared := d.habits.mappings && g.pushed && d.assigned(GroupPrincipal, id)
		if g.deleted || shared && !forced { // a name must be free before another group takes it
			r.early = append(r.early, id)
		} else {
			r.groups = append(r.groups, id)
		}
	}
	return r
}

// end writes down how the cycle went. A refused token puts Entra's job into
// quarantine, and four weeks of it disable the job.
func (d *Directory) end(r *run) {
	d.mu.Lock()
	defer d.mu.Unlock()
	defer d.wake()
	now := time.Now()
	d.job.LastExecution, d.job.Error = now, ""
	if len(r.failures) > 0 {
		d.job.Error = r.failures[0].Error()
	}
	switch {
	case r.refused && d.habits.quarantine:
		if d.job.QuarantinedSince.IsZero() {
			d.job.QuarantinedSince = now
		}
		d.job.Status = JobQuarantine
		if now.Sub(d.job.QuarantinedSince) >= quarantineLimit {
			d.job.Status = JobDisabled
		}
		return
	case len(r.failures) == 0:
		d.job.LastSuccess = now
	}
	d.job.QuarantinedSince = time.Time{}
	d.job.Status = JobActive
	if d.paused {
		d.job.Status = JobPaused
	}
}

// Fault makes the next Times requests for an object fail as if AWS, or the way
// there, had answered so. An empty ObjectID means any object.
type Fault struct {
	ObjectID string
	Times    int
	Status   int // 0: no answer
	Detail   string
}

// Inject adds a fault.
func (d *Directory) Inject(f Fault) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.faults = append(d.faults, f)
}

// fault takes one failure from the faults that concern an object.
func (d *Directory) fault(id string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	for i := range d.faults {
		f := &d.faults[i]
		if f.Times > 0 && (f.ObjectID == "" || f.ObjectID == id) {
			f.Times--
			return &PushError{Status: f.Status, Detail: f.Detail}
		}
	}
	return nil
}

// The log is kept up to these bounds.
const (
	maxLog    = 100_000 // events
	maxReason = 1000    // bytes of the reason of one
)

// record writes a line of the log and returns the failure, named.
func (d *Directory) record(r *run, e Event, err error) error {
	e.Time, e.Cycle = time.Now(), r.number
	if refusal, ok := errors.AsType[*PushError](err); ok {
		e.Outcome, e.Status, e.Reason = Failure, refusal.Status, refusal.Detail
	} else if err != nil {
		return err // the context ended: nothing is known of the object
	} else if e.Outcome == "" {
		e.Outcome = Success
	}
	d.mu.Lock()
	e.Reason = e.Reason[:min(len(e.Reason), maxReason)]
	d.log = append(d.log, e)
	if len(d.log) == 2*maxLog { // seldom, so that to add to it stays cheap
		d.log = slices.Clone(d.log[maxLog:])
	}
	d.mu.Unlock()
	if err != nil {
		return fmt.Errorf("%s %s %q: %w", e.Action, e.ObjectType, e.Name, err)
	}
	return nil
}
