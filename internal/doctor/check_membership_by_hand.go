package doctor

import (
	"fmt"
	"slices"
)

// membershipByHand: a membership was made in AWS by hand: the identity provider, which owns the group, does not know it.
func membershipByHand() Check {
	return Check{ID: "membership-by-hand", Link: AWSGroup, About: all(),
		Means: "A membership was made in AWS by hand: the identity provider, which owns the group, does not know it.",
		Looks: "The members at the identity provider and in AWS, and when the members changed there.",
		Fix:   "Make the membership at the identity provider, or remove it in AWS.",
		run: func(f *Facts) []Verdict {
			if f.Subject == SetUp && f.bySCIM() && !f.Compared.Known {
				return unsure(f.Compared.Needs)
			}
			return each(f, func(f *Facts, p *Path) []Verdict {
				if !f.bySCIM() || !p.IdPGroup.Known || p.IdPGroup.Value == nil || f.stuck() {
					return nil
				}
				if who := f.onlyInAWS(p); who != "" {
					return f.byHand(p, who)
				}
				return nil
			})
		}}
}

// onlyInAWS names those who are in the group in AWS alone.
func (f *Facts) onlyInAWS(p *Path) string {
	switch {
	case f.Subject != Person && p.Drift.Known && len(p.Drift.Value.OnlyAWS) > 0:
		return some(p.Drift.Value.OnlyAWS)
	case f.Subject == Person && f.active() && p.InAWS.Known && p.InAWS.Value && p.InIdP.Known && p.InIdP.Value != Direct:
		return fmt.Sprintf("%q", f.Name)
	}
	return ""
}

// byHand tells a membership that was made in AWS from one that was taken away
// at the identity provider a moment ago. Where that one does not tell when its
// members changed, both are said.
func (f *Facts) byHand(p *Path, who string) []Verdict {
	seen := slices.Concat(p.IdPGroup.Evidence, p.InAWS.Evidence, p.Drift.Evidence)
	fix := fmt.Sprintf("Put them into %q in %s, or take them out in the IAM Identity Center console: %s decides who is in it.", p.Group, f.IdP, f.IdP)
	changed := p.IdPGroup.Value.MembershipUpdated
	at, overdue := f.until(changed)
	switch {
	case changed.IsZero():
		return soon(f.IdP, fmt.Sprintf("If it is still so at %s: ", clock(at))+fix, seen,
			"%s: in %q in AWS, and not in %s, which owns the group: made in AWS by hand, or taken out in %s since its last sync", who, p.Group, f.IdP, f.IdP)
	case !overdue:
		return soon(f.IdP, fmt.Sprintf("Wait until %s: the membership changed in %s a short time ago.", clock(at), f.IdP), seen, "%s: in %q in AWS, and not in %s any more", who, p.Group, f.IdP)
	}
	return wrong(f.IdP, fix, seen, "%s: in %q in AWS, and not in %s, which owns the group", who, p.Group, f.IdP)
}
