package trust

import (
	"errors"
	"strings"
	"testing"
)

// Which variables a config may name; "" means that it may.
func TestVariable(t *testing.T) {
	allowed := Of(environment(VariablesVariable, "GITHUB_TOKEN_FOR_OKTA, AWS_SECRET_ACCESS_KEY"))
	for _, tt := range []struct {
		vendor Vendor
		name   string
		m      Machine
		why    string
	}{
		{Okta, "OKTA_API_TOKEN", Machine{}, ""},
		{Okta, "OKTA_PRIVATE_KEY", Machine{}, ""},
		{Okta, "TOKEN", Machine{}, ""},
		{Okta, "IDP_TOKEN", Machine{}, ""},
		{SCIM, "SCIM_TOKEN", Machine{}, ""},
		{SCIM, "ROLECALL_SCIM_TOKEN", Machine{}, ""},
		{Entra, "ENTRA_FEDERATED_TOKEN", Machine{}, ""},
		{Entra, "AZURE_CLIENT_SECRET", Machine{}, ""},
		{Okta, "AZURE_CLIENT_SECRET", Machine{}, "AZURE_*"},
		{Google, "GOOGLE_CREDENTIALS", Machine{}, ""},
		{Okta, "GOOGLE_CREDENTIALS", Machine{}, "GOOGLE_*"},
		{Google, "GOOGLE_APPLICATION_CREDENTIALS", Machine{}, "GOOGLE_APPLICATION_CREDENTIALS"},
		{SCIM, "AWS_SECRET_ACCESS_KEY", Machine{}, "AWS_*"},
		{SCIM, "aws_session_token", Machine{}, "AWS_*"},
		{SCIM, "AWS_SECRET_ACCESS_KEY", allowed, "AWS_*"},
		{SCIM, "AWS_SCIM_TOKEN", Machine{}, "AWS_*"},
		{Okta, "GITHUB_TOKEN", Machine{}, "GITHUB_*"},
		{Okta, "github_token", Machine{}, "GITHUB_*"},
		{Okta, "GITHUB_TOKEN_FOR_OKTA", allowed, ""},
		{Okta, "GITHUB_TOKEN", allowed, "GITHUB_*"},
		{Okta, "ACTIONS_ID_TOKEN_REQUEST_TOKEN", Machine{}, "ACTIONS_*"},
		{Okta, "CI_JOB_TOKEN", Machine{}, "CI_*"},
		{Okta, "VAULT_TOKEN", Machine{}, "VAULT_*"},
		{Okta, "TF_TOKEN_app_terraform_io", Machine{}, "TF_*"},
		{Okta, "PGPASSWORD", Machine{}, "PG*"},
		{Okta, "DATABASE_URL", Machine{}, "DATABASE_*"},
		{Okta, "HOME", Machine{}, "HOME"},
		{Okta, "SSH_AUTH_SOCK", Machine{}, "SSH_*"},
		{Okta, "https_proxy", Machine{}, "HTTPS_PROXY"},
		{Okta, "ANTHROPIC_API_KEY", Machine{}, "ANTHROPIC_*"},
		{Okta, "", Machine{}, "does not have the name"},
		{Okta, "00aBcD-eFgH", Machine{}, "does not have the name"},
		{Okta, "the token", Machine{}, "does not have the name"},
		{Okta, "ghp_16C7e42F292c6912E7710c838347Ae178B4a", Machine{}, "does not have the name"},
		{Okta, strings.Repeat("A", 200), Machine{}, "does not have the name"},
		{Okta, "TOKEN=value", Machine{}, "does not have the name"},
		{Okta, "TOKEN\n", Machine{}, "does not have the name"},
	} {
		err := tt.m.Variable(tt.vendor, tt.name)
		if (err == nil) != (tt.why == "") || err != nil && !strings.Contains(err.Error(), tt.why) {
			t.Errorf("%s %q: %v; want %q", tt.vendor, tt.name, err, tt.why)
		}
		var r *Refusal
		if errors.As(err, &r) && (r.Do == "" || len(tt.name) > 8 && !strings.Contains(tt.why, tt.name) && strings.Contains(r.Why+r.Do, tt.name)) {
			t.Errorf("%q is refused with %q, %q", tt.name, r.Why, r.Do)
		}
	}
}

func TestPath(t *testing.T) {
	m := Of(environment(PathsVariable, "/run/secrets, /etc/rolecall/okta.pem, relative"))
	for name, want := range map[string]bool{
		"okta.pem": true, "keys/okta.pem": true, "./okta.pem": true, "../okta.pem": false, "keys/../../okta.pem": false,
		"/etc/passwd": false, "~/.ssh/id_rsa": true, // a folder called ~: no shell reads it
		"/run/secrets/okta": true, "/run/secrets": true, "/run/secrets/../../etc/passwd": false, "/run/secrets2/okta": false,
		"/etc/rolecall/okta.pem": true, "/etc/rolecall/other.pem": false, "": false,
	} {
		if err := m.Path(name); (err == nil) != want {
			t.Errorf("%q: %v", name, err)
		}
	}
}

func TestShow(t *testing.T) {
	for text, want := range map[string]string{
		"plain":                         "plain",
		"GET /api/v1/users?limit=200":   "GET /api/v1/users?limit=200",
		"https://host/path":             "https://host/path",
		"https://host/path?token=s#f":   "https://host/path",
		"https://host?token=s":          "https://host",
		"https://user:pass@host:1/path": "https://host:1/path",
		"https://token@host/path":       "https://host/path",
		`Post "http://user:pass@h:1/?token=s": dial tcp: refused`:   `Post "http://h:1/": dial tcp: refused`,
		"proxyconnect http://user:p@ss@h: no":                       "proxyconnect http://h: no",
		"http://user:p/ss@h/":                                       "http://(not shown)",
		"http://user:p?ss@h/":                                       "http://(not shown)",
		"http://user:p#ss@h/":                                       "http://(not shown)",
		`parse "http://user:p\"ss@h": invalid`:                      `parse "http://h": invalid`,
		"http://user:p'ss@h/.":                                      "http://h/.",
		"see 'https://h/a?b=c', then":                               "see 'https://h/a', then",
		"two: https://a@h/x?y and wss://b:c@[::1]:9/z#q end":        "two: https://h/x and wss://[::1]:9/z end",
		"https://admin.googleapis.com/users/jane@company.com?x=1":   "https://admin.googleapis.com/users/jane@company.com",
		"postgres://app:secret@db.internal:5432/app?sslmode=secret": "postgres://db.internal:5432/app",
	} {
		if got := Show(text); got != want {
			t.Errorf("%q is shown as %q, want %q", text, got, want)
		}
	}
}

// Showing twice shows the same, and no query is left.
func FuzzShow(f *testing.F) {
	f.Add("https://user:pass@host/path?query#fragment")
	f.Add("a://b@00\\#c d#e")
	f.Fuzz(func(t *testing.T, text string) {
		once := Show(text)
		if twice := Show(once); twice != once {
			t.Errorf("%q, then %q", once, twice)
		}
		if got := Show("https://canary:canary@host/" + "?canary=" + strings.Map(unspaced, text)); strings.Contains(got, "canary") && !strings.Contains(text, "canary") {
			t.Errorf("%q is shown", got)
		}
	})
}

func unspaced(r rune) rune {
	if strings.ContainsRune(" \t\r\n\v\f\"<>\\", r) || r < ' ' || r > '~' {
		return -1
	}
	return r
}

func TestNamed(t *testing.T) {
	for name, shown := range map[string]bool{
		"OKTA_API_TOKEN": true, "SCIM_TOKEN": true, "ENTRA_CLIENT_SECRET": true, "GOOGLE_CREDENTIALS": true, "OKTA_PRIVATE_KEY2": true,
		"OKTA": false, "AKIAIOSFODNN7EXAMPLE": false, "00abcDEFghiJKLmnoPQR": false, "GOCSPX_abcDEF123": false, "A1B2C3D4_E5F6G7H8_TOKEN": false, "": false,
		"ABCDEFGHIJKLMNOPQRSTUVWXYZABCDEFGH_TOKEN": false, "XKCD_QWERTY": false,
	} {
		if got := strings.Contains(Named(name, "token_env"), name) && name != ""; got != shown {
			t.Errorf("%q: shown %t, want %t", name, got, shown)
		}
	}
}
