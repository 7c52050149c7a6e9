package emulator

import "slices"

// Grade says how well a behavior is known.
type Grade string

// The grades of what AWS does not define in its models.
const (
	Documented Grade = "documented" // AWS's documentation says so, though not its API reference for the operation
	Reported   Grade = "reported"   // people or their code saw it
	Assumed    Grade = "assumed"    // nobody says; this is the likeliest, or the safest for those who test against it
)

// Decision is a behavior that AWS's models do not define.
type Decision struct {
	Subject  string
	Decision string
	Grade    Grade
	Source   string
}

// Decisions lists what was decided where AWS's models end: the table of README.md is
// made of it, by a test; no program calls it.
func Decisions() []Decision {
	return slices.Concat(assignmentDecisions(), setDecisions(), identityDecisions(), wireDecisions())
}

func assignmentDecisions() []Decision {
	const tf = "https://github.com/hashicorp/terraform-provider-aws/issues/"
	return []Decision{
		{"CreateAccountAssignment of what is there", "succeeds: IN_PROGRESS, then SUCCEEDED, and the role is brought up to date", Reported, "the Terraform provider lists first for that reason"},
		{"CreateAccountAssignment for a principal that does not exist, or that is newer than the visibility delay", "FAILED: Received a 404 status error: the GROUP assignee <id> was not found in directory <id>; so for a principal that goes while the job runs", Reported, tf + "19341 for a USER's deletion, blogs for a GROUP's creation; that a new principal is seen after the visibility delay is assumed"},
		{"CreateAccountAssignment in an account outside of the organization", "ResourceNotFoundException at once", Assumed, ""},
		{"DeleteAccountAssignment of what is not there", "accepted, then FAILED: Received a 404 status error: EntitlementItem doesn't exist with the given entitlement key ...", Reported, "the sources of the Terraform provider (which quotes it) and of ConductorOne/baton-aws take it for done; which ids the key holds is assumed"},
		{"DeleteAccountAssignment of an orphan", "removes it, but for a user that SCIM deleted: FAILED: Received a 404 status error: the USER assignee <id> was not found in directory <id>; Quirks.OrphansStuck makes it so for every orphan", Reported, tf + "19341, of 2021: where automatic provisioning had removed the user, not where the console had; nothing newer was found"},
		{"create or delete of an assignment while a job of the same one runs", "refused with ConflictException: There is a pending operation ...", Reported, "https://github.com/aws-samples/iam-identity-center-team/issues/513, the source of ConductorOne/baton-aws; the whole text is assumed"},
		{"the answer of CreateAccountAssignment and DeleteAccountAssignment", "RequestId is the id of the request itself, CreatedDate is left out", Reported, "records of CloudTrail"},
		{"jobs in the management account", "use the caller's own IAM rights; where one is denied, FAILED: Received a 403 status error: Access denied by IAM. Please check your policy, or wait for role propagation to complete. ...", Reported, "https://github.com/fivexl/terraform-aws-sso-elevator/issues/15, https://github.com/org-formation/aws-resource-providers/issues/66; the actions of a deletion are assumed"},
		{"ListPermissionSetsProvisionedToAccount where there are none", "leaves PermissionSets out", Reported, "https://github.com/aws-samples/iam-identity-center-team/issues/12"},
		{"deleting a user or group with assignments", "the assignments stay, as orphans; Quirks.OrphansRemoved is the older documentation's way", Documented, "https://docs.aws.amazon.com/singlesignon/latest/userguide/manage-your-identity-source-considerations.html"},
		{"the role of a set in an account", "is made by the first assignment and goes with the last one; the next has another suffix", Documented, "https://docs.aws.amazon.com/singlesignon/latest/userguide/howtoremovepermissionset.html"},
		{"ProvisionPermissionSet in an account without assignments", "makes a role without principals", Reported, tf + "32006"},
		{"provisioning all accounts while an assignment goes", "FAILED: Received a 404 status error: Assignment not found", Reported, tf + "35158"},
		{"provisioning all accounts of a set that is nowhere provisioned", "SUCCEEDED", Assumed, ""},
		{"a second ProvisionPermissionSet of the same set while one runs", "ConflictException", Assumed, ""},
		{"provisioning several accounts", "the accounts are updated side by side and the job ends with the slowest; one that fails makes the job FAILED, the others are updated", Assumed, ""},
		{"which edits outdate a role", "each UpdatePermissionSet and each change of policies and boundary; tags do not", Assumed, ""},
		{"jobs in an account that is not ACTIVE", "take ten times as long, then FAILED: AWS SSO is unable to complete your request at this time. Obtaining permissions to manage your AWS account '<id>' takes longer than usual. ...", Reported, "https://github.com/aws-samples/aws-identitycenter-codepipeline-auto-assignment/issues/31, https://github.com/61418/aws-sso-util/issues/80"},
		{"a customer managed policy missing in the account", "FAILED: Received a 404 status error: Not supported policy <arn>.", Reported, "messages of the Terraform provider's users"},
		{"role quota of the account used up", "FAILED: Received a 409 status error: Cannot exceed quota for RolesPerAccount", Reported, "https://github.com/aws-samples/iam-identity-center-team/issues/522; the text is that of IAM"},
		{"more policies on a set than IAM takes on a role (10)", "FAILED: Received a 409 status error: Cannot exceed quota for PoliciesPerRole", Documented, "https://docs.aws.amazon.com/singlesignon/latest/userguide/limits.html; the text is that of IAM"},
		{"a cap on outstanding assignment jobs (10)", "creations and deletions together; the next is refused with ThrottlingException: There are too many requests processing. Please try again later.", Documented, "https://docs.aws.amazon.com/singlesignon/latest/userguide/limits.html names creations; the text is from https://github.com/aws-samples/aws-iam-identity-center-extensions/issues/87"},
		{"a cap on outstanding provisioning jobs (3)", "the next is refused with ThrottlingException", Assumed, ""},
		{"one role update at a time in an account", "a job begins when the one before it in the account has ended", Documented, "https://docs.aws.amazon.com/singlesignon/latest/userguide/limits.html"},
		{"how long states of jobs are kept", "the latest 10,000 of each kind", Assumed, ""},
		{"ListAccountAssignmentsForPrincipal", "only from the management account, and direct assignments of the principal only: not those of a user's groups", Documented, "its API reference; that of the groups is assumed"},
		{"a delegated administrator and the management account", "AccessDeniedException for assignments there, and for every change and assignment of a set that is provisioned there", Documented, "https://docs.aws.amazon.com/singlesignon/latest/userguide/delegated-admin.html"},
	}
}

func setDecisions() []Decision {
	return []Decision{
		{"UpdatePermissionSet", "clears Description and RelayState and sets the default duration where they are left out", Reported, "https://github.com/hashicorp/terraform-provider-aws/issues/17411 for RelayState; the others are assumed"},
		{"SessionDuration", "PT1H to PT12H in any spelling that the model allows, shown as it was given; PT1H where left out", Documented, "https://docs.aws.amazon.com/singlesignon/latest/userguide/howtosessionduration.html; the echo is assumed"},
		{"names of sets", "ASCII only and unique with case", Assumed, "the name becomes part of a role's name"},
		{"attaching a policy of AWS that does not exist, or is for service-linked roles", "ResourceNotFoundException; the list of policies is of August 2026", Assumed, ""},
		{"attaching what is attached", "ConflictException", Reported, "moto's texts"},
		{"deleting an inline policy that is not there", "succeeds", Assumed, ""},
		{"reading or deleting a permissions boundary that is not there", "ResourceNotFoundException", Reported, "the Terraform provider handles it"},
		{"DeletePermissionSet", "ConflictException while the set is provisioned anywhere or a job of it runs", Reported, "https://github.com/hashicorp/terraform-provider-aws/issues/26757"},
		{"inline policies", "must be JSON with a Statement; more than 10,240 bytes without white space are refused; ValidationException for both", Reported, "https://github.com/LBHackney-IT/Data-Platform/pull/2789, https://github.com/aws-cloudformation/cloudformation-coverage-roadmap/issues/1986; that a Statement is what makes it valid is assumed"},
		{"tags", "50 a resource, ServiceQuotaExceededException beyond; keys beginning with aws: are refused", Assumed, "the usual quota"},
		{"permission sets provisioned in an account (500)", "the next is refused with ServiceQuotaExceededException at once", Assumed, "the figure is documented"},
		{"instances of single accounts", "know no permission sets: ValidationException", Documented, "https://docs.aws.amazon.com/singlesignon/latest/userguide/account-instances-identity-center.html; the exception is assumed"},
		{"an instance of another Region", "is not listed and not found", Reported, "an empty list is what clients see"},
		{"ListInstances in a member account", "shows the account's own instance only", Assumed, ""},
		{"an instance that does not exist", "ResourceNotFoundException, or AccessDeniedException where the operation declares no such error", Assumed, ""},
	}
}

func identityDecisions() []Decision {
	const guide = "https://docs.aws.amazon.com/singlesignon/latest/developerguide/"
	return []Decision{
		{"upper and lower case of user names, e-mail addresses and group names", "kept, but names that differ in case only are the same", Assumed, "RFC 7643 makes userName case-insensitive"},
		{"CreateUser", "needs userName, displayName, given and family name, as SCIM does", Documented, "https://docs.aws.amazon.com/singlesignon/latest/userguide/users-groups-provisioning.html"},
		{"UpdateUser", "can change userName; not the status and not external ids; what comes out must be what CreateUser takes", Assumed, ""},
		{"attribute paths", "as documented (userName, emails.value, displayName), or with a large first letter", Reported, "https://github.com/hashicorp/terraform-provider-aws/issues/49166"},
		{"CreatedBy and UpdatedBy", "the caller's ARN, or SCIM", Assumed, ""},
		{"issuer of external ids", "https://scim.aws.com/<tenant>, or what the estate says", Assumed, ""},
		{"Filters of ListUsers and ListGroups", "refused; Quirks.FiltersAllowed takes them", Reported, "https://github.com/awslabs/landing-zone-accelerator-on-aws/issues/667"},
		{"identity store and member accounts", "AccessDeniedException (no resource-based policy allows ...) unless the estate allows the caller's action", Documented, "the API reference: read operations, when allowed; the text is from https://github.com/awslabs/ssosync/issues/244"},
		{"ids of users, groups and memberships", "with the ten digits of the identity store before the UUID, as older stores have them", Reported, "both forms are in use"},
		{"SCIM: replacing or removing all members of a group, and more than 100 members in a request", "400", Documented, guide + "limitations.html, " + guide + "patchgroup.html"},
		{"SCIM: PUT of a group, and other methods that AWS does not list", "400; 404 for resources that it does not have", Assumed, guide + "supported-apis.html lists what there is"},
		{"SCIM: PUT and PATCH of a user", "200 with the user; PATCH of a group 204", Documented, guide + "patchgroup.html; for users assumed"},
		{"SCIM: a wrong token, an expired one", "401 alike", Documented, guide + "createuser.html; that all are alike is assumed"},
		{"SCIM: a tenant that does not exist", "404, TENANT does not exist., whatever the token", Reported, "https://github.com/slashdevops/idp-scim-sync/issues/42"},
		{"SCIM: a user or group that does not exist", "404, USER does not exist. or GROUP does not exist.", Reported, "https://github.com/slashdevops/idp-scim-sync/issues/61; that of a group is assumed"},
		{"SCIM: filtering by a member that does not exist", "404", Documented, guide + "listgroups.html"},
	}
}

func wireDecisions() []Decision {
	return []Decision{
		{"Account.Status", "left out, as announced for 2026-09-09; Quirks.LegacyStatus brings it back", Documented, "https://docs.aws.amazon.com/organizations/latest/APIReference/API_Account.html"},
		{"CloseAccount", "PENDING_CLOSURE, then SUSPENDED after a job's time", Documented, "https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_accounts_close.html"},
		{"delegated administrators and organizations", "may read everything that is here, change nothing", Documented, "https://docs.aws.amazon.com/organizations/latest/userguide/orgs_delegate_policies.html; for every service's administrator alike"},
		{"order of lists", "that of creation; what is added or removed between two pages moves nothing else", Assumed, ""},
		{"size of pages where none is asked for", "100; 20 for organizations; 10 instances; 50 tags", Assumed, "the most that the models allow"},
		{"NextToken", "belongs to the operation and all other parameters but the page size; any other is refused", Assumed, ""},
		{"throttling", "one bucket a family for all callers: sso-admin 20 a second, a burst of as many; identitystore, SCIM, iam and sts the same, organizations 10", Documented, "https://docs.aws.amazon.com/singlesignon/latest/userguide/limits.html for sso-admin; the others are assumed"},
		{"HTTP status of errors", "400 but for internal errors (500); SCIM, STS and IAM their own", Reported, "https://github.com/aws-samples/aws-iam-identity-center-extensions/issues/87"},
		{"where the type of an error stands", "in __type, without a namespace; no x-amzn-ErrorType header", Reported, "https://github.com/ministryofjustice/modernisation-platform/issues/11948"},
		{"what the front end refuses before any service", "UnknownOperationException, SerializationException, MissingAuthenticationTokenException, ExpiredTokenException, UnrecognizedClientException, with a message in small letters", Reported, "AWS's JSON services alike"},
		{"more memberships, assignments, jobs or organizational units than the quotas of an estate", "ServiceQuotaExceededException, ThrottlingException for jobs; ConstraintViolationException for the units", Documented, "https://docs.aws.amazon.com/organizations/latest/userguide/orgs_reference_limits.html for units; AWS has no figure for the others, so that they are the emulator's own"},
		{"access keys of more than 128 characters", "UnrecognizedClientException", Assumed, "IAM's model has no longer one"},
		{"bodies over 1 MiB", "413 RequestEntityTooLargeException; SCIM 400", Assumed, ""},
		{"visibility delay", "reads see the world as it was that long ago; writes and the states of jobs see it as it is, but jobs do not see a new user or group", Assumed, ""},
		{"access keys that nobody has", "are the management account's; no signature is checked", Assumed, "any secret is right"},
	}
}
