package doctor

import (
	"slices"

	"github.com/rolecall-dev/rolecall/internal/diag"
	"github.com/rolecall-dev/rolecall/internal/presence"
)

// groupRenamed: the group that holds the access is in AWS under another name than the config's.
func groupRenamed() Check {
	return Check{ID: "group-renamed", Link: AWSGroup, About: all(),
		Means: "The group that holds the access is in AWS under another name than the config's: it was renamed, and waiting does not bring the old name.",
		Looks: "The records and the assignments of the permission sets that the config gives the missing group, and the groups with the ids that they name.",
		Fix:   "If the renamed group is meant, write its new name with `previously` in the config; else have it renamed back.",
		run: func(f *Facts) []Verdict {
			if f.Subject == SetUp {
				return f.renamedNames()
			}
			return each(f, func(f *Facts, p *Path) []Verdict {
				if p.Renamed.ID == "" {
					return nil
				}
				d := p.Renamed.Finding("", p.Theirs, f.IdP)
				return wrong(config, d.Hint, append(slices.Clone(p.AWSGroup.Evidence), d.Evidence...), "%s", d.Summary)
			})
		}}
}

// renamedNames takes over what was found for verify.
func (f *Facts) renamedNames() []Verdict {
	var out []Verdict
	for _, item := range f.Names.Value.Items {
		if d := item.Finding; isRenamed(d) {
			v := wrong(config, d.Hint, d.Evidence, "%s", d.Summary)
			v[0].Range = d.Range
			out = append(out, v...)
		}
	}
	return out
}

func isRenamed(d *diag.Diagnostic) bool { return d != nil && d.Code == presence.CodeRenamed }
