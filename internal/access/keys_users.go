package access

import "github.com/rolecall-dev/rolecall/internal/diag"

// UserSpec is one element of `users`.
type UserSpec struct {
	DisplayName Text       `key:"display_name"`
	Email       Text       `key:"email"`
	GivenName   Text       `key:"given_name"`
	FamilyName  Text       `key:"family_name"`
	Username    Text       `key:"username"`   // defaults to Email
	Previously  Text       `key:"previously"` // the user's former username
	Groups      List[Text] `key:"groups"`
	Range       diag.Range
}

func userKind() *Kind {
	return KindOf[UserSpec]("a user",
		Key{KeyDoc: KeyDoc{Path: "display_name", Required: true, Meaning: "The name that people see."}, rule: personRule},
		Key{KeyDoc: KeyDoc{Path: "email", Required: true, Meaning: "The primary e-mail address."}, apart: true},
		Key{KeyDoc: KeyDoc{Path: "given_name", Required: true, Meaning: "The given name."}, rule: personRule},
		Key{KeyDoc: KeyDoc{Path: "family_name", Required: true, Meaning: "The family name."}, rule: personRule},
		Key{KeyDoc: KeyDoc{Path: "groups", Meaning: "Names of groups that the user is in; combined with `access_groups[].members`."}, rule: groupNameRule},
		Key{KeyDoc: KeyDoc{Path: "username", Default: "email", Meaning: "The name to sign in with. With an identity provider it must be the same there."}, rule: userNameRule},
		Key{KeyDoc: KeyDoc{Path: "previously", Meaning: "The user's former user name, to rename instead of creating."}, rule: userNameRule},
	)
}

// What AWS takes as the texts of a user.
var (
	personRule   = textRule{what: "a user's name", max: MaxUserText, legal: legalTextRune, allowed: "AWS accepts letters, digits, punctuation, symbols and plain spaces.", name: true}
	userNameRule = textRule{what: "a user name", max: MaxUserName, legal: legalNameRune, allowed: "AWS accepts letters, digits, punctuation and symbols, but no spaces.", name: true}
)

// UserName returns the name the user has in AWS: username, or else email. The
// place is that of whichever was written.
func (u UserSpec) UserName() Text {
	if u.Username.Value != "" {
		return u.Username
	}
	return u.Email
}
