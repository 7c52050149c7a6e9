package access

import (
	"fmt"

	"github.com/rolecall-dev/rolecall/internal/diag"
)

// AdministratorLint wants AdministratorAccess in named groups only. What a
// customer managed policy allows cannot be known offline.
type AdministratorLint struct {
	Severity Text       `key:"severity"` // as in LintRule
	Groups   List[Text] `key:"groups"`   // names of groups that may have it, or patterns; empty: none may
}

func (l AdministratorLint) look(g GroupSpec) (found diag.List) {
	if matchesAny(l.Groups, g.Name.Value) {
		return nil
	}
	for _, t := range g.AWSManagedPolicies.Items {
		if isAdministratorAccess(t.Value) {
			found = append(found, l.finding(t, groupCalled(g)+" has AdministratorAccess"))
		}
	}
	for _, s := range allowStatements(g) {
		if t, ok := s.administers(); ok {
			found = append(found, l.finding(t, s.called+" allows every action on every resource, as AdministratorAccess does"))
		}
	}
	return found
}

func (l AdministratorLint) finding(at Text, summary string) diag.Diagnostic {
	allowed := "lints.administrator in rolecall.hcl allows it for no group."
	if n := l.Groups.Items; len(n) > 0 {
		allowed = fmt.Sprintf("lints.administrator in rolecall.hcl allows it for %s.", some(n))
	}
	return diag.Diagnostic{Range: at.Range, Summary: summary,
		Detail: "It can do everything in its accounts, and grant itself and others anything there. " + allowed,
		Hint:   "Grant it only what its work needs, such as PowerUserAccess; if it should administer accounts, add it to the groups of lints.administrator."}
}

// isAdministratorAccess knows the policy in every partition.
func isAdministratorAccess(arn string) bool {
	m := awsPolicyARN.FindStringSubmatch(arn)
	return m != nil && m[2] == "" && m[3] == "AdministratorAccess"
}

// administers returns the action with which the statement allows everything on
// everything. Conditions do not change that: they mostly say when and from
// where, not what.
func (s allowStatement) administers() (Text, bool) {
	if _, ok := s.onEverything(); !ok || len(s.NotResources.Items) > 0 {
		return Text{}, false
	}
	for _, t := range s.Actions.Items {
		if b, _ := breadthOf(t.Value); b == everyAction {
			return t, true
		}
	}
	return Text{}, false
}
