package vendorapi_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rolecall-dev/rolecall/emulator/idp"
	"github.com/rolecall-dev/rolecall/emulator/idp/vendorapi"
)

// ask sends a request to an API with a token, and returns status, body and headers.
func ask(t *testing.T, h http.RoundTripper, address, authorization string) (int, string, http.Header) {
	t.Helper()
	r, err := http.NewRequest("GET", address, http.NoBody)
	ok(t, err)
	if authorization != "" {
		r.Header.Set("Authorization", authorization)
	}
	answer, err := h.RoundTrip(r)
	ok(t, err)
	body, err := io.ReadAll(answer.Body)
	ok(t, err)
	ok(t, answer.Body.Close())
	return answer.StatusCode, string(body), answer.Header
}

const org = "https://company.okta.com"

func TestOktaAPIErrors(t *testing.T) {
	api := vendorapi.New(directory(t, idp.Okta), vendorapi.Options{Token: "t"})
	for _, c := range []struct {
		path, authorization string
		status              int
		code                string
	}{
		{"/api/v1/users/nobody", "SSWS t", 404, "E0000007"},
		{"/api/v1/users/nobody", "SSWS other", 401, "E0000011"},
		{"/api/v1/users/nobody", "", 401, "E0000011"},
		{"/api/v1/apps/0oaother/features", "SSWS t", 404, "E0000007"},
		{"/api/v1/groups/x/users", "SSWS t", 404, "E0000007"},
		{"/api/v1/users?search=" + url.QueryEscape(`profile.login is "x"`), "SSWS t", 400, "E0000031"},
		{"/api/v1/users?after=forged", "SSWS t", 400, "E0000031"},
		{"/api/v1/logs?filter=" + url.QueryEscape(`actor is "x"`), "SSWS t", 400, "E0000053"},
		{"/api/v1/logs?since=yesterday", "SSWS t", 400, "E0000031"},
		{"/api/v1/policies", "SSWS t", 404, "E0000022"},
	} {
		status, body, header := ask(t, api, org+c.path, c.authorization)
		var e struct{ ErrorCode, ErrorSummary, ErrorID string }
		ok(t, json.Unmarshal([]byte(body), &e))
		if status != c.status || e.ErrorCode != c.code || e.ErrorSummary == "" || e.ErrorID == "" || header.Get("X-Okta-Request-Id") == "" {
			t.Errorf("%s: %d %s", c.path, status, body)
		}
	}
}

// TestOktaAPIOverAPort follows the links of pages through a real server.
func TestOktaAPIOverAPort(t *testing.T) {
	d := directory(t, idp.Okta, all)
	for i := range 5 {
		addUser(t, d, fmt.Sprintf("user%d", i))
	}
	server := httptest.NewServer(vendorapi.New(d, vendorapi.Options{Token: "t", PageSize: 2}))
	defer server.Close()
	seen, next := 0, server.URL+"/api/v1/users"
	for pages := 0; next != ""; pages++ {
		_, body, header := ask(t, http.DefaultTransport, next, "SSWS t")
		var users []struct{ ID string }
		ok(t, json.Unmarshal([]byte(body), &users))
		seen += len(users)
		next = ""
		for _, link := range header.Values("Link") {
			if address, rel, _ := strings.Cut(link, ">"); strings.Contains(rel, "next") {
				next = strings.TrimPrefix(address, "<")
			}
		}
		if pages > 3 {
			t.Fatal("the pages never end")
		}
	}
	if seen != 5 {
		t.Errorf("%d users on all pages", seen)
	}
}

// TestAPIRateLimit lets so many through in a window, and says when the next begins.
func TestAPIRateLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := vendorapi.New(directory(t, idp.Okta), vendorapi.Options{Token: "t", RateLimit: 2})
		time.Sleep(15 * time.Second)
		var statuses []int
		for range 3 {
			status, _, header := ask(t, api, org+"/api/v1/groups", "SSWS t")
			statuses = append(statuses, status)
			if want := fmt.Sprint(time.Now().Truncate(time.Minute).Add(time.Minute).Unix()); header.Get("X-Rate-Limit-Reset") != want {
				t.Errorf("reset %s, want %s", header.Get("X-Rate-Limit-Reset"), want)
			}
		}
		time.Sleep(45 * time.Second)
		status, _, _ := ask(t, api, org+"/api/v1/groups", "SSWS t")
		if got := fmt.Sprint(statuses, status); got != "[200 200 429] 200" {
			t.Errorf("statuses %s", got)
		}
	})
}

func TestGraphAndGoogleAPIErrors(t *testing.T) {
	graph := vendorapi.New(directory(t, idp.Entra), vendorapi.Options{})
	status, body, header := ask(t, graph, "https://graph.microsoft.com/v1.0/users", "Bearer x")
	if status != 401 || !strings.Contains(body, `"InvalidAuthenticationToken"`) || header.Get("request-id") == "" {
		t.Errorf("Graph: %d %s", status, body)
	}
	google := vendorapi.New(directory(t, idp.Google), vendorapi.Options{})
	status, body, _ = ask(t, google, "https://admin.googleapis.com/admin/directory/v1/users?customer=c", "Bearer x")
	if status != 401 || !strings.Contains(body, `"authError"`) {
		t.Errorf("Google: %d %s", status, body)
	}
}

// TestTokenEndpoints refuses whoever proves nothing.
func TestTokenEndpoints(t *testing.T) {
	for kind, address := range map[idp.Kind]string{
		idp.Okta: org + "/oauth2/v1/token", idp.Entra: "https://login.microsoftonline.com/tenant/oauth2/v2.0/token", idp.Google: "https://oauth2.googleapis.com/token",
	} {
		api := vendorapi.New(directory(t, kind), vendorapi.Options{ClientID: "c"})
		for _, form := range []url.Values{
			{},
			{"grant_type": {"client_credentials"}, "client_id": {"c"}, "client_secret": {""}, "scope": {"https://graph.microsoft.com/.default"}},
			{"grant_type": {"client_credentials"}, "client_id": {"c"}, "client_assertion_type": {"urn:ietf:params:oauth:client-assertion-type:jwt-bearer"}, "client_assertion": {""}, "scope": {"https://graph.microsoft.com/.default"}},
			{"grant_type": {"urn:ietf:params:oauth:grant-type:jwt-bearer"}, "assertion": {"eyJhbGciOiJub25lIn0.eyJpc3MiOiJjIn0."}},
		} {
			r, err := http.NewRequest("POST", address, strings.NewReader(form.Encode()))
			ok(t, err)
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			answer, err := api.RoundTrip(r)
			ok(t, err)
			body, err := io.ReadAll(answer.Body)
			ok(t, err)
			if answer.StatusCode < 400 || strings.Contains(string(body), "access_token") {
				t.Errorf("%s issued a token for %v: %s", kind, form, body)
			}
		}
	}
}
