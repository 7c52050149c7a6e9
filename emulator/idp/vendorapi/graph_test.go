package vendorapi_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"testing"

	"github.com/rolecall-dev/rolecall/emulator/idp"
	"github.com/rolecall-dev/rolecall/emulator/idp/vendorapi"
)

// TestGraphQueries asks what Graph takes only in one form.
func TestGraphQueries(t *testing.T) {
	d, err := idp.New(idp.Options{Kind: idp.Entra, Endpoint: "https://scim.example/scim/v2"})
	if err != nil {
		t.Fatal(err)
	}
	u, err := d.CreateUser(t.Context(), idp.User{UserName: "$gone@company.com", GivenName: "A", FamilyName: "B", Account: "GONE", Aliases: []string{"old@company.com"}})
	if err != nil {
		t.Fatal(err)
	}
	a := vendorapi.New(d, vendorapi.Options{ClientID: "reader", ClientSecret: "planted-secret"})
	token := graphToken(t, a)
	get := func(path string, eventual bool) (int, int) {
		r, err := http.NewRequestWithContext(t.Context(), "GET", "https://graph.microsoft.com/v1.0"+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer "+token)
		if eventual {
			r.Header.Set("ConsistencyLevel", "eventual")
		}
		answer, err := a.RoundTrip(r)
		if err != nil {
			t.Fatal(err)
		}
		var list struct{ Value []any }
		_ = json.NewDecoder(answer.Body).Decode(&list) // a user has no list
		return answer.StatusCode, len(list.Value)
	}
	filter := func(text string) string { return "?$filter=" + url.QueryEscape(text) }
	ends, account := filter("endsWith(userPrincipalName,'gone@company.com')"), filter("onPremisesSamAccountName eq 'gone'")
	for _, c := range []struct {
		path     string
		eventual bool
		status   int
		found    int
	}{
		{"/users/$gone@company.com", false, 400, 0},
		{"/users('$gone@company.com')", false, 200, 0},
		{"/groups('x')", false, 400, 0},
		{"/users" + ends, false, 400, 0},
		{"/users" + ends + "&$count=true", false, 400, 0},
		{"/users" + ends + "&$count=true", true, 200, 1},
		{"/users" + account, false, 400, 0},
		{"/users" + account + "&$count=true", true, 200, 1},
		{"/users" + filter("proxyAddresses/any(p:p eq 'smtp:OLD@company.com')"), false, 200, 1},
		{"/users" + filter("startsWith(userPrincipalName,'$g') or mail eq 'x'"), false, 200, 1},
		{"/users" + filter("contains(mail,'x')"), false, 400, 0},
	} {
		if status, found := get(c.path, c.eventual); status != c.status || found != c.found {
			t.Errorf("%s: %d with %d, want %d with %d", c.path, status, found, c.status, c.found)
		}
	}
	if err := d.DeleteUser(t.Context(), u.ID); err != nil {
		t.Fatal(err)
	}
	if status, found := get("/directory/deletedItems/microsoft.graph.user"+ends+"&$count=true", true); status != 200 || found != 1 {
		t.Errorf("deleted: %d with %d", status, found)
	}
}

func graphToken(t *testing.T, a *vendorapi.API) string {
	t.Helper()
	form := url.Values{"grant_type": {"client_credentials"}, "client_id": {"reader"}, "client_secret": {"planted-secret"}, "scope": {"https://graph.microsoft.com/.default"}}
	answer, err := (&http.Client{Transport: a}).PostForm("https://login.microsoftonline.com/company.com/oauth2/v2.0/token", form)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	var token struct {
		Value string `json:"access_token"`
	}
	if err := json.NewDecoder(answer.Body).Decode(&token); err != nil || token.Value == "" {
		t.Fatalf("%d, %v", answer.StatusCode, err)
	}
	return token.Value
}
