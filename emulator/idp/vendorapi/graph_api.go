package vendorapi

import (
	"cmp"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"
)

// graphRoutes are those of Microsoft Graph v1.0
// (github.com/microsoftgraph/microsoft-graph-docs-contrib) that say who is who,
// and how the application stands, and the tenant's token endpoint.
func (a *API) graphRoutes() {
	a.mux.HandleFunc("POST /{tenant}/oauth2/v2.0/token", a.graphToken)
	const users, groups, apps = "User.Read.All", "GroupMember.Read.All", "Application.Read.All"
	for pattern, route := range map[string]struct {
		scope string
		serve http.HandlerFunc
	}{
		"GET /v1.0/users":        {users, filtered("or", a.graphUsers)},
		"GET /v1.0/users/{user}": {users, a.graphUser},
		"GET /v1.0/{call}":       {users, a.graphUserCall},
		"GET /v1.0/directory/deletedItems/microsoft.graph.user":                            {users, filtered("or", a.graphDeleted)},
		"GET /v1.0/users/{user}/memberOf":                                                  {groups, a.graphMemberOf(false)},
		"GET /v1.0/users/{user}/transitiveMemberOf":                                        {groups, a.graphMemberOf(true)},
		"GET /v1.0/groups":                                                                 {groups, filtered("or", a.graphGroups)},
		"GET /v1.0/groups/{group}":                                                         {groups, a.ofGraphGroup(a.graphGroup)},
		"GET /v1.0/groups/{group}/members":                                                 {groups, a.ofGraphGroup(a.graphMembers(false))},
		"GET /v1.0/groups/{group}/transitiveMembers":                                       {groups, a.ofGraphGroup(a.graphMembers(true))},
		"GET /v1.0/servicePrincipals":                                                      {apps, filtered("or", a.graphApps)},
		"GET /v1.0/servicePrincipals/{app}/appRoleAssignedTo":                              {apps, a.ofGraphApp(a.graphAssigned)},
		"GET /v1.0/servicePrincipals/{app}/synchronization/jobs":                           {"Synchronization.Read.All", a.ofGraphApp(a.graphJobs)},
		"GET /v1.0/servicePrincipals/{app}/synchronization/jobs/{job}/schema":              {"Synchronization.Read.All", a.ofGraphApp(a.graphSchema)},
		"GET /v1.0/auditLogs/provisioning":                                                 {"AuditLog.Read.All", filtered("and", a.graphLog)},
		"GET /v1.0/auditLogs/signIns":                                                      {"AuditLog.Read.All", filtered("and", a.graphSignIns)},
		"GET /v1.0/identityGovernance/privilegedAccess/group/eligibilityScheduleInstances": {"PrivilegedEligibilitySchedule.Read.AzureADGroup", filtered("and", a.graphEligible)},
	} {
		a.mux.HandleFunc(pattern, a.graphOnly(route.scope, route.serve))
	}
	a.mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		graphError(w, http.StatusBadRequest, "BadRequest", "Resource not found for the segment.")
	})
}

func graphError(w http.ResponseWriter, status int, code, message string) {
	answer(w, status, map[string]any{"error": map[string]any{"code": code, "message": message, "innerError": map[string]any{
		"date": time.Now().UTC().Format("2006-01-02T15:04:05"), "request-id": w.Header().Get("request-id"),
	}}})
}

func graphMissing(w http.ResponseWriter, id string) {
	graphError(w, http.StatusNotFound, "Request_ResourceNotFound", fmt.Sprintf("Resource '%s' does not exist or one of its queried reference-property objects are not present.", id))
}

func (a *API) graphOnly(scope string, serve http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		host, here := r.URL.Hostname(), graphClouds()[a.options().Cloud].graph
		switch known, may := a.bearer(r, scope, "Directory.Read.All"); {
		case !known || host != "" && host != here:
			graphError(w, http.StatusUnauthorized, "InvalidAuthenticationToken", "Access token has expired or is not yet valid.")
		case !may:
			graphError(w, http.StatusForbidden, "Authorization_RequestDenied", "Insufficient privileges to complete the operation.")
		default:
			serve(w, r)
		}
	}
}

// graphToken takes a secret, an assertion signed with the certificate's key, or a
// token of a federated issuer.
func (a *API) graphToken(w http.ResponseWriter, r *http.Request) {
	o := a.options()
	tenant := r.PathValue("tenant")
	if o.Tenant != "" && tenant != o.Tenant {
		tokenError(w, http.StatusBadRequest, "invalid_request", fmt.Sprintf("AADSTS90002: Tenant '%s' not found.", tenant))
		return
	}
	if why := o.crossCloud(r); why != "" {
		answer(w, http.StatusBadRequest, map[string]any{"error": "invalid_request", "error_description": "AADSTS900382: " + why, "error_codes": []int{900382}})
		return
	}
	if r.FormValue("scope") != "https://"+graphClouds()[o.Cloud].graph+"/.default" || r.FormValue("grant_type") != "client_credentials" {
		tokenError(w, http.StatusBadRequest, "invalid_scope", "AADSTS1002012: The provided value for scope is not valid.")
		return
	}
	if r.FormValue("client_id") != o.ClientID {
		tokenError(w, http.StatusUnauthorized, "unauthorized_client", "AADSTS700016: Application was not found in the directory.")
		return
	}
	if !a.graphProven(r, o) {
		tokenError(w, http.StatusUnauthorized, "invalid_client", "AADSTS7000215: Invalid client secret or assertion provided.")
		return
	}
	a.issue(w, o.Scopes)
}

// graphCloud are the hosts of one of Microsoft's clouds
// (learn.microsoft.com/graph/deployments,
// learn.microsoft.com/entra/identity-platform/authentication-national-cloud).
type graphCloud struct{ login, graph string }

func graphClouds() map[string]graphCloud {
	return map[string]graphCloud{
		"":              {"login.microsoftonline.com", "graph.microsoft.com"},
		"us-government": {"login.microsoftonline.us", "graph.microsoft.us"},
		"us-dod":        {"login.microsoftonline.us", "dod-graph.microsoft.us"},
		"china":         {"login.partner.microsoftonline.cn", "microsoftgraph.chinacloudapi.cn"},
	}
}

// crossCloud says that a token is asked for in another cloud than the tenant's. A
// request that came over a port is at no host of Microsoft's.
func (o Options) crossCloud(r *http.Request) string {
	if host := r.URL.Hostname(); host != "" && host != graphClouds()[o.Cloud].login {
		return "Confidential Client is not supported in Cross Cloud request."
	}
	return ""
}

func (a *API) graphProven(r *http.Request, o Options) bool {
	proof := r.FormValue("client_assertion")
	if proof == "" {
		return o.ClientSecret != "" && r.FormValue("client_secret") == o.ClientSecret
	}
	if r.FormValue("client_assertion_type") != "urn:ietf:params:oauth:client-assertion-type:jwt-bearer" {
		return false
	}
	if o.FederatedToken != "" && proof == o.FederatedToken {
		return true
	}
	c, err := assertion(proof, o.ClientKey, address(r)+r.URL.Path)
	return err == nil && c.Issuer == o.ClientID && c.Subject == o.ClientID
}

// graphPage answers with one page and the link to the next.
func graphPage[T any](a *API, w http.ResponseWriter, r *http.Request, items []T, show func(T) any) {
	list, next, ok := page(a, r, paging{"$top", "$skiptoken", 100, 999}, items, show)
	if !ok {
		graphError(w, http.StatusBadRequest, "Directory_ExpiredPageToken", "The specified page token value has expired and can no longer be included in your request.")
		return
	}
	body := map[string]any{"@odata.context": address(r) + "/v1.0/$metadata", "value": list}
	if next != "" {
		q := r.URL.Query()
		q.Set("$skiptoken", next)
		body["@odata.nextLink"] = address(r) + r.URL.EscapedPath() + "?" + q.Encode()
	}
	answer(w, http.StatusOK, body)
}

// test is one test of a filter.
type test struct{ property, operator, value string }

// comparison is how Graph writes one: property eq 'value', or ge and gt with a
// time; startsWith(property,'value'); property/any(x:x eq 'value'); and the word
// that joins it to the next.
var comparison = regexp.MustCompile(`^(?:([A-Za-z0-9/]+) (eq|ge|gt) |(startsWith|endsWith)\(([A-Za-z]+),|([A-Za-z]+)/any\(([a-z]):[a-z] eq )(?:'((?:[^']|'')*)'|([0-9TZ:.+-]+))\)?(?: (and|or) |$)`)

// graphFilter reads tests that are all joined by the same word, "and" or "or". ok
// is false where the filter is of another form.
func graphFilter(text, word string) (tests []test, ok bool) {
	for text != "" {
		m := comparison.FindStringSubmatch(text)
		if m == nil || m[9] != "" && m[9] != word {
			return nil, false
		}
		t := test{cmp.Or(m[1], m[4], m[5]), cmp.Or(m[2], m[3], "any"), cmp.Or(strings.ReplaceAll(m[7], "''", "'"), m[8])}
		tests = append(tests, t)
		text = text[len(m[0]):]
	}
	return tests, true
}

// filtered reads the filter of a list, whose tests are all joined by the same word.
func filtered(word string, serve func(http.ResponseWriter, *http.Request, []test)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		tests, ok := graphFilter(r.URL.Query().Get("$filter"), word)
		if !ok {
			badFilter(w)
			return
		}
		serve(w, r, tests)
	}
}

// meets says whether one of the values passes. Filters do not mind case.
func (t test) meets(values ...string) bool {
	want := strings.ToLower(t.value)
	return slices.ContainsFunc(values, func(value string) bool {
		value = strings.ToLower(value)
		switch t.operator {
		case "startsWith":
			return strings.HasPrefix(value, want)
		case "endsWith":
			return strings.HasSuffix(value, want)
		}
		return value == want
	})
}

// advanced says that a query needs, and has not, what Graph calls the advanced
// query parameters (learn.microsoft.com/graph/aad-advanced-queries).
func advanced(r *http.Request, tests []test) bool {
	needs := slices.ContainsFunc(tests, func(t test) bool {
		return t.operator == "endsWith" || t.property == "onPremisesSamAccountName" || strings.HasPrefix(t.property, "onPremisesExtensionAttributes/")
	})
	return needs && (r.Header.Get("ConsistencyLevel") != "eventual" || r.URL.Query().Get("$count") != "true")
}

func badFilter(w http.ResponseWriter) {
	graphError(w, http.StatusBadRequest, "Request_UnsupportedQuery", "Unsupported or invalid query filter clause specified.")
}
