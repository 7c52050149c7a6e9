package vendorapi_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/rolecall-dev/rolecall/emulator/idp"
	"github.com/rolecall-dev/rolecall/emulator/idp/vendorapi"
)

// TestPagesAreKeptOutOfTheAPI of each vendor.
func TestPagesAreKeptOutOfTheAPI(t *testing.T) {
	for _, kind := range []idp.Kind{idp.Okta, idp.Entra, idp.Google} {
		server := httptest.NewServer(vendorapi.New(directory(t, kind, all), vendorapi.Options{Token: "t", AllowHosts: []string{"okta"}}))
		port := server.URL[strings.LastIndex(server.URL, ":"):]
		for _, path := range []string{"/", "/api/v1/users", "/token", "/t/oauth2/v2.0/token", "/v1.0/users"} {
			for _, c := range []struct {
				header, value string
				refused       bool
			}{
				{"Host", "evil.example" + port, true},
				{"Host", "okta" + port, false},
				{"Host", "localhost" + port, false},
				{"Origin", "https://evil.example", true},
				{"Sec-Fetch-Site", "cross-site", true},
			} {
				r, err := http.NewRequest(http.MethodPost, server.URL+path, http.NoBody)
				ok(t, err)
				r.Header.Set(c.header, c.value)
				if c.header == "Host" {
					r.Host = c.value
				}
				answer, err := http.DefaultClient.Do(r)
				ok(t, err)
				text, err := io.ReadAll(answer.Body)
				ok(t, err)
				answer.Body.Close()
				if refused := answer.StatusCode == http.StatusForbidden && strings.Contains(string(text), "emulator"); refused != c.refused {
					t.Errorf("%v %s with %s %q: %d %s", kind, path, c.header, c.value, answer.StatusCode, text)
				}
			}
		}
		server.Close()
	}
}

// TestAPIRemembersTheLatest calls and tokens, not all.
func TestAPIRemembersTheLatest(t *testing.T) {
	api := vendorapi.New(directory(t, idp.Entra, all), vendorapi.Options{ClientID: "c", ClientSecret: "s", Tenant: "t"})
	form := url.Values{"grant_type": {"client_credentials"}, "client_id": {"c"}, "client_secret": {"s"}, "scope": {"https://graph.microsoft.com/.default"}}.Encode()
	token := func() string {
		t.Helper()
		r := httptest.NewRequest(http.MethodPost, "https://login.microsoftonline.com/t/oauth2/v2.0/token", strings.NewReader(form))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		w := httptest.NewRecorder()
		api.ServeHTTP(w, r)
		_, rest, _ := strings.Cut(w.Body.String(), `"access_token":"`)
		text, _, found := strings.Cut(rest, `"`)
		if !found {
			t.Fatalf("%d %s", w.Code, w.Body)
		}
		return text
	}
	status := func(token string) int {
		status, _, _ := ask(t, api, "https://graph.microsoft.com/v1.0/users", "Bearer "+token)
		return status
	}
	first := token()
	if got := status(first); got != http.StatusOK {
		t.Fatalf("status %d", got)
	}
	last := ""
	for range 25_000 {
		last = token()
	}
	if n := len(api.Calls()); n < 10_000 || n > 20_000 {
		t.Errorf("%d calls are remembered", n)
	}
	if old, young := status(first), status(last); old != http.StatusUnauthorized || young != http.StatusOK {
		t.Errorf("the first token: %d, the last: %d", old, young)
	}
}
