package cli

import (
	"bytes"
	"errors"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/rolecall-dev/rolecall/internal/identitycenter"
)

// What stands for a secret in this test. No output may have it: the sizes and
// letters are those of tokens, of names, and of nothing in particular.
const canary = "PARROT0p4rr0t"

// hasCanary finds it also where something was escaped or cut.
var hasCanary = regexp.MustCompile(`(?i)parrot`)

// places are configs, each with the canary where no secret belongs.
func places() map[string]map[string]string {
	const config = "access_groups = [{ name = \"Team\", description = \"d\", aws_managed_policies = [\"arn:aws:iam::aws:policy/ReadOnlyAccess\"], accounts_names = [\"development\"] }]\n"
	out := map[string]map[string]string{}
	settings := func(name, text string) {
		out[name] = map[string]string{"terraform.tfvars": config, "rolecall.hcl": "owner = \"tests\"\n" + text}
	}
	for name, value := range map[string]string{
		"as it is": canary, "like a variable": "PARROT", "with dashes": canary + "-" + canary, "begins with a digit": "00" + canary, "after AWS": "AWS_" + canary,
		"after GITHUB": "GITHUB_" + canary, "a key": "-----BEGIN " + canary, "base64": canary + "==/+", "with colons": canary + ":" + canary, "long": strings.Repeat(canary, 40),
	} {
		settings("scim token_env, "+name, "scim {\n  endpoint = \"https://scim.us-east-1.amazonaws.com/t/scim/v2/\"\n  token_env = \""+value+"\"\n}\n")
		settings("okta token_env, "+name, "connector \"okta\" {\n  organization = \"company.okta.com\"\n  token_env = \""+value+"\"\n}\n")
		settings("okta private_key_env, "+name, "connector \"okta\" {\n  organization = \"company.okta.com\"\n  client_id = \"c\"\n  key_id = \"k\"\n  private_key_env = \""+value+"\"\n}\n")
		settings("okta private_key_file, "+name, "connector \"okta\" {\n  organization = \"company.okta.com\"\n  client_id = \"c\"\n  key_id = \"k\"\n  private_key_file = \""+value+"\"\n}\n")
		settings("entra client_secret_env, "+name, "connector \"entra\" {\n  organization = \"company.com\"\n  client_id = \"c\"\n  client_secret_env = \""+value+"\"\n}\n")
		settings("google credentials_env, "+name, "connector \"google\" {\n  subject = \"a@company.com\"\n  credentials_env = \""+value+"\"\n}\n")
		settings("google credentials_file, "+name, "connector \"google\" {\n  subject = \"a@company.com\"\n  credentials_file = \""+value+"\"\n}\n")
	}
	for name, address := range map[string]string{
		"user": "https://" + canary + "@company.okta.com", "password": "https://u:" + canary + "@company.okta.com", "query": "https://company.okta.com/?token=" + canary,
		"fragment": "https://company.okta.com/#" + canary, "host": "https://u:" + canary + "@evil.example", "nothing but it": canary, "path elsewhere": "https://evil.example/" + canary,
	} {
		settings("organization, "+name, "connector \"okta\" {\n  organization = \""+address+"\"\n  token_env = \"OKTA_TOKEN\"\n}\n")
		settings("endpoint, "+name, "scim {\n  endpoint = \""+strings.Replace(address, "company.okta.com", "scim.us-east-1.amazonaws.com", 1)+"\"\n  token_env = \"SCIM_TOKEN\"\n}\n")
	}
	settings("unknown key", "api_token = \""+canary+"\"\n")
	settings("unknown block", "vault {\n  token = \""+canary+"\"\n}\n")
	settings("without quotes", "scim {\n  token_env = "+canary+"\n}\n")
	settings("broken", "scim {\n  token_env = \""+canary+"\n}\n")
	settings("twice", "scim {\n  token_env = \""+canary+"\"\n  token_env = \""+canary+"\"\n}\n")
	settings("a list", "connector \"okta\" {\n  token_env = [\""+canary+"\"]\n}\n")
	for name, text := range map[string]string{
		"config, unknown key": "api_token = \"" + canary + "\"\n", "config, broken": "client_secret = \"" + canary + "\n", "config, in a group": "external_groups = [{ name = \"g\", password = \"" + canary + "\" }]\n",
	} {
		out[name] = map[string]string{"terraform.tfvars": config + text, "rolecall.hcl": "owner = \"tests\"\n"}
	}
	return out
}

// commands are all that read settings, in every form of their output.
func commands(dir, out string) [][]string {
	return [][]string{
		{"validate", dir}, {"validate", dir, "--json"}, {"validate", dir, "--sarif"},
		{"plan", dir, "--verbose"}, {"plan", dir, "--json"}, {"plan", dir, "--markdown", "--out", filepath.Join(out, "saved.plan")},
		{"apply", dir, "--auto-approve"}, {"apply", dir, "--auto-approve", "--json"}, {"verify", dir}, {"verify", dir, "--json"},
		{"doctor", "--config", dir}, {"doctor", "--config", dir, "--json"}, {"doctor", "--config", dir, "--markdown"}, {"doctor", "user", "jane@company.com", "--config", dir},
		{"access", "group", "Team", "--config", dir}, {"access", "group", "Team", "--config", dir, "--json"}, {"unlock", dir, "--auto-approve"},
	}
}

// No secret that stands in the wrong place is in any output, nor in a file that
// is written, whatever it looks like and whichever command reads it.
func TestNoCanaryIsTold(t *testing.T) {
	written := t.TempDir()
	t.Setenv("XDG_CACHE_HOME", written)
	for name, files := range places() {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := newCompany(t, "okta token")
				for file, text := range files {
					c.write(file, text)
				}
				for _, args := range commands(c.dir, written) {
					if _, out := c.run(args...); hasCanary.MatchString(out) || out == "" {
						t.Fatalf("%v says %s", args, out)
					}
				}
			})
		})
	}
	err := filepath.WalkDir(written, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		if hasCanary.Match(text) {
			t.Errorf("%s has %s", path, text)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// brokenWay fails as net/http does where a proxy's or an endpoint's URL is wrong:
// with the whole URL in the error.
type brokenWay struct{}

func (brokenWay) RoundTrip(*http.Request) (*http.Response, error) {
	return nil, &url.Error{Op: "proxyconnect", URL: "http://u:" + canary + "@proxy.company.com:3128/?t=" + canary, Err: errors.New(`parse "http://u:` + canary + `@proxy.company.com": refused`)}
}

// URLs that come from the environment lose what may be secret in them, too.
func TestNoAddressIsToldWhole(t *testing.T) {
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	t.Setenv("AWS_ENDPOINT_URL", "http://u:"+canary+"@127.0.0.1:1/?t="+canary)
	t.Setenv("AWS_REGION", "us-east-1")
	t.Setenv("AWS_ACCESS_KEY_ID", "key")
	t.Setenv("AWS_SECRET_ACCESS_KEY", canary)
	t.Setenv("AWS_MAX_ATTEMPTS", "1")
	synctest.Test(t, noAddressIsToldWhole)
}

func noAddressIsToldWhole(t *testing.T) {
	c := newCompany(t, "okta token")
	c.way = brokenWay{}
	for _, args := range commands(c.dir, t.TempDir()) {
		var out bytes.Buffer
		both := &lockedWriter{w: &out}
		run(t.Context(), args, System{Stdin: strings.NewReader(""), Stdout: both, Stderr: both, HTTP: c.way, Getenv: os.Getenv, AWS: func(o *identitycenter.Options) {
			o.HTTPClient = &http.Client{Transport: c.way}
		}})
		if hasCanary.MatchString(out.String()) || out.Len() == 0 {
			t.Errorf("%v says %s", args, out.String())
		}
		if _, text := c.run(args...); hasCanary.MatchString(text) || text == "" {
			t.Errorf("%v says %s", args, text)
		}
	}
	if _, text := c.run("doctor", "--config", c.dir, "--saml-metadata", "https://u:"+canary+"@idp.company.com/?t="+canary+"#"+canary); hasCanary.MatchString(text) {
		t.Errorf("doctor says %s", text)
	}
}
