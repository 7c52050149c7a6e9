package apply

import (
	"slices"

	"github.com/rolecall-dev/rolecall/internal/diag"
	"github.com/rolecall-dev/rolecall/internal/plan"
)

// Result is what a run did. Every change of the plan is in exactly one of
// Done, Failed and Left, each in the plan's order.
type Result struct {
	Done   []plan.ID `json:"done"`
	Failed []Failure `json:"failed"`
	Left   []Left    `json:"left"`
	// Interrupted says that the caller's context ended the run.
	Interrupted bool `json:"interrupted"`
	// Stopped says why no more changes were started; nil where all were tried.
	Stopped *Stop `json:"stopped,omitempty"`
	Stats   Stats `json:"stats"`
}

// Complete says that every change is done that can be: a futile one leaves
// nothing to do.
func (r *Result) Complete() bool {
	return len(r.Left) == 0 && !slices.ContainsFunc(r.Failed, func(f Failure) bool { return f.Cause != Futile })
}

// Findings are what the user has to be told, by place: why changes failed and
// why the run stopped.
func (r *Result) Findings() diag.List {
	var out diag.List
	for _, f := range r.Failed {
		out = append(out, f.Finding)
	}
	if r.Stopped != nil {
		out = append(out, r.Stopped.Finding)
	}
	return out.Sorted()
}

// Failure is a change that was tried and is not done.
type Failure struct {
	ID    plan.ID `json:"id"`
	Cause Cause   `json:"cause"`
	// Reason is AWS's own FailureReason or error text, word for word.
	Reason string `json:"reason,omitempty"`
	// Finding has the change's place in the config.
	Finding  diag.Diagnostic `json:"finding"`
	Attempts int             `json:"attempts"`
	// Accounts are those where a set is still outdated, of a Provisioning.
	Accounts []string `json:"accounts,omitempty"`
}

// LeftReason says why a change was left.
type LeftReason string

// The reasons.
const (
	// Blocked: BlockedBy failed, and this change depends on it.
	Blocked LeftReason = "blocked"
	// NotStarted: the run stopped first.
	NotStarted LeftReason = "not_started"
	// Unknown: a call or job of the change was under way when the run stopped,
	// and how it ended was not seen. The next run finds out.
	Unknown LeftReason = "outcome_unknown"
	// AccountBusy: the job of BlockedBy never ended, so no other may start in
	// its account.
	AccountBusy LeftReason = "account_busy"
)

// Left is a change that was not done and did not fail.
type Left struct {
	ID        plan.ID    `json:"id"`
	Why       LeftReason `json:"why"`
	BlockedBy plan.ID    `json:"blocked_by,omitempty"`
	// Jobs are AWS's request ids of the jobs whose end was not seen.
	Jobs []string `json:"jobs,omitempty"`
}

// StopReason says why a run started nothing more.
type StopReason string

// The reasons.
const (
	StopInterrupted StopReason = "interrupted" // the context ended
	StopCredentials StopReason = "credentials" // no new call would succeed
	StopLease       StopReason = "lease_lost"  // another writer may hold the lock
)

// Stop is why a run started nothing more.
type Stop struct {
	Reason  StopReason      `json:"reason"`
	Finding diag.Diagnostic `json:"finding"`
}

// Stats are the figures of a run; times are in seconds.
type Stats struct {
	Seconds float64 `json:"seconds"`
	// Starts, Polls and Asks count the calls of the target: Start and Provision,
	// Poll, Outdated.
	Starts int `json:"starts"`
	Polls  int `json:"polls"`
	Asks   int `json:"asks"`
	// Verifies is 0: what a write needs to be sure of is looked at by Start and
	// Provision. It stays for those who read the JSON form.
	Verifies int `json:"verifies"`
	Retries  int `json:"retries"`
	// JobsDone counts jobs that ended, however they did.
	JobsDone int `json:"jobs_done"`
	// JobSeconds is how long an assignment job takes, as far as polling shows.
	JobSeconds float64 `json:"job_seconds,omitempty"`
	// MaxOutstanding is the largest number of assignment jobs at once.
	MaxOutstanding int `json:"max_outstanding"`
}

// The codes of this package's findings.
const (
	CodeFailed      diag.Code = "apply.failed"
	CodeGaveUp      diag.Code = "apply.gave-up"
	CodeJobFailed   diag.Code = "apply.job-failed"
	CodeJobLost     diag.Code = "apply.job-unfinished"
	CodeInterrupted diag.Code = "apply.interrupted"
	CodeCredentials diag.Code = "apply.credentials"
	CodeLeaseLost   diag.Code = "apply.lease-lost"
)

// Codes explains the findings of this package.
func Codes() diag.Docs {
	return diag.Docs{
		{Code: CodeFailed, Meaning: "AWS refused a change, and trying again would give the same answer.", Do: "Read AWS's own reason, put it right there or in the config, and run apply again."},
		{Code: CodeGaveUp, Meaning: "A change met an error that passes by itself, but it did not pass in time.", Do: "Run apply again; what is done already is found and not done twice."},
		{Code: CodeJobFailed, Meaning: "AWS took a change and its job failed.", Do: "Read AWS's FailureReason; it usually lies in the target account (a missing policy, an SCP, a role quota)."},
		{Code: CodeJobLost, Meaning: "AWS did not say how a job ended.", Do: "Look at the request in AWS, then run apply again; nothing else was started in that account."},
		{Code: CodeInterrupted, Meaning: "The run was interrupted; what was in flight was waited for.", Do: "Run apply again to do what is left, if the finding says that anything is."},
		{Code: CodeCredentials, Meaning: "AWS no longer takes the credentials, so nothing more was started.", Do: "Sign in again, then run apply again to do what is left."},
		{Code: CodeLeaseLost, Meaning: "The lock is no longer held, so every write stopped.", Do: "See who holds the lock, wait for that run to end, then run apply again."},
	}
}
