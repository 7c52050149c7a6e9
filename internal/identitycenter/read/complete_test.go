package read

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rolecall-dev/rolecall/emulator"
	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/identitycenter"
	"github.com/rolecall-dev/rolecall/internal/identitycenter/centertest"
)

// failer is what a test and a property have in common.
type failer interface {
	Helper()
	Fatal(args ...any)
}

// tag writes tags on a set by hand.
func tag(t failer, c *Reader, arn string, tags []access.Tag) {
	t.Helper()
	if err := c.c.TagResource(centertest.ContextOf(t), arn, tags); err != nil {
		t.Fatal(err)
	}
}

// arnsOf returns the ARNs of the sets, by name.
func arnsOf(e *emulator.Emulator) map[string]string {
	out := map[string]string{}
	for _, p := range e.State().Instances[0].PermissionSets {
		out[p.Name] = p.ARN
	}
	return out
}

// recordOf returns the record that an apply of the desired set leaves, by what
// the emulator says of names.
func recordOf(e *emulator.Emulator, desired *access.State, set int) access.Record {
	s := e.State()
	id := func(kind access.PrincipalKind, i int32) string {
		if kind == access.UserPrincipal {
			return ""
		}
		for _, g := range s.Instances[0].Groups {
			if g.DisplayName == desired.Groups[i].Name {
				return g.ID
			}
		}
		return "gone"
	}
	return desired.RecordOf(set, id, func(i int32) string {
		for _, a := range s.Accounts {
			if a.Name == desired.Accounts[i].Name {
				return a.ID
			}
		}
		return ""
	})
}

// writeRecords writes the records that fit onto all sets of the desired state.
func writeRecords(t failer, e *emulator.Emulator, c *Reader, desired *access.State) {
	t.Helper()
	arns := arnsOf(e)
	for i, p := range desired.Sets {
		tag(t, c, arns[p.Name], recordOf(e, desired, i).Tags("platform", arns[p.Name]))
	}
}

// rememberedSets is a cache in memory.
type rememberedSets map[string]identitycenter.CachedSet

func (m rememberedSets) Load(string) (map[string]identitycenter.CachedSet, error) {
	return maps.Clone(m), nil
}
func (rememberedSets) Refused() error { return nil }

func (m rememberedSets) Save(_ string, sets map[string]identitycenter.CachedSet) error {
	clear(m)
	maps.Copy(m, sets)
	return nil
}

// Where looking at everything is too dear, the read is as fast as it can be,
// says so, and has not spent much on finding out.
func TestAllIsTooDear(t *testing.T) {
	w := centertest.NewWorld("platform", 90)
	for i := range 8 {
		w.Group(fmt.Sprintf("group-%d", i), 90)
	}
	for i := range 1000 {
		w.Estate.Users = append(w.Estate.Users, emulator.EstateUser{UserName: fmt.Sprintf("user-%d", i)})
	}
	w.Assign("group-0", emulator.EstateAssignment{User: "user-3"}, "account-001")
	desired := w.B.State()
	e := centertest.Start(t, emulator.Options{Estate: w.Estate})
	c := reader(t, e, emulator.ManagementKey)
	writeRecords(t, e, c, &desired)
	before := e.Stats().Total
	s := read(t, c, Options{Desired: desired, Owner: "platform"})
	if made := e.Stats().Total - before; made > 1+5+1+8+8*8+8+3 {
		t.Errorf("%d calls; want the lists of sets, accounts and groups, the members and assignments of 8 groups, what is on 8 sets, and no more than 3 pages of users", made)
	}
	if o := s.Observed; o.Read != "fast" || o.Complete || len(o.SetPrincipals) > 0 || len(o.CannotSee) != 1 {
		t.Errorf("observed %+v, want a fast read that says what it did not look at", o)
	}
	// One set changes: of that one everybody is seen.
	desired.Sets[0].ManagedPolicies = []string{"arn:aws:iam::aws:policy/ReadOnlyAccess"}
	s = read(t, c, Options{Desired: desired, Owner: "platform"})
	if !slices.Contains(grantLines(s), "grant group-0 200000000001 USER user-3") || len(s.Observed.SetPrincipals) != 1 || s.Observed.Complete {
		t.Errorf("observed %+v; want all who have the set that changes", s.Observed)
	}
}

// sharing wants so many groups with a set each in 90 accounts, the first of
// which group A has, too, in the first of them.
func sharing(groups, first int) access.State {
	w := centertest.NewWorld("platform", 90)
	for i := range groups {
		w.WantGroup(fmt.Sprintf("group-%d", i), 90)
	}
	if first > 0 {
		a := w.B.AddGroup(access.Group{Name: "A", Referenced: true, SCIM: true})
		for _, account := range w.Rows[:first] {
			w.B.AddAssignment(access.Assignment{Set: 0, Account: account, Kind: access.GroupPrincipal, Principal: a})
		}
	}
	return w.B.State()
}

// What a config no longer gives on a set that others keep is seen, whether the
// config still names the group or not: cases 34 and 37.
func TestLeavingASharedSet(t *testing.T) {
	for _, key := range []string{emulator.ManagementKey, centertest.DelegatedKey} {
		for _, named := range []bool{true, false} {
			w := centertest.NewWorld("platform", 90)
			for i := range 1000 { // too many to be asked
				w.Estate.Users = append(w.Estate.Users, emulator.EstateUser{UserName: fmt.Sprintf("user-%d", i)})
			}
			for i := range 6 {
				w.Group(fmt.Sprintf("group-%d", i), 90)
			}
			w.Estate.Groups = append(w.Estate.Groups, emulator.EstateGroup{DisplayName: "A", Source: emulator.FromSCIM})
			w.Assign("group-0", emulator.EstateAssignment{Group: "A"}, w.Names...)
			before := sharing(6, 90)
			after := sharing(6, 0)
			if named {
				after = sharing(6, 1)
			}
			e := centertest.Start(t, emulator.Options{Estate: w.Estate})
			writeRecords(t, e, reader(t, e, emulator.ManagementKey), &before)
			s := read(t, reader(t, e, key), Options{Desired: after, Owner: "platform"})
			n := 0
			for _, line := range grantLines(s) {
				if strings.HasPrefix(line, "grant group-0 ") && strings.HasSuffix(line, " GROUP A") {
					n++
				}
			}
			if n != 90 {
				t.Errorf("%s, named %t: %d of 90 grants were seen", key, named, n)
			}
		}
	}
}

// What is taken over is read whole: a set of the config that is nobody's with
// every assignment, a group with its members and all that it has.
func TestReadAdopted(t *testing.T) {
	w := centertest.NewWorld("platform", 3)
	w.Group("Team", 3)
	w.Estate.Users = []emulator.EstateUser{{UserName: "jane"}}
	w.Estate.Groups[0].Description, w.Estate.Groups[0].Members = "by hand", []string{"jane"}
	w.Estate.PermissionSets[0].Tags = nil
	w.Estate.PermissionSets = append(w.Estate.PermissionSets, emulator.EstatePermissionSet{Name: "Named"}, emulator.EstatePermissionSet{Name: "Else"})
	w.B.AddSet(access.PermissionSet{Name: "Named"})
	w.Assign("Team", emulator.EstateAssignment{User: "jane"}, "account-002")
	w.Assign("Team", emulator.EstateAssignment{PrincipalType: "GROUP", PrincipalID: goneGroup}, "account-001")
	w.Assign("Named", emulator.EstateAssignment{Group: "Team"}, "account-001")
	w.Assign("Else", emulator.EstateAssignment{Group: "Team"}, "account-001")
	desired := w.B.State()
	e := centertest.Start(t, emulator.Options{Estate: w.Estate})
	for _, key := range []string{emulator.ManagementKey, centertest.DelegatedKey} {
		s := read(t, reader(t, e, key), Options{Desired: desired, Owner: "platform", Adopt: []string{"set:Te*", "group:Team"}})
		want := []string{
			"grant Named 200000000001 GROUP Team",
			"grant Team 200000000000 GROUP Team", "grant Team 200000000001 GROUP Team", "grant Team 200000000001 ORPHAN GROUP " + goneGroup,
			"grant Team 200000000002 GROUP Team", "grant Team 200000000002 USER jane",
		}
		if diff := cmp.Diff(want, grantLines(s)); diff != "" {
			t.Errorf("%s: grants (-want +got):\n%s", key, diff)
		}
		team := s.Sets[s.SetIndex("Team")]
		if group := s.Groups[s.GroupIndex("Team")]; !s.Observed.SetUses[team.ARN] || !s.Observed.Members[group.ID] || len(s.Memberships) != 1 {
			t.Errorf("%s: observed %+v, %d memberships", key, s.Observed, len(s.Memberships))
		}
	}
}

// Several groups are read as one is: what each has, and nothing else.
func TestReadOnlySomeGroups(t *testing.T) {
	w := centertest.NewWorld("platform", 4)
	for i := range 6 {
		w.Group(fmt.Sprintf("group-%d", i), 2)
	}
	desired := w.B.State()
	e := centertest.Start(t, emulator.Options{Estate: w.Estate})
	writeRecords(t, e, reader(t, e, emulator.ManagementKey), &desired)
	for _, key := range []string{emulator.ManagementKey, centertest.DelegatedKey} {
		s := read(t, reader(t, e, key), Options{Desired: desired, Owner: "platform", Only: []string{"group-4", "group-1", "group-4"}})
		if len(s.Groups) != 2 || len(s.Sets) != 2 || len(s.Assignments) != 4 || s.Observed.Complete || !strings.Contains(s.Observed.CannotSee[0], `groups "group-4", "group-1"`) {
			t.Errorf("%d groups, %d sets, %d grants, %+v", len(s.Groups), len(s.Sets), len(s.Assignments), s.Observed)
		}
	}
	_, _, err := reader(t, e, emulator.ManagementKey).Read(t.Context(), Options{Desired: desired, Owner: "platform", Only: []string{"group-1", "nobody"}})
	centertest.CheckFinding(t, err, identitycenter.CodeNotFound, "nobody")
}

// Only name and tag together make a lock, never with an owner, and never where
// something is on it or somebody has it: anybody could hide a set so.
func TestWhatIsALock(t *testing.T) {
	w := centertest.NewWorld("platform", 1)
	mark := func(owner string) map[string]string {
		tags := map[string]string{access.LockTag: "platform"}
		if owner != "" {
			tags[access.OwnerTag] = owner
		}
		return tags
	}
	w.Estate.PermissionSets = []emulator.EstatePermissionSet{
		{Name: "rolecall-lock-platform", Tags: mark("")}, {Name: "rolecall-lock-other", Tags: mark("platform")},
		{Name: "Ops", Tags: mark("platform")}, {Name: "Named", Tags: mark("")}, {Name: "rolecall-lock-untagged"}, {Name: "Theirs", Tags: mark("other")},
		{Name: "rolecall-lock-managed", Tags: mark(""), AWSManagedPolicies: []string{"arn:aws:iam::aws:policy/ReadOnlyAccess"}},
		{Name: "rolecall-lock-customer", Tags: mark(""), CustomerManagedPolicies: []emulator.EstatePolicy{{Name: "edge"}}},
		{Name: "rolecall-lock-inline", Tags: mark(""), InlinePolicy: json.RawMessage(`{"Version":"2012-10-17","Statement":[]}`)},
		{Name: "rolecall-lock-boundary", Tags: mark(""), PermissionsBoundary: &emulator.EstateBoundary{AWSManagedPolicy: "arn:aws:iam::aws:policy/ReadOnlyAccess"}},
		{Name: "rolecall-lock-held", Tags: mark("")},
	}
	w.Estate.Users = append(w.Estate.Users, emulator.EstateUser{UserName: "jane"})
	w.Assign("rolecall-lock-held", emulator.EstateAssignment{User: "jane"}, "account-000")
	w.B.AddSet(access.PermissionSet{Name: "Named"})
	desired := w.B.State()
	e := centertest.Start(t, emulator.Options{Estate: w.Estate})
	for _, deep := range []bool{false, true} {
		s := read(t, reader(t, e, emulator.ManagementKey), Options{Desired: desired, Owner: "platform", Deep: deep})
		var found []string
		for _, p := range s.Sets {
			found = append(found, p.Name)
		}
		if diff := cmp.Diff([]string{"Named", "Ops", "rolecall-lock-other"}, found); diff != "" {
			t.Errorf("sets (-want +got):\n%s", diff)
		}
		if s.Observed.OtherSets != 2+5 {
			t.Errorf("%d sets of others, want Theirs, the untagged one, and the five that are no lock", s.Observed.OtherSets)
		}
	}
}

// What a cache remembers of marks never makes a read complete. Where all marks
// are cheap to read they are read, and a set that was marked elsewhere is found.
func TestMarksOnACachesWord(t *testing.T) {
	for _, theirs := range []int{20, 300} {
		w := centertest.NewWorld("platform", 3)
		w.Group("Developers", 3)
		for i := range theirs {
			w.Estate.PermissionSets = append(w.Estate.PermissionSets, emulator.EstatePermissionSet{Name: fmt.Sprintf("theirs-%d", i)})
		}
		w.Assign("theirs-7", emulator.EstateAssignment{PrincipalType: "GROUP", PrincipalID: goneGroup}, "account-001")
		desired := w.B.State()
		for _, key := range []string{emulator.ManagementKey, centertest.DelegatedKey} {
			e := centertest.Start(t, emulator.Options{Estate: w.Estate})
			o := centertest.OptionsFor(e.Transport(), key)
			o.Cache = rememberedSets{}
			var s access.State
			for i := range 2 {
				c := New(centertest.Connect(t, o))
				if i == 1 {
					tag(t, c, arnsOf(e)["theirs-7"], []access.Tag{{Key: access.OwnerTag, Value: "platform"}})
				}
				s = read(t, c, Options{Desired: desired, Owner: "platform"})
				if i == 0 && !s.Observed.Complete {
					t.Errorf("without a cache: %+v", s.Observed)
				}
			}
			cheap := theirs < completeFor
			if at := s.SetIndex("theirs-7"); s.Observed.Complete != cheap || (at >= 0) != cheap {
				t.Errorf("%d sets of others: observed %+v", theirs, s.Observed)
			} else if cheap && !s.Observed.SetUses[s.Sets[at].ARN] {
				t.Errorf("the set that was marked elsewhere was not read whole: %+v", s.Observed)
			}
			if !cheap && !strings.Contains(strings.Join(s.Observed.CannotSee, " "), "marked as ours elsewhere") {
				t.Errorf("observed %+v", s.Observed)
			}
		}
	}
}

// Nobody can count beforehand how much a group has of other people's sets:
// where that is too much, asking everybody is given up in time.
func TestOneHasTooMuch(t *testing.T) {
	w := centertest.NewWorld("platform", 300)
	for i := range 3 {
		w.Group(fmt.Sprintf("group-%d", i), 300)
	}
	w.Estate.Groups = append(w.Estate.Groups, emulator.EstateGroup{DisplayName: "Theirs"})
	for i := range 150 {
		name := fmt.Sprintf("theirs-%d", i)
		w.Estate.PermissionSets = append(w.Estate.PermissionSets, emulator.EstatePermissionSet{Name: name})
		w.Assign(name, emulator.EstateAssignment{Group: "Theirs"}, w.Names...)
	}
	desired := w.B.State()
	e := centertest.Start(t, emulator.Options{Estate: w.Estate})
	c := reader(t, e, emulator.ManagementKey)
	writeRecords(t, e, c, &desired)
	before := centertest.Calls(e, identitycenter.SSOAdmin)
	s := read(t, c, Options{Desired: desired, Owner: "platform"})
	made := centertest.Calls(e, identitycenter.SSOAdmin) - before
	const fast = 2 + 153 + 3*(5+3+3) + 3*3 // the list, marks, what is on three sets in three pages of accounts, three groups
	t.Logf("%d calls, a fast read makes %d", made, fast)
	if made <= fast || made > fast+completeFor {
		t.Errorf("%d calls, want at most %d more than %d, and some", made, completeFor, fast)
	}
	if s.Observed.Read != "fast" || s.Observed.Complete || len(s.Assignments) != 900 {
		t.Errorf("observed %+v, %d grants", s.Observed, len(s.Assignments))
	}
}

// A fast read asks groups; where one lacks what it should have, somebody who is
// gone may have it.
func TestAFastReadFindsWhoIsGoneInAGroupsPlace(t *testing.T) {
	w := centertest.NewWorld("platform", 30)
	w.Group("Developers", 20)
	w.Estate.Assignments[0].Accounts = slices.DeleteFunc(w.Estate.Assignments[0].Accounts, func(a string) bool { return a == "account-007" })
	w.Assign("Developers", emulator.EstateAssignment{PrincipalType: "GROUP", PrincipalID: goneGroup}, "account-007")
	desired := w.B.State()
	e := centertest.Start(t, emulator.Options{Estate: w.Estate})
	c := reader(t, e, emulator.ManagementKey)
	writeRecords(t, e, c, &desired)
	r, err := c.run(Options{Desired: desired, Owner: "platform"})
	if err != nil {
		t.Fatal(err)
	}
	r.quick = true
	if err := r.read(t.Context()); err != nil {
		t.Fatal(err)
	}
	s := r.state()
	if s.Observed.Read != "fast" || len(s.Orphans) != 1 || s.Orphans[0].ID != goneGroup {
		t.Errorf("%s read, orphans %+v", s.Observed.Read, s.Orphans)
	}
}

// What our records on other sets say of a group's name is evidence: on sets that
// carry another mark now, and, where only some groups are read, on those that a
// group which is to get something has nothing of.
func TestRecordsElsewhereAreEvidence(t *testing.T) {
	meant := access.Record{Principals: []access.RecordedPrincipal{{Kind: access.GroupPrincipal, Name: "Developers", ID: "g-old"}}}
	for name, c := range map[string]struct {
		owner string // of the set with the record
		only  []string
	}{"another mark": {"other", nil}, "only one group": {"platform", []string{"Developers"}}} {
		w := centertest.NewWorld("platform", 2)
		w.WantGroup("Developers", 2)
		w.HaveGroup("Developers", 0)
		w.Estate.PermissionSets = append(w.Estate.PermissionSets, emulator.EstatePermissionSet{Name: "Former", Tags: map[string]string{access.OwnerTag: c.owner}})
		e := centertest.Start(t, emulator.Options{Estate: w.Estate})
		client := reader(t, e, emulator.ManagementKey)
		arn := arnsOf(e)["Former"]
		tag(t, client, arn, meant.Tags("platform", arn))
		s := read(t, client, Options{Desired: w.B.State(), Owner: "platform", Only: c.only})
		if !slices.ContainsFunc(s.Evidence, func(r access.Recorded) bool {
			id, known := r.PrincipalID(access.GroupPrincipal, "Developers")
			return known && id == "g-old"
		}) {
			t.Errorf("%s: evidence %+v", name, s.Evidence)
		}
	}
}

// A read of some groups is not complete, though they be all that there is.
func TestReadOfSomeGroupsIsNotComplete(t *testing.T) {
	w := centertest.NewWorld("platform", 2)
	w.Group("Developers", 2)
	desired := w.B.State()
	e := centertest.Start(t, emulator.Options{Estate: w.Estate})
	writeRecords(t, e, reader(t, e, emulator.ManagementKey), &desired)
	for _, only := range [][]string{nil, {"Developers"}} {
		s := read(t, reader(t, e, centertest.DelegatedKey), Options{Desired: desired, Owner: "platform", Only: only})
		if s.Observed.Complete != (only == nil) {
			t.Errorf("only %v: %+v", only, s.Observed)
		}
	}
}

// Who may not ask by principal finds out last where the pairs were read first: what
// was read of them stays.
func TestARefusalAtTheEndTakesNothingBack(t *testing.T) {
	w := centertest.NewWorld("platform", 2)
	w.Group("Developers", 1)
	w.HaveGroup("Former", 1) // ours, and no longer in the config
	const key = "AKIDNOPRINCIPALS"
	w.Estate.Callers = append(w.Estate.Callers, emulator.EstateCaller{AccessKey: key, Account: "management", Denied: []string{"sso:ListAccountAssignmentsForPrincipal"}})
	e := centertest.Start(t, emulator.Options{Estate: w.Estate})
	s := read(t, reader(t, e, key), Options{Desired: w.B.State(), Owner: "platform"})
	if want := len(e.State().Instances[0].Assignments); len(s.Assignments) != want {
		t.Errorf("%d grants, want %d; observed %+v", len(s.Assignments), want, s.Observed)
	}
}
