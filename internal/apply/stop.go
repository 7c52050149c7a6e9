package apply

import (
	"cmp"
	"context"
	"errors"
	"time"

	"github.com/rolecall-dev/rolecall/internal/diag"
	"github.com/rolecall-dev/rolecall/internal/plan"
)

func (r *run) interrupt(ctx context.Context) {
	r.over = nil
	detail := "nothing new was started; what was in flight was waited for"
	if cause := context.Cause(ctx); !errors.Is(cause, context.Canceled) {
		detail = cause.Error() + "; " + detail
	}
	r.halt(StopInterrupted, diag.Diagnostic{
		Code: CodeInterrupted, Summary: "the run was interrupted", Detail: detail,
	}.With(again("", " to do what is left")))
}

// nothingLeft says of a run that was interrupted while its last jobs ran that it
// needs no other one, but for what failed.
func nothingLeft(s *Stop, failed bool) *Stop {
	now := *s
	now.Finding.Severity = diag.Warning
	now.Finding.Detail = "everything had been started; what was in flight was waited for, and nothing is left"
	now.Finding.Hint, now.Finding.Remedy = "there is nothing more to do, as the next plan shows", diag.Remedy{}
	if failed {
		now.Finding.Severity = diag.Error
		now.Finding.Detail += " but what failed"
		now.Finding = now.Finding.With(again("fix what failed, then ", ""))
	}
	return &now
}

// loseLease ends even the calls that are waiting for the quota: another writer
// may be at work already. What polling still shows is taken in.
func (r *run) loseLease(err error) {
	r.stopWriting = nil
	r.cancelWrites()
	if err == nil {
		err = errors.New("the lease ended")
	}
	r.halt(StopLease, diag.Diagnostic{
		Code: CodeLeaseLost, Summary: "the lock was lost, so all writes were stopped", Detail: err.Error(),
	}.With(again("see who holds the lock, wait for that run to end, then ", "")))
}

func (r *run) loseCredentials(o Outcome) {
	d := o.Verdict.Finding
	if d.Summary == "" {
		d.Summary = "AWS no longer takes the credentials"
		d = d.With(again("sign in again, then ", " to do what is left"))
	}
	d.Code, d.Detail = cmp.Or(d.Code, CodeCredentials), cmp.Or(d.Detail, o.Reason)
	r.halt(StopCredentials, d)
}

// again is the remedy of applying once more.
func again(first, then string) diag.Remedy {
	return diag.Remedy{Way: diag.ApplyAgain, First: first, Then: then}
}

// halt ends all starts. Only the first reason counts, but the lease is lost
// whatever else has stopped the run.
func (r *run) halt(why StopReason, finding diag.Diagnostic) {
	if r.stop != nil && why != StopLease {
		return
	}
	if r.stop == nil {
		r.grace = time.Now().Add(r.opt.Grace)
	}
	finding.Severity = diag.Error
	r.stop = &Stop{Reason: why, Finding: finding}
	r.timers = nil
	r.opt.Events(Event{Type: Stopping, At: time.Now(), Stop: why, Finding: &finding})
}

// abandonAll gives up what is in flight: the grace after a stop is over.
func (r *run) abandonAll() {
	r.cancel()
	for _, j := range r.jobs {
		r.notSeen(j)
	}
	r.jobs = nil
}

// notSeen notes that the end of a job was not seen because the run stopped.
func (r *run) notSeen(j *job) {
	l := r.leftBy[j.task.change]
	l.Why, l.Jobs = Unknown, append(l.Jobs, j.ID)
	r.leftBy[j.task.change] = l
}

// classify asks the target what an error means, but for those that the run
// itself brought about.
func (r *run) classify(i int32, err error) Verdict {
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return Verdict{Cause: Transient}
	}
	return r.target.Classify(r.g.changes[i], err)
}

func (r *run) emit(e Event, i int32) {
	c := &r.g.changes[i]
	e.At, e.ID, e.Source, e.Change = time.Now(), c.ID, c.Source, c
	r.opt.Events(e)
}

// result says of every change what became of it.
func (r *run) result() *Result {
	r.concludePending()
	r.leaveRest()
	r.reportProgress()
	out := &Result{Stopped: r.stop, Stats: r.stats, Failed: []Failure{}, Left: []Left{}}
	out.Done = make([]plan.ID, 0, r.counts.Done)
	for i := range r.g.changes {
		switch id := r.g.changes[i].ID; r.status[i] {
		case done:
			out.Done = append(out.Done, id)
		case failed:
			out.Failed = append(out.Failed, r.failure[int32(i)])
		default:
			l := r.leftBy[int32(i)]
			l.ID = id
			out.Left = append(out.Left, l)
		}
	}
	if out.Interrupted = r.stop != nil && r.stop.Reason == StopInterrupted; out.Interrupted && len(out.Left) == 0 {
		out.Stopped = nothingLeft(r.stop, !out.Complete())
	}
	out.Stats.Retries, out.Stats.JobsDone = r.counts.Retries, r.counts.JobsDone
	out.Stats.Seconds = time.Since(r.begun).Seconds()
	out.Stats.JobSeconds = r.poll.latency[assignment].mean.Seconds()
	return out
}

// leaveRest leaves what neither ended nor was left yet: after a stop
// everything, else what an account waits for whose job never ended.
func (r *run) leaveRest() {
	culprit := map[int32]int32{} // by change, the one whose job never ended plus one
	for _, i := range r.g.order() {
		if r.status[i] != waiting && r.status[i] != running {
			continue
		}
		l := r.leftBy[i]
		switch {
		case l.Why != "":
		case r.stop == nil:
			l = r.behindAbandoned(i, culprit)
		case r.status[i] == running && r.tries[i].last == Transient:
			l.Why = Unknown
		default:
			l.Why = NotStarted
		}
		r.leftBy[i] = l
		r.end(i, left)
		delete(r.tries, i)
	}
}

func (r *run) behindAbandoned(i int32, culprit map[int32]int32) Left {
	by := culprit[i]
	if by == 0 && r.home[i] != nil {
		by = r.home[i].closed
	}
	if by == 0 && len(r.abandoned) > 0 {
		by = r.abandoned[0] + 1
	}
	if by == 0 {
		return Left{Why: NotStarted}
	}
	for _, d := range r.g.dependants[i] {
		culprit[d] = by
	}
	return Left{Why: AccountBusy, BlockedBy: r.g.changes[by-1].ID}
}
