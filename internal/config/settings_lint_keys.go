package config

import (
	"fmt"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/diag"
)

// lintKinds are the lints and their keys.
func lintKinds() []lintKind {
	except := key("except", "[]", "Names of groups that it skips, or patterns (`*`, `?`).")
	longest := key("longest", access.DefaultLongestSession, "The longest session there, ISO 8601, `PT1H` to `PT12H`.")
	longest.Form = access.Session
	administrator := lintOf(access.CodeLintAdministrator, "groups", `groups = ["AWS-Platform-Admins"]`, func(l *access.Lints) *access.AdministratorLint { return &l.Administrator },
		key("groups", "", "Names of the groups that may have AdministratorAccess, or patterns (`*`, `?`); `[]` means that none may."))
	administrator.alone = true
	return []lintKind{
		lintOf(access.CodeLintGroupNamePrefix, "prefix", `prefix = "AWS-", except = ["Break-Glass"]`, func(l *access.Lints) *access.PrefixLint { return &l.GroupNamePrefix },
			key("prefix", "", "The prefix that the name of every group must have, such as `AWS-`; case counts."), except),
		lintOf(access.CodeLintDescription, "", `severity = "error"`, func(l *access.Lints) *access.DescriptionLint { return &l.Description }, except),
		lintOf(access.CodeLintProductionSession, "accounts", `accounts = ["*-prod", "production"], longest = "PT2H"`, func(l *access.Lints) *access.SessionLint { return &l.ProductionSession },
			key("accounts", "", "Which accounts are production: names or ids as the config writes them, or patterns (`*`, `?`), in any case."), longest, except),
		administrator,
		lintOf(access.CodeLintManagementAccount, "accounts", `accounts = ["management", "111122223333"]`, func(l *access.Lints) *access.ManagementLint { return &l.ManagementAccount },
			key("accounts", "", "The management account: its name and its id, as far as the config writes them."), except),
		lintOf(access.CodeLintWildcardAction, "", `allow = ["logs:*"]`, func(l *access.Lints) *access.ActionLint { return &l.WildcardAction },
			key("allow", "[]", "Actions with wildcards that are fine, such as `logs:*`."), except),
		lintOf(access.CodeLintWildcardResource, "", `actions = ["iam:PassRole", "kms:*"], except = ["AWS-Deployers"]`, func(l *access.Lints) *access.ResourceLint { return &l.WildcardResource },
			key("actions", "those that lead to more permissions", "Patterns of the actions that must name their resources; `[\"*\"]` means all."), except),
	}
}

// lintOf makes a lintKind of a lint's settings, which are a T.
func lintOf[T any](code diag.Code, needs, set string, at func(*access.Lints) *T, keys ...access.Key) lintKind {
	keys = append([]access.Key{key("severity", "warning", "How it reports: `off`, `warning` or `error`.")}, keys...)
	return lintKind{access.KindOf[T](fmt.Sprintf("the lint %q", access.LintKey(code)), keys...), code, func(l *access.Lints) any { return at(l) }, needs, false, set}
}

// checkSession checks a setting that takes what session_duration takes.
func (l *loader) checkSession(t *text) {
	if seconds, ok := access.DurationSeconds(t.Value); ok && seconds >= access.MinSession && seconds <= access.MaxSession {
		return
	}
	if t.Set() && !l.reportedAt(t.Range) {
		l.Reportf(CodeBadSetting, t.Range, access.SessionHint(t.Value), "%q is not a session's duration, PT1H to PT12H", t.Value)
	}
	t.Value = ""
}
