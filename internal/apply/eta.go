package apply

import (
	"cmp"
	"time"
)

// pace is what has been learned of how long changes of a class keep their places
// under its limit, waiting for the quota and for polls included, and how many of
// them remain.
type pace struct {
	remaining int           // changes that have not ended
	ended     int           // tasks that nothing was tried again of
	mean      time.Duration // of each, with what was tried before
	tried     time.Duration // by tasks that are tried again, since one last ended
}

// learn takes in a task that is over. The first twenty are forgotten: they ran while
// the engine was still finding out when to poll, and waited for the first looks.
func (p *pace) learn(t *task) {
	p.tried += time.Since(t.begun)
	if !t.worst.Succeeded && t.worst.Verdict.Cause.passes() {
		return
	}
	p.ended++
	window := min(p.ended, 4)
	if p.ended > 20 {
		window = min(p.ended-20, 100)
	}
	p.mean += (p.tried - p.mean) / time.Duration(window)
	p.tried = 0
}

// each returns how long a change of the class keeps its place.
func (r *run) each(c class) time.Duration {
	if p := &r.pace[c]; p.ended > 0 || c == synchronous {
		return p.mean
	}
	return cmp.Or(r.poll.latency[c].mean, assumedLatency)
}

// eta returns how much longer the run will take: the longest of what each limit
// allows. It is 0 while nothing has been learned.
func (r *run) eta() time.Duration {
	if r.pace[synchronous].ended+r.pace[assignment].ended+r.pace[provisioning].ended == 0 {
		return 0
	}
	out := max(
		r.etaOf(synchronous, r.pace[synchronous].remaining, r.opt.Workers),
		r.etaOf(assignment, r.pace[assignment].remaining, r.opt.MaxOutstanding),
		r.etaOf(provisioning, r.provisionsLeft(), r.opt.MaxProvisioning),
	)
	for _, a := range r.accounts { // their jobs run one after the other
		if a.closed == 0 {
			out = max(out, time.Duration(a.remaining)*r.each(assignment))
		}
	}
	if r.opt.TPS > 0 {
		calls := float64(r.pace[synchronous].remaining) + float64(r.pace[assignment].remaining)*(1+callsForPolling)
		out = max(out, time.Duration(calls/r.opt.TPS*float64(time.Second)))
	}
	return out
}

// etaOf returns how long what remains of a class takes with so many places. What is
// under way is half done on average, and near the end some places stand empty.
func (r *run) etaOf(c class, remaining, places int) time.Duration {
	if remaining == 0 {
		return 0
	}
	rounds := (float64(remaining) - float64(min(r.out[c], remaining))/2) / float64(places)
	return time.Duration(max(rounds+.25, .5) * float64(r.each(c)))
}

// provisionsLeft counts the provisioning jobs to come, as far as known.
func (r *run) provisionsLeft() int {
	n := r.pace[provisioning].remaining
	for _, p := range r.provs {
		if p.open > 1 && r.status[p.change] == running {
			n += p.open - 1
		}
	}
	return n
}

func (r *run) reportProgress() {
	p := r.counts
	p.JobsRunning = len(r.jobs)
	p.ElapsedSeconds = time.Since(r.begun).Seconds()
	if p.Done+p.Failed+p.Left < p.Total && r.stop == nil {
		p.ETASeconds = r.eta().Seconds()
	}
	r.opt.Events(Event{Type: Progressing, At: time.Now(), Progress: &p})
}
