package doctor

import (
	"cmp"
	"fmt"
	"time"

	"github.com/rolecall-dev/rolecall/internal/directory"
)

// signInFailed: everything is right in AWS, and the identity provider refused the person's last sign-in to it.
func signInFailed() Check {
	return Check{ID: "sign-in-failed", Link: SignIn, About: []Subject{Person},
		Means: "Everything is right in AWS, and the identity provider refused the person's last sign-in to it.",
		Looks: "The identity provider's log of sign-ins to the AWS application: the last one that failed, with its reason and policy, and the last one that worked.",
		Fix:   "Do what the reason of the identity provider asks for: assign the person, change the policy, or correct the SAML settings of the application.",
		run: func(f *Facts) []Verdict {
			s := f.SignIns
			switch {
			case !s.Known:
				return unsure(s.Needs)
			case len(s.Value.SignIns) == 0 || s.Value.SignIns[0].Time.Before(s.Value.LastSuccess):
				return fine(s.Evidence...)
			}
			last := s.Value.SignIns[0]
			says, fix := wrong, f.signInFix(last)
			if f.Now.Sub(last.Time) > 24*time.Hour {
				says, fix = soon, "Let the person try again. If it fails: "+fix
			}
			return says(f.IdP, fix, s.Evidence, "%s refused the sign-in of %q to AWS at %s: %s", f.IdP, f.Name, clock(last.Time), signInWords(last))
		}}
}

// signInWords gives the identity provider's own reason, and the policy.
func signInWords(s directory.SignIn) string {
	text := cmp.Or(s.Reason, s.Code)
	if s.Reason != "" && s.Code != "" {
		text += " (" + s.Code + ")"
	}
	if s.Policy != "" {
		text += fmt.Sprintf(", by the policy %q", s.Policy)
	}
	return text
}

func (f *Facts) signInFix(s directory.SignIn) string {
	switch s.Cause {
	case directory.SignInNotAssigned:
		return fmt.Sprintf("In %s, assign %q to the AWS application, or switch it on for them.", f.IdP, f.Name)
	case directory.SignInDenied:
		return fmt.Sprintf("In %s, look at the sign-on policy of the AWS application, and at what it asks of %q: a factor, a device, a place.", f.IdP, f.Name)
	case directory.SignInEntityID:
		return fmt.Sprintf("In %s, correct the entity id (audience) of the AWS application: the IAM Identity Center console shows it under Settings, Identity source.", f.IdP)
	case directory.SignInNameID:
		return fmt.Sprintf("In %s, map the name id of the AWS application to the user name that AWS has.", f.IdP)
	}
	return fmt.Sprintf("Do in %s what the reason asks for; its sign-in log has more.", f.IdP)
}
