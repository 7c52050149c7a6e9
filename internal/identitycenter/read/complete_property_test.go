package read

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/rolecall-dev/rolecall/emulator"
	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/identitycenter/centertest"
)

const goneSomebody = "906722b2f3-cccccccc-1111-2222-3333-444444444444"

// someWorld is an estate, what a config wants of it, and what a reader must
// have seen whole.
type someWorld struct {
	*centertest.World
	desired  access.State
	alive    map[string]bool // sets of the config that do not fit it or their record
	leftover map[string]bool // sets of ours that the config does not have
	records  map[string]string
	other    map[string]string // by set, the group that its record has another id of
}

// noPrincipals is the key of somebody of the management account who may not ask what
// a principal has.
const noPrincipals = "AKIDNOPRINCIPALS"

func drawWorld(t *rapid.T) *someWorld {
	w := &someWorld{World: centertest.NewWorld("platform", rapid.SampledFrom([]int{2, 4, 30}).Draw(t, "accounts")), alive: map[string]bool{}, leftover: map[string]bool{}, records: map[string]string{}, other: map[string]string{}}
	e := w.Estate
	e.Callers = append(e.Callers, emulator.EstateCaller{AccessKey: noPrincipals, Account: "management", Denied: []string{"sso:ListAccountAssignmentsForPrincipal"}})
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
		want := w.B.AddSet(access.PermissionSet{Name: name, Tags: []access.Tag{{Key: access.OwnerTag, Value: "platform"}}})
		if rapid.IntRange(0, 3).Draw(t, "content") == 0 {
			have.AWSManagedPolicies = []string{"arn:aws:iam::aws:policy/ReadOnlyAccess"}
			w.alive[name] = true
		}
		e.PermissionSets = append(e.PermissionSets, have)
		w.records[name] = rapid.SampledFrom([]string{"fits", "fits", "fits", "none", "more", "other"}).Draw(t, "record")
		if r := w.records[name]; r == "none" || r == "more" {
			w.alive[name] = true
		}
		nowhere := rapid.IntRange(0, 4).Draw(t, "nowhere yet") == 0
		for range rapid.IntRange(1, 3).Draw(t, "holders") {
			g := rapid.IntRange(0, min(groups, 6)-1).Draw(t, "holder")
			if _, ok := handles[g]; !ok {
				handles[g] = w.B.AddGroup(access.Group{Name: fmt.Sprintf("group-%d", g), Referenced: true, SCIM: true})
			}
			n := rapid.IntRange(1, len(w.Rows)).Draw(t, "in so many")
			for _, a := range w.Rows[:n] {
				w.B.AddAssignment(access.Assignment{Set: want, Account: a, Kind: access.GroupPrincipal, Principal: handles[g]})
			}
			if !nowhere {
				w.Assign(name, emulator.EstateAssignment{Group: fmt.Sprintf("group-%d", g)}, w.Names[:n]...)
			}
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
	w.desired = w.B.State()
	w.drawStrangers(t, groups)
	return w
}

// drawStrangers assigns what the config does not.
func (w *someWorld) drawStrangers(t *rapid.T, groups int) {
	if len(w.Estate.PermissionSets) == 0 {
		return
	}
	for range rapid.IntRange(0, 6).Draw(t, "strangers") {
		var to emulator.EstateAssignment
		switch kind := rapid.IntRange(0, 3).Draw(t, "stranger"); {
		case kind == 0 && len(w.Estate.Users) > 0:
			to.User = rapid.SampledFrom(w.Estate.Users).Draw(t, "user").UserName
		case kind == 1:
			to.PrincipalType, to.PrincipalID = "GROUP", goneGroup
		case kind == 2:
			to.PrincipalType, to.PrincipalID = "USER", goneSomebody
		default:
			to.Group = fmt.Sprintf("group-%d", rapid.IntRange(0, groups-1).Draw(t, "group"))
		}
		w.Assign(rapid.SampledFrom(w.Estate.PermissionSets).Draw(t, "set").Name, to, rapid.SampledFrom(w.Names).Draw(t, "account"))
	}
}

// writeDrawnRecords leaves what earlier applies, and others, have left.
func (w *someWorld) writeDrawnRecords(t failer, e *emulator.Emulator, c *Reader) {
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

func (w *someWorld) drawOptions(t *rapid.T) Options {
	o := Options{Desired: w.desired, Owner: "platform", Deep: rapid.IntRange(0, 5).Draw(t, "deep") == 0}
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
	centertest.FewerChecks(t, "60")
	reached := map[string]int{}
	rapid.Check(t, func(t *rapid.T) {
		w := drawWorld(t)
		e, err := emulator.New(emulator.Options{Estate: w.Estate, Seed: 1})
		if err != nil {
			t.Fatal(err)
		}
		key := rapid.SampledFrom([]string{emulator.ManagementKey, emulator.ManagementKey, centertest.DelegatedKey, noPrincipals}).Draw(t, "caller")
		cache := rememberedSets{}
		client := func() *Reader {
			o := centertest.OptionsFor(e.Transport(), key)
			o.Cache = cache
			c := New(centertest.Connect(t, o))
			return c
		}
		c := client()
		w.writeDrawnRecords(t, e, c)
		o := w.drawOptions(t)
		if rapid.Bool().Draw(t, "warm") {
			if _, _, err := c.Read(t.Context(), o); err != nil {
				t.Fatal(err)
			}
			if rapid.Bool().Draw(t, "marked elsewhere") && slices.ContainsFunc(w.Estate.PermissionSets, func(p emulator.EstatePermissionSet) bool { return p.Name == "theirs-0" }) {
				tag(t, c, arnsOf(e)["theirs-0"], []access.Tag{{Key: access.OwnerTag, Value: "platform"}})
			}
		}
		quick, err := client().run(o)
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

// wantedBy says that the config grants the set to one of the groups.
func (w *someWorld) wantedBy(set string, groups []string) bool {
	return slices.ContainsFunc(w.desired.Assignments, func(g access.Assignment) bool {
		return w.desired.Sets[g.Set].Name == set && slices.Contains(groups, w.desired.Groups[g.Principal].Name)
	})
}

func (w *someWorld) checkClaims(t *rapid.T, aws emulator.State, s *access.State, o Options) {
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
		for _, g := range s.SetAssignments(i) {
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
		uses, holders := s.Observed.SetUses[p.ARN], s.Observed.SetPrincipals[p.ARN]
		if diff := cmp.Diff(sorted(there[p.Name]), sorted(alive)); diff != "" && (holders || uses) {
			t.Fatalf("%s: everybody alive was not seen (-emulator +read):\n%s", p.Name, diff)
		}
		if diff := cmp.Diff(sorted(gone[p.Name]), sorted(dead)); diff != "" && uses {
			t.Fatalf("%s: not every assignment was seen (-emulator +read):\n%s", p.Name, diff)
		}
		ignored := access.Matches(o.Ignore, access.SetThing, p.Name)
		// Of a group that is not read it is not judged what its name means.
		other, led := w.other[p.Name]
		must := w.alive[p.Name] || led && (len(o.Only) == 0 || slices.Contains(o.Only, other))
		// With Only, what its groups have of other sets is read, and nothing else of these.
		elsewhere := len(o.Only) > 0 && !w.wantedBy(p.Name, o.Only)
		if elsewhere && uses {
			t.Fatalf("%s is said to be read whole, and only a group was asked: %+v", p.Name, s.Observed)
		}
		if !ignored && !elsewhere && (must && !holders || w.leftover[p.Name] && !uses) {
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
		held := slices.ContainsFunc(aws.Instances[0].Assignments, func(a emulator.StateAssignment) bool { return a.PermissionSet == p.Name })
		if lock := strings.HasPrefix(p.Name, access.LockSetPrefix) && !held; !ours && !seen[p.Name] && !lock {
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
