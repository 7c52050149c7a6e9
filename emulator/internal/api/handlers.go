package api

import "github.com/rolecall-dev/rolecall/emulator/internal/store"

// handler carries out one operation.
type handler func(*Call) (any, error)

// of makes a handler out of one that needs what the request names, which find finds
// or refuses.
func of[T any](find func(*Call) (T, error), do func(*Call, T) (any, error)) handler {
	return func(c *Call) (any, error) {
		named, err := find(c)
		if err != nil {
			return nil, err
		}
		return do(c, named)
	}
}

// handlers has one handler for every operation of the model table, which a test
// compares.
var handlers = map[string]handler{
	"sts.GetCallerIdentity": getCallerIdentity,
	"iam.ListPolicies":      listPolicies,
	"iam.GetPolicy":         getPolicy,

	"sso-admin.ListInstances":                                       listInstances,
	"sso-admin.DescribeInstance":                                    of((*Call).instance, describeInstance),
	"sso-admin.UpdateInstance":                                      of((*Call).instance, updateInstance),
	"sso-admin.CreateInstance":                                      createInstance,
	"sso-admin.DeleteInstance":                                      of((*Call).instance, deleteInstance),
	"sso-admin.CreateInstanceAccessControlAttributeConfiguration":   putAttributes(true),
	"sso-admin.UpdateInstanceAccessControlAttributeConfiguration":   putAttributes(false),
	"sso-admin.DescribeInstanceAccessControlAttributeConfiguration": of((*Call).instance, describeAttributes),
	"sso-admin.DeleteInstanceAccessControlAttributeConfiguration":   of((*Call).instance, deleteAttributes),
	"sso-admin.ListApplicationAssignmentsForPrincipal":              of((*Call).instance, listApplicationAssignments),
	"sso-admin.TagResource":                                         of((*Call).editableTags, ssoTagResource),
	"sso-admin.UntagResource":                                       of((*Call).editableTags, ssoUntagResource),
	"sso-admin.ListTagsForResource":                                 of((*Call).tagged, ssoListTags),

	"sso-admin.CreatePermissionSet":                                   of((*Call).organizationInstance, createPermissionSet),
	"sso-admin.UpdatePermissionSet":                                   edit(updatePermissionSet),
	"sso-admin.DeletePermissionSet":                                   edit(deletePermissionSet),
	"sso-admin.DescribePermissionSet":                                 of((*Call).permissionSet, describePermissionSet),
	"sso-admin.ListPermissionSets":                                    of((*Call).organizationInstance, listPermissionSets),
	"sso-admin.AttachManagedPolicyToPermissionSet":                    edit(attachManaged),
	"sso-admin.DetachManagedPolicyFromPermissionSet":                  edit(detachManaged),
	"sso-admin.ListManagedPoliciesInPermissionSet":                    of((*Call).permissionSet, listManaged),
	"sso-admin.AttachCustomerManagedPolicyReferenceToPermissionSet":   edit(attachCustomer),
	"sso-admin.DetachCustomerManagedPolicyReferenceFromPermissionSet": edit(detachCustomer),
	"sso-admin.ListCustomerManagedPolicyReferencesInPermissionSet":    of((*Call).permissionSet, listCustomer),
	"sso-admin.PutInlinePolicyToPermissionSet":                        edit(putInline),
	"sso-admin.GetInlinePolicyForPermissionSet":                       of((*Call).permissionSet, getInline),
	"sso-admin.DeleteInlinePolicyFromPermissionSet":                   edit(deleteInline),
	"sso-admin.PutPermissionsBoundaryToPermissionSet":                 edit(putBoundary),
	"sso-admin.GetPermissionsBoundaryForPermissionSet":                of((*Call).permissionSet, getBoundary),
	"sso-admin.DeletePermissionsBoundaryFromPermissionSet":            edit(deleteBoundary),

	"sso-admin.CreateAccountAssignment":                 startAssignmentJob("AccountAssignmentCreationStatus", (*store.Instance).CreateAssignment, creatingRoles),
	"sso-admin.DeleteAccountAssignment":                 startAssignmentJob("AccountAssignmentDeletionStatus", (*store.Instance).DeleteAssignment, deletingRoles),
	"sso-admin.ProvisionPermissionSet":                  of((*Call).permissionSet, provisionPermissionSet),
	"sso-admin.DescribeAccountAssignmentCreationStatus": describeJob("AccountAssignmentCreationRequestId", "AccountAssignmentCreationStatus", (*store.Instance).Creations, showAssignmentJob),
	"sso-admin.DescribeAccountAssignmentDeletionStatus": describeJob("AccountAssignmentDeletionRequestId", "AccountAssignmentDeletionStatus", (*store.Instance).Deletions, showAssignmentJob),
	"sso-admin.DescribePermissionSetProvisioningStatus": describeJob("ProvisionPermissionSetRequestId", "PermissionSetProvisioningStatus", (*store.Instance).Provisionings, showProvisioning),
	"sso-admin.ListAccountAssignmentCreationStatus":     listJobs("AccountAssignmentsCreationStatus", (*store.Instance).Creations),
	"sso-admin.ListAccountAssignmentDeletionStatus":     listJobs("AccountAssignmentsDeletionStatus", (*store.Instance).Deletions),
	"sso-admin.ListPermissionSetProvisioningStatus":     listJobs("PermissionSetsProvisioningStatus", (*store.Instance).Provisionings),
	"sso-admin.ListPermissionSetsProvisionedToAccount":  of((*Call).organizationInstance, listSetsInAccount),
	"sso-admin.ListAccountsForProvisionedPermissionSet": of((*Call).permissionSet, listAccountsForSet),
	"sso-admin.ListAccountAssignments":                  of((*Call).permissionSet, listAssignments),
	"sso-admin.ListAccountAssignmentsForPrincipal":      of((*Call).organizationInstance, listAssignmentsForPrincipal),

	"identitystore.CreateUser":                    of((*Call).directory, createUser),
	"identitystore.UpdateUser":                    of((*Call).directory, updateUser),
	"identitystore.DescribeUser":                  of((*Call).directory, describeUser),
	"identitystore.DeleteUser":                    of((*Call).directory, deleteUser),
	"identitystore.ListUsers":                     of((*Call).directory, listUsers),
	"identitystore.GetUserId":                     of((*Call).directory, getUserID),
	"identitystore.CreateGroup":                   of((*Call).directory, createGroup),
	"identitystore.UpdateGroup":                   of((*Call).directory, updateGroup),
	"identitystore.DescribeGroup":                 of((*Call).directory, describeGroup),
	"identitystore.DeleteGroup":                   of((*Call).directory, deleteGroup),
	"identitystore.ListGroups":                    of((*Call).directory, listGroups),
	"identitystore.GetGroupId":                    of((*Call).directory, getGroupID),
	"identitystore.CreateGroupMembership":         of((*Call).directory, createMembership),
	"identitystore.DeleteGroupMembership":         of((*Call).directory, deleteMembership),
	"identitystore.DescribeGroupMembership":       of((*Call).directory, describeMembership),
	"identitystore.GetGroupMembershipId":          of((*Call).directory, getMembershipID),
	"identitystore.ListGroupMemberships":          of((*Call).directory, listMemberships),
	"identitystore.ListGroupMembershipsForMember": of((*Call).directory, listMembershipsForMember),
	"identitystore.IsMemberInGroups":              of((*Call).directory, isMemberInGroups),

	"organizations.DescribeOrganization":                describeOrganization,
	"organizations.CreateOrganization":                  createOrganization,
	"organizations.ListRoots":                           listRoots,
	"organizations.ListOrganizationalUnitsForParent":    of((*Call).listedParent, listUnits),
	"organizations.DescribeOrganizationalUnit":          describeUnit,
	"organizations.CreateOrganizationalUnit":            of((*Call).listedParent, createUnit),
	"organizations.ListAccounts":                        listAccounts,
	"organizations.ListAccountsForParent":               of((*Call).listedParent, listAccountsForParent),
	"organizations.DescribeAccount":                     of((*Call).orgAccount, describeAccount),
	"organizations.CreateAccount":                       createAccount,
	"organizations.DescribeCreateAccountStatus":         describeCreateAccount,
	"organizations.MoveAccount":                         of((*Call).orgAccount, moveAccount),
	"organizations.CloseAccount":                        closeAccount,
	"organizations.ListChildren":                        of((*Call).listedParent, listChildren),
	"organizations.ListParents":                         listParents,
	"organizations.ListAWSServiceAccessForOrganization": listServiceAccess,
	"organizations.ListDelegatedAdministrators":         listDelegated,
	"organizations.ListTagsForResource":                 of((*Call).orgTagged, orgListTags),
	"organizations.TagResource":                         of((*Call).orgTagged, orgTagResource),
	"organizations.UntagResource":                       of((*Call).orgTagged, orgUntagResource),
}
