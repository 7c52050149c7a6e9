package scim_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/rolecall-dev/rolecall/emulator"
	"github.com/rolecall-dev/rolecall/internal/probe/scim"
	"github.com/rolecall-dev/rolecall/internal/trust"
)

func emulated(t *testing.T, faults ...emulator.Fault) (*emulator.Emulator, *scim.Client) {
	t.Helper()
	e, err := emulator.New(emulator.Options{Faults: faults})
	if err != nil {
		t.Fatal(err)
	}
	c, err := scim.New(scim.Options{Endpoint: "https://scim.us-east-1.amazonaws.com" + pathOf(e), Token: scim.NewToken(e.SCIM().Token + "\n"), HTTPClient: e.Transport()})
	if err != nil {
		t.Fatal(err)
	}
	return e, c
}

func pathOf(e *emulator.Emulator) string { return e.SCIM().Path }

func TestProbes(t *testing.T) {
	_, c := emulated(t)
	ctx := context.Background()
	if a := c.Config(ctx); !a.OK() || a.Evidence.ID == "" {
		t.Errorf("the configuration: %+v", a)
	}
	users, a := c.Users(ctx, "jane.smith@company.com")
	if !a.OK() || len(users) != 1 || users[0].Name != "jane.smith@company.com" || users[0].ID == "" {
		t.Errorf("a user: %+v %+v", users, a)
	}
	groups, a := c.Groups(ctx, "AWS-Development-Team")
	if !a.OK() || len(groups) != 1 || groups[0].Name != "AWS-Development-Team" {
		t.Errorf("a group: %+v %+v", groups, a)
	}
	for _, name := range []string{"nobody", `a" or userName eq "jane.smith@company.com`, `back\slash"`} {
		if users, a := c.Users(ctx, name); !a.OK() || len(users) != 0 {
			t.Errorf("%q: %+v %+v", name, users, a)
		}
	}
}

func TestQuoteCannotBeLeft(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		q := scim.Quote(rapid.String().Draw(t, "name"))
		escaped := false
		for i, r := range q[1 : len(q)-1] {
			if r == '"' && !escaped {
				t.Fatalf("%s ends at %d", q, i)
			}
			escaped = r == '\\' && !escaped
		}
		if escaped {
			t.Fatalf("%s escapes its own end", q)
		}
	})
}

const secret = "planted-secret-token"

// answers serves one status for everything, and says the token back.
func answers(t *testing.T, status int, body string) *scim.Client {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet {
			t.Errorf("%s is no read", r.Method)
		}
		w.Header().Set("Location", "http://elsewhere.example/")
		w.WriteHeader(status)
		fmt.Fprint(w, body)
	}))
	t.Cleanup(s.Close)
	c, err := scim.New(scim.Options{Endpoint: s.URL, Token: scim.NewToken(secret), Machine: thisMachine()})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestFailures(t *testing.T) {
	echo := fmt.Sprintf(`{"detail": "no such token: %s"}`, secret)
	for _, tt := range []struct {
		status int
		body   string
		want   scim.Failure
	}{
		{401, echo, scim.Unauthorized}, {403, echo, scim.Forbidden}, {404, echo, scim.NotFound}, {429, echo, scim.Throttled},
		{500, echo, scim.ServerFault}, {503, "", scim.ServerFault}, {302, "", scim.Redirected}, {200, "<html>", scim.Unreadable}, {200, "{}", scim.Unreadable},
		{200, strings.Repeat(" ", 2<<20), scim.Unreadable},
	} {
		a := answers(t, tt.status, tt.body).Config(context.Background())
		if a.Failure != tt.want || a.Status != tt.status {
			t.Errorf("%d: %+v", tt.status, a)
		}
		if text := fmt.Sprintf("%+v", a); strings.Contains(text, secret) {
			t.Errorf("%d: the token is in %s", tt.status, text)
		}
	}
	for _, f := range []scim.Failure{scim.Unauthorized, scim.Forbidden, scim.NotFound, scim.Throttled, scim.ServerFault, scim.Refused, scim.Conflict, scim.Redirected, scim.Unreachable, scim.Unreadable} {
		if f.Cause() == "" || f.Fix() == "" {
			t.Errorf("%s is not explained", f)
		}
	}
}

type broken struct{}

func (broken) RoundTrip(r *http.Request) (*http.Response, error) {
	return nil, fmt.Errorf("lost %s: %w", r.Header.Get("Authorization"), io.ErrUnexpectedEOF)
}

func TestNoAnswerShowsNoToken(t *testing.T) {
	c, err := scim.New(scim.Options{Endpoint: "https://scim.eu-west-1.amazonaws.com/t/scim/v2", Token: scim.NewToken(secret), HTTPClient: broken{}})
	if err != nil {
		t.Fatal(err)
	}
	a := c.Config(context.Background())
	if a.Failure != scim.Unreachable || strings.Contains(fmt.Sprintf("%+v", a), secret) {
		t.Errorf("%+v", a)
	}
	if text := fmt.Sprintf("%v %+v %#v %s", scim.NewToken(secret), scim.NewToken(secret), scim.NewToken(secret), scim.Options{Token: scim.NewToken(secret)}.Token); strings.Contains(text, secret) {
		t.Errorf("the token prints as %s", text)
	}
}

// thisMachine is an environment that allows the loopback address.
func thisMachine() trust.Machine {
	return trust.Of(func(name string) string { return map[string]string{trust.HostsVariable: "127.0.0.1"}[name] })
}

func TestEndpointIsHTTPS(t *testing.T) {
	for _, bad := range []string{"", "http://scim.example.com/", "scim.example.com", "ftp://scim.example.com/", "https://",
		"https://scim.example.com/", "https://scim.eu-west-1.amazonaws.com@evil.example/", "http://127.0.0.1/", "https://scim.eu-west-1.amazonaws.com/?token=secret"} {
		if _, err := scim.New(scim.Options{Endpoint: bad}); err == nil {
			t.Errorf("%q is taken", bad)
		}
	}
}

func TestAge(t *testing.T) {
	now := time.Date(2026, 11, 23, 15, 4, 5, 0, time.UTC)
	for _, tt := range []struct {
		created              string
		left                 int
		due, urgent, expired bool
	}{
		{"2026-11-23", 365, false, false, false},
		{"2026-02-22", 91, false, false, false},
		{"2026-02-21", 90, true, false, false},
		{"2025-11-30", 7, true, true, false},
		{"2025-11-24", 1, true, true, false},
		{"2025-11-23", 0, true, true, true},
		{"2025-01-01", -326, true, true, true},
	} {
		created, err := time.Parse(time.DateOnly, tt.created)
		if err != nil {
			t.Fatal(err)
		}
		a := scim.AgeOf(created, now)
		if a.DaysLeft != tt.left || a.Due() != tt.due || a.Urgent() != tt.urgent || a.Expired() != tt.expired {
			t.Errorf("%s: %+v due %v urgent %v expired %v", tt.created, a, a.Due(), a.Urgent(), a.Expired())
		}
	}
}
