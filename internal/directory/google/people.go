package google

import (
	"context"
	"net/url"
	"slices"
	"strings"

	"github.com/rolecall-dev/rolecall/internal/directory"
)

type user struct {
	ID      string `json:"id"`
	Primary string `json:"primaryEmail"`
	Name    struct {
		Given  string `json:"givenName"`
		Family string `json:"familyName"`
		Full   string `json:"fullName"`
	} `json:"name"`
	Suspended        bool   `json:"suspended"`
	SuspensionReason string `json:"suspensionReason"`
	Archived         bool   `json:"archived"`
	OrgUnit          string `json:"orgUnitPath"`
}

// Identity gives the id.
func (u user) Identity() string { return u.ID }

func (u user) person(name string) directory.Person {
	p := directory.Person{
		ID: u.ID, UserName: u.Primary, Email: u.Primary, GivenName: u.Name.Given, FamilyName: u.Name.Family, DisplayName: u.Name.Full,
		Status: directory.Active, Said: "active", OrgUnit: u.OrgUnit, Match: directory.ByAlias,
	}
	switch {
	case u.Archived:
		p.Status, p.Said = directory.Archived, "archived"
	case u.Suspended:
		p.Status, p.Said = directory.Suspended, strings.TrimSpace("suspended "+u.SuspensionReason)
	}
	switch {
	case p.UserName == name:
		p.Match = directory.ByUserName
	case strings.EqualFold(p.UserName, name):
		p.Match = directory.ByCase
	}
	return p
}

// FindPerson asks for the address, which may be an alias, then for users who
// were deleted in the last 20 days.
func (d *Directory) FindPerson(ctx context.Context, name string) (directory.PeopleFound, error) {
	var found directory.PeopleFound
	if directory.InPath(name) {
		var u user
		r, err := d.client.Get(ctx, directory.Call{Operation: "GetUser", Path: "/admin/directory/v1/users/" + url.PathEscape(name) + "?projection=full"}, &u)
		switch {
		case directory.NotThere.Is(err):
			found.Evidence = r.Evidence("404: no user has this address")
		case err != nil:
			return found, err
		default:
			p := u.person(name)
			found.Evidence = r.Evidence("user %s, %q, %s, organizational unit %s", p.ID, p.UserName, p.Said, p.OrgUnit)
			found.People = append(found.People, p)
			return found, nil
		}
	}
	q := url.Values{"customer": {d.customer}, "showDeleted": {"true"}, "query": {"email=" + quote(name)}, "maxResults": {"500"}}
	users, r, _, err := list[user](ctx, d, "ListUsers", "/admin/directory/v1/users", "users", q, 0)
	if err != nil {
		return found, err
	}
	for _, u := range users {
		p := u.person(name)
		p.Status, p.Said = directory.Deleted, "deleted"
		found.People = append(found.People, p)
	}
	found.Evidence = evidence(found.Evidence, r.Evidence("%d deleted users", len(users)))
	return found, nil
}

type group struct {
	ID          string `json:"id"`
	Email       string `json:"email"`
	Name        string `json:"name"`
	Description string `json:"description"`
}

// Identity gives the id.
func (g group) Identity() string { return g.ID }

const neverSynced = "Google provisions users only; groups never come to AWS"

func (g group) group() directory.Group {
	return directory.Group{ID: g.ID, Name: g.Name, Email: g.Email, Description: g.Description, NotProvisionable: neverSynced}
}

// FindGroups asks for groups by name.
func (d *Directory) FindGroups(ctx context.Context, name string) (directory.GroupsFound, error) {
	var found directory.GroupsFound
	groups, r, err := d.groups(ctx, url.Values{"customer": {d.customer}, "query": {"name=" + quote(name)}})
	if err != nil {
		return found, err
	}
	for _, g := range groups {
		switch {
		case g.Name == name:
			found.Groups = append(found.Groups, g.group())
		case strings.EqualFold(g.Name, name):
			found.Near = append(found.Near, g.group())
		}
	}
	found.Evidence = r.Evidence("%d groups of this name, %d in another case", len(found.Groups), len(found.Near))
	return found, nil
}

// GroupsOf gives the groups that a person is directly in.
func (d *Directory) GroupsOf(ctx context.Context, personID string) (directory.GroupsFound, error) {
	var found directory.GroupsFound
	groups, r, err := d.groups(ctx, url.Values{"userKey": {personID}})
	if err != nil {
		return found, err
	}
	for _, g := range groups {
		found.Groups = append(found.Groups, g.group())
	}
	found.Evidence = r.Evidence("%d groups", len(groups))
	return found, nil
}

func (d *Directory) groups(ctx context.Context, q url.Values) ([]group, directory.Reply, error) {
	q.Set("maxResults", "200")
	groups, r, _, err := list[group](ctx, d, "ListGroups", "/admin/directory/v1/groups", "groups", q, 0)
	return groups, r, err
}

type member struct {
	ID     string `json:"id"`
	Email  string `json:"email"`
	Type   string `json:"type"`
	Status string `json:"status"`
}

// Identity gives the id.
func (m member) Identity() string { return m.ID }

// MembersOf gives the direct members, and where there are groups among them also
// theirs.
func (d *Directory) MembersOf(ctx context.Context, groupID string) (directory.MembersFound, error) {
	var found directory.MembersFound
	path := "/admin/directory/v1/groups/" + url.PathEscape(groupID) + "/members"
	direct, r, _, err := list[member](ctx, d, "ListMembers", path, "members", url.Values{"maxResults": {"200"}}, 0)
	if err != nil {
		return found, err
	}
	found.Evidence = r.Evidence("%d direct members", len(direct))
	for _, m := range direct {
		found.Members = append(found.Members, m.member(true))
	}
	if !slices.ContainsFunc(direct, func(m member) bool { return m.Type == "GROUP" }) {
		return found, nil
	}
	all, r, _, err := list[member](ctx, d, "ListMembers", path, "members", url.Values{"maxResults": {"200"}, "includeDerivedMembership": {"true"}}, 0)
	if err != nil {
		return found, err
	}
	found.Evidence = evidence(found.Evidence, r.Evidence("%d members with those of nested groups", len(all)))
	for _, m := range all {
		if !slices.ContainsFunc(direct, func(d member) bool { return d.ID == m.ID }) {
			found.Members = append(found.Members, m.member(false))
		}
	}
	return found, nil
}

func (m member) member(direct bool) directory.Member {
	out := directory.Member{ID: m.ID, Name: m.Email, Kind: directory.OtherMember, Direct: direct, Provider: m.Type}
	switch m.Type {
	case "GROUP":
		out.Kind = directory.GroupMember
	case "USER":
		out.Kind = directory.PersonMember
		out.Status = directory.Unknown
		switch m.Status {
		case "ACTIVE":
			out.Status = directory.Active
		case "SUSPENDED":
			out.Status = directory.Suspended
		}
	}
	return out
}
