package plan_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/rolecall-dev/rolecall/internal/access"
	. "github.com/rolecall-dev/rolecall/internal/plan"
	"github.com/rolecall-dev/rolecall/internal/plan/model"
)

// What a record says of a name that leads nowhere, or elsewhere than it may, and
// of who stays, is in the next one: else the evidence would be gone with the first
// change that has nothing to do with it.
func TestTheNextRecordKeepsTheEvidence(t *testing.T) {
	on := func(name string, accounts ...string) access.GroupSpec {
		s := spec(name, accounts...)
		s.PermissionSetName = text("Shared")
		return s
	}
	recorded := func(s *access.State, r access.Record) {
		p := &s.Sets[s.SetIndex("Shared")]
		p.Record = access.ParseRecord(r.Tags("me", p.ARN))
	}
	team := access.RecordedPrincipal{Kind: access.GroupPrincipal, Name: "Team", ID: "g-old"}
	only := func(o *Options) {
		o.Scope = Scope{Groups: []string{"New"}, Sets: []string{"Shared"}, Only: true, Sharing: map[string][]string{"Shared": {"Team"}}}
	}
	suspended := func(a *access.Account) { a.State = "SUSPENDED" }
	for name, c := range map[string]struct {
		live  *world
		meant access.Record
		want  []access.GroupSpec
		edit  func(*Options)
		keeps func(access.Record) bool
	}{
		"a group's name that leads elsewhere": {newWorld().account("dev").group("Team", "").group("New", "").set("Shared", "me"),
			access.Record{Principals: []access.RecordedPrincipal{team}}, []access.GroupSpec{on("Team", "dev"), on("New", "dev")}, nil,
			func(r access.Record) bool { return slices.Contains(r.Principals, team) }},
		"the name of a group that is missing": {newWorld().account("dev").group("New", "").set("Shared", "me"),
			access.Record{Principals: []access.RecordedPrincipal{team}}, []access.GroupSpec{on("Team", "dev"), on("New", "dev")}, nil,
			func(r access.Record) bool { return slices.Contains(r.Principals, team) }},
		"the name of a group that --only does not name": {newWorld().account("dev").group("Team", "").group("New", "").set("Shared", "me"),
			access.Record{Principals: []access.RecordedPrincipal{team}}, []access.GroupSpec{on("New", "dev")}, only,
			func(r access.Record) bool { return slices.Contains(r.Principals, team) }},
		"the name of an account that is missing": {newWorld().account("dev").group("New", "").set("Shared", "me"),
			access.Record{Accounts: []access.RecordedAccount{{Name: "gone", ID: "999999999999"}}}, []access.GroupSpec{on("New", "dev", "gone")}, nil,
			func(r access.Record) bool {
				return slices.ContainsFunc(r.Accounts, func(a access.RecordedAccount) bool {
					return a.Name == "gone" && a.Mark == access.AccountIDMark("999999999999")
				})
			}},
		"a group that keeps its assignment in a suspended account": {newWorld().account("dev").account("old", suspended).group("Team", "").group("New", "").set("Shared", "me").assign("Shared", "old", "Team"),
			access.Record{}, []access.GroupSpec{on("New", "dev")}, nil,
			func(r access.Record) bool {
				return slices.ContainsFunc(r.Principals, func(p access.RecordedPrincipal) bool { return p.ID == "g-Team" })
			}},
	} {
		live := c.live.b.State()
		recorded(&live, c.meant)
		want := external(c.want...)
		o := options(access.SCIM)
		o.Guards.AllowMissing = true
		if c.edit != nil {
			c.edit(&o)
		}
		n := 0
		for _, change := range Diff(&want, &live, o).Changes {
			if change.Kind != Record {
				continue
			}
			if n++; !c.keeps(*change.After.Record) {
				t.Errorf("%s: %s writes %+v", name, change.ID, change.After.Record)
			}
		}
		if n == 0 {
			t.Errorf("%s: no record is written, so this shows nothing", name)
		}
	}
}

// An account's name that leads to another account gets nothing in it, until that
// is agreed to.
func TestAnAccountsNameThatLeadsElsewhereIsGrantedNothing(t *testing.T) {
	live := newWorld().account("dev").account("prod").group("Team", "").set("Team", "me").state()
	p := &live.Sets[0]
	p.Record = access.ParseRecord(access.Record{Accounts: []access.RecordedAccount{{Name: "dev", ID: "999999999999"}}}.Tags("me", p.ARN))
	want := external(spec("Team", "dev", "prod"))
	dev, prod := "account_assignment.create set=Team account="+accountID(live, "dev")+" group=Team", "account_assignment.create set=Team account="+accountID(live, "prod")+" group=Team"
	o := options(access.SCIM)
	if got := ids(Diff(&want, &live, o)); !slices.Equal(got, []string{prod}) {
		t.Errorf("without consent: %v", got)
	}
	o.Guards.AllowRebind = []string{"dev"}
	if got := ids(Diff(&want, &live, o)); !slices.Contains(got, dev) {
		t.Errorf("with consent: %v", got)
	}
}

// What carries our mark and is on no record of an apply was perhaps marked by
// somebody else: it is not deleted unasked.
func TestAMarkWithoutARecordDeletesNothingUnasked(t *testing.T) {
	want := internal(nil, spec("Team", "dev"))
	team := func() *world {
		return newWorld().account("dev").user("ann").group("Team", "me").set("Team", "me").assign("Team", "dev", "Team")
	}
	group := func() *world { return team().group("Old", "me").member("Old", "ann") }
	set := func() *world { return team().set("Old", "me") }
	used := func(w *world) access.State { // somebody has assigned it by hand
		s := w.assign("Team", "dev", "Old").b.State()
		recordOn(&s, "Team", access.Record{Principals: []access.RecordedPrincipal{meantGroup("Team", "g-Team")},
			Accounts: []access.RecordedAccount{{Name: "dev", ID: accountID(s, "dev")}}})
		return s
	}
	many := access.Record{Principals: []access.RecordedPrincipal{meantGroup("Team", "g-Team"), meantGroup("Old", "g-Old")}}
	for i := range 195 { // beyond the room for whole ids
		many.Principals = append(many.Principals, meantGroup(fmt.Sprintf("G%d", i), fmt.Sprintf("g-%d", i)))
	}
	short := group().assign("Team", "dev", "Old").b.State()
	recordOn(&short, "Team", many)
	known := group().state()
	p := &known.Sets[known.SetIndex("Team")]
	p.Record = access.ParseRecord(access.Record{Principals: []access.RecordedPrincipal{{Kind: access.GroupPrincipal, Name: "Team", ID: "g-Team"}, {Kind: access.GroupPrincipal, Name: "Old", ID: "g-Old"}},
		Accounts: []access.RecordedAccount{{Name: "dev", ID: accountID(known, "dev")}}}.Tags("me", p.ARN))
	for name, c := range map[string]struct {
		live    access.State
		deletes string
		asks    bool
	}{
		"a set with a record":          {set().state(), "permission_set.delete set=Old", false},
		"a set without one":            {set().b.State(), "permission_set.delete set=Old", true},
		"a group that a record has":    {known, "group.delete group=Old", false},
		"one that none has, used":      {used(group()), "group.delete group=Old", true},
		"one that is known in short":   {short, "group.delete group=Old", false},
		"an empty one, used":           {used(team().group("Old", "me")), "group.delete group=Old", true},
		"one that none has, unused":    {group().state(), "group.delete group=Old", false},
		"an empty one, unused":         {team().group("Old", "me").state(), "group.delete group=Old", false},
		"one that a run began":         {team().group("Old", "me", func(g *access.Group) { g.Unfinished = "run" }).state(), "group.delete group=Old", false},
		"nothing of ours but the rest": {team().state(), "", false},
	} {
		p := Diff(&want, &c.live, options(access.BuiltIn))
		if got := ids(p); c.deletes != "" && !slices.Contains(got, c.deletes) || len(refusals(p, Removals)) > 0 != c.asks {
			t.Errorf("%s: %v, %v", name, got, p.Findings)
		}
	}
}

// Nor is anybody taken out of a group of the config unasked that has our mark, is
// used, and is on no record.
func TestAMarkWithoutARecordTakesNobodyOutUnasked(t *testing.T) {
	team := func() *world {
		return newWorld().account("dev").user("ann").user("eve").group("Team", "me").member("Team", "ann").member("Team", "eve").set("Team", "me").set("Theirs", "other")
	}
	member := spec("Team", "dev")
	member.Members = texts("ann")
	none := spec("Team")
	none.Members = texts("ann")
	person := []access.UserSpec{{Email: text("ann"), Username: text("ann"), DisplayName: text("ann"), GivenName: text("a"), FamilyName: text("n")}}
	known := access.Record{Principals: []access.RecordedPrincipal{meantGroup("Team", "g-Team")}}
	for name, c := range map[string]struct {
		live   *world
		want   access.GroupSpec
		record access.Record
		asks   bool
	}{
		"an apply has used it":              {team(), member, known, false},
		"it is to be granted something":     {team(), member, access.Record{}, true},
		"it has something":                  {team().assign("Team", "dev", "Team"), none, access.Record{}, true},
		"it has something of another owner": {team().assign("Theirs", "dev", "Team"), none, access.Record{}, true},
		"nothing uses it":                   {team(), none, access.Record{}, false},
	} {
		live, want := c.live.b.State(), internal(person, c.want)
		recordOn(&live, "Team", c.record)
		p := Diff(&want, &live, options(access.BuiltIn))
		asked := slices.ContainsFunc(refusals(p, Removals), func(s string) bool { return strings.Contains(s, "on no record") })
		if !slices.Contains(ids(p), "membership.delete group=Team user=eve") || asked != c.asks {
			t.Errorf("%s: %v, %v", name, ids(p), p.Findings)
		}
	}
}

// A group that is deleted stays on record until it is gone: a run that is cut off
// leaves nothing of which no record knows.
func TestAGroupIsOnRecordUntilItIsDeleted(t *testing.T) {
	live := newWorld().account("dev").user("ann").group("Team", "me").group("Old", "me").member("Old", "ann").
		set("Shared", "me").assign("Shared", "dev", "Team").assign("Shared", "dev", "Old").set("Gone", "me").assign("Gone", "dev", "Old").state()
	want := internal(nil, onSet("Shared", "Team", "dev"))
	p := Diff(&want, &live, options(access.BuiltIn))
	deletes := MakeID(Group, Delete, Key{Group: "Old"})
	for _, id := range []ID{MakeID(Record, Update, Key{PermissionSet: "Shared"}), MakeID(PermissionSet, Delete, Key{PermissionSet: "Gone"})} {
		if c := change(t, p, id); !slices.Contains(c.DependsOn, deletes) {
			t.Errorf("%s waits for %v", id, c.DependsOn)
		}
	}
	for _, c := range p.Changes { // cut off before the group goes
		if c.ID != deletes && !slices.Contains(c.DependsOn, deletes) {
			live = model.After(live, c)
		}
	}
	if p := Diff(&want, &live, options(access.BuiltIn)); !slices.Contains(ids(p), string(deletes)) || slices.ContainsFunc(refusals(p, Removals), func(s string) bool { return strings.Contains(s, "on no record") }) {
		t.Errorf("cut off before it: %v, %v", ids(p), p.Findings)
	}
	if c := change(t, Diff(&want, &live, options(access.BuiltIn)), MakeID(Record, Update, Key{PermissionSet: "Shared"})); !slices.Contains(c.DependsOn, deletes) {
		t.Errorf("cut off before it, the record waits for %v", c.DependsOn)
	}
}
