// Package google reads a Google Workspace through the Directory API and the
// Reports API of the Admin SDK (developers.google.com/admin-sdk).
//
// It promises to read only, with the four scopes that docs/idp/google.md names,
// as an administrator for whom a service account may act. It leaves out what
// Google shows to no API: for whom the AWS application is on, whether and when
// users were provisioned to AWS, and the application's SAML settings.
package google

import (
	"cmp"
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/rolecall-dev/rolecall/internal/directory"
	"github.com/rolecall-dev/rolecall/internal/quota"
)

const (
	system = "Google Workspace"
	kind   = "google"
	// reportPages is how many pages of activities are read, 1,000 each.
	reportPages = 5
	// deletedPages is how many pages of deleted users are read, 500 each.
	deletedPages = 20
	scopeBase    = "https://www.googleapis.com/auth/"
)

// Directory is a Google Workspace.
type Directory struct {
	client   *directory.Client
	about    directory.About
	customer string
	subject  string // the administrator, who is one of the customer's own users
}

// account is the file of a service account's key, as Google issues it.
type account struct {
	Type  string `json:"type"`
	Email string `json:"client_email"`
	KeyID string `json:"private_key_id"`
	Key   string `json:"private_key"`
}

// New makes a connector; it sends nothing. The credentials are a service
// account's key (credentials_env or credentials_file), and subject is the
// administrator to act as. A nil client means Go's own, nil budgets ten calls a
// second.
func New(s directory.Settings, h *http.Client, budgets *quota.Budgets) (*Directory, error) {
	s.Kind = kind
	if err := s.Require(system, "subject", s.Subject, "credentials_env or credentials_file", cmp.Or(s.CredentialsEnv, s.CredentialsFile)); err != nil {
		return nil, err
	}
	if budgets == nil {
		budgets = quota.New(nil)
	}
	c := &directory.Client{Silence: &directory.Silence{},
		System: system, HTTP: h, Budget: budgets.Family(kind), Explain: explain, Scheme: "Bearer",
		Base: &url.URL{Scheme: "https", Host: "admin.googleapis.com"},
	}
	if err := authorize(s, c); err != nil {
		return nil, err
	}
	about := directory.About{Kind: kind, System: system, Organization: s.Organization, Application: s.Application, Missing: missing()}
	return &Directory{client: c, about: about, customer: cmp.Or(s.Organization, "my_customer"), subject: s.Subject}, nil
}

// missing says what Google shows to no API.
func missing() []directory.Missing {
	const console = "Look in the Admin console: Apps, Web and mobile apps, "
	return []directory.Missing{
		{Capability: directory.CanAssignments, Why: "Google has no API that tells for whom the AWS application is on.", Needs: console + "the AWS application, User access. Failed sign-ins tell of those for whom it is off."},
		{Capability: directory.CanProvision, Why: "Google has no API that tells whether automatic provisioning is on.", Needs: console + "the AWS application, Auto-provisioning."},
		{Capability: directory.CanEvents, Why: "Google has no API for the log of automatic provisioning.", Needs: console + "the AWS application, Auto-provisioning, View sync log."},
		{Capability: directory.CanSAML, Why: "Google has no API for an application's SAML settings.", Needs: console + "the AWS application, Download metadata; rolecall reads that file."},
		{Capability: directory.CanPushGroups, Why: "Google provisions users only; groups never come to AWS.", Needs: "Keep groups in the config, with scim_scope = \"users\"."},
	}
}

func authorize(s directory.Settings, c *directory.Client) error {
	text, err := s.Secret(system, s.CredentialsEnv, s.CredentialsFile)
	if err != nil {
		return err
	}
	var a account
	if err := json.Unmarshal([]byte(text), &a); err != nil || a.Type != "service_account" || a.Email == "" {
		return s.Invalid(system, "Create a key of type JSON for the service account in the Google Cloud console.", "the credentials are not the key of a service account")
	}
	key, err := directory.ParseKey(a.Key)
	if err != nil {
		return s.Invalid(system, "Create a new key for the service account.", "read the private key in the credentials: %v", err)
	}
	login := *c
	login.Base = &url.URL{Scheme: "https", Host: "oauth2.googleapis.com"}
	login.Hide = []string{text, a.Key, strings.ReplaceAll(a.Key, "\n", `\n`)}
	c.Hide = login.Hide
	c.Tokens = directory.FetchedTokens(&login, "/token", func() (url.Values, error) {
		now := time.Now()
		signed, err := key.Sign(map[string]any{"kid": a.KeyID}, map[string]any{
			"iss": a.Email, "sub": s.Subject, "scope": strings.Join(scopes(), " "), "aud": login.Base.String() + "/token",
			"iat": now.Unix(), "exp": now.Add(5 * time.Minute).Unix(),
		}, false)
		return url.Values{"grant_type": {"urn:ietf:params:oauth:grant-type:jwt-bearer"}, "assertion": {signed}}, err
	})
	return nil
}

// About says what this directory is.
func (d *Directory) About() directory.About { return d.about }

// list reads all pages of a list that is under a name, which Google leaves out
// where nothing is in it; most limits the pages, 0 means all.
func list[T any](ctx context.Context, d *Directory, operation, path, name string, q url.Values, most int) (items []T, first directory.Reply, partial bool, err error) {
	l, err := directory.ReadList[T](ctx, d.client, directory.Call{Operation: operation, Path: path + "?" + q.Encode()}, most, func(r directory.Reply) (directory.Page, error) {
		var part map[string]json.RawMessage
		if err := r.DecodeObject(&part); err != nil {
			return directory.Page{}, err
		}
		var p directory.Page
		next := ""
		for key, into := range map[string]any{name: &p.Items, "nextPageToken": &next} {
			if raw := part[key]; raw != nil {
				r.Body = raw
				if err := r.Decode(into); err != nil {
					return p, err
				}
			}
		}
		if next != "" {
			q.Set("pageToken", next)
			p.Next = path + "?" + q.Encode()
		}
		return p, nil
	})
	return l.Items, l.First, l.Partial, err
}

// quote writes a value of a query.
func quote(value string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(value) + "'"
}
