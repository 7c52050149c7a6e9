package scim

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rolecall-dev/rolecall/emulator/internal/store"
)

// world is a directory at a moment.
type world struct {
	t   testing.TB
	dir *store.Directory
	now time.Time
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

func (w *world) stamp() store.Stamp { return store.Stamp{At: w.now, By: "SCIM"} }

// send does one request; target is a path, as /Users, and perhaps a query.
func (w *world) send(method, target, body string) (int, string) {
	w.t.Helper()
	path, query, _ := strings.Cut(target, "?")
	answer := Apply(w.dir, w.stamp(), Request{ID: requestID, Method: method, Path: path, Query: query, Body: []byte(body)})
	return answer.Status, string(answer.Body)
}

const requestID = "6e2eb13a-d2ce-4d8d-8ae5-d1fa2a2a0a8f"

// must sends and wants a status; it returns the decoded body.
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
	for _, m := range g.Members(0, 1000).Items {
		names = append(names, m.User.UserName)
	}
	return names
}

func patch(operations string) string {
	return `{"schemas":["` + patchSchema + `"],"Operations":[` + operations + `]}`
}

// TestErrorBody compares with the error captured from AWS in
// slashdevops/idp-scim-sync, pkg/aws/testdata/CreateUserResponse_Conflict.json.
func TestErrorBody(t *testing.T) {
	w := newWorld(t)
	w.user("jane")
	body := w.must(409, "POST", "/Users", person("jane"))
	want := map[string]any{
		"schema":  []any{"urn:ietf:params:scim:api:messages:2.0:Error"},
		"schemas": []any{"urn:ietf:params:scim:api:messages:2.0:Error"},
		"detail":  "Refused to create a new, duplicate resource.", "status": "409",
		"exceptionRequestId": requestID, "timeStamp": "2026-03-18 10:57:08.014",
	}
	if diff := cmp.Diff(want, body); diff != "" {
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

func TestSplitPath(t *testing.T) {
	for path, want := range map[string][2]string{
		"/t/scim/v2/Users": {"t", "/Users"}, "/t/scim/v2/": {"t", "/"}, "/t/scim/v2": {"t", ""},
		"/": {}, "/scim/v2/Users": {}, "/a/b/scim/v2/Users": {}, "/t/scim/v2x": {}, "/t/scim/v1/Users": {},
	} {
		tenant, rest, ok := SplitPath(path)
		if ok != (want[0] != "") || ok && [2]string{tenant, rest} != want {
			t.Errorf("SplitPath(%q) = %q, %q, %v", path, tenant, rest, ok)
		}
	}
}

func TestOperations(t *testing.T) {
	all := Operations()
	if len(all) != 15 {
		t.Errorf("%d operations, AWS has 15", len(all))
	}
	for _, op := range all {
		r := Request{Method: op.Method, Path: strings.ReplaceAll(op.Path, "{id}", "x")}
		if r.Operation() != op.Name {
			t.Errorf("%s %s is %q, listed as %q", op.Method, op.Path, r.Operation(), op.Name)
		}
	}
}

func TestRequestKnowsItsOperation(t *testing.T) {
	for _, test := range []struct {
		method, path, want string
		write              bool
	}{
		{"POST", "/Users", "CreateUser", true}, {"GET", "/Users/", "ListUsers", false}, {"GET", "/Users/x", "GetUser", false},
		{"PUT", "/Users/x", "PutUser", true}, {"PATCH", "/Users/x", "PatchUser", true}, {"DELETE", "/Users/x", "DeleteUser", true},
		{"POST", "/Groups", "CreateGroup", true}, {"GET", "/Groups", "ListGroups", false}, {"GET", "/Groups/x", "GetGroup", false},
		{"PATCH", "/Groups/x", "PatchGroup", true}, {"DELETE", "/Groups/x", "DeleteGroup", true}, {"PUT", "/Groups/x", "", true},
		{"GET", "/ServiceProviderConfig", "GetServiceProviderConfig", false}, {"GET", "/ResourceTypes", "ListResourceTypes", false},
		{"GET", "/Schemas", "ListSchemas", false}, {"GET", "/Schemas/x", "GetSchema", false},
	} {
		r := Request{Method: test.method, Path: test.path}
		if r.Operation() != test.want || r.Write() != test.write {
			t.Errorf("%s %s is %q, write %v", test.method, test.path, r.Operation(), r.Write())
		}
	}
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
			runs[i] = append(runs[i], Apply(w.dir, w.stamp(), r))
		}
	}
	if diff := cmp.Diff(runs[0], runs[1]); diff != "" {
		t.Errorf("a replay differs:\n%s", diff)
	}
}
