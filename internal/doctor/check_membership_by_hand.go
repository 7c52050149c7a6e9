package doctor

import (
	"fmt"
	"slices"
)

// membershipByHand: a membership was made in AWS by hand: the identity provider, which owns the group, does not know it.
func membershipByHand() Check {
	return Check{ID: "membership-by-hand", Link: AWSGroup, About: both(),
		Means: "A membership was made in AWS by hand: the identity provider, which owns the group, does not know it.",
		Looks: "The members at the identity provider and in AWS.",
		Fix:   "Make the membership at the identity provider, or remove it in AWS.",
		run: func(f *Facts) []Verdict {
			return each(f, func(f *Facts, p *Path) []Verdict {
				if !f.bySCIM() || !p.IdPGroup.Known || p.IdPGroup.Value == nil || f.stuck() {
					return nil
				}
				who := ""
				switch {
				case f.Subject == Group && p.Drift.Known && len(p.Drift.Value.OnlyAWS) > 0:
					who = some(p.Drift.Value.OnlyAWS)
				case f.Subject == Person && f.active() && p.InAWS.Known && p.InAWS.Value && p.InIdP.Known && p.InIdP.Value != Direct:
					who = fmt.Sprintf("%q", f.Name)
				default:
					return nil
				}
				if at, overdue := f.until(p.IdPGroup.Value.MembershipUpdated); !p.IdPGroup.Value.MembershipUpdated.IsZero() && !overdue {
					return soon(f.IdP, fmt.Sprintf("Wait until %s: the membership changed in %s a short time ago.", clock(at), f.IdP), p.IdPGroup.Evidence, "%s: in %q in AWS, and not in %s any more", who, p.Group, f.IdP)
				}
				return wrong(f.IdP, fmt.Sprintf("Put them into %q in %s, or take them out in the IAM Identity Center console: %s decides who is in it.", p.Group, f.IdP, f.IdP),
					append(slices.Clone(p.IdPGroup.Evidence), p.InAWS.Evidence...), "%s: in %q in AWS, and not in %s, which owns the group", who, p.Group, f.IdP)
			})
		}}
}
