package okta

import (
	"cmp"
	"context"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/rolecall-dev/rolecall/internal/directory"
)

type user struct {
	ID      string    `json:"id"`
	Status  string    `json:"status"`
	Updated time.Time `json:"lastUpdated"`
	Profile struct {
		Login       string `json:"login"`
		Email       string `json:"email"`
		FirstName   string `json:"firstName"`
		LastName    string `json:"lastName"`
		DisplayName string `json:"displayName"`
	} `json:"profile"`
}

func (u user) Identity() string { return u.ID }

// control are the characters that no attribute in AWS has (the pattern of
// attributes in the Identity Store's API), and refused those that people's
// attributes cannot have in SCIM either ("AWS provisioning error: Request is
// unparsable, syntactically incorrect, or violates schema", support.okta.com).
const (
	control = "\x00\x01\x02\x03\x04\x05\x06\x07\x08\x0b\x0c\x0e\x0f\x10\x11\x12\x13\x14\x15\x16\x17\x18\x19\x1a\x1b\x1c\x1d\x1e\x1f\x7f"
	refused = "<>;:%" + control
)

func (u user) person(name string) directory.Person {
	p := directory.Person{
		ID: u.ID, UserName: u.Profile.Login, Email: u.Profile.Email, GivenName: u.Profile.FirstName, FamilyName: u.Profile.LastName,
		DisplayName: u.Profile.DisplayName, Status: status(u.Status), Said: u.Status, Updated: u.Updated,
	}
	// AWS needs a display name and a user name, too, but the application makes
	// those of other attributes: a user without a display name is nothing wrong.
	p.Unfit = directory.Unfit(refused, []string{"first name", "last name"}, "first name", p.GivenName, "last name", p.FamilyName)
	p.Match = directory.MatchOf(name, p.Email, p.UserName) // by an alias: Okta takes the part of a login before the @ for the login
	return p
}

// otherwise are the names besides the login that the application may send for the
// user: Okta has these as ready-made formats of the application's user name
// (ApplicationCredentialsUsernameTemplate), and a list of members does not show
// which one was used for whom.
func (u user) otherwise() (all []string) {
	short := func(name string) string { before, _, _ := strings.Cut(name, "@"); return before }
	for _, name := range []string{u.Profile.Email, short(u.Profile.Login), short(u.Profile.Email)} {
		if name != "" && name != u.Profile.Login && !slices.Contains(all, name) {
			all = append(all, name)
		}
	}
	return all
}

// status reads a user's status; ACTIVATING is a state in passing.
func status(said string) directory.Status {
	return cmp.Or(map[string]directory.Status{
		"ACTIVE": directory.Active, "SUSPENDED": directory.Suspended, "DEPROVISIONED": directory.Deleted,
		"STAGED": directory.Staged, "PROVISIONED": directory.Staged, "ACTIVATING": directory.Staged,
		"LOCKED_OUT": directory.Locked, "PASSWORD_EXPIRED": directory.Locked, "RECOVERY": directory.Locked,
	}[said], directory.Unknown)
}

// FindPerson asks for the login, then searches, which finds deactivated people
// and e-mail addresses too. A search may be some seconds behind. Somebody who was
// hired again is there twice: a deactivated user keeps the login, so that finding
// it does not end the search.
func (d *Directory) FindPerson(ctx context.Context, name string) (directory.PeopleFound, error) {
	var found directory.PeopleFound
	if directory.InPath(name) { // Okta takes no login with a slash here
		var u user
		r, err := d.client.Get(ctx, directory.Call{Operation: opGetUser, Path: "/api/v1/users/" + url.PathEscape(name)}, &u)
		switch {
		case directory.NotThere.Is(err):
			found.Evidence = r.Evidence("404: no user has this login")
		case err != nil:
			return found, err
		default:
			found.Evidence = r.Evidence("user %s, login %q, %s", u.ID, u.Profile.Login, u.Status)
			found.People = append(found.People, u.person(name))
		}
	}
	if len(found.People) == 1 && found.People[0].Match == directory.ByUserName && found.People[0].Status != directory.Deleted {
		return found, nil
	}
	search := "profile.login eq " + quote(name) + " or profile.email eq " + quote(name)
	users, r, _, err := list[user](ctx, d, opListUsers, "/api/v1/users?limit=200&search="+url.QueryEscape(search), 0)
	if err != nil {
		return found, err
	}
	for _, u := range users {
		if !slices.ContainsFunc(found.People, func(p directory.Person) bool { return p.ID == u.ID }) {
			found.People = append(found.People, u.person(name))
		}
	}
	directory.Rank(found.People)
	searched := r.Evidence("%d users%s", len(users), counting(found.People))
	if counting(found.People) != "" { // it says more than who was found first
		found.Evidence = slices.Concat(searched, found.Evidence)
	} else {
		found.Evidence = slices.Concat(found.Evidence, searched)
	}
	if len(found.People) == 0 {
		found.Unclear, err = d.unclear(ctx)
	}
	return found, err
}

// searchable are the templates of user names by which people are looked for: the
// login and the e-mail address, in whatever case.
var searchable = regexp.MustCompile(`^\$\{(fn:toLowerCase\(|fn:toUpperCase\()?(source|user)\.(login|email)\)?\}$`)

// unclear says why nobody of a name in AWS does not mean that there is nobody: the
// application makes user names of something else.
func (d *Directory) unclear(ctx context.Context) (string, error) {
	app, err := d.application(ctx)
	if directory.NotThere.Is(err) { // then nothing makes any
		return "", nil
	}
	if err != nil {
		_, err = unanswered(err)
		return "what the AWS application makes user names from could not be read", err
	}
	t := app.Credentials.UserNameTemplate
	switch {
	case t.Type == "NONE":
		return "the user names of the AWS application are entered by hand", nil
	case t.Template == "" || searchable.MatchString(t.Template):
		return "", nil
	}
	return fmt.Sprintf("the AWS application makes user names from %s, by which people cannot be searched", app.userNameFrom()), nil
}

// counting says which of several ranked people counts.
func counting(people []directory.Person) string {
	if len(people) < 2 || directory.Several(people) {
		return ""
	}
	var others []string
	for _, p := range people[1:] {
		others = append(others, fmt.Sprintf("%s (login %q, %s)", p.ID, p.UserName, p.Said))
	}
	return fmt.Sprintf(": %s (login %q, %s) counts, before %s", people[0].ID, people[0].UserName, people[0].Said, strings.Join(others, ", "))
}
