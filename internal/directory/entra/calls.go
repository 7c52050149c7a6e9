package entra

import (
	"slices"
	"strings"

	"github.com/rolecall-dev/rolecall/internal/diag"
)

const (
	graphDocs = "github.com/microsoftgraph/microsoft-graph-docs-contrib api-reference/v1.0/api/"
	entraDocs = "github.com/MicrosoftDocs/entra-docs docs/"

	premium = "P1 or P2"
)

// Calls returns every call that the connector makes, for docs/idp/calls.md. The
// hints of refused calls take the permission from here.
func Calls() []diag.CallDoc {
	const (
		users        = "User.Read.All"
		groups       = "GroupMember.Read.All"
		apps         = "Application.Read.All"
		provisioning = "Synchronization.Read.All"
		logs         = "AuditLog.Read.All"
		sp           = "/v1.0/servicePrincipals"
	)
	search, one := []string{"$count", "$filter", "$select"}, []string{"$select"}
	members := []string{"$select", "$top"}
	person, people := selected("", userFields), selected("value.", userFields+",@odata.nextLink")
	group, member := selected("value.", groupFields+",@odata.type,@odata.nextLink"), selected("value.", bothFields+",@odata.type,@odata.nextLink")
	calls := []diag.CallDoc{
		{Operation: "GetUser", Path: "/v1.0/users/{id or userPrincipalName}", Query: one, Fields: person, Scope: users, For: "a person by principal name, or by the id that AWS may have", Source: graphDocs + "user-get.md", Dated: "2024-12-23 (0060922)"},
		{Operation: "GetUser", Path: "/v1.0/users('{userPrincipalName}')", Query: one, Fields: person, Scope: users, For: "a person whose principal name begins with $", Source: graphDocs + "user-get.md", Dated: "2024-12-23 (0060922)"},
		{Operation: "ListUsers", Path: "/v1.0/users", Query: search, Fields: people, Scope: users, For: "people by e-mail address, alias, a guest's address, or what the mapping makes user names and external ids of", Source: graphDocs + "user-list.md", Dated: "8aff300"},
		{Operation: "ListDeletedUsers", Path: "/v1.0/directory/deletedItems/microsoft.graph.user", Query: search, Fields: people, Scope: users, For: "a person who was deleted in the last 30 days, where nobody else has the name or external id", Source: graphDocs + "directory-deleteditems-list.md", Dated: "a27d1e9"},
		{Operation: "ListGroups", Path: "/v1.0/groups", Query: []string{"$filter", "$select"}, Fields: group, Scope: groups, For: "groups by name", Source: graphDocs + "group-list.md", Dated: "72ebe6d"},
		{Operation: "GetGroup", Path: "/v1.0/groups/{id}", Query: one, Fields: selected("", groupFields), Scope: groups, For: "the group of an id that AWS may have", Source: graphDocs + "group-get.md", Dated: "00e146a"},
		{Operation: "ListMemberOf", Path: "/v1.0/users/{id}/memberOf", Query: members, Fields: group, Scope: groups, For: "the groups that a person is directly in", Source: graphDocs + "user-list-memberof.md", Dated: "d7c041e"},
		{Operation: "ListTransitiveMemberOf", Path: "/v1.0/users/{id}/transitiveMemberOf", Query: members, Fields: group, Scope: groups, For: "the groups that a person is in through others", Source: graphDocs + "user-list-transitivememberof.md", Dated: "63dab2f"},
		{Operation: "ListMembers", Path: "/v1.0/groups/{id}/members", Query: members, Fields: member, Scope: groups + " and " + users, For: "the direct members of a group", Source: graphDocs + "group-list-members.md", Dated: "2926c60"},
		{Operation: "ListTransitiveMembers", Path: "/v1.0/groups/{id}/transitiveMembers", Query: members, Fields: member, Scope: groups + " and " + users, For: "the members of the groups in a group, where there are any", Source: graphDocs + "group-list-transitivemembers.md", Dated: "9563b72"},
		{Operation: "ListServicePrincipals", Path: sp, Query: []string{"$filter", "$select"}, Fields: listed(application{}), Scope: apps, For: "the AWS enterprise application and its certificates", Source: graphDocs + "serviceprincipal-list.md", Dated: "d07ad99"},
		{Operation: "ListAppRoleAssignedTo", Path: sp + "/{id}/appRoleAssignedTo", Query: []string{"$top"}, Fields: listed(assignment{}), Scope: apps, For: "who is assigned to the application", Source: graphDocs + "serviceprincipal-list-approleassignedto.md", Dated: "09a0245"},
		{Operation: "ListSynchronizationJobs", Path: sp + "/{id}/synchronization/jobs", Fields: listed(job{}), Scope: provisioning, For: "the provisioning jobs: state, runs, quarantine", Source: graphDocs + "synchronization-synchronization-list-jobs.md", Dated: "2025b1f"},
		{Operation: "GetSynchronizationSchema", Path: sp + "/{id}/synchronization/jobs/{job}/schema", Fields: diag.FieldsOf(schema{}), Scope: provisioning, For: "what the job makes of users and groups: user name, scoping filters, what is on", Source: graphDocs + "synchronization-synchronizationschema-get.md", Dated: "19cb63c"},
		{Operation: "ListProvisioning", Path: "/v1.0/auditLogs/provisioning", Query: []string{"$filter", "$orderby", "$top"}, Fields: listed(summary{}), Scope: logs, License: premium, For: "the provisioning log of each job", Source: graphDocs + "provisioningobjectsummary-list.md", Dated: "2024-07-30 (028b8e3)"},
		{Operation: "ListSignIns", Path: "/v1.0/auditLogs/signIns", Query: []string{"$filter", "$top"}, Fields: listed(signIn{}), Scope: logs, License: premium, For: "sign-ins to the application", Source: graphDocs + "signin-list.md", Dated: "00e146a, permissions 64e5582"},
		{Operation: "ListEligibilityScheduleInstances", Path: "/v1.0/identityGovernance/privilegedAccess/group/eligibilityScheduleInstances", Query: []string{"$filter"}, Fields: listed(eligibility{}), Scope: "PrivilegedEligibilitySchedule.Read.AzureADGroup", License: "P2 or Governance", For: "whether a person could activate a membership; left out without the permission", Source: graphDocs + "privilegedaccessgroup-list-eligibilityscheduleinstances.md", Dated: "25062ed"},
	}
	for i := range calls {
		calls[i].System, calls[i].Method = system, "GET"
	}
	return append([]diag.CallDoc{{
		System: system, Operation: "Token", Method: "POST", Host: clouds()[0].login, Path: "/{tenant}/oauth2/v2.0/token", Fields: []string{"access_token", "expires_in"},
		Scope: "the client's secret, certificate or federated token", For: "an access token (a national cloud has a host of its own)", Source: entraDocs + "identity-platform/v2-oauth2-client-creds-grant-flow.md", Dated: "ef5413c",
	}}, calls...)
}

// selected are the fields that a call asks for by name.
func selected(under, names string) []string {
	fields := strings.Split(names, ",")
	for i, name := range fields {
		if name != "@odata.nextLink" {
			fields[i] = under + name
		}
	}
	slices.Sort(fields)
	return fields
}

// listed are the fields of a list of things.
func listed(thing any) []string {
	fields := append(diag.FieldsUnder("value", thing), "@odata.nextLink")
	slices.Sort(fields)
	return fields
}
