package doctor

import (
	"fmt"
	"slices"

	"github.com/rolecall-dev/rolecall/internal/names"
	"github.com/rolecall-dev/rolecall/internal/presence"
)

// ofUser has the checks of the user in AWS.
func ofUser() []Check {
	return []Check{{
		ID: "user-other-name", About: []Subject{Person},
		Means: "The person is in AWS under another user name, so the identity provider's name finds nobody.",
		Looks: "The user name at the identity provider, and in AWS by user name and by e-mail address; with --scan the names of all users of AWS.",
		Fix:   "Make the two names equal, letter for letter.",
		rules: []rule{{at: userName, say: (*Facts).namesUnscanned}, {at: userName, needs: []part{personAtIdP}, say: (*Facts).userOtherName}},
	}, {
		ID: "user-missing", About: []Subject{Person},
		Means: "The user is not in AWS, and the identity provider was not seen to be the reason.",
		Looks: "The user in AWS, by user name and by e-mail address; with --scan every user.",
		Fix:   "Define the user in the config and apply; where SCIM brings users, look in the identity provider.",
		rules: []rule{{at: aside, say: (*Facts).userThere}, {at: userInAWS, needs: []part{personActive, userName, userSync}, lacks: userInAWS, say: (*Facts).userMissing}},
	}, {
		ID: "user-disabled", About: []Subject{Person},
		Means: "The user is disabled in AWS.",
		Looks: "The status of the user in AWS.",
		Fix:   "Enable the user: by the identity provider where SCIM brings users, else in the IAM Identity Center console.",
		rules: []rule{
			{at: aside, needs: []part{personActive, userEnabled}, say: func(*Facts) []Verdict { return fine() }},
			{at: userEnabled, needs: []part{assigned, userInAWS}, lacks: userEnabled, say: (*Facts).userDisabled},
		},
	}}
}

func (f *Facts) namesUnscanned() []Verdict {
	if f.Alike != nil || f.Scanned || !f.User.Known || f.User.Value != nil {
		return nil
	}
	return unsure(fmt.Sprintf("users were looked up as %q and by e-mail address alone; a name that only looks the same was not searched: --scan reads the names of all users of AWS, a call for each hundred", f.userName()))
}

func (f *Facts) userOtherName() []Verdict {
	if f.Alike == nil {
		return nil
	}
	system, fix := f.IdP, fmt.Sprintf("In %s, make the user name that the AWS application sends %q, or rename the user: both have to be equal, letter for letter.", f.IdP, f.Alike.Name)
	if !f.usersBySCIM() {
		system, fix = config, fmt.Sprintf("Give the user the username %q in the config, with previously = %q, and apply.", f.userName(), f.Alike.Name)
	}
	why := fmt.Sprintf("differs in %s%s", f.Alike.Rung.Words(), names.InWords(f.Alike.Differ))
	if f.Alike.Rung == presence.SameEmail {
		why = "has the same e-mail address"
	}
	return wrong(system, fix, f.User.Evidence, "AWS knows %q as %q, which %s; sign-in looks for the exact name", f.userName(), f.Alike.Name, why)
}

func (f *Facts) userThere() []Verdict { return shown(f.User, f.User.Value != nil) }

func (f *Facts) userMissing() []Verdict {
	owner := config
	if f.usersBySCIM() {
		owner = f.IdP
	}
	switch {
	case len(f.Near) > 0:
		return wrong(owner, "If one of these is meant, correct the name that you gave, or the user name in "+owner+": both have to be equal, letter for letter.", f.User.Evidence,
			"%q is not in AWS; users with a name that is near: %s", f.Name, quoted(f.Near))
	case f.usersBySCIM() && f.Person.Known:
		return wrong(f.IdP, fmt.Sprintf("In %s, assign %q to the AWS application, and look at the log of its provisioning.", f.IdP, f.Name), slices.Concat(f.Person.Evidence, f.User.Evidence),
			"%q is active in %s and not in AWS; whether it is assigned to the AWS application cannot be seen from here", f.Name, f.IdP)
	case f.Defined:
		return wrong(rolecall, "Run rolecall plan, then rolecall apply.", f.User.Evidence, "the config defines %q, and AWS does not have the user", f.Name)
	case f.usersBySCIM():
		return wrong(f.IdP, fmt.Sprintf("Look in %s whether %q is there, active, and assigned to the AWS application; a connector in rolecall.hcl lets rolecall look.", f.IdP, f.Name),
			f.User.Evidence, "%q is not in AWS", f.Name)
	}
	return wrong(config, fmt.Sprintf("Define %q under users in the config, and run rolecall apply.", f.Name), f.User.Evidence, "%q is not in AWS", f.Name)
}

func (f *Facts) userDisabled() []Verdict {
	system, fix := identityCenter, "Enable the user in the IAM Identity Center console (Users)."
	if f.usersBySCIM() {
		system, fix = f.IdP, fmt.Sprintf("In %s, provision %q again; where that does not help, enable the user in the IAM Identity Center console.", f.IdP, f.Name)
	}
	return wrong(system, fix, f.User.Evidence, "%q is disabled in AWS", f.Name)
}
