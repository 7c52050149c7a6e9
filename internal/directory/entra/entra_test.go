package entra_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"strings"
	"testing"

	"github.com/rolecall-dev/rolecall/internal/directory"
	"github.com/rolecall-dev/rolecall/internal/directory/entra"
)

func TestSettings(t *testing.T) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	bare := string(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)}))
	getenv := func(name string) string { return map[string]string{"SECRET": "s", "KEY": bare}[name] }
	for _, c := range []struct {
		s    directory.Settings
		says string
	}{
		{directory.Settings{}, `"organization" is missing`},
		{directory.Settings{Organization: "t"}, `"client_id" is missing`},
		{directory.Settings{Organization: "t", ClientID: "c"}, "client_secret_env, private_key_file or token_env"},
		{directory.Settings{Organization: "https://t/", ClientID: "c", ClientSecretEnv: "SECRET"}, "not a tenant"},
		{directory.Settings{Organization: "t", ClientID: "c", PrivateKeyEnv: "KEY"}, "without its certificate"},
		{directory.Settings{Organization: "t", ClientID: "c", PrivateKeyEnv: "SECRET"}, "no private key in PEM form"},
		{directory.Settings{Organization: "t", ClientID: "c", ClientSecretEnv: "NONE"}, "the environment variable that client_secret_env names is not set"},
	} {
		c.s.Getenv = getenv
		_, err := entra.New(c.s, nil, nil)
		if !directory.BadSetting.Is(err) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%+v: %v", c.s, err)
		}
	}
}
