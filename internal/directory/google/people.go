package google

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/rolecall-dev/rolecall/internal/diag"
	"github.com/rolecall-dev/rolecall/internal/directory"
)

// refused are characters that AWS takes in no attribute that SCIM brings
// (support.okta.com, "AWS provisioning error: Request is unparsable").
const refused = "<>;:%"

type user struct {
	ID      string `json:"id"`
	Primary string `json:"primaryEmail"`
	// Name is nil where the answer has none, which says nothing of the person.
	Name *struct {
		Given  string `json:"givenName"`
		Family string `json:"familyName"`
		Full   string `json:"fullName"`
	} `json:"name"`
	Aliases []string `json:"aliases"`
	// Fixed are aliases that come with the domain, such as those of a domain that
	// is an alias itself.
	Fixed            []string `json:"nonEditableAliases"`
	Suspended        bool     `json:"suspended"`
	SuspensionReason string   `json:"suspensionReason"`
	Archived         bool     `json:"archived"`
	OrgUnit          string   `json:"orgUnitPath"`
	Deleted          string   `json:"deletionTime"`
	Created          string   `json:"creationTime"`
	Guest            bool     `json:"isGuestUser"`
	GuestInfo        struct {
		Email string `json:"primaryGuestEmail"`
	} `json:"guestAccountInfo"`
}

func (u user) Identity() string { return u.ID }

// when reads a time; zero where it is not told.
func when(text string) time.Time {
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return time.Time{}
	}
	return at
}

func (u user) person(name string) directory.Person {
	p := directory.Person{
		ID: u.ID, UserName: u.Primary, Email: u.Primary, Aliases: slices.Concat(u.Aliases, u.Fixed),
		Status: directory.Active, Said: "active", OrgUnit: u.OrgUnit, Guest: u.Guest, Created: when(u.Created),
	}
	if n := u.Name; n != nil {
		p.GivenName, p.FamilyName, p.DisplayName = n.Given, n.Family, n.Full
		p.Unfit = directory.Unfit(refused, []string{"first name", "last name"}, "first name", n.Given, "last name", n.Family)
	}
	if u.Guest && u.GuestInfo.Email != "" && !strings.EqualFold(u.GuestInfo.Email, u.Primary) {
		p.Otherwise = []string{u.GuestInfo.Email}
	}
	switch {
	case u.Archived: // archived people are not provisioned, suspended or not
		p.Status, p.Said = directory.Archived, "archived"
	case u.Suspended:
		p.Status, p.Said = directory.Suspended, strings.TrimSpace("suspended "+u.SuspensionReason)
	}
	p.Match = directory.MatchOf(name, p.Email, p.UserName)
	return p
}

// gone is somebody who was deleted.
func (u user) gone(name string) directory.Person {
	p := u.person(name)
	p.Status, p.Said = directory.Deleted, "deleted"
	if at := when(u.Deleted); !at.IsZero() {
		p.Said += " " + at.UTC().Format(time.DateOnly)
	}
	return p
}

// FindPerson asks for the address, which may be an alias, then for users who
// were deleted in the last 20 days. Somebody who was made again under the address
// is found at once, as the living one.
func (d *Directory) FindPerson(ctx context.Context, name string) (directory.PeopleFound, error) {
	var found directory.PeopleFound
	var foreign error // the refusal of an address that may be of another domain
	asked := directory.InPath(name)
	if asked {
		p, seen, err := d.living(ctx, name)
		switch {
		case err != nil && !d.maybeForeign(name, err):
			return found, err
		case p != nil:
			return directory.PeopleFound{People: []directory.Person{*p}, Evidence: seen}, nil
		}
		foreign, found.Evidence = err, seen
	}
	deleted, seen, err := d.deleted(ctx, name)
	switch {
	case err == nil, directory.NotThere.Is(err) && asked:
	case foreign != nil && (directory.Forbidden.Is(err) || directory.Refused.Is(err)):
		return directory.PeopleFound{}, foreign // nothing can be read: that is no matter of the address
	case asked && foreign == nil && (directory.Forbidden.Is(err) || directory.Refused.Is(err)):
		// Who lives is answered. Whether somebody was deleted stays unknown.
	default:
		return directory.PeopleFound{}, err
	}
	found.People, found.Evidence = deleted, slices.Concat(found.Evidence, seen)
	found.Foreign = foreign != nil && err == nil && len(deleted) == 0
	return found, nil
}

// living looks for a user who is not deleted; nil where nobody has the address.
func (d *Directory) living(ctx context.Context, name string) (*directory.Person, []diag.Evidence, error) {
	var u user
	r, err := d.client.Get(ctx, directory.Call{Operation: "GetUser", Path: usersPath + "/" + url.PathEscape(name) + "?projection=full"}, &u)
	switch {
	case directory.NotThere.Is(err):
		return nil, r.Evidence("404: no user has this address"), nil
	case r.Status == http.StatusBadRequest && directory.Refused.Is(err): // documented for a key that is neither address nor id
		return nil, r.Evidence("400: this is not the address of a user"), nil
	case directory.Forbidden.Is(err):
		return nil, r.Evidence("403 forbidden, which is what Google says of an address outside the organization's domains"), d.outside(name, err)
	case err != nil:
		return nil, nil, err
	case u.ID == name: // Google looks for ids too, which are nobody's name
		return nil, r.Evidence("a user has this as id; no user has this address"), nil
	}
	p := u.person(name)
	return &p, r.Evidence("user %s, %q, %s, organizational unit %s", p.ID, p.UserName, p.Said, p.OrgUnit), nil
}

// maybeForeign says that a refusal may be that of an address of another domain.
// Google answers both that and missing rights with 403 forbidden. The domain of
// the administrator is the customer's own.
func (d *Directory) maybeForeign(name string, err error) bool {
	var e *directory.Error
	return errors.As(err, &e) && e.Kind == directory.Forbidden && e.Code == reasonForbidden && !strings.EqualFold(domain(name), domain(d.subject))
}

// outside adds to a refusal within the customer's own domain its other reading.
func (d *Directory) outside(name string, err error) error {
	var e *directory.Error
	if !errors.As(err, &e) || e.Code != reasonForbidden || d.maybeForeign(name, err) {
		return err
	}
	both := *e
	both.Needs += " Google says the same where the address belongs to a person's own Google account outside the Workspace: look for it in the Admin console under Directory, Users, Transfer tool for unmanaged users."
	return &both
}

func domain(address string) string {
	_, after, _ := strings.Cut(address, "@")
	return after
}

// deleted looks for users who were deleted in the last 20 days, the last first.
// One page has all that ever had an address.
func (d *Directory) deleted(ctx context.Context, name string) ([]directory.Person, []diag.Evidence, error) {
	q := url.Values{"customer": {d.customer}, "showDeleted": {"true"}, "query": {"email=" + quote(name)}, "maxResults": {"500"}}
	users, r, _, err := list[user](ctx, d, "ListUsers", usersPath, "users", q, 1)
	if err != nil {
		return nil, r.Evidence("%d: whether somebody of this address was deleted is not known", r.Status), err
	}
	slices.SortStableFunc(users, func(a, b user) int { return when(b.Deleted).Compare(when(a.Deleted)) })
	var people []directory.Person
	for _, u := range users {
		people = append(people, u.gone(name))
	}
	directory.Rank(people)
	return people, r.Evidence("the organization's users can be listed: %d deleted users of this address", len(users)), nil
}
