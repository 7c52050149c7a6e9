package config

import (
	"errors"
	"fmt"
	"slices"

	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/config/source"
	"github.com/rolecall-dev/rolecall/internal/diag"
	"github.com/rolecall-dev/rolecall/internal/names"
	"github.com/rolecall-dev/rolecall/internal/trust"
)

// refuseSecrets finds secrets that were written into the file: under a key that
// speaks of one, unless it is one of the keys that a block has. Such a key misspelt is
// told as that; what it has may be a secret nevertheless, and is not shown.
func (l *loader) refuseSecrets(body *hclsyntax.Body, keys ...string) {
	has := func(name string) bool { return slices.Contains(keys, name) }
	for name, a := range body.Attributes {
		if has(name) || !source.NamesSecret.MatchString(name) {
			continue
		}
		at := source.Range(a.Expr.Range())
		l.Hide(at.File, at.Start.Byte, at.End.Byte)
		delete(body.Attributes, name)
		if near := names.Nearest(name, keys); near != "" && near != name+"_env" && source.NamesSecret.MatchString(near) {
			l.Report(diag.Diagnostic{Code: CodeUnknownKey, Range: source.Range(a.NameRange),
				Summary: fmt.Sprintf("there is no key %q here", name), Snippet: name + " = (not shown)",
				Hint: names.DidYouMean(near, "") + " If its value is the secret itself, replace the secret: it is in a file now, and may have been seen."})
			continue
		}
		env := "token_env"
		if has(name + "_env") {
			env = name + "_env"
		}
		l.Report(diag.Diagnostic{Code: CodeSecret, Range: source.Range(a.NameRange),
			Summary: fmt.Sprintf("%q is a secret and does not belong in a file that is committed", name),
			Hint:    fmt.Sprintf("Put it into an environment variable and write %s = \"<its name>\"; then replace the secret: it is in a file now, and may have been seen.", env),
			Snippet: name + " = (not shown)"})
	}
}

// secretKeys are the keys whose values are never shown: what they name may
// be the secret itself.
func (c *Connector) secretKeys() []setting {
	return []setting{{"token_env", &c.TokenEnv}, {"client_secret_env", &c.ClientSecretEnv}, {"private_key_env", &c.PrivateKeyEnv}, {"credentials_env", &c.CredentialsEnv}}
}

// setting is a text with its key.
type setting struct {
	key string
	at  *access.Text
}

// checkTrust refuses what a config may not ask for, and forgets it: a command
// that goes on despite findings must not use it.
func (l *loader) checkTrust(s *Settings) {
	m := l.machine
	if s.SCIM != nil {
		l.refuse(setting{"endpoint", &s.SCIM.Endpoint}, func(text string) error { return second(m.URL(trust.SCIM, text)) })
		l.refuse(setting{"token_env", &s.SCIM.TokenEnv}, func(name string) error { return m.Variable(trust.SCIM, name) })
	}
	for i := range s.Connectors {
		c := &s.Connectors[i]
		vendor := trust.VendorOf(c.Kind.Value)
		if vendor == trust.Okta {
			l.refuse(setting{"organization", &c.Organization}, func(text string) error { return second(m.URL(vendor, text)) })
		}
		for _, key := range c.secretKeys() {
			l.refuse(key, func(name string) error { return m.Variable(vendor, name) })
		}
		for _, key := range []setting{{"private_key_file", &c.PrivateKeyFile}, {"credentials_file", &c.CredentialsFile}, {"path", &c.Path}} {
			l.refuse(key, m.Path)
		}
	}
}

func second[T any](_ T, err error) error { return err }

// refuse reports a setting that is not followed, without its value.
func (l *loader) refuse(s setting, trusted func(string) error) {
	if !s.at.Set() || l.reportedAt(s.at.Range) {
		return
	}
	var r *trust.Refusal
	if !errors.As(trusted(s.at.Value), &r) {
		return
	}
	if at := s.at.Range; s.key != "path" {
		l.Hide(at.File, at.Start.Byte, at.End.Byte)
	}
	l.Report(diag.Diagnostic{Code: CodeNotTrusted, Range: s.at.Range, Hint: r.Do,
		Summary: fmt.Sprintf("%q %s", s.key, r.Why),
		Detail:  "A config can come from anybody who opens a pull request, and rolecall runs where secrets are."})
	*s.at = access.Text{Range: s.at.Range}
}
