// Package okta reads an Okta organization through its management API
// (OpenAPI description 2026.06, github.com/okta/okta-management-openapi-spec).
//
// It promises to read only, with the scopes okta.users.read, okta.groups.read,
// okta.apps.read and okta.logs.read, to follow Okta's rate limits, and to return
// Okta's request id with each answer. It leaves out what Okta's API does not
// have: when a group was last taken over by AWS, and the SCIM token.
package okta

import (
	"cmp"
	"crypto/rand"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/rolecall-dev/rolecall/internal/directory"
	"github.com/rolecall-dev/rolecall/internal/quota"
)

const (
	system = "Okta"
	kind   = "okta"
	// catalog is the key of AWS IAM Identity Center in Okta's catalog.
	catalog = "amazon_aws_sso"
)

func scopes() []string {
	return []string{usersRead, groupsRead, appsRead, logsRead}
}

// Directory is an Okta organization.
type Directory struct {
	client *directory.Client
	about  directory.About
	app    *directory.Once[application]
}

// New makes a connector; it sends nothing. Credentials are an API token
// (token_env) or a service application's key (client_id, key_id, private_key_env
// or private_key_file). A nil client means Go's own, nil budgets ten calls a
// second.
func New(s directory.Settings, h *http.Client, budgets *quota.Budgets) (*Directory, error) {
	s.Kind = kind
	if err := s.Require(system, "organization", s.Organization); err != nil {
		return nil, err
	}
	base, err := organization(s)
	if err != nil {
		return nil, err
	}
	if budgets == nil {
		budgets = quota.New(nil)
	}
	c := &directory.Client{Silence: &directory.Silence{},
		System: system, Base: base, HTTP: h, Budget: budgets.Family(kind), Explain: explain, After: after, RequestID: "X-Okta-Request-Id",
	}
	if err := authorize(s, c); err != nil {
		return nil, err
	}
	about := directory.About{Kind: kind, System: system, Organization: s.Organization, Application: s.Application}
	return &Directory{client: c, about: about, app: directory.NewOnce[application]()}, nil
}

// organization reads "company.okta.com" and "https://company.okta.com". Other
// hosts than Okta's, and plain HTTP on this machine, are for the environment to
// allow.
func organization(s directory.Settings) (*url.URL, error) {
	u, err := s.Host(system, "organization", s.Organization)
	if err != nil {
		return nil, err
	}
	if strings.Contains(u.Hostname(), "-admin.okta") {
		return nil, s.Invalid(system, "Remove \"-admin\" from it: the API is at the organization's own address.", "the organization %q is the address of the admin console", u.Hostname())
	}
	return &url.URL{Scheme: u.Scheme, Host: u.Host}, nil
}

func authorize(s directory.Settings, c *directory.Client) error {
	if s.TokenEnv != "" {
		token, err := s.Secret(system, s.TokenEnv, "")
		if err != nil {
			return err
		}
		c.Tokens, c.Scheme, c.Hide = directory.FixedToken(token), "SSWS", []string{token}
		return nil
	}
	if err := s.Require(system, "token_env or client_id", s.ClientID, "key_id", s.KeyID, "private_key_env or private_key_file", cmp.Or(s.PrivateKeyEnv, s.PrivateKeyFile)); err != nil {
		return err
	}
	text, err := s.Secret(system, s.PrivateKeyEnv, s.PrivateKeyFile)
	if err != nil {
		return err
	}
	key, err := directory.ParseKey(text)
	if err != nil {
		return s.Invalid(system, "Download the key in PEM form from the service application in Okta.", "read the private key: %v", err)
	}
	bare := *c
	bare.Hide = []string{text}
	c.Scheme, c.Hide = "Bearer", bare.Hide
	c.Tokens = directory.FetchedTokens(&bare, "/oauth2/v1/token", func() (url.Values, error) { return tokenForm(s, c.Base, key) })
	return nil
}

// tokenForm asks for all scopes, with an assertion that lives for five minutes.
func tokenForm(s directory.Settings, base *url.URL, key *directory.Key) (url.Values, error) {
	now := time.Now()
	signed, err := key.Sign(map[string]any{"kid": s.KeyID}, map[string]any{
		"iss": s.ClientID, "sub": s.ClientID, "aud": base.String() + "/oauth2/v1/token", "iat": now.Unix(), "exp": now.Add(5 * time.Minute).Unix(), "jti": rand.Text(),
	}, false)
	return url.Values{
		"grant_type": {"client_credentials"}, "scope": {strings.Join(scopes(), " ")},
		"client_assertion_type": {directory.AssertionType}, "client_assertion": {signed},
	}, err
}

// explain reads Okta's error object, and that of its token endpoint.
func explain(r directory.Reply) directory.Error {
	var body struct {
		Code    string `json:"errorCode"`
		Summary string `json:"errorSummary"`
		Causes  []struct {
			Summary string `json:"errorSummary"`
		} `json:"errorCauses"`
	}
	_ = json.Unmarshal(r.Body, &body) // what is no error object has no code
	e := directory.Error{Code: body.Code, Message: body.Summary}
	for _, c := range body.Causes {
		e.Message += ": " + c.Summary
	}
	if r.Operation == opToken {
		e = directory.OAuthError(r)
		e.Needs = oauthNeeds(e.Code)
		return e
	}
	switch {
	case e.Code == featureOff:
		e.Kind, e.Needs = directory.NotLicensed, featureNeeds(r.Operation)
	case r.Status == http.StatusUnauthorized:
		e.Needs = "Create a new API token in Okta (Security, API, Tokens), or correct the service application; a token expires if it is not used for 30 days."
	case r.Status == http.StatusForbidden:
		e.Needs = "Grant " + directory.ScopeOf(Calls(), r.Operation) + " to the service application in Okta, and give it the Read-Only Administrator role; an API token has the role of the administrator who made it."
	}
	return e
}

// featureOff is Okta's code for what belongs to a feature that the organization does
// not have, or that is not on (developer.okta.com/docs/reference/error-codes,
// E0000015). It comes with 401 as well as 403, and where the credentials have too
// low a role, too.
const featureOff = "E0000015"

func featureNeeds(operation string) string {
	needs := "The Okta organization does not have the feature that this call is about, or it is not enabled: ask Okta's support. If it is, the credentials lack the Read-Only Administrator role."
	if slices.Contains([]string{opMappings, opFeatures, opConnection}, operation) {
		needs += " Provisioning and Group Push come with Lifecycle Management."
	}
	return needs
}

func oauthNeeds(code string) string {
	switch code {
	case "invalid_scope", "consent_required": // either says that one of the scopes is not granted
		return "Grant " + strings.Join(scopes(), ", ") + " to the service application in Okta (Okta API Scopes, step 4 of docs/idp/okta.md): they are requested together, so one that is missing makes every request fail."
	case "invalid_dpop_proof":
		return "Switch off \"Require Demonstrating Proof of Possession (DPoP)\" in the service application's general settings."
	}
	return "Compare client_id, key_id and the private key with the service application in Okta; its authentication must be \"Public key / Private key\"."
}

// after waits for the reset of the rate limit, by Okta's clock.
func after(r directory.Reply) time.Duration {
	reset, err := strconv.ParseInt(r.Header.Get("X-Rate-Limit-Reset"), 10, 64)
	if err != nil || r.Status != http.StatusTooManyRequests {
		return 0
	}
	now, err := http.ParseTime(r.Header.Get("Date"))
	if err != nil {
		now = r.Time
	}
	return max(time.Unix(reset, 0).Sub(now), 0) + time.Second
}

// About says what this directory is.
func (d *Directory) About() directory.About { return d.about }
