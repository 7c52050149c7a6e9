package idp

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
		"GET /v1.0/users":                                                     {users, a.graphUsers},
		"GET /v1.0/users/{user}":                                              {users, a.graphUser},
		"GET /v1.0/users/{user}/memberOf":                                     {groups, a.graphMemberOf(false)},
		"GET /v1.0/users/{user}/transitiveMemberOf":                           {groups, a.graphMemberOf(true)},
		"GET /v1.0/groups":                                                    {groups, a.graphGroups},
		"GET /v1.0/groups/{group}/members":                                    {groups, a.graphMembers(false)},
		"GET /v1.0/groups/{group}/transitiveMembers":                          {groups, a.graphMembers(true)},
		"GET /v1.0/servicePrincipals":                                         {apps, a.graphApps},
		"GET /v1.0/servicePrincipals/{app}/appRoleAssignedTo":                 {apps, a.graphAssigned},
		"GET /v1.0/servicePrincipals/{app}/synchronization/jobs":              {"Synchronization.Read.All", a.graphJobs},
		"GET /v1.0/servicePrincipals/{app}/synchronization/jobs/{job}/schema": {"Synchronization.Read.All", a.graphSchema},
		"GET /v1.0/auditLogs/provisioning":                                    {"AuditLog.Read.All", a.graphLog},
		"GET /v1.0/auditLogs/signIns":                                         {"AuditLog.Read.All", a.graphSignIns},
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
		switch known, may := a.bearer(r, scope, "Directory.Read.All"); {
		case !known:
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
	if r.FormValue("scope") != "https://graph.microsoft.com/.default" || r.FormValue("grant_type") != "client_credentials" {
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

func (a *API) graphProven(r *http.Request, o APIOptions) bool {
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
func graphPage[T any](a *API, w http.ResponseWriter, r *http.Request, items []T, otherwise, most int, show func(T) any) {
	q := r.URL.Query()
	part, next, ok := page(a, items, number(q.Get("$top"), otherwise, most), q.Get("$skiptoken"))
	if !ok {
		graphError(w, http.StatusBadRequest, "Directory_ExpiredPageToken", "The specified page token value has expired and can no longer be included in your request.")
		return
	}
	out := make([]any, len(part))
	for i, item := range part {
		out[i] = show(item)
	}
	body := map[string]any{"@odata.context": address(r) + "/v1.0/$metadata", "value": out}
	if next != "" {
		q.Set("$skiptoken", next)
		body["@odata.nextLink"] = address(r) + r.URL.EscapedPath() + "?" + q.Encode()
	}
	answer(w, http.StatusOK, body)
}

// comparison is one test of a filter: property eq 'value', or ge and gt with a
// time, and the word that joins it to the next.
var comparison = regexp.MustCompile(`^([A-Za-z/]+) (eq|ge|gt) (?:'((?:[^']|'')*)'|([0-9TZ:.+-]+))(?: (and|or) |$)`)

// graphFilter reads tests that are all joined by the same word, "and" or "or";
// each is property and value. ok is false where the filter is of another form.
func graphFilter(text, word string) (tests [][2]string, ok bool) {
	for text != "" {
		m := comparison.FindStringSubmatch(text)
		if m == nil || m[5] != "" && m[5] != word {
			return nil, false
		}
		tests = append(tests, [2]string{m[1], cmp.Or(strings.ReplaceAll(m[3], "''", "'"), m[4])})
		text = text[len(m[0]):]
	}
	return tests, true
}

func badFilter(w http.ResponseWriter) {
	graphError(w, http.StatusBadRequest, "Request_UnsupportedQuery", "Unsupported or invalid query filter clause specified.")
}

func graphUser(u User) any {
	return map[string]any{
		"@odata.type": "#microsoft.graph.user", "id": u.ID, "userPrincipalName": u.UserName, "mail": u.Email, "displayName": u.DisplayName,
		"givenName": u.GivenName, "surname": u.FamilyName, "accountEnabled": u.Status == Active, "userType": "Member",
	}
}

func graphGroup(g Group) any {
	return map[string]any{
		"@odata.type": "#microsoft.graph.group", "id": g.ID, "displayName": g.Name, "description": g.Description, "securityEnabled": true,
		"mailEnabled": false, "groupTypes": []string{}, "membershipRule": nil,
	}
}

// living are the users that Graph shows; deleted ones are elsewhere.
func (s Snapshot) living() []User {
	return slices.DeleteFunc(slices.Clone(s.Users), func(u User) bool { return u.Status == Deleted })
}

// graphUsers takes filters on mail and userPrincipalName, joined by "or". They do
// not mind case.
func (a *API) graphUsers(w http.ResponseWriter, r *http.Request) {
	tests, ok := graphFilter(r.URL.Query().Get("$filter"), "or")
	if !ok {
		badFilter(w)
		return
	}
	found := slices.DeleteFunc(a.d.Snapshot().living(), func(u User) bool {
		return len(tests) > 0 && !slices.ContainsFunc(tests, func(t [2]string) bool {
			return t[0] == "mail" && strings.EqualFold(t[1], u.Email) || t[0] == "userPrincipalName" && strings.EqualFold(t[1], u.UserName)
		})
	})
	graphPage(a, w, r, found, 100, 999, graphUser)
}

func (s Snapshot) graphUser(key string) (User, bool) {
	users := s.living()
	at := slices.IndexFunc(users, func(u User) bool { return u.ID == key || strings.EqualFold(u.UserName, key) })
	if at < 0 {
		return User{}, false
	}
	return users[at], true
}

func (a *API) graphUser(w http.ResponseWriter, r *http.Request) {
	u, ok := a.d.Snapshot().graphUser(r.PathValue("user"))
	if !ok {
		graphMissing(w, r.PathValue("user"))
		return
	}
	answer(w, http.StatusOK, graphUser(u))
}

// around gives the ids that are reached from one by single steps.
func around(from string, step func(string) []string, all bool) []string {
	found := step(from)
	for i := 0; all && i < len(found); i++ {
		for _, id := range step(found[i]) {
			if !slices.Contains(found, id) {
				found = append(found, id)
			}
		}
	}
	return found
}

func (s Snapshot) membersOf(group string) (ids []string) {
	for _, m := range s.Memberships {
		if m.GroupID == group {
			ids = append(ids, m.MemberID)
		}
	}
	return ids
}

func (s Snapshot) groupsOf(member string) (ids []string) {
	for _, m := range s.Memberships {
		if m.MemberID == member {
			ids = append(ids, m.GroupID)
		}
	}
	return ids
}

// objects shows users and groups by id.
func (s Snapshot) objects(ids []string) (all []any) {
	for _, id := range ids {
		if u := slices.IndexFunc(s.Users, func(u User) bool { return u.ID == id }); u >= 0 {
			all = append(all, graphUser(s.Users[u]))
		} else if g := slices.IndexFunc(s.Groups, func(g Group) bool { return g.ID == id }); g >= 0 {
			all = append(all, graphGroup(s.Groups[g]))
		}
	}
	return all
}

func (a *API) graphMemberOf(all bool) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		s := a.d.Snapshot()
		u, ok := s.graphUser(r.PathValue("user"))
		if !ok {
			graphMissing(w, r.PathValue("user"))
			return
		}
		graphPage(a, w, r, s.objects(around(u.ID, s.groupsOf, all)), 100, 999, func(o any) any { return o })
	}
}

func (a *API) graphMembers(all bool) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		s, id := a.d.Snapshot(), r.PathValue("group")
		if !slices.ContainsFunc(s.Groups, func(g Group) bool { return g.ID == id }) {
			graphMissing(w, id)
			return
		}
		graphPage(a, w, r, s.objects(around(id, s.membersOf, all)), 100, 999, func(o any) any { return o })
	}
}

func (a *API) graphGroups(w http.ResponseWriter, r *http.Request) {
	tests, ok := graphFilter(r.URL.Query().Get("$filter"), "and")
	if !ok || len(tests) > 1 || len(tests) == 1 && tests[0][0] != "displayName" {
		badFilter(w)
		return
	}
	var found []Group
	for _, g := range a.d.Snapshot().Groups {
		if len(tests) == 0 || strings.EqualFold(g.Name, tests[0][1]) {
			found = append(found, g)
		}
	}
	graphPage(a, w, r, found, 100, 999, graphGroup)
}
