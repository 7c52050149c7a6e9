package directory_test

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rolecall-dev/rolecall/internal/directory"
	"github.com/rolecall-dev/rolecall/internal/trust"
)

func block(t *testing.T, kind string, key any, marshal func(any) ([]byte, error)) string {
	t.Helper()
	der, err := marshal(key)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
}

func generate(t *testing.T, bits int) *rsa.PrivateKey {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, bits)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// TestSign verifies signatures in each form that a key comes in.
func TestSign(t *testing.T) {
	r := generate(t, 2048)
	e, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	pkcs1 := func(any) ([]byte, error) { return x509.MarshalPKCS1PrivateKey(r), nil }
	sec1 := func(any) ([]byte, error) { return x509.MarshalECPrivateKey(e) }
	byRSA := func(sum, signature []byte) bool {
		return rsa.VerifyPKCS1v15(&r.PublicKey, crypto.SHA256, sum, signature) == nil
	}
	byPSS := func(sum, signature []byte) bool {
		return rsa.VerifyPSS(&r.PublicKey, crypto.SHA256, sum, signature, nil) == nil
	}
	byEC := func(sum, signature []byte) bool {
		return len(signature) == 64 && ecdsa.Verify(&e.PublicKey, sum, new(big.Int).SetBytes(signature[:32]), new(big.Int).SetBytes(signature[32:]))
	}
	for _, c := range []struct {
		text, algorithm string
		pss             bool
		verifies        func(sum, signature []byte) bool
	}{
		{block(t, "PRIVATE KEY", r, x509.MarshalPKCS8PrivateKey), "RS256", false, byRSA},
		{block(t, "RSA PRIVATE KEY", r, pkcs1), "RS256", false, byRSA},
		{block(t, "PRIVATE KEY", r, x509.MarshalPKCS8PrivateKey), "PS256", true, byPSS},
		{block(t, "PRIVATE KEY", e, x509.MarshalPKCS8PrivateKey), "ES256", true, byEC},
		{block(t, "EC PRIVATE KEY", e, sec1), "ES256", false, byEC},
	} {
		key, err := directory.ParseKey(c.text)
		if err != nil {
			t.Fatal(err)
		}
		token, err := key.Sign(map[string]any{"kid": "k"}, map[string]any{"iss": "i"}, c.pss)
		if err != nil {
			t.Fatal(err)
		}
		parts := strings.Split(token, ".")
		header, _ := base64.RawURLEncoding.DecodeString(parts[0])
		signature, _ := base64.RawURLEncoding.DecodeString(parts[2])
		sum := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
		if want := `{"alg":"` + c.algorithm + `","kid":"k","typ":"JWT"}`; string(header) != want || !c.verifies(sum[:], signature) {
			t.Errorf("%s: header %s, or the signature is wrong", c.algorithm, header)
		}
	}
}

func TestRefusedKeys(t *testing.T) {
	short := block(t, "PRIVATE KEY", generate(t, 1024), x509.MarshalPKCS8PrivateKey)
	curve, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{"", "planted secret", short, block(t, "PRIVATE KEY", curve, x509.MarshalPKCS8PrivateKey), short[:100], strings.ReplaceAll(short, "M", "N")} {
		_, err := directory.ParseKey(text)
		if err == nil {
			t.Fatalf("took %q", text)
		}
		for line := range strings.SplitSeq(text, "\n") {
			if line != "" && strings.Contains(err.Error(), line) {
				t.Errorf("the error shows the key: %v", err)
			}
		}
	}
}

func TestSecret(t *testing.T) {
	s := directory.Settings{Kind: "okta", Dir: "conf", Getenv: func(name string) string { return map[string]string{"A": "from a"}[name] }, ReadFile: func(name string) ([]byte, error) {
		if name == "conf/key.pem" {
			return []byte("from a file"), nil
		}
		return nil, errors.New("no such file")
	}}
	for _, c := range []struct{ env, file, want string }{{"A", "key.pem", "from a"}, {"", "key.pem", "from a file"}, {"", "", ""}} {
		if got, err := s.Secret("Okta", c.env, c.file); got != c.want || err != nil {
			t.Errorf("%q, %q: %q, %v", c.env, c.file, got, err)
		}
	}
	for _, c := range []struct{ env, file string }{{"B", "key.pem"}, {"", "other"}} {
		if _, err := s.Secret("Okta", c.env, c.file); !directory.BadSetting.Is(err) {
			t.Errorf("%q, %q: %v", c.env, c.file, err)
		}
	}
}

// Neither name is shown: it may be the secret, written in the wrong place. And
// what a config may not ask for is not looked up.
func TestSecretThatIsNotLookedUp(t *testing.T) {
	dir := t.TempDir()
	outside := filepath.Join(t.TempDir(), "hunter2.pem")
	for _, name := range []string{outside, filepath.Join(dir, "inside.pem")} {
		if err := os.WriteFile(name, []byte("content"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for link, to := range map[string]string{"hunter2-out.pem": outside, "in.pem": "inside.pem"} {
		if err := os.Symlink(to, filepath.Join(dir, link)); err != nil {
			t.Fatal(err)
		}
	}
	getenv := func(name string) string {
		return map[string]string{"AWS_SECRET_ACCESS_KEY": "key", "GITHUB_TOKEN": "token", trust.PathsVariable: outside}[name]
	}
	s := directory.Settings{Kind: "okta", Dir: dir, Getenv: getenv}
	for _, c := range []struct{ env, file string }{
		{"HUNTER2_hunter2", ""}, {"hunter2-hunter2", ""}, {"AWS_SECRET_ACCESS_KEY", ""}, {"GITHUB_TOKEN", ""},
		{"", outside}, {"", "../hunter2.pem"}, {"", "hunter2-out.pem"}, {"", "hunter2-gone.pem"},
	} {
		s.TokenEnv, s.PrivateKeyFile = c.env, c.file
		got, err := s.Secret("Okta", c.env, c.file)
		if !directory.BadSetting.Is(err) || got != "" || strings.Contains(fmt.Sprintf("%+v", *err.(*directory.Error)), "hunter2") {
			t.Errorf("%+v: %q, %+v", c, got, err)
		}
	}
	s.Machine = trust.Of(getenv)
	for _, file := range []string{"inside.pem", "in.pem", outside} {
		if got, err := s.Secret("Okta", "", file); got != "content" || err != nil {
			t.Errorf("%s: %q, %v", file, got, err)
		}
	}
}

func TestOnceKeepsNoFailure(t *testing.T) {
	once, calls := directory.NewOnce[int](), 0
	get := func(context.Context) (int, error) {
		calls++
		if calls == 1 {
			return 0, errors.New("not yet")
		}
		return calls, nil
	}
	if _, err := once.Get(t.Context(), get); err == nil {
		t.Error("the failure is lost")
	}
	for range 2 {
		if n, err := once.Get(t.Context(), get); n != 2 || err != nil {
			t.Errorf("%d, %v", n, err)
		}
	}
}

// TestEveryKindHasACode finds kinds of failures that no document explains.
func TestEveryKindHasACode(t *testing.T) {
	known := map[string]bool{}
	for _, c := range directory.Codes() {
		known[string(c.Code)] = c.Meaning != "" && c.Do != ""
	}
	for _, k := range []directory.Kind{directory.BadSetting, directory.Unauthorized, directory.Forbidden, directory.NotThere, directory.Throttled, directory.Unavailable, directory.Refused, directory.Unreadable, directory.NotLicensed} {
		d := (&directory.Error{Kind: k, System: "Okta", Call: "GET /x", Message: "m", ID: "r"}).Diagnostic()
		if !known[string(d.Code)] || len(d.Evidence) != 1 || d.Evidence[0].Saw != "m" || d.Evidence[0].ID != "r" {
			t.Errorf("%s: %+v", k, d)
		}
	}
}
