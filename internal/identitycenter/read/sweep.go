package read

import (
	"context"
	"fmt"
	"time"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/identitycenter"
)

// sweepLasts is how long what an interrupted sweep has read is worth going on
// from.
const sweepLasts = time.Hour

// SweepLog keeps what a deep read has read so far, so that one that was
// interrupted can go on. Losing it costs calls.
type SweepLog interface {
	// LoadSweep returns what an interrupted sweep of the instance has read.
	LoadSweep(instanceARN string) ([]identitycenter.SweptPair, error)
	// AppendSweep adds to it.
	AppendSweep(instanceARN string, pairs []identitycenter.SweptPair) error
	// EndSweep forgets it: the sweep is over.
	EndSweep(instanceARN string) error
}

// sweepBatch is how many pairs are written to the log at once.
const sweepBatch = 50

// sweep is the log of this read; a log that cannot be used is done without.
type sweep struct {
	log     SweepLog
	pending []identitycenter.SweptPair
}

// resume takes over what an interrupted sweep has read, of the pairs that are
// to be read, and returns those that are left.
func (r *run) resume(pairs []access.Pair) []access.Pair {
	if !r.o.Deep || r.o.Sweep == nil {
		return pairs
	}
	r.sweep.log = r.o.Sweep
	swept, _ := r.sweep.log.LoadSweep(r.c.Instance().ARN)
	wanted := pairSet(pairs)
	for _, p := range r.expect().always { // of these every assignment of now counts
		delete(wanted, p)
	}
	oldest, taken := time.Now(), 0
	for _, s := range swept {
		p := access.Pair{SetARN: s.Set, Account: s.Account}
		if age := time.Since(s.At); !wanted[p] || r.pairs[p] || age > sweepLasts || age < 0 {
			continue
		}
		r.pairs[p], r.resumed[p] = true, true
		taken++
		if s.At.Before(oldest) {
			oldest = s.At
		}
		for _, h := range s.Grants {
			r.grants[principal{identitycenter.KindOf(h.Type), h.ID}.has(p)] = true
		}
	}
	if taken > 0 {
		r.observed.CannotSee = append(r.observed.CannotSee, fmt.Sprintf(
			"changes since %s to %d of %d account and permission set pairs, which a read that was interrupted had read", oldest.UTC().Format(time.RFC3339), taken, len(pairs)))
	}
	var left []access.Pair
	for _, p := range pairs {
		if !r.pairs[p] {
			left = append(left, p)
		}
	}
	return left
}

// logPairLocked notes a pair that was read.
func (r *run) logPairLocked(p access.Pair, keys []access.AssignmentKey) {
	if r.sweep.log == nil {
		return
	}
	s := identitycenter.SweptPair{Set: p.SetARN, Account: p.Account, At: time.Now().UTC()}
	for _, k := range keys {
		s.Grants = append(s.Grants, identitycenter.SweptHolder{Type: k.Kind.String(), ID: k.Principal})
	}
	r.sweep.pending = append(r.sweep.pending, s)
	if len(r.sweep.pending) >= sweepBatch {
		r.flushSweepLocked()
	}
}

func (r *run) flushSweepLocked() {
	if r.sweep.log == nil || len(r.sweep.pending) == 0 {
		return
	}
	if r.sweep.log.AppendSweep(r.c.Instance().ARN, r.sweep.pending) != nil {
		r.sweep.log = nil
	}
	r.sweep.pending = nil
}

// readPairs reads pairs, going on from an interrupted sweep.
func (r *run) readPairs(ctx context.Context, pairs []access.Pair) error {
	err := eachThere(ctx, r, "assignments", r.resume(pairs), r.readPair)
	if err != nil {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.flushSweepLocked()
	}
	return err
}

// endSweep forgets the log once the whole read has succeeded.
func (r *run) endSweep() {
	if r.sweep.log != nil {
		_ = r.sweep.log.EndSweep(r.c.Instance().ARN) // an old log is not used for long
	}
}
