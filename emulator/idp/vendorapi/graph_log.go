package vendorapi

import (
	"cmp"
	"fmt"
	"math"
	"net/http"
	"slices"
	"time"

	"github.com/rolecall-dev/rolecall/emulator/idp"
)

// graphLog serves the provisioning log, newest first.
func (a *API) graphLog(w http.ResponseWriter, r *http.Request, tests []test) {
	log := a.d.Log()
	slices.Reverse(log)
	found := slices.DeleteFunc(log, func(e idp.Event) bool {
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
	graphPage(a, w, r, found, a.graphEvent)
}

func (a *API) graphEvent(e idp.Event) any {
	status := map[string]any{"status": string(e.Outcome), "errorInformation": nil}
	if code := graphCode(e); code != "" {
		status["errorInformation"] = map[string]any{"errorCode": code, "reason": e.Reason, "additionalDetails": nil, "errorCategory": "failure", "recommendedAction": nil}
	}
	action := map[idp.Action]string{idp.Create: "create", idp.Update: "update", idp.Enable: "update", idp.Disable: "disable", idp.Delete: "delete"}[e.Action]
	kind := "User"
	if e.ObjectType == idp.GroupPrincipal {
		kind = "Group"
	}
	return map[string]any{
		"id": fmt.Sprintf("%x-%s", e.Time.UnixNano(), e.ObjectID), "activityDateTime": stamp(e.Time), "jobId": a.graphJobID(), "cycleId": fmt.Sprint(e.Cycle),
		"provisioningAction": cmp.Or(action, "other"), "provisioningStatusInfo": status, "provisioningSteps": []any{}, "modifiedProperties": []any{},
		"sourceIdentity":   map[string]any{"id": e.ObjectID, "displayName": e.Name, "identityType": kind},
		"targetIdentity":   map[string]any{"id": e.TargetID, "displayName": "", "identityType": "urn:ietf:params:scim:schemas:core:2.0:" + kind},
		"servicePrincipal": map[string]any{"id": a.guid("service principal"), "displayName": a.options().App.Name},
	}
}

// graphCode is the error code of a line: of refused credentials, of an endpoint
// that was not reached, of "authenticated, but not authorized for this update".
func graphCode(e idp.Event) string {
	switch {
	case e.Outcome == idp.Success:
		return ""
	case e.Outcome != idp.Failure:
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
func (a *API) graphSignIns(w http.ResponseWriter, r *http.Request, tests []test) {
	if a.options().NoPremium {
		graphError(w, http.StatusForbidden, "Authentication_RequestFromNonPremiumTenantOrB2CTenant", "Neither tenant is B2C or tenant doesn't have premium license")
		return
	}
	found := slices.DeleteFunc(a.signInLog(), func(s SignInFailure) bool {
		return slices.ContainsFunc(tests, func(t test) bool {
			switch t.property {
			case "appId":
				return t.value != a.guid("application")
			case "userId":
				return t.value != s.UserID
			case "createdDateTime":
				since, err := time.Parse(time.RFC3339, t.value)
				return err != nil || s.Time.Before(since)
			}
			return true
		})
	})
	v := a.view()
	graphPage(a, w, r, found, func(s SignInFailure) any {
		u, _ := v.graphUser(s.UserID)
		code, policies := min(number(s.Code, 1), math.MaxInt32), []any{}
		if s.worked {
			code = 0
		}
		if s.Policy != "" {
			policies = append(policies, map[string]any{"id": a.guid("policy " + s.Policy), "displayName": s.Policy, "result": "failure"})
		}
		return map[string]any{
			"id": fmt.Sprintf("%x", s.Time.UnixNano()), "createdDateTime": stamp(s.Time), "userId": s.UserID, "userPrincipalName": u.UserName,
			"appId": a.guid("application"), "appDisplayName": a.options().App.Name, "appliedConditionalAccessPolicies": policies,
			"status": map[string]any{"errorCode": code, "failureReason": s.Reason, "additionalDetails": nil},
		}
	})
}
