package emulator_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rolecall-dev/rolecall/emulator"
)

// attempt sends a request to a server and returns the answer.
func attempt(t *testing.T, server *httptest.Server, method, path, body string, headers map[string]string) (*http.Response, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, server.URL+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range headers {
		r.Header.Set(name, value)
		if name == "Host" {
			r.Host = value
		}
	}
	answer, err := server.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer, string(text)
}

// TestPagesAreKeptOut tries what a web page in the browser of a developer can
// send, at every kind of route.
func TestPagesAreKeptOut(t *testing.T) {
	c := start(t, emulator.Options{})
	server := httptest.NewServer(c)
	defer server.Close()
	port := server.URL[strings.LastIndex(server.URL, ":"):]
	want, calls := c.State(), c.Stats().Total
	scim := c.SCIM()
	aws := map[string]string{"Authorization": signature(emulator.ManagementKey, "sso"), "Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": "SWBExternalService.CreatePermissionSet"}
	routes := []struct {
		method, path, body string
		headers            map[string]string
	}{
		{"GET", "/_emulator/health", "", nil},
		{"GET", "/_emulator/state", "", nil},
		{"GET", "/_emulator/scim", "", nil},
		{"GET", "/_emulator/nothing", "", nil},
		{"POST", "/_emulator/reset", "", nil},
		{"POST", "/_emulator/faults", `{"kind": "die"}`, nil},
		{"DELETE", "/_emulator/faults", "", nil},
		{"POST", "/_emulator/estate", `{"account": {"account": "staging", "state": "SUSPENDED"}}`, nil},
		{"OPTIONS", "/_emulator/reset", "", map[string]string{"Access-Control-Request-Method": "POST", "Access-Control-Request-Private-Network": "true"}},
		{"OPTIONS", "/", "", map[string]string{"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "x-amz-target"}},
		{"POST", "/", `{"InstanceArn":"` + c.State().Instances[0].ARN + `","Name":"Evil"}`, aws},
		{"POST", "/", "Action=GetCallerIdentity&Version=2011-06-15", map[string]string{"Content-Type": "application/x-www-form-urlencoded"}},
		{"GET", "/", "", nil},
		{"GET", scim.Path + "Users", "", map[string]string{"Authorization": "Bearer " + scim.Token}},
		{"POST", scim.Path + "Users", `{"userName":"evil","displayName":"E","name":{"givenName":"E","familyName":"V"}}`, map[string]string{"Authorization": "Bearer " + scim.Token}},
		{"GET", "/unknown/scim/v2/Users", "", nil},
	}
	attacks := []map[string]string{
		{"Origin": "https://evil.example"},
		{"Origin": "null"},
		{"Origin": "http://localhost:3000", "Sec-Fetch-Site": "same-site"},
		{"Origin": "http://evil.example" + port, "Host": "evil.example" + port, "Sec-Fetch-Site": "same-origin"},
		{"Host": "evil.example" + port},
		{"Host": "evil.example"},
		{"Host": "127.0.0.1.nip.example" + port},
		{"Host": "localhost:1"},
		{"Sec-Fetch-Site": "cross-site"},
		{"Sec-Fetch-Site": "same-site"},
		{"Referer": "https://evil.example/page.html"},
	}
	for _, route := range routes {
		for _, attack := range attacks {
			headers := map[string]string{"User-Agent": "Mozilla/5.0"}
			for _, set := range []map[string]string{route.headers, attack} {
				for name, value := range set {
					headers[name] = value
				}
			}
			answer, text := attempt(t, server, route.method, route.path, route.body, headers)
			if answer.StatusCode != http.StatusForbidden || !strings.Contains(text, "emulator") {
				t.Errorf("%s %s with %v: %d %s", route.method, route.path, attack, answer.StatusCode, text)
			}
			for name := range answer.Header {
				if strings.HasPrefix(name, "Access-Control-") {
					t.Errorf("%s %s with %v: the answer has %s", route.method, route.path, attack, name)
				}
			}
		}
	}
	if diff := cmp.Diff(want, c.State()); diff != "" {
		t.Errorf("a page changed the state (-before +after):\n%s", diff)
	}
	if len(c.Faults()) > 0 || c.Stats().Total != calls {
		t.Errorf("a page set faults %v, or made %d calls", c.Faults(), c.Stats().Total-calls)
	}
}

// TestFormsOfPages are refused where an old browser does not say where they come
// from; the same from a program is not.
func TestFormsOfPages(t *testing.T) {
	c := start(t, emulator.Options{})
	server := httptest.NewServer(c)
	defer server.Close()
	for kind, agents := range map[string]map[string]int{
		"":                                  {"Mozilla/5.0 (X11)": 403, "curl/8.5.0": 200},
		"text/plain":                        {"Mozilla/5.0 (X11)": 403, "curl/8.5.0": 200},
		"application/x-www-form-urlencoded": {"Mozilla/5.0 (X11)": 403, "curl/8.5.0": 200},
		"application/json":                  {"Mozilla/5.0 (X11)": 200, "curl/8.5.0": 200},
	} {
		for agent, want := range agents {
			headers := map[string]string{"User-Agent": agent}
			if kind != "" {
				headers["Content-Type"] = kind
			}
			if answer, text := attempt(t, server, "POST", "/_emulator/estate", `{"account": {"account": "staging", "state": "SUSPENDED"}}`, headers); answer.StatusCode != want {
				t.Errorf("%q of %q: %d %s, want %d", kind, agent, answer.StatusCode, text, want)
			}
		}
	}
}

// TestProgramsAreServed reaches the server under each name that programs use.
func TestProgramsAreServed(t *testing.T) {
	c := start(t, emulator.Options{AllowHosts: []string{"emulator", "proxy.example:8080"}})
	server := httptest.NewServer(c)
	defer server.Close()
	port := server.URL[strings.LastIndex(server.URL, ":"):]
	for _, host := range []string{"127.0.0.1" + port, "localhost" + port, "[::1]" + port, "emulator" + port, "emulator:80", "proxy.example:8080"} {
		headers := map[string]string{"Host": host, "Authorization": signature(emulator.ManagementKey, "sso"), "X-Amz-Target": "SWBExternalService.ListInstances"}
		if answer, text := attempt(t, server, "POST", "/", "{}", headers); answer.StatusCode != http.StatusOK {
			t.Errorf("host %q: %d %s", host, answer.StatusCode, text)
		}
	}
}

// TestCurlAsDocumented sends what the docs say, word for word.
func TestCurlAsDocumented(t *testing.T) {
	curl := wanted(t, "curl")
	c := start(t, emulator.Options{})
	server := httptest.NewServer(c)
	defer server.Close()
	command := curl + ` -s -X POST $AWS_ENDPOINT_URL/_emulator/estate -d '{"account": {"account": "staging", "state": "SUSPENDED"}}'`
	cmd := exec.CommandContext(t.Context(), "sh", "-c", command)
	cmd.Env = []string{"AWS_ENDPOINT_URL=" + server.URL}
	if out, err := cmd.CombinedOutput(); err != nil || !strings.Contains(string(out), `"ok"`) {
		t.Errorf("%v: %s", err, out)
	}
}
