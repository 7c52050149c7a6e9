package access

import "github.com/rolecall-dev/rolecall/internal/diag"

// GroupSpec is one element of `access_groups` or `external_groups`.
type GroupSpec struct {
	Name                    Text
	Description             Text
	AccountsNames           List[Text]
	SessionDuration         Text // ISO 8601, PT1H to PT12H; empty means PT1H
	RelayState              Text
	AWSManagedPolicies      List[Text] // ARNs
	CustomerManagedPolicies List[Text] // ARN, name, or path/name
	InlinePolicies          List[InlinePolicySpec]
	PermissionsBoundary     Text // ARN of an AWS managed policy, or a customer managed policy as above
	PermissionSetName       Text // empty means made from Name
	Tags                    List[TagSpec]
	Previously              Text       // the group's former name
	Members                 List[Text] // access groups only: user names
	Range                   diag.Range
}

// TagSpec is one entry of `tags`.
type TagSpec struct {
	Key   Text
	Value Text
}

func accessGroupKind(policies *Kind) *Kind {
	return groupKind("an access group", policies, membersKey().takes(userNameRule()))
}

// externalGroupKind has members too, to say where they belong.
func externalGroupKind(policies *Kind) *Kind {
	return groupKind("an external group", policies, membersKey())
}

func groupKind(what string, policies *Kind, more ...Key) *Kind {
	keys := append(groupTextKeys(), groupContentKeys(policies)...)
	return newKind(what, func(g *GroupSpec) *diag.Range { return &g.Range }, append(keys, more...)...)
}

type group = GroupSpec

func groupTextKeys() []Key {
	description := textKey(KeyDoc{Path: "description", Required: true, Meaning: "What the group is for; also the permission set's description."}, func(g *group) *Text { return &g.Description }).
		takes(setDescriptionRule()).ofSet(func(p PermissionSet) any { return p.Description })
	description.mayBlank = true
	accounts := textsKey(KeyDoc{Path: "accounts_names", Required: true, Meaning: "The AWS accounts in which the group has access, by name or by id: twelve digits in quotes are an id, never a name."},
		func(g *group) *List[Text] { return &g.AccountsNames }).takes(accountNameRule())
	accounts.Form, accounts.hint = Accounts, "Add accounts_names = [\"...\"], the names of AWS accounts."
	return []Key{
		textKey(KeyDoc{Path: "name", Required: true, Meaning: "The group's name. Of an external group, it must be exactly the name in the identity provider."},
			func(g *group) *Text { return &g.Name }).takes(groupNameRule()),
		description,
		accounts,
		textKey(KeyDoc{Path: "session_duration", Default: DefaultSessionDuration, Meaning: "How long a session lasts, ISO 8601, `PT1H` to `PT12H`."},
			func(g *group) *Text { return &g.SessionDuration }).ofSet(func(p PermissionSet) any { return p.SessionDuration }),
		textKey(KeyDoc{Path: "relay_state", Meaning: "Where in the AWS console a session begins: a URL."},
			func(g *group) *Text { return &g.RelayState }).takes(relayStateRule()).ofSet(func(p PermissionSet) any { return p.RelayState }),
	}
}

func groupContentKeys(policies *Kind) []Key {
	return []Key{
		textsKey(KeyDoc{Path: "aws_managed_policies", Default: "[]", Meaning: "ARNs of AWS managed policies."},
			func(g *group) *List[Text] { return &g.AWSManagedPolicies }).ofSet(func(p PermissionSet) any { return p.ManagedPolicies }),
		textsKey(KeyDoc{Path: "customer_managed_policies", Default: "[]", Meaning: "Customer managed policies, which must exist in every account: ARN, name, or path/name."},
			func(g *group) *List[Text] { return &g.CustomerManagedPolicies }).ofSet(func(p PermissionSet) any { return p.CustomerPolicies }),
		objectsKey(KeyDoc{Path: "inline_policies", Default: "[]", Meaning: "Named policies, merged into the one inline policy that AWS takes."}, policies,
			func(g *group) *List[InlinePolicySpec] { return &g.InlinePolicies }).ofSet(func(p PermissionSet) any { return p.InlinePolicy }),
		textKey(KeyDoc{Path: "permissions_boundary", Meaning: "The ARN of an AWS managed policy, or a customer managed policy as in `customer_managed_policies`."},
			func(g *group) *Text { return &g.PermissionsBoundary }).ofSet(func(p PermissionSet) any { return p.Boundary }),
		textKey(KeyDoc{Path: "permission_set_name", Default: "the group's name, made legal for AWS", Meaning: "The permission set's name, at most 32 of `[A-Za-z0-9_+=,.@-]`. Groups with the same one share the set; their content, description and session included, has to be the same."},
			func(g *group) *Text { return &g.PermissionSetName }).takes(setNameRule()),
		newKey("map(string)", KeyDoc{Path: "tags", Default: "{}", Meaning: "Tags of the permission set; none may begin with `rolecall:` or `aws:`."},
			func(g *group) *List[TagSpec] { return &g.Tags }).ofSet(func(p PermissionSet) any { return p.Tags }),
		textKey(KeyDoc{Path: "previously", Meaning: "The group's former name, to rename instead of creating."},
			func(g *group) *Text { return &g.Previously }).takes(groupNameRule()),
	}
}

func membersKey() Key {
	return textsKey(KeyDoc{Path: "members", SetUps: inGroupsUs, Meaning: "User names of the members; united with `users[].groups`. Refused on external groups, whose members SCIM brings."},
		func(g *group) *List[Text] { return &g.Members })
}

func groupNameRule() textRule {
	return textRule{what: "a group's name", max: MaxGroupName, legal: legalGroupRune, allowed: "AWS takes letters, digits, punctuation, symbols and plain blanks.", name: true}
}

func setDescriptionRule() textRule {
	return textRule{what: "a permission set's description", max: MaxSetDescription, legal: legalSetDescriptionRune,
		allowed: "A description takes Latin-1 only: use - for dashes and plain quotes."}
}

func accountNameRule() textRule {
	return textRule{what: "an account's name", max: MaxAccountName, legal: func(rune) bool { return true }, name: true}
}

func relayStateRule() textRule {
	return textRule{what: "a relay state", max: MaxRelayState, legal: legalRelayRune, allowed: "Encode it in the URL as %XX."}
}

func setNameRule() textRule {
	return textRule{what: "a permission set's name", max: MaxSetName, legal: LegalSetNameRune, allowed: "AWS takes A-Z a-z 0-9 _ + = , . @ -", name: true}
}
