package tfprovider

import (
	"slices"
	"strings"

	"github.com/rolecall-dev/rolecall/emulator"
)

// keysEstate is what the cases begin with: the default estate, with a customer
// managed policy in every account, and a group and a user that somebody made.
func keysEstate() *emulator.Estate {
	e := estateWithPolicy()
	e.Groups = append(e.Groups, withResponders().Groups[3])
	e.Users = append(e.Users, emulator.EstateUser{UserName: "bob", DisplayName: "Bob", GivenName: "Bob", FamilyName: "Ray", Email: "bob@company.com"})
	return e
}

// bases are the objects that a case changes one key of, by list or resource; "" is
// the config as a whole, which only the command takes.
func bases() map[string]object {
	return map[string]object{
		"":                        {"access_groups": []object{development()}},
		"users":                   jane(),
		"access_groups":           development(),
		"external_groups":         pushed(),
		"rolecall_access_group":   development(),
		"rolecall_external_group": pushed(),
		"rolecall_user":           jane(),
		"rolecall_removed_user":   {"username": "nobody"},
		"rolecall_group_members":  responders(wei),
	}
}

// resourceOf returns the resource that stands for an element of a list.
func resourceOf(list string) string {
	if kind, ok := map[string]string{"users": user, "access_groups": accessGroup, "external_groups": externalGroup}[list]; ok {
		return kind
	}
	return list
}

func listOf(resource string) string {
	return map[string]string{user: "users", accessGroup: "access_groups", externalGroup: "external_groups"}[resource]
}

// configOf returns the command's config of one object of a list. What only resources
// have is not written, or for all groups.
func configOf(list string, o object) object {
	one := []object{with(with(o, "scim_identity_source", nil), "allow", nil)}
	switch list {
	case "":
		return o
	case "external_groups":
		return object{"management_mode": "external", "scim_identity_source": o["scim_identity_source"], list: one}
	default:
		return object{list: one}
	}
}

// allCases are the cases of this file; those of access groups are for external
// groups too, where these have no case of their own. They have no description in AWS.
func allCases() []keyCase {
	out := slices.Concat(topCases(), userCases(), groupCases(), policyCases(), externalCases(), resourceCases())
	for _, c := range out {
		at := strings.Replace(strings.Replace(c.at, "access_groups[]", "external_groups[]", 1), accessGroup+".", externalGroup+".", 1)
		if at == c.at || strings.HasSuffix(at, ".members") || strings.HasSuffix(at, ".permission_set_description") || slices.ContainsFunc(out, func(o keyCase) bool { return o.at == at }) {
			continue
		}
		c.at, c.steps = at, slices.Clone(c.steps)
		for i, s := range c.steps {
			lines := strings.Split(strings.TrimSpace(s.holds), "\n")
			c.steps[i].holds = strings.Join(slices.DeleteFunc(lines, func(l string) bool { return len(l) > 7 && l[2:7] == "group" }), "\n")
		}
		out = append(out, c)
	}
	return out
}

// topCases are keys that only the command has: they say whose identities it is.
func topCases() []keyCase {
	external := object{"management_mode": "external", "scim_scope": "users"}
	return []keyCase{
		{at: "management_mode", door: "command", more: external, steps: []step{{"external", ""}}},
		{at: "scim_scope", door: "command", more: external, steps: []step{{"users", ""}}},
		{at: "scim_identity_source", door: "command", more: external, steps: []step{{"Okta", "+ set GROUP: tag rolecall:scim-identity-source=Okta"}}},
		{at: "identity_provider", door: "command", steps: []step{{"Okta", ""}}},
		{at: "removed_users", door: "command", stays: true, steps: []step{{[]string{"bob"}, "- user bob: Bob, Bob Ray, bob@company.com"}}},
	}
}

func userCases() []keyCase {
	const was = "- user jane.doe@company.com: Jane Doe, Jane Doe, jane.doe@company.com\n"
	return []keyCase{
		{at: "users[].display_name", steps: []step{{"Jane D.", was + "+ user jane.doe@company.com: Jane D., Jane Doe, jane.doe@company.com"}}},
		{at: "users[].given_name", steps: []step{{"Janet", was + "+ user jane.doe@company.com: Jane Doe, Janet Doe, jane.doe@company.com"}}},
		{at: "users[].family_name", steps: []step{{"Dohe", was + "+ user jane.doe@company.com: Jane Doe, Jane Dohe, jane.doe@company.com"}}},
		{at: "users[].email", more: object{"username": "jane.doe@company.com"}, steps: []step{{"janet@company.com", was + "+ user jane.doe@company.com: Jane Doe, Jane Doe, janet@company.com"}}},
		{at: "users[].username", more: object{"previously": "jane.doe@company.com"}, back: object{"previously": "janet"}, steps: []step{{"janet", was + "+ user janet: Jane Doe, Jane Doe, jane.doe@company.com"}}},
		{at: "users[].previously", more: object{"username": "janet"}, fresh: true, back: object{"previously": "janet"},
			steps: []step{{"jane.doe@company.com", was + "+ user janet: Jane Doe, Jane Doe, jane.doe@company.com"}}},
		{at: "users[].groups", door: "command", stays: true, steps: []step{{[]string{"Responders"}, "+ member Responders: jane.doe@company.com"}}},
	}
}

func groupCases() []keyCase {
	const renamed = `
- assignment GROUP: development GROUP
+ assignment GROUP: development Builders
- assignment GROUP: staging GROUP
+ assignment GROUP: staging Builders
+ group Builders: Development team access, owner "platform"
- group GROUP: Development team access, owner "platform"
+ member Builders: jane.smith@company.com
- member GROUP: jane.smith@company.com
+ set GROUP: tag rolecall:group=Builders
- set GROUP: tag rolecall:group=GROUP`
	replace := object{"allow": []string{"replace"}}
	former := object{"previously": "DevelopmentTeam", "permission_set_name": "DevelopmentTeam"}
	return []keyCase{
		{at: "access_groups[].name", more: former, back: object{"previously": "Builders"}, steps: []step{{"Builders", renamed}}},
		{at: "access_groups[].previously", more: object{"name": "Builders", "permission_set_name": "DevelopmentTeam"}, fresh: true, back: object{"previously": "Builders"},
			steps: []step{{"DevelopmentTeam", renamed}}},
		{at: "access_groups[].description", steps: []step{{"Another text", `
+ group GROUP: Another text, owner "platform"
- group GROUP: Development team access, owner "platform"
+ set GROUP: description Another text
- set GROUP: description Development team access`}}},
		{at: "access_groups[].accounts_names", steps: []step{
			{[]string{"development", "production"}, "+ assignment GROUP: production GROUP\n- assignment GROUP: staging GROUP"},
			{[]string{"222233334444"}, "- assignment GROUP: staging GROUP"},
		}},
		{at: "access_groups[].session_duration", steps: []step{
			{"PT8H", "- set GROUP: session PT1H\n+ set GROUP: session PT8H"}, {"PT120M", "- set GROUP: session PT1H\n+ set GROUP: session PT2H"},
		}},
		{at: "access_groups[].relay_state", steps: []step{
			{"https://console.aws.amazon.com/ec2", "+ set GROUP: relay https://console.aws.amazon.com/ec2"}, {"https://a.example", "+ set GROUP: relay https://a.example"},
		}},
		{at: "access_groups[].permission_set_name", more: replace, back: replace, steps: []step{{"Developers", replacedSet}}},
		{at: "access_groups[].tags", steps: []step{
			{map[string]string{"team": "development"}, "+ set GROUP: tag team=development"},
			{map[string]string{"team": "platform", "cost": "42"}, "+ set GROUP: tag cost=42\n+ set GROUP: tag team=platform"},
			{map[string]string{}, ""},
		}},
		{at: "access_groups[].members", steps: []step{
			{[]string{john, wei}, "- member GROUP: " + smith + "\n+ member GROUP: " + john + "\n+ member GROUP: " + wei}, {[]string{}, "- member GROUP: " + smith},
		}},
	}
}

// replacedSet is a set of another name in place of the group's.
const replacedSet = `
+ assignment Developers: development GROUP
+ assignment Developers: staging GROUP
- assignment GROUP: development GROUP
- assignment GROUP: staging GROUP
+ set Developers: description Development team access
+ set Developers: policy arn:aws:iam::aws:policy/PowerUserAccess
+ set Developers: session PT1H
+ set Developers: tag rolecall:group=GROUP
+ set Developers: tag rolecall:owner=platform
- set GROUP: description Development team access
- set GROUP: policy arn:aws:iam::aws:policy/PowerUserAccess
- set GROUP: session PT1H
- set GROUP: tag rolecall:group=GROUP
- set GROUP: tag rolecall:owner=platform`

func policyCases() []keyCase {
	const power, read, audit = "policy arn:aws:iam::aws:policy/PowerUserAccess", "arn:aws:iam::aws:policy/ReadOnlyAccess", "arn:aws:iam::aws:policy/SecurityAudit"
	// inline is one statement with a key changed, and what AWS then has.
	inline := func(key string, statement object, want string) keyCase {
		return keyCase{at: "access_groups[].inline_policies[].statements[]." + key, steps: []step{
			{[]object{{"name": "lake", "statements": []object{statement}}}, `+ set GROUP: inline {"Statement":[` + want + `],"Version":"2012-10-17"}`}}}
	}
	conditions := []object{{"test": "StringEquals", "variable": "aws:RequestedRegion", "values": []string{"eu-west-1"}}}
	conditional := object{"actions": []string{"s3:*"}, "resources": []string{"*"}, "conditions": conditions}
	const condition = `{"Action":["s3:*"],"Condition":{"StringEquals":{"aws:RequestedRegion":["eu-west-1"]}},"Effect":"Allow","Resource":["*"]}`
	return []keyCase{
		{at: "access_groups[].aws_managed_policies", steps: []step{
			{[]string{read, audit}, "- set GROUP: " + power + "\n+ set GROUP: policy " + read + "\n+ set GROUP: policy " + audit}, {[]string{}, "- set GROUP: " + power},
		}},
		{at: "access_groups[].customer_managed_policies", steps: []step{{[]string{"platform/deploy"}, "+ set GROUP: policy /platform/deploy"}, {[]string{}, ""}}},
		{at: "access_groups[].permissions_boundary", steps: []step{{read, "+ set GROUP: boundary " + read}, {"platform/deploy", "+ set GROUP: boundary /platform/deploy"}}},
		inline("sid", object{"sid": "Lake", "actions": []string{"s3:*"}, "resources": []string{"*"}}, `{"Action":["s3:*"],"Effect":"Allow","Resource":["*"],"Sid":"Lake"}`),
		inline("effect", object{"effect": "Deny", "actions": []string{"s3:*"}, "resources": []string{"*"}}, `{"Action":["s3:*"],"Effect":"Deny","Resource":["*"]}`),
		inline("actions", object{"actions": []string{"s3:*"}, "resources": []string{"*"}}, `{"Action":["s3:*"],"Effect":"Allow","Resource":["*"]}`),
		inline("not_actions", object{"not_actions": []string{"s3:*"}, "resources": []string{"*"}}, `{"Effect":"Allow","NotAction":["s3:*"],"Resource":["*"]}`),
		inline("resources", object{"actions": []string{"s3:*"}, "resources": []string{"arn:aws:s3:::lake"}}, `{"Action":["s3:*"],"Effect":"Allow","Resource":["arn:aws:s3:::lake"]}`),
		inline("not_resources", object{"actions": []string{"s3:*"}, "not_resources": []string{"arn:aws:s3:::lake"}}, `{"Action":["s3:*"],"Effect":"Allow","NotResource":["arn:aws:s3:::lake"]}`),
		inline("conditions", conditional, condition),
		inline("conditions[].test", conditional, condition),
		inline("conditions[].variable", conditional, condition),
		inline("conditions[].values", conditional, condition),
		{at: "access_groups[].inline_policies[].name", steps: []step{ // two of them are one document
			{[]object{{"name": "a", "statements": []object{{"actions": []string{"s3:*"}, "resources": []string{"*"}}}}, {"name": "b", "statements": []object{{"actions": []string{"ec2:*"}, "resources": []string{"*"}}}}},
				`+ set GROUP: inline {"Statement":[{"Action":["s3:*"],"Effect":"Allow","Resource":["*"]},{"Action":["ec2:*"],"Effect":"Allow","Resource":["*"]}],"Version":"2012-10-17"}`},
			{[]object{}, ""},
		}},
	}
}

func externalCases() []keyCase {
	const renamed = "- set GROUP: tag rolecall:group=GROUP\n+ set GROUP: tag rolecall:group=Builders"
	replace := object{"allow": []string{"replace"}}
	former := object{"previously": "AWS-Development-Team", "permission_set_name": "AWS-Development-Team"}
	return []keyCase{
		{at: "external_groups[].name", more: former, back: object{"previously": "Builders"}, renamed: "Builders", steps: []step{{"Builders", renamed}}},
		{at: "external_groups[].previously", more: object{"name": "Builders", "permission_set_name": "AWS-Development-Team"}, back: object{"previously": "Builders"},
			fresh: true, renamed: "Builders", steps: []step{{"AWS-Development-Team", renamed}}},
		{at: "external_groups[].permission_set_name", more: replace, back: replace, steps: []step{{"Developers", replacedSet + `
+ set Developers: tag rolecall:scim-identity-source=Okta
- set GROUP: tag rolecall:scim-identity-source=Okta`}}},
		{at: "external_groups[].members", door: "command", steps: []step{{[]string{}, ""}}}, // only to say where they belong
		{at: "rolecall_external_group.scim_identity_source", steps: []step{
			{"Google Workspace", "- set GROUP: tag rolecall:scim-identity-source=Okta\n+ set GROUP: tag rolecall:scim-identity-source=Google Workspace"},
			{nil, "- set GROUP: tag rolecall:scim-identity-source=Okta"},
		}},
		{at: "rolecall_external_group.wait_for_sync", steps: []step{{true, ""}}},
		{at: "rolecall_external_group.timeouts", steps: []step{{object{"create": "5m", "update": "5m"}, ""}}},
	}
}

// resourceCases are arguments that only resources have. What an agreement lets
// through has tests of its own; by itself it does nothing.
func resourceCases() []keyCase {
	const owned = "- set GROUP: tag rolecall:owner=platform\n+ set GROUP: tag rolecall:owner=team-b"
	return []keyCase{
		{at: "rolecall_access_group.scim_identity_source", steps: []step{{"Okta", "+ set GROUP: tag rolecall:scim-identity-source=Okta"}}},
		{at: "rolecall_access_group.owner", steps: []step{{"team-b", `
- group GROUP: Development team access, owner "platform"
+ group GROUP: Development team access, owner "team-b"
` + owned}}},
		{at: "rolecall_access_group.permission_set_description", stays: true, steps: []step{{"Builds things", "- set GROUP: description Development team access\n+ set GROUP: description Builds things"}}},
		{at: "rolecall_access_group.adopt", steps: []step{{true, ""}}},
		{at: "rolecall_access_group.allow", steps: []step{{[]string{"strangers", "lockout"}, ""}}},
		{at: "rolecall_user.adopt", steps: []step{{true, ""}}},
		{at: "rolecall_user.allow", steps: []step{{[]string{"lockout"}, ""}}},
		{at: "rolecall_removed_user.username", fresh: true, stays: true, steps: []step{{"bob", "- user bob: Bob, Bob Ray, bob@company.com"}}},
		{at: "rolecall_removed_user.allow", steps: []step{{[]string{"lockout"}, ""}}},
		{at: "rolecall_group_members.group", fresh: true, stays: true, steps: []step{{"AWS-Development-Team", "+ member AWS-Development-Team: " + wei}}},
		{at: "rolecall_group_members.members", steps: []step{{[]string{wei, smith}, "+ member Responders: " + smith}, {[]string{smith}, "- member Responders: " + wei + "\n+ member Responders: " + smith}}},
		{at: "rolecall_group_members.scim_identity_source", more: object{"scim_scope": "users"}, steps: []step{{"Okta", ""}}},
		{at: "rolecall_group_members.scim_scope", more: object{"scim_identity_source": "Okta"}, steps: []step{{"users", ""}}},
		{at: "rolecall_group_members.allow", steps: []step{{[]string{"lockout"}, ""}}},
	}
}
