package identitycenter

// Operation is one operation of AWS that this package may call.
type Operation struct {
	Family string `json:"family"` // SSOAdmin, IdentityStore, Organizations or STS
	Name   string `json:"name"`
	Write  bool   `json:"write,omitempty"`
}

// IAMAction gives the IAM action that allows the operation.
func (o Operation) IAMAction() string { return IAMAction(o.Family, o.Name) }

// IAMAction gives the IAM action that allows an operation of a family: the
// prefixes are those of the service authorization reference.
func IAMAction(family, operation string) string {
	if family == SSOAdmin {
		return "sso:" + operation
	}
	return family + ":" + operation
}

// Operations lists every operation that this package calls, so that the IAM
// policies of the documentation can be checked against it.
func Operations() []Operation {
	var out []Operation
	add := func(family string, write bool, names ...string) {
		for _, n := range names {
			out = append(out, Operation{Family: family, Name: n, Write: write})
		}
	}
	add(STS, false, "GetCallerIdentity")
	add(Organizations, false, "DescribeAccount", "DescribeOrganization", "ListAccounts", "ListDelegatedAdministrators")
	add(IdentityStore, false, "DescribeGroup", "DescribeUser", "GetGroupId", "GetGroupMembershipId", "GetUserId",
		"ListGroupMemberships", "ListGroupMembershipsForMember", "ListGroups", "ListUsers")
	add(IdentityStore, true, "CreateGroup", "CreateGroupMembership", "CreateUser", "DeleteGroup", "DeleteGroupMembership",
		"DeleteUser", "UpdateGroup", "UpdateUser")
	add(SSOAdmin, false, "DescribeAccountAssignmentCreationStatus", "DescribeAccountAssignmentDeletionStatus",
		"DescribePermissionSet", "DescribePermissionSetProvisioningStatus", "GetInlinePolicyForPermissionSet",
		"GetPermissionsBoundaryForPermissionSet", "ListAccountAssignmentCreationStatus", "ListAccountAssignmentDeletionStatus",
		"ListAccountAssignments", "ListAccountAssignmentsForPrincipal", "ListAccountsForProvisionedPermissionSet",
		"ListApplicationAssignmentsForPrincipal", "ListCustomerManagedPolicyReferencesInPermissionSet", "ListInstances",
		"ListManagedPoliciesInPermissionSet", "ListPermissionSetProvisioningStatus", "ListPermissionSets",
		"ListPermissionSetsProvisionedToAccount", "ListTagsForResource")
	add(SSOAdmin, true, "AttachCustomerManagedPolicyReferenceToPermissionSet", "AttachManagedPolicyToPermissionSet",
		"CreateAccountAssignment", "CreatePermissionSet", "DeleteAccountAssignment", "DeleteInlinePolicyFromPermissionSet",
		"DeletePermissionSet", "DeletePermissionsBoundaryFromPermissionSet", "DetachCustomerManagedPolicyReferenceFromPermissionSet",
		"DetachManagedPolicyFromPermissionSet", "ProvisionPermissionSet", "PutInlinePolicyToPermissionSet",
		"PutPermissionsBoundaryToPermissionSet", "TagResource", "UntagResource", "UpdatePermissionSet")
	return out
}
