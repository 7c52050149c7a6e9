package emulator_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/identitystore"
	idtypes "github.com/aws/aws-sdk-go-v2/service/identitystore/types"
	"github.com/aws/aws-sdk-go-v2/service/ssoadmin"
	"github.com/aws/aws-sdk-go-v2/service/ssoadmin/types"

	"github.com/rolecall-dev/rolecall/emulator"
)

// These are AWS's answers word for word, as people published them; decisions.go
// has the sources.

// deleted is the state of the deletion that a request started.
func (c *cloud) deleted(t testing.TB, out *ssoadmin.DeleteAccountAssignmentOutput) *types.AccountAssignmentOperationStatus {
	t.Helper()
	return must[*ssoadmin.DescribeAccountAssignmentDeletionStatusOutput](t)(c.sso.DescribeAccountAssignmentDeletionStatus(ctx(), &ssoadmin.DescribeAccountAssignmentDeletionStatusInput{
		InstanceArn: c.arn, AccountAssignmentDeletionRequestId: out.AccountAssignmentDeletionStatus.RequestId,
	})).AccountAssignmentDeletionStatus
}

// ended fails the test unless a job failed with exactly this reason.
func ended(t testing.TB, got *types.AccountAssignmentOperationStatus, reason string) {
	t.Helper()
	if got.Status != types.StatusValuesFailed || aws.ToString(got.FailureReason) != reason {
		t.Errorf("job = %s %q\nwant FAILED %q", got.Status, aws.ToString(got.FailureReason), reason)
	}
}

func TestDeletionOfWhatIsNotThereFailsLate(t *testing.T) {
	c := start(t, emulator.Options{})
	set, group := c.set(t, "Developers"), c.group(t, "AWS-Development-Team")
	out := must[*ssoadmin.DeleteAccountAssignmentOutput](t)(c.unassign(set, group, development))
	got := c.deleted(t, out)
	ended(t, got, "Received a 404 status error: EntitlementItem doesn't exist with the given entitlement key EntitlementKey{accessorId=AccessorId{value="+
		*group+"}, resourceId=ResourceId{value="+development+"}, auxiliaryResourceId=AuxiliaryResourceId{value="+last(*set)+"}, containerId=ContainerId{value="+last(*c.arn)+"}}")
}

func last(arn string) string { return arn[strings.LastIndex(arn, "/")+1:] }

func TestAssigneeThatIsNotThereFailsTheJob(t *testing.T) {
	c := start(t, emulator.Options{})
	nobody := "44444444-4444-4444-8444-444444444444"
	got := c.created(t, must[*ssoadmin.CreateAccountAssignmentOutput](t)(c.assign(c.set(t, "Developers"), &nobody, development)))
	ended(t, got, "Received a 404 status error: the GROUP assignee "+nobody+" was not found in directory "+*c.store)
}

// TestNewPrincipalIsNotSeenByJobsYet: what reads do not show yet, jobs do not see.
func TestNewPrincipalIsNotSeenByJobsYet(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := start(t, emulator.Options{VisibilityDelay: 2 * time.Second})
		group := must[*identitystore.CreateGroupOutput](t)(c.ids.CreateGroup(ctx(), &identitystore.CreateGroupInput{IdentityStoreId: c.store, DisplayName: aws.String("Late")})).GroupId
		set := c.set(t, "Developers")
		ended(t, c.created(t, must[*ssoadmin.CreateAccountAssignmentOutput](t)(c.assign(set, group, development))),
			"Received a 404 status error: the GROUP assignee "+*group+" was not found in directory "+*c.store)
		time.Sleep(2 * time.Second)
		if got := c.created(t, must[*ssoadmin.CreateAccountAssignmentOutput](t)(c.assign(set, group, development))); got.Status != types.StatusValuesSucceeded {
			t.Errorf("after the delay: %s %s", got.Status, aws.ToString(got.FailureReason))
		}
	})
}

// TestOrphanOfAUserThatSCIMRemovedStays: AWS has been seen unable to remove it.
func TestOrphanOfAUserThatSCIMRemovedStays(t *testing.T) {
	for _, test := range []struct {
		name   string
		quirks emulator.Quirks
		scim   bool
		stays  bool
	}{
		{"SCIM", emulator.Quirks{}, true, true}, {"console", emulator.Quirks{}, false, false}, {"console, where AWS removes none", emulator.Quirks{OrphansStuck: true}, false, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := start(t, emulator.Options{Quirks: test.quirks})
			set := c.set(t, "Developers")
			c.scim(t, http.MethodPost, "Users", `{"userName":"ada","displayName":"Ada","name":{"givenName":"A","familyName":"L"},"active":true}`, http.StatusCreated)
			user := *must[*identitystore.GetUserIdOutput](t)(c.ids.GetUserId(ctx(), &identitystore.GetUserIdInput{IdentityStoreId: c.store, AlternateIdentifier: &idtypes.AlternateIdentifierMemberUniqueAttribute{
				Value: idtypes.UniqueAttribute{AttributePath: aws.String("userName"), AttributeValue: documentOf("ada")}}})).UserId
			must[*ssoadmin.CreateAccountAssignmentOutput](t)(c.sso.CreateAccountAssignment(ctx(), &ssoadmin.CreateAccountAssignmentInput{
				InstanceArn: c.arn, PermissionSetArn: set, PrincipalId: &user, PrincipalType: types.PrincipalTypeUser, TargetId: aws.String(development), TargetType: types.TargetTypeAwsAccount}))
			if test.scim {
				c.scim(t, http.MethodDelete, "Users/"+user, "", http.StatusNoContent)
			} else {
				must[*identitystore.DeleteUserOutput](t)(c.ids.DeleteUser(ctx(), &identitystore.DeleteUserInput{IdentityStoreId: c.store, UserId: &user}))
			}
			got := c.deleted(t, must[*ssoadmin.DeleteAccountAssignmentOutput](t)(c.sso.DeleteAccountAssignment(ctx(), &ssoadmin.DeleteAccountAssignmentInput{
				InstanceArn: c.arn, PermissionSetArn: set, PrincipalId: &user, PrincipalType: types.PrincipalTypeUser, TargetId: aws.String(development), TargetType: types.TargetTypeAwsAccount})))
			if test.stays {
				ended(t, got, "Received a 404 status error: the USER assignee "+user+" was not found in directory "+*c.store)
			}
			if have := len(c.State().Instances[0].Assignments); have != map[bool]int{true: 1, false: 0}[test.stays] {
				t.Errorf("%d assignments left", have)
			}
		})
	}
}

func TestInlinePolicyThatAWSRefuses(t *testing.T) {
	c := start(t, emulator.Options{})
	set := c.set(t, "Developers")
	for document, want := range map[string]string{
		`{"Statement":[{"Sid": "` + strings.Repeat("x", 10240) + `"}]}`: "Current size of the non-whitespace characters present in the InlinePolicy Document is 10266 bytes which has exceeded the maximum limit of 10240 bytes",
		`{"Statements":[]}`: `Invalid PermissionsPolicy Document {"Statements":[]}`,
	} {
		_, err := c.sso.PutInlinePolicyToPermissionSet(ctx(), &ssoadmin.PutInlinePolicyToPermissionSetInput{InstanceArn: c.arn, PermissionSetArn: set, InlinePolicy: &document})
		var invalid *types.ValidationException
		if !errors.As(err, &invalid) || invalid.ErrorMessage() != want {
			t.Errorf("%.40s: %v\nwant a ValidationException: %s", document, err, want)
		}
	}
}

func TestEmptyListOfProvisionedSetsIsLeftOut(t *testing.T) {
	c := start(t, emulator.Options{})
	_, body := c.send(t, map[string]string{"X-Amz-Target": "SWBExternalService.ListPermissionSetsProvisionedToAccount"},
		`{"InstanceArn":"`+*c.arn+`","AccountId":"`+development+`"}`)
	if body != "{}" {
		t.Errorf("answer = %s, want no member", body)
	}
}

func TestSameAssignmentWhileItsJobHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := start(t, emulator.Options{JobLatency: emulator.Latency{Min: time.Minute}})
		set, group := c.set(t, "Developers"), c.group(t, "AWS-Development-Team")
		must[*ssoadmin.CreateAccountAssignmentOutput](t)(c.assign(set, group, development))
		_, again := c.assign(set, group, development)
		_, off := c.unassign(set, group, development)
		for _, err := range []error{again, off} {
			var conflict *types.ConflictException
			if !errors.As(err, &conflict) || !strings.Contains(conflict.ErrorMessage(), "There is a pending operation") {
				t.Errorf("error = %v, want a ConflictException of a pending operation", err)
			}
		}
		time.Sleep(time.Minute)
	})
}

func TestTooManyJobs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := start(t, emulator.Options{JobLatency: emulator.Latency{Min: time.Minute}, Limits: emulator.Limits{OutstandingAssignments: 1}})
		set, group := c.set(t, "Developers"), c.group(t, "AWS-Development-Team")
		must[*ssoadmin.CreateAccountAssignmentOutput](t)(c.assign(set, group, development))
		status, body := c.send(t, map[string]string{"X-Amz-Target": "SWBExternalService.CreateAccountAssignment"},
			`{"InstanceArn":"`+*c.arn+`","PermissionSetArn":"`+*set+`","PrincipalId":"`+*group+`","PrincipalType":"GROUP","TargetId":"`+production+`","TargetType":"AWS_ACCOUNT"}`)
		if status.StatusCode != 400 || !strings.Contains(body, "ThrottlingException") || !strings.Contains(body, "There are too many requests processing. Please try again later.") {
			t.Errorf("answer = %d %s", status.StatusCode, body)
		}
		time.Sleep(time.Minute)
	})
}

// TestAnswerThatStartsAJob: its id is that of the request, and it has no date.
func TestAnswerThatStartsAJob(t *testing.T) {
	c := start(t, emulator.Options{})
	set, group := c.set(t, "Developers"), c.group(t, "AWS-Development-Team")
	for _, operation := range []string{"CreateAccountAssignment", "DeleteAccountAssignment"} {
		answer, body := c.send(t, map[string]string{"X-Amz-Target": "SWBExternalService." + operation},
			`{"InstanceArn":"`+*c.arn+`","PermissionSetArn":"`+*set+`","PrincipalId":"`+*group+`","PrincipalType":"GROUP","TargetId":"`+development+`","TargetType":"AWS_ACCOUNT"}`)
		if id := answer.Header.Get("x-amzn-RequestId"); !strings.Contains(body, `"RequestId":"`+id+`"`) || strings.Contains(body, "CreatedDate") {
			t.Errorf("%s, request %s: %s", operation, id, body)
		}
	}
}

// TestManagementAccountNeedsTheCallersOwnRights: elsewhere AWS has a role of its own.
func TestManagementAccountNeedsTheCallersOwnRights(t *testing.T) {
	estate := emulator.DefaultEstate()
	estate.Callers = []emulator.EstateCaller{{AccessKey: "AKIANOIAM", Denied: []string{"iam:UpdateSAMLProvider"}}}
	c := start(t, emulator.Options{Estate: estate}).as("AKIANOIAM")
	set, group := c.set(t, "Developers"), c.group(t, "AWS-Development-Team")
	if got := c.created(t, must[*ssoadmin.CreateAccountAssignmentOutput](t)(c.assign(set, group, development))); got.Status != types.StatusValuesSucceeded {
		t.Errorf("in another account: %s %s", got.Status, aws.ToString(got.FailureReason))
	}
	got := c.created(t, must[*ssoadmin.CreateAccountAssignmentOutput](t)(c.assign(set, group, management)))
	for _, part := range []string{"Received a 403 status error: Access denied by IAM. Please check your policy, or wait for role propagation to complete. IAM Error: User: ",
		"is not authorized to perform: iam:UpdateSAMLProvider on resource: ", "because no identity-based policy allows the iam:UpdateSAMLProvider action (Service: AmazonIdentityManagement; Status Code: 403;"} {
		if got.Status != types.StatusValuesFailed || !strings.Contains(aws.ToString(got.FailureReason), part) {
			t.Errorf("job = %s %q\nwant FAILED and %q", got.Status, aws.ToString(got.FailureReason), part)
		}
	}
}

func TestTextsOfTheIdentityStore(t *testing.T) {
	c := start(t, emulator.Options{})
	group := c.group(t, "AWS-Development-Team")
	_, err := c.ids.GetGroupMembershipId(ctx(), &identitystore.GetGroupMembershipIdInput{IdentityStoreId: c.store, GroupId: group, MemberId: &idtypes.MemberIdMemberUserId{Value: "44444444-4444-4444-8444-444444444444"}})
	if err == nil || !strings.Contains(err.Error(), "Group membership not found for given Pool/Group/Member.") {
		t.Errorf("membership = %v", err)
	}
	_, err = c.as(emulator.MemberKey).ids.ListUsers(ctx(), &identitystore.ListUsersInput{IdentityStoreId: c.store})
	if code(err) != "AccessDeniedException" || !strings.Contains(err.Error(), "because no resource-based policy allows the identitystore:ListUsers action") {
		t.Errorf("from another account = %v", err)
	}
	end := c.SCIM()
	for path, want := range map[string]string{
		end.Path + "Users/none": "USER does not exist.", end.Path + "Groups/none": "GROUP does not exist.",
		strings.Replace(end.Path, "/scim", "0/scim", 1) + "Users/none": "TENANT does not exist.",
	} {
		r, err := http.NewRequest(http.MethodDelete, "http://emulator.invalid"+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer "+end.Token)
		answer, err := c.Transport().RoundTrip(r)
		if err != nil {
			t.Fatal(err)
		}
		var body struct{ Detail string }
		if err := json.NewDecoder(answer.Body).Decode(&body); err != nil || answer.StatusCode != 404 || body.Detail != want {
			t.Errorf("DELETE %s = %d %q, want 404 %q", path, answer.StatusCode, body.Detail, want)
		}
	}
}
