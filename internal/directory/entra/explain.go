package entra

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/rolecall-dev/rolecall/internal/directory"
)

// explain reads an error of the cloud, and says where Microsoft may not serve the
// question there: national clouds answer 404 to an API that they lack
// (learn.microsoft.com/graph/deployments).
func (c cloud) explain(r directory.Reply) directory.Error {
	e := explain(r)
	provisioning := []string{"ListSynchronizationJobs", "GetSynchronizationSchema", "ListProvisioning"}
	if c.name != "" && r.Status == http.StatusNotFound && slices.Contains(provisioning, r.Operation) {
		e.Message = strings.TrimPrefix(e.Message+"; Microsoft may not serve the API of provisioning in the cloud "+strconv.Quote(c.name), "; ")
		e.Needs = "Look at the provisioning of the application in the Microsoft Entra admin center: in a national cloud its API may not be served."
	}
	return e
}

// explain reads Graph's error object, and that of the token endpoint.
func explain(r directory.Reply) directory.Error {
	if r.Operation == "Token" {
		return explainToken(r)
	}
	var body struct {
		Error struct {
			Code    string `json:"code"`
			Message string `json:"message"`
		} `json:"error"`
	}
	_ = json.Unmarshal(r.Body, &body) // what is no error object has no code
	e := directory.Error{Code: body.Error.Code, Message: body.Error.Message}
	switch {
	case unlicensed(e.Code):
		e.Kind, e.Needs = directory.NotLicensed, needsLicense(r.Operation)
	case r.Status == http.StatusForbidden:
		e.Needs = needsPermission(r.Operation)
	case r.Status == http.StatusUnauthorized:
		e.Needs = "Look at the app registration in Entra ID: it must still exist, with the permissions of docs/idp/entra.md."
	}
	return e
}

// unlicensed says that a code means that the tenant lacks a license: of the logs,
// and of Privileged Identity Management.
func unlicensed(code string) bool {
	return strings.HasPrefix(code, "Authentication_RequestFromNonPremiumTenant") || code == "AadPremiumLicenseRequired"
}

// needsLicense says what helps. Of the logs, Graph says the same where its check of
// the license fails for lack of a permission (a known issue of Microsoft's).
func needsLicense(operation string) string {
	if operation == "ListEligibilityScheduleInstances" {
		return "The tenant needs a Microsoft Entra ID P2 or Microsoft Entra ID Governance license for this."
	}
	return "The tenant needs a Microsoft Entra ID P1 or P2 license for this. If it has one, grant Directory.Read.All in addition to " + directory.ScopeOf(Calls(), operation) + ": Graph's check of the license may need it."
}

func needsPermission(operation string) string {
	return "Add the application permission " + directory.ScopeOf(Calls(), operation) + " of Microsoft Graph to the app registration in Entra ID, and grant admin consent."
}

func explainToken(r directory.Reply) directory.Error {
	e := directory.OAuthError(r)
	e.Needs = "Compare organization, client_id and the secret, certificate or federated credential with the app registration in Entra ID; secrets and certificates expire."
	var body struct {
		Codes []int `json:"error_codes"`
	}
	_ = json.Unmarshal(r.Body, &body)
	if slices.Contains(body.Codes, 90002) { // InvalidTenantName, "often a cross-cloud app"
		e.Needs = "Compare organization with the tenant in Entra ID. Where it is in a national cloud, set cloud in the connector block of rolecall.hcl."
	}
	if slices.ContainsFunc(body.Codes, otherCloud) {
		e.Kind, e.Needs = directory.BadSetting, `The tenant is in another of Microsoft's clouds. Set cloud in the connector block of rolecall.hcl to "us-government", "us-dod" or "china", or remove it for the global cloud.`
	}
	return e
}
