package google_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/rolecall-dev/rolecall/internal/directory"
	"github.com/rolecall-dev/rolecall/internal/directory/google"
)

func credentials(t *testing.T) string {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(map[string]string{
		"type": "service_account", "client_email": "a@b", "private_key": string(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)})),
	})
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// answers gives one answer after another, the last for ever, and tokens.
type answers struct {
	left []answer
	at   int
}

type answer struct {
	status int
	body   string
}

func (a *answers) RoundTrip(r *http.Request) (*http.Response, error) {
	give := answer{200, `{"access_token":"t","expires_in":3600}`}
	if r.URL.Path != "/token" {
		give = a.left[min(a.at, len(a.left)-1)]
		a.at++
	}
	return &http.Response{StatusCode: give.status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(give.body)), Request: r}, nil
}

// TestForbiddenForSpeed tells Google's two meanings of 403 apart.
func TestForbiddenForSpeed(t *testing.T) {
	text := credentials(t)
	synctest.Test(t, func(t *testing.T) {
		fast := answer{403, `{"error":{"code":403,"message":"Quota exceeded","errors":[{"reason":"quotaExceeded"}]}}`}
		denied := answer{403, `{"error":{"code":403,"message":"Not Authorized to access this resource/api","errors":[{"reason":"forbidden"}]}}`}
		for _, c := range []struct {
			left  []answer
			kind  directory.Kind
			tries int
		}{{[]answer{fast, fast, {200, `{}`}}, "", 3}, {[]answer{denied}, directory.Forbidden, 1}, {[]answer{fast}, directory.Throttled, 8}} {
			a := &answers{left: c.left}
			d, err := google.New(directory.Settings{Subject: "admin@b", CredentialsEnv: "C", Getenv: func(string) string { return text }}, &http.Client{Transport: a}, nil)
			if err != nil {
				t.Fatal(err)
			}
			_, err = d.FindGroups(t.Context(), "Admins")
			if c.kind == "" && err != nil || c.kind != "" && !c.kind.Is(err) || a.at != c.tries {
				t.Errorf("%v after %d tries, want %q after %d", err, a.at, c.kind, c.tries)
			}
		}
	})
}

func TestSettings(t *testing.T) {
	for text, says := range map[string]string{
		"":                           "is not set",
		"planted secret":             "not the key of a service account",
		`{"type":"authorized_user"}`: "not the key of a service account",
		`{"type":"service_account","client_email":"a@b","private_key":"x"}`: "no private key in PEM form",
	} {
		s := directory.Settings{Subject: "admin@b", CredentialsEnv: "C", Getenv: func(string) string { return text }}
		_, err := google.New(s, nil, nil)
		if !directory.BadSetting.Is(err) || !strings.Contains(err.Error(), says) || strings.Contains(err.Error(), "planted") {
			t.Errorf("%q: %v", text, err)
		}
	}
	for _, s := range []directory.Settings{{CredentialsEnv: "C"}, {Subject: "a@b"}} {
		if _, err := google.New(s, nil, nil); !directory.BadSetting.Is(err) {
			t.Errorf("%+v: %v", s, err)
		}
	}
}
