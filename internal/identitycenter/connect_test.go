package identitycenter_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/google/go-cmp/cmp"

	"github.com/rolecall-dev/rolecall/emulator"
	"github.com/rolecall-dev/rolecall/internal/diag"
	"github.com/rolecall-dev/rolecall/internal/identitycenter"
	"github.com/rolecall-dev/rolecall/internal/identitycenter/centertest"
)

func TestConnectFindsInstanceAndCaller(t *testing.T) {
	w := centertest.NewWorld("platform", 1)
	w.Group("Admins", 0)
	w.Assign("Admins", emulator.EstateAssignment{Group: "Admins"}, "management")
	w.Estate.Callers = append(w.Estate.Callers, emulator.EstateCaller{AccessKey: "AKIDSSO", PermissionSet: "Admins", Session: "jane@company.com"})
	e := centertest.Start(t, emulator.Options{Estate: w.Estate})
	c := centertest.Client(t, e, "AKIDSSO")
	got := c.Caller()
	if got.PermissionSet != "Admins" || got.UserName != "jane@company.com" || got.Role != identitycenter.ManagementAccount ||
		got.Account != "100000000000" || got.ManagementAccount != "100000000000" || got.Partition() != "aws" {
		t.Errorf("caller %+v", got)
	}
	i := e.State().Instances[0]
	want := identitycenter.Instance{ARN: i.ARN, IdentityStoreID: i.IdentityStoreID, OwnerAccount: "100000000000", Region: centertest.Region}
	if diff := cmp.Diff(want, c.Instance()); diff != "" {
		t.Errorf("instance (-want +got):\n%s", diff)
	}
	if place := centertest.Client(t, e, centertest.DelegatedKey).Caller().Role; place != identitycenter.DelegatedAdministrator {
		t.Errorf("security account is %q, want the delegated administrator", place)
	}
}

func TestAccountInstancesAreSkipped(t *testing.T) {
	w := centertest.NewWorld("platform", 1)
	w.Estate.Instances = []emulator.EstateInstance{{Owner: "security"}, {}}
	e := centertest.Start(t, emulator.Options{Estate: w.Estate})
	c := centertest.Client(t, e, centertest.DelegatedKey)
	if c.Instance().OwnerAccount != "100000000000" || len(c.Notes()) != 1 || c.Notes()[0].Code != identitycenter.CodeAccountInstance {
		t.Errorf("instance %+v, notes %v, want the organization's and a note about the other", c.Instance(), c.Notes())
	}
}

// foreign answers everything as a proxy would.
type foreign struct {
	status      int
	contentType string
	body        string
}

func (f foreign) RoundTrip(r *http.Request) (*http.Response, error) {
	return &http.Response{
		StatusCode: f.status, Status: http.StatusText(f.status), Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Request: r,
		Header: http.Header{"Content-Type": {f.contentType}}, Body: io.NopCloser(strings.NewReader(f.body)),
	}, nil
}

// Whatever goes wrong at the start is explained, and says what to do.
func TestConnectErrors(t *testing.T) {
	centertest.CleanEnvironment(t)
	inst := func(n int) emulator.Options {
		w := centertest.NewWorld("platform", 1)
		w.Estate.Instances = make([]emulator.EstateInstance, n)
		w.Estate.Callers = append(w.Estate.Callers, emulator.EstateCaller{AccessKey: "AKIDDENIED", Denied: []string{"sso:ListInstances"}})
		return emulator.Options{Estate: w.Estate}
	}
	one := centertest.Start(t, inst(1)).Transport()
	for _, c := range []struct {
		name        string
		options     identitycenter.Options
		code        diag.Code
		contains    string
		credentials bool
	}{
		{"no instance", centertest.OptionsFor(centertest.Start(t, inst(0)).Transport(), "AKID"), identitycenter.CodeNoInstance, centertest.Region, false},
		{"another region", withRegion(centertest.OptionsFor(one, "AKID"), "eu-west-1"), identitycenter.CodeNoInstance, "eu-west-1", false},
		{"unknown instance", withInstance(centertest.OptionsFor(one, "AKID"), "arn:aws:sso:::instance/ssoins-0000000000000000"), identitycenter.CodeNoInstance, "ssoins-0000000000000000", false},
		{"several instances", centertest.OptionsFor(centertest.Start(t, inst(2)).Transport(), "AKID"), identitycenter.CodeSeveralInstances, "--instance-arn", false},
		{"a Region with a blank", withRegion(centertest.OptionsFor(one, "AKID"), "us-east-1 "), identitycenter.CodeBadRegion, `Write "us-east-1"`, false},
		{"a Region with a line end", withRegion(centertest.OptionsFor(one, "AKID"), "us-east-1\r"), identitycenter.CodeBadRegion, `Write "us-east-1"`, false},
		{"a Region with a mark", withRegion(centertest.OptionsFor(one, "AKID"), "\ufeffus-east-1"), identitycenter.CodeBadRegion, `Write "us-east-1"`, false},
		{"a Region in quotes", withRegion(centertest.OptionsFor(one, "AKID"), `"US-East-1"`), identitycenter.CodeBadRegion, `Write "us-east-1"`, false},
		{"no region", withRegion(centertest.OptionsFor(one, "AKID"), ""), identitycenter.CodeNoRegion, "AWS_REGION", false},
		{"denied", centertest.OptionsFor(one, "AKIDDENIED"), identitycenter.CodeAccessDenied, "sso:ListInstances", false},
		{"expired", centertest.OptionsFor(centertest.Start(t, emulator.Options{}).Transport(), emulator.ExpiredKey), identitycenter.CodeCredentialsExpired, "aws sso login", true},
		{"unknown key", centertest.OptionsFor(centertest.Start(t, emulator.Options{}).Transport(), emulator.InvalidKey), identitycenter.CodeCredentialsRefused, "access key", true},
		{"no credentials", identitycenter.Options{Region: centertest.Region, HTTPClient: &http.Client{Transport: one}, Quota: centertest.NoLimits()}, identitycenter.CodeNoCredentials, "AWS_PROFILE", true},
		{"unknown profile", identitycenter.Options{Region: centertest.Region, Profile: "nobody", Quota: centertest.NoLimits()}, identitycenter.CodeConfig, "nobody", false},
		{"proxy's page", centertest.OptionsFor(foreign{200, "text/html", "<html>Please sign in</html>"}, "AKID"), identitycenter.CodeForeignAnswer, "Please sign in", false},
		{"proxy refuses", centertest.OptionsFor(foreign{403, "text/html; charset=utf-8", "<html>Blocked</html>"}, "AKID"), identitycenter.CodeForeignAnswer, "Blocked", false},
		{"broken answer", centertest.OptionsFor(foreign{200, "text/xml", "<GetCallerIdentityRes"}, "AKID"), identitycenter.CodeForeignAnswer, "cannot be read", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := identitycenter.Connect(t.Context(), c.options)
			centertest.CheckFinding(t, err, c.code, c.contains)
			if got := identitycenter.CredentialError(err); got != c.credentials {
				t.Errorf("an error of the credentials: %t, want %t", got, c.credentials)
			}
		})
	}
}

func withRegion(o identitycenter.Options, region string) identitycenter.Options {
	o.Region = region
	return o
}
func withInstance(o identitycenter.Options, arn string) identitycenter.Options {
	o.InstanceARN = arn
	return o
}

// Nothing listens where AWS_ENDPOINT_URL points: said at once, without retries.
func TestNothingAnswers(t *testing.T) {
	centertest.CleanEnvironment(t)
	server := httptest.NewServer(nil)
	url := server.URL
	server.Close()
	t.Setenv("AWS_ENDPOINT_URL", url)
	o := centertest.OptionsFor(nil, "AKID")
	o.HTTPClient = nil
	c := o.Quota
	_, err := identitycenter.Connect(t.Context(), o)
	centertest.CheckFinding(t, err, identitycenter.CodeUnreachable, url)
	if n := c.Calls(""); n != 1 {
		t.Errorf("%d calls, want 1", n)
	}
}

// The whole way over a real port, as AWS_ENDPOINT_URL gives it.
func TestEndpointURL(t *testing.T) {
	centertest.CleanEnvironment(t)
	e := centertest.Start(t, emulator.Options{})
	server := httptest.NewServer(e)
	defer server.Close()
	t.Setenv("AWS_ENDPOINT_URL", server.URL)
	t.Setenv("AWS_REGION", centertest.Region)
	t.Setenv("AWS_ACCESS_KEY_ID", emulator.ManagementKey)
	t.Setenv("AWS_SECRET_ACCESS_KEY", "secret")
	c, err := identitycenter.Connect(t.Context(), identitycenter.Options{Quota: centertest.NoLimits()})
	if err != nil {
		t.Fatal(err)
	}
	accounts, _, err := c.ListAccounts().All(t.Context())
	groups, _, err2 := c.ListGroups().All(t.Context())
	if err != nil || err2 != nil || len(accounts) != 6 || len(groups) != 3 {
		t.Errorf("%d accounts, %d groups, %v, %v, want the 6 and 3 of the default estate", len(accounts), len(groups), err, err2)
	}
}

// The end of temporary credentials can be announced before anything is written.
func TestCredentialsExpire(t *testing.T) {
	end := time.Now().Add(40 * time.Minute)
	e := centertest.Start(t, emulator.Options{})
	o := centertest.OptionsFor(e.Transport(), "")
	o.Credentials = aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
		return aws.Credentials{AccessKeyID: emulator.ManagementKey, SecretAccessKey: "secret", CanExpire: true, Expires: end}, nil
	})
	c, err := identitycenter.Connect(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	if got, ok, err := c.CredentialsExpire(t.Context()); err != nil || !ok || !got.Equal(end) {
		t.Errorf("%v, %t, %v, want %v", got, ok, err, end)
	}
	if _, ok, err := centertest.Client(t, e, emulator.ManagementKey).CredentialsExpire(t.Context()); err != nil || ok {
		t.Errorf("credentials for ever: they end: %t, %v", ok, err)
	}
}
