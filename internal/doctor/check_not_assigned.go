package doctor

import (
	"fmt"

	"github.com/rolecall-dev/rolecall/internal/directory"
)

// notAssigned: the person is not assigned to the AWS application.
func notAssigned() Check {
	return Check{ID: "not-assigned", Link: Application, About: []Subject{Person},
		Means: "The person is not assigned to the AWS application.",
		Looks: "The assignments of the AWS application at the identity provider.",
		Fix:   "Assign the person, or a group of theirs, to the AWS application.",
		run: func(f *Facts) []Verdict {
			a := f.Assignment
			switch {
			case f.hasIdP() && !f.Person.Known:
				return unsure(f.Person.Needs)
			case !f.hasIdP() || !f.active():
				return nil
			case !a.Known:
				return unsure(a.Needs)
			case a.Value.How != directory.NotAssigned || len(a.Value.Nested) > 0:
				return fine(a.Evidence...)
			}
			return wrong(f.IdP, fmt.Sprintf("In %s, assign %q or one of their groups to the AWS application.", f.IdP, f.Name), a.Evidence,
				"%q is not assigned to the AWS application in %s", f.Name, f.IdP)
		}}
}
