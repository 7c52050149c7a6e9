package apply

import (
	"context"
	"time"

	"github.com/rolecall-dev/rolecall/internal/diag"
	"github.com/rolecall-dev/rolecall/internal/plan"
)

// verifier has the changes that write over something compared with what is
// there now, shortly before they are written, many in one question.
type verifier struct {
	state    []verified // by change
	inOrder  []int32    // all that need it
	next     int        // in inOrder: all before it are asked about
	ready    queue      // changes that wait for nothing else
	waiting  [classes]int
	again    []*verifyBatch // to be asked about again
	underWay bool
	first    bool // the question under way is the first, and about revocations
	stock    int  // compared and not started yet
}

type verified uint8

const (
	notNeeded verified = iota
	needed
	askedAbout
	compared
)

// verifyBatch are changes asked about in one question.
type verifyBatch struct {
	changes []int32
	first   time.Time
	count   int
}

// want finds the changes that write over something. A provisioning is asked
// for its outdated accounts instead.
func (v *verifier) want(g *graph) {
	v.state = make([]verified, len(g.changes))
	for i := range g.changes {
		if c := &g.changes[i]; c.Action != plan.Create && c.Kind != plan.Provisioning {
			v.state[i] = needed
			v.inOrder = append(v.inOrder, int32(i))
		}
	}
}

// holds says that the change has to be verified before it starts, and sees to
// it that it will be.
func (v *verifier) holds(i int32, key int64, c class) bool {
	if v.state[i] == needed {
		v.ready.push(key)
		v.waiting[c]++
	}
	return v.state[i] == needed || v.state[i] == askedAbout
}

// spend takes a change out of the stock: it starts, or never will.
func (v *verifier) spend(i int32) {
	if v.state[i] == compared {
		v.state[i] = notNeeded
		v.stock--
	}
}

// verifySome asks about the next changes where the stock of compared ones runs
// out or the pipe has room: not earlier, because what was compared long ago
// proves nothing.
func (r *run) verifySome() {
	v := &r.verify
	if v.underWay || r.stop != nil {
		return
	}
	if len(v.again) > 0 {
		b := v.again[0]
		v.again = v.again[1:]
		r.startVerify(b)
		return
	}
	if len(v.ready) > 0 && v.stock < r.opt.MaxOutstanding ||
		v.waiting[assignment] > 0 && r.out[assignment] < r.opt.MaxOutstanding ||
		v.waiting[synchronous] > 0 && r.out[synchronous] < r.opt.Workers {
		r.startVerify(&verifyBatch{changes: r.nextToVerify(), first: time.Now()})
	}
}

// nextToVerify takes the changes that wait, and fills up with those that come
// next in the plan's order.
func (r *run) nextToVerify() []int32 {
	v := &r.verify
	var batch []int32
	take := func(i int32) {
		if v.state[i] == needed && r.status[i] == waiting {
			v.state[i] = askedAbout
			batch = append(batch, i)
		}
	}
	for len(v.ready) > 0 && len(batch) < r.opt.VerifyBatch {
		i := changeOf(v.ready.pop())
		v.waiting[classOf(&r.g.changes[i])]--
		take(i)
	}
	for v.next < len(v.inOrder) && len(batch) < r.opt.VerifyBatch {
		take(v.inOrder[v.next])
		v.next++
	}
	return batch
}

func (r *run) startVerify(b *verifyBatch) {
	if len(b.changes) == 0 {
		return
	}
	changes := make([]plan.Change, len(b.changes))
	for k, i := range b.changes {
		changes[k] = r.g.changes[i]
	}
	b.count++
	r.verify.underWay = true
	r.stats.Verifies++
	ctx, cancel := context.WithTimeout(r.ctx, r.opt.Deadline)
	r.call(func() func() {
		defer cancel()
		findings, err := r.target.Verify(ctx, changes)
		return func() {
			r.verify.underWay = false
			r.verifiedBatch(b, findings, err)
		}
	})
}

func (r *run) verifiedBatch(b *verifyBatch, findings map[plan.ID]diag.Diagnostic, err error) {
	if err != nil {
		r.verifyFailed(b, err)
		return
	}
	v := &r.verify
	for _, i := range b.changes {
		v.state[i] = compared
		v.stock++
		d, differs := findings[r.g.changes[i].ID]
		switch {
		case r.status[i] != waiting:
			v.spend(i)
		case differs:
			r.fail(i, Outcome{Verdict: Verdict{Cause: Permanent, Finding: d}})
		case r.waits[i] == 0:
			r.enqueue(i)
		}
	}
}

// mindRevocations says that nothing may start yet, because revocations run
// first and the first of them are just being compared.
func (r *run) mindRevocations() bool {
	v := &r.verify
	if r.stats.Verifies == 0 && len(v.ready) > 0 && v.ready[0]>>32 == revoking {
		r.verifySome()
		v.first = true
	}
	v.first = v.first && v.underWay
	return v.first
}

// verifyFailed asks again after what passes. What does not may be due to one
// change alone, so the others are asked about without it.
func (r *run) verifyFailed(b *verifyBatch, err error) {
	o := Outcome{Reason: err.Error(), Verdict: r.classify(b.changes[0], err)}
	passes := o.Verdict.Cause.passes()
	delay := r.backoff(o.Verdict, b.count)
	switch n := len(b.changes); {
	case r.stop != nil:
	case o.Verdict.Cause == Credentials:
		r.loseCredentials(o)
	case passes && time.Since(b.first)+delay < r.opt.Deadline:
		r.stats.Retries++
		r.timers.add(time.Now().Add(delay), func() { r.verify.again = append(r.verify.again, b) })
	case n > 1 && !passes:
		for _, half := range [2][]int32{b.changes[:n/2], b.changes[n/2:]} {
			r.verify.again = append(r.verify.again, &verifyBatch{changes: half, first: b.first})
		}
	default:
		for _, i := range b.changes {
			if r.status[i] == waiting {
				r.fail(i, o)
			}
		}
	}
}
