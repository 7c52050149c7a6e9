package vendorapi

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math/big"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/rolecall-dev/rolecall/emulator/internal/ids"
)

// claims are what matters of a signed assertion.
type claims struct {
	Issuer   string `json:"iss"`
	Subject  string `json:"sub"`
	Audience string `json:"aud"`
	Scope    string `json:"scope"`
	ID       string `json:"jti"`
	Issued   int64  `json:"iat"`
	Expires  int64  `json:"exp"`
}

// assertion verifies a JSON Web Token.
func assertion(text string, key crypto.PublicKey, audience string) (claims, error) {
	var c claims
	parts := strings.Split(text, ".")
	if len(parts) != 3 || key == nil {
		return c, errors.New("the assertion is no signed token, or no key is registered")
	}
	var header struct {
		Algorithm string `json:"alg"`
	}
	signature, err := base64.RawURLEncoding.DecodeString(parts[2])
	if err != nil || unpack(parts[0], &header) != nil || unpack(parts[1], &c) != nil {
		return c, errors.New("the assertion cannot be read")
	}
	digest := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
	now := time.Now().Unix()
	switch {
	case !verifies(header.Algorithm, key, digest[:], signature):
		return c, errors.New("the signature of the assertion is not valid")
	case c.Audience != audience:
		return c, fmt.Errorf("the audience of the assertion is not %q", audience)
	case c.Expires <= now || c.Expires > now+3600:
		return c, errors.New("the assertion has expired, or lives longer than an hour")
	}
	return c, nil
}

func unpack(part string, into any) error {
	text, err := base64.RawURLEncoding.DecodeString(part)
	if err != nil {
		return err
	}
	return json.Unmarshal(text, into)
}

func verifies(algorithm string, key crypto.PublicKey, digest, signature []byte) bool {
	switch k := key.(type) {
	case *rsa.PublicKey:
		return algorithm == "RS256" && rsa.VerifyPKCS1v15(k, crypto.SHA256, digest, signature) == nil ||
			algorithm == "PS256" && rsa.VerifyPSS(k, crypto.SHA256, digest, signature, nil) == nil
	case *ecdsa.PublicKey:
		if algorithm != "ES256" || len(signature) != 64 {
			return false
		}
		return ecdsa.Verify(k, digest, new(big.Int).SetBytes(signature[:32]), new(big.Int).SetBytes(signature[32:]))
	}
	return false
}

// issue answers with a new access token for an hour.
func (a *API) issue(w http.ResponseWriter, scopes []string) {
	a.mu.Lock()
	token := fmt.Sprintf("access-%s-%d", ids.Draw(a.stable("token"), "abcdefghijklmnopqrstuvwxyz", 24), a.requests)
	a.forgetTokens()
	a.tokens[token] = grant{scopes, time.Now().Add(time.Hour)}
	a.mu.Unlock()
	answer(w, http.StatusOK, map[string]any{"token_type": "Bearer", "expires_in": 3600, "access_token": token, "scope": strings.Join(scopes, " ")})
}

// forgetTokens makes room for another token where there are too many: the older
// half goes.
func (a *API) forgetTokens() {
	if len(a.tokens) < maxGrants {
		return
	}
	var ends []time.Time
	for _, g := range a.tokens {
		ends = append(ends, g.until)
	}
	slices.SortFunc(ends, time.Time.Compare)
	middle := ends[len(ends)/2]
	maps.DeleteFunc(a.tokens, func(_ string, g grant) bool { return !g.until.After(middle) })
}

func tokenError(w http.ResponseWriter, status int, code, text string) {
	answer(w, status, map[string]any{"error": code, "error_description": text})
}

// bearer tells whether the request has a good access token, and whether that
// may do what needs one of the scopes.
func (a *API) bearer(r *http.Request, scopes ...string) (known, may bool) {
	token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	a.mu.Lock()
	defer a.mu.Unlock()
	g, found := a.tokens[token]
	if !ok || !found || !time.Now().Before(g.until) {
		return false, false
	}
	return true, g.scopes == nil || slices.ContainsFunc(scopes, func(s string) bool { return slices.Contains(g.scopes, s) })
}

// allowed tells whether the client has all of the scopes.
func (o Options) allowed(scopes []string) bool {
	return o.Scopes == nil || !slices.ContainsFunc(scopes, func(s string) bool { return !slices.Contains(o.Scopes, s) })
}
