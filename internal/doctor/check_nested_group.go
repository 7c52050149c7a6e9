package doctor

import (
	"fmt"
	"strings"

	"github.com/rolecall-dev/rolecall/internal/directory"
)

// nestedGroup: a person is in the group only through another group, and nested groups do not reach AWS.
func nestedGroup() Check {
	return Check{ID: "nested-group", Link: Application, About: both(),
		Means: "A person is in the group only through another group, and nested groups do not reach AWS.",
		Looks: "The direct and the nested members of the group at the identity provider.",
		Fix:   "Put the person directly into the group, or assign the inner group and name it in the config.",
		run: func(f *Facts) []Verdict {
			out := each(f, func(f *Facts, p *Path) []Verdict {
				fix := fmt.Sprintf("In %s, put them directly into %q: neither SCIM nor AWS takes nested groups.", f.IdP, p.Group)
				switch {
				case f.reaches() || !f.bySCIM():
				case p.Drift.Known && len(p.Drift.Value.Nested) > 0:
					return wrong(f.IdP, fix, p.Drift.Evidence, "%s: in %q only through another group", some(p.Drift.Value.Nested), p.Group)
				case p.InIdP.Known && p.InIdP.Value == Nested && f.active() && p.InAWS.Known && !p.InAWS.Value:
					return wrong(f.IdP, fix, p.InIdP.Evidence, "%q is in %q only through another group, and members of nested groups are not provisioned", f.Name, p.Group)
				}
				return nil
			})
			if a := f.Assignment; out == nil && f.active() && a.Known && a.Value.How == directory.NotAssigned && len(a.Value.Nested) > 0 {
				return wrong(f.IdP, "Put the person directly into an assigned group, or assign the inner group.", a.Evidence,
					"%q is assigned to the AWS application only through a group in the group %q, and nested groups are not provisioned", f.Name, a.Value.Nested[0].Name)
			}
			return out
		}}
}

// some gives the first names, and how many more there are.
func some(names []string) string {
	const most = 5
	text := strings.Join(names[:min(most, len(names))], ", ")
	if more := len(names) - most; more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text
}
