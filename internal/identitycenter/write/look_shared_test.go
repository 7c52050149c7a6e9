package write

import (
	"context"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rolecall-dev/rolecall/emulator"
	"github.com/rolecall-dev/rolecall/internal/apply"
	"github.com/rolecall-dev/rolecall/internal/identitycenter"
	"github.com/rolecall-dev/rolecall/internal/identitycenter/centertest"
	"github.com/rolecall-dev/rolecall/internal/identitycenter/read"
	"github.com/rolecall-dev/rolecall/internal/plan"
	"github.com/rolecall-dev/rolecall/internal/quota"
)

// Many writes share a look.
func TestLooksAreShared(t *testing.T) {
	centertest.CleanEnvironment(t)
	synctest.Test(t, func(t *testing.T) {
		w := centertest.NewWorld("platform", 60)
		w.Group("Developers", 0)
		e := centertest.Start(t, emulator.Options{Estate: w.Estate, JobLatency: emulator.Latency{Min: 3 * time.Second, Max: 3 * time.Second}})
		c := centertest.Client(t, e, emulator.ManagementKey)
		live := reads(t, c, read.Options{Desired: w.B.State(), Owner: "platform"})
		var changes []plan.Change
		for _, a := range w.Estate.Accounts[2:] {
			changes = append(changes, withRefs(t, New(c, Options{}), plan.Change{ID: plan.ID(a.ID), Kind: plan.Assignment, Action: plan.Create,
				Key: plan.Key{PermissionSet: "Developers", Group: "Developers", Account: a.ID, AccountName: a.Name}}))
		}
		before := e.Stats().Calls
		result, err := apply.New(New(c, Options{Owner: "platform", Live: &live, Changes: changes}), apply.Options{}).Run(t.Context(), changes)
		if err != nil || !result.Complete() {
			t.Fatalf("%v %+v", err, result.Failed)
		}
		got := map[string]int{}
		for name, n := range e.Stats().Calls {
			got[name] = n - before[name]
		}
		for name, want := range map[string]int{"sso-admin.DescribePermissionSet": 1, "sso-admin.ListTagsForResource": 1, "sso-admin.ListManagedPoliciesInPermissionSet": 1,
			"sso-admin.GetInlinePolicyForPermissionSet": 1, "identitystore.DescribeGroup": 1, "organizations.ListAccounts": 4, "organizations.DescribeAccount": 0} {
			if got[name] != want {
				t.Errorf("%s: %d calls for 60 assignments in 18 s, want %d", name, got[name], want)
			}
		}
	})
}

// A write that waited for the quota for so long that its look no longer counts is
// not sent: it looks again first.
func TestOldLookIsNotEnough(t *testing.T) {
	centertest.CleanEnvironment(t)
	synctest.Test(t, func(t *testing.T) {
		e := centertest.Start(t, emulator.Options{Estate: centertest.NewWorld("platform", 1).Estate})
		c := centertest.Client(t, e, emulator.ManagementKey)
		err := c.DeleteGroup(lookedAt(t.Context(), time.Now().Add(-61*time.Second)), "906722b2f3-aaaaaaaa-1111-2222-3333-444444444444")
		if err == nil || e.Stats().Calls["identitystore.DeleteGroup"] != 0 {
			t.Errorf("%v, %d calls", err, e.Stats().Calls["identitystore.DeleteGroup"])
		}
		tries := 0
		err = New(c, Options{Owner: "platform"}).afterLook(t.Context(), func() error {
			if tries++; tries < 3 {
				return err
			}
			return nil
		})
		if err != nil || tries != 3 {
			t.Errorf("%v after %d tries", err, tries)
		}
	})
}

// With a quota that is nearly used up the write goes out at most a minute after
// its look all the same.
func TestWriteWithinAMinuteOfItsLook(t *testing.T) {
	centertest.CleanEnvironment(t)
	synctest.Test(t, func(t *testing.T) {
		w := centertest.NewWorld("platform", 3)
		w.Group("Developers", 0)
		e := centertest.Start(t, emulator.Options{Estate: w.Estate})
		o := centertest.OptionsFor(e.Transport(), emulator.ManagementKey)
		o.Quota = quota.New(map[string]quota.Limit{identitycenter.SSOAdmin: {TPS: 0.2}, identitycenter.IdentityStore: {TPS: 100}, identitycenter.Organizations: {TPS: 100}, identitycenter.STS: {TPS: 100}})
		c := centertest.Connect(t, o)
		plain := New(centertest.Client(t, e, emulator.ManagementKey), Options{})
		key := plan.Key{PermissionSet: "Developers", Group: "Developers", Account: "200000000000", AccountName: "account-000"}
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
		defer cancel()
		_, err := New(c, Options{Owner: "platform"}).Start(ctx, withRefs(t, plain, plan.Change{Kind: plan.Assignment, Action: plan.Create, Key: key}))
		var looked, wrote time.Time
		for _, call := range e.Calls() {
			switch call.Operation {
			case "DescribePermissionSet":
				looked = call.Time
			case "CreateAccountAssignment":
				wrote = call.Time
			}
		}
		if err != nil || wrote.IsZero() || wrote.Sub(looked) > LookLimit {
			t.Errorf("%v: the write went out %s after the look", err, wrote.Sub(looked))
		}
	})
}

// Where the plan is about more groups and users than their lists have pages, the
// lists are read; where a list turns out to be long, each is looked at alone.
func TestListsOrSingleLooks(t *testing.T) {
	centertest.CleanEnvironment(t)
	for _, test := range []struct {
		name                 string
		others               int
		lists, groups, users int
	}{{"short list", 0, 2, 0, 0}, {"long list", 500, 2 + 2*2, 3, 3}} {
		w := centertest.NewWorld("platform", 1)
		for _, name := range []string{"a", "b", "c"} {
			w.Group(name, 0)
			w.Estate.Users = append(w.Estate.Users, emulator.EstateUser{UserName: name})
		}
		for i := range test.others {
			name := "other-" + strconv.Itoa(i)
			w.Estate.Groups = append(w.Estate.Groups, emulator.EstateGroup{DisplayName: name})
			w.Estate.Users = append(w.Estate.Users, emulator.EstateUser{UserName: name})
		}
		e := centertest.Start(t, emulator.Options{Estate: w.Estate})
		c := centertest.Client(t, e, emulator.ManagementKey)
		var changes []plan.Change
		for _, group := range []string{"a", "b", "c"} {
			for _, user := range []string{"a", "b", "c"} {
				changes = append(changes, withRefs(t, New(c, Options{}), plan.Change{ID: plan.ID(group + user), Kind: plan.Membership, Action: plan.Create, Key: plan.Key{Group: group, User: user}}))
			}
		}
		before := e.Stats().Calls
		result, err := apply.New(New(c, Options{Owner: "platform", Changes: changes}), apply.Options{}).Run(t.Context(), changes)
		if err != nil || !result.Complete() {
			t.Fatalf("%v %+v", err, result.Failed)
		}
		made := func(operation string) int {
			return e.Stats().Calls["identitystore."+operation] - before["identitystore."+operation]
		}
		if lists, groups, users := made("ListGroups")+made("ListUsers"), made("DescribeGroup"), made("DescribeUser"); lists != test.lists || groups > test.groups || users > test.users {
			t.Errorf("%s: %d pages, %d groups, %d users, want %d, %d, %d", test.name, lists, groups, users, test.lists, test.groups, test.users)
		}
	}
}
