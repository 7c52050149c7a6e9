package emulator_test

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/identitystore"
	idtypes "github.com/aws/aws-sdk-go-v2/service/identitystore/types"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/ssoadmin"
	"github.com/aws/aws-sdk-go-v2/service/ssoadmin/types"

	"github.com/rolecall-dev/rolecall/emulator"
)

// once is a client without retries.
func once(o *ssoadmin.Options) { o.Retryer = aws.NopRetryer{} }

func (c *cloud) list() error {
	_, err := c.sso.ListPermissionSets(ctx(), &ssoadmin.ListPermissionSetsInput{InstanceArn: c.arn}, once)
	return err
}

// TestThrottlingIsExact takes the bucket's burst, is refused, and gets one more
// call for every twentieth of a second that passes.
func TestThrottlingIsExact(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := start(t, emulator.Options{Limits: emulator.AWSLimits()})
		time.Sleep(time.Second)
		for n := range 20 {
			if err := c.list(); err != nil {
				t.Fatalf("call %d of the burst: %v", n+1, err)
			}
		}
		var throttled *types.ThrottlingException
		if err := c.list(); !errors.As(err, &throttled) {
			t.Fatalf("call 21 = %v, want ThrottlingException", err)
		}
		time.Sleep(49 * time.Millisecond)
		if err := c.list(); !errors.As(err, &throttled) {
			t.Errorf("after 49 ms = %v, want ThrottlingException", err)
		}
		time.Sleep(time.Millisecond)
		if err := c.list(); err != nil {
			t.Errorf("after 50 ms: %v", err)
		}
		if _, err := c.ids.ListGroups(ctx(), &identitystore.ListGroupsInput{IdentityStoreId: c.store}); err != nil {
			t.Errorf("another family is throttled too: %v", err)
		}
		if got := c.Stats().Throttles["sso-admin.ListPermissionSets"]; got != 2 {
			t.Errorf("throttles = %d, want 2", got)
		}
	})
}

// The SDK's back-off is jittered, so its three attempts may all fall into one
// half second; ten do not.
func TestRetriesOutlastThrottling(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := start(t, emulator.Options{Limits: emulator.Limits{Organizations: 2}})
		patient := func(o *organizations.Options) { o.RetryMaxAttempts = 10 }
		for range 6 {
			if _, err := c.orgs.ListAccounts(ctx(), &organizations.ListAccountsInput{}, patient); err != nil {
				t.Fatal(err)
			}
		}
	})
}

func (c *cloud) status(t testing.TB, out *ssoadmin.CreateAccountAssignmentOutput) types.StatusValues {
	t.Helper()
	return c.created(t, out).Status
}

func TestJobTakesItsTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := start(t, emulator.Options{JobLatency: emulator.Latency{Min: 3 * time.Second}})
		out := must[*ssoadmin.CreateAccountAssignmentOutput](t)(c.assign(c.set(t, "Developers"), c.group(t, "AWS-Development-Team"), development))
		time.Sleep(3*time.Second - time.Millisecond)
		if got := c.status(t, out); got != types.StatusValuesInProgress {
			t.Errorf("after 2.999 s = %s", got)
		}
		if got := c.State().Instances[0].Roles; len(got) != 0 {
			t.Errorf("roles before the job is done = %+v", got)
		}
		time.Sleep(time.Millisecond)
		if got := c.status(t, out); got != types.StatusValuesSucceeded {
			t.Errorf("after 3 s = %s", got)
		}
	})
}

// TestOneRoleUpdateAtATimePerAccount starts three jobs in one account and one in
// another: the three end one after the other, the fourth beside the first.
func TestOneRoleUpdateAtATimePerAccount(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := start(t, emulator.Options{JobLatency: emulator.Latency{Min: 3 * time.Second}})
		group := c.group(t, "AWS-Development-Team")
		var jobs []*ssoadmin.CreateAccountAssignmentOutput
		for _, name := range []string{"One", "Two", "Three"} {
			jobs = append(jobs, must[*ssoadmin.CreateAccountAssignmentOutput](t)(c.assign(c.set(t, name), group, development)))
		}
		jobs = append(jobs, must[*ssoadmin.CreateAccountAssignmentOutput](t)(c.assign(c.set(t, "Four"), group, production)))
		for _, step := range [][]bool{{true, false, false, true}, {true, true, false, true}, {true, true, true, true}} {
			time.Sleep(3 * time.Second)
			for n, done := range step {
				if got := c.status(t, jobs[n]) == types.StatusValuesSucceeded; got != done {
					t.Errorf("job %d done = %v, want %v", n+1, got, done)
				}
			}
		}
	})
}

func TestOutstandingJobsAreCapped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := start(t, emulator.Options{
			JobLatency: emulator.Latency{Min: 3 * time.Second}, Limits: emulator.Limits{OutstandingAssignments: 2, OutstandingProvisionings: 1},
		})
		set, group := c.set(t, "Developers"), c.group(t, "AWS-Development-Team")
		create := func(account string) error {
			_, err := c.sso.CreateAccountAssignment(ctx(), &ssoadmin.CreateAccountAssignmentInput{
				InstanceArn: c.arn, PermissionSetArn: set, PrincipalId: group, PrincipalType: types.PrincipalTypeGroup,
				TargetId: &account, TargetType: types.TargetTypeAwsAccount,
			}, once)
			return err
		}
		for _, account := range []string{development, production} {
			if err := create(account); err != nil {
				t.Fatal(err)
			}
		}
		var throttled *types.ThrottlingException
		if err := create("333344445555"); !errors.As(err, &throttled) {
			t.Errorf("third outstanding job = %v, want ThrottlingException", err)
		}
		time.Sleep(3 * time.Second)
		if err := create("333344445555"); err != nil {
			t.Errorf("with room again: %v", err)
		}
		time.Sleep(3 * time.Second)
		if got := c.Stats().Outstanding; got.PeakAssignments != 2 || got.Assignments != 0 {
			t.Errorf("outstanding = %+v, want a peak of 2 and none now", got)
		}
	})
}

func TestWritesBecomeVisibleLate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := start(t, emulator.Options{VisibilityDelay: 2 * time.Second})
		group := must[*identitystore.CreateGroupOutput](t)(c.ids.CreateGroup(ctx(), &identitystore.CreateGroupInput{IdentityStoreId: c.store, DisplayName: aws.String("Late")}))
		describe := func() error {
			_, err := c.ids.DescribeGroup(ctx(), &identitystore.DescribeGroupInput{IdentityStoreId: c.store, GroupId: group.GroupId})
			return err
		}
		var missing *idtypes.ResourceNotFoundException
		if err := describe(); !errors.As(err, &missing) || missing.ResourceType != idtypes.ResourceTypeGroup {
			t.Errorf("at once = %v, want ResourceNotFoundException of a GROUP", err)
		}
		set := c.set(t, "Developers")
		out := must[*ssoadmin.CreateAccountAssignmentOutput](t)(c.assign(set, c.group(t, "AWS-Development-Team"), development))
		if got := c.status(t, out); got != types.StatusValuesSucceeded {
			t.Errorf("the state of a job is late too: %s", got)
		}
		time.Sleep(2 * time.Second)
		if err := describe(); err != nil {
			t.Errorf("after the delay: %v", err)
		}
		roles := must[*ssoadmin.ListPermissionSetsProvisionedToAccountOutput](t)(c.sso.ListPermissionSetsProvisionedToAccount(ctx(), &ssoadmin.ListPermissionSetsProvisionedToAccountInput{InstanceArn: c.arn, AccountId: aws.String(development)}))
		if len(roles.PermissionSets) != 1 {
			t.Errorf("sets = %v, want the one that was assigned", roles.PermissionSets)
		}
	})
}

func TestLatencyIsDrawnFromTheSeed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		took := func(seed uint64) (out []time.Duration) {
			c := start(t, emulator.Options{Seed: seed, JobLatency: emulator.Latency{Min: time.Second, Max: 5 * time.Second}})
			set, group := c.set(t, "Developers"), c.group(t, "AWS-Development-Team")
			for _, account := range []string{development, production, "333344445555"} {
				begin := time.Now()
				job := must[*ssoadmin.CreateAccountAssignmentOutput](t)(c.assign(set, group, account))
				for c.status(t, job) == types.StatusValuesInProgress {
					time.Sleep(20 * time.Millisecond)
				}
				out = append(out, time.Since(begin))
			}
			return out
		}
		first, again, other := took(1), took(1), took(2)
		for n := range first {
			if first[n] != again[n] || first[n] < time.Second || first[n] > 5*time.Second+20*time.Millisecond {
				t.Errorf("job %d took %v and %v, want the same between 1 and 5 s", n, first[n], again[n])
			}
		}
		if first[0] == other[0] && first[1] == other[1] {
			t.Error("another seed made the same latencies")
		}
	})
}

// TestEmulatorFromOutsideOfTheBubble: one that was made in real time, years after
// that of a bubble, goes on in it.
func TestEmulatorFromOutsideOfTheBubble(t *testing.T) {
	c := start(t, emulator.Options{JobLatency: emulator.Latency{Min: 3 * time.Second}, Limits: emulator.Limits{SSOAdmin: 10}, VisibilityDelay: time.Second})
	synctest.Test(t, func(t *testing.T) {
		set, group := c.set(t, "Developers"), c.group(t, "AWS-Development-Team")
		out := must[*ssoadmin.CreateAccountAssignmentOutput](t)(c.assign(set, group, development))
		time.Sleep(2 * time.Second)
		if got := c.status(t, out); got != types.StatusValuesInProgress {
			t.Errorf("after 2 s = %s", got)
		}
		time.Sleep(time.Second)
		if got := c.status(t, out); got != types.StatusValuesSucceeded {
			t.Errorf("after 3 s = %s", got)
		}
		for range 30 { // more than the bucket holds: it must fill up again
			time.Sleep(100 * time.Millisecond)
			if err := c.list(); err != nil {
				t.Fatal(err)
			}
		}
	})
}
