package okta

import (
	"bytes"
	"context"
	"net/http"
	"slices"

	"github.com/rolecall-dev/rolecall/internal/diag"
	"github.com/rolecall-dev/rolecall/internal/directory"
	"github.com/rolecall-dev/rolecall/internal/probe/saml"
	"github.com/rolecall-dev/rolecall/internal/trust"
)

// signOn is how the application signs in. Applications of the catalog have only
// overrides here, and their addresses among the application's own settings;
// applications made by hand have both (SamlApplicationSettingsSignOn).
type signOn struct {
	ACS              string `json:"ssoAcsUrl"`
	ACSOverride      string `json:"ssoAcsUrlOverride"`
	Audience         string `json:"audience"`
	AudienceOverride string `json:"audienceOverride"`
	// Recipient and destination are written into the answer; AWS wants its own
	// address in both.
	RecipientOverride   string `json:"recipientOverride"`
	DestinationOverride string `json:"destinationOverride"`
	Multiple            bool   `json:"allowMultipleAcsEndpoints"`
	Endpoints           []struct {
		URL string `json:"url"`
	} `json:"acsEndpoints"`
	NameID string `json:"subjectNameIdTemplate"`
}

// acs are the addresses that answers are sent to, or name.
func (a application) acs() []string {
	s := a.Settings.SignOn
	all := given(s.ACSOverride)
	if len(all) == 0 {
		all = given(s.ACS, a.Settings.App.ACS)
		for _, e := range s.Endpoints {
			if s.Multiple {
				all = append(all, given(e.URL)...)
			}
		}
	}
	for _, named := range given(s.RecipientOverride, s.DestinationOverride) {
		if !slices.Contains(all, named) {
			all = append(all, named)
		}
	}
	return all
}

func (a application) audience() []string {
	if all := given(a.Settings.SignOn.AudienceOverride); len(all) > 0 {
		return all
	}
	return given(a.Settings.SignOn.Audience, a.Settings.App.EntityID)
}

// nameIDIs knows the plain templates. ${user.userName} is the user name that the
// application has, and not Okta's login.
func nameIDIs(template string) directory.Attribute {
	return map[string]directory.Attribute{
		"${user.userName}": directory.OfUserName, "${user.email}": directory.OfEmail, "${user.login}": directory.OfLogin,
	}[template]
}

// key is a signing certificate.
type key struct {
	ID  string   `json:"kid"`
	X5C []string `json:"x5c"`
}

// SAML reads the application's settings, its certificates and its metadata.
func (d *Directory) SAML(ctx context.Context) (directory.SAML, error) {
	var out directory.SAML
	app, err := d.findApplication(ctx)
	if err != nil {
		return out, err
	}
	s := app.Settings.SignOn
	out.Enabled, out.Evidence = app.Status == active, app.evidence
	out.ACS, out.Audience = app.acs(), app.audience()
	out.NameID, out.NameIDIs = trust.Show(s.NameID), nameIDIs(s.NameID)
	if overrides := given(s.ACSOverride, s.AudienceOverride, s.RecipientOverride, s.DestinationOverride); len(overrides) > 0 && len(app.evidence) > 0 {
		seen := app.evidence[0]
		seen.Saw += "; overridden for sign-in: " + trust.Show(overrides[0])
		for _, o := range overrides[1:] {
			seen.Saw += ", " + trust.Show(o)
		}
		out.Evidence = []diag.Evidence{seen}
	}
	metadata, told, err := d.metadata(ctx, app, &out)
	if err != nil {
		return out, err
	}
	return out, d.keys(ctx, app, metadata, told, &out)
}

// metadata reads the metadata; told is false where Okta has none to show.
func (d *Directory) metadata(ctx context.Context, app application, out *directory.SAML) (metadata saml.Metadata, told bool, err error) {
	r, err := d.client.Do(ctx, directory.Call{Operation: opMetadata, Path: app.path("/sso/saml/metadata"), Header: http.Header{"Accept": {"text/xml"}}})
	if directory.NotThere.Is(err) {
		out.Evidence = slices.Concat(out.Evidence, r.Evidence("404: Okta shows no metadata"))
		return metadata, false, nil
	}
	if err != nil {
		return metadata, false, err
	}
	metadata, err = saml.Parse(bytes.NewReader(r.Body))
	if err != nil {
		return metadata, false, r.Failure(directory.Unreadable, "%v", err)
	}
	out.EntityID = metadata.EntityID
	if len(metadata.SignOn) > 0 {
		out.SignOnURL = metadata.SignOn[0].Location
	}
	out.Evidence = slices.Concat(out.Evidence, r.Evidence("entity id %q, %d certificates", metadata.EntityID, len(metadata.Certificates)))
	return metadata, true, nil
}

// keys reads the certificates. The metadata has the one in use; without it any may
// be the one.
func (d *Directory) keys(ctx context.Context, app application, metadata saml.Metadata, told bool, out *directory.SAML) error {
	keys, r, _, err := list[key](ctx, d, opKeys, app.path("/credentials/keys"), 0)
	if directory.NotThere.Is(err) {
		out.Evidence = slices.Concat(out.Evidence, r.Evidence("404: Okta shows no certificates"))
		return nil
	}
	if err != nil {
		return err
	}
	for _, k := range keys {
		if len(k.X5C) == 0 {
			continue
		}
		c, err := saml.ParseCertificate(k.X5C[0])
		if err != nil {
			return r.Failure(directory.Unreadable, "%v", err)
		}
		inUse := slices.ContainsFunc(metadata.Certificates, func(m saml.Certificate) bool { return m.Fingerprint == c.Fingerprint })
		out.Certificates = append(out.Certificates, directory.Certificate{KeyID: k.ID, Fingerprint: c.Fingerprint, NotBefore: c.NotBefore, NotAfter: c.NotAfter, InUse: inUse, Perhaps: !told})
	}
	out.Evidence = slices.Concat(out.Evidence, r.Evidence("%d signing certificates", len(out.Certificates)))
	return nil
}
