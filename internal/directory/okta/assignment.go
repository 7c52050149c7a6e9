package okta

import (
	"context"
	"net/url"
	"slices"
	"time"

	"github.com/rolecall-dev/rolecall/internal/directory"
)

// appUser is how a person stands in the application.
type appUser struct {
	Scope       string    `json:"scope"`
	Status      string    `json:"status"`
	SyncState   string    `json:"syncState"`
	LastSync    time.Time `json:"lastSync"`
	Changed     time.Time `json:"statusChanged"`
	ExternalID  string    `json:"externalId"`
	Credentials struct {
		UserName string `json:"userName"`
	} `json:"credentials"`
}

// PersonAssignment asks for the person in the application. Who is assigned both
// ways counts as assigned directly.
func (d *Directory) PersonAssignment(ctx context.Context, personID string) (directory.PersonAssignment, error) {
	out := directory.PersonAssignment{How: directory.NotAssigned}
	app, err := d.application(ctx)
	if err != nil {
		return out, err
	}
	var u appUser
	r, err := d.client.Get(ctx, directory.Call{Operation: opAppUser, Path: app.path("/users/" + url.PathEscape(personID))}, &u)
	if directory.NotThere.Is(err) {
		out.Evidence = r.Evidence("404: not assigned to %q", app.Label)
		return out, nil
	}
	if err != nil {
		return out, err
	}
	out.UserName, out.ExternalID, out.LastSync, out.Changed, out.Said = u.Credentials.UserName, u.ExternalID, u.LastSync, u.Changed, u.said()
	out.Evidence = r.Evidence("scope %s, %s, user name %q", u.Scope, out.Said, u.Credentials.UserName)
	if u.gone() {
		return out, nil
	}
	out.How, out.Sync = directory.Directly, u.sync()
	if u.Scope == "GROUP" {
		out.How = directory.ByGroup
		err = d.through(ctx, personID, &out)
	}
	return out, err
}

func (u appUser) said() string {
	if u.SyncState == "" {
		return u.Status
	}
	return u.Status + ", " + u.SyncState
}

// gone says that the user of the application is what is left of an assignment:
// removed by provisioning, never matched after an import, or switched off and
// waiting for somebody to confirm that it was removed (AppUserStatus).
func (u appUser) gone() bool {
	return slices.Contains([]string{"DEPROVISIONED", "UNASSIGNED", "REVOKED"}, u.Status)
}

// sync reads how far Okta has come, from what the specification says of each
// AppUserStatus and AppUserSyncState. The sync state DISABLED decides nothing: it
// says that the application does not master profiles (PROFILE_MASTERING). Nor does
// it, or the status, say that provisioning is off: that is the application's.
func (u appUser) sync() directory.SyncState {
	switch u.SyncState {
	case "ERROR":
		return directory.SyncFailed
	case "SYNCING", "OUT_OF_SYNC":
		return directory.Syncing
	}
	switch u.Status {
	case "STAGED", "PENDING": // queued, or waiting to be activated
		return directory.Syncing
	case "PROVISIONED":
		return directory.Synchronized
	case "INACTIVE", "SUSPENDED": // in AWS, and switched off for the application
		return directory.SyncOff
	}
	// ACTIVE is also somebody for whom nothing was pushed, where provisioning is
	// off; APPROVED waits for an administrator.
	if u.SyncState == "SYNCHRONIZED" || u.Status == active && u.ExternalID != "" {
		return directory.Synchronized
	}
	return ""
}

// through finds the groups that bring a person into the application. That they
// cannot be asked for leaves them unknown, and the person assigned.
func (d *Directory) through(ctx context.Context, personID string, out *directory.PersonAssignment) error {
	assigned, err := d.GroupAssignments(ctx)
	if err != nil {
		seen, err := unanswered(err)
		out.Evidence = slices.Concat(out.Evidence, seen)
		return err
	}
	mine, err := d.GroupsOf(ctx, personID)
	if err != nil {
		seen, err := unanswered(err)
		out.Evidence = slices.Concat(out.Evidence, assigned.Evidence, seen)
		return err
	}
	for _, g := range mine.Groups {
		if slices.ContainsFunc(assigned.Groups, func(a directory.Group) bool { return a.ID == g.ID }) {
			out.Groups = append(out.Groups, g)
		}
	}
	out.Evidence = slices.Concat(out.Evidence, assigned.Evidence, mine.Evidence)
	return nil
}

// appGroup is the assignment of a group.
type appGroup struct {
	ID       string `json:"id"`
	Embedded struct {
		Group group `json:"group"`
	} `json:"_embedded"`
}

// GroupAssignments returns the groups that are assigned to the application.
func (d *Directory) GroupAssignments(ctx context.Context) (directory.GroupsFound, error) {
	found := directory.GroupsFound{}
	app, err := d.application(ctx)
	if err != nil {
		return found, err
	}
	groups, r, _, err := list[appGroup](ctx, d, opAppGroups, app.path("/groups?expand=group&limit=200"), 0)
	if err != nil {
		return found, err
	}
	for _, a := range groups {
		g := a.Embedded.Group
		if g.Profile.Name == "" { // where Okta leaves the group out of the assignment
			if _, err := d.client.Get(ctx, directory.Call{Operation: opGetGroup, Path: "/api/v1/groups/" + url.PathEscape(a.ID)}, &g); err != nil {
				return found, err
			}
		}
		g.ID = a.ID
		found.Groups = append(found.Groups, g.group())
	}
	found.Evidence = r.Evidence("%d groups assigned to %q", len(groups), app.Label)
	return found, nil
}
