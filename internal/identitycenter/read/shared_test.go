package read

import (
	"fmt"
	"slices"
	"testing"

	"github.com/rolecall-dev/rolecall/emulator"
	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/identitycenter/centertest"
)

// What a group of the config has of a set that others are to have there, only the
// group can tell: the record names no pairs. A fast read asks it, whatever the config
// gives it itself.
func TestGroupOfTheConfigIsAsked(t *testing.T) {
	centertest.CleanEnvironment(t)
	for name, gives := range map[string]func(w *centertest.World, theirs, mover int32) bool{ // something of the set of the others?
		"it moves on the set": func(w *centertest.World, theirs, mover int32) bool {
			w.B.AddAssignment(access.Assignment{Set: theirs, Account: w.Rows[len(w.Rows)-1], Kind: access.GroupPrincipal, Principal: mover})
			return true
		},
		"it has a set of its own in one account": func(w *centertest.World, _, mover int32) bool {
			ownSet(w, mover)
			w.Assign("Own", emulator.EstateAssignment{Group: "Mover"}, w.Names[1])
			return false
		},
		"its set is nowhere yet": func(w *centertest.World, _, mover int32) bool { ownSet(w, mover); return false },
		"it gets nothing":        func(*centertest.World, int32, int32) bool { return false },
	} {
		for which, only := range map[string][]string{"everything": nil, "only the group": {"Mover"}} {
			t.Run(name+", "+which, func(t *testing.T) { groupIsAsked(t, gives, only) })
		}
	}
}

// ownSet gives the group, in one account, a set that nobody else has.
func ownSet(w *centertest.World, group int32) {
	set := w.B.AddSet(access.PermissionSet{Name: "Own", Tags: []access.Tag{{Key: access.OwnerTag, Value: "platform"}}})
	w.Estate.PermissionSets = append(w.Estate.PermissionSets, emulator.EstatePermissionSet{Name: "Own", ARN: psARN + "3", Tags: map[string]string{access.OwnerTag: "platform"}})
	w.B.AddAssignment(access.Assignment{Set: set, Account: w.Rows[1], Kind: access.GroupPrincipal, Principal: group})
}

const psARN = "arn:aws:sso:::permissionSet/ssoins-0123456789abcdef/ps-000000000000000"

func groupIsAsked(t *testing.T, gives func(w *centertest.World, theirs, mover int32) bool, only []string) {
	const accounts, mover, stayer = 150, "9067642ac7-00000000-0000-0000-0000-000000000001", "9067642ac7-00000000-0000-0000-0000-000000000002"
	w := centertest.NewWorld("platform", accounts+1)
	w.Estate.Instances = []emulator.EstateInstance{{ARN: "arn:aws:sso:::instance/ssoins-0123456789abcdef", IdentityStoreID: "d-9067642ac7"}}
	w.Estate.Groups = []emulator.EstateGroup{{ID: mover, DisplayName: "Mover", Source: emulator.FromSCIM}, {ID: stayer, DisplayName: "Stayer", Source: emulator.FromSCIM}}
	for i := range 300 { // so many that not everybody is asked
		w.Estate.Users = append(w.Estate.Users, emulator.EstateUser{UserName: fmt.Sprintf("user-%03d", i)})
	}
	moving, staying := w.B.AddGroup(access.Group{Name: "Mover", Referenced: true}), w.B.AddGroup(access.Group{Name: "Stayer", Referenced: true})
	kept := access.RecordedPrincipal{Kind: access.GroupPrincipal, Name: "Stayer", ID: stayer}
	moved := access.RecordedPrincipal{Kind: access.GroupPrincipal, Name: "Mover", ID: mover}
	for i, name := range []string{"Shared", "Other"} {
		set := w.B.AddSet(access.PermissionSet{Name: name, Tags: []access.Tag{{Key: access.OwnerTag, Value: "platform"}}})
		arn := psARN + fmt.Sprint(i+1)
		record, tags := access.Record{Principals: []access.RecordedPrincipal{kept}}, map[string]string{access.OwnerTag: "platform"}
		if name == "Shared" && gives(w, set, moving) {
			record.Principals = []access.RecordedPrincipal{moved, kept}
		}
		for i, a := range w.Rows[:accounts] {
			record.Accounts = append(record.Accounts, access.RecordedAccount{Name: w.Names[i], ID: w.Estate.Accounts[2+i].ID})
			w.B.AddAssignment(access.Assignment{Set: set, Account: a, Kind: access.GroupPrincipal, Principal: staying})
		}
		for _, tag := range record.Tags("platform", arn) {
			tags[tag.Key] = tag.Value
		}
		w.Estate.PermissionSets = append(w.Estate.PermissionSets, emulator.EstatePermissionSet{Name: name, ARN: arn, Tags: tags})
		w.Assign(name, emulator.EstateAssignment{Group: "Stayer"}, w.Names[:accounts]...)
		if name == "Shared" {
			w.Assign(name, emulator.EstateAssignment{Group: "Mover"}, w.Names[0])
		}
	}
	e := centertest.Start(t, emulator.Options{Estate: w.Estate})
	s := read(t, reader(t, e, emulator.ManagementKey), Options{Desired: w.B.State(), Owner: "platform", Only: only})
	if s.Observed.Complete {
		t.Error("the read is complete, so it shows nothing")
	}
	if !slices.Contains(grantLines(s), "grant Shared "+w.Estate.Accounts[2].ID+" GROUP Mover") {
		t.Errorf("what the group has was not seen (%s read)", s.Observed.Read)
	}
	if n := e.Stats().Calls["sso-admin.ListAccountAssignments"]; n > 1 { // the one of its own, which has no record
		t.Errorf("%d pairs were read", n)
	}
}
