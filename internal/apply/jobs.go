package apply

import (
	"fmt"
	"slices"
	"time"

	"github.com/rolecall-dev/rolecall/internal/diag"
)

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
	r.abandonOverdue(now)
}

func (r *run) jobEnded(j *job) {
	r.removeJob(j)
	r.counts.JobsDone++
	if j.task.jobs--; j.task.jobs == 0 {
		r.finished(j.task, false)
	}
}

func (r *run) removeJob(j *job) {
	r.jobs = slices.DeleteFunc(r.jobs, func(o *job) bool { return o == j })
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
			r.abandon(j, o)
		}
	}
}

// abandonOverdue abandons jobs that AWS has not ended in time. A job in all
// accounts of a set has that much more time as it has accounts.
func (r *run) abandonOverdue(now time.Time) {
	for _, j := range slices.Clone(r.jobs) {
		patience := r.opt.JobDeadline + time.Duration(len(j.task.accounts()))*assumedLatency
		if now.Sub(j.begun) < patience {
			continue
		}
		r.abandon(j, Outcome{Verdict: Verdict{Cause: Transient, Finding: diag.Diagnostic{
			Code:    CodeJobLost,
			Summary: fmt.Sprintf("AWS has not ended its job to %s within %s", r.g.changes[j.task.change].Describe(), patience),
			Detail:  fmt.Sprintf("request %s is still in progress; no other job was started in its account", j.ID),
		}.With(again("see whether the account is suspended or closed; wait for the job to end, then ", ""))}})
	}
}

// abandon gives up a job whose end cannot be seen. It may still be running, so
// its account stays closed and its place under the limit stays taken.
func (r *run) abandon(j *job, o Outcome) {
	if !slices.Contains(r.jobs, j) {
		return
	}
	i := j.task.change
	r.removeJob(j)
	if r.stop != nil {
		r.notSeen(j)
		return
	}
	r.abandoned = append(r.abandoned, i)
	closing := slices.Clone(j.task.accounts())
	if p := j.task.prov; p != nil {
		p.abandon(closing, o)
		r.provisionOver(p)
	} else if r.status[i] == running {
		r.fail(i, o)
	}
	for _, a := range closing {
		r.close(a, i)
	}
}

// close keeps an account from all further jobs because the change's job may
// still run in it.
func (r *run) close(a *account, by int32) {
	a.closed = by + 1
	r.touch(a)
	if p := a.reserved; p != nil {
		r.split(p)
	}
	for len(a.ready[provisioning]) > 0 {
		p := r.provs[changeOf(a.ready[provisioning].pop())]
		p.skip(a)
		r.provisionOver(p)
	}
}
