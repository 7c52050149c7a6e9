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

// Or gives the text, or the fallback where the text is empty; the fallback
// keeps the text's own place.
func (t Text) Or(fallback string) string {
	if t.Value == "" {
		return fallback
	}
	return t.Value
}

// Config is what the files of an access config mean, before any rule is
// applied: each field as written, each element with its own place. Check
// applies the rules, Desired turns it into a State.
type Config struct {
	ManagementMode     Text // "external" or "internal"; empty means internal
	SCIMIdentitySource Text // for tags and messages only
	SCIMScope          Text // "users_and_groups" (the default) or "users"
	IdentityProvider   Text // internal mode: who authenticates; empty means AWS's built-in directory

	Users          List[UserSpec]
	RemovedUsers   List[Text]
	AccessGroups   List[GroupSpec]
	ExternalGroups List[GroupSpec]
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

// UserName gives the name the user has in AWS: username, or else email. The
// place is that of whichever was written.
func (u UserSpec) UserName() Text {
	if u.Username.Value != "" {
		return u.Username
	}
	return u.Email
}

// GroupSpec is one element of `access_groups` or `external_groups`.
type GroupSpec struct {
	Name                    Text
	Description             Text
	AccountsNames           List[Text]
	SessionDuration         Text // ISO 8601, PT1H to PT12H; empty means PT1H
	RelayState              Text
	AWSManagedPolicies      List[Text] // ARNs
	CustomerManagedPolicies List[Text] // ARN, name, or path/name
	InlinePolicies          List[InlinePolicySpec]
	PermissionsBoundary     Text // ARN of an AWS managed policy, or a customer managed policy as above
	PermissionSetName       Text // empty means made from Name
	Tags                    List[TagSpec]
	Previously              Text       // the group's former name
	Members                 List[Text] // access groups only: user names
	Range                   diag.Range
}

// InlinePolicySpec is one named policy of `inline_policies`.
type InlinePolicySpec struct {
	Name       Text
	Statements List[StatementSpec]
	Range      diag.Range
}

// StatementSpec is one statement of an inline policy.
type StatementSpec struct {
	Sid          Text
	Effect       Text // "Allow" (the default) or "Deny"
	Actions      List[Text]
	NotActions   List[Text]
	Resources    List[Text]
	NotResources List[Text]
	Conditions   List[ConditionSpec]
	Range        diag.Range
}

// ConditionSpec is one condition of a statement: an operator such as
// "StringEquals", the context key, and its values. In the config it is written
// as IAM writes it, { StringEquals = { "aws:RequestedRegion" = ["eu-west-1"] } },
// with a single string allowed for the values, or as the list of objects that
// Terraform modules use, [{ test, variable, values }].
type ConditionSpec struct {
	Operator Text
	Key      Text
	Values   List[Text]
	Range    diag.Range
}

// TagSpec is one entry of `tags`.
type TagSpec struct {
	Key   Text
	Value Text
}
