package identitycenter

import (
	"fmt"
	"slices"
	"strings"
)

// Operation is one operation of AWS that this package may call.
type Operation struct {
	Family string `json:"family"` // SSOAdmin, IdentityStore, Organizations or STS
	Name   string `json:"name"`
	Write  bool   `json:"write,omitempty"`
}

// IAMAction returns the IAM action that allows the operation: the prefixes are those
// of the service authorization reference.
func (o Operation) IAMAction() string {
	if o.Family == SSOAdmin {
		return "sso:" + o.Name
	}
	return o.Family + ":" + o.Name
}

// Operations lists every operation that this package calls. Only tests ask: they hold
// the IAM policies of docs/iam against it.
func Operations() []Operation {
	var out []Operation
	for family, all := range answers() {
		for name := range all {
			out = append(out, Operation{Family: family, Name: name, Write: writes(name)})
		}
	}
	order := func(o Operation) string { // what reads comes before what writes
		return fmt.Sprintf("%d %t %s", slices.Index([]string{STS, Organizations, IdentityStore, SSOAdmin}, o.Family), o.Write, o.Name)
	}
	slices.SortFunc(out, func(a, b Operation) int { return strings.Compare(order(a), order(b)) })
	return out
}

// writes says that an operation changes something, by AWS's own way of naming.
func writes(operation string) bool {
	return !strings.HasPrefix(operation, "Get") && !strings.HasPrefix(operation, "List") && !strings.HasPrefix(operation, "Describe")
}

// answers has each operation by its family and name, and what AWS's answer to it
// always says: what the models call required, and of other members only those
// that AWS is known never to leave out.
func answers() map[string]map[string]answer {
	return map[string]map[string]answer{STS: stsAnswers(), Organizations: organizationAnswers(), IdentityStore: storeAnswers(), SSOAdmin: ssoAnswers()}
}

func stsAnswers() map[string]answer {
	return map[string]answer{"GetCallerIdentity": one("", account("Account"), has("ARN", "Arn"))}
}

func organizationAnswers() map[string]answer {
	return map[string]answer{
		"DescribeAccount":             one("Account", is("account", "Id", "AccountId")),
		"DescribeOrganization":        one("Organization", account("MasterAccountId")),
		"ListAccounts":                list("Accounts", account("Id")).called("Id", "Name"),
		"ListDelegatedAdministrators": list("DelegatedAdministrators", account("Id")).called("Id", "Name"),
	}
}

func storeAnswers() map[string]answer {
	memberships := func(about ...rule) answer {
		membership := []rule{has("membership id", "MembershipId"), has("member of a membership", "MemberId"), ofStore()}
		return list("GroupMemberships", append(membership, about...)...).called("MembershipId", "GroupId", "MemberId.Value").always("memberships")
	}
	return map[string]answer{
		"CreateGroup":                   one("", has("group id", "GroupId")),
		"CreateGroupMembership":         one("", has("membership id", "MembershipId")),
		"CreateUser":                    one("", has("user id", "UserId")),
		"DeleteGroup":                   {},
		"DeleteGroupMembership":         {},
		"DeleteUser":                    {},
		"DescribeGroup":                 one("", is("group", "GroupId", "GroupId"), ofStore()),
		"DescribeUser":                  one("", is("user", "UserId", "UserId"), ofStore()),
		"GetGroupId":                    one("", has("group id", "GroupId"), ofStore()),
		"GetGroupMembershipId":          one("", has("membership id", "MembershipId"), ofStore()),
		"GetUserId":                     one("", has("user id", "UserId"), ofStore()),
		"ListGroupMemberships":          memberships(is("group", "GroupId", "GroupId")),
		"ListGroupMembershipsForMember": memberships(has("group id", "GroupId"), is("user", "MemberId.Value", "MemberId.Value")),
		"ListGroups":                    list("Groups", has("group id", "GroupId"), ofStore()).called("GroupId", "DisplayName").always("groups").alone(),
		"ListUsers":                     list("Users", has("user id", "UserId"), ofStore()).called("UserId", "UserName").always("users").alone(),
		"UpdateGroup":                   {},
		"UpdateUser":                    {},
	}
}

func ssoAnswers() map[string]answer {
	const creation, deletion, provisioning = "AccountAssignmentCreationStatus", "AccountAssignmentDeletionStatus", "PermissionSetProvisioningStatus"
	job := func(member string, about ...rule) answer {
		return one(member, append([]rule{has("status", "Status"), has("request id", "RequestId")}, about...)...)
	}
	jobs := func(member string) answer { return list(member, has("request id", "RequestId")).called("RequestId") }
	set, accountOf := is("permission set", "PermissionSetArn", "PermissionSetArn"), is("account", "AccountId", "AccountId")
	return map[string]answer{
		"AttachCustomerManagedPolicyReferenceToPermissionSet":   {},
		"AttachManagedPolicyToPermissionSet":                    {},
		"CreateAccountAssignment":                               job(creation),
		"CreatePermissionSet":                                   one("PermissionSet", ofInstance("PermissionSetArn"), is("permission set", "Name", "Name")),
		"DeleteAccountAssignment":                               job(deletion),
		"DeleteInlinePolicyFromPermissionSet":                   {},
		"DeletePermissionSet":                                   {},
		"DeletePermissionsBoundaryFromPermissionSet":            {},
		"DescribeAccountAssignmentCreationStatus":               job(creation, is("request", "RequestId", "AccountAssignmentCreationRequestId")),
		"DescribeAccountAssignmentDeletionStatus":               job(deletion, is("request", "RequestId", "AccountAssignmentDeletionRequestId")),
		"DescribePermissionSet":                                 one("PermissionSet", set, has("name of the permission set", "Name")),
		"DescribePermissionSetProvisioningStatus":               job(provisioning, is("request", "RequestId", "ProvisionPermissionSetRequestId")),
		"DetachCustomerManagedPolicyReferenceFromPermissionSet": {},
		"DetachManagedPolicyFromPermissionSet":                  {},
		"GetInlinePolicyForPermissionSet":                       {},
		"GetPermissionsBoundaryForPermissionSet":                {},
		"ListAccountAssignmentCreationStatus":                   jobs("AccountAssignmentsCreationStatus"),
		"ListAccountAssignmentDeletionStatus":                   jobs("AccountAssignmentsDeletionStatus"),
		"ListAccountAssignments":                                list("AccountAssignments", accountOf, set, principal(), has("principal id", "PrincipalId")).called("PrincipalType+PrincipalId"),
		"ListAccountAssignmentsForPrincipal": list("AccountAssignments", account("AccountId"), ofInstance("PermissionSetArn"),
			principal(), has("principal id", "PrincipalId"), ofPrincipal()).called("AccountId+PermissionSetArn+PrincipalId"),
		"ListAccountsForProvisionedPermissionSet":            list("AccountIds", account(itself)).called(itself),
		"ListApplicationAssignmentsForPrincipal":             list("ApplicationAssignments", has("application's ARN", "ApplicationArn")).called("ApplicationArn+PrincipalId"),
		"ListCustomerManagedPolicyReferencesInPermissionSet": list("CustomerManagedPolicyReferences", has("policy's name", "Name")).called("Path+Name"),
		"ListInstances":                          list("Instances", has("instance ARN", "InstanceArn")).called("InstanceArn"),
		"ListManagedPoliciesInPermissionSet":     list("AttachedManagedPolicies", has("policy's ARN", "Arn")).called("Arn"),
		"ListPermissionSetProvisioningStatus":    jobs("PermissionSetsProvisioningStatus"),
		"ListPermissionSets":                     list("PermissionSets", ofInstance(itself)).called(itself),
		"ListPermissionSetsProvisionedToAccount": list("PermissionSets", ofInstance(itself)).called(itself),
		"ListTagsForResource":                    list("Tags", has("tag's key", "Key")).called("Key", "Value"),
		"ProvisionPermissionSet":                 job(provisioning),
		"PutInlinePolicyToPermissionSet":         {},
		"PutPermissionsBoundaryToPermissionSet":  {},
		"TagResource":                            {},
		"UntagResource":                          {},
		"UpdatePermissionSet":                    {},
	}
}
