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

// recordOn writes a record of ours on a set.
func recordOn(s *access.State, set string, r access.Record) {
	p := &s.Sets[s.SetIndex(set)]
	r.Normalize()
	p.Record = access.ParseRecord(r.Tags("me", p.ARN))
}

func meantGroup(name, id string) access.RecordedPrincipal {
	return access.RecordedPrincipal{Kind: access.GroupPrincipal, Name: name, ID: id}
}

func onSet(set, group string, accounts ...string) access.GroupSpec {
	s := spec(group, accounts...)
	s.PermissionSetName = text(set)
	return s
}

// A group with a former name has to be whom both names meant, whatever says so.
func TestAFormerNameHasToLeadToTheSameGroup(t *testing.T) {
	two := func() *world { return newWorld().account("dev").account("prod").group("New", "me").set("Team", "me") }
	for name, c := range map[string]struct {
		live   access.State
		meant  []access.RecordedPrincipal
		others []access.GroupSpec
		asks   bool
	}{
		"the ordinary rename":                        {two().assign("Team", "dev", "New").state(), []access.RecordedPrincipal{meantGroup("Old", "g-New")}, nil, false},
		"both names are known and are one group":     {two().state(), []access.RecordedPrincipal{meantGroup("New", "g-New"), meantGroup("Old", "g-New")}, nil, false},
		"both are known, and the former was another": {two().state(), []access.RecordedPrincipal{meantGroup("New", "g-New"), meantGroup("Old", "g-old")}, nil, true},
		"the new one was another":                    {two().state(), []access.RecordedPrincipal{meantGroup("New", "g-old"), meantGroup("Old", "g-New")}, nil, true},
		"the former one was another, and is there":   {two().group("Old", "").assign("Team", "dev", "Old").state(), []access.RecordedPrincipal{meantGroup("New", "g-New"), meantGroup("Old", "g-Old")}, nil, true},
		"the same without a record":                  {two().group("Old", "").assign("Team", "dev", "Old").assign("Team", "prod", "New").b.State(), nil, nil, true},
		"the former one is there and has nothing":    {two().group("Old", "").assign("Team", "prod", "New").b.State(), nil, nil, false},
		"the former one may be gone":                 {two().assign("Team", "prod", "New").orphan("Team", "dev", "g-old").b.State(), nil, nil, true},
		"the same on a set that the config has left": {two().set("Gone", "me").assign("Team", "prod", "New").orphan("Gone", "dev", "g-old").b.State(), nil, nil, true},
		"the former name is that of another group now": {two().group("Old", "").state(), []access.RecordedPrincipal{meantGroup("New", "g-New"), meantGroup("Old", "g-Old")},
			[]access.GroupSpec{onSet("Team", "Old", "dev")}, false},
	} {
		if c.meant != nil {
			recordOn(&c.live, "Team", access.Record{Principals: c.meant})
		}
		g := onSet("Team", "New", "dev", "prod")
		g.Previously = text("Old")
		all := append([]access.GroupSpec{g}, c.others...)
		scim, builtIn := external(all...), internal(nil, all...)
		for setUp, want := range map[access.SetUp]*access.State{access.SCIM: &scim, access.BuiltIn: &builtIn} {
			if p := Diff(want, &c.live, options(setUp)); len(refusals(p, Rebind)) > 0 != c.asks {
				t.Errorf("%s, %v: %v, %v", name, setUp, ids(p), p.Findings)
			}
		}
	}
}

// What says whom a name of the config meant outlives any number of applies while
// the name leads nowhere: who takes it then has to be agreed to.
func TestEvidenceOutlivesWhatIsAppliedMeanwhile(t *testing.T) {
	type test struct {
		live  func() access.State
		want  []access.GroupSpec
		takes string // a kind and the name that somebody takes at last
	}
	base := func() *world {
		return newWorld().account("dev").account("prod").group("Other", "").set("Shared", "me").assign("Shared", "dev", "Other")
	}
	team := meantGroup("Team", "g-old")
	other := meantGroup("Other", "g-Other")
	former := onSet("New", "Crew", "dev")
	former.Previously = text("Team")
	recorded := func(w *world, set string, r access.Record) func() access.State {
		return func() access.State { s := w.state(); recordOn(&s, set, r); return s }
	}
	plain := func(w *world) func() access.State { return func() access.State { return w.b.State() } }
	gone := access.Record{Principals: []access.RecordedPrincipal{other}, Accounts: []access.RecordedAccount{{Name: "lost", ID: "999999999999"}}}
	for name, c := range map[string]test{
		"on the record of its set": {recorded(base(), "Shared", access.Record{Principals: []access.RecordedPrincipal{team, other}}),
			[]access.GroupSpec{onSet("Shared", "Team", "dev"), onSet("Shared", "Other", "prod")}, "group Team"},
		"on the record of a set that goes": {recorded(base().set("Gone", "me"), "Gone", access.Record{Principals: []access.RecordedPrincipal{team}}),
			[]access.GroupSpec{onSet("Shared", "Team", "dev"), onSet("Shared", "Other", "prod")}, "group Team"},
		"on the record of a set that it leaves": {recorded(base(), "Shared", access.Record{Principals: []access.RecordedPrincipal{team, other}}),
			[]access.GroupSpec{onSet("New", "Team", "dev"), onSet("Shared", "Other", "prod")}, "group Team"},
		"of its former name": {recorded(base(), "Shared", access.Record{Principals: []access.RecordedPrincipal{team, other}}),
			[]access.GroupSpec{former, onSet("Shared", "Other", "prod")}, "group Crew"},
		"an orphan on a set without a record": {plain(base().orphan("Shared", "prod", "g-old")),
			[]access.GroupSpec{onSet("Shared", "Team", "dev"), onSet("Shared", "Other", "dev")}, "group Team"},
		"an orphan on a set that goes": {plain(base().set("Gone", "me").orphan("Gone", "prod", "g-old")),
			[]access.GroupSpec{onSet("Shared", "Team", "dev"), onSet("Shared", "Other", "prod")}, "group Team"},
		"of an account, on the record of its set":   {recorded(base(), "Shared", gone), []access.GroupSpec{onSet("Shared", "Other", "dev", "lost")}, "account lost"},
		"of an account, on that of a set that goes": {recorded(base().set("Gone", "me"), "Gone", gone), []access.GroupSpec{onSet("Shared", "Other", "dev", "lost")}, "account lost"},
		"of an account, on that of a set that it leaves": {recorded(base(), "Shared", gone),
			[]access.GroupSpec{onSet("New", "Other", "lost", "prod")}, "account lost"},
	} {
		live, want := c.live(), external(c.want...)
		o := options(access.SCIM)
		o.Guards = Guards{AllowMissing: true, AllowRemovals: true, AllowReplace: true, AllowLockout: true}
		for range 3 {
			p := Diff(&want, &live, o)
			if p.Refused() {
				t.Fatalf("%s: %v", name, p.Findings)
			}
			live = applied(t, p, live)
		}
		live = taken(live, c.takes)
		if p := Diff(&want, &live, o); len(refusals(p, Rebind)) == 0 {
			t.Errorf("%s: who takes the name is not asked about: %v, %v", name, ids(p), p.Findings)
		}
	}
}

// Where nothing is open, nothing stays.
func TestASetThatGoesStaysForAnOpenNameOnly(t *testing.T) {
	w := newWorld().account("dev").group("Team", "").set("Team", "me").assign("Team", "dev", "Team").set("Gone", "me")
	live := w.state()
	recordOn(&live, "Gone", access.Record{Principals: []access.RecordedPrincipal{meantGroup("Team", "g-Team"), meantGroup("Nobody", "g-x")}})
	want := external(spec("Team", "dev"))
	want.Sets[0].Tags = live.Sets[live.SetIndex("Team")].Tags
	o := options(access.SCIM)
	o.Guards.AllowMissing = true
	expect(t, Diff(&want, &live, o), []string{"permission_set.delete set=Gone"})
	// The record of a set that stays says the same.
	recordOn(&live, "Team", access.Record{Principals: []access.RecordedPrincipal{meantGroup("Nobody", "g-x"), meantGroup("Team", "g-Team")}})
	want = external(spec("Team", "dev"), onSet("Team", "Nobody", "dev"))
	want.Sets[0].Tags = live.Sets[live.SetIndex("Team")].Tags
	if p := Diff(&want, &live, o); len(refusals(p, Removals)) > 0 || !hasID(p, "permission_set.delete set=Gone") {
		t.Errorf("%v %v", ids(p), p.Findings)
	}
}

// Beyond the room for whole ids, two groups that are renamed into one another are
// found as well, and what the record has of a name that is open stays.
func TestNamesAreHeldAgainstARecordInShort(t *testing.T) {
	w := newWorld().account("dev").account("prod").set("Team", "me")
	var specs []access.GroupSpec
	for i := range 120 {
		name := fmt.Sprintf("Group%03d", i)
		w.group(name, "", func(g *access.Group) { g.ID = fmt.Sprintf("9067%06d-1111-2222-3333-44440%06d", i, i) }).assign("Team", "dev", name)
		specs = append(specs, onSet("Team", name, "dev"))
	}
	live := w.state()
	as := func(i int, name string) access.State {
		m := model.Of(live)
		j := slices.IndexFunc(m.Groups, func(g access.Group) bool { return g.Name == name })
		if j >= 0 {
			m.Groups[j].Name = m.Groups[i].Name
		}
		m.Groups[i].Name = name
		return m.State()
	}
	want := external(specs...)
	want.Sets[0].Tags = live.Sets[0].Tags
	o := options(access.SCIM)
	expect(t, Diff(&want, &live, o), []string{})
	swapped := as(1, "Group002")
	p := Diff(&want, &swapped, o)
	if got := refusals(p, Rebind); len(got) != 2 || !strings.Contains(got[0]+got[1], "9067000001-") {
		t.Errorf("two names swapped: %v", got)
	}
	// A name is missing while the set changes, and somebody takes it later.
	gone := as(1, "elsewhere")
	o.Guards.AllowMissing = true
	more := external(append(specs[:len(specs)-1:len(specs)-1], onSet("Team", specs[119].Name.Value, "prod"))...)
	gone = taken(applied(t, Diff(&more, &gone, o), gone), "group Group001")
	if got := refusals(Diff(&more, &gone, o), Rebind); len(got) != 1 {
		t.Errorf("who takes a name that was open: %v", got)
	}
}

// Beyond the room for accounts, two that are renamed into one another are found.
func TestAccountsAreHeldAgainstARecordWithoutRoom(t *testing.T) {
	w := newWorld().group("Team", "").set("Team", "me")
	var names []string
	for i := range 300 {
		name := fmt.Sprintf("account%03d", i)
		w.account(name, func(a *access.Account) { a.ID = fmt.Sprintf("%012d", i) })
		if i != 2 {
			w.assign("Team", name, "Team")
			names = append(names, name)
		}
	}
	live := w.state()
	want := external(spec("Team", names...))
	want.Sets[0].Tags = live.Sets[0].Tags
	o := options(access.SCIM)
	expect(t, Diff(&want, &live, o), []string{})
	m := model.Of(live)
	m.Accounts[1].Name, m.Accounts[2].Name = m.Accounts[2].Name, m.Accounts[1].Name
	renamed := m.State()
	p := Diff(&want, &renamed, o)
	if got := refusals(p, Rebind); len(got) != 1 || !strings.Contains(got[0], "account001") {
		t.Errorf("an account took another's name: %v, %v", got, ids(p))
	}
	o.Guards.AllowRebind = []string{"account001"}
	if p := Diff(&want, &renamed, o); len(refusals(p, Rebind)) > 0 || !slices.Contains(ids(p), "account_assignment.create set=Team account=000000000002 group=Team") {
		t.Errorf("agreed to: %v, %v", ids(p), p.Findings)
	}
}

// Where records say who has something, a set that only looks like ours says of
// nobody that the group is not a new one.
func TestASetWithoutARecordMakesNobodyKnown(t *testing.T) {
	for name, c := range map[string]struct {
		set  string
		asks bool
	}{"what a record has": {"Known", false}, "a set that was made to look like ours": {"Forged", true}} {
		live := newWorld().account("dev").group("Team", "").group("Other", "").set("Known", "me").set("Forged", "me").set("Gone", "me").
			assign("Known", "dev", "Other").orphan("Gone", "dev", "g-old").assign(c.set, "dev", "Team").b.State()
		known := access.Record{Principals: []access.RecordedPrincipal{meantGroup("Other", "g-Other")}}
		if c.set == "Known" {
			known.Principals = append(known.Principals, meantGroup("Team", "g-Team"))
		}
		recordOn(&live, "Known", known)
		want := external(onSet("Known", "Other", "dev"), onSet("New", "Team", "dev"))
		if p := Diff(&want, &live, options(access.SCIM)); len(refusals(p, Rebind)) > 0 != c.asks {
			t.Errorf("%s: %v", name, p.Findings)
		}
	}
}

func hasID(p *Plan, id string) bool { return slices.Contains(ids(p), id) }

func applied(t *testing.T, p *Plan, s access.State) access.State {
	t.Helper()
	if err := CheckOrder(p.Changes); err != nil {
		t.Fatalf("order: %v", err)
	}
	for _, c := range p.Changes {
		s = model.After(s, c)
	}
	return s
}

// taken returns the state after somebody made a group or an account of a name.
func taken(s access.State, what string) access.State {
	m := model.Of(s)
	if name, ok := strings.CutPrefix(what, "group "); ok {
		m.Groups = append(m.Groups, access.Group{Name: name, ID: "g-taken"})
	} else {
		m.Accounts = append(m.Accounts, access.Account{Name: strings.TrimPrefix(what, "account "), ID: "888888888888", State: "ACTIVE"})
	}
	return m.State()
}

// A group of which a record has only the mark of the id is on record.
func TestAGroupThatIsOnRecordInShort(t *testing.T) {
	w := newWorld().account("dev").set("Team", "me").group("Old", "me").group("Team", "")
	known := access.Record{Principals: []access.RecordedPrincipal{meantGroup("Team", "g-Team"), meantGroup("Old", access.PrincipalMark("g-Old"))}}
	live, want := w.b.State(), external(spec("Team", "dev"))
	recordOn(&live, "Team", known)
	p := Diff(&want, &live, options(access.SCIM))
	if asked := slices.ContainsFunc(refusals(p, Removals), func(s string) bool { return strings.Contains(s, "on no record") }); asked || !slices.Contains(ids(p), "group.delete group=Old") {
		t.Errorf("%v, %v", ids(p), p.Findings)
	}
}
