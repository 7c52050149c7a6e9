package entra

import (
	"cmp"
	"context"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/rolecall-dev/rolecall/internal/diag"
	"github.com/rolecall-dev/rolecall/internal/directory"
)

// application is the service principal of the AWS application.
type application struct {
	ID                 string   `json:"id"`
	AppID              string   `json:"appId"`
	DisplayName        string   `json:"displayName"`
	Enabled            bool     `json:"accountEnabled"`
	AssignmentRequired bool     `json:"appRoleAssignmentRequired"`
	LoginURL           string   `json:"loginUrl"`
	ReplyURLs          []string `json:"replyUrls"`
	Names              []string `json:"servicePrincipalNames"`
	Thumbprint         string   `json:"preferredTokenSigningKeyThumbprint"`
	Keys               []struct {
		ID         string `json:"keyId"`
		Type       string `json:"type"`
		Usage      string `json:"usage"`
		Thumbprint string `json:"customKeyIdentifier"`
		Start      moment `json:"startDateTime"`
		End        moment `json:"endDateTime"`
	} `json:"keyCredentials"`
	evidence []diag.Evidence
}

const appFields = "id,appId,displayName,accountEnabled,appRoleAssignmentRequired,loginUrl,replyUrls,servicePrincipalNames,preferredTokenSigningKeyThumbprint,keyCredentials"

var guid = regexp.MustCompile(`^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$`)

// application gives the AWS application as it was when it was first asked for,
// which is enough for its ids.
func (d *Directory) application(ctx context.Context) (application, error) {
	return d.app.Get(ctx, d.findApplication)
}

// findApplication finds the AWS application by either id, or by its exact name.
func (d *Directory) findApplication(ctx context.Context) (application, error) {
	wanted := cmp.Or(d.about.Application, gallery)
	filter := "displayName eq " + quote(wanted)
	if guid.MatchString(wanted) {
		filter = "appId eq " + quote(wanted) + " or id eq " + quote(wanted)
	}
	apps, r, _, err := list[application](ctx, d, "ListServicePrincipals", "/servicePrincipals"+query("$filter", filter, "$select", appFields), 0)
	if err != nil {
		return application{}, err
	}
	var ids []string
	for _, a := range apps {
		ids = append(ids, fmt.Sprintf("%q (%s)", a.DisplayName, a.ID))
	}
	if !guid.MatchString(wanted) {
		apps = slices.DeleteFunc(apps, func(a application) bool { return a.DisplayName != wanted })
	}
	if len(apps) == 1 {
		apps[0].evidence = r.Evidence("enterprise application %s, %q, enabled %t", apps[0].ID, apps[0].DisplayName, apps[0].Enabled)
		return apps[0], nil
	}
	message := fmt.Sprintf("%d enterprise applications are %q", len(apps), wanted)
	if len(ids) > 0 {
		message += "; Entra ID has " + strings.Join(ids, ", ")
	}
	return application{}, &directory.Error{
		Kind: directory.NotThere, System: system, Call: r.Call, Status: r.Status, ID: r.ID, Message: message,
		Needs: "Set application in the connector block of rolecall.hcl to the object id of the AWS enterprise application.",
	}
}

func (a application) path(rest string) string {
	return "/servicePrincipals/" + url.PathEscape(a.ID) + rest
}

type assignment struct {
	PrincipalID   string `json:"principalId"`
	PrincipalName string `json:"principalDisplayName"`
	PrincipalType string `json:"principalType"`
}

func (d *Directory) assigned(ctx context.Context) ([]assignment, application, []diag.Evidence, error) {
	app, err := d.application(ctx)
	if err != nil {
		return nil, app, nil, err
	}
	all, r, _, err := list[assignment](ctx, d, "ListAppRoleAssignedTo", app.path("/appRoleAssignedTo")+query("$top", "999"), 0)
	return all, app, r.Evidence("%d assignments to %q", len(all), app.DisplayName), err
}

// PersonAssignment compares the application's assignments with the person and
// the person's groups. Being in a group through another one does not count, for
// Entra ID does not provision it.
func (d *Directory) PersonAssignment(ctx context.Context, personID string) (directory.PersonAssignment, error) {
	out := directory.PersonAssignment{How: directory.NotAssigned}
	all, app, seen, err := d.assigned(ctx)
	if err != nil {
		return out, err
	}
	if app, err = d.findApplication(ctx); err != nil { // whether assignment is required may have changed
		return out, err
	}
	assigned := func(id string) bool {
		return slices.ContainsFunc(all, func(a assignment) bool { return a.PrincipalID == id })
	}
	direct, err := d.GroupsOf(ctx, personID)
	if err != nil {
		return out, err
	}
	every, err := d.groups(ctx, "ListTransitiveMemberOf", "/users/"+url.PathEscape(personID)+"/transitiveMemberOf")
	if err != nil {
		return out, err
	}
	out.Evidence = evidence(app.evidence, seen, direct.Evidence, every.Evidence)
	for _, g := range every.Groups {
		if !assigned(g.ID) {
			continue
		}
		if slices.ContainsFunc(direct.Groups, func(d directory.Group) bool { return d.ID == g.ID }) {
			out.Groups = append(out.Groups, g)
		} else {
			out.Nested = append(out.Nested, g)
		}
	}
	switch {
	case assigned(personID):
		out.How = directory.Directly
	case len(out.Groups) > 0:
		out.How = directory.ByGroup
	case !app.AssignmentRequired:
		out.How = directory.Everybody
	}
	return out, nil
}

// GroupAssignments gives the groups that are assigned to the application.
func (d *Directory) GroupAssignments(ctx context.Context) (directory.GroupsFound, error) {
	found := directory.GroupsFound{}
	all, app, seen, err := d.assigned(ctx)
	if err != nil {
		return found, err
	}
	for _, a := range all {
		if a.PrincipalType == "Group" {
			found.Groups = append(found.Groups, directory.Group{ID: a.PrincipalID, Name: a.PrincipalName})
		}
	}
	found.Evidence = evidence(app.evidence, seen)
	return found, nil
}

// SAML reads the application's settings and certificates. Graph does not tell
// the issuer, nor SHA-256 fingerprints; KeyID is the SHA-1 thumbprint that the
// admin center shows.
func (d *Directory) SAML(ctx context.Context) (directory.SAML, error) {
	var out directory.SAML
	app, err := d.findApplication(ctx)
	if err != nil {
		return out, err
	}
	out.Enabled, out.ACS, out.SignOnURL, out.Evidence = app.Enabled, app.ReplyURLs, app.LoginURL, app.evidence
	for _, name := range app.Names {
		if name != app.AppID {
			out.Audience = append(out.Audience, name)
		}
	}
	for _, k := range app.Keys {
		if k.Usage != "Verify" || k.Type != "AsymmetricX509Cert" {
			continue
		}
		sum, err := base64.StdEncoding.DecodeString(k.Thumbprint)
		if err != nil {
			sum = nil
		}
		c := directory.Certificate{KeyID: strings.ToUpper(hex.EncodeToString(sum)), NotBefore: k.Start.Time, NotAfter: k.End.Time}
		c.InUse = c.KeyID != "" && strings.EqualFold(c.KeyID, app.Thumbprint)
		out.Certificates = append(out.Certificates, c)
	}
	return out, nil
}
