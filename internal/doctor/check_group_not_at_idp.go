package doctor

import (
	"fmt"
	"slices"
)

// groupNotAtIdP: the group is in AWS, and the identity provider, which owns groups, does not have it.
func groupNotAtIdP() Check {
	return Check{ID: "group-not-at-idp", Link: AtIdP, About: all(),
		Means: "The group is in AWS, and the identity provider, which owns groups, does not have it: it was made in AWS, or deleted or renamed at the identity provider.",
		Looks: "The group at the identity provider and in AWS, by its exact name.",
		Fix:   "Create the group at the identity provider and bring it to AWS, or name the right group in the config.",
		run: func(f *Facts) []Verdict {
			return each(f, func(f *Facts, p *Path) []Verdict {
				if !f.bySCIM() || !f.Window.Groups || p.Alike != nil || !p.IdPGroup.Known || p.IdPGroup.Value != nil || !p.AWSGroup.Known || p.AWSGroup.Value == nil {
					return nil
				}
				return soon(f.IdP, fmt.Sprintf("Create %q in %s and bring it to AWS, or name in the config the group that is meant: nobody can be put into this one in %s.", p.Group, f.IdP, f.IdP),
					append(slices.Clone(p.IdPGroup.Evidence), p.AWSGroup.Evidence...), "the group %q is in AWS and not in %s, which owns groups", p.Group, f.IdP)
			})
		}}
}
