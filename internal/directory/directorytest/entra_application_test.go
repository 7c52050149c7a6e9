package directorytest

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rolecall-dev/rolecall/emulator"
	"github.com/rolecall-dev/rolecall/emulator/idp"
	"github.com/rolecall-dev/rolecall/emulator/idp/vendorapi"
	"github.com/rolecall-dev/rolecall/internal/directory"
)

func (r *rig) provisioning() directory.Provisioning {
	r.t.Helper()
	p, err := r.dir.(directory.Provisioner).Provisioning(r.t.Context())
	must(r.t, err)
	evident(r.t, r, p.Evidence)
	return p
}

// TestEntraApplication has tenants with one AWS application and several, whatever
// they are called.
func TestEntraApplication(t *testing.T) {
	for name, c := range map[string]struct {
		set    func(*vendorapi.Options)
		beside string // of the answer
		says   string // of the refusal
	}{
		"renamed":                  {set: func(o *vendorapi.Options) { o.App.Name = "Cloud sign-in" }},
		"not of the gallery":       {set: func(o *vendorapi.Options) { o.App.NotGallery = true }},
		"not of the gallery, near": {set: func(o *vendorapi.Options) { o.App.NotGallery, o.App.Name = true, "AWS SSO" }, says: `Entra ID has "AWS SSO"`},
		"a disabled one beside":    {set: func(o *vendorapi.Options) { o.OtherApps = []vendorapi.App{{Name: "AWS (old)", Disabled: true}} }, beside: `"AWS (old)"`},
		"another of the gallery's name": {set: func(o *vendorapi.Options) {
			o.App.Name, o.OtherApps = "Cloud", []vendorapi.App{{Name: "AWS IAM Identity Center", NotGallery: true}}
		}},
		"two": {set: func(o *vendorapi.Options) { o.OtherApps = []vendorapi.App{{Name: "AWS (test)"}} }, says: `"AWS (test)"`},
		"two, both disabled": {set: func(o *vendorapi.Options) {
			o.App.Disabled, o.OtherApps = true, []vendorapi.App{{Name: "AWS (test)", Disabled: true}}
		}, says: "disabled"},
	} {
		r := onEntra(t, c.set)
		p, err := r.dir.(directory.Provisioner).Provisioning(t.Context())
		if c.says != "" {
			e, ok := err.(*directory.Error)
			if !ok || e.Kind != directory.NotThere || !strings.Contains(e.Message, c.says) || !strings.Contains(e.Needs, "Set application") {
				t.Errorf("%s: %v", name, err)
			}
			continue
		}
		must(t, err)
		if beside := strings.Join(p.Beside, "; "); (beside == "") != (c.beside == "") || !strings.Contains(beside, c.beside) || p.State != directory.JobNotRun {
			t.Errorf("%s: %+v", name, p)
		}
	}
}

// TestEntraTemplateRefused has a Graph that does not filter by template.
func TestEntraTemplateRefused(t *testing.T) {
	r := onEntra(t)
	r.api.Refuse(vendorapi.Refusal{Prefix: "/v1.0/servicePrincipals", Times: 1, Status: http.StatusBadRequest, Body: `{"error":{"code":"Request_UnsupportedQuery"}}`})
	if p := r.provisioning(); p.State != directory.JobNotRun {
		t.Errorf("%+v", p)
	}
}

// TestEntraJobs has further jobs before the one that works.
func TestEntraJobs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := onEntra(t, func(o *vendorapi.Options) {
			o.App.OtherJobs = []idp.JobStatus{idp.JobDisabled, idp.JobPaused, idp.JobNotRun}
		})
		ann := r.person("ann@company.com")
		must(t, r.idp.Assign(t.Context(), idp.UserPrincipal, ann))
		r.sync()
		if p := r.provisioning(); p.State != directory.JobOn || p.LastSuccess.IsZero() || len(p.Beside) != 3 || !strings.Contains(strings.Join(p.Beside, "; "), "schedule Disabled") {
			t.Errorf("%+v", p)
		}
		events, err := r.dir.(directory.Eventer).ProvisioningEvents(t.Context(), time.Now().Add(-time.Hour), "")
		if err != nil || len(events.Events) != 1 {
			t.Errorf("%+v, %v", events, err)
		}
		r.idp.Pause()
		r.api.Change(func(o *vendorapi.Options) { o.App.OtherJobs = []idp.JobStatus{idp.JobDisabled, idp.JobQuarantine} })
		if p := r.provisioning(); p.State != directory.JobQuarantine || p.Quarantine == nil {
			t.Errorf("%+v", p)
		}
	})
}

func TestEntraQuarantineEnds(t *testing.T) {
	r := onEntra(t)
	r.idp.EndInQuarantine("the token was refused")
	p := r.provisioning()
	if q := p.Quarantine; p.State != directory.JobOff || q == nil || q.Reason == "" || q.Message != "the token was refused" || q.Since.IsZero() || !p.NextRun.IsZero() {
		t.Errorf("%+v, %+v", p, p.Quarantine)
	}
}

// TestEntraQuarantineReasons says in words what Microsoft says in a code, and tells
// a refused token from all else.
func TestEntraQuarantineReasons(t *testing.T) {
	for name, c := range map[string]struct {
		quarantine, says string
		token            bool
	}{
		"proportion": {`{"reason":"EncounteredEscrowProportionThreshold"}`, "40%", false},
		"base":       {`{"reason":"EncounteredBaseEscrowThreshold","error":null}`, "too many", false},
		"total":      {`{"reason":"EncounteredTotalEscrowThreshold"}`, "members of groups", false},
		"exception":  {`{"reason":"EncounteredQuarantineException","error":{"code":"","message":""}}`, "cannot connect", false},
		"by hand":    {`{"reason":"QuarantinedOnDemand"}`, "by hand", false},
		"article":    {`{"reason":"QuarantineOnDemand"}`, "by hand", false},
		"deletions":  {`{"reason":"TooManyDeletes"}`, "deletions", false},
		"interrupt":  {`{"reason":"IngestionInterrupted"}`, "interrupted", false},
		"unknown":    {`{"reason":"Unknown"}`, "no reason", false},
		"tomorrow":   {`{"reason":"OfTomorrow"}`, "", false},
		"refused":    {`{"reason":"EncounteredQuarantineException","error":{"code":"SystemForCrossDomainIdentityManagementInvalidCredentials","message":"Their words."}}`, "Their words.", true},
		"no words":   {`{"reason":"EncounteredQuarantineException","error":{"code":"SystemForCrossDomainIdentityManagementInvalidCredentials"}}`, "cannot connect", true},
		"unreached":  {`{"reason":"EncounteredQuarantineException","error":{"code":"SystemForCrossDomainIdentityManagementCredentialValidationUnavailable","message":"Unauthorized"}}`, "Unauthorized", false},
	} {
		for _, schedule := range []string{"Active", "Disabled"} {
			r := onEntra(t)
			body := `{"value":[{"id":"j","schedule":{"state":"` + schedule + `","interval":"PT40M"},"status":{"code":"Quarantine","quarantine":` + c.quarantine + `,"lastSuccessfulExecution":{"timeBegan":"2020-01-01T00:00:00Z"}}}]}`
			d, err := openEntra(r.settings, &http.Client{Transport: instead{r.api, "/synchronization/jobs", body}}, r.budgets)
			must(t, err)
			p, err := d.(directory.Provisioner).Provisioning(t.Context())
			must(t, err)
			if q := p.Quarantine; q == nil || q.Token != c.token || !strings.Contains(q.Message, c.says) || c.says == "" && q.Message != "" {
				t.Errorf("%s, %s: %+v", name, schedule, q)
			}
		}
	}
}

func TestEntraMappings(t *testing.T) {
	r := onEntra(t)
	ctx := t.Context()
	if p := r.provisioning(); p.Groups != directory.On || p.UserNameFrom != "userPrincipalName" || len(p.Filters)+len(p.Clashes)+p.Escrowed > 0 {
		t.Errorf("%+v", p)
	}
	must(t, r.idp.SetMapping(ctx, idp.Mapping{
		GroupsOff: true,
		UserScope: []idp.Clause{{Attribute: "department", Operator: "EQUALS", Value: "AWS"}, {Attribute: "jobTitle", Operator: "NOT EQUALS", Value: "Intern"}},
		More: []idp.AttributeMapping{
			{Target: `phoneNumbers[type eq "work"].value`, Source: "telephoneNumber"}, {Target: `phoneNumbers[type eq "mobile"].value`, Source: "mobile"},
			{Target: `addresses[type eq "work"].locality`, Source: "city"}, {Target: `addresses[type eq "work"].country`, Source: "country"},
		},
	}))
	p := r.provisioning()
	if p.Groups != directory.Off || !slices.Equal(p.Filters, []string{"users: department EQUALS AWS and jobTitle NOT EQUALS Intern"}) {
		t.Errorf("%+v", p)
	}
	if len(p.Clashes) != 1 || !strings.HasPrefix(p.Clashes[0], "phoneNumbers: ") || !strings.Contains(p.Clashes[0], `[type eq "mobile"]`) {
		t.Errorf("clashes %q", p.Clashes)
	}
	must(t, r.idp.SetMapping(ctx, idp.Mapping{UsersOff: true, GroupScope: []idp.Clause{{Attribute: "displayName", Operator: "EQUALS", Value: "AWS"}}}))
	if p := r.provisioning(); p.Creates || p.Updates || p.Deactivates || p.Groups != directory.On || len(p.Clashes) > 0 || !slices.Equal(p.Filters, []string{"groups: displayName EQUALS AWS"}) {
		t.Errorf("%+v", p)
	}
	must(t, r.idp.SetMapping(ctx, idp.Mapping{}))
	bad := r.person("bad@company.com", func(u *idp.User) { u.FamilyName = "" })
	must(t, r.idp.Assign(ctx, idp.UserPrincipal, bad))
	r.sync()
	if p := r.provisioning(); p.Escrowed != 1 {
		t.Errorf("%d escrowed", p.Escrowed)
	}
}

// TestEntraMappingsUnread has a schema that may not be read: the job is known, and
// nothing is said to be off.
func TestEntraMappingsUnread(t *testing.T) {
	r := onEntra(t)
	r.idp.EndInQuarantine("the token was refused")
	r.renew(refusing{r.api, []string{"/schema"}})
	p, err := r.dir.(directory.Provisioner).Provisioning(t.Context())
	if err != nil || p.State != directory.JobOff || p.Quarantine == nil || !p.Creates || p.Groups != "" || p.UserNameFrom != "" {
		t.Errorf("%+v", p)
	}
}

// TestEntraCertificates has certificates of Microsoft's and of one's own, preferred
// and not.
func TestEntraCertificates(t *testing.T) {
	from := time.Now().Add(-time.Hour).Truncate(time.Second).UTC()
	var two [][]byte
	for _, years := range []int{1, 3} {
		der, err := vendorapi.NewCertificate("saml", from, from.AddDate(years, 0, 0))
		must(t, err)
		two = append(two, der)
	}
	for name, c := range map[string]struct {
		app  vendorapi.App
		want string // of each certificate
	}{
		"one":                     {vendorapi.App{Certificates: two[:1]}, "used"},
		"two":                     {vendorapi.App{Certificates: two}, "used no"},
		"one's own":               {vendorapi.App{Certificates: two, OwnCertificates: true}, "used no"},
		"one, none preferred":     {vendorapi.App{Certificates: two[:1], NonePreferred: true}, "used"},
		"two, none preferred":     {vendorapi.App{Certificates: two, NonePreferred: true}, "perhaps perhaps"},
		"own one, none preferred": {vendorapi.App{Certificates: two[:1], NonePreferred: true, OwnCertificates: true}, "used"},
	} {
		r := onEntra(t, func(o *vendorapi.Options) { o.App = c.app })
		s, err := r.dir.(directory.SAMLer).SAML(t.Context())
		must(t, err)
		var got []string
		for _, c := range s.Certificates {
			is := "no"
			switch {
			case c.InUse && !c.Perhaps:
				is = "used"
			case c.Perhaps:
				is = "perhaps"
			}
			got = append(got, is)
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

// tokens counts the events that say that AWS refuses the token.
func (r *rig) tokens(subject string) (n int) {
	r.t.Helper()
	found, err := r.dir.(directory.Eventer).ProvisioningEvents(r.t.Context(), time.Now().Add(-24*time.Hour), subject)
	must(r.t, err)
	for _, e := range found.Events {
		if e.Token {
			n++
		}
	}
	return n
}

// TestEntraTokenSigns has refusals that are a dead token, and others, and what ends
// them.
func TestEntraTokenSigns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := onEntra(t)
		ctx := t.Context()
		ann, bob := r.person("ann@company.com"), r.person("bob@company.com")
		must(t, r.idp.Assign(ctx, idp.UserPrincipal, ann))
		for _, status := range []int{0, 403} { // not reached; not authorized for this update
			r.idp.Inject(idp.Fault{ObjectID: ann, Times: 1, Status: status, Detail: "refused by a test"})
			r.sync()
			time.Sleep(time.Minute)
			if n := r.tokens(ann); n > 0 {
				t.Errorf("%d: %d signs of a dead token", status, n)
			}
		}
		must(t, r.aws.Change(emulator.Change{SCIM: &emulator.SCIMChange{Token: "rotated"}}))
		r.sync()
		time.Sleep(time.Minute)
		if r.tokens(ann) == 0 {
			t.Error("no sign of a dead token")
		}
		must(t, r.aws.Change(emulator.Change{SCIM: &emulator.SCIMChange{Token: scimToken}}))
		must(t, r.idp.Unassign(ctx, idp.UserPrincipal, ann))
		must(t, r.idp.Assign(ctx, idp.UserPrincipal, bob))
		r.sync() // of another person
		time.Sleep(time.Minute)
		if n := r.tokens(ann); n > 0 {
			t.Errorf("after a success: %d signs", n)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		r := onEntra(t)
		ann := r.person("ann@company.com")
		must(t, r.idp.Assign(t.Context(), idp.UserPrincipal, ann))
		r.idp.Inject(idp.Fault{ObjectID: ann, Times: 1, Status: http.StatusUnauthorized})
		r.sync()
		time.Sleep(time.Minute)
		if r.tokens(ann) == 0 {
			t.Error("no sign of a dead token")
		}
		must(t, r.idp.Unassign(t.Context(), idp.UserPrincipal, ann))
		r.sync() // has nothing to push, and no error
		if n := r.tokens(ann); n > 0 {
			t.Errorf("after a run without errors: %d signs", n)
		}
	})
}

// TestEntraSignIns has interrupts, which are no refusals, and no license.
func TestEntraSignIns(t *testing.T) {
	r := onEntra(t)
	ann := r.person("ann@company.com")
	for _, code := range []string{"16000", "50055", "50058", "50072", "50074", "50076", "50079", "50097", "50125", "50127", "50129", "50140", "50143", "50199", "65001", "81010"} {
		r.api.FailSignIn(vendorapi.SignInFailure{UserID: ann, Code: code, Reason: "an interrupt"})
	}
	reader := r.dir.(directory.SignIner)
	found, err := reader.SignInFailures(t.Context(), time.Now().Add(-time.Hour), ann)
	if err != nil || len(found.SignIns) > 0 || !found.LastSuccess.IsZero() || !strings.Contains(found.Evidence[len(found.Evidence)-1].Saw, "16 interrupted") {
		t.Errorf("%+v, %v", found, err)
	}
	for code, cause := range map[string]directory.SignInCause{
		"50053": "", "50034": "", "70001": "", "50126": directory.SignInCredentials, "50056": directory.SignInCredentials, "50064": directory.SignInCredentials,
		"50011": directory.SignInReplyURL, "900971": directory.SignInReplyURL, "50020": directory.SignInForeign, "51004": directory.SignInForeign, "16003": directory.SignInForeign,
		"500213": directory.SignInDenied, "50131": directory.SignInDenied, "530032": directory.SignInDenied, "501241": directory.SignInNameID,
	} {
		r.api.FailSignIn(vendorapi.SignInFailure{UserID: ann, Code: code})
		found, err := reader.SignInFailures(t.Context(), time.Now().Add(-time.Hour), ann)
		must(t, err)
		at := slices.IndexFunc(found.SignIns, func(s directory.SignIn) bool { return s.Code == code })
		if at < 0 || found.SignIns[at].Cause != cause {
			t.Errorf("%s: %+v", code, found.SignIns)
		}
	}
	r.api.Change(func(o *vendorapi.Options) { o.NoPremium = true })
	_, err = reader.SignInFailures(t.Context(), time.Now().Add(-time.Hour), ann)
	if !directory.NotLicensed.Is(err) {
		t.Errorf("%v", err)
	}
}

// TestEntraClouds asks each cloud at its own hosts, and says so where a tenant is in
// another one.
func TestEntraClouds(t *testing.T) {
	for _, c := range []struct{ tenant, cloud, is, graph string }{
		{tenant, "", "", "graph.microsoft.com"},
		{"company.onmicrosoft.com", "", "", "graph.microsoft.com"},
		{tenant, "us-government", "us-government", "graph.microsoft.us"},
		{"company.onmicrosoft.us", "", "us-government", "graph.microsoft.us"},
		{"Company.OnMicrosoft.us", "us-dod", "us-dod", "dod-graph.microsoft.us"},
		{tenant, "us-dod", "us-dod", "dod-graph.microsoft.us"},
		{tenant, "china", "china", "microsoftgraph.chinacloudapi.cn"},
		{"company.partner.onmschina.cn", "", "china", "microsoftgraph.chinacloudapi.cn"},
	} {
		r := onEntra(t, func(o *vendorapi.Options) { o.Cloud, o.Tenant = c.is, "" })
		r.group("Team")
		r.settings.Organization, r.settings.Cloud = c.tenant, c.cloud
		hosts := map[string]bool{}
		r.renew(watch{r.api, hosts})
		found, err := r.dir.(directory.Groups).FindGroups(t.Context(), "Team")
		if err != nil || len(found.Groups) != 1 || !hosts[c.graph] || len(hosts) != 2 {
			t.Errorf("%+v: %+v, %v, asked %v", c, found, err, hosts)
		}
	}
	r := onEntra(t, func(o *vendorapi.Options) { o.Cloud = "us-government" })
	_, err := r.dir.(directory.Groups).FindGroups(t.Context(), "Team")
	if e, ok := err.(*directory.Error); !ok || e.Kind != directory.BadSetting || !strings.Contains(e.Needs, "Set cloud") {
		t.Errorf("%v", err)
	}
	r.settings.Cloud = "germany"
	_, err = openEntra(r.settings, r.client, r.budgets)
	if e, ok := err.(*directory.Error); !ok || e.Kind != directory.BadSetting || !strings.Contains(e.Needs, `"us-dod"`) {
		t.Errorf("%v", err)
	}
}
