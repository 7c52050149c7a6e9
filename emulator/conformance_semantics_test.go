package emulator_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssoadmin"
	"github.com/aws/aws-sdk-go-v2/service/ssoadmin/types"
	"github.com/aws/smithy-go"

	"github.com/rolecall-dev/rolecall/emulator"
)

// code is the error code of AWS, "" for success.
func code(err error) string {
	var e smithy.APIError
	if errors.As(err, &e) {
		return e.ErrorCode()
	}
	if err != nil {
		return err.Error()
	}
	return ""
}

func TestUpdateClearsWhatIsLeftOut(t *testing.T) {
	c := start(t, emulator.Options{})
	set := must[*ssoadmin.CreatePermissionSetOutput](t)(c.sso.CreatePermissionSet(ctx(), &ssoadmin.CreatePermissionSetInput{
		InstanceArn: c.arn, Name: aws.String("Developers"), Description: aws.String("d"), RelayState: aws.String("https://r"), SessionDuration: aws.String("PT4H"),
	})).PermissionSet.PermissionSetArn
	must[*ssoadmin.UpdatePermissionSetOutput](t)(c.sso.UpdatePermissionSet(ctx(), &ssoadmin.UpdatePermissionSetInput{InstanceArn: c.arn, PermissionSetArn: set, Description: aws.String("new")}))
	got := must[*ssoadmin.DescribePermissionSetOutput](t)(c.sso.DescribePermissionSet(ctx(), &ssoadmin.DescribePermissionSetInput{InstanceArn: c.arn, PermissionSetArn: set})).PermissionSet
	if *got.Description != "new" || got.RelayState != nil || *got.SessionDuration != "PT1H" {
		t.Errorf("set = %+v", got)
	}
}

// outdated lists the accounts where the role lacks an edit.
func (c *cloud) outdated(t testing.TB, set *string) []string {
	t.Helper()
	return must[*ssoadmin.ListAccountsForProvisionedPermissionSetOutput](t)(c.sso.ListAccountsForProvisionedPermissionSet(ctx(), &ssoadmin.ListAccountsForProvisionedPermissionSetInput{
		InstanceArn: c.arn, PermissionSetArn: set, ProvisioningStatus: types.ProvisioningStatusLatestPermissionSetNotProvisioned,
	})).AccountIds
}

func (c *cloud) provision(t testing.TB, set *string, account string) *types.PermissionSetProvisioningStatus {
	t.Helper()
	in := &ssoadmin.ProvisionPermissionSetInput{InstanceArn: c.arn, PermissionSetArn: set, TargetType: types.ProvisionTargetTypeAllProvisionedAccounts}
	if account != "" {
		in.TargetType, in.TargetId = types.ProvisionTargetTypeAwsAccount, &account
	}
	return must[*ssoadmin.ProvisionPermissionSetOutput](t)(c.sso.ProvisionPermissionSet(ctx(), in)).PermissionSetProvisioningStatus
}

func (c *cloud) provisioned(t testing.TB, job *types.PermissionSetProvisioningStatus) *types.PermissionSetProvisioningStatus {
	t.Helper()
	return must[*ssoadmin.DescribePermissionSetProvisioningStatusOutput](t)(c.sso.DescribePermissionSetProvisioningStatus(ctx(), &ssoadmin.DescribePermissionSetProvisioningStatusInput{
		InstanceArn: c.arn, ProvisionPermissionSetRequestId: job.RequestId,
	})).PermissionSetProvisioningStatus
}

// TestEveryEditOutdatesTheRoles makes each edit of a set and finds its role
// outdated until it is provisioned again; tags outdate nothing.
func TestEveryEditOutdatesTheRoles(t *testing.T) {
	c := start(t, emulator.Options{})
	set, group := c.set(t, "Developers"), c.group(t, "AWS-Development-Team")
	must[*ssoadmin.CreateAccountAssignmentOutput](t)(c.assign(set, group, development))
	policy, custom := aws.String("arn:aws:iam::aws:policy/ReadOnlyAccess"), &types.CustomerManagedPolicyReference{Name: aws.String("own")}
	if err := c.Change(emulator.Change{Account: &emulator.AccountChange{Account: "development", AddPolicies: []string{"own"}}}); err != nil {
		t.Fatal(err)
	}
	edits := []struct {
		name     string
		edit     func() error
		outdates bool
	}{
		{"UpdatePermissionSet", func() error {
			_, err := c.sso.UpdatePermissionSet(ctx(), &ssoadmin.UpdatePermissionSetInput{InstanceArn: c.arn, PermissionSetArn: set, SessionDuration: aws.String("PT2H")})
			return err
		}, true},
		{"AttachManagedPolicy", func() error {
			_, err := c.sso.AttachManagedPolicyToPermissionSet(ctx(), &ssoadmin.AttachManagedPolicyToPermissionSetInput{InstanceArn: c.arn, PermissionSetArn: set, ManagedPolicyArn: policy})
			return err
		}, true},
		{"DetachManagedPolicy", func() error {
			_, err := c.sso.DetachManagedPolicyFromPermissionSet(ctx(), &ssoadmin.DetachManagedPolicyFromPermissionSetInput{InstanceArn: c.arn, PermissionSetArn: set, ManagedPolicyArn: policy})
			return err
		}, true},
		{"AttachCustomerManagedPolicy", func() error {
			_, err := c.sso.AttachCustomerManagedPolicyReferenceToPermissionSet(ctx(), &ssoadmin.AttachCustomerManagedPolicyReferenceToPermissionSetInput{InstanceArn: c.arn, PermissionSetArn: set, CustomerManagedPolicyReference: custom})
			return err
		}, true},
		{"PutPermissionsBoundary", func() error {
			_, err := c.sso.PutPermissionsBoundaryToPermissionSet(ctx(), &ssoadmin.PutPermissionsBoundaryToPermissionSetInput{InstanceArn: c.arn, PermissionSetArn: set, PermissionsBoundary: &types.PermissionsBoundary{ManagedPolicyArn: policy}})
			return err
		}, true},
		{"PutInlinePolicy", func() error {
			_, err := c.sso.PutInlinePolicyToPermissionSet(ctx(), &ssoadmin.PutInlinePolicyToPermissionSetInput{InstanceArn: c.arn, PermissionSetArn: set, InlinePolicy: aws.String(`{"Statement":[]}`)})
			return err
		}, true},
		{"TagResource", func() error {
			_, err := c.sso.TagResource(ctx(), &ssoadmin.TagResourceInput{ResourceArn: set, Tags: []types.Tag{{Key: aws.String("a"), Value: aws.String("b")}}})
			return err
		}, false},
	}
	suffix := c.State().Instances[0].Roles[0].Suffix
	for _, e := range edits {
		if err := e.edit(); err != nil {
			t.Fatalf("%s: %v", e.name, err)
		}
		if got := len(c.outdated(t, set)) == 1; got != e.outdates {
			t.Errorf("%s: outdated = %v, want %v", e.name, got, e.outdates)
		}
		job := c.provision(t, set, "")
		if got := c.provisioned(t, job); got.Status != types.StatusValuesSucceeded {
			t.Errorf("%s: provisioning = %+v", e.name, got)
		}
		if got := c.outdated(t, set); len(got) != 0 {
			t.Errorf("%s: outdated after provisioning = %v", e.name, got)
		}
	}
	if got := c.State().Instances[0].Roles[0].Suffix; got != suffix {
		t.Errorf("suffix = %s, want %s: edits keep the role", got, suffix)
	}
}

func TestJobsFailForReasonsInTheAccount(t *testing.T) {
	const own = "own"
	tests := []struct {
		name   string
		change emulator.AccountChange
		quotas emulator.Quotas
		attach string
		want   string
	}{
		{name: "suspended account", change: emulator.AccountChange{State: "SUSPENDED"}, want: "Obtaining permissions to manage your AWS account '222233334444' takes longer than usual. Please try again in a few minutes."},
		{name: "missing customer managed policy", attach: own, want: "Received a 404 status error: Not supported policy arn:aws:iam::222233334444:policy/own."},
		{name: "role quota", quotas: emulator.Quotas{RolesPerAccount: 7}, change: emulator.AccountChange{OtherRoles: aws.Int(7)}, want: "Cannot exceed quota for RolesPerAccount: 7"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			estate := emulator.DefaultEstate()
			estate.Quotas = tt.quotas
			c := start(t, emulator.Options{Estate: estate})
			set := c.set(t, "Developers")
			if tt.attach != "" {
				must[*ssoadmin.AttachCustomerManagedPolicyReferenceToPermissionSetOutput](t)(c.sso.AttachCustomerManagedPolicyReferenceToPermissionSet(ctx(), &ssoadmin.AttachCustomerManagedPolicyReferenceToPermissionSetInput{
					InstanceArn: c.arn, PermissionSetArn: set, CustomerManagedPolicyReference: &types.CustomerManagedPolicyReference{Name: &tt.attach},
				}))
			}
			tt.change.Account = "development"
			if err := c.Change(emulator.Change{Account: &tt.change}); err != nil {
				t.Fatal(err)
			}
			job := must[*ssoadmin.CreateAccountAssignmentOutput](t)(c.assign(set, c.group(t, "AWS-Development-Team"), development))
			got := c.created(t, job)
			if got.Status != types.StatusValuesFailed || !strings.Contains(aws.ToString(got.FailureReason), tt.want) {
				t.Errorf("job = %s %q, want FAILED and %q", got.Status, aws.ToString(got.FailureReason), tt.want)
			}
			if roles := c.State().Instances[0].Roles; len(roles) != 0 {
				t.Errorf("roles = %+v, want none", roles)
			}
		})
	}
}

// TestProvisioningWhileAnAssignmentGoes fails as AWS does.
func TestProvisioningWhileAnAssignmentGoes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := start(t, emulator.Options{JobLatency: emulator.Latency{Min: time.Second}})
		set, group := c.set(t, "Developers"), c.group(t, "AWS-Development-Team")
		must[*ssoadmin.CreateAccountAssignmentOutput](t)(c.assign(set, group, development))
		time.Sleep(time.Second)
		must[*ssoadmin.DeleteAccountAssignmentOutput](t)(c.unassign(set, group, development))
		job := c.provision(t, set, "")
		if _, err := c.assign(set, group, development); code(err) != "ConflictException" {
			t.Errorf("create while the same assignment goes = %v, want ConflictException", err)
		}
		time.Sleep(2 * time.Second)
		got := c.provisioned(t, job)
		if got.Status != types.StatusValuesFailed || *got.FailureReason != "Received a 404 status error: Assignment not found" {
			t.Errorf("provisioning = %+v", got)
		}
	})
}

func TestRoleWithoutPrincipals(t *testing.T) {
	c := start(t, emulator.Options{})
	set := c.set(t, "Developers")
	if got := c.provisioned(t, c.provision(t, set, development)); got.Status != types.StatusValuesSucceeded {
		t.Fatalf("provisioning = %+v", got)
	}
	if s := c.State().Instances[0]; len(s.Roles) != 1 || len(s.Assignments) != 0 {
		t.Errorf("roles = %v, assignments = %v; want one and none", s.Roles, s.Assignments)
	}
}

// TestDelegatedAdministrator may do everything but what touches the management
// account.
func TestDelegatedAdministrator(t *testing.T) {
	c := start(t, emulator.Options{})
	d := c.as(emulator.DelegatedKey)
	set, group := d.set(t, "Developers"), d.group(t, "AWS-Development-Team")
	if _, err := d.assign(set, group, development); err != nil {
		t.Errorf("assignment in a member account: %v", err)
	}
	if _, err := d.assign(set, group, management); code(err) != "AccessDeniedException" {
		t.Errorf("assignment in the management account = %v, want AccessDeniedException", err)
	}
	_, err := d.sso.ListAccountAssignmentsForPrincipal(ctx(), &ssoadmin.ListAccountAssignmentsForPrincipalInput{InstanceArn: c.arn, PrincipalId: group, PrincipalType: types.PrincipalTypeGroup})
	if code(err) != "AccessDeniedException" {
		t.Errorf("ListAccountAssignmentsForPrincipal = %v, want AccessDeniedException", err)
	}
	must[*ssoadmin.CreateAccountAssignmentOutput](t)(c.assign(set, group, management))
	if _, err := d.assign(set, group, production); code(err) != "AccessDeniedException" {
		t.Errorf("assignment of a set that is in the management account = %v, want AccessDeniedException", err)
	}
	_, err = d.sso.UpdatePermissionSet(ctx(), &ssoadmin.UpdatePermissionSetInput{InstanceArn: c.arn, PermissionSetArn: set})
	if code(err) != "AccessDeniedException" {
		t.Errorf("edit of such a set = %v, want AccessDeniedException", err)
	}
	if got := must[*ssoadmin.ListInstancesOutput](t)(d.sso.ListInstances(ctx(), nil)); *got.Instances[0].OwnerAccountId != management {
		t.Errorf("instances = %+v", got.Instances)
	}
}

func TestListsArePaged(t *testing.T) {
	c := start(t, emulator.Options{})
	var want []string
	for n := range 250 {
		want = append(want, *c.set(t, fmt.Sprintf("Set%d", n)))
	}
	var got []string
	pages := ssoadmin.NewListPermissionSetsPaginator(c.sso, &ssoadmin.ListPermissionSetsInput{InstanceArn: c.arn, MaxResults: aws.Int32(30)})
	count := 0
	for ; pages.HasMorePages(); count++ {
		page := must[*ssoadmin.ListPermissionSetsOutput](t)(pages.NextPage(ctx()))
		got = append(got, page.PermissionSets...)
		if count == 1 { // what goes away between two pages disturbs neither
			must[*ssoadmin.DeletePermissionSetOutput](t)(c.sso.DeletePermissionSet(ctx(), &ssoadmin.DeletePermissionSetInput{InstanceArn: c.arn, PermissionSetArn: &want[59]}))
		}
	}
	if count != 9 || strings.Join(got, " ") != strings.Join(want, " ") {
		t.Errorf("%d pages, %d sets; want 9 pages, all %d sets in order", count, len(got), len(want))
	}
}

func TestShortPages(t *testing.T) {
	estate := emulator.DefaultEstate()
	estate.PermissionSets = []emulator.EstatePermissionSet{{Name: "All"}}
	estate.Assignments = []emulator.EstateAssignment{{PermissionSet: "All", Group: "AWS-Development-Team", Accounts: []string{"development", "staging", "production", "security", "log-archive"}}}
	estate.Applications = []emulator.EstateApplication{{Name: "Wiki", Groups: []string{"AWS-Development-Team"}}}
	c := start(t, emulator.Options{Estate: estate, Quirks: emulator.Quirks{ShortPages: true}})
	group := c.group(t, "AWS-Development-Team")
	pages := ssoadmin.NewListAccountAssignmentsForPrincipalPaginator(c.sso, &ssoadmin.ListAccountAssignmentsForPrincipalInput{InstanceArn: c.arn, PrincipalId: group, PrincipalType: types.PrincipalTypeGroup, MaxResults: aws.Int32(4)})
	count, seen := 0, 0
	for ; pages.HasMorePages(); count++ {
		seen += len(must[*ssoadmin.ListAccountAssignmentsForPrincipalOutput](t)(pages.NextPage(ctx())).AccountAssignments)
	}
	if count != 3 || seen != 5 {
		t.Errorf("%d assignments in %d pages, want 5 in 3", seen, count)
	}
	apps := must[*ssoadmin.ListApplicationAssignmentsForPrincipalOutput](t)(c.sso.ListApplicationAssignmentsForPrincipal(ctx(), &ssoadmin.ListApplicationAssignmentsForPrincipalInput{InstanceArn: c.arn, PrincipalId: group, PrincipalType: types.PrincipalTypeGroup}))
	if len(apps.ApplicationAssignments) != 1 || !strings.HasPrefix(*apps.ApplicationAssignments[0].ApplicationArn, "arn:aws:sso::111122223333:application/ssoins-") {
		t.Errorf("applications = %+v", apps.ApplicationAssignments)
	}
}
