package directorytest

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"math/big"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/rolecall-dev/rolecall/emulator"
	"github.com/rolecall-dev/rolecall/emulator/idp"
	"github.com/rolecall-dev/rolecall/emulator/idp/vendorapi"
	"github.com/rolecall-dev/rolecall/internal/directory"
	"github.com/rolecall-dev/rolecall/internal/directory/entra"
	"github.com/rolecall-dev/rolecall/internal/directory/google"
	"github.com/rolecall-dev/rolecall/internal/directory/okta"
	"github.com/rolecall-dev/rolecall/internal/quota"
)

// rig is a simulated identity provider that pushes to a simulated AWS, and the
// connector that reads it.
type rig struct {
	t   *testing.T
	aws *emulator.Emulator
	idp *idp.Directory
	api *vendorapi.API
	dir directory.Directory

	settings directory.Settings
	client   *http.Client
	budgets  *quota.Budgets
	secrets  map[string]string // environment variables
}

const scimToken = "planted-scim-token"

// vendor is one connector with one way to sign in.
type vendor struct {
	name string
	kind idp.Kind
	set  func(r *rig, o *vendorapi.Options)
	open func(directory.Settings, *http.Client, *quota.Budgets) (directory.Directory, error)
}

func openOkta(s directory.Settings, h *http.Client, b *quota.Budgets) (directory.Directory, error) {
	return okta.New(s, h, b)
}

func openEntra(s directory.Settings, h *http.Client, b *quota.Budgets) (directory.Directory, error) {
	return entra.New(s, h, b)
}

func openGoogle(s directory.Settings, h *http.Client, b *quota.Budgets) (directory.Directory, error) {
	return google.New(s, h, b)
}

const tenant = "11111111-2222-4333-8444-555555555555"

// vendors are all connectors to identity providers, in each way to sign in.
func vendors() []vendor {
	return []vendor{
		{"okta with a token", idp.Okta, func(r *rig, o *vendorapi.Options) {
			o.Token = "planted-okta-token"
			r.settings = directory.Settings{Organization: "company.okta.com", TokenEnv: r.secret("OKTA_TOKEN", o.Token)}
		}, openOkta},
		{"okta with a key", idp.Okta, func(r *rig, o *vendorapi.Options) {
			o.ClientID, o.ClientKey = "0oaclient", RSAKey().Public()
			r.settings = directory.Settings{Organization: "https://company.okta.com", ClientID: "0oaclient", KeyID: "key", PrivateKeyEnv: r.secret("OKTA_KEY", pemKey(RSAKey()))}
		}, openOkta},
		{"okta with a key on a curve", idp.Okta, func(r *rig, o *vendorapi.Options) {
			key := ecKey()
			o.ClientID, o.ClientKey = "0oaclient", key.Public()
			r.settings = directory.Settings{Organization: "https://company.okta.com", ClientID: "0oaclient", KeyID: "key", PrivateKeyEnv: r.secret("OKTA_KEY", pemKey(key))}
		}, openOkta},
		{"entra with a secret", idp.Entra, func(r *rig, o *vendorapi.Options) {
			o.ClientID, o.ClientSecret, o.Tenant = "reader", "planted-entra-secret", tenant
			r.settings = directory.Settings{Organization: tenant, ClientID: "reader", ClientSecretEnv: r.secret("ENTRA_SECRET", o.ClientSecret)}
		}, openEntra},
		{"entra with a certificate", idp.Entra, func(r *rig, o *vendorapi.Options) {
			o.ClientID, o.ClientKey = "reader", RSAKey().Public()
			r.settings = directory.Settings{Organization: "company.onmicrosoft.com", ClientID: "reader", PrivateKeyEnv: r.secret("ENTRA_KEY", pemKey(RSAKey())+certificate(RSAKey()))}
		}, openEntra},
		{"entra with a federated token", idp.Entra, func(r *rig, o *vendorapi.Options) {
			o.ClientID, o.FederatedToken = "reader", "planted.federated.token"
			r.settings = directory.Settings{Organization: tenant, ClientID: "reader", TokenEnv: r.secret("ID_TOKEN", o.FederatedToken)}
		}, openEntra},
		{"google", idp.Google, func(r *rig, o *vendorapi.Options) {
			o.ClientID, o.ClientKey, o.Subject = "reader@project.iam.gserviceaccount.com", RSAKey().Public(), "admin@company.com"
			key, _ := json.Marshal(map[string]string{"type": "service_account", "client_email": o.ClientID, "private_key_id": "1", "private_key": pemKey(RSAKey())})
			r.settings = directory.Settings{Subject: o.Subject, CredentialsEnv: r.secret("GOOGLE_KEY", string(key))}
			r.secrets["inside"] = pemKey(RSAKey())
		}, openGoogle},
	}
}

// once is one vendor of each kind.
func once() []vendor {
	var all []vendor
	seen := map[idp.Kind]bool{}
	for _, v := range vendors() {
		if !seen[v.kind] {
			seen[v.kind] = true
			all = append(all, v)
		}
	}
	return all
}

var ecKey = sync.OnceValue(func() *ecdsa.PrivateKey {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(err)
	}
	return key
})

func pemKey(key crypto.Signer) string {
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		panic(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
}

// certificate makes a certificate of a key.
func certificate(key crypto.Signer) string {
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		panic(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
}

// secret plants a secret in an environment variable and returns its name.
func (r *rig) secret(name, value string) string {
	r.secrets[name] = value
	return name
}

// rig makes everything; edit changes the options of the API.
func (v vendor) rig(t *testing.T, edit ...func(*vendorapi.Options)) *rig {
	t.Helper()
	e, err := emulator.New(emulator.Options{Estate: &emulator.Estate{
		Organization: &emulator.EstateOrganization{Management: "management"},
		Accounts:     []emulator.EstateAccount{{Name: "management"}},
		Instances:    []emulator.EstateInstance{{SCIM: emulator.EstateSCIM{Token: scimToken}}},
	}})
	must(t, err)
	d, err := idp.New(idp.Options{Kind: v.kind, Endpoint: "https://scim.us-east-1.amazonaws.com" + e.SCIM().Path, Token: scimToken, HTTPClient: &http.Client{Transport: e.Transport()}})
	must(t, err)
	r := &rig{t: t, aws: e, idp: d, secrets: map[string]string{"SCIM": scimToken}}
	var o vendorapi.Options
	v.set(r, &o)
	for _, e := range edit {
		e(&o)
	}
	r.api = vendorapi.New(d, o)
	r.client = &http.Client{Transport: r.api}
	r.budgets = quota.New(map[string]quota.Limit{string(v.kind): {TPS: 1000}})
	r.settings.Getenv = func(name string) string { return r.secrets[name] }
	r.dir, err = v.open(r.settings, r.client, r.budgets)
	must(t, err)
	return r
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (r *rig) person(name string, edit ...func(*idp.User)) string {
	r.t.Helper()
	u := idp.User{UserName: name, GivenName: "Jane", FamilyName: "Doe"}
	for _, e := range edit {
		e(&u)
	}
	u, err := r.idp.CreateUser(r.t.Context(), u)
	must(r.t, err)
	return u.ID
}

func (r *rig) group(name string, members ...string) string {
	r.t.Helper()
	g, err := r.idp.CreateGroup(r.t.Context(), idp.Group{Name: name})
	must(r.t, err)
	for _, m := range members {
		must(r.t, r.idp.AddMember(r.t.Context(), g.ID, m))
	}
	return g.ID
}

// sync pushes what is to be pushed; that some of it fails is for the test.
func (r *rig) sync() { _ = r.idp.SyncNow(r.t.Context()) }

// can returns the connector's capability, or ends the test where the connector
// says that it has none, and why.
func can[T any](r *rig, c directory.Capability) T {
	r.t.Helper()
	missing, said := r.dir.About().MissingFor(c)
	capable, has := r.dir.(T)
	switch {
	case has && said:
		r.t.Fatalf("it has %q and says that it has not", c)
	case !has && (!said || missing.Why == "" || missing.Needs == ""):
		r.t.Fatalf("it has no %q, and does not say why and what it would need: %+v", c, missing)
	case !has:
		r.t.Skip("it has no ", c, ": ", missing.Why)
	}
	return capable
}

// each runs a test for every vendor.
func each(t *testing.T, all []vendor, test func(t *testing.T, v vendor)) {
	t.Helper()
	for _, v := range all {
		t.Run(v.name, func(t *testing.T) { test(t, v) })
	}
}

func text(t *testing.T, v any) string {
	t.Helper()
	j, err := json.Marshal(v)
	must(t, err)
	return string(j)
}
