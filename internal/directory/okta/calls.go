package okta

import "github.com/rolecall-dev/rolecall/internal/diag"

// The names of the calls, for the budget, for the table, and for what a refused
// one needs.
const (
	opToken         = "Token" // as package directory calls it
	opGetUser       = "GetUser"
	opListUsers     = "ListUsers"
	opUserGroups    = "ListUserGroups"
	opListGroups    = "ListGroups"
	opGetGroup      = "GetGroup"
	opGroupUsers    = "ListGroupUsers"
	opListApps      = "ListApplications"
	opGetApp        = "GetApplication"
	opAppUser       = "GetApplicationUser"
	opAppGroups     = "ListApplicationGroups"
	opMappings      = "ListGroupPushMappings"
	opFeatures      = "ListFeatures"
	opConnection    = "GetConnection"
	opKeys          = "ListKeys"
	opMetadata      = "GetMetadata"
	opLogs          = "ListLogs"
	usersRead       = "okta.users.read"
	groupsRead      = "okta.groups.read"
	appsRead        = "okta.apps.read"
	logsRead        = "okta.logs.read"
	management      = "okta/okta-management-openapi-spec dist/current/management-minimal.yaml"
	managementDated = "2026.06.3"
)

// token is what [directory.FetchedTokens] reads.
type token struct {
	Token     string `json:"access_token"`
	ExpiresIn int    `json:"expires_in"`
}

// Calls returns every call that the connector makes, for docs/idp/calls.md.
func Calls() []diag.CallDoc {
	get := func(operation, path, scope, purpose string, fields []string, query ...string) diag.CallDoc {
		return diag.CallDoc{System: system, Operation: operation, Method: "GET", Path: path, Query: query, Fields: fields, Scope: scope, For: purpose, Source: management, Dated: managementDated}
	}
	return []diag.CallDoc{
		{
			System: system, Operation: opToken, Method: "POST", Path: "/oauth2/v1/token", Fields: diag.FieldsOf(token{}), For: "an access token, with a key", Scope: "none (a registered key)",
			Source: "okta/okta-management-openapi-spec dist/current/oauth-minimal.yaml", Dated: managementDated,
		},
		get(opGetUser, "/api/v1/users/{login}", usersRead, "a person, by login or by the id that AWS has", diag.FieldsOf(user{})),
		get(opListUsers, "/api/v1/users", usersRead, "people, by login or e-mail address, deactivated ones too", diag.FieldsOf(user{}), "after", "limit", "search"),
		get(opUserGroups, "/api/v1/users/{user}/groups", usersRead, "a person's groups", diag.FieldsOf(group{}), "after", "limit"),
		get(opListGroups, "/api/v1/groups", groupsRead, "groups, by name", diag.FieldsOf(group{}), "after", "limit", "search"),
		get(opGetGroup, "/api/v1/groups/{group}", groupsRead, "the group that a push mapping pushes to; an assigned group; the group of an id", diag.FieldsOf(group{})),
		get(opGroupUsers, "/api/v1/groups/{group}/users", groupsRead, "a group's members", diag.FieldsOf(user{}), "after", "limit"),
		get(opListApps, "/api/v1/apps", appsRead, "the AWS application, by label or by its key in Okta's catalog", diag.FieldsOf(application{}), "after", "filter", "includeNonDeleted", "limit", "q"),
		get(opGetApp, "/api/v1/apps/{app}", appsRead, "the AWS application, by id", diag.FieldsOf(application{})),
		get(opAppUser, "/api/v1/apps/{app}/users/{user}", appsRead, "a person in the application", diag.FieldsOf(appUser{})),
		get(opAppGroups, "/api/v1/apps/{app}/groups", appsRead, "the groups that are assigned", diag.FieldsOf(appGroup{}), "after", "expand", "limit"),
		get(opMappings, "/api/v1/apps/{app}/group-push/mappings", appsRead+" and "+groupsRead, "the groups that are pushed", diag.FieldsOf(mapping{}), "after", "limit"),
		get(opFeatures, "/api/v1/apps/{app}/features", appsRead, "what provisioning does", diag.FieldsOf(feature{})),
		get(opConnection, "/api/v1/apps/{app}/connections/default", appsRead, "whether provisioning is on, and its base URL", diag.FieldsOf(connection{})),
		get(opKeys, "/api/v1/apps/{app}/credentials/keys", appsRead, "signing certificates", diag.FieldsOf(key{})),
		get(opMetadata, "/api/v1/apps/{app}/sso/saml/metadata", appsRead, "the SAML metadata (XML): entity id, addresses, the certificate in use", nil),
		get(opLogs, "/api/v1/logs", logsRead, "what was pushed, refusals of the SCIM token, refused sign-ins", diag.FieldsOf(event{}), "after", "filter", "limit", "since", "sortOrder", "until"),
	}
}
