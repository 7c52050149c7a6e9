package main

import "strings"

// selection names what the emulator serves of one service.
type selection struct {
	service    string // folder or file name among the models
	variable   string // prefix of the generated Go names
	operations []string
}

func (s selection) file() string { return "table_" + s.variable + ".go" }

var selections = []selection{
	{service: "sso-admin", variable: "ssoadmin", operations: strings.Fields(`
		AttachCustomerManagedPolicyReferenceToPermissionSet
		AttachManagedPolicyToPermissionSet
		CreateAccountAssignment
		CreateInstance
		CreateInstanceAccessControlAttributeConfiguration
		CreatePermissionSet
		DeleteAccountAssignment
		DeleteInlinePolicyFromPermissionSet
		DeleteInstance
		DeleteInstanceAccessControlAttributeConfiguration
		DeletePermissionSet
		DeletePermissionsBoundaryFromPermissionSet
		DescribeAccountAssignmentCreationStatus
		DescribeAccountAssignmentDeletionStatus
		DescribeInstance
		DescribeInstanceAccessControlAttributeConfiguration
		DescribePermissionSet
		DescribePermissionSetProvisioningStatus
		DetachCustomerManagedPolicyReferenceFromPermissionSet
		DetachManagedPolicyFromPermissionSet
		GetInlinePolicyForPermissionSet
		GetPermissionsBoundaryForPermissionSet
		ListAccountAssignmentCreationStatus
		ListAccountAssignmentDeletionStatus
		ListAccountAssignments
		ListAccountAssignmentsForPrincipal
		ListAccountsForProvisionedPermissionSet
		ListApplicationAssignmentsForPrincipal
		ListCustomerManagedPolicyReferencesInPermissionSet
		ListInstances
		ListManagedPoliciesInPermissionSet
		ListPermissionSetProvisioningStatus
		ListPermissionSets
		ListPermissionSetsProvisionedToAccount
		ListTagsForResource
		ProvisionPermissionSet
		PutInlinePolicyToPermissionSet
		PutPermissionsBoundaryToPermissionSet
		TagResource
		UntagResource
		UpdateInstance
		UpdateInstanceAccessControlAttributeConfiguration
		UpdatePermissionSet`)},
	{service: "identitystore", variable: "identitystore", operations: strings.Fields(`
		CreateGroup
		CreateGroupMembership
		CreateUser
		DeleteGroup
		DeleteGroupMembership
		DeleteUser
		DescribeGroup
		DescribeGroupMembership
		DescribeUser
		GetGroupId
		GetGroupMembershipId
		GetUserId
		IsMemberInGroups
		ListGroupMemberships
		ListGroupMembershipsForMember
		ListGroups
		ListUsers
		UpdateGroup
		UpdateUser`)},
	{service: "organizations", variable: "organizations", operations: strings.Fields(`
		CloseAccount
		CreateAccount
		CreateOrganization
		CreateOrganizationalUnit
		DescribeAccount
		DescribeCreateAccountStatus
		DescribeOrganization
		DescribeOrganizationalUnit
		ListAWSServiceAccessForOrganization
		ListAccounts
		ListAccountsForParent
		ListChildren
		ListDelegatedAdministrators
		ListOrganizationalUnitsForParent
		ListParents
		ListRoots
		ListTagsForResource
		MoveAccount
		TagResource
		UntagResource`)},
	{service: "sts", variable: "sts", operations: []string{"GetCallerIdentity"}},
	{service: "iam", variable: "iam", operations: []string{"GetPolicy", "ListPolicies"}},
}
