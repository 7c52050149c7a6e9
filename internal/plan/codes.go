package plan

import "github.com/rolecall-dev/rolecall/internal/diag"

// The findings of binding names to ids and of the guards.
const (
	AccountMissing    diag.Code = "plan.account-missing"
	AccountAmbiguous  diag.Code = "plan.account-ambiguous"
	AccountNumber     diag.Code = "plan.account-number"
	AccountTwice      diag.Code = "plan.account-named-twice"
	AccountInactive   diag.Code = "plan.account-inactive"
	GroupMissing      diag.Code = "plan.group-missing"
	GroupUnmarked     diag.Code = "plan.group-unmarked"
	GroupOfOther      diag.Code = "plan.group-of-other-owner"
	GroupOfSCIM       diag.Code = "plan.group-of-scim"
	GroupInUse        diag.Code = "plan.group-in-use"
	GroupRenamed      diag.Code = "plan.group-renamed"
	RenameUnclear     diag.Code = "plan.rename-unclear"
	UserMissing       diag.Code = "plan.user-missing"
	UserOfSCIM        diag.Code = "plan.user-of-scim"
	Namesake          diag.Code = "plan.namesake"
	UserHasMore       diag.Code = "plan.removed-user-has-other-access"
	NameDiffersInCase diag.Code = "plan.name-differs-in-case"
	SetUnmarked       diag.Code = "plan.permission-set-unmarked"
	SetOfOther        diag.Code = "plan.permission-set-of-other-owner"
	NotObserved       diag.Code = "plan.not-observed"
	Rebind            diag.Code = "plan.rebind"
	Replacement       diag.Code = "plan.replacement"
	Removals          diag.Code = "plan.removals"
	Lockout           diag.Code = "plan.lockout"
	ProtectedUnknown  diag.Code = "plan.protected-unknown"
	LastAdministrator diag.Code = "plan.last-administrator"
	ManagementAccount diag.Code = "plan.management-account"
	MixedSet          diag.Code = "plan.set-in-management-and-members"
	DependsOnBlocked  diag.Code = "plan.depends-on-blocked"
	LeftProvisioned   diag.Code = "plan.provisioned-for-nobody"
	MayBeRenamed      diag.Code = "plan.may-be-renamed"
	LockMark          diag.Code = "plan.lock-mark"
	OtherDoor         diag.Code = "plan.other-front-door"
	OutsideScope      diag.Code = "plan.outside-only"
	Circle            diag.Code = "plan.circle"
	NameTaken         diag.Code = "plan.name-taken"
	// OrphanStays warns of an orphan that AWS cannot remove; it blocks nothing.
	OrphanStays  diag.Code = "plan.orphan-stays"
	AddressTaken diag.Code = "plan.address-taken"
	// Ignored blocks what a pattern hides: it is counted, and mostly no finding.
	Ignored diag.Code = "plan.ignored"
	// IgnoredHolder blocks what would change the access of something ignored.
	IgnoredHolder diag.Code = "plan.ignored-holder"
)

// Codes explains the findings of this package.
func Codes() diag.Docs {
	return diag.Docs{
		{Code: AccountMissing, Meaning: "The config names an account that the organization does not have.", Do: "Correct the name in the config, or create the account; `--allow-missing` applies the rest."},
		{Code: AccountAmbiguous, Meaning: "Several accounts have the name, and none or several of them are ACTIVE; or a numeric name is also an account id without its leading zeros.", Do: "Write the 12-digit id of the right one in accounts_names, or rename the others in AWS Organizations."},
		{Code: AccountNumber, Meaning: "A numeric name is not the name of an account, but an account id without its leading zeros.", Do: "Write the id's 12 digits in quotes."},
		{Code: AccountTwice, Meaning: "The config names an account by its name and again by its id; the group gets it once.", Do: "Remove one of the two."},
		{Code: AccountInactive, Meaning: "The account is suspended or closing, and AWS cannot change access there. A new grant there is refused; what cannot be removed or provisioned there is a warning.", Do: "Remove the account from the config, or have it reinstated; `--allow-missing` applies the rest."},
		{Code: OrphanStays, Meaning: "AWS cannot remove the assignment of a user or group that is gone. It grants nobody access, keeps its permission set from being deleted, and blocks nothing else.", Do: "Nothing; or remove it in the IAM Identity Center console, or ask AWS Support."},
		{Code: GroupMissing, Meaning: "The config names a group that is not in IAM Identity Center under exactly that name.", Do: "Make sure that the identity provider pushes the group, or correct the name; `rolecall verify` explains what is near."},
		{Code: GroupUnmarked, Meaning: "A group of that name exists and carries no owner's mark: it is granted access and given members, never edited, and loses no member. While it has members that the config does not have in it, it is granted nothing more.", Do: "`--adopt NAME` takes the group over."},
		{Code: GroupOfOther, Meaning: "The group belongs to another owner: it is only granted access, and nothing more while it has members that the config does not have in it.", Do: "List its members in the config as its owner has them, or take it over with `--adopt NAME --from-owner OWNER`."},
		{Code: GroupOfSCIM, Meaning: "The group belongs to the identity provider, so its members are managed there; as a group of access_groups it is granted nothing more while it has members that the config does not have in it.", Do: "Change the membership in the identity provider."},
		{Code: GroupInUse, Meaning: "The group is no longer in the config, and something that rolecall does not manage still uses it, so it stays.", Do: "Remove the other use, then apply again."},
		{Code: GroupRenamed, Meaning: "A group of the config is not in AWS by its name, and the group that a permission set's record, or its assignments, says was meant exists under another name. Waiting does not bring back the old name; what the group has stays.", Do: "If the renamed group is the right one, write its new name with `previously` after checking who is in it; otherwise rename it back."},
		{Code: RenameUnclear, Meaning: "Both the new and the former name of a rename exist, the former one is not ours to rename, or AWS has only a similar name.", Do: "Remove `previously`, correct it, or take the former one over with `--adopt NAME`."},
		{Code: UserMissing, Meaning: "The config names a user who is neither defined there nor in IAM Identity Center.", Do: "Define the user, or wait until the identity provider has pushed it."},
		{Code: UserOfSCIM, Meaning: "The user belongs to the identity provider and is not written here.", Do: "Change the user in the identity provider."},
		{Code: UserHasMore, Meaning: "A user of removed_users is deleted. AWS ends their memberships in groups of others with them, and their own assignments of permission sets of others stay behind without a principal; neither was looked at.", Do: "See what they have with `rolecall access user NAME` first."},
		{Code: NameDiffersInCase, Meaning: "A name exists that differs only in upper and lower case, and AWS treats the two as one.", Do: "Write the name as AWS has it."},
		{Code: SetUnmarked, Meaning: "A permission set of that name exists and carries no owner's mark, so it is not touched.", Do: "`--adopt NAME` takes it over, or choose another permission_set_name."},
		{Code: SetOfOther, Meaning: "The permission set belongs to another owner and is not touched.", Do: "Choose another permission_set_name, or take it over with `--adopt NAME --from-owner OWNER`."},
		{Code: NotObserved, Meaning: "What the change would remove could not be read completely, so it is not removed.", Do: "Run again with `--deep`, or with permission to read it."},
		{Code: Rebind, Meaning: "A name in the config refers to a different group or account than when a plan was last applied: it was deleted and recreated, or another one took its name.", Do: "Find out who made it and who is behind it, then `--allow-rebind NAME`."},
		{Code: Replacement, Meaning: "A permission set is replaced by another, so the roles in the accounts get new ARNs.", Do: "Keep the set with `permission_set_name = \"<the old name>\"`, or pass `--allow-replace`."},
		{Code: Removals, Meaning: "The plan removes more than a change usually does, the config names no group at all, or an adoption takes access away.", Do: "Review what is removed; if this is intended, pass `--allow-removals`, or `--allow ID` for this removal only."},
		{Code: Lockout, Meaning: "The plan takes away or narrows, or may narrow, access that the caller uses or that something protected has.", Do: "If this is intended, and another way in exists, pass `--allow-lockout`, or `--allow ID` for this change only."},
		{Code: ProtectedUnknown, Meaning: "A name under `protected` matches nothing in the config or in AWS, so it protects nothing.", Do: "Correct the name, or remove it."},
		{Code: LastAdministrator, Meaning: "The plan takes away the last administrator of an account, as far as was read: AdministratorAccess, or `iam:*` or more on every resource, where somebody can use it and no boundary, Deny or unknown policy limits it.", Do: "If this is intended, and another way in exists, pass `--allow-lockout`, or `--allow ID` for this account only."},
		{Code: ManagementAccount, Meaning: "The change concerns the management account or a permission set provisioned there, which a delegated administrator may not change.", Do: "Run with the management account's credentials, or use a separate set for the management account."},
		{Code: MixedSet, Meaning: "A permission set is used in the management account and in member accounts, so no delegated administrator can manage it anywhere.", Do: "Use a separate set for the management account."},
		{Code: LeftProvisioned, Meaning: "A permission set is no longer in the config, and AWS does not delete it, because it is provisioned in an account without an assignment.", Do: "In that account, assign a group without members to it, remove that assignment again, and apply."},
		{Code: MayBeRenamed, Meaning: "Something in AWS may be what the config is missing, renamed elsewhere or spelled differently in the config, so nothing is taken from it.", Do: "Correct the missing name in the config; if it no longer exists, remove it from the config."},
		{Code: LockMark, Meaning: "A permission set carries both our mark and that of a lock, so somebody has tagged it; it is not touched.", Do: "Find out who tagged it `rolecall:lock`, and remove the tag."},
		{Code: OtherDoor, Meaning: "The object was created through the other front door, Terraform or the command, and is left to it.", Do: "Manage it in only one of the two; docs/terraform.md says how to hand it over."},
		{Code: OutsideScope, Meaning: "With `--only`, a permission set that others also have is not changed.", Do: "Name the others with further `--only`, or leave it out."},
		{Code: NameTaken, Meaning: "Two users exchange an e-mail address or a user name, and AWS keeps these unique, so neither can be written first.", Do: "Give one of them a third value, apply, and then its own."},
		{Code: AddressTaken, Meaning: "In AWS another user has the e-mail address, or the user name, of a user of the config, and only one can have it.", Do: "If both are the same person, write the former user name as `previously`; if the other one left, add that user to removed_users; otherwise correct the address."},
		{Code: Namesake, Meaning: "A user is created, and somebody of the same name is in groups of this config in AWS whom the config does not name. Both may be one person whose user name changed.", Do: "If they are, write the former user name as `previously`, after checking what it has; otherwise ignore this, or add the one who left to removed_users."},
		{Code: Circle, Meaning: "Changes of the plan wait for one another, so that it cannot be carried out. This is a defect of rolecall.", Do: "Report it, with the config; apply a part of the edit first."},
		{Code: Ignored, Meaning: "An ignore pattern of rolecall.hcl hides it, or something that it keeps: neither is written or removed.", Do: "Change the pattern where this is not intended."},
		{Code: IgnoredHolder, Meaning: "Something that an ignore pattern matches has the permission set, and would get or lose what the change gives or takes; so the change is not made.", Do: "Give it a permission set of its own, or remove the pattern from rolecall.hcl."},
		{Code: DependsOnBlocked, Meaning: "The change waits for another that is blocked.", Do: "See the other change."},
	}
}
