package emulator_test

import (
	"fmt"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/identitystore"
	idtypes "github.com/aws/aws-sdk-go-v2/service/identitystore/types"
	"github.com/aws/aws-sdk-go-v2/service/ssoadmin"
	"github.com/aws/aws-sdk-go-v2/service/ssoadmin/types"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/rolecall-dev/rolecall/emulator"
)

// step is something that a client does; what it refers to may be gone.
type step struct {
	kind          string
	group, set, n int
}

var accounts = []string{management, development, production}

func steps() *rapid.Generator[[]step] {
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) step {
		return step{
			kind:  rapid.SampledFrom([]string{"group", "set", "assign", "assign", "unassign", "provision", "ungroup", "unset", "edit", "member", "unmember"}).Draw(t, "kind"),
			group: rapid.IntRange(0, 3).Draw(t, "group"), set: rapid.IntRange(0, 3).Draw(t, "set"), n: rapid.IntRange(0, 2).Draw(t, "n"),
		}
	}), 1, 60)
}

// world is what a client remembers of what it made.
type world struct {
	*cloud
	groups, sets [4]*string
	users        []string
	memberships  []*string
}

// do carries a step out and expects nothing of it: refusals are answers, too.
func (w *world) do(n int, s step) {
	group, set := or(w.groups[s.group]), or(w.sets[s.set])
	switch s.kind {
	case "group":
		if out, err := w.ids.CreateGroup(ctx(), &identitystore.CreateGroupInput{IdentityStoreId: w.store, DisplayName: aws.String(fmt.Sprint("g", s.group))}); err == nil {
			w.groups[s.group] = out.GroupId
		}
	case "set":
		if out, err := w.sso.CreatePermissionSet(ctx(), &ssoadmin.CreatePermissionSetInput{InstanceArn: w.arn, Name: aws.String(fmt.Sprint("s", s.set))}); err == nil {
			w.sets[s.set] = out.PermissionSet.PermissionSetArn
		}
	case "assign":
		_, _ = w.assign(set, group, accounts[s.n])
	case "unassign":
		_, _ = w.unassign(set, group, accounts[s.n])
	case "provision":
		_, _ = w.sso.ProvisionPermissionSet(ctx(), &ssoadmin.ProvisionPermissionSetInput{InstanceArn: w.arn, PermissionSetArn: set, TargetType: types.ProvisionTargetTypeAllProvisionedAccounts})
	case "ungroup":
		_, _ = w.ids.DeleteGroup(ctx(), &identitystore.DeleteGroupInput{IdentityStoreId: w.store, GroupId: group})
	case "unset":
		_, _ = w.sso.DeletePermissionSet(ctx(), &ssoadmin.DeletePermissionSetInput{InstanceArn: w.arn, PermissionSetArn: set})
	case "edit":
		_, _ = w.sso.UpdatePermissionSet(ctx(), &ssoadmin.UpdatePermissionSetInput{InstanceArn: w.arn, PermissionSetArn: set, Description: aws.String(fmt.Sprint("edit ", n))})
	case "member":
		if out, err := w.ids.CreateGroupMembership(ctx(), &identitystore.CreateGroupMembershipInput{IdentityStoreId: w.store, GroupId: group, MemberId: &idtypes.MemberIdMemberUserId{Value: w.users[s.n]}}); err == nil {
			w.memberships = append(w.memberships, out.MembershipId)
		}
	case "unmember":
		if len(w.memberships) > 0 {
			_, _ = w.ids.DeleteGroupMembership(ctx(), &identitystore.DeleteGroupMembershipInput{IdentityStoreId: w.store, MembershipId: w.memberships[s.n%len(w.memberships)]})
		}
	}
}

// or stands in for the id of what was not made yet.
func or(id *string) *string {
	if id == nil {
		return aws.String("00000000-0000-4000-8000-000000000000")
	}
	return id
}

// TestAnyCallsLeaveASoundStore: after any calls the lists agree with each other,
// and a restart from the journal yields the same state.
func TestAnyCallsLeaveASoundStore(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		todo, latency := steps().Draw(t, "steps"), rapid.SampledFrom([]time.Duration{0, 200 * time.Microsecond}).Draw(t, "latency")
		dir, err := os.MkdirTemp("", "emulator")
		if err != nil {
			t.Fatal(err)
		}
		defer os.RemoveAll(dir)
		e, err := emulator.New(emulator.Options{Seed: 1, DataDir: dir, JobLatency: emulator.Latency{Min: latency}})
		if err != nil {
			t.Fatal(err)
		}
		defer e.Close()
		w := &world{cloud: clientsFor(t, e)}
		for _, u := range e.State().Instances[0].Users {
			w.users = append(w.users, u.ID)
		}
		for n, s := range todo {
			w.do(n, s)
		}
		for e.Stats().Outstanding.Assignments+e.Stats().Outstanding.Provisionings > 0 {
			time.Sleep(latency)
		}
		state := e.State()
		sound(t, w, state.Instances[0])
		if err := e.Close(); err != nil {
			t.Fatal(err)
		}
		again, err := emulator.New(emulator.Options{DataDir: dir})
		if err != nil {
			t.Fatal(err)
		}
		defer again.Close()
		if diff := cmp.Diff(state, again.State()); diff != "" {
			t.Fatalf("state after a restart (-before +after):\n%s", diff)
		}
	})
}

// sound compares what the lists of AWS say with the state.
func sound(t *rapid.T, w *world, s emulator.StateInstance) {
	arns := map[string]string{}
	for _, p := range s.PermissionSets {
		arns[p.Name] = p.ARN
	}
	roles := map[string]bool{}
	for _, r := range s.Roles {
		if roles[r.Account+r.PermissionSet] {
			t.Fatalf("two roles of %s in %s", r.PermissionSet, r.Account)
		}
		roles[r.Account+r.PermissionSet] = true
		out, err := w.sso.ListAccountsForProvisionedPermissionSet(ctx(), &ssoadmin.ListAccountsForProvisionedPermissionSetInput{InstanceArn: w.arn, PermissionSetArn: aws.String(arns[r.PermissionSet])})
		if err != nil || !has(out.AccountIds, r.Account) {
			t.Fatalf("role of %s in %s is not listed: %v %v", r.PermissionSet, r.Account, out, err)
		}
	}
	groups := map[string]bool{}
	for _, g := range s.Groups {
		groups[g.ID] = true
	}
	for _, a := range s.Assignments {
		if !roles[a.Account+a.PermissionSet] {
			t.Fatalf("assignment without a role: %+v", a)
		}
		if a.Orphan == groups[a.PrincipalID] {
			t.Fatalf("orphan is wrong: %+v", a)
		}
		out, err := w.sso.ListAccountAssignmentsForPrincipal(ctx(), &ssoadmin.ListAccountAssignmentsForPrincipalInput{InstanceArn: w.arn, PrincipalId: &a.PrincipalID, PrincipalType: types.PrincipalTypeGroup, Filter: &types.ListAccountAssignmentsFilter{AccountId: &a.Account}})
		found := 0
		for _, x := range out.AccountAssignments {
			if *x.PermissionSetArn == arns[a.PermissionSet] {
				found++
			}
		}
		if err != nil || found != 1 {
			t.Fatalf("%+v is listed %d times for its principal, %v", a, found, err)
		}
	}
}

func has(list []string, x string) bool {
	for _, y := range list {
		if x == y {
			return true
		}
	}
	return false
}

// clientsFor is as clients, in a property.
func clientsFor(t *rapid.T, e *emulator.Emulator) *cloud {
	c := connect(t.Errorf, e, emulator.ManagementKey)
	out, err := c.sso.ListInstances(ctx(), nil)
	if err != nil {
		t.Fatal(err)
	}
	c.arn, c.store = out.Instances[0].InstanceArn, out.Instances[0].IdentityStoreId
	return c
}

// TestManyCallersAtOnce is for the race detector, and counts what they did.
func TestManyCallersAtOnce(t *testing.T) {
	c := start(t, emulator.Options{JobLatency: emulator.Latency{Min: time.Millisecond}, VisibilityDelay: time.Millisecond, DataDir: t.TempDir()})
	group := c.group(t, "AWS-Development-Team")
	var all sync.WaitGroup
	for caller := range 8 {
		all.Go(func() {
			for n := range 10 {
				out, err := c.sso.CreatePermissionSet(ctx(), &ssoadmin.CreatePermissionSetInput{InstanceArn: c.arn, Name: aws.String(fmt.Sprintf("c%dn%d", caller, n))})
				if err != nil {
					t.Error(err)
					continue
				}
				if _, err := c.assign(out.PermissionSet.PermissionSetArn, group, accounts[n%3]); err != nil {
					t.Error(err)
				}
				_ = c.list()
				c.scim(t, "GET", "Users?count=2", "", 200)
				_, _ = c.Stats(), c.State()
			}
		})
	}
	all.Wait()
	for c.Stats().Outstanding.Assignments > 0 {
		time.Sleep(time.Millisecond)
	}
	if got := len(c.State().Instances[0].Assignments); got != 80 {
		t.Errorf("assignments = %d, want 80", got)
	}
}
