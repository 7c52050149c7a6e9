package doctor

import (
	"fmt"

	"github.com/rolecall-dev/rolecall/internal/names"
	"github.com/rolecall-dev/rolecall/internal/presence"
)

// userOtherName: the person is in AWS under another user name, so the identity provider's name finds nobody.
func userOtherName() Check {
	return Check{ID: "user-other-name", Link: AWSUser, About: []Subject{Person},
		Means: "The person is in AWS under another user name, so the identity provider's name finds nobody.",
		Looks: "The user name at the identity provider, and in AWS by user name and by e-mail address; with --scan the names of all users of AWS.",
		Fix:   "Make the two names equal, letter for letter.",
		run: func(f *Facts) []Verdict {
			switch {
			case f.Alike == nil && !f.Scanned && f.User.Known && f.User.Value == nil:
				return unsure(fmt.Sprintf("users were looked up as %q and by e-mail address alone; a name that only looks the same was not searched: --scan reads the names of all users of AWS, a call for each hundred", f.Name))
			case f.Alike == nil || f.gone():
				return nil
			}
			system, fix := f.IdP, fmt.Sprintf("In %s, make the user name that the AWS application sends %q, or rename the user: both have to be equal, letter for letter.", f.IdP, f.Alike.Name)
			if !f.usersBySCIM() {
				system, fix = config, fmt.Sprintf("Give the user the username %q in the config, with previously = %q, and apply.", f.Name, f.Alike.Name)
			}
			why := fmt.Sprintf("differs in %s%s", f.Alike.Rung.Words(), names.InWords(f.Alike.Differ))
			if f.Alike.Rung == presence.SameEmail {
				why = "has the same e-mail address"
			}
			return wrong(system, fix, f.User.Evidence, "AWS knows %q as %q, which %s; sign-in looks for the exact name", f.Name, f.Alike.Name, why)
		}}
}
