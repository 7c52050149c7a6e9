package okta_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/rolecall-dev/rolecall/internal/directory"
	"github.com/rolecall-dev/rolecall/internal/directory/okta"
	"github.com/rolecall-dev/rolecall/internal/trust"
)

// answers is an Okta that knows a few paths.
type answers map[string]string

func (a answers) RoundTrip(r *http.Request) (*http.Response, error) {
	body, ok := a[r.URL.Path]
	status := http.StatusOK
	if !ok {
		status, body = http.StatusNotFound, `{"errorCode":"E0000007","errorSummary":"Not found"}`
	}
	return &http.Response{StatusCode: status, Header: http.Header{"X-Okta-Request-Id": {"r1"}}, Body: io.NopCloser(strings.NewReader(body)), Request: r}, nil
}

func open(t *testing.T, organization string, a answers) (*okta.Directory, error) {
	t.Helper()
	s := directory.Settings{Organization: organization, Application: "0oa1", TokenEnv: "T", Getenv: func(string) string { return "token" },
		Machine: trust.Of(func(name string) string {
			return map[string]string{trust.HostsVariable: "id.company.com,127.0.0.1"}[name]
		})}
	return okta.New(s, &http.Client{Transport: a}, nil)
}

// TestAssignedGroupWithoutItsName asks for the group where Okta does not embed it.
func TestAssignedGroupWithoutItsName(t *testing.T) {
	d, err := open(t, "company.okta.com", answers{
		"/api/v1/apps/0oa1":        `{"id":"0oa1","label":"AWS","status":"ACTIVE"}`,
		"/api/v1/apps/0oa1/groups": `[{"id":"00g1","priority":0,"profile":{}}]`,
		"/api/v1/groups/00g1":      `{"id":"00g1","type":"OKTA_GROUP","lastMembershipUpdated":null,"profile":{"name":"AWS-Admins"}}`,
	})
	if err != nil {
		t.Fatal(err)
	}
	found, err := d.GroupAssignments(t.Context())
	if err != nil || len(found.Groups) != 1 || found.Groups[0].Name != "AWS-Admins" {
		t.Errorf("%+v, %v", found, err)
	}
}

func TestOrganization(t *testing.T) {
	for organization, valid := range map[string]bool{
		"company.okta.com": true, "https://company.okta.com/": true, "https://id.company.com": true, "http://127.0.0.1:8080": true,
		"https://evil.example": false, "https://company.okta.com@evil.example": false, "http://127.0.0.2:8080": false,
		"http://company.okta.com": false, "https://company-admin.okta.com": false, "https://user@company.okta.com": false, "": false, "https://": false,
	} {
		if _, err := open(t, organization, nil); (err == nil) != valid || err != nil && !directory.BadSetting.Is(err) {
			t.Errorf("%q: %v", organization, err)
		}
	}
}

func TestApplicationIDThatIsNotThere(t *testing.T) {
	d, err := open(t, "company.okta.com", nil)
	if err != nil {
		t.Fatal(err)
	}
	_, err = d.SAML(t.Context())
	if e, ok := err.(*directory.Error); !ok || e.Kind != directory.NotThere || !strings.Contains(e.Needs, "application") || e.ID != "r1" {
		t.Errorf("%#v", err)
	}
}

// TestPushMappingStates has each documented status of a push mapping, and a later one.
func TestPushMappingStates(t *testing.T) {
	for mapping, want := range map[string]directory.SyncState{
		`{"id":"m","status":"ACTIVE","errorSummary":"","lastPush":"2025-01-01T00:00:00Z"}`:        directory.Synchronized,
		`{"id":"m","status":"ACTIVE","errorSummary":"","lastPush":null}`:                          directory.Syncing,
		`{"id":"m","status":"ACTIVE","errorSummary":"refused","lastPush":"2025-01-01T00:00:00Z"}`: directory.SyncFailed,
		`{"id":"m","status":"ERROR","errorSummary":"refused","lastPush":"2025-01-01T00:00:00Z"}`:  directory.SyncFailed,
		`{"id":"m","status":"INACTIVE","errorSummary":"","lastPush":"2025-01-01T00:00:00Z"}`:      directory.SyncOff,
		`{"id":"m","status":"LATER"}`: "",
	} {
		d, err := open(t, "company.okta.com", answers{"/api/v1/apps/0oa1": `{"id":"0oa1"}`, "/api/v1/apps/0oa1/group-push/mappings": "[" + mapping + "]"})
		if err != nil {
			t.Fatal(err)
		}
		found, err := d.PushGroups(t.Context())
		if err != nil || len(found.Mappings) != 1 || found.Mappings[0].State != want {
			t.Errorf("%s: %+v, %v", mapping, found, err)
		}
	}
}

// TestImageByItsLink knows the application of a group by the link alone, as the
// specification's examples have it, and by the mapping that pushes to it.
func TestImageByItsLink(t *testing.T) {
	const source, own = `"_links":{"source":{"href":"https://company.okta.com/api/v1/apps/0oa1"}}`, `{"id":"00gown","type":"OKTA_GROUP","profile":{"name":"Team"}}`
	for name, c := range map[string]struct {
		links, mapping string
		twins          int
	}{
		"by its link":    {source, `[]`, 1},
		"by the mapping": {`"_links":{}`, `[{"id":"m","status":"ACTIVE","sourceGroupId":"00gother","targetGroupId":"00gimage"}]`, 1},
		"not at all":     {`"_links":{}`, `[]`, 0},
	} {
		d, err := open(t, "company.okta.com", answers{
			"/api/v1/apps/0oa1": `{"id":"0oa1"}`, "/api/v1/apps/0oa1/groups": `[]`, "/api/v1/apps/0oa1/group-push/mappings": c.mapping,
			"/api/v1/groups": `[{"id":"00gimage","type":"APP_GROUP",` + c.links + `,"profile":{"name":"Team"}},` + own + `]`,
		})
		if err != nil {
			t.Fatal(err)
		}
		found, err := d.FindGroups(t.Context(), "Team")
		if err != nil || len(found.Twins) != c.twins || len(found.Groups) != 2-c.twins || c.twins == 1 && found.Groups[0].ID != "00gown" {
			t.Errorf("%s: %+v, %v", name, found, err)
		}
	}
}

// TestProvisioningByTheApplicationsFeatures has no features to ask for.
func TestProvisioningByTheApplicationsFeatures(t *testing.T) {
	d, err := open(t, "company.okta.com", answers{
		"/api/v1/apps/0oa1":                     `{"id":"0oa1","status":"ACTIVE","features":["PUSH_NEW_USERS","PUSH_USER_DEACTIVATION"],"credentials":{"userNameTemplate":{"template":"${source.login}","type":"NONE"}}}`,
		"/api/v1/apps/0oa1/connections/default": `{"status":"ENABLED"}`,
	})
	if err != nil {
		t.Fatal(err)
	}
	p, err := d.Provisioning(t.Context())
	if err != nil || p.State != directory.JobOn || !p.Creates || p.Updates || !p.Deactivates || p.Groups != directory.Off || p.UserNameFrom != "" {
		t.Errorf("%+v, %v", p, err)
	}
}

// TestSwitchedOffMapping gives way to one that is on, and by itself decides nothing.
func TestSwitchedOffMapping(t *testing.T) {
	for mappings, want := range map[string]string{
		`[{"id":"m","status":"INACTIVE","sourceGroupId":"00gad","targetGroupId":"x"},{"id":"n","status":"ERROR","sourceGroupId":"00gown","targetGroupId":"y"}]`: "00gown",
		`[{"id":"m","status":"INACTIVE","sourceGroupId":"00gad","targetGroupId":"x"}]`:                                                                          "",
	} {
		d, err := open(t, "company.okta.com", answers{
			"/api/v1/apps/0oa1": `{"id":"0oa1"}`, "/api/v1/apps/0oa1/group-push/mappings": mappings,
			"/api/v1/groups": `[{"id":"00gad","type":"APP_GROUP","source":{"id":"0oa2"},"profile":{"name":"Team"}},{"id":"00gown","type":"OKTA_GROUP","profile":{"name":"Team"}}]`,
		})
		if err != nil {
			t.Fatal(err)
		}
		found, err := d.FindGroups(t.Context(), "Team")
		if want == "" && err == nil && len(found.Groups) == 2 {
			continue
		}
		if err != nil || len(found.Groups) != 1 || found.Groups[0].ID != want || len(found.Twins) != 1 {
			t.Errorf("%s: %+v, %v", mappings, found, err)
		}
	}
}

// TestImagesAreNotNear leaves images out of the groups of another case: where the
// application is known all, else those beside a group of Okta's.
func TestImagesAreNotNear(t *testing.T) {
	const image, own = `{"id":"00gimage","type":"APP_GROUP","source":{"id":"0oa1"},"profile":{"name":"Team"}}`, `{"id":"00gown","type":"OKTA_GROUP","profile":{"name":"Team"}}`
	for name, c := range map[string]struct {
		groups, app string
		near        int
	}{
		"both":                          {"[" + image + "," + own + "]", `{"id":"0oa1"}`, 1},
		"alone":                         {"[" + image + "]", `{"id":"0oa1"}`, 0},
		"both, without an application":  {"[" + image + "," + own + "]", "", 1},
		"alone, without an application": {"[" + image + "]", "", 1},
	} {
		a := answers{"/api/v1/groups": c.groups}
		if c.app != "" {
			a["/api/v1/apps/0oa1"] = c.app
		}
		d, err := open(t, "company.okta.com", a)
		if err != nil {
			t.Fatal(err)
		}
		found, err := d.FindGroups(t.Context(), "team")
		if err != nil || len(found.Near) != c.near || len(found.Groups)+len(found.Twins) > 0 {
			t.Errorf("%s: %+v, %v", name, found, err)
		}
	}
}
