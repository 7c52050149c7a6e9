package presence

import (
	"encoding/json"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/diag"
)

func place(line int) diag.Range {
	return diag.Range{File: "terraform.tfvars", Start: diag.Pos{Line: line, Column: 5}}
}

// line is an item in one line: what a user would read of it.
func line(i Item) string {
	parts := []string{string(i.Kind), i.Name, string(i.Verdict)}
	if i.Origin != "" {
		parts = append(parts, "from="+string(i.Origin))
	}
	if i.Owner != "" {
		parts = append(parts, "owner="+i.Owner)
	}
	if i.Members != nil {
		parts = append(parts, "members="+string(rune('0'+*i.Members)))
	}
	for _, s := range i.Suggestions {
		parts = append(parts, string(s.Match)+"="+s.Name)
	}
	if i.Finding != nil {
		parts = append(parts, string(i.Finding.Code))
	}
	return strings.Join(parts, " ")
}

func lines(r Report) []string {
	var out []string
	for _, i := range r.Items {
		out = append(out, line(i))
	}
	return out
}

func expectGroups(referenced bool, groups ...access.Group) access.State {
	var b access.Builder
	for n, g := range groups {
		g.Referenced = referenced
		g.Origin = b.Origin(place(n + 1))
		b.AddGroup(g)
	}
	return b.State()
}

func liveGroups() access.State {
	var b access.Builder
	pushed := b.AddGroup(access.Group{Name: "AWS-Pushed", ID: "g-1", SCIM: true})
	okta := b.AddGroup(access.Group{Name: "AWS-Okta", ID: "g-2"})
	b.AddGroup(access.Group{Name: "AWS-Marked", ID: "g-3", Owner: "platform"})
	b.AddGroup(access.Group{Name: "AWS-Old-Name", ID: "g-4"})
	b.AddGroup(access.Group{Name: "aws-other\u00A0case", ID: "g-5"})
	jane := b.AddUser(access.User{Username: "jane@company.com", ID: "u-1"})
	b.AddMembership(pushed, jane, 0)
	_ = okta
	b.Observed = access.Observed{Members: map[string]bool{"g-1": true, "g-2": true}}
	return b.State()
}

var expectedGroups = []access.Group{
	{Name: "AWS-Pushed"}, {Name: "AWS-Okta"}, {Name: "AWS-Marked"}, {Name: "AWS-New-Name", Previously: "AWS-Old-Name"},
	{Name: "AWS-Other Case"}, {Name: "AWS-Pushe"}, {Name: "Finance"},
}

func TestCheckGroups(t *testing.T) {
	for name, c := range map[string]struct {
		setUp      access.SetUp
		idp        string
		referenced bool
		want       []string
		verdict    Verdict
	}{
		"Okta pushes": {access.SCIM, "Okta", true, []string{
			"group AWS-Marked there from=rolecall owner=platform verify.made-in-aws",
			"group AWS-New-Name not_yet former_name=AWS-Old-Name verify.not-synced",
			"group AWS-Okta there from=cannot_tell members=0 verify.no-members",
			"group AWS-Other Case will_not_come case=aws-other\u00A0case verify.other-name",
			"group AWS-Pushe not_yet edit_distance=AWS-Pushed verify.not-synced",
			"group AWS-Pushed there from=scim members=1",
			"group Finance not_yet verify.not-synced",
		}, WillNotCome},
		"Google never syncs groups": {access.SCIM, "Google Workspace", true, []string{
			"group AWS-Marked there from=rolecall owner=platform verify.made-in-aws",
			"group AWS-New-Name will_not_come former_name=AWS-Old-Name verify.never-synced",
			"group AWS-Okta there from=cannot_tell members=0 verify.no-members",
			"group AWS-Other Case will_not_come case=aws-other\u00A0case verify.other-name",
			"group AWS-Pushe will_not_come edit_distance=AWS-Pushed verify.never-synced",
			"group AWS-Pushed there from=scim members=1",
			"group Finance will_not_come verify.never-synced",
		}, WillNotCome},
		"groups that rolecall makes": {access.BuiltIn, "", false, []string{
			"group AWS-Marked there from=rolecall owner=platform",
			"group AWS-New-Name will_not_come former_name=AWS-Old-Name verify.not-applied",
			"group AWS-Okta there from=unmarked members=0 verify.no-members",
			"group AWS-Other Case will_not_come case=aws-other\u00A0case verify.not-applied",
			"group AWS-Pushe will_not_come verify.not-applied",
			"group AWS-Pushed there from=scim members=1",
			"group Finance will_not_come verify.not-applied",
		}, WillNotCome},
		"groups that nobody makes": {access.WithoutSCIM, "Okta", true, []string{
			"group AWS-Marked there from=rolecall owner=platform",
			"group AWS-New-Name will_not_come former_name=AWS-Old-Name verify.not-defined",
			"group AWS-Okta there from=unmarked members=0 verify.no-members",
			"group AWS-Other Case will_not_come case=aws-other\u00A0case verify.other-name",
			"group AWS-Pushe will_not_come edit_distance=AWS-Pushed verify.not-defined",
			"group AWS-Pushed there from=scim members=1",
			"group Finance will_not_come verify.not-defined",
		}, WillNotCome},
	} {
		t.Run(name, func(t *testing.T) {
			r := Check(expectGroups(c.referenced, expectedGroups...), liveGroups(), Options{SetUp: c.setUp, IdP: c.idp})
			if diff := cmp.Diff(c.want, lines(r)); diff != "" {
				t.Error(diff)
			}
			if got := r.Verdict(); got != c.verdict {
				t.Errorf("verdict %q, want %q", got, c.verdict)
			}
			if got := r.Window != nil; got != (c.setUp == access.SCIM) {
				t.Errorf("has a sync window: %v", got)
			}
			for _, d := range r.Findings() {
				if d.Range.Start.Line == 0 || d.Hint == "" || d.Summary == "" {
					t.Errorf("a finding lacks its place, summary or hint: %+v", d)
				}
			}
		})
	}
}

// A name that the config asks for as well may be the one that was meant: somebody
// copied an entry and made a slip. Where it is the same name otherwise written,
// waiting does not help; where it is only near, it decides nothing.
func TestNamesThatTheConfigAsksForAsWell(t *testing.T) {
	const meant = "AWS-Development-Team"
	for _, c := range []struct{ name, written, want, hint, detail string }{
		{"case", "aws-development-team", "will_not_come case=" + meant + " verify.other-name", "The config names \"" + meant + "\" as well: write that here, too", "as well"},
		{"look-alike", "\u0410WS-Development-Team", "will_not_come look_alike=" + meant + " verify.other-name", "The config names \"" + meant + "\" as well", "CYRILLIC"},
		{"blank", "AWS Development-Team", "will_not_come separators=" + meant + " verify.other-name", "The config names \"" + meant + "\" as well", "as well"},
		{"typo", "AWS-Develompent-Team", "not_yet edit_distance=" + meant + " verify.not-synced", "wait up to", "and which the config names as well"},
	} {
		t.Run(c.name, func(t *testing.T) {
			live := expectGroups(true, access.Group{Name: meant, ID: "g-1"})
			r := Check(expectGroups(true, access.Group{Name: meant}, access.Group{Name: c.written}), live, Options{SetUp: access.SCIM, IdP: "Okta"})
			item := r.Items[slices.IndexFunc(r.Items, func(i Item) bool { return i.Name == c.written })]
			if got := line(item); got != "group "+c.written+" "+c.want {
				t.Error(got)
			}
			if f := item.Finding; !strings.Contains(f.Hint, c.hint) || !strings.Contains(f.Detail, c.detail) {
				t.Errorf("%s\n%s", f.Detail, f.Hint)
			}
			var both, there access.Builder
			for _, name := range []string{"jane@company.com", c.written + "@company.com", "AWS-Development-Team@company.com"} {
				both.AddUser(access.User{Username: name, Referenced: true})
			}
			there.AddUser(access.User{Username: "AWS-Development-Team@company.com", ID: "u-1"})
			r = Check(both.State(), there.State(), Options{SetUp: access.SCIMUsersOnly, IdP: "Google Workspace"})
			if s := r.Items[slices.IndexFunc(r.Items, func(i Item) bool { return i.Name == c.written+"@company.com" })].Suggestions; len(s) != 1 || !s[0].Claimed {
				t.Errorf("the user: %+v", s)
			}
		})
	}
	r := Check(expectGroups(false, access.Group{Name: meant}, access.Group{Name: "AWS-Development-Teams"}), expectGroups(true, access.Group{Name: meant, ID: "g-1"}), Options{SetUp: access.BuiltIn})
	if s := r.Items[1].Suggestions; len(s) > 0 {
		t.Errorf("a group that the config defines: %+v", s)
	}
	// Numbered groups that the config names do not crowd out the one that it does not.
	r = Check(expectGroups(true, access.Group{Name: "AWS-Team-1"}, access.Group{Name: "AWS-Team-2"}, access.Group{Name: "AWS-Team-3"}, access.Group{Name: "AWS-Team-4"}),
		expectGroups(true, access.Group{Name: "AWS-Team-1", ID: "1"}, access.Group{Name: "AWS-Team-2", ID: "2"}, access.Group{Name: "AWS-Team-3", ID: "3"}, access.Group{Name: "AWS-Team-5", ID: "5"}), Options{SetUp: access.SCIM})
	if s := r.Items[3].Suggestions; len(s) != maxSuggestions || s[0].Name != "AWS-Team-5" || s[0].Claimed || !s[1].Claimed {
		t.Errorf("numbered groups: %+v", s)
	}
}

// Who has the odd letter or the stray blank corrects it, never the other.
func TestTheSideWithTheSlipIsCorrected(t *testing.T) {
	for _, c := range []struct{ name, odd, plain string }{
		{"look-alike", "\u0410WS-Development-Team", "AWS-Development-Team"},
		{"invisible", "AWS-\u200BDevelopment-Team", "AWS-Development-Team"},
		{"no-break space", "AWS\u00A0Development Team", "AWS Development Team"},
		{"blank at the end", "AWS-Development-Team ", "AWS-Development-Team"},
		{"two blanks", "AWS  Development Team", "AWS Development Team"},
		{"dash", "AWS\u2013Development-Team", "AWS-Development-Team"},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, kind := range []diag.Kind{GroupItem, UserItem} {
				inConfig, inAWS := remedyOf(kind, c.odd, c.plain), remedyOf(kind, c.plain, c.odd)
				if inConfig.Way != diag.CorrectName || inConfig.Name != c.plain {
					t.Errorf("%s: the config has the slip: %+v", kind, inConfig)
				}
				if inAWS.Way != diag.RenameThere || inAWS.Name != c.plain || inAWS.System != "Okta" {
					t.Errorf("%s: AWS has the slip: %+v", kind, inAWS)
				}
			}
		})
	}
	for written, have := range map[string]string{"AWS-0ps": "AWS-Ops", "\u0410\u0412\u0421": "ABC", "aws-dev": "AWS-Dev", "AWS Dev": "AWS-Dev"} {
		if r := remedyOf(GroupItem, written, have); r.Way != diag.WriteName || r.Name != have || r.System != "Okta" {
			t.Errorf("one cannot tell of %q and %q: %+v", written, have, r)
		}
	}
}

// remedyOf is what to do where the config has one name and AWS another.
func remedyOf(kind diag.Kind, written, have string) diag.Remedy {
	var desired, live access.Builder
	setUp := access.SCIM
	if kind == UserItem {
		setUp = access.SCIMUsersOnly
		desired.AddUser(access.User{Username: written, Referenced: true})
		live.AddUser(access.User{Username: have, ID: "u-1"})
	} else {
		desired.AddGroup(access.Group{Name: written, Referenced: true})
		live.AddGroup(access.Group{Name: have, ID: "g-1"})
	}
	return Check(desired.State(), live.State(), Options{SetUp: setUp, IdP: "Okta"}).Items[0].Finding.Remedy
}

func TestCheckUsers(t *testing.T) {
	var live access.Builder
	live.AddUser(access.User{Username: "jane@company.com", ID: "u-1", SCIM: true})
	live.AddUser(access.User{Username: "off@company.com", ID: "u-2", Disabled: true})
	live.AddUser(access.User{Username: "Case@company.com", ID: "u-3"})
	live.AddUser(access.User{Username: "mjones", Email: "Mary@company.com", ID: "u-4"})
	live.AddUser(access.User{Username: "leaver@company.com", ID: "u-5"})
	liveState := live.State()
	for name, c := range map[string]struct {
		setUp      access.SetUp
		referenced bool
		want       []string
	}{
		"users that rolecall makes": {access.BuiltIn, false, []string{
			"user case@company.com will_not_come case=Case@company.com verify.not-applied",
			"user gone@company.com there",
			"user jane@company.com there from=scim",
			"user leaver@company.com will_not_come verify.still-there",
			"user mary@company.com will_not_come same_email=mjones verify.not-applied",
			"user new@company.com will_not_come verify.not-applied",
			"user off@company.com there from=cannot_tell verify.disabled",
		}},
		"users that SCIM brings": {access.SCIMUsersOnly, true, []string{
			"user case@company.com will_not_come case=Case@company.com verify.other-name",
			"user gone@company.com there",
			"user jane@company.com there from=scim",
			"user leaver@company.com will_not_come verify.still-there",
			"user mary@company.com will_not_come same_email=mjones verify.other-name",
			"user new@company.com not_yet verify.not-synced",
			"user off@company.com there from=cannot_tell verify.disabled",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			var b access.Builder
			for _, name := range []string{"jane@company.com", "off@company.com", "case@company.com", "mary@company.com", "new@company.com"} {
				b.AddUser(access.User{Username: name, Referenced: c.referenced})
			}
			for _, name := range []string{"leaver@company.com", "gone@company.com"} {
				b.AddUser(access.User{Username: name, Remove: true})
			}
			r := Check(b.State(), liveState, Options{SetUp: c.setUp, IdP: "Google Workspace"})
			if diff := cmp.Diff(c.want, lines(r)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestCheckAccounts(t *testing.T) {
	var desired access.Builder
	for _, name := range []string{"development", "production", "twice", "closed", "new", "prodution", "twin", "123456789012", "888899990000", "222233330000"} {
		desired.AddAccount(access.Account{Name: name})
	}
	state := desired.State()
	var live access.Builder
	for _, a := range []access.Account{
		{ID: "222233334444", Name: "development", State: "ACTIVE"}, {ID: "333344445555", Name: "production-eu"},
		{ID: "444455556666", Name: "twice", State: "ACTIVE"}, {ID: "555566667777", Name: "twice", State: "ACTIVE"},
		{ID: "444455550001", Name: "twin", State: "PENDING_CLOSURE"}, {ID: "444455550002", Name: "twin", State: "ACTIVE"},
		{ID: "444455550003", Name: "222233330000", State: "ACTIVE"},
		{ID: "666677778888", Name: "closed", State: "PENDING_CLOSURE"}, {ID: "777788889999", Name: "new", State: "PENDING_ACTIVATION"},
		{ID: "888899990000", Name: "production", State: "ACTIVE"}, {ID: "999900001111", Name: "Production-"},
	} {
		live.AddAccount(a)
	}
	r := Check(state, live.State(), Options{SetUp: access.BuiltIn})
	want := []string{
		"account 123456789012 will_not_come verify.account-missing",
		"account 222233330000 will_not_come verify.account-missing",
		"account 888899990000 there",
		"account closed there verify.account-suspended",
		"account development there",
		"account new not_yet verify.account-pending",
		"account production there",
		"account prodution will_not_come edit_distance=production edit_distance=Production- verify.account-missing",
		"account twice will_not_come verify.account-twice",
		"account twin there",
	}
	if diff := cmp.Diff(want, lines(r)); diff != "" {
		t.Error(diff)
	}
	if twice := r.Items[8].Finding.Detail; !strings.Contains(twice, "444455556666 (ACTIVE), 555566667777 (ACTIVE)") {
		t.Errorf("the finding does not name both accounts: %s", twice)
	}

	unread := Check(state, access.State{}, Options{SetUp: access.BuiltIn})
	if unread.Counts != (Counts{CannotTell: 10}) || unread.Verdict() != CannotTell {
		t.Errorf("accounts that were not read: %+v", unread.Counts)
	}
}

func TestFindingSaysWhatDiffers(t *testing.T) {
	r := Check(expectGroups(true, access.Group{Name: "AWS-Dev Team"}),
		expectGroups(true, access.Group{Name: "AWS-D\u0435v\u00A0Team", ID: "g-1"}), Options{SetUp: access.SCIM, IdP: "Okta"})
	d := r.Items[0].Finding
	for _, want := range []string{"letters that look alike", "U+0435 CYRILLIC SMALL LETTER IE", "U+00A0 NO-BREAK SPACE"} {
		if !strings.Contains(d.Detail, want) {
			t.Errorf("the finding does not say %q: %s", want, d.Detail)
		}
	}
	if !strings.Contains(d.Hint, "Rename it in Okta") {
		t.Errorf("the hint does not name the system: %s", d.Hint)
	}
	text, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"verdict":"will_not_come"`, `"code_point":"U+0435"`, `"position":8`, `"idp":"Okta"`} {
		if !strings.Contains(string(text), want) {
			t.Errorf("the JSON lacks %s: %s", want, text)
		}
	}
}

func TestNothingAskedIsThere(t *testing.T) {
	r := Check(access.State{}, liveGroups(), Options{SetUp: access.BuiltIn})
	if r.Verdict() != There || len(r.Items) != 0 || len(r.Findings()) != 0 {
		t.Errorf("an empty config is not simply there: %+v", r)
	}
	text, err := json.Marshal(r)
	if err != nil || !strings.Contains(string(text), `"items":[]`) {
		t.Errorf("an empty list is not [] in JSON (%v): %s", err, text)
	}
}

func TestWindowOf(t *testing.T) {
	for idp, want := range map[string]string{
		"Okta": "Okta", "okta-prod": "Okta", "Azure AD": "Microsoft Entra ID", "AzureAD": "Microsoft Entra ID",
		"Microsoft Entra ID": "Microsoft Entra ID", "entra": "Microsoft Entra ID", "Google Workspace": "Google Workspace",
		"GSuite": "Google Workspace", "Central Login": "Central Login", "JumpCloud": "JumpCloud", "": "",
	} {
		if got := WindowOf(idp).IdP; got != want {
			t.Errorf("WindowOf(%q) is the row of %q, want %q", idp, got, want)
		}
	}
	for _, w := range Windows() {
		if w.TypicalMinutes <= 0 || w.TypicalMinutes > w.LongestMinutes || w.Why == "" || w.Where == "" {
			t.Errorf("the row of %q is not whole: %+v", w.IdP, w)
		}
	}
}

func TestCodesAreListedOnce(t *testing.T) {
	source, err := os.ReadFile("codes.go")
	if err != nil {
		t.Fatal(err)
	}
	declared := regexp.MustCompile(`diag\.Code = "(verify\.[a-z-]+)"`).FindAllStringSubmatch(string(source), -1)
	var want, got []string
	for _, m := range declared {
		want = append(want, m[1])
	}
	for _, c := range Codes() {
		got = append(got, string(c.Code))
		if c.Meaning == "" || c.Do == "" {
			t.Errorf("code %q says too little", c.Code)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" || len(want) == 0 {
		t.Errorf("the codes declared and those listed differ: %s", diff)
	}
}

func FuzzCheck(f *testing.F) {
	f.Add("AWS-Dev", "aws-dev", "jane@company.com", "Jane@company.com", true)
	f.Add("", "\xff", "\u200B", " ", false)
	f.Fuzz(func(t *testing.T, group, have, user, haveUser string, referenced bool) {
		var b, l access.Builder
		b.AddGroup(access.Group{Name: group, Referenced: referenced})
		b.AddUser(access.User{Username: user, Referenced: referenced})
		b.AddAccount(access.Account{Name: group})
		l.AddGroup(access.Group{Name: have, ID: "g"})
		l.AddUser(access.User{Username: haveUser, Email: user, ID: "u"})
		l.AddAccount(access.Account{Name: have, ID: "a"})
		for _, setUp := range []access.SetUp{access.SCIM, access.SCIMUsersOnly, access.WithoutSCIM, access.BuiltIn} {
			r := Check(b.State(), l.State(), Options{SetUp: setUp, IdP: user})
			if there := r.Items[0].Verdict == There; there != (group == have) {
				t.Fatalf("the group %q, where AWS has %q, is there: %v", group, have, there)
			}
			if there := r.Items[1].Verdict == There; there != (user == haveUser) {
				t.Fatalf("the user %q, where AWS has %q, is there: %v", user, haveUser, there)
			}
		}
	})
}

// What a finding is about and what to do are data; the hint is that in words.
func TestFindingsHaveASubjectAndARemedy(t *testing.T) {
	for _, setUp := range []access.SetUp{access.SCIM, access.SCIMUsersOnly, access.BuiltIn} {
		desired := expectGroups(true, access.Group{Name: "AWS-Gone"}, access.Group{Name: "aws-pushe"})
		for _, item := range Check(desired, liveGroups(), Options{SetUp: setUp, IdP: "Okta"}).Items {
			f := item.Finding
			if f == nil || f.Subject != item.Subject() || f.Remedy.Way == "" || f.Hint != f.Remedy.Words() {
				t.Errorf("%s: %+v", setUp, f)
			}
		}
	}
}
