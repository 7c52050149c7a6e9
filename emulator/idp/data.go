package idp

import "time"

// Status is what a user is in the directory.
type Status string

// The statuses of a user.
const (
	Active    Status = "active"
	Suspended Status = "suspended" // Okta: suspended or deactivated; Entra: account disabled
	Archived  Status = "archived"  // Google only
	Deleted   Status = "deleted"
)

// User is a person in the directory. UserName is what signs in: Okta's login,
// Entra's user principal name, Google's primary e-mail address.
type User struct {
	ID                                                  string
	UserName, Email, GivenName, FamilyName, DisplayName string
	Title, Department                                   string
	OrgUnit                                             string // Google: "/Engineering/Platform"
	// Aliases are further addresses: Google's, where a user name that is changed
	// becomes one, and Entra's proxy addresses. FixedAliases are those of Google that
	// come with a domain.
	Aliases, FixedAliases []string
	// GuestOf is the address of a guest at home (Google); "" means that the user is
	// none.
	GuestOf                     string
	Status                      Status
	Created, Updated, DeletedAt time.Time

	// Guest is a person of another organization (Entra), whose user name is
	// "alias_domain#EXT#@tenant".
	Guest bool
	// Account is the account name on premises (Entra).
	Account string
	// Extensions are the extension attributes (Entra), by their names:
	// "extensionAttribute1" to "extensionAttribute15".
	Extensions map[string]string
}

// Group is a group in the directory.
type Group struct {
	ID, Name, Description string
	// Source is the application that a group of Okta's was imported from, such as
	// Active Directory's ("0oa1activedirectory01"); "" means one that Okta has itself.
	// An imported group may have the name of another. [Directory.FindGroup] passes it over.
	Source                              string
	Created, Updated, MembershipUpdated time.Time
	// Everybody makes all users of the organization members, through one member
	// that stands for them (Google: of type CUSTOMER).
	Everybody bool
	// Outsiders are addresses of members from other organizations (Google). Their
	// status is not shown.
	Outsiders []string

	// NotSecurity says that the group is not security-enabled, so that Entra does
	// not provision it; Unified that it is one of Microsoft 365.
	NotSecurity, Unified bool
	// Rule makes the members of a dynamic group of Entra; RulePaused says that it
	// is not worked on. The members stay those that were added.
	Rule       string
	RulePaused bool
}

// Membership says that a user, or where the kind has nested groups a group, is
// directly in a group.
type Membership struct {
	GroupID, MemberID string
	MemberIsGroup     bool
}

// PrincipalType is what an assignment to the AWS application is for.
type PrincipalType string

// The principals of assignments.
const (
	UserPrincipal    PrincipalType = "user"
	GroupPrincipal   PrincipalType = "group"
	OrgUnitPrincipal PrincipalType = "org unit" // PrincipalID is its path; Google only
)

// Assignment puts a principal into the scope of provisioning.
type Assignment struct {
	PrincipalType PrincipalType
	PrincipalID   string
	Created       time.Time
}

// SyncState is how far provisioning has come with one user or group.
type SyncState string

// The states.
const (
	Pending      SyncState = "pending"
	Synchronized SyncState = "synchronized"
	Failed       SyncState = "failed"
)

// Provisioned is what the IdP believes of a user in AWS.
type Provisioned struct {
	UserID, TargetID string // TargetID is the SCIM id; "" where there is none
	Active           bool
	State            SyncState
	LastSync         time.Time
	Error            string
}

// PushMapping is what the IdP believes of a group in AWS: Okta's push mapping,
// and for Entra the same of an assigned group.
type PushMapping struct {
	GroupID, TargetID string
	Name              string // of the group in AWS
	State             SyncState
	Error             string
	Created, LastPush time.Time
	Members           []string // ids of the users who are in it in AWS, as far as the IdP knows
	Forgotten         bool     // see [Directory.ForgetTarget]
}

// JobStatus is what the provisioning job is doing.
type JobStatus string

// The statuses of the job.
const (
	JobNotRun     JobStatus = "not run"
	JobActive     JobStatus = "active"
	JobPaused     JobStatus = "paused"
	JobQuarantine JobStatus = "quarantine"
	JobDisabled   JobStatus = "disabled"
)

// Job is the provisioning job. Interval is 0 where each change is pushed at once.
type Job struct {
	Status                     JobStatus
	Interval                   time.Duration
	Wait                       time.Duration // from one cycle to the next, which is longer in quarantine
	LastExecution, LastSuccess time.Time
	QuarantinedSince           time.Time
	Error                      string
}

// Action is what a push does to an object in AWS.
type Action string

// The actions.
const (
	Create        Action = "create"
	Update        Action = "update"
	Enable        Action = "enable"
	Disable       Action = "disable"
	Delete        Action = "delete"
	AddMembers    Action = "add members"
	RemoveMembers Action = "remove members"
	Match         Action = "match" // an object that was there already is taken over
)

// Outcome is how a push ended.
type Outcome string

// The outcomes.
const (
	Success Outcome = "success"
	Failure Outcome = "failure"
	Skipped Outcome = "skipped" // not in scope, or not possible yet: nothing was sent
)

// Event is one line of the provisioning log.
type Event struct {
	Time           time.Time
	Cycle          int // number of the cycle, or of the push on change
	Action         Action
	ObjectType     PrincipalType
	ObjectID, Name string
	TargetID       string
	Outcome        Outcome
	Status         int      // of HTTP; 0 where there was no answer
	Reason         string   // why it failed or was skipped
	Retried        bool     // a failure that will be tried again
	Members        []string // user ids whose membership changed or was skipped
}

// Snapshot is the whole directory as data, in a stable order: how it was made, and
// all that it knows.
type Snapshot struct {
	Kind        Kind
	Endpoint    string
	SyncAll     bool
	Seed        uint64
	Mapping     Mapping
	Users       []User
	Groups      []Group
	Memberships []Membership
	Assignments []Assignment
	Provisioned []Provisioned
	Mappings    []PushMapping
	Job         Job
	Log         []Event
}
