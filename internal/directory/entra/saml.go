package entra

import (
	"bytes"
	"context"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"slices"
	"strings"

	"github.com/rolecall-dev/rolecall/internal/directory"
)

// key is a certificate, or the private key that belongs to one: both have the same
// identifier (learn.microsoft.com/graph/application-saml-sso-configure-api).
type key struct {
	ID         string `json:"keyId"`
	Type       string `json:"type"`
	Usage      string `json:"usage"`
	Identifier string `json:"customKeyIdentifier"`
	Start      moment `json:"startDateTime"`
	End        moment `json:"endDateTime"`
}

// SAML reads the application's settings and certificates. Graph does not tell
// the issuer, nor SHA-256 fingerprints, nor which claim the name id is made of;
// KeyID and SHA1 are the thumbprint that the admin center shows.
func (d *Directory) SAML(ctx context.Context) (directory.SAML, error) {
	var out directory.SAML
	app, err := d.findApplication(ctx)
	if err != nil {
		return out, err
	}
	out.Enabled, out.ACS, out.SignOnURL, out.Evidence = app.Enabled, app.ReplyURLs, app.LoginURL, app.evidence
	for _, name := range app.Names {
		if name != app.AppID {
			out.Audience = append(out.Audience, name)
		}
	}
	out.Certificates = app.certificates()
	return out, nil
}

// certificates are those that sign: the ones with a private key, where any has
// one. Which of several does it is told by the preferred thumbprint alone.
func (a application) certificates() []directory.Certificate {
	verify := a.usage("Verify", "AsymmetricX509Cert")
	sign := a.usage("Sign", "X509CertAndPassword", "AsymmetricX509Cert")
	keys := verify
	if len(sign) > 0 {
		keys = slices.DeleteFunc(slices.Clone(verify), func(k key) bool { return !slices.ContainsFunc(sign, k.same) })
		for _, k := range sign {
			if !slices.ContainsFunc(keys, k.same) {
				keys = append(keys, k)
			}
		}
	}
	var out []directory.Certificate
	compared := false
	for _, k := range keys {
		c := directory.Certificate{NotBefore: k.Start.Time, NotAfter: k.End.Time}
		c.KeyID, c.InUse = k.thumbprint(a.Thumbprint)
		c.SHA1 = c.KeyID
		compared = compared || c.InUse
		out = append(out, c)
	}
	for i := range out {
		switch {
		case compared:
		case a.Thumbprint == "" && len(out) == 1:
			out[i].InUse = true
		default:
			out[i].Perhaps = a.Thumbprint == "" || out[i].KeyID == ""
		}
	}
	return out
}

func (a application) usage(usage string, types ...string) (keys []key) {
	for _, k := range a.Keys {
		if k.Usage == usage && slices.Contains(types, k.Type) && !slices.ContainsFunc(keys, k.same) {
			keys = append(keys, k)
		}
	}
	return keys
}

// same says that two keys are of one certificate.
func (k key) same(other key) bool {
	if k.Identifier != "" || other.Identifier != "" {
		return k.Identifier == other.Identifier
	}
	return k.Start.Equal(other.Start.Time) && k.End.Equal(other.End.Time)
}

// thumbprint returns the SHA-1 thumbprint in hex, where the key tells it, and
// whether it is the preferred one. A certificate of one's own may have the SHA-256
// of the thumbprint's text as identifier, as Microsoft's tutorial makes it, which
// can be compared alone.
func (k key) thumbprint(preferred string) (id string, is bool) {
	sum, err := base64.StdEncoding.DecodeString(k.Identifier)
	switch {
	case err != nil || len(sum) != sha1.Size && len(sum) != sha256.Size:
		return "", false
	case len(sum) == sha256.Size:
		for _, text := range []string{strings.ToUpper(preferred), strings.ToLower(preferred)} {
			if of := sha256.Sum256([]byte(text)); preferred != "" && bytes.Equal(of[:], sum) {
				return strings.ToUpper(preferred), true
			}
		}
		return "", false
	}
	id = strings.ToUpper(hex.EncodeToString(sum))
	return id, strings.EqualFold(id, preferred)
}
