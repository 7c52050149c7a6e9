package directorytest

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rolecall-dev/rolecall/internal/directory"
)

// entraWorlds has a check for each recorded world of Entra ID.
func entraWorlds() map[string]func(*testing.T, outcome) {
	certificateEnded := func(t *testing.T, o outcome) {
		s := got[directory.SAML](t, o)
		if len(s.Certificates) != 1 || !s.Certificates[0].InUse || s.Certificates[0].Perhaps || !s.Certificates[0].NotAfter.Equal(time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)) {
			t.Errorf("certificates %+v", s.Certificates)
		}
		if c := s.Certificates[0]; c.KeyID != "A7D3C4626B8A84FDA868CCC67D274D402FFD0A10" || c.SHA1 != c.KeyID {
			t.Errorf("thumbprint %q, %q", c.KeyID, c.SHA1)
		}
	}
	noToken := func(t *testing.T, o outcome) {
		for _, e := range got[directory.EventsFound](t, o).Events {
			if e.Token {
				t.Errorf("a dead token: %+v", e)
			}
		}
	}
	return map[string]func(*testing.T, outcome){
		"entra-01-guest-person": func(t *testing.T, o outcome) {
			p := person(t, o)
			if p.UserName != "pat@partner.example" || p.Match != directory.ByUserName || !p.Guest || p.Status != directory.Active || len(p.Unfit) > 0 {
				t.Errorf("%+v", p)
			}
			if !slices.Equal(p.Otherwise, []string{"pat_partner.example#EXT#@company.onmicrosoft.com"}) { // the mapping was not to be read
				t.Errorf("otherwise %q", p.Otherwise)
			}
		},
		"entra-02-guest-members": func(t *testing.T, o outcome) {
			m := got[directory.MembersFound](t, o).Members
			if len(m) != 1 || m[0].Name != "pat@partner.example" || m[0].Kind != directory.PersonMember || !m[0].Direct || len(m[0].Otherwise) != 1 {
				t.Errorf("%+v", m)
			}
		},
		"entra-03-gallery-name": func(t *testing.T, o outcome) {
			asked(t, o, "servicePrincipals?$filter=applicationTemplateId eq '21ed01d2-ec13-4e9e-86c1-cd546719ebc4'")
			asked(t, o, "/servicePrincipals/a750f6cf-2319-464a-bcc3-456926736a91/synchronization/jobs")
			if e := refusal(t, o); e.Kind != directory.NotThere || !strings.Contains(e.Call, "/synchronization/jobs") {
				t.Errorf("%v", o.err) // the world has no jobs to be read
			}
		},
		"entra-04-default-access": func(t *testing.T, o outcome) {
			if a := got[directory.PersonAssignment](t, o); a.How != directory.Directly || len(a.Groups)+len(a.Nested) > 0 || a.UserName != "" {
				t.Errorf("%+v", a)
			}
		},
		"entra-05-own-certificate":                certificateEnded,
		"entra-06-one-certificate-none-preferred": certificateEnded,
		"entra-07-endpoint-unavailable":           noToken,
		"entra-08-token-renewed-since":            noToken,
		"entra-10-group-mapping-off": func(t *testing.T, o outcome) {
			p := got[directory.Provisioning](t, o)
			if p.State != directory.JobOn || p.Groups != directory.Off || p.UserNameFrom != "mail" || !p.Creates || len(p.Filters)+len(p.Clashes)+len(p.Beside) > 0 {
				t.Errorf("%+v", p)
			}
		},
		"entra-11-quarantine-disabled": func(t *testing.T, o outcome) {
			p := got[directory.Provisioning](t, o)
			if q := p.Quarantine; p.State != directory.JobOff || q == nil || q.Reason != "EncounteredQuarantineException" || q.Message != "The credentials are invalid" || !q.Since.Equal(time.Date(2026, 10, 20, 10, 0, 0, 0, time.UTC)) {
				t.Errorf("%+v, %+v", p, p.Quarantine)
			}
			if p.Groups != "" || !p.Creates || !p.NextRun.IsZero() {
				t.Errorf("%+v", p)
			}
		},
		"entra-12-no-licence": func(t *testing.T, o outcome) {
			e := refusal(t, o)
			if e.Kind != directory.NotLicensed || !strings.Contains(e.Needs, "P1 or P2 license") || e.Diagnostic().Code != directory.CodeNotLicensed {
				t.Errorf("%v needs %q", o.err, e.Needs)
			}
		},
		"entra-13-us-government": func(t *testing.T, o outcome) {
			if found := got[directory.PeopleFound](t, o); len(found.People) > 0 {
				t.Errorf("%+v", found)
			}
			for _, call := range o.asked {
				if !strings.Contains(call, " login.microsoftonline.us/") && !strings.Contains(call, " graph.microsoft.us/") {
					t.Errorf("asked %s", call)
				}
			}
		},
		"entra-15-alias": func(t *testing.T, o outcome) {
			asked(t, o, "proxyAddresses/any(p:p eq 'smtp:jane.old@company.com')")
			if p := person(t, o); p.UserName != "jane@company.com" || p.Match != directory.ByAlias || p.Status != directory.Active {
				t.Errorf("%+v", p)
			}
		},
		"entra-16-dollar-name": func(t *testing.T, o outcome) {
			asked(t, o, "/v1.0/users('$svc@company.com')?")
			if found := got[directory.PeopleFound](t, o); len(found.People) > 0 {
				t.Errorf("%+v", found)
			}
		},
		"entra-17-deleted": func(t *testing.T, o outcome) {
			asked(t, o, "/directory/deletedItems/microsoft.graph.user?")
			if p := person(t, o); p.UserName != "gone@company.com" || p.Status != directory.Deleted || p.Match != directory.ByUserName || !strings.Contains(p.Said, "2026-11-20") {
				t.Errorf("%+v", p)
			}
		},
		"entra-18-two-groups-dynamic-paused": func(t *testing.T, o outcome) {
			g := got[directory.GroupsFound](t, o).Groups
			if len(g) != 2 || g[0].ID != "g-old" || g[0].Kind != "Security" || g[0].Paused != "" || g[1].ID != "g-new" || g[1].Paused == "" || !strings.Contains(g[1].Kind, "dynamic") {
				t.Errorf("%+v", g)
			}
		},
	}
}

// got returns the answer, which has to be there.
func got[T any](t *testing.T, o outcome) T {
	t.Helper()
	must(t, o.err)
	answer, ok := o.answer.(T)
	if !ok {
		t.Fatalf("the answer is %T", o.answer)
	}
	return answer
}

// person returns the only person who was found.
func person(t *testing.T, o outcome) directory.Person {
	t.Helper()
	found := got[directory.PeopleFound](t, o)
	if len(found.People) != 1 {
		t.Fatalf("found %+v", found.People)
	}
	return found.People[0]
}

func refusal(t *testing.T, o outcome) *directory.Error {
	t.Helper()
	e, ok := o.err.(*directory.Error)
	if !ok {
		t.Fatalf("%v", o.err)
	}
	return e
}

func asked(t *testing.T, o outcome, part string) {
	t.Helper()
	if !slices.ContainsFunc(o.asked, func(call string) bool { return strings.Contains(call, part) }) {
		t.Errorf("nobody asked %s in %q", part, o.asked)
	}
}
