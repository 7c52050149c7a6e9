package idp

import "time"

// Kind is whose habits the directory has.
type Kind string

// The kinds.
//
// Okta pushes each change at once. Users come with the application's
// assignments, groups with push mappings; a group should serve one of the two
// only (https://help.okta.com/oie/en-us/content/topics/users-groups-profiles/app-assignments-group-push.htm).
// Groups carry no external id. Whoever is unassigned, suspended or deleted is
// disabled in AWS, never deleted. A refused push waits for an administrator.
//
// Entra works in cycles of 40 minutes
// (https://learn.microsoft.com/entra/identity/saas-apps/aws-single-sign-on-provisioning-tutorial).
// Assigned groups are pushed with their direct members; members of nested groups
// are not. Everything has an external id. A soft-deleted user is disabled, and
// deleted 30 days later. A refused token puts the job into quarantine, with ever
// longer waits of up to a day.
//
// Google pushes users only, every few hours, those of the organizational units
// and groups for which the application is on
// (https://support.google.com/a/answer/6294828). Archived users are passed over.
// A user who was deleted in AWS does not come back.
const (
	Okta   Kind = "okta"
	Entra  Kind = "entra"
	Google Kind = "google"
)

// habits are the differences between the kinds, as data.
type habits struct {
	interval        time.Duration // of cycles; 0 means that each change is pushed at once
	retry           time.Duration // how long Run waits where there are no cycles
	groups          bool          // provisions groups
	mappings        bool          // groups by push mapping, else by assignment
	groupExternalID bool
	nested          bool          // a group may contain groups
	adoptsGroups    bool          // a group of the same name in AWS is taken over, else it blocks
	replaces        bool          // updates users by PUT, else by PATCH
	remakes         bool          // makes again what was deleted in AWS
	insists         bool          // refused pushes are tried again
	quarantine      bool          // a refused token slows the job down
	activeMembers   bool          // pushes active members only
	logsScope       bool          // the log tells who is not in scope
	purge           time.Duration // how long after its deletion a user is deleted in AWS; 0: never
}

// Waits of Entra's quarantine: the documentation says that the cycle slows down
// to once a day and that the job is disabled after four weeks.
const (
	quarantineMost  = 24 * time.Hour
	quarantineLimit = 28 * 24 * time.Hour
)

func (k Kind) habits() (habits, bool) {
	switch k {
	case Okta:
		return habits{retry: 10 * time.Minute, groups: true, mappings: true, replaces: true, activeMembers: true}, true
	case Entra:
		return habits{
			interval: 40 * time.Minute, groups: true, groupExternalID: true, nested: true, adoptsGroups: true,
			remakes: true, insists: true, quarantine: true, logsScope: true, purge: 30 * 24 * time.Hour,
		}, true
	case Google:
		return habits{interval: 6 * time.Hour, nested: true, insists: true}, true
	}
	return habits{}, false
}
