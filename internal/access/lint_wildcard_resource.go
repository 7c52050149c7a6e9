package access

import (
	"fmt"
	"slices"
	"strings"

	"github.com/rolecall-dev/rolecall/internal/diag"
)

// ResourceLint wants Allow statements of inline policies to say on which
// resources they allow the actions that matter. Many actions know no resource
// but "*", so it looks at those of a list only. Statements with conditions are
// passed over, as is what ActionLint finds.
type ResourceLint struct {
	LintRule
	Actions List[Text] `key:"actions"` // patterns of the actions that matter; not set: EscalatingActions
}

// EscalatingActions are patterns of the actions with which the holder of a
// policy can come to more than the policy gives. Source: IAM User Guide,
// "Grant a user permissions to pass a role to an AWS service", and Service
// Authorization Reference, the actions of IAM and STS that it classes as
// permissions management, or that make credentials.
func EscalatingActions() []string {
	return []string{"iam:PassRole", "sts:AssumeRole", "iam:AddUserToGroup", "iam:Attach*Policy", "iam:CreateAccessKey", "iam:CreateLoginProfile",
		"iam:CreatePolicyVersion", "iam:CreateRole", "iam:Delete*PermissionsBoundary", "iam:Put*PermissionsBoundary", "iam:Put*Policy",
		"iam:SetDefaultPolicyVersion", "iam:UpdateAssumeRolePolicy", "iam:UpdateLoginProfile"}
}

func (l ResourceLint) look(g GroupSpec) (found diag.List) {
	for _, s := range allowStatements(g) {
		at, wide := s.wideResource()
		actions := l.matter(s)
		if !wide || len(s.Conditions.Items) > 0 || len(actions) == 0 {
			continue
		}
		found = append(found, diag.Diagnostic{Range: at.Range, Related: rangesOf(actions),
			Summary: fmt.Sprintf("%s allows %s on every resource (%s)", s.called, some(actions), at.Value),
			Detail:  whatBites(actions),
			Hint:    "Name the resources by their ARNs, such as arn:aws:iam::*:role/deploy-*, or narrow the statement by conditions."})
	}
	return found
}

// matter returns the statement's actions that matter.
func (l ResourceLint) matter(s allowStatement) []Text {
	patterns := values(l.Actions)
	if !l.Actions.Set() {
		patterns = EscalatingActions()
	}
	var out []Text
	for _, t := range s.Actions.Items {
		b, _ := breadthOf(t.Value)
		matters := slices.ContainsFunc(patterns, func(p string) bool { return globsOverlap(p, t.Value) })
		if b == namedActions && matters && actionPattern.MatchString(t.Value) {
			out = append(out, t)
		}
	}
	return out
}

// wideResource returns the resource that stands for all of its kind: beside "*"
// also every resource of a service, and every role, user, group or policy of
// IAM.
func (s allowStatement) wideResource() (Text, bool) {
	if t, ok := s.onEverything(); ok {
		return t, true
	}
	for _, t := range s.Resources.Items {
		parts := strings.SplitN(t.Value, ":", 6)
		if len(parts) < 6 || parts[0] != "arn" {
			continue
		}
		kind, rest, found := strings.Cut(parts[5], "/")
		if onlyWild(parts[5]) || parts[2] == "iam" && found && kind != "" && onlyWild(strings.ReplaceAll(rest, "/", "")) {
			return t, true
		}
	}
	return Text{}, false
}

func whatBites(actions []Text) string {
	has := func(action string) bool {
		return slices.ContainsFunc(actions, func(t Text) bool { return globMatch(t.Value, action) })
	}
	escalates := slices.ContainsFunc(EscalatingActions(), func(p string) bool {
		return slices.ContainsFunc(actions, func(t Text) bool { return globsOverlap(p, t.Value) })
	})
	switch {
	case has("iam:PassRole"):
		return "Anyone who may pass any role can start a service with one that may do more than they may themselves."
	case has("sts:AssumeRole"):
		return "Anyone who may assume any role can become every role that trusts the account, in other accounts too."
	case escalates:
		return "Anyone who may change what any role or user may do can grant themselves anything."
	default:
		return "It applies to everything in the account, and to what is added later."
	}
}
