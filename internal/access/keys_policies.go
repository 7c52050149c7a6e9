package access

import "github.com/rolecall-dev/rolecall/internal/diag"

// InlinePolicySpec is one named policy of `inline_policies`.
type InlinePolicySpec struct {
	Name       Text
	Statements List[StatementSpec]
	Range      diag.Range
}

func inlinePolicyKind() *Kind {
	type policy = InlinePolicySpec
	return newKind("an inline policy", func(p *policy) *diag.Range { return &p.Range },
		textKey(KeyDoc{Path: "name", Required: true, Meaning: "The policy's name, unique in the group."}, func(p *policy) *Text { return &p.Name }),
		objectsKey(KeyDoc{Path: "statements", Required: true, Meaning: "The policy's statements."}, statementKind(),
			func(p *policy) *List[StatementSpec] { return &p.Statements }).toldApart(),
	)
}

// StatementSpec is one statement of an inline policy.
type StatementSpec struct {
	Sid          Text
	Effect       Text // "Allow" (the default) or "Deny"
	Actions      List[Text]
	NotActions   List[Text]
	Resources    List[Text]
	NotResources List[Text]
	Conditions   List[ConditionSpec]
	Range        diag.Range
}

func statementKind() *Kind {
	type statement = StatementSpec
	conditions := objectsKey(KeyDoc{Path: "conditions", Default: "{}",
		Meaning: "As IAM writes them, `{ StringEquals = { \"aws:RequestedRegion\" = [\"eu-west-1\"] } }`, or `[{ test, variable, values }]`."}, conditionKind(),
		func(s *statement) *List[ConditionSpec] { return &s.Conditions })
	conditions.Type, conditions.Form = "map(map(list(string))) or list(object)", IAM
	return newKind("a statement", func(s *statement) *diag.Range { return &s.Range },
		textKey(KeyDoc{Path: "sid", Meaning: "The statement's id, `[A-Za-z0-9]`. AWS gets one only where it is written here."}, func(s *statement) *Text { return &s.Sid }),
		textKey(KeyDoc{Path: "effect", Default: "Allow", Meaning: "`Allow` or `Deny`."}, func(s *statement) *Text { return &s.Effect }),
		textsKey(KeyDoc{Path: "actions", Meaning: "Actions, or else `not_actions`."}, func(s *statement) *List[Text] { return &s.Actions }),
		textsKey(KeyDoc{Path: "not_actions", Meaning: "All actions but these."}, func(s *statement) *List[Text] { return &s.NotActions }),
		textsKey(KeyDoc{Path: "resources", Meaning: "ARNs or `*`, or else `not_resources`."}, func(s *statement) *List[Text] { return &s.Resources }),
		textsKey(KeyDoc{Path: "not_resources", Meaning: "All resources but these."}, func(s *statement) *List[Text] { return &s.NotResources }),
		conditions,
	)
}

// ConditionSpec is one condition of a statement: an operator such as
// "StringEquals", the context key, and its values. In the config it is written
// as IAM writes it, { StringEquals = { "aws:RequestedRegion" = ["eu-west-1"] } },
// with a single string allowed for the values, or as the list of objects that
// Terraform modules use, [{ test, variable, values }].
type ConditionSpec struct {
	Operator Text
	Key      Text
	Values   List[Text]
	Range    diag.Range
}

func conditionKind() *Kind {
	type condition = ConditionSpec
	values := textsKey(KeyDoc{Path: "values", Required: true, Meaning: "The values; a single string will do."}, func(c *condition) *List[Text] { return &c.Values }).toldApart()
	values.Form = OneOrMore
	return newKind("a condition", func(c *condition) *diag.Range { return &c.Range },
		textKey(KeyDoc{Path: "test", Required: true, Meaning: "The operator, such as `StringEquals`."}, func(c *condition) *Text { return &c.Operator }),
		textKey(KeyDoc{Path: "variable", Required: true, Meaning: "The context key, such as `aws:RequestedRegion`."}, func(c *condition) *Text { return &c.Key }),
		values,
	)
}
