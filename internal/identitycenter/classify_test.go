package identitycenter

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	storetypes "github.com/aws/aws-sdk-go-v2/service/identitystore/types"
	ssotypes "github.com/aws/aws-sdk-go-v2/service/ssoadmin/types"
	"github.com/aws/smithy-go"

	"github.com/rolecall-dev/rolecall/emulator"
	"github.com/rolecall-dev/rolecall/internal/apply"
	"github.com/rolecall-dev/rolecall/internal/diag"
	"github.com/rolecall-dev/rolecall/internal/plan"
)

// called is an error as the SDK wraps it.
func called(service, operation string, err error) error {
	return fmt.Errorf("do it: %w", &smithy.OperationError{ServiceID: service, OperationName: operation, Err: err})
}

// failedAtOnce is the error of a creation whose answer has the reason.
func (t *Target) failedAtOnce(tb testing.TB, ch plan.Change, reason string) error {
	v, err := t.judge(tb.Context(), subject{kind: apply.CreateAssignmentJob, change: ch}, reason)
	if err != nil {
		tb.Fatal(err)
	}
	return &jobFailure{reason: reason, verdict: v}
}

func TestClassify(t *testing.T) {
	c := &Client{caller: Caller{Account: "222222222222", ARN: "arn:aws:iam::222222222222:role/x", ManagementAccount: "111111111111", Place: DelegatedAdministrator}}
	target := c.Target(TargetOptions{Owner: "platform"})
	target.keep(plan.Group, "Fresh", "id", time.Now())
	target.keep(plan.PermissionSet, "Fresh", "arn", time.Now())
	target.unassigned["arn:just-emptied"] = time.Now()
	const sso, store = "SSO Admin", "identitystore"
	text := aws.String
	group := plan.Change{Kind: plan.Group, Action: plan.Create, Key: plan.Key{Group: "Devs"}}
	assign := plan.Change{Kind: plan.Assignment, Action: plan.Create, Key: plan.Key{PermissionSet: "Devs", Group: "Devs", Account: "333333333333"}}
	management, fresh := assign, assign
	management.Key.Account, fresh.Key.Group = "111111111111", "Fresh"
	remove := plan.Change{Kind: plan.PermissionSet, Action: plan.Delete, Key: plan.Key{PermissionSet: "Devs"}, Refs: plan.Refs{PermissionSetARN: "arn:in-use"}}
	emptied := remove
	emptied.Refs.PermissionSetARN = "arn:just-emptied"
	attach := plan.Change{Kind: plan.ManagedPolicy, Action: plan.Create, Key: plan.Key{PermissionSet: "Fresh", Policy: "arn:aws:iam::aws:policy/Nope"}}
	inUse := &ssotypes.ConflictException{Message: text("Could not delete because PermissionSet has ApplicationProfile associated with it")}
	for _, test := range []struct {
		name   string
		change plan.Change
		err    error
		cause  apply.Cause
		code   diag.Code
	}{
		{"throttled", assign, called(sso, "CreateAccountAssignment", &ssotypes.ThrottlingException{}), apply.Throttled, ""},
		{"too many outstanding", assign, called(sso, "CreateAccountAssignment", &smithy.GenericAPIError{Code: "ThrottlingException"}), apply.Throttled, ""},
		{"throttled for so long", group, called(store, "CreateGroup", &storetypes.ThrottlingException{RetryAfterSeconds: 7}), apply.Throttled, ""},
		{"server error", assign, called(sso, "CreateAccountAssignment", &ssotypes.InternalServerException{}), apply.Transient, ""},
		{"reset", assign, called(sso, "CreateAccountAssignment", &net.OpError{Op: "read", Err: errors.New("connection reset")}), apply.Transient, ""},
		{"cut short", assign, called(sso, "CreateAccountAssignment", io.ErrUnexpectedEOF), apply.Transient, ""},
		{"broken answer", assign, called(sso, "CreateAccountAssignment", &smithy.DeserializationError{Err: errors.New("x")}), apply.Transient, ""},
		{"no answer in time", assign, called(sso, "CreateAccountAssignment", context.DeadlineExceeded), apply.Transient, ""},
		{"web page", assign, called(sso, "CreateAccountAssignment", &foreignAnswer{status: 200}), apply.Permanent, CodeForeignAnswer},
		{"gateway's page", assign, called(sso, "CreateAccountAssignment", &foreignAnswer{status: 502}), apply.Transient, ""},
		{"expired", assign, called(sso, "CreateAccountAssignment", &smithy.GenericAPIError{Code: "ExpiredTokenException"}), apply.Credentials, CodeCredentialsExpired},
		{"no refresh", assign, called(sso, "CreateAccountAssignment", &credentialsError{errors.New("sso session")}), apply.Credentials, CodeNoCredentials},
		{"denied", assign, called(sso, "CreateAccountAssignment", &ssotypes.AccessDeniedException{}), apply.Permanent, CodeAccessDenied},
		{"denied in the management account", management, called(sso, "CreateAccountAssignment", &ssotypes.AccessDeniedException{}), apply.Permanent, CodeManagementOnly},
		{"write not propagated", assign, called(sso, "CreateAccountAssignment", &ssotypes.ConflictException{Message: text("There is a conflicting operation in process")}), apply.Conflict, ""},
		{"name exists", remove, called(sso, "CreatePermissionSet", &ssotypes.ConflictException{Message: text("PermissionSet with name Devs already exists.")}), apply.Permanent, CodeNameTaken},
		{"set in use", remove, called(sso, "DeletePermissionSet", inUse), apply.Permanent, CodeConflict},
		{"set just emptied", emptied, called(sso, "DeletePermissionSet", inUse), apply.Conflict, ""},
		{"not unique", group, called(store, "UpdateGroup", &storetypes.ConflictException{Reason: storetypes.ConflictExceptionReasonUniquenessConstraintViolation}), apply.Permanent, CodeNameTaken},
		{"concurrent", group, called(store, "UpdateGroup", &storetypes.ConflictException{Reason: storetypes.ConflictExceptionReasonConcurrentModification}), apply.Conflict, ""},
		{"not visible yet", group, unseen{called(store, "CreateGroup", &storetypes.ConflictException{})}, apply.Propagation, ""},
		{"just created, not found", fresh, called(sso, "CreateAccountAssignment", &ssotypes.ResourceNotFoundException{}), apply.Propagation, ""},
		{"not found", assign, called(sso, "CreateAccountAssignment", &ssotypes.ResourceNotFoundException{}), apply.Permanent, CodeNotFound},
		{"set just created, not found", attach, called(sso, "AttachManagedPolicyToPermissionSet", &ssotypes.ResourceNotFoundException{Message: text("PermissionSet not found")}), apply.Propagation, ""},
		{"policy missing, set just created", attach, called(sso, "AttachManagedPolicyToPermissionSet", &ssotypes.ResourceNotFoundException{
			Message: text("Policy arn:aws:iam::aws:policy/Nope does not exist or is not attachable.")}), apply.Permanent, CodeNotFound},
		{"quota", group, called(store, "CreateGroup", &storetypes.ServiceQuotaExceededException{}), apply.Permanent, CodeQuotaExceeded},
		{"invalid", group, called(store, "CreateGroup", &storetypes.ValidationException{}), apply.Permanent, CodeRefused},
		{"policy missing in the account", assign, target.failedAtOnce(t, assign, "Received a 404 status error: Policy arn:aws:iam::333333333333:policy/x does not exist or is not attachable."), apply.Permanent, CodeJobFailed},
		{"job throttled", assign, target.failedAtOnce(t, assign, "Rate exceeded"), apply.Conflict, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			test.change.Source = diag.Range{File: "terraform.tfvars", Start: diag.Pos{Line: 3}}
			v := target.Classify(test.change, test.err)
			if v.Cause != test.cause || v.Finding.Code != test.code {
				t.Errorf("%s, %q, want %s, %q: %+v", v.Cause, v.Finding.Code, test.cause, test.code, v.Finding)
			}
			if test.code != "" && (v.Finding.Range != test.change.Source || v.Finding.Hint == "" || v.Finding.Severity != diag.Error) {
				t.Errorf("finding %+v, want a place and a hint", v.Finding)
			}
			if test.name == "throttled for so long" && v.After != 7*time.Second {
				t.Errorf("after %s, want the 7 s that AWS said", v.After)
			}
		})
	}
}

// A permanent cause is known after one call: AWS's reason comes word for word.
func TestFailedJobGivesAWSReason(t *testing.T) {
	w := newWorld("platform", 1)
	w.group("Developers", 0)
	w.estate.PermissionSets[0].CustomerManagedPolicies = []emulator.EstatePolicy{{Name: "missing"}}
	e := start(t, emulator.Options{Estate: w.estate})
	target := connect(t, e, emulator.ManagementKey).Target(TargetOptions{Owner: "platform"})
	o := outcome(t, target, plan.Change{Kind: plan.Assignment, Action: plan.Create,
		Key: plan.Key{PermissionSet: "Developers", Group: "Developers", Account: "200000000000"}})
	if o.Verdict.Cause != apply.Permanent || o.Verdict.Finding.Code != CodeJobFailed || o.Verdict.Finding.Detail == "" || o.Succeeded {
		t.Errorf("%+v, want a permanent failure with AWS's reason", o)
	}
	t.Log(o.Verdict.Finding)
}
