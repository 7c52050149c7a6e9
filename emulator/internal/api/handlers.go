package api

import (
	"maps"
	"slices"

	"github.com/rolecall-dev/rolecall/emulator/internal/store"
)

// handler carries out one operation.
type handler func(*Call) (any, error)

// handlers has one handler for every operation of the model table, which a test
// compares.
var handlers = map[string]handler{
	"sts.GetCallerIdentity": getCallerIdentity,
	"iam.ListPolicies":      listPolicies,
	"iam.GetPolicy":         getPolicy,

	"sso-admin.ListInstances":                                       listInstances,
	"sso-admin.DescribeInstance":                                    describeInstance,
	"sso-admin.UpdateInstance":                                      updateInstance,
	"sso-admin.CreateInstance":                                      createInstance,
	"sso-admin.DeleteInstance":                                      deleteInstance,
	"sso-admin.CreateInstanceAccessControlAttributeConfiguration":   putAttributes(true),
	"sso-admin.UpdateInstanceAccessControlAttributeConfiguration":   putAttributes(false),
	"sso-admin.DescribeInstanceAccessControlAttributeConfiguration": describeAttributes,
	"sso-admin.DeleteInstanceAccessControlAttributeConfiguration":   deleteAttributes,
	"sso-admin.ListApplicationAssignmentsForPrincipal":              listApplicationAssignments,
	"sso-admin.TagResource":                                         ssoTagResource,
	"sso-admin.UntagResource":                                       ssoUntagResource,
	"sso-admin.ListTagsForResource":                                 ssoListTags,

	"sso-admin.CreatePermissionSet":                                   createPermissionSet,
	"sso-admin.UpdatePermissionSet":                                   edit(updatePermissionSet),
	"sso-admin.DeletePermissionSet":                                   deletePermissionSet,
	"sso-admin.DescribePermissionSet":                                 describePermissionSet,
	"sso-admin.ListPermissionSets":                                    listPermissionSets,
	"sso-admin.AttachManagedPolicyToPermissionSet":                    edit(attachManaged),
	"sso-admin.DetachManagedPolicyFromPermissionSet":                  edit(detachManaged),
	"sso-admin.ListManagedPoliciesInPermissionSet":                    listManaged,
	"sso-admin.AttachCustomerManagedPolicyReferenceToPermissionSet":   edit(attachCustomer),
	"sso-admin.DetachCustomerManagedPolicyReferenceFromPermissionSet": edit(detachCustomer),
	"sso-admin.ListCustomerManagedPolicyReferencesInPermissionSet":    listCustomer,
	"sso-admin.PutInlinePolicyToPermissionSet":                        edit(putInline),
	"sso-admin.GetInlinePolicyForPermissionSet":                       getInline,
	"sso-admin.DeleteInlinePolicyFromPermissionSet":                   edit(deleteInline),
	"sso-admin.PutPermissionsBoundaryToPermissionSet":                 edit(putBoundary),
	"sso-admin.GetPermissionsBoundaryForPermissionSet":                getBoundary,
	"sso-admin.DeletePermissionsBoundaryFromPermissionSet":            edit(deleteBoundary),

	"sso-admin.CreateAccountAssignment":                 createAssignment,
	"sso-admin.DeleteAccountAssignment":                 deleteAssignment,
	"sso-admin.ProvisionPermissionSet":                  provisionPermissionSet,
	"sso-admin.DescribeAccountAssignmentCreationStatus": describeJob("AccountAssignmentCreationRequestId", "AccountAssignmentCreationStatus", (*store.Instance).Creation, showAssignmentJob),
	"sso-admin.DescribeAccountAssignmentDeletionStatus": describeJob("AccountAssignmentDeletionRequestId", "AccountAssignmentDeletionStatus", (*store.Instance).Deletion, showAssignmentJob),
	"sso-admin.DescribePermissionSetProvisioningStatus": describeJob("ProvisionPermissionSetRequestId", "PermissionSetProvisioningStatus", (*store.Instance).Provisioning, showProvisioning),
	"sso-admin.ListAccountAssignmentCreationStatus":     listJobs("AccountAssignmentsCreationStatus", (*store.Instance).Creations),
	"sso-admin.ListAccountAssignmentDeletionStatus":     listJobs("AccountAssignmentsDeletionStatus", (*store.Instance).Deletions),
	"sso-admin.ListPermissionSetProvisioningStatus":     listJobs("PermissionSetsProvisioningStatus", (*store.Instance).Provisionings),
	"sso-admin.ListPermissionSetsProvisionedToAccount":  listSetsInAccount,
	"sso-admin.ListAccountsForProvisionedPermissionSet": listAccountsForSet,
	"sso-admin.ListAccountAssignments":                  listAssignments,
	"sso-admin.ListAccountAssignmentsForPrincipal":      listAssignmentsForPrincipal,

	"identitystore.CreateUser":                    createUser,
	"identitystore.UpdateUser":                    updateUser,
	"identitystore.DescribeUser":                  describeUser,
	"identitystore.DeleteUser":                    deleteUser,
	"identitystore.ListUsers":                     listUsers,
	"identitystore.GetUserId":                     getUserID,
	"identitystore.CreateGroup":                   createGroup,
	"identitystore.UpdateGroup":                   updateGroup,
	"identitystore.DescribeGroup":                 describeGroup,
	"identitystore.DeleteGroup":                   deleteGroup,
	"identitystore.ListGroups":                    listGroups,
	"identitystore.GetGroupId":                    getGroupID,
	"identitystore.CreateGroupMembership":         createMembership,
	"identitystore.DeleteGroupMembership":         deleteMembership,
	"identitystore.DescribeGroupMembership":       describeMembership,
	"identitystore.GetGroupMembershipId":          getMembershipID,
	"identitystore.ListGroupMemberships":          listMemberships,
	"identitystore.ListGroupMembershipsForMember": listMembershipsForMember,
	"identitystore.IsMemberInGroups":              isMemberInGroups,

	"organizations.DescribeOrganization":                describeOrganization,
	"organizations.CreateOrganization":                  createOrganization,
	"organizations.ListRoots":                           listRoots,
	"organizations.ListOrganizationalUnitsForParent":    listUnits,
	"organizations.DescribeOrganizationalUnit":          describeUnit,
	"organizations.CreateOrganizationalUnit":            createUnit,
	"organizations.ListAccounts":                        listAccounts,
	"organizations.ListAccountsForParent":               listAccountsForParent,
	"organizations.DescribeAccount":                     describeAccount,
	"organizations.CreateAccount":                       createAccount,
	"organizations.DescribeCreateAccountStatus":         describeCreateAccount,
	"organizations.MoveAccount":                         moveAccount,
	"organizations.CloseAccount":                        closeAccount,
	"organizations.ListChildren":                        listChildren,
	"organizations.ListParents":                         listParents,
	"organizations.ListAWSServiceAccessForOrganization": listServiceAccess,
	"organizations.ListDelegatedAdministrators":         listDelegated,
	"organizations.ListTagsForResource":                 orgListTags,
	"organizations.TagResource":                         orgTagResource,
	"organizations.UntagResource":                       orgUntagResource,
}

// Operations lists what is carried out, as "service.Operation".
func Operations() []string { return slices.Sorted(maps.Keys(handlers)) }
