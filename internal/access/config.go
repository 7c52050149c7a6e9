package access

import "github.com/rolecall-dev/rolecall/internal/diag"

// Text is a string of the config with the place it was written at. The zero
// value means that the key was not set (or set to null), which differs from an
// empty string: that one has a range.
type Text struct {
	Value string
	Range diag.Range
}

// Set says that the key was written, even if to an empty string.
func (t Text) Set() bool { return t.Value != "" || !t.Range.IsZero() }

// Or returns the text, or the fallback where the text is empty; the fallback
// keeps the text's own place.
func (t Text) Or(fallback string) string {
	if t.Value == "" {
		return fallback
	}
	return t.Value
}

// Number is a whole number of the settings with its place. The zero value was not
// set.
type Number struct {
	Value int
	Range diag.Range
}

// Set says that the number was written.
func (n Number) Set() bool { return !n.Range.IsZero() }

// Config is what the files of an access config mean, before any rule is
// applied: each field as written, each element with its own place. Check
// applies the rules, Desired turns it into a State.
type Config struct {
	ManagementMode     Text `key:"management_mode"`      // "external" or "internal"; empty means internal
	SCIMIdentitySource Text `key:"scim_identity_source"` // for tags and messages only
	SCIMScope          Text `key:"scim_scope"`           // "users_and_groups" (the default) or "users"
	IdentityProvider   Text `key:"identity_provider"`    // internal mode: who authenticates; empty means AWS's built-in directory

	Users          List[UserSpec]  `key:"users"`
	RemovedUsers   List[Text]      `key:"removed_users"`
	AccessGroups   List[GroupSpec] `key:"access_groups"`
	ExternalGroups List[GroupSpec] `key:"external_groups"`
}

// List is a list of the config with the place of the whole list, so that a
// message about an empty or forbidden list has somewhere to point. A list that
// was not written has a zero range.
type List[T any] struct {
	Items []T
	Range diag.Range
}

// Set says that the list was written, even if empty.
func (l List[T]) Set() bool { return !l.Range.IsZero() }

func topKeys() []Key {
	policies := inlinePolicyKind()
	return []Key{
		{KeyDoc: KeyDoc{Path: "management_mode", Default: "internal", Meaning: "Who manages users and groups: `external` (an identity provider, by SCIM) or `internal` (this config)."}},
		{KeyDoc: KeyDoc{Path: "scim_identity_source", SetUps: inExternal, Meaning: "The identity provider's name, such as `Okta`; for tags and messages only."}},
		{KeyDoc: KeyDoc{Path: "scim_scope", Default: "users_and_groups", SetUps: inExternal, Meaning: "What SCIM brings: `users_and_groups`, or `users` if the identity provider pushes no groups (Google Workspace)."}},
		{KeyDoc: KeyDoc{Path: "identity_provider", SetUps: inInternal, Meaning: "Who authenticates users, such as `Okta`, if they are not synchronized; if not set, AWS's built-in directory."}},
		{KeyDoc: KeyDoc{Path: "users", SetUps: inInternal, Meaning: "Users that rolecall creates and manages."}, Of: userKind()},
		{KeyDoc: KeyDoc{Path: "removed_users", SetUps: inInternal, Meaning: "User names to delete; the only way to delete a user. One that no longer exists is fine."}},
		{KeyDoc: KeyDoc{Path: "access_groups", SetUps: inGroupsUs, Meaning: "Groups that rolecall creates in AWS, and their access."}, Of: groupKind("an access group", policies, userNameRule)},
		{KeyDoc: KeyDoc{Path: "external_groups", SetUps: inExternal, Meaning: "Groups that SCIM brings, and their access."}, Of: groupKind("an external group", policies, textRule{})},
	}
}
