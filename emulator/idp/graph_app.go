package idp

import (
	"crypto/sha1"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

// guid is an id of the directory that hangs on a label alone.
func (d *Directory) guid(label string) string {
	r := d.stable(label)
	hi, lo := r.Uint64()&^0xf000|0x4000, r.Uint64()&^(3<<62)|1<<63
	return fmt.Sprintf("%08x-%04x-%04x-%04x-%012x", hi>>32, hi>>16&0xffff, hi&0xffff, lo>>48, lo&0xffffffffffff)
}

func (a *API) graphApp() map[string]any {
	app := a.options().App
	keys, thumbprint := []any{}, ""
	for i, c := range a.certificates() {
		sum := sha1.Sum(c.Raw) // what Microsoft calls the thumbprint
		if i == 0 {
			thumbprint = strings.ToUpper(hex.EncodeToString(sum[:]))
		}
		for _, usage := range []string{"Sign", "Verify"} {
			keys = append(keys, map[string]any{
				"keyId": a.d.guid(fmt.Sprint(usage, i)), "type": "AsymmetricX509Cert", "usage": usage, "key": nil, "displayName": "CN=" + app.Name,
				"customKeyIdentifier": base64.StdEncoding.EncodeToString(sum[:]), "startDateTime": stamp(c.NotBefore), "endDateTime": stamp(c.NotAfter),
			})
		}
	}
	return map[string]any{
		"id": a.d.guid("service principal"), "appId": a.d.guid("application"), "displayName": app.Name, "accountEnabled": !app.Disabled,
		"appRoleAssignmentRequired": !app.Open, "preferredSingleSignOnMode": "saml", "preferredTokenSigningKeyThumbprint": thumbprint, "keyCredentials": keys,
		"loginUrl": nil, "replyUrls": []string{app.ACS}, "servicePrincipalNames": []string{app.Audience, a.d.guid("application")},
	}
}

// graphApps takes filters on displayName, appId and id, joined by "or".
func (a *API) graphApps(w http.ResponseWriter, r *http.Request) {
	tests, ok := graphFilter(r.URL.Query().Get("$filter"), "or")
	if !ok {
		badFilter(w)
		return
	}
	all := []map[string]any{a.graphApp(), {"id": a.d.guid("other"), "appId": a.d.guid("other app"), "displayName": "Another application"}}
	found := slices.DeleteFunc(all, func(app map[string]any) bool {
		return len(tests) > 0 && !slices.ContainsFunc(tests, func(t [2]string) bool { return strings.EqualFold(fmt.Sprint(app[t[0]]), t[1]) })
	})
	graphPage(a, w, r, found, 100, 999, func(app map[string]any) any { return app })
}

// isApp answers 404 for any other application.
func (a *API) isApp(w http.ResponseWriter, r *http.Request) bool {
	id := r.PathValue("app")
	if id != a.d.guid("service principal") {
		graphMissing(w, id)
		return false
	}
	return true
}

func (a *API) graphAssigned(w http.ResponseWriter, r *http.Request) {
	if !a.isApp(w, r) {
		return
	}
	s := a.d.Snapshot()
	graphPage(a, w, r, s.Assignments, 100, 999, func(as Assignment) any {
		name, typ := "", "User"
		for _, u := range s.Users {
			if u.ID == as.PrincipalID {
				name = u.DisplayName
			}
		}
		for _, g := range s.Groups {
			if g.ID == as.PrincipalID {
				name, typ = g.Name, "Group"
			}
		}
		return map[string]any{
			"id": "as-" + as.PrincipalID, "appRoleId": a.d.guid("role"), "createdDateTime": stamp(as.Created), "principalId": as.PrincipalID,
			"principalDisplayName": name, "principalType": typ, "resourceId": a.d.guid("service principal"), "resourceDisplayName": a.options().App.Name,
		}
	})
}

// graphJobs has no job where provisioning was never set up. Times that never
// were come as Graph writes them: null, or year 1.
func (a *API) graphJobs(w http.ResponseWriter, r *http.Request) {
	if !a.isApp(w, r) {
		return
	}
	if a.options().App.ProvisioningOff {
		graphPage(a, w, r, []any{}, 100, 999, func(j any) any { return j })
		return
	}
	job := a.d.Job()
	schedule := map[string]any{"interval": fmt.Sprintf("PT%dM", int(job.Interval.Minutes())), "state": "Active", "expiration": nil}
	status := map[string]any{"countSuccessiveCompleteFailures": 0, "escrowsPruned": false, "progress": []any{}, "quarantine": nil, "troubleshootingUrl": ""}
	run := func(state string, t time.Time) any {
		if t.IsZero() {
			return nil
		}
		return map[string]any{"activityIdentifier": a.d.guid("run"), "state": state, "timeBegan": stamp(t), "timeEnded": stamp(t), "error": nil}
	}
	state := "Succeeded"
	if job.Error != "" {
		state = "EntryLevelErrors"
	}
	status["lastExecution"], status["lastSuccessfulExecution"] = run(state, job.LastExecution), run("Succeeded", job.LastSuccess)
	status["steadyStateLastAchievedTime"] = "0001-01-01T00:00:00Z"
	switch job.Status {
	case JobNotRun:
		status["code"] = "NotRun"
	case JobPaused:
		status["code"], schedule["state"] = "Paused", "Paused"
	case JobDisabled:
		status["code"], schedule["state"], schedule["interval"] = "Paused", "Disabled", "P10675199DT2H48M5.4775807S"
	case JobQuarantine:
		status["code"] = "Quarantine"
		status["quarantine"] = map[string]any{
			"currentBegan": stamp(job.QuarantinedSince), "seriesBegan": stamp(job.QuarantinedSince), "seriesCount": 1, "reason": "EncounteredQuarantineException",
			"nextAttempt": stamp(job.LastExecution.Add(a.d.wait())),
			"error":       map[string]any{"code": "SystemForCrossDomainIdentityManagementCredentialValidationUnavailable", "message": job.Error, "tenantActionable": true},
		}
	default:
		status["code"] = "Active"
	}
	graphPage(a, w, r, []any{map[string]any{"id": a.graphJobID(), "templateId": "aws", "schedule": schedule, "status": status}}, 100, 999, func(j any) any { return j })
}

// graphSchema is the part of the job's schema that says what is provisioned.
func (a *API) graphSchema(w http.ResponseWriter, r *http.Request) {
	if !a.isApp(w, r) {
		return
	}
	if id := r.PathValue("job"); id != a.graphJobID() {
		graphMissing(w, id)
		return
	}
	flows := "Add, Update, Delete"
	if a.options().App.CreatesNone {
		flows = "Update, Delete"
	}
	mapping := func(name string) any {
		return map[string]any{"enabled": true, "flowTypes": flows, "sourceObjectName": name, "targetObjectName": "urn:ietf:params:scim:schemas:core:2.0:" + name, "attributeMappings": []any{}, "scope": nil}
	}
	answer(w, http.StatusOK, map[string]any{"id": a.graphJobID(), "version": "1", "synchronizationRules": []any{
		map[string]any{"name": "USER_OUTBOUND_USER", "objectMappings": []any{mapping("User"), mapping("Group")}},
	}})
}

func (a *API) graphJobID() string { return "aws." + a.d.guid("job") }

// graphLog serves the provisioning log, newest first.
func (a *API) graphLog(w http.ResponseWriter, r *http.Request) {
	tests, ok := graphFilter(r.URL.Query().Get("$filter"), "and")
	if !ok {
		badFilter(w)
		return
	}
	log := a.d.Log()
	slices.Reverse(log)
	found := slices.DeleteFunc(log, func(e Event) bool {
		return slices.ContainsFunc(tests, func(t [2]string) bool {
			switch t[0] {
			case "jobId":
				return t[1] != a.graphJobID()
			case "sourceIdentity/id":
				return t[1] != e.ObjectID
			case "activityDateTime":
				since, err := time.Parse(time.RFC3339, t[1])
				return err != nil || e.Time.Before(since)
			}
			return true
		})
	})
	graphPage(a, w, r, found, 100, 999, a.graphEvent)
}

func (a *API) graphEvent(e Event) any {
	status := map[string]any{"status": string(e.Outcome), "errorInformation": nil}
	if e.Outcome != Success {
		code := "NotEffectivelyEntitled"
		if e.Outcome == Failure {
			code = "SystemForCrossDomainIdentityManagementServiceIncompatible"
		}
		if e.Status == http.StatusUnauthorized {
			code = "SystemForCrossDomainIdentityManagementCredentialValidationUnavailable"
		}
		status["errorInformation"] = map[string]any{"errorCode": code, "reason": e.Reason, "additionalDetails": nil, "errorCategory": "failure", "recommendedAction": nil}
	}
	action := map[Action]string{Create: "create", Update: "update", Enable: "update", Disable: "disable", Delete: "delete"}[e.Action]
	if action == "" {
		action = "other"
	}
	kind := "User"
	if e.ObjectType == GroupPrincipal {
		kind = "Group"
	}
	return map[string]any{
		"id": fmt.Sprintf("%x-%s", e.Time.UnixNano(), e.ObjectID), "activityDateTime": stamp(e.Time), "jobId": a.graphJobID(), "cycleId": fmt.Sprint(e.Cycle),
		"provisioningAction": action, "provisioningStatusInfo": status, "provisioningSteps": []any{}, "modifiedProperties": []any{},
		"sourceIdentity":   map[string]any{"id": e.ObjectID, "displayName": e.Name, "identityType": kind},
		"targetIdentity":   map[string]any{"id": e.TargetID, "displayName": "", "identityType": "urn:ietf:params:scim:schemas:core:2.0:" + kind},
		"servicePrincipal": map[string]any{"id": a.d.guid("service principal"), "displayName": a.options().App.Name},
	}
}

// graphSignIns takes filters on appId, userId and createdDateTime.
func (a *API) graphSignIns(w http.ResponseWriter, r *http.Request) {
	tests, ok := graphFilter(r.URL.Query().Get("$filter"), "and")
	if !ok {
		badFilter(w)
		return
	}
	found := slices.DeleteFunc(a.signInLog(), func(s SignInFailure) bool {
		return slices.ContainsFunc(tests, func(t [2]string) bool {
			switch t[0] {
			case "appId":
				return t[1] != a.d.guid("application")
			case "userId":
				return t[1] != s.UserID
			case "createdDateTime":
				since, err := time.Parse(time.RFC3339, t[1])
				return err != nil || s.Time.Before(since)
			}
			return true
		})
	})
	users := a.d.Snapshot()
	graphPage(a, w, r, found, 100, 999, func(s SignInFailure) any {
		u, _ := users.graphUser(s.UserID)
		code, policies := number(s.Code, 1, 1<<31-1), []any{}
		if s.worked {
			code = 0
		}
		if s.Policy != "" {
			policies = append(policies, map[string]any{"id": a.d.guid("policy " + s.Policy), "displayName": s.Policy, "result": "failure"})
		}
		return map[string]any{
			"id": fmt.Sprintf("%x", s.Time.UnixNano()), "createdDateTime": stamp(s.Time), "userId": s.UserID, "userPrincipalName": u.UserName,
			"appId": a.d.guid("application"), "appDisplayName": a.options().App.Name, "appliedConditionalAccessPolicies": policies,
			"status": map[string]any{"errorCode": code, "failureReason": s.Reason, "additionalDetails": nil},
		}
	})
}
