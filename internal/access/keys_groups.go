package access

import "github.com/rolecall-dev/rolecall/internal/diag"

// GroupSpec is one element of `access_groups` or `external_groups`.
type GroupSpec struct {
	Name                    Text                   `key:"name"`
	Description             Text                   `key:"description"`
	AccountsNames           List[Text]             `key:"accounts_names"`
	SessionDuration         Text                   `key:"session_duration"` // ISO 8601, PT1H to PT12H; empty means PT1H
	RelayState              Text                   `key:"relay_state"`
	AWSManagedPolicies      List[Text]             `key:"aws_managed_policies"`      // ARNs
	CustomerManagedPolicies List[Text]             `key:"customer_managed_policies"` // ARN, name, or path/name
	InlinePolicies          List[InlinePolicySpec] `key:"inline_policies"`
	PermissionsBoundary     Text                   `key:"permissions_boundary"` // ARN of an AWS managed policy, or a customer managed policy as above
	PermissionSetName       Text                   `key:"permission_set_name"`  // empty means made from Name
	Tags                    List[TagSpec]          `key:"tags"`
	Previously              Text                   `key:"previously"` // the group's former name
	Members                 List[Text]             `key:"members"`    // access groups only: user names
	Range                   diag.Range
}

// TagSpec is one entry of `tags`.
type TagSpec struct {
	Key   Text
	Value Text
}

// groupKind has the keys of groups. External ones have members too, but only to
// say where they belong, so that no rule is about them.
func groupKind(what string, policies *Kind, members textRule) *Kind {
	return KindOf[GroupSpec](what,
		Key{KeyDoc: KeyDoc{Path: "name", Required: true, Meaning: "The group's name. Of an external group, it must be exactly the name in the identity provider."}, rule: groupNameRule},
		Key{KeyDoc: KeyDoc{Path: "description", Required: true, Meaning: "What the group is for; also the permission set's description."}, rule: setDescriptionRule, blank: true},
		Key{KeyDoc: KeyDoc{Path: "accounts_names", Required: true, Meaning: "The AWS accounts in which the group has access, by name or by id: twelve digits in quotes are an id, never a name."}, Form: Accounts, rule: accountNameRule, apart: true},
		Key{KeyDoc: KeyDoc{Path: "session_duration", Default: DefaultSessionDuration, Meaning: "How long a session lasts, ISO 8601, `PT1H` to `PT12H`."}},
		Key{KeyDoc: KeyDoc{Path: "relay_state", Meaning: "Where in the AWS console a session begins: a URL."}, rule: relayStateRule},
		Key{KeyDoc: KeyDoc{Path: "aws_managed_policies", Default: "[]", Meaning: "ARNs of AWS managed policies."}},
		Key{KeyDoc: KeyDoc{Path: "customer_managed_policies", Default: "[]", Meaning: "Customer managed policies, which must exist in every account: ARN, name, or path/name."}},
		Key{KeyDoc: KeyDoc{Path: "inline_policies", Default: "[]", Meaning: "Named policies, merged into the one inline policy that AWS allows."}, Of: policies},
		Key{KeyDoc: KeyDoc{Path: "permissions_boundary", Meaning: "The ARN of an AWS managed policy, or a customer managed policy as in `customer_managed_policies`."}},
		Key{KeyDoc: KeyDoc{Path: "permission_set_name", Default: "the group's name, made legal for AWS", Meaning: "The permission set's name, at most 32 of `[A-Za-z0-9_+=,.@-]`. Groups with the same one share the set; their content, description and session included, must be the same."}, rule: setNameRule},
		Key{KeyDoc: KeyDoc{Path: "tags", Default: "{}", Meaning: "Tags of the permission set; none may begin with `rolecall:` or `aws:`."}},
		Key{KeyDoc: KeyDoc{Path: "previously", Meaning: "The group's former name, to rename instead of creating."}, rule: groupNameRule},
		Key{KeyDoc: KeyDoc{Path: "members", SetUps: inGroupsUs, Meaning: "User names of the members; combined with `users[].groups`. Refused on external groups, whose members SCIM brings."}, rule: members},
	)
}

// What AWS takes as the texts of a group.
var (
	groupNameRule      = textRule{what: "a group's name", max: MaxGroupName, legal: legalGroupRune, allowed: "AWS accepts letters, digits, punctuation, symbols and plain spaces.", name: true}
	setDescriptionRule = textRule{what: "a permission set's description", max: MaxSetDescription, legal: legalSetDescriptionRune, allowed: "A description accepts Latin-1 only: use - for dashes and plain quotes."}
	accountNameRule    = textRule{what: "an account's name", max: MaxAccountName, legal: func(rune) bool { return true }, name: true}
	relayStateRule     = textRule{what: "a relay state", max: MaxRelayState, legal: legalRelayRune, allowed: "Encode it in the URL as %XX."}
	setNameRule        = textRule{what: "a permission set's name", max: MaxSetName, legal: LegalSetNameRune, allowed: "AWS accepts A-Z a-z 0-9 _ + = , . @ -", name: true}
)
