package entra

import (
	"context"
	"net/url"
	"slices"
	"strings"

	"github.com/rolecall-dev/rolecall/internal/directory"
)

// object is a user or a group, as a list of members has both.
type object struct {
	Type        string `json:"@odata.type"`
	ID          string `json:"id"`
	DisplayName string `json:"displayName"`

	UserPrincipalName string `json:"userPrincipalName"`
	Mail              string `json:"mail"`
	GivenName         string `json:"givenName"`
	Surname           string `json:"surname"`
	AccountEnabled    *bool  `json:"accountEnabled"`

	Description     string `json:"description"`
	SecurityEnabled *bool  `json:"securityEnabled"`
}

// Identity gives the id.
func (o object) Identity() string { return o.ID }

const (
	userFields  = "id,displayName,userPrincipalName,mail,givenName,surname,accountEnabled"
	groupFields = "id,displayName,description,securityEnabled"
	bothFields  = "id,displayName,userPrincipalName,accountEnabled,description,securityEnabled"
)

func (o object) status() (directory.Status, string) {
	switch {
	case o.AccountEnabled == nil:
		return directory.Unknown, "accountEnabled not told"
	case *o.AccountEnabled:
		return directory.Active, "accountEnabled true"
	}
	return directory.Suspended, "accountEnabled false"
}

func (o object) person(name string) directory.Person {
	status, said := o.status()
	p := directory.Person{
		ID: o.ID, UserName: o.UserPrincipalName, Email: o.Mail, GivenName: o.GivenName, FamilyName: o.Surname, DisplayName: o.DisplayName,
		Status: status, Said: said, Match: directory.ByAlias,
	}
	switch {
	case p.UserName == name:
		p.Match = directory.ByUserName
	case strings.EqualFold(p.UserName, name):
		p.Match = directory.ByCase
	case strings.EqualFold(p.Email, name):
		p.Match = directory.ByEmail
	}
	return p
}

func (o object) group() directory.Group {
	g := directory.Group{ID: o.ID, Name: o.DisplayName, Description: o.Description}
	if o.SecurityEnabled != nil && !*o.SecurityEnabled {
		g.NotProvisionable = "it is no security group, and Entra ID provisions security groups alone"
	}
	return g
}

// FindPerson asks for the user principal name, then for the e-mail address.
func (d *Directory) FindPerson(ctx context.Context, name string) (directory.PeopleFound, error) {
	var found directory.PeopleFound
	if directory.InPath(name) {
		var o object
		r, err := d.client.Get(ctx, directory.Call{Operation: "GetUser", Path: "/v1.0/users/" + url.PathEscape(name) + query("$select", userFields)}, &o)
		switch {
		case directory.NotThere.Is(err):
			found.Evidence = r.Evidence("404: no user has this principal name")
		case err != nil:
			return found, err
		default:
			p := o.person(name)
			found.Evidence = r.Evidence("user %s, %q, %s", p.ID, p.UserName, p.Said)
			found.People = append(found.People, p)
			return found, nil
		}
	}
	users, r, _, err := list[object](ctx, d, "ListUsers", "/users"+query("$filter", "mail eq "+quote(name), "$select", userFields), 0)
	if err != nil {
		return found, err
	}
	for _, o := range users {
		found.People = append(found.People, o.person(name))
	}
	found.Evidence = evidence(found.Evidence, r.Evidence("%d users with this e-mail address", len(users)))
	return found, nil
}

// FindGroups asks for groups by display name, of which several may have one.
func (d *Directory) FindGroups(ctx context.Context, name string) (directory.GroupsFound, error) {
	var found directory.GroupsFound
	groups, r, _, err := list[object](ctx, d, "ListGroups", "/groups"+query("$filter", "displayName eq "+quote(name), "$select", groupFields), 0)
	if err != nil {
		return found, err
	}
	for _, o := range groups {
		if o.DisplayName == name {
			found.Groups = append(found.Groups, o.group())
		} else {
			found.Near = append(found.Near, o.group())
		}
	}
	found.Evidence = r.Evidence("%d groups of this name, %d in another case", len(found.Groups), len(found.Near))
	return found, nil
}

// GroupsOf gives the groups that a person is directly in.
func (d *Directory) GroupsOf(ctx context.Context, personID string) (directory.GroupsFound, error) {
	return d.groups(ctx, "ListMemberOf", "/users/"+url.PathEscape(personID)+"/memberOf")
}

// groups lists groups; roles and administrative units are left out.
func (d *Directory) groups(ctx context.Context, operation, path string) (directory.GroupsFound, error) {
	found := directory.GroupsFound{}
	objects, r, _, err := list[object](ctx, d, operation, path+query("$select", groupFields, "$top", "999"), 0)
	if err != nil {
		return found, err
	}
	for _, o := range objects {
		if o.Type == "#microsoft.graph.group" {
			found.Groups = append(found.Groups, o.group())
		}
	}
	found.Evidence = r.Evidence("%d groups", len(found.Groups))
	return found, nil
}

// MembersOf gives the direct members, and where there are groups among them also
// theirs.
func (d *Directory) MembersOf(ctx context.Context, groupID string) (directory.MembersFound, error) {
	var found directory.MembersFound
	path := "/groups/" + url.PathEscape(groupID)
	direct, r, _, err := list[object](ctx, d, "ListMembers", path+"/members"+query("$select", bothFields, "$top", "999"), 0)
	if err != nil {
		return found, err
	}
	found.Evidence = r.Evidence("%d direct members", len(direct))
	for _, o := range direct {
		found.Members = append(found.Members, o.member(true))
	}
	if !slices.ContainsFunc(found.Members, func(m directory.Member) bool { return m.Kind == directory.GroupMember }) {
		return found, nil
	}
	all, r, _, err := list[object](ctx, d, "ListTransitiveMembers", path+"/transitiveMembers"+query("$select", bothFields, "$top", "999"), 0)
	if err != nil {
		return found, err
	}
	found.Evidence = evidence(found.Evidence, r.Evidence("%d members with those of nested groups", len(all)))
	for _, o := range all {
		if !slices.ContainsFunc(direct, func(d object) bool { return d.ID == o.ID }) {
			found.Members = append(found.Members, o.member(false))
		}
	}
	return found, nil
}

func (o object) member(direct bool) directory.Member {
	m := directory.Member{ID: o.ID, Name: o.DisplayName, Kind: directory.OtherMember, Direct: direct, Provider: strings.TrimPrefix(o.Type, "#microsoft.graph.")}
	switch o.Type {
	case "#microsoft.graph.user":
		m.Kind, m.Name = directory.PersonMember, o.UserPrincipalName
		m.Status, _ = o.status()
	case "#microsoft.graph.group":
		m.Kind = directory.GroupMember
	}
	return m
}
