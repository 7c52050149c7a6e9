package config

import "github.com/rolecall-dev/rolecall/internal/access"

// lintKinds are the lints and their keys.
func lintKinds() []lintKind {
	return []lintKind{prefixKind(), descriptionKind(), sessionKind(), administratorKind(), managementKind(), wildcardActionKind(), wildcardResourceKind()}
}

func exceptKey[T any](at func(*T) *access.LintRule) key[T] {
	return listKey(KeyDoc{Path: "except", Default: "[]", Meaning: "Names of groups that it passes over, or patterns (`*`, `?`)."},
		func(v *T) *texts { return &at(v).Except })
}

func prefixKind() lintKind {
	type lint = access.PrefixLint
	return lintSettings[lint]{
		code: access.CodeLintGroupNamePrefix, needs: "prefix", set: `prefix = "AWS-", except = ["Break-Glass"]`,
		at:       func(l *access.Lints) *lint { return &l.GroupNamePrefix },
		severity: func(l *lint) *text { return &l.Severity },
		whole:    func(l *lint) bool { return l.Prefix.Value != "" },
		keys: []key[lint]{
			textKey(KeyDoc{Path: "prefix", Meaning: "What the name of every group begins with, such as `AWS-`; case counts."}, func(l *lint) *text { return &l.Prefix }),
			exceptKey(func(l *lint) *access.LintRule { return &l.LintRule }),
		},
	}.kind()
}

func descriptionKind() lintKind {
	type lint = access.DescriptionLint
	return lintSettings[lint]{
		code: access.CodeLintDescription, set: `severity = "error"`,
		at:       func(l *access.Lints) *lint { return &l.Description },
		severity: func(l *lint) *text { return &l.Severity },
		keys:     []key[lint]{exceptKey(func(l *lint) *access.LintRule { return &l.LintRule })},
	}.kind()
}

func sessionKind() lintKind {
	type lint = access.SessionLint
	return lintSettings[lint]{
		code: access.CodeLintProductionSession, needs: "accounts", set: `accounts = ["*-prod", "production"], longest = "PT2H"`,
		at:       func(l *access.Lints) *lint { return &l.ProductionSession },
		severity: func(l *lint) *text { return &l.Severity },
		whole:    func(l *lint) bool { return len(l.Accounts.Items) > 0 },
		keys: []key[lint]{
			listKey(KeyDoc{Path: "accounts", Meaning: "Which accounts are production: names or ids as the config writes them, or patterns (`*`, `?`), in any case."}, func(l *lint) *texts { return &l.Accounts }),
			sessionKey(KeyDoc{Path: "longest", Default: access.DefaultLongestSession, Meaning: "The longest session there, ISO 8601, `PT1H` to `PT12H`."}, func(l *lint) *text { return &l.Longest }),
			exceptKey(func(l *lint) *access.LintRule { return &l.LintRule }),
		},
	}.kind()
}

// sessionKey is a key that takes what session_duration takes.
func sessionKey[T any](doc KeyDoc, at func(*T) *text) key[T] {
	doc.Type = "string"
	return key[T]{doc: doc, read: func(l *loader, out *T, n node, name string) {
		*at(out) = l.readText(n, name)
		if t := *at(out); t.Set() && !validSession(t.Value) && !l.reportedAt(t.Range) {
			l.reportf(CodeBadSetting, t.Range, access.SessionHint(t.Value), "%q is not a session's duration, PT1H to PT12H", t.Value)
		}
		if !validSession(at(out).Value) {
			at(out).Value = ""
		}
	}}
}

func validSession(text string) bool {
	seconds, ok := access.DurationSeconds(text)
	return ok && seconds >= access.MinSession && seconds <= access.MaxSession
}

func administratorKind() lintKind {
	type lint = access.AdministratorLint
	return lintSettings[lint]{
		// A severity alone will do: then no group may have it.
		code: access.CodeLintAdministrator, needs: "groups", set: `groups = ["AWS-Platform-Admins"]`,
		at:       func(l *access.Lints) *lint { return &l.Administrator },
		severity: func(l *lint) *text { return &l.Severity },
		keys: []key[lint]{
			listKey(KeyDoc{Path: "groups", Meaning: "Names of the groups that may have AdministratorAccess, or patterns (`*`, `?`); `[]` means that none may."}, func(l *lint) *texts { return &l.Groups }),
		},
	}.kind()
}

func managementKind() lintKind {
	type lint = access.ManagementLint
	return lintSettings[lint]{
		code: access.CodeLintManagementAccount, needs: "accounts", set: `accounts = ["management", "111122223333"]`,
		at:       func(l *access.Lints) *lint { return &l.ManagementAccount },
		severity: func(l *lint) *text { return &l.Severity },
		whole:    func(l *lint) bool { return len(l.Accounts.Items) > 0 },
		keys: []key[lint]{
			listKey(KeyDoc{Path: "accounts", Meaning: "The management account: its name and its id, as far as the config writes them."}, func(l *lint) *texts { return &l.Accounts }),
			exceptKey(func(l *lint) *access.LintRule { return &l.LintRule }),
		},
	}.kind()
}

func wildcardActionKind() lintKind {
	type lint = access.ActionLint
	return lintSettings[lint]{
		code: access.CodeLintWildcardAction, set: `allow = ["logs:*"]`,
		at:       func(l *access.Lints) *lint { return &l.WildcardAction },
		severity: func(l *lint) *text { return &l.Severity },
		keys: []key[lint]{
			listKey(KeyDoc{Path: "allow", Default: "[]", Meaning: "Actions with wildcards that are fine, such as `logs:*`."}, func(l *lint) *texts { return &l.Allow }),
			exceptKey(func(l *lint) *access.LintRule { return &l.LintRule }),
		},
	}.kind()
}

func wildcardResourceKind() lintKind {
	type lint = access.ResourceLint
	return lintSettings[lint]{
		code: access.CodeLintWildcardResource, set: `actions = ["iam:PassRole", "kms:*"], except = ["AWS-Deployers"]`,
		at:       func(l *access.Lints) *lint { return &l.WildcardResource },
		severity: func(l *lint) *text { return &l.Severity },
		keys: []key[lint]{
			listKey(KeyDoc{Path: "actions", Default: "those that lead to more permissions", Meaning: "Patterns of the actions that need resources of their own; `[\"*\"]` means all."}, func(l *lint) *texts { return &l.Actions }),
			exceptKey(func(l *lint) *access.LintRule { return &l.LintRule }),
		},
	}.kind()
}
