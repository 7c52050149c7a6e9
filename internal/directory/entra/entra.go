// Package entra reads a Microsoft Entra ID tenant through Microsoft Graph v1.0
// (learn.microsoft.com/graph/api), of the global cloud or a national one.
//
// It promises to read only, with the application permissions
// Application.Read.All, AuditLog.Read.All, GroupMember.Read.All,
// Synchronization.Read.All and User.Read.All, to obey Graph's throttling, and to
// return Graph's request id with each answer; [Calls] lists every call. People
// have the user name that the provisioning job sends to AWS, as its mapping says.
// It leaves out the claims of sign-ins, which v1.0 does not show.
package entra

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/rolecall-dev/rolecall/internal/directory"
	"github.com/rolecall-dev/rolecall/internal/quota"
)

const (
	system = "Microsoft Entra ID"
	kind   = "entra"
	// gallery is the name that the application has unless somebody renames it, and
	// template the gallery's template that it is made from
	// (learn.microsoft.com/graph/application-saml-sso-configure-api).
	gallery  = "AWS IAM Identity Center"
	template = "21ed01d2-ec13-4e9e-86c1-cd546719ebc4"
	// logPages is how many pages of a log are read.
	logPages = 20
)

// Directory is an Entra ID tenant.
type Directory struct {
	client *directory.Client
	about  directory.About
	app    *directory.Once[application]
	names  *directory.Once[naming]
	lately *lately
}

// New makes a connector; it sends nothing. The client's proof is a secret
// (client_secret_env), a certificate with its key (private_key_env or
// private_key_file), or a token of a federated issuer (token_env). A nil client
// means Go's own, nil budgets ten calls a second.
func New(s directory.Settings, h *http.Client, budgets *quota.Budgets) (*Directory, error) {
	s.Kind = kind
	if err := s.Require(system, "organization", s.Organization, "client_id", s.ClientID); err != nil {
		return nil, err
	}
	if strings.ContainsAny(s.Organization, "/?# ") {
		return nil, s.Invalid(system, "Write the tenant's id, or a domain of it, such as company.onmicrosoft.com.", "the organization is not a tenant")
	}
	at, err := cloudOf(s)
	if err != nil {
		return nil, err
	}
	if budgets == nil {
		budgets = quota.New(nil)
	}
	c := &directory.Client{Silence: &directory.Silence{},
		System: system, HTTP: h, Budget: budgets.Family(kind), Explain: at.explain, After: after, RequestID: "request-id", Scheme: "Bearer",
		Base: &url.URL{Scheme: "https", Host: at.graph},
	}
	if err := authorize(s, c, at); err != nil {
		return nil, err
	}
	about := directory.About{Kind: kind, System: system, Organization: s.Organization, Application: s.Application, Missing: []directory.Missing{{
		Capability: directory.CanPushGroups, Why: "Entra ID has no push groups: it provisions the groups that are assigned to the application.",
		Needs: "Look at the groups that are assigned.",
	}}}
	return &Directory{client: c, about: about, app: directory.NewOnce[application](), names: directory.NewOnce[naming](), lately: newLately()}, nil
}

// authorize decides how the client proves who it is.
func authorize(s directory.Settings, c *directory.Client, at cloud) error {
	login := *c
	login.Base = &url.URL{Scheme: "https", Host: at.login}
	path := "/" + url.PathEscape(s.Organization) + "/oauth2/v2.0/token"
	var secret string
	var err error
	var proof func() (url.Values, error)
	switch {
	case s.ClientSecretEnv != "":
		secret, err = s.Secret(system, s.ClientSecretEnv, "")
		proof = func() (url.Values, error) { return url.Values{"client_secret": {secret}}, nil }
	case s.TokenEnv != "":
		secret, err = s.Secret(system, s.TokenEnv, "")
		proof = func() (url.Values, error) { return asserted(secret), nil }
	case s.PrivateKeyEnv != "" || s.PrivateKeyFile != "":
		if secret, err = s.Secret(system, s.PrivateKeyEnv, s.PrivateKeyFile); err == nil {
			proof, err = certified(s, secret, login.Base.String()+path)
		}
	default:
		err = s.Require(system, "client_secret_env, private_key_file or token_env", "")
	}
	if err != nil {
		return err
	}
	login.Hide = []string{secret}
	c.Hide = login.Hide
	c.Tokens = directory.FetchedTokens(&login, path, func() (url.Values, error) {
		form, err := proof()
		if err != nil {
			return nil, err
		}
		form.Set("grant_type", "client_credentials")
		form.Set("client_id", s.ClientID)
		form.Set("scope", "https://"+at.graph+"/.default")
		return form, nil
	})
	return nil
}

func asserted(token string) url.Values {
	return url.Values{"client_assertion_type": {directory.AssertionType}, "client_assertion": {token}}
}

// certified signs assertions with the certificate's key; the header names the
// certificate (learn.microsoft.com/entra/identity-platform/certificate-credentials).
func certified(s directory.Settings, text, audience string) (func() (url.Values, error), error) {
	key, err := directory.ParseKey(text)
	if err == nil && key.Certificate == nil {
		return nil, s.Invalid(system, "Add the certificate that is registered with the application to the same PEM text, after the key.", "the private key comes without its certificate")
	}
	if err != nil {
		return nil, s.Invalid(system, "Provide the key and its certificate in PEM form.", "read the private key: %v", err)
	}
	sum := sha256.Sum256(key.Certificate)
	return func() (url.Values, error) {
		now := time.Now()
		signed, err := key.Sign(map[string]any{"x5t#S256": base64.RawURLEncoding.EncodeToString(sum[:])}, map[string]any{
			"iss": s.ClientID, "sub": s.ClientID, "aud": audience, "iat": now.Unix(), "nbf": now.Unix(), "exp": now.Add(5 * time.Minute).Unix(), "jti": rand.Text(),
		}, true)
		return asserted(signed), err
	}, nil
}

// after obeys Retry-After, in seconds.
func after(r directory.Reply) time.Duration {
	seconds, err := strconv.Atoi(r.Header.Get("Retry-After"))
	if err != nil || seconds < 0 {
		return 0
	}
	return time.Duration(seconds) * time.Second
}

// About says what this directory is.
func (d *Directory) About() directory.About { return d.about }

// list reads all pages; most limits them, 0 means all. A page may be empty and
// have a next one.
func list[T any](ctx context.Context, d *Directory, operation, path string, most int) (items []T, first directory.Reply, partial bool, err error) {
	return listWith[T](ctx, d, directory.Call{Operation: operation, Path: "/v1.0" + path}, most)
}

func listWith[T any](ctx context.Context, d *Directory, call directory.Call, most int) (items []T, first directory.Reply, partial bool, err error) {
	l, err := directory.ReadList[T](ctx, d.client, call, most, func(r directory.Reply) (directory.Page, error) {
		var part struct {
			Value json.RawMessage `json:"value"`
			Next  string          `json:"@odata.nextLink"`
		}
		if err := r.Decode(&part); err != nil {
			return directory.Page{}, err
		}
		p := directory.Page{Next: part.Next}
		r.Body = part.Value
		return p, r.DecodeList(&p.Items)
	})
	return l.Items, l.First, l.Partial, err
}

// quote writes a value of a filter.
func quote(value string) string { return "'" + strings.ReplaceAll(value, "'", "''") + "'" }

// query writes a query: names and values in turn.
func query(pairs ...string) string {
	var parts []string
	for i := 0; i+1 < len(pairs); i += 2 {
		parts = append(parts, pairs[i]+"="+strings.ReplaceAll(url.QueryEscape(pairs[i+1]), "+", "%20"))
	}
	return "?" + strings.Join(parts, "&")
}

// moment is a time as Graph writes it: null, "" and year 1 mean none.
type moment struct{ time.Time }

// UnmarshalJSON reads it.
func (m *moment) UnmarshalJSON(text []byte) error {
	var s *string
	if err := json.Unmarshal(text, &s); err != nil || s == nil || *s == "" {
		return err
	}
	t, err := time.Parse(time.RFC3339, *s)
	if err == nil && t.Year() > 1 {
		m.Time = t
	}
	return err
}

// interval reads a duration such as PT40M or P1DT2H. One beyond a year is how
// Graph says never; it is 0, as is what cannot be read.
func interval(text string) time.Duration {
	rest, ok := strings.CutPrefix(text, "P")
	days, clock, timed := strings.Cut(rest, "T")
	var sum time.Duration
	if days != "" {
		n, err := strconv.ParseFloat(strings.TrimSuffix(days, "D"), 64)
		ok = ok && err == nil && strings.HasSuffix(days, "D") && n <= 365
		sum = time.Duration(n * 24 * float64(time.Hour))
	}
	if timed {
		d, err := time.ParseDuration(strings.ToLower(clock))
		ok = ok && err == nil
		sum += d
	}
	if !ok || sum < 0 || sum > 365*24*time.Hour {
		return 0
	}
	return sum
}
