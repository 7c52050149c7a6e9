package directory

import (
	"context"
	"time"

	"github.com/rolecall-dev/rolecall/internal/diag"
)

// Directory is what every connector is. What it can do is found by asserting
// the interfaces below: a connector has those that its provider serves.
type Directory interface {
	About() About
}

// About says which directory is looked at, and what it does not show.
type About struct {
	Kind         string    `json:"kind"`                   // "okta", "entra", "google", "file"
	System       string    `json:"system"`                 // as in evidence: "Okta"
	Organization string    `json:"organization,omitempty"` // as the settings name it
	Application  string    `json:"application,omitempty"`  // as the settings name it
	Missing      []Missing `json:"missing,omitempty"`
}

// Missing is a capability that the directory does not have.
type Missing struct {
	Capability Capability `json:"capability"`
	Why        string     `json:"why"`
	Needs      string     `json:"needs"` // what a person can do instead
}

// Capability names one of the interfaces below.
type Capability string

// The capabilities.
const (
	CanFindPeople  Capability = "people"
	CanFindGroups  Capability = "groups"
	CanAssignments Capability = "assignments"
	CanProvision   Capability = "provisioning"
	CanEvents      Capability = "provisioning events"
	CanSignIns     Capability = "sign-ins"
	CanSAML        Capability = "saml"
	CanPushGroups  Capability = "push groups"
)

// MissingFor returns why the directory lacks a capability; false means that it
// has it.
func (a About) MissingFor(c Capability) (Missing, bool) {
	for _, m := range a.Missing {
		if m.Capability == c {
			return m, true
		}
	}
	return Missing{}, false
}

// People finds persons.
type People interface {
	// FindPerson looks for a person by user name, e-mail address or alias. None
	// found is no error: the answer then has evidence alone.
	FindPerson(ctx context.Context, name string) (PeopleFound, error)
}

// Binder finds the person whom a user in AWS is bound to.
type Binder interface {
	// ByExternalID looks for the person whom AWS's external id names, whatever the
	// user name in AWS; deleted ones too, as far as the provider shows them. None
	// found is no error: the answer then has evidence alone, and where that does
	// not mean that there is nobody, says why ([PeopleFound.Unclear]).
	ByExternalID(ctx context.Context, externalID string) (PeopleFound, error)
}

// Groups finds groups and who is in them.
type Groups interface {
	// FindGroups returns the groups with exactly this name; several where the
	// provider allows it.
	FindGroups(ctx context.Context, name string) (GroupsFound, error)
	// GroupsOf returns the groups that a person is directly in.
	GroupsOf(ctx context.Context, personID string) (GroupsFound, error)
	// MembersOf returns the members of a group, those of nested groups too.
	MembersOf(ctx context.Context, groupID string) (MembersFound, error)
}

// GroupByID finds the group that an id names, such as the external id of a group in
// AWS.
type GroupByID interface {
	// GroupByID looks for the group of this id, whatever its name. None found is no
	// error: the answer then has evidence alone.
	GroupByID(ctx context.Context, id string) (GroupsFound, error)
}

// Assignments tells who is assigned to the AWS application.
type Assignments interface {
	// PersonAssignment tells whether and through what a person is assigned.
	PersonAssignment(ctx context.Context, personID string) (PersonAssignment, error)
	// GroupAssignments returns all groups that are assigned.
	GroupAssignments(ctx context.Context) (GroupsFound, error)
}

// Provisioner tells how the AWS application is provisioned.
type Provisioner interface {
	Provisioning(ctx context.Context) (Provisioning, error)
}

// Eventer reads the provisioning log.
type Eventer interface {
	// ProvisioningEvents returns what the log has since then, newest first; about
	// one person or group where subject is an id, else about all.
	ProvisioningEvents(ctx context.Context, since time.Time, subject string) (EventsFound, error)
}

// SignIner reads sign-ins to the AWS application that failed.
type SignIner interface {
	// SignInFailures returns them, newest first; of one person where personID is
	// not "".
	SignInFailures(ctx context.Context, since time.Time, personID string) (SignInsFound, error)
}

// SAMLer tells how the AWS application signs in.
type SAMLer interface {
	SAML(ctx context.Context) (SAML, error)
}

// GroupPusher tells which groups are pushed, where that is not the same as
// being assigned (Okta).
type GroupPusher interface {
	PushGroups(ctx context.Context) (PushGroupsFound, error)
	// PushTarget returns the group that a mapping pushes to, as the provider has
	// it: one, or none where it is gone.
	PushTarget(ctx context.Context, targetID string) (GroupsFound, error)
}

// Eligibles tells who could be in a group and is not at the moment, where a
// provider gives memberships for a time (Entra ID's PIM).
type Eligibles interface {
	// Eligible says whether the person can activate a membership of the group.
	Eligible(ctx context.Context, personID, groupID string) (EligibleFound, error)
}

// The answers. Each has the calls that it rests on.
type (
	// PeopleFound are the persons with a name, best first ([Rank]).
	PeopleFound struct {
		People []Person `json:"people,omitempty"`
		// Foreign says that nobody was found because the address is of another
		// organization's domain (Google).
		Foreign bool `json:"foreign,omitempty"`
		// Unclear says why nobody found does not mean that there is nobody: of an
		// external id, or where what user names are made of is not known; "" where it
		// does.
		Unclear  string          `json:"unclear,omitempty"`
		Evidence []diag.Evidence `json:"evidence"`
	}
	// GroupsFound are groups. Near are those whose name differs in case alone,
	// where groups were looked for by name; to AWS they are others.
	GroupsFound struct {
		Groups []Group `json:"groups,omitempty"`
		Near   []Group `json:"near,omitempty"`
		// Twins have exactly the name that was looked for, and are never the group
		// that is meant: what the provider keeps of a group in AWS.
		Twins []Group `json:"twins,omitempty"`
		// Unsure says why none of the name does not mean that there is none, and one of
		// the name not that it is the one: the provider makes the names of groups in AWS
		// of something else, or does not show of what; "" where it does.
		Unsure   string          `json:"unsure,omitempty"`
		Evidence []diag.Evidence `json:"evidence"`
	}
	// MembersFound are the members of a group; a person who is in it both
	// directly and through a nested group is there once, as direct.
	MembersFound struct {
		Members []Member `json:"members,omitempty"`
		// Everybody says that all people of the directory are members.
		Everybody bool            `json:"everybody,omitempty"`
		Evidence  []diag.Evidence `json:"evidence"`
	}
	// EventsFound are lines of the provisioning log. Partial says that older
	// ones were left off.
	EventsFound struct {
		Events   []Event         `json:"events,omitempty"`
		Partial  bool            `json:"partial,omitempty"`
		Evidence []diag.Evidence `json:"evidence"`
	}
	// SignInsFound are sign-ins that failed. Partial says that older ones were
	// left off.
	SignInsFound struct {
		SignIns []SignIn `json:"sign_ins,omitempty"`
		Partial bool     `json:"partial,omitempty"`
		// LastSuccess is when the person signed in last; zero where nobody was
		// named, nothing failed, or the log has none.
		LastSuccess time.Time       `json:"last_success,omitzero"`
		Evidence    []diag.Evidence `json:"evidence"`
	}
	// EligibleFound says whether somebody can activate a membership.
	EligibleFound struct {
		Eligible bool            `json:"eligible"`
		Evidence []diag.Evidence `json:"evidence"`
	}
	// PushGroupsFound are push mappings.
	PushGroupsFound struct {
		Mappings []PushMapping   `json:"mappings,omitempty"`
		Evidence []diag.Evidence `json:"evidence"`
	}
)
