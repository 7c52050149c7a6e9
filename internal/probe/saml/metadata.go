package saml

import (
	"bytes"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
)

// maxSize of metadata, in bytes; providers' are some kilobytes.
const maxSize = 1 << 20

// The bindings that AWS signs in by (SAML 2.0 bindings, 3.4 and 3.5).
const (
	PostBinding     = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST"
	RedirectBinding = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect"
)

// Metadata is what matters of an identity provider's metadata.
type Metadata struct {
	EntityID     string        `json:"entity_id"`
	ValidUntil   time.Time     `json:"valid_until,omitzero"`
	SignOn       []SignOn      `json:"sign_on"`
	Certificates []Certificate `json:"certificates"` // those that sign
}

// SignOn is an address at which people sign in.
type SignOn struct {
	Binding  string `json:"binding"`
	Location string `json:"location"`
}

// Certificate is a certificate that signs answers.
type Certificate struct {
	Fingerprint string    `json:"fingerprint"` // SHA-256, hex
	Subject     string    `json:"subject"`
	NotBefore   time.Time `json:"not_before"`
	NotAfter    time.Time `json:"not_after"`
	RSABits     int       `json:"rsa_bits,omitempty"` // 0 for keys of other kinds
}

type document struct {
	XMLName    xml.Name
	EntityID   string     `xml:"entityID,attr"`
	ValidUntil string     `xml:"validUntil,attr"`
	IdP        []provider `xml:"urn:oasis:names:tc:SAML:2.0:metadata IDPSSODescriptor"`
}

type provider struct {
	Keys []struct {
		Use          string   `xml:"use,attr"`
		Certificates []string `xml:"http://www.w3.org/2000/09/xmldsig# KeyInfo>X509Data>X509Certificate"`
	} `xml:"urn:oasis:names:tc:SAML:2.0:metadata KeyDescriptor"`
	SignOn []struct {
		Binding  string `xml:"Binding,attr"`
		Location string `xml:"Location,attr"`
	} `xml:"urn:oasis:names:tc:SAML:2.0:metadata SingleSignOnService"`
}

var errTooLarge = errors.New("it is larger than a mebibyte")

// Parse reads metadata. Its errors say what makes the text none.
func Parse(r io.Reader) (Metadata, error) {
	text, err := io.ReadAll(io.LimitReader(r, maxSize+1))
	if err != nil {
		return Metadata{}, fmt.Errorf("read the metadata: %w", err)
	}
	if len(text) > maxSize {
		return Metadata{}, errTooLarge
	}
	if err := refuseDocumentType(text); err != nil {
		return Metadata{}, err
	}
	var d document
	if err := xml.Unmarshal(text, &d); err != nil {
		return Metadata{}, fmt.Errorf("it is no XML: %w", err)
	}
	if d.XMLName.Local != "EntityDescriptor" || d.XMLName.Space != "urn:oasis:names:tc:SAML:2.0:metadata" {
		return Metadata{}, fmt.Errorf("it is no SAML metadata: it begins with %q", d.XMLName.Local)
	}
	if len(d.IdP) == 0 {
		return Metadata{}, errors.New("it is not that of an identity provider: it has no IDPSSODescriptor")
	}
	if d.EntityID == "" {
		return Metadata{}, errors.New("it names no identity provider: it has no entityID")
	}
	return d.metadata()
}

// refuseDocumentType looks at every token: a document type may come after
// comments.
func refuseDocumentType(text []byte) error {
	for dec := xml.NewDecoder(bytes.NewReader(text)); ; {
		token, err := dec.RawToken()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("it is no XML: %w", err)
		}
		if _, ok := token.(xml.Directive); ok {
			return errors.New("it has a document type, which metadata must not have")
		}
	}
}

func (d document) metadata() (Metadata, error) {
	m := Metadata{EntityID: d.EntityID}
	if d.ValidUntil != "" {
		until, err := time.Parse(time.RFC3339, d.ValidUntil)
		if err != nil {
			return m, fmt.Errorf("its validUntil is no time: %q", d.ValidUntil)
		}
		m.ValidUntil = until
	}
	for _, p := range d.IdP {
		for _, s := range p.SignOn {
			m.SignOn = append(m.SignOn, SignOn(s))
		}
		for _, k := range p.Keys {
			if k.Use != "" && k.Use != "signing" {
				continue
			}
			for _, text := range k.Certificates {
				c, err := ParseCertificate(text)
				if err != nil {
					return m, err
				}
				m.Certificates = append(m.Certificates, c)
			}
		}
	}
	return m, nil
}

// ParseCertificate reads a certificate in base64, with or without line ends.
func ParseCertificate(text string) (Certificate, error) {
	der, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(text), ""))
	if err != nil {
		return Certificate{}, fmt.Errorf("read a certificate: %w", err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		return Certificate{}, fmt.Errorf("read a certificate: %w", err)
	}
	sum := sha256.Sum256(der)
	c := Certificate{Fingerprint: hex.EncodeToString(sum[:]), Subject: cert.Subject.String(), NotBefore: cert.NotBefore, NotAfter: cert.NotAfter}
	if key, ok := cert.PublicKey.(*rsa.PublicKey); ok {
		c.RSABits = key.N.BitLen()
	}
	return c, nil
}
