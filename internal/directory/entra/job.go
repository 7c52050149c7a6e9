package entra

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/rolecall-dev/rolecall/internal/directory"
)

// failure is an error of a run or a quarantine.
type failure struct {
	Code    string `json:"code"`
	Message string `json:"message"`
}

// run is one execution of the job.
type run struct {
	State string   `json:"state"`
	Ended moment   `json:"timeEnded"`
	Began moment   `json:"timeBegan"`
	Error *failure `json:"error"`
	// Escrowed is how many objects failed and wait for a later try.
	Escrowed int `json:"countEscrowed"`
}

type job struct {
	ID       string `json:"id"`
	Schedule struct {
		Interval string `json:"interval"`
		State    string `json:"state"`
	} `json:"schedule"`
	Status struct {
		Code        string `json:"code"`
		Last        *run   `json:"lastExecution"`
		LastSuccess *run   `json:"lastSuccessfulExecution"`
		Quarantine  *struct {
			Began  moment   `json:"currentBegan"`
			Next   moment   `json:"nextAttempt"`
			Reason string   `json:"reason"`
			Error  *failure `json:"error"`
		} `json:"quarantine"`
	} `json:"status"`
}

// jobs returns the application's provisioning jobs, the one that works first, and
// one that worked before those that never did.
func (d *Directory) jobs(ctx context.Context, app application) ([]job, directory.Reply, error) {
	jobs, r, _, err := list[job](ctx, d, "ListSynchronizationJobs", app.path("/synchronization/jobs"), 0)
	slices.SortStableFunc(jobs, func(a, b job) int { return a.order() - b.order() })
	return jobs, r, err
}

func (j job) order() int {
	state := j.state()
	if state == directory.JobOff && j.Status.Quarantine == nil && j.Status.Last == nil {
		return 100
	}
	return slices.Index([]directory.JobState{directory.JobOn, directory.JobQuarantine, directory.JobPaused, directory.JobOff, directory.JobNotRun, directory.JobUnclear}, state)
}

// state reads the schedule, which an administrator or four weeks of quarantine
// switch off, and then the status
// (learn.microsoft.com/graph/api/resources/synchronization-synchronizationstatus).
func (j job) state() directory.JobState {
	switch {
	case j.Schedule.State == "Disabled" || j.Status.Code == "NotConfigured":
		return directory.JobOff
	case j.Status.Code == "Quarantine":
		return directory.JobQuarantine
	case j.Status.Code == "Paused" || j.Schedule.State == "Paused":
		return directory.JobPaused
	case j.Status.Code == "NotRun":
		return directory.JobNotRun
	case j.Status.Code == "Active":
		return directory.JobOn
	}
	return directory.JobUnclear
}

// Provisioning reads the job and what its mappings do.
func (d *Directory) Provisioning(ctx context.Context) (directory.Provisioning, error) {
	out := directory.Provisioning{State: directory.JobOff}
	app, err := d.findApplication(ctx)
	if err != nil {
		return out, err
	}
	s, err := d.setup(ctx, app, true)
	if err != nil {
		return out, err
	}
	jobs, r := s.jobs, s.listed
	out.Evidence, out.Beside = app.evidence, app.beside
	if len(jobs) == 0 {
		out.NoJob, out.Said = true, "no provisioning job"
		out.Evidence = slices.Concat(out.Evidence, r.Evidence("no provisioning job"))
		return out, nil
	}
	j := jobs[0]
	j.describe(&out)
	for _, other := range jobs[1:] {
		out.Beside = append(out.Beside, fmt.Sprintf("the provisioning job %s: %s", other.ID, other.said()))
	}
	if !app.Enabled {
		out.State, out.Said = directory.JobOff, "the enterprise application is disabled"
	}
	out.Evidence = slices.Concat(out.Evidence, r.Evidence("job %s: %s, every %s, last run %s", j.ID, out.Said, out.Interval, stamp(out.LastRun)))
	s.describe(&out)
	return out, nil
}

// describe adds what the mappings do. Where they cannot be read, the job is
// known all the same.
func (s setup) describe(out *directory.Provisioning) {
	s.schema.describe(out)
	if e := s.unread; e != nil {
		out.UserNameFrom = ""
		out.Creates, out.Updates, out.Deactivates = true, true, true // nothing says that they do less
		if out.Groups == directory.Off {                             // another job may bring them
			out.Groups = ""
		}
		out.Unread = append(out.Unread, "what the provisioning job maps, whom its filters leave out and whether it brings groups: "+cmp.Or(e.Needs, e.Message))
		out.Evidence = slices.Concat(out.Evidence, s.mapped.Evidence("the mappings were not read: %s", e.Evidence().Saw))
		return
	}
	out.Evidence = slices.Concat(out.Evidence, s.mapped.Evidence("users: creates %t, updates %t, deactivates %t, user name from %q; groups %s", out.Creates, out.Updates, out.Deactivates, out.UserNameFrom, cmp.Or(out.Groups, "not mapped")))
}

func stamp(t time.Time) string {
	if t.IsZero() {
		return "never"
	}
	return t.UTC().Format(time.RFC3339)
}

func (j job) said() string { return j.Status.Code + ", schedule " + j.Schedule.State }

func (j job) describe(out *directory.Provisioning) {
	out.State, out.Said, out.Interval = j.state(), j.said(), interval(j.Schedule.Interval)
	if last := j.Status.Last; last != nil {
		out.LastRun, out.Escrowed = last.end(), last.Escrowed
		if last.State != "Succeeded" {
			out.Failure = last.State
		}
		out.Aborted = last.State == "Failed"
		if last.Error != nil && last.Error.Message != "" {
			out.Failure = last.Error.Code + ": " + last.Error.Message
		}
		out.Refused = last.Error != nil && last.Error.Code == invalidCredentials && !j.ranSince(last.Began.Time)
	}
	if last := j.Status.LastSuccess; last != nil {
		out.LastSuccess = last.end()
	}
	switch out.State {
	case directory.JobQuarantine:
		out.Quarantine = j.quarantine()
		out.NextRun = out.Quarantine.NextAttempt
	case directory.JobOff:
		if j.Status.Code == "Quarantine" || j.Status.Quarantine != nil { // it ended so
			out.Quarantine = j.quarantine()
		}
	case directory.JobOn:
		if !out.LastRun.IsZero() && out.Interval > 0 {
			out.NextRun = out.LastRun.Add(out.Interval)
		}
	}
	out.Refused = out.Refused || out.Quarantine != nil && out.Quarantine.Token
}

func (j job) quarantine() *directory.Quarantine {
	q := j.Status.Quarantine
	if q == nil {
		return &directory.Quarantine{}
	}
	out := &directory.Quarantine{Since: q.Began.Time, NextAttempt: q.Next.Time, Reason: q.Reason}
	if q.Error != nil {
		out.Message = q.Error.Message
		out.Token = q.Error.Code == invalidCredentials && (q.Began.IsZero() || !j.ranSince(q.Began.Time))
	}
	out.Message = cmp.Or(out.Message, reasonWords(q.Reason))
	return out
}

// reasonWords says what the code of a quarantine's reason means
// (learn.microsoft.com/graph/api/resources/synchronization-synchronizationquarantine;
// entra/identity/app-provisioning/application-provisioning-quarantine-status and
// accidental-deletions); "" where it is not documented.
func reasonWords(reason string) string {
	const byHand = "Microsoft saw an issue with the application and set the quarantine by hand"
	return map[string]string{
		"EncounteredQuarantineException":       "Entra ID cannot connect to AWS: the credentials are refused, or the endpoint does not answer as SCIM requires",
		"EncounteredEscrowProportionThreshold": "more than 40% of what was to be provisioned failed",
		"EncounteredBaseEscrowThreshold":       "too many users and groups failed to be provisioned",
		"EncounteredTotalEscrowThreshold":      "too much failed to be provisioned, references such as members of groups included",
		"QuarantinedOnDemand":                  byHand, // in the reference
		"QuarantineOnDemand":                   byHand, // in the article
		"TooManyDeletes":                       "more would be disabled or deleted in AWS than the threshold of accidental deletions allows: an administrator must allow it, or undo what caused it",
		"IngestionInterrupted":                 "the reading of the source was interrupted",
		"Unknown":                              "Microsoft reports no reason",
	}[reason]
}

func (r *run) end() time.Time {
	if r.Ended.IsZero() {
		return r.Began.Time
	}
	return r.Ended.Time
}
