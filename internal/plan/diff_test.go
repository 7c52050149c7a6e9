package plan_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/diag"
	. "github.com/rolecall-dev/rolecall/internal/plan"
)

// world builds small states by names.
type world struct {
	b                           access.Builder
	accounts, users, groups, ps map[string]int32
}

func newWorld() *world {
	w := &world{accounts: map[string]int32{}, users: map[string]int32{}, groups: map[string]int32{}, ps: map[string]int32{}}
	w.b.Observed = access.Observed{Read: "deep", Members: map[string]bool{}, Uses: map[string]bool{}, SetUses: map[string]bool{}}
	return w
}

func (w *world) account(name string, edit ...func(*access.Account)) *world {

	a := access.Account{ID: "1111" + strings.Repeat("0", 8-len(name)%8) + name, Name: name, State: "ACTIVE"}
	for _, e := range edit {
		e(&a)
	}
	w.accounts[name] = w.b.AddAccount(a)
	return w
}

func (w *world) group(name, owner string, edit ...func(*access.Group)) *world {
	g := access.Group{Name: name, Owner: owner, ID: "g-" + name}
	for _, e := range edit {
		e(&g)
	}
	w.groups[name] = w.b.AddGroup(g)
	w.b.Observed.Members[g.ID], w.b.Observed.Uses[g.ID] = true, true
	return w
}

func (w *world) user(name string) *world {
	w.users[name] = w.b.AddUser(access.User{Username: name, ID: "u-" + name})
	return w
}

func (w *world) set(name, owner string, edit ...func(*access.PermissionSet)) *world {
	p := access.PermissionSet{Name: name, ARN: "arn:aws:sso:::permissionSet/ins/" + name}
	if owner != "" {
		p.Tags = []access.Tag{{Key: access.OwnerTag, Value: owner}, {Key: access.GroupTag, Value: name}}
	}
	for _, e := range edit {
		e(&p)
	}
	w.ps[name] = w.b.AddSet(p)
	w.b.Observed.SetUses[p.ARN] = true
	return w
}

func (w *world) assign(set, account, group string) *world {
	w.b.AddAssignment(access.Assignment{Set: w.ps[set], Account: w.accounts[account], Kind: access.GroupPrincipal, Principal: w.groups[group]})
	return w
}

func (w *world) orphan(set, account, id string) *world {
	h := w.b.AddOrphan(access.Orphan{Kind: access.GroupPrincipal, ID: id})
	w.b.AddAssignment(access.Assignment{Set: w.ps[set], Account: w.accounts[account], Kind: access.OrphanPrincipal, Principal: h})
	return w
}

func (w *world) member(group, user string) *world {
	w.b.AddMembership(w.groups[group], w.users[user], 0)
	return w
}

// state returns the world as the last apply of ours left it: every set of ours has
// a record of who has it.
func (w *world) state() access.State {
	s := w.b.State()
	recordAll(&s)
	return s
}

func recordAll(s *access.State) {
	for i, p := range s.Sets {
		orphan := func(g access.Assignment) bool { return g.Kind == access.OrphanPrincipal }
		if p.Owner != "me" || slices.ContainsFunc(s.SetAssignments(i), orphan) {
			continue // what an orphan was called, nobody knows
		}
		var r access.Record
		for _, g := range s.SetAssignments(i) {
			if g.Kind == access.GroupPrincipal {
				r.Principals = append(r.Principals, access.RecordedPrincipal{Kind: g.Kind, Name: s.Groups[g.Principal].Name, ID: s.Groups[g.Principal].ID})
			}
			r.Accounts = append(r.Accounts, access.RecordedAccount{Name: s.Accounts[g.Account].Name, ID: s.Accounts[g.Account].ID})
		}
		r.Normalize()
		s.Sets[i].Record = access.ParseRecord(r.Tags(p.Owner, p.ARN))
	}
}

func text(s string) access.Text { return access.Text{Value: s} }

func texts(list ...string) access.List[access.Text] {
	var out access.List[access.Text]
	for _, s := range list {
		out.Items = append(out.Items, text(s))
	}
	return out
}

func external(groups ...access.GroupSpec) access.State {
	return access.Desired(access.Config{ManagementMode: text("external"), ExternalGroups: access.List[access.GroupSpec]{Items: groups}}, "me")
}

func internal(users []access.UserSpec, groups ...access.GroupSpec) access.State {
	return access.Desired(access.Config{Users: access.List[access.UserSpec]{Items: users}, AccessGroups: access.List[access.GroupSpec]{Items: groups}}, "me")
}

func spec(name string, accounts ...string) access.GroupSpec {
	return access.GroupSpec{Name: text(name), AccountsNames: texts(accounts...)}
}

// ids returns the changes but for those of records, which have tests of their own.
func ids(p *Plan) []string {
	out := []string{}
	for _, c := range p.Changes {
		if c.Kind != Record {
			out = append(out, string(c.ID))
		}
	}
	return out
}

// change finds a change of a plan.
func change(t *testing.T, p *Plan, id ID) Change {
	t.Helper()
	for _, c := range p.Changes {
		if c.ID == id {
			return c
		}
	}
	t.Fatalf("the plan has no %s: %v", id, ids(p))
	return Change{}
}

func codes(l diag.List) []diag.Code {
	out := []diag.Code{}
	for _, d := range l {
		if d.Severity == diag.Error {
			out = append(out, d.Code)
		}
	}
	return out
}

func options(setUp access.SetUp) Options {
	return Options{Owner: "me", SetUp: setUp, IdP: "Okta", Guards: Guards{Caller: Caller{Management: true}}}
}

func expect(t *testing.T, p *Plan, changes []string, refusals ...diag.Code) {
	t.Helper()
	if diff := cmp.Diff(changes, ids(p)); diff != "" {
		t.Errorf("changes (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(append([]diag.Code{}, refusals...), codes(p.Findings)); diff != "" {
		t.Errorf("refusals (-want +got):\n%s\n%v", diff, p.Findings)
	}
	if err := CheckOrder(p.Changes); err != nil {
		t.Error(err)
	}
}

func accountID(w access.State, name string) string {
	for _, a := range w.Accounts {
		if a.Name == name {
			return a.ID
		}
	}
	return ""
}

func TestFirstGrantOfAnExternalGroup(t *testing.T) {
	live := newWorld().account("dev").group("Team", "").state()
	want := external(spec("Team", "dev"))
	p := Diff(&want, &live, options(access.SCIM))
	dev := accountID(live, "dev")
	expect(t, p, []string{
		"permission_set.create set=Team",
		"account_assignment.create set=Team account=" + dev + " group=Team",
	})
	grant := change(t, p, ID("account_assignment.create set=Team account="+dev+" group=Team"))
	if got := grant.DependsOn; !slices.Equal(got, []ID{"permission_set.create set=Team", "permission_set_record.update set=Team"}) {
		t.Errorf("the grant depends on %v", got)
	}
	if grant.Refs.GroupID != "g-Team" {
		t.Errorf("the grant names group id %q", grant.Refs.GroupID)
	}
}

func TestStrangersOnOurSetsGoAndOnOthersStay(t *testing.T) {
	live := newWorld().account("dev").account("prod").group("Team", "").group("Other", "").
		set("Team", "me").set("Foreign", "you").set("Free", "").
		assign("Team", "dev", "Team").assign("Team", "dev", "Other").assign("Foreign", "dev", "Other").assign("Free", "prod", "Team").state()
	want := external(spec("Team", "dev"))
	want.Sets[0].Tags = live.Sets[live.SetIndex("Team")].Tags
	p := Diff(&want, &live, options(access.SCIM))
	expect(t, p, []string{"account_assignment.delete set=Team account=" + accountID(live, "dev") + " group=Other"})
}

func TestNothingOfAnotherOwnerIsTouched(t *testing.T) {
	live := newWorld().account("dev").group("Team", "you").user("jane").set("Team", "you").state()
	want := internal(nil, access.GroupSpec{Name: text("Team"), AccountsNames: texts("dev"), Members: texts("jane"), Description: text("mine")})
	p := Diff(&want, &live, options(access.BuiltIn))
	expect(t, p, []string{}, SetOfOther)
	if len(p.Blocked) != 3 { // the set, the assignment, the membership
		t.Errorf("blocked: %v", p.Blocked)
	}
}

func TestUnmarkedGroupGainsAndNeverLoses(t *testing.T) {
	live := newWorld().account("dev").group("Team", "").user("jane").user("joe").member("Team", "joe").state()
	want := internal(nil, access.GroupSpec{Name: text("Team"), AccountsNames: texts("dev"), Members: texts("jane"), Description: text("mine")})
	p := Diff(&want, &live, options(access.BuiltIn))
	expect(t, p, []string{"permission_set.create set=Team", "membership.create group=Team user=jane"}, GroupUnmarked)
	if len(p.Blocked) != 1 || p.Blocked[0].Cause != GroupUnmarked {
		t.Errorf("the grant to a group with a stranger in it: %v", p.Blocked)
	}
	o := options(access.BuiltIn)
	o.Adopt = []string{"Team"}
	p = Diff(&want, &live, o)
	if got := ids(p); !slices.Equal(got, []string{"group.update group=Team", "membership.delete group=Team user=joe", "permission_set.create set=Team",
		"account_assignment.create set=Team account=" + accountID(live, "dev") + " group=Team", "membership.create group=Team user=jane"}) {
		t.Errorf("adopted: %v", got)
	}
}

func TestUnmarkedGroupWhoseMembersAreAllInTheConfigIsGranted(t *testing.T) {
	live := newWorld().account("dev").group("Team", "").user("jane").user("joe").member("Team", "joe").state()
	want := internal(nil, access.GroupSpec{Name: text("Team"), AccountsNames: texts("dev"), Members: texts("jane", "joe"), Description: text("mine")})
	expect(t, Diff(&want, &live, options(access.BuiltIn)), []string{
		"permission_set.create set=Team", "account_assignment.create set=Team account=" + accountID(live, "dev") + " group=Team",
		"membership.create group=Team user=jane",
	})
}

func TestMissingAndInactiveBlock(t *testing.T) {
	live := newWorld().account("dev").account("old", func(a *access.Account) { a.State = "SUSPENDED" }).
		account("twin").account("twin", func(a *access.Account) { a.ID = "222200000000" }).group("Team", "").state()
	want := external(spec("Team", "dev", "old", "gone", "twin"), spec("Ghost", "dev"))
	p := Diff(&want, &live, options(access.SCIM))
	expect(t, p, []string{
		"permission_set.create set=Ghost", "permission_set.create set=Team",
		"account_assignment.create set=Team account=" + accountID(live, "dev") + " group=Team",
	}, AccountAmbiguous, AccountInactive, AccountMissing, GroupMissing)
	o := options(access.SCIM)
	o.Guards.AllowMissing = true
	if p := Diff(&want, &live, o); p.Refused() || p.Summary.Blocked != 4 {
		t.Errorf("with --allow-missing: refused %v, blocked %d", p.Refused(), p.Summary.Blocked)
	}
}

func TestRebindAsksAndGrantsBeforeItRevokes(t *testing.T) {
	live := newWorld().account("dev").account("prod").group("Team", "").set("Team", "me").
		orphan("Team", "dev", "g-old").state()
	want := external(spec("Team", "dev", "prod"))
	want.Sets[0].Tags = live.Sets[0].Tags
	p := Diff(&want, &live, options(access.SCIM))
	expect(t, p, []string{}, Rebind)
	if !strings.Contains(p.Findings[0].Summary, "g-old") || !strings.Contains(p.Findings[0].Summary, "g-Team") {
		t.Errorf("the finding shows not both ids: %s", p.Findings[0].Summary)
	}
	o := options(access.SCIM)
	o.Guards.AllowRebind = []string{"Team"}
	p = Diff(&want, &live, o)
	dev, prod := accountID(live, "dev"), accountID(live, "prod")
	expect(t, p, []string{
		"account_assignment.create set=Team account=" + dev + " group=Team",
		"account_assignment.create set=Team account=" + prod + " group=Team",
		"account_assignment.delete set=Team account=" + dev + " orphan=g-old",
	})
	revocation := change(t, p, ID("account_assignment.delete set=Team account="+dev+" orphan=g-old"))
	if got := revocation.DependsOn; !slices.Equal(got, []ID{ID("account_assignment.create set=Team account=" + dev + " group=Team")}) {
		t.Errorf("the revocation waits for %v", got)
	}
	if revocation.PrincipalType() != "GROUP" {
		t.Errorf("the orphan is a %s", revocation.PrincipalType())
	}
}

func TestOrphanStaysWhileItsGroupIsMissing(t *testing.T) {
	live := newWorld().account("dev").set("Team", "me").orphan("Team", "dev", "g-old").state()
	want := external(spec("Team", "dev"))
	want.Sets[0].Tags = live.Sets[0].Tags
	o := options(access.SCIM)
	o.Guards.AllowMissing = true
	expect(t, Diff(&want, &live, o), []string{})
}

func TestRenameKeepsTheGroup(t *testing.T) {
	live := newWorld().account("dev").group("Old", "me").set("Old", "me").assign("Old", "dev", "Old").state()
	dev := accountID(live, "dev")
	renamed := spec("New", "dev")
	renamed.Previously = text("Old")
	want := internal(nil, renamed)
	p := Diff(&want, &live, options(access.BuiltIn))
	expect(t, p, []string{
		"group.update group=New",
		"permission_set.create set=New",
		"account_assignment.create set=New account=" + dev + " group=New",
		"account_assignment.delete set=Old account=" + dev + " group=Old",
		"permission_set.delete set=Old",
	}, Replacement)
	if len(p.Replaced) != 1 || p.Replaced[0].RolePattern != "arn:aws:iam::"+dev+":role/aws-reserved/sso.amazonaws.com/*AWSReservedSSO_Old_*" {
		t.Errorf("replaced roles: %v", p.Replaced)
	}
	renamed.PermissionSetName = text("Old")
	want = internal(nil, renamed)
	p = Diff(&want, &live, options(access.BuiltIn))
	expect(t, p, []string{"group.update group=New", "permission_set_tags.update set=Old"})
}

func TestPolicyChangeProvisionsOnceAfterAllElse(t *testing.T) {
	live := newWorld().account("dev").account("prod").group("Team", "").set("Team", "me", func(p *access.PermissionSet) {
		p.ManagedPolicies = []string{"arn:aws:iam::aws:policy/ReadOnlyAccess"}
		p.Provisioned = []string{"1", "2"}
	}).assign("Team", "dev", "Team").assign("Team", "prod", "Team").state()
	s := spec("Team", "dev", "prod")
	s.AWSManagedPolicies = texts("arn:aws:iam::aws:policy/PowerUserAccess")
	s.SessionDuration = text("PT8H")
	want := external(s)
	want.Sets[0].Tags = live.Sets[0].Tags
	p := Diff(&want, &live, options(access.SCIM))
	expect(t, p, []string{
		"permission_set.update set=Team",
		"managed_policy.delete set=Team policy=arn:aws:iam::aws:policy/ReadOnlyAccess",
		"managed_policy.create set=Team policy=arn:aws:iam::aws:policy/PowerUserAccess",
		"provisioning.update set=Team",
	})
	if last := p.Changes[3]; len(last.DependsOn) != 3 || !slices.Equal(last.After.Accounts, []string{"1", "2"}) {
		t.Errorf("provisioning: %+v", last)
	}
}

func TestOutdatedAccountsAreProvisionedThoughNothingElseChanges(t *testing.T) {
	live := newWorld().account("dev").group("Team", "").set("Team", "me", func(p *access.PermissionSet) {
		p.Provisioned, p.Outdated = []string{"1", "2"}, []string{"2"}
	}).assign("Team", "dev", "Team").state()
	want := external(spec("Team", "dev"))
	want.Sets[0].Tags = live.Sets[0].Tags
	p := Diff(&want, &live, options(access.SCIM))
	expect(t, p, []string{"provisioning.update set=Team"})
	if got := p.Changes[0].After.Accounts; !slices.Equal(got, []string{"2"}) {
		t.Errorf("provisions %v", got)
	}
}

func TestLeftoverGroupStaysWhileAnythingUsesIt(t *testing.T) {
	gone := func(edit ...func(*access.Group)) *world {
		return newWorld().account("dev").group("Gone", "me", edit...).user("jane").member("Gone", "jane").set("Gone", "me").set("Free", "").assign("Gone", "dev", "Gone")
	}
	o := options(access.BuiltIn)
	o.Guards.AllowRemovals = true
	want := internal(nil)

	live := gone().state()
	dev := accountID(live, "dev")
	expect(t, Diff(&want, &live, o), []string{
		"account_assignment.delete set=Gone account=" + dev + " group=Gone",
		"membership.delete group=Gone user=jane",
		"group.delete group=Gone",
		"permission_set.delete set=Gone",
	})
	for name, live := range map[string]access.State{
		"an application":     gone(func(g *access.Group) { g.Applications = 1 }).state(),
		"a set of no owner":  gone().assign("Free", "dev", "Gone").state(),
		"not known what all": func() access.State { s := gone().state(); s.Observed.Uses = nil; return s }(),
	} {
		p := Diff(&want, &live, o)
		if slices.Contains(ids(p), "group.delete group=Gone") || len(p.Blocked) != 1 {
			t.Errorf("%s uses the group, and the plan is %v, blocked %v", name, ids(p), p.Blocked)
		}
	}
}

func TestRemovedUser(t *testing.T) {
	live := newWorld().group("Team", "me").user("jane").user("joe").member("Team", "jane").member("Team", "joe").state()
	want := access.Desired(access.Config{RemovedUsers: texts("jane", "gone@already"),
		AccessGroups: access.List[access.GroupSpec]{Items: []access.GroupSpec{{Name: text("Team"), Members: texts("joe")}}}}, "me")
	p := Diff(&want, &live, options(access.BuiltIn))
	expect(t, p, []string{"membership.delete group=Team user=jane", "permission_set.create set=Team", "user.delete user=jane"})
	if last := p.Changes[2]; len(last.DependsOn) != 1 {
		t.Errorf("the deletion waits for %v", last.DependsOn)
	}
}

func TestUsersOfTheConfigAreMadeAndOthersListed(t *testing.T) {
	live := newWorld().account("dev").group("Team", "me").user("stranger").member("Team", "stranger").set("Team", "me").assign("Team", "dev", "Team").state()
	want := internal([]access.UserSpec{{Email: text("jane@x"), DisplayName: text("Jane"), Groups: texts("Team")}}, spec("Team", "dev"))
	o := options(access.BuiltIn)
	o.Guards.AllowRemovals = true
	p := Diff(&want, &live, o)
	if diff := cmp.Diff([]UnmanagedUser{{User: "stranger", Groups: []string{"Team"}, Reaches: []Reach{{"Team", accountID(live, "dev"), "dev"}}}}, p.UnmanagedUsers); diff != "" {
		t.Errorf("strangers (-want +got):\n%s", diff)
	}
	if len(p.FollowUps) != 1 || !slices.Equal(p.FollowUps[0].Users, []string{"jane@x"}) {
		t.Errorf("follow-ups: %v", p.FollowUps)
	}
}

// An account or group that was renamed outside of the config looks like one
// that is missing and one that nobody wants. What it has must not go just
// because --allow-missing lets the rest through.
func TestWhatMayHaveBeenRenamedKeepsItsAccess(t *testing.T) {
	live := newWorld().account("dev").account("prod-new").account("other").group("Team", "").group("Renamed", "").group("Wanted", "").
		set("Team", "me").assign("Team", "dev", "Team").assign("Team", "prod-new", "Team").
		set("Old", "me").assign("Old", "dev", "Renamed").assign("Old", "other", "Renamed").assign("Old", "dev", "Wanted").state()
	old := spec("Gone", "dev")
	old.PermissionSetName = text("Old")
	want := external(spec("Team", "dev", "prod-old"), old, spec("Wanted"))
	for i := range want.Sets {
		if j := live.SetIndex(want.Sets[i].Name); j >= 0 {
			want.Sets[i].Tags = live.Sets[j].Tags
		}
	}
	o := options(access.SCIM)
	o.Guards.AllowMissing, o.Guards.AllowRemovals = true, true
	p := Diff(&want, &live, o)
	expect(t, p, []string{
		"account_assignment.delete set=Old account=" + accountID(live, "dev") + " group=Wanted",
		"account_assignment.delete set=Old account=" + accountID(live, "other") + " group=Renamed",
		"permission_set.create set=Wanted",
	})
	kept := []string{}
	for _, b := range p.Blocked {
		if b.Change.Action == Delete {
			kept = append(kept, string(b.Change.ID))
		}
	}
	if diff := cmp.Diff([]string{
		"account_assignment.delete set=Old account=" + accountID(live, "dev") + " group=Renamed",
		"account_assignment.delete set=Team account=" + accountID(live, "prod-new") + " group=Team",
	}, kept); diff != "" {
		t.Errorf("kept (-want +got):\n%s", diff)
	}
}

// Out of a group that is not ours go those whom an earlier plan added and whom
// the config no longer names, and nobody else.
func TestAddedMembersOfAForeignGroup(t *testing.T) {
	for _, c := range []struct {
		name  string
		edit  func(*access.Group)
		added []string
		want  []string
	}{
		{"unmarked", func(*access.Group) {}, []string{"added", "kept", "gone already"}, []string{"membership.delete group=Theirs user=added"}},
		{"nobody was added", func(*access.Group) {}, nil, nil},
		{"another owner's", func(g *access.Group) { g.Owner = "other" }, []string{"added"}, nil},
		{"SCIM's", func(g *access.Group) { g.SCIM = true }, []string{"added"}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld().group("Theirs", "", c.edit).user("added").user("kept").user("stranger")
			for _, name := range []string{"added", "kept", "stranger"} {
				w.b.AddMembership(w.groups["Theirs"], w.users[name], 0)
			}
			live := w.b.State()
			var b access.Builder
			b.AddMembership(b.AddGroup(access.Group{Name: "Theirs", Referenced: true}), b.AddUser(access.User{Username: "kept", Referenced: true}), 0)
			desired := b.State()
			o := options(access.BuiltIn)
			o.Scope = Scope{Groups: []string{}, Sets: []string{}, Added: map[string][]string{"Theirs": c.added}}
			o.Guards.RemovalsOff = true
			var got []string
			for _, change := range Diff(&desired, &live, o).Changes {
				got = append(got, string(change.ID))
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("changes (-want +got):\n%s", diff)
			}
		})
	}
}
