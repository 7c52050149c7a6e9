package directory

import "time"

// Status is what a person is in the directory, whatever the provider calls it.
type Status string

// The statuses. Only an active person is provisioned and can sign in.
const (
	Active    Status = "active"
	Suspended Status = "suspended" // switched off, and can be switched on
	Staged    Status = "staged"    // not activated yet
	Locked    Status = "locked"    // the person has to act: locked out, password expired
	Archived  Status = "archived"
	Deleted   Status = "deleted"
	Unknown   Status = "unknown" // the source does not say
)

// Match says by what a person was found.
type Match string

// The matches.
const (
	ByUserName Match = "user name" // exactly
	ByCase     Match = "user name in another case"
	ByEmail    Match = "e-mail address"
	ByAlias    Match = "alias"
	// ByExternalID is by what AWS has as the external id ([Binder]), under whatever
	// name.
	ByExternalID Match = "external id"
)

// Person is a person in the directory.
type Person struct {
	ID string `json:"id"`
	// UserName is what signs in, and unless the application maps another
	// attribute ([PersonAssignment]) what AWS gets.
	UserName    string    `json:"user_name"`
	Email       string    `json:"email,omitempty"`
	DisplayName string    `json:"display_name,omitempty"`
	GivenName   string    `json:"given_name,omitempty"`
	FamilyName  string    `json:"family_name,omitempty"`
	Status      Status    `json:"status"`
	Said        string    `json:"said,omitempty"`     // the provider's own word for the status
	OrgUnit     string    `json:"org_unit,omitempty"` // Google
	Match       Match     `json:"match,omitempty"`
	Updated     time.Time `json:"updated,omitzero"`
	Created     time.Time `json:"created,omitzero"` // zero where it is not told
	// Otherwise are further names that AWS may have for the person, where the
	// provider does not show which one it sends.
	Otherwise []string `json:"otherwise,omitempty"`
	// Guessed says that the user name is the likeliest only: what the provider sends
	// is not known, and may be none of these.
	Guessed bool `json:"guessed,omitempty"`
	// Aliases are further addresses of the person, former ones among them.
	Aliases []string `json:"aliases,omitempty"`
	// Guest is a person of another organization.
	Guest bool `json:"guest,omitempty"`
	// Unfit says what of the person AWS does not take, in words: "the last name is
	// empty". It has only what the provider showed.
	Unfit []string `json:"unfit,omitempty"`
	// Bound is the external id that provisioning gives the person in AWS, where it is
	// known and another than the id; "" otherwise.
	Bound string `json:"bound,omitempty"`
}

// Group is a group in the directory.
type Group struct {
	ID          string `json:"id"`
	Name        string `json:"name"`
	Email       string `json:"email,omitempty"` // Google
	Description string `json:"description,omitempty"`
	// BuiltIn is a group that the provider keeps itself, such as Everyone.
	BuiltIn bool `json:"built_in,omitempty"`
	// NotProvisionable says why the provider never provisions such a group
	// ("" where it does).
	NotProvisionable  string    `json:"not_provisionable,omitempty"`
	MembershipUpdated time.Time `json:"membership_updated,omitzero"` // zero where it is not told
	// Kind is the provider's own word for the kind of group: "OKTA_GROUP".
	Kind string `json:"kind,omitempty"`
	// Paused says why the members do not follow the rule that makes them (""
	// where they do, or nobody but people makes them).
	Paused string `json:"paused,omitempty"`
	// Unfit says what of the group AWS does not take, or the provider cannot match.
	Unfit []string `json:"unfit,omitempty"`
}

// MemberKind is what a member is.
type MemberKind string

// The kinds of members.
const (
	PersonMember MemberKind = "person"
	GroupMember  MemberKind = "group"
	OtherMember  MemberKind = "other"
)

// Member is a member of a group.
type Member struct {
	ID       string     `json:"id"`
	Name     string     `json:"name"` // user name or group name
	Kind     MemberKind `json:"kind"`
	Direct   bool       `json:"direct"`
	Status   Status     `json:"status,omitempty"` // of a person
	Provider string     `json:"provider_type,omitempty"`
	// Otherwise are further names that AWS may have for the person, as
	// [Person.Otherwise].
	Otherwise []string `json:"otherwise,omitempty"`
	Guessed   bool     `json:"guessed,omitempty"` // as [Person.Guessed]
	// Bound is the external id in AWS, as [Person.Bound].
	Bound string `json:"bound,omitempty"`
}

// How says through what somebody is assigned.
type How string

// The ways.
const (
	NotAssigned How = "not assigned"
	Directly    How = "directly"
	ByGroup     How = "by group"
	// Everybody is an application for which nobody needs to be assigned. That
	// lets people sign in; it does not provision them.
	Everybody How = "everybody"
)

// SyncState is how far the provider has come with a person or group in AWS.
type SyncState string

// The states; "" where the provider does not tell.
const (
	Synchronized SyncState = "synchronized"
	Syncing      SyncState = "syncing"
	SyncFailed   SyncState = "failed"
	SyncOff      SyncState = "off"
)
