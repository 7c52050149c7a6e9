package directory

import (
	"time"

	"github.com/rolecall-dev/rolecall/internal/diag"
)

// PersonAssignment tells how a person is assigned to the AWS application.
type PersonAssignment struct {
	How    How     `json:"how"`
	Groups []Group `json:"groups,omitempty"` // through which, as far as the provider tells
	// UserName is the name that the application has for the person, which is
	// what AWS gets; "" where the provider does not tell.
	UserName   string    `json:"user_name,omitempty"`
	ExternalID string    `json:"external_id,omitempty"` // AWS's own id of the user, where told
	Sync       SyncState `json:"sync,omitempty"`
	Said       string    `json:"said,omitempty"` // the provider's own words for the state
	LastSync   time.Time `json:"last_sync,omitzero"`
	// Changed is when the assignment, or its state, changed last; zero where the
	// provider does not tell.
	Changed time.Time `json:"changed,omitzero"`
	// Otherwise are further names that AWS may have, as [Person.Otherwise], and Guessed
	// as [Person.Guessed].
	Otherwise []string `json:"otherwise,omitempty"`
	Guessed   bool     `json:"guessed,omitempty"`
	// Nested are assigned groups that contain the person only through another
	// group, which brings nobody to AWS.
	Nested   []Group         `json:"nested,omitempty"`
	Evidence []diag.Evidence `json:"evidence"`
}

// JobState is what provisioning to AWS is doing.
type JobState string

// The states.
const (
	JobOn         JobState = "on"
	JobOff        JobState = "off"
	JobPaused     JobState = "paused"
	JobNotRun     JobState = "not run yet"
	JobQuarantine JobState = "quarantine"
	JobUnclear    JobState = "unclear" // what the provider says decides nothing
)

// Switch is something that is on or off, where the provider tells.
type Switch string

// The positions; "" where the provider does not tell.
const (
	On  Switch = "on"
	Off Switch = "off"
)

// Provisioning is how the AWS application is provisioned. Times are zero where
// the provider does not tell.
type Provisioning struct {
	State    JobState `json:"state"`
	Said     string   `json:"said,omitempty"`     // the provider's own word
	Endpoint string   `json:"endpoint,omitempty"` // of SCIM, where told
	// Creates, Updates and Deactivates say what provisioning does to users.
	Creates     bool          `json:"creates"`
	Updates     bool          `json:"updates"`
	Deactivates bool          `json:"deactivates"`
	OnChange    bool          `json:"on_change"` // pushes each change; there is no cycle
	Interval    time.Duration `json:"interval,omitempty"`
	LastRun     time.Time     `json:"last_run,omitzero"`
	LastSuccess time.Time     `json:"last_success,omitzero"`
	NextRun     time.Time     `json:"next_run,omitzero"`
	// Quarantine is also there where it ended in provisioning being off.
	Quarantine *Quarantine `json:"quarantine,omitempty"`
	// Groups says whether groups are provisioned.
	Groups Switch `json:"groups,omitempty"`
	// UserNameFrom is what the user name in AWS is made of, in the provider's own
	// words ("mail"); "" where it does not tell.
	UserNameFrom string `json:"user_name_from,omitempty"`
	// Filters leave people or groups out by their attributes, in words.
	Filters []string `json:"filters,omitempty"`
	// Clashes are attributes of AWS, which takes one value of them, that several
	// mappings write.
	Clashes []string `json:"clashes,omitempty"`
	// Escrowed is how many things wait for a later try.
	Escrowed int `json:"escrowed,omitempty"`
	// Beside says what else there is that was not looked at, in words: an
	// application that is inactive, a further job.
	Beside []string `json:"beside,omitempty"`
	// Failure is the error of the last run, in the provider's words.
	Failure string `json:"failure,omitempty"`
	// Aborted says that it failed as a whole, and not for single people or groups.
	Aborted bool `json:"aborted,omitempty"`
	// Refused says that the last run failed because AWS refused the SCIM token, and
	// that none succeeded since.
	Refused bool `json:"refused,omitempty"`
	// NoJob says that the application has no provisioning job at all: whatever is in
	// AWS, something else brought it (Entra ID).
	NoJob bool `json:"no_job,omitempty"`
	// Unread is what of it could not be read, each with what that would need. The
	// fields that it would have are not known then.
	Unread   []string        `json:"unread,omitempty"`
	Evidence []diag.Evidence `json:"evidence"`
}

// Quarantine is what a provider does to a job that keeps failing.
type Quarantine struct {
	Since       time.Time `json:"since,omitzero"`
	NextAttempt time.Time `json:"next_attempt,omitzero"`
	Reason      string    `json:"reason,omitempty"`
	// Message is the provider's own, else what the reason means.
	Message string `json:"message,omitempty"`
	// Token says that AWS refuses the SCIM token.
	Token bool `json:"token,omitempty"`
}

// Outcome is how something in the provisioning log ended.
type Outcome string

// The outcomes.
const (
	Succeeded Outcome = "success"
	Failed    Outcome = "failure"
	Skipped   Outcome = "skipped"
	Warned    Outcome = "warning"
	Undecided Outcome = "undecided" // put off, given up, limited: it decides nothing
)

// Event is a line of the provisioning log.
type Event struct {
	ID      string    `json:"id"`
	Time    time.Time `json:"time"`
	Action  string    `json:"action"` // the provider's own word
	Outcome Outcome   `json:"outcome"`
	// Brought says that it is about the thing being made or changed in AWS, and not
	// about its being switched off or deleted there.
	Brought bool `json:"brought,omitempty"`
	// Reason is the provider's own message.
	Reason string `json:"reason,omitempty"`
	// Subjects are the persons and groups that the event is about.
	Subjects []Subject `json:"subjects,omitempty"`
	// Token says that the event means that AWS refuses the SCIM token: it refused
	// it then, and nothing was pushed since.
	Token bool `json:"token,omitempty"`
}

// Subject is what an event is about.
type Subject struct {
	ID   string     `json:"id"`
	Name string     `json:"name"`
	Kind MemberKind `json:"kind"`
}

// SignInCause is why a sign-in failed, where the provider's code tells.
type SignInCause string

// The causes; "" where the code tells none of them.
const (
	SignInNotAssigned SignInCause = "not assigned"
	SignInDenied      SignInCause = "denied by policy"
	SignInEntityID    SignInCause = "entity id differs"
	SignInNameID      SignInCause = "name id mapping"
	// SignInReplyURL is an address to answer to that is not the application's: AWS's
	// assertion consumer service is missing there, or is another one.
	SignInReplyURL SignInCause = "reply url differs"
	// SignInCredentials is a password that is not right, before the application had
	// any part in it.
	SignInCredentials SignInCause = "wrong credentials"
	// SignInForeign is somebody who signed in with an account of another tenant,
	// which this one does not have as a guest either.
	SignInForeign SignInCause = "account of another tenant"
)

// SignIn is a sign-in to the AWS application that failed.
type SignIn struct {
	ID       string      `json:"id"`
	Time     time.Time   `json:"time"`
	UserName string      `json:"user_name"`
	Code     string      `json:"code"` // the provider's own
	Reason   string      `json:"reason,omitempty"`
	Cause    SignInCause `json:"cause,omitempty"`
	Policy   string      `json:"policy,omitempty"` // that refused, where the provider names it
	// Application is the one that was signed in to, as the provider names it, where
	// the name is all that says that it is AWS's.
	Application string `json:"application,omitempty"`
}

// SAML is how the AWS application signs in. Fields are "" where the provider
// does not tell.
type SAML struct {
	Enabled   bool     `json:"enabled"`             // the application is on
	EntityID  string   `json:"entity_id,omitempty"` // the provider's, the issuer
	SignOnURL string   `json:"sign_on_url,omitempty"`
	ACS       []string `json:"acs,omitempty"`      // where answers are sent: AWS's assertion consumer service
	Audience  []string `json:"audience,omitempty"` // AWS's entity id, as the application has it
	// NameID is what the name id is made of, in the provider's own words, and
	// NameIDIs which of a person's names that is, where rolecall knows.
	NameID       string          `json:"name_id,omitempty"`
	NameIDIs     Attribute       `json:"name_id_is,omitempty"`
	Certificates []Certificate   `json:"certificates,omitempty"`
	Evidence     []diag.Evidence `json:"evidence"`
}

// Certificate is a certificate that signs answers.
type Certificate struct {
	Fingerprint string    `json:"fingerprint,omitempty"` // SHA-256, hex
	SHA1        string    `json:"sha1,omitempty"`        // SHA-1, hex in capitals
	KeyID       string    `json:"key_id,omitempty"`
	NotBefore   time.Time `json:"not_before,omitzero"`
	NotAfter    time.Time `json:"not_after,omitzero"`
	// InUse says that the provider signs with it now.
	InUse bool `json:"in_use"`
	// Perhaps says that it may be the one: the provider does not say which it
	// signs with.
	Perhaps bool `json:"perhaps,omitempty"`
}

// Attribute is one of a person's names.
type Attribute string

// The attributes.
const (
	OfUserName Attribute = "user name" // that the application has, which AWS gets
	OfLogin    Attribute = "login"     // that signs in at the provider
	OfEmail    Attribute = "e-mail address"
)

// PushMapping pushes a group to AWS under a name (Okta).
type PushMapping struct {
	ID       string    `json:"id"`
	GroupID  string    `json:"group_id"`  // in the directory
	TargetID string    `json:"target_id"` // the provider's id of the group in AWS
	State    SyncState `json:"state"`
	Said     string    `json:"said,omitempty"`
	Error    string    `json:"error,omitempty"`
	LastPush time.Time `json:"last_push,omitzero"`
}
