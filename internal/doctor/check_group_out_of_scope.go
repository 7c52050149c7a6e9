package doctor

import (
	"fmt"
)

// groupOutOfScope: the group is at the identity provider and is not among those that it brings to AWS.
func groupOutOfScope() Check {
	return Check{ID: "group-out-of-scope", Link: Provisioning, About: both(),
		Means: "The group is at the identity provider and is not among those that it brings to AWS.",
		Looks: "The groups that are assigned to the application, or pushed.",
		Fix:   "Assign the group to the AWS application; in Okta, push it.",
		run: func(f *Facts) []Verdict {
			return each(f, func(f *Facts, p *Path) []Verdict {
				if !f.groupComes(p) || !p.InScope.Known || p.InScope.Value || p.AWSGroup.Value != nil {
					return nil
				}
				return wrong(f.IdP, fmt.Sprintf("In %s, bring the group %q to AWS: assign it to the AWS application; in Okta, push it.", f.IdP, p.Group), p.InScope.Evidence,
					"the group %q is in %s and is not among those that it brings to AWS", p.Group, f.IdP)
			})
		}}
}

// groupComes says that SCIM should bring the group, and that nothing before it
// in the chain is broken.
func (f *Facts) groupComes(p *Path) bool {
	if !f.bySCIM() || !f.Window.Groups || f.stuck() || p.Alike != nil || p.Renamed.ID != "" || !p.IdPGroup.Known || p.IdPGroup.Value == nil || !p.AWSGroup.Known {
		return false
	}
	return f.Subject != Person || f.active() && f.assigned() && p.InIdP.Known && p.InIdP.Value == Direct
}
