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
