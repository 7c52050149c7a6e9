package access

import "github.com/rolecall-dev/rolecall/internal/diag"

// UserSpec is one element of `users`.
type UserSpec struct {
	DisplayName Text
	Email       Text
	GivenName   Text
	FamilyName  Text
	Username    Text // defaults to Email
	Previously  Text // the user's former username
	Groups      List[Text]
	Range       diag.Range
}

func userKind() *Kind {
	type user = UserSpec
	return newKind("a user", func(u *user) *diag.Range { return &u.Range },
		textKey(KeyDoc{Path: "display_name", Required: true, Meaning: "The name that people see."},
			func(u *user) *Text { return &u.DisplayName }).ofUser(func(u User) any { return u.DisplayName }).takes(personRule()),
		textKey(KeyDoc{Path: "email", Required: true, Meaning: "The primary e-mail address."},
			func(u *user) *Text { return &u.Email }).ofUser(func(u User) any { return u.Email }).toldApart(),
		textKey(KeyDoc{Path: "given_name", Required: true, Meaning: "The given name."},
			func(u *user) *Text { return &u.GivenName }).ofUser(func(u User) any { return u.GivenName }).takes(personRule()),
		textKey(KeyDoc{Path: "family_name", Required: true, Meaning: "The family name."},
			func(u *user) *Text { return &u.FamilyName }).ofUser(func(u User) any { return u.FamilyName }).takes(personRule()),
		textsKey(KeyDoc{Path: "groups", Meaning: "Names of groups that the user is in; united with `access_groups[].members`."},
			func(u *user) *List[Text] { return &u.Groups }).takes(groupNameRule()),
		textKey(KeyDoc{Path: "username", Default: "email", Meaning: "The name to sign in with. With an identity provider it must be the same there."},
			func(u *user) *Text { return &u.Username }).ofUser(func(u User) any { return u.Username }).takes(userNameRule()),
		textKey(KeyDoc{Path: "previously", Meaning: "The user's former user name, to rename instead of creating."},
			func(u *user) *Text { return &u.Previously }).takes(userNameRule()),
	)
}

func personRule() textRule {
	return textRule{what: "a user's name", max: MaxUserText, legal: legalTextRune, allowed: "AWS takes letters, digits, punctuation, symbols and plain blanks.", name: true}
}

func userNameRule() textRule {
	return textRule{what: "a user name", max: MaxUserName, legal: legalNameRune, allowed: "AWS takes letters, digits, punctuation and symbols, and no blanks.", name: true}
}

// UserName gives the name the user has in AWS: username, or else email. The
// place is that of whichever was written.
func (u UserSpec) UserName() Text {
	if u.Username.Value != "" {
		return u.Username
	}
	return u.Email
}
