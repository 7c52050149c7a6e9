package access

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/rolecall-dev/rolecall/internal/diag"
)

// Lints are the settings of the lints, as rolecall.hcl writes them. The zero
// value is what holds where nothing is written: a lint that needs to be told
// something first (a prefix, which accounts are production) is off, the others
// warn.
type Lints struct {
	GroupNamePrefix   PrefixLint
	Description       DescriptionLint
	ProductionSession SessionLint
	Administrator     AdministratorLint
	ManagementAccount ManagementLint
	WildcardAction    ActionLint
	WildcardResource  ResourceLint
}

// LintRule is what every lint has.
type LintRule struct {
	Severity Text       `key:"severity"` // "off", "warning" or "error"; empty means the lint's default
	Except   List[Text] `key:"except"`   // names of groups that the lint passes over, or patterns
}

// Lint finds what AWS takes and a reviewer would ask about. It returns warnings,
// or errors where the settings say so, in the order of a reader, and it is meant
// for a config that was given to Check, whose findings it does not repeat.
func Lint(c Config, lints Lints) diag.List {
	ours, theirs := (&checker{config: c}).groupLists()
	groups := slices.Concat(ours, theirs)
	var found diag.List
	for _, l := range lints.all(c) {
		severity := l.rule.severity(l.byDefault)
		if severity == "" {
			continue
		}
		for _, d := range l.look(l.rule.without(groups)) {
			found = found.With(l.signed(d, severity))
		}
	}
	return found.Sorted()
}

// lint is one lint with its settings. What it finds has no code and no severity
// yet. Most look at one group at a time: see each.
type lint struct {
	code      diag.Code
	rule      LintRule
	byDefault bool // it is on where no severity is written
	look      func([]GroupSpec) diag.List
	says      bool // its own hint says where a group is let through
}

// signed returns a finding with what is the same in all findings of the lint. Its
// hint names the lint, so that whoever meant it so knows where to say it.
func (l lint) signed(d diag.Diagnostic, severity diag.Severity) diag.Diagnostic {
	d.Code, d.Severity = l.code, severity
	if !l.says {
		d.Hint += fmt.Sprintf(" If this is intended, lints.%s in rolecall.hcl can allow it.", LintKey(l.code))
	}
	return d
}

func (l Lints) all(c Config) []lint {
	admin := lint{CodeLintAdministrator, LintRule{Severity: l.Administrator.Severity}, l.Administrator.Groups.Set(), each(l.Administrator.look), true}
	adminIsOn := admin.rule.severity(admin.byDefault) != ""
	return []lint{
		{CodeLintGroupNamePrefix, l.GroupNamePrefix.LintRule, l.GroupNamePrefix.Prefix.Value != "",
			each(func(g GroupSpec) diag.List { return l.GroupNamePrefix.look(c, g) }), false},
		{CodeLintDescription, l.Description.LintRule, true, each(l.Description.look), false},
		{CodeLintProductionSession, l.ProductionSession.LintRule, len(l.ProductionSession.Accounts.Items) > 0, each(l.ProductionSession.look), false},
		admin,
		{CodeLintManagementAccount, l.ManagementAccount.LintRule, len(l.ManagementAccount.Accounts.Items) > 0, l.ManagementAccount.look, false},
		{CodeLintWildcardAction, l.WildcardAction.LintRule, true,
			each(func(g GroupSpec) diag.List { return l.WildcardAction.look(g, adminIsOn) }), false},
		{CodeLintWildcardResource, l.WildcardResource.LintRule, true, each(l.WildcardResource.look), false},
	}
}

// each makes a lint of what looks at one group.
func each(look func(GroupSpec) diag.List) func([]GroupSpec) diag.List {
	return func(groups []GroupSpec) (found diag.List) {
		for _, g := range groups {
			found = append(found, look(g)...)
		}
		return found
	}
}

// severity returns what the lint's findings are, or "" where it is off.
func (r LintRule) severity(byDefault bool) diag.Severity {
	switch r.Severity.Value {
	case "off":
		return ""
	case "error":
		return diag.Error
	case "warning":
		return diag.Warning
	}
	if byDefault {
		return diag.Warning
	}
	return ""
}

// without leaves out the groups that the lint passes over.
func (r LintRule) without(groups []GroupSpec) []GroupSpec {
	return slices.DeleteFunc(slices.Clone(groups), func(g GroupSpec) bool { return matchesAny(r.Except, g.Name.Value) })
}

// LintKey returns the name under which rolecall.hcl sets a lint:
// lint.group-name-prefix is group_name_prefix.
func LintKey(code diag.Code) string {
	return strings.ReplaceAll(strings.TrimPrefix(string(code), "lint."), "-", "_")
}

// some names a few of the texts: "a", "b", "c" and 4 more.
func some(texts []Text) string {
	const most = 3
	names := make([]string, 0, most)
	for _, t := range texts[:min(most, len(texts))] {
		names = append(names, strconv.Quote(t.Value))
	}
	return diag.FirstOf(names, len(texts), ", ")
}

func rangesOf(texts []Text) []diag.Range {
	var out []diag.Range
	for _, t := range texts {
		if !t.Range.IsZero() {
			out = append(out, t.Range)
		}
	}
	return out
}
