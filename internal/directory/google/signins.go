package google

import (
	"cmp"
	"context"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/rolecall-dev/rolecall/internal/directory"
)

// activity is a line of the SAML audit log
// (developers.google.com/admin-sdk/reports/v1/appendix/activity/saml).
type activity struct {
	ID struct {
		Time   time.Time `json:"time"`
		Unique string    `json:"uniqueQualifier"`
	} `json:"id"`
	Actor struct {
		Email string `json:"email"`
	} `json:"actor"`
	Events []struct {
		Name       string `json:"name"`
		Parameters []struct {
			Name  string `json:"name"`
			Value string `json:"value"`
		} `json:"parameters"`
	} `json:"events"`
}

// SignInFailures reads the SAML audit log, which Google keeps for 180 days; lines
// come minutes to hours late.
func (d *Directory) SignInFailures(ctx context.Context, since time.Time, personID string) (directory.SignInsFound, error) {
	failed, err := d.activities(ctx, since, personID, "login_failure")
	if err != nil || personID == "" || len(failed.SignIns) == 0 {
		return failed, err
	}
	worked, err := d.activities(ctx, since, personID, "login_success")
	if len(worked.SignIns) > 0 {
		failed.LastSuccess = worked.SignIns[0].Time
	}
	failed.Evidence = append(failed.Evidence, worked.Evidence...)
	return failed, err
}

// activities reads the lines of one kind that are about the AWS application.
func (d *Directory) activities(ctx context.Context, since time.Time, personID, event string) (directory.SignInsFound, error) {
	var found directory.SignInsFound
	path := "/admin/reports/v1/activity/users/" + url.PathEscape(cmp.Or(personID, "all")) + "/applications/saml"
	q := url.Values{"eventName": {event}, "startTime": {since.UTC().Format(time.RFC3339)}, "maxResults": {"1000"}}
	all, r, partial, err := list[activity](ctx, d, "ListActivities", path, "items", q, reportPages)
	if err != nil {
		return found, err
	}
	for _, a := range all {
		for _, e := range a.Events {
			parameters := map[string]string{}
			for _, p := range e.Parameters {
				parameters[p.Name] = p.Value
			}
			if d.ours(parameters["application_name"]) {
				code := parameters["failure_type"]
				found.SignIns = append(found.SignIns, directory.SignIn{
					ID: a.ID.Unique, Time: a.ID.Time, UserName: a.Actor.Email, Code: code, Cause: cause(code), Reason: reason(parameters),
				})
			}
		}
	}
	slices.SortStableFunc(found.SignIns, func(x, y directory.SignIn) int { return y.Time.Compare(x.Time) })
	found.Partial = partial
	found.Evidence = r.Evidence("%d lines %s, %d of them about the AWS application", len(all), event, len(found.SignIns))
	return found, nil
}

// ours tells whether the application is the one that the settings name. Where
// they name none, it is one whose name says AWS.
func (d *Directory) ours(name string) bool {
	if d.about.Application != "" {
		return name == d.about.Application
	}
	return strings.HasPrefix(name, catalogue) || slices.Contains(strings.Fields(name), "AWS")
}

func reason(parameters map[string]string) string {
	var parts []string
	for _, name := range []string{"saml_status_code", "saml_second_level_status_code", "initiated_by", "orgunit_path"} {
		if v := parameters[name]; v != "" {
			parts = append(parts, name+" "+v)
		}
	}
	return strings.Join(parts, ", ")
}

func cause(code string) directory.SignInCause {
	switch code {
	case "failure_app_not_configured_for_user", "failure_app_not_enabled_for_user":
		return directory.SignInNotAssigned
	case "failure_request_denied":
		return directory.SignInDenied
	case "failure_invalid_sp_id":
		return directory.SignInEntityID
	case "failure_invalid_user_id_mapping", "failure_user_id_mapping_unavailable":
		return directory.SignInNameID
	}
	return ""
}
