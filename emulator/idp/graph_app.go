package idp

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
)

// guid is an id of the directory that hangs on a label alone.
func (d *Directory) guid(label string) string {
	r := d.stable(label)
	hi, lo := r.Uint64()&^0xf000|0x4000, r.Uint64()&^(3<<62)|1<<63
	return fmt.Sprintf("%08x-%04x-%04x-%04x-%012x", hi>>32, hi>>16&0xffff, hi&0xffff, lo>>48, lo&0xffffffffffff)
}

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
				"keyId": a.d.guid(fmt.Sprint(use[0], i)), "type": use[1], "usage": use[0], "key": nil, "displayName": "CN=" + app.Name,
				"customKeyIdentifier": base64.StdEncoding.EncodeToString(id), "startDateTime": stamp(c.NotBefore), "endDateTime": stamp(c.NotAfter),
			})
		}
	}
	return map[string]any{
		"id": a.d.guid("service principal"), "appId": a.d.guid("application"), "displayName": app.Name, "accountEnabled": !app.Disabled,
		"applicationTemplateId":     app.template(),
		"appRoleAssignmentRequired": !app.Open, "preferredSingleSignOnMode": "saml", "preferredTokenSigningKeyThumbprint": thumbprint, "keyCredentials": keys,
		"loginUrl": nil, "replyUrls": []string{app.ACS}, "servicePrincipalNames": []string{app.Audience, a.d.guid("application")},
	}
}

// graphApps takes filters on displayName, applicationTemplateId, appId and id,
// joined by "or".
func (a *API) graphApps(w http.ResponseWriter, r *http.Request) {
	tests, ok := graphFilter(r.URL.Query().Get("$filter"), "or")
	if !ok {
		badFilter(w)
		return
	}
	all := []map[string]any{a.graphApp(), {"id": a.d.guid("other"), "appId": a.d.guid("other app"), "displayName": "Another application"}}
	for i, app := range a.options().OtherApps {
		all = append(all, map[string]any{
			"id": a.d.guid(fmt.Sprint("other", i)), "appId": a.d.guid(fmt.Sprint("other app", i)), "displayName": app.Name, "accountEnabled": !app.Disabled,
			"applicationTemplateId": app.template(), "appRoleAssignmentRequired": true, "keyCredentials": []any{}, "replyUrls": []any{}, "servicePrincipalNames": []any{},
		})
	}
	found := slices.DeleteFunc(all, func(app map[string]any) bool {
		return len(tests) > 0 && !slices.ContainsFunc(tests, func(t test) bool { return t.meets(fmt.Sprint(app[t.property])) })
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
	run := func(state string, t time.Time, escrowed int) any {
		if t.IsZero() {
			return nil
		}
		return map[string]any{"activityIdentifier": a.d.guid("run"), "state": state, "timeBegan": stamp(t), "timeEnded": stamp(t), "error": nil, "countEscrowed": escrowed, "countEscrowedRaw": escrowed}
	}
	state, code := "Succeeded", a.options().App.LastRunError
	if job.Error != "" {
		state = "EntryLevelErrors"
	}
	status["lastExecution"], status["lastSuccessfulExecution"] = run(state, job.LastExecution, a.d.Snapshot().escrowed()), run("Succeeded", job.LastSuccess, 0)
	if last, ok := status["lastExecution"].(map[string]any); ok && code != "" {
		last["state"], last["error"] = "Failed", map[string]any{"code": code, "message": "The run failed.", "tenantActionable": true}
	}
	status["steadyStateLastAchievedTime"] = "0001-01-01T00:00:00Z"
	switch job.Status {
	case JobNotRun:
		status["code"] = "NotRun"
	case JobPaused:
		status["code"], schedule["state"] = "Paused", "Paused"
	case JobDisabled:
		status["code"], schedule["state"], schedule["interval"] = "Paused", "Disabled", "P10675199DT2H48M5.4775807S"
		if !job.QuarantinedSince.IsZero() {
			status["code"], status["quarantine"] = "Quarantine", graphQuarantine(job, time.Time{})
		}
	case JobQuarantine:
		status["code"], status["quarantine"] = "Quarantine", graphQuarantine(job, job.LastExecution.Add(a.d.wait()))
	default:
		status["code"] = "Active"
	}
	jobs := append(a.graphOtherJobs(), map[string]any{"id": a.graphJobID(), "templateId": "aws", "schedule": schedule, "status": status})
	graphPage(a, w, r, jobs, 100, 999, func(j any) any { return j })
}

// graphQuarantine tells of a refused token, which is the only way into quarantine
// here (learn.microsoft.com/entra/identity/app-provisioning/application-provisioning-quarantine-status).
func graphQuarantine(job Job, next time.Time) any {
	return map[string]any{
		"currentBegan": stamp(job.QuarantinedSince), "seriesBegan": stamp(job.QuarantinedSince), "seriesCount": 1, "reason": "EncounteredQuarantineException",
		"nextAttempt": orNull(next),
		"error":       map[string]any{"code": "SystemForCrossDomainIdentityManagementInvalidCredentials", "message": job.Error, "tenantActionable": true},
	}
}

// graphOtherJobs are those beside the one that works; they never ran.
func (a *API) graphOtherJobs() (jobs []any) {
	ids := a.graphJobIDs()[1:]
	for i, state := range a.options().App.OtherJobs {
		code, schedule := map[JobStatus]string{JobActive: "Active", JobNotRun: "NotRun", JobPaused: "Paused", JobQuarantine: "Quarantine", JobDisabled: "Paused"}[state], "Active"
		switch state {
		case JobPaused:
			schedule = "Paused"
		case JobDisabled:
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
func (s Snapshot) escrowed() (n int) {
	for _, p := range s.Provisioned {
		if p.State == Failed {
			n++
		}
	}
	for _, m := range s.Mappings {
		if m.State == Failed {
			n++
		}
	}
	return n
}

func (a *API) graphJobID() string { return "aws." + a.d.guid("job") }

// graphJobIDs are the job that works, and those beside it.
func (a *API) graphJobIDs() []string {
	ids := []string{a.graphJobID()}
	for i := range a.options().App.OtherJobs {
		ids = append(ids, fmt.Sprintf("aws.%s", a.d.guid(fmt.Sprint("job", i))))
	}
	return ids
}
