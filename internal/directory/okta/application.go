package okta

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/rolecall-dev/rolecall/internal/diag"
	"github.com/rolecall-dev/rolecall/internal/directory"
)

type application struct {
	ID     string `json:"id"`
	Label  string `json:"label"`
	Status string `json:"status"`
	// Features are those that are enabled, such as GROUP_PUSH; nil where not told.
	Features    []string `json:"features"`
	Credentials struct {
		UserNameTemplate struct {
			Template string `json:"template"`
			Type     string `json:"type"`
		} `json:"userNameTemplate"`
	} `json:"credentials"`
	Settings struct {
		App struct { // any: applications in a list have all kinds of settings
			ACS      any `json:"acsURL"`
			EntityID any `json:"entityID"`
		} `json:"app"`
		SignOn signOn `json:"signOn"`
	} `json:"settings"`
	evidence []diag.Evidence
	beside   []string // further applications, in words
}

func (a application) Identity() string { return a.ID }

// The statuses of an application (ApplicationLifecycleStatus).
const (
	active  = "ACTIVE"
	deleted = "DELETED"
)

// application returns the AWS application as it was when it was first asked for,
// which is enough for its id.
func (d *Directory) application(ctx context.Context) (application, error) {
	return d.app.Get(ctx, d.findApplication)
}

// findApplication finds the AWS application: by id, by its exact label, or where
// the settings name none by its key in Okta's catalog. Without
// includeNonDeleted Okta may leave out the inactive ones.
func (d *Directory) findApplication(ctx context.Context) (application, error) {
	wanted := d.about.Application
	if strings.HasPrefix(wanted, "0oa") && !strings.Contains(wanted, " ") {
		var app application
		r, err := d.client.Get(ctx, directory.Call{Operation: opGetApp, Path: "/api/v1/apps/" + url.PathEscape(wanted)}, &app)
		app.evidence = r.Evidence("application %q, %s", app.Label, app.Status)
		return app, named(err)
	}
	query := "filter=" + url.QueryEscape("name eq "+quote(catalog))
	if wanted != "" {
		query = "q=" + url.QueryEscape(wanted)
	}
	apps, r, _, err := list[application](ctx, d, opListApps, "/api/v1/apps?limit=200&includeNonDeleted=true&"+query, 0)
	if err != nil {
		return application{}, err
	}
	return choose(apps, wanted, r)
}

// choose returns the one application that fits. One that is switched off does not
// make an active one ambiguous: it is what is left of an earlier set-up.
func choose(apps []application, wanted string, r directory.Reply) (application, error) {
	var labels []string
	var fit []application
	for _, a := range apps {
		if a.Status == deleted {
			continue
		}
		labels = append(labels, fmt.Sprintf("%q (%s, %s)", a.Label, a.ID, a.Status))
		if wanted == "" || a.Label == wanted {
			fit = append(fit, a)
		}
	}
	best := fit
	if on := slices.DeleteFunc(slices.Clone(fit), func(a application) bool { return a.Status != active }); len(on) > 0 {
		best = on
	}
	if len(best) == 1 {
		app := best[0]
		app.evidence = r.Evidence("application %s, %q, %s", app.ID, app.Label, app.Status)
		for _, a := range fit {
			if a.ID != app.ID {
				app.beside = append(app.beside, fmt.Sprintf("the application %q (%s), which is %s", a.Label, a.ID, a.Status))
			}
		}
		return app, nil
	}
	e := r.Failure(directory.NotThere, "%d applications fit", len(best))
	e.Needs = "Set application in the connector block of rolecall.hcl to the id of the AWS application in Okta (0oa...)."
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

// given returns the texts that are not empty.
func given(values ...any) (all []string) {
	for _, v := range values {
		if s, ok := v.(string); ok && s != "" && !slices.Contains(all, s) {
			all = append(all, s)
		}
	}
	return all
}
