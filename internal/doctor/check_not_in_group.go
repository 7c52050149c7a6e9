package doctor

import (
	"fmt"
)

// notInGroup: the person is in none of the groups that give the access.
func notInGroup() Check {
	return Check{ID: "not-in-group", Link: AWSGroup, About: []Subject{Person},
		Means: "The person is in none of the groups that give the access.",
		Looks: "The groups of the config that grant it; the groups of the person at the identity provider and in AWS.",
		Fix:   "Put the person into one of these groups, in the system that owns groups.",
		run: func(f *Facts) []Verdict {
			if !f.inAWS() || f.User.Value.Disabled || f.reaches() || len(f.Paths) > 0 || f.gone() || f.Person.Known && (!f.active() || !f.assigned()) || !f.open() || f.stuck() {
				return nil
			}
			if len(f.Granting) == 0 {
				return wrong(config, "Name the account in accounts_names of the group that shall have it, and apply.", nil, "no group of the config gives this access")
			}
			return wrong(f.owner(), fmt.Sprintf("In %s, put %q into one of them: %s.", f.owner(), f.Name, some(f.Granting)), f.User.Evidence,
				"%q is in none of the groups that the config gives this access", f.Name)
		}}
}
