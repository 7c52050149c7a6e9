package apply

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/rolecall-dev/rolecall/internal/diag"
)

// passes says that the cause goes away by itself.
func (c Cause) passes() bool {
	switch c {
	case Throttled, Conflict, Propagation, Transient:
		return true
	default:
		return false
	}
}

// The first wait and the longest one, by cause. Conflicts are with jobs, which
// take seconds; the others pass sooner.
func waits(c Cause) (first, most time.Duration) {
	if c == Conflict {
		return time.Second, 15 * time.Second
	}
	return 500 * time.Millisecond, 20 * time.Second
}

// backoff returns how long to wait before attempt number count+1: between half
// and all of a time that doubles, and never less than the answer asked for.
func (r *run) backoff(v Verdict, count int) time.Duration {
	first, most := waits(v.Cause)
	d := min(first<<min(count-1, 10), most)
	return max(v.After, d/2+time.Duration(r.opt.jitter()*float64(d/2)))
}

// callAgain makes a task's call again without giving up its places, where that is
// the safe way. It says false where the task is over.
//
// After an answer was lost there may be a job that we know nothing of, so
// nothing else may start in its account until such a job would be over. And
// what is throttled keeps its place, so that a thousand other changes do not
// run into the same wall.
func (r *run) callAgain(t *task) bool {
	v := t.worst.Verdict
	r.tries[t.change].met(v.Cause)
	if r.stop != nil || v.Cause != Throttled && v.Cause != Transient {
		return false
	}
	delay := r.backoff(v, r.tries[t.change].count)
	if v.Cause == Transient && t.class != synchronous {
		delay = max(delay, r.poll.surelyOver(t.class))
	}
	return r.later(t.change, t.worst, delay, t.call)
}

// timers are what has to be done later, the earliest first.
type timers []timer

type timer struct {
	at time.Time
	do func()
}

func (t *timers) add(at time.Time, do func()) {
	i, _ := slices.BinarySearchFunc(*t, at, func(o timer, at time.Time) int { return o.at.Compare(at) })
	*t = slices.Insert(*t, i, timer{at, do})
}

// retry queues a change again after a while; meanwhile others have its place.
func (r *run) retry(i int32, o Outcome) {
	r.tries[i].met(o.Verdict.Cause)
	if r.stop != nil {
		return
	}
	if !r.later(i, o, r.backoff(o.Verdict, r.tries[i].count), func() { r.enqueue(i) }) {
		r.giveUp(i, o)
	}
}

// later tries a change again after a delay; false where its time is up before.
func (r *run) later(i int32, o Outcome, delay time.Duration, do func()) bool {
	if time.Since(r.tries[i].since)+delay >= r.opt.Deadline {
		return false
	}
	r.counts.Retries++
	r.emit(Event{
		Type: Retried, Attempt: r.tries[i].count, Cause: o.Verdict.Cause, Reason: o.Reason,
		DelaySeconds: delay.Seconds(),
	}, i)
	r.timers.add(time.Now().Add(delay), do)
	return true
}

// met notes an error of a change.
func (t *tries) met(c Cause) {
	t.last = c
	if t.since.IsZero() {
		t.since = time.Now()
	}
}

func (r *run) giveUp(i int32, o Outcome) {
	t := r.tries[i]
	o.Verdict.Finding = diag.Diagnostic{
		Code:    CodeGaveUp,
		Summary: fmt.Sprintf("gave up after %d attempts in %s: cannot %s", t.count, time.Since(t.since).Round(time.Second), r.g.changes[i].Describe()),
		Detail:  fmt.Sprintf("the last answer was (%s): %s", o.Verdict.Cause, o.Reason),
	}.With(again("", "; what is done already is found and not done twice"))
	r.fail(i, o)
}

// fail ends a change that will not be done in this run, and leaves all that
// depends on it. A provisioning is first asked where its set is still outdated.
func (r *run) fail(i int32, o Outcome) {
	f := r.failureOf(i, o)
	if p := r.provs[i]; p != nil && p.failure == nil && r.stop == nil {
		p.failure = &f
		r.ready.push(r.keys[i])
		return
	}
	r.conclude(i, f)
}

func (r *run) failureOf(i int32, o Outcome) Failure {
	f := Failure{ID: r.g.changes[i].ID, Cause: o.Verdict.Cause, Reason: o.Reason, Finding: r.finding(i, o)}
	if t := r.tries[i]; t != nil { // else it failed before its first attempt
		f.Attempts = t.count
	}
	return f
}

// giveIn ends a futile change. Nobody has anything by what it was to take away,
// so what waits for it goes on.
func (r *run) giveIn(i int32, o Outcome) {
	r.note(i, r.failureOf(i, o))
	r.freeDependants(i)
}

func (r *run) conclude(i int32, f Failure) {
	r.note(i, f)
	r.leaveDependants(i)
}

// note keeps a failure and tells of it.
func (r *run) note(i int32, f Failure) {
	e := Event{Type: Failed, Attempt: f.Attempts, Cause: f.Cause, Reason: f.Reason, Finding: &f.Finding}
	if t := r.tries[i]; t != nil {
		e.TookSeconds = time.Since(t.first).Seconds()
	}
	delete(r.tries, i)
	r.end(i, failed)
	r.failure[i] = f
	r.emit(e, i)
}

// leaveDependants leaves all that can never start because the change failed.
func (r *run) leaveDependants(root int32) {
	for stack := []int32{root}; len(stack) > 0; {
		i := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		for _, d := range r.g.dependants[i] {
			if r.status[d] == waiting {
				r.end(d, left)
				r.leftBy[d] = Left{Why: Blocked, BlockedBy: r.g.changes[root].ID}
				stack = append(stack, d)
			}
		}
	}
}

// finding is what a failure tells the user: the target's own, or else made of
// AWS's words, always with the place in the config.
func (r *run) finding(i int32, o Outcome) diag.Diagnostic {
	c, d := &r.g.changes[i], o.Verdict.Finding
	if d.Summary == "" {
		d.Code, d.Summary = CodeFailed, "cannot "+c.Describe()
		d = d.With(again("put right what AWS names, then ", ""))
	}
	d.Code, d.Detail = cmp.Or(d.Code, CodeFailed), cmp.Or(d.Detail, o.Reason)
	if d.Range.IsZero() {
		d.Range = c.Source
	}
	d.Severity = diag.Error
	if o.Verdict.Cause == Futile {
		d.Severity = diag.Warning
	}
	return d
}
