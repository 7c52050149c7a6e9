package apply

import (
	"fmt"
	"slices"
	"time"

	"github.com/rolecall-dev/rolecall/internal/diag"
)

// loseOverdue abandons jobs that AWS has not ended in time. A job in all
// accounts of a set has that much more time as it has accounts.
func (r *run) loseOverdue(now time.Time) {
	for _, j := range slices.Clone(r.jobs) {
		patience := r.opt.JobDeadline + time.Duration(len(j.task.accounts()))*assumedLatency
		if now.Sub(j.begun) < patience {
			continue
		}
		r.lose(j, Outcome{Verdict: Verdict{Cause: Transient, Finding: diag.Diagnostic{
			Code:    CodeJobLost,
			Summary: fmt.Sprintf("AWS has not ended its job to %s within %s", r.g.changes[j.task.change].Describe(), patience),
			Detail:  fmt.Sprintf("request %s is still in progress; no other job was started in its account", j.ID),
		}.With(again("see whether the account is suspended or closed; wait for the job to end, then ", ""))}})
	}
}

// lose abandons a job whose end cannot be seen. It may still be running, so
// its account stays closed and its place under the limit stays taken.
func (r *run) lose(j *job, o Outcome) {
	if !slices.Contains(r.jobs, j) {
		return
	}
	i := j.task.change
	r.removeJob(j)
	if r.stop != nil {
		r.notSeen(j)
		return
	}
	r.lost = append(r.lost, i)
	closing := slices.Clone(j.task.accounts())
	if p := j.task.prov; p != nil {
		p.lose(closing, o)
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
