package scim_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/rolecall-dev/rolecall/internal/probe/scim"
)

// canned answers everything alike.
type canned struct {
	status   int
	location string
	id       string // x-amzn-RequestId
	body     string
	asked    []string
}

func (c *canned) RoundTrip(r *http.Request) (*http.Response, error) {
	c.asked = append(c.asked, r.Method+" "+r.URL.Host)
	h := http.Header{}
	if c.location != "" {
		h.Set("Location", c.location)
	}
	if c.id != "" {
		h.Set("x-amzn-RequestId", c.id)
	}
	return &http.Response{StatusCode: cmp.Or(c.status, 200), Header: h, Body: io.NopCloser(strings.NewReader(c.body)), Request: r}, nil
}

func (c *canned) client(t *testing.T) *scim.Client {
	t.Helper()
	client, err := scim.New(scim.Options{Endpoint: "https://scim.us-east-1.amazonaws.com/t/scim/v2", Token: scim.NewToken(secret), HTTPClient: c})
	if err != nil {
		t.Fatal(err)
	}
	return client
}

// TestRecordedRefusal is an answer that AWS's endpoint gave.
func TestRecordedRefusal(t *testing.T) {
	text, err := os.ReadFile("../../../testdata/vendors/scim-01-validation.json")
	if err != nil {
		t.Fatal(err)
	}
	var world struct {
		Request string
		Status  int
		Body    json.RawMessage
	}
	if err := json.Unmarshal(text, &world); err != nil {
		t.Fatal(err)
	}
	c := &canned{status: world.Status, body: string(world.Body)}
	found, a := c.client(t).Users(t.Context(), "a@b")
	if a.Evidence.What != world.Request {
		t.Errorf("asked %s, want %s", a.Evidence.What, world.Request)
	}
	if len(found) > 0 || a.OK() || a.Failure != scim.Refused || a.Failure.Certain() || a.Status != 400 || a.Evidence.ID != "1f0de3fa-0000-4000-8000-000000000000" || a.Evidence.Saw != "400 Bad Request: Filter is not supported" {
		t.Errorf("%+v", a)
	}
	c.id = "of-the-header"
	if _, a = c.client(t).Users(t.Context(), "a@b"); a.Evidence.ID != c.id {
		t.Errorf("the header's id comes first: %+v", a)
	}
}

func TestRefusals(t *testing.T) {
	const page, body = "<html>Sign in</html>", `{"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],"detail":"why","exceptionRequestId":"x1"}`
	for _, tt := range []struct {
		canned
		want    scim.Failure
		certain bool
	}{
		{canned{status: 400, body: body}, scim.Refused, false},
		{canned{status: 400, id: "r"}, scim.Refused, false},
		{canned{status: 400, body: page}, scim.Unreadable, false},
		{canned{status: 400}, scim.Unreadable, false},
		{canned{status: 409, body: body}, scim.Conflict, false},
		{canned{status: 409, body: page}, scim.Unreadable, false},
		{canned{status: 405, body: body}, scim.Refused, false},
		{canned{status: 418, body: page}, scim.Unreadable, false},
		{canned{status: 401, body: body}, scim.Unauthorized, true},
		{canned{status: 401}, scim.Unauthorized, true},
		{canned{status: 401, body: `{"message":"Unauthorized"}`}, scim.Unauthorized, true},
		{canned{status: 401, id: "r", body: page}, scim.Unauthorized, true},
		{canned{status: 401, body: page}, scim.Unreadable, false}, // a proxy's
		{canned{status: 403, body: body}, scim.Forbidden, true},
		{canned{status: 403, body: page}, scim.Unreadable, false},
		{canned{status: 404, body: body}, scim.NotFound, true},
		{canned{status: 404, body: page}, scim.Unreadable, false},
		{canned{status: 407, body: page}, scim.Unreadable, false},
		{canned{status: 429, body: body}, scim.Throttled, false},
		{canned{status: 502, body: page}, scim.ServerFault, false},
		{canned{status: 304}, scim.Unreadable, false},
		{canned{status: 302}, scim.Unreadable, false},
		{canned{status: 204}, scim.Unreadable, false},
	} {
		a := tt.client(t).Config(t.Context())
		if a.Failure != tt.want || a.Failure.Certain() != tt.certain || a.Status != tt.status || !strings.HasPrefix(a.Evidence.Saw, fmt.Sprint(tt.status, " ")) && tt.status != 200 {
			t.Errorf("%d %q %q: %+v, want %s", tt.status, tt.id, tt.body, a, tt.want)
		}
		if tt.body == body && a.Evidence.ID != "x1" {
			t.Errorf("%d: the id is %q", tt.status, a.Evidence.ID)
		}
	}
}

func TestRedirects(t *testing.T) {
	for location, says := range map[string]string{
		"https://login.corp.example/portal?token=" + secret: `a redirect to "login.corp.example", which is not a SCIM host of AWS`,
		"//login.corp.example/":                             `a redirect to "login.corp.example", which is not a SCIM host of AWS`,
		"https://scim.eu-west-1.amazonaws.com/t/scim/v2/":   `a redirect to another SCIM host of AWS, "scim.eu-west-1.amazonaws.com"`,
		"https://bucket.s3.amazonaws.com/":                  `which is not a SCIM host of AWS`,
		"/elsewhere":                                        "a redirect within the same host",
		"http://scim.us-east-1.amazonaws.com/t":             "a redirect within the same host",
	} {
		for _, status := range []int{301, 302, 303, 307, 308} {
			c := &canned{status: status, location: location}
			a := c.client(t).Config(t.Context())
			if a.Failure != scim.Redirected || a.Failure.Certain() || !strings.Contains(a.Evidence.Saw, says) || strings.Contains(a.Evidence.Saw, secret) {
				t.Errorf("%d to %s: %+v", status, location, a)
			}
			if len(c.asked) != 1 {
				t.Errorf("%s was followed: %q", location, c.asked)
			}
		}
	}
}

// What somebody else writes stays short, and on one line.
func TestLongDetail(t *testing.T) {
	detail, err := json.Marshal(strings.Repeat("long\n"+secret+" ", 10_000))
	if err != nil {
		t.Fatal(err)
	}
	a := (&canned{status: 400, body: `{"detail":` + string(detail) + `,"exceptionRequestId":` + string(detail) + `}`}).client(t).Config(t.Context())
	if a.Failure != scim.Refused || len(a.Evidence.Saw) > 600 || len(a.Evidence.ID) > 600 || strings.Contains(a.Evidence.Saw+a.Evidence.ID, secret) || strings.Contains(a.Evidence.Saw, "\n") {
		t.Errorf("%d and %d bytes", len(a.Evidence.Saw), len(a.Evidence.ID))
	}
}
