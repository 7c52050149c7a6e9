package apply

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/rolecall-dev/rolecall/internal/plan"
)

// provision is a Provisioning change on its way: asked for its outdated
// accounts, then done by one job for all of them or by a job for each.
type provision struct {
	change    int32
	accounts  []*account // of a job for all: those where no other job may run
	open      int        // jobs that are not over, started or not
	worst     Outcome
	outdated  []string // accounts whose job failed
	abandoned *Outcome // of a job whose end cannot be seen
	// failure is what the change fails with, once it is known where the set is
	// still outdated.
	failure *Failure
}

// ask asks in which accounts the set is outdated.
func (r *run) ask(t *task) {
	p := r.provs[t.change]
	if p == nil || p.failure == nil {
		r.attempt(t.change)
	}
	r.stats.Asks++
	ctx, cancel := context.WithTimeout(r.ctx, r.opt.Deadline)
	c := r.g.changes[t.change]
	r.call(func() func() {
		defer cancel()
		out, err := r.target.Outdated(ctx, c)
		return func() { r.asked(t, out, err) }
	})
}

func (r *run) asked(t *task, out Outdated, err error) {
	if p := r.provs[t.change]; p != nil && p.failure != nil {
		r.release(t)
		if err != nil {
			out.Accounts = p.outdated
		}
		r.failOutdated(p, out.Accounts)
		return
	}
	r.called(t, err)
	if err != nil || len(out.Accounts) == 0 {
		r.finished(t, err != nil)
		return
	}
	r.release(t)
	r.provisionWhere(t.change, out)
}

// provisionWhere queues the jobs: one for all accounts where that saves calls
// and no account is closed, else one for each.
func (r *run) provisionWhere(i int32, out Outdated) {
	p := &provision{change: i, worst: Outcome{Succeeded: true}}
	for _, id := range out.Accounts {
		p.accounts = append(p.accounts, r.account(id))
	}
	r.provs[i] = p
	closed := func(a *account) bool { return a.closed != 0 }
	if n := len(out.Accounts); n > 1 && out.Others == 0 && 2*n > out.Provisioned && !slices.ContainsFunc(p.accounts, closed) {
		p.open = 1
		r.widen(p)
		r.alls = append(r.alls, p)
		return
	}
	r.queueEach(p)
}

func (r *run) queueEach(p *provision) {
	each := p.accounts
	p.accounts, p.open = nil, len(each)
	for _, a := range each {
		if a.closed != 0 {
			p.skip(a)
			continue
		}
		a.remaining++
		a.ready[provisioning].push(r.keys[p.change])
		r.touch(a)
	}
	r.provisionOver(p)
}

// widen adds the accounts where the set may be provisioned besides those that
// are outdated: a job for all accounts goes to them too.
func (r *run) widen(p *provision) {
	c := &r.g.changes[p.change]
	ids := map[string]bool{}
	if c.After != nil {
		for _, id := range c.After.Accounts {
			ids[id] = true
		}
	}
	for i := range r.g.changes {
		if o := &r.g.changes[i]; o.Kind == plan.Assignment && o.Key.PermissionSet == c.Key.PermissionSet {
			ids[o.Key.Account] = true
		}
	}
	for _, a := range p.accounts {
		delete(ids, a.id)
	}
	for id := range ids {
		p.accounts = append(p.accounts, r.account(id))
	}
	slices.SortFunc(p.accounts, func(a, b *account) int { return strings.Compare(a.id, b.id) })
}

// reserveForAll keeps the accounts of the first job for all accounts from
// other jobs, and starts it when the last of them is free. Only the first one
// reserves, so two never wait for each other.
func (r *run) reserveForAll() {
	for len(r.alls) > 0 && r.out[provisioning] < r.opt.MaxProvisioning {
		p := r.alls[0]
		if slices.ContainsFunc(p.accounts, func(a *account) bool { return a.closed != 0 }) {
			r.split(p)
			continue
		}
		busy := false
		for _, a := range p.accounts {
			if a.reserved == nil {
				a.reserved = p
				r.touch(a)
			}
			busy = busy || a.task != nil
		}
		if busy {
			return
		}
		r.alls = r.alls[1:]
		r.startProvision(p, nil)
	}
}

// split turns a job for all accounts that waits into one for each, because in
// one of them no job may start any more.
func (r *run) split(p *provision) {
	for _, a := range p.accounts {
		if a.reserved == p {
			a.reserved = nil
			r.touch(a)
		}
	}
	r.alls = slices.DeleteFunc(r.alls, func(o *provision) bool { return o == p })
	r.queueEach(p)
}

// startProvision starts the job in one account, or in all where it is nil.
func (r *run) startProvision(p *provision, in *account) {
	t := &task{change: p.change, class: provisioning, in: in, prov: p}
	r.begin(t, func() { r.provision(t) })
}

func (r *run) provision(t *task) {
	c, id := r.g.changes[t.change], ""
	if t.in != nil {
		id = t.in.id
	}
	r.write(t, func(ctx context.Context) ([]Job, error) {
		j, err := r.target.Provision(ctx, c, id)
		if err != nil {
			return nil, err
		}
		return []Job{j}, nil
	})
}

// provisioned takes in the end of one job of a provisioning.
func (r *run) provisioned(t *task) {
	p := t.prov
	if t.in != nil {
		t.in.remaining--
		r.touch(t.in)
	}
	if o := t.worst; !o.Succeeded && o.Verdict.Cause != Done {
		for _, a := range t.accounts() {
			p.outdated = append(p.outdated, a.id)
		}
		p.worst = worse(p.worst, o)
	} else if tried := r.tries[p.change]; tried != nil {
		tried.since = time.Time{}
	}
	if t.worst.Verdict.Cause == Credentials {
		r.loseCredentials(t.worst)
	}
	p.open--
	r.provisionOver(p)
}

// skip counts an account in which no job may start.
func (p *provision) skip(a *account) {
	p.open--
	p.outdated = append(p.outdated, a.id)
	p.worst = worse(p.worst, Outcome{
		Reason:  "an earlier job in account " + a.id + " has not ended",
		Verdict: Verdict{Cause: Permanent},
	})
}

// abandon counts a job whose end cannot be seen; the others go on.
func (p *provision) abandon(in []*account, o Outcome) {
	p.open--
	p.abandoned = &o
	for _, a := range in {
		p.outdated = append(p.outdated, a.id)
	}
}

// provisionOver ends the change once none of its jobs is left. What passes
// is asked again, and then only what is still outdated is done again.
func (r *run) provisionOver(p *provision) {
	if p.open > 0 || r.status[p.change] != running {
		return
	}
	p.open = 0
	if p.abandoned != nil {
		r.fail(p.change, *p.abandoned)
		return
	}
	r.decide(p.change, p.worst)
}

// failOutdated fails a provisioning and names the accounts that still have the
// set as it was.
func (r *run) failOutdated(p *provision, accounts []string) {
	f := *p.failure
	f.Accounts = slices.Clone(accounts)
	slices.Sort(f.Accounts)
	if len(f.Accounts) > 0 {
		still := "still outdated in: " + strings.Join(f.Accounts, ", ")
		if f.Finding.Detail != "" {
			still = f.Finding.Detail + "; " + still
		}
		f.Finding.Detail = still
	}
	r.conclude(p.change, f)
}

// concludePending fails the provisionings that were about to be asked where
// they are outdated when the run stopped.
func (r *run) concludePending() {
	for _, p := range r.provs {
		if p.failure != nil && r.status[p.change] == running {
			r.failOutdated(p, p.outdated)
		}
	}
}
