package apply

import "time"

// rates are what has been learned of how long work takes, waiting for the
// quota and for polls included, and how much of it remains.
type rates struct {
	held [classes]holding
	// tasks counts those that are over; with retries there are more than changes.
	tasks     [classes]int
	remaining [classes]int  // changes that have not ended
	settled   [classes]int  // tasks that were not refused
	trip      time.Duration // the quickest call that started a job
}

func (s *rates) count(g *graph) {
	for i := range g.changes {
		s.remaining[classOf(&g.changes[i])]++
	}
}

// learn takes in a task that is over.
func (s *rates) learn(t *task) {
	s.held[t.class].learn(time.Since(t.begun))
	s.tasks[t.class]++
	if t.worst.Succeeded || !t.worst.Verdict.Cause.passes() {
		s.settled[t.class]++
	}
}

// learnTrip takes in a call that started a job.
func (s *rates) learnTrip(took time.Duration) {
	if s.trip == 0 || took < s.trip {
		s.trip = took
	}
}

// tries returns how many tasks a change needs.
func (s *rates) tries(c class) float64 {
	if s.settled[c] == 0 {
		return 1
	}
	return float64(s.tasks[c]) / float64(s.settled[c])
}

// eta returns how much longer the run will take: the longest of what each limit
// allows. It is 0 while nothing has been learned.
func (r *run) eta() time.Duration {
	s := &r.rate
	if s.tasks[synchronous]+s.tasks[assignment]+s.tasks[provisioning] == 0 {
		return 0
	}
	jobs := r.etaOfClass(assignment, s.remaining[assignment], r.opt.MaxOutstanding)
	out := max(
		r.etaOfClass(synchronous, s.remaining[synchronous], r.opt.Workers),
		r.etaOfClass(provisioning, r.provisionsLeft(), r.opt.MaxProvisioning),
		r.etaOfAccounts(jobs),
	)
	if r.opt.TPS > 0 {
		starts := float64(s.remaining[assignment]) * s.tries(assignment)
		calls := float64(s.remaining[synchronous]) + starts*(1+callsForPolling)
		out = max(out, time.Duration(calls/r.opt.TPS*float64(time.Second)))
	}
	return out
}

// etaOfClass returns how long what remains of a class takes with so many places.
func (r *run) etaOfClass(c class, remaining, places int) time.Duration {
	if remaining == 0 {
		return 0
	}
	each := r.held(c)
	queued := float64(max(remaining-r.out[c], 0)) * r.rate.tries(c) * float64(each)
	underWay, longest := r.underWay(c, each)
	even := time.Duration((queued + float64(underWay)) / float64(places))
	if remaining <= places {
		return max(even, longest)
	}
	// Near the end some places stand empty while the last ones finish.
	return max(even+each/4, longest)
}

// held returns how long a task of the class holds its place.
func (r *run) held(c class) time.Duration {
	if l := r.rate.held[c]; l.count > 0 {
		return l.mean
	}
	if c == synchronous {
		return 0
	}
	return r.poll.expected(c)
}

// underWay returns how long the jobs that run will still take, together and at
// most.
func (r *run) underWay(c class, each time.Duration) (sum, longest time.Duration) {
	now := time.Now()
	for _, j := range r.jobs {
		if j.task.class == c {
			rest := max(each-now.Sub(j.task.begun), each/20)
			sum += rest
			longest = max(longest, rest)
		}
	}
	return sum, longest
}

// etaOfAccounts returns how long the jobs take together, or the account with the
// most of them, one after the other. While all places are taken its jobs wait
// for calls and polls as all do; when the others are done they are quicker.
func (r *run) etaOfAccounts(together time.Duration) time.Duration {
	each, now := r.held(assignment), time.Now()
	alone := each
	if l := r.poll.latency[assignment]; l.count > 0 {
		alone = min(l.long.mean+r.rate.trip*3/2+l.lookAgain()/2, each)
	}
	out := together
	for _, a := range r.accounts {
		if a.remaining == 0 || a.closed != 0 {
			continue
		}
		d := time.Duration(float64(a.remaining) * r.rate.tries(assignment) * float64(each))
		if a.holder != nil {
			d -= min(now.Sub(a.holder.begun), each)
		}
		if d > together {
			d = together + time.Duration(float64(d-together)*float64(alone)/float64(each))
		}
		out = max(out, d)
	}
	return out
}

// provisionsLeft counts the provisioning jobs to come, as far as known.
func (r *run) provisionsLeft() int {
	n := r.rate.remaining[provisioning]
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
