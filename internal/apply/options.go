package apply

import (
	"math/rand/v2"
	"time"
)

// AWS's own limits for IAM Identity Center.
const (
	maxOutstanding  = 10
	maxProvisioning = 3
)

// progressEvery is the time between two Progressing events.
const progressEvery = time.Second

// Options say how a plan is run. The zero value runs it with the limits that
// AWS documents for IAM Identity Center.
type Options struct {
	// MaxOutstanding limits the assignment jobs that are under way at once; 0
	// means 10, AWS's documented limit.
	MaxOutstanding int
	// MaxProvisioning limits the provisioning jobs under way at once; 0 means 3.
	MaxProvisioning int
	// Workers limits the calls under way for changes without a job; 0 means 8.
	Workers int
	// TPS is how many calls a second the target makes at most. It spaces polls
	// and goes into the ETA; the target itself keeps the limit. 0 means unknown.
	TPS float64
	// Deadline is how long a change is tried again after it first met an error,
	// and how long one call may take; 0 means 5 minutes.
	Deadline time.Duration
	// JobDeadline is how long a job is waited for; 0 means 15 minutes.
	JobDeadline time.Duration
	// Grace is how long what is in flight may take once the run is stopped; 0
	// means 2 minutes.
	Grace time.Duration
	// Events is told what happens, one event at a time, in order. It must
	// return quickly: the run waits for it.
	Events func(Event)
	// StopWriting ends all writes as soon as it yields, even those whose call
	// is waiting for the quota: the lease on the lock is lost.
	StopWriting <-chan error

	// jitter returns a number in [0,1).
	jitter func() float64
}

func (o Options) withDefaults() Options {
	setDefault(&o.MaxOutstanding, maxOutstanding)
	setDefault(&o.MaxProvisioning, maxProvisioning)
	setDefault(&o.Workers, 8)
	setDefault(&o.Deadline, 5*time.Minute)
	setDefault(&o.JobDeadline, 15*time.Minute)
	setDefault(&o.Grace, 2*time.Minute)
	if o.Events == nil {
		o.Events = func(Event) {}
	}
	if o.jitter == nil {
		o.jitter = rand.Float64
	}
	return o
}

func setDefault[T int | float64 | time.Duration](field *T, value T) {
	if *field <= 0 {
		*field = value
	}
}
