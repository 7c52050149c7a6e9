package entra

import (
	"context"
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
	Keys               []key    `json:"keyCredentials"`
	evidence           []diag.Evidence
	beside             []string // others that were not chosen
}

const appFields = "id,appId,displayName,accountEnabled,appRoleAssignmentRequired,loginUrl,replyUrls,servicePrincipalNames,preferredTokenSigningKeyThumbprint,keyCredentials"

var guid = regexp.MustCompile(`^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$`)

// application returns the AWS application as it was when it was first asked for,
// which is enough for its ids.
func (d *Directory) application(ctx context.Context) (application, error) {
	return d.app.Get(ctx, d.findApplication)
}

// findApplication finds the AWS application: the one that the settings name by
// either id or by its exact name, else the one that was made from the gallery's
// template, whatever it is called, else the one of the gallery's name.
func (d *Directory) findApplication(ctx context.Context) (application, error) {
	wanted := d.about.Application
	switch {
	case guid.MatchString(wanted):
		app, _, err := d.choose(ctx, "of the id "+wanted, "appId eq "+quote(wanted)+" or id eq "+quote(wanted), every)
		return app, err
	case wanted != "":
		app, _, err := d.choose(ctx, fmt.Sprintf("called %q", wanted), "displayName eq "+quote(wanted), named(wanted))
		return app, err
	}
	app, meant, err := d.choose(ctx, "made from the gallery's template", "applicationTemplateId eq "+quote(template), every)
	if err == nil || meant > 0 || !directory.NotThere.Is(err) && !directory.Refused.Is(err) {
		return app, err
	}
	app, _, err = d.choose(ctx, fmt.Sprintf("made from the gallery's template, or called %q", gallery), "displayName eq "+quote(gallery)+" or startsWith(displayName,'AWS')", named(gallery))
	return app, err
}

func named(name string) func(application) bool {
	return func(a application) bool { return a.DisplayName == name }
}

func every(application) bool { return true }

// choose lists applications and takes the one that is meant, and says how many are.
// Of several, the only one that is enabled is taken.
func (d *Directory) choose(ctx context.Context, what, filter string, meant func(application) bool) (application, int, error) {
	all, r, _, err := list[application](ctx, d, "ListServicePrincipals", "/servicePrincipals"+query("$filter", filter, "$select", appFields), 0)
	if err != nil {
		return application{}, 0, err
	}
	var ids []string
	for _, a := range all {
		ids = append(ids, a.words())
	}
	apps := slices.DeleteFunc(slices.Clone(all), func(a application) bool { return !meant(a) })
	slices.SortStableFunc(apps, func(a, b application) int { return onOf(b.Enabled) - onOf(a.Enabled) })
	if len(apps) == 1 || len(apps) > 1 && apps[0].Enabled && !apps[1].Enabled {
		app := apps[0]
		for _, other := range apps[1:] {
			app.beside = append(app.beside, "the enterprise application "+other.words())
		}
		app.evidence = r.Evidence("enterprise application %s, %q, enabled %t", app.ID, app.DisplayName, app.Enabled)
		return app, len(apps), nil
	}
	e := r.Failure(directory.NotThere, "%d enterprise applications are %s", len(apps), what)
	e.Needs = "Set application in the connector block of rolecall.hcl to the object id of the AWS enterprise application."
	if len(ids) > 0 {
		e.Message += "; Entra ID has " + strings.Join(ids, ", ")
	}
	return application{}, len(apps), e
}

func (a application) words() string {
	text := fmt.Sprintf("%q (%s)", a.DisplayName, a.ID)
	if !a.Enabled {
		text += ", disabled"
	}
	return text
}

func (a application) path(rest string) string {
	return "/servicePrincipals/" + url.PathEscape(a.ID) + rest
}

type assignment struct {
	PrincipalID   string `json:"principalId"`
	PrincipalName string `json:"principalDisplayName"`
	PrincipalType string `json:"principalType"`
	Created       moment `json:"createdDateTime"`
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
	out.Evidence = slices.Concat(app.evidence, seen, direct.Evidence, every.Evidence)
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
		out.Changed = all[slices.IndexFunc(all, func(a assignment) bool { return a.PrincipalID == personID })].Created.Time
	case len(out.Groups) > 0:
		out.How = directory.ByGroup
	case !app.AssignmentRequired:
		out.How = directory.Everybody
	}
	return out, d.nameAssigned(ctx, personID, &out)
}

// nameAssigned adds what AWS gets of the person. Where the person cannot be read,
// that stays open.
func (d *Directory) nameAssigned(ctx context.Context, personID string, out *directory.PersonAssignment) error {
	n, err := d.naming(ctx)
	if err != nil {
		return err
	}
	var o object
	r, err := d.client.Get(ctx, directory.Call{Operation: "GetUser", Path: "/v1.0/users/" + url.PathEscape(personID) + query("$select", userFields)}, &o)
	if err != nil || o.UserPrincipalName == "" {
		return ctx.Err()
	}
	out.UserName, out.Otherwise, out.Guessed = n.name(o)
	out.Evidence = slices.Concat(out.Evidence, r.Evidence("user %q, in AWS %q", o.UserPrincipalName, out.UserName))
	return nil
}

// GroupAssignments returns the groups that are assigned to the application: their
// ids and names, which is what the assignments have.
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
	found.Evidence = slices.Concat(app.evidence, seen)
	return found, nil
}
