package write

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	storetypes "github.com/aws/aws-sdk-go-v2/service/identitystore/types"
	ssotypes "github.com/aws/aws-sdk-go-v2/service/ssoadmin/types"
	"github.com/aws/smithy-go"

	"github.com/rolecall-dev/rolecall/emulator"
	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/apply"
	"github.com/rolecall-dev/rolecall/internal/diag"
	"github.com/rolecall-dev/rolecall/internal/identitycenter"
	"github.com/rolecall-dev/rolecall/internal/identitycenter/centertest"
	"github.com/rolecall-dev/rolecall/internal/plan"
)

// called is an error as the SDK wraps it.
func called(service, operation string, err error) error {
	return fmt.Errorf("do it: %w", &smithy.OperationError{ServiceID: service, OperationName: operation, Err: err})
}

// failedAtOnce is the error of a creation whose answer has the reason.
func (t *Target) failedAtOnce(tb testing.TB, ch plan.Change, reason string) error {
	v, err := t.judge(tb.Context(), subject{kind: identitycenter.CreateAssignmentJob, change: ch}, reason)
	if err != nil {
		tb.Fatal(err)
	}
	return jobFailure(reason, v)
}

// page is a web page instead of AWS's answer.
type page struct{ status int }

func (p page) RoundTrip(r *http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: p.status, Request: r, Header: http.Header{"Content-Type": {"text/html"}}, Body: io.NopCloser(strings.NewReader("<html>no AWS</html>"))}, nil
}

// switched goes to one transport, and later to another.
type switched struct{ to http.RoundTripper }

func (s *switched) RoundTrip(r *http.Request) (*http.Response, error) { return s.to.RoundTrip(r) }

// writeInto returns the error of a write that a transport answers.
func writeInto(t *testing.T, e *emulator.Emulator, to http.RoundTripper) error {
	t.Helper()
	s := &switched{e.Transport()}
	c := centertest.Connect(t, centertest.OptionsFor(s, emulator.ManagementKey))
	s.to = to
	_, err := c.CreateAccountAssignment(t.Context(), access.AssignmentID{})
	return err
}

// withoutCredentials returns the error of a write when there are no credentials any
// more.
func withoutCredentials(t *testing.T, e *emulator.Emulator) error {
	t.Helper()
	o := centertest.OptionsFor(e.Transport(), emulator.ManagementKey)
	valid, ended := o.Credentials, false
	o.Credentials = aws.CredentialsProviderFunc(func(ctx context.Context) (aws.Credentials, error) {
		if ended {
			return aws.Credentials{}, errors.New("sso session")
		}
		creds, err := valid.Retrieve(ctx)
		creds.CanExpire, creds.Expires = true, time.Now() // so that they are asked for each time
		return creds, err
	})
	c := centertest.Connect(t, o)
	ended = true
	_, err := c.CreateAccountAssignment(t.Context(), access.AssignmentID{})
	return err
}

func TestClassify(t *testing.T) {
	e := centertest.Start(t, emulator.Options{Estate: centertest.NewWorld("platform", 1).Estate})
	target := New(centertest.Client(t, e, centertest.DelegatedKey), Options{Owner: "platform"})
	target.keep(plan.Group, "Fresh", "id", time.Now())
	target.keep(plan.PermissionSet, "Fresh", "arn", time.Now())
	const sso, store = "SSO Admin", "identitystore"
	text := aws.String
	group := plan.Change{Kind: plan.Group, Action: plan.Create, Key: plan.Key{Group: "Devs"}}
	assign := plan.Change{Kind: plan.Assignment, Action: plan.Create, Key: plan.Key{PermissionSet: "Devs", Group: "Devs", Account: "333333333333"}}
	management, fresh := assign, assign
	management.Key.Account, fresh.Key.Group = "100000000000", "Fresh"
	attach := plan.Change{Kind: plan.ManagedPolicy, Action: plan.Create, Key: plan.Key{PermissionSet: "Fresh", Policy: "arn:aws:iam::aws:policy/Nope"}}
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
		{"web page", assign, writeInto(t, e, page{200}), apply.Permanent, identitycenter.CodeForeignAnswer},
		{"gateway's page", assign, writeInto(t, e, page{502}), apply.Transient, ""},
		{"expired", assign, called(sso, "CreateAccountAssignment", &smithy.GenericAPIError{Code: "ExpiredTokenException"}), apply.Credentials, identitycenter.CodeCredentialsExpired},
		{"no refresh", assign, withoutCredentials(t, e), apply.Credentials, identitycenter.CodeNoCredentials},
		{"denied", assign, called(sso, "CreateAccountAssignment", &ssotypes.AccessDeniedException{}), apply.Permanent, identitycenter.CodeAccessDenied},
		{"denied in the management account", management, called(sso, "CreateAccountAssignment", &ssotypes.AccessDeniedException{}), apply.Permanent, identitycenter.CodeManagementOnly},
		{"write not propagated", assign, called(sso, "CreateAccountAssignment", &ssotypes.ConflictException{Message: text("There is a conflicting operation in process")}), apply.Conflict, ""},
		{"not unique", group, called(store, "UpdateGroup", &storetypes.ConflictException{Reason: storetypes.ConflictExceptionReasonUniquenessConstraintViolation}), apply.Permanent, identitycenter.CodeNameTaken},
		{"concurrent", group, called(store, "UpdateGroup", &storetypes.ConflictException{Reason: storetypes.ConflictExceptionReasonConcurrentModification}), apply.Conflict, ""},
		{"not visible yet", group, unseen(called(store, "CreateGroup", &storetypes.ConflictException{})), apply.Propagation, ""},
		{"just created, not found", fresh, called(sso, "CreateAccountAssignment", &ssotypes.ResourceNotFoundException{}), apply.Propagation, ""},
		{"not found", assign, called(sso, "CreateAccountAssignment", &ssotypes.ResourceNotFoundException{}), apply.Permanent, identitycenter.CodeNotFound},
		{"set just created, not found", attach, called(sso, "AttachManagedPolicyToPermissionSet", &ssotypes.ResourceNotFoundException{Message: text("PermissionSet not found")}), apply.Propagation, ""},
		{"quota", group, called(store, "CreateGroup", &storetypes.ServiceQuotaExceededException{}), apply.Permanent, identitycenter.CodeQuotaExceeded},
		{"invalid", group, called(store, "CreateGroup", &storetypes.ValidationException{}), apply.Permanent, identitycenter.CodeRefused},
		{"policy missing in the account", assign, target.failedAtOnce(t, assign, "Received a 404 status error: Policy arn:aws:iam::333333333333:policy/x does not exist or is not attachable."), apply.Permanent, identitycenter.CodeJobFailed},
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
	w := centertest.NewWorld("platform", 1)
	w.Group("Developers", 0)
	w.Estate.PermissionSets[0].CustomerManagedPolicies = []emulator.EstatePolicy{{Name: "missing"}}
	e := centertest.Start(t, emulator.Options{Estate: w.Estate})
	target := New(centertest.Client(t, e, emulator.ManagementKey), Options{Owner: "platform"})
	o := outcome(t, target, plan.Change{Kind: plan.Assignment, Action: plan.Create,
		Key: plan.Key{PermissionSet: "Developers", Group: "Developers", Account: "200000000000"}})
	if o.Verdict.Cause != apply.Permanent || o.Verdict.Finding.Code != identitycenter.CodeJobFailed || o.Verdict.Finding.Detail == "" || o.Succeeded {
		t.Errorf("%+v, want a permanent failure with AWS's reason", o)
	}
	t.Log(o.Verdict.Finding)
}

// AWS says alike of a set that it does not see and of a policy that it does not know
// that something was not found: where it shows the set, it is the policy, unless the
// set is so new that it may show in one place and not in another.
func TestPolicyThatAWSDoesNotKnow(t *testing.T) {
	centertest.CleanEnvironment(t)
	synctest.Test(t, func(t *testing.T) {
		w := centertest.NewWorld("platform", 1)
		w.Group("Developers", 0)
		e := centertest.Start(t, emulator.Options{Estate: w.Estate})
		target := New(centertest.Client(t, e, emulator.ManagementKey), Options{Owner: "platform"})
		unknown := func(set string) apply.Verdict {
			return outcome(t, target, plan.Change{Kind: plan.ManagedPolicy, Action: plan.Create, Key: plan.Key{PermissionSet: set, Policy: "arn:aws:iam::aws:policy/Nope"}}).Verdict
		}
		final := func(v apply.Verdict) {
			t.Helper()
			if v.Cause != apply.Permanent || v.Finding.Code != identitycenter.CodeNotFound || !strings.Contains(v.Finding.Summary, "policy/Nope") {
				t.Errorf("%+v", v)
			}
		}
		final(unknown("Developers"))
		do(t, target, plan.Change{Kind: plan.PermissionSet, Action: plan.Create, Key: plan.Key{PermissionSet: "New"},
			After: setValue(access.PermissionSet{Name: "New", Tags: []access.Tag{{Key: access.OwnerTag, Value: "platform"}}})})
		final(unknown("New"))
		arn, _ := target.made.get(object{plan.PermissionSet, "New"})
		if err := centertest.Client(t, e, emulator.ManagementKey).DeletePermissionSet(t.Context(), arn.id, false); err != nil {
			t.Fatal(err)
		}
		if v := unknown("New"); v.Cause != apply.Propagation {
			t.Errorf("a set that was just made, and does not show: %+v", v)
		}
	})
}

// A set that AWS does not delete is in use, unless this run has just taken its
// assignments away.
func TestSetInUse(t *testing.T) {
	w := centertest.NewWorld("platform", 1)
	w.Group("Developers", 1)
	e := centertest.Start(t, emulator.Options{Estate: w.Estate})
	target := New(centertest.Client(t, e, emulator.ManagementKey), Options{Owner: "platform"})
	remove := plan.Change{Kind: plan.PermissionSet, Action: plan.Delete, Key: plan.Key{PermissionSet: "Developers"}}
	if v := outcome(t, target, remove).Verdict; v.Cause != apply.Permanent || v.Finding.Code != identitycenter.CodeConflict || !strings.Contains(v.Finding.Detail, "200000000000") {
		t.Errorf("%+v", v)
	}
	do(t, target, plan.Change{Kind: plan.Assignment, Action: plan.Delete, Key: plan.Key{PermissionSet: "Developers", Group: "Developers", Account: "200000000000"}})
	if err := e.SetFaults(emulator.Fault{Operation: "sso-admin.DeletePermissionSet", Kind: emulator.Conflict}); err != nil {
		t.Fatal(err)
	}
	if v := outcome(t, target, remove).Verdict; v.Cause != apply.Conflict {
		t.Errorf("just emptied: %+v", v)
	}
	target.unassigned.put(centertest.Set(e, "Developers").ARN, time.Now().Add(-showsWithin))
	if v := outcome(t, target, remove).Verdict; v.Cause != apply.Permanent || v.Finding.Code != identitycenter.CodeConflict {
		t.Errorf("emptied long ago: %+v", v)
	}
}

// A conflict at a creation that is not about the name passes by itself.
func TestConflictOfACreation(t *testing.T) {
	e := centertest.Start(t, emulator.Options{Estate: centertest.NewWorld("platform", 1).Estate, Faults: []emulator.Fault{{Operation: "sso-admin.CreatePermissionSet", Kind: emulator.Conflict, Times: 1}}})
	target := New(centertest.Client(t, e, emulator.ManagementKey), Options{Owner: "platform"})
	create := plan.Change{ID: "set", Kind: plan.PermissionSet, Action: plan.Create, Key: plan.Key{PermissionSet: "New"},
		After: setValue(access.PermissionSet{Name: "New", Tags: []access.Tag{{Key: access.OwnerTag, Value: "platform"}}})}
	if v := outcome(t, target, create).Verdict; v.Cause != apply.Propagation {
		t.Errorf("%+v", v)
	}
	do(t, target, create)
}

// A write without the lock is not sent, and no other attempt is worth anything.
func TestALostLockIsFinal(t *testing.T) {
	e := centertest.Start(t, emulator.Options{Estate: centertest.NewWorld("platform", 1).Estate})
	c := centertest.Client(t, e, emulator.ManagementKey)
	target := New(c, Options{Owner: "platform"})
	create := plan.Change{Kind: plan.Group, Action: plan.Create, Key: plan.Key{Group: "Team"}, After: &plan.Value{Group: &access.Group{Name: "Team", Owner: "platform"}}}
	remove := c.Guard("arn:lock", func() error {
		return identitycenter.Failure{Finding: diag.Diagnostic{Severity: diag.Error, Code: identitycenter.CodeLockLost, Summary: "the lock is lost", Hint: "run again"}}
	})
	if v := outcome(t, target, create).Verdict; v.Cause != apply.Permanent || v.Finding.Code != identitycenter.CodeLockLost {
		t.Errorf("%+v", v)
	}
	if n := e.Stats().Calls["identitystore.CreateGroup"]; n != 0 {
		t.Errorf("%d calls were sent", n)
	}
	remove()
	do(t, target, create)
}
