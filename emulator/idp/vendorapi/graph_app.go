package vendorapi

import (
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/rolecall-dev/rolecall/emulator/idp"
)

// awsTemplate is the gallery's template of the application for IAM Identity
// Center (learn.microsoft.com/graph/application-saml-sso-configure-api).
const awsTemplate = "21ed01d2-ec13-4e9e-86c1-cd546719ebc4"

func (app App) template() any {
	if app.NotGallery {
		return nil
	}
	return awsTemplate
}

func (a *API) graphApp() map[string]any {
	app := a.options().App
	keys, thumbprint := []any{}, any(nil)
	for i, c := range a.certificates() {
		sum := sha1.Sum(c.Raw) // what Microsoft calls the thumbprint
		text := strings.ToUpper(hex.EncodeToString(sum[:]))
		id := sum[:]
		if i == 0 && !app.NonePreferred {
			thumbprint = text
		}
		if app.OwnCertificates {
			of := sha256.Sum256([]byte(text))
			id = of[:]
		}
		for _, use := range [][2]string{{"Sign", "X509CertAndPassword"}, {"Verify", "AsymmetricX509Cert"}} {
			keys = append(keys, map[string]any{
				"keyId": a.guid(fmt.Sprint(use[0], i)), "type": use[1], "usage": use[0], "key": nil, "displayName": "CN=" + app.Name,
				"customKeyIdentifier": base64.StdEncoding.EncodeToString(id), "startDateTime": stamp(c.NotBefore), "endDateTime": stamp(c.NotAfter),
			})
		}
	}
	return map[string]any{
		"id": a.guid("service principal"), "appId": a.guid("application"), "displayName": app.Name, "accountEnabled": !app.Disabled,
		"applicationTemplateId":     app.template(),
		"appRoleAssignmentRequired": !app.Open, "preferredSingleSignOnMode": "saml", "preferredTokenSigningKeyThumbprint": thumbprint, "keyCredentials": keys,
		"loginUrl": nil, "replyUrls": []string{app.ACS}, "servicePrincipalNames": []string{app.Audience, a.guid("application")},
	}
}

// graphApps takes filters on displayName, applicationTemplateId, appId and id,
// joined by "or".
func (a *API) graphApps(w http.ResponseWriter, r *http.Request, tests []test) {
	all := []map[string]any{a.graphApp(), {"id": a.guid("other"), "appId": a.guid("other app"), "displayName": "Another application"}}
	for i, app := range a.options().OtherApps {
		all = append(all, map[string]any{
			"id": a.guid(fmt.Sprint("other", i)), "appId": a.guid(fmt.Sprint("other app", i)), "displayName": app.Name, "accountEnabled": !app.Disabled,
			"applicationTemplateId": app.template(), "appRoleAssignmentRequired": true, "keyCredentials": []any{}, "replyUrls": []any{}, "servicePrincipalNames": []any{},
		})
	}
	found := slices.DeleteFunc(all, func(app map[string]any) bool {
		return len(tests) > 0 && !slices.ContainsFunc(tests, func(t test) bool { return t.meets(fmt.Sprint(app[t.property])) })
	})
	graphPage(a, w, r, found, same)
}

// ofGraphApp answers 404 for any other application.
func (a *API) ofGraphApp(serve http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if id := r.PathValue("app"); id != a.guid("service principal") {
			graphMissing(w, id)
			return
		}
		serve(w, r)
	}
}

func (a *API) graphAssigned(w http.ResponseWriter, r *http.Request) {
	v := a.view()
	graphPage(a, w, r, v.Assignments, func(as idp.Assignment) any {
		u, _ := v.user(as.PrincipalID)
		name, typ := u.DisplayName, "User"
		if g, ok := v.group(as.PrincipalID); ok {
			name, typ = g.Name, "Group"
		}
		return map[string]any{
			"id": "as-" + as.PrincipalID, "appRoleId": a.guid("role"), "createdDateTime": stamp(as.Created), "principalId": as.PrincipalID,
			"principalDisplayName": name, "principalType": typ, "resourceId": a.guid("service principal"), "resourceDisplayName": a.options().App.Name,
		}
	})
}

// graphJobs has no job where provisioning was never set up. Times that never
// were come as Graph writes them: null, or year 1.
func (a *API) graphJobs(w http.ResponseWriter, r *http.Request) {
	if a.options().App.ProvisioningOff {
		graphPage(a, w, r, []any{}, same)
		return
	}
	v := a.view()
	job := v.Job
	schedule := map[string]any{"interval": fmt.Sprintf("PT%dM", int(job.Interval.Minutes())), "state": "Active", "expiration": nil}
	status := map[string]any{"countSuccessiveCompleteFailures": 0, "escrowsPruned": false, "progress": []any{}, "quarantine": nil, "troubleshootingUrl": ""}
	run := func(state string, t time.Time, escrowed int) any {
		if t.IsZero() {
			return nil
		}
		return map[string]any{"activityIdentifier": a.guid("run"), "state": state, "timeBegan": stamp(t), "timeEnded": stamp(t), "error": nil, "countEscrowed": escrowed, "countEscrowedRaw": escrowed}
	}
	state, code := "Succeeded", a.options().App.LastRunError
	if job.Error != "" {
		state = "EntryLevelErrors"
	}
	status["lastExecution"], status["lastSuccessfulExecution"] = run(state, job.LastExecution, v.escrowed()), run("Succeeded", job.LastSuccess, 0)
	if last, ok := status["lastExecution"].(map[string]any); ok && code != "" {
		last["state"], last["error"] = "Failed", map[string]any{"code": code, "message": "The run failed.", "tenantActionable": true}
	}
	status["steadyStateLastAchievedTime"] = "0001-01-01T00:00:00Z"
	switch job.Status {
	case idp.JobNotRun:
		status["code"] = "NotRun"
	case idp.JobPaused:
		status["code"], schedule["state"] = "Paused", "Paused"
	case idp.JobDisabled:
		status["code"], schedule["state"], schedule["interval"] = "Paused", "Disabled", "P10675199DT2H48M5.4775807S"
		if !job.QuarantinedSince.IsZero() {
			status["code"], status["quarantine"] = "Quarantine", graphQuarantine(job, time.Time{})
		}
	case idp.JobQuarantine:
		status["code"], status["quarantine"] = "Quarantine", graphQuarantine(job, job.LastExecution.Add(job.Wait))
	default:
		status["code"] = "Active"
	}
	jobs := append(a.graphOtherJobs(), map[string]any{"id": a.graphJobID(), "templateId": "aws", "schedule": schedule, "status": status})
	graphPage(a, w, r, jobs, same)
}

// graphQuarantine tells of a refused token, which is the only way into quarantine
// here (learn.microsoft.com/entra/identity/app-provisioning/application-provisioning-quarantine-status).
func graphQuarantine(job idp.Job, next time.Time) any {
	return map[string]any{
		"currentBegan": stamp(job.QuarantinedSince), "seriesBegan": stamp(job.QuarantinedSince), "seriesCount": 1, "reason": "EncounteredQuarantineException",
		"nextAttempt": stampOrNull(next),
		"error":       map[string]any{"code": "SystemForCrossDomainIdentityManagementInvalidCredentials", "message": job.Error, "tenantActionable": true},
	}
}

// graphOtherJobs are those beside the one that works; they never ran.
func (a *API) graphOtherJobs() (jobs []any) {
	ids := a.graphJobIDs()[1:]
	for i, state := range a.options().App.OtherJobs {
		code, schedule := map[idp.JobStatus]string{idp.JobActive: "Active", idp.JobNotRun: "NotRun", idp.JobPaused: "Paused", idp.JobQuarantine: "Quarantine", idp.JobDisabled: "Paused"}[state], "Active"
		switch state {
		case idp.JobPaused:
			schedule = "Paused"
		case idp.JobDisabled:
			schedule = "Disabled"
		}
		jobs = append(jobs, map[string]any{
			"id": ids[i], "templateId": "aws", "schedule": map[string]any{"interval": "PT40M", "state": schedule, "expiration": nil},
			"status": map[string]any{"code": code, "quarantine": nil, "lastExecution": nil, "lastSuccessfulExecution": nil},
		})
	}
	return jobs
}

// escrowed counts what failed and will be tried again.
func (v view) escrowed() int {
	users := filter(v.Provisioned, func(p idp.Provisioned) bool { return p.State == idp.Failed })
	groups := filter(v.Mappings, func(m idp.PushMapping) bool { return m.State == idp.Failed })
	return len(users) + len(groups)
}

func (a *API) graphJobID() string { return "aws." + a.guid("job") }

// graphJobIDs are the job that works, and those beside it.
func (a *API) graphJobIDs() []string {
	ids := []string{a.graphJobID()}
	for i := range a.options().App.OtherJobs {
		ids = append(ids, "aws."+a.guid(fmt.Sprint("job", i)))
	}
	return ids
}
