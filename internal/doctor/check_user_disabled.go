package doctor

import (
	"fmt"

	"github.com/rolecall-dev/rolecall/internal/directory"
)

// userDisabled: the user is disabled in AWS.
func userDisabled() Check {
	return Check{ID: "user-disabled", Link: AWSUser, About: []Subject{Person},
		Means: "The user is disabled in AWS.",
		Looks: "The status of the user in AWS.",
		Fix:   "Enable the user: by the identity provider where SCIM brings users, else in the IAM Identity Center console.",
		run: func(f *Facts) []Verdict {
			if !f.inAWS() || f.gone() || f.Person.Known && !f.active() {
				return nil
			}
			if !f.User.Value.Disabled {
				return fine()
			}
			if a := f.Assignment; a.Known && a.Value.How == directory.NotAssigned {
				return nil // which is why
			}
			system, fix := identityCenter, "Enable the user in the IAM Identity Center console (Users)."
			if f.usersBySCIM() {
				system, fix = f.IdP, fmt.Sprintf("In %s, provision %q again; where that does not help, enable the user in the IAM Identity Center console.", f.IdP, f.Name)
			}
			return wrong(system, fix, f.User.Evidence, "%q is disabled in AWS", f.Name)
		}}
}
