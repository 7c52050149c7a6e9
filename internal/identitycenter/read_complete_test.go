package identitycenter

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssoadmin"
	ssotypes "github.com/aws/aws-sdk-go-v2/service/ssoadmin/types"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/rolecall-dev/rolecall/emulator"
	"github.com/rolecall-dev/rolecall/internal/access"
)

// failer is what a test and a property have in common.
type failer interface {
	Helper()
	Fatal(args ...any)
}

// tag writes tags on a set by hand.
func tag(t failer, c *Client, arn string, tags []access.Tag) {
	t.Helper()
	in := &ssoadmin.TagResourceInput{InstanceArn: &c.instance.ARN, ResourceArn: &arn}
	for _, tag := range tags {
		in.Tags = append(in.Tags, ssotypes.Tag{Key: aws.String(tag.Key), Value: aws.String(tag.Value)})
	}
	if _, err := c.sso.TagResource(ctxOf(t), in); err != nil {
		t.Fatal(err)
	}
}

// arnsOf gives the ARNs of the sets, by name.
func arnsOf(e *emulator.Emulator) map[string]string {
	out := map[string]string{}
	for _, p := range e.State().Instances[0].PermissionSets {
		out[p.Name] = p.ARN
	}
	return out
}

// recordOf gives the record that an apply of the desired set leaves, by what
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
func writeRecords(t failer, e *emulator.Emulator, c *Client, desired *access.State) {
	t.Helper()
	arns := arnsOf(e)
	for i, p := range desired.Sets {
		tag(t, c, arns[p.Name], recordOf(e, desired, i).Tags("platform", arns[p.Name]))
	}
}

// rememberedSets is a cache in memory.
type rememberedSets map[string]CachedSet

func (m rememberedSets) Load(string) (map[string]CachedSet, error) { return maps.Clone(m), nil }
func (m rememberedSets) Save(_ string, sets map[string]CachedSet) error {
	clear(m)
	maps.Copy(m, sets)
	return nil
}

const goneSomebody = "906722b2f3-cccccccc-1111-2222-3333-444444444444"

// someWorld is an estate, what a config wants of it, and what a reader must
// have seen whole.
type someWorld struct {
	*world
	desired  access.State
	alive    map[string]bool // sets of the config that do not fit it or their record
	leftover map[string]bool // sets of ours that the config does not have
	records  map[string]string
	other    map[string]string // by set, the group that its record has another id of
}

func drawWorld(t *rapid.T) *someWorld {
	w := &someWorld{world: newWorld("platform", rapid.SampledFrom([]int{2, 4, 30}).Draw(t, "accounts")), alive: map[string]bool{}, leftover: map[string]bool{}, records: map[string]string{}, other: map[string]string{}}
	e := w.estate
	for i := range rapid.SampledFrom([]int{0, 2, 40, 130, 320}).Draw(t, "users") {
		e.Users = append(e.Users, emulator.EstateUser{UserName: fmt.Sprintf("user-%d", i)})
	}
	groups := rapid.SampledFrom([]int{2, 5, 120}).Draw(t, "groups")
	for i := range groups {
		e.Groups = append(e.Groups, emulator.EstateGroup{DisplayName: fmt.Sprintf("group-%d", i)})
	}
	handles := map[int]int32{}
	owner := map[string]string{access.OwnerTag: "platform"}
	for i := range rapid.IntRange(0, 5).Draw(t, "sets wanted") {
		name := fmt.Sprintf("set-%d", i)
		tags := maps.Clone(owner)
		if rapid.IntRange(0, 9).Draw(t, "lock's tag") == 0 {
			tags[access.LockTag] = "platform"
		}
		have := emulator.EstatePermissionSet{Name: name, Tags: tags}
		want := w.b.AddSet(access.PermissionSet{Name: name, Tags: []access.Tag{{Key: access.OwnerTag, Value: "platform"}}})
		if rapid.IntRange(0, 3).Draw(t, "content") == 0 {
			have.AWSManagedPolicies = []string{"arn:aws:iam::aws:policy/ReadOnlyAccess"}
			w.alive[name] = true
		}
		e.PermissionSets = append(e.PermissionSets, have)
		w.records[name] = rapid.SampledFrom([]string{"fits", "fits", "fits", "none", "more", "other"}).Draw(t, "record")
		if r := w.records[name]; r == "none" || r == "more" {
			w.alive[name] = true
		}
		for range rapid.IntRange(1, 3).Draw(t, "holders") {
			g := rapid.IntRange(0, min(groups, 6)-1).Draw(t, "holder")
			if _, ok := handles[g]; !ok {
				handles[g] = w.b.AddGroup(access.Group{Name: fmt.Sprintf("group-%d", g), Referenced: true, SCIM: true})
			}
			n := rapid.IntRange(1, len(w.accs)).Draw(t, "in so many")
			for _, a := range w.accs[:n] {
				w.b.AddGrant(access.Grant{Set: want, Account: a, Kind: access.GroupPrincipal, Principal: handles[g]})
			}
			w.assign(name, emulator.EstateAssignment{Group: fmt.Sprintf("group-%d", g)}, w.names[:n]...)
		}
	}
	for i := range rapid.IntRange(0, 2).Draw(t, "sets left over") {
		name := fmt.Sprintf("left-%d", i)
		e.PermissionSets = append(e.PermissionSets, emulator.EstatePermissionSet{Name: name, Tags: owner})
		w.leftover[name] = true
	}
	for i := range rapid.SampledFrom([]int{0, 3, 260}).Draw(t, "sets of others") {
		e.PermissionSets = append(e.PermissionSets, emulator.EstatePermissionSet{Name: fmt.Sprintf("theirs-%d", i)})
	}
	if rapid.Bool().Draw(t, "a lock") {
		e.PermissionSets = append(e.PermissionSets, emulator.EstatePermissionSet{Name: "rolecall-lock-platform", Tags: map[string]string{access.LockTag: "platform"}})
	}
	w.desired = w.b.State()
	w.drawStrangers(t, groups)
	return w
}

// drawStrangers assigns what the config does not.
func (w *someWorld) drawStrangers(t *rapid.T, groups int) {
	if len(w.estate.PermissionSets) == 0 {
		return
	}
	for range rapid.IntRange(0, 6).Draw(t, "strangers") {
		var to emulator.EstateAssignment
		switch kind := rapid.IntRange(0, 3).Draw(t, "stranger"); {
		case kind == 0 && len(w.estate.Users) > 0:
			to.User = rapid.SampledFrom(w.estate.Users).Draw(t, "user").UserName
		case kind == 1:
			to.PrincipalType, to.PrincipalID = "GROUP", goneGroup
		case kind == 2:
			to.PrincipalType, to.PrincipalID = "USER", goneSomebody
		default:
			to.Group = fmt.Sprintf("group-%d", rapid.IntRange(0, groups-1).Draw(t, "group"))
		}
		w.assign(rapid.SampledFrom(w.estate.PermissionSets).Draw(t, "set").Name, to, rapid.SampledFrom(w.names).Draw(t, "account"))
	}
}

// writeDrawnRecords leaves what earlier applies, and others, have left.
func (w *someWorld) writeDrawnRecords(t failer, e *emulator.Emulator, c *Client) {
	arns := arnsOf(e)
	for i, p := range w.desired.Sets {
		record := recordOf(e, &w.desired, i)
		switch w.records[p.Name] {
		case "none":
			continue
		case "more":
			record.Principals = append(record.Principals, access.RecordedPrincipal{Kind: access.GroupPrincipal, Name: "former", ID: "g-former"})
		case "other":
			record.Principals[0].ID = "g-other"
			w.other[p.Name] = record.Principals[0].Name
		}
		tag(t, c, arns[p.Name], record.Tags("platform", arns[p.Name]))
	}
}

func (w *someWorld) drawOptions(t *rapid.T) ReadOptions {
	o := ReadOptions{Desired: w.desired, Owner: "platform", Deep: rapid.IntRange(0, 5).Draw(t, "deep") == 0}
	if rapid.IntRange(0, 3).Draw(t, "ignore") == 0 {
		o.Ignore = []string{rapid.SampledFrom([]string{"set:left-0", "set-1", "group:set-*", "theirs-*"}).Draw(t, "ignored")}
	}
	if rapid.IntRange(0, 3).Draw(t, "only") == 0 && len(w.desired.Groups) > 0 {
		for _, g := range rapid.SliceOfN(rapid.SampledFrom(w.desired.Groups), 1, 2).Draw(t, "only these") {
			o.Only = append(o.Only, g.Name)
		}
	}
	return o
}

// Whatever a read says of what it saw is so, in any estate; what has to be
// seen whole is; and it costs what it may.
func TestWhatIsObservedIsTrue(t *testing.T) {
	fewerChecks(t, "60")
	reached := map[string]int{}
	rapid.Check(t, func(t *rapid.T) {
		w := drawWorld(t)
		e, err := emulator.New(emulator.Options{Estate: w.estate})
		if err != nil {
			t.Fatal(err)
		}
		key := rapid.SampledFrom([]string{emulator.ManagementKey, emulator.ManagementKey, delegatedKey}).Draw(t, "caller")
		cache := rememberedSets{}
		client := func() *Client {
			o := optionsFor(e.Transport(), key)
			o.Cache = cache
			c, err := Connect(t.Context(), o)
			if err != nil {
				t.Fatal(err)
			}
			return c
		}
		c := client()
		w.writeDrawnRecords(t, e, c)
		o := w.drawOptions(t)
		if rapid.Bool().Draw(t, "warm") {
			if _, _, err := c.Read(t.Context(), o); err != nil {
				t.Fatal(err)
			}
			if rapid.Bool().Draw(t, "marked elsewhere") && slices.ContainsFunc(w.estate.PermissionSets, func(p emulator.EstatePermissionSet) bool { return p.Name == "theirs-0" }) {
				tag(t, c, arnsOf(e)["theirs-0"], []access.Tag{{Key: access.OwnerTag, Value: "platform"}})
			}
		}
		quick, err := newReader(client(), o)
		if err != nil {
			t.Fatal(err)
		}
		quick.quick = true
		before := e.Stats().Total
		if err := quick.read(t.Context()); err != nil {
			t.Fatal(err)
		}
		fast := e.Stats().Total - before
		c = client()
		before = e.Stats().Total
		s, _, err := c.Read(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		if made := e.Stats().Total - before; made > fast+max(fast, completeFor) {
			t.Fatalf("%d calls, where a fast read makes %d", made, fast)
		}
		w.checkClaims(t, e.State(), &s, o)
		reached[fmt.Sprintf("%s %t", s.Observed.Read, s.Observed.Complete)]++
	})
	t.Log(reached)
	for _, way := range []string{"pairs true", "deep true", "group false"} { // the others have tests of their own
		if reached[way] == 0 {
			t.Errorf("no read was %q: %v", way, reached)
		}
	}
}

func (w *someWorld) checkClaims(t *rapid.T, aws emulator.State, s *access.State, o ReadOptions) {
	there := map[string][]string{} // by set, who has it where; the gone apart
	gone := map[string][]string{}
	named := map[string][]string{} // of those, what groups have that the read is about
	for _, a := range aws.Instances[0].Assignments {
		line := a.Account + " " + a.PrincipalType + " " + a.PrincipalID
		if a.Orphan {
			gone[a.PermissionSet] = append(gone[a.PermissionSet], line)
		} else {
			there[a.PermissionSet] = append(there[a.PermissionSet], line)
		}
		if g := w.desired.GroupIndex(a.Principal); g >= 0 && !a.Orphan && (len(o.Only) == 0 || slices.Contains(o.Only, a.Principal)) {
			named[a.PermissionSet] = append(named[a.PermissionSet], line)
		}
	}
	seen := map[string]bool{}
	for i, p := range s.Sets {
		seen[p.Name] = true
		var alive, dead []string
		for _, g := range s.SetGrants(i) {
			switch where := s.Accounts[g.Account].ID; g.Kind {
			case access.GroupPrincipal:
				alive = append(alive, where+" GROUP "+s.Groups[g.Principal].ID)
			case access.UserPrincipal:
				alive = append(alive, where+" USER "+s.Users[g.Principal].ID)
			default:
				dead = append(dead, where+" "+s.Orphans[g.Principal].Kind.String()+" "+s.Orphans[g.Principal].ID)
			}
		}
		for _, line := range slices.Concat(alive, dead) {
			if !slices.Contains(there[p.Name], line) && !slices.Contains(gone[p.Name], line) {
				t.Fatalf("%s: %s is not so", p.Name, line)
			}
		}
		for _, line := range named[p.Name] {
			if p.Owner == "platform" && !slices.Contains(alive, line) && !access.Matches(o.Ignore, access.SetThing, p.Name) {
				t.Fatalf("%s: %s is of a group of the config, and was not seen: %+v", p.Name, line, s.Observed)
			}
		}
		uses, holders := s.Observed.SetUses[p.ARN], s.Observed.Holders[p.ARN]
		if diff := cmp.Diff(sortedStrings(there[p.Name]), sortedStrings(alive)); diff != "" && (holders || uses) {
			t.Fatalf("%s: everybody alive was not seen (-emulator +read):\n%s", p.Name, diff)
		}
		if diff := cmp.Diff(sortedStrings(gone[p.Name]), sortedStrings(dead)); diff != "" && uses {
			t.Fatalf("%s: not every assignment was seen (-emulator +read):\n%s", p.Name, diff)
		}
		ignored := access.Matches(o.Ignore, access.SetThing, p.Name)
		// Of a group that is not read it is not judged what its name means.
		other, led := w.other[p.Name]
		must := w.alive[p.Name] || led && (len(o.Only) == 0 || slices.Contains(o.Only, other))
		if !ignored && (must && !holders || w.leftover[p.Name] && !uses) {
			t.Fatalf("%s has to be read whole: %+v", p.Name, s.Observed)
		}
		if s.Observed.Complete && !ignored && p.Owner == "platform" && !holders {
			t.Fatalf("complete, without all who have %s", p.Name)
		}
	}
	others := 0
	for _, p := range aws.Instances[0].PermissionSets {
		ours := p.Tags[access.OwnerTag] == "platform"
		if ours && !seen[p.Name] && (s.Observed.Complete || o.Deep && len(o.Only) == 0) {
			t.Fatalf("%s was not seen: %+v", p.Name, s.Observed)
		}
		if !ours && !seen[p.Name] && !strings.HasPrefix(p.Name, access.LockSetPrefix) {
			others++
		}
	}
	if s.Observed.Complete && s.Observed.OtherSets != others {
		t.Fatalf("%d sets of others, want %d", s.Observed.OtherSets, others)
	}
	if s.Observed.Complete != (len(s.Observed.CannotSee) == 0) {
		t.Fatalf("observed %+v", s.Observed)
	}
	if o.Deep && len(o.Only) == 0 && !s.Observed.Complete {
		t.Fatalf("deep, and not complete: %+v", s.Observed)
	}
}

// Where looking at everything is too dear, the read is as fast as it can be,
// says so, and has not spent much on finding out.
func TestAllIsTooDear(t *testing.T) {
	w := newWorld("platform", 90)
	for i := range 8 {
		w.group(fmt.Sprintf("group-%d", i), 90)
	}
	for i := range 1000 {
		w.estate.Users = append(w.estate.Users, emulator.EstateUser{UserName: fmt.Sprintf("user-%d", i)})
	}
	w.assign("group-0", emulator.EstateAssignment{User: "user-3"}, "account-001")
	desired := w.b.State()
	e := start(t, emulator.Options{Estate: w.estate})
	c := connect(t, e, emulator.ManagementKey)
	writeRecords(t, e, c, &desired)
	before := e.Stats().Total
	s := read(t, c, ReadOptions{Desired: desired, Owner: "platform"})
	if made := e.Stats().Total - before; made > 1+5+1+8+8*8+8+3 {
		t.Errorf("%d calls; want the lists of sets, accounts and groups, the members and assignments of 8 groups, what is on 8 sets, and no more than 3 pages of users", made)
	}
	if o := s.Observed; o.Read != "fast" || o.Complete || len(o.Holders) > 0 || len(o.CannotSee) != 1 {
		t.Errorf("observed %+v, want a fast read that says what it did not look at", o)
	}
	// One set changes: of that one everybody is seen.
	desired.Sets[0].ManagedPolicies = []string{"arn:aws:iam::aws:policy/ReadOnlyAccess"}
	s = read(t, c, ReadOptions{Desired: desired, Owner: "platform"})
	if !slices.Contains(grantLines(s), "grant group-0 200000000001 USER user-3") || len(s.Observed.Holders) != 1 || s.Observed.Complete {
		t.Errorf("observed %+v; want all who have the set that changes", s.Observed)
	}
}

// sharing wants so many groups with a set each in 90 accounts, the first of
// which group A has, too, in the first of them.
func sharing(groups, first int) access.State {
	w := newWorld("platform", 90)
	for i := range groups {
		w.wantGroup(fmt.Sprintf("group-%d", i), 90)
	}
	if first > 0 {
		a := w.b.AddGroup(access.Group{Name: "A", Referenced: true, SCIM: true})
		for _, account := range w.accs[:first] {
			w.b.AddGrant(access.Grant{Set: 0, Account: account, Kind: access.GroupPrincipal, Principal: a})
		}
	}
	return w.b.State()
}

// What a config no longer gives on a set that others keep is seen, whether the
// config still names the group or not: cases 34 and 37.
func TestLeavingASharedSet(t *testing.T) {
	for _, key := range []string{emulator.ManagementKey, delegatedKey} {
		for _, named := range []bool{true, false} {
			w := newWorld("platform", 90)
			for i := range 1000 { // too many to be asked
				w.estate.Users = append(w.estate.Users, emulator.EstateUser{UserName: fmt.Sprintf("user-%d", i)})
			}
			for i := range 6 {
				w.group(fmt.Sprintf("group-%d", i), 90)
			}
			w.estate.Groups = append(w.estate.Groups, emulator.EstateGroup{DisplayName: "A", Source: emulator.FromSCIM})
			w.assign("group-0", emulator.EstateAssignment{Group: "A"}, w.names...)
			before := sharing(6, 90)
			after := sharing(6, 0)
			if named {
				after = sharing(6, 1)
			}
			e := start(t, emulator.Options{Estate: w.estate})
			writeRecords(t, e, connect(t, e, emulator.ManagementKey), &before)
			s := read(t, connect(t, e, key), ReadOptions{Desired: after, Owner: "platform"})
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
	w := newWorld("platform", 3)
	w.group("Team", 3)
	w.estate.Users = []emulator.EstateUser{{UserName: "jane"}}
	w.estate.Groups[0].Description, w.estate.Groups[0].Members = "by hand", []string{"jane"}
	w.estate.PermissionSets[0].Tags = nil
	w.estate.PermissionSets = append(w.estate.PermissionSets, emulator.EstatePermissionSet{Name: "Named"}, emulator.EstatePermissionSet{Name: "Else"})
	w.b.AddSet(access.PermissionSet{Name: "Named"})
	w.assign("Team", emulator.EstateAssignment{User: "jane"}, "account-002")
	w.assign("Team", emulator.EstateAssignment{PrincipalType: "GROUP", PrincipalID: goneGroup}, "account-001")
	w.assign("Named", emulator.EstateAssignment{Group: "Team"}, "account-001")
	w.assign("Else", emulator.EstateAssignment{Group: "Team"}, "account-001")
	desired := w.b.State()
	e := start(t, emulator.Options{Estate: w.estate})
	for _, key := range []string{emulator.ManagementKey, delegatedKey} {
		s := read(t, connect(t, e, key), ReadOptions{Desired: desired, Owner: "platform", Adopt: []string{"set:Te*", "group:Team"}})
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
	w := newWorld("platform", 4)
	for i := range 6 {
		w.group(fmt.Sprintf("group-%d", i), 2)
	}
	desired := w.b.State()
	e := start(t, emulator.Options{Estate: w.estate})
	writeRecords(t, e, connect(t, e, emulator.ManagementKey), &desired)
	for _, key := range []string{emulator.ManagementKey, delegatedKey} {
		s := read(t, connect(t, e, key), ReadOptions{Desired: desired, Owner: "platform", Only: []string{"group-4", "group-1", "group-4"}})
		if len(s.Groups) != 2 || len(s.Sets) != 2 || len(s.Grants) != 4 || s.Observed.Complete || !strings.Contains(s.Observed.CannotSee[0], `groups "group-4", "group-1"`) {
			t.Errorf("%d groups, %d sets, %d grants, %+v", len(s.Groups), len(s.Sets), len(s.Grants), s.Observed)
		}
	}
	_, _, err := connect(t, e, emulator.ManagementKey).Read(t.Context(), ReadOptions{Desired: desired, Owner: "platform", Only: []string{"group-1", "nobody"}})
	checkFinding(t, err, CodeNotFound, "nobody")
}

// Only name and tag together make a lock, and never with an owner.
func TestWhatIsALock(t *testing.T) {
	w := newWorld("platform", 1)
	mark := func(owner string) map[string]string {
		tags := map[string]string{access.LockTag: "platform"}
		if owner != "" {
			tags[access.OwnerTag] = owner
		}
		return tags
	}
	w.estate.PermissionSets = []emulator.EstatePermissionSet{
		{Name: "rolecall-lock-platform", Tags: mark("")}, {Name: "rolecall-lock-other", Tags: mark("platform")},
		{Name: "Ops", Tags: mark("platform")}, {Name: "Named", Tags: mark("")}, {Name: "rolecall-lock-untagged"}, {Name: "Theirs", Tags: mark("other")},
	}
	w.b.AddSet(access.PermissionSet{Name: "Named"})
	desired := w.b.State()
	e := start(t, emulator.Options{Estate: w.estate})
	for _, deep := range []bool{false, true} {
		s := read(t, connect(t, e, emulator.ManagementKey), ReadOptions{Desired: desired, Owner: "platform", Deep: deep})
		var found []string
		for _, p := range s.Sets {
			found = append(found, p.Name)
		}
		if diff := cmp.Diff([]string{"Named", "Ops", "rolecall-lock-other"}, found); diff != "" {
			t.Errorf("sets (-want +got):\n%s", diff)
		}
		if s.Observed.OtherSets != 2 {
			t.Errorf("%d sets of others, want Theirs and the untagged one", s.Observed.OtherSets)
		}
	}
}

// What a cache remembers of marks never makes a read complete. Where all marks
// are cheap to read they are read, and a set that was marked elsewhere is found.
func TestMarksOnACachesWord(t *testing.T) {
	for _, theirs := range []int{20, 300} {
		w := newWorld("platform", 3)
		w.group("Developers", 3)
		for i := range theirs {
			w.estate.PermissionSets = append(w.estate.PermissionSets, emulator.EstatePermissionSet{Name: fmt.Sprintf("theirs-%d", i)})
		}
		w.assign("theirs-7", emulator.EstateAssignment{PrincipalType: "GROUP", PrincipalID: goneGroup}, "account-001")
		desired := w.b.State()
		for _, key := range []string{emulator.ManagementKey, delegatedKey} {
			e := start(t, emulator.Options{Estate: w.estate})
			o := optionsFor(e.Transport(), key)
			o.Cache = rememberedSets{}
			var s access.State
			for i := range 2 {
				c, err := Connect(t.Context(), o)
				if err != nil {
					t.Fatal(err)
				}
				if i == 1 {
					tag(t, c, arnsOf(e)["theirs-7"], []access.Tag{{Key: access.OwnerTag, Value: "platform"}})
				}
				s = read(t, c, ReadOptions{Desired: desired, Owner: "platform"})
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
