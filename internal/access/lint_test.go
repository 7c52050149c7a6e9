package access

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/rolecall-dev/rolecall/internal/diag"
)

// The golden cases testdata/config/lints* hold the lints to the text and place
// of each finding; here is what they do not show.

func lintGroups(lints Lints, groups ...GroupSpec) diag.List {
	return Lint(Config{AccessGroups: List[GroupSpec]{Items: groups, Range: at(1)}}, lints)
}

func lintCodes(found diag.List) []diag.Code {
	out := []diag.Code{}
	for _, d := range found {
		out = append(out, d.Code)
	}
	return out
}

func inline(statements ...StatementSpec) List[InlinePolicySpec] {
	return List[InlinePolicySpec]{Range: at(5), Items: []InlinePolicySpec{{Name: textAt(5, "p"), Range: at(5), Statements: List[StatementSpec]{Items: statements, Range: at(5)}}}}
}

func allow(action, resource string) StatementSpec {
	return StatementSpec{Actions: textsAt(6, action), Resources: textsAt(7, resource), Range: at(6)}
}

// TestLintDefaults: without settings, only what nobody has to be asked about is
// found.
func TestLintDefaults(t *testing.T) {
	g := groupAt(2, "Team")
	g.Description, g.SessionDuration = textAt(3, "todo: describe"), textAt(4, "PT12H")
	g.AccountsNames = textsAt(4, "production", "management", "development")
	g.AWSManagedPolicies = textsAt(4, "arn:aws:iam::aws:policy/AdministratorAccess")
	g.InlinePolicies = inline(allow("s3:*", "arn:aws:s3:::data/*"), allow("iam:PassRole", "*"))
	want := []diag.Code{CodeLintDescription, CodeLintWildcardAction, CodeLintWildcardResource}
	found := lintGroups(Lints{}, g)
	if diff := cmp.Diff(want, lintCodes(found)); diff != "" {
		t.Errorf("lints differ (-want +got):\n%s", diff)
	}
	for _, d := range found {
		if d.Severity != diag.Warning || !strings.Contains(d.Hint, "lints."+LintKey(d.Code)) {
			t.Errorf("%s is of severity %s and its hint does not say how to set it: %s", d.Code, d.Severity, d.Hint)
		}
	}
}

func TestLintSeverity(t *testing.T) {
	g := groupAt(2, "Team")
	g.Description = textAt(3, "")
	for written, want := range map[string]diag.Severity{"": diag.Warning, "warning": diag.Warning, "error": diag.Error, "off": "", "loud": diag.Warning} {
		found := lintGroups(Lints{Description: DescriptionLint{LintRule{Severity: Text{Value: written}}}}, g)
		if want == "" && len(found) > 0 || want != "" && (len(found) != 1 || found[0].Severity != want) {
			t.Errorf("%q gives %v, want severity %q", written, found, want)
		}
	}
}

func TestLintExcept(t *testing.T) {
	a, b := groupAt(2, "Alpha"), groupAt(3, "Beta")
	rule := LintRule{Except: textsAt(9, "alph?")}
	found := lintGroups(Lints{GroupNamePrefix: PrefixLint{rule, textAt(9, "AWS-")}}, a, b)
	if len(found) != 1 || found[0].Range != at(3) {
		t.Errorf("found %v, want the name of Beta alone", found)
	}
}

// TestLintRefusedLists: what the set-up refuses as a whole is not linted.
func TestLintRefusedLists(t *testing.T) {
	g := groupAt(2, "Team")
	g.Description = textAt(3, "tbd")
	c := Config{ManagementMode: textAt(1, "external"), AccessGroups: List[GroupSpec]{Items: []GroupSpec{g}, Range: at(1)}}
	if found := Lint(c, Lints{}); len(found) > 0 {
		t.Errorf("found %v in a list that has to go", found)
	}
}

func TestLintPrefixSuggests(t *testing.T) {
	for name, want := range map[string]string{"Team": "AWS-Team", "aws-Team": "AWS-Team", "AWS": "AWS-AWS", "Aws-": "AWS-Aws-", "äöü-Team": "AWS-äöü-Team"} {
		if got := (PrefixLint{Prefix: Text{Value: "AWS-"}}).rename(name); got != want {
			t.Errorf("%q should become %q, got %q", name, want, got)
		}
	}
}

func TestLintDescriptions(t *testing.T) {
	for text, fine := range map[string]bool{
		"Builds the services": true, "Synchronized from external IdP": true, "d": true, "Testers of the shop": true, "Todo lists": true, "Команда": true,
		"": false, "   ": false, "-": false, "...": false, "tbd": false, "T.B.D.": false, "ToDo": false, "todo(jane): describe": false, "<what it is for>": false,
		"Description": false, "a description": false, "n/a": false, "AWS-Team": false, "aws team": false,
	} {
		g := groupAt(2, "AWS-Team")
		g.Description = textAt(3, text)
		if found := lintGroups(Lints{}, g); (len(found) == 0) != fine {
			t.Errorf("the description %q: found %v", text, found)
		}
	}
}

func TestLintSessions(t *testing.T) {
	for _, tt := range []struct {
		session, longest string
		fine             bool
	}{
		{"", "", true}, {"PT4H", "", true}, {"PT240M", "", true}, {"PT241M", "", false}, {"PT4H1S", "", false}, {"PT12H", "PT12H", true}, {"PT2H", "PT60M", false},
		{"PT13H", "", true}, {"4h", "", true}, // errors of Check
	} {
		g := groupAt(2, "Team")
		g.AccountsNames, g.SessionDuration = textsAt(3, "dev", "Shop-PROD"), Text{Value: tt.session, Range: at(4)}
		lints := Lints{ProductionSession: SessionLint{Accounts: textsAt(9, "*-prod"), Longest: Text{Value: tt.longest}}}
		if found := lintGroups(lints, g); (len(found) == 0) != tt.fine {
			t.Errorf("a session of %q, of at most %q: found %v", tt.session, tt.longest, found)
		}
		g.AccountsNames = textsAt(3, "dev", "prod-like")
		if found := lintGroups(lints, g); len(found) > 0 {
			t.Errorf("outside production: found %v", found)
		}
	}
}

func TestLintAdministrator(t *testing.T) {
	for arn, is := range map[string]bool{
		"arn:aws:iam::aws:policy/AdministratorAccess": true, "arn:aws-cn:iam::aws:policy/AdministratorAccess": true,
		"arn:aws-us-gov:iam::aws:policy/AdministratorAccess": true, "arn:aws-eusc:iam::aws:policy/AdministratorAccess": true,
		"arn:aws:iam::aws:policy/AdministratorAccess-Amplify": false, "arn:aws:iam::aws:policy/job-function/AdministratorAccess": false,
		"arn:aws:iam::aws:policy/PowerUserAccess": false, "arn:aws:iam::123456789012:policy/AdministratorAccess": false, "AdministratorAccess": false,
	} {
		g := groupAt(2, "Team")
		g.AWSManagedPolicies = textsAt(3, arn)
		none := Lints{Administrator: AdministratorLint{Groups: List[Text]{Range: at(9)}}}
		if found := lintGroups(none, g); (len(found) == 1) != is {
			t.Errorf("%s: found %v", arn, found)
		}
		named := Lints{Administrator: AdministratorLint{Groups: textsAt(9, "Te*")}}
		if found := lintGroups(named, g); len(found) > 0 {
			t.Errorf("%s in a group that may: found %v", arn, found)
		}
	}
}

func TestLintStatements(t *testing.T) {
	condition := List[ConditionSpec]{Items: []ConditionSpec{{Operator: textAt(8, "Bool"), Key: textAt(8, "aws:MultiFactorAuthPresent"), Values: textsAt(8, "true")}}}
	with := func(s StatementSpec, change func(*StatementSpec)) StatementSpec { change(&s); return s }
	conditioned := func(s *StatementSpec) { s.Conditions = condition }
	admin, action, resource := CodeLintAdministrator, CodeLintWildcardAction, CodeLintWildcardResource
	for name, tt := range map[string]struct {
		s    StatementSpec
		want []diag.Code // with the administrator lint on
	}{
		"named":                      {allow("s3:GetObject", "arn:aws:s3:::data/*"), nil},
		"part of a service":          {allow("s3:Get*", "*"), nil},
		"everything":                 {allow("*", "*"), []diag.Code{admin}},
		"spelled otherwise":          {allow("*:**", "arn:*:*:*:*:*"), []diag.Code{admin}},
		"any ARN":                    {allow("*", "arn:*"), []diag.Code{admin}},
		"while signed in with MFA":   {with(allow("*", "*"), conditioned), []diag.Code{admin}},
		"everything there":           {allow("*", "arn:aws:s3:::data/*"), []diag.Code{action}},
		"a service":                  {allow("S3:*", "arn:aws:s3:::data/*"), []diag.Code{action}},
		"a service, ? and *":         {allow("s3:?*", "*"), []diag.Code{action}},
		"a service under conditions": {with(allow("s3:*", "*"), conditioned), nil},
		"any service":                {allow("*:List*", "*"), []diag.Code{action}},
		"denied":                     {with(allow("*", "*"), func(s *StatementSpec) { s.Effect = textAt(6, "Deny") }), nil},
		"all but":                    {StatementSpec{NotActions: textsAt(6, "s3:*"), Resources: textsAt(7, "*")}, []diag.Code{action}},
		"pass any role":              {allow("iam:PassRole", "*"), []diag.Code{resource}},
		"pass any role, by pattern":  {allow("iam:*Role", "arn:aws:iam::123456789012:role/*"), []diag.Code{resource}},
		"pass some roles":            {allow("iam:PassRole", "arn:aws:iam::*:role/deploy/*"), nil},
		"pass all roles but":         {StatementSpec{Actions: textsAt(6, "iam:PassRole"), NotResources: textsAt(7, "arn:aws:iam::*:role/x")}, []diag.Code{resource}},
		"pass roles to":              {with(allow("iam:PassRole", "*"), conditioned), nil},
		"make a service-linked role": {allow("iam:CreateServiceLinkedRole", "*"), nil},
		"read IAM":                   {allow("iam:Get*", "*"), nil},
		"both":                       {StatementSpec{Actions: textsAt(6, "*"), NotActions: textsAt(6, "s3:*"), Resources: textsAt(7, "*")}, nil}, // an error of Check
		"no action":                  {allow("s3", "*"), nil},                                                                                    // an error of Check
	} {
		g := groupAt(2, "Team")
		g.InlinePolicies = inline(tt.s)
		got := lintCodes(lintGroups(Lints{Administrator: AdministratorLint{Groups: List[Text]{Range: at(9)}}}, g))
		if diff := cmp.Diff(append([]diag.Code{}, tt.want...), got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// TestLintSaysEverythingOnce: with the administrator lint off, the wildcard
// still is found.
func TestLintSaysEverythingOnce(t *testing.T) {
	g := groupAt(2, "Team")
	g.InlinePolicies = inline(allow("*", "*"))
	found := lintGroups(Lints{}, g)
	if len(found) != 1 || found[0].Code != CodeLintWildcardAction || !strings.Contains(found[0].Detail, "AdministratorAccess") {
		t.Errorf("found %v", found)
	}
}

// TestLintSettingsOfWildcards: what is allowed is not found, and other actions
// may matter.
func TestLintSettingsOfWildcards(t *testing.T) {
	g := groupAt(2, "Team")
	g.InlinePolicies = inline(allow("logs:*", "*"), allow("kms:Decrypt", "*"), allow("iam:PassRole", "*"))
	lints := Lints{WildcardAction: ActionLint{Allow: textsAt(9, "LOGS:*")}, WildcardResource: ResourceLint{Actions: textsAt(9, "kms:*")}}
	found := lintGroups(lints, g)
	if len(found) != 1 || !strings.Contains(found[0].Summary, "kms:Decrypt") {
		t.Errorf("found %v, want kms:Decrypt alone", found)
	}
}

func TestLintManagementAccount(t *testing.T) {
	lints := Lints{ManagementAccount: ManagementLint{Accounts: textsAt(9, "management", "111122223333")}}
	a, b := groupAt(2, "A"), groupAt(3, "B")
	a.AccountsNames, b.AccountsNames = textsAt(4, "Management"), textsAt(5, "dev")
	if found := lintGroups(lints, a, b); len(found) > 0 {
		t.Errorf("two sets, one for each: found %v", found)
	}
	a.PermissionSetName, b.PermissionSetName = textAt(2, "Shared"), textAt(3, "Shared")
	if found := lintGroups(lints, b, a); len(found) != 1 || found[0].Range != at(4) {
		t.Errorf("one set for both: found %v, want one at the management account", found)
	}
	b.AccountsNames = textsAt(5, "111122223333")
	if found := lintGroups(lints, a, b); len(found) > 0 {
		t.Errorf("the management account by name and by id: found %v", found)
	}
}

func TestGlobs(t *testing.T) {
	for _, tt := range []struct {
		pattern, name string
		want          bool
	}{
		{"", "", true}, {"", "a", false}, {"*", "", true}, {"?", "", false}, {"a*", "A/b", true}, {"*-prod", "shop-prod", true}, {"*-prod", "prod", false},
		{"*a*b", "xaxbxab", true}, {"*a*b", "xaxbxa", false}, {"??", "äö", true}, {"[a]", "a", false},
	} {
		if got := globMatch(tt.pattern, tt.name); got != tt.want {
			t.Errorf("%q matches %q: %v", tt.pattern, tt.name, got)
		}
	}
}

// Where the case may matter, it is for the caller to fold: what only looks like a
// letter of iam is none.
func TestMatchesGlobLetterForLetter(t *testing.T) {
	for pattern, want := range map[string]bool{"iam:*": true, "IAM:*": false, "?am:*": true, "\uff49am:*": false, "i\u00e4m:*": false} {
		if got := MatchesGlob(pattern, "iam:PassRole"); got != want {
			t.Errorf("%q: %v", pattern, got)
		}
	}
}

// TestGlobsOverlap compares the overlap with all short texts.
func TestGlobsOverlap(t *testing.T) {
	texts := []string{""}
	for from := 0; len(texts) < 1000; from++ {
		for _, c := range "ab" {
			texts = append(texts, texts[from]+string(c))
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		a, b := rapid.StringMatching(`[ab*?]{0,4}`).Draw(t, "a"), rapid.StringMatching(`[ab*?]{0,4}`).Draw(t, "b")
		want := false
		for _, text := range texts {
			want = want || globMatch(a, text) && globMatch(b, text)
		}
		if got := globsOverlap(a, b); got != want {
			t.Fatalf("%q and %q overlap: %v, want %v", a, b, got, want)
		}
	})
}

// TestLintKeysAreUnique: no two lints have one key in rolecall.hcl, and none has
// a key that HCL would not take.
func TestLintKeysAreUnique(t *testing.T) {
	seen := map[string]bool{}
	for _, c := range LintCodes() {
		key := LintKey(c.Code)
		if seen[key] || strings.Trim(key, "abcdefghijklmnopqrstuvwxyz_") != "" || !strings.HasPrefix(string(c.Code), "lint.") {
			t.Errorf("%s has the key %q", c.Code, key)
		}
		seen[key] = true
	}
	if got := fmt.Sprint(len(Lints{}.all(Config{}))); got != fmt.Sprint(len(seen)) {
		t.Errorf("%s lints run, %d are documented", got, len(seen))
	}
}

// TestLintSaysWhatBites: a finding says what its wildcard leads to.
func TestLintSaysWhatBites(t *testing.T) {
	for _, tt := range []struct{ action, resource, says string }{
		{"iam:*", "*", "equivalent to AdministratorAccess"}, {"sts:*", "*", "any role that trusts the account"},
		{"identitystore:*", "*", "any access to any account"}, {"organizations:*", "*", "guardrails"},
		{"iam:PassRole", "*", "start a service"}, {"sts:AssumeRole", "*", "every role that trusts the account"},
		{"iam:AttachRolePolicy", "*", "grant themselves anything"}, {"*:Get*", "*", "AWS adds one"},
	} {
		g := groupAt(2, "Team")
		g.InlinePolicies = inline(allow(tt.action, tt.resource))
		if found := lintGroups(Lints{}, g); len(found) != 1 || !strings.Contains(found[0].Detail, tt.says) {
			t.Errorf("%s on %s: found %v, want %q", tt.action, tt.resource, found, tt.says)
		}
	}
	g := groupAt(2, "Team")
	g.InlinePolicies = inline(allow("iam:*", "arn:aws:iam::*:role/deploy-*"))
	if found := lintGroups(Lints{}, g); len(found) != 1 || strings.Contains(found[0].Detail, "AdministratorAccess") {
		t.Errorf("all of IAM on some roles: found %v", found)
	}
}
