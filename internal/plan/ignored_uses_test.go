package plan_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/diag"
	. "github.com/rolecall-dev/rolecall/internal/plan"
)

const readOnly = "arn:aws:iam::aws:policy/ReadOnlyAccess"

// wantingReadOnly is the group "Team" with its set in dev, which is to get a
// policy. "Other", which no config names, has the set, too.
func wantingReadOnly(edit func(*access.GroupSpec), accounts ...string) access.State {
	s := spec("Team", accounts...)
	edit(&s)
	return external(s)
}

func widened(s *access.GroupSpec) { s.AWSManagedPolicies = texts(readOnly) }

// shared is a world in which several have a set of ours.
func shared() *world {
	w := newWorld().account("dev").account("lab").account("new").group("Team", "").group("Other", "").user("jane").set("Team", "me", func(p *access.PermissionSet) {
		p.SessionDuration = "PT1H"
	})
	return w.assign("Team", "dev", "Team")
}

func assignUser(w *world, set, account, user string) *world {
	w.b.AddAssignment(access.Assignment{Set: w.ps[set], Account: w.accounts[account], Kind: access.UserPrincipal, Principal: w.users[user]})
	return w
}

func provisioned(s access.State, where ...string) access.State {
	for i := range s.Sets {
		for _, name := range where {
			for _, a := range s.Accounts {
				if a.Name == name {
					s.Sets[i].Provisioned = append(s.Sets[i].Provisioned, a.ID)
				}
			}
		}
	}
	return s
}

func outdated(s access.State, where string) access.State {
	for _, a := range s.Accounts {
		if a.Name == where {
			s.Sets[0].Outdated = append(s.Sets[0].Outdated, a.ID)
		}
	}
	return s
}

func written(p *Plan) (out []ID) {
	for _, c := range p.Changes {
		if c.Kind != Record && c.Kind != Tags {
			out = append(out, c.ID)
		}
	}
	return out
}

// Whoever a pattern matches keeps what a shared set gives, no more and no less,
// whatever of it is edited, and in whichever way the pattern meets them.
func TestIgnoredHoldersKeepWhatTheyHave(t *testing.T) {
	edits := map[string]func(*access.GroupSpec){
		"policy":   widened,
		"boundary": func(s *access.GroupSpec) { s.PermissionsBoundary = text(readOnly) },
		"session":  func(s *access.GroupSpec) { s.SessionDuration = text("PT2H") },
		"relay":    func(s *access.GroupSpec) { s.RelayState = text("https://console.aws.amazon.com/s3") },
		"prose":    func(s *access.GroupSpec) { s.Description = text("other") },
	}
	worlds := map[string]access.State{
		"group:Other": provisioned(shared().assign("Team", "dev", "Other").state(), "dev"),
		"user:jane":   provisioned(assignUser(shared(), "Team", "lab", "jane").state(), "dev", "lab"),
		"account:lab": provisioned(shared().assign("Team", "lab", "Team").state(), "dev", "lab"),
	}
	for pattern, live := range worlds {
		for what, edit := range edits {
			want := wantingReadOnly(edit, "dev", "lab")
			if pattern != "account:lab" {
				want = wantingReadOnly(edit, "dev")
			}
			o := options(access.SCIM)
			o.Ignore = []string{pattern}
			p := Diff(&want, &live, o)
			said := findings(p, IgnoredHolder)
			if len(written(p)) > 0 || len(p.Blocked) != 1 || len(said) != 1 || p.Refused() || said[0].Hint == "" ||
				!strings.Contains(said[0].Summary, `"`+pattern+`"`) {
				t.Errorf("%s, %s: changes %v, blocked %v, findings %v", pattern, what, written(p), p.Blocked, p.Findings)
			}
			o.Ignore = []string{"user:else", "account:new"}
			if p := Diff(&want, &live, o); len(written(p)) == 0 {
				t.Errorf("%s, %s: a pattern that meets nobody stops the edit: %v", pattern, what, p.Findings)
			}
		}
	}
}

func findings(p *Plan, code diag.Code) (out []diag.Diagnostic) {
	for _, f := range p.Findings {
		if f.Code == code {
			out = append(out, f)
		}
	}
	return out
}

// What does not hang on the edit goes on: the tags of the set, and other sets.
func TestBesideIgnoredHoldersTheRestGoesOn(t *testing.T) {
	w := shared().assign("Team", "dev", "Other").group("Free", "").set("Free", "me").assign("Free", "dev", "Free")
	live := provisioned(w.state(), "dev")
	team, free := spec("Team", "dev"), spec("Free", "dev", "lab")
	widened(&team)
	widened(&free)
	want := external(team, free)
	o := options(access.SCIM)
	o.Ignore = []string{"group:Other"}
	p := Diff(&want, &live, o)
	for _, id := range written(p) {
		if strings.Contains(string(id), "set=Team") {
			t.Errorf("%s", id)
		}
	}
	if len(written(p)) < 3 || p.Refused() { // the policy, its provisioning, the assignment
		t.Errorf("changes %v; findings %v", written(p), p.Findings)
	}
}

// A set that is outdated where somebody ignored has it is not provisioned there,
// not by a new assignment either; elsewhere it is.
func TestWhatIsStagedForIgnoredStaysStaged(t *testing.T) {
	w := shared().assign("Team", "lab", "Other").assign("Team", "new", "Team")
	live := outdated(outdated(provisioned(w.state(), "dev", "lab", "new"), "lab"), "new")
	want := external(spec("Team", "dev", "lab", "new"))
	o := options(access.SCIM)
	o.Ignore = []string{"group:Other"}
	p := Diff(&want, &live, o)
	lab := live.Accounts[slices.IndexFunc(live.Accounts, func(a access.Account) bool { return a.Name == "lab" })].ID
	for _, c := range p.Changes {
		if c.Kind == Assignment && c.Key.Account == lab || c.Kind == Provisioning && slices.Contains(c.After.Accounts, lab) {
			t.Errorf("%s, which provisions the set for who is ignored", c.ID)
		}
	}
	if len(written(p)) != 1 || len(p.Blocked) != 2 || len(findings(p, IgnoredHolder)) != 1 || p.Refused() {
		t.Errorf("changes %v, blocked %v, findings %v", written(p), p.Blocked, p.Findings)
	}
	// In an account that is ignored itself it is counted only, and the rest goes on.
	o.Ignore = []string{"account:lab"}
	p = Diff(&want, &live, o)
	if len(written(p)) != 1 || len(p.Blocked) != 0 || p.Hidden == nil || p.Hidden.Changes != 2 {
		t.Errorf("with the account ignored: changes %v, blocked %v, hidden %+v", written(p), p.Blocked, p.Hidden)
	}
}

// Nobody joins a group that has what somebody staged where it cannot be mended.
func TestNobodyJoinsWhatIsStagedForIgnored(t *testing.T) {
	live := outdated(provisioned(newWorld().account("dev").group("Team", "me").group("Other", "").user("jane").set("Team", "me").
		assign("Team", "dev", "Team").assign("Team", "dev", "Other").state(), "dev"), "dev")
	want := internal([]access.UserSpec{{Username: text("jane"), DisplayName: text("jane"), Groups: texts("Team")}}, spec("Team", "dev"))
	o := options(access.BuiltIn)
	o.Ignore = []string{"group:Other"}
	for _, c := range Diff(&want, &live, o).Changes {
		if c.Kind == Membership {
			t.Errorf("%s, though the role in dev is not what the config says", c.ID)
		}
	}
}

// Where not everybody was seen who has the set, somebody ignored may be among them.
func TestWhoIsNotSeenMayBeIgnored(t *testing.T) {
	live := provisioned(shared().state(), "dev")
	clear(live.Observed.SetUses)
	want := wantingReadOnly(func(s *access.GroupSpec) { s.SessionDuration = text("PT2H") }, "dev")
	o := options(access.SCIM)
	o.Ignore = []string{"user:*"}
	if p := Diff(&want, &live, o); len(written(p)) > 0 || findings(p, NotObserved) == nil {
		t.Errorf("changes %v, findings %v", written(p), p.Findings)
	}
}

// Where the set is provisioned counts, though no assignment was seen there.
func TestIgnoredAccountsWithoutAnAssignment(t *testing.T) {
	live := provisioned(shared().state(), "dev", "lab")
	want := wantingReadOnly(widened, "dev")
	o := options(access.SCIM)
	o.Ignore = []string{"account:lab"}
	if p := Diff(&want, &live, o); len(written(p)) > 0 || len(findings(p, IgnoredHolder)) != 1 {
		t.Errorf("changes %v, findings %v", written(p), p.Findings)
	}
}

// In accounts that are not active AWS changes nothing, so nothing reaches who is
// ignored there.
func TestInactiveAccountsHoldNothingUp(t *testing.T) {
	w := newWorld().account("dev").account("old", func(a *access.Account) { a.State = "SUSPENDED" }).group("Team", "").set("Team", "me")
	live := provisioned(w.assign("Team", "dev", "Team").assign("Team", "old", "Team").state(), "dev", "old")
	want := wantingReadOnly(widened, "dev")
	o := options(access.SCIM)
	o.Ignore = []string{"account:old"}
	if p := Diff(&want, &live, o); len(written(p)) != 2 {
		t.Errorf("changes %v, findings %v", written(p), p.Findings)
	}
}

// The membership of somebody ignored stays, and with it the group, whatever
// would take it: the group's end, or that an earlier plan added them.
func TestIgnoredMembersStay(t *testing.T) {
	live := newWorld().account("dev").group("Team", "me").group("Theirs", "").user("jane").user("bob").set("Team", "me").assign("Team", "dev", "Team").
		member("Team", "jane").member("Team", "bob").member("Theirs", "jane").state()
	o := options(access.BuiltIn)
	o.Guards = allowAll().Guards
	o.Ignore = []string{"user:jane"}
	want := internal(nil)
	p := Diff(&want, &live, o)
	for _, c := range p.Changes {
		if c.Kind == Group || c.Kind == Membership {
			t.Errorf("%s", c.ID)
		}
	}
	if said := findings(p, Ignored); len(said) != 1 || said[0].Severity != diag.Note || len(p.Blocked) > 0 || p.Hidden.Changes != 1 {
		t.Errorf("findings %v, blocked %v, hidden %+v", p.Findings, p.Blocked, p.Hidden)
	}
	want = internal(nil, spec("Theirs", "dev"))
	o.Scope.Added = map[string][]string{"Theirs": {"jane", "bob"}}
	for _, c := range Diff(&want, &live, o).Changes {
		if c.Kind == Membership && c.Key.User == "jane" {
			t.Errorf("%s", c.ID)
		}
	}
	live.Observed.Members["g-Team"] = false
	want = internal(nil)
	o.Ignore = []string{"user:else"}
	for _, c := range Diff(&want, &live, o).Changes {
		if c.Kind == Group {
			t.Errorf("%s, though its members were not read", c.ID)
		}
	}
}

// A pattern meets what AWS has under the former name, too.
func TestIgnoredFormerNames(t *testing.T) {
	live := newWorld().account("dev").group("Old", "me").user("jane").state()
	renamed := spec("New", "dev")
	renamed.Previously = text("Old")
	want := internal([]access.UserSpec{{Username: text("joan"), Previously: text("jane"), DisplayName: text("J")}}, renamed)
	o := options(access.BuiltIn)
	o.Ignore = []string{"group:Old", "user:jane"}
	for _, c := range Diff(&want, &live, o).Changes {
		if c.Kind == Group || c.Kind == User {
			t.Errorf("%s", c.ID)
		}
	}
}

// What keeps a set or a group is said as it is.
func TestWhyItStaysIsTrue(t *testing.T) {
	suspended := func(a *access.Account) { a.State = "SUSPENDED" }
	gone := external()
	for name, c := range map[string]struct {
		live   access.State
		ignore string
		set    diag.Code
	}{
		"ignored":  {shared().state(), "group:Team", Ignored},
		"inactive": {newWorld().account("dev", suspended).group("Team", "").set("Team", "me").assign("Team", "dev", "Team").state(), "user:else", AccountInactive},
	} {
		o := options(access.SCIM)
		o.Guards = allowAll().Guards
		o.Ignore = []string{c.ignore}
		p := Diff(&gone, &c.live, o)
		for _, f := range p.Findings {
			if strings.Contains(f.Summary, `permission set "Team" is no longer`) && f.Code != c.set {
				t.Errorf("%s: %v", name, f)
			}
		}
		if findings(p, c.set) == nil {
			t.Errorf("%s: %v", name, p.Findings)
		}
	}
	live := newWorld().account("dev").account("old", suspended).group("Team", "me").set("Team", "me").set("Else", "").assign("Team", "dev", "Team").state()
	gone = internal(nil)
	for ignore, code := range map[string]diag.Code{"account:dev": Ignored, "account:else": ""} {
		o := options(access.BuiltIn)
		o.Guards = allowAll().Guards
		o.Ignore = []string{ignore}
		p := Diff(&gone, &live, o)
		at := slices.IndexFunc(p.Findings, func(f diag.Diagnostic) bool { return strings.Contains(f.Summary, `group "Team" is no longer`) })
		if at < 0 != (code == "") || at >= 0 && p.Findings[at].Code != code {
			t.Errorf("%s: %v", ignore, p.Findings)
		}
	}
}

// An ignored group is not missing, so nobody else may be it under another name.
func TestIgnoredIsNotMissing(t *testing.T) {
	live := shared().assign("Team", "dev", "Other").state()
	want := external(spec("Team", "dev"))
	o := options(access.SCIM)
	o.Guards = allowAll().Guards
	o.Ignore = []string{"group:Team"}
	p := Diff(&want, &live, o)
	if got := written(p); len(got) != 1 || len(p.Blocked) > 0 {
		t.Errorf("changes %v, blocked %v", got, p.Blocked)
	}
}

// Whoever comes waits for the session duration of the set, which is theirs, too:
// where it cannot be changed, nobody comes. A description holds nobody up.
func TestWhoComesWaitsForTheSession(t *testing.T) {
	live := provisioned(shared().assign("Team", "dev", "Other").state(), "dev")
	o := options(access.SCIM)
	o.Ignore = []string{"group:Other"}
	for what, c := range map[string]struct {
		edit func(*access.GroupSpec)
		came int
	}{
		"session": {func(s *access.GroupSpec) { s.SessionDuration = text("PT2H") }, 0},
		"prose":   {func(s *access.GroupSpec) { s.Description = text("other") }, 1},
	} {
		want := wantingReadOnly(c.edit, "dev", "lab")
		if p := Diff(&want, &live, o); len(written(p)) != c.came || len(p.Blocked) != 2-c.came {
			t.Errorf("%s: changes %v, blocked %v", what, written(p), p.Blocked)
		}
	}
}

// With --only, too, nobody whom it does not name gets another session duration.
func TestOnlyLeavesTheSessionOfOthers(t *testing.T) {
	live := provisioned(shared().assign("Team", "dev", "Other").state(), "dev")
	o := options(access.SCIM)
	o.Scope = Scope{Groups: []string{"Team"}, Sets: []string{"Team"}, Only: true}
	want := wantingReadOnly(func(s *access.GroupSpec) { s.SessionDuration = text("PT2H") }, "dev")
	if p := Diff(&want, &live, o); len(written(p)) > 0 || !p.Refused() {
		t.Errorf("changes %v, findings %v", written(p), p.Findings)
	}
}
