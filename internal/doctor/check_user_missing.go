package doctor

import (
	"fmt"
)

// userMissing: the user is not in AWS, and the identity provider was not seen to be the reason.
func userMissing() Check {
	return Check{ID: "user-missing", Link: AWSUser, About: []Subject{Person},
		Means: "The user is not in AWS, and the identity provider was not seen to be the reason.",
		Looks: "The user in AWS, by user name and by e-mail address.",
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
			case f.usersBySCIM():
				return wrong(f.IdP, fmt.Sprintf("Look in %s whether %q is there, active, and assigned to the AWS application; a connector in rolecall.hcl lets rolecall look.", f.IdP, f.Name),
					f.User.Evidence, "%q is not in AWS", f.Name)
			}
			return wrong(config, fmt.Sprintf("Define %q under users in the config, and run rolecall apply.", f.Name), f.User.Evidence, "%q is not in AWS", f.Name)
		}}
}
