package access

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// The hashes are part of the contract: another name would be another role.
func TestPermissionSetName(t *testing.T) {
	for group, want := range map[string]string{
		"AWS-Development-Team": "AWS-Development-Team",
		"DevelopmentTeam":      "DevelopmentTeam",
		"Data Team":            "Data-Team-392242",
		"Équipe été":           "quipe-t-5940f8",
		"AWS-A-Very-Long-Group-Name-For-One-Team": "AWS-A-Very-Long-Group-Nam-3b6d7e",
		"数据": "group-5440f7",
	} {
		if got := PermissionSetName(group); got != want {
			t.Errorf("PermissionSetName(%q) = %q, want %q", group, got, want)
		}
	}
}

func TestPermissionSetNameIsLegalStableAndUnique(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := rapid.String().Draw(t, "a"), rapid.String().Draw(t, "b")
		na, nb := PermissionSetName(a), PermissionSetName(b)
		if a == "" || b == "" {
			return
		}
		if len(na) > MaxSetName || strings.ContainsFunc(na, func(r rune) bool { return !LegalSetNameRune(r) }) {
			t.Fatalf("PermissionSetName(%q) = %q, which AWS refuses", a, na)
		}
		if a != b && na == nb {
			t.Fatalf("%q and %q share the name %q", a, b, na)
		}
	})
}

func TestDescriptionMark(t *testing.T) {
	for _, c := range []struct{ description, owner, marked string }{
		{"Dev team", "platform", "Dev team [rolecall:platform]"},
		{"", "platform", "[rolecall:platform]"},
		{" led by a blank", "platform", " led by a blank [rolecall:platform]"},
		{"Dev team", "", "Dev team"},
		{"two\nlines", "a", "two\nlines [rolecall:a]"},
	} {
		if got := (Mark{Owner: c.owner}).On(c.description); got != c.marked {
			t.Errorf("the mark of %q on %q is %q, want %q", c.owner, c.description, got, c.marked)
		}
		description, mark := ParseMark(c.marked)
		if description != c.description || mark.Owner != c.owner {
			t.Errorf("ParseMark(%q) = %q, %+v", c.marked, description, mark)
		}
	}
	if d, mark := ParseMark("[rolecall:a] in the middle"); mark.Owner != "" || d != "[rolecall:a] in the middle" {
		t.Errorf("a mark that is not at the end was read: %q, %+v", d, mark)
	}
}

func TestMarkWords(t *testing.T) {
	for _, m := range []Mark{{Owner: "a"}, {Owner: "a", Via: ViaTerraform}, {Owner: "a", Unfinished: "0af3"}, {Owner: "a", Via: ViaTerraform, Unfinished: "0af3"}} {
		if d, got := ParseMark(m.On("text")); d != "text" || got != m {
			t.Errorf("%q gives %q, %+v", m.On("text"), d, got)
		}
	}
	if _, got := ParseMark("text [rolecall:a frozen]"); got.Owner != "a" || !got.Unknown {
		t.Errorf("an unknown word gives %+v", got)
	}
	if n := len(Mark{Owner: strings.Repeat("o", 18), Via: ViaTerraform, Unfinished: "12345678"}.On("x")) - 1; n > MaxMark {
		t.Errorf("the longest mark adds %d characters, MaxMark is %d", n, MaxMark)
	}
}

func TestMarksInWords(t *testing.T) {
	for want, m := range map[string]Mark{
		"without an owner":                                         {},
		`of owner "a"`:                                             {Owner: "a"},
		`of owner "a", created by Terraform`:                       {Owner: "a", Via: ViaTerraform},
		`of owner "a", not yet complete`:                           {Owner: "a", Unfinished: "0af3"},
		`of owner "a", with a mark of another version of rolecall`: {Owner: "a", Unknown: true},
	} {
		if got := m.Words(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestISODuration(t *testing.T) {
	for in, want := range map[string]string{
		"": "PT1H", "PT60M": "PT1H", "PT3600S": "PT1H", "PT12H": "PT12H", "PT90M": "PT1H30M", "P1D": "PT24H", "PT0S": "PT0S",
		"1h": "1h", "PT": "PT", "P": "P",
	} {
		if got := ISODuration(in); got != want {
			t.Errorf("ISODuration(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestCanonicalPolicy(t *testing.T) {
	want := `{"Statement":[{"Action":["s3:Get*","s3:List*"],"Condition":{"Bool":{"aws:MultiFactorAuthPresent":["true"]}},"Effect":"Allow","Resource":["*"]}],"Version":"2012-10-17"}`
	for _, in := range []string{
		`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":["s3:List*","s3:Get*"],"Resource":"*","Condition":{"Bool":{"aws:MultiFactorAuthPresent":true}}}}`,
		`{ "Statement": [ {"Resource":["*"],"Action":["s3:Get*","s3:List*","s3:Get*"],"Effect":"Allow","Condition":{"Bool":{"aws:MultiFactorAuthPresent":"true"}}} ], "Version":"2012-10-17" }`,
		want,
	} {
		if got := CanonicalPolicy(in); got != want {
			t.Errorf("CanonicalPolicy(%s)\n got %s\nwant %s", in, got, want)
		}
	}
	for _, in := range []string{"", "not json", "[]", `{"a":1} trailing`} {
		if got := CanonicalPolicy(in); got != in {
			t.Errorf("CanonicalPolicy(%q) = %q, want it as it is", in, got)
		}
	}
}

func text(s string) Text { return Text{Value: s} }

func texts(list ...string) List[Text] {
	var out List[Text]
	for _, s := range list {
		out.Items = append(out.Items, text(s))
	}
	return out
}

func TestInlinePolicyDocument(t *testing.T) {
	allow := func(sid, action string) StatementSpec {
		return StatementSpec{Sid: text(sid), Actions: texts(action), Resources: texts("arn:aws:s3:::<bucket>&x")}
	}
	got := InlinePolicyDocument([]InlinePolicySpec{
		{Name: text("read-logs"), Statements: List[StatementSpec]{Items: []StatementSpec{allow("", "s3:Get*"), allow("Own-Sid", "s3:List*")}}},
		{Name: text("readlogs"), Statements: List[StatementSpec]{Items: []StatementSpec{allow("", "s3:Put*")}}},
	})
	want := `{"Statement":[` +
		`{"Action":["s3:Get*"],"Effect":"Allow","Resource":["arn:aws:s3:::<bucket>&x"]},` +
		`{"Action":["s3:List*"],"Effect":"Allow","Resource":["arn:aws:s3:::<bucket>&x"],"Sid":"OwnSid"},` +
		`{"Action":["s3:Put*"],"Effect":"Allow","Resource":["arn:aws:s3:::<bucket>&x"]}],"Version":"2012-10-17"}`
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("document (-want +got):\n%s", diff)
	}
}

func TestDesiredUnitesMembersAndGroups(t *testing.T) {
	cfg := Config{
		Users: List[UserSpec]{Items: []UserSpec{{Email: text("jane@company.com"), Groups: texts("Dev", "Elsewhere")}}},
		AccessGroups: List[GroupSpec]{Items: []GroupSpec{{
			Name: text("Dev"), Members: texts("jane@company.com", "joe@company.com"), AccountsNames: texts("development", "staging"),
		}}},
	}
	s := Desired(cfg, "platform")
	var got []string
	for _, m := range s.Memberships {
		got = append(got, s.Groups[m.Group].Name+" "+s.Users[m.User].Username)
	}
	if diff := cmp.Diff([]string{"Dev jane@company.com", "Dev joe@company.com", "Elsewhere jane@company.com"}, got); diff != "" {
		t.Errorf("memberships (-want +got):\n%s", diff)
	}
	if g := s.Groups[s.GroupIndex("Elsewhere")]; !g.Referenced {
		t.Error("a group that the config does not define is not ours to write")
	}
	if u := s.Users[s.UserIndex("joe@company.com")]; !u.Referenced {
		t.Error("a member that the config does not define is not ours to write")
	}
	if len(s.Assignments) != 2 || s.Sets[0].Owner != "platform" {
		t.Errorf("grants %v, owner %q", s.Assignments, s.Sets[0].Owner)
	}
}

func TestBuilderNormalForm(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		names := rapid.SliceOfNDistinct(rapid.StringMatching(`[a-z]{1,6}`), 1, 6, rapid.ID[string]).Draw(t, "names")
		type pair struct{ group, set, account int }
		pairs := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) pair {
			n := rapid.IntRange(0, len(names)-1)
			return pair{n.Draw(t, "g"), n.Draw(t, "s"), n.Draw(t, "a")}
		}), 0, 12).Draw(t, "pairs")
		build := func(order []string) State {
			var b Builder
			h := map[string]int32{}
			for _, n := range order {
				h[n] = b.AddGroup(Group{Name: n})
				b.AddSet(PermissionSet{Name: n})
				b.AddAccount(Account{ID: n})
			}
			for _, p := range pairs {
				b.AddAssignment(Assignment{Set: h[names[p.set]], Account: h[names[p.account]], Kind: GroupPrincipal, Principal: h[names[p.group]]})
			}
			return b.State()
		}
		one, other := build(names), build(rapid.Permutation(names).Draw(t, "order"))
		if diff := cmp.Diff(one, other); diff != "" {
			t.Fatalf("the order of adding shows (-one +other):\n%s", diff)
		}
	})
}

func TestNormalFormLeavesOutWhatIsAWSsOwn(t *testing.T) {
	var b Builder
	b.AddSet(PermissionSet{Name: "x", SessionDuration: "PT60M", ManagedPolicies: []string{"b", "a", "b"},
		Tags: []Tag{{"z", "1"}, {"aws:cloudformation:stack-name", "s"}, {OwnerTag, "me"}}})
	want := PermissionSet{Name: "x", SessionDuration: "PT1H", ManagedPolicies: []string{"a", "b"}, Owner: "me", Tags: []Tag{{OwnerTag, "me"}, {"z", "1"}}}
	if diff := cmp.Diff(want, b.State().Sets[0]); diff != "" {
		t.Errorf("normal form (-want +got):\n%s", diff)
	}
}
