package write

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rolecall-dev/rolecall/emulator"
	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/apply"
	"github.com/rolecall-dev/rolecall/internal/diag"
	"github.com/rolecall-dev/rolecall/internal/identitycenter"
	"github.com/rolecall-dev/rolecall/internal/identitycenter/centertest"
	"github.com/rolecall-dev/rolecall/internal/plan"
)

// slowReason is a text of AWS's as people published it, whole.
const slowReason = "AWS SSO is unable to complete your request at this time. Obtaining permissions to manage your AWS account '333344445555' takes longer than usual. Please try again in a few minutes. If this problem continues, contact AWS Support."

const assigneeGone = "Received a 404 status error: the GROUP assignee x was not found in directory d-1"

// failing makes the jobs of an operation fail with a reason of AWS's.
func (b *between) failing(operation, reason string, times int) {
	b.t.Helper()
	b.must(b.e.SetFaults(emulator.Fault{Operation: "sso-admin." + operation, Kind: emulator.FailJob, Reason: reason, Times: times}))
}

func (b *between) calls(operation string) int { return b.e.Stats().Calls["sso-admin."+operation] }

// grants are an assignment of the set to a group that the plan saw.
func (b *between) grants(group, account string) plan.Change {
	return plan.Change{ID: plan.ID("grant " + group), Kind: plan.Assignment, Action: plan.Create, Key: plan.Key{PermissionSet: "Developers", Group: group, Account: account, AccountName: "account-002"},
		Refs: plan.Refs{PermissionSetARN: b.set(), GroupID: b.group(group)}}
}

// TestAssigneeThatAWSDoesNotSee: one that is there is explained at once, and not
// waited for.
func TestAssigneeThatAWSDoesNotSee(t *testing.T) {
	b := newBetween(t)
	grant := b.grants("Theirs", "200000000002")
	b.failing("CreateAccountAssignment", assigneeGone, 0)
	result := b.run(grant)
	if len(result.Failed) != 1 || result.Failed[0].Attempts != 1 || result.Failed[0].Cause != apply.Permanent {
		t.Fatalf("failed: %+v", result.Failed)
	}
	d := result.Failed[0].Finding
	if !strings.Contains(d.Summary, `the group "Theirs"`) || !strings.Contains(d.Detail, assigneeGone) || !strings.Contains(d.Hint, "console") {
		t.Errorf("finding: %+v", d)
	}
}

// TestAssigneeThatIsDeletedMeanwhile: while the job ran.
func TestAssigneeThatIsDeletedMeanwhile(t *testing.T) {
	centertest.CleanEnvironment(t)
	synctest.Test(t, func(t *testing.T) {
		w := centertest.NewWorld("platform", 3)
		w.Group("Developers", 0)
		e := centertest.Start(t, emulator.Options{Estate: w.Estate, JobLatency: emulator.Latency{Min: 3 * time.Second}})
		target := New(centertest.Client(t, e, emulator.ManagementKey), Options{Owner: "platform"})
		ch := withRefs(t, target, plan.Change{Kind: plan.Assignment, Action: plan.Create, Key: plan.Key{PermissionSet: "Developers", Group: "Developers", Account: "200000000000"}})
		jobs, err := target.Start(t.Context(), ch)
		if err != nil {
			t.Fatal(err)
		}
		c := centertest.Client(t, e, emulator.ManagementKey)
		if err := c.DeleteGroup(t.Context(), ch.Refs.GroupID); err != nil {
			t.Fatal(err)
		}
		time.Sleep(3 * time.Second)
		ended, err := target.Poll(t.Context(), jobs)
		if err != nil {
			t.Fatal(err)
		}
		if v := ended[jobs[0].ID].Verdict; v.Cause != apply.Permanent || v.Finding.Code != identitycenter.CodeChanged || !strings.Contains(v.Finding.Summary, "has been deleted") {
			t.Errorf("verdict: %+v", v)
		}
	})
}

// TestOrphanThatAWSCannotRemove is a warning: nobody has anything by it. Its set
// stays, and nobody tries to delete it.
func TestOrphanThatAWSCannotRemove(t *testing.T) {
	centertest.CleanEnvironment(t)
	synctest.Test(t, func(t *testing.T) {
		w := centertest.NewWorld("platform", 3)
		w.Group("Developers", 0)
		w.Assign("Developers", emulator.EstateAssignment{PrincipalType: "GROUP", PrincipalID: "44444444-4444-4444-8444-444444444444"}, "account-000")
		e := centertest.Start(t, emulator.Options{Estate: w.Estate, Quirks: emulator.Quirks{OrphansStuck: true}, JobLatency: emulator.Latency{Min: time.Second}})
		c := centertest.Client(t, e, emulator.ManagementKey)
		target := New(c, Options{Owner: "platform"})
		revoke := withRefs(t, target, plan.Change{ID: "revoke", Kind: plan.Assignment, Action: plan.Delete, Key: plan.Key{PermissionSet: "Developers", Account: "200000000000",
			OrphanID: "44444444-4444-4444-8444-444444444444", OrphanType: "GROUP"}})
		remove := withRefs(t, target, plan.Change{ID: "remove", Kind: plan.PermissionSet, Action: plan.Delete, Key: plan.Key{PermissionSet: "Developers"}, DependsOn: []plan.ID{"revoke"}})
		result, err := apply.New(target, apply.Options{}).Run(t.Context(), []plan.Change{revoke, remove})
		if err != nil || !result.Complete() || len(result.Failed) != 2 || len(result.Left) != 0 {
			t.Fatalf("%v; failed %+v, left %v", err, result.Failed, result.Left)
		}
		for _, f := range result.Failed {
			if f.Cause != apply.Futile || f.Finding.Code != plan.OrphanStays || f.Finding.Severity != diag.Warning || f.Finding.Hint == "" || f.Attempts != 1 {
				t.Errorf("failure: %+v", f)
			}
		}
		if n := e.Stats().Calls["sso-admin.DeletePermissionSet"]; n != 0 {
			t.Errorf("%d attempts to delete the set", n)
		}
	})
}

// TestSlowFailureOfASuspendedAccount: AWS's advice to try again counts only where
// the account is active.
func TestSlowFailureOfASuspendedAccount(t *testing.T) {
	reason := strings.Replace(slowReason, "333344445555", "200000000002", 1)
	t.Run("suspended", func(t *testing.T) {
		b := newBetween(t)
		b.assign("Theirs", "200000000002")
		revoke := b.grants("Theirs", "200000000002")
		revoke.Action = plan.Delete
		b.account(emulator.AccountChange{State: "SUSPENDED"})
		result := b.run(revoke)
		if len(result.Failed) != 1 || result.Failed[0].Cause != apply.Permanent || result.Failed[0].Attempts != 1 || !strings.Contains(result.Failed[0].Finding.Summary, "SUSPENDED") {
			t.Errorf("failed: %+v", result.Failed)
		}
	})
	t.Run("active", func(t *testing.T) {
		b := newBetween(t)
		grant := b.grants("Theirs", "200000000002")
		b.failing("CreateAccountAssignment", reason, 2)
		if result := b.run(grant); !result.Complete() || b.calls("CreateAccountAssignment") != 3 {
			t.Errorf("%d calls, failed: %+v", b.calls("CreateAccountAssignment"), result.Failed)
		}
	})
}

// TestJobThatHangsInASuspendedAccount: AWS refuses the next one, and waiting does
// not help.
func TestJobThatHangsInASuspendedAccount(t *testing.T) {
	b := newBetween(t)
	b.assign("Theirs", "200000000002")
	revoke := b.grants("Theirs", "200000000002")
	revoke.Action = plan.Delete
	b.account(emulator.AccountChange{State: "SUSPENDED"})
	b.must(b.e.SetFaults(emulator.Fault{Operation: "sso-admin.DeleteAccountAssignment", Kind: emulator.Conflict}))
	result := b.run(revoke)
	if len(result.Failed) != 1 || result.Failed[0].Cause != apply.Permanent || result.Failed[0].Attempts != 1 {
		t.Errorf("failed: %+v", result.Failed)
	}
}

// TestRightsOfIAMInTheManagementAccount names the right that is missing.
func TestRightsOfIAMInTheManagementAccount(t *testing.T) {
	w := centertest.NewWorld("platform", 1)
	w.Group("Developers", 0)
	w.Estate.Callers = append(w.Estate.Callers, emulator.EstateCaller{AccessKey: "AKIANOIAM", Denied: []string{"iam:PutRolePolicy"}})
	e := centertest.Start(t, emulator.Options{Estate: w.Estate})
	target := New(centertest.Client(t, e, "AKIANOIAM"), Options{Owner: "platform"})
	o := outcome(t, target, plan.Change{Kind: plan.Assignment, Action: plan.Create, Key: plan.Key{PermissionSet: "Developers", Group: "Developers", Account: "100000000000"}})
	if d := o.Verdict.Finding; o.Verdict.Cause != apply.Permanent || d.Code != identitycenter.CodeAccessDenied || !strings.Contains(d.Summary, "iam:PutRolePolicy") || !strings.Contains(d.Hint, "docs/iam") {
		t.Errorf("%+v", o)
	}
}

// TestReasonOfAPolicyCalledInternalTools: a name is no reason to wait.
func TestReasonOfAPolicyCalledInternalTools(t *testing.T) {
	for _, name := range []string{"internal-tools", "Timeouts", "throttled-readers"} {
		w := centertest.NewWorld("platform", 1)
		w.Group("Developers", 0)
		w.Estate.PermissionSets[0].CustomerManagedPolicies = []emulator.EstatePolicy{{Name: name}}
		e := centertest.Start(t, emulator.Options{Estate: w.Estate})
		target := New(centertest.Client(t, e, emulator.ManagementKey), Options{Owner: "platform"})
		o := outcome(t, target, plan.Change{Kind: plan.Assignment, Action: plan.Create, Key: plan.Key{PermissionSet: "Developers", Group: "Developers", Account: "200000000000"}})
		if o.Verdict.Cause != apply.Permanent || !strings.Contains(o.Verdict.Finding.Hint, "customer managed policy") {
			t.Errorf("%s: %+v", name, o)
		}
	}
}

// TestInlinePolicyThatAWSRefuses is explained with its place in the config, and
// without the document.
func TestInlinePolicyThatAWSRefuses(t *testing.T) {
	long := strings.Repeat("x", 10300)
	for document, want := range map[string]string{
		`{"Statements":[{"Sid":"` + long[:2000] + `"}]}`: `AWS refuses the inline policy of permission set "Developers"`,
		`{"Statement":[{"Sid":"` + long + `"}]}`:         `the inline policy of permission set "Developers" is too long for AWS`,
	} {
		b := newBetween(t)
		inline := b.planned("inline")
		inline.After.Document, inline.Source = document, diag.Range{File: "terraform.tfvars", Start: diag.Pos{Line: 3}}
		result := b.run(inline)
		if len(result.Failed) != 1 {
			t.Fatalf("%+v", result)
		}
		d := result.Failed[0].Finding
		if d.Summary != want || d.Range != inline.Source || len(d.Detail) > 400 || d.Detail == "" || result.Failed[0].Attempts != 1 {
			t.Errorf("finding: %+v", d)
		}
	}
}

// TestReasonsOfAProvisioning: it has no principal, and says which account is slow.
func TestReasonsOfAProvisioning(t *testing.T) {
	b := newBetween(t)
	b.failing("ProvisionPermissionSet", assigneeGone, 0)
	result := b.run(b.planned("provision"))
	if len(result.Failed) != 1 || result.Failed[0].Cause != apply.Permanent || !strings.HasPrefix(result.Failed[0].Finding.Detail, assigneeGone) {
		t.Errorf("%+v", result.Failed)
	}
	b.e.ClearFaults()
	b.account(emulator.AccountChange{State: "SUSPENDED"})
	b.failing("ProvisionPermissionSet", strings.Replace(slowReason, "333344445555", "200000000002", 1), 0)
	result = b.run(b.planned("provision"))
	if len(result.Failed) != 1 || result.Failed[0].Cause != apply.Permanent || !strings.Contains(result.Failed[0].Finding.Summary, "account-002") {
		t.Errorf("%+v", result.Failed)
	}
}

// TestSetThatIsStillUsedElsewhere: a set that is provisioned where this run took
// nothing away is not waited for, though it did elsewhere a moment ago.
func TestSetThatIsStillUsedElsewhere(t *testing.T) {
	b := newBetween(t)
	revoke, remove := b.planned("revoke"), b.planned("no set")
	remove.DependsOn = []plan.ID{revoke.ID}
	result := b.run(revoke, remove)
	if len(result.Failed) != 1 {
		t.Fatalf("failed %+v", result.Failed)
	}
	if f := result.Failed[0]; f.Cause != apply.Permanent || f.Attempts != 1 || !strings.Contains(f.Finding.Detail, "200000000001") || strings.Contains(f.Finding.Detail, "200000000000") {
		t.Errorf("failure %+v", f)
	}
}

// emptyLists is an AWS whose list of permission sets has nothing.
type emptyLists struct{ next http.RoundTripper }

func (l emptyLists) RoundTrip(r *http.Request) (*http.Response, error) {
	if !strings.HasSuffix(r.Header.Get("X-Amz-Target"), ".ListPermissionSets") {
		return l.next.RoundTrip(r)
	}
	return &http.Response{StatusCode: http.StatusOK, Request: r, Header: http.Header{"Content-Type": {"application/x-amz-json-1.1"}}, Body: io.NopCloser(strings.NewReader("{}"))}, nil
}

// TestANameThatNobodyIsSeenToHave: that AWS calls a set's name taken and lists none
// of the name is waited for shortly, not for as long as a run may take.
func TestANameThatNobodyIsSeenToHave(t *testing.T) {
	centertest.CleanEnvironment(t)
	synctest.Test(t, func(t *testing.T) {
		w := centertest.NewWorld("platform", 1)
		w.Estate.PermissionSets = append(w.Estate.PermissionSets, emulator.EstatePermissionSet{Name: "New"})
		e := centertest.Start(t, emulator.Options{Estate: w.Estate})
		c := centertest.Connect(t, centertest.OptionsFor(emptyLists{e.Transport()}, emulator.ManagementKey))
		create := plan.Change{ID: "set", Kind: plan.PermissionSet, Action: plan.Create, Key: plan.Key{PermissionSet: "New"},
			After: setValue(access.PermissionSet{Name: "New", Owner: "platform", Tags: []access.Tag{{Key: access.OwnerTag, Value: "platform"}}})}
		began := time.Now()
		result, err := apply.New(New(c, Options{Owner: "platform"}), apply.Options{}).Run(t.Context(), []plan.Change{create})
		if err != nil || len(result.Failed) != 1 || result.Failed[0].Cause != apply.Permanent {
			t.Fatalf("%v, %+v", err, result)
		}
		if took := time.Since(began); took > time.Minute {
			t.Errorf("it took %s", took)
		}
	})
}
