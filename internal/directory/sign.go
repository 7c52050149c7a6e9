package directory

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"maps"
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
			return nil, errors.New("the key is on another curve than P-256")
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
	header = maps.Clone(header)
	if header == nil {
		header = map[string]any{}
	}
	header["typ"], header["alg"] = "JWT", "RS256"
	var options crypto.SignerOpts = crypto.SHA256
	ec, isEC := k.signer.(*ecdsa.PrivateKey)
	switch {
	case isEC:
		header["alg"] = "ES256"
	case pss:
		header["alg"] = "PS256"
		options = &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash, Hash: crypto.SHA256}
	}
	text, err := encode(header, claims)
	if err != nil {
		return "", err
	}
	digest := sha256.Sum256([]byte(text))
	var signature []byte
	if isEC {
		signature, err = signEC(ec, digest[:])
	} else {
		signature, err = k.signer.Sign(rand.Reader, digest[:], options)
	}
	if err != nil {
		return "", fmt.Errorf("sign assertion: %w", err)
	}
	return text + "." + base64.RawURLEncoding.EncodeToString(signature), nil
}

// signEC gives both numbers of the signature, 32 bytes each (RFC 7518, 3.4).
func signEC(key *ecdsa.PrivateKey, digest []byte) ([]byte, error) {
	r, s, err := ecdsa.Sign(rand.Reader, key, digest)
	if err != nil {
		return nil, err
	}
	both := make([]byte, 64)
	r.FillBytes(both[:32])
	s.FillBytes(both[32:])
	return both, nil
}

func encode(parts ...map[string]any) (string, error) {
	text := ""
	for i, part := range parts {
		j, err := json.Marshal(part)
		if err != nil {
			return "", fmt.Errorf("encode assertion: %w", err)
		}
		if i > 0 {
			text += "."
		}
		text += base64.RawURLEncoding.EncodeToString(j)
	}
	return text, nil
}
