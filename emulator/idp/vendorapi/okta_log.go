package vendorapi

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/rolecall-dev/rolecall/emulator/idp"
)

// logLine is a line of Okta's System Log.
type logLine struct {
	time                         time.Time
	eventType, severity, message string
	result, reason               string
	actor                        map[string]any
	targets                      []any
}

func oktaTarget(id, kind, alternate, name string) map[string]any {
	return map[string]any{"id": id, "type": kind, "alternateId": alternate, "displayName": name}
}

// oktaLogs serves the System Log: what was pushed, and sign-ins that failed. The
// filter takes "and" of: eventType eq or sw, target.id eq, outcome.result eq.
func (a *API) oktaLogs(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	since, until := time.Now().AddDate(0, 0, -7), time.Now()
	for name, into := range map[string]*time.Time{"since": &since, "until": &until} {
		if text := q.Get(name); text != "" {
			t, err := time.Parse(time.RFC3339, text)
			if err != nil {
				oktaError(w, http.StatusBadRequest, "E0000031", "Invalid search criteria.", name+": not a date")
				return
			}
			*into = t
		}
	}
	keep, ok := logFilter(q.Get("filter"))
	if !ok {
		oktaError(w, http.StatusBadRequest, "E0000053", "Invalid filter")
		return
	}
	found := filter(a.oktaLog(), func(l logLine) bool { return !l.time.Before(since) && !l.time.After(until) && keep(l) })
	slices.SortStableFunc(found, func(x, y logLine) int { return x.time.Compare(y.time) })
	if q.Get("sortOrder") == "DESCENDING" {
		slices.Reverse(found)
	}
	oktaPage(a, w, r, found, 100, 1000, func(l logLine) any {
		return map[string]any{
			"uuid": fmt.Sprintf("%x-%s", l.time.UnixNano(), l.eventType), "published": stamp(l.time), "eventType": l.eventType, "severity": l.severity,
			"displayMessage": l.message, "outcome": map[string]any{"result": l.result, "reason": l.reason}, "target": l.targets,
			"actor": l.actor,
		}
	})
}

// logFilter reads a filter.
func logFilter(text string) (func(logLine) bool, bool) {
	var tests []func(logLine) bool
	for _, part := range strings.Split(text, " and ") {
		words := strings.SplitN(part, " ", 3)
		if text == "" {
			break
		}
		if len(words) != 3 {
			return nil, false
		}
		value := strings.Trim(words[2], `"`)
		switch words[0] + " " + words[1] {
		case "eventType eq":
			tests = append(tests, func(l logLine) bool { return l.eventType == value })
		case "eventType sw":
			tests = append(tests, func(l logLine) bool { return strings.HasPrefix(l.eventType, value) })
		case "outcome.result eq":
			tests = append(tests, func(l logLine) bool { return l.result == value })
		case "target.id eq":
			tests = append(tests, func(l logLine) bool {
				return slices.ContainsFunc(l.targets, func(t any) bool { m, _ := t.(map[string]any); return m["id"] == value })
			})
		case "actor.id eq":
			tests = append(tests, func(l logLine) bool { return l.actor["id"] == value })
		default:
			return nil, false
		}
	}
	return func(l logLine) bool {
		return !slices.ContainsFunc(tests, func(test func(logLine) bool) bool { return !test(l) })
	}, true
}

// LogEvent is a line of Okta's System Log beside those of what was pushed.
type LogEvent struct {
	Type            string // "application.provision.user.push"
	Result          string // "DEFERRED"; "" means "SUCCESS"
	Reason, Message string
	UserID, GroupID string    // that it is about, besides the application
	Time            time.Time // zero means now
}

// AddLogEvent adds a line.
func (a *API) AddLogEvent(e LogEvent) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if e.Time.IsZero() {
		e.Time = time.Now()
	}
	a.events = append(a.events, e)
}

func (a *API) addedEvents() []LogEvent {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Clone(a.events)
}

func (e LogEvent) line(v view, actor map[string]any, app any) logLine {
	l := logLine{time: e.Time, eventType: e.Type, severity: "INFO", message: e.Message, result: cmp.Or(e.Result, "SUCCESS"), reason: e.Reason, actor: actor, targets: []any{app}}
	if u, ok := v.user(e.UserID); ok {
		l.targets = append(l.targets, oktaTarget(u.ID, "User", u.UserName, u.DisplayName))
	}
	if g, ok := v.group(e.GroupID); ok {
		l.targets = append(l.targets, oktaTarget(g.ID, "UserGroup", "unknown", g.Name))
	}
	return l
}

// oktaLog writes the provisioning log, and failed sign-ins, in Okta's words.
func (a *API) oktaLog() []logLine {
	okta := oktaTarget("system", "SystemPrincipal", "system@okta.com", "Okta System")
	app := oktaTarget(a.ApplicationID(), "AppInstance", a.options().App.Name, a.options().App.Name)
	var all []logLine
	for _, e := range a.d.Log() {
		l := logLine{time: e.Time, severity: "INFO", message: string(e.Action) + " " + e.Name, result: "SUCCESS", actor: okta, targets: []any{app}}
		l.eventType = oktaEventType(e)
		if e.ObjectType == idp.UserPrincipal {
			l.targets = append(l.targets, oktaTarget(e.ObjectID, "User", e.Name, e.Name))
		} else {
			l.targets = append(l.targets, oktaTarget(e.ObjectID, "UserGroup", "unknown", e.Name))
		}
		if e.Outcome != idp.Success {
			l.severity, l.result, l.reason = "ERROR", "FAILURE", e.Reason
		}
		if e.Outcome == idp.Skipped {
			l.severity, l.result = "WARN", "SKIPPED"
		}
		if e.Status == http.StatusUnauthorized && e.ObjectType == idp.UserPrincipal { // the words of Okta's article
			l.reason = "Error while verifying if user " + e.Name + " exists: Unauthorized"
		}
		all = append(all, l)
		if e.Status == http.StatusUnauthorized {
			all = append(all, logLine{e.Time, "application.integration.authentication_failure", "ERROR", "Authentication with the application failed", "FAILURE", e.Reason, okta, []any{app}})
		}
	}
	for _, e := range a.addedEvents() {
		all = append(all, e.line(a.view(), okta, app))
	}
	for _, s := range a.signInLog() {
		all = append(all, a.oktaSignIn(s, app))
	}
	return all
}

func (a *API) oktaSignIn(s SignInFailure, app any) logLine {
	u, _ := a.byKey(s.UserID)
	l := logLine{
		s.Time, cmp.Or(s.Code, "app.generic.unauth_app_access_attempt"), "WARN", "User attempted unauthorized access to app", cmp.Or(s.Result, "FAILURE"), s.Reason,
		oktaTarget(u.ID, "User", u.UserName, u.DisplayName), []any{app},
	}
	if s.worked {
		l.eventType, l.severity, l.message, l.result = "user.authentication.sso", "INFO", "User single sign on to app", "SUCCESS"
	}
	if s.AsTarget {
		l.actor, l.targets = oktaTarget("system", "SystemPrincipal", "system@okta.com", "Okta System"), append(l.targets, l.actor)
	}
	if s.Policy != "" {
		l.targets = append(l.targets, oktaTarget("rule-"+s.Policy, "PolicyRule", "unknown", s.Policy))
	}
	return l
}

func oktaEventType(e idp.Event) string {
	switch {
	case e.ObjectType == idp.UserPrincipal && (e.Action == idp.Disable || e.Action == idp.Delete):
		return "application.provision.user.deactivate"
	case e.ObjectType == idp.UserPrincipal && e.Action == idp.Enable:
		return "application.provision.user.reactivate"
	case e.ObjectType == idp.UserPrincipal && e.Action == idp.Update:
		return "application.provision.user.push_profile"
	case e.ObjectType == idp.UserPrincipal:
		return "application.provision.user.push"
	case e.Outcome == idp.Failure:
		return "application.provision.group_push.mapping.update.or.delete.failed.with.error"
	case e.Action == idp.AddMembers || e.Action == idp.RemoveMembers:
		return "application.provision.group_push.push_memberships"
	case e.Action == idp.Delete:
		return "application.provision.group_push.removed"
	case e.Action == idp.Update:
		return "application.provision.group_push.updated"
	}
	return "application.provision.group_push.pushed"
}
