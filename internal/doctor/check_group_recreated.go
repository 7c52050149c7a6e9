package doctor

import (
	"fmt"
)

// groupRecreated: the group was deleted and made again: the assignment still names the old one, which is gone.
func groupRecreated() Check {
	return Check{ID: "group-recreated", Link: Permission, About: both(),
		Means: "The group was deleted and made again: the assignment still names the old one, which is gone.",
		Looks: "Who holds the permission set in the account, and whether those groups exist.",
		Fix:   "Give the new group the access: rolecall plan shows both ids, and --allow-rebind NAME applies it.",
		run: func(f *Facts) []Verdict {
			return each(f, func(f *Facts, p *Path) []Verdict {
				if p.Orphan == "" || !f.arrives(p) {
					return nil
				}
				if p.Shared {
					return wrong(rolecall, fmt.Sprintf("Run rolecall plan: it shows whose the assignment was. If the group of now is the right one, run rolecall apply --allow-rebind %q.", p.Group), p.Granted.Evidence,
						"%s in account %s is held by a group that is gone, id %s, and not by %q: one of the groups that share the set was deleted and made again", p.Set, p.LacksIn, p.Orphan, p.Group)
				}
				return wrong(rolecall, fmt.Sprintf("If the new group is the right one, run rolecall apply --allow-rebind %q.", p.Group), p.Granted.Evidence,
					"the group %q was deleted and made again: %s in account %s is held by the former one, id %s", p.Group, p.Set, p.LacksIn, p.Orphan)
			})
		}}
}

// arrives says that the chain holds up to the group.
func (f *Facts) arrives(p *Path) bool {
	if !p.AWSGroup.Known || p.AWSGroup.Value == nil || !f.open() {
		return false
	}
	return f.Subject == Group || f.inAWS() && !f.User.Value.Disabled && p.InAWS.Known && p.InAWS.Value
}
