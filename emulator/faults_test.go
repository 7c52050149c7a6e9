package emulator_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/ssoadmin"

	"github.com/rolecall-dev/rolecall/emulator"
)

// named creates a permission set without retries.
func (c *cloud) named(name string) error {
	_, err := c.sso.CreatePermissionSet(ctx(), &ssoadmin.CreatePermissionSetInput{InstanceArn: c.arn, Name: &name}, once)
	return err
}

func (c *cloud) names() string {
	var out []string
	for _, p := range c.State().Instances[0].PermissionSets {
		out = append(out, p.Name)
	}
	return strings.Join(out, " ")
}

func TestFaultsThatAnswer(t *testing.T) {
	for kind, want := range map[emulator.FaultKind]string{
		emulator.Throttle: "ThrottlingException", emulator.Internal: "InternalServerException",
		emulator.Unavailable: "ServiceUnavailableException", emulator.Conflict: "ConflictException",
	} {
		t.Run(string(kind), func(t *testing.T) {
			c := start(t, emulator.Options{Faults: []emulator.Fault{{Operation: "sso-admin.CreatePermissionSet", Kind: kind, Call: 2}}})
			for n, name := range []string{"One", "Two", "Three"} {
				got, expected := code(c.named(name)), ""
				if n == 1 {
					expected = want
				}
				if got != expected {
					t.Errorf("call %d = %q, want %q", n+1, got, expected)
				}
			}
			if got := c.names(); got != "One Three" {
				t.Errorf("sets = %s, want One Three: a refused call has no effect", got)
			}
		})
	}
}

func TestProxyInBetween(t *testing.T) {
	e, err := emulator.New(emulator.Options{Faults: []emulator.Fault{{Kind: emulator.Proxy, Times: 1}}})
	if err != nil {
		t.Fatal(err)
	}
	c := &cloud{Emulator: e}
	for _, want := range []string{"text/html", "application/x-amz-json-1.1"} {
		if answer, _ := c.send(t, map[string]string{"X-Amz-Target": "SWBExternalService.ListInstances"}, "{}"); answer.Header.Get("Content-Type") != want {
			t.Errorf("answer = %d %s, want %s", answer.StatusCode, answer.Header.Get("Content-Type"), want)
		}
	}
}

func TestLostCalls(t *testing.T) {
	tests := []struct {
		kind emulator.FaultKind
		sets string
	}{
		{emulator.LoseRequest, "One Three"},
		{emulator.LoseAnswer, "One Three Two"},
		{emulator.Truncate, "One Three Two"},
	}
	for _, tt := range tests {
		t.Run(string(tt.kind), func(t *testing.T) {
			c := start(t, emulator.Options{Faults: []emulator.Fault{{Operation: "sso-admin.CreatePermissionSet", Kind: tt.kind, Call: 2}}})
			for n, name := range []string{"One", "Two", "Three"} {
				if err := c.named(name); (err != nil) != (n == 1) {
					t.Errorf("call %d = %v", n+1, err)
				}
			}
			if got := c.names(); got != tt.sets {
				t.Errorf("sets = %s, want %s", got, tt.sets)
			}
		})
	}
}

func TestDieUntilReset(t *testing.T) {
	c := start(t, emulator.Options{})
	if err := c.SetFaults(emulator.Fault{Kind: emulator.Die, Call: 2}); err != nil {
		t.Fatal(err)
	}
	for n, name := range []string{"One", "Two", "Three", "Four"} {
		err := c.named(name)
		if dead := n >= 2; (err != nil) != dead || dead && !errors.Is(err, syscall.ECONNRESET) {
			t.Errorf("call %d = %v", n+1, err)
		}
	}
	c.ClearFaults()
	if err := c.named("Five"); err != nil {
		t.Error(err)
	}
	if got := c.names(); got != "Five One Two" {
		t.Errorf("sets = %s", got)
	}
}

// TestCutWithTheAnswerLost is a client that dies right after a call took effect.
func TestCutWithTheAnswerLost(t *testing.T) {
	c := start(t, emulator.Options{Faults: []emulator.Fault{{Operation: "sso-admin.Create*", Kind: emulator.LoseAnswer, Call: 1, ThenDie: true}}})
	if err := c.named("One"); err == nil {
		t.Error("the answer came")
	}
	if err := c.named("Two"); err == nil {
		t.Error("the client is not dead")
	}
	if got := c.names(); got != "One" {
		t.Errorf("sets = %s, want One", got)
	}
}

func TestFailedJob(t *testing.T) {
	c := start(t, emulator.Options{Faults: []emulator.Fault{{Operation: "sso-admin.CreateAccountAssignment", Kind: emulator.FailJob, Reason: "because", Times: 1}}})
	set, group := c.set(t, "Developers"), c.group(t, "AWS-Development-Team")
	first := must[*ssoadmin.CreateAccountAssignmentOutput](t)(c.assign(set, group, development))
	second := must[*ssoadmin.CreateAccountAssignmentOutput](t)(c.assign(set, group, development))
	if got := c.created(t, first); got.Status != "FAILED" || *got.FailureReason != "because" {
		t.Errorf("first = %+v", got)
	}
	if got := c.created(t, second); got.Status != "SUCCEEDED" {
		t.Errorf("second = %+v", got)
	}
}

func TestSlowAndHangingCallsInVirtualTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := start(t, emulator.Options{})
		if err := c.SetFaults(
			emulator.Fault{Kind: emulator.Slow, Delay: 5 * time.Second, Call: 1},
			emulator.Fault{Kind: emulator.Timeout, Delay: time.Minute, Call: 2},
		); err != nil {
			t.Fatal(err)
		}
		begin := time.Now()
		if err := c.named("One"); err != nil || time.Since(begin) != 5*time.Second {
			t.Errorf("slow call = %v after %v", err, time.Since(begin))
		}
		begin = time.Now()
		short, cancel := context.WithTimeout(ctx(), 10*time.Second)
		defer cancel()
		_, err := c.sso.ListInstances(short, nil, once)
		if !errors.Is(err, context.DeadlineExceeded) || time.Since(begin) != 10*time.Second {
			t.Errorf("hanging call = %v after %v", err, time.Since(begin))
		}
	})
}

func TestRateOfFaults(t *testing.T) {
	c := start(t, emulator.Options{Seed: 7, Faults: []emulator.Fault{{Kind: emulator.Throttle, Rate: 0.3, Operation: "sso-admin.ListPermissionSets"}}})
	hit := 0
	for range 1000 {
		if c.list() != nil {
			hit++
		}
	}
	if hit < 250 || hit > 350 {
		t.Errorf("%d of 1000 calls were throttled, want about 300", hit)
	}
}

// TestFaultsOnARealConnection breaks real connections.
func TestFaultsOnARealConnection(t *testing.T) {
	for _, kind := range []emulator.FaultKind{emulator.LoseAnswer, emulator.LoseRequest, emulator.Truncate} {
		t.Run(string(kind), func(t *testing.T) {
			e, err := emulator.New(emulator.Options{Faults: []emulator.Fault{{Operation: "sso-admin.ListInstances", Kind: kind, Call: 1}}})
			if err != nil {
				t.Fatal(err)
			}
			server := httptest.NewServer(e)
			defer server.Close()
			sso := ssoadmin.New(ssoadmin.Options{
				Region: "us-east-1", BaseEndpoint: &server.URL, Credentials: credentials.NewStaticCredentialsProvider("AKIA", "s", ""),
				HTTPClient: server.Client(),
			})
			if _, err := sso.ListInstances(ctx(), nil, once); err == nil {
				t.Error("the answer came whole")
			}
			if out, err := sso.ListInstances(ctx(), nil, once); err != nil || len(out.Instances) != 1 {
				t.Errorf("next call = %v, %v", out, err)
			}
		})
	}
}

func TestControlRoutes(t *testing.T) {
	c := start(t, emulator.Options{})
	if err := c.named("One"); err != nil {
		t.Fatal(err)
	}
	call := func(method, path, body string) (int, string) {
		r := httptest.NewRequest(method, "/_emulator/"+path, strings.NewReader(body))
		w := httptest.NewRecorder()
		c.ServeHTTP(w, r)
		text, err := io.ReadAll(w.Body)
		if err != nil {
			t.Fatal(err)
		}
		return w.Code, string(text)
	}
	tests := []struct {
		method, path, body string
		status             int
		want               string
	}{
		{"GET", "health", "", 200, `"ok"`},
		{"GET", "stats", "", 200, `"sso-admin.CreatePermissionSet": 1`},
		{"GET", "calls", "", 200, `"operation": "CreatePermissionSet"`},
		{"GET", "state", "", 200, `"name": "One"`},
		{"GET", "scim", "", 200, `/scim/v2/`},
		{"POST", "faults", `{"kind":"slow","delay":"1ms","call":1}`, 200, `"ok"`},
		{"GET", "faults", "", 200, `"delay": "1ms"`},
		{"POST", "faults", `{"kind":"sluggish"}`, 400, `sluggish`},
		{"DELETE", "faults", "", 200, `"ok"`},
		{"GET", "faults", "", 200, `[]`},
		{"POST", "estate", `[{"account":{"account":"staging","state":"SUSPENDED"}}]`, 200, `"ok"`},
		{"GET", "state", "", 200, `"state": "SUSPENDED"`},
		{"POST", "estate", `{"account":{"account":"nowhere"}}`, 400, `nowhere`},
		{"POST", "estate", `{"acount":{}}`, 400, `acount`},
		{"POST", "reset", "", 200, `"ok"`},
		{"GET", "nothing", "", 404, `no such control route`},
	}
	for _, tt := range tests {
		if status, text := call(tt.method, tt.path, tt.body); status != tt.status || !strings.Contains(text, tt.want) {
			t.Errorf("%s %s = %d %s, want %d and %s", tt.method, tt.path, status, text, tt.status, tt.want)
		}
	}
	if got := c.Stats(); got.Total != 0 || c.names() != "" {
		t.Errorf("after reset: %d calls, sets %q; want none", got.Total, c.names())
	}
}

func TestFaultSurvivesJSON(t *testing.T) {
	f := emulator.Fault{Operation: "scim.*", Kind: emulator.Slow, Rate: 0.5, Times: 3, ThenDie: true, Delay: time.Second, Reason: "r"}
	text, err := json.Marshal(f)
	if err != nil {
		t.Fatal(err)
	}
	var got emulator.Fault
	if err := json.Unmarshal(text, &got); err != nil || got != f {
		t.Errorf("fault = %+v, %v; want %+v", got, err, f)
	}
}

var _ http.Handler = (*emulator.Emulator)(nil)
