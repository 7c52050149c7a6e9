package entra

import (
	"cmp"
	"context"
	"net/url"
	"slices"
	"strings"

	"github.com/rolecall-dev/rolecall/internal/directory"
)

// fromID is the attribute that Graph calls id.
const fromID = "objectId"

// ByExternalID looks for the person of whom the job makes this external id, as its
// mapping says: the gallery's application takes mailNickname from the start, others
// objectId. Where the mapping is not known, or has what nobody can be looked for by,
// an id is tried as an object id, and nobody found means nothing.
func (d *Directory) ByExternalID(ctx context.Context, externalID string) (directory.PeopleFound, error) {
	var found directory.PeopleFound
	n, err := d.naming(ctx)
	if err != nil {
		return found, err
	}
	from, known := n.bound()
	unclear := ""
	if !known {
		from, unclear = []string{fromID}, "rolecall does not know what the provisioning job makes externalId from"
	}
	ids := guid.MatchString(externalID)
	if !ids {
		from = slices.DeleteFunc(from, func(name string) bool { return name == fromID })
	}
	switch {
	case externalID == "", !known && !ids:
		return directory.NotAsked(system, externalID, cmp.Or(unclear, "it is empty")), nil
	case len(from) == 0:
		return directory.NotAsked(system, externalID, "the provisioning job sends object ids, and this is not one, so something other than the job may have set it"), nil
	}
	meant := func(o object) bool { return !known || n.binds(o, externalID) }
	users, err := d.bound(ctx, externalID, from, meant, &found)
	if err == nil && len(users) == 0 && ids && !slices.Contains(from, fromID) { // brought before the mapping was changed
		users, err = d.bound(ctx, externalID, []string{fromID}, func(o object) bool { return o.ID == externalID }, &found)
	}
	if err == nil && len(users) == 0 {
		var seen bool
		users, seen, err = d.removed(ctx, filterOf(from, externalID, true), meant, &found)
		if !seen && unclear == "" {
			unclear = "whether such a person was deleted is not known"
		}
	}
	if err != nil {
		return directory.PeopleFound{}, err
	}
	for _, o := range users {
		p := o.person(o.UserPrincipalName, n)
		p.Match = directory.ByExternalID
		found.People = append(found.People, p)
	}
	directory.Rank(found.People)
	if len(users) == 0 && unclear == "" && !slices.Equal(from, []string{fromID}) {
		unclear = "AWS may have what " + strings.Join(from, ", ") + " was before"
	}
	if len(users) == 0 {
		found.Unclear = unclear
	}
	return found, nil
}

// bound asks for the living: by the object id alone as for one user, else in one
// search.
func (d *Directory) bound(ctx context.Context, externalID string, from []string, meant func(object) bool, found *directory.PeopleFound) ([]object, error) {
	if slices.Equal(from, []string{fromID}) {
		return d.user(ctx, "/users/"+url.PathEscape(externalID), "object id", found)
	}
	users, r, err := d.users(ctx, "ListUsers", "/users", filterOf(from, externalID, false))
	if err != nil {
		return nil, err
	}
	users = slices.DeleteFunc(users, func(o object) bool { return !meant(o) })
	found.Evidence = slices.Concat(found.Evidence, r.Evidence("%d users whom this names by %s", len(users), strings.Join(from, ", ")))
	return users, nil
}

// filterOf looks for a value in any of the attributes. A deleted user's principal
// name begins with the id, and a guest's has more than AWS gets of it.
func filterOf(from []string, value string, deleted bool) string {
	var tests []string
	for _, name := range from {
		guest := guestName(value)
		switch {
		case name == fromID:
			tests = append(tests, "id eq "+quote(value))
		case name != fromPrincipal && name != fromOriginal:
			tests = append(tests, filtered(name)+" eq "+quote(value))
		case deleted:
			tests = append(tests, "endsWith(userPrincipalName,"+quote(value)+")")
		case name == fromPrincipal && guest != "":
			tests = append(tests, "userPrincipalName eq "+quote(value), "startsWith(userPrincipalName,"+quote(guest)+")")
		default:
			tests = append(tests, "userPrincipalName eq "+quote(value))
		}
	}
	return strings.Join(tests, " or ")
}

// binds says that the job makes this external id of the person. AWS has it in the
// case of the day when it was sent.
func (n naming) binds(o object, externalID string) bool {
	value, ok := n.value(toExternalID, o)
	return ok && strings.EqualFold(value, externalID)
}

// bound returns the attributes that the external id is one of, as it is but for its
// case; ok is false where that is not known, or people cannot be looked for by one.
func (n naming) bound() (from []string, ok bool) {
	s, known := n.sources[toExternalID]
	if !known || !s.ok || s.once {
		return nil, false
	}
	return s.expression.plain()
}

// plain returns the attributes that an expression passes on.
func (e expression) plain() (from []string, ok bool) {
	searchable := []string{
		fromID, fromPrincipal, fromOriginal, "mail", "mailNickname", "onPremisesUserPrincipalName", "onPremisesSamAccountName", "employeeId", "displayName", "givenName", "surname",
	}
	if e.attribute != "" {
		return []string{e.attribute}, slices.Contains(searchable, e.attribute) || extension(e.attribute)
	}
	if !slices.Contains([]string{"ToLower", "ToUpper", "Coalesce"}, e.function) {
		return nil, false
	}
	args := e.args
	if e.function != "Coalesce" { // the others may name a language
		args = args[:1]
	}
	for _, arg := range args {
		names, ok := arg.plain()
		if !ok {
			return nil, false
		}
		from = append(from, names...)
	}
	return from, len(from) > 0
}
