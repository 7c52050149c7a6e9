package idp

import (
	"fmt"
	"net/http"
	"slices"
	"time"
)

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
		return slices.ContainsFunc(tests, func(t test) bool {
			switch t.property {
			case "jobId":
				return t.value != a.graphJobID()
			case "sourceIdentity/id":
				return t.value != e.ObjectID
			case "activityDateTime":
				since, err := time.Parse(time.RFC3339, t.value)
				return err != nil || e.Time.Before(since)
			}
			return true
		})
	})
	graphPage(a, w, r, found, 100, 999, a.graphEvent)
}

func (a *API) graphEvent(e Event) any {
	status := map[string]any{"status": string(e.Outcome), "errorInformation": nil}
	if code := e.graphCode(); code != "" {
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

// graphCode is the error code of a line: of refused credentials, of an endpoint
// that was not reached, of "authenticated, but not authorized for this update".
func (e Event) graphCode() string {
	switch {
	case e.Outcome == Success:
		return ""
	case e.Outcome != Failure:
		return "NotEffectivelyEntitled"
	case e.Status == 0:
		return "SystemForCrossDomainIdentityManagementCredentialValidationUnavailable"
	case e.Status == http.StatusUnauthorized:
		return "SystemForCrossDomainIdentityManagementInvalidCredentials"
	case e.Status == http.StatusForbidden:
		return "InsufficientRights"
	}
	return "SystemForCrossDomainIdentityManagementServiceIncompatible"
}

// graphSignIns takes filters on appId, userId and createdDateTime.
func (a *API) graphSignIns(w http.ResponseWriter, r *http.Request) {
	tests, ok := graphFilter(r.URL.Query().Get("$filter"), "and")
	if !ok {
		badFilter(w)
		return
	}
	if a.options().NoPremium {
		graphError(w, http.StatusForbidden, "Authentication_RequestFromNonPremiumTenantOrB2CTenant", "Neither tenant is B2C or tenant doesn't have premium license")
		return
	}
	found := slices.DeleteFunc(a.signInLog(), func(s SignInFailure) bool {
		return slices.ContainsFunc(tests, func(t test) bool {
			switch t.property {
			case "appId":
				return t.value != a.d.guid("application")
			case "userId":
				return t.value != s.UserID
			case "createdDateTime":
				since, err := time.Parse(time.RFC3339, t.value)
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
