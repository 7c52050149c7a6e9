package doctor_test

import (
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/rolecall-dev/rolecall/emulator"
	"github.com/rolecall-dev/rolecall/emulator/idp"
	"github.com/rolecall-dev/rolecall/internal/doctor"
)

const wei = `users = [{ display_name = "Wei Chen", username = "wchen", email = "wchen@company.com", given_name = "Wei", family_name = "Chen" },
  { display_name = "Ann Other", email = "ann@company.com", given_name = "Ann", family_name = "Other" }]
`

func withWei(e *emulator.Estate) {
	e.Users = append(e.Users, emulator.EstateUser{UserName: "wchen", Email: "wchen@company.com", GivenName: "Wei", FamilyName: "Chen", DisplayName: "Wei Chen"})
}

// Where only the question has a name, and the config or AWS has the one that was meant,
// the answer is to ask about that one: the name that works stays as it is, and nobody is
// made a second time.
func TestPeopleAskedAboutByAnotherName(t *testing.T) {
	for _, s := range []struct {
		asked, meant, cause string
		only                bool // of the config: AWS does not have the user
		scan                bool
	}{
		{asked: "WCHEN", meant: "wchen", cause: "user-other-name"},
		{asked: " wchen", meant: "wchen", cause: "user-other-name"},
		{asked: "wchen@company.com", meant: "wchen", cause: "user-other-name"},
		{asked: "Wchen@Company.com", meant: "wchen", cause: "user-other-name"},
		{asked: "wch\u0435n", meant: "wchen", cause: "user-other-name"},
		{asked: "wchne", meant: "wchen", cause: "user-missing"},
		{asked: "wchne", meant: "wchen", cause: "user-missing", scan: true},
		{asked: "WCHEN", meant: "wchen", cause: "user-other-name", only: true},
		{asked: "wchne", meant: "wchen", cause: "user-missing", only: true},
		{asked: "wchne@company.com", meant: "wchen", cause: "user-missing", only: true},
		{asked: "ann", meant: "ann@company.com", cause: "user-missing", only: true},
		{asked: "ann@compnay.com", meant: "ann@company.com", cause: "user-missing", only: true},
		{asked: "j\u0430ne@company.com", meant: jane, cause: "user-other-name", scan: true},
		{asked: "jane", meant: jane, cause: "user-missing"},
		{asked: "jnae@company.com", meant: jane, cause: "user-missing", scan: true},
	} {
		for name, config := range map[string]string{"built-in": builtIn, "without SCIM": withoutSCIM, "SCIM": text("Okta", "")} {
			for _, connected := range []bool{true, false} {
				switch {
				case name == "SCIM" && (s.only || !s.scan): // nobody is in that config, and AWS is not searched
					continue
				case name != "built-in" && connected && s.asked == "jane": // Okta knows whom that means
					continue
				}
				t.Run(s.asked+"/"+name, func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) {
						w := newWorld(t, idp.Okta, func(e *emulator.Estate) {
							if !s.only {
								withWei(e)
							}
						})
						w.config, w.scan = config, s.scan
						if name != "SCIM" {
							w.config = wei + config
						}
						r := w.diagnose(doctor.Person, s.asked, production, w.connectorUnless(!connected))
						want := s.cause
						if connected && want == "user-missing" && name != "built-in" {
							want = "person-missing"
						}
						if got := causes(r); !slices.Equal(got, []string{want}) {
							t.Fatalf("it names %v, want %s: %q", got, want, r.Answer)
						}
						for _, v := range r.Found(doctor.Problem) {
							if !strings.Contains(v.Fix, `rolecall doctor user "`+s.meant+`"`) || strings.Contains(v.Fix, "previously") || strings.Contains(v.Fix, "Define") || strings.Contains(v.Fix, "Create") {
								t.Errorf("%s: %s", v.Cause, v.Fix)
							}
						}
					})
				})
			}
		}
	}
}

// Where the config has the name that is wrong, the config is corrected.
func TestTheConfigHasTheOtherName(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, idp.Okta, withWei)
		w.config = strings.Replace(wei, `username = "wchen"`, `username = "WCHEN"`, 1) + builtIn
		r := w.diagnose(doctor.Person, "WCHEN", production, nil)
		if got := causes(r); !slices.Equal(got, []string{"user-other-name"}) || !strings.Contains(r.Found(doctor.Problem)[0].Fix, `Write "wchen" in the config`) {
			t.Errorf("%v: %+v", got, r.Found(doctor.Problem))
		}
	})
}
