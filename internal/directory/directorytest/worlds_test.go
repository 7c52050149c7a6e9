package directorytest

import (
	"cmp"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rolecall-dev/rolecall/emulator/idp"
	"github.com/rolecall-dev/rolecall/internal/directory"
	"github.com/rolecall-dev/rolecall/internal/quota"
	"github.com/rolecall-dev/rolecall/internal/trust"
)

// recorded is a world in the shape that vendors publish: what is asked, and what
// is answered.
type recorded struct {
	Vendor, Organization, Application, Ask, Arg string
	Calls                                       []struct {
		Match  string
		Status int
		Header map[string]string
		Body   json.RawMessage
	}
	Fault, Right string

	asked []string // "METHOD host/path?decoded-query"
}

// outcome is what a connector made of a recorded world.
type outcome struct {
	answer any
	err    error
	asked  []string
}

// worldChecks are what is right in each world, by the name of its file.
func worldChecks() map[string]func(*testing.T, outcome) {
	all := oktaWorlds()
	maps.Copy(all, entraWorlds())
	maps.Copy(all, googleWorlds())
	return all
}

// TestRecordedWorlds asks each connector in the worlds of testdata/vendors.
func TestRecordedWorlds(t *testing.T) {
	files, err := filepath.Glob("../../../testdata/vendors/*.json")
	if err != nil || len(files) < 27 {
		t.Fatalf("%d worlds, %v", len(files), err)
	}
	checks := worldChecks()
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".json")
		if strings.HasPrefix(name, "scim-") { // internal/probe/scim has it
			continue
		}
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				content, err := os.ReadFile(file)
				must(t, err)
				var w recorded
				must(t, json.Unmarshal(content, &w))
				time.Sleep(time.Until(time.Date(2026, 11, 25, 10, 0, 0, 0, time.UTC)))
				check := checks[name]
				if check == nil {
					t.Fatalf("nothing says what is right: %s", w.Right)
				}
				check(t, w.run(t, &w))
			})
		})
	}
}

// run opens the vendor's connector on the world and asks through a transport.
func (w *recorded) run(t *testing.T, through http.RoundTripper) outcome {
	t.Helper()
	s := directory.Settings{Organization: w.Organization, Application: w.Application, ClientID: "reader", Subject: "admin@company.com"}
	secrets := map[string]string{"TOKEN": "planted-token", "SECRET": "planted-secret"}
	s.Getenv = func(name string) string { return secrets[name] }
	open := openGoogle
	switch w.Vendor {
	case "okta":
		open, s.TokenEnv = openOkta, "TOKEN"
		s.Machine = trust.Of(func(name string) string { return map[string]string{trust.HostsVariable: w.Organization}[name] })
	case "entra":
		open, s.ClientSecretEnv = openEntra, "SECRET"
	default:
		key, err := json.Marshal(map[string]string{"type": "service_account", "client_email": "reader@project.iam.gserviceaccount.com", "private_key_id": "1", "private_key": pemKey(RSAKey())})
		must(t, err)
		secrets["KEY"], s.CredentialsEnv = string(key), "KEY"
	}
	d, err := open(s, &http.Client{Transport: through}, quota.New(map[string]quota.Limit{w.Vendor: {TPS: 1000}}))
	must(t, err)
	answer, err := w.ask(t, d)
	return outcome{answer, err, w.asked}
}

// ask puts the world's question.
func (w *recorded) ask(t *testing.T, d directory.Directory) (any, error) {
	t.Helper()
	ctx, since := t.Context(), time.Now().AddDate(0, 0, -7)
	switch w.Ask {
	case "FindPerson":
		return d.(directory.People).FindPerson(ctx, w.Arg)
	case "FindGroups":
		return d.(directory.Groups).FindGroups(ctx, w.Arg)
	case "GroupsOf":
		return d.(directory.Groups).GroupsOf(ctx, w.Arg)
	case "MembersOf":
		return d.(directory.Groups).MembersOf(ctx, w.Arg)
	case "PersonAssignment":
		return d.(directory.Assignments).PersonAssignment(ctx, w.Arg)
	case "Provisioning":
		return d.(directory.Provisioner).Provisioning(ctx)
	case "Events":
		return d.(directory.Eventer).ProvisioningEvents(ctx, since, w.Arg)
	case "SignIns":
		return d.(directory.SignIner).SignInFailures(ctx, since, w.Arg)
	case "SAML":
		return d.(directory.SAMLer).SAML(ctx)
	}
	t.Fatalf("nobody can ask %q", w.Ask)
	return nil, nil
}

// RoundTrip answers as the world says, gives a token where nothing is said of
// it, and answers 404 in the vendor's form to all else.
func (w *recorded) RoundTrip(r *http.Request) (*http.Response, error) {
	query, err := url.QueryUnescape(r.URL.RawQuery)
	if err != nil {
		return nil, err
	}
	call := r.Method + " " + r.URL.Host + r.URL.Path + "?" + query
	w.asked = append(w.asked, call)
	status, body, header := http.StatusNotFound, missingBody(w.Vendor), http.Header{}
	if r.Method == http.MethodPost {
		status, body = http.StatusOK, `{"access_token":"planted-access-token","token_type":"Bearer","expires_in":3600}`
	}
	for _, c := range w.Calls {
		if !fits(call, c.Match) {
			continue
		}
		status, body = c.Status, string(c.Body)
		for name, value := range c.Header {
			header.Set(name, value)
		}
		break
	}
	header.Set("X-Okta-Request-Id", "req-1")
	header.Set("request-id", "req-1")
	return &http.Response{StatusCode: cmp.Or(status, http.StatusOK), Header: header, Body: io.NopCloser(strings.NewReader(body)), Request: r}, nil
}

func fits(call, match string) bool {
	for _, part := range strings.Split(match, " & ") {
		if !strings.Contains(call, part) {
			return false
		}
	}
	return true
}

func missingBody(vendor string) string {
	return map[string]string{
		string(idp.Okta):   `{"errorCode":"E0000007","errorSummary":"Not found: Resource not found","errorLink":"E0000007","errorId":"x","errorCauses":[]}`,
		string(idp.Entra):  `{"error":{"code":"Request_ResourceNotFound","message":"Resource does not exist."}}`,
		string(idp.Google): `{"error":{"code":404,"message":"Resource Not Found","errors":[{"domain":"global","reason":"notFound","message":"Resource Not Found"}]}}`,
	}[vendor]
}
