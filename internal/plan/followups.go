package plan

import (
	"fmt"

	"github.com/rolecall-dev/rolecall/internal/access"
)

// FollowUp is what a person has to do after the apply, because no API can.
type FollowUp struct {
	System string   `json:"system"`
	Users  []string `json:"users,omitempty"` // exactly whom it concerns
	Steps  []string `json:"steps"`
}

// followUps returns the steps for exactly the users that the changes create or
// rename. Where SCIM brings users there is nothing to do by hand.
func followUps(setUp access.SetUp, idp string, changes []Change) []FollowUp {
	made, renamed := madeAndRenamed(changes)
	var out []FollowUp
	switch {
	case setUp == access.BuiltIn && len(made) > 0: // who is renamed keeps password and MFA devices
		// Source: AWS IAM Identity Center user guide, "Users without passwords".
		out = append(out, FollowUp{System: "AWS IAM Identity Center console", Users: made, Steps: []string{
			"once for the instance: Settings > Authentication > Standard authentication > Configure: tick \"Send email OTP\", so that a user created here gets a code by e-mail at the first sign-in and sets a password",
			"if that is off: Users > the user > Reset password, and check the e-mail address first",
			"Users > the user > Send email verification link, where the address is shown as not verified",
			"tell the user to register an MFA device at the first sign-in, which AWS asks for by default",
		}})
	case setUp == access.WithoutSCIM && len(made) > 0:
		out = append(out, FollowUp{System: idp, Users: made, Steps: []string{
			fmt.Sprintf("the same user name must exist in %s, letter for letter: it is the SAML NameID", idp),
			fmt.Sprintf("assign the user to the AWS application in %s", idp),
		}})
	}
	if setUp == access.WithoutSCIM && len(renamed) > 0 {
		out = append(out, FollowUp{System: idp, Users: renamed, Steps: []string{
			fmt.Sprintf("the user must have the new user name in %s, too, letter for letter: it is the SAML NameID, and sign-in fails until both are the same", idp),
		}})
	}
	return out
}

// madeAndRenamed returns the users that changes create, and those that they rename.
func madeAndRenamed(changes []Change) (made, renamed []string) {
	for _, c := range changes {
		switch {
		case c.Kind != User:
		case c.Action == Create:
			made = append(made, c.Key.User)
		case c.Action == Update && c.Before.User.Username != c.After.User.Username:
			renamed = append(renamed, c.Key.User)
		}
	}
	return made, renamed
}
