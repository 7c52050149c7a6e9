package entra

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/rolecall-dev/rolecall/internal/directory"
)

// setup is what the application's jobs are and do, as it was at one time.
type setup struct {
	app    string
	jobs   []job
	listed directory.Reply // the answer that has the jobs
	schema schema          // of all jobs that work, else of the first
	mapped directory.Reply // the answer that has the schema, or refuses it
	unread *directory.Error
	at     time.Time
	shown  bool // to a question that wants the state of now
}

// together is how old a setup may be that serves two questions: what people are
// called, and how provisioning stands, which come one after the other.
const together = 10 * time.Second

// lately keeps the last setup. A channel guards it, so that waiting counts as idle
// in virtual time.
type lately struct {
	turn chan struct{}
	last setup
}

func newLately() *lately { return &lately{turn: make(chan struct{}, 1)} }

// setup returns the jobs and what they do. Who wants the state of now never gets
// twice what was read once.
func (d *Directory) setup(ctx context.Context, app application, now bool) (setup, error) {
	select {
	case d.lately.turn <- struct{}{}:
		defer func() { <-d.lately.turn }()
	case <-ctx.Done():
		return setup{}, ctx.Err()
	}
	last := &d.lately.last
	if last.app == app.ID && time.Since(last.at) < together && !(now && last.shown) {
		last.shown = last.shown || now
		return *last, nil
	}
	s, err := d.findSetup(ctx, app)
	if err == nil {
		s.shown = now
		*last = s
	}
	return s, err
}

// findSetup reads the schemas of all jobs that work, since one may bring people and
// another groups; where none does, that of the first. That one cannot be read is no
// failure: the jobs are known all the same.
func (d *Directory) findSetup(ctx context.Context, app application) (setup, error) {
	s := setup{app: app.ID, at: time.Now()}
	var err error
	if s.jobs, s.listed, err = d.jobs(ctx, app); err != nil {
		return s, err
	}
	for i, j := range slices.Backward(s.jobs) { // the first has the last word
		if i > 0 && j.state() != directory.JobOn {
			continue
		}
		one, r, err := d.schema(ctx, app, j.ID)
		if s.unread == nil {
			s.mapped = r
		}
		if errors.As(err, &s.unread) {
			continue
		}
		if err != nil {
			return s, err
		}
		s.schema.Rules = append(s.schema.Rules, one.Rules...)
	}
	return s, nil
}
