package idp_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rolecall-dev/rolecall/emulator"
	"github.com/rolecall-dev/rolecall/emulator/idp"
)

func all(o *idp.Options) { o.SyncAll = true }

func TestOktaPushesOnChange(t *testing.T) {
	a := newAWS(t)
	d := a.directory(idp.Okta, all)
	ctx := t.Context()
	ann, bob := addUser(t, d, "ann"), addUser(t, d, "bob")
	admins := addGroup(t, d, "Admins", ann, bob)
	a.want("ann bob Admins(ann bob)")
	if g := a.group("Admins"); g.ExternalID != "" {
		t.Errorf("Okta sent the external id %q with a group", g.ExternalID)
	}
	if u := a.user("ann"); u.ExternalID != ann {
		t.Errorf("external id %q, want %q", u.ExternalID, ann)
	}
	before := a.group("Admins").ID
	ok(t, d.RenameGroup(ctx, admins, "Administrators of AWS"))
	a.want("ann bob Administrators of AWS(ann bob)")
	if after := a.group("Administrators of AWS").ID; after != before {
		t.Error("a rename changed the group's id in AWS")
	}
	ok(t, d.RemoveMember(ctx, admins, bob))
	a.want("ann bob Administrators of AWS(ann)")
	ok(t, d.UpdateUser(ctx, ann, func(u *idp.User) { u.UserName, u.Title = "ann@new", "Lead" }))
	a.want("ann@new bob Administrators of AWS(ann@new)")
	ok(t, d.DeleteGroup(ctx, admins))
	a.want("ann@new bob")
	ok(t, d.SuspendUser(ctx, bob))
	a.want("ann@new -bob")
	ok(t, d.ActivateUser(ctx, bob))
	ok(t, d.DeleteUser(ctx, ann))
	a.want("-ann@new bob")
	if f := failures(d); len(f) > 0 {
		t.Errorf("failures: %v", f)
	}
}

func TestOktaSendsNothingWithoutNeed(t *testing.T) {
	a := newAWS(t)
	d := a.directory(idp.Okta, all)
	ann := addUser(t, d, "ann")
	addGroup(t, d, "Admins", ann)
	n := a.calls()
	ok(t, d.SyncNow(t.Context()))
	if sent := a.calls() - n; sent > 0 {
		t.Errorf("a sync without changes sent %d requests", sent)
	}
}

func TestRecreatedGroupHasAnotherID(t *testing.T) {
	a := newAWS(t)
	d := a.directory(idp.Okta, all)
	ann := addUser(t, d, "ann")
	old := addGroup(t, d, "Admins", ann)
	inAWS := a.group("Admins").ID
	made, err := d.RecreateGroup(t.Context(), old)
	ok(t, err)
	a.want("ann Admins(ann)")
	if made.ID == old || a.group("Admins").ID == inAWS {
		t.Error("the group kept an id")
	}
}

// TestOktaScope has assignment and push groups apart, as Okta wants it.
func TestOktaScope(t *testing.T) {
	a := newAWS(t)
	d := a.directory(idp.Okta)
	ctx := t.Context()
	ann, bob := addUser(t, d, "ann"), addUser(t, d, "bob")
	assign, push := addGroup(t, d, "aws-users", ann), addGroup(t, d, "Admins", ann, bob)
	a.want("")
	ok(t, d.Assign(ctx, idp.GroupPrincipal, assign))
	ok(t, d.PushGroup(ctx, push, false))
	a.want("ann Admins(ann)")
	log := d.Log()
	last := log[len(log)-1]
	if last.Outcome != idp.Skipped || !cmp.Equal(last.Members, []string{bob}) {
		t.Errorf("the log does not say that bob was left out: %+v", last)
	}
	ok(t, d.AddMember(ctx, assign, bob))
	a.want("ann bob Admins(ann)") // until the group is pushed again
	ok(t, d.SyncNow(ctx))
	a.want("ann bob Admins(ann bob)")
	ok(t, d.RemoveMember(ctx, assign, ann))
	a.want("-ann bob Admins(ann bob)") // disabled, not deleted; the push group was not touched
	ok(t, d.UnpushGroup(ctx, push, true))
	a.want("-ann bob Admins(ann bob)")
	ok(t, d.PushGroup(ctx, push, false))
	if f := failures(d); len(f) != 1 || !strings.Contains(f[0], "same name exists") {
		t.Errorf("failures %v, want one about the name", f)
	}
	ok(t, d.PushGroup(ctx, push, true))
	a.want("-ann bob Admins(ann bob)")
	ok(t, d.UnpushGroup(ctx, push, false))
	a.want("-ann bob")
}

func TestLinkGroups(t *testing.T) {
	a := newAWS(t)
	a.behind("POST", "Groups", `{"displayName":"Admins"}`)
	d := a.directory(idp.Okta, all, func(o *idp.Options) { o.LinkGroups = true })
	addGroup(t, d, "Admins", addUser(t, d, "ann"))
	a.want("ann Admins(ann)")
}

func TestFind(t *testing.T) {
	d := newAWS(t).directory(idp.Entra)
	ctx := t.Context()
	ann, g := addUser(t, d, "ann"), addGroup(t, d, "Admins")
	ok(t, d.RenameGroup(ctx, g, "Heads"))
	ok(t, d.UpdateUser(ctx, ann, func(u *idp.User) { u.UserName = "anna" }))
	if u, found := d.FindUser("ANNA"); !found || u.ID != ann {
		t.Errorf("found %+v, %v", u, found)
	}
	if found, has := d.FindGroup("heads"); !has || found.ID != g {
		t.Errorf("found %+v, %v", found, has)
	}
	ok(t, d.DeleteUser(ctx, ann))
	ok(t, d.DeleteGroup(ctx, g))
	_, user := d.FindUser("anna")
	_, old := d.FindUser("ann")
	_, group := d.FindGroup("Heads")
	if user || old || group {
		t.Error("what is gone was found")
	}
}

// TestOktaSameGroupForBoth loses the members that are new to AWS.
func TestOktaSameGroupForBoth(t *testing.T) {
	a := newAWS(t)
	d := a.directory(idp.Okta)
	ctx := t.Context()
	ann := addUser(t, d, "ann")
	g := addGroup(t, d, "Admins")
	ok(t, d.Assign(ctx, idp.GroupPrincipal, g))
	ok(t, d.PushGroup(ctx, g, false))
	ok(t, d.AddMember(ctx, g, ann))
	a.want("ann Admins()")
	ok(t, d.SyncNow(ctx))
	a.want("ann Admins(ann)")
	_, err := d.RecreateGroup(ctx, g)
	ok(t, err)
	a.want("ann Admins(ann)")
}

func TestOktaGroupDeletedInAWS(t *testing.T) {
	a := newAWS(t)
	d := a.directory(idp.Okta, all)
	ctx := t.Context()
	ann, bob := addUser(t, d, "ann"), addUser(t, d, "bob")
	g := addGroup(t, d, "Admins", ann)
	a.deleteGroup("Admins")
	ok(t, d.AddMember(ctx, g, bob))
	a.want("ann bob")
	m := d.Snapshot().Mappings[0]
	if m.State != idp.Failed || !strings.Contains(m.Error, "Linked group is missing in AWS IAM Identity Center") {
		t.Errorf("mapping %+v", m)
	}
	ok(t, d.UnpushGroup(ctx, g, true))
	ok(t, d.SyncNow(ctx))
	a.want("ann bob Admins(ann bob)")
}

func TestOktaUserDeletedInAWS(t *testing.T) {
	a := newAWS(t)
	d := a.directory(idp.Okta, all)
	ctx := t.Context()
	ann := addUser(t, d, "ann")
	a.deleteUser("ann")
	ok(t, d.UpdateUser(ctx, ann, func(u *idp.User) { u.Title = "x" }))
	a.want("")
	if p := d.Snapshot().Provisioned[0]; p.State != idp.Failed || p.Error != "No user returned for user ann" {
		t.Errorf("provisioned %+v", p)
	}
}

func TestExpiredTokenNeedsAnAdministrator(t *testing.T) {
	a := newAWS(t)
	d := a.directory(idp.Okta, all)
	ctx := t.Context()
	a.rotate()
	addUser(t, d, "ann")
	if f := failures(d); len(f) != 1 || !strings.Contains(f[0], "create ann: Authorization header is invalid") {
		t.Fatalf("failures: %q", f)
	}
	if e := d.Log()[0]; e.Status != 401 || e.Retried {
		t.Errorf("event %+v", e)
	}
	if text := fmt.Sprintf("%+v", d.Snapshot()); strings.Contains(text, token) {
		t.Error("the snapshot shows the token")
	}
	d.SetToken("rotated")
	addGroup(t, d, "Admins")
	a.want("Admins()") // ann waits
	ok(t, d.SyncNow(ctx))
	a.want("ann Admins()")
}

func TestFailuresThatPassAreTriedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newAWS(t)
		d := a.directory(idp.Okta, all)
		go func() { _ = d.Run(t.Context()) }()
		synctest.Wait()
		a.fault(emulator.Fault{Operation: "scim.*", Kind: emulator.Unavailable, Times: 1})
		addUser(t, d, "ann")
		a.want("")
		time.Sleep(11 * time.Minute)
		a.want("ann")
	})
}

// TestLostAnswer makes no second user where the answer to the first create was lost.
func TestLostAnswer(t *testing.T) {
	a := newAWS(t)
	d := a.directory(idp.Okta, all)
	a.fault(emulator.Fault{Operation: "scim.CreateUser", Kind: emulator.LoseAnswer, Times: 1})
	addUser(t, d, "ann")
	ok(t, d.SyncNow(t.Context()))
	a.want("ann")
	log := d.Log()
	if log[0].Outcome != idp.Failure || log[1].Action != idp.Match {
		t.Errorf("log %+v", log)
	}
}

func TestInjectedFault(t *testing.T) {
	a := newAWS(t)
	d := a.directory(idp.Okta, all)
	d.Inject(idp.Fault{Times: 1, Status: 500, Detail: "out of order"})
	ann := addUser(t, d, "ann")
	if f := failures(d); !cmp.Equal(f, []string{"create ann: out of order"}) || a.calls() != 0 {
		t.Errorf("failures %q, %d calls", f, a.calls())
	}
	d.Inject(idp.Fault{ObjectID: "another", Times: 1, Status: 500})
	err := d.SyncNow(t.Context())
	ok(t, err)
	d.Inject(idp.Fault{ObjectID: ann, Times: 1, Status: 400, Detail: "no"})
	ok(t, d.SuspendUser(t.Context(), ann))
	var refusal *idp.PushError
	if err := d.SyncNow(t.Context()); err != nil || errors.As(err, &refusal) {
		t.Errorf("the fault was for one request, yet: %v", err)
	}
	a.want("-ann")
}

func TestPause(t *testing.T) {
	a := newAWS(t)
	d := a.directory(idp.Okta, all)
	d.Pause()
	addUser(t, d, "ann")
	a.want("")
	if s := d.Snapshot().Job.Status; s != idp.JobPaused {
		t.Errorf("status %q", s)
	}
	ok(t, d.Resume(t.Context()))
	a.want("ann")
}

func TestHundredMembersARequest(t *testing.T) {
	a := newAWS(t)
	d := a.directory(idp.Okta, all)
	d.Pause()
	var members []string
	for i := range 250 {
		members = append(members, addUser(t, d, fmt.Sprintf("u%03d", i)))
	}
	addGroup(t, d, "Everybody", members...)
	ok(t, d.SyncNow(t.Context()))
	if n := len(a.State().Instances[0].Memberships); n != 250 {
		t.Errorf("%d members in AWS", n)
	}
	if n := a.Stats().Calls["scim.PatchGroup"]; n != 3 {
		t.Errorf("%d requests for 250 members", n)
	}
}

func TestIncompleteUserIsRefused(t *testing.T) {
	a := newAWS(t)
	d := a.directory(idp.Okta, all)
	_, err := d.CreateUser(t.Context(), idp.User{UserName: "ann", GivenName: "Ann"})
	ok(t, err)
	if f := failures(d); len(f) != 1 || !strings.Contains(f[0], "violates schema") {
		t.Errorf("failures: %q", f)
	}
}

func TestDirectoryRefuses(t *testing.T) {
	a := newAWS(t)
	d := a.directory(idp.Okta)
	ctx := t.Context()
	ann := addUser(t, d, "ann")
	g, h := addGroup(t, d, "G"), addGroup(t, d, "H")
	for name, err := range map[string]error{
		"unknown user":         d.SuspendUser(ctx, "none"),
		"unknown group":        d.RenameGroup(ctx, "none", "x"),
		"taken group name":     d.RenameGroup(ctx, g, "h"),
		"nested group in Okta": d.AddMember(ctx, g, h),
		"unknown member":       d.AddMember(ctx, g, "none"),
		"org unit in Okta":     d.Assign(ctx, idp.OrgUnitPrincipal, "/x"),
		"not assigned":         d.Unassign(ctx, idp.UserPrincipal, ann),
	} {
		if err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	if _, err := d.CreateUser(ctx, idp.User{UserName: "ANN"}); err == nil {
		t.Error("two users of one name")
	}
	if err := d.SuspendUser(ctx, "none"); !errors.Is(err, idp.ErrNotFound) {
		t.Errorf("%v is not ErrNotFound", err)
	}
	for _, o := range []idp.Options{{Kind: "ldap", Endpoint: "https://a/b"}, {Kind: idp.Okta, Endpoint: "nonsense"}} {
		if _, err := idp.New(o); err == nil {
			t.Errorf("New(%+v) works", o)
		}
	}
}
