package doctor

import (
	"strings"
	"testing"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/directory"
	"github.com/rolecall-dev/rolecall/internal/probe/scim"
)

// A remedy fits the set-up and what was seen: who follows it at night comes to the
// end of it.
func TestRemedies(t *testing.T) {
	active := Known(&directory.Person{UserName: "jane", Status: directory.Active})
	there := Known(&access.User{Username: "jane"})
	for _, s := range []struct {
		check, says, never string
		facts              Facts
	}{
		{"person-missing", "removed_users", "console", Facts{SetUp: access.WithoutSCIM, Person: Known[*directory.Person](nil), User: there}},
		{"person-missing", "IAM Identity Center console", "config", Facts{SetUp: access.SCIM, Person: Known[*directory.Person](nil), User: there}},
		{"person-inactive", "Unlock", "Activate", Facts{SetUp: access.SCIM, Person: Known(&directory.Person{UserName: "jane", Status: directory.Locked})}},
		{"nested-group", `"jane" directly to "Outer"`, "", Facts{SetUp: access.SCIM, Person: active,
			Assignment: Known(directory.PersonAssignment{How: directory.NotAssigned, Nested: []directory.Group{{Name: "Outer"}}})}},
		{"out-of-scope", "provisions only those who are assigned", "filters", Facts{SetUp: access.SCIM, Person: active, User: Known[*access.User](nil),
			Assignment: Known(directory.PersonAssignment{How: directory.Everybody})}},
		{"out-of-scope", "filters", "assign the person", Facts{SetUp: access.SCIM, Person: active, User: Known[*access.User](nil),
			Assignment: Known(directory.PersonAssignment{How: directory.Directly, Sync: directory.SyncOff})}},
		{"user-other-name", `username of the user to "jane@company.com" in the config, with previously = "Jane@company.com"`, `"jane",`, Facts{SetUp: access.WithoutSCIM, User: Known[*access.User](nil),
			Person: Known(&directory.Person{UserName: "jane@company.com", Status: directory.Active}), Alike: &Alike{Name: "Jane@company.com"}}},
		{"user-other-name", `Write "Jane" in the config`, "Give", Facts{SetUp: access.BuiltIn, User: Known[*access.User](nil), Named: true, Alike: &Alike{Name: "Jane"}}},
		{"user-other-name", `rename the user in Okta`, "username", Facts{SetUp: access.SCIMUsersOnly, User: Known[*access.User](nil), Named: true, Alike: &Alike{Name: "Jane"}}},
		{"person-missing", `Write "Jane" in the config`, "Create", Facts{SetUp: access.WithoutSCIM, Person: Known[*directory.Person](nil), User: Known[*access.User](nil), Named: true, Alike: &Alike{Name: "Jane"}}},
		{"person-missing", `rolecall doctor user "jan"`, "Create", Facts{SetUp: access.SCIM, Person: Known[*directory.Person](nil), User: Known[*access.User](nil), Near: []string{"jan"}}},
		{"user-missing", "the user name in the config: both", "in config", Facts{SetUp: access.BuiltIn, User: Known[*access.User](nil), Named: true, Defined: true, Near: []string{"jan"}}},
		{"user-missing", `If Okta has "jane", correct it there`, "Define", Facts{SetUp: access.WithoutSCIM, User: Known[*access.User](nil), InConfig: []string{"jan"}}},
		{"group-missing", "Run rolecall apply", "Define", Facts{SetUp: access.BuiltIn, Subject: Group, Paths: []Path{{Group: "Team", Named: true, AWSGroup: Known[*access.Group](nil)}}}},
		{"scim-token", "Compare the endpoint's URL", "", Facts{SetUp: access.SCIM, SCIM: Known(scim.Answer{Failure: scim.Unauthorized})}},
		{"token-age", "create a new token", "Compare", Facts{SetUp: access.SCIM, Subject: SetUp, SCIM: Known(scim.Answer{}), TokenAge: Known(scim.Age{DaysLeft: 20})}},
		{"one-system", "removed_users", "members", Facts{SetUp: access.WithoutSCIM, Subject: SetUp, Compared: Known(Compared{}), OneSided: []OneSide{{Name: "jane"}}}},
		{"one-system", "members in the config", "removed_users", Facts{SetUp: access.SCIMUsersOnly, Subject: SetUp, Compared: Known(Compared{}), OneSided: []OneSide{{Name: "jane"}}}},
		{"one-system", `then write "Jane" in the members`, "previously", Facts{SetUp: access.SCIMUsersOnly, Subject: SetUp, Compared: Known(Compared{}),
			OneSided: []OneSide{{Name: "jane", Person: &directory.Person{UserName: "Jane"}}}}},
	} {
		if s.facts.Subject == "" {
			s.facts.Subject = Person
		}
		s.facts.IdP, s.facts.Name, s.facts.Window.Groups = "Okta", "jane", true
		fix := ""
		for _, v := range judge(&s.facts, Checks()) {
			if v.Check == s.check && v.Fix != "" {
				fix = v.Fix
			}
		}
		if !strings.Contains(fix, s.says) || s.never != "" && strings.Contains(fix, s.never) {
			t.Errorf("%s in %q: %q, want %q and not %q", s.check, s.facts.SetUp, fix, s.says, s.never)
		}
	}
}
