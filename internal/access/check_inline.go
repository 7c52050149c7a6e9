package access

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/rolecall-dev/rolecall/internal/diag"
	"github.com/rolecall-dev/rolecall/internal/names"
)

func (k *checker) checkInline(g GroupSpec) {
	if len(g.InlinePolicies.Items) == 0 {
		return
	}
	seen := map[string]diag.Range{}
	for _, p := range g.InlinePolicies.Items {
		k.checkInlinePolicy(p, seen)
	}
	document := InlinePolicyDocument(g.InlinePolicies.Items)
	dense := denseLength(document)
	switch n := utf8.RuneCountInString(document); {
	case dense > MaxInlinePolicyDense:
		k.errorf(CodeInlineTooLarge, g.InlinePolicies.Range, "Shorten them, or move part into a customer managed policy.",
			"the inline policies of %s have %d bytes without spaces; AWS allows %d", groupCalled(g), dense, MaxInlinePolicyDense)
	case n > MaxInlinePolicy:
		k.errorf(CodeInlineTooLarge, g.InlinePolicies.Range, "Shorten them, or move part into a customer managed policy.",
			"the inline policies of %s have %d characters; AWS allows %d", groupCalled(g), n, MaxInlinePolicy)
	}
}

// denseLength counts the bytes that are not white space, as AWS does.
func denseLength(document string) int {
	n := 0
	for _, r := range document {
		if !unicode.IsSpace(r) {
			n += utf8.RuneLen(r)
		}
	}
	return n
}

// InlinePolicyFits says whether AWS takes an inline policy of this length.
func InlinePolicyFits(document string) bool {
	return denseLength(document) <= MaxInlinePolicyDense && utf8.RuneCountInString(document) <= MaxInlinePolicy
}

func (k *checker) checkInlinePolicy(p InlinePolicySpec, seen map[string]diag.Range) {
	k.checkKeys(k.keys.In("access_groups", "inline_policies"), &p, "an inline policy")
	if p.Name.Value != "" {
		if first, ok := seen[p.Name.Value]; ok {
			k.add(diag.Error, CodeDuplicateItem, p.Name.Range, "Merge the two, or rename one of them.", fmt.Sprintf("the inline policy %q is defined twice", p.Name.Value), first)
		} else {
			seen[p.Name.Value] = p.Name.Range
		}
	}
	if len(p.Statements.Items) == 0 {
		k.errorf(CodeStatement, cmp.Or(p.Statements.Range, p.Range), "Add a statement, or remove the policy.", "the inline policy %q has no statement", p.Name.Value)
	}
	for _, s := range p.Statements.Items {
		k.checkStatement(s)
	}
}

var (
	sidPattern      = regexp.MustCompile(`^[A-Za-z0-9]*$`) // IAM User Guide, "Sid"
	actionPattern   = regexp.MustCompile(`^(\*|[A-Za-z0-9*?-]+:[A-Za-z0-9*?_-]+)$`)
	resourcePattern = regexp.MustCompile(`^(\*|arn:([^:]*:){4}.+|arn:.*\*.*)$`)
)

func (k *checker) checkStatement(s StatementSpec) {
	if !sidPattern.MatchString(s.Sid.Value) {
		k.errorf(CodeSid, s.Sid.Range, fmt.Sprintf("Write %q.", alphanumeric(s.Sid.Value)), "a statement's id can have letters and digits only, not %q", s.Sid.Value)
	}
	k.checkEffect(s.Effect)
	k.checkOneOf(s, "actions", s.Actions, "not_actions", s.NotActions)
	k.checkOneOf(s, "resources", s.Resources, "not_resources", s.NotResources)
	for _, t := range slices.Concat(s.Actions.Items, s.NotActions.Items) {
		if k.policyText(t) && !actionPattern.MatchString(t.Value) {
			k.errorf(CodeAction, t.Range, "Write it as \"s3:GetObject\", \"s3:*\" or \"*\".", "%q is not an action", t.Value)
		}
	}
	for _, t := range slices.Concat(s.Resources.Items, s.NotResources.Items) {
		if k.policyText(t) && !resourcePattern.MatchString(t.Value) {
			k.errorf(CodeResource, t.Range, "Write the ARN, or \"*\".", "%q is not an ARN", t.Value)
		}
	}
	k.checkConditions(s.Conditions)
}

func (k *checker) checkEffect(t Text) {
	if t.Value == "" || t.Value == "Allow" || t.Value == "Deny" {
		return
	}
	hint := names.DidYouMean(names.Nearest(strings.ToUpper(t.Value[:1])+strings.ToLower(t.Value[1:]), []string{"Allow", "Deny"}), "Write \"Allow\" or \"Deny\".")
	k.errorf(CodeStatement, t.Range, hint, "unknown effect %q", t.Value)
}

func (k *checker) checkOneOf(s StatementSpec, key string, these List[Text], notKey string, others List[Text]) {
	switch a, b := len(these.Items) > 0, len(others.Items) > 0; {
	case a && b:
		k.add(diag.Error, CodeStatement, others.Range, "Keep only one of the two.", fmt.Sprintf("a statement has %s or %s, not both", key, notKey), these.Range)
	case !a && !b:
		k.errorf(CodeStatement, cmp.Or(these.Range, s.Range), fmt.Sprintf("Add %s or %s.", key, notKey), "a statement lacks %s", key)
	}
}

// policyText looks at the characters of a text in a policy; it reports whether
// there is more to look at.
func (k *checker) policyText(t Text) bool {
	for _, r := range t.Value {
		if !legalPolicyRune(r) {
			k.errorf(CodeRefusedRune, t.Range, "Replace it; a policy accepts Latin-1 only.", "AWS refuses the character %s in a policy", describeRune(r))
			return false
		}
	}
	return true
}

// operators are those of the IAM User Guide, "IAM JSON policy elements:
// Condition operators".
func operators() []string {
	return []string{
		"StringEquals", "StringNotEquals", "StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase", "StringLike", "StringNotLike",
		"NumericEquals", "NumericNotEquals", "NumericLessThan", "NumericLessThanEquals", "NumericGreaterThan", "NumericGreaterThanEquals",
		"DateEquals", "DateNotEquals", "DateLessThan", "DateLessThanEquals", "DateGreaterThan", "DateGreaterThanEquals",
		"Bool", "BinaryEquals", "IpAddress", "NotIpAddress", "ArnEquals", "ArnLike", "ArnNotEquals", "ArnNotLike", "Null",
	}
}

func (k *checker) checkConditions(conditions List[ConditionSpec]) {
	seen := map[[2]string]diag.Range{}
	for _, c := range conditions.Items {
		k.checkCondition(c)
		pair := [2]string{c.Operator.Value, strings.ToLower(c.Key.Value)}
		if first, ok := seen[pair]; ok && c.Key.Value != "" {
			k.add(diag.Error, CodeCondition, c.Range, "Put the values into one list, of which any may match.",
				fmt.Sprintf("the condition %s on %q appears twice", c.Operator.Value, c.Key.Value), first)
			continue
		}
		seen[pair] = c.Range
	}
}

func (k *checker) checkCondition(c ConditionSpec) {
	k.checkKeys(k.keys.In("access_groups", "inline_policies", "statements", "conditions"), &c, "a condition")
	if c.Operator.Value != "" {
		k.checkOperator(c.Operator)
	}
	k.policyText(c.Key)
	if len(c.Values.Items) == 0 {
		k.errorf(CodeCondition, c.Range, "Add a value; without one the condition never matches.", "the condition on %q has no values", c.Key.Value)
	}
	for _, v := range c.Values.Items {
		k.policyText(v)
	}
}

func (k *checker) checkOperator(t Text) {
	name := t.Value
	for _, set := range []string{"ForAllValues:", "ForAnyValue:"} {
		name = strings.TrimPrefix(name, set)
	}
	if name != "Null" {
		name = strings.TrimSuffix(name, "IfExists")
	}
	if slices.Contains(operators(), name) {
		return
	}
	hint := "IAM's operators are called StringEquals, ArnLike, Bool, ..."
	if near := names.Nearest(name, operators()); near != "" {
		hint = fmt.Sprintf("Did you mean %q?", strings.Replace(t.Value, name, near, 1))
	}
	k.errorf(CodeCondition, t.Range, hint, "IAM has no condition operator %q", t.Value)
}
