package okta

import (
	"context"
	"net/url"
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

// Identity gives the id.
func (u user) Identity() string { return u.ID }

func (u user) person(name string) directory.Person {
	p := directory.Person{
		ID: u.ID, UserName: u.Profile.Login, Email: u.Profile.Email, GivenName: u.Profile.FirstName, FamilyName: u.Profile.LastName,
		DisplayName: u.Profile.DisplayName, Status: status(u.Status), Said: u.Status, Updated: u.Updated,
	}
	switch {
	case p.UserName == name:
		p.Match = directory.ByUserName
	case strings.EqualFold(p.UserName, name):
		p.Match = directory.ByCase
	case strings.EqualFold(p.Email, name):
		p.Match = directory.ByEmail
	default: // Okta takes the part of a login before the @ for the login
		p.Match = directory.ByAlias
	}
	return p
}

func status(said string) directory.Status {
	switch said {
	case "ACTIVE":
		return directory.Active
	case "SUSPENDED":
		return directory.Suspended
	case "DEPROVISIONED":
		return directory.Deleted
	case "STAGED", "PROVISIONED":
		return directory.Staged
	case "LOCKED_OUT", "PASSWORD_EXPIRED", "RECOVERY":
		return directory.Locked
	}
	return directory.Unknown
}

// FindPerson asks for the login, then searches, which finds deactivated people
// and e-mail addresses too. A search may be some seconds behind.
func (d *Directory) FindPerson(ctx context.Context, name string) (directory.PeopleFound, error) {
	var found directory.PeopleFound
	if directory.InPath(name) { // Okta takes no login with a slash here
		var u user
		r, err := d.client.Get(ctx, directory.Call{Operation: "GetUser", Path: "/api/v1/users/" + url.PathEscape(name)}, &u)
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
	if len(found.People) == 1 && found.People[0].Match == directory.ByUserName {
		return found, nil
	}
	search := "profile.login eq " + quote(name) + " or profile.email eq " + quote(name)
	users, r, _, err := list[user](ctx, d, "ListUsers", "/api/v1/users?limit=200&search="+url.QueryEscape(search), 0)
	if err != nil {
		return found, err
	}
	found.Evidence = evidence(found.Evidence, r.Evidence("%d users", len(users)))
	for _, u := range users {
		if !slices.ContainsFunc(found.People, func(p directory.Person) bool { return p.ID == u.ID }) {
			found.People = append(found.People, u.person(name))
		}
	}
	return found, nil
}

type group struct {
	ID                string    `json:"id"`
	Type              string    `json:"type"`
	MembershipUpdated time.Time `json:"lastMembershipUpdated"`
	Profile           struct {
		Name        string `json:"name"`
		Description string `json:"description"`
	} `json:"profile"`
}

// Identity gives the id.
func (g group) Identity() string { return g.ID }

func (g group) group() directory.Group {
	return directory.Group{ID: g.ID, Name: g.Profile.Name, Description: g.Profile.Description, BuiltIn: g.Type == "BUILT_IN", MembershipUpdated: g.MembershipUpdated}
}

// FindGroups searches by name. A search may be some seconds behind.
func (d *Directory) FindGroups(ctx context.Context, name string) (directory.GroupsFound, error) {
	var found directory.GroupsFound
	groups, r, _, err := list[group](ctx, d, "ListGroups", "/api/v1/groups?limit=200&search="+url.QueryEscape("profile.name eq "+quote(name)), 0)
	if err != nil {
		return found, err
	}
	for _, g := range groups {
		if g.Profile.Name == name {
			found.Groups = append(found.Groups, g.group())
		} else {
			found.Near = append(found.Near, g.group())
		}
	}
	found.Evidence = r.Evidence("%d groups of this name, %d in another case", len(found.Groups), len(found.Near))
	return found, nil
}

// GroupsOf gives a person's groups. Okta has no nested groups.
func (d *Directory) GroupsOf(ctx context.Context, personID string) (directory.GroupsFound, error) {
	groups, r, _, err := list[group](ctx, d, "ListUserGroups", "/api/v1/users/"+url.PathEscape(personID)+"/groups?limit=200", 0)
	found := directory.GroupsFound{}
	if err != nil {
		return found, err
	}
	for _, g := range groups {
		found.Groups = append(found.Groups, g.group())
	}
	found.Evidence = r.Evidence("%d groups", len(groups))
	return found, nil
}

// MembersOf gives a group's members, all direct.
func (d *Directory) MembersOf(ctx context.Context, groupID string) (directory.MembersFound, error) {
	users, r, _, err := list[user](ctx, d, "ListGroupUsers", "/api/v1/groups/"+url.PathEscape(groupID)+"/users?limit=200", 0)
	found := directory.MembersFound{}
	if err != nil {
		return found, err
	}
	for _, u := range users {
		found.Members = append(found.Members, directory.Member{ID: u.ID, Name: u.Profile.Login, Kind: directory.PersonMember, Direct: true, Status: status(u.Status), Provider: "User"})
	}
	found.Evidence = r.Evidence("%d members", len(users))
	return found, nil
}
