package scim

import "github.com/rolecall-dev/rolecall/internal/diag"

// Calls returns every call that the probe makes, for docs/idp/calls.md.
func Calls() []diag.CallDoc {
	const guide = "docs.aws.amazon.com/singlesignon/latest/developerguide/"
	all := []diag.CallDoc{
		{Operation: "ServiceProviderConfig", Fields: diag.FieldsOf(serviceConfig{}), For: "whether the endpoint is reached and accepts the token", Source: guide + "serviceproviderconfig.html"},
		{Operation: "Users", Query: []string{"filter"}, Fields: diag.FieldsOf(list[user]{}), For: "a user by user name, or by the identity provider's id of the person", Source: guide + "listusers.html"},
		{Operation: "Groups", Query: []string{"filter"}, Fields: diag.FieldsOf(list[group]{}), For: "a group by name", Source: guide + "listgroups.html"},
	}
	for i := range all {
		c := &all[i]
		c.System, c.Method, c.Host, c.Path = System, "GET", "scim.{region}.amazonaws.com", "/{tenant}/scim/v2/"+c.Operation
		c.Scope, c.Dated = "the SCIM token", "read 2026-11-25"
	}
	return all
}
