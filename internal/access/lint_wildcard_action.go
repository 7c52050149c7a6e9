package access

import (
	"fmt"

	"github.com/rolecall-dev/rolecall/internal/diag"
)

// ActionLint wants Allow statements of inline policies to say which actions
// they allow. A statement with conditions is passed over: somebody narrowed it.
type ActionLint struct {
	LintRule
	Allow List[Text] `key:"allow"` // wildcards that are fine, such as "logs:*", or patterns of them
}

// look leaves what allows everything on everything to the administrator lint,
// where that one is on.
func (l ActionLint) look(g GroupSpec, adminIsOn bool) (found diag.List) {
	for _, s := range allowStatements(g) {
		if _, administers := s.administers(); len(s.Conditions.Items) > 0 || administers && adminIsOn {
			continue
		}
		found = append(found, l.wildcards(s)...)
		if len(s.NotActions.Items) > 0 {
			found = append(found, s.allBut())
		}
	}
	return found
}

func (l ActionLint) wildcards(s allowStatement) (found diag.List) {
	for _, t := range s.Actions.Items {
		b, service := breadthOf(t.Value)
		if b == namedActions || matchesAny(l.Allow, t.Value) {
			continue
		}
		d := diag.Diagnostic{Range: t.Range, Hint: "List the actions that are needed; a part such as s3:Get* is fine."}
		switch b {
		case everyAction:
			d.Summary = s.called + " allows every action"
			d.Detail = "That is every action of every service, including those that AWS adds later." + s.onWhat(" On every resource, that is AdministratorAccess by another name.")
		case manyServices:
			d.Summary = fmt.Sprintf("%s allows %q, in services that it does not name", s.called, t.Value)
			d.Detail = "Which services those are changes whenever AWS adds one."
		case wholeService:
			d.Summary = fmt.Sprintf("%s allows every action of %s", s.called, service)
			d.Detail = "They include those that delete, those that share with other accounts, and those that AWS adds later." + s.onWhat(escalation(service))
		}
		found = append(found, d)
	}
	return found
}

// onWhat returns the text where the statement is on everything.
func (s allowStatement) onWhat(text string) string {
	if _, ok := s.onEverything(); ok {
		return text
	}
	return ""
}

// escalation says what a whole service means where it leads to more than itself.
func escalation(service string) string {
	switch service {
	case "iam":
		return " With all of IAM on every resource, anyone who has it can create a role that may do anything: it is equivalent to AdministratorAccess."
	case "sts":
		return " With all of STS on every resource, anyone who has it can become any role that trusts the account, in other accounts too."
	case "sso", "sso-directory", "identitystore", "identitystore-auth":
		return " Where IAM Identity Center is managed, anyone who has it can grant themselves any access to any account."
	case "organizations":
		return " In the management account, anyone who has it can remove the guardrails of every account, and accounts themselves."
	default:
		return ""
	}
}

// allBut is the finding of a statement with not_actions.
func (s allowStatement) allBut() diag.Diagnostic {
	detail := "not_actions does not deny: it allows every action of every service but those, including services that AWS adds later."
	if !matchesAny(s.NotActions, "iam:PutRolePolicy") {
		detail += s.onWhat(" IAM is not among them, so anyone who has it can create a role that may do anything: it is equivalent to AdministratorAccess.")
	}
	return diag.Diagnostic{Range: s.NotActions.Range, Detail: detail,
		Summary: fmt.Sprintf("%s allows every action but %s", s.called, some(s.NotActions.Items)),
		Hint:    "List the actions that are allowed under actions, or make it a Deny next to a policy that allows them."}
}
