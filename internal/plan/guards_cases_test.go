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

// office is an estate of one team of each size that daily work meets.
func office() (access.State, access.Config) {
	admins, solo, team, many := spec("Admins", "dev", "prod"), spec("Solo", "dev"), spec("Team", "dev", "prod"), spec("Many", "dev", "prod", "test", "demo")
	admins.AWSManagedPolicies, admins.Members = texts(adminARN), texts("ann", "bob")
	solo.AWSManagedPolicies, solo.Members = texts(readARN), texts("cat")
	team.AWSManagedPolicies, team.Members = texts(readARN), texts("ann", "cat")
	team.InlinePolicies = policy("Allow")
	many.AWSManagedPolicies, many.Members = texts(readARN), texts("ann", "bob", "cat", "dan", "eve")
	cfg := access.Config{AccessGroups: access.List[access.GroupSpec]{Items: []access.GroupSpec{admins, solo, team, many}}}
	w := newWorld()
	for _, a := range []string{"dev", "prod", "test", "demo"} {
		w.account(a)
	}
	for _, u := range []string{"ann", "bob", "cat", "dan", "eve", "fay"} {
		w.user(u)
	}
	empty := w.b.State()
	first := access.Desired(cfg, "me")
	p := Diff(&first, &empty, options(access.BuiltIn))
	live := empty
	for _, c := range p.Changes {
		live = model.After(live, c)
	}
	return live, cfg
}

// TestOrdinaryEditsAreNotRefused: daily work needs no flags.
func TestOrdinaryEditsAreNotRefused(t *testing.T) {
	live, _ := office()
	for name, edit := range map[string]func(admins, solo, team, many *access.GroupSpec, all *[]access.GroupSpec){
		"nothing": func(_, _, _, _ *access.GroupSpec, _ *[]access.GroupSpec) {},
		"a person joins": func(_, _, team, _ *access.GroupSpec, _ *[]access.GroupSpec) {
			team.Members = texts("ann", "cat", "fay")
		},
		"a person leaves": func(_, _, _, many *access.GroupSpec, _ *[]access.GroupSpec) {
			many.Members = texts("ann", "bob", "cat", "dan")
		},
		"a person moves": func(_, solo, team, _ *access.GroupSpec, _ *[]access.GroupSpec) {
			solo.Members, team.Members = texts(), texts("ann", "cat")
		},
		"a group of one changes its member": func(_, solo, _, _ *access.GroupSpec, _ *[]access.GroupSpec) { solo.Members = texts("fay") },
		"a group of five changes all its members": func(_, _, _, many *access.GroupSpec, _ *[]access.GroupSpec) {
			many.Members = texts("fay")
		},
		"a group moves its only account": func(_, solo, _, _ *access.GroupSpec, _ *[]access.GroupSpec) { solo.AccountsNames = texts("prod") },
		"a group loses its only account": func(_, solo, _, _ *access.GroupSpec, _ *[]access.GroupSpec) { solo.AccountsNames = texts() },
		"a group leaves an account":      func(_, _, team, _ *access.GroupSpec, _ *[]access.GroupSpec) { team.AccountsNames = texts("dev") },
		"a group leaves two accounts": func(_, _, _, many *access.GroupSpec, _ *[]access.GroupSpec) {
			many.AccountsNames = texts("dev", "prod")
		},
		"a policy is added": func(_, _, team, _ *access.GroupSpec, _ *[]access.GroupSpec) {
			team.AWSManagedPolicies = texts(readARN, "arn:aws:iam::aws:policy/B")
		},
		"a policy is replaced": func(_, _, team, _ *access.GroupSpec, _ *[]access.GroupSpec) {
			team.AWSManagedPolicies = texts("arn:aws:iam::aws:policy/B")
		},
		"a policy is added for admins": func(a, _, _, _ *access.GroupSpec, _ *[]access.GroupSpec) {
			a.AWSManagedPolicies = texts(adminARN, readARN)
		},
		"an inline policy changes": func(_, _, team, _ *access.GroupSpec, _ *[]access.GroupSpec) { team.InlinePolicies = policy("Deny") },
		"an inline policy goes":    func(_, _, team, _ *access.GroupSpec, _ *[]access.GroupSpec) { team.InlinePolicies.Items = nil },
		"a boundary comes": func(_, _, team, _ *access.GroupSpec, _ *[]access.GroupSpec) {
			team.PermissionsBoundary = text("Limits")
		},
		"a session gets longer": func(a, _, _, _ *access.GroupSpec, _ *[]access.GroupSpec) { a.SessionDuration = text("PT8H") },
		"a group is renamed": func(_, _, team, _ *access.GroupSpec, _ *[]access.GroupSpec) {
			team.Name, team.Previously, team.PermissionSetName = text("Crew"), text("Team"), text("Team")
		},
		"an administrator leaves": func(a, _, _, _ *access.GroupSpec, _ *[]access.GroupSpec) { a.Members = texts("ann") },
		"a team is dissolved": func(_, _, _, _ *access.GroupSpec, all *[]access.GroupSpec) {
			*all = slices.DeleteFunc(*all, func(g access.GroupSpec) bool { return g.Name.Value == "Team" })
		},
		"a team is founded": func(_, _, _, _ *access.GroupSpec, all *[]access.GroupSpec) { *all = append(*all, spec("New", "dev")) },
		"admins go to one more account": func(a, _, _, _ *access.GroupSpec, _ *[]access.GroupSpec) {
			a.AccountsNames = texts("dev", "prod", "test")
		},
		"an account is left by two groups": func(_, _, team, many *access.GroupSpec, _ *[]access.GroupSpec) {
			team.AccountsNames, many.AccountsNames = texts("dev"), texts("dev", "test", "demo")
		},
		"an account is left by everybody": func(_, _, _, many *access.GroupSpec, _ *[]access.GroupSpec) {
			many.AccountsNames = texts("dev", "prod", "test")
		},
		"an inline policy gains a statement": func(_, _, team, _ *access.GroupSpec, _ *[]access.GroupSpec) {
			team.InlinePolicies.Items = append(policy("Allow").Items, policy("Allow").Items...)
		},
	} {
		t.Run(name, func(t *testing.T) {
			_, cfg := office()
			g := cfg.AccessGroups.Items
			edit(&g[0], &g[1], &g[2], &g[3], &cfg.AccessGroups.Items)
			want := access.Desired(cfg, "me")
			o := options(access.BuiltIn)
			o.Guards.Caller = Caller{Management: true, Account: accountID(live, "dev"), PermissionSet: "Admins", User: "ann"}
			if p := Diff(&want, &live, o); p.Refused() {
				t.Errorf("refused: %v\n%s", p.Findings, strings.Join(ids(p), "\n"))
			}
		})
	}
}

func TestRemovalsOfAllThereIs(t *testing.T) {
	live, _ := office()
	for name, c := range map[string]struct {
		edit    func(*access.Config)
		refused string
	}{
		"all five members of a group":  {func(c *access.Config) { c.AccessGroups.Items[3].Members = texts() }, "5 of 5 memberships of group \"Many\": that is all of them"},
		"all four accounts of a group": {func(c *access.Config) { c.AccessGroups.Items[3].AccountsNames = texts() }, "4 of 4 account assignments of group \"Many\": that is all of them"},
		"all three of an account": {func(c *access.Config) {
			c.AccessGroups.Items[0].AccountsNames, c.AccessGroups.Items[2].AccountsNames, c.AccessGroups.Items[3].AccountsNames = texts("dev"), texts("dev"), texts("dev", "test", "demo")
			c.AccessGroups.Items = append(c.AccessGroups.Items, access.GroupSpec{Name: text("Stays")})
		}, ""}, // the account is not in the config any more
		"all three of an account that a group which is missing is to have": {func(c *access.Config) {
			c.AccessGroups.Items[0].AccountsNames, c.AccessGroups.Items[2].AccountsNames, c.AccessGroups.Items[3].AccountsNames = texts("dev"), texts("dev"), texts("dev", "test", "demo")
			c.ExternalGroups.Items = append(c.ExternalGroups.Items, spec("Missing", "prod"))
		}, "3 of 3 account assignments in account \"prod\": that is all of them"},
		"every membership": {func(c *access.Config) {
			for i := range c.AccessGroups.Items {
				c.AccessGroups.Items[i].Members = texts()
			}
		}, "10 of 10 memberships: that is all of them"},
		"every assignment": {func(c *access.Config) {
			for i := range c.AccessGroups.Items {
				c.AccessGroups.Items[i].AccountsNames = texts()
			}
		}, "9 of 9 account assignments: that is all of them"},
		"every group":                   {func(c *access.Config) { c.AccessGroups.Items = nil }, "the config names no group at all, and the plan removes 27 things"},
		"every group, with one instead": {func(c *access.Config) { c.AccessGroups.Items = []access.GroupSpec{spec("New", "dev")} }, "the plan removes 9 of 9 account assignments: that is over 25%"},
	} {
		t.Run(name, func(t *testing.T) {
			_, cfg := office()
			c.edit(&cfg)
			want := access.Desired(cfg, "me")
			o := options(access.BuiltIn)
			o.Guards.AllowLockout, o.Guards.AllowMissing = true, true
			got := refusals(Diff(&want, &live, o), Removals)
			if found := slices.ContainsFunc(got, func(s string) bool { return strings.Contains(s, c.refused) }); c.refused == "" && len(got) > 0 || c.refused != "" && !found {
				t.Errorf("refused %q, want %q", got, c.refused)
			}
			o.Guards.AllowRemovals = true
			if p := Diff(&want, &live, o); p.Refused() {
				t.Errorf("refused with --allow-removals: %v", p.Findings)
			}
		})
	}
}

// TestRemovalsAreCountedOfEachKind: of each alone, where nothing else is too much.
func TestRemovalsAreCountedOfEachKind(t *testing.T) {
	w := newWorld().account("dev").account("prod")
	all := []string{"A", "B", "C", "D"}
	for _, n := range all {
		w.group(n, "me").set(n, "me").assign(n, "dev", n)
		if n != "D" {
			w.assign(n, "prod", n)
		}
	}
	for _, n := range []string{"E", "F", "G"} {
		w.group(n, "me").set("Set"+n, "me")
	}
	live := w.state()
	var known access.Record
	for _, n := range []string{"E", "F", "G"} {
		known.Principals = append(known.Principals, meantGroup(n, "g-"+n))
	}
	recordOn(&live, "SetE", known)
	specs := func(more ...access.GroupSpec) []access.GroupSpec {
		for _, n := range all {
			more = append(more, spec(n, "dev", "prod"))
		}
		more[len(more)-1].AccountsNames = texts("dev")
		return more
	}
	empty := []access.GroupSpec{spec("E"), spec("F"), spec("G")}
	keepSets := func(s *access.State) {
		for _, n := range []string{"SetE", "SetF", "SetG"} {
			s.Sets = append(s.Sets, access.PermissionSet{Name: n, Owner: "me", Tags: []access.Tag{{Key: access.OwnerTag, Value: "me"}}})
		}
	}
	left := specs(empty...)
	left[3].AccountsNames, left[4].AccountsNames = texts("dev"), texts("dev")
	for name, c := range map[string]struct {
		want    access.State
		sets    bool
		percent int
		refused string
	}{
		"groups":                    {internal(nil, specs(empty[0])...), true, 28, "2 of 7 groups"},
		"sets":                      {internal(nil, specs(empty...)...), false, 28, "3 of 7 permission sets"},
		"assignments of an account": {internal(nil, left...), true, 60, `2 of 3 account assignments in account "prod"`},
		"nothing":                   {internal(nil, specs(empty...)...), true, 28, ""},
	} {
		if c.sets {
			keepSets(&c.want)
		}
		o := options(access.BuiltIn)
		o.Guards.RemovalMin = 1
		o.Guards.RemovalPercent = c.percent
		got := refusals(Diff(&c.want, &live, o), Removals)
		if c.refused == "" && len(got) > 0 || c.refused != "" && (len(got) != 1 || !strings.Contains(got[0], c.refused)) {
			t.Errorf("%s: refused %q, want %q", name, got, c.refused)
		}
	}
}

// TestAdoptionOfWhatWasOurs: that a record of ours is on a set does not make its
// adoption less of one.
func TestAdoptionOfWhatWasOurs(t *testing.T) {
	live := newWorld().account("dev").group("Team", "me").group("Other", "").set("Team", "me").assign("Team", "dev", "Team").assign("Team", "dev", "Other").state()
	live.Sets[0].Owner, live.Sets[0].Tags = "", nil
	want := internal(nil, spec("Team", "dev"))
	o := options(access.BuiltIn)
	o.Adopt = []string{"Team"}
	if got := refusals(Diff(&want, &live, o), Removals); len(got) != 1 || !strings.Contains(got[0], "taking over") {
		t.Errorf("refused %q", got)
	}
}

// TestLeavingAGroupThatWasNotRead: it may be what the caller is signed in by.
func TestLeavingAGroupThatWasNotRead(t *testing.T) {
	live := newWorld().account("dev").user("jane").group("Admins", "me").member("Admins", "jane").set("Admins", "me").assign("Admins", "dev", "Admins").state()
	want := internal(nil, spec("Admins", "dev"))
	o := options(access.BuiltIn)
	o.Guards.Caller = Caller{Management: true, Account: accountID(live, "dev"), PermissionSet: "Elsewhere", User: "jane"}
	if got := refusals(Diff(&want, &live, o), Lockout); len(got) > 0 {
		t.Errorf("a group all of whose uses are known: refused %q", got)
	}
	live.Observed.Uses = map[string]bool{}
	if got := refusals(Diff(&want, &live, o), Lockout); len(got) != 1 {
		t.Errorf("a group whose uses were not read: refused %q", got)
	}
}

// TestAdoptionTakesNothingUnasked: one assignment, member or policy is enough.
func TestAdoptionTakesNothingUnasked(t *testing.T) {
	build := func(edit func(*world)) access.State {
		w := newWorld().account("dev").account("prod").user("ann").user("eve").group("Team", "").group("Other", "").member("Team", "ann").
			set("Team", "", func(p *access.PermissionSet) { p.ManagedPolicies = []string{readARN} }).assign("Team", "dev", "Team")
		edit(w)
		return w.b.State()
	}
	for name, c := range map[string]struct {
		edit    func(*world)
		refused bool
	}{
		"nothing":            {func(*world) {}, false},
		"another's grant":    {func(w *world) { w.assign("Team", "prod", "Other") }, true},
		"a grant of its own": {func(w *world) { w.assign("Team", "prod", "Team") }, true},
		"an orphan":          {func(w *world) { w.orphan("Team", "prod", "gone") }, false},
		"a member":           {func(w *world) { w.member("Team", "eve") }, true},
	} {
		t.Run(name, func(t *testing.T) {
			live := build(c.edit)
			team := spec("Team", "dev")
			team.AWSManagedPolicies, team.Members = texts(readARN), texts("ann")
			want := internal(nil, team)
			o := options(access.BuiltIn)
			o.Adopt = []string{"Team"}
			p := Diff(&want, &live, o)
			if got := refusals(p, Removals); (len(got) > 0) != c.refused {
				t.Errorf("refused %q", got)
			}
		})
	}
	live := build(func(*world) {})
	team := spec("Team", "dev")
	team.Members = texts("ann")
	want := internal(nil, team)
	o := options(access.BuiltIn)
	o.Adopt = []string{"Team"}
	if got := refusals(Diff(&want, &live, o), Removals); len(got) != 1 || !strings.Contains(got[0], `taking over permission set "Team"`) {
		t.Errorf("a policy that goes: refused %q", got)
	}
}

// TestSuspendedAccount: what stays there gives nobody access, so it stops
// nothing; a new assignment there does.
func TestSuspendedAccount(t *testing.T) {
	stays := diag.Diagnostic{Severity: diag.Warning, Code: AccountInactive, Summary: "what the account has stays as it is"}
	blocks := diag.Diagnostic{Severity: diag.Error, Code: AccountInactive, Summary: "account cannot be changed"}
	grant := Blocked{Change: Change{Kind: Assignment, Action: Create}, Cause: AccountInactive, Why: blocks.Summary}
	revocation := Blocked{Change: Change{Kind: Assignment, Action: Delete}, Cause: AccountInactive, Why: blocks.Summary}
	for name, c := range map[string]struct {
		plan  Plan
		flags Guards
		want  bool
	}{
		"only what stays":                 {Plan{Findings: diag.List{stays}}, Guards{}, false},
		"a revocation":                    {Plan{Findings: diag.List{blocks}, Blocked: []Blocked{revocation}}, Guards{}, false},
		"a grant":                         {Plan{Findings: diag.List{blocks, stays}, Blocked: []Blocked{revocation, grant}}, Guards{}, true},
		"a grant, with --allow-missing":   {Plan{Findings: diag.List{blocks, stays}, Blocked: []Blocked{grant}}, Guards{AllowMissing: true}, false},
		"a grant that is agreed to by id": {Plan{Findings: diag.List{blocks}, Blocked: []Blocked{grant}}, Guards{Allow: []string{IDOf(blocks)}}, false},
	} {
		p := c.plan
		p.Findings = slices.Clone(p.Findings)
		GuardMissing(&p)
		c.flags.Consent(p.Findings)
		if p.Refused() != c.want {
			t.Errorf("%s: refused %v: %v", name, p.Refused(), p.Findings)
		}
	}
}

// TestMembersOfOthersGroups: a deleted user leaves groups that the plan does not
// touch, too.
func TestMembersOfOthersGroups(t *testing.T) {
	live := newWorld().account("dev").user("jane").group("Foreign", "you").member("Foreign", "jane").
		set("Foreign", "you", func(p *access.PermissionSet) { p.ManagedPolicies = []string{adminARN} }).assign("Foreign", "dev", "Foreign").b.State()
	fresh := spec("Fresh", "dev") // nobody is in it, so it administers nothing
	fresh.AWSManagedPolicies = texts(adminARN)
	want := access.Desired(access.Config{RemovedUsers: texts("jane"), AccessGroups: access.List[access.GroupSpec]{Items: []access.GroupSpec{fresh}}}, "me")
	o := options(access.BuiltIn)
	o.Guards.Protected = []string{"Foreign"}
	p := Diff(&want, &live, o)
	if got := refusals(p, LastAdministrator); len(got) != 1 {
		t.Errorf("last administrator: %q", got)
	}
	if got := refusals(p, Lockout); len(got) != 1 || !strings.Contains(got[0], `delete user "jane"`) {
		t.Errorf("protected: %q", got)
	}
}

// TestGrantBringsWhatIsStaged: AWS provisions the set with each new assignment.
func TestGrantBringsWhatIsStaged(t *testing.T) {
	live := newWorld().account("dev").account("prod").set("Admins", "me").b.State()
	dev, prod := accountID(live, "dev"), accountID(live, "prod")
	live.Sets[0].Provisioned, live.Sets[0].Outdated = []string{dev, prod}, []string{dev}
	want := internal(nil)
	b := Bind(&want, &live, options(access.BuiltIn))
	for account, locked := range map[string]bool{dev: true, prod: false} {
		c := Change{Kind: Assignment, Action: Create, Key: Key{PermissionSet: "Admins", Account: account, Group: "New"}}
		if why := b.LocksCallerOut(c, Caller{Account: account, PermissionSet: "admins", User: "jane"}); (why != "") != locked {
			t.Errorf("in %s: %q", account, why)
		}
	}
}
