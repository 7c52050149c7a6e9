package plan_test

import (
	"strings"
	"testing"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/diag"
	. "github.com/rolecall-dev/rolecall/internal/plan"
)

// Somebody whose user name and e-mail address changed at once is not created anew
// without a word on `previously`; nor is a namesake renamed into somebody else.
func TestANamesakeIsTold(t *testing.T) {
	jane := access.User{ID: "u-jane", Username: "jane@company.com", Email: "jane@company.com", DisplayName: "Jane Smith", GivenName: "Jane", FamilyName: "Smith"}
	spec := func(name, display, given, family string) access.UserSpec {
		return access.UserSpec{Username: text(name), Email: text(name), DisplayName: text(display), GivenName: text(given), FamilyName: text(family)}
	}
	married := spec("jane.doe@company.com", "Jane Smith", "Jane", "Smith")
	former := married
	former.Previously = text("jane@company.com")
	for name, c := range map[string]struct {
		config  access.Config
		edit    func(*access.User, *access.Group, *Options)
		told    bool
		creates bool
	}{
		"the same name":           {config: userConfig(nil, married), told: true, creates: true},
		"the display name":        {config: userConfig(nil, spec("jd@company.com", " jane  SMITH", "Jane", "Doe")), told: true, creates: true},
		"given and family name":   {config: userConfig(nil, spec("jd@company.com", "Jane Doe-Smith", "jane", "smith")), told: true, creates: true},
		"a given name alone":      {config: userConfig(nil, spec("jd@company.com", "Jane Doe", "Jane", "Doe")), creates: true},
		"by previously":           {config: userConfig(nil, former)},
		"who left":                {config: userConfig([]string{"jane@company.com"}, married), creates: true},
		"who stays":               {config: userConfig(nil, married, spec("jane@company.com", "Jane Smith", "Jane", "Smith")), creates: true},
		"in groups of others":     {config: userConfig(nil, married), creates: true, edit: func(_ *access.User, g *access.Group, _ *Options) { g.Owner = "other" }},
		"one of SCIM":             {config: userConfig(nil, married), creates: true, edit: func(u *access.User, _ *access.Group, _ *Options) { u.SCIM = true }},
		"ignored":                 {config: userConfig(nil, married), creates: true, edit: func(_ *access.User, _ *access.Group, o *Options) { o.Ignore = []string{"user:jane@*"} }},
		"in Terraform":            {config: userConfig(nil, married), creates: true, edit: func(_ *access.User, _ *access.Group, o *Options) { o.Via = access.ViaTerraform }},
		"without names":           {config: userConfig(nil, married), creates: true, edit: func(u *access.User, _ *access.Group, _ *Options) { u.DisplayName, u.GivenName = "", "" }},
		"the identity provider's": {config: userConfig(nil, married), told: true, creates: true, edit: func(_ *access.User, _ *access.Group, o *Options) { o.SetUp = access.WithoutSCIM }},
	} {
		t.Run(name, func(t *testing.T) {
			u, g, o := jane, access.Group{ID: "g-Team", Name: "Team", Owner: "me"}, options(access.BuiltIn)
			if c.edit != nil {
				c.edit(&u, &g, &o)
			}
			var b access.Builder
			b.Observed = access.Observed{Read: "deep"}
			b.AddMembership(b.AddGroup(g), b.AddUser(u), -1)
			live, want := b.State(), access.Desired(c.config, "me")
			p := Diff(&want, &live, o)
			told := found(p, Namesake)
			if len(told) > 0 != c.told || p.Refused() || p.Summary.Create > 0 != c.creates {
				t.Fatalf("%v, %v", p.Findings, ids(p))
			}
			for _, d := range told {
				if d.Severity != diag.Note || !strings.Contains(d.Hint, "`previously = \"jane@company.com\"`") || !strings.Contains(d.Hint, "rolecall access user jane@company.com") || !strings.Contains(d.Detail, "Team") {
					t.Errorf("%+v", d)
				}
			}
		})
	}
}
