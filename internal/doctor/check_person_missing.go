package doctor

import (
	"fmt"
)

// personMissing: the identity provider does not have the person.
func personMissing() Check {
	return Check{ID: "person-missing", Link: AtIdP, About: []Subject{Person},
		Means: "The identity provider does not have the person.",
		Looks: "The identity provider, by user name, e-mail address and alias.",
		Fix:   "Create the person in the identity provider, under this user name, and assign them to the AWS application.",
		run: func(f *Facts) []Verdict {
			switch {
			case !f.hasIdP():
				return nil
			case !f.Person.Known:
				return unsure(f.Person.Needs)
			case f.Person.Value != nil:
				return fine(f.Person.Evidence...)
			case f.inAWS():
				return wrong(f.IdP, fmt.Sprintf("Create %q in %s, or remove the user from AWS if the person has left.", f.Name, f.IdP), f.Person.Evidence,
					"%q is in AWS and not in %s, so nobody can sign in under that name", f.Name, f.IdP)
			}
			return wrong(f.IdP, fmt.Sprintf("Create %q in %s and assign the person to its AWS application; or correct the name.", f.Name, f.IdP), f.Person.Evidence,
				"%s has nobody called %q%s", f.IdP, f.Name, f.nearWords())
		}}
}

// nearWords names users of AWS that may have been meant.
func (f *Facts) nearWords() string {
	if len(f.Near) == 0 {
		return ""
	}
	return "; AWS has users with a name that is near: " + quoted(f.Near)
}
