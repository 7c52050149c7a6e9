package entra

import (
	"context"
	"net/url"
	"slices"
	"strings"

	"github.com/rolecall-dev/rolecall/internal/directory"
)

// group says what a group is, and why Entra ID does not provision it: the groups
// of assignments have to be security-enabled
// (learn.microsoft.com/entra/identity/app-provisioning/how-provisioning-works).
func (o object) group() directory.Group {
	g := directory.Group{ID: o.ID, Name: o.DisplayName, Description: o.Description, Kind: o.kind()}
	if o.SecurityEnabled != nil && !*o.SecurityEnabled {
		g.NotProvisionable = "it is not security-enabled, and Entra ID provisions only groups that are"
	}
	if o.RuleState == "Paused" {
		g.Paused = "the processing of its membership rule is paused"
	}
	g.Unfit = directory.Unfit(refused, nil, "display name", o.DisplayName)
	return g
}

// kind is what the admin center calls the group; "" where Graph shows no more than
// the id (learn.microsoft.com/graph/api/resources/groups-overview).
func (o object) kind() string {
	kind := ""
	switch {
	case slices.Contains(o.GroupTypes, "Unified"):
		kind = "Microsoft 365"
	case o.SecurityEnabled == nil:
		return ""
	case *o.SecurityEnabled && o.MailEnabled:
		kind = "Mail-enabled security"
	case *o.SecurityEnabled:
		kind = "Security"
	case o.MailEnabled:
		kind = "Distribution"
	}
	if slices.Contains(o.GroupTypes, "DynamicMembership") {
		kind = strings.TrimPrefix(kind+", dynamic membership", ", ")
	}
	return kind
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
	n, err := d.naming(ctx)
	if err != nil {
		return directory.GroupsFound{}, err
	}
	found.Unsure = n.groups
	if n.unread != "" && len(found.Groups) == 0 {
		found.Unsure = "what names of groups in AWS are made from could not be read: " + n.unread
	}
	return found, nil
}

// GroupByID asks for the group of an object id.
func (d *Directory) GroupByID(ctx context.Context, id string) (directory.GroupsFound, error) {
	var found directory.GroupsFound
	if !guid.MatchString(id) {
		found.Evidence = directory.NotAsked(system, id, "it is not an object id, so no group has it").Evidence
		return found, nil
	}
	var o object
	r, err := d.client.Get(ctx, directory.Call{Operation: "GetGroup", Path: "/v1.0/groups/" + url.PathEscape(id) + query("$select", groupFields)}, &o)
	switch {
	case directory.NotThere.Is(err):
		found.Evidence = r.Evidence("404: no group has this id")
		return found, nil
	case err != nil:
		return found, err
	}
	found.Groups, found.Evidence = []directory.Group{o.group()}, r.Evidence("group %q", o.DisplayName)
	return found, nil
}

// GroupsOf returns the groups that a person is directly in.
func (d *Directory) GroupsOf(ctx context.Context, personID string) (directory.GroupsFound, error) {
	return d.groups(ctx, "ListMemberOf", "/users/"+url.PathEscape(personID)+"/memberOf")
}

// groups lists groups; roles and administrative units are left out.
func (d *Directory) groups(ctx context.Context, operation, path string) (directory.GroupsFound, error) {
	found := directory.GroupsFound{}
	objects, r, _, err := list[object](ctx, d, operation, path+query("$select", groupFields, "$top", "999"), 0)
	if directory.NotThere.Is(err) { // a deleted person is in no group
		found.Evidence = r.Evidence("404: no user has this id, so no groups")
		return found, nil
	}
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

// MembersOf returns the direct members, and where there are groups among them also
// theirs. People have the name that AWS gets.
func (d *Directory) MembersOf(ctx context.Context, groupID string) (directory.MembersFound, error) {
	var found directory.MembersFound
	path := "/groups/" + url.PathEscape(groupID)
	direct, r, _, err := list[object](ctx, d, "ListMembers", path+"/members"+query("$select", bothFields, "$top", "999"), 0)
	if err != nil {
		return found, err
	}
	found.Evidence = r.Evidence("%d direct members", len(direct))
	var all []object
	if slices.ContainsFunc(direct, object.isGroup) {
		if all, r, _, err = list[object](ctx, d, "ListTransitiveMembers", path+"/transitiveMembers"+query("$select", bothFields, "$top", "999"), 0); err != nil {
			return found, err
		}
		found.Evidence = slices.Concat(found.Evidence, r.Evidence("%d members with those of nested groups", len(all)))
	}
	if slices.ContainsFunc(direct, object.hidden) || slices.ContainsFunc(all, object.hidden) {
		return directory.MembersFound{}, hiddenMembers(r)
	}
	n := naming{}
	if slices.ContainsFunc(direct, object.isUser) || slices.ContainsFunc(all, object.isUser) {
		if n, err = d.naming(ctx); err != nil {
			return found, err
		}
	}
	found.Members = directory.WithNested(direct, all, func(o object, direct bool) directory.Member { return o.member(n, direct) })
	return found, nil
}

// hidden says that Graph shows no more of a user than the id, which is what it does
// where the permission to read users is missing
// (learn.microsoft.com/graph/permissions-overview, "Limited information returned for
// inaccessible member objects").
func (o object) hidden() bool {
	return o.isUser() && o.UserPrincipalName == "" && o.DisplayName == "" && o.AccountEnabled == nil
}

func hiddenMembers(r directory.Reply) error {
	e := r.Failure(directory.Forbidden, "Graph shows the members only by their ids")
	e.Needs = needsPermission(r.Operation)
	return e
}

func (o object) isUser() bool { return o.Type == "#microsoft.graph.user" }

func (o object) isGroup() bool { return o.Type == "#microsoft.graph.group" }

func (o object) member(n naming, direct bool) directory.Member {
	m := directory.Member{ID: o.ID, Name: o.DisplayName, Kind: directory.OtherMember, Direct: direct, Provider: strings.TrimPrefix(o.Type, "#microsoft.graph.")}
	switch {
	case o.isUser():
		m.Kind = directory.PersonMember
		m.Name, m.Otherwise, m.Guessed = n.name(o)
		m.Guessed = m.Guessed && !n.toldByID()
		m.Bound = n.boundTo(o)
		m.Status, _ = o.status()
	case o.isGroup():
		m.Kind = directory.GroupMember
	}
	return m
}
