package cli

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/config"
	"github.com/rolecall-dev/rolecall/internal/diag"
	"github.com/rolecall-dev/rolecall/internal/directory"
	"github.com/rolecall-dev/rolecall/internal/directory/entra"
	"github.com/rolecall-dev/rolecall/internal/directory/file"
	"github.com/rolecall-dev/rolecall/internal/directory/google"
	"github.com/rolecall-dev/rolecall/internal/directory/okta"
	"github.com/rolecall-dev/rolecall/internal/doctor"
	"github.com/rolecall-dev/rolecall/internal/probe/saml"
	"github.com/rolecall-dev/rolecall/internal/probe/scim"
	"github.com/rolecall-dev/rolecall/internal/trust"
)

// directory opens the connector of rolecall.hcl; nil where there is none.
func (s *session) directory() (directory.Directory, error) {
	client := &http.Client{Transport: s.app.sys.HTTP}
	for _, c := range s.result.Settings.Connectors {
		settings := s.connectorSettings(c)
		switch c.Kind.Value {
		case "okta":
			return opened(okta.New(settings, client, nil))
		case "entra":
			return opened(entra.New(settings, client, nil))
		case "google":
			return opened(google.New(settings, client, nil))
		case "file":
			return opened(file.New(settings))
		}
	}
	return nil, nil
}

// opened keeps a connector that failed from being taken for one.
func opened[D directory.Directory](d D, err error) (directory.Directory, error) {
	if err != nil {
		return nil, asFinding(err)
	}
	return d, nil
}

func (s *session) connectorSettings(c config.Connector) directory.Settings {
	return directory.Settings{
		Kind: c.Kind.Value, Organization: c.Organization.Value, Application: c.Application.Value, ClientID: c.ClientID.Value,
		KeyID: c.KeyID.Value, Subject: c.Subject.Value, Path: c.Path.Value, TokenEnv: c.TokenEnv.Value, ClientSecretEnv: c.ClientSecretEnv.Value,
		Cloud: c.Cloud.Value, PrivateKeyEnv: c.PrivateKeyEnv.Value, PrivateKeyFile: c.PrivateKeyFile.Value, CredentialsEnv: c.CredentialsEnv.Value,
		CredentialsFile: c.CredentialsFile.Value, Dir: s.result.Dir, Getenv: s.app.getenv, Machine: trust.Of(s.app.getenv),
	}
}

// probeSCIM says how AWS's SCIM endpoint is asked, where rolecall.hcl does.
func (s *session) probeSCIM(c *doctor.Case) {
	const block = `scim { endpoint, token_env, token_created } in rolecall.hcl`
	c.SCIM = doctor.Unknown[scim.Answer](block)
	c.TokenAge = doctor.Unknown[scim.Age]("token_created in the scim block of rolecall.hcl")
	set := s.result.Settings.SCIM
	if usesSCIM := s.setUp() == access.SCIM || s.setUp() == access.SCIMUsersOnly; set == nil || !usesSCIM {
		return
	}
	c.Endpoint = trust.Show(set.Endpoint.Value)
	if created, err := time.Parse(time.DateOnly, set.TokenCreated.Value); err == nil {
		c.TokenAge = doctor.Known(scim.AgeOf(created, c.Now))
	}
	token := scim.NewToken(s.scimToken(set))
	if !token.Set() {
		c.SCIM = doctor.Unknown[scim.Answer]("the SCIM token, in the environment variable that token_env names")
		if set.TokenEnv.Value != "" {
			c.SCIM.Evidence = []diag.Evidence{{System: scim.System, What: "not asked", Saw: trust.Named(set.TokenEnv.Value, "token_env") + " is not set"}}
		}
		return
	}
	client, err := scim.New(scim.Options{Endpoint: set.Endpoint.Value, Token: token, Machine: trust.Of(s.app.getenv), HTTPClient: s.app.sys.HTTP})
	if err != nil {
		c.SCIM = doctor.Unknown[scim.Answer]("an endpoint that may be asked: " + err.Error())
		return
	}
	c.SCIM, c.SCIMLook = doctor.Fact[scim.Answer]{}, client
}

// scimToken returns the token, from a variable that may be one.
func (s *session) scimToken(set *config.SCIM) string {
	name := set.TokenEnv.Value
	if name == "" || trust.Of(s.app.getenv).Variable(trust.SCIM, name) != nil {
		return ""
	}
	return s.app.getenv(name)
}

// probeSAML reads the metadata, from its URL or a file.
func (s *session) probeSAML(ctx context.Context, from string) doctor.Fact[saml.Metadata] {
	if from == "" {
		return doctor.Unknown[saml.Metadata]("--saml-metadata, with the URL or a file of the identity provider's metadata")
	}
	read := func() (saml.Metadata, diag.Evidence, error) { return saml.ReadFile(from) }
	if strings.Contains(from, "://") {
		read = func() (saml.Metadata, diag.Evidence, error) { return saml.Fetch(ctx, from, s.app.sys.HTTP) }
	}
	m, seen, err := read()
	if err != nil {
		unknown := doctor.Unknown[saml.Metadata]("metadata that can be read: " + err.Error())
		unknown.Evidence = append(unknown.Evidence, seen)
		return unknown
	}
	return doctor.Known(m, seen)
}

// asFinding turns an error of a connector into a finding.
func asFinding(err error) error {
	var e *directory.Error
	if errors.As(err, &e) {
		return e.Diagnostic()
	}
	return err
}
