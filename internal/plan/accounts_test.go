package plan_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/diag"
	. "github.com/rolecall-dev/rolecall/internal/plan"
	"github.com/rolecall-dev/rolecall/internal/plan/model"
)

func called(id, name, state string) func(*access.Account) {
	return func(a *access.Account) { a.ID, a.Name, a.State = id, name, state }
}

// asks makes the state of a config that gives group Team its set in the accounts.
func asks(accounts ...string) access.State {
	var c access.Config
	c.ManagementMode.Value = "external"
	g := access.GroupSpec{Name: access.Text{Value: "Team"}}
	for i, a := range accounts {
		g.AccountsNames.Items = append(g.AccountsNames.Items, access.Text{Value: a, Range: diag.Range{File: "x", Start: diag.Pos{Line: 1 + i}}})
	}
	c.ExternalGroups.Items = []access.GroupSpec{g}
	return access.Desired(c, "me")
}

// twins has the accounts of an organization in which names do not tell everything.
func twins() *world {
	return newWorld().account("development", called("222233334444", "development", "ACTIVE")).account("production", called("444455556666", "production", "ACTIVE")).
		account("twin", called("888899990000", "twin", "ACTIVE")).account("closed", called("999900001111", "twin", "SUSPENDED")).
		account("tiny", called("000000000123", "tiny", "ACTIVE")).
		account("decoy", called("777788889999", "222233334444", "ACTIVE")).
		group("Team", "", func(g *access.Group) { g.SCIM = true })
}

func plain(p *access.PermissionSet) { p.SessionDuration = "PT1H" }

func assignedIn(p *Plan) []string {
	var out []string
	for _, c := range p.Changes {
		if c.Kind == Assignment {
			out = append(out, string(c.Action)+" "+c.Key.Account)
		}
	}
	slices.Sort(out)
	return out
}

func codesOf(p *Plan) []diag.Code {
	var out []diag.Code
	for _, f := range p.Findings {
		out = append(out, f.Code)
	}
	return slices.Compact(slices.Sorted(slices.Values(out)))
}

func TestAnAccountIsMeantByNameOrID(t *testing.T) {
	for _, c := range []struct {
		accounts []string
		grants   []string
		found    []diag.Code
	}{
		{[]string{"222233334444"}, []string{"create 222233334444"}, nil},
		{[]string{"777788889999"}, []string{"create 777788889999"}, nil},
		{[]string{"000000000123"}, []string{"create 000000000123"}, nil},
		{[]string{"twin"}, []string{"create 888899990000"}, nil},
		{[]string{"123"}, nil, []diag.Code{AccountNumber}},
		{[]string{"123456789012"}, nil, []diag.Code{AccountMissing}},
		{[]string{"999900001111"}, nil, []diag.Code{AccountInactive}},
		{[]string{"development", "222233334444"}, []string{"create 222233334444"}, []diag.Code{AccountTwice}},
		{[]string{"222233334444", "development", "production"}, []string{"create 222233334444", "create 444455556666"}, []diag.Code{AccountTwice}},
		{[]string{"development", "development"}, []string{"create 222233334444"}, nil}, // access.Check warns
	} {
		want, live := asks(c.accounts...), twins().state()
		p := Diff(&want, &live, options(access.SCIM))
		if got := assignedIn(p); !slices.Equal(got, c.grants) || !slices.Equal(codesOf(p), c.found) {
			t.Errorf("%v: %v, found %v", c.accounts, got, p.Findings)
		}
		seen := map[ID]bool{}
		for _, change := range p.Changes {
			if seen[change.ID] {
				t.Errorf("%v: %s is in the plan twice", c.accounts, change.ID)
			}
			seen[change.ID] = true
		}
	}
}

// A name that is missing is told what it was probably meant to be, also where the
// config has the right name for another group.
func TestAMissingAccountsNearName(t *testing.T) {
	for name, want := range map[string]string{
		"developmnt": `Did you mean "development"?`, "Development": `Did you mean "development"?`, "2222-3333-4444": `"222233334444". That is account "development".`,
		"2222 3333 4444": `"222233334444"`, "123": `write "000000000123"`, "sandbox": "or create the account", "123456789012": "Twelve digits",
	} {
		config, live := asks(name, "development"), twins().state()
		p := Diff(&config, &live, options(access.SCIM))
		if len(p.Findings) != 1 || !strings.Contains(p.Findings[0].Hint, want) {
			t.Errorf("%s: %v", name, p.Findings)
		}
	}
}

// What was there stays as it is, whichever way the account is written.
func TestAnAccountNamedTwiceConverges(t *testing.T) {
	for _, accounts := range [][]string{{"development"}, {"222233334444"}, {"development", "222233334444"}} {
		want, live := asks(accounts...), twins().set("Team", "me", plain).assign("Team", "development", "Team").state()
		if got := assignedIn(Diff(&want, &live, options(access.SCIM))); got != nil {
			t.Errorf("%v: %v", accounts, got)
		}
	}
	// The warning is at the second of the two lines, and names the first.
	want, live := asks("222233334444", "production", "development"), twins().state()
	p := Diff(&want, &live, options(access.SCIM))
	if len(p.Findings) != 1 || p.Findings[0].Severity != diag.Warning || p.Findings[0].Range.Start.Line != 3 || len(p.Findings[0].Related) != 1 ||
		p.Findings[0].Related[0].Start.Line != 1 {
		t.Errorf("%+v", p.Findings)
	}
}

// An account that was closed and made again under its name is another one: its
// access does not move there unseen, whatever says that it was meant.
func TestATwinIsNotGivenTheAccessOfAnother(t *testing.T) {
	for name, w := range map[string]*world{
		"with a record":    twins().set("Team", "me", plain, onRecord(access.Record{Accounts: []access.RecordedAccount{{Name: "twin", ID: "999900001111"}}})),
		"without a record": twins().set("Team", "me", plain),
	} {
		want, live := asks("twin"), w.assign("Team", "closed", "Team").b.State()
		p := Diff(&want, &live, options(access.SCIM))
		if got := assignedIn(p); got != nil || !slices.Contains(codesOf(p), Rebind) {
			t.Errorf("%s: %v %v", name, got, p.Findings)
		}
		o := options(access.SCIM)
		o.Guards.AllowRebind = []string{"twin"}
		if got := assignedIn(Diff(&want, &live, o)); !slices.Equal(got, []string{"create 888899990000"}) {
			t.Errorf("%s, agreed to: %v", name, got)
		}
		byID := asks("888899990000")
		if p := Diff(&byID, &live, options(access.SCIM)); !slices.Equal(assignedIn(p), []string{"create 888899990000"}) || slices.Contains(codesOf(p), Rebind) {
			t.Errorf("%s, by id: %v %v", name, assignedIn(p), p.Findings)
		}
	}
	// Where the record says that the ACTIVE one was meant, nobody is asked.
	want := asks("twin", "development")
	live := twins().set("Team", "me", plain, onRecord(access.Record{Accounts: []access.RecordedAccount{{Name: "twin", ID: "888899990000"}}})).assign("Team", "twin", "Team").b.State()
	if p := Diff(&want, &live, options(access.SCIM)); !slices.Equal(assignedIn(p), []string{"create 222233334444"}) || len(p.Findings) > 0 {
		t.Errorf("an edit beside it: %v %v", assignedIn(p), p.Findings)
	}
}

func onRecord(r access.Record) func(*access.PermissionSet) {
	r.Principals = append(r.Principals, access.RecordedPrincipal{Kind: access.GroupPrincipal, Name: "Team", ID: "g-Team"})
	return func(p *access.PermissionSet) { p.Record = access.ParseRecord(r.Tags("me", p.ARN)) }
}

// What stays in a closed account is on record under its id: its name is that of
// the ACTIVE one, and has to mean it the next time, too.
func TestWhatStaysInATwinIsOnRecordByItsID(t *testing.T) {
	want := asks("twin")
	live := twins().set("Team", "me", plain, onRecord(access.Record{Accounts: []access.RecordedAccount{{Name: "twin", ID: "888899990000"}}})).
		assign("Team", "twin", "Team").assign("Team", "closed", "Team").b.State()
	p := Diff(&want, &live, options(access.SCIM))
	for _, c := range p.Changes {
		if c.Kind != Record {
			continue
		}
		for _, a := range c.After.Record.Accounts {
			if a.Name == "twin" && a.ID != "888899990000" {
				t.Errorf("the record has %+v", c.After.Record.Accounts)
			}
		}
		set := model.After(live, c)
		if again := Diff(&want, &set, options(access.SCIM)); slices.Contains(codesOf(again), Rebind) {
			t.Errorf("the next plan asks: %v", again.Findings)
		}
	}
}

// A name of which it is not clear whom it means takes nothing from the accounts
// that it may mean, and keeps nothing for others.
func TestAnAmbiguousNameBlocksNoRevocationByID(t *testing.T) {
	w := newWorld().account("a", called("222233334444", "Development", "ACTIVE")).account("b", called("333344445555", "Development", "ACTIVE")).
		account("production", called("444455556666", "production", "ACTIVE")).account("staging", called("555566667777", "staging", "ACTIVE")).
		group("Team", "", func(g *access.Group) { g.SCIM = true }).set("Team", "me", plain).
		assign("Team", "a", "Team").assign("Team", "production", "Team").assign("Team", "staging", "Team")
	want, live := asks("Development", "staging"), w.b.State()
	p := Diff(&want, &live, options(access.SCIM))
	if got := assignedIn(p); !slices.Equal(got, []string{"delete 444455556666"}) {
		t.Errorf("%v, blocked %v", got, p.Blocked)
	}
	if !slices.ContainsFunc(p.Findings, func(d diag.Diagnostic) bool {
		return d.Code == AccountAmbiguous && strings.Contains(d.Summary, "222233334444, 333344445555")
	}) {
		t.Errorf("%v", p.Findings)
	}
}

// Twelve digits in a setting are an id, whatever an account is called.
func TestPatternsOfAccounts(t *testing.T) {
	for pattern, hides := range map[string][]string{
		"account:222233334444": {"222233334444"}, "222233334444": {"222233334444"}, "account:777788889999": {"777788889999"}, "account:development": {"222233334444"},
		"account:twin": {"888899990000", "999900001111"},
	} {
		live := twins().state()
		o := options(access.SCIM)
		o.Ignore = []string{pattern}
		b := Bind(&access.State{}, &live, o)
		var got []string
		for _, a := range live.Accounts {
			if b.Ignored(access.AccountThing, a.Names()...) {
				got = append(got, a.ID)
			}
		}
		if !slices.Equal(got, hides) {
			t.Errorf("%s hides %v", pattern, got)
		}
	}
	live := twins().state()
	b := Bind(&access.State{}, &live, options(access.SCIM))
	for _, a := range live.Accounts {
		if got := b.Protects(a, "222233334444"); got != (a.ID == "222233334444") {
			t.Errorf("%s %q is protected: %t", a.ID, a.Name, got)
		}
	}
}
