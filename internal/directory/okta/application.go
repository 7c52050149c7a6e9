package okta

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/rolecall-dev/rolecall/internal/diag"
	"github.com/rolecall-dev/rolecall/internal/directory"
	"github.com/rolecall-dev/rolecall/internal/probe/saml"
	"github.com/rolecall-dev/rolecall/internal/trust"
)

type application struct {
	ID       string `json:"id"`
	Name     string `json:"name"`
	Label    string `json:"label"`
	Status   string `json:"status"`
	Settings struct {
		App    map[string]any `json:"app"`
		SignOn struct {
			ACS      string `json:"ssoAcsUrl"`
			Audience string `json:"audience"`
		} `json:"signOn"`
	} `json:"settings"`
	evidence []diag.Evidence
}

// Identity gives the id.
func (a application) Identity() string { return a.ID }

// application gives the AWS application as it was when it was first asked for,
// which is enough for its id.
func (d *Directory) application(ctx context.Context) (application, error) {
	return d.app.Get(ctx, d.findApplication)
}

// findApplication finds the AWS application: by id, by its exact label, or where
// the settings name none by its key in Okta's catalogue.
func (d *Directory) findApplication(ctx context.Context) (application, error) {
	wanted := d.about.Application
	if strings.HasPrefix(wanted, "0oa") && !strings.Contains(wanted, " ") {
		var app application
		r, err := d.client.Get(ctx, directory.Call{Operation: "GetApplication", Path: "/api/v1/apps/" + url.PathEscape(wanted)}, &app)
		app.evidence = r.Evidence("application %q, %s", app.Label, app.Status)
		return app, named(err)
	}
	query := "filter=" + url.QueryEscape("name eq "+quote(catalogue))
	if wanted != "" {
		query = "q=" + url.QueryEscape(wanted)
	}
	apps, r, _, err := list[application](ctx, d, "ListApplications", "/api/v1/apps?limit=200&"+query, 0)
	if err != nil {
		return application{}, err
	}
	return choose(apps, wanted, r)
}

func choose(apps []application, wanted string, r directory.Reply) (application, error) {
	var labels []string
	var fit []application
	for _, a := range apps {
		labels = append(labels, fmt.Sprintf("%q (%s)", a.Label, a.ID))
		if wanted == "" || a.Label == wanted {
			fit = append(fit, a)
		}
	}
	if len(fit) == 1 {
		fit[0].evidence = r.Evidence("application %s, %q, %s", fit[0].ID, fit[0].Label, fit[0].Status)
		return fit[0], nil
	}
	e := &directory.Error{Kind: directory.NotThere, System: system, Call: r.Call, Status: r.Status, ID: r.ID, Needs: "Set application in the connector block of rolecall.hcl to the id of the AWS application in Okta (0oa...)."}
	e.Message = fmt.Sprintf("%d applications fit", len(fit))
	if len(labels) > 0 {
		e.Message += "; Okta has " + strings.Join(labels, ", ")
	}
	return application{}, e
}

// named says what to do where the application is not there.
func named(err error) error {
	if e, ok := err.(*directory.Error); ok && e.Kind == directory.NotThere {
		e.Needs = "Correct application in the connector block of rolecall.hcl."
	}
	return err
}

func (a application) path(rest string) string { return "/api/v1/apps/" + url.PathEscape(a.ID) + rest }

// PersonAssignment asks for the person in the application. Who is assigned both
// ways counts as assigned directly.
func (d *Directory) PersonAssignment(ctx context.Context, personID string) (directory.PersonAssignment, error) {
	out := directory.PersonAssignment{How: directory.NotAssigned}
	app, err := d.application(ctx)
	if err != nil {
		return out, err
	}
	var u struct {
		Scope       string    `json:"scope"`
		Status      string    `json:"status"`
		SyncState   string    `json:"syncState"`
		LastSync    time.Time `json:"lastSync"`
		ExternalID  string    `json:"externalId"`
		Credentials struct {
			UserName string `json:"userName"`
		} `json:"credentials"`
	}
	r, err := d.client.Get(ctx, directory.Call{Operation: "GetApplicationUser", Path: app.path("/users/" + url.PathEscape(personID))}, &u)
	if directory.NotThere.Is(err) {
		out.Evidence = r.Evidence("404: not assigned to %q", app.Label)
		return out, nil
	}
	if err != nil {
		return out, err
	}
	out.How, out.UserName, out.ExternalID, out.LastSync = directory.Directly, u.Credentials.UserName, u.ExternalID, u.LastSync
	out.Sync, out.Said = syncState(u.SyncState), u.Status+", "+u.SyncState
	out.Evidence = r.Evidence("scope %s, %s, %s, user name %q", u.Scope, u.Status, u.SyncState, u.Credentials.UserName)
	if u.Scope == "GROUP" {
		out.How = directory.ByGroup
		err = d.through(ctx, personID, &out)
	}
	return out, err
}

// through finds the groups that bring a person into the application.
func (d *Directory) through(ctx context.Context, personID string, out *directory.PersonAssignment) error {
	assigned, err := d.GroupAssignments(ctx)
	if err != nil {
		return err
	}
	mine, err := d.GroupsOf(ctx, personID)
	if err != nil {
		return err
	}
	for _, g := range mine.Groups {
		if slices.ContainsFunc(assigned.Groups, func(a directory.Group) bool { return a.ID == g.ID }) {
			out.Groups = append(out.Groups, g)
		}
	}
	out.Evidence = evidence(out.Evidence, assigned.Evidence, mine.Evidence)
	return nil
}

func syncState(said string) directory.SyncState {
	switch said {
	case "SYNCHRONIZED":
		return directory.Synchronized
	case "SYNCING", "OUT_OF_SYNC":
		return directory.Syncing
	case "ERROR":
		return directory.SyncFailed
	case "DISABLED":
		return directory.SyncOff
	}
	return ""
}

// GroupAssignments gives the groups that are assigned to the application.
func (d *Directory) GroupAssignments(ctx context.Context) (directory.GroupsFound, error) {
	found := directory.GroupsFound{}
	app, err := d.application(ctx)
	if err != nil {
		return found, err
	}
	type assigned struct {
		ID       string `json:"id"`
		Embedded struct {
			Group group `json:"group"`
		} `json:"_embedded"`
	}
	groups, r, _, err := list[assigned](ctx, d, "ListApplicationGroups", app.path("/groups?expand=group&limit=200"), 0)
	if err != nil {
		return found, err
	}
	for _, a := range groups {
		g := a.Embedded.Group
		if g.Profile.Name == "" { // where Okta leaves the group out of the assignment
			if _, err := d.client.Get(ctx, directory.Call{Operation: "GetGroup", Path: "/api/v1/groups/" + url.PathEscape(a.ID)}, &g); err != nil {
				return found, err
			}
		}
		g.ID = a.ID
		found.Groups = append(found.Groups, g.group())
	}
	found.Evidence = r.Evidence("%d groups assigned to %q", len(groups), app.Label)
	return found, nil
}

// Provisioning reads the application's features and its connection to AWS.
func (d *Directory) Provisioning(ctx context.Context) (directory.Provisioning, error) {
	out := directory.Provisioning{State: directory.JobOff, OnChange: true}
	app, err := d.findApplication(ctx)
	if err != nil {
		return out, err
	}
	out.Evidence = app.evidence
	type setting struct {
		Status string `json:"status"`
	}
	var features []struct {
		Name         string `json:"name"`
		Status       string `json:"status"`
		Capabilities struct {
			Create struct {
				Lifecycle setting `json:"lifecycleCreate"`
			} `json:"create"`
			Update struct {
				Profile    setting `json:"profile"`
				Deactivate setting `json:"lifecycleDeactivate"`
			} `json:"update"`
		} `json:"capabilities"`
	}
	r, err := d.client.Get(ctx, directory.Call{Operation: "ListFeatures", Path: app.path("/features")}, &features)
	if e, ok := err.(*directory.Error); ok && e.Status == http.StatusBadRequest && e.Code == "E0000001" {
		out.Said = e.Message
		out.Evidence = evidence(out.Evidence, r.Evidence("400: %s", e.Message))
		return out, nil
	}
	if err != nil {
		return out, err
	}
	for _, f := range features {
		if f.Name == "USER_PROVISIONING" {
			c := f.Capabilities
			out.Creates, out.Updates, out.Deactivates = c.Create.Lifecycle.Status == "ENABLED", c.Update.Profile.Status == "ENABLED", c.Update.Deactivate.Status == "ENABLED"
		}
	}
	out.Evidence = evidence(out.Evidence, r.Evidence("creates %t, updates %t, deactivates %t", out.Creates, out.Updates, out.Deactivates))
	return out, d.connection(ctx, app, &out)
}

func (d *Directory) connection(ctx context.Context, app application, out *directory.Provisioning) error {
	var c struct {
		Status  string `json:"status"`
		BaseURL string `json:"baseUrl"`
	}
	r, err := d.client.Get(ctx, directory.Call{Operation: "GetConnection", Path: app.path("/connections/default")}, &c)
	if err != nil {
		return err
	}
	out.Said, out.Endpoint = c.Status, trust.Show(c.BaseURL)
	if c.Status == "ENABLED" && app.Status == "ACTIVE" {
		out.State = directory.JobOn
	}
	out.Evidence = evidence(out.Evidence, r.Evidence("connection %s to %s", c.Status, out.Endpoint))
	return nil
}

// PushGroups gives the push mappings.
func (d *Directory) PushGroups(ctx context.Context) (directory.PushGroupsFound, error) {
	found := directory.PushGroupsFound{}
	app, err := d.application(ctx)
	if err != nil {
		return found, err
	}
	type mapping struct {
		ID       string    `json:"id"`
		Source   string    `json:"sourceGroupId"`
		Target   string    `json:"targetGroupId"`
		Status   string    `json:"status"`
		Error    string    `json:"errorSummary"`
		LastPush time.Time `json:"lastPush"`
	}
	mappings, r, _, err := list[mapping](ctx, d, "ListGroupPushMappings", app.path("/group-push/mappings?limit=1000"), 0)
	if err != nil {
		return found, err
	}
	for _, m := range mappings {
		state := map[string]directory.SyncState{"ACTIVE": directory.Synchronized, "INACTIVE": directory.SyncOff, "ERROR": directory.SyncFailed}[m.Status]
		found.Mappings = append(found.Mappings, directory.PushMapping{ID: m.ID, GroupID: m.Source, TargetID: m.Target, State: state, Said: m.Status, Error: m.Error, LastPush: m.LastPush})
	}
	found.Evidence = r.Evidence("%d push mappings", len(mappings))
	return found, nil
}

// PushTarget returns the group that a mapping pushes to, as Okta has it.
func (d *Directory) PushTarget(ctx context.Context, targetID string) (directory.GroupsFound, error) {
	var g group
	r, err := d.client.Get(ctx, directory.Call{Operation: "GetGroup", Path: "/api/v1/groups/" + url.PathEscape(targetID)}, &g)
	if directory.NotThere.Is(err) {
		return directory.GroupsFound{Evidence: r.Evidence("404: the group in AWS is gone from Okta")}, nil
	}
	if err != nil {
		return directory.GroupsFound{}, err
	}
	return directory.GroupsFound{Groups: []directory.Group{g.group()}, Evidence: r.Evidence("pushed as %q", g.Profile.Name)}, nil
}

// SAML reads the application's settings, its certificates and its metadata.
func (d *Directory) SAML(ctx context.Context) (directory.SAML, error) {
	var out directory.SAML
	app, err := d.findApplication(ctx)
	if err != nil {
		return out, err
	}
	out.Enabled, out.Evidence = app.Status == "ACTIVE", app.evidence
	out.ACS = given(app.Settings.SignOn.ACS, app.Settings.App["acsURL"])
	out.Audience = given(app.Settings.SignOn.Audience, app.Settings.App["entityID"])
	r, err := d.client.Do(ctx, directory.Call{Operation: "GetMetadata", Path: app.path("/sso/saml/metadata"), Header: http.Header{"Accept": {"text/xml"}}})
	if err != nil {
		return out, err
	}
	metadata, err := saml.Parse(bytes.NewReader(r.Body))
	if err != nil {
		return out, &directory.Error{Kind: directory.Unreadable, System: system, Call: r.Call, Status: r.Status, ID: r.ID, Message: err.Error()}
	}
	out.EntityID = metadata.EntityID
	if len(metadata.SignOn) > 0 {
		out.SignOnURL = metadata.SignOn[0].Location
	}
	out.Evidence = evidence(out.Evidence, r.Evidence("entity id %q, %d certificates", metadata.EntityID, len(metadata.Certificates)))
	return out, d.keys(ctx, app, metadata, &out)
}

func (d *Directory) keys(ctx context.Context, app application, metadata saml.Metadata, out *directory.SAML) error {
	type key struct {
		ID  string   `json:"kid"`
		X5C []string `json:"x5c"`
	}
	keys, r, _, err := list[key](ctx, d, "ListKeys", app.path("/credentials/keys"), 0)
	if err != nil {
		return err
	}
	for _, k := range keys {
		if len(k.X5C) == 0 {
			continue
		}
		c, err := saml.ParseCertificate(k.X5C[0])
		if err != nil {
			return &directory.Error{Kind: directory.Unreadable, System: system, Call: r.Call, Status: r.Status, ID: r.ID, Message: err.Error()}
		}
		inUse := slices.ContainsFunc(metadata.Certificates, func(m saml.Certificate) bool { return m.Fingerprint == c.Fingerprint })
		out.Certificates = append(out.Certificates, directory.Certificate{KeyID: k.ID, Fingerprint: c.Fingerprint, NotBefore: c.NotBefore, NotAfter: c.NotAfter, InUse: inUse})
	}
	out.Evidence = evidence(out.Evidence, r.Evidence("%d signing certificates", len(out.Certificates)))
	return nil
}

// given gives the texts that are not empty.
func given(values ...any) (all []string) {
	for _, v := range values {
		if s, ok := v.(string); ok && s != "" && !slices.Contains(all, s) {
			all = append(all, s)
		}
	}
	return all
}
