package google

import (
	"maps"
	"slices"

	"github.com/rolecall-dev/rolecall/internal/diag"
)

const (
	opActivities = "ListActivities"

	usersPath   = "/admin/directory/v1/users"
	groupsPath  = "/admin/directory/v1/groups"
	reportsPath = "/admin/reports/v1/activity/users/"

	directorySource = "Google API discovery document admin:directory_v1"
	reportsSource   = "Google API discovery document admin:reports_v1"
	// The revisions that the calls were compared with.
	directoryDated = "revision 20260531"
	reportsDated   = "revision 20260504"
)

// need is what a call needs: a scope that is delegated, and a privilege that the
// administrator has.
type need struct{ scope, privilege string }

// String is what the table and the hints say.
func (n need) String() string {
	return n.scope + ", and " + n.privilege + " of the administrator who is subject"
}

// needs has the need of each call, by its operation.
func needs() map[string]need {
	users := need{scopeBase + "admin.directory.user.readonly", "the privilege Users: Read"}
	groups := need{scopeBase + "admin.directory.group.readonly", "the privilege Groups: Read"}
	return map[string]need{
		"GetUser": users, "ListUsers": users, "ListGroups": groups,
		"ListMembers": {scopeBase + "admin.directory.group.member.readonly", groups.privilege},
		opActivities:  {scopeBase + "admin.reports.audit.readonly", "the privilege Reports"},
	}
}

// scopes are all that are asked for, which is at once.
func scopes() []string {
	var all []string
	for n := range maps.Values(needs()) {
		all = append(all, n.scope)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// paged are the fields of a list's page.
func paged(name string, item any) []string {
	return append([]string{"nextPageToken"}, diag.FieldsUnder(name, item)...)
}

// Calls returns every call that the connector makes, for docs/idp/calls.md.
func Calls() []diag.CallDoc {
	all := []diag.CallDoc{
		{Operation: "Token", Method: "POST", Host: "oauth2.googleapis.com", Path: "/token", Fields: []string{"access_token", "expires_in"},
			Scope: "domain-wide delegation of all scopes below", For: "an access token for an hour", Source: "developers.google.com/identity/protocols/oauth2/service-account", Dated: "read 2026-11-25"},
		{Operation: "GetUser", Path: usersPath + "/{userKey}", Query: []string{"projection"}, Fields: diag.FieldsOf(user{}),
			For: "a person by primary address, alias, or the id that AWS has", Source: directorySource, Dated: directoryDated},
		{Operation: "ListUsers", Path: usersPath, Query: []string{"customer", "maxResults", "pageToken", "query", "showDeleted"}, Fields: paged("users", user{}),
			For: "people of this address or id who were deleted in the last 20 days; whether users may be read at all", Source: directorySource, Dated: directoryDated},
		{Operation: "ListGroups", Path: groupsPath, Query: []string{"customer", "maxResults", "pageToken", "query", "userKey"}, Fields: paged("groups", group{}),
			For: "groups by name, or those that a person is directly in", Source: directorySource, Dated: directoryDated},
		{Operation: "ListMembers", Path: groupsPath + "/{groupKey}/members", Query: []string{"includeDerivedMembership", "maxResults", "pageToken"}, Fields: paged("members", member{}),
			For: "the members of a group, those of nested groups too", Source: directorySource, Dated: directoryDated},
		{Operation: opActivities, Path: reportsPath + "{userKey}/applications/saml", Query: []string{"eventName", "maxResults", "pageToken", "startTime"}, Fields: paged("items", activity{}),
			For: "sign-ins to the AWS application that failed, and the last that worked", Source: reportsSource + "; events: developers.google.com/admin-sdk/reports/v1/appendix/activity/saml", Dated: reportsDated},
	}
	for i := range all {
		c := &all[i]
		c.System = system
		if n, ok := needs()[c.Operation]; ok {
			c.Method, c.Scope = "GET", n.String()
		}
	}
	return all
}
