package google

import (
	"cmp"
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode"

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
	Events []activityEvent `json:"events"`
}

type activityEvent struct {
	Name       string `json:"name"`
	Parameters []struct {
		Name  string `json:"name"`
		Value string `json:"value"`
	} `json:"parameters"`
}

// The events that are asked for.
const (
	failure = "login_failure"
	success = "login_success"
)

// SignInFailures reads the SAML audit log, which Google keeps for 180 days; lines
// come minutes to hours late.
func (d *Directory) SignInFailures(ctx context.Context, since time.Time, personID string) (directory.SignInsFound, error) {
	failed, err := d.activities(ctx, since, personID, failure)
	if err != nil || personID == "" || len(failed.SignIns) == 0 {
		return failed, err
	}
	worked, err := d.activities(ctx, since, personID, success)
	if len(worked.SignIns) > 0 {
		failed.LastSuccess = worked.SignIns[0].Time
	}
	failed.Evidence = append(failed.Evidence, worked.Evidence...)
	return failed, err
}

// activities reads the events of one name that are about the AWS application. A
// line that has such an event may have others.
func (d *Directory) activities(ctx context.Context, since time.Time, personID, event string) (directory.SignInsFound, error) {
	var found directory.SignInsFound
	path := reportsPath + url.PathEscape(cmp.Or(personID, "all")) + "/applications/saml"
	q := url.Values{"eventName": {event}, "startTime": {since.UTC().Format(time.RFC3339)}, "maxResults": {"1000"}}
	all, r, partial, err := list[activity](ctx, d, opActivities, path, "items", q, reportPages)
	if err != nil {
		return found, err
	}
	var beside []string
	for _, a := range all {
		for i, e := range a.Events {
			p := e.parameters()
			code, name := p["failure_type"], p["application_name"]
			if e.Name != event || interrupts(code) {
				continue
			}
			if !d.ours(name) {
				if d.perhaps(name) && !slices.Contains(beside, name) {
					beside = append(beside, name)
				}
				continue
			}
			found.SignIns = append(found.SignIns, directory.SignIn{
				ID: a.id(i), Time: a.ID.Time, UserName: a.Actor.Email, Code: code, Cause: cause(code), Reason: reason(p), Application: name,
			})
		}
	}
	slices.SortStableFunc(found.SignIns, func(x, y directory.SignIn) int { return y.Time.Compare(x.Time) })
	found.Partial = partial
	found.Evidence = r.Evidence("%d lines with %s, %d such events about the AWS application%s%s", len(all), event, len(found.SignIns), directory.More(partial), notCounted(beside))
	return found, nil
}

// notCounted says which applications may be the AWS one by their names.
func notCounted(names []string) string {
	if len(names) == 0 {
		return ""
	}
	var quoted []string
	for _, name := range names {
		quoted = append(quoted, fmt.Sprintf("%.100q", name))
	}
	return "; not counted: " + strings.Join(quoted, ", ") + " (set application in the connector's block to the name of the one that signs in to IAM Identity Center)"
}

// id tells the events of a line apart.
func (a activity) id(event int) string {
	if event == 0 {
		return a.ID.Unique
	}
	return fmt.Sprintf("%s.%d", a.ID.Unique, event)
}

func (e activityEvent) parameters() map[string]string {
	all := map[string]string{}
	for _, p := range e.Parameters {
		all[p.Name] = p.Value
	}
	return all
}

// ours tells whether the application is the one that the settings name. Where they
// name none, it is the one of the name in Google's catalog, or one whose name says
// IAM Identity Center or, as that was called, AWS SSO, in whatever spelling.
func (d *Directory) ours(name string) bool {
	if d.about.Application != "" {
		return name == d.about.Application
	}
	words := words(name)
	return words == catalog || slices.ContainsFunc([]string{" IAM IDENTITY CENTER ", " AWS SSO ", " AWS SINGLE SIGN ON "}, func(say string) bool { return strings.Contains(" "+words+" ", say) })
}

// perhaps tells whether an application may be the AWS one by its name, where the
// settings name none. AWS has others that people sign in to, such as AWS Client VPN.
func (d *Directory) perhaps(name string) bool {
	words := " " + words(name) + " "
	return d.about.Application == "" && (strings.Contains(words, " AWS ") || strings.Contains(words, " "+catalog+" "))
}

// words are those of a name, in capitals.
func words(name string) string {
	return strings.Join(strings.FieldsFunc(strings.ToUpper(name), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }), " ")
}

// catalog is the name of the AWS application unless somebody renames it.
const catalog = "AMAZON WEB SERVICES"

func reason(parameters map[string]string) string {
	var parts []string
	for _, name := range []string{"saml_status_code", "saml_second_level_status_code", "initiated_by", "orgunit_path"} {
		if v := parameters[name]; v != "" {
			parts = append(parts, name+" "+v)
		}
	}
	return strings.Join(parts, ", ")
}

// interrupts says that a failure is none: the application asked whether the person
// is signed in already, without a prompt, and the person was not.
func interrupts(code string) bool { return code == "failure_no_passive" }

// cause says which failures are refusals. What sounds like one, that the
// application is not configured for the user, Google explains by the entity id
// (support.google.com/a/answer/6301076). A malformed request and an unknown reason
// tell of no cause.
func cause(code string) directory.SignInCause {
	return map[string]directory.SignInCause{
		"failure_app_not_enabled_for_user":    directory.SignInNotAssigned,
		"failure_request_denied":              directory.SignInDenied,
		"failure_invalid_sp_id":               directory.SignInEntityID,
		"failure_app_not_configured_for_user": directory.SignInEntityID,
		"failure_invalid_user_id_mapping":     directory.SignInNameID,
		"failure_user_id_mapping_unavailable": directory.SignInNameID,
	}[code]
}
