package presence

import "github.com/rolecall-dev/rolecall/internal/diag"

// The kinds of findings of this package.
const (
	CodeNotSynced        diag.Code = "verify.not-synced"
	CodeNeverSynced      diag.Code = "verify.never-synced"
	CodeOtherName        diag.Code = "verify.other-name"
	CodeRenamed          diag.Code = "verify.renamed"
	CodeNotApplied       diag.Code = "verify.not-applied"
	CodeNotDefined       diag.Code = "verify.not-defined"
	CodeStillThere       diag.Code = "verify.still-there"
	CodeDisabled         diag.Code = "verify.disabled"
	CodeNoMembers        diag.Code = "verify.no-members"
	CodeMadeInAWS        diag.Code = "verify.made-in-aws"
	CodeAccountMissing   diag.Code = "verify.account-missing"
	CodeAccountTwice     diag.Code = "verify.account-twice"
	CodeAccountSuspended diag.Code = "verify.account-suspended"
	CodeAccountPending   diag.Code = "verify.account-pending"
	CodeNotObserved      diag.Code = "verify.not-observed"
)

// Codes explains the findings of this package.
func Codes() diag.Docs {
	return diag.Docs{
		{Code: CodeNotSynced, Meaning: "A group or user that SCIM has to bring is not in AWS yet.", Do: "Wait for the identity provider's next sync; check there that it is assigned to the AWS application."},
		{Code: CodeNeverSynced, Meaning: "The identity provider's SCIM brings users only, so the group will never come to AWS.", Do: "Set scim_scope = \"users\" and define the group in access_groups, or sync groups with another tool."},
		{Code: CodeOtherName, Meaning: "The name is not in AWS, but one that looks the same is. Names must match exactly.", Do: "Correct the name in the config, or in the system that owns it."},
		{Code: CodeRenamed, Meaning: "The group that had this name is in AWS under another one, according to the record or the assignments of a permission set. Waiting does not bring back the old name.", Do: "If the renamed group is the right one, write its new name with `previously`; otherwise rename it back."},
		{Code: CodeNotApplied, Meaning: "The config defines it and AWS does not have it.", Do: "Run rolecall apply."},
		{Code: CodeNotDefined, Meaning: "The config refers to a group or user that it does not define and that AWS does not have.", Do: "Define it in the config, or correct the name."},
		{Code: CodeStillThere, Meaning: "A user of removed_users is still in AWS.", Do: "Run rolecall apply."},
		{Code: CodeDisabled, Meaning: "The user is in AWS and is disabled there, so sign-in is refused.", Do: "Enable the user in the system that owns it."},
		{Code: CodeNoMembers, Meaning: "The group is in AWS and has no members, so it grants nobody access.", Do: "Add members in the system that owns the group."},
		{Code: CodeMadeInAWS, Meaning: "SCIM should bring the group, but rolecall created the one that exists, so the identity provider's members may not reach it.", Do: "In the identity provider, link the pushed group to the one in AWS, or delete the one in AWS and push again."},
		{Code: CodeAccountMissing, Meaning: "The organization has no account of that name.", Do: "Correct the name, or create the account."},
		{Code: CodeAccountTwice, Meaning: "The organization has several accounts of that name, of which none or several are active, so it is not clear which one is meant.", Do: "Write the 12-digit id of the right one, or rename the others in AWS Organizations."},
		{Code: CodeAccountSuspended, Meaning: "The account is suspended or closing: what is there stays, and AWS assigns nothing new in it.", Do: "Reactivate the account, or remove it from the config."},
		{Code: CodeAccountPending, Meaning: "The account is being created.", Do: "Wait until AWS Organizations calls it active."},
		{Code: CodeNotObserved, Meaning: "This part of AWS was not read, so nothing can be said about it.", Do: "Allow the read that the hint names, or use credentials of the management account."},
	}
}
