package read

import (
	"fmt"
	"slices"
	"testing"

	"github.com/rolecall-dev/rolecall/emulator"
	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/identitycenter/centertest"
)

// A group moves on a shared set to an account where the set is not yet, while
// others keep it where the group was. Only the group can tell what it leaves: the
// record names no pairs. A fast read asks it.
func TestWhoMovesOnASharedSetIsAsked(t *testing.T) {
	centertest.CleanEnvironment(t)
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
	for name, principals := range map[string][]access.RecordedPrincipal{"Shared": {moved, kept}, "Other": {kept}} {
		set := w.B.AddSet(access.PermissionSet{Name: name, Tags: []access.Tag{{Key: access.OwnerTag, Value: "platform"}}})
		arn := "arn:aws:sso:::permissionSet/ssoins-0123456789abcdef/ps-000000000000000" + fmt.Sprint(len(principals))
		record, tags := access.Record{Principals: principals}, map[string]string{access.OwnerTag: "platform"}
		for i, a := range w.Rows[:accounts] {
			record.Accounts = append(record.Accounts, access.RecordedAccount{Name: w.Names[i], ID: w.Estate.Accounts[2+i].ID})
			w.B.AddGrant(access.Grant{Set: set, Account: a, Kind: access.GroupPrincipal, Principal: staying})
		}
		for _, tag := range record.Tags("platform", arn) {
			tags[tag.Key] = tag.Value
		}
		w.Estate.PermissionSets = append(w.Estate.PermissionSets, emulator.EstatePermissionSet{Name: name, ARN: arn, Tags: tags})
		w.Assign(name, emulator.EstateAssignment{Group: "Stayer"}, w.Names[:accounts]...)
		if name == "Shared" {
			w.Assign(name, emulator.EstateAssignment{Group: "Mover"}, w.Names[0])
			w.B.AddGrant(access.Grant{Set: set, Account: w.Rows[accounts], Kind: access.GroupPrincipal, Principal: moving})
		}
	}
	desired := w.B.State()
	e := centertest.Start(t, emulator.Options{Estate: w.Estate})
	for name, o := range map[string]Options{"everything": {}, "only the group": {Only: []string{"Mover"}}} {
		o.Desired, o.Owner = desired, "platform"
		s := read(t, reader(t, e, emulator.ManagementKey), o)
		if s.Observed.Complete {
			t.Errorf("%s: the read is complete, so it shows nothing", name)
		}
		if !slices.Contains(grantLines(s), "grant Shared "+w.Estate.Accounts[2].ID+" GROUP Mover") {
			t.Errorf("%s: what the group leaves was not seen (%s read)", name, s.Observed.Read)
		}
		if n := e.Stats().Calls["sso-admin.ListAccountAssignments"]; n > 0 {
			t.Errorf("%s: %d pairs were read", name, n)
		}
	}
}
