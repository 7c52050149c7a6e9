package doctor

import (
	"fmt"
	"slices"
	"time"

	"github.com/rolecall-dev/rolecall/internal/probe/scim"
)

// tokenAge: the SCIM token comes to the end of its year, or token_created cannot be its day.
func tokenAge() Check {
	return Check{ID: "token-age", Link: Provisioning, About: []Subject{SetUp},
		Means: "The SCIM token comes to the end of its year, or token_created cannot be its day.",
		Looks: "token_created in rolecall.hcl: no API tells the age of a token.",
		Fix:   "Make a second token in the IAM Identity Center console, give it to the identity provider, delete the first; or correct token_created.",
		run: func(f *Facts) []Verdict {
			switch {
			case !f.usersBySCIM() || tokenRefused(f):
				return nil
			case !f.TokenAge.Known:
				return unsure(f.TokenAge.Needs)
			case f.TokenAge.Value.Future():
				return soon(config, rightDate, f.TokenAge.Evidence, "token_created in rolecall.hcl lies in the future: %s", f.TokenAge.Value.Created.Format(time.DateOnly))
			case f.TokenAge.Value.Over(): // and the token works, or the check of the token would have said so
				return soon(config, rightDate, slices.Concat(f.TokenAge.Evidence, f.SCIM.Evidence),
					"the SCIM token works, and token_created in rolecall.hcl says that it expired on %s: the date is wrong, or that of another token", f.TokenAge.Value.Expires.Format(time.DateOnly))
			case !f.TokenAge.Value.Due():
				return fine(f.TokenAge.Evidence...)
			}
			a := f.TokenAge.Value
			return soon(identityCenter, scim.Unauthorized.Fix(), f.TokenAge.Evidence, "the SCIM token expires %s, on %s; nothing is synchronized after that", daysLeft(a), a.Expires.Format(time.DateOnly))
		}}
}

// rightDate says what to do about a token_created that cannot be right. A token that
// works may also be a newer one than the identity provider has.
const rightDate = "Write the day on which the token in use was made into the scim block of rolecall.hcl: token_created = \"YYYY-MM-DD\". " +
	"If the date is that of another token, look which one the identity provider has: what it has may have expired. Where nobody knows, make a new token in the IAM Identity Center console (Settings, Automatic provisioning), give it to the identity provider, and write today's date."

func daysLeft(a scim.Age) string {
	switch {
	case a.DaysLeft <= 0:
		return "today"
	case a.DaysLeft == 1:
		return "in 1 day"
	default:
		return fmt.Sprintf("in %d days", a.DaysLeft)
	}
}
