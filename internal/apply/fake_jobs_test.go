package apply

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/rolecall-dev/rolecall/internal/plan"
)

func (f *fake) newJob(c plan.Change, in []string) Job {
	f.endJobs()
	assignments, provisions := 0, 0
	for _, j := range f.running {
		if j.change.Kind == plan.Assignment {
			assignments++
		} else {
			provisions++
		}
		for _, a := range in {
			if slices.Contains(j.account, a) {
				f.violate("two jobs in account %s: %s and %s", a, j.change.ID, c.ID)
			}
		}
	}
	kind := CreateAssignmentJob
	switch {
	case c.Kind == plan.Provisioning:
		kind = ProvisionJob
		provisions++
	case c.Action == plan.Delete:
		kind = DeleteAssignmentJob
		fallthrough
	default:
		assignments++
	}
	f.most = max(f.most, assignments)
	if assignments > f.cap || provisions > f.provCap {
		f.violate("outstanding: %d assignment and %d provisioning jobs", assignments, provisions)
	}
	j := &fakeJob{id: fmt.Sprintf("job-%05d", f.nextJob), change: c, account: in, ends: time.Now().Add(f.latency(f.nextJob))}
	if f.hangs != nil && f.hangs(c) {
		j.ends = j.ends.Add(1000 * time.Hour)
	}
	if f.jobFault != nil {
		j.reason = f.jobFault(c, f.nextJob)
	}
	f.nextJob++
	f.jobs[j.id] = j
	f.running = append(f.running, j)
	account := ""
	if len(in) == 1 {
		account = in[0]
	}
	return Job{ID: j.id, Change: c.ID, Kind: kind, Account: account}
}

// endJobs ends the jobs whose time has come.
func (f *fake) endJobs() {
	now := time.Now()
	f.running = slices.DeleteFunc(f.running, func(j *fakeJob) bool {
		if j.ends.After(now) {
			return false
		}
		if j.reason != "" {
			f.done[j.change.ID] = strings.HasPrefix(j.reason, string(Futile)+": ") // nothing has to wait for it
			return true
		}
		if j.change.Kind != plan.Provisioning {
			f.apply(j.change)
			return true
		}
		set := j.change.Key.PermissionSet
		f.outdated[set] = slices.DeleteFunc(f.outdated[set], func(a string) bool { return slices.Contains(j.account, a) })
		f.done[j.change.ID] = len(f.outdated[set]) == 0
		return true
	})
}

// apply makes the change true; doing it twice is no harm.
func (f *fake) apply(c plan.Change) {
	f.done[c.ID] = true
	key := objectOf(c)
	if c.Action == plan.Delete {
		delete(f.objects, key)
		return
	}
	f.objects[key]++
}

func objectOf(c plan.Change) string { return string(c.Kind) + " " + fmt.Sprint(c.Key) }

// Poll answers as the AWS adapter does and pays what it pays: up to two jobs of
// a kind are described, a call each; more are listed, by pages of 100, where
// the status of the list suffices unless the job failed.
func (f *fake) Poll(ctx context.Context, jobs []Job) (map[string]Outcome, error) {
	kinds := map[JobKind]int{}
	for _, j := range jobs {
		kinds[j.Kind]++
	}
	for _, k := range slices.Sorted(maps.Keys(kinds)) {
		n := kinds[k]
		if n >= 3 {
			n = f.pages(k, jobs)
		}
		for range n {
			if err := f.enter(ctx, "Poll", plan.Change{}); err != nil {
				return nil, err
			}
		}
	}
	f.mu.Lock()
	f.endJobs()
	out, failed := map[string]Outcome{}, 0
	for _, j := range jobs {
		o, over := f.outcome(j.ID)
		if !over {
			continue
		}
		if out[j.ID] = o; !o.Succeeded && kinds[j.Kind] >= 3 {
			failed++
		}
	}
	f.mu.Unlock()
	for range failed {
		if err := f.enter(ctx, "Poll", plan.Change{}); err != nil {
			return nil, err
		}
	}
	if err := f.leave("Poll", plan.Change{}); err != nil {
		return nil, err
	}
	return out, nil
}

// pages returns how many pages of the list show all the jobs. A list that begins
// with the newest shows them on its first page; in one that begins with the
// oldest, the walk begins where the oldest running job was last seen.
func (f *fake) pages(kind JobKind, jobs []Job) int {
	if !f.oldestFirst {
		return 1
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	first, last := 1<<30, 0
	for _, j := range jobs {
		if j.Kind == kind {
			var n int
			fmt.Sscanf(j.ID, "job-%d", &n)
			first, last = min(first, n/100), max(last, n/100)
		}
	}
	n := last - f.page + 1
	f.page = first
	return n
}

func (f *fake) outcome(id string) (Outcome, bool) {
	j := f.jobs[id]
	if j == nil {
		f.violate("polled %s, which is no job", id)
		return Outcome{}, true
	}
	if j.ends.After(time.Now()) {
		return Outcome{}, false
	}
	if j.reason == "" {
		return Outcome{Succeeded: true}, true
	}
	cause := Permanent
	if c, text, ok := strings.Cut(j.reason, ": "); ok && (Cause(c).passes() || Cause(c) == Futile) {
		cause = Cause(c)
		return Outcome{Reason: text, Verdict: Verdict{Cause: cause}}, true
	}
	return Outcome{Reason: j.reason, Verdict: Verdict{Cause: cause}}, true
}
