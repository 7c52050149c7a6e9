// Package apply carries out a plan: Engine runs the plan's graph against a
// Target, as fast as the target's own limits allow and never faster.
//
// It promises that a change starts only after all that it depends on has
// succeeded, that two jobs never run in one account at once, that nothing done
// is lost on an error (Result says what is done, failed and why, and left),
// and that every step may be repeated. It knows no AWS; that is the Target.
package apply

import (
	"context"
	"time"

	"github.com/rolecall-dev/rolecall/internal/diag"
	"github.com/rolecall-dev/rolecall/internal/plan"
)

// Target is what a plan is carried out against. Calls may come from several
// goroutines at once.
type Target interface {
	// Start does one change other than Provisioning, or starts the job that does
	// it. The answer's Jobs are empty where the change is done. It looks at the
	// change's objects first; where they are no longer as the plan saw them, it
	// writes nothing and returns an error that Classify calls permanent. The same
	// holds for Provision.
	Start(ctx context.Context, c plan.Change) ([]Job, error)
	// Outdated says in which accounts a Provisioning change has anything to do
	// now, sorted.
	Outdated(ctx context.Context, c plan.Change) (Outdated, error)
	// Provision starts the re-provisioning of a set in one account, or with ""
	// in all accounts that have it.
	Provision(ctx context.Context, c plan.Change, account string) (Job, error)
	// Poll asks how jobs are getting on, with as few calls as it can. A job that
	// is not in the answer is still running.
	Poll(ctx context.Context, jobs []Job) (map[string]Outcome, error)
	// Classify says what an error of Start, Provision or Poll means.
	Classify(c plan.Change, err error) Verdict
}

// Outdated are the accounts of a set, by id.
type Outdated struct {
	Accounts    []string // where the set is not the latest, of those that the change names
	Others      int      // in how many more accounts it is not
	Provisioned int      // in how many accounts the set is at all
}

// Job is work that AWS does after the call that asked for it has returned.
type Job struct {
	ID      string // AWS's request id
	Change  plan.ID
	Kind    JobKind
	Account string // 12 digits; "" for a job in all accounts of a set
	Started time.Time
}

// JobKind says which status operation answers for a job.
type JobKind string

// The kinds of jobs.
const (
	CreateAssignmentJob JobKind = "create_assignment"
	DeleteAssignmentJob JobKind = "delete_assignment"
	ProvisionJob        JobKind = "provision"
)

// Outcome is how a job ended.
type Outcome struct {
	Succeeded bool
	// Reason is AWS's own FailureReason, word for word.
	Reason string
	// Verdict classifies Reason where the job failed.
	Verdict Verdict
}

// Verdict is what an error means for the change that met it.
type Verdict struct {
	Cause Cause
	// After is how long to wait at least, where the answer said so.
	After time.Duration
	// Finding explains a cause that waiting does not mend.
	Finding diag.Diagnostic
}

// Cause sorts errors by what helps.
type Cause string

// The causes.
const (
	Permanent   Cause = "permanent"   // trying again has the same answer
	Throttled   Cause = "throttled"   // the quota is used up
	Conflict    Cause = "conflict"    // another write is under way
	Propagation Cause = "propagation" // something just made is not visible yet
	Transient   Cause = "transient"   // 5xx, reset, time-out: the effect is unknown
	Done        Cause = "done"        // what was asked for is so already
	Credentials Cause = "credentials" // no new call will succeed
	Futile      Cause = "futile"      // AWS never does it, and nobody has anything by what stays: worth a warning
)
