package directory

import (
	"bytes"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/xml"
	"errors"
	"fmt"
	"strings"
	"time"
)

// Metadata is what a SAML metadata document says of an identity provider.
type Metadata struct {
	EntityID     string
	ValidUntil   time.Time // zero where it does not say
	SignOn       []Endpoint
	Certificates []Certificate
}

// Endpoint is a place for sign-in requests.
type Endpoint struct{ Binding, Location string }

// maxMetadata is the longest document that is read, in bytes.
const maxMetadata = 1 << 20

// ParseMetadata reads the metadata of a SAML identity provider (SAML 2.0
// metadata, section 2.4.3). It does not verify a signature on it.
func ParseMetadata(text []byte) (Metadata, error) {
	var doc struct {
		XMLName    xml.Name `xml:"urn:oasis:names:tc:SAML:2.0:metadata EntityDescriptor"`
		EntityID   string   `xml:"entityID,attr"`
		ValidUntil string   `xml:"validUntil,attr"`
		IDP        []struct {
			Keys []struct {
				Use          string   `xml:"use,attr"`
				Certificates []string `xml:"KeyInfo>X509Data>X509Certificate"`
			} `xml:"KeyDescriptor"`
			SignOn []struct {
				Binding  string `xml:"Binding,attr"`
				Location string `xml:"Location,attr"`
			} `xml:"SingleSignOnService"`
		} `xml:"IDPSSODescriptor"`
	}
	switch {
	case len(text) > maxMetadata:
		return Metadata{}, fmt.Errorf("read SAML metadata: longer than %d bytes", maxMetadata)
	case bytes.Contains(bytes.ToUpper(text), []byte("<!DOCTYPE")):
		return Metadata{}, errors.New("read SAML metadata: it has a document type definition, which metadata never needs")
	}
	if err := xml.Unmarshal(text, &doc); err != nil {
		return Metadata{}, fmt.Errorf("read SAML metadata: %w", err)
	}
	if doc.EntityID == "" || len(doc.IDP) == 0 {
		return Metadata{}, errors.New("read SAML metadata: it describes no identity provider")
	}
	m := Metadata{EntityID: doc.EntityID}
	m.ValidUntil, _ = time.Parse(time.RFC3339, doc.ValidUntil)
	for _, idp := range doc.IDP {
		for _, s := range idp.SignOn {
			m.SignOn = append(m.SignOn, Endpoint{s.Binding, s.Location})
		}
		for _, k := range idp.Keys {
			if k.Use == "encryption" {
				continue
			}
			for _, encoded := range k.Certificates {
				c, err := ParseCertificate(encoded)
				if err != nil {
					return Metadata{}, fmt.Errorf("read SAML metadata: %w", err)
				}
				c.InUse = true
				m.Certificates = append(m.Certificates, c)
			}
		}
	}
	return m, nil
}

// ParseCertificate reads a certificate in base64, with or without line ends.
func ParseCertificate(encoded string) (Certificate, error) {
	der, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(encoded), ""))
	if err != nil {
		return Certificate{}, fmt.Errorf("read certificate: %w", err)
	}
	c, err := x509.ParseCertificate(der)
	if err != nil {
		return Certificate{}, fmt.Errorf("read certificate: %w", err)
	}
	sum := sha256.Sum256(der)
	return Certificate{Fingerprint: hex.EncodeToString(sum[:]), NotBefore: c.NotBefore, NotAfter: c.NotAfter}, nil
}
