package directorytest

import (
	"slices"
	"strings"
	"testing"

	"github.com/rolecall-dev/rolecall/emulator/idp"
	"github.com/rolecall-dev/rolecall/emulator/idp/vendorapi"
	"github.com/rolecall-dev/rolecall/internal/directory"
)

// TestOktaAppUserStatuses has every status of a person in the application, each
// beside the sync states that matter.
func TestOktaAppUserStatuses(t *testing.T) {
	for status, want := range map[string]string{
		"STAGED DISABLED": "directly syncing", "STAGED SYNCING": "directly syncing", "STAGED ERROR": "directly failed",
		"PENDING DISABLED": "directly syncing", "PENDING ERROR": "directly failed",
		"PROVISIONED DISABLED": "directly synchronized", "PROVISIONED SYNCHRONIZED": "directly synchronized", "PROVISIONED OUT_OF_SYNC": "directly syncing", "PROVISIONED ERROR": "directly failed",
		"ACTIVE DISABLED": "directly ", "ACTIVE SYNCHRONIZED": "directly synchronized", "ACTIVE ERROR": "directly failed",
		"APPROVED DISABLED": "directly ", "IMPLICIT DISABLED": "directly ", "IMPORTED DISABLED": "directly ", "MATCHED DISABLED": "directly ",
		"INACTIVE DISABLED": "directly off", "SUSPENDED DISABLED": "directly off",
		"DEPROVISIONED DISABLED": "not assigned ", "UNASSIGNED DISABLED": "not assigned ", "REVOKED ERROR": "not assigned ",
		"LATER DISABLED": "directly ", // a status of a later version
	} {
		r := oktaRig(t)
		ann := r.person("ann@company.com")
		said, sync, _ := strings.Cut(status, " ")
		r.api.SetAppUser(ann, vendorapi.AppUser{Status: said, SyncState: sync, UserName: "ann"})
		a, err := r.dir.(directory.Assignments).PersonAssignment(t.Context(), ann)
		must(t, err)
		evident(t, r, a.Evidence)
		if got := string(a.How) + " " + string(a.Sync); got != want || a.Said != said+", "+sync || a.UserName != "ann" {
			t.Errorf("%s: %q, want %q: %+v", status, got, want, a)
		}
	}
}

// TestOktaThroughWhichGroup leaves the groups unknown where they are not shown.
func TestOktaThroughWhichGroup(t *testing.T) {
	for _, part := range []string{"/groups", "/users/"} {
		r := oktaRig(t)
		ann := r.person("ann@company.com")
		r.assign(r.group("Team", ann))
		r.sync()
		if part == "/groups" {
			part = r.api.ApplicationID() + "/groups"
		} else {
			part += ann + "/groups"
		}
		a, err := r.refusing(part).(directory.Assignments).PersonAssignment(t.Context(), ann)
		must(t, err)
		if refused := a.Evidence[len(a.Evidence)-1]; a.How != directory.ByGroup || len(a.Groups) > 0 || a.Sync != directory.Synchronized || !strings.Contains(refused.Saw, "403") {
			t.Errorf("%s: %+v", part, a)
		}
	}
}

// TestOktaSeveralApplications has the applications of earlier set-ups beside.
func TestOktaSeveralApplications(t *testing.T) {
	const label = "AWS IAM Identity Center"
	for name, c := range map[string]struct {
		wanted   string
		off      bool
		beside   []vendorapi.OtherApp
		fails    string
		mentions []string
	}{
		"one alone":                      {"", false, nil, "", nil},
		"switched off beside":            {"", false, []vendorapi.OtherApp{{ID: "0oa1old", Label: "AWS SSO (old)"}}, "", []string{"AWS SSO (old)", "INACTIVE"}},
		"switched off, of the label":     {label, false, []vendorapi.OtherApp{{ID: "0oa1old", Label: label}}, "", []string{"0oa1old"}},
		"of a label that goes on":        {label, false, []vendorapi.OtherApp{{ID: "0oa1old", Label: label + " 2", Status: "ACTIVE"}}, "", nil},
		"deleted":                        {"", false, []vendorapi.OtherApp{{ID: "0oa1old", Label: "AWS", Status: "DELETED"}}, "", nil},
		"two are on":                     {"", false, []vendorapi.OtherApp{{ID: "0oa1old", Label: "AWS", Status: "ACTIVE"}}, "2 applications fit", nil},
		"two of the label are on":        {label, false, []vendorapi.OtherApp{{ID: "0oa1old", Label: label, Status: "ACTIVE"}}, "2 applications fit", nil},
		"the only one is off":            {"", true, nil, "", nil},
		"both are off":                   {"", true, []vendorapi.OtherApp{{ID: "0oa1old", Label: "AWS"}}, "2 applications fit", nil},
		"off, and another one is active": {"0oa1old", false, []vendorapi.OtherApp{{ID: "0oa1old", Label: "AWS"}}, "", nil},
	} {
		t.Run(name, func(t *testing.T) {
			r := oktaRig(t, func(o *vendorapi.Options) { o.App.Beside, o.App.Disabled = c.beside, c.off })
			s := r.settings
			s.Application = c.wanted
			d, err := openOkta(s, r.client, r.budgets)
			must(t, err)
			if c.fails != "" {
				_, err := d.(directory.Assignments).GroupAssignments(t.Context())
				if e, ok := err.(*directory.Error); !ok || e.Kind != directory.NotThere || !strings.Contains(e.Message, c.fails) || !strings.Contains(e.Needs, "0oa") {
					t.Errorf("%v", err)
				}
				return
			}
			p, err := d.(directory.Provisioner).Provisioning(t.Context())
			must(t, err)
			off := c.off || c.wanted == "0oa1old"
			if (p.State == directory.JobOff) != off || off && p.Said != "INACTIVE" || len(p.Beside) != min(len(c.mentions), 1) {
				t.Errorf("%+v", p)
			}
			for _, word := range c.mentions {
				if !said(p.Beside, word) {
					t.Errorf("%q is not in %q", word, p.Beside)
				}
			}
		})
	}
}

// TestOktaConnection has what Okta says of the connection to AWS.
func TestOktaConnection(t *testing.T) {
	for status, want := range map[string]directory.JobState{"ENABLED": directory.JobOn, "DISABLED": directory.JobOff, "UNKNOWN": directory.JobUnclear, "LATER": directory.JobUnclear} {
		r := oktaRig(t, func(o *vendorapi.Options) {
			o.App.Connection, o.App.BaseURL, o.App.UserNameTemplate = status, "https://scim.us-east-1.amazonaws.com/t/scim/v2/", "${source.email}"
		})
		p, err := r.dir.(directory.Provisioner).Provisioning(t.Context())
		must(t, err)
		if p.State != want || p.Said != status || p.Endpoint != "https://scim.us-east-1.amazonaws.com/t/scim/v2/" || p.UserNameFrom != "${source.email}" || p.Groups != directory.On {
			t.Errorf("%s: %+v", status, p)
		}
	}
	r := oktaRig(t, func(o *vendorapi.Options) { o.App.Connection, o.App.Disabled = "UNKNOWN", true })
	if p, err := r.dir.(directory.Provisioner).Provisioning(t.Context()); err != nil || p.State != directory.JobOff || p.Said != "INACTIVE" {
		t.Errorf("the application is off: %+v, %v", p, err)
	}
	for _, part := range []string{"/features", "/connections/"} {
		if _, err := oktaRig(t).refusing(part).(directory.Provisioner).Provisioning(t.Context()); !directory.Forbidden.Is(err) || !strings.Contains(err.(*directory.Error).Needs, "okta.apps.read") {
			t.Errorf("%s: %v", part, err)
		}
	}
}

// TestOktaSAMLOverrides has settings for sign-in that win over the application's.
func TestOktaSAMLOverrides(t *testing.T) {
	const acs, audience = "https://acs.example/saml", "https://aws.example/d-1"
	for name, c := range map[string]struct {
		app           vendorapi.App
		acs, audience []string
		is            directory.Attribute
	}{
		"none":        {vendorapi.App{}, []string{acs}, []string{audience}, ""},
		"acs":         {vendorapi.App{ACSOverride: "https://other/acs"}, []string{"https://other/acs"}, []string{audience}, ""},
		"audience":    {vendorapi.App{AudienceOverride: "https://other"}, []string{acs}, []string{"https://other"}, ""},
		"the same":    {vendorapi.App{ACSOverride: acs, RecipientOverride: acs, DestinationOverride: acs}, []string{acs}, []string{audience}, ""},
		"recipient":   {vendorapi.App{RecipientOverride: "https://other/acs"}, []string{acs, "https://other/acs"}, []string{audience}, ""},
		"destination": {vendorapi.App{DestinationOverride: "https://other/acs"}, []string{acs, "https://other/acs"}, []string{audience}, ""},
		"user name":   {vendorapi.App{NameID: "${user.userName}"}, []string{acs}, []string{audience}, directory.OfUserName},
		"e-mail":      {vendorapi.App{NameID: "${user.email}"}, []string{acs}, []string{audience}, directory.OfEmail},
		"login":       {vendorapi.App{NameID: "${user.login}"}, []string{acs}, []string{audience}, directory.OfLogin},
		"expression":  {vendorapi.App{NameID: "${fn:toLowerCase(user.email)}"}, []string{acs}, []string{audience}, ""},
	} {
		r := oktaRig(t, func(o *vendorapi.Options) { o.App = c.app; o.App.ACS, o.App.Audience = acs, audience })
		s, err := r.dir.(directory.SAMLer).SAML(t.Context())
		must(t, err)
		evident(t, r, s.Evidence)
		if !slices.Equal(s.ACS, c.acs) || !slices.Equal(s.Audience, c.audience) || s.NameID != c.app.NameID || s.NameIDIs != c.is || len(s.Certificates) != 1 || !s.Certificates[0].InUse || s.Certificates[0].Perhaps {
			t.Errorf("%s: %+v", name, s)
		}
	}
}

// TestOktaWithoutMetadata does not know which certificate is in use.
func TestOktaWithoutMetadata(t *testing.T) {
	r := oktaRig(t)
	r.api.Refuse(vendorapi.Refusal{Prefix: "/api/v1/apps/" + r.api.ApplicationID() + "/sso", Times: 1, Status: 404, Body: `{"errorCode":"E0000007"}`})
	s, err := r.dir.(directory.SAMLer).SAML(t.Context())
	must(t, err)
	if s.EntityID != "" || len(s.ACS) != 1 || len(s.Certificates) != 1 || s.Certificates[0].InUse || !s.Certificates[0].Perhaps {
		t.Errorf("%+v", s)
	}
}

// TestOktaPushTarget says under which name a group is in AWS, as far as Okta knows.
func TestOktaPushTarget(t *testing.T) {
	r := oktaRig(t)
	pusher := r.dir.(directory.GroupPusher)
	plain, renamed := r.group("Plain"), r.group("Renamed")
	r.push(plain)
	must(t, r.idp.PushGroupAs(t.Context(), renamed, "In AWS", false))
	found, err := pusher.PushGroups(t.Context())
	must(t, err)
	targets := map[string]string{}
	for _, m := range found.Mappings {
		target, err := pusher.PushTarget(t.Context(), m.TargetID)
		must(t, err)
		evident(t, r, target.Evidence)
		if len(target.Groups) != 1 || target.Groups[0].Kind != "APP_GROUP" || m.State != directory.Synchronized {
			t.Fatalf("%+v: %+v", m, target)
		}
		targets[m.GroupID] = target.Groups[0].Name
	}
	if targets[plain] != "Plain" || targets[renamed] != "In AWS" {
		t.Errorf("%q", targets)
	}
	r.idp.ForgetTarget(plain)
	for _, m := range found.Mappings {
		target, err := pusher.PushTarget(t.Context(), m.TargetID)
		if err != nil || (len(target.Groups) == 0) != (m.GroupID == plain) {
			t.Errorf("%+v: %+v, %v", m, target, err)
		}
	}
	if none, err := pusher.PushTarget(t.Context(), ""); err != nil || len(none.Groups) > 0 {
		t.Errorf("without a target: %+v, %v", none, err)
	}
}

// TestOktaPersonAgain has people who were hired again, and names that AWS refuses.
func TestOktaPersonAgain(t *testing.T) {
	r := oktaRig(t)
	people, ctx := r.dir.(directory.People), t.Context()
	old := r.person("jane@company.com")
	must(t, r.idp.DeleteUser(ctx, old))
	gone, err := people.FindPerson(ctx, "jane@company.com")
	must(t, err)
	if len(gone.People) != 1 || gone.People[0].ID != old || gone.People[0].Status != directory.Deleted || len(gone.Evidence) != 2 {
		t.Errorf("%+v", gone)
	}
	again := r.person("jane.doe@company.com", func(u *idp.User) { u.Email = "jane@company.com" })
	found, err := people.FindPerson(ctx, "jane@company.com")
	must(t, err)
	if len(found.People) != 2 || found.People[0].ID != again || found.People[1].ID != old || directory.Several(found.People) {
		t.Errorf("%+v", found)
	}
	same := r.person("jane@company.com") // where the old login was given free
	if found, err = people.FindPerson(ctx, "jane@company.com"); err != nil || len(found.People) != 1 || found.People[0].ID != same {
		t.Errorf("%+v, %v", found, err)
	}
	r.person("odd@company.com", func(u *idp.User) { u.GivenName, u.FamilyName = "A:B", " " })
	odd, err := people.FindPerson(ctx, "odd@company.com")
	must(t, err)
	if len(odd.People) != 1 || !slices.Equal(odd.People[0].Unfit, []string{"the first name has the character ':'", "the last name is empty"}) {
		t.Errorf("%+v", odd)
	}
	if plain := found.People[0]; len(plain.Unfit) > 0 || len(plain.Otherwise) > 0 {
		t.Errorf("%+v", plain)
	}
}
