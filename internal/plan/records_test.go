package plan_test

import (
	"slices"
	"testing"

	"github.com/rolecall-dev/rolecall/internal/access"
	. "github.com/rolecall-dev/rolecall/internal/plan"
)

// Every record of ours says what a name meant, wherever it is, and no other does.
func TestNamesAreHeldAgainstEveryRecord(t *testing.T) {
	world := func() access.State {
		return newWorld().account("dev").group("Team", "").set("Team", "me").assign("Team", "dev", "Team").set("Other", "other").state()
	}
	team := []access.RecordedPrincipal{{Kind: access.GroupPrincipal, Name: "Team", ID: "g-old"}}
	former := []access.RecordedPrincipal{{Kind: access.GroupPrincipal, Name: "Crew", ID: "g-old"}}
	dev := []access.RecordedAccount{{Name: "dev", ID: "999999999999"}}
	written := func(owner, arn string, r access.Record) access.Recorded {
		return access.ParseRecord(r.Tags(owner, arn))
	}
	on := func(s *access.State, set, owner string, r access.Record) {
		p := &s.Sets[s.SetIndex(set)]
		p.Record = written(owner, p.ARN, r)
	}
	for name, c := range map[string]struct {
		record     func(*access.State)
		previously string
		asks       bool
	}{
		"as it is":                   {func(*access.State) {}, "", false},
		"a group":                    {func(s *access.State) { on(s, "Team", "me", access.Record{Principals: team}) }, "", true},
		"a group's former name":      {func(s *access.State) { on(s, "Team", "me", access.Record{Principals: former}) }, "Crew", true},
		"an account":                 {func(s *access.State) { on(s, "Team", "me", access.Record{Accounts: dev}) }, "", true},
		"a set that others have now": {func(s *access.State) { on(s, "Other", "me", access.Record{Principals: team}) }, "", true},
		"a set that is not read": {func(s *access.State) {
			s.Evidence = append(s.Evidence, written("me", "arn:gone", access.Record{Principals: team}))
		}, "", true},
		"a record of others": {func(s *access.State) { on(s, "Other", "other", access.Record{Principals: team}) }, "", false},
		"a record from another set": {func(s *access.State) {
			s.Sets[s.SetIndex("Other")].Record = written("me", "arn:elsewhere", access.Record{Principals: team})
		}, "", false},
		"a former name that nobody knew": {func(s *access.State) { on(s, "Team", "me", access.Record{}) }, "Crew", false},
	} {
		live := world()
		c.record(&live)
		g := spec("Team", "dev")
		g.Previously = text(c.previously)
		want := external(g)
		if p := Diff(&want, &live, options(access.SCIM)); len(refusals(p, Rebind)) > 0 != c.asks {
			t.Errorf("%s: %v", name, p.Findings)
		}
	}
}

// Whenever a run is cut off, the record names all that may be there: what comes
// before it is granted, what goes until it is gone.
func TestARecordNamesAllThatMayBeThere(t *testing.T) {
	live := newWorld().account("dev").group("Stays", "").group("Goes", "").group("Comes", "").set("Shared", "me").
		assign("Shared", "dev", "Stays").assign("Shared", "dev", "Goes").state()
	on := func(s access.GroupSpec) access.GroupSpec { s.PermissionSetName = text("Shared"); return s }
	want := external(on(spec("Stays", "dev")), on(spec("Comes", "dev")))
	p := Diff(&want, &live, options(access.SCIM))
	names := func(c Change) (out []string) {
		for _, r := range c.After.Record.Principals {
			out = append(out, r.Name)
		}
		return out
	}
	first, last := change(t, p, MakeID(Record, Update, Key{PermissionSet: "Shared", Level: Down})), change(t, p, MakeID(Record, Update, Key{PermissionSet: "Shared"}))
	dev := accountID(live, "dev")
	comes := change(t, p, ID("account_assignment.create set=Shared account="+dev+" group=Comes"))
	goes := change(t, p, ID("account_assignment.delete set=Shared account="+dev+" group=Goes"))
	if got := names(first); !slices.Equal(got, []string{"Comes", "Goes", "Stays"}) || !slices.Contains(comes.DependsOn, first.ID) {
		t.Errorf("the record before the grant names %v, and the grant waits for %v", got, comes.DependsOn)
	}
	if got := names(last); !slices.Equal(got, []string{"Comes", "Stays"}) || !slices.Contains(last.DependsOn, goes.ID) {
		t.Errorf("the last record names %v and waits for %v", got, last.DependsOn)
	}
}

// Our mark without a record may be anybody's work: what others have of such a set
// goes as in an adoption, however little it is.
func TestAMarkWithoutARecordTakesNothingUnasked(t *testing.T) {
	world := func() *world {
		return newWorld().account("dev").account("prod").group("Team", "").group("Other", "").set("Team", "me").
			assign("Team", "dev", "Team").assign("Team", "prod", "Team").assign("Team", "dev", "Other")
	}
	want := external(spec("Team", "dev", "prod"))
	for name, live := range map[string]access.State{"": world().state(), "without a record": world().b.State()} {
		p := Diff(&want, &live, options(access.SCIM))
		if !slices.Contains(ids(p), "account_assignment.delete set=Team account="+accountID(live, "dev")+" group=Other") || len(refusals(p, Removals)) > 0 != (name != "") {
			t.Errorf("%q: %v, %v", name, ids(p), p.Findings)
		}
	}
}
