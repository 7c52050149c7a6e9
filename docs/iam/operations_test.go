package iam_test

import (
	"slices"
	"testing"

	"github.com/rolecall-dev/rolecall/internal/identitycenter"
)

// commands are those that reach AWS.
var commands = []string{"verify", "doctor", "access", "plan", "apply", "unlock"}

// use sorts the writes by what an IAM policy can ask of their resources.
type use int

const (
	none           use = iota
	makeSet            // names no set yet: the condition is on the request's tags
	onSet              // names a set
	onSetInAccount     // names a set and an account
	tags               // names a set, and tags
	directory          // of the identity store, which knows no tags
)

// operation says which commands call an operation.
type operation struct {
	identitycenter.Operation
	commands []string
	use      use
}

func (o operation) by(command string) bool { return slices.Contains(o.commands, command) }

// place is an account from which IAM Identity Center is managed.
type place struct {
	file, name string
	readers    []string // commands that change nothing, and work from there
	never      []string // operations that are not called from there
	// spared are operations that a command calls only from elsewhere.
	spared map[string][]string
}

func places() []place {
	return []place{
		// Whoever manages the organization knows that without asking, and asks by
		// user or group instead of reading each permission set.
		{"management", "management account", []string{"verify", "doctor", "access", "plan"}, []string{"ListDelegatedAdministrators"},
			map[string][]string{"access": {"ListPermissionSets", "ListAccountsForProvisionedPermissionSet"}}},
		// AWS tells what a principal has in the management account only.
		{"delegated", "delegated administrator", []string{"verify", "doctor", "access", "plan"}, []string{"ListAccountAssignmentsForPrincipal"}, nil},
	}
}

func (p place) may(o identitycenter.Operation) bool { return !slices.Contains(p.never, o.Name) }

// calls says whether a command calls an operation from there.
func (p place) calls(command string, o operation) bool {
	return o.by(command) && p.may(o.Operation) && !slices.Contains(p.spared[command], o.Name)
}

// operations says what each operation is for. It is checked against what the
// code calls, and against what AWS sees of each command.
func operations() []operation {
	everywhere := commands
	identities := []string{"verify", "doctor", "access", "plan", "apply"}
	reading := []string{"plan", "apply"}
	applying := []string{"apply"}
	asking := []string{"doctor", "access", "plan", "apply"}
	table := map[string][]string{
		"GetCallerIdentity": everywhere, "DescribeOrganization": everywhere, "ListInstances": everywhere, "ListDelegatedAdministrators": everywhere,
		"ListAccounts": identities, "DescribeUser": identities, "GetUserId": identities, "ListGroups": identities, "ListUsers": identities,
		"ListGroupMemberships": identities,
		"DescribeGroup":        asking, "GetGroupId": asking, "ListAccountAssignmentsForPrincipal": asking, "ListAccountAssignments": asking,
		"DescribeAccount": {"doctor", "access", "apply"}, "ListGroupMembershipsForMember": {"doctor", "access"}, "ListPermissionSetsProvisionedToAccount": {"doctor", "access"},
		"ListAccountAssignmentCreationStatus": {"doctor", "apply"}, "DescribeAccountAssignmentCreationStatus": {"doctor", "apply"},
		"ListPermissionSets": everywhere, "DescribePermissionSet": everywhere,
		"ListAccountsForProvisionedPermissionSet": {"access", "plan", "apply", "unlock"}, "ListTagsForResource": everywhere,
		"DeletePermissionSet": {"apply", "unlock"}, "CreatePermissionSet": {"apply", "unlock"},
	}
	for _, name := range []string{"GetInlinePolicyForPermissionSet", "GetPermissionsBoundaryForPermissionSet",
		"ListCustomerManagedPolicyReferencesInPermissionSet", "ListManagedPoliciesInPermissionSet"} {
		table[name] = []string{"plan", "apply", "unlock"}
	}
	for _, name := range []string{"ListAccountAssignmentDeletionStatus", "DescribeAccountAssignmentDeletionStatus", // which orphans AWS could not remove
		"ListApplicationAssignmentsForPrincipal"} {
		table[name] = reading
	}
	for _, name := range []string{"GetGroupMembershipId", "DescribePermissionSetProvisioningStatus", "ListPermissionSetProvisioningStatus"} {
		table[name] = applying
	}
	var out []operation
	for _, o := range identitycenter.Operations() {
		by, known := table[o.Name]
		if o.Write && !known {
			by = applying
		}
		out = append(out, operation{o, by, useOf(o)})
	}
	return out
}

func useOf(o identitycenter.Operation) use {
	switch {
	case !o.Write:
		return none
	case o.Family == identitycenter.IdentityStore:
		return directory
	case o.Name == "CreatePermissionSet":
		return makeSet
	case o.Name == "CreateAccountAssignment" || o.Name == "DeleteAccountAssignment" || o.Name == "ProvisionPermissionSet":
		return onSetInAccount
	case o.Name == "TagResource" || o.Name == "UntagResource":
		return tags
	default:
		return onSet
	}
}

func TestEveryOperationHasItsCommands(t *testing.T) {
	for _, o := range operations() {
		if len(o.commands) == 0 {
			t.Errorf("%s: say in operations which commands call it, and run `go test ./docs/iam -update`", o.IAMAction())
		}
	}
}
