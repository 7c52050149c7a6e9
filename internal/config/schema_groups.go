package config

import (
	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/diag"
)

func groupKeys(s *schema) []key[group] {
	return append(groupTextKeys(), groupPolicyKeys(s)...)
}

func groupTextKeys() []key[group] {
	return []key[group]{
		textKey(KeyDoc{Path: "name", Required: true, Meaning: "The group's name. Of an external group, it must be exactly the name in the identity provider."},
			func(g *group) *text { return &g.Name }),
		textKey(KeyDoc{Path: "description", Required: true, Meaning: "What the group is for; also the permission set's description."},
			func(g *group) *text { return &g.Description }),
		{doc: KeyDoc{Path: "accounts_names", Type: "list(string)", Required: true, Meaning: "The AWS accounts in which the group has access, by name or by id: twelve digits in quotes are an id, never a name."},
			read: func(l *loader, g *group, n node, name string) { g.AccountsNames = l.readAccounts(n, name) }},
		textKey(KeyDoc{Path: "session_duration", Default: "PT1H", Meaning: "How long a session lasts, ISO 8601, `PT1H` to `PT12H`."},
			func(g *group) *text { return &g.SessionDuration }),
		textKey(KeyDoc{Path: "relay_state", Meaning: "Where in the AWS console a session begins: a URL."},
			func(g *group) *text { return &g.RelayState }),
		textKey(KeyDoc{Path: "permissions_boundary", Meaning: "The ARN of an AWS managed policy, or a customer managed policy as in `customer_managed_policies`."},
			func(g *group) *text { return &g.PermissionsBoundary }),
		textKey(KeyDoc{Path: "permission_set_name", Default: "the group's name, made legal for AWS", Meaning: "The permission set's name, at most 32 of `[A-Za-z0-9_+=,.@-]`. Groups with the same one share the set; their content, description and session included, has to be the same."},
			func(g *group) *text { return &g.PermissionSetName }),
		textKey(KeyDoc{Path: "previously", Meaning: "The group's former name, to rename instead of creating."},
			func(g *group) *text { return &g.Previously }),
	}
}

func groupPolicyKeys(s *schema) []key[group] {
	return []key[group]{
		listKey(KeyDoc{Path: "aws_managed_policies", Default: "[]", Meaning: "ARNs of AWS managed policies."},
			func(g *group) *texts { return &g.AWSManagedPolicies }),
		listKey(KeyDoc{Path: "customer_managed_policies", Default: "[]", Meaning: "Customer managed policies, which must exist in every account: ARN, name, or path/name."},
			func(g *group) *texts { return &g.CustomerManagedPolicies }),
		objectsKey(KeyDoc{Path: "inline_policies", Default: "[]", Meaning: "Named policies, merged into the one inline policy that AWS takes."}, s.inlinePolicy,
			func(g *group) *access.List[access.InlinePolicySpec] { return &g.InlinePolicies }),
		{doc: KeyDoc{Path: "tags", Type: "map(string)", Default: "{}", Meaning: "Tags of the permission set; none may begin with `rolecall:` or `aws:`."},
			read: func(l *loader, g *group, n node, name string) { g.Tags = l.readTags(n, name) }},
	}
}

func membersKey() key[group] {
	return listKey(KeyDoc{Path: "members", SetUps: inGroupsUs, Meaning: "User names of the members; united with `users[].groups`. Refused on external groups, whose members SCIM brings."},
		func(g *group) *texts { return &g.Members })
}

func inlinePolicyKeys(s *schema) []key[access.InlinePolicySpec] {
	type policy = access.InlinePolicySpec
	return []key[policy]{
		textKey(KeyDoc{Path: "name", Required: true, Meaning: "The policy's name, unique in the group."}, func(p *policy) *text { return &p.Name }),
		objectsKey(KeyDoc{Path: "statements", Required: true, Meaning: "The policy's statements."}, s.statement,
			func(p *policy) *access.List[access.StatementSpec] { return &p.Statements }),
	}
}

func statementKeys() []key[access.StatementSpec] {
	type statement = access.StatementSpec
	return []key[statement]{
		textKey(KeyDoc{Path: "sid", Meaning: "The statement's id, `[A-Za-z0-9]`. AWS gets one only where it is written here."}, func(s *statement) *text { return &s.Sid }),
		textKey(KeyDoc{Path: "effect", Default: "Allow", Meaning: "`Allow` or `Deny`."}, func(s *statement) *text { return &s.Effect }),
		listKey(KeyDoc{Path: "actions", Meaning: "Actions, or else `not_actions`."}, func(s *statement) *texts { return &s.Actions }),
		listKey(KeyDoc{Path: "not_actions", Meaning: "All actions but these."}, func(s *statement) *texts { return &s.NotActions }),
		listKey(KeyDoc{Path: "resources", Meaning: "ARNs or `*`, or else `not_resources`."}, func(s *statement) *texts { return &s.Resources }),
		listKey(KeyDoc{Path: "not_resources", Meaning: "All resources but these."}, func(s *statement) *texts { return &s.NotResources }),
		{doc: KeyDoc{Path: "conditions", Type: "map(map(list(string))) or list(object)", Default: "{}",
			Meaning: "As IAM writes them, `{ StringEquals = { \"aws:RequestedRegion\" = [\"eu-west-1\"] } }`, or `[{ test, variable, values }]`."},
			inner: newCondition().docs(),
			read:  func(l *loader, s *statement, n node, name string) { s.Conditions = l.readConditions(n, name) }},
	}
}

func newCondition() *object[access.ConditionSpec] {
	return newObject("a condition", conditionKeys(), func(c *access.ConditionSpec) *diag.Range { return &c.Range })
}

func conditionKeys() []key[access.ConditionSpec] {
	type condition = access.ConditionSpec
	return []key[condition]{
		textKey(KeyDoc{Path: "test", Required: true, Meaning: "The operator, such as `StringEquals`."}, func(c *condition) *text { return &c.Operator }),
		textKey(KeyDoc{Path: "variable", Required: true, Meaning: "The context key, such as `aws:RequestedRegion`."}, func(c *condition) *text { return &c.Key }),
		{doc: KeyDoc{Path: "values", Type: "list(string)", Required: true, Meaning: "The values; a single string will do."},
			read: func(l *loader, c *condition, n node, name string) { c.Values = l.readOneOrMore(n, name) }},
	}
}
