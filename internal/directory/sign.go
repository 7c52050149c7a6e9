package directory

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
)

// Key is a private key that signs assertions.
type Key struct {
	signer crypto.Signer
	// Certificate is the one in the same text, in DER; nil where there is none.
	Certificate []byte
}

// minRSA is the shortest RSA key that Okta, Entra ID and Google take, in bits.
const minRSA = 2048

// ParseKey reads a private key in PEM (PKCS #8, PKCS #1 or SEC 1), and a
// certificate beside it. Its errors never show any of the text.
func ParseKey(text string) (*Key, error) {
	k := &Key{}
	for rest := []byte(text); ; {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			break
		}
		if block.Type == "CERTIFICATE" && k.Certificate == nil {
			k.Certificate = block.Bytes
		} else if signer := parseSigner(block.Bytes); signer != nil {
			k.signer = signer
		}
	}
	switch key := k.signer.(type) {
	case *rsa.PrivateKey:
		if key.N.BitLen() < minRSA {
			return nil, fmt.Errorf("the RSA key is shorter than %d bits", minRSA)
		}
	case *ecdsa.PrivateKey:
		if key.Curve != elliptic.P256() {
			return nil, errors.New("the key is on a curve other than P-256")
		}
	default:
		return nil, errors.New("there is no private key in PEM form")
	}
	return k, nil
}

func parseSigner(der []byte) crypto.Signer {
	if any, err := x509.ParsePKCS8PrivateKey(der); err == nil {
		signer, _ := any.(crypto.Signer)
		return signer
	}
	if key, err := x509.ParsePKCS1PrivateKey(der); err == nil {
		return key
	}
	if key, err := x509.ParseECPrivateKey(der); err == nil {
		return key
	}
	return nil
}

// Sign makes a JSON Web Token (RFC 7519): RS256, or with pss PS256, for an RSA
// key, ES256 for one on P-256 (RFC 7518).
func (k *Key) Sign(header, claims map[string]any, pss bool) (string, error) {
	algorithm := jose.RS256
	if _, ok := k.signer.(*ecdsa.PrivateKey); ok {
		algorithm = jose.ES256
	} else if pss {
		algorithm = jose.PS256
	}
	options := (&jose.SignerOptions{}).WithType("JWT")
	for name, value := range header {
		options.WithHeader(jose.HeaderKey(name), value)
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: algorithm, Key: k.signer}, options)
	if err != nil {
		return "", fmt.Errorf("sign assertion: %w", err)
	}
	token, err := jwt.Signed(signer).Claims(claims).Serialize()
	if err != nil {
		return "", fmt.Errorf("sign assertion: %w", err)
	}
	return token, nil
}
