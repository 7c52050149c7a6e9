package emulator

// Limits slow clients down as AWS does. Zero means no limit.
type Limits struct {
	// Requests a second and family, each with a bucket of as many tokens:
	// sso-admin (all operations together), identitystore, SCIM, organizations,
	// and iam and sts together.
	SSOAdmin, IdentityStore, SCIM, Organizations, Other float64

	OutstandingAssignments   int // CreateAccountAssignment and DeleteAccountAssignment
	OutstandingProvisionings int // ProvisionPermissionSet
}

// AWSLimits are AWS's figures: 20 requests a second for all of sso-admin and 10
// outstanding assignment jobs
// (https://docs.aws.amazon.com/singlesignon/latest/userguide/limits.html). AWS
// publishes none for the others; those are decisions, listed in README.md.
func AWSLimits() Limits {
	return Limits{
		SSOAdmin: 20, IdentityStore: 20, SCIM: 20, Organizations: 10, Other: 20,
		OutstandingAssignments: 10, OutstandingProvisionings: 3,
	}
}
