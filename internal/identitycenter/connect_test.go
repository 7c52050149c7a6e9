package identitycenter

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
)

func TestConnectFindsInstanceAndCaller(t *testing.T) {
	w := newWorld("platform", 1)
	w.group("Admins", 0)
	w.assign("Admins", emulator.EstateAssignment{Group: "Admins"}, "management")
	w.estate.Callers = append(w.estate.Callers, emulator.EstateCaller{AccessKey: "AKIDSSO", PermissionSet: "Admins", Session: "jane@company.com"})
	e := start(t, emulator.Options{Estate: w.estate})
	c := connect(t, e, "AKIDSSO")
	got := c.Caller()
	if got.PermissionSet != "Admins" || got.UserName != "jane@company.com" || got.Place != ManagementAccount ||
		got.Account != "100000000000" || got.ManagementAccount != "100000000000" || got.Partition() != "aws" {
		t.Errorf("caller %+v", got)
	}
	i := e.State().Instances[0]
	want := Instance{ARN: i.ARN, IdentityStoreID: i.IdentityStoreID, OwnerAccount: "100000000000", Region: region}
	if diff := cmp.Diff(want, c.Instance()); diff != "" {
		t.Errorf("instance (-want +got):\n%s", diff)
	}
	if place := connect(t, e, delegatedKey).Caller().Place; place != DelegatedAdministrator {
		t.Errorf("security account is %q, want the delegated administrator", place)
	}
}

func TestParseCaller(t *testing.T) {
	for arn, want := range map[string][2]string{
		"arn:aws:sts::111122223333:assumed-role/AWSReservedSSO_Power_User_0123456789abcdef/jane@company.com": {"Power_User", "jane@company.com"},
		"arn:aws-cn:sts::111122223333:assumed-role/AWSReservedSSO_a_0123456789abcdef_0123456789abcdef/x":     {"a_0123456789abcdef", "x"},
		"arn:aws:sts::111122223333:assumed-role/Admin/AWSReservedSSO_x":                                      {"", ""},
		"arn:aws:iam::111122223333:user/jane":                                                                {"", ""},
	} {
		c := parseCaller("111122223333", arn)
		if got := [2]string{c.PermissionSet, c.UserName}; got != want {
			t.Errorf("%s: %v, want %v", arn, got, want)
		}
	}
}

func TestAccountInstancesAreSkipped(t *testing.T) {
	w := newWorld("platform", 1)
	w.estate.Instances = []emulator.EstateInstance{{Owner: "security"}, {}}
	e := start(t, emulator.Options{Estate: w.estate})
	c := connect(t, e, delegatedKey)
	if c.Instance().OwnerAccount != "100000000000" || len(c.Notes()) != 1 || c.Notes()[0].Code != CodeAccountInstance {
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
	cleanEnvironment(t)
	inst := func(n int) emulator.Options {
		w := newWorld("platform", 1)
		w.estate.Instances = make([]emulator.EstateInstance, n)
		w.estate.Callers = append(w.estate.Callers, emulator.EstateCaller{AccessKey: "AKIDDENIED", Denied: []string{"sso:ListInstances"}})
		return emulator.Options{Estate: w.estate}
	}
	one := start(t, inst(1)).Transport()
	for _, c := range []struct {
		name        string
		options     Options
		code        diag.Code
		contains    string
		credentials bool
	}{
		{"no instance", optionsFor(start(t, inst(0)).Transport(), "AKID"), CodeNoInstance, region, false},
		{"another region", withRegion(optionsFor(one, "AKID"), "eu-west-1"), CodeNoInstance, "eu-west-1", false},
		{"unknown instance", withInstance(optionsFor(one, "AKID"), "arn:aws:sso:::instance/ssoins-0000000000000000"), CodeNoInstance, "ssoins-0000000000000000", false},
		{"several instances", optionsFor(start(t, inst(2)).Transport(), "AKID"), CodeSeveralInstances, "--instance-arn", false},
		{"a Region with a blank", withRegion(optionsFor(one, "AKID"), "us-east-1 "), CodeBadRegion, `Write "us-east-1"`, false},
		{"a Region with a line end", withRegion(optionsFor(one, "AKID"), "us-east-1\r"), CodeBadRegion, `Write "us-east-1"`, false},
		{"a Region with a mark", withRegion(optionsFor(one, "AKID"), "\ufeffus-east-1"), CodeBadRegion, `Write "us-east-1"`, false},
		{"a Region in quotes", withRegion(optionsFor(one, "AKID"), `"US-East-1"`), CodeBadRegion, `Write "us-east-1"`, false},
		{"no region", withRegion(optionsFor(one, "AKID"), ""), CodeNoRegion, "AWS_REGION", false},
		{"denied", optionsFor(one, "AKIDDENIED"), CodeAccessDenied, "sso:ListInstances", false},
		{"expired", optionsFor(start(t, emulator.Options{}).Transport(), emulator.ExpiredKey), CodeCredentialsExpired, "aws sso login", true},
		{"unknown key", optionsFor(start(t, emulator.Options{}).Transport(), emulator.InvalidKey), CodeCredentialsRefused, "access key", true},
		{"no credentials", Options{Region: region, HTTPClient: &http.Client{Transport: one}, Quota: noLimits()}, CodeNoCredentials, "AWS_PROFILE", true},
		{"unknown profile", Options{Region: region, Profile: "nobody", Quota: noLimits()}, CodeConfig, "nobody", false},
		{"proxy's page", optionsFor(foreign{200, "text/html", "<html>Please sign in</html>"}, "AKID"), CodeForeignAnswer, "Please sign in", false},
		{"proxy refuses", optionsFor(foreign{403, "text/html; charset=utf-8", "<html>Blocked</html>"}, "AKID"), CodeForeignAnswer, "Blocked", false},
		{"broken answer", optionsFor(foreign{200, "text/xml", "<GetCallerIdentityRes"}, "AKID"), CodeForeignAnswer, "cannot be read", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := Connect(t.Context(), c.options)
			checkFinding(t, err, c.code, c.contains)
			if got := CredentialError(err); got != c.credentials {
				t.Errorf("an error of the credentials: %t, want %t", got, c.credentials)
			}
		})
	}
}

func checkFinding(t *testing.T, err error, code diag.Code, contains string) {
	t.Helper()
	list := diag.FromError(err)
	if len(list) != 1 {
		t.Fatalf("err = %v, want one finding", err)
	}
	d := list[0]
	if d.Code != code || d.Hint == "" || d.Severity != diag.Error {
		t.Errorf("finding %+v, want the code %s and a hint", d, code)
	}
	if text := d.Summary + d.Detail + d.Hint; !strings.Contains(text, contains) {
		t.Errorf("%q is not said: %s", contains, text)
	}
}

func withRegion(o Options, region string) Options { o.Region = region; return o }
func withInstance(o Options, arn string) Options  { o.InstanceARN = arn; return o }

// Nothing listens where AWS_ENDPOINT_URL points: said at once, without retries.
func TestNothingAnswers(t *testing.T) {
	cleanEnvironment(t)
	server := httptest.NewServer(nil)
	url := server.URL
	server.Close()
	t.Setenv("AWS_ENDPOINT_URL", url)
	o := optionsFor(nil, "AKID")
	o.HTTPClient = nil
	c := o.Quota
	_, err := Connect(t.Context(), o)
	checkFinding(t, err, CodeUnreachable, url)
	if n := c.Calls(""); n != 1 {
		t.Errorf("%d calls, want 1", n)
	}
}

// The whole way over a real port, as AWS_ENDPOINT_URL gives it.
func TestEndpointURL(t *testing.T) {
	cleanEnvironment(t)
	e := start(t, emulator.Options{})
	server := httptest.NewServer(e)
	defer server.Close()
	t.Setenv("AWS_ENDPOINT_URL", server.URL)
	t.Setenv("AWS_REGION", region)
	t.Setenv("AWS_ACCESS_KEY_ID", emulator.ManagementKey)
	t.Setenv("AWS_SECRET_ACCESS_KEY", "secret")
	c, err := Connect(t.Context(), Options{Quota: noLimits()})
	if err != nil {
		t.Fatal(err)
	}
	s := read(t, c, ReadOptions{Owner: "platform"})
	if len(s.Accounts) != 6 || len(s.Groups) != 3 {
		t.Errorf("%d accounts, %d groups, want the 6 and 3 of the default estate", len(s.Accounts), len(s.Groups))
	}
}

// The end of temporary credentials can be announced before anything is written.
func TestCredentialsExpire(t *testing.T) {
	end := time.Now().Add(40 * time.Minute)
	e := start(t, emulator.Options{})
	o := optionsFor(e.Transport(), "")
	o.Credentials = aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
		return aws.Credentials{AccessKeyID: emulator.ManagementKey, SecretAccessKey: "secret", CanExpire: true, Expires: end}, nil
	})
	c, err := Connect(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	if got, ok, err := c.CredentialsExpire(t.Context()); err != nil || !ok || !got.Equal(end) {
		t.Errorf("%v, %t, %v, want %v", got, ok, err, end)
	}
	if _, ok, err := connect(t, e, emulator.ManagementKey).CredentialsExpire(t.Context()); err != nil || ok {
		t.Errorf("credentials for ever: they end: %t, %v", ok, err)
	}
}

// A read that is denied names the action that is missing.
func TestReadDenied(t *testing.T) {
	w := newWorld("platform", 1)
	w.group("Developers", 1)
	for _, action := range []string{"organizations:ListAccounts", "identitystore:ListGroups", "sso:ListPermissionSets", "sso:ListTagsForResource", "sso:GetInlinePolicyForPermissionSet"} {
		w.estate.Callers = append(w.estate.Callers, emulator.EstateCaller{AccessKey: "AKID" + action, Denied: []string{action}})
	}
	desired := w.b.State()
	e := start(t, emulator.Options{Estate: w.estate})
	for _, caller := range w.estate.Callers[1:] {
		_, _, err := connect(t, e, caller.AccessKey).Read(t.Context(), ReadOptions{Desired: desired, Owner: "platform"})
		checkFinding(t, err, CodeAccessDenied, caller.Denied[0])
	}
}
