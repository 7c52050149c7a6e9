package doctor

import (
	"fmt"
	"slices"
	"strings"
)

// userMissing: the user is not in AWS, and the identity provider was not seen to be the reason.
func userMissing() Check {
	return Check{ID: "user-missing", Link: AWSUser, About: []Subject{Person},
		Means: "The user is not in AWS, and the identity provider was not seen to be the reason.",
		Looks: "The user in AWS, by user name and by e-mail address; with --scan every user.",
		Fix:   "Define the user in the config and apply; where SCIM brings users, look in the identity provider.",
		run: func(f *Facts) []Verdict {
			switch {
			case !f.User.Known:
				return unsure(f.User.Needs)
			case f.inAWS():
				return fine(f.User.Evidence...)
			case f.Alike != nil || f.gone() || f.Person.Known && !f.active():
				return nil
			case f.usersBySCIM() && (f.stuck() || f.Person.Known && f.Assignment.Known):
				return nil // others say why it has not come
			case len(f.Near) > 0:
				return wrong(f.userOwner(), "If one of these is meant, correct the name that you gave, or the user name in "+f.userOwner()+": both have to be equal, letter for letter.", f.User.Evidence,
					"%q is not in AWS; users with a name that is near: %s", f.Name, quoted(f.Near))
			case f.usersBySCIM() && f.Person.Known:
				return wrong(f.IdP, fmt.Sprintf("In %s, assign %q to the AWS application, and look at the log of its provisioning.", f.IdP, f.Name), append(slices.Clone(f.Person.Evidence), f.User.Evidence...),
					"%q is active in %s and not in AWS; whether it is assigned to the AWS application cannot be seen from here", f.Name, f.IdP)
			case f.usersBySCIM():
				return wrong(f.IdP, fmt.Sprintf("Look in %s whether %q is there, active, and assigned to the AWS application; a connector in rolecall.hcl lets rolecall look.", f.IdP, f.Name),
					f.User.Evidence, "%q is not in AWS", f.Name)
			}
			return wrong(config, fmt.Sprintf("Define %q under users in the config, and run rolecall apply.", f.Name), f.User.Evidence, "%q is not in AWS", f.Name)
		}}
}

// userOwner says which system users belong to.
func (f *Facts) userOwner() string {
	if f.usersBySCIM() {
		return f.IdP
	}
	return config
}

func quoted(names []string) string {
	var out []string
	for _, name := range names {
		out = append(out, fmt.Sprintf("%q", name))
	}
	return strings.Join(out, ", ")
}
