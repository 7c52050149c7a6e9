package doctor_test

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"math/big"
	"net/http"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/aws/aws-sdk-go-v2/credentials"

	"github.com/rolecall-dev/rolecall/emulator"
	"github.com/rolecall-dev/rolecall/emulator/idp"
	"github.com/rolecall-dev/rolecall/emulator/idp/vendorapi"
	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/config"
	"github.com/rolecall-dev/rolecall/internal/directory"
	"github.com/rolecall-dev/rolecall/internal/directory/directorytest"
	"github.com/rolecall-dev/rolecall/internal/directory/entra"
	"github.com/rolecall-dev/rolecall/internal/directory/file"
	"github.com/rolecall-dev/rolecall/internal/directory/google"
	"github.com/rolecall-dev/rolecall/internal/directory/okta"
	"github.com/rolecall-dev/rolecall/internal/doctor"
	"github.com/rolecall-dev/rolecall/internal/identitycenter"
	"github.com/rolecall-dev/rolecall/internal/identitycenter/read"
	"github.com/rolecall-dev/rolecall/internal/presence"
	"github.com/rolecall-dev/rolecall/internal/probe/saml"
	"github.com/rolecall-dev/rolecall/internal/probe/scim"
	"github.com/rolecall-dev/rolecall/internal/quota"
	"github.com/rolecall-dev/rolecall/internal/setcache"
)

const (
	jane       = "jane@company.com"
	team       = "AWS-Team"
	set        = "Team"
	production = "444455556666"
)

// world is an AWS and an identity provider in which Jane has access.
type world struct {
	t      *testing.T
	aws    *emulator.Emulator
	idp    *idp.Directory
	janeID string // at the identity provider
	teamID string
	config string
	scim   doctor.Fact[scim.Answer]
	token  string // SCIM's, unless it is the right one

	secrets map[string]string // environment variables
	age     doctor.Fact[scim.Age]

	metadata doctor.Fact[saml.Metadata]
	// warm is a cache that has the names of all permission sets; scan is --scan;
	// key says who calls AWS, the management account unless given.
	warm, scan bool
	key        string
	// soft says that a change which is not possible is no failure of the test.
	soft bool
	// another is an AWS whose SCIM endpoint is taken for that of this one; address
	// is what rolecall.hcl says, unless that is true.
	another *emulator.Emulator
	address string
	// noToken says that rolecall has no SCIM token, and cannot look itself.
	noToken bool
	// app is the AWS application at the identity provider.
	app vendorapi.App
	// options change how the identity provider's API answers, and served what it
	// has once it is there.
	options func(*vendorapi.Options)
	served  func(*vendorapi.API)
	// export says that all that is known of the identity provider is an export.
	export bool
	// api is the identity provider's own, signIns those that fail there.
	api     *vendorapi.API
	signIns []vendorapi.SignInFailure
	wrap    func(directory.Directory) directory.Directory
	// renamed are groups of the config that are known by id.
	renamed map[string]access.Renamed
}

func text(source, more string) string {
	return `management_mode = "external"
scim_identity_source = "` + source + `"
external_groups = [{ name = "` + team + `", description = "t", accounts_names = ["production"], permission_set_name = "` + set + `",
  aws_managed_policies = ["arn:aws:iam::aws:policy/ReadOnlyAccess"] }]
` + more
}

func newWorld(t *testing.T, kind idp.Kind, edit func(*emulator.Estate)) *world {
	t.Helper()
	e := emulator.DefaultEstate()
	e.Users = []emulator.EstateUser{{UserName: jane, Email: jane, GivenName: "Jane", FamilyName: "Smith", DisplayName: "Jane Smith", Source: emulator.FromSCIM},
		{UserName: "mary@company.com", Email: "mary@company.com", GivenName: "Mary", FamilyName: "Major", DisplayName: "Mary Major", Source: emulator.FromSCIM}}
	e.Groups = []emulator.EstateGroup{{DisplayName: team, Source: emulator.FromSCIM, Members: []string{jane}}}
	e.PermissionSets = []emulator.EstatePermissionSet{{Name: set, AWSManagedPolicies: []string{"arn:aws:iam::aws:policy/ReadOnlyAccess"}}}
	e.Assignments = []emulator.EstateAssignment{{PermissionSet: set, Accounts: []string{"production"}, Group: team}}
	if edit != nil {
		edit(e)
	}
	aws, err := emulator.New(emulator.Options{Estate: e, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	w := &world{t: t, aws: aws, config: text(map[idp.Kind]string{idp.Okta: "Okta", idp.Entra: "Entra ID", exported: "PingFederate"}[kind], "")}
	switch kind {
	case idp.Google:
		w.config = usersOnly
	case exported: // some other product, which works in cycles and nests groups
		w.export, kind = true, idp.Entra
	}
	w.idp, err = idp.New(idp.Options{Kind: kind, Endpoint: strings.TrimSuffix("https://scim.us-east-1.amazonaws.com"+aws.SCIM().Path, "/"), Token: aws.SCIM().Token,
		HTTPClient: &http.Client{Transport: aws.Transport()}, LinkGroups: true})
	if err != nil {
		t.Fatal(err)
	}
	w.people(kind)
	if kind != idp.Okta {
		w.sync()
	}
	return w
}

// people fills the directory with what AWS has already.
func (w *world) people(kind idp.Kind) {
	w.t.Helper()
	ctx := w.t.Context()
	user := w.user(jane, "Jane", "Smith")
	w.user("mary@company.com", "Mary", "Major")
	w.janeID = user.ID
	w.must(w.idp.Assign(ctx, idp.UserPrincipal, user.ID))
	if kind == idp.Google {
		return
	}
	group, err := w.idp.CreateGroup(ctx, idp.Group{Name: team})
	w.must(err)
	w.teamID = group.ID
	w.must(w.idp.AddMember(ctx, group.ID, user.ID))
	if kind == idp.Okta {
		w.must(w.idp.PushGroup(ctx, group.ID, true))
		return
	}
	w.must(w.idp.Assign(ctx, idp.GroupPrincipal, group.ID))
}

func (w *world) user(name, given, family string) idp.User {
	w.t.Helper()
	u, err := w.idp.CreateUser(w.t.Context(), idp.User{UserName: name, GivenName: given, FamilyName: family})
	w.must(err)
	return u
}

// exported is an identity provider of which there is an export, and no connector.
const exported idp.Kind = "export"

// exportNow is what an administrator would export at this moment.
func (w *world) exportNow(string) ([]byte, error) {
	s := w.idp.Snapshot()
	users, groups := []map[string]string{}, []map[string]any{}
	for _, u := range s.Users {
		users = append(users, map[string]string{"id": u.ID, "user_name": u.UserName, "email": u.Email, "status": string(u.Status)})
	}
	for _, g := range s.Groups {
		members := map[bool][]string{}
		for _, m := range s.Memberships {
			if m.GroupID == g.ID {
				members[m.MemberIsGroup] = append(members[m.MemberIsGroup], m.MemberID)
			}
		}
		groups = append(groups, map[string]any{"id": g.ID, "name": g.Name, "members": members[false], "member_groups": members[true]})
	}
	return json.Marshal(map[string]any{"exported": time.Now().UTC().Format(time.RFC3339), "users": users, "groups": groups})
}

// certificate makes one that ends after so long.
func (w *world) certificate(left time.Duration) []byte {
	w.t.Helper()
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: time.Now().AddDate(-1, 0, 0), NotAfter: time.Now().Add(left)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, directorytest.RSAKey().Public(), directorytest.RSAKey())
	w.must(err)
	return der
}

// failSignIn makes a sign-in of Jane's fail, now.
func (w *world) failSignIn(f vendorapi.SignInFailure) {
	f.UserID, f.Time = w.janeID, time.Now()
	w.signIns = append(w.signIns, f)
	time.Sleep(time.Minute)
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil && w.soft {
		panic(impossible{})
	}
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) sync() {
	w.t.Helper()
	w.must(w.idp.SyncNow(w.t.Context()))
}

func (w *world) client() *identitycenter.Client {
	w.t.Helper()
	limits := identitycenter.Limits()
	for family := range limits {
		limits[family] = quota.Limit{TPS: 1e6}
	}
	cache := setcache.Folder{Dir: w.t.TempDir()}
	if i := w.aws.State().Instances[0]; w.warm {
		sets := map[string]identitycenter.CachedSet{}
		for _, s := range i.PermissionSets {
			sets[s.ARN] = identitycenter.CachedSet{Name: s.Name}
		}
		w.must(cache.Save(i.ARN, sets))
	}
	c, err := identitycenter.Connect(context.Background(), identitycenter.Options{
		Region: "us-east-1", Credentials: credentials.NewStaticCredentialsProvider(cmp.Or(w.key, emulator.ManagementKey), secretKey, ""),
		HTTPClient: &http.Client{Transport: w.aws.Transport()}, Quota: quota.New(limits), Cache: cache,
	})
	w.must(err)
	return c
}

func (w *world) desired() (access.State, access.Config) {
	w.t.Helper()
	r, found := config.ValidateFS(fstest.MapFS{"a.tfvars": &fstest.MapFile{Data: []byte(w.config)}}, "a.tfvars", config.Options{})
	w.must(found.Err())
	return access.Desired(r.Config, "tests"), r.Config
}

// connectorUnless returns none where the estate alone is the subject.
func (w *world) connectorUnless(without bool) directory.Directory {
	if without {
		return nil
	}
	return w.connector()
}

// connector is how rolecall sees the identity provider: the real connector, over
// the provider's own API.
func (w *world) connector() directory.Directory {
	w.t.Helper()
	if w.export {
		d, err := file.New(directory.Settings{Path: "export.json", Organization: "PingFederate", ReadFile: w.exportNow})
		w.must(err)
		return d
	}
	kind := w.idp.Snapshot().Kind
	o := vendorapi.Options{}
	s := directory.Settings{Getenv: func(name string) string { return w.secrets[name] }}
	w.secrets = map[string]string{}
	var err error
	var d directory.Directory
	o.App = w.app
	client := func() *http.Client {
		if w.options != nil {
			w.options(&o)
		}
		w.api = vendorapi.New(w.idp, o)
		if w.served != nil {
			w.served(w.api)
		}
		for _, f := range w.signIns {
			w.api.FailSignIn(f)
		}
		return &http.Client{Transport: w.api}
	}
	switch kind {
	case idp.Okta:
		o.Token, w.secrets["TOKEN"] = planted, planted
		s.Organization, s.TokenEnv = "company.okta.com", "TOKEN"
		d, err = okta.New(s, client(), nil)
	case idp.Entra:
		const tenant = "11111111-2222-4333-8444-555555555555"
		o.ClientID, o.ClientSecret, o.Tenant, w.secrets["SECRET"] = "reader", planted, tenant, planted
		s.Organization, s.ClientID, s.ClientSecretEnv = tenant, "reader", "SECRET"
		d, err = entra.New(s, client(), nil)
	default:
		o.ClientID, o.ClientKey, o.Subject = "reader@project.iam.gserviceaccount.com", directorytest.RSAKey().Public(), "admin@company.com"
		der, merr := x509.MarshalPKCS8PrivateKey(directorytest.RSAKey())
		w.must(merr)
		key, merr := json.Marshal(map[string]string{"type": "service_account", "client_email": o.ClientID, "private_key_id": "1",
			"private_key": string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))})
		w.must(merr)
		w.secrets["KEY"] = string(key)
		s.Subject, s.CredentialsEnv = o.Subject, "KEY"
		d, err = google.New(s, client(), nil)
	}
	w.must(err)
	return d
}

func (w *world) diagnose(subject doctor.Subject, name, account string, d directory.Directory) doctor.Report {
	w.t.Helper()
	desired, cfg := w.desired()
	c := doctor.Case{Subject: subject, Name: name, Account: account, Desired: desired, SetUp: cfg.SetUp(), IdP: cfg.IdPName(), Now: time.Now(), Scan: w.scan,
		AWS: read.New(w.client()).Diagnosis(), Directory: d, SCIM: w.scim, TokenAge: w.age, Metadata: w.metadata}
	c.Renamed = func(_ context.Context, group string) (access.Renamed, error) { return w.renamed[group], nil }
	if w.wrap != nil {
		c.Directory = w.wrap(d)
	}
	if !c.Metadata.Known {
		c.Metadata = doctor.Unknown[saml.Metadata]("the metadata")
	}
	if subject == doctor.SetUp {
		have, _, err := read.New(w.client()).Identities(w.t.Context(), desired)
		w.must(err)
		c.Live, c.Most = have, 100
		c.Names = doctor.Known(presence.Check(desired, have, presence.Options{SetUp: cfg.SetUp(), IdP: cfg.IdPName(), Renamed: w.renamed}))
	}
	c.Endpoint = cmp.Or(w.address, w.endpoint())
	if !c.SCIM.Known && !w.noToken {
		c.SCIMLook = w.look()
	}
	f, err := doctor.Gather(w.t.Context(), c)
	w.must(err)
	r := doctor.Diagnose(f)
	w.noSecret(r)
	return r
}

// endpoint is AWS's SCIM endpoint, as rolecall.hcl names it.
func (w *world) endpoint() string {
	return "https://scim.us-east-1.amazonaws.com" + w.atSCIM().SCIM().Path
}

// atSCIM is the AWS whose SCIM endpoint rolecall.hcl names.
func (w *world) atSCIM() *emulator.Emulator { return cmp.Or(w.another, w.aws) }

func (w *world) look() *scim.Client {
	w.t.Helper()
	p, err := scim.New(scim.Options{Endpoint: w.endpoint(), Token: scim.NewToken(cmp.Or(w.token, w.atSCIM().SCIM().Token)), HTTPClient: w.atSCIM().Transport()})
	w.must(err)
	return p
}

// Secrets that must be in no output.
const (
	wrongToken = "planted-wrong-token"
	planted    = "planted-connector-secret"
	secretKey  = "planted-secret-access-key"
)

func (w *world) noSecret(r doctor.Report) {
	w.t.Helper()
	text, err := json.Marshal(r)
	w.must(err)
	for _, secret := range []string{w.aws.SCIM().Token, wrongToken, planted, secretKey, "PRIVATE KEY"} {
		if strings.Contains(string(text), secret) {
			w.t.Errorf("the report has the token: %s", text)
		}
	}
}
