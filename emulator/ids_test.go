package emulator_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rolecall-dev/rolecall/emulator"
)

// idsOf returns every id that an estate leaves open, by what has it.
func idsOf(e *emulator.Emulator) map[string]string {
	i := e.State().Instances[0]
	ids := map[string]string{"instance": i.ARN, "identity store": i.IdentityStoreID, "SCIM path": e.SCIM().Path, "SCIM token": e.SCIM().Token}
	for _, u := range i.Users {
		ids["user "+u.UserName] = u.ID
	}
	for _, g := range i.Groups {
		ids["group "+g.DisplayName] = g.ID
	}
	for _, p := range i.PermissionSets {
		ids["set "+p.Name] = p.ARN
	}
	for _, r := range i.Roles {
		ids["role "+r.PermissionSet+r.Account] = r.ARN
	}
	return ids
}

// TestIDsAreNewAtEachStart, so that nobody takes an earlier start's for true: a
// reset keeps them, as do the seed and the journal; what the estate fixes stays.
func TestIDsAreNewAtEachStart(t *testing.T) {
	estate := emulator.DefaultEstate()
	estate.PermissionSets = []emulator.EstatePermissionSet{{Name: "S"}}
	estate.Assignments = []emulator.EstateAssignment{{PermissionSet: "S", Accounts: []string{"staging"}, Group: "AWS-Development-Team"}}
	first, second := start(t, emulator.Options{Estate: estate}), start(t, emulator.Options{Estate: estate})
	one, two := idsOf(first.Emulator), idsOf(second.Emulator)
	if len(one) != 4+4+3+1+1 {
		t.Fatalf("%d ids: %v", len(one), one)
	}
	taken := slices.Collect(maps.Values(one))
	for what, id := range two {
		if slices.Contains(taken, id) {
			t.Errorf("%s of the second start has an id of the first, %s", what, id)
		}
	}
	if diff := cmp.Diff(first.State().Accounts, second.State().Accounts); diff != "" {
		t.Errorf("the accounts differ:\n%s", diff)
	}
	if err := first.Reset(); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(one, idsOf(first.Emulator)); diff != "" {
		t.Errorf("a reset changes ids:\n%s", diff)
	}
	pinned := idsOf(start(t, emulator.Options{Estate: estate, Seed: 7}).Emulator)
	if diff := cmp.Diff(pinned, idsOf(start(t, emulator.Options{Estate: estate, Seed: 7}).Emulator)); diff != "" {
		t.Errorf("the seed does not pin ids:\n%s", diff)
	}
	dir := t.TempDir()
	kept := start(t, emulator.Options{Estate: estate, DataDir: dir})
	want := idsOf(kept.Emulator)
	kept.leave(t)
	if diff := cmp.Diff(want, idsOf(start(t, emulator.Options{DataDir: dir}).Emulator)); diff != "" {
		t.Errorf("the journal does not keep ids:\n%s", diff)
	}
}

// TestFilesAreReadStrictly: what nobody would read is refused, with its name.
func TestFilesAreReadStrictly(t *testing.T) {
	for text, want := range map[string]string{
		`[{"kind":"throttle"}]`:                                      "",
		`{"kind":"throttle","operation":"scim.*"}`:                   "",
		`{"kind":"fail-job","operation":"sso-admin.*"}`:              "",
		`{"kind":"conflict","operation":"organizations.*"}`:          "",
		`{"kind":"slow","operation":"*.Unknown","delay":"1s"}`:       "",
		`{"kind":"throttle","operaton":"iam.*"}`:                     `"operaton"`,
		`[{"kind":"throttle"},{"kind":"throttle","ratio":1}]`:        `"ratio"`,
		`{"kind":"thottle"}`:                                         `"thottle"`,
		`{"kind":"throttle","operation":"CreateAccountAssignment"}`:  `unknown operation "CreateAccountAssignment"`,
		`{"kind":"throttle","operation":"sso-admin.createinstance"}`: `unknown operation "sso-admin.createinstance"`,
		`{"kind":"throttle","operation":"sso.CreateInstance"}`:       `unknown operation`,
		`{"kind":"throttle","operation":"[z-a]"}`:                    `"[z-a]"`,
		`{"kind":"fail-job","operation":"sso-admin.ListInstances"}`:  `cannot strike`,
		`{"kind":"conflict","operation":"identitystore.ListUsers"}`:  `cannot strike`,
		`{"kind":"throttle"} {"kind":"throttle"}`:                    "more than one",
		`{"kind":"throttle"}]`:                                       "more than one",
		``:                                                           "EOF",
	} {
		_, err := emulator.ReadFaults(strings.NewReader(text))
		if (want == "") != (err == nil) || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("faults %s: %v, want %q", text, err, want)
		}
		c := start(t, emulator.Options{})
		if err := c.SetFaults(emulator.Fault{Kind: "throttle", Operation: "nothing"}); err == nil {
			t.Error("a fault of an unknown operation was set")
		}
	}
	for text, want := range map[string]string{
		`{}`:                                "",
		`{"acounts":[]}`:                    `"acounts"`,
		`{"users":[{"username":"x"}]}`:      `"username"`,
		`{"instances":[{"scim":{"of":1}}]}`: `"of"`,
		`{} {}`:                             "more than one",
		`{}]`:                               "more than one",
		`{"quotas":{"user":1}}`:             `"user"`,
	} {
		_, err := emulator.ReadEstate(strings.NewReader(text))
		if (want == "") != (err == nil) || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("estate %s: %v, want %q", text, err, want)
		}
	}
}
