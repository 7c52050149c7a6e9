package saml

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
)

// warnDays before a certificate's end it is worth a warning.
const warnDays = 60

// leastRSABits is what signers have to have today (NIST SP 800-131A).
const leastRSABits = 2048

// Expected is what the identity provider's application says, to compare the
// metadata with. What is empty is not compared.
type Expected struct {
	EntityID string
	// Fingerprints are SHA-256, in hex, of the certificates in use.
	Fingerprints []string
	// Thumbprints are SHA-1, in hex, of the certificates in use, where the provider
	// shows no other.
	Thumbprints []string
	// Tenant is the id of the tenant, where the provider is Microsoft Entra ID; what is
	// no id is not compared.
	Tenant string
}

// Problem is something in the metadata that keeps, or will keep, people from
// signing in.
type Problem struct {
	// Soon marks what works still.
	Soon  bool   `json:"soon,omitempty"`
	Cause string `json:"cause"`
	Fix   string `json:"fix"`
}

const upload = "Download the metadata from the identity provider and upload it in the IAM Identity Center console (Settings, Identity source, Manage authentication)."

// Problems returns what is wrong with the metadata at this time.
func (m Metadata) Problems(now time.Time, want Expected) []Problem {
	var out []Problem
	add := func(soon bool, fix, format string, args ...any) {
		out = append(out, Problem{soon, fmt.Sprintf(format, args...), fix})
	}
	if !m.ValidUntil.IsZero() && now.After(m.ValidUntil) {
		add(false, upload, "the SAML metadata was valid until %s", m.ValidUntil.UTC().Format(time.DateOnly))
	}
	if want.EntityID != "" && want.EntityID != m.EntityID {
		add(false, upload, "the SAML metadata has the entity id %q, and the application has %q", m.EntityID, want.EntityID)
	}
	if tenant := m.tenant(); tenant != "" && guid.MatchString(want.Tenant) && !strings.EqualFold(tenant, want.Tenant) {
		add(false, upload, "the SAML metadata is that of the tenant %s, but the identity provider is the tenant %s", tenant, want.Tenant)
	}
	if !slices.ContainsFunc(m.SignOn, func(s SignOn) bool { return s.Binding == PostBinding || s.Binding == RedirectBinding }) {
		add(false, "Take the metadata of the AWS application at the identity provider, not that of another one.",
			"the SAML metadata has no sign-in by HTTP-POST or HTTP-Redirect, which AWS needs")
	}
	m.certificateProblems(now, want, add)
	return out
}

func (m Metadata) certificateProblems(now time.Time, want Expected, add func(soon bool, fix, format string, args ...any)) {
	valid := m.valid(now)
	if len(valid) == 0 {
		add(false, "Create a new signing certificate at the identity provider. "+upload, "the SAML metadata has no certificate that is valid now (it has %d)", len(m.Certificates))
		return
	}
	last := slices.MaxFunc(valid, func(a, b Certificate) int { return a.NotAfter.Compare(b.NotAfter) })
	if days := int(last.NotAfter.Sub(now).Hours() / 24); days <= warnDays {
		add(true, "Create a new signing certificate at the identity provider before that day. "+upload,
			"the last SAML certificate expires in %d days, on %s", days, last.NotAfter.UTC().Format(time.DateOnly))
	}
	for _, c := range valid {
		if c.RSABits > 0 && c.RSABits < leastRSABits {
			add(true, "Create a certificate with an RSA key of 2048 bits or more.", "the SAML certificate %s has a key of %d bits only", c.Fingerprint[:16], c.RSABits)
		}
	}
	for _, wanted := range want.Fingerprints {
		if !slices.ContainsFunc(m.Certificates, func(c Certificate) bool { return c.Fingerprint == wanted }) {
			add(false, upload, "the identity provider signs with the certificate %.16s, which the SAML metadata does not have", wanted)
		}
	}
	for _, wanted := range want.Thumbprints {
		if !slices.ContainsFunc(m.Certificates, func(c Certificate) bool { return strings.EqualFold(c.SHA1, wanted) }) {
			add(false, upload, "the identity provider signs with the certificate with the thumbprint %s, which the SAML metadata does not have", wanted)
		}
	}
}

var (
	guid = regexp.MustCompile(`^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$`)
	// issuer is how Microsoft Entra ID writes its entity id, which an application's
	// id may follow
	// (learn.microsoft.com/entra/identity-platform/federation-metadata).
	issuer = regexp.MustCompile(`(?i)^https://sts\.(?:windows\.net|chinacloudapi\.cn)/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?:/|$)`)
)

// tenant is the tenant of Microsoft Entra ID that the metadata is of; "" where the
// entity id tells none.
func (m Metadata) tenant() string {
	if found := issuer.FindStringSubmatch(m.EntityID); found != nil {
		return found[1]
	}
	return ""
}

func (m Metadata) valid(now time.Time) []Certificate {
	return slices.DeleteFunc(slices.Clone(m.Certificates), func(c Certificate) bool { return now.Before(c.NotBefore) || !now.Before(c.NotAfter) })
}
