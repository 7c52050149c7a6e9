package apply

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/rolecall-dev/rolecall/internal/plan"
)

// Engine runs plans against a target.
type Engine struct {
	target  Target
	options Options
}

// New returns an engine; it may run several plans, one after the other.
func New(target Target, options Options) *Engine {
	return &Engine{target: target, options: options.withDefaults()}
}

// Run carries out the changes. What happened to each is in the result, which
// is never nil; the error says that the changes are no graph, and then nothing
// was written.
//
// When ctx ends, nothing new starts, and what is in flight is seen to its end.
// Every goroutine of the run has ended when Run returns.
func (e *Engine) Run(ctx context.Context, changes []plan.Change) (*Result, error) {
	g, err := newGraph(changes)
	if err != nil {
		return &Result{}, err
	}
	r := newRun(e.target, e.options, g)
	r.loop(ctx)
	return r.result(), nil
}

// status is where a change is in its life.
type status uint8

const (
	waiting status = iota // for what it depends on, its turn or a retry
	running               // its first attempt began
	done
	failed
	left
)

// task is one unit of work that holds a place under a limit: the call that
// does or starts it, and then its jobs.
type task struct {
	change int32
	class  class
	in     *account   // of a job in one account
	prov   *provision // of a provisioning job
	begun  time.Time
	call   func() // makes its call, again where it has to be
	jobs   int    // jobs that are not over
	// worst is how its call and its jobs ended, the worst of them.
	worst Outcome
}

// job is one of AWS's jobs that is under way.
type job struct {
	Job
	task  *task
	begun time.Time     // when the call that started it returned
	ran   time.Duration // the age at which it was last seen running
}

// tries counts the attempts of a change.
type tries struct {
	first time.Time
	count int
	last  Cause     // of the latest error
	since time.Time // the first error since something last went well; zero for none
}

// run is one run. One goroutine, in loop, owns all of it; calls of the target
// are made in goroutines of their own, and what they return comes back as a
// function over answers.
type run struct {
	opt    Options
	target Target
	g      *graph
	keys   []int64
	begun  time.Time

	status   []status
	waits    []int32
	tries    map[int32]*tries
	home     []*account // of each assignment
	accounts map[string]*account
	starting [classes]accounts
	ready    queue // changes that need no account yet
	out      [classes]int
	jobs     []*job
	provs    map[int32]*provision
	alls     []*provision // waiting for all their accounts, the first one reserving
	poll     poller
	timers   timers
	pace     [classes]pace

	ctx          context.Context // of every call
	cancel       context.CancelFunc
	writes       context.Context // of the calls that write
	cancelWrites context.CancelFunc
	over         <-chan struct{} // the caller's context ends; nil once that is noted
	stopWriting  <-chan error    // the lease is lost; nil once that is noted
	answers      chan func()
	calls        int // under way
	wg           sync.WaitGroup
	timer        *time.Timer
	grace        time.Time // when what is in flight is given up; zero while running
	reportAt     time.Time

	counts    Progress
	failure   map[int32]Failure
	leftBy    map[int32]Left
	abandoned []int32 // changes whose job never ended
	stop      *Stop
	stats     Stats
}

func newRun(target Target, opt Options, g *graph) *run {
	n := len(g.changes)
	r := &run{
		opt: opt, target: target, g: g, keys: g.keys(), begun: time.Now(),
		status: make([]status, n), waits: slices.Clone(g.waits),
		home: make([]*account, n), accounts: map[string]*account{}, tries: map[int32]*tries{},
		provs: map[int32]*provision{}, failure: map[int32]Failure{}, leftBy: map[int32]Left{},
		answers: make(chan func(), opt.MaxOutstanding+opt.MaxProvisioning+opt.Workers+2),
	}
	r.reportAt = r.begun.Add(progressEvery)
	r.counts.Total = n
	for c := range r.starting {
		r.starting[c].class = class(c)
	}
	for i := range g.changes {
		c := &g.changes[i]
		r.pace[classOf(c)].remaining++
		if classOf(c) == assignment {
			r.home[i] = r.account(c.Key.Account)
			r.home[i].remaining++
		}
	}
	return r
}

func (r *run) account(id string) *account {
	a := r.accounts[id]
	if a == nil {
		a = &account{id: id}
		for c := range a.at {
			a.at[c] = -1
		}
		r.accounts[id] = a
	}
	return a
}

// touch puts an account where it belongs after anything about it has changed.
func (r *run) touch(a *account) {
	r.starting[assignment].fix(a)
	r.starting[provisioning].fix(a)
}

func (r *run) loop(ctx context.Context) {
	r.ctx, r.cancel = context.WithCancel(context.WithoutCancel(ctx))
	r.writes, r.cancelWrites = context.WithCancel(r.ctx)
	r.timer = time.NewTimer(time.Hour)
	defer r.wg.Wait()
	defer r.cancel()
	defer r.cancelWrites()
	defer r.timer.Stop()
	// Asked before the first write: a run that begins when it has already been
	// stopped writes nothing.
	r.over, r.stopWriting = ctx.Done(), r.opt.StopWriting
	r.checkStops(ctx)
	for i, n := range r.waits {
		if n == 0 {
			r.enqueue(int32(i))
		}
	}
	for {
		r.dispatch()
		if r.idle() {
			return
		}
		r.wait(ctx)
	}
}

func (r *run) checkStops(ctx context.Context) {
	select {
	case err := <-r.stopWriting:
		r.loseLease(err)
	default:
	}
	if ctx.Err() != nil && r.over != nil {
		r.interrupt(ctx)
	}
}

// idle says that nothing is in flight, and so nothing more will happen.
func (r *run) idle() bool {
	return r.calls == 0 && len(r.jobs) == 0 && len(r.timers) == 0
}

// wait sleeps until something happens, and takes in all that has.
func (r *run) wait(ctx context.Context) {
	r.timer.Reset(time.Until(r.nextWake()))
	select {
	case answer := <-r.answers:
		answer()
	case <-r.timer.C:
	case <-r.over:
	case err := <-r.stopWriting:
		r.loseLease(err)
	}
	r.checkStops(ctx)
	for range len(r.answers) {
		(<-r.answers)()
	}
	r.tick(time.Now())
}

func (r *run) nextWake() time.Time {
	wakes := []time.Time{r.reportAt}
	if len(r.timers) > 0 {
		wakes = append(wakes, r.timers[0].at)
	}
	if at, ok := r.pollAt(); ok {
		wakes = append(wakes, at)
	}
	if !r.grace.IsZero() && r.ctx.Err() == nil {
		wakes = append(wakes, r.grace)
	}
	return slices.MinFunc(wakes, time.Time.Compare)
}

// tick does what time alone brings about.
func (r *run) tick(now time.Time) {
	for len(r.timers) > 0 && !r.timers[0].at.After(now) {
		do := r.timers[0].do
		r.timers = r.timers[1:]
		do()
	}
	if !r.grace.IsZero() && !now.Before(r.grace) {
		r.abandonAll()
	}
	if at, ok := r.pollAt(); ok && !at.After(now) {
		r.startPoll(now)
	}
	if !r.reportAt.After(now) {
		r.reportAt = now.Add(progressEvery)
		r.reportProgress()
	}
}

// call runs f in a goroutine of its own; what f returns is run by the loop.
func (r *run) call(f func() func()) {
	r.calls++
	r.wg.Go(func() {
		answer := f()
		r.answers <- func() {
			r.calls--
			answer()
		}
	})
}
