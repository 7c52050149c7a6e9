package doctor

import (
	"time"

	"github.com/rolecall-dev/rolecall/internal/probe/scim"
)

// tokenAge: the SCIM token comes to the end of its year.
func tokenAge() Check {
	return Check{ID: "token-age", Link: Provisioning, About: []Subject{SetUp},
		Means: "The SCIM token comes to the end of its year.",
		Looks: "token_created in rolecall.hcl: no API tells the age of a token.",
		Fix:   "Make a second token in the IAM Identity Center console, give it to the identity provider, delete the first.",
		run: func(f *Facts) []Verdict {
			switch {
			case !f.usersBySCIM() || tokenRefused(f):
				return nil
			case !f.TokenAge.Known:
				return unsure(f.TokenAge.Needs)
			case !f.TokenAge.Value.Due():
				return fine(f.TokenAge.Evidence...)
			}
			a := f.TokenAge.Value
			return soon(identityCenter, scim.Unauthorized.Fix(), f.TokenAge.Evidence, "the SCIM token expires in %d days, on %s; nothing is synchronized after that", a.DaysLeft, a.Expires.Format(time.DateOnly))
		}}
}
