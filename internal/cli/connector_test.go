package cli

import (
	"bytes"
	"context"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/credentials"

	"github.com/rolecall-dev/rolecall/emulator"
	"github.com/rolecall-dev/rolecall/emulator/idp"
	"github.com/rolecall-dev/rolecall/emulator/idp/vendorapi"
	"github.com/rolecall-dev/rolecall/internal/directory/directorytest"
	"github.com/rolecall-dev/rolecall/internal/identitycenter"
)

// Secrets that must be in no output.
const (
	plantedKey    = "planted-secret-access-key"
	plantedToken  = "planted-api-token"
	plantedWrong  = "planted-wrong-token"
	plantedSecret = "planted-client-secret"
	oneTenant     = "11111111-2222-4333-8444-555555555555"
)

func onePEM(t *testing.T) string {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(directorytest.RSAKey())
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
}

// company is an AWS, and an identity provider that is reached by a connector.
type company struct {
	t    *testing.T
	aws  *emulator.Emulator
	idp  *idp.Directory
	api  *vendorapi.API
	dir  string
	env  map[string]string
	name string            // of the identity provider, as a config gives it
	way  http.RoundTripper // to the identity provider and SCIM; nil means that they answer
}

// RoundTrip sends what is for AWS's SCIM endpoint there, and all else to the
// identity provider.
func (c *company) RoundTrip(r *http.Request) (*http.Response, error) {
	if c.way != nil {
		return c.way.RoundTrip(r)
	}
	if strings.HasPrefix(r.URL.Host, "scim.") {
		return c.aws.Transport().RoundTrip(r)
	}
	return c.api.RoundTrip(r)
}

// newCompany connects by one of the ways of signing in.
func newCompany(t *testing.T, way string) *company {
	t.Helper()
	kinds := map[string]idp.Kind{"okta token": idp.Okta, "okta key": idp.Okta, "okta wrong token": idp.Okta, "entra": idp.Entra, "entra wrong secret": idp.Entra, "google": idp.Google}
	aws, err := emulator.New(emulator.Options{})
	if err != nil {
		t.Fatal(err)
	}
	c := &company{t: t, aws: aws, dir: t.TempDir(), env: map[string]string{"SCIM": aws.SCIM().Token, "TOKEN": plantedToken, "WRONG": plantedWrong, "SECRET": plantedSecret, "KEY": onePEM(t)}}
	endpoint := "https://scim.us-east-1.amazonaws.com" + aws.SCIM().Path
	c.idp, err = idp.New(idp.Options{Kind: kinds[way], Endpoint: endpoint, Token: aws.SCIM().Token, HTTPClient: &http.Client{Transport: aws.Transport()}, LinkGroups: true})
	if err != nil {
		t.Fatal(err)
	}
	account, err := json.Marshal(map[string]string{"type": "service_account", "client_email": "reader", "private_key_id": "1", "private_key": c.env["KEY"]})
	if err != nil {
		t.Fatal(err)
	}
	c.env["ACCOUNT"] = string(account)
	o := vendorapi.Options{Token: plantedToken, ClientID: "reader", ClientSecret: plantedSecret, ClientKey: directorytest.RSAKey().Public(), Subject: "admin@company.com", Tenant: oneTenant}
	c.api = vendorapi.New(c.idp, o)
	c.name = map[idp.Kind]string{idp.Okta: "Okta", idp.Entra: "Entra ID", idp.Google: "Google Workspace"}[kinds[way]]
	block := map[string]string{
		"okta token":         `connector "okta" { organization = "company.okta.com", token_env = "TOKEN" }`,
		"okta wrong token":   `connector "okta" { organization = "company.okta.com", token_env = "WRONG" }`,
		"okta key":           `connector "okta" { organization = "company.okta.com", client_id = "reader", key_id = "1", private_key_env = "KEY" }`,
		"entra":              `connector "entra" { organization = "` + oneTenant + `", client_id = "reader", client_secret_env = "SECRET" }`,
		"entra wrong secret": `connector "entra" { organization = "` + oneTenant + `", client_id = "reader", client_secret_env = "WRONG" }`,
		"google":             `connector "google" { subject = "admin@company.com", credentials_env = "ACCOUNT" }`,
	}[way]
	block = strings.NewReplacer("{ ", "{\n", ", ", "\n", " }", "\n}").Replace(block)
	c.write("rolecall.hcl", "owner = \"tests\"\n"+block+"\nscim {\nendpoint = \""+endpoint+"\"\ntoken_env = \"SCIM\"\ntoken_created = \""+time.Now().Format(time.DateOnly)+"\"\n}\n")
	c.write("terraform.tfvars", strings.Replace(lateGroup, "Okta", c.name, 1))
	return c
}

func (c *company) write(name, text string) {
	c.t.Helper()
	if err := os.WriteFile(filepath.Join(c.dir, name), []byte(text), 0o600); err != nil {
		c.t.Fatal(err)
	}
}

func (c *company) must(err error) {
	c.t.Helper()
	if err != nil {
		c.t.Fatal(err)
	}
}

// group makes a group at the identity provider.
func (c *company) group(name string) string {
	c.t.Helper()
	g, err := c.idp.CreateGroup(c.t.Context(), idp.Group{Name: name})
	c.must(err)
	return g.ID
}

// run runs a command, and gives all that it says.
func (c *company) run(args ...string) (ExitCode, string) {
	var out bytes.Buffer
	both := &lockedWriter{w: &out}
	code := run(c.t.Context(), args, System{Stdin: strings.NewReader(""), Stdout: both, Stderr: both, HTTP: c,
		Getenv: func(name string) string { return c.env[name] },
		AWS: func(o *identitycenter.Options) {
			o.Region, o.HTTPClient = "us-east-1", &http.Client{Transport: c.aws.Transport()}
			o.Credentials = credentials.NewStaticCredentialsProvider(emulator.ManagementKey, plantedKey, "")
		}})
	return code, out.String()
}

type lockedWriter struct {
	mu sync.Mutex
	w  *bytes.Buffer
}

func (l *lockedWriter) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.w.Write(p)
}

// With a connector, the identity provider says until when waiting makes sense,
// and what will not come at all.
func TestWaitByConnector(t *testing.T) {
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	for _, tt := range []struct {
		name, way   string
		act         func(*company)
		code        ExitCode
		least, most time.Duration
		says        []string
	}{
		{"comes with the next cycle", "entra", func(c *company) {
			id := c.group("AWS-Late")
			c.must(c.idp.SyncNow(c.t.Context()))
			c.must(c.idp.Assign(c.t.Context(), idp.GroupPrincipal, id))
		}, Done, time.Minute, 45 * time.Minute, []string{`not yet: group "AWS-Late"`, "Waiting makes sense until"}},
		{"paused", "entra", func(c *company) {
			c.must(c.idp.Assign(c.t.Context(), idp.GroupPrincipal, c.group("AWS-Late")))
			c.idp.Pause()
		}, WillNotCome, 0, time.Minute, []string{"Provisioning to AWS is paused"}},
		{"nowhere", "okta token", func(*company) {}, WillNotCome, 0, time.Minute, []string{`Neither Okta nor AWS has a group called "AWS-Late"`, "Okta, GET "}},
		{"not pushed", "okta key", func(c *company) { c.group("AWS-Late") }, WillNotCome, 0, time.Minute, []string{"is not among those that it brings to AWS", "push it"}},
		{"pushed and failed", "okta token", func(c *company) {
			id := c.group("AWS-Late")
			c.idp.Inject(idp.Fault{ObjectID: id, Times: 100, Status: 400, Detail: "no such name"})
			_ = c.idp.PushGroup(c.t.Context(), id, true) // it fails, as it should
		}, WillNotCome, 0, time.Minute, []string{"no such name"}}, // Okta does not try again by itself
		{"a connector that fails", "okta wrong token", func(*company) {}, WillNotCome, 15 * time.Minute, 16 * time.Minute,
			[]string{"the identity provider's own schedule could not be read", "Okta pushes on change"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := newCompany(t, tt.way)
				tt.act(c)
				ctx, end := context.WithCancel(t.Context())
				defer end()
				go c.cycles(ctx)
				start := time.Now()
				code, out := c.run("verify", c.dir, "--wait", "3h")
				if took := time.Since(start); code != tt.code || took < tt.least || took > tt.most {
					t.Errorf("exit code %d after %s", code, took)
				}
				for _, want := range tt.says {
					if !strings.Contains(out, want) {
						t.Errorf("it does not say %q: %s", want, out)
					}
				}
			})
		})
	}
}

// cycles runs the provisioning job when it is due.
func (c *company) cycles(ctx context.Context) {
	if c.idp.Snapshot().Kind != idp.Entra {
		return
	}
	for ctx.Err() == nil {
		select {
		case <-ctx.Done():
			return
		case <-time.After(40 * time.Minute):
			_ = c.idp.SyncNow(ctx)
		}
	}
}

// No secret is in any output, whichever the form, nor in a plan file.
func TestNoSecretIsTold(t *testing.T) {
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	for _, way := range []string{"okta token", "okta key", "okta wrong token", "entra", "entra wrong secret", "google"} {
		t.Run(way, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := newCompany(t, way)
				saved := filepath.Join(t.TempDir(), "saved.plan")
				for _, args := range [][]string{
					{"doctor"}, {"doctor", "--json"}, {"doctor", "--markdown"},
					{"doctor", "user", "jane.smith@company.com", "--account", "222233334444"}, {"doctor", "user", "nobody@company.com", "--scan", "--json"},
					{"doctor", "group", "AWS-Late"}, {"doctor", "group", "AWS-Late", "--markdown"},
				} {
					c.told(append(args, "--config", c.dir)...)
				}
				for _, args := range [][]string{{"plan"}, {"plan", "--json"}, {"plan", "--markdown"}, {"plan", "--out", saved, "--allow-missing"}, {"verify", "--wait", "1m"}, {"verify", "--json"},
					{"apply", "--auto-approve", "--allow-missing", "--json"}} {
					c.told(append([]string{args[0], c.dir}, args[1:]...)...)
				}
				c.api.Refuse(vendorapi.Refusal{Prefix: "/", Times: 1000, Status: 500, Body: "a failure that repeats " + plantedToken + plantedSecret})
				c.told("doctor", "--config", c.dir)
				c.told("plan", c.dir)
				text, err := os.ReadFile(saved)
				c.must(err)
				c.free("the plan file", string(text))
			})
		})
	}
}

// told runs a command whose output has to be free of secrets.
func (c *company) told(args ...string) {
	c.t.Helper()
	_, out := c.run(args...)
	if len(out) < 50 || strings.Contains(out, "cli.usage") || strings.Contains(out, "unknown flag") {
		c.t.Errorf("%v did not run: %s", args, out)
	}
	c.free(strings.Join(args, " "), out)
}

func (c *company) free(what, text string) {
	c.t.Helper()
	body := strings.Split(c.env["KEY"], "\n")[1]
	for _, secret := range []string{plantedKey, plantedToken, plantedWrong, plantedSecret, c.aws.SCIM().Token, body, "BEGIN PRIVATE KEY"} {
		if strings.Contains(text, secret) {
			c.t.Errorf("%s has the secret %q: %s", what, secret, text)
		}
	}
	if slices.Contains(strings.Fields(text), "SSWS") || strings.Contains(text, "Bearer ey") {
		c.t.Errorf("%s has a header: %s", what, text)
	}
}
