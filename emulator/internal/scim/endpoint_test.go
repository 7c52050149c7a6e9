package scim_test

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rolecall-dev/rolecall/emulator"
)

// The tests of this file go through the emulator's front door, where tokens,
// limits and the identitystore API are.

type endpoint struct {
	*emulator.Emulator
	t     testing.TB
	path  string
	token string
}

func newEndpoint(t testing.TB, limits emulator.Limits) *endpoint {
	t.Helper()
	e, err := emulator.New(emulator.Options{Limits: limits, Estate: &emulator.Estate{
		Organization: &emulator.EstateOrganization{Management: "management"},
		Accounts:     []emulator.EstateAccount{{Name: "management"}},
		Instances:    []emulator.EstateInstance{{IdentityStoreID: "d-1234567890", SCIM: emulator.EstateSCIM{Tenant: "tenant", Token: "s3cret", Issuer: "https://issuer.example"}}},
	}})
	if err != nil {
		t.Fatal(err)
	}
	return &endpoint{Emulator: e, t: t, path: e.SCIM().Path, token: e.SCIM().Token}
}

func (e *endpoint) do(method, path string, header http.Header, body string) (*http.Response, string) {
	e.t.Helper()
	r, err := http.NewRequest(method, "https://scim.eu-central-1.amazonaws.com"+path, strings.NewReader(body))
	if err != nil {
		e.t.Fatal(err)
	}
	r.Header = header
	answer, err := e.Transport().RoundTrip(r)
	if err != nil {
		e.t.Fatal(err)
	}
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		e.t.Fatal(err)
	}
	if strings.Contains(string(text), e.token) {
		e.t.Errorf("%s %s: the answer shows the token: %s", method, path, text)
	}
	return answer, string(text)
}

func (e *endpoint) scim(method, path, body string) (int, string) {
	e.t.Helper()
	answer, text := e.do(method, e.path+path, http.Header{"Authorization": {"Bearer " + e.token}}, body)
	if answer.Header.Get("x-amzn-RequestId") == "" {
		e.t.Errorf("%s %s: no request id", method, path)
	}
	return answer.StatusCode, text
}

// api calls an operation of identitystore.
func (e *endpoint) api(operation, body string) map[string]any {
	e.t.Helper()
	answer, text := e.do("POST", "/", http.Header{
		"X-Amz-Target":  {"AWSIdentityStore." + operation},
		"Authorization": {"AWS4-HMAC-SHA256 Credential=" + emulator.ManagementKey + "/20260101/us-east-1/identitystore/aws4_request, SignedHeaders=host, Signature=00"},
	}, body)
	var v map[string]any
	if err := json.Unmarshal([]byte(text), &v); err != nil || answer.StatusCode != 200 {
		e.t.Fatalf("%s: %d %s", operation, answer.StatusCode, text)
	}
	return v
}

const jane = `{"userName":"jane","externalId":"x-jane","name":{"givenName":"J","familyName":"D"},"displayName":"Jane","active":false,"emails":[{"value":"jane@b.c","primary":true}]}`

func TestUnauthorized(t *testing.T) {
	e := newEndpoint(t, emulator.Limits{})
	for name, test := range map[string]struct {
		path   string
		header http.Header
	}{
		"no token":     {e.path, nil},
		"wrong token":  {e.path, http.Header{"Authorization": {"Bearer other"}}},
		"wrong scheme": {e.path, http.Header{"Authorization": {"Basic " + e.token}}},
	} {
		answer, text := e.do("POST", test.path+"Users", test.header, jane)
		if answer.StatusCode != 401 || !strings.Contains(text, `"schema":`) || !strings.Contains(text, `"status":"401"`) {
			t.Errorf("%s: %d %s", name, answer.StatusCode, text)
		}
	}
	expired := true
	if err := e.Change(emulator.Change{SCIM: &emulator.SCIMChange{Expired: &expired}}); err != nil {
		t.Fatal(err)
	}
	if status, text := e.scim("GET", "Users", ""); status != 401 {
		t.Errorf("an expired token: %d %s", status, text)
	}
	if users := e.State().Instances[0].Users; len(users) > 0 {
		t.Errorf("users came in: %v", users)
	}
}

func TestThrottled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newEndpoint(t, emulator.Limits{SCIM: 2})
		var statuses []int
		for range 3 {
			status, _ := e.scim("GET", "Users", "")
			statuses = append(statuses, status)
		}
		if diff := cmp.Diff([]int{200, 200, 429}, statuses); diff != "" {
			t.Error(diff)
		}
		time.Sleep(time.Second)
		if status, _ := e.scim("GET", "Users", ""); status != 200 {
			t.Errorf("status %d a second later", status)
		}
	})
}

func TestBodyIsBounded(t *testing.T) {
	e := newEndpoint(t, emulator.Limits{})
	if status, text := e.scim("POST", "Users", `{"userName":"`+strings.Repeat("a", 2<<20)+`"}`); status != 400 {
		t.Errorf("status %d %.100s", status, text)
	}
}

// TestIdentityStoreShowsWhatSCIMBrought: one store, two protocols.
func TestIdentityStoreShowsWhatSCIMBrought(t *testing.T) {
	e := newEndpoint(t, emulator.Limits{})
	if status, text := e.scim("POST", "Users", jane); status != 201 {
		t.Fatalf("%d %s", status, text)
	}
	id := e.api("GetUserId", `{"IdentityStoreId":"d-1234567890","AlternateIdentifier":{"ExternalId":{"Issuer":"https://issuer.example","Id":"x-jane"}}}`)["UserId"].(string)
	user := e.api("DescribeUser", `{"IdentityStoreId":"d-1234567890","UserId":"`+id+`"}`)
	if diff := cmp.Diff([]any{map[string]any{"Issuer": "https://issuer.example", "Id": "x-jane"}}, user["ExternalIds"]); diff != "" || user["UserStatus"] != "DISABLED" {
		t.Errorf("status %v, external ids %s", user["UserStatus"], diff)
	}
	if status, text := e.scim("PATCH", "Users/"+id, `{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{"op":"replace","path":"active","value":true}]}`); status != 200 {
		t.Fatalf("%d %s", status, text)
	}
	if user := e.api("DescribeUser", `{"IdentityStoreId":"d-1234567890","UserId":"`+id+`"}`); user["UserStatus"] != "ENABLED" {
		t.Errorf("status %v", user["UserStatus"])
	}
	group := e.api("CreateGroup", `{"IdentityStoreId":"d-1234567890","DisplayName":"Admins"}`)["GroupId"].(string)
	if status, text := e.scim("POST", "Groups", `{"displayName":"Admins"}`); status != 409 {
		t.Errorf("a group of a taken name: %d %s", status, text)
	}
	if status, text := e.scim("PATCH", "Groups/"+group, `{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{"op":"add","path":"members","value":[{"value":"`+id+`"}]}]}`); status != 204 {
		t.Fatalf("%d %s", status, text)
	}
	members := e.api("ListGroupMemberships", `{"IdentityStoreId":"d-1234567890","GroupId":"`+group+`"}`)["GroupMemberships"].([]any)
	if len(members) != 1 {
		t.Errorf("%d members", len(members))
	}
}
