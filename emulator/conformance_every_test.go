package emulator_test

import (
	"errors"
	"net/url"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/identitystore"
	idtypes "github.com/aws/aws-sdk-go-v2/service/identitystore/types"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	orgtypes "github.com/aws/aws-sdk-go-v2/service/organizations/types"
	"github.com/aws/aws-sdk-go-v2/service/ssoadmin"
	"github.com/aws/aws-sdk-go-v2/service/ssoadmin/types"

	"github.com/rolecall-dev/rolecall/emulator"
	"github.com/rolecall-dev/rolecall/emulator/internal/model"
)

// TestEveryOperation calls each operation of the table with AWS's own client,
// with success; the transport compares each answer with AWS's model.
func TestEveryOperation(t *testing.T) {
	c := start(t, emulator.Options{})
	everyOrganizations(t, c)
	everyIdentityStore(t, c)
	everyInstance(t, c)
	everyPermissionSet(t, c)
	everyAssignment(t, c)
	everyQuery(t, c)
	for _, s := range model.Services() {
		for _, op := range s.Operations {
			if c.Stats().Calls[op.Service+"."+op.Name] == 0 {
				t.Errorf("%s.%s was not called", op.Service, op.Name)
			}
		}
	}
	if got := c.Stats().Errors; len(got) != 1 {
		t.Errorf("errors = %v, want the one for a second organization", got)
	}
}

func everyOrganizations(t *testing.T, c *cloud) {
	empty := start(t, emulator.Options{Estate: &emulator.Estate{}})
	must[*organizations.CreateOrganizationOutput](t)(empty.orgs.CreateOrganization(ctx(), &organizations.CreateOrganizationInput{FeatureSet: orgtypes.OrganizationFeatureSetAll}))
	if got := must[*organizations.DescribeOrganizationOutput](t)(empty.orgs.DescribeOrganization(ctx(), nil)); *got.Organization.MasterAccountId != management {
		t.Errorf("management account = %s", *got.Organization.MasterAccountId)
	}
	_, err := c.orgs.CreateOrganization(ctx(), &organizations.CreateOrganizationInput{})
	var already *orgtypes.AlreadyInOrganizationException
	if !errors.As(err, &already) {
		t.Errorf("a second organization: %v, want AlreadyInOrganizationException", err)
	}
	root := must[*organizations.ListRootsOutput](t)(c.orgs.ListRoots(ctx(), nil)).Roots[0].Id
	must[*organizations.DescribeOrganizationOutput](t)(c.orgs.DescribeOrganization(ctx(), nil))
	unit := must[*organizations.CreateOrganizationalUnitOutput](t)(c.orgs.CreateOrganizationalUnit(ctx(), &organizations.CreateOrganizationalUnitInput{Name: aws.String("Sandbox"), ParentId: root})).OrganizationalUnit
	if got := must[*organizations.DescribeOrganizationalUnitOutput](t)(c.orgs.DescribeOrganizationalUnit(ctx(), &organizations.DescribeOrganizationalUnitInput{OrganizationalUnitId: unit.Id})); *got.OrganizationalUnit.Name != "Sandbox" {
		t.Errorf("unit = %s", *got.OrganizationalUnit.Name)
	}
	if got := must[*organizations.ListOrganizationalUnitsForParentOutput](t)(c.orgs.ListOrganizationalUnitsForParent(ctx(), &organizations.ListOrganizationalUnitsForParentInput{ParentId: root})); len(got.OrganizationalUnits) != 3 {
		t.Errorf("units = %d, want 3", len(got.OrganizationalUnits))
	}
	request := must[*organizations.CreateAccountOutput](t)(c.orgs.CreateAccount(ctx(), &organizations.CreateAccountInput{AccountName: aws.String("sandbox"), Email: aws.String("aws+sandbox@company.com")})).CreateAccountStatus
	account := must[*organizations.DescribeCreateAccountStatusOutput](t)(c.orgs.DescribeCreateAccountStatus(ctx(), &organizations.DescribeCreateAccountStatusInput{CreateAccountRequestId: request.Id})).CreateAccountStatus.AccountId
	must[*organizations.MoveAccountOutput](t)(c.orgs.MoveAccount(ctx(), &organizations.MoveAccountInput{AccountId: account, SourceParentId: root, DestinationParentId: unit.Id}))
	if got := must[*organizations.ListParentsOutput](t)(c.orgs.ListParents(ctx(), &organizations.ListParentsInput{ChildId: account})); *got.Parents[0].Id != *unit.Id {
		t.Errorf("parent = %s, want %s", *got.Parents[0].Id, *unit.Id)
	}
	if got := must[*organizations.ListChildrenOutput](t)(c.orgs.ListChildren(ctx(), &organizations.ListChildrenInput{ParentId: unit.Id, ChildType: orgtypes.ChildTypeAccount})); len(got.Children) != 1 {
		t.Errorf("children = %d, want 1", len(got.Children))
	}
	if got := must[*organizations.ListAccountsForParentOutput](t)(c.orgs.ListAccountsForParent(ctx(), &organizations.ListAccountsForParentInput{ParentId: unit.Id})); *got.Accounts[0].Name != "sandbox" {
		t.Errorf("account = %s", *got.Accounts[0].Name)
	}
	tag := orgtypes.Tag{Key: aws.String("team"), Value: aws.String("core")}
	must[*organizations.TagResourceOutput](t)(c.orgs.TagResource(ctx(), &organizations.TagResourceInput{ResourceId: account, Tags: []orgtypes.Tag{tag}}))
	if got := must[*organizations.ListTagsForResourceOutput](t)(c.orgs.ListTagsForResource(ctx(), &organizations.ListTagsForResourceInput{ResourceId: account})); len(got.Tags) != 1 {
		t.Errorf("tags = %d, want 1", len(got.Tags))
	}
	must[*organizations.UntagResourceOutput](t)(c.orgs.UntagResource(ctx(), &organizations.UntagResourceInput{ResourceId: account, TagKeys: []string{"team"}}))
	must[*organizations.CloseAccountOutput](t)(c.orgs.CloseAccount(ctx(), &organizations.CloseAccountInput{AccountId: account}))
	closed := must[*organizations.DescribeAccountOutput](t)(c.orgs.DescribeAccount(ctx(), &organizations.DescribeAccountInput{AccountId: account})).Account
	if closed.State != orgtypes.AccountStateSuspended || closed.Status != "" {
		t.Errorf("closed account: State %s, Status %q; want SUSPENDED and none", closed.State, closed.Status)
	}
	if got := must[*organizations.ListAccountsOutput](t)(c.orgs.ListAccounts(ctx(), nil)); len(got.Accounts) != 7 {
		t.Errorf("accounts = %d, want 7", len(got.Accounts))
	}
	if got := must[*organizations.ListDelegatedAdministratorsOutput](t)(c.orgs.ListDelegatedAdministrators(ctx(), &organizations.ListDelegatedAdministratorsInput{ServicePrincipal: aws.String("sso.amazonaws.com")})); *got.DelegatedAdministrators[0].Name != "security" {
		t.Errorf("delegated administrator = %s", *got.DelegatedAdministrators[0].Name)
	}
	services := must[*organizations.ListAWSServiceAccessForOrganizationOutput](t)(c.orgs.ListAWSServiceAccessForOrganization(ctx(), nil)).EnabledServicePrincipals
	if len(services) != 1 || *services[0].ServicePrincipal != "sso.amazonaws.com" || services[0].DateEnabled.IsZero() {
		t.Errorf("services with trusted access = %+v", services)
	}
}

func everyIdentityStore(t *testing.T, c *cloud) {
	user := must[*identitystore.CreateUserOutput](t)(c.ids.CreateUser(ctx(), &identitystore.CreateUserInput{
		IdentityStoreId: c.store, UserName: aws.String("ada"), DisplayName: aws.String("Ada Lovelace"),
		Name:   &idtypes.Name{GivenName: aws.String("Ada"), FamilyName: aws.String("Lovelace")},
		Emails: []idtypes.Email{{Value: aws.String("ada@company.com"), Type: aws.String("work"), Primary: true}},
	})).UserId
	must[*identitystore.UpdateUserOutput](t)(c.ids.UpdateUser(ctx(), &identitystore.UpdateUserInput{IdentityStoreId: c.store, UserId: user, Operations: []idtypes.AttributeOperation{
		{AttributePath: aws.String("title"), AttributeValue: documentOf("Countess")},
		{AttributePath: aws.String("aws:identitystore:enterprise.department"), AttributeValue: documentOf("Engines")},
	}}))
	got := must[*identitystore.DescribeUserOutput](t)(c.ids.DescribeUser(ctx(), &identitystore.DescribeUserInput{IdentityStoreId: c.store, UserId: user, Extensions: []string{"aws:identitystore:enterprise"}}))
	if *got.Title != "Countess" || got.UserStatus != idtypes.UserStatusEnabled || got.Extensions["aws:identitystore:enterprise"] == nil {
		t.Errorf("user = %+v", got)
	}
	must[*identitystore.GetUserIdOutput](t)(c.ids.GetUserId(ctx(), &identitystore.GetUserIdInput{IdentityStoreId: c.store, AlternateIdentifier: &idtypes.AlternateIdentifierMemberUniqueAttribute{
		Value: idtypes.UniqueAttribute{AttributePath: aws.String("emails.value"), AttributeValue: documentOf("ADA@company.com")},
	}}))
	if got := must[*identitystore.ListUsersOutput](t)(c.ids.ListUsers(ctx(), &identitystore.ListUsersInput{IdentityStoreId: c.store})); len(got.Users) != 5 || got.Users[0].ExternalIds[0].Id == nil {
		t.Errorf("users = %d, want 5, the first with an external id", len(got.Users))
	}
	group := must[*identitystore.CreateGroupOutput](t)(c.ids.CreateGroup(ctx(), &identitystore.CreateGroupInput{IdentityStoreId: c.store, DisplayName: aws.String("Engines"), Description: aws.String("made here")})).GroupId
	must[*identitystore.UpdateGroupOutput](t)(c.ids.UpdateGroup(ctx(), &identitystore.UpdateGroupInput{IdentityStoreId: c.store, GroupId: group, Operations: []idtypes.AttributeOperation{{AttributePath: aws.String("description")}}}))
	if got := must[*identitystore.DescribeGroupOutput](t)(c.ids.DescribeGroup(ctx(), &identitystore.DescribeGroupInput{IdentityStoreId: c.store, GroupId: group})); got.Description != nil {
		t.Errorf("description = %q, want none", *got.Description)
	}
	if id := c.group(t, "Engines"); *id != *group {
		t.Errorf("group id = %s, want %s", *id, *group)
	}
	must[*identitystore.ListGroupsOutput](t)(c.ids.ListGroups(ctx(), &identitystore.ListGroupsInput{IdentityStoreId: c.store}))
	member := &idtypes.MemberIdMemberUserId{Value: *user}
	membership := must[*identitystore.CreateGroupMembershipOutput](t)(c.ids.CreateGroupMembership(ctx(), &identitystore.CreateGroupMembershipInput{IdentityStoreId: c.store, GroupId: group, MemberId: member})).MembershipId
	must[*identitystore.DescribeGroupMembershipOutput](t)(c.ids.DescribeGroupMembership(ctx(), &identitystore.DescribeGroupMembershipInput{IdentityStoreId: c.store, MembershipId: membership}))
	must[*identitystore.GetGroupMembershipIdOutput](t)(c.ids.GetGroupMembershipId(ctx(), &identitystore.GetGroupMembershipIdInput{IdentityStoreId: c.store, GroupId: group, MemberId: member}))
	if got := must[*identitystore.ListGroupMembershipsOutput](t)(c.ids.ListGroupMemberships(ctx(), &identitystore.ListGroupMembershipsInput{IdentityStoreId: c.store, GroupId: group})); len(got.GroupMemberships) != 1 {
		t.Errorf("memberships = %d, want 1", len(got.GroupMemberships))
	}
	must[*identitystore.ListGroupMembershipsForMemberOutput](t)(c.ids.ListGroupMembershipsForMember(ctx(), &identitystore.ListGroupMembershipsForMemberInput{IdentityStoreId: c.store, MemberId: member}))
	if got := must[*identitystore.IsMemberInGroupsOutput](t)(c.ids.IsMemberInGroups(ctx(), &identitystore.IsMemberInGroupsInput{IdentityStoreId: c.store, MemberId: member, GroupIds: []string{*group, *c.group(t, "AWS-Development-Team")}})); !got.Results[0].MembershipExists || got.Results[1].MembershipExists {
		t.Errorf("results = %+v", got.Results)
	}
	must[*identitystore.DeleteGroupMembershipOutput](t)(c.ids.DeleteGroupMembership(ctx(), &identitystore.DeleteGroupMembershipInput{IdentityStoreId: c.store, MembershipId: membership}))
	must[*identitystore.DeleteGroupOutput](t)(c.ids.DeleteGroup(ctx(), &identitystore.DeleteGroupInput{IdentityStoreId: c.store, GroupId: group}))
	must[*identitystore.DeleteUserOutput](t)(c.ids.DeleteUser(ctx(), &identitystore.DeleteUserInput{IdentityStoreId: c.store, UserId: user}))
}

func everyInstance(t *testing.T, c *cloud) {
	member := c.as(emulator.MemberKey)
	own := must[*ssoadmin.CreateInstanceOutput](t)(member.sso.CreateInstance(ctx(), &ssoadmin.CreateInstanceInput{Name: aws.String("own")})).InstanceArn
	if got := must[*ssoadmin.ListInstancesOutput](t)(member.sso.ListInstances(ctx(), nil)); len(got.Instances) != 1 || *got.Instances[0].OwnerAccountId != development {
		t.Errorf("instances of a member account = %+v", got.Instances)
	}
	must[*ssoadmin.DeleteInstanceOutput](t)(member.sso.DeleteInstance(ctx(), &ssoadmin.DeleteInstanceInput{InstanceArn: own}))
	must[*ssoadmin.UpdateInstanceOutput](t)(c.sso.UpdateInstance(ctx(), &ssoadmin.UpdateInstanceInput{InstanceArn: c.arn, Name: aws.String("company")}))
	if got := must[*ssoadmin.DescribeInstanceOutput](t)(c.sso.DescribeInstance(ctx(), &ssoadmin.DescribeInstanceInput{InstanceArn: c.arn})); *got.Name != "company" || got.Status != types.InstanceStatusActive {
		t.Errorf("instance = %+v", got)
	}
	config := func(source string) *types.InstanceAccessControlAttributeConfiguration {
		return &types.InstanceAccessControlAttributeConfiguration{AccessControlAttributes: []types.AccessControlAttribute{{
			Key: aws.String("team"), Value: &types.AccessControlAttributeValue{Source: []string{source}},
		}}}
	}
	must[*ssoadmin.CreateInstanceAccessControlAttributeConfigurationOutput](t)(c.sso.CreateInstanceAccessControlAttributeConfiguration(ctx(), &ssoadmin.CreateInstanceAccessControlAttributeConfigurationInput{InstanceArn: c.arn, InstanceAccessControlAttributeConfiguration: config("${path:title}")}))
	must[*ssoadmin.UpdateInstanceAccessControlAttributeConfigurationOutput](t)(c.sso.UpdateInstanceAccessControlAttributeConfiguration(ctx(), &ssoadmin.UpdateInstanceAccessControlAttributeConfigurationInput{InstanceArn: c.arn, InstanceAccessControlAttributeConfiguration: config("${path:userName}")}))
	got := must[*ssoadmin.DescribeInstanceAccessControlAttributeConfigurationOutput](t)(c.sso.DescribeInstanceAccessControlAttributeConfiguration(ctx(), &ssoadmin.DescribeInstanceAccessControlAttributeConfigurationInput{InstanceArn: c.arn}))
	if source := got.InstanceAccessControlAttributeConfiguration.AccessControlAttributes[0].Value.Source[0]; source != "${path:userName}" {
		t.Errorf("source = %s", source)
	}
	must[*ssoadmin.DeleteInstanceAccessControlAttributeConfigurationOutput](t)(c.sso.DeleteInstanceAccessControlAttributeConfiguration(ctx(), &ssoadmin.DeleteInstanceAccessControlAttributeConfigurationInput{InstanceArn: c.arn}))
}

func everyPermissionSet(t *testing.T, c *cloud) {
	set := c.set(t, "Everything")
	must[*ssoadmin.UpdatePermissionSetOutput](t)(c.sso.UpdatePermissionSet(ctx(), &ssoadmin.UpdatePermissionSetInput{InstanceArn: c.arn, PermissionSetArn: set, Description: aws.String("all"), SessionDuration: aws.String("PT2H"), RelayState: aws.String("https://console.aws.amazon.com/ec2")}))
	if got := must[*ssoadmin.DescribePermissionSetOutput](t)(c.sso.DescribePermissionSet(ctx(), &ssoadmin.DescribePermissionSetInput{InstanceArn: c.arn, PermissionSetArn: set})).PermissionSet; *got.SessionDuration != "PT2H" {
		t.Errorf("session duration = %s", *got.SessionDuration)
	}
	must[*ssoadmin.ListPermissionSetsOutput](t)(c.sso.ListPermissionSets(ctx(), &ssoadmin.ListPermissionSetsInput{InstanceArn: c.arn}))
	must[*ssoadmin.TagResourceOutput](t)(c.sso.TagResource(ctx(), &ssoadmin.TagResourceInput{InstanceArn: c.arn, ResourceArn: set, Tags: []types.Tag{{Key: aws.String("team"), Value: aws.String("core")}}}))
	if got := must[*ssoadmin.ListTagsForResourceOutput](t)(c.sso.ListTagsForResource(ctx(), &ssoadmin.ListTagsForResourceInput{ResourceArn: set})); len(got.Tags) != 1 {
		t.Errorf("tags = %+v", got.Tags)
	}
	must[*ssoadmin.UntagResourceOutput](t)(c.sso.UntagResource(ctx(), &ssoadmin.UntagResourceInput{ResourceArn: set, TagKeys: []string{"team"}}))
	policy := aws.String("arn:aws:iam::aws:policy/job-function/ViewOnlyAccess")
	must[*ssoadmin.AttachManagedPolicyToPermissionSetOutput](t)(c.sso.AttachManagedPolicyToPermissionSet(ctx(), &ssoadmin.AttachManagedPolicyToPermissionSetInput{InstanceArn: c.arn, PermissionSetArn: set, ManagedPolicyArn: policy}))
	if got := must[*ssoadmin.ListManagedPoliciesInPermissionSetOutput](t)(c.sso.ListManagedPoliciesInPermissionSet(ctx(), &ssoadmin.ListManagedPoliciesInPermissionSetInput{InstanceArn: c.arn, PermissionSetArn: set})); *got.AttachedManagedPolicies[0].Name != "ViewOnlyAccess" {
		t.Errorf("policies = %+v", got.AttachedManagedPolicies)
	}
	must[*ssoadmin.DetachManagedPolicyFromPermissionSetOutput](t)(c.sso.DetachManagedPolicyFromPermissionSet(ctx(), &ssoadmin.DetachManagedPolicyFromPermissionSetInput{InstanceArn: c.arn, PermissionSetArn: set, ManagedPolicyArn: policy}))
	custom := &types.CustomerManagedPolicyReference{Name: aws.String("own")}
	must[*ssoadmin.AttachCustomerManagedPolicyReferenceToPermissionSetOutput](t)(c.sso.AttachCustomerManagedPolicyReferenceToPermissionSet(ctx(), &ssoadmin.AttachCustomerManagedPolicyReferenceToPermissionSetInput{InstanceArn: c.arn, PermissionSetArn: set, CustomerManagedPolicyReference: custom}))
	if got := must[*ssoadmin.ListCustomerManagedPolicyReferencesInPermissionSetOutput](t)(c.sso.ListCustomerManagedPolicyReferencesInPermissionSet(ctx(), &ssoadmin.ListCustomerManagedPolicyReferencesInPermissionSetInput{InstanceArn: c.arn, PermissionSetArn: set})); *got.CustomerManagedPolicyReferences[0].Path != "/" {
		t.Errorf("references = %+v", got.CustomerManagedPolicyReferences)
	}
	must[*ssoadmin.DetachCustomerManagedPolicyReferenceFromPermissionSetOutput](t)(c.sso.DetachCustomerManagedPolicyReferenceFromPermissionSet(ctx(), &ssoadmin.DetachCustomerManagedPolicyReferenceFromPermissionSetInput{InstanceArn: c.arn, PermissionSetArn: set, CustomerManagedPolicyReference: custom}))
	document := `{"Version":"2012-10-17","Statement":[]}`
	must[*ssoadmin.PutInlinePolicyToPermissionSetOutput](t)(c.sso.PutInlinePolicyToPermissionSet(ctx(), &ssoadmin.PutInlinePolicyToPermissionSetInput{InstanceArn: c.arn, PermissionSetArn: set, InlinePolicy: &document}))
	if got := must[*ssoadmin.GetInlinePolicyForPermissionSetOutput](t)(c.sso.GetInlinePolicyForPermissionSet(ctx(), &ssoadmin.GetInlinePolicyForPermissionSetInput{InstanceArn: c.arn, PermissionSetArn: set})); *got.InlinePolicy != document {
		t.Errorf("inline policy = %s", *got.InlinePolicy)
	}
	must[*ssoadmin.DeleteInlinePolicyFromPermissionSetOutput](t)(c.sso.DeleteInlinePolicyFromPermissionSet(ctx(), &ssoadmin.DeleteInlinePolicyFromPermissionSetInput{InstanceArn: c.arn, PermissionSetArn: set}))
	must[*ssoadmin.PutPermissionsBoundaryToPermissionSetOutput](t)(c.sso.PutPermissionsBoundaryToPermissionSet(ctx(), &ssoadmin.PutPermissionsBoundaryToPermissionSetInput{InstanceArn: c.arn, PermissionSetArn: set, PermissionsBoundary: &types.PermissionsBoundary{CustomerManagedPolicyReference: custom}}))
	if got := must[*ssoadmin.GetPermissionsBoundaryForPermissionSetOutput](t)(c.sso.GetPermissionsBoundaryForPermissionSet(ctx(), &ssoadmin.GetPermissionsBoundaryForPermissionSetInput{InstanceArn: c.arn, PermissionSetArn: set})); *got.PermissionsBoundary.CustomerManagedPolicyReference.Name != "own" {
		t.Errorf("boundary = %+v", got.PermissionsBoundary)
	}
	must[*ssoadmin.DeletePermissionsBoundaryFromPermissionSetOutput](t)(c.sso.DeletePermissionsBoundaryFromPermissionSet(ctx(), &ssoadmin.DeletePermissionsBoundaryFromPermissionSetInput{InstanceArn: c.arn, PermissionSetArn: set}))
	must[*ssoadmin.DeletePermissionSetOutput](t)(c.sso.DeletePermissionSet(ctx(), &ssoadmin.DeletePermissionSetInput{InstanceArn: c.arn, PermissionSetArn: set}))
}

func everyAssignment(t *testing.T, c *cloud) {
	set, group := c.set(t, "Developers"), c.group(t, "AWS-Development-Team")
	created := must[*ssoadmin.CreateAccountAssignmentOutput](t)(c.assign(set, group, development))
	if got := c.created(t, created); got.Status != types.StatusValuesSucceeded {
		t.Errorf("creation = %+v", got)
	}
	if got := must[*ssoadmin.ListAccountAssignmentCreationStatusOutput](t)(c.sso.ListAccountAssignmentCreationStatus(ctx(), &ssoadmin.ListAccountAssignmentCreationStatusInput{InstanceArn: c.arn, Filter: &types.OperationStatusFilter{Status: types.StatusValuesSucceeded}})); len(got.AccountAssignmentsCreationStatus) != 1 {
		t.Errorf("creations = %+v", got.AccountAssignmentsCreationStatus)
	}
	if got := must[*ssoadmin.ListAccountAssignmentsOutput](t)(c.sso.ListAccountAssignments(ctx(), &ssoadmin.ListAccountAssignmentsInput{InstanceArn: c.arn, PermissionSetArn: set, AccountId: aws.String(development)})); *got.AccountAssignments[0].PrincipalId != *group {
		t.Errorf("assignments = %+v", got.AccountAssignments)
	}
	if got := must[*ssoadmin.ListAccountAssignmentsForPrincipalOutput](t)(c.sso.ListAccountAssignmentsForPrincipal(ctx(), &ssoadmin.ListAccountAssignmentsForPrincipalInput{InstanceArn: c.arn, PrincipalId: group, PrincipalType: types.PrincipalTypeGroup})); len(got.AccountAssignments) != 1 {
		t.Errorf("assignments = %+v", got.AccountAssignments)
	}
	if got := must[*ssoadmin.ListApplicationAssignmentsForPrincipalOutput](t)(c.sso.ListApplicationAssignmentsForPrincipal(ctx(), &ssoadmin.ListApplicationAssignmentsForPrincipalInput{InstanceArn: c.arn, PrincipalId: group, PrincipalType: types.PrincipalTypeGroup})); len(got.ApplicationAssignments) != 0 {
		t.Errorf("applications = %+v", got.ApplicationAssignments)
	}
	if got := must[*ssoadmin.ListPermissionSetsProvisionedToAccountOutput](t)(c.sso.ListPermissionSetsProvisionedToAccount(ctx(), &ssoadmin.ListPermissionSetsProvisionedToAccountInput{InstanceArn: c.arn, AccountId: aws.String(development)})); got.PermissionSets[0] != *set {
		t.Errorf("sets = %+v", got.PermissionSets)
	}
	if got := must[*ssoadmin.ListAccountsForProvisionedPermissionSetOutput](t)(c.sso.ListAccountsForProvisionedPermissionSet(ctx(), &ssoadmin.ListAccountsForProvisionedPermissionSetInput{InstanceArn: c.arn, PermissionSetArn: set})); got.AccountIds[0] != development {
		t.Errorf("accounts = %+v", got.AccountIds)
	}
	provision := must[*ssoadmin.ProvisionPermissionSetOutput](t)(c.sso.ProvisionPermissionSet(ctx(), &ssoadmin.ProvisionPermissionSetInput{InstanceArn: c.arn, PermissionSetArn: set, TargetType: types.ProvisionTargetTypeAllProvisionedAccounts}))
	if got := must[*ssoadmin.DescribePermissionSetProvisioningStatusOutput](t)(c.sso.DescribePermissionSetProvisioningStatus(ctx(), &ssoadmin.DescribePermissionSetProvisioningStatusInput{InstanceArn: c.arn, ProvisionPermissionSetRequestId: provision.PermissionSetProvisioningStatus.RequestId})); got.PermissionSetProvisioningStatus.Status != types.StatusValuesSucceeded {
		t.Errorf("provisioning = %+v", got.PermissionSetProvisioningStatus)
	}
	must[*ssoadmin.ListPermissionSetProvisioningStatusOutput](t)(c.sso.ListPermissionSetProvisioningStatus(ctx(), &ssoadmin.ListPermissionSetProvisioningStatusInput{InstanceArn: c.arn}))
	deleted := must[*ssoadmin.DeleteAccountAssignmentOutput](t)(c.unassign(set, group, development))
	if got := must[*ssoadmin.DescribeAccountAssignmentDeletionStatusOutput](t)(c.sso.DescribeAccountAssignmentDeletionStatus(ctx(), &ssoadmin.DescribeAccountAssignmentDeletionStatusInput{InstanceArn: c.arn, AccountAssignmentDeletionRequestId: deleted.AccountAssignmentDeletionStatus.RequestId})); got.AccountAssignmentDeletionStatus.Status != types.StatusValuesSucceeded {
		t.Errorf("deletion = %+v", got.AccountAssignmentDeletionStatus)
	}
	must[*ssoadmin.ListAccountAssignmentDeletionStatusOutput](t)(c.sso.ListAccountAssignmentDeletionStatus(ctx(), &ssoadmin.ListAccountAssignmentDeletionStatusInput{InstanceArn: c.arn}))
}

func everyQuery(t *testing.T, c *cloud) {
	if got, err := c.sts.GetCallerIdentity(ctx(), nil); err != nil || *got.Account != management || *got.Arn != "arn:aws:sts::111122223333:assumed-role/Administrator/emulator" {
		t.Errorf("identity = %+v, %v", got, err)
	}
	list := c.form(t, url.Values{"Action": {"ListPolicies"}, "Version": {"2010-05-08"}, "PathPrefix": {"/job-function/"}})
	if !strings.Contains(list, "<Arn>arn:aws:iam::aws:policy/job-function/ViewOnlyAccess</Arn>") {
		t.Errorf("policies = %s", list)
	}
	one := c.form(t, url.Values{"Action": {"GetPolicy"}, "Version": {"2010-05-08"}, "PolicyArn": {"arn:aws:iam::aws:policy/AdministratorAccess"}})
	if !strings.Contains(one, "<PolicyName>AdministratorAccess</PolicyName>") {
		t.Errorf("policy = %s", one)
	}
}
