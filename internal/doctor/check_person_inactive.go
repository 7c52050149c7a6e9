package doctor

import (
	"cmp"
	"fmt"
)

// personInactive: the person is not active at the identity provider.
func personInactive() Check {
	return Check{ID: "person-inactive", Link: AtIdP, About: []Subject{Person},
		Means: "The person is not active at the identity provider.",
		Looks: "The status of the person at the identity provider.",
		Fix:   "Activate the person at the identity provider.",
		run: func(f *Facts) []Verdict {
			p := f.Person
			switch {
			case !f.hasIdP() || !p.Known || p.Value == nil:
				return nil
			case f.active():
				return fine()
			}
			return wrong(f.IdP, fmt.Sprintf("Activate %q in %s.", p.Value.UserName, f.IdP), p.Evidence, "%q is not active in %s: %s", p.Value.UserName, f.IdP, cmp.Or(p.Value.Said, string(p.Value.Status)))
		}}
}
