package doctor

import (
	"fmt"

	"github.com/rolecall-dev/rolecall/internal/names"
)

// configOtherName: the config names a group that is not in AWS, and the group that is there has almost that name.
func configOtherName() Check {
	return Check{ID: "config-other-name", Link: InConfig, About: both(),
		Means: "The config names a group that is not in AWS, and the group that is there has almost that name.",
		Looks: "The config, the name in AWS, and the names of the groups that the person is in; with --scan the names of all groups of AWS.",
		Fix:   "Correct the name in the config, or in the system that owns the group.",
		run: func(f *Facts) []Verdict {
			return each(f, func(f *Facts, p *Path) []Verdict {
				if p.Alike == nil {
					return f.unscanned(p)
				}
				return wrong(config, fmt.Sprintf("Write %q in the config, or rename the group in %s.", p.Alike.Name, f.owner()), p.AWSGroup.Evidence,
					"the config names the group %q, and %s has %q, which differs in %s%s", p.Group, p.Alike.System, p.Alike.Name, p.Alike.Rung.Words(), names.InWords(p.Alike.Differ))
			})
		}}
}

// unscanned says that a group which is not in AWS may be there under a name that
// looks the same.
func (f *Facts) unscanned(p *Path) []Verdict {
	if f.Scanned || !p.AWSGroup.Known || p.AWSGroup.Value != nil {
		return nil
	}
	return unsure(fmt.Sprintf("a group whose name only looks like %q was not searched: --scan reads the names of all groups of AWS, a call for each hundred", p.Group))
}

// owner says which system groups belong to.
func (f *Facts) owner() string {
	if f.bySCIM() {
		return f.IdP
	}
	return identityCenter
}
