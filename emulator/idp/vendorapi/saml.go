package vendorapi

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"time"
)

// NewCertificate makes a certificate as an application's signing certificate is,
// in DER.
func NewCertificate(name string, from, until time.Time) ([]byte, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(from.Unix()), Subject: pkix.Name{CommonName: name}, NotBefore: from, NotAfter: until}
	return x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
}

// certificates returns the application's, which are made on first use where none
// were given.
func (a *API) certificates() []*x509.Certificate {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.o.App.Certificates == nil {
		if der, err := NewCertificate(a.o.App.Name, time.Now().Add(-time.Hour), time.Now().AddDate(3, 0, 0)); err == nil {
			a.o.App.Certificates = [][]byte{der}
		}
	}
	var all []*x509.Certificate
	for _, der := range a.o.App.Certificates {
		if c, err := x509.ParseCertificate(der); err == nil {
			all = append(all, c)
		}
	}
	return all
}
