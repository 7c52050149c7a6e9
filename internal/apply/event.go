package apply

import (
	"time"

	"github.com/rolecall-dev/rolecall/internal/diag"
	"github.com/rolecall-dev/rolecall/internal/plan"
)

// EventType says what happened.
type EventType string

// The events of a run. Every change that starts ends in one Succeeded or
// Failed, or is listed under Left.
const (
	Started     EventType = "started"   // the first attempt of a change begins
	Succeeded   EventType = "succeeded" // the change is so, now or already
	Failed      EventType = "failed"    // and will not be tried again in this run
	Retried     EventType = "retried"   // the change will be tried again after Delay
	Progressing EventType = "progress"  // a snapshot
	Stopping    EventType = "stopping"  // nothing new starts; Stop says why
)

// Event is one thing that happened in a run.
type Event struct {
	Type EventType `json:"type"`
	At   time.Time `json:"at"`
	// ID and Source are of the change; both are empty in Progressing and Stopping.
	ID     plan.ID    `json:"id,omitempty"`
	Source diag.Range `json:"source,omitzero"`
	// Change is the change itself, for renderers.
	Change *plan.Change `json:"-"`
	// Attempt counts from 1.
	Attempt int `json:"attempt,omitempty"`
	// Cause, Reason and DelaySeconds belong to Retried and Failed; Reason is
	// AWS's own text.
	Cause        Cause   `json:"cause,omitempty"`
	Reason       string  `json:"reason,omitempty"`
	DelaySeconds float64 `json:"delay_seconds,omitempty"`
	// Finding explains Failed and Stopping.
	Finding *diag.Diagnostic `json:"finding,omitempty"`
	// TookSeconds is from the first attempt to the end.
	TookSeconds float64    `json:"took_seconds,omitempty"`
	Progress    *Progress  `json:"progress,omitempty"`
	Stop        StopReason `json:"stop,omitempty"`
}

// Progress is a snapshot of a run. Done, Failed, Left and Running are changes;
// what is in none of them has not started yet.
type Progress struct {
	Done    int `json:"done"`
	Running int `json:"running"`
	Failed  int `json:"failed"`
	Left    int `json:"left"`
	Total   int `json:"total"`
	Retries int `json:"retries"`
	// JobsDone and JobsRunning count AWS's jobs.
	JobsDone       int     `json:"jobs_done"`
	JobsRunning    int     `json:"jobs_running"`
	ElapsedSeconds float64 `json:"elapsed_seconds"`
	// ETASeconds is how much longer the run will take; absent while nothing has
	// been learned yet.
	ETASeconds float64 `json:"eta_seconds,omitempty"`
}
