package access

import (
	"slices"

	"github.com/rolecall-dev/rolecall/internal/diag"
)

// The kinds of findings of Check.
const (
	CodeUnknownMode           diag.Code = "access.unknown-mode"
	CodeUnknownSCIMScope      diag.Code = "access.unknown-scim-scope"
	CodeUsersExternal         diag.Code = "access.users-in-external-mode"
	CodeRemovedUsersExternal  diag.Code = "access.removed-users-in-external-mode"
	CodeAccessGroupsExternal  diag.Code = "access.access-groups-in-external-mode"
	CodeProviderExternal      diag.Code = "access.identity-provider-in-external-mode"
	CodeExternalGroupsInside  diag.Code = "access.external-groups-in-internal-mode"
	CodeSCIMKeyInside         diag.Code = "access.scim-key-in-internal-mode"
	CodeMembersExternal       diag.Code = "access.members-on-external-group"
	CodeExternalGroupsNoScope diag.Code = "access.external-groups-without-group-scope"

	CodeMissingKey     diag.Code = "access.missing-key"
	CodeEmptyText      diag.Code = "access.empty-text"
	CodeBlankEnds      diag.Code = "access.blank-ends"
	CodeTooLong        diag.Code = "access.too-long"
	CodeRefusedRune    diag.Code = "access.refused-character"
	CodeReservedName   diag.Code = "access.reserved-name"
	CodeReservedMark   diag.Code = "access.reserved-mark"
	CodePlaceholder    diag.Code = "access.placeholder"
	CodeDuplicateItem  diag.Code = "access.duplicate-item"
	CodePreviously     diag.Code = "access.previously"
	CodeUndefinedGroup diag.Code = "access.undefined-group"
	CodeUndefinedUser  diag.Code = "access.undefined-user"
	CodeFormerName     diag.Code = "access.former-name"

	CodeDuplicateUser    diag.Code = "access.duplicate-user"
	CodeDuplicateEmail   diag.Code = "access.duplicate-email"
	CodeBadEmail         diag.Code = "access.bad-email"
	CodeUserWithoutEmail diag.Code = "access.user-without-email"
	CodeRemovedUserKept  diag.Code = "access.removed-user-kept"

	CodeDuplicateGroup  diag.Code = "access.duplicate-group"
	CodeNoAccounts      diag.Code = "access.no-accounts"
	CodeNoPermissions   diag.Code = "access.no-permissions"
	CodeAccountID       diag.Code = "access.account-id"
	CodeSessionDuration diag.Code = "access.session-duration"
	CodeSetConflict     diag.Code = "access.permission-set-conflict"
	CodeSetCase         diag.Code = "access.permission-set-case"
	CodeTooManySets     diag.Code = "access.too-many-permission-sets"
	CodeReservedTag     diag.Code = "access.reserved-tag"
	CodeTooManyTags     diag.Code = "access.too-many-tags"

	CodePolicyARN       diag.Code = "access.policy-arn"
	CodePolicyMisplaced diag.Code = "access.policy-misplaced"
	CodePartition       diag.Code = "access.partition"
	CodeDuplicatePolicy diag.Code = "access.duplicate-policy"
	CodeTooManyPolicies diag.Code = "access.too-many-policies"
	CodeManyPolicies    diag.Code = "access.many-policies"
	CodeInlineTooLarge  diag.Code = "access.inline-policy-too-large"
	CodeStatement       diag.Code = "access.statement"
	CodeSid             diag.Code = "access.sid"
	CodeAction          diag.Code = "access.action"
	CodeResource        diag.Code = "access.resource"
	CodeCondition       diag.Code = "access.condition"
)

// The lints, which are findings of Lint.
const (
	CodeLintGroupNamePrefix   diag.Code = "lint.group-name-prefix"
	CodeLintDescription       diag.Code = "lint.description"
	CodeLintProductionSession diag.Code = "lint.production-session"
	CodeLintAdministrator     diag.Code = "lint.administrator"
	CodeLintManagementAccount diag.Code = "lint.management-account"
	CodeLintWildcardAction    diag.Code = "lint.wildcard-action"
	CodeLintWildcardResource  diag.Code = "lint.wildcard-resource"
)

// Codes explains the findings of this package.
func Codes() diag.Docs {
	return slices.Concat(setUpCodes(), nameCodes(), userCodes(), groupCodes(), policyCodes(), LintCodes())
}

func setUpCodes() diag.Docs {
	return diag.Docs{
		{Code: CodeUnknownMode, Meaning: "management_mode is neither external nor internal.", Do: "Write external if an identity provider synchronizes users by SCIM, otherwise internal."},
		{Code: CodeUnknownSCIMScope, Meaning: "scim_scope is neither users_and_groups nor users.", Do: "Write users if the identity provider pushes no groups, otherwise leave it out."},
		{Code: CodeUsersExternal, Meaning: "Users are defined although SCIM brings them.", Do: "Create them in the identity provider and assign them to its AWS application."},
		{Code: CodeRemovedUsersExternal, Meaning: "Users are to be removed although they belong to the identity provider.", Do: "Remove or unassign them there; SCIM takes them out of AWS."},
		{Code: CodeAccessGroupsExternal, Meaning: "Groups are to be created in AWS although SCIM brings the groups.", Do: "Create them in the identity provider and list them under external_groups; if it pushes no groups, set scim_scope = \"users\"."},
		{Code: CodeProviderExternal, Meaning: "identity_provider, which is for a provider without SCIM, is used with management_mode = \"external\".", Do: "Name the provider in scim_identity_source, or set management_mode = \"internal\"."},
		{Code: CodeExternalGroupsInside, Meaning: "External groups are listed although nothing brings groups into AWS.", Do: "Move them to access_groups, or set management_mode = \"external\"."},
		{Code: CodeSCIMKeyInside, Meaning: "A key about SCIM is set although management_mode is internal.", Do: "Set management_mode = \"external\" if SCIM is on; otherwise remove the key and name the provider in identity_provider."},
		{Code: CodeMembersExternal, Meaning: "An external group has members although the identity provider manages them.", Do: "Change the membership in the identity provider."},
		{Code: CodeExternalGroupsNoScope, Meaning: "External groups are listed although SCIM brings users only.", Do: "Check that something else creates these groups in AWS, or move them to access_groups."},
	}
}

func nameCodes() diag.Docs {
	return diag.Docs{
		{Code: CodeMissingKey, Meaning: "A required key is missing.", Do: "Add it."},
		{Code: CodeEmptyText, Meaning: "A text that AWS requires is empty.", Do: "Write it, or remove the key if it is optional."},
		{Code: CodeBlankEnds, Meaning: "A name has a leading or trailing space, so it would match nothing.", Do: "Remove the space; if the name in the identity provider or in AWS has it, rename it there."},
		{Code: CodeTooLong, Meaning: "A text is longer than AWS allows.", Do: "Shorten it."},
		{Code: CodeRefusedRune, Meaning: "A text has a character that AWS refuses; the finding names it.", Do: "Replace the character."},
		{Code: CodeReservedName, Meaning: "A name is reserved by AWS or by rolecall.", Do: "Choose another name."},
		{Code: CodeReservedMark, Meaning: "A group's description ends in what looks like an owner's mark.", Do: "Remove it; rolecall writes the mark itself."},
		{Code: CodePlaceholder, Meaning: "A value is still the placeholder from an example.", Do: "Write the real value."},
		{Code: CodeDuplicateItem, Meaning: "A list contains the same thing twice.", Do: "Remove one; if another was meant, correct it."},
		{Code: CodePreviously, Meaning: "previously names something that exists, or that another renames too.", Do: "Write the former name, and only if nothing has it any more; remove it once the rename is applied."},
		{Code: CodeUndefinedGroup, Meaning: "A user is put into a group that the config does not define; the group must exist in AWS.", Do: "Correct the name, define the group, or make sure that AWS has it."},
		{Code: CodeFormerName, Meaning: "The config uses a name that is the former name (`previously`) of a group or user. Nothing could be renamed, and a second one would be created.", Do: "Write the new name."},
		{Code: CodeUndefinedUser, Meaning: "A member is not a user in the config; the user must exist in AWS.", Do: "Correct the name, define the user, or make sure that AWS has it."},
	}
}

func userCodes() diag.Docs {
	return diag.Docs{
		{Code: CodeDuplicateUser, Meaning: "Two users have the same user name, or names that differ only in case.", Do: "Merge them or rename one."},
		{Code: CodeDuplicateEmail, Meaning: "Two users have the same e-mail address, which AWS requires to be unique.", Do: "Correct one of them."},
		{Code: CodeBadEmail, Meaning: "An e-mail address is not valid.", Do: "Write it as name@domain."},
		{Code: CodeUserWithoutEmail, Meaning: "A user has no e-mail address; with the built-in directory such a user cannot get a password by mail.", Do: "Add the address."},
		{Code: CodeRemovedUserKept, Meaning: "A user is to be removed and still used elsewhere in the config.", Do: "Remove one of the two."},
	}
}

func groupCodes() diag.Docs {
	return diag.Docs{
		{Code: CodeDuplicateGroup, Meaning: "Two groups have the same name, or names that differ only in case.", Do: "Merge them or rename one."},
		{Code: CodeNoAccounts, Meaning: "A group has no account, so it grants nothing.", Do: "Add its accounts, or remove the group."},
		{Code: CodeNoPermissions, Meaning: "A group has no policy, so its sessions have no permissions.", Do: "Add a policy."},
		{Code: CodeAccountID, Meaning: "accounts_names has what looks like an account id but is not one: it has dashes or spaces between its digits, or it is a number that lost its leading zeros. It is read as a name.", Do: "Write the id as 12 digits in quotes, or the account's name as AWS Organizations shows it."},
		{Code: CodeSessionDuration, Meaning: "session_duration is not a duration that AWS accepts: ISO 8601 in whole hours, minutes and seconds, from PT1H to PT12H.", Do: "Write it as the hint says, such as PT8H or PT1H30M."},
		{Code: CodeSetConflict, Meaning: "Groups share a permission set's name but define it differently.", Do: "Make their content identical, or choose another permission_set_name for one of them."},
		{Code: CodeSetCase, Meaning: "Two permission sets' names differ only in case.", Do: "Use one spelling."},
		{Code: CodeTooManySets, Meaning: "The config asks for more permission sets than AWS's default quota.", Do: "Let groups share sets by permission_set_name, or ask AWS to raise the quota."},
		{Code: CodeReservedTag, Meaning: "A tag begins with rolecall: or aws:, which are reserved.", Do: "Choose another key."},
		{Code: CodeTooManyTags, Meaning: "A permission set has more tags than AWS allows.", Do: "Remove some; rolecall itself needs twenty."},
	}
}

func policyCodes() diag.Docs {
	return diag.Docs{
		{Code: CodePolicyARN, Meaning: "A policy is not written in a form that AWS accepts.", Do: "Write an AWS managed policy by its ARN, a customer managed policy by ARN, name or path/name."},
		{Code: CodePolicyMisplaced, Meaning: "An AWS managed policy is in the list of customer managed policies, or the reverse.", Do: "Move it to the other list."},
		{Code: CodePartition, Meaning: "An ARN is in an AWS partition that does not exist, or in a different one than the rest.", Do: "Use the partition of your organization: aws, aws-cn, aws-us-gov, ..."},
		{Code: CodeDuplicatePolicy, Meaning: "A group lists the same policy twice.", Do: "Remove one; if another was meant, correct it."},
		{Code: CodeTooManyPolicies, Meaning: "A group has more policies than a permission set can have.", Do: "Merge some into a customer managed or inline policy."},
		{Code: CodeManyPolicies, Meaning: "A group has more policies than IAM lets a role have by default.", Do: "Have the quota \"Managed policies attached to an IAM role\" raised in each account."},
		{Code: CodeInlineTooLarge, Meaning: "A group's inline policies are larger than AWS allows.", Do: "Shorten them, or move part into a customer managed policy."},
		{Code: CodeStatement, Meaning: "A statement lacks a part, has two that exclude each other, or an unknown effect.", Do: "Write actions or not_actions, resources or not_resources, and effect Allow or Deny."},
		{Code: CodeSid, Meaning: "A statement's id has characters that IAM refuses.", Do: "Use letters and digits only."},
		{Code: CodeAction, Meaning: "An action is not written as service:Action.", Do: "Write it as s3:GetObject, s3:* or *."},
		{Code: CodeResource, Meaning: "A resource is neither an ARN nor *.", Do: "Write the ARN, or *."},
		{Code: CodeCondition, Meaning: "A condition lacks a part, is written twice, or has an operator that IAM does not know.", Do: "Correct it; IAM's operators are called StringEquals, ArnLike, Bool, ..."},
	}
}

// LintCodes says what each lint looks for; docs/lints.md has their settings.
func LintCodes() diag.Docs {
	return diag.Docs{
		{Code: CodeLintGroupNamePrefix, Meaning: "A group's name does not have the prefix of all others.", Do: "Rename the group where it is managed, with previously here; or list it as an exception in rolecall.hcl."},
		{Code: CodeLintDescription, Meaning: "A group's description is empty, a placeholder, or only repeats its name.", Do: "Say who is in the group and what the access is for."},
		{Code: CodeLintProductionSession, Meaning: "A group's sessions last long in production accounts.", Do: "Shorten session_duration, or give production a group of its own."},
		{Code: CodeLintAdministrator, Meaning: "A group has AdministratorAccess, or an equivalent inline policy, and is not one of the groups that may have it.", Do: "Grant it only what its work needs, or list it in rolecall.hcl."},
		{Code: CodeLintManagementAccount, Meaning: "A permission set is used in the management account and in member accounts, so that no delegated administrator can manage it.", Do: "Give the management account a group and a permission set of its own."},
		{Code: CodeLintWildcardAction, Meaning: "An Allow statement of an inline policy, without conditions, has every action of a service or of all, or not_actions.", Do: "List the actions that are needed."},
		{Code: CodeLintWildcardResource, Meaning: "An Allow statement of an inline policy, without conditions, has an action that leads to more permissions, on every resource.", Do: "Name the resources by their ARNs."},
	}
}
