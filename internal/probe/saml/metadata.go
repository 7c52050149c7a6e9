package saml

import (
	"crypto/rsa"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"slices"
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
	Fingerprint string    `json:"fingerprint"`    // SHA-256, hex
	SHA1        string    `json:"sha1,omitempty"` // hex in capitals, as Microsoft shows it
	Subject     string    `json:"subject"`
	NotBefore   time.Time `json:"not_before"`
	NotAfter    time.Time `json:"not_after"`
	RSABits     int       `json:"rsa_bits,omitempty"` // 0 for keys of other kinds
}

// entity is an EntityDescriptor, or an EntitiesDescriptor, which has others in it
// (SAML 2.0 metadata, 2.3).
type entity struct {
	XMLName    xml.Name
	EntityID   string     `xml:"entityID,attr"`
	ValidUntil string     `xml:"validUntil,attr"`
	IdP        []provider `xml:"urn:oasis:names:tc:SAML:2.0:metadata IDPSSODescriptor"`
	Entities   []entity   `xml:"urn:oasis:names:tc:SAML:2.0:metadata EntityDescriptor"`
	Groups     []entity   `xml:"urn:oasis:names:tc:SAML:2.0:metadata EntitiesDescriptor"`
}

type provider struct {
	ValidUntil string `xml:"validUntil,attr"`
	Keys       []struct {
		Use          string   `xml:"use,attr"`
		Certificates []string `xml:"http://www.w3.org/2000/09/xmldsig# KeyInfo>X509Data>X509Certificate"`
	} `xml:"urn:oasis:names:tc:SAML:2.0:metadata KeyDescriptor"`
	SignOn []struct {
		Binding  string `xml:"Binding,attr"`
		Location string `xml:"Location,attr"`
	} `xml:"urn:oasis:names:tc:SAML:2.0:metadata SingleSignOnService"`
}

const space = "urn:oasis:names:tc:SAML:2.0:metadata"

var errTooLarge = errors.New("it is larger than a mebibyte")

// Parse reads the metadata of one identity provider, alone or as the only one
// among others, in any encoding that is in use. Its errors say what makes the text
// none.
func Parse(r io.Reader) (Metadata, error) {
	text, err := io.ReadAll(io.LimitReader(r, maxSize+1))
	if err != nil {
		return Metadata{}, fmt.Errorf("read the metadata: %w", err)
	}
	if len(text) > maxSize {
		return Metadata{}, errTooLarge
	}
	if text, err = toUTF8(text); err != nil {
		return Metadata{}, err
	}
	if err := refuseShape(text); err != nil {
		return Metadata{}, err
	}
	var d entity
	if err := decoder(text).Decode(&d); err != nil {
		return Metadata{}, fmt.Errorf("it is not XML: %w", err)
	}
	name := d.XMLName
	if name.Space != space || name.Local != "EntityDescriptor" && name.Local != "EntitiesDescriptor" {
		return Metadata{}, fmt.Errorf("it is not SAML metadata: it begins with %.100q", name.Local)
	}
	return theOne(d.providers(nil))
}

// maxDepth of elements; metadata has some ten.
const maxDepth = 100

// refuseShape looks at every token: a document type may come after comments.
func refuseShape(text []byte) error {
	depth := 0
	for dec := decoder(text); ; {
		token, err := dec.RawToken()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("it is not XML: %w", err)
		}
		switch token.(type) {
		case xml.Directive:
			return errors.New("it has a document type, which metadata must not have")
		case xml.StartElement:
			depth++
		case xml.EndElement:
			depth--
		}
		if depth > maxDepth {
			return fmt.Errorf("its elements are nested more than %d deep", maxDepth)
		}
	}
}

// described is an identity provider with the times until which what is about it
// is valid: its own and those of all that it is in.
type described struct {
	entity
	until []string
}

// providers are all identity providers in the document.
func (e entity) providers(until []string) []described {
	until = append(slices.Clone(until), e.ValidUntil)
	var all []described
	if len(e.IdP) > 0 {
		for _, p := range e.IdP {
			until = append(until, p.ValidUntil)
		}
		all = append(all, described{e, until})
	}
	for _, inner := range slices.Concat(e.Entities, e.Groups) {
		all = append(all, inner.providers(until)...)
	}
	return all
}

// mostNamed is how many identity providers an error names.
const mostNamed = 5

// theOne returns the metadata of the only identity provider.
func theOne(all []described) (Metadata, error) {
	switch {
	case len(all) == 0:
		return Metadata{}, errors.New("it is not that of an identity provider: it has no IDPSSODescriptor")
	case len(all) > 1:
		var names []string
		for _, d := range all[:min(len(all), mostNamed)] {
			names = append(names, fmt.Sprintf("%.200q", d.EntityID))
		}
		if more := len(all) - len(names); more > 0 {
			names = append(names, fmt.Sprintf("and %d more", more))
		}
		return Metadata{}, fmt.Errorf("it has %d identity providers: %s; take the metadata of the AWS application alone, or save the one EntityDescriptor that was uploaded to AWS as a separate file", len(all), strings.Join(names, ", "))
	case strings.TrimSpace(all[0].EntityID) == "":
		return Metadata{}, errors.New("it names no identity provider: it has no entityID")
	}
	return all[0].metadata()
}

func (d described) metadata() (Metadata, error) {
	m := Metadata{EntityID: d.EntityID}
	for _, text := range d.until {
		if text == "" {
			continue
		}
		until, err := parseTime(text)
		if err != nil {
			return m, fmt.Errorf("its validUntil is not a time: %.100q", text)
		}
		if m.ValidUntil.IsZero() || until.Before(m.ValidUntil) {
			m.ValidUntil = until
		}
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

// parseTime reads an xs:dateTime, with or without fractions of a second. One
// without a zone is in UTC, as SAML times are (SAML 2.0 core, 1.3.3).
func parseTime(text string) (time.Time, error) {
	text = strings.TrimSpace(text)
	day, endOfDay := strings.CutSuffix(strings.TrimSuffix(text, "Z"), "T24:00:00")
	if endOfDay {
		text = day + "T00:00:00Z"
	}
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		at, err = time.Parse("2006-01-02T15:04:05", text)
	}
	if endOfDay {
		at = at.AddDate(0, 0, 1)
	}
	return at, err
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
	sum, short := sha256.Sum256(der), sha1.Sum(der) // the latter is a name here, not a proof
	c := Certificate{Fingerprint: hex.EncodeToString(sum[:]), SHA1: strings.ToUpper(hex.EncodeToString(short[:])), Subject: cert.Subject.String(), NotBefore: cert.NotBefore, NotAfter: cert.NotAfter}
	if key, ok := cert.PublicKey.(*rsa.PublicKey); ok {
		c.RSABits = key.N.BitLen()
	}
	return c, nil
}
