package apply

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/rolecall-dev/rolecall/internal/diag"
	"github.com/rolecall-dev/rolecall/internal/plan"
)

// fake is a place to change: it has objects, runs jobs that take time, keeps a
// quota of calls, and notes every rule of AWS that the engine breaks.
type fake struct {
	latency     func(n int) time.Duration // of the n-th job, from 0
	tps         float64                   // 0 means no limit
	trip        time.Duration             // of one call, there and back
	cap         int                       // outstanding assignment jobs
	provCap     int
	fault       func(call string, n int, c plan.Change) error // the request is lost
	loses       func(call string, n int, c plan.Change) error // the answer is lost
	jobFault    func(c plan.Change, n int) (reason string)
	oldestFirst bool // how jobs are listed
	page        int  // where the list is read from
	hangs       func(c plan.Change) bool
	differs     map[plan.ID]bool
	needs       map[plan.ID][]plan.ID // what must be done before

	mu         sync.Mutex
	free       time.Time // when the quota allows the next call
	objects    map[string]int
	outdated   map[string][]string // by set
	provided   map[string]int      // accounts that have the set
	done       map[plan.ID]bool
	jobs       map[string]*fakeJob
	running    []*fakeJob
	nextJob    int
	calls      map[string]int
	seq        int
	violations []string
	most       int
	started    []plan.ID
	wrote      time.Time // when the last write was
}

type fakeJob struct {
	id      string
	change  plan.Change
	account []string
	ends    time.Time
	reason  string
}

func newFake() *fake {
	return &fake{
		latency: func(int) time.Duration { return 3 * time.Second }, cap: 10, provCap: 3,
		objects: map[string]int{}, outdated: map[string][]string{}, provided: map[string]int{},
		done: map[plan.ID]bool{}, jobs: map[string]*fakeJob{}, calls: map[string]int{},
	}
}

// expect tells the fake which order the plan asks for.
func (f *fake) expect(changes []plan.Change) *fake {
	f.needs = map[plan.ID][]plan.ID{}
	for _, c := range changes {
		f.needs[c.ID] = c.DependsOn
	}
	return f
}

var (
	errGone    = errors.New("credentials expired")
	errDiffers = errors.New("changed since the plan")
)

type fault struct {
	cause Cause
	text  string
}

func (e fault) Error() string { return e.text }

// enter is the way of every call: the quota, half the trip, a fault or not.
func (f *fake) enter(ctx context.Context, call string, c plan.Change) error {
	f.mu.Lock()
	f.calls[call]++
	f.seq++
	n := f.seq
	var wait time.Duration
	if f.tps > 0 {
		now := time.Now()
		if f.free.Before(now) {
			f.free = now
		}
		wait = f.free.Sub(now)
		f.free = f.free.Add(time.Duration(float64(time.Second) / f.tps))
	}
	f.mu.Unlock()
	if err := sleep(ctx, wait+f.trip/2); err != nil {
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.fault != nil {
		return f.fault(call, n, c)
	}
	return nil
}

// leave is the way back: half the trip, and an answer that may be lost.
func (f *fake) leave(call string, c plan.Change) error {
	time.Sleep(f.trip / 2)
	if f.loses == nil {
		return nil
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.seq++
	return f.loses(call, f.seq, c)
}

func sleep(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}

func (f *fake) violate(format string, args ...any) {
	f.violations = append(f.violations, fmt.Sprintf(format, args...))
}

func (f *fake) Start(ctx context.Context, c plan.Change) ([]Job, error) {
	if err := f.enter(ctx, "Start", c); err != nil {
		return nil, err
	}
	f.mu.Lock()
	if f.differs[c.ID] {
		f.mu.Unlock()
		return nil, errDiffers
	}
	f.checkOrder(c)
	f.started = append(f.started, c.ID)
	f.wrote = time.Now()
	var jobs []Job
	if c.Kind == plan.Assignment {
		jobs = []Job{f.newJob(c, []string{c.Key.Account})}
	} else {
		f.apply(c)
	}
	f.mu.Unlock()
	if err := f.leave("Start", c); err != nil {
		return nil, err
	}
	return jobs, nil
}

func (f *fake) checkOrder(c plan.Change) {
	for _, d := range f.needs[c.ID] {
		if !f.done[d] {
			f.violate("%s started before %s was done", c.ID, d)
		}
	}
}

func (f *fake) Outdated(ctx context.Context, c plan.Change) (Outdated, error) {
	if err := f.enter(ctx, "Outdated", c); err != nil {
		return Outdated{}, err
	}
	f.mu.Lock()
	f.endJobs()
	out := Outdated{Accounts: slices.Clone(f.outdated[c.Key.PermissionSet]), Provisioned: f.provided[c.Key.PermissionSet]}
	if len(out.Accounts) == 0 {
		f.done[c.ID] = true
	}
	f.mu.Unlock()
	return out, f.leave("Outdated", c)
}

func (f *fake) Provision(ctx context.Context, c plan.Change, account string) (Job, error) {
	if err := f.enter(ctx, "Provision", c); err != nil {
		return Job{}, err
	}
	f.mu.Lock()
	f.checkOrder(c)
	f.wrote = time.Now()
	in := []string{account}
	if account == "" {
		in = slices.Clone(f.outdated[c.Key.PermissionSet])
		f.calls["ProvisionAll"]++
	}
	j := f.newJob(c, in)
	f.mu.Unlock()
	return j, f.leave("Provision", c)
}

func (f *fake) Classify(_ plan.Change, err error) Verdict {
	var known fault
	switch {
	case errors.As(err, &known):
		return Verdict{Cause: known.cause}
	case errors.Is(err, errDiffers):
		return Verdict{Cause: Permanent, Finding: diag.Diagnostic{Code: "test.differs", Summary: "changed since the plan"}}
	case errors.Is(err, errGone):
		return Verdict{Cause: Credentials}
	default:
		return Verdict{Cause: Permanent}
	}
}

func (f *fake) total() int {
	n := 0
	for name, c := range f.calls {
		if name != "ProvisionAll" {
			n += c
		}
	}
	return n
}
