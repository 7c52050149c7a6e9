package doctor

import (
	"fmt"
)

// groupNotSynced: the group, or a membership of it, is on the way to AWS and has not arrived.
func groupNotSynced() Check {
	return Check{ID: "group-not-synced", Link: Provisioning, About: all(),
		Means: "The group, or a membership of it, is on the way to AWS and has not arrived.",
		Looks: "The members at the identity provider and in AWS, and the times of provisioning.",
		Fix:   "Wait until the time that is named; after it, look at the provisioning log.",
		run: func(f *Facts) []Verdict {
			return each(f, func(f *Facts, p *Path) []Verdict {
				if !f.groupComes(p) || p.Push != "" || p.InScope.Known && !p.InScope.Value {
					return nil
				}
				changed := p.IdPGroup.Value.MembershipUpdated
				switch {
				case p.AWSGroup.Value == nil && f.Subject == SetUp:
					return nil // the names say so
				case p.AWSGroup.Value == nil:
					return f.waiting(changed, p.AWSGroup.Evidence, fmt.Sprintf("the group %q", p.Group))
				case f.Subject != Person && p.Drift.Known && len(p.Drift.Value.OnlyIdP) > 0:
					return f.waiting(changed, p.Drift.Evidence, fmt.Sprintf("membership of %s in %q", some(p.Drift.Value.OnlyIdP), p.Group))
				case f.Subject == Person && f.inAWS() && p.InAWS.Known && !p.InAWS.Value:
					return f.waiting(changed, p.InAWS.Evidence, fmt.Sprintf("the membership of %q in %q", f.Name, p.Group))
				}
				return nil
			})
		}}
}
