package access

import "github.com/rolecall-dev/rolecall/internal/diag"

// InlinePolicySpec is one named policy of `inline_policies`.
type InlinePolicySpec struct {
	Name       Text                `key:"name"`
	Statements List[StatementSpec] `key:"statements"`
	Range      diag.Range
}

// StatementSpec is one statement of an inline policy.
type StatementSpec struct {
	Sid          Text                `key:"sid"`
	Effect       Text                `key:"effect"` // "Allow" (the default) or "Deny"
	Actions      List[Text]          `key:"actions"`
	NotActions   List[Text]          `key:"not_actions"`
	Resources    List[Text]          `key:"resources"`
	NotResources List[Text]          `key:"not_resources"`
	Conditions   List[ConditionSpec] `key:"conditions"`
	Range        diag.Range
}

// ConditionSpec is one condition of a statement: an operator such as
// "StringEquals", the context key, and its values. In the config it is written
// as IAM writes it, { StringEquals = { "aws:RequestedRegion" = ["eu-west-1"] } },
// with a single string allowed for the values, or as the list of objects that
// Terraform modules use, [{ test, variable, values }].
type ConditionSpec struct {
	Operator Text       `key:"test"`
	Key      Text       `key:"variable"`
	Values   List[Text] `key:"values"`
	Range    diag.Range
}

func inlinePolicyKind() *Kind {
	return KindOf[InlinePolicySpec]("an inline policy",
		Key{KeyDoc: KeyDoc{Path: "name", Required: true, Meaning: "The policy's name, unique in the group."}},
		Key{KeyDoc: KeyDoc{Path: "statements", Required: true, Meaning: "The policy's statements."}, Of: statementKind()},
	)
}

func statementKind() *Kind {
	return KindOf[StatementSpec]("a statement",
		Key{KeyDoc: KeyDoc{Path: "sid", Meaning: "The statement's id, `[A-Za-z0-9]`. AWS gets one only if it is written here."}},
		Key{KeyDoc: KeyDoc{Path: "effect", Default: "Allow", Meaning: "`Allow` or `Deny`."}},
		Key{KeyDoc: KeyDoc{Path: "actions", Meaning: "Actions; the alternative to `not_actions`."}},
		Key{KeyDoc: KeyDoc{Path: "not_actions", Meaning: "All actions but these."}},
		Key{KeyDoc: KeyDoc{Path: "resources", Meaning: "ARNs or `*`; the alternative to `not_resources`."}},
		Key{KeyDoc: KeyDoc{Path: "not_resources", Meaning: "All resources but these."}},
		Key{KeyDoc: KeyDoc{Path: "conditions", Default: "{}", Meaning: "As IAM writes them, `{ StringEquals = { \"aws:RequestedRegion\" = [\"eu-west-1\"] } }`, or `[{ test, variable, values }]`."}, Of: conditionKind(), Form: IAM},
	)
}

func conditionKind() *Kind {
	return KindOf[ConditionSpec]("a condition",
		Key{KeyDoc: KeyDoc{Path: "test", Required: true, Meaning: "The operator, such as `StringEquals`."}},
		Key{KeyDoc: KeyDoc{Path: "variable", Required: true, Meaning: "The context key, such as `aws:RequestedRegion`."}},
		Key{KeyDoc: KeyDoc{Path: "values", Required: true, Meaning: "The values; a single string is accepted."}, Form: OneOrMore},
	)
}
