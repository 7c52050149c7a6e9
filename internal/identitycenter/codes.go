package identitycenter

import "github.com/rolecall-dev/rolecall/internal/diag"

// System is how evidence names AWS.
const System = "AWS IAM Identity Center"

// The codes of this package's findings.
const (
	CodeNoCredentials      diag.Code = "aws.no-credentials"
	CodeCredentialsExpired diag.Code = "aws.credentials-expired"
	CodeCredentialsRefused diag.Code = "aws.credentials-refused"
	CodeConfig             diag.Code = "aws.configuration"
	CodeNoRegion           diag.Code = "aws.no-region"
	CodeBadRegion          diag.Code = "aws.bad-region"
	CodeNoInstance         diag.Code = "aws.no-instance"
	CodeSeveralInstances   diag.Code = "aws.several-instances"
	CodeAccountInstance    diag.Code = "aws.account-instance-skipped"
	CodeAccessDenied       diag.Code = "aws.access-denied"
	CodeManagementOnly     diag.Code = "aws.management-account-only"
	CodeForeignAnswer      diag.Code = "aws.foreign-answer"
	CodeEndlessList        diag.Code = "aws.endless-list"
	CodeThrottled          diag.Code = "aws.throttled"
	CodeUnreachable        diag.Code = "aws.unreachable"
	CodeServiceFailed      diag.Code = "aws.service-failed"
	CodeRefused            diag.Code = "aws.refused"
	CodeNameTaken          diag.Code = "aws.name-taken"
	CodeConflict           diag.Code = "aws.conflict"
	CodeQuotaExceeded      diag.Code = "aws.quota-exceeded"
	CodeNotFound           diag.Code = "aws.not-found"
	CodeJobFailed          diag.Code = "aws.job-failed"
	CodeChanged            diag.Code = "aws.changed-since-plan"
	CodeSlowerRead         diag.Code = "aws.slower-read"
	CodeCacheNotSaved      diag.Code = "aws.cache-not-saved"
	CodeCacheRefused       diag.Code = "aws.cache-refused"
	CodeCacheWrong         diag.Code = "aws.cache-wrong"
	CodeLocked             diag.Code = "aws.locked"
	CodeNotALock           diag.Code = "aws.not-a-lock"
	CodeNoLock             diag.Code = "aws.no-lock"
	CodeLockLost           diag.Code = "aws.lock-lost"
	CodeLockTakenOver      diag.Code = "aws.lock-taken-over"
	CodeStillListed        diag.Code = "aws.still-listed"
	CodeJobsRunning        diag.Code = "aws.jobs-running"
	CodeAccountTwice       diag.Code = "aws.account-ambiguous"
	CodeUnexpected         diag.Code = "aws.unexpected"
)

// Codes explains the findings of this package.
func Codes() diag.Docs {
	return diag.Docs{
		{Code: CodeNoCredentials, Meaning: "No AWS credentials were found.", Do: "Set AWS_PROFILE or sign in with `aws sso login`."},
		{Code: CodeCredentialsExpired, Meaning: "The AWS credentials have expired.", Do: "Sign in again with `aws sso login`, or refresh the credentials, and run again."},
		{Code: CodeCredentialsRefused, Meaning: "AWS does not know the credentials, or their signature is wrong.", Do: "Check the access key and the secret, AWS_PROFILE, and the machine's clock."},
		{Code: CodeConfig, Meaning: "The AWS SDK's configuration cannot be used: an unknown profile, a broken file.", Do: "Check AWS_PROFILE and ~/.aws/config."},
		{Code: CodeNoRegion, Meaning: "No AWS Region is set.", Do: "Set the instance's Region with --region, AWS_REGION or the profile."},
		{Code: CodeBadRegion, Meaning: "The AWS Region is not valid: it has a space, a quote or another character in it.", Do: "Write it as the hint says."},
		{Code: CodeNoInstance, Meaning: "The Region lists no organization instance of IAM Identity Center that could be used.", Do: "Set the instance's Region, or use the management account or the delegated administrator."},
		{Code: CodeSeveralInstances, Meaning: "Several instances of IAM Identity Center could be meant.", Do: "Name one with --instance-arn."},
		{Code: CodeAccountInstance, Meaning: "An account instance was skipped; it cannot grant access to AWS accounts.", Do: "Nothing; if this instance is the right one, pass --instance-arn."},
		{Code: CodeAccessDenied, Meaning: "The caller lacks an IAM permission, which is named.", Do: "Add the action to the caller's policy; docs/iam/ has complete policies."},
		{Code: CodeManagementOnly, Meaning: "Only the management account may do this: it reaches into the management account.", Do: "Run with credentials of the management account, or use a separate permission set for the management account."},
		{Code: CodeForeignAnswer, Meaning: "Something between rolecall and AWS answered: a proxy or a sign-in page, or the answer was broken.", Do: "Check HTTPS_PROXY, NO_PROXY, AWS_ENDPOINT_URL and AWS_CA_BUNDLE."},
		{Code: CodeEndlessList, Meaning: "A list from AWS did not end: page tokens that repeat, or pages without anything new.", Do: "Run again; then check HTTPS_PROXY and AWS_ENDPOINT_URL."},
		{Code: CodeThrottled, Meaning: "AWS kept throttling calls until the deadline.", Do: "Run again when others use the API less, or lower --max-tps."},
		{Code: CodeUnreachable, Meaning: "AWS, or what AWS_ENDPOINT_URL names, could not be reached.", Do: "Check the network, the Region's name and AWS_ENDPOINT_URL."},
		{Code: CodeServiceFailed, Meaning: "AWS answered with internal errors until the deadline.", Do: "Run again later; health.aws.amazon.com shows known trouble."},
		{Code: CodeRefused, Meaning: "AWS refused the request as invalid.", Do: "Change what the message names in the config."},
		{Code: CodeNameTaken, Meaning: "Another user or group has this name or address.", Do: "Choose another name, or adopt what exists with --adopt."},
		{Code: CodeConflict, Meaning: "Another change is in progress.", Do: "Run again when the other change is over."},
		{Code: CodeQuotaExceeded, Meaning: "A quota of the AWS account or instance is used up.", Do: "Ask AWS to raise the quota, or use less."},
		{Code: CodeNotFound, Meaning: "What the change refers to does not exist.", Do: "Plan again."},
		{Code: CodeJobFailed, Meaning: "AWS accepted the change and then failed to carry it out; its reason is quoted word for word.", Do: "Do what the reason says, often in the target account, and run again."},
		{Code: CodeChanged, Meaning: "An object is no longer as it was when the plan was made, or a name that the plan was to create is taken.", Do: "Plan again and look at the difference."},
		{Code: CodeSlowerRead, Meaning: "A fast way of reading was refused, so a slower one was taken.", Do: "Nothing; or allow sso:ListAccountAssignmentsForPrincipal in the management account."},
		{Code: CodeCacheNotSaved, Meaning: "The cache of permission set names could not be saved; the next run reads more.", Do: "Make the cache folder writable."},
		{Code: CodeCacheRefused, Meaning: "Other users can write to the cache of permission set names, so it is not used.", Do: "Own the folder and make it writable only by you, or set another one in XDG_CACHE_HOME."},
		{Code: CodeCacheWrong, Meaning: "The cache of permission set names was wrong, so everything was read from AWS.", Do: "See who can write to the cache folder."},
		{Code: CodeNotALock, Meaning: "A permission set has the name of the owner's lock but is not a lock: it lacks the tag, has an owner, or is not empty.", Do: "Rename or delete it in the console; rolecall does not touch it."},
		{Code: CodeNoLock, Meaning: "There is no room for the permission set that is the lock. Changes that only revoke continue without it; everything else is refused.", Do: "Delete a permission set that nothing uses, or ask AWS to raise the quota."},
		{Code: CodeLocked, Meaning: "Another run holds the owner's lock.", Do: "Wait for it to end; `rolecall unlock` breaks the lock of a dead one."},
		{Code: CodeLockLost, Meaning: "The lock was broken, taken over or not renewed in time, so all writes stopped.", Do: "Make sure that no other run is in progress, then run again."},
		{Code: CodeLockTakenOver, Meaning: "An earlier run died without releasing its lock; the lock was taken over.", Do: "Nothing; what that run left undone is in the plan."},
		{Code: CodeStillListed, Meaning: "AWS says that an assignment to be removed is not there, and its list still has it.", Do: "Plan again in a few minutes."},
		{Code: CodeJobsRunning, Meaning: "Jobs of an earlier run had not ended when the reading began.", Do: "Wait and plan again; look for suspended accounts."},
		{Code: CodeAccountTwice, Meaning: "Several accounts of the organization have the name.", Do: "Pass the id of the right account."},
		{Code: CodeUnexpected, Meaning: "An AWS error that rolecall does not know.", Do: "Read the message; report it if it should have been explained."},
	}
}
