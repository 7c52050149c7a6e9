package google

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"regexp"
	"slices"

	"github.com/rolecall-dev/rolecall/internal/directory"
)

// userID is how the ids of Google's users look.
var userID = regexp.MustCompile(`^[0-9]+$`)

// ByExternalID asks for the user of this id, which is what Google sends to AWS as the
// external id, then among those who were deleted in the last 20 days: Google looks
// for them by address only, so that all are listed.
func (d *Directory) ByExternalID(ctx context.Context, externalID string) (directory.PeopleFound, error) {
	var found directory.PeopleFound
	if !userID.MatchString(externalID) {
		return directory.NotAsked(system, externalID, "it does not have the form of a Google user's id, so something other than Google may have set it"), nil
	}
	var u user
	r, err := d.client.Get(ctx, directory.Call{Operation: "GetUser", Path: usersPath + "/" + externalID + "?projection=full"}, &u)
	refused := forbidden(err)
	switch {
	case directory.NotThere.Is(err), r.Status == http.StatusBadRequest && directory.Refused.Is(err), err == nil && u.ID != externalID:
		found.Evidence = r.Evidence("%d: no user has this id", r.Status)
	case refused:
		found.Unclear = "Google does not show this user: it belongs to another organization, or to a part of this one that the administrator may not read"
		found.Evidence = r.Evidence("403 forbidden")
	case err != nil:
		return found, err
	default:
		p := u.person(u.Primary)
		p.Match = directory.ByExternalID
		found.People, found.Evidence = []directory.Person{p}, r.Evidence("user %s, %q, %s", p.ID, p.UserName, p.Said)
		return found, nil
	}
	if failed := d.deletedID(ctx, externalID, &found); refused && directory.Forbidden.Is(failed) {
		return directory.PeopleFound{}, err // nothing can be read: that is no matter of the id
	} else if e := (*directory.Error)(nil); failed != nil && !errors.As(failed, &e) {
		return directory.PeopleFound{}, failed
	}
	return found, nil
}

// forbidden says that a call is refused as Google refuses what is another
// organization's, and what the administrator's role leaves out.
func forbidden(err error) bool {
	var e *directory.Error
	return errors.As(err, &e) && e.Kind == directory.Forbidden && e.Code == reasonForbidden
}

// deletedID looks for the id among those who were deleted. That it cannot leaves
// open whether there is such a one.
func (d *Directory) deletedID(ctx context.Context, id string, found *directory.PeopleFound) error {
	q := url.Values{"customer": {d.customer}, "showDeleted": {"true"}, "maxResults": {"500"}}
	users, r, partial, err := list[user](ctx, d, "ListUsers", usersPath, "users", q, deletedPages)
	if err != nil {
		found.Unclear = "whether somebody of this id was deleted is not known"
		found.Evidence = slices.Concat(found.Evidence, r.Evidence("%d: %s", r.Status, found.Unclear))
		return err
	}
	found.Evidence = slices.Concat(found.Evidence, r.Evidence("%d users were deleted in the last 20 days", len(users)))
	at := slices.IndexFunc(users, func(u user) bool { return u.ID == id })
	switch {
	case at >= 0:
		p := users[at].gone(users[at].Primary)
		p.Match = directory.ByExternalID
		found.People, found.Unclear = []directory.Person{p}, ""
	case partial:
		found.Unclear = "not all users who were deleted were looked at"
	}
	return nil
}
