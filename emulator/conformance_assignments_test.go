package emulator_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/identitystore"
	idtypes "github.com/aws/aws-sdk-go-v2/service/identitystore/types"
	"github.com/aws/aws-sdk-go-v2/service/ssoadmin"
	"github.com/aws/aws-sdk-go-v2/service/ssoadmin/types"

	"github.com/rolecall-dev/rolecall/emulator"
)

const (
	development = "222233334444"
	production  = "444455556666"
	management  = "111122223333"
)

// set makes a permission set and returns its ARN.
func (c *cloud) set(t testing.TB, name string) *string {
	t.Helper()
	out := must[*ssoadmin.CreatePermissionSetOutput](t)(c.sso.CreatePermissionSet(t.Context(), &ssoadmin.CreatePermissionSetInput{InstanceArn: c.arn, Name: &name}))
	return out.PermissionSet.PermissionSetArn
}

// group finds a group's id by name.
func (c *cloud) group(t testing.TB, name string) *string {
	t.Helper()
	out := must[*identitystore.GetGroupIdOutput](t)(c.ids.GetGroupId(t.Context(), &identitystore.GetGroupIdInput{
		IdentityStoreId: c.store,
		AlternateIdentifier: &idtypes.AlternateIdentifierMemberUniqueAttribute{Value: idtypes.UniqueAttribute{
			AttributePath: aws.String("displayName"), AttributeValue: documentOf(name),
		}},
	}))
	return out.GroupId
}

func (c *cloud) assign(set, group *string, account string) (*ssoadmin.CreateAccountAssignmentOutput, error) {
	return c.sso.CreateAccountAssignment(ctx(), &ssoadmin.CreateAccountAssignmentInput{
		InstanceArn: c.arn, PermissionSetArn: set, PrincipalId: group, PrincipalType: types.PrincipalTypeGroup,
		TargetId: &account, TargetType: types.TargetTypeAwsAccount,
	})
}

func (c *cloud) unassign(set, group *string, account string) (*ssoadmin.DeleteAccountAssignmentOutput, error) {
	return c.sso.DeleteAccountAssignment(ctx(), &ssoadmin.DeleteAccountAssignmentInput{
		InstanceArn: c.arn, PermissionSetArn: set, PrincipalId: group, PrincipalType: types.PrincipalTypeGroup,
		TargetId: &account, TargetType: types.TargetTypeAwsAccount,
	})
}

// created is the state of the creation that a request started.
func (c *cloud) created(t testing.TB, out *ssoadmin.CreateAccountAssignmentOutput) *types.AccountAssignmentOperationStatus {
	t.Helper()
	return must[*ssoadmin.DescribeAccountAssignmentCreationStatusOutput](t)(c.sso.DescribeAccountAssignmentCreationStatus(ctx(), &ssoadmin.DescribeAccountAssignmentCreationStatusInput{
		InstanceArn: c.arn, AccountAssignmentCreationRequestId: out.AccountAssignmentCreationStatus.RequestId,
	})).AccountAssignmentCreationStatus
}

func TestAssignmentIsAJobAndMakesARole(t *testing.T) {
	c := start(t, emulator.Options{})
	set, group := c.set(t, "Developers"), c.group(t, "AWS-Development-Team")
	out := must[*ssoadmin.CreateAccountAssignmentOutput](t)(c.assign(set, group, development))
	if got := out.AccountAssignmentCreationStatus.Status; got != types.StatusValuesInProgress {
		t.Errorf("status of the answer = %s, want IN_PROGRESS", got)
	}
	if got := c.created(t, out); got.Status != types.StatusValuesSucceeded {
		t.Fatalf("creation = %s %s", got.Status, aws.ToString(got.FailureReason))
	}
	first := c.State().Instances[0].Roles
	if len(first) != 1 || first[0].Name != "AWSReservedSSO_Developers_"+first[0].Suffix || len(first[0].Suffix) != 16 {
		t.Fatalf("roles = %+v", first)
	}
	if want := "arn:aws:iam::222233334444:role/aws-reserved/sso.amazonaws.com/" + first[0].Name; first[0].ARN != want {
		t.Errorf("role = %s, want %s", first[0].ARN, want)
	}
	if _, err := c.unassign(set, group, development); err != nil {
		t.Fatal(err)
	}
	if got := c.State().Instances[0].Roles; len(got) != 0 {
		t.Errorf("roles after the last assignment went = %+v", got)
	}
	must[*ssoadmin.CreateAccountAssignmentOutput](t)(c.assign(set, group, development))
	if second := c.State().Instances[0].Roles; second[0].Suffix == first[0].Suffix {
		t.Error("the role came back with the suffix of the old one")
	}
}

func TestDuplicateAssignmentSucceedsSilently(t *testing.T) {
	c := start(t, emulator.Options{})
	set, group := c.set(t, "Developers"), c.group(t, "AWS-Development-Team")
	for range 2 {
		out := must[*ssoadmin.CreateAccountAssignmentOutput](t)(c.assign(set, group, development))
		if got := c.created(t, out); got.Status != types.StatusValuesSucceeded {
			t.Fatalf("creation = %s %s", got.Status, aws.ToString(got.FailureReason))
		}
	}
	if got := c.State().Instances[0].Assignments; len(got) != 1 {
		t.Errorf("assignments = %+v, want one", got)
	}
}

func TestOrphanStaysAndCanBeRemoved(t *testing.T) {
	c := start(t, emulator.Options{})
	set, group := c.set(t, "Developers"), c.group(t, "AWS-Development-Team")
	must[*ssoadmin.CreateAccountAssignmentOutput](t)(c.assign(set, group, development))
	must[*identitystore.DeleteGroupOutput](t)(c.ids.DeleteGroup(ctx(), &identitystore.DeleteGroupInput{IdentityStoreId: c.store, GroupId: group}))
	got := c.State().Instances[0].Assignments
	if len(got) != 1 || !got[0].Orphan {
		t.Fatalf("assignments = %+v, want one orphan", got)
	}
	must[*ssoadmin.DeleteAccountAssignmentOutput](t)(c.unassign(set, group, development))
	if got := c.State().Instances[0].Assignments; len(got) != 0 {
		t.Errorf("assignments = %+v, want none", got)
	}
}

func TestAssignedSetCannotBeDeleted(t *testing.T) {
	c := start(t, emulator.Options{})
	set := c.set(t, "Developers")
	must[*ssoadmin.CreateAccountAssignmentOutput](t)(c.assign(set, c.group(t, "AWS-Development-Team"), development))
	_, err := c.sso.DeletePermissionSet(ctx(), &ssoadmin.DeletePermissionSetInput{InstanceArn: c.arn, PermissionSetArn: set})
	var conflict *types.ConflictException
	if !errors.As(err, &conflict) || !strings.HasPrefix(conflict.ErrorMessage(), "Could not delete because") {
		t.Errorf("error = %v, want AWS's ConflictException", err)
	}
}
