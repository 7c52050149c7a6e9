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

// followUps gives the steps for exactly the users that the changes create (or
// rename) and, with SCIM, says where memberships belong.
func followUps(setUp access.SetUp, idp string, changes []Change) []FollowUp {
	var made []string
	granted := false
	for _, c := range changes {
		if c.Kind == User && (c.Action == Create || c.Action == Update && c.Before.User.Username != c.After.User.Username) {
			made = append(made, c.Key.User)
		}
		granted = granted || c.Kind == Assignment && c.Action == Create
	}
	switch {
	case setUp == access.BuiltIn && len(made) > 0:
		// Source: AWS IAM Identity Center user guide, "Users without passwords".
		return []FollowUp{{System: "AWS IAM Identity Center console", Users: made, Steps: []string{
			"once for the instance: Settings > Authentication > Standard authentication > Configure: tick \"Send email OTP\", so that a user made here gets a code by e-mail at the first sign-in and sets a password",
			"where that is off: Users > the user > Reset password, and check the e-mail address first",
			"Users > the user > Send email verification link, where the address is shown as not verified",
			"tell the user to register an MFA device at the first sign-in, which AWS asks for by default",
		}}}
	case setUp == access.WithoutSCIM && len(made) > 0:
		return []FollowUp{{System: idp, Users: made, Steps: []string{
			fmt.Sprintf("the same user name must exist in %s, letter for letter: it is the SAML NameID", idp),
			fmt.Sprintf("assign the user to the AWS application in %s", idp),
		}}}
	case setUp == access.SCIM && granted:
		return []FollowUp{{System: idp, Steps: []string{
			fmt.Sprintf("who is in a group is decided in %s: change memberships there, not in AWS", idp),
		}}}
	default:
		return nil
	}
}
