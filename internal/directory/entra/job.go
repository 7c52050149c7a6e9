package entra

import (
	"context"
	"net/url"
	"strings"
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

// job gives the application's provisioning job; nil where there is none.
func (d *Directory) job(ctx context.Context, app application) (*job, directory.Reply, error) {
	jobs, r, _, err := list[job](ctx, d, "ListSynchronizationJobs", app.path("/synchronization/jobs"), 0)
	if err != nil || len(jobs) == 0 {
		return nil, r, err
	}
	return &jobs[0], r, nil
}

// Provisioning reads the job and what its mappings do.
func (d *Directory) Provisioning(ctx context.Context) (directory.Provisioning, error) {
	out := directory.Provisioning{State: directory.JobOff}
	app, err := d.findApplication(ctx)
	if err != nil {
		return out, err
	}
	j, r, err := d.job(ctx, app)
	if err != nil {
		return out, err
	}
	out.Evidence = app.evidence
	if j == nil {
		out.Said = "no provisioning job"
		out.Evidence = evidence(out.Evidence, r.Evidence("no provisioning job"))
		return out, nil
	}
	j.describe(&out)
	if !app.Enabled {
		out.State, out.Said = directory.JobOff, "the enterprise application is disabled"
	}
	out.Evidence = evidence(out.Evidence, r.Evidence("job %s: %s, every %s, last run %s", j.ID, out.Said, out.Interval, stamp(out.LastRun)))
	return out, d.mappings(ctx, app, j.ID, &out)
}

func stamp(t time.Time) string {
	if t.IsZero() {
		return "never"
	}
	return t.UTC().Format(time.RFC3339)
}

func (j *job) describe(out *directory.Provisioning) {
	out.Said, out.Interval = j.Status.Code+", schedule "+j.Schedule.State, interval(j.Schedule.Interval)
	if last := j.Status.Last; last != nil {
		out.LastRun = last.end()
		if last.State != "Succeeded" {
			out.Failure = last.State
		}
		if last.Error != nil && last.Error.Message != "" {
			out.Failure = last.Error.Code + ": " + last.Error.Message
		}
	}
	if last := j.Status.LastSuccess; last != nil {
		out.LastSuccess = last.end()
	}
	switch {
	case j.Schedule.State == "Disabled":
		out.State = directory.JobOff
	case j.Status.Code == "Quarantine":
		out.State = directory.JobQuarantine
		j.quarantine(out)
	case j.Status.Code == "Paused" || j.Schedule.State == "Paused":
		out.State = directory.JobPaused
	case j.Status.Code == "NotRun":
		out.State = directory.JobNotRun
	case j.Status.Code == "Active":
		out.State = directory.JobOn
		if !out.LastRun.IsZero() && out.Interval > 0 {
			out.NextRun = out.LastRun.Add(out.Interval)
		}
	}
}

func (j *job) quarantine(out *directory.Provisioning) {
	q := j.Status.Quarantine
	if q == nil {
		out.Quarantine = &directory.Quarantine{}
		return
	}
	out.Quarantine = &directory.Quarantine{Since: q.Began.Time, NextAttempt: q.Next.Time, Reason: q.Reason}
	if q.Error != nil {
		out.Quarantine.Message = q.Error.Message
	}
	out.NextRun = q.Next.Time
}

func (r *run) end() time.Time {
	if r.Ended.IsZero() {
		return r.Began.Time
	}
	return r.Ended.Time
}

// mappings reads from the job's schema what provisioning does to users.
func (d *Directory) mappings(ctx context.Context, app application, id string, out *directory.Provisioning) error {
	var schema struct {
		Rules []struct {
			Mappings []struct {
				Enabled bool   `json:"enabled"`
				Source  string `json:"sourceObjectName"`
				Flows   string `json:"flowTypes"`
			} `json:"objectMappings"`
		} `json:"synchronizationRules"`
	}
	r, err := d.client.Get(ctx, directory.Call{Operation: "GetSynchronizationSchema", Path: "/v1.0" + app.path("/synchronization/jobs/"+url.PathEscape(id)+"/schema")}, &schema)
	if err != nil {
		return err
	}
	for _, rule := range schema.Rules {
		for _, m := range rule.Mappings {
			if m.Enabled && m.Source == "User" {
				out.Creates = out.Creates || strings.Contains(m.Flows, "Add")
				out.Updates = out.Updates || strings.Contains(m.Flows, "Update")
				out.Deactivates = out.Deactivates || strings.Contains(m.Flows, "Delete")
			}
		}
	}
	out.Evidence = evidence(out.Evidence, r.Evidence("users: creates %t, updates %t, deactivates %t", out.Creates, out.Updates, out.Deactivates))
	return nil
}
