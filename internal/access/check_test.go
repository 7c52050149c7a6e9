package access

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/rolecall-dev/rolecall/internal/diag"
)

// The golden cases in testdata/config hold Check to the text and place of each
// finding; here is what they do not show.

func at(line int) diag.Range {
	return diag.Range{File: "f", Start: diag.Pos{Line: line, Column: 1, Byte: line}, End: diag.Pos{Line: line, Column: 2, Byte: line + 1}}
}

func textAt(line int, s string) Text { return Text{Value: s, Range: at(line)} }

func textsAt(line int, all ...string) List[Text] {
	l := List[Text]{Range: at(line)}
	for _, s := range all {
		l.Items = append(l.Items, textAt(line, s))
	}
	return l
}

func groupAt(line int, name string) GroupSpec {
	return GroupSpec{Name: textAt(line, name), Description: textAt(line, "d"), AccountsNames: textsAt(line, "a"), Range: at(line),
		AWSManagedPolicies: textsAt(line, "arn:aws:iam::aws:policy/ReadOnlyAccess")}
}

// TestRunes compares the character classes with AWS's own patterns.
func TestRunes(t *testing.T) {
	for _, tt := range []struct {
		name, pattern string
		legal         func(rune) bool
	}{
		{"UserName", `[\p{L}\p{M}\p{S}\p{N}\p{P}]`, legalNameRune},
		{"GroupDisplayName", `[\p{L}\p{M}\p{S}\p{N}\p{P}\t\n\r \x{a0}]`, legalGroupRune},
		{"SensitiveStringType", `[\p{L}\p{M}\p{S}\p{N}\p{P}\t\n\r \x{a0}\x{3000}]`, legalTextRune},
		{"PermissionSetDescription", `[\x{9}\x{a}\x{d}\x{20}-\x{7e}\x{a1}-\x{ff}]`, legalSetDescriptionRune},
		{"PermissionSetPolicyDocument", `[\x{9}\x{a}\x{d}\x{20}-\x{ff}]`, legalPolicyRune},
		{"RelayState", `[a-zA-Z0-9&$@#\\\/%?=~\-_'"|!:,.;*+\[\]\ \(\)\{\}]`, legalRelayRune},
		{"TagValue", `[\p{L}\p{Z}\p{N}_.:/=+\-@]`, legalTagRune},
		{"PermissionSetName", `[\w+=,.@-]`, LegalSetNameRune},
	} {
		t.Run(tt.name, func(t *testing.T) {
			re := regexp.MustCompile("^" + tt.pattern + "$")
			for r := rune(0); r <= 0x3100; r++ {
				if want := re.MatchString(string(r)); want != tt.legal(r) {
					t.Errorf("%s: legal is %v, AWS's pattern says %v", describeRune(r), tt.legal(r), want)
				}
			}
		})
	}
}

// TestMarkFits: what Check lets through as a description fits a group with the
// longest mark.
func TestMarkFits(t *testing.T) {
	marked := Mark{Owner: strings.Repeat("o", 18), Via: ViaTerraform, Unfinished: "12345678"}.On(strings.Repeat("x", MaxSetDescription))
	if len(marked) > MaxDescription || len(marked) != MaxSetDescription+MaxMark {
		t.Errorf("the marked description has %d characters, of at most %d", len(marked), MaxDescription)
	}
}

func TestTooManySets(t *testing.T) {
	groups := make([]GroupSpec, MaxSets+1)
	for i := range groups {
		groups[i] = groupAt(i+2, fmt.Sprintf("Team-%d", i))
	}
	c := Config{AccessGroups: List[GroupSpec]{Items: groups, Range: at(1)}}
	found := Check(c)
	if len(found) != 1 || found[0].Code != CodeTooManySets || found[0].Severity != diag.Warning || found[0].Range != at(1) {
		t.Errorf("found %v", found)
	}
	c.AccessGroups.Items = groups[1:]
	if found := Check(c); len(found) > 0 {
		t.Errorf("found %v in a config at the quota", found)
	}
}

func TestCheckPartition(t *testing.T) {
	g := groupAt(1, "Dev")
	g.CustomerManagedPolicies = textsAt(2, "arn:aws-cn:iam::123456789012:policy/x", "team/x")
	g.PermissionsBoundary = textAt(3, "arn:aws-cn:iam::aws:policy/x")
	c := Config{AccessGroups: List[GroupSpec]{Items: []GroupSpec{g}, Range: at(1)}}
	var lines []int
	for _, d := range CheckPartition(c, "aws") {
		lines = append(lines, d.Range.Start.Line)
	}
	if diff := cmp.Diff([]int{2, 3}, lines); diff != "" {
		t.Errorf("lines differ (-want +got):\n%s", diff)
	}
}

func TestSessionDurations(t *testing.T) {
	for text, ok := range map[string]bool{
		"PT1H": true, "PT12H": true, "PT60M": true, "PT3600S": true, "PT1H30M": true, "": true,
		"PT59M": false, "PT12H1S": false, "PT0H": false, "P1D": false, "8h": false, "28800": false, "PT": false, "pt8h": false, "-PT8H": false,
	} {
		g := groupAt(1, "Dev")
		g.SessionDuration = textAt(2, text)
		found := Check(Config{AccessGroups: List[GroupSpec]{Items: []GroupSpec{g}, Range: at(1)}})
		if got := len(found) == 0; got != ok {
			t.Errorf("%q is accepted: %v, want %v", text, got, ok)
		}
	}
}

// TestSessionHints: whoever writes a duration that AWS does not take is told how
// to write theirs.
func TestSessionHints(t *testing.T) {
	for text, want := range map[string]string{
		"PT1.5H": "PT1H30M", "PT1,5H": "PT1H30M", "1h": "PT1H", "8 hours": "PT8H", "1h30m": "PT1H30M", "90min": "PT1H30M", "90 Minutes": "PT1H30M",
		"1 hour 30 minutes": "PT1H30M", "3600": "PT1H", "5400": "PT1H30M", "60": "PT1H", "8": "PT8H", "3600s": "PT1H", "3600.0": "PT8H",
		"pt1h": "PT1H", "Pt2H": "PT2H", "PT 2H": "PT2H", " PT2H\u00a0": "PT2H", "\ufeffPT2H": "PT2H", "P2H": "PT2H", "T2H": "PT2H", "2H": "PT2H", "P60M": "PT1H",
		"PT30M1H": "PT1H30M", "P0Y0M0DT2H": "PT2H", "P0.25D": "PT6H", "PT5400.0S": "PT1H30M", "-PT8H": "PT8H", "+PT8H": "PT8H", "1:30": "PT1H30M", "01:30:00": "PT1H30M",
		"P0000-00-00T01:30:00": "PT1H30M", "PT8Hours": "PT8H", "8hrs": "PT8H", "PT8": "PT8H",
		"PT13H": "this is PT13H: the longest is \"PT12H\"", "P1D": "this is PT24H: the longest is \"PT12H\"", "1d": "PT24H: the longest is \"PT12H\"",
		"P1W": "the longest is \"PT12H\"", "86400": "this is PT24H: the longest", "PT30M": "this is PT30M: the shortest is \"PT1H\"", "0.5h": "this is PT30M: the shortest",
		"PT0H": "the shortest is \"PT1H\"", "30": "PT30M: the shortest", "soon": "\"PT8H\"", "PT": "\"PT8H\"", "PTXH": "\"PT8H\"", "8x": "\"PT8H\"",
		"99999999999999999999h": "\"PT8H\"",
	} {
		g := groupAt(1, "Dev")
		g.SessionDuration = textAt(2, text)
		found := Check(Config{AccessGroups: List[GroupSpec]{Items: []GroupSpec{g}, Range: at(1)}})
		if len(found) != 1 || found[0].Code != CodeSessionDuration || !strings.Contains(found[0].Hint, want) {
			t.Errorf("%q: found %v, want %q in the hint", text, found, want)
		}
		if len(found) == 1 {
			if iso := regexp.MustCompile(`"(PT[0-9HMS]+)"`).FindStringSubmatch(found[0].Hint); iso == nil || !validSession(iso[1]) {
				t.Errorf("%q: the hint %q names a duration that AWS does not take", text, found[0].Hint)
			}
		}
	}
}

func validSession(text string) bool {
	seconds, ok := DurationSeconds(text)
	return ok && seconds >= MinSession && seconds <= MaxSession
}

// TestFourSetUps: which lists each set-up takes.
func TestFourSetUps(t *testing.T) {
	users := List[UserSpec]{Range: at(10), Items: []UserSpec{{DisplayName: textAt(10, "Jane"), Email: textAt(10, "jane@company.com"), GivenName: textAt(10, "Jane"), FamilyName: textAt(10, "S"), Range: at(10)}}}
	ours := List[GroupSpec]{Range: at(20), Items: []GroupSpec{groupAt(20, "Ours")}}
	theirs := List[GroupSpec]{Range: at(30), Items: []GroupSpec{groupAt(30, "Theirs")}}
	all := Config{Users: users, RemovedUsers: textsAt(5, "old@company.com"), AccessGroups: ours, ExternalGroups: theirs}
	for _, tt := range []struct {
		name                  string
		mode, scope, provider string
		want                  []diag.Code // errors only
	}{
		{"SCIM", "external", "", "", []diag.Code{CodeRemovedUsersExternal, CodeUsersExternal, CodeAccessGroupsExternal}},
		{"SCIM, scope written", "external", "users_and_groups", "", []diag.Code{CodeRemovedUsersExternal, CodeUsersExternal, CodeAccessGroupsExternal}},
		{"SCIM for users only", "external", "users", "", []diag.Code{CodeRemovedUsersExternal, CodeUsersExternal}},
		{"without SCIM", "internal", "", "Okta", []diag.Code{CodeExternalGroupsInside}},
		{"built in", "internal", "", "", []diag.Code{CodeExternalGroupsInside}},
		{"default", "", "", "", []diag.Code{CodeExternalGroupsInside}},
		{"external with provider", "external", "users", "Okta", []diag.Code{CodeProviderExternal, CodeRemovedUsersExternal, CodeUsersExternal}},
		{"internal with scope", "internal", "users", "", []diag.Code{CodeSCIMKeyInside, CodeExternalGroupsInside}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := all
			c.ManagementMode, c.SCIMScope, c.IdentityProvider = textAt(1, tt.mode), textAt(2, tt.scope), textAt(3, tt.provider)
			var got []diag.Code
			for _, d := range Check(c) {
				if d.Severity == diag.Error {
					got = append(got, d.Code)
				}
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("errors differ (-want +got):\n%s", diff)
			}
		})
	}
}

// TestCheckedNamesAreLegal: whatever Check lets through, AWS takes: the set's
// name, the user name and the group's name match AWS's own patterns.
func TestCheckedNamesAreLegal(t *testing.T) {
	setName, groupName := regexp.MustCompile(`^[\w+=,.@-]{1,32}$`), regexp.MustCompile(`^[\p{L}\p{M}\p{S}\p{N}\p{P}\t\n\r \x{a0}]{1,1000}$`)
	userName := regexp.MustCompile(`^[\p{L}\p{M}\p{S}\p{N}\p{P}]{1,128}$`)
	rapid.Check(t, func(t *rapid.T) {
		g := groupAt(1, rapid.StringN(0, 40, -1).Draw(t, "group"))
		if rapid.Bool().Draw(t, "named") {
			g.PermissionSetName = textAt(2, rapid.StringOfN(rapid.RuneFrom([]rune("aZ0_+=,.@- \u00e9\u200b")), 0, 34, -1).Draw(t, "set"))
		}
		g.Members = textsAt(3, rapid.StringN(0, 140, -1).Draw(t, "member"))
		found := Check(Config{AccessGroups: List[GroupSpec]{Items: []GroupSpec{g}, Range: at(1)}})
		legal := setName.MatchString(g.SetName()) && groupName.MatchString(g.Name.Value) && userName.MatchString(g.Members.Items[0].Value)
		if !legal && !found.HasErrors() {
			t.Errorf("Check accepts the group %q, the set %q, the member %q", g.Name.Value, g.SetName(), g.Members.Items[0].Value)
		}
		if slices.ContainsFunc(found, func(d diag.Diagnostic) bool { return d.Range.IsZero() || d.Hint == "" }) {
			t.Errorf("a finding has no place or no hint: %v", found)
		}
	})
}
