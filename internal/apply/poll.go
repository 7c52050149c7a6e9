package apply

import (
	"context"
	"slices"
	"time"
)

// Polling has a budget of calls, so that an assignment costs at most 1.8 in all; what
// is left of that is for lists of which a job is on the second page. A target answers
// for three or more jobs of one kind with one call (it lists), and for one or two with
// a call each.
const (
	callsForPolling = 0.65 // per job; with the call that starts it, 1.65
	listFrom        = 3
	callsToSpare    = 3.0 // of so many calls that the quota allows, one may poll
	firstLook       = 50 * time.Millisecond
	shortestGap     = 5 * time.Millisecond
)

// poller decides when to poll. It learns how long jobs take and asks just
// after the expected end, then often.
type poller struct {
	latency [classes]latency
	busy    bool // a Poll is under way
	last    time.Time
	oldest  time.Duration // the age of the oldest job at the last poll
	credit  float64       // calls that polling may still make without falling behind
	errors  int           // in a row
	notTill time.Time     // after an error
}

// due returns when a job should be looked at for the first time.
func (p *poller) due(j *job) time.Time {
	l := p.latency[j.task.class]
	if l.count == 0 {
		return j.begun.Add(firstLook)
	}
	return j.begun.Add(l.mean + l.mean/50 + time.Millisecond - l.spread)
}

// pollAt returns when to poll next; false where nothing is to be polled or an
// answer is awaited.
func (r *run) pollAt() (time.Time, bool) {
	if r.poll.busy || len(r.jobs) == 0 {
		return time.Time{}, false
	}
	at := r.poll.due(r.jobs[0])
	for _, j := range r.jobs[1:] {
		if due := r.poll.due(j); due.Before(at) {
			at = due
		}
	}
	return slices.MaxFunc([]time.Time{at, r.poll.last.Add(r.pollGap()), r.poll.notTill}, time.Time.Compare), true
}

// pollGap is the least time between two polls: a part of how long jobs take, no more
// calls than the quota has to spare, and longer where the budget is used up. One or
// two jobs, which no budget counts, are looked at more often.
func (r *run) pollGap() time.Duration {
	var l latency // the shortest that is known
	for _, j := range r.jobs {
		if o := r.poll.latency[j.task.class]; o.count > 0 && (l.count == 0 || o.mean < l.mean) {
			l = o
		}
	}
	few := len(r.jobs) < listFrom
	gap, usual := shortestGap, l.mean/7
	switch {
	case l.count == 0:
		gap = max(gap, r.poll.oldest/3)
	case few:
		gap = max(gap, min(max(l.spread/3, l.mean/30), usual))
	case r.poll.credit > 0:
		gap = max(gap, usual*2/3)
	default:
		gap = max(gap, usual*3/2, r.poll.oldest/9)
	}
	if r.opt.TPS > 0 && !few {
		gap = max(gap, time.Duration(callsToSpare/r.opt.TPS*float64(time.Second)))
	}
	return gap
}

// pollBatch returns the jobs to ask about, and how many calls that is: of a kind with
// three or more, all, because that is one call; of others only those that are due.
func (r *run) pollBatch(now time.Time) (batch []*job, calls int) {
	all, due := map[JobKind]int{}, map[JobKind]int{}
	isDue := func(j *job) bool { return !r.poll.due(j).After(now) }
	for _, j := range r.jobs {
		all[j.Kind]++
		if isDue(j) {
			due[j.Kind]++
		}
	}
	for _, j := range r.jobs {
		if isDue(j) || due[j.Kind] > 0 && all[j.Kind] >= listFrom {
			batch = append(batch, j)
		}
	}
	for kind, n := range due {
		if all[kind] >= listFrom {
			n = 1
		}
		calls += n
	}
	return batch, calls
}

func (r *run) startPoll(now time.Time) {
	batch, calls := r.pollBatch(now)
	if len(batch) == 0 {
		return
	}
	asked := make([]Job, len(batch))
	r.poll.oldest = 0
	for k, j := range batch {
		asked[k] = j.Job
		r.poll.oldest = max(r.poll.oldest, now.Sub(j.begun))
	}
	r.poll.busy, r.poll.last = true, now
	r.poll.credit = max(r.poll.credit-float64(calls), -10)
	r.stats.Polls++
	ctx, cancel := context.WithTimeout(r.ctx, r.opt.Deadline)
	r.call(func() func() {
		defer cancel()
		outcomes, err := r.target.Poll(ctx, asked)
		return func() { r.polled(batch, now, outcomes, err) }
	})
}
