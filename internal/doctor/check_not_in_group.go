package doctor

import (
	"fmt"
)

// notInGroup: the person is in none of the groups that give the access.
func notInGroup() Check {
	return Check{ID: "not-in-group", Link: AWSGroup, About: []Subject{Person},
		Means: "The person is in none of the groups that give the access.",
		Looks: "The groups of the config that grant it; the groups of the person at the identity provider and in AWS.",
		Fix:   "Put the person into one of these groups, in the system that owns groups: the identity provider, or the config.",
		run: func(f *Facts) []Verdict {
			if through := f.through(); through != nil {
				return fine(through.InAWS.Evidence...)
			}
			if !f.inAWS() || f.User.Value.Disabled || f.reaches() || len(f.Paths) > 0 || f.gone() || f.Person.Known && (!f.active() || !f.assigned()) || !f.open() || f.stuck() {
				return nil
			}
			if len(f.Granting) == 0 {
				return wrong(config, "Name the account in accounts_names of the group that shall have it, and apply.", nil, "no group of the config gives access to %s", f.account())
			}
			if f.bySCIM() {
				return wrong(f.IdP, fmt.Sprintf("In %s, put %q into one of them: %s.", f.IdP, f.Name, some(f.Granting)), f.User.Evidence,
					"%q is in none of the groups that the config gives this access", f.Name)
			}
			if len(f.Members) > 0 {
				return wrong(rolecall, "Run rolecall plan, then rolecall apply.", f.User.Evidence, "the config puts %q into %s, and AWS does not have them there", f.Name, some(f.Members))
			}
			return wrong(config, fmt.Sprintf("Name %q in the members of one of them, and run rolecall apply: %s.", f.Name, some(f.Granting)), f.User.Evidence,
				"%q is in none of the groups that the config gives this access", f.Name)
		}}
}
