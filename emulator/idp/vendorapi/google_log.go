package vendorapi

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"time"
)

// googleActivities serves the sign-ins of the application "saml", newest first,
// and nothing for others. What one user did at one moment is one line, which
// comes whole where one of its events has the name that was asked for.
func (a *API) googleActivities(w http.ResponseWriter, r *http.Request) {
	q, v, key := r.URL.Query(), a.view(), r.PathValue("user")
	since, err := time.Parse(time.RFC3339, q.Get("startTime"))
	if err != nil && q.Get("startTime") != "" {
		googleError(w, http.StatusBadRequest, "invalid", "Invalid Input: startTime")
		return
	}
	u, ok := v.googleByKey(key)
	if !ok && key != "all" {
		googleMissing(w, "userKey")
		return
	}
	found := filter(googleLines(a.signInLog()), func(line googleLine) bool {
		return r.PathValue("application") == "saml" && (key == "all" || line[0].UserID == u.ID) && !line[0].Time.Before(since) && line.has(q.Get("eventName"))
	})
	googlePage(a, w, r, "admin#reports#activities", "items", found, 1000, 1000, func(line googleLine) any {
		who, _ := v.googleByKey(line[0].UserID)
		var events []any
		for _, f := range line {
			events = append(events, a.googleEvent(f))
		}
		return map[string]any{
			"kind": "admin#reports#activity", "id": map[string]any{"time": stamp(line[0].Time), "uniqueQualifier": fmt.Sprint(line[0].Time.UnixNano()), "applicationName": "saml", "customerId": googleCustomer},
			"actor": map[string]any{"email": who.UserName, "profileId": who.ID}, "events": events,
		}
	})
}

// googleLine is what one user did at one moment.
type googleLine []SignInFailure

func googleLines(log []SignInFailure) []googleLine {
	var lines []googleLine
	for _, f := range log {
		last := len(lines) - 1
		if last >= 0 && lines[last][0].UserID == f.UserID && lines[last][0].Time.Equal(f.Time) {
			lines[last] = append(lines[last], f)
		} else {
			lines = append(lines, googleLine{f})
		}
	}
	return lines
}

func (l googleLine) has(event string) bool {
	return event == "" || slices.ContainsFunc(l, func(f SignInFailure) bool { return f.googleEvent() == event })
}

func (a *API) googleEvent(f SignInFailure) any {
	parameter := func(name, value string) any { return map[string]any{"name": name, "value": value} }
	parameters := []any{parameter("application_name", cmp.Or(f.Application, a.options().App.Name)), parameter("orgunit_path", "/"), parameter("initiated_by", "sp")}
	if !f.worked {
		parameters = append(parameters, parameter("failure_type", f.Code))
	}
	return map[string]any{"type": "login", "name": f.googleEvent(), "parameters": parameters}
}

func (s SignInFailure) googleEvent() string {
	if s.worked {
		return "login_success"
	}
	return "login_failure"
}
