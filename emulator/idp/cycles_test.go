package idp_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rolecall-dev/rolecall/emulator"
	"github.com/rolecall-dev/rolecall/emulator/idp"
)

// cycles runs a test in virtual time with the directory's own cycles going.
func cycles(t *testing.T, kind idp.Kind, test func(t *testing.T, a *aws, d *idp.Directory)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		a := newAWS(t)
		d := a.directory(kind)
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- d.Run(ctx) }()
		synctest.Wait()
		test(t, a, d)
		cancel()
		if err := <-done; err != context.Canceled {
			t.Errorf("Run ended with %v", err)
		}
	})
}

func TestEntraCycle(t *testing.T) {
	cycles(t, idp.Entra, func(t *testing.T, a *aws, d *idp.Directory) {
		ctx := t.Context()
		ann, bob, eve := addUser(t, d, "ann"), addUser(t, d, "bob"), addUser(t, d, "eve")
		inner := addGroup(t, d, "Inner", bob)
		outer := addGroup(t, d, "Outer", ann, inner)
		ok(t, d.Assign(ctx, idp.GroupPrincipal, outer))
		time.Sleep(39 * time.Minute)
		a.want("")
		time.Sleep(2 * time.Minute)
		a.want("ann Outer(ann)") // bob is in a nested group, eve in none
		if g := a.group("Outer"); g.ExternalID != outer {
			t.Errorf("external id %q, want %q", g.ExternalID, outer)
		}
		skipped := map[string][]string{}
		for _, e := range d.Log() {
			if e.Outcome == idp.Skipped {
				skipped[e.ObjectID] = append(e.Members, e.Reason)
			}
		}
		want := map[string][]string{
			bob: {"not assigned to the application"}, eve: {"not assigned to the application"},
			outer: {inner, "members of nested groups are not provisioned"},
		}
		if diff := cmp.Diff(want, skipped); diff != "" {
			t.Errorf("skipped: -want +got:\n%s", diff)
		}
		ok(t, d.AddMember(ctx, outer, bob))
		time.Sleep(40 * time.Minute)
		a.want("ann bob Outer(ann bob)")
		ok(t, d.Unassign(ctx, idp.GroupPrincipal, outer))
		time.Sleep(40 * time.Minute)
		a.want("-ann -bob")
		if f := failures(d); len(f) > 0 {
			t.Errorf("failures: %v", f)
		}
	})
}

func TestEntraDeletesAfterThirtyDays(t *testing.T) {
	cycles(t, idp.Entra, func(t *testing.T, a *aws, d *idp.Directory) {
		ctx := t.Context()
		ann, bob := addUser(t, d, "ann"), addUser(t, d, "bob")
		ok(t, d.Assign(ctx, idp.UserPrincipal, ann))
		ok(t, d.Assign(ctx, idp.UserPrincipal, bob))
		time.Sleep(time.Hour)
		ok(t, d.SuspendUser(ctx, ann))
		time.Sleep(time.Hour)
		a.want("-ann bob")
		ok(t, d.DeleteUser(ctx, ann))
		ok(t, d.DeleteUser(ctx, bob))
		time.Sleep(29 * 24 * time.Hour)
		a.want("-ann -bob")
		time.Sleep(2 * 24 * time.Hour)
		a.want("")
	})
}

func TestEntraMakesAgainWhatAWSLost(t *testing.T) {
	cycles(t, idp.Entra, func(t *testing.T, a *aws, d *idp.Directory) {
		ctx := t.Context()
		ann := addUser(t, d, "ann")
		g := addGroup(t, d, "Admins", ann)
		ok(t, d.Assign(ctx, idp.GroupPrincipal, g))
		time.Sleep(time.Hour)
		a.want("ann Admins(ann)")
		a.deleteUser("ann")
		a.deleteGroup("Admins")
		ok(t, d.UpdateUser(ctx, ann, func(u *idp.User) { u.Title = "Lead" }))
		ok(t, d.RenameGroup(ctx, g, "Administrators"))
		time.Sleep(2 * time.Hour)
		a.want("ann Administrators(ann)")
	})
}

func TestEntraTakesOverGroupsOfTheSameName(t *testing.T) {
	cycles(t, idp.Entra, func(t *testing.T, a *aws, d *idp.Directory) {
		a.behind("POST", "Groups", `{"displayName":"Admins"}`)
		g := addGroup(t, d, "Admins")
		ok(t, d.Assign(t.Context(), idp.GroupPrincipal, g))
		time.Sleep(time.Hour)
		if have := a.group("Admins"); have.ExternalID != g {
			t.Errorf("the group has the external id %q, want %q", have.ExternalID, g)
		}
	})
}

// TestEntraTakesOverGroupsOfAnother: a group of AWS whose removal or new name AWS
// has not seen yet, because the request failed, is taken over by the next group of
// its name, and what failed is not done to it later.
func TestEntraTakesOverGroupsOfAnother(t *testing.T) {
	for name, c := range map[string]struct {
		let  func(ctx context.Context, d *idp.Directory, old string) error
		want string
	}{
		"deleted": {func(ctx context.Context, d *idp.Directory, old string) error { return d.DeleteGroup(ctx, old) }, "Team()"},
		"renamed": {func(ctx context.Context, d *idp.Directory, old string) error {
			return d.RenameGroup(ctx, old, "Former")
		}, "Former() Team()"},
	} {
		t.Run(name, func(t *testing.T) {
			ctx := t.Context()
			a := newAWS(t)
			d := a.directory(idp.Entra)
			old := addGroup(t, d, "Team")
			ok(t, d.Assign(ctx, idp.GroupPrincipal, old))
			ok(t, d.SyncNow(ctx))
			ok(t, c.let(ctx, d, old))
			ok(t, d.Assign(ctx, idp.GroupPrincipal, addGroup(t, d, "Team")))
			d.Inject(idp.Fault{ObjectID: old, Times: 1, Status: 503})
			if err := d.SyncNow(ctx); err == nil {
				t.Error("nothing failed")
			}
			for range 2 { // the renamed group is made again
				ok(t, d.SyncNow(ctx))
			}
			a.want(c.want)
		})
	}
}

func TestQuarantine(t *testing.T) {
	cycles(t, idp.Entra, func(t *testing.T, a *aws, d *idp.Directory) {
		ann := addUser(t, d, "ann")
		ok(t, d.Assign(t.Context(), idp.UserPrincipal, ann))
		a.rotate()
		time.Sleep(41 * time.Minute)
		if j := d.Snapshot().Job; j.Status != idp.JobQuarantine || j.Error == "" {
			t.Errorf("job %+v", j)
		}
		before := len(d.Log())
		time.Sleep(7 * 24 * time.Hour)
		if n := len(d.Log()) - before; n < 6 || n > 14 {
			t.Errorf("%d tries in a week of quarantine, want about one a day", n)
		}
		time.Sleep(28 * 24 * time.Hour)
		if s := d.Snapshot().Job.Status; s != idp.JobDisabled {
			t.Fatalf("status %q after five weeks", s)
		}
		d.SetToken("rotated")
		time.Sleep(7 * 24 * time.Hour)
		a.want("")
		ok(t, d.SyncNow(t.Context()))
		a.want("ann")
		ok(t, d.SuspendUser(t.Context(), ann))
		time.Sleep(time.Hour)
		a.want("-ann")
	})
}

func TestGooglePushesUsersOnly(t *testing.T) {
	cycles(t, idp.Google, func(t *testing.T, a *aws, d *idp.Directory) {
		ctx := t.Context()
		unit := func(name, path string) string {
			u, err := d.CreateUser(ctx, idp.User{UserName: name, GivenName: "G", FamilyName: "F", OrgUnit: path})
			ok(t, err)
			return u.ID
		}
		ann, _, eve, zoe := unit("ann", "/Eng/Platform"), unit("bob", "/Sales"), unit("eve", "/Engine"), unit("zoe", "/Sales")
		inner := addGroup(t, d, "Inner", eve)
		outer := addGroup(t, d, "Outer", inner)
		ok(t, d.Assign(ctx, idp.OrgUnitPrincipal, "/Eng"))
		ok(t, d.Assign(ctx, idp.GroupPrincipal, outer))
		time.Sleep(5 * time.Hour)
		a.want("")
		time.Sleep(2 * time.Hour)
		a.want("ann eve")
		ok(t, d.UpdateUser(ctx, ann, func(u *idp.User) { u.OrgUnit = "/Sales" }))
		ok(t, d.UpdateUser(ctx, zoe, func(u *idp.User) { u.Status = idp.Archived }))
		ok(t, d.Assign(ctx, idp.OrgUnitPrincipal, "/"))
		time.Sleep(6 * time.Hour)
		a.want("ann bob eve")
		a.deleteUser("ann")
		ok(t, d.UpdateUser(ctx, ann, func(u *idp.User) { u.Title = "Lead" }))
		time.Sleep(24 * time.Hour)
		a.want("bob eve") // Google does not make her again
		if len(failures(d)) == 0 {
			t.Error("the log does not say so")
		}
	})
}

func TestPausedCycles(t *testing.T) {
	cycles(t, idp.Entra, func(t *testing.T, a *aws, d *idp.Directory) {
		ctx := t.Context()
		ok(t, d.Assign(ctx, idp.UserPrincipal, addUser(t, d, "ann")))
		d.Pause()
		time.Sleep(24 * time.Hour)
		a.want("")
		ok(t, d.SyncNow(ctx))
		a.want("ann")
		ok(t, d.Assign(ctx, idp.UserPrincipal, addUser(t, d, "bob")))
		ok(t, d.Resume(ctx))
		time.Sleep(time.Hour)
		a.want("ann bob")
	})
}

// TestConcurrentPushesTakeTurns has a slow AWS and several writers.
func TestConcurrentPushesTakeTurns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newAWS(t)
		a.fault(emulator.Fault{Operation: "scim.*", Kind: emulator.Slow, Delay: time.Second})
		d := a.directory(idp.Okta, all)
		done := make(chan struct{})
		for _, name := range []string{"ann", "bob", "eve"} {
			go func() {
				defer func() { done <- struct{}{} }()
				if _, err := d.CreateUser(t.Context(), idp.User{UserName: name, GivenName: "G", FamilyName: "F"}); err != nil {
					t.Error(err)
				}
			}()
		}
		for range 3 {
			<-done
		}
		if s := d.Snapshot(); len(s.Users) != 3 || len(failures(d)) > 0 {
			t.Errorf("%d users, failures %v", len(s.Users), failures(d))
		}
		for _, p := range d.Snapshot().Provisioned {
			if p.State != idp.Synchronized || !p.Active {
				t.Errorf("provisioned %+v", p)
			}
		}
	})
}

func TestCancelledPushIsKeptForLater(t *testing.T) {
	a := newAWS(t)
	d := a.directory(idp.Okta, all)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := d.CreateUser(ctx, idp.User{UserName: "ann", GivenName: "G", FamilyName: "F"}); err == nil {
		t.Error("a canceled push is no error")
	}
	addUser(t, d, "bob")
	a.want("ann bob")
}

func TestSameCallsSameIDs(t *testing.T) {
	var ids [2][]string
	for i := range ids {
		a := newAWS(t)
		for _, kind := range []idp.Kind{idp.Okta, idp.Entra, idp.Google} {
			d := a.directory(kind, func(o *idp.Options) { o.Seed = 7; o.Interval = time.Hour })
			ids[i] = append(ids[i], addUser(t, d, "ann"), addGroup(t, d, "g"))
		}
	}
	if diff := cmp.Diff(ids[0], ids[1]); diff != "" {
		t.Error(diff)
	}
}
