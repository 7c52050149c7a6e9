package okta

import (
	"context"
	"net/url"
	"regexp"

	"github.com/rolecall-dev/rolecall/internal/directory"
)

// userID is how the ids of Okta's users look: a login is never taken for one.
var userID = regexp.MustCompile(`^00u[0-9A-Za-z]+$`)

// ByExternalID asks for the user of this id, which is what Okta sends to AWS as the
// external id. Deactivated users are found, too; whoever was deleted after that is
// gone for good.
func (d *Directory) ByExternalID(ctx context.Context, externalID string) (directory.PeopleFound, error) {
	var found directory.PeopleFound
	if !userID.MatchString(externalID) {
		return directory.NotAsked(system, externalID, "it does not have the form of an Okta user's id, so something other than Okta may have set it"), nil
	}
	var u user
	r, err := d.client.Get(ctx, directory.Call{Operation: opGetUser, Path: "/api/v1/users/" + externalID}, &u)
	switch {
	case directory.NotThere.Is(err):
		found.Evidence = r.Evidence("404: no user has this id")
		return found, nil
	case err != nil:
		return found, err
	case u.ID != externalID: // Okta looks for logins, too
		found.Evidence = r.Evidence("the user %s has this as login; no user has this id", u.ID)
		return found, nil
	}
	p := u.person(u.Profile.Login)
	p.Match = directory.ByExternalID
	found.People, found.Evidence = []directory.Person{p}, r.Evidence("user %s, login %q, %s", u.ID, u.Profile.Login, u.Status)
	return found, nil
}

// GroupByID asks for the group of this id, of whatever kind: an image of a group in
// AWS, too.
func (d *Directory) GroupByID(ctx context.Context, id string) (directory.GroupsFound, error) {
	if !directory.InPath(id) {
		return directory.GroupsFound{Evidence: directory.NotAsked(system, id, "it cannot be the id of a group in Okta").Evidence}, nil
	}
	var g group
	r, err := d.client.Get(ctx, directory.Call{Operation: opGetGroup, Path: "/api/v1/groups/" + url.PathEscape(id)}, &g)
	switch {
	case directory.NotThere.Is(err):
		return directory.GroupsFound{Evidence: r.Evidence("404: no group has this id")}, nil
	case err != nil:
		return directory.GroupsFound{}, err
	}
	return directory.GroupsFound{Groups: []directory.Group{g.group()}, Evidence: r.Evidence("%s %q", g.Type, g.Profile.Name)}, nil
}
