package doctor

import (
	"fmt"
	"slices"
)

// groupMissing: the group is not in AWS, and nothing is bringing it there.
func groupMissing() Check {
	return Check{ID: "group-missing", Link: AWSGroup, About: []Subject{Group},
		Means: "The group is not in AWS, and nothing is bringing it there.",
		Looks: "The group at the identity provider and in AWS, by its exact name; with --scan the names of all groups of AWS.",
		Fix:   "Create the group in the system that owns groups, or correct the name.",
		run: func(f *Facts) []Verdict {
			return each(f, func(f *Facts, p *Path) []Verdict {
				switch {
				case !p.AWSGroup.Known || p.Alike != nil || p.Renamed.ID != "":
					return nil
				case p.AWSGroup.Value != nil:
					return fine(p.AWSGroup.Evidence...)
				case f.bySCIM() && (!f.Window.Groups || f.stuck() || p.IdPGroup.Known && p.IdPGroup.Value != nil):
					return nil // others say why it has not come
				}
				return f.noGroup(p)
			})
		}}
}

// noGroup says where the group has to be made.
func (f *Facts) noGroup(p *Path) []Verdict {
	near := ""
	if len(p.Near) > 0 {
		near = "; groups with a name that is near: " + quoted(p.Near)
	}
	switch {
	case f.bySCIM() && p.IdPGroup.Known:
		return wrong(f.IdP, fmt.Sprintf("Create %q in %s and bring it to AWS; or correct the name.", p.Group, f.IdP), append(slices.Clone(p.IdPGroup.Evidence), p.AWSGroup.Evidence...),
			"neither %s nor AWS has a group called %q%s", f.IdP, p.Group, near)
	case f.bySCIM():
		return wrong(f.IdP, fmt.Sprintf("Look in %s whether %q is there under exactly this name and is brought to AWS; a connector in rolecall.hcl lets rolecall look.", f.IdP, p.Group), p.AWSGroup.Evidence,
			"the group %q is not in AWS%s", p.Group, near)
	case p.Set != "":
		return wrong(rolecall, "Run rolecall apply, which makes it.", p.AWSGroup.Evidence, "the config defines the group %q, and it is not in AWS%s", p.Group, near)
	}
	return wrong(config, "Define it under access_groups in the config, or correct the name.", p.AWSGroup.Evidence, "neither the config nor AWS has a group called %q%s", p.Group, near)
}
