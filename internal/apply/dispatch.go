package apply

import (
	"context"
	"time"

	"github.com/rolecall-dev/rolecall/internal/plan"
)

// enqueue takes in a change that waits for no other any more.
func (r *run) enqueue(i int32) {
	if r.home[i] == nil {
		r.ready.push(r.keys[i])
		return
	}
	r.home[i].ready[assignment].push(r.keys[i])
	r.touch(r.home[i])
}

// dispatch starts all that the limits allow.
func (r *run) dispatch() {
	if r.stop != nil {
		return
	}
	r.reserveForAll()
	for r.out[provisioning] < r.opt.MaxProvisioning && len(r.starting[provisioning].heap) > 0 {
		a := r.starting[provisioning].heap[0]
		r.startProvision(r.provs[changeOf(a.ready[provisioning].pop())], a)
	}
	for r.out[assignment] < r.opt.MaxOutstanding && len(r.starting[assignment].heap) > 0 {
		a := r.starting[assignment].heap[0]
		t := &task{change: changeOf(a.ready[assignment].pop()), class: assignment, in: a}
		r.begin(t, func() { r.start(t) })
	}
	for r.out[synchronous] < r.opt.Workers && len(r.ready) > 0 {
		r.startSynchronous(changeOf(r.ready.pop()))
	}
}

func (r *run) startSynchronous(i int32) {
	t := &task{change: i, class: synchronous}
	if r.g.changes[i].Kind == plan.Provisioning {
		r.begin(t, func() { r.ask(t) })
	} else {
		r.begin(t, func() { r.start(t) })
	}
}

// begin takes the task's places under the limits, and makes its call.
func (r *run) begin(t *task, call func()) {
	t.call, t.begun = call, time.Now()
	r.out[t.class]++
	for _, a := range t.accounts() {
		a.task = t
		if t.prov != nil && a.reserved == t.prov {
			a.reserved = nil
		}
		r.touch(a)
	}
	r.stats.MaxOutstanding = max(r.stats.MaxOutstanding, r.out[assignment])
	call()
}

// release gives the task's places back.
func (r *run) release(t *task) {
	r.out[t.class]--
	for _, a := range t.accounts() {
		a.task = nil
		r.touch(a)
	}
}

// accounts are those in which no other job may run.
func (t *task) accounts() []*account {
	switch {
	case t.in != nil:
		return []*account{t.in}
	case t.class == provisioning:
		return t.prov.accounts
	default:
		return nil
	}
}

// attempt counts one more attempt of a change.
func (r *run) attempt(i int32) {
	t := r.tries[i]
	if t == nil {
		t = &tries{first: time.Now()}
		r.tries[i] = t
		r.status[i] = running
		r.counts.Running++
		r.emit(Event{Type: Started}, i)
	}
	t.count++
}

// start makes the call for a change that is no provisioning.
func (r *run) start(t *task) {
	r.attempt(t.change)
	c := r.g.changes[t.change]
	r.write(t, func(ctx context.Context) ([]Job, error) { return r.target.Start(ctx, c) })
}

// write makes a call that writes. It ends, so that none hangs for ever.
func (r *run) write(t *task, call func(context.Context) ([]Job, error)) {
	r.stats.Starts++
	ctx, cancel := context.WithTimeout(r.writes, r.opt.Deadline)
	r.call(func() func() {
		defer cancel()
		jobs, err := call(ctx)
		return func() { r.started(t, jobs, err) }
	})
}

// called notes what the task's call returned.
func (r *run) called(t *task, err error) {
	t.worst = Outcome{Succeeded: true}
	if err != nil {
		t.worst = Outcome{Reason: err.Error(), Verdict: r.classify(t.change, err)}
	}
}

// started takes in what a call that starts work returned. Jobs are followed even
// where the call also failed.
func (r *run) started(t *task, jobs []Job, err error) {
	r.called(t, err)
	if len(jobs) == 0 {
		r.finished(t, err != nil)
		return
	}
	now := time.Now()
	for _, j := range jobs {
		if j.Started.IsZero() {
			j.Started = now
		}
		r.jobs = append(r.jobs, &job{Job: j, task: t, begun: now})
	}
	t.jobs = len(jobs)
	r.poll.credit += callsForPolling * float64(len(jobs))
}

// finished takes in the end of a task: its call started no job, or its jobs are
// over. refused says that the call itself failed.
func (r *run) finished(t *task, refused bool) {
	if refused && r.callAgain(t) {
		return
	}
	r.pace[t.class].learn(t)
	r.release(t)
	if t.prov != nil {
		r.provisioned(t)
		return
	}
	r.decide(t.change, t.worst)
}

// decide does what follows from how an attempt of a change ended.
func (r *run) decide(i int32, o Outcome) {
	switch {
	case o.Succeeded || o.Verdict.Cause == Done:
		r.succeed(i)
	case o.Verdict.Cause == Credentials:
		r.loseCredentials(o)
	case o.Verdict.Cause == Futile:
		r.giveIn(i, o)
	case o.Verdict.Cause.passes():
		r.retry(i, o)
	default:
		r.fail(i, o)
	}
}

func (r *run) succeed(i int32) {
	r.end(i, done)
	r.emit(Event{Type: Succeeded, TookSeconds: time.Since(r.tries[i].first).Seconds(), Attempt: r.tries[i].count}, i)
	delete(r.tries, i)
	r.freeDependants(i)
}

// freeDependants lets what waits for a change go on.
func (r *run) freeDependants(i int32) {
	for _, d := range r.g.dependants[i] {
		if r.waits[d]--; r.waits[d] == 0 && r.status[d] == waiting {
			r.enqueue(d)
		}
	}
}

// end takes a change out of what remains.
func (r *run) end(i int32, s status) {
	if r.status[i] == running {
		r.counts.Running--
	}
	r.status[i] = s
	switch s {
	case done:
		r.counts.Done++
	case failed:
		r.counts.Failed++
	case left:
		r.counts.Left++
	}
	r.pace[classOf(&r.g.changes[i])].remaining--
	if a := r.home[i]; a != nil {
		a.remaining--
		r.touch(a)
	}
}
