package trust

import (
	"net/url"
	"strings"
	"testing"
)

func environment(pairs ...string) func(string) string {
	return func(name string) string {
		for i := 0; i+1 < len(pairs); i += 2 {
			if pairs[i] == name {
				return pairs[i+1]
			}
		}
		return ""
	}
}

// Which hosts get a secret. "" as what comes back means a refusal.
func TestURL(t *testing.T) {
	for _, tt := range []struct {
		vendor    Vendor
		text, got string
	}{
		{Okta, "https://company.okta.com", "https://company.okta.com"},
		{Okta, "HTTPS://Company.OKTA.com:443", "https://company.okta.com:443"},
		{Okta, "https://company.oktapreview.com", "https://company.oktapreview.com"},
		{Okta, "https://company.okta-emea.com", "https://company.okta-emea.com"},
		{Okta, "https://company.okta-gov.com", "https://company.okta-gov.com"},
		{Okta, "https://company.okta.mil", "https://company.okta.mil"},
		{Okta, "https://xn--80ak6aa92e.okta.com", "https://xn--80ak6aa92e.okta.com"},
		{Okta, "https://okta.com", ""},
		{Okta, "https://evilokta.com", ""},
		{Okta, "https://evil-okta.com", ""},
		{Okta, "https://company.evilokta.com", ""},
		{Okta, "https://company.okta.com.evil.example", ""},
		{Okta, "https://company.okta.com@evil.example", ""},
		{Okta, "https://user:password@company.okta.com", ""},
		{Okta, "https://evil.example/company.okta.com", ""},
		{Okta, "https://evil.example?company.okta.com", ""},
		{Okta, "https://evil.example#company.okta.com", ""},
		{Okta, `https://evil.example\.okta.com`, ""},
		{Okta, `https://evil.example\@company.okta.com`, ""},
		{Okta, "https://evil.example%2f.okta.com", ""},
		{Okta, "https://evil.example%00.okta.com", ""},
		{Okta, "https://company.okta.com.", ""},
		{Okta, "https://company..okta.com", ""},
		{Okta, "https://-.okta.com", ""},
		{Okta, "https://company.workflows.okta.com", ""}, // where anybody's code runs
		{Okta, "https://company.okta.com:8443", ""},
		{Okta, "https://company.okta.com?x=1", ""},
		{Okta, "https://company.okta.com?", ""},
		{Okta, "https://company.okta.com#", ""},
		{Okta, "https://company.оkta.com", ""}, // Cyrillic о
		{Okta, "https://company.okta。com", ""}, // ideographic full stop
		{Okta, "https://company.ⓞkta.com", ""},
		{Okta, "https://xn--kta-qdd.com", ""},
		{Okta, "http://company.okta.com", ""},
		{Okta, "ftp://company.okta.com", ""},
		{Okta, "//company.okta.com", ""},
		{Okta, "https:company.okta.com", ""},
		{Okta, "company.okta.com", "https://company.okta.com"},
		{Okta, "company.okta.com@evil.example", ""},
		{Okta, "evil.example/://company.okta.com", ""},
		{SCIM, "scim.eu-west-1.amazonaws.com", ""},
		{Okta, "", ""},
		{Okta, "https://127.0.0.1", ""},
		{Okta, "http://localhost:8080", ""},
		{Okta, "https://169.254.169.254/latest/meta-data", ""},
		{Okta, "https://2852039166", ""},
		{Okta, "https://[::1]", ""},
		{Okta, "https://login.microsoftonline.com", ""},
		{Okta, "https://scim.eu-west-1.amazonaws.com", ""},

		{SCIM, "https://scim.eu-west-1.amazonaws.com/t/scim/v2/", "https://scim.eu-west-1.amazonaws.com/t/scim/v2/"},
		{SCIM, "https://scim.us-gov-west-1.amazonaws.com/t/scim/v2/", "https://scim.us-gov-west-1.amazonaws.com/t/scim/v2/"},
		{SCIM, "https://scim.cn-north-1.amazonaws.com.cn/t/scim/v2", "https://scim.cn-north-1.amazonaws.com.cn/t/scim/v2"},
		{SCIM, "https://scim.eu-west-1.api.aws/t/scim/v2", "https://scim.eu-west-1.api.aws/t/scim/v2"},
		{SCIM, "https://scim.eu-west-1.amazonaws.com/t/scim/v2/?token=secret", ""},
		{SCIM, "https://bucket.s3.amazonaws.com/t/scim/v2/", ""},
		{SCIM, "https://scim.s3.amazonaws.com/t/scim/v2/", ""},
		{SCIM, "https://scim.s3-eu-west-1.amazonaws.com/", ""},
		{SCIM, "https://abc.execute-api.eu-west-1.amazonaws.com/", ""},
		{SCIM, "https://scim.elb.eu-west-1.amazonaws.com/", ""},
		{SCIM, "https://scim.eu-west-1.amazonaws.com.evil.example/", ""},
		{SCIM, "https://scim.eu-west-1.amazonaws.com@evil.example/", ""},
		{SCIM, "https://scim.eu-west-1.amazonaws.com:4430/", ""},
		{SCIM, "https://company.okta.com/", ""},

		{Entra, "https://login.microsoftonline.com", "https://login.microsoftonline.com"},
		{Entra, "https://graph.microsoft.us", "https://graph.microsoft.us"},
		{Entra, "https://login.microsoftonline.com.evil.example", ""},
		{Entra, "https://evil.microsoftonline.com", ""},
		{Google, "https://oauth2.googleapis.com", "https://oauth2.googleapis.com"},
		{Google, "https://storage.googleapis.com", ""},
		{Vendor("nobody"), "https://company.okta.com", ""},
	} {
		u, err := Machine{}.URL(tt.vendor, tt.text)
		checkURL(t, tt.text, tt.got, u, err)
	}
}

func checkURL(t *testing.T, text, want string, u *url.URL, err error) {
	t.Helper()
	got := ""
	if err == nil {
		got = u.String()
	}
	if got != want {
		t.Errorf("%q: %q, %v; want %q", text, got, err, want)
	}
	if err == nil {
		return
	}
	r := err.(*Refusal)
	if r.Do == "" || len(text) > 50 && strings.Contains(r.Why+r.Do, text) || strings.Contains(r.Why+r.Do, "password") {
		t.Errorf("%q is refused with %q, %q", text, r.Why, r.Do)
	}
}

// What the environment allows, and no more than that.
func TestURLThatTheEnvironmentAllows(t *testing.T) {
	m := Of(environment(HostsVariable, "login.company.com, https://id.company.com:8443/, 127.0.0.1, [::1]:9000, user@bad.example, https://worse.example/path, *.company.org, plain.company.com:80",
		"AWS_ENDPOINT_URL", "http://localhost:4599"))
	for _, tt := range []struct {
		vendor    Vendor
		text, got string
	}{
		{Okta, "https://login.company.com", "https://login.company.com"},
		{Okta, "https://LOGIN.company.com:443", "https://login.company.com:443"},
		{Okta, "https://login.company.com:8443", ""},
		{Okta, "https://other.login.company.com", ""},
		{Okta, "https://login.company.com.evil.example", ""},
		{Okta, "https://login.company.com@evil.example", ""},
		{Okta, "https://id.company.com:8443", "https://id.company.com:8443"},
		{Okta, "https://id.company.com", ""},
		{Okta, "http://login.company.com", ""},
		{Okta, "http://plain.company.com:80", ""},
		{Okta, "http://127.0.0.1:4599", "http://127.0.0.1:4599"},
		{Okta, "http://[::1]:9000", "http://[::1]:9000"},
		{Okta, "http://[::1]:9001", ""},
		{Okta, "http://127.0.0.2:4599", ""},
		{Okta, "https://bad.example", ""},
		{Okta, "https://worse.example", ""},
		{Okta, "https://a.company.org", ""},
		{Okta, "http://localhost:4599", ""}, // stands in for AWS, not for Okta
		{SCIM, "http://localhost:4599/t/scim/v2/", "http://localhost:4599/t/scim/v2/"},
		{SCIM, "http://localhost:4600/t/scim/v2/", ""},
		{SCIM, "https://login.company.com/scim", "https://login.company.com/scim"},
	} {
		u, err := m.URL(tt.vendor, tt.text)
		checkURL(t, tt.text, tt.got, u, err)
	}
}

// Whatever is written, a secret goes to the vendor's own hosts by https.
func FuzzURL(f *testing.F) {
	for _, seed := range []string{"https://company.okta.com", "https://okta.com@evil.example", "https://scim.eu-west-1.amazonaws.com/t", `https:\\a.okta.com`, "https://a.okta.com:443", "https://[::1].okta.com"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, v := range []Vendor{Okta, Entra, Google, SCIM} {
			u, err := Machine{}.URL(v, text)
			if err != nil {
				continue
			}
			again, err := url.Parse(u.String())
			if err != nil || again.Host != u.Host || again.Scheme != "https" || again.User != nil || again.RawQuery != "" || again.Fragment != "" {
				t.Fatalf("%q is taken for %v (%v)", text, again, err)
			}
			name := again.Hostname()
			owned := false
			for _, domain := range []string{".okta.com", ".oktapreview.com", ".okta-emea.com", ".okta-gov.com", ".okta.mil", ".microsoftonline.com", ".microsoftonline.us",
				".microsoftonline.cn", ".microsoft.com", ".microsoft.us", ".chinacloudapi.cn", ".googleapis.com", ".amazonaws.com", ".amazonaws.com.cn", ".api.aws", ".api.amazonwebservices.com.cn"} {
				owned = owned || strings.HasSuffix(name, domain)
			}
			if port := again.Port(); !owned || port != "" && port != "443" {
				t.Fatalf("%q sends %s's secret to %s", text, v, again.Host)
			}
		}
	})
}
