package identitycenter

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/rolecall-dev/rolecall/internal/access"
)

// sweepLasts is how long what an interrupted sweep has read is worth going on
// from.
const sweepLasts = time.Hour

// SweepLog keeps what a deep read has read so far, so that one that was
// interrupted can go on. Losing it costs calls.
type SweepLog interface {
	// LoadSweep gives what an interrupted sweep of the instance has read.
	LoadSweep(instanceARN string) ([]SweptPair, error)
	// AppendSweep adds to it.
	AppendSweep(instanceARN string, pairs []SweptPair) error
	// EndSweep forgets it: the sweep is over.
	EndSweep(instanceARN string) error
}

// SweptPair is who has a permission set in an account, as it was read.
type SweptPair struct {
	Set     string        `json:"set"` // ARN
	Account string        `json:"account"`
	At      time.Time     `json:"at"`
	Grants  []SweptHolder `json:"grants,omitempty"`
}

// SweptHolder is a principal by AWS's type and id.
type SweptHolder struct {
	Type string `json:"type"` // GROUP or USER
	ID   string `json:"id"`
}

// LoadSweep reads the log. A line that was cut off while it was written ends it.
func (f FileCache) LoadSweep(instanceARN string) ([]SweptPair, error) {
	data, err := f.read(f.sweepPath(instanceARN))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the log of a deep read: %w", err)
	}
	var pairs []SweptPair
	for dec := json.NewDecoder(bytes.NewReader(data)); ; {
		var p SweptPair
		if dec.Decode(&p) != nil {
			return pairs, nil
		}
		pairs = append(pairs, p)
	}
}

// AppendSweep adds lines to the log.
func (f FileCache) AppendSweep(instanceARN string, pairs []SweptPair) error {
	var b strings.Builder
	enc := json.NewEncoder(&b)
	for _, p := range pairs {
		if err := enc.Encode(p); err != nil {
			return fmt.Errorf("encode the log of a deep read: %w", err)
		}
	}
	if err := os.MkdirAll(f.Dir, 0o700); err != nil {
		return fmt.Errorf("write the log of a deep read: %w", err)
	}
	file, err := os.OpenFile(f.sweepPath(instanceARN), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("write the log of a deep read: %w", err)
	}
	_, err = file.WriteString(b.String())
	return errors.Join(err, file.Close())
}

// EndSweep removes the log.
func (f FileCache) EndSweep(instanceARN string) error {
	err := os.Remove(f.sweepPath(instanceARN))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remove the log of a deep read: %w", err)
	}
	return nil
}

func (f FileCache) sweepPath(instanceARN string) string {
	return filepath.Join(f.Dir, strings.Replace(filepath.Base(f.path(instanceARN)), "sets-", "sweep-", 1)+"l")
}

// sweepBatch is how many pairs are written to the log at once.
const sweepBatch = 50

// sweep is the log of this read; a log that cannot be used is done without.
type sweep struct {
	log     SweepLog
	pending []SweptPair
}

// resume takes over what an interrupted sweep has read, of the pairs that are
// to be read, and gives those that are left.
func (r *reader) resume(pairs []pair) []pair {
	if !r.o.Deep || r.o.Sweep == nil {
		return pairs
	}
	r.sweep.log = r.o.Sweep
	swept, _ := r.sweep.log.LoadSweep(r.c.instance.ARN)
	wanted := pairSet(pairs)
	for _, p := range r.expect().always { // of these every assignment of now counts
		delete(wanted, p)
	}
	oldest, taken := time.Now(), 0
	for _, s := range swept {
		p := pair{s.Set, s.Account}
		if age := time.Since(s.At); !wanted[p] || r.pairs[p] || age > sweepLasts || age < 0 {
			continue
		}
		r.pairs[p], r.resumed[p] = true, true
		taken++
		if s.At.Before(oldest) {
			oldest = s.At
		}
		for _, h := range s.Grants {
			r.grants[grantKey{p, kindOf(h.Type), h.ID}] = true
		}
	}
	if taken > 0 {
		r.observed.CannotSee = append(r.observed.CannotSee, fmt.Sprintf(
			"changes since %s to %d of %d account and permission set pairs, which a read that was interrupted had read", oldest.UTC().Format(time.RFC3339), taken, len(pairs)))
	}
	var left []pair
	for _, p := range pairs {
		if !r.pairs[p] {
			left = append(left, p)
		}
	}
	return left
}

func kindOf(principalType string) access.PrincipalKind {
	if principalType == access.UserPrincipal.String() {
		return access.UserPrincipal
	}
	return access.GroupPrincipal
}

// logPairLocked notes a pair that was read.
func (r *reader) logPairLocked(p pair, keys []grantKey) {
	if r.sweep.log == nil {
		return
	}
	s := SweptPair{Set: p.set, Account: p.account, At: time.Now().UTC()}
	for _, k := range keys {
		s.Grants = append(s.Grants, SweptHolder{Type: k.kind.String(), ID: k.principal})
	}
	r.sweep.pending = append(r.sweep.pending, s)
	if len(r.sweep.pending) >= sweepBatch {
		r.flushSweepLocked()
	}
}

func (r *reader) flushSweepLocked() {
	if r.sweep.log == nil || len(r.sweep.pending) == 0 {
		return
	}
	if r.sweep.log.AppendSweep(r.c.instance.ARN, r.sweep.pending) != nil {
		r.sweep.log = nil
	}
	r.sweep.pending = nil
}

// readPairs reads pairs, going on from an interrupted sweep.
func (r *reader) readPairs(ctx context.Context, pairs []pair) error {
	err := each(ctx, r, "assignments", r.resume(pairs), r.readPair)
	if err != nil {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.flushSweepLocked()
	}
	return err
}

// endSweep forgets the log once the whole read has succeeded.
func (r *reader) endSweep() {
	if r.sweep.log != nil {
		_ = r.sweep.log.EndSweep(r.c.instance.ARN) // an old log is not used for long
	}
}
