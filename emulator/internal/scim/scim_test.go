package scim

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rolecall-dev/rolecall/emulator/internal/store"
)

const (
	tenant = "f3vd2aa29dc-223c-4e5c-91b9-8ca1bb1faf7b"
	secret = "s3cret-bearer-token"
)

// world is a Host over one directory.
type world struct {
	t        testing.TB
	dir      *store.Directory
	mu       sync.Mutex
	now      time.Time
	throttle bool
	expired  bool
	asked    []string
}

func newWorld(t testing.TB) *world {
	t.Helper()
	st := store.New(store.Settings{Seed: 1, Region: "eu-central-1"})
	now := time.Date(2026, 3, 18, 10, 57, 8, 14e6, time.UTC)
	i, err := st.CreateInstance(store.Stamp{At: now}, store.NewInstance{Owner: "111111111111"})
	if err != nil {
		t.Fatal(err)
	}
	return &world{t: t, dir: i.Directory, now: now}
}

func (w *world) Authorize(name, token string) error {
	if name != tenant || token != secret || w.expired {
		return NewError(http.StatusUnauthorized)
	}
	return nil
}

func (w *world) Admit(_ context.Context, operation string) error {
	w.asked = append(w.asked, operation)
	if w.throttle {
		return NewError(http.StatusTooManyRequests)
	}
	return nil
}

func (w *world) Do(_ context.Context, _ string, _ Request, apply func(Directory, store.Stamp) Response) Response {
	w.mu.Lock()
	defer w.mu.Unlock()
	return apply(w.dir, store.Stamp{At: w.now, By: "SCIM"})
}

// send does one request with the right token; path begins at /Users or /Groups.
func (w *world) send(method, path, body string) (int, string) {
	w.t.Helper()
	r := httptest.NewRequest(method, "/"+tenant+"/scim/v2"+path, strings.NewReader(body))
	r.Header.Set("Authorization", "Bearer "+secret)
	return w.serve(r)
}

func (w *world) serve(r *http.Request) (int, string) {
	w.t.Helper()
	rec := httptest.NewRecorder()
	Handler(w).ServeHTTP(rec, r)
	answer, err := io.ReadAll(rec.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	if rec.Header().Get("x-amzn-RequestId") == "" {
		w.t.Errorf("%s %s: no request id", r.Method, r.URL.Path)
	}
	if strings.Contains(string(answer), secret) {
		w.t.Errorf("%s %s: the answer shows the token", r.Method, r.URL.Path)
	}
	return rec.Code, string(answer)
}

// must sends and wants a status; it gives the decoded body.
func (w *world) must(want int, method, path, body string) map[string]any {
	w.t.Helper()
	got, text := w.send(method, path, body)
	if got != want {
		w.t.Fatalf("%s %s %s: status %d, want %d: %s", method, path, body, got, want, text)
	}
	if text == "" {
		return nil
	}
	var v map[string]any
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		w.t.Fatalf("%s %s: decode %q: %v", method, path, text, err)
	}
	return v
}

func person(name string) string {
	return `{"schemas":["` + userSchema + `"],"userName":"` + name + `","name":{"givenName":"G","familyName":"F"},"displayName":"` + name + `"}`
}

func (w *world) user(name string) string {
	w.t.Helper()
	return w.must(201, "POST", "/Users", person(name))["id"].(string)
}

func (w *world) group(name string) string {
	w.t.Helper()
	return w.must(201, "POST", "/Groups", `{"displayName":"`+name+`"}`)["id"].(string)
}

func (w *world) members(group string) []string {
	w.t.Helper()
	g, ok := w.dir.Group(group)
	if !ok {
		w.t.Fatalf("no group %q", group)
	}
	var names []string
	for _, m := range w.dir.Members(g, 0, 1000).Items {
		names = append(names, m.User.UserName)
	}
	return names
}

func patch(operations string) string {
	return `{"schemas":["` + patchSchema + `"],"Operations":[` + operations + `]}`
}

func TestAuthorization(t *testing.T) {
	w := newWorld(t)
	tests := []struct{ name, path, header string }{
		{"none", tenant, ""},
		{"wrong token", tenant, "Bearer other"},
		{"wrong scheme", tenant, "Basic " + secret},
		{"another tenant", "other", "Bearer " + secret},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := httptest.NewRequest("GET", "/"+test.path+"/scim/v2/Users", nil)
			r.Header.Set("Authorization", test.header)
			if status, body := w.serve(r); status != 401 || !strings.Contains(body, `"status":"401"`) {
				t.Errorf("got %d %s, want a 401", status, body)
			}
		})
	}
	w.expired = true
	w.must(401, "GET", "/Users", "")
	if len(w.asked) > 0 {
		t.Errorf("unauthorised calls counted against the rate: %v", w.asked)
	}
}

func TestThrottled(t *testing.T) {
	w := newWorld(t)
	w.throttle = true
	w.must(429, "POST", "/Users", person("a"))
	if diff := cmp.Diff([]string{"CreateUser"}, w.asked); diff != "" {
		t.Errorf("operations asked for: %s", diff)
	}
	w.throttle = false
	w.must(201, "POST", "/Users", person("a"))
}

// TestErrorBody compares with the error captured from AWS in
// slashdevops/idp-scim-sync, pkg/aws/testdata/CreateUserResponse_Conflict.json.
func TestErrorBody(t *testing.T) {
	w := newWorld(t)
	w.user("jane")
	body := w.must(409, "POST", "/Users", person("jane"))
	id, _ := body["exceptionRequestId"].(string)
	want := map[string]any{
		"schema":  []any{"urn:ietf:params:scim:api:messages:2.0:Error"},
		"schemas": []any{"urn:ietf:params:scim:api:messages:2.0:Error"},
		"detail":  "Refused to create a new, duplicate resource.", "status": "409",
		"exceptionRequestId": id, "timeStamp": "2026-03-18 10:57:08.014",
	}
	if diff := cmp.Diff(want, body); diff != "" || len(id) != 36 {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestNotOffered(t *testing.T) {
	w := newWorld(t)
	g := w.group("g")
	for _, test := range []struct {
		method, path string
		want         int
	}{
		{"PUT", "/Groups/" + g, 400}, {"GET", "/Me", 404}, {"POST", "/Bulk", 404}, {"POST", "/.search", 404},
		{"POST", "/Users/.search", 400}, {"DELETE", "/Users", 400}, {"POST", "/Schemas", 400}, {"GET", "/", 404}, {"GET", "", 404},
		{"HEAD", "/Users", 400}, {"GET", "/Users/a/b", 404},
	} {
		if got, body := w.send(test.method, test.path, "{}"); got != test.want {
			t.Errorf("%s %s: status %d, want %d: %s", test.method, test.path, got, test.want, body)
		}
	}
}

func TestDiscovery(t *testing.T) {
	w := newWorld(t)
	config := w.must(200, "GET", "/ServiceProviderConfig", "")
	for feature, want := range map[string]bool{"patch": true, "filter": true, "bulk": false, "sort": false, "etag": false, "changePassword": false} {
		if got := config[feature].(map[string]any)["supported"]; got != want {
			t.Errorf("%s supported = %v, want %v", feature, got, want)
		}
	}
	if n := w.must(200, "GET", "/ResourceTypes", "")["totalResults"]; n != 2.0 {
		t.Errorf("%v resource types, want 2", n)
	}
	if n := w.must(200, "GET", "/Schemas", "")["totalResults"]; n != 3.0 {
		t.Errorf("%v schemas, want 3", n)
	}
	if name := w.must(200, "GET", "/Schemas/"+enterpriseSchema, "")["name"]; name != "EnterpriseUser" {
		t.Errorf("schema is called %v", name)
	}
	w.must(404, "GET", "/Schemas/urn:none", "")
}

func TestBodyIsBounded(t *testing.T) {
	w := newWorld(t)
	w.must(400, "POST", "/Users", `{"userName":"`+strings.Repeat("a", maxBody)+`"}`)
}

func TestApplyIsRepeatable(t *testing.T) {
	requests := []Request{
		{ID: "1", Method: "POST", Path: "/Users", Body: []byte(person("a"))},
		{ID: "2", Method: "POST", Path: "/Groups", Body: []byte(`{"displayName":"g"}`)},
		{ID: "3", Method: "POST", Path: "/Users", Body: []byte(person("A"))},
		{ID: "4", Method: "GET", Path: "/Users", Query: "cursor&count=1"},
	}
	var runs [2][]Response
	for i := range runs {
		w := newWorld(t)
		for _, r := range requests {
			runs[i] = append(runs[i], Apply(w.dir, store.Stamp{At: w.now}, r))
		}
	}
	if diff := cmp.Diff(runs[0], runs[1]); diff != "" {
		t.Errorf("a replay differs:\n%s", diff)
	}
}

func stampOf(w *world) store.Stamp { return store.Stamp{At: w.now, By: "SCIM"} }
