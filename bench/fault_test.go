package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/rolecall-dev/rolecall/emulator"
)

// sameButForIDs compares two instances by what people see of them.
func sameButForIDs(want, have emulator.StateInstance) string {
	for _, i := range []*emulator.StateInstance{&want, &have} {
		i.PermissionSets = slices.DeleteFunc(slices.Clone(i.PermissionSets), func(p emulator.StatePermissionSet) bool { return p.Name == "rolecall-lock-platform" })
	}
	but := cmpopts.IgnoreFields
	record := cmpopts.IgnoreMapEntries(func(key, _ string) bool {
		return key == "rolecall:record" || strings.HasPrefix(key, "rolecall:principals-")
	}) // have ARNs and ids in them
	return cmp.Diff(want, have, record, but(emulator.StateInstance{}, "ARN", "IdentityStoreID"), but(emulator.StateUser{}, "ID"), but(emulator.StateGroup{}, "ID"),
		but(emulator.StateMembership{}, "ID"), but(emulator.StatePermissionSet{}, "ARN"), but(emulator.StateAssignment{}, "PrincipalID"),
		but(emulator.StateRole{}, "Name", "ARN", "Suffix"))
}

// faults applies through a bad day of AWS.
func faults(m *meter) {
	sets, accounts := 10, m.size(100, 20)
	var calm emulator.StateInstance
	var undisturbed done
	for _, seed := range []uint64{0, 1, 2, 3} {
		c := newCloud(m.T, accounts, emulator.EstateContents{}, emulator.Options{Seed: seed})
		c.write(groups(sets, accounts))
		if seed == 0 {
			undisturbed, calm = c.apply(), c.instance()
			continue
		}
		if err := c.em.SetFaults(
			emulator.Fault{Kind: emulator.Throttle, Rate: 0.10}, emulator.Fault{Kind: emulator.Internal, Rate: 0.03}, emulator.Fault{Kind: emulator.Unavailable, Rate: 0.02},
			emulator.Fault{Kind: emulator.Conflict, Rate: 0.02}, emulator.Fault{Kind: emulator.Reset, Rate: 0.005}, emulator.Fault{Kind: emulator.LoseAnswer, Rate: 0.005},
		); err != nil {
			m.Fatal(err)
		}
		d := c.apply()
		c.em.ClearFaults()
		what := fmt.Sprintf("%s assignments through faults, seed %d", number(sets*accounts), seed)
		if diff := sameButForIDs(calm, c.instance()); diff != "" {
			m.Errorf("%s (-undisturbed +through faults):\n%s", what, diff)
		}
		m.within(what+": time", d.took, undisturbed.took, 1)
	}
}
