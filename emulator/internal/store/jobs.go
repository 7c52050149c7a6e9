package store

import (
	"container/heap"
	"slices"
	"time"
)

// Job states.
const (
	InProgress = "IN_PROGRESS"
	Succeeded  = "SUCCEEDED"
	Failed     = "FAILED"
)

// keptJobs is how many finished jobs of a kind an instance remembers. AWS forgets
// them too; how soon is not documented.
const keptJobs = 10_000

// mostJobs is how many jobs may be outstanding where no quota says so.
const mostJobs = 100_000

// hang is how many times longer than usual a job in a suspended account takes
// before it fails: "taking longer than usual" in the field
// (https://github.com/61418/aws-sso-util/issues/80).
const hang = 10

// Job is the creation or deletion of an assignment or the provisioning of a set.
type Job struct {
	seq
	RequestID, Status, FailureReason string
	Created                          time.Time
	Set                              *PermissionSet
	SetARN                           string
	AccountID                        string // "" where the job provisions all accounts
	PrincipalType, PrincipalID       string

	doomed  string // it will fail, and why
	halfway int    // in so many accounts it does its work before
}

// JobList are the jobs of one kind.
type JobList struct {
	jobs list[*Job]
	byID map[string]*Job
}

func (l *JobList) add(j *Job) {
	if l.byID == nil {
		l.byID = map[string]*Job{}
	}
	l.jobs.add(j)
	l.byID[j.RequestID] = j
	if oldest, ok := forgotten(&l.jobs, func(j *Job) bool { return j.Status != InProgress }); ok {
		delete(l.byID, oldest.RequestID)
	}
}

// forgotten takes the oldest thing that is done out of a list that has become too
// long; one that is not done yet may be asked for.
func forgotten[T sequenced](l *list[T], done func(T) bool) (oldest T, ok bool) {
	if len(l.items) <= keptJobs {
		return oldest, false
	}
	at := slices.IndexFunc(l.items, done)
	if at < 0 {
		return oldest, false
	}
	oldest = l.items[at]
	l.remove(oldest)
	return oldest, true
}

// Find finds the job of a request.
func (l *JobList) Find(id string) (*Job, bool) { j, ok := l.byID[id]; return j, ok }

// List lists the jobs in a status, or all.
func (l *JobList) List(status string, after uint64, limit int) Page[*Job] {
	return l.jobs.after(after, limit, func(j *Job) bool { return status == "" || j.Status == status })
}

// Creations are the jobs of CreateAccountAssignment.
func (i *Instance) Creations() *JobList { return &i.creations }

// Deletions are the jobs of DeleteAccountAssignment.
func (i *Instance) Deletions() *JobList { return &i.deletions }

// Provisionings are the jobs of ProvisionPermissionSet.
func (i *Instance) Provisionings() *JobList { return &i.provisions }

// Outstanding counts jobs that are not done: assignments and provisionings, now
// and at their highest.
type Outstanding struct {
	Assignments      int `json:"assignments"`
	Provisionings    int `json:"provisionings"`
	PeakAssignments  int `json:"peak_assignments"`
	PeakProvisioning int `json:"peak_provisionings"`
}

// Outstanding returns the jobs that are not done.
func (s *Store) Outstanding() Outstanding { return s.outstanding }

func (o *Outstanding) assignment(n int) {
	o.Assignments += n
	o.PeakAssignments = max(o.PeakAssignments, o.Assignments)
}

func (o *Outstanding) provisioning(n int) {
	o.Provisionings += n
	o.PeakProvisioning = max(o.PeakProvisioning, o.Provisionings)
}

type dueJob struct {
	at  time.Time
	n   uint64
	run func(at time.Time)
}

// dueJobs is a heap by time, then by the order in which the jobs were accepted.
type dueJobs []dueJob

func (d dueJobs) Len() int      { return len(d) }
func (d dueJobs) Swap(i, j int) { d[i], d[j] = d[j], d[i] }
func (d dueJobs) Less(i, j int) bool {
	return d[i].at.Before(d[j].at) || d[i].at.Equal(d[j].at) && d[i].n < d[j].n
}
func (d *dueJobs) Push(x any) { *d = append(*d, x.(dueJob)) }
func (d *dueJobs) Pop() any {
	old := *d
	last := old[len(old)-1]
	old[len(old)-1] = dueJob{}
	*d = old[:len(old)-1]
	return last
}

// Due tells whether a job would finish by now.
func (s *Store) Due(now time.Time) bool { return len(s.due) > 0 && !s.due[0].at.After(now) }

// Advance finishes every job that is due, in order, each at its own time.
func (s *Store) Advance(now time.Time) {
	for s.Due(now) {
		job := heap.Pop(&s.due).(dueJob)
		job.run(job.at)
	}
}

func (s *Store) latency() time.Duration {
	s.jobs++
	if s.Latency == nil {
		return 0
	}
	return s.Latency(s.jobs)
}

func (s *Store) schedule(start time.Time, takes time.Duration, run func(time.Time)) {
	s.jobs++
	heap.Push(&s.due, dueJob{at: start.Add(takes), n: s.jobs, run: run})
}

// update is how long a role update in the account takes, the wait for the one before
// it included.
func (s *Store) update(a *Account, at time.Time) time.Duration {
	takes := s.latency()
	if a.State != Active {
		takes *= hang
	}
	if !s.SerialAccounts {
		return takes
	}
	begins := at
	if a.busyUntil.After(at) {
		begins = a.busyUntil
	}
	a.busyUntil = begins.Add(takes)
	return a.busyUntil.Sub(at)
}
