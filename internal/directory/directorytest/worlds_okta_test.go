package directorytest

import (
	"slices"
	"strings"
	"testing"

	"github.com/rolecall-dev/rolecall/internal/directory"
)

// answerOf returns a world's answer, which has to be there.
func answerOf[T any](t *testing.T, o outcome) T {
	t.Helper()
	must(t, o.err)
	return o.answer.(T)
}

// said tells whether some text has a word.
func said(all []string, word string) bool {
	return slices.ContainsFunc(all, func(text string) bool { return strings.Contains(text, word) })
}

func oktaWorlds() map[string]func(*testing.T, outcome) {
	return map[string]func(*testing.T, outcome){
		"okta-01-app-group-twin": func(t *testing.T, o outcome) {
			found := answerOf[directory.GroupsFound](t, o)
			if len(found.Groups) != 1 || found.Groups[0].ID != "00gsource0000000001" || found.Groups[0].Kind != "OKTA_GROUP" || len(found.Twins) != 1 || found.Twins[0].ID != "00gtargetapp00000001" || found.Twins[0].Kind != "APP_GROUP" || len(found.Near) > 0 {
				t.Errorf("%+v", found)
			}
		},
		"okta-02-inactive-second-app": func(t *testing.T, o outcome) {
			p := answerOf[directory.Provisioning](t, o)
			if len(p.Beside) != 1 || !strings.Contains(p.Beside[0], "AWS SSO (old)") || !strings.Contains(p.Beside[0], "INACTIVE") || p.Groups != directory.On {
				t.Errorf("%+v", p)
			}
			if said(o.asked, "0oa1old000000000001") || !said(o.asked, "/apps/0oa1awsaaaaaaaaaaa01/features") {
				t.Errorf("asked %q", o.asked)
			}
			if p.State != directory.JobUnclear { // the world has neither features nor a connection
				t.Errorf("nothing was told, and provisioning is %q", p.State)
			}
		},
		"okta-03-token-refused-for-person": func(t *testing.T, o outcome) {
			found := answerOf[directory.EventsFound](t, o)
			if len(found.Events) != 2 || found.Partial {
				t.Errorf("%+v", found)
			}
			for _, e := range found.Events { // the refusal, and the person's own event
				if !e.Token || e.Outcome != directory.Failed || len(e.Subjects) != 1 || e.Subjects[0].ID != "00ujane" {
					t.Errorf("%+v", e)
				}
			}
			if len(o.asked) != 4 { // the application, two logs, and whether anything was pushed since
				t.Errorf("asked %q", o.asked)
			}
		},
		"okta-05-unassigned-status": func(t *testing.T, o outcome) {
			a := answerOf[directory.PersonAssignment](t, o)
			if a.How != directory.NotAssigned || a.Sync != "" || !strings.Contains(a.Said, "DEPROVISIONED") || len(a.Evidence) == 0 {
				t.Errorf("%+v", a)
			}
		},
		"okta-06-staged": func(t *testing.T, o outcome) {
			a := answerOf[directory.PersonAssignment](t, o)
			if a.How != directory.Directly || a.Sync != directory.Syncing || !strings.Contains(a.Said, "STAGED") || a.UserName != "jane@company.com" {
				t.Errorf("%+v", a)
			}
		},
		"okta-08-connection-unknown": func(t *testing.T, o outcome) {
			p := answerOf[directory.Provisioning](t, o)
			if p.State != directory.JobUnclear || p.Said != "UNKNOWN" || !p.Creates || !p.Updates || !p.Deactivates {
				t.Errorf("%+v", p)
			}
		},
		"okta-09-groups-of-forbidden": func(t *testing.T, o outcome) {
			e, ok := o.err.(*directory.Error)
			if !ok || e.Kind != directory.Forbidden || e.Code != "E0000006" || !strings.Contains(e.Needs, "okta.users.read") || strings.Contains(e.Needs, "okta.groups.read") {
				t.Errorf("%+v", o.err)
			}
		},
		"okta-10-custom-domain-next": func(t *testing.T, o outcome) {
			// The world answers every page with the same link, so that the list does
			// not end: what matters is where the second page was asked for.
			if len(o.asked) < 2 || o.asked[1] != "GET login.company.com/api/v1/groups/00g1/users?after=00u1&limit=200" || said(o.asked, "company.okta.com") {
				t.Errorf("asked %q", o.asked)
			}
			e, ok := o.err.(*directory.Error)
			if !ok || e.Kind != directory.Unreadable || !strings.Contains(e.Message, "does not end") || !strings.Contains(e.Message, "company.okta.com") || !strings.Contains(e.Needs, `organization = "https://company.okta.com"`) {
				t.Errorf("%+v", o.err)
			}
		},
		"okta-11-acs-override": func(t *testing.T, o outcome) {
			s := answerOf[directory.SAML](t, o)
			if !slices.Equal(s.ACS, []string{"https://other/acs"}) || !slices.Equal(s.Audience, []string{"https://other"}) || !s.Enabled || s.NameID != "" || s.NameIDIs != "" {
				t.Errorf("%+v", s)
			}
		},
	}
}
