package google

import (
	"cmp"
	"context"
	"net/url"
	"slices"
	"strings"

	"github.com/rolecall-dev/rolecall/internal/directory"
)

type group struct {
	ID          string `json:"id"`
	Email       string `json:"email"`
	Name        string `json:"name"`
	Description string `json:"description"`
}

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

// GroupsOf returns the groups that a person is directly in.
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
	groups, r, _, err := list[group](ctx, d, "ListGroups", groupsPath, "groups", q, 0)
	return groups, r, err
}

// The types of members that rolecall knows
// (developers.google.com/admin-sdk/directory/reference/rest/v1/members). There is
// also EXTERNAL, a user or group of another organization.
const (
	typeUser     = "USER"
	typeGroup    = "GROUP"
	typeCustomer = "CUSTOMER" // all users of the organization: no address, and the customer's id
)

type member struct {
	ID     string `json:"id"`
	Email  string `json:"email"`
	Type   string `json:"type"`
	Status string `json:"status"`
}

// Identity returns the id, or else the address: either names a member.
func (m member) Identity() string { return cmp.Or(m.ID, m.Email) }

// MembersOf returns the direct members, and where there are groups among them also
// theirs.
func (d *Directory) MembersOf(ctx context.Context, groupID string) (directory.MembersFound, error) {
	var found directory.MembersFound
	path := groupsPath + "/" + url.PathEscape(groupID) + "/members"
	direct, r, _, err := list[member](ctx, d, "ListMembers", path, "members", url.Values{"maxResults": {"200"}}, 0)
	if err != nil {
		return found, err
	}
	found.Evidence = r.Evidence("%d direct members%s", len(direct), everybody(direct))
	all := direct
	if slices.ContainsFunc(direct, func(m member) bool { return m.Type == typeGroup }) {
		all, r, _, err = list[member](ctx, d, "ListMembers", path, "members", url.Values{"maxResults": {"200"}, "includeDerivedMembership": {"true"}}, 0)
		if err != nil {
			return directory.MembersFound{}, err
		}
		found.Evidence = slices.Concat(found.Evidence, r.Evidence("%d members with those of nested groups%s", len(all), everybody(all)))
	}
	found.Members = directory.WithNested(direct, all, member.member)
	found.Everybody = everybody(direct) != "" || everybody(all) != ""
	return found, nil
}

// everybody says of members that all users of the organization are among them; ""
// where they are not.
func everybody(members []member) string {
	if slices.ContainsFunc(members, func(m member) bool { return m.Type == typeCustomer }) {
		return "; everybody in the organization is one"
	}
	return ""
}

func (m member) member(direct bool) directory.Member {
	out := directory.Member{ID: m.Identity(), Name: cmp.Or(m.Email, m.ID), Kind: directory.OtherMember, Direct: direct, Provider: m.Type}
	switch m.Type {
	case typeGroup:
		out.Kind = directory.GroupMember
	case typeCustomer:
		out.Name = "everybody in the organization"
	case typeUser:
		out.Kind = directory.PersonMember
		out.Status = m.status()
	}
	return out
}

// status is that of a person; Google shows none of a person of another
// organization.
func (m member) status() directory.Status {
	return cmp.Or(map[string]directory.Status{"ACTIVE": directory.Active, "SUSPENDED": directory.Suspended, "ARCHIVED": directory.Archived}[m.Status], directory.Unknown)
}
