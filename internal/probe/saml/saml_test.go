package saml_test

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rolecall-dev/rolecall/internal/probe/saml"
)

var now = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func selfSigned(t testing.TB, from, to time.Time, weak bool) []byte {
	t.Helper()
	template := x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "idp"}, NotBefore: from, NotAfter: to}
	var der []byte
	var err error
	if weak {
		t.Setenv("GODEBUG", "rsa1024min=0")
		key, kerr := rsa.GenerateKey(rand.Reader, 1024)
		if kerr != nil {
			t.Fatal(kerr)
		}
		der, err = x509.CreateCertificate(rand.Reader, &template, &template, &key.PublicKey, key)
	} else {
		key, kerr := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if kerr != nil {
			t.Fatal(kerr)
		}
		der, err = x509.CreateCertificate(rand.Reader, &template, &template, &key.PublicKey, key)
	}
	if err != nil {
		t.Fatal(err)
	}
	return der
}

func metadata(entityID, binding, attributes string, certs ...[]byte) string {
	var keys strings.Builder
	for _, c := range certs {
		b64 := base64.StdEncoding.EncodeToString(c)
		fmt.Fprintf(&keys, `<md:KeyDescriptor use="signing"><ds:KeyInfo><ds:X509Data><ds:X509Certificate>
%s
%s</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>`, b64[:64], b64[64:])
	}
	return fmt.Sprintf(`<?xml version="1.0"?><md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" xmlns:ds="http://www.w3.org/2000/09/xmldsig#" entityID="%s" %s>
<md:IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">%s
<md:SingleSignOnService Binding="%s" Location="https://idp.example.com/sso"/></md:IDPSSODescriptor></md:EntityDescriptor>`, entityID, attributes, &keys, binding)
}

func TestProblems(t *testing.T) {
	year := selfSigned(t, now.AddDate(0, -1, 0), now.AddDate(1, 0, 0), false)
	sum, thumb := sha256.Sum256(year), sha1.Sum(year)
	const tenant, other = "11111111-2222-4333-8444-55555555abcd", "99999999-2222-4333-8444-555555555555"
	old := selfSigned(t, now.AddDate(-2, 0, 0), now.AddDate(0, 0, -1), false)
	ending := selfSigned(t, now.AddDate(-1, 0, 0), now.AddDate(0, 0, 30), false)
	weak := selfSigned(t, now.AddDate(-1, 0, 0), now.AddDate(1, 0, 0), true)
	for _, tt := range []struct {
		name, text string
		want       saml.Expected
		cause      string // of the one problem; "" means none
		soon       bool
	}{
		{"healthy", metadata("http://idp/1", saml.PostBinding, "", year), saml.Expected{EntityID: "http://idp/1", Fingerprints: []string{hex.EncodeToString(sum[:])}}, "", false},
		{"an old one beside the new one", metadata("e", saml.RedirectBinding, "", old, year), saml.Expected{}, "", false},
		{"expired", metadata("e", saml.PostBinding, "", old), saml.Expected{}, "no certificate that is valid now (it has 1)", false},
		{"none", metadata("e", saml.PostBinding, ""), saml.Expected{}, "no certificate that is valid now (it has 0)", false},
		{"expires soon", metadata("e", saml.PostBinding, "", ending), saml.Expected{}, "expires in 30 days, on 2026-12-23", true},
		{"weak", metadata("e", saml.PostBinding, "", weak), saml.Expected{}, "1024 bits only", true},
		{"rotated", metadata("e", saml.PostBinding, "", year), saml.Expected{Fingerprints: []string{strings.Repeat("ab", 32)}}, "signs with the certificate abababababababab,", false},
		{"other entity", metadata("http://idp/1", saml.PostBinding, "", year), saml.Expected{EntityID: "http://idp/2"}, `entity id "http://idp/1", and the application has "http://idp/2"`, false},
		{"thumbprint", metadata("e", saml.PostBinding, "", old, year), saml.Expected{Thumbprints: []string{strings.ToUpper(hex.EncodeToString(thumb[:]))}}, "", false},
		{"thumbprint in small letters", metadata("e", saml.PostBinding, "", year), saml.Expected{Thumbprints: []string{hex.EncodeToString(thumb[:])}}, "", false},
		{"another thumbprint", metadata("e", saml.PostBinding, "", year), saml.Expected{Thumbprints: []string{strings.Repeat("AB", 20)}}, "with the thumbprint " + strings.Repeat("AB", 20), false},
		{"of the tenant", metadata("https://sts.windows.net/"+tenant+"/", saml.PostBinding, "", year), saml.Expected{Tenant: strings.ToUpper(tenant)}, "", false},
		{"of another tenant", metadata("https://sts.windows.net/"+other+"/", saml.PostBinding, "", year), saml.Expected{Tenant: tenant}, "of the tenant " + other + ", but the identity provider is the tenant " + tenant, false},
		{"of another tenant, with the application", metadata("https://sts.windows.net/"+other+"/"+tenant, saml.PostBinding, "", year), saml.Expected{Tenant: tenant}, "of the tenant " + other, false},
		{"of another tenant in China", metadata("https://sts.chinacloudapi.cn/"+other+"/", saml.PostBinding, "", year), saml.Expected{Tenant: tenant}, "of the tenant " + other, false},
		{"a tenant that is named by its domain", metadata("https://sts.windows.net/"+other+"/", saml.PostBinding, "", year), saml.Expected{Tenant: "company.onmicrosoft.com"}, "", false},
		{"an entity id of one's own", metadata("https://sts.windows.net.example/"+other+"/", saml.PostBinding, "", year), saml.Expected{Tenant: tenant}, "", false},
		{"no binding", metadata("e", "urn:oasis:names:tc:SAML:2.0:bindings:SOAP", "", year), saml.Expected{}, "no sign-in by HTTP-POST", false},
		{"over", metadata("e", saml.PostBinding, `validUntil="2026-11-01T00:00:00Z"`, year), saml.Expected{}, "valid until 2026-11-01", false},
	} {
		m, err := saml.Parse(strings.NewReader(tt.text))
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		got := m.Problems(now, tt.want)
		switch {
		case tt.cause == "" && len(got) > 0, tt.cause != "" && len(got) != 1:
			t.Errorf("%s: %+v", tt.name, got)
		case tt.cause != "" && (!strings.Contains(got[0].Cause, tt.cause) || got[0].Soon != tt.soon || got[0].Fix == ""):
			t.Errorf("%s: %+v", tt.name, got[0])
		}
	}
}

func TestRefused(t *testing.T) {
	good := metadata("e", saml.PostBinding, "")
	for name, text := range map[string]string{
		"document type": `<!DOCTYPE x [<!ENTITY a "b">]>` + strings.TrimPrefix(good, `<?xml version="1.0"?>`),
		"after comment": `<?xml version="1.0"?><!-- c --><!DOCTYPE x>` + strings.TrimPrefix(good, `<?xml version="1.0"?>`),
		"HTML":          "<html><body>Sign in</body></html>",
		"not XML":       "{}<",
		"empty":         "",
		"AWS's own":     `<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" entityID="aws"><SPSSODescriptor/></EntityDescriptor>`,
		"too large":     good + strings.Repeat(" ", 2<<20),
		"bad time":      metadata("e", saml.PostBinding, `validUntil="soon"`),
		"no name":       metadata("", saml.PostBinding, ""),
		"cut off":       good[:200],
		"no key":        metadata("e", saml.PostBinding, "", bytes.Repeat([]byte("x"), 60)),
	} {
		if _, err := saml.Parse(strings.NewReader(text)); err == nil {
			t.Errorf("%s is taken", name)
		}
	}
}

type answer func(*http.Request) (int, string, string)

func (a answer) RoundTrip(r *http.Request) (*http.Response, error) {
	status, location, body := a(r)
	h := http.Header{}
	if location != "" {
		h.Set("Location", location)
	}
	return &http.Response{StatusCode: status, Status: fmt.Sprint(status), Header: h, Body: io.NopCloser(strings.NewReader(body)), Request: r}, nil
}

func TestFetch(t *testing.T) {
	ctx := context.Background()
	good := metadata("e", saml.PostBinding, "")
	moved := answer(func(r *http.Request) (int, string, string) {
		if r.URL.Path == "/new" {
			return 200, "", good
		}
		return 302, "/new", ""
	})
	if m, e, err := saml.Fetch(ctx, "https://idp.example.com/old?key=planted", moved); err != nil || m.EntityID != "e" || strings.Contains(e.What, "planted") {
		t.Errorf("%+v %+v %v", m, e, err)
	}
	elsewhere := answer(func(r *http.Request) (int, string, string) {
		if r.URL.Host != "idp.example.com" || r.URL.Scheme != "https" {
			t.Errorf("%s is asked", r.URL)
		}
		return 302, map[string]string{"/a": "https://other.example.com/", "/b": "http://idp.example.com/"}[r.URL.Path], ""
	})
	for _, bad := range []string{"https://idp.example.com/a?key=planted", "https://idp.example.com/b", "http://idp.example.com/", "file:///etc/passwd", "", "https://"} {
		if _, e, err := saml.Fetch(ctx, bad, elsewhere); err == nil || e.Saw == "" || strings.Contains(err.Error()+e.Saw, "planted") {
			t.Errorf("%q: %+v %v", bad, e, err)
		}
	}
	if _, _, err := saml.Fetch(ctx, "https://idp.example.com/", answer(func(*http.Request) (int, string, string) { return 404, "", good })); err == nil {
		t.Error("a page that is not there is taken")
	}
}

func TestReadFile(t *testing.T) {
	name := filepath.Join(t.TempDir(), "metadata.xml")
	if err := os.WriteFile(name, []byte(metadata("e", saml.PostBinding, "")), 0o600); err != nil {
		t.Fatal(err)
	}
	if m, e, err := saml.ReadFile(name); err != nil || m.EntityID != "e" || e.What != name {
		t.Errorf("%+v %+v %v", m, e, err)
	}
	if _, _, err := saml.ReadFile(name + ".gone"); err == nil {
		t.Error("a file that is not there is read")
	}
}

func FuzzParse(f *testing.F) {
	f.Add(metadata("e", saml.PostBinding, "", selfSigned(f, now, now.AddDate(1, 0, 0), false)))
	f.Add("<!DOCTYPE a>")
	f.Add(wrapped(`validUntil="2026-11-01T00:00:00.5"`, bare("e", "")))
	f.Add("\xff\xfe<\x00a\x00/\x00>\x00")
	f.Add(`<?xml version="1.0" encoding="windows-1252"?><a/>`)
	f.Fuzz(func(t *testing.T, text string) {
		m, err := saml.Parse(strings.NewReader(text))
		if err == nil {
			m.Problems(now, saml.Expected{EntityID: "x"})
		}
	})
}
