package directorytest

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rolecall-dev/rolecall/emulator/idp"
	"github.com/rolecall-dev/rolecall/emulator/idp/vendorapi"
	"github.com/rolecall-dev/rolecall/internal/directory"
)

// TestEntraNobodyOfTheName says, of a name that nobody has, whether that means that
// there is nobody.
func TestEntraNobodyOfTheName(t *testing.T) {
	for name, c := range map[string]struct {
		mapping idp.Mapping
		refuse  string
		says    string // "" where there is nobody
	}{
		"the default":           {},
		"an attribute":          {mapping: idp.Mapping{UserName: "mail"}},
		"in small letters":      {mapping: idp.Mapping{UserName: "ToLower([mailNickname])"}},
		"an extension":          {mapping: idp.Mapping{UserName: "extensionAttribute1"}},
		"a directory extension": {mapping: idp.Mapping{UserName: "extension_1234_name"}, says: "extension_1234_name"},
		"replaced":              {mapping: idp.Mapping{UserName: `Replace([mail], "@", , , "-", , )`}, says: "Replace("},
		"appended":              {mapping: idp.Mapping{UserName: `Append([mailNickname], "-ext")`}, says: "Append("},
		"joined":                {mapping: idp.Mapping{UserName: `Join(".", [givenName], [surname])`}, says: "Join("},
		"a part":                {mapping: idp.Mapping{UserName: `Item(Split([userPrincipalName], "@"), 1)`}, says: "Item("},
		"once":                  {mapping: idp.Mapping{UserName: "mail", UserNameOnce: true}, says: "only when a user is created"},
		"no jobs shown":         {refuse: "/synchronization/jobs", says: "could not be read"},
		"no schema shown":       {refuse: "/schema", says: "could not be read"},
	} {
		r := onEntra(t)
		must(t, r.idp.SetMapping(t.Context(), c.mapping))
		r.person("jane@company.com")
		if c.refuse != "" {
			r.renew(refusing{r.api, []string{c.refuse}})
		}
		found, err := r.dir.(directory.People).FindPerson(t.Context(), "js-ext")
		must(t, err)
		if len(found.People) > 0 || (found.Unclear != "") != (c.says != "") || !strings.Contains(found.Unclear, c.says) {
			t.Errorf("%s: %+v", name, found)
		}
		if found, err := r.dir.(directory.People).FindPerson(t.Context(), "jane@company.com"); err != nil || len(found.People) != 1 || found.Unclear != "" {
			t.Errorf("%s: %+v, %v", name, found, err)
		}
	}
}

// TestEntraNameOfAPart works out the part of a name before the @.
func TestEntraNameOfAPart(t *testing.T) {
	for source, want := range map[string]string{
		`Item(Split([userPrincipalName], "@"), 1)`: "jane", `Item(Split([mail],"@"), 2)`: "elsewhere.example", `ToUpper(Item(Split([mail], "."), 1))`: "J",
		`Item(Split([mail], "@"), 3)`: "", `Item([proxyAddresses], 1)`: "", `Item(Split([mail], ""), 1)`: "", `Split([mail], "@")`: "", `Item()`: "",
	} {
		r := onEntra(t)
		must(t, r.idp.SetMapping(t.Context(), idp.Mapping{UserName: source}))
		r.person("jane@company.com", func(u *idp.User) { u.Email = "j.s@elsewhere.example" })
		p := r.find("jane@company.com")
		unknown := want == ""
		if len(p) != 1 || !unknown && (p[0].UserName != want || len(p[0].Otherwise) > 0) || unknown && (p[0].UserName != "jane@company.com" || !slices.Equal(p[0].Otherwise, []string{"j.s@elsewhere.example"})) {
			t.Errorf("%s: %+v", source, p)
		}
	}
}

// TestEntraNameOnce has a user name that is sent when a user is created, and not
// again: AWS may have a former one.
func TestEntraNameOnce(t *testing.T) {
	r := onEntra(t)
	ctx := t.Context()
	must(t, r.idp.SetMapping(ctx, idp.Mapping{UserName: "mail", UserNameOnce: true}))
	jane := r.person("jane@company.com", func(u *idp.User) { u.Email = "jane.smith@company.com" })
	team := r.group("Team", jane)
	must(t, r.idp.Assign(ctx, idp.GroupPrincipal, team))
	r.sync()
	must(t, r.idp.UpdateUser(ctx, jane, func(u *idp.User) { u.Email = "jane.miller@company.com" }))
	r.sync()
	if !r.inAWS("jane.smith@company.com") || r.inAWS("jane.miller@company.com") {
		t.Fatal("AWS does not have the former name")
	}
	p := r.find("jane@company.com")
	if len(p) != 1 || p[0].UserName != "jane.miller@company.com" || !slices.Equal(p[0].Otherwise, []string{"jane@company.com"}) {
		t.Errorf("%+v", p)
	}
	m, err := r.dir.(directory.Groups).MembersOf(ctx, team)
	if err != nil || len(m.Members) != 1 || len(m.Members[0].Otherwise) != 1 {
		t.Errorf("%+v, %v", m, err)
	}
}

// TestEntraBound has the external id that AWS has of a person, where it is not the
// object id.
func TestEntraBound(t *testing.T) {
	for source, want := range map[string]string{"": "", "objectId": "", "ToUpper([objectId])": "", "mailNickname": "jane", "extensionAttribute2": "E-2", `Replace([mail], "@", , , "", , )`: "", "employeeId": ""} {
		r := onEntra(t)
		if source != "" {
			must(t, r.idp.SetMapping(t.Context(), idp.Mapping{More: []idp.AttributeMapping{{Target: "externalId", Source: source}}}))
		}
		jane := r.person("jane@company.com", func(u *idp.User) { u.Extensions = map[string]string{"extensionAttribute2": "E-2"} })
		team := r.group("Team", jane)
		m, err := r.dir.(directory.Groups).MembersOf(t.Context(), team)
		must(t, err)
		if p := r.find("jane@company.com"); p[0].Bound != want || m.Members[0].Bound != want {
			t.Errorf("%s: %+v, %+v", source, p, m.Members)
		}
	}
}

// TestEntraGroupNames says where the names of groups in AWS are not those here.
func TestEntraGroupNames(t *testing.T) {
	for source, says := range map[string]string{"": "", "displayName": "", "mailNickname": "mailNickname", `Join("-", "AWS", [displayName])`: "Join("} {
		r := onEntra(t)
		must(t, r.idp.SetMapping(t.Context(), idp.Mapping{GroupName: source}))
		team := r.group("Dev Team")
		must(t, r.idp.Assign(t.Context(), idp.GroupPrincipal, team))
		r.sync()
		for _, name := range []string{"Dev Team", "AWS-Dev Team"} {
			found, err := r.dir.(directory.Groups).FindGroups(t.Context(), name)
			must(t, err)
			if (len(found.Groups) == 1) != (name == "Dev Team") || (found.Unsure != "") != (says != "") || !strings.Contains(found.Unsure, says) {
				t.Errorf("%s: %s: %+v", source, name, found)
			}
		}
		r.renew(refusing{r.api, []string{"/schema"}})
		for name, unsure := range map[string]bool{"Dev Team": false, "AWS-Dev Team": true} {
			if found, err := r.dir.(directory.Groups).FindGroups(t.Context(), name); err != nil || (found.Unsure != "") != unsure {
				t.Errorf("not shown: %s: %+v, %v", name, found, err)
			}
		}
	}
}

// TestGroupByID finds a group by its id, whatever it is called by now.
func TestGroupByID(t *testing.T) {
	each(t, once(), func(t *testing.T, v vendor) {
		if v.kind == idp.Google { // whose groups never come to AWS
			return
		}
		r := v.rig(t)
		by, ctx := r.dir.(directory.GroupByID), t.Context()
		team := r.group("Team")
		must(t, r.idp.RenameGroup(ctx, team, "New team"))
		found, err := by.GroupByID(ctx, team)
		must(t, err)
		evident(t, r, found.Evidence)
		if len(found.Groups) != 1 || found.Groups[0].ID != team || found.Groups[0].Name != "New team" || found.Groups[0].Kind == "" {
			t.Errorf("%+v", found)
		}
		for _, nobodys := range []string{"", "../users", "jane@company.com/x", "00gnobody", "99999999-0000-4000-8000-000000000000"} {
			if found, err := by.GroupByID(ctx, nobodys); err != nil || len(found.Groups) > 0 || len(found.Evidence) != 1 {
				t.Errorf("%q: %+v, %v", nobodys, found, err)
			}
		}
		d, err := v.open(r.settings, &http.Client{Transport: refusing{r.api, []string{"/groups/"}}}, r.budgets)
		must(t, err)
		if _, err := d.(directory.GroupByID).GroupByID(ctx, team); !directory.Forbidden.Is(err) {
			t.Errorf("%v", err)
		}
	})
}

// onTwoJobs has one job for people and another for groups, and Jane, who is assigned.
func onTwoJobs(t *testing.T) *rig {
	t.Helper()
	r := onEntra(t, func(o *vendorapi.Options) { o.App.OtherJobs, o.App.GroupJob = []idp.JobStatus{idp.JobActive}, true })
	must(t, r.idp.SetMapping(t.Context(), idp.Mapping{UserName: "mail"}))
	jane := r.person("jane@company.com", func(u *idp.User) { u.Email = "jane.smith@company.com" })
	must(t, r.idp.Assign(t.Context(), idp.UserPrincipal, jane))
	r.sync()
	return r
}

// TestEntraJobOfGroups has one job for people and another for groups.
func TestEntraJobOfGroups(t *testing.T) {
	r := onTwoJobs(t)
	if p := r.provisioning(); p.State != directory.JobOn || p.Groups != directory.On || p.UserNameFrom != "mail" || !p.Creates || len(p.Beside) != 1 {
		t.Errorf("%+v", p)
	}
	if p := r.find("jane@company.com"); len(p) != 1 || p[0].UserName != "jane.smith@company.com" || len(p[0].Otherwise) > 0 {
		t.Errorf("%+v", p)
	}
	// A job that is off brings no groups.
	r.api.Change(func(o *vendorapi.Options) { o.App.OtherJobs = []idp.JobStatus{idp.JobDisabled} })
	if p := r.provisioning(); p.Groups != directory.Off {
		t.Errorf("%+v", p)
	}
}

// TestEntraJobOfGroupsUnread may read the schema of one of two jobs: what the other
// does is not known.
func TestEntraJobOfGroupsUnread(t *testing.T) {
	r := onTwoJobs(t)
	r.provisioning()
	var schemas []string
	for _, call := range r.api.Calls() {
		if path, ok := strings.CutPrefix(call, "GET "); ok && strings.HasSuffix(path, "/schema") {
			schemas = append(schemas, path)
		}
	}
	if len(schemas) != 2 {
		t.Fatalf("schemas %q", schemas)
	}
	for _, refused := range schemas {
		r.renew(refusing{r.api, []string{refused}})
		p, err := r.dir.(directory.Provisioner).Provisioning(t.Context())
		if err != nil || len(p.Unread) != 1 || p.Groups == directory.Off || !p.Creates || p.UserNameFrom != "" {
			t.Errorf("%s: %+v, %v", refused, p, err)
		}
		if people := r.find("jane@company.com"); !slices.Equal(people[0].Otherwise, []string{"jane.smith@company.com"}) {
			t.Errorf("%s: %+v", refused, people)
		}
	}
}

// TestEntraNameThatCannotBeWorkedOut may be what it is made of.
func TestEntraNameThatCannotBeWorkedOut(t *testing.T) {
	r := onEntra(t)
	must(t, r.idp.SetMapping(t.Context(), idp.Mapping{UserName: `Replace([extensionAttribute3], "-", , , "", , )`}))
	r.person("jane@company.com", func(u *idp.User) { u.Extensions = map[string]string{"extensionAttribute3": "j-s"} })
	if p := r.find("jane@company.com"); p[0].UserName != "jane@company.com" || !slices.Contains(p[0].Otherwise, "j-s") {
		t.Errorf("%+v", p)
	}
}

// TestEntraTwoJobsOfPeople has jobs that make user names differently: it is not known
// which of the two AWS has.
func TestEntraTwoJobsOfPeople(t *testing.T) {
	r := onEntra(t)
	r.person("jane@company.com", func(u *idp.User) { u.Email = "jane.smith@company.com" })
	rule := func(from string) string {
		return `{"objectMappings":[{"enabled":true,"sourceObjectName":"User","attributeMappings":[{"targetAttributeName":"userName","source":{"type":"Attribute","name":"` + from + `"}}]}]}`
	}
	r.renew(instead{r.api, "/schema", `{"synchronizationRules":[` + rule("mail") + `,` + rule("userPrincipalName") + `]}`})
	if p := r.find("jane@company.com"); len(p) != 1 || !slices.Equal(p[0].Otherwise, []string{"jane.smith@company.com"}) {
		t.Errorf("%+v", p)
	}
}

// TestEntraFlowsUntold has mappings that leave open what they do: they do all.
func TestEntraFlowsUntold(t *testing.T) {
	r := onEntra(t)
	must(t, r.idp.SetMapping(t.Context(), idp.Mapping{FlowsUntold: true}))
	if p := r.provisioning(); !p.Creates || !p.Updates || !p.Deactivates {
		t.Errorf("%+v", p)
	}
}

// TestEntraReadsTheMappingOnce asks for the jobs and their schema once for what people
// are called and for how provisioning stands, and again later.
func TestEntraReadsTheMappingOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := onEntra(t)
		jane := r.person("jane@company.com")
		team := r.group("Team", jane)
		reads := func() (n int) {
			for _, call := range r.api.Calls() {
				if strings.Contains(call, "/synchronization/jobs") {
					n++
				}
			}
			return n
		}
		for _, first := range []bool{true, false} {
			r.renew(r.api)
			before := reads()
			if first {
				r.provisioning()
			}
			r.find("jane@company.com")
			_, err := r.dir.(directory.Groups).FindGroups(t.Context(), "Team")
			must(t, err)
			_, err = r.dir.(directory.Groups).MembersOf(t.Context(), team)
			must(t, err)
			if !first {
				r.provisioning()
			}
			if n := reads() - before; n != 2 {
				t.Errorf("%d calls", n)
			}
			before = reads()
			r.provisioning() // who asks again wants the state of now
			if n := reads() - before; n != 2 {
				t.Errorf("again: %d calls", n)
			}
		}
		r.renew(r.api)
		r.find("jane@company.com")
		time.Sleep(time.Minute)
		before := reads()
		r.provisioning()
		if n := reads() - before; n != 2 {
			t.Errorf("after a minute: %d calls", n)
		}
	})
}

// TestEntraJobUnread has no job, a schema that may not be read, and runs that AWS
// refused.
func TestEntraJobUnread(t *testing.T) {
	r := onEntra(t, func(o *vendorapi.Options) { o.App.ProvisioningOff = true })
	if p := r.provisioning(); !p.NoJob || p.State != directory.JobOff || len(p.Unread) > 0 || p.Refused {
		t.Errorf("%+v", p)
	}
	r = onEntra(t)
	if p := r.provisioning(); p.NoJob || len(p.Unread) > 0 || p.Refused {
		t.Errorf("%+v", p)
	}
	r.renew(refusing{r.api, []string{"/schema"}})
	p, err := r.dir.(directory.Provisioner).Provisioning(t.Context())
	if err != nil || p.NoJob || len(p.Unread) != 1 || !strings.Contains(p.Unread[0], "Synchronization.Read.All") || p.UserNameFrom != "" {
		t.Errorf("%+v, %v", p, err)
	}
	const invalid = "SystemForCrossDomainIdentityManagementInvalidCredentials"
	for name, c := range map[string]struct {
		status  string
		refused bool
	}{
		"refused":          {`{"code":"Active","lastExecution":{"state":"Failed","timeBegan":"2026-11-26T10:00:00Z","error":{"code":"` + invalid + `"}},"lastSuccessfulExecution":{"timeBegan":"2026-11-23T10:00:00Z"}}`, true},
		"succeeded since":  {`{"code":"Active","lastExecution":{"state":"Failed","timeBegan":"2026-11-26T10:00:00Z","error":{"code":"` + invalid + `"}},"lastSuccessfulExecution":{"timeBegan":"2026-11-26T11:00:00Z"}}`, false},
		"never succeeded":  {`{"code":"Active","lastExecution":{"state":"Failed","timeBegan":"2026-11-26T10:00:00Z","error":{"code":"` + invalid + `"}}}`, true},
		"not reached":      {`{"code":"Active","lastExecution":{"state":"Failed","timeBegan":"2026-11-26T10:00:00Z","error":{"code":"SystemForCrossDomainIdentityManagementCredentialValidationUnavailable","message":"Unauthorized"}}}`, false},
		"succeeded":        {`{"code":"Active","lastExecution":{"state":"Succeeded","timeBegan":"2026-11-26T10:00:00Z","error":null}}`, false},
		"in quarantine":    {`{"code":"Quarantine","quarantine":{"currentBegan":"2026-11-24T10:00:00Z","error":{"code":"` + invalid + `"}}}`, true},
		"quarantine, over": {`{"code":"Active","quarantine":{"currentBegan":"2026-11-24T10:00:00Z","error":{"code":"` + invalid + `"}},"lastSuccessfulExecution":{"timeBegan":"2026-11-25T10:00:00Z"}}`, false},
	} {
		r.renew(instead{r.api, "/synchronization/jobs", `{"value":[{"id":"j","schedule":{"state":"Active","interval":"PT40M"},"status":` + c.status + `}]}`})
		p, err := r.dir.(directory.Provisioner).Provisioning(t.Context())
		if err != nil || p.Refused != c.refused {
			t.Errorf("%s: %+v, %v", name, p, err)
		}
	}
	r = onEntra(t, func(o *vendorapi.Options) { o.App.LastRunError = invalid })
	r.sync()
	if p := r.provisioning(); !p.Refused {
		t.Errorf("%+v", p)
	}
}

// TestEntraCloudWithoutProvisioning has a national cloud that does not serve the API
// of provisioning.
func TestEntraCloudWithoutProvisioning(t *testing.T) {
	for cloud, says := range map[string]bool{"china": true, "us-government": true, "": false} {
		r := onEntra(t, func(o *vendorapi.Options) { o.Cloud = cloud })
		r.settings.Cloud = cloud
		r.renew(r.api)
		app, err := r.dir.(directory.SAMLer).SAML(t.Context())
		must(t, err)
		id := strings.Fields(app.Evidence[0].Saw)[2]
		r.api.Refuse(vendorapi.Refusal{Prefix: "/v1.0/servicePrincipals/" + strings.TrimSuffix(id, ",") + "/synchronization", Times: 1, Status: 404, Body: `{"error":{"code":"UnknownError","message":""}}`})
		_, err = r.dir.(directory.Provisioner).Provisioning(t.Context())
		e, ok := err.(*directory.Error)
		if !ok || e.Kind != directory.NotThere || strings.Contains(e.Message, "may not serve") != says || says && !strings.Contains(e.Needs, "admin center") {
			t.Errorf("%q: %v", cloud, err)
		}
	}
}

// TestEntraMembersByIDAlone lacks the permission to read users: who is in a group is
// not told then, as nobody has a name.
func TestEntraMembersByIDAlone(t *testing.T) {
	r := onEntra(t, func(o *vendorapi.Options) {
		o.Scopes = []string{"GroupMember.Read.All", "Application.Read.All", "Synchronization.Read.All"}
	})
	empty, team := r.group("Empty"), r.group("Team", r.person("jane@company.com"))
	_, err := r.dir.(directory.Groups).MembersOf(t.Context(), team)
	if e, ok := err.(*directory.Error); !ok || e.Kind != directory.Forbidden || !strings.Contains(e.Needs, "User.Read.All") {
		t.Errorf("%v", err)
	}
	if m, err := r.dir.(directory.Groups).MembersOf(t.Context(), empty); err != nil || len(m.Members) > 0 {
		t.Errorf("%+v, %v", m, err)
	}
}

// TestEntraExternalIDOnce has an external id that is sent when a user is created, and
// not again: whom it names by now is not known. An object id names its person in any
// case: users brought before a mapping was changed have it.
func TestEntraExternalIDOnce(t *testing.T) {
	r := onEntra(t)
	jane := r.person("jane@company.com")
	for flow, known := range map[string]bool{"Always": true, "": true, "ObjectAddOnly": false, "AttributeAddOnly": false} {
		r.renew(instead{r.api, "/schema", `{"synchronizationRules":[{"objectMappings":[{"enabled":true,"sourceObjectName":"User","attributeMappings":[{"targetAttributeName":"externalId","flowType":"` + flow + `","source":{"type":"Attribute","name":"mailNickname"}}]}]}]}`})
		if found := r.bound("nobody"); found.Unclear == "" || known != strings.Contains(found.Unclear, "was before") {
			t.Errorf("%q: %+v", flow, found)
		}
		if found := r.bound("jane"); len(found.People) > 0 != known {
			t.Errorf("%q: %+v", flow, found)
		}
		if p := r.find("jane@company.com"); (p[0].Bound == "jane") != known {
			t.Errorf("%q: %+v", flow, p)
		}
		if found := r.bound(jane); len(found.People) != 1 || found.People[0].ID != jane {
			t.Errorf("%q: %+v", flow, found)
		}
	}
}
