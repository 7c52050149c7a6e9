package apply

import (
	"context"
	"time"
)

// Polling has a budget of calls, so that an assignment costs at most 1.8 in
// all; what is left of that is for lists of which a job is on the second page.
// A target answers for three or more jobs of one kind with one call (it lists),
// and for one or two with a call each.
const (
	callsForPolling = 0.65 // per job; with the call that starts it, 1.65
	listFrom        = 3
	callsToSpare    = 3.0 // of so many calls that the quota allows, one may poll
	// A job is looked at again after this part of the time that jobs take, and
	// while that is unknown after this part of its age.
	partOfLatency = 1.0 / 7
	partOfAge     = 1.0 / 3
	firstLook     = 50 * time.Millisecond
	shortestGap   = 5 * time.Millisecond
	// While no job has ended, this is what one is taken to need: AWS's own
	// sample ran 1,200 assignments at about 3 s each.
	assumedLatency = 3 * time.Second
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

// expected returns how long a job of the class takes, or is taken to.
func (p *poller) expected(c class) time.Duration {
	if p.latency[c].count == 0 {
		return assumedLatency
	}
	return p.latency[c].mean
}

// surelyOver returns the age at which a job that nobody follows should be over:
// somewhat more than the longest of late, and while few are known, than is
// assumed of a job.
func (p *poller) surelyOver(c class) time.Duration {
	longest := p.latency[c].longest
	if p.latency[c].count < 10 {
		longest = max(longest, assumedLatency)
	}
	return longest * 5 / 4
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
		at = earlier(at, r.poll.due(j))
	}
	return later(later(at, r.poll.last.Add(r.pollGap())), r.poll.notTill), true
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// pollGap is the least time between two polls: a part of how long jobs take,
// no more calls than the quota has to spare, and longer where the budget is
// used up. One or two jobs, which no budget counts, are looked at more often.
func (r *run) pollGap() time.Duration {
	p, l := &r.poll, r.pollLatency()
	usual := time.Duration(float64(l.mean) * partOfLatency)
	few := len(r.jobs) < listFrom
	var gap time.Duration
	switch {
	case l.count == 0:
		gap = time.Duration(float64(p.oldest) * partOfAge)
	case few:
		gap = l.lookAgain()
	case p.credit > 0:
		gap = usual * 2 / 3
	default:
		gap = max(usual*3/2, time.Duration(float64(p.oldest)*partOfAge/3))
	}
	if r.opt.TPS > 0 && !few {
		gap = max(gap, time.Duration(callsToSpare/r.opt.TPS*float64(time.Second)))
	}
	return max(gap, shortestGap)
}

// pollLatency returns the shortest known latency of the jobs under way.
func (r *run) pollLatency() latency {
	var out latency
	for _, j := range r.jobs {
		if l := r.poll.latency[j.task.class]; l.count > 0 && (out.count == 0 || l.mean < out.mean) {
			out = l
		}
	}
	return out
}

// pollBatch returns the jobs to ask about: of a kind with three or more, all,
// because that is one call; of others only those that are due.
func (r *run) pollBatch(now time.Time) []*job {
	count, due := map[JobKind]int{}, map[JobKind]bool{}
	for _, j := range r.jobs {
		count[j.Kind]++
		due[j.Kind] = due[j.Kind] || !r.poll.due(j).After(now)
	}
	var out []*job
	for _, j := range r.jobs {
		if count[j.Kind] >= listFrom && due[j.Kind] || !r.poll.due(j).After(now) {
			out = append(out, j)
		}
	}
	return out
}

// pollCost is what asking about the jobs costs, in calls.
func pollCost(batch []*job) float64 {
	count := map[JobKind]int{}
	for _, j := range batch {
		count[j.Kind]++
	}
	cost := 0
	for _, n := range count {
		if n >= listFrom {
			n = 1
		}
		cost += n
	}
	return float64(cost)
}

func (r *run) startPoll(now time.Time) {
	batch := r.pollBatch(now)
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
	r.poll.credit = max(r.poll.credit-pollCost(batch), -10)
	r.stats.Polls++
	ctx, cancel := context.WithTimeout(r.ctx, r.opt.Deadline)
	r.call(func() func() {
		defer cancel()
		outcomes, err := r.target.Poll(ctx, asked)
		return func() { r.polled(batch, now, outcomes, err) }
	})
}

// polled takes in what a poll told about the jobs asked for at the time.
func (r *run) polled(batch []*job, asked time.Time, outcomes map[string]Outcome, err error) {
	now := time.Now()
	r.poll.busy = false
	if r.ctx.Err() != nil {
		return // the jobs were given up meanwhile
	}
	var ended []*job
	for _, j := range batch {
		o, over := outcomes[j.ID]
		switch {
		case over:
			r.poll.latency[j.task.class].learn(j.ran, now.Sub(j.begun))
			j.task.worst = worse(j.task.worst, o)
			ended = append(ended, j)
		case err == nil:
			j.ran = asked.Sub(j.begun)
		}
	}
	for _, j := range ended {
		r.jobEnded(j)
	}
	r.pollFailed(batch, err, now)
	r.loseOverdue(now)
}

func (r *run) jobEnded(j *job) {
	r.removeJob(j)
	r.stats.JobsDone++
	r.counts.JobsDone++
	if j.task.jobs--; j.task.jobs == 0 {
		r.over(j.task, false)
	}
}

func (r *run) removeJob(j *job) {
	for k, other := range r.jobs {
		if other == j {
			r.jobs = append(r.jobs[:k], r.jobs[k+1:]...)
			return
		}
	}
}

// worse returns the outcome that counts where a change had several jobs: one
// that waiting does not mend, else one that it does, else success.
func worse(a, b Outcome) Outcome {
	rank := func(o Outcome) int {
		switch {
		case o.Succeeded || o.Verdict.Cause == Done:
			return 0
		case o.Verdict.Cause.passes():
			return 1
		default:
			return 2
		}
	}
	if rank(b) > rank(a) {
		return b
	}
	return a
}

// pollFailed takes in the error of a poll. What passes is waited for; what does
// not means that how these jobs end cannot be seen.
func (r *run) pollFailed(batch []*job, err error, now time.Time) {
	if err == nil {
		r.poll.errors = 0
		return
	}
	r.poll.errors++
	v := r.classify(batch[0].task.change, err)
	o := Outcome{Reason: err.Error(), Verdict: v}
	switch {
	case v.Cause == Credentials:
		r.loseCredentials(o)
		for _, j := range r.jobs {
			r.notSeen(j)
		}
		r.jobs = nil
	case v.Cause.passes() || v.Cause == Done:
		r.poll.notTill = now.Add(max(v.After, r.backoff(v, r.poll.errors)/2))
	default:
		for _, j := range batch {
			r.lose(j, o)
		}
	}
}
